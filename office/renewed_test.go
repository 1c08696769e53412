package office_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// A renewal is approved while the version before is in force. What the case is called by
// means the renewal then, until that is in force itself: the agreement is drawn up by it,
// as todo says.
func TestAnApprovedRenewalIsWorkedAtByItsCase(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := office.Agreements{Office: h.first()}
		h.contract("RA1", "2029-03-31")
		first := h.agreed(h.form())
		stem := stemOf(first)
		h.approved(h.renewal(stem, h.today.Add(30), h.today.AddMonths(24)))
		act := "darsd agreement issue " + stem
		if todo := h.todo("carol"); !slices.Contains(todo, act) {
			t.Fatalf("todo says %q", todo)
		}
		id, err := o.Issue(t.Context(), h.by("carol"), stem, "", "")
		if err != nil || string(id) != stem+"-v2.0" {
			t.Fatalf("issued is %q: %v", id, err)
		}
		if todo := h.todo("carol"); slices.Contains(todo, act) {
			t.Errorf("it is issued, and todo says %q", todo)
		}
		_, err = o.Issue(t.Context(), h.by("carol"), stem, "", "")
		ruled(t, err, "known")
		_, err = office.Applications{Office: h.first()}.AddEvidence(t.Context(), h.by("rita"), stem, dars.Evidence{Kind: "cag", File: "cag.txt"}, []byte("Supported until 2030."))
		h.must(err)
		if p := get[dars.Application](h, stem+"-v2"); len(p.Evidence) != 2 {
			t.Error("an act fell on the version in force")
		}
		h.sound()
	})
}

// Who was told that a release lies ready is told when it does not any more before its day,
// and what can be done: their calendar loses the day.
func TestWhatARenewalShutsIsTold(t *testing.T) {
	tests := map[string]struct {
		end  func(h *house, first dars.AgreementID)
		says string
	}{
		"superseded": {func(h *house, first dars.AgreementID) {
			h.agreed(h.renewal(stemOf(first), h.today, h.today.AddMonths(24)))
		}, "release it under DARS-NIC-"},
		"terminated": {func(h *house, first dars.AgreementID) {
			h.must(office.Agreements{Office: h.first()}.Terminate(h.t.Context(), h.by("carol"), first))
		}, "has ended"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			agreed.each(t, func(t *testing.T, h *house) {
				first := h.agreement()
				r := h.published(first)
				tt.end(h, first)
				if got := h.dated()["release-"+string(r.ID)+"-window"]; got != "gone" {
					t.Errorf("its last day is %q in letters", got)
				}
				told := ""
				for _, w := range h.owed() {
					var l struct{ Subject, Body string }
					if w.What == "mail" {
						h.must(json.Unmarshal(w.Body, &l))
					}
					if strings.Contains(l.Subject, "cannot be collected any more") {
						told += l.Body
					}
				}
				if strings.Count(told, string(r.ID)+", which was to be had until "+r.WindowEnds.Long()) != 1 || !strings.Contains(told, tt.says) {
					t.Errorf("they are told %q", told)
				}
				_, err := office.Releases{Office: h.first()}.Plan(t.Context(), h.by("carol"), first, "HES_APC", nil)
				ruled(t, err, "not-in-force")
				h.sound()
			})
		})
	}
}
