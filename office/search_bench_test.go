package office_test

import (
	"fmt"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// BenchmarkSearch looks for things in an office of five thousand cases.
func BenchmarkSearch(b *testing.B) {
	s, err := store.Open(b.Context(), b.TempDir()+"/search.db")
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	o := &office.Office{Store: s}
	words := strings.Fields("asthma stroke fracture diabetes renal cancer register outcomes admissions pathways mortality care")
	const cases = 5000
	act := dars.Act{Who: dars.ByClock}
	err = s.Do(b.Context(), func(tx *store.Tx) error {
		for i := range 200 {
			if err := tx.Save(act, "made", &dars.Organisation{Code: dars.OrgCode(fmt.Sprintf("RA%03d", i)), Name: fmt.Sprintf("Trust %s %d", words[i%12], i)}); err != nil {
				return err
			}
		}
		for i := range cases {
			title := fmt.Sprintf("%s %s %s study %d", words[i%12], words[i/12%12], words[i/144%12], i)
			stem, org := dars.CaseStem(i+1), dars.OrgCode(fmt.Sprintf("RA%03d", i%200))
			for _, n := range []dars.Noun{
				&dars.Application{Stem: stem, Major: 1, State: dars.Approved, Form: dars.Form{Title: title, Organisation: org, Purpose: dars.Purpose{Objective: strings.Repeat("purpose ", 1000)}}},
				&dars.Agreement{ID: dars.AgreementID(stem + "-v1.0"), Stem: stem, Title: title, Org: org, State: dars.InForce},
				&dars.Paper{ID: dars.PaperID(fmt.Sprintf("PAP-%06d", i)), Name: "Data-Sharing-Agreement-" + stem + ".pdf", About: stem + "-v1.0", For: org},
				&dars.Release{ID: dars.ReleaseID(fmt.Sprintf("REL-%06d", i)), Agreement: dars.AgreementID(stem + "-v1.0"), Dataset: "HES_APC"},
			} {
				if err := tx.Save(act, "made", n); err != nil {
					return err
				}
			}
		}
		return tx.Save(act, "made", &dars.Person{ID: "P-000001", Org: "RA001"})
	})
	if err != nil {
		b.Fatal(err)
	}
	for name, search := range map[string]struct {
		who   dars.PersonID
		words string
	}{
		"reference": {dars.ByClock, dars.CaseStem(2500)}, "word": {dars.ByClock, "asthma"}, "two-words": {dars.ByClock, "asthma fracture renal"},
		"organisation": {dars.ByClock, "RA017"}, "everything": {dars.ByClock, "study"}, "outsider": {"P-000001", "study"},
	} {
		b.Run(name, func(b *testing.B) {
			n := 0
			for b.Loop() {
				hits, err := office.Desk{Office: o}.Search(b.Context(), search.who, strings.Fields(search.words))
				if err != nil {
					b.Fatal(err)
				}
				n = len(hits)
			}
			b.ReportMetric(float64(n), "hits")
		})
	}
}
