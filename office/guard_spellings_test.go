package office_test

import (
	"fmt"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// However a register spells an organisation of ours, the guard finds what it has; and
// spellings of one that is not ours are one recipient.
func TestNoSpellingHidesAPair(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		g := h.agreement()
		name := get[dars.Organisation](h, "RA1").Name
		known, err := h.first().Catalogue.Dataset("HES_APC")
		h.must(err)
		n := 0
		had := func(org string, treatment dars.Treatment) {
			n++
			id := fmt.Sprintf("FILE%07d", n)
			r := &dars.ImportedRelease{ID: id, Row: id, Agreement: "DARS-NIC-17875-X7K1V-v1.4", Org: org, Dataset: strings.ToUpper(known.Name), Objections: treatment, Said: map[string]string{}, Editions: []string{"2017"}}
			h.must(h.first().Store.Do(t.Context(), func(tx *store.Tx) error {
				return tx.Save(office.At(dars.ByClock, h.noon()), "register import", r)
			}))
		}
		guard := office.Guard{Office: h.first()}
		spellings := []string{name, strings.ToUpper(name), "The " + name + ".", strings.ReplaceAll(name, " ", "  "), "Something else (RA1)"}
		for i, spelling := range spellings {
			had(spelling, dars.NotUpheld)
			answers, err := guard.Check(t.Context(), h.by("carol"), g, "HES_APC", nil)
			h.must(err)
			if len(answers) != i+1 {
				t.Errorf("with %q there are %d pairs, want %d", spelling, len(answers), i+1)
			}
		}
		had(name+" of Elsewhere", dars.NotUpheld)
		had("Univ. of Nowhere", dars.NotUpheld)
		had("THE UNIVERSITY OF NOWHERE", dars.Uphold)
		items, err := guard.All(t.Context(), h.by("carol"))
		h.must(err)
		if len(items) != 1 || items[0].Org != "Univ. of Nowhere" || len(items[0].Releases) != 2 {
			t.Errorf("beside one another should not stand %+v", items)
		}
	})
}
