package office_test

import (
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// An answer is held against those of everybody whom it reaches, however they came by
// theirs.
func TestWhomAnEarlierAnswerReaches(t *testing.T) {
	tests := map[string]func(h *house, g dars.AgreementID, r dars.ReleaseID) (login string, under dars.AgreementID){
		"whoever asked it": func(_ *house, g dars.AgreementID, _ dars.ReleaseID) (string, dars.AgreementID) { return "rita", g },
		"somebody else of the organisation": func(h *house, g dars.AgreementID, _ dars.ReleaseID) (string, dars.AgreementID) {
			h.grant(g, "ron")
			return "ron", g
		},
		"a processor": func(h *house, g dars.AgreementID, _ dars.ReleaseID) (string, dars.AgreementID) {
			h.add("pia", "RA2", dars.Collector)
			h.grant(g, "pia")
			return "pia", g
		},
		"whoever asked it, whose access was taken back and given again": func(h *house, g dars.AgreementID, r dars.ReleaseID) (string, dars.AgreementID) {
			h.must(office.Releases{Office: h.first()}.Revoke(h.t.Context(), h.by("carol"), r, "rita"))
			h.grant(g, "rita")
			return "rita", g
		},
		"another agreement of the organisation": func(h *house, _ dars.AgreementID, _ dars.ReleaseID) (string, dars.AgreementID) {
			f := h.form()
			f.Title, f.Datasets[0].Frequency = "Another study", "SYSTEM_ACCESS"
			other := h.agreed(f)
			h.grant(other, "ron")
			return "ron", other
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				var held [][]byte // the signs of earlier answers, of the last question
				o, g, r := h.queryDeskOf(func(f *dars.Form) { f.Processors = []dars.OrgCode{"RA2"} }, func(earlier []office.EarlierTable) error {
					held = nil
					for _, e := range earlier {
						held = append(held, e.Signs)
					}
					return nil
				})
				_, err := o.Ask(t.Context(), h.by("rita"), g, []byte("HES_APC"))
				h.must(err)
				login, under := tt(h, g, r)
				_, err = o.Ask(t.Context(), h.by(login), under, []byte("HES_APC"))
				h.must(err)
				if len(held) != 1 || string(held[0]) != "a sign\n" {
					t.Errorf("it was held against %q", held)
				}
			})
		})
	}
}

// grant gives somebody system access.
func (h *house) grant(g dars.AgreementID, login string) {
	h.t.Helper()
	_, err := office.Releases{Office: h.first()}.Grant(h.t.Context(), h.by("carol"), g, "HES_APC", []string{login}, 3)
	h.must(err)
}

// Of two questions that are answered at once neither knows the other's table: the one
// that ends last is refused, and nothing of its table is kept.
func TestOfTwoAskedAtOnceTheLastIsRefused(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var o office.Queries
		var g dars.AgreementID
		asked := 0
		o, g, _ = h.queryDesk(func([]office.EarlierTable) error {
			if asked++; asked > 1 {
				return nil
			}
			_, err := office.Queries{Office: h.both[1]}.Ask(t.Context(), h.by("rita"), g, []byte("HES_APC"))
			return err
		})
		q, err := o.Ask(t.Context(), h.by("rita"), g, []byte("HES_APC"))
		if ruled(t, err, "asked-at-once"); q.State != dars.QueryRefused {
			t.Errorf("%s is %s", q.ID, q.State)
		}
		h.works.mu.Lock()
		defer h.works.mu.Unlock()
		for name := range h.works.vault {
			if strings.Contains(name, string(q.ID)) {
				t.Errorf("%s is kept", name)
			}
		}
	})
}
