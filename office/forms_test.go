package office_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"darsd/dars"
	"darsd/office"
)

// next is a form for the next version of a case.
func (h *house) next(kind, previous string) dars.Form {
	f := h.form()
	f.Kind, f.Previous, f.Purpose.Yielded, f.End = kind, previous, "fewer admissions by a tenth", f.End.AddMonths(12)
	return f
}

// stem is the case of an agreement.
func (h *house) stem(id dars.AgreementID) string { return get[dars.Agreement](h, string(id)).Stem }

// submit hands in a form for a case, or for none.
func (h *house) submit(f dars.Form, of string) (string, error) {
	id, err := office.Applications{Office: h.first()}.Submit(h.t.Context(), h.by("rita"), h.folder(f), of)
	return string(id), err
}

func TestKindsOfApplication(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		open, err := h.submit(h.form(), "")
		h.must(err)
		agreed := h.agreed(h.form())
		stem := h.stem(agreed)
		for name, tt := range map[string]struct {
			form     dars.Form
			of, rule string
		}{
			"of a case that nobody knows":         {h.next(dars.Renewal, "DARS-NIC-000099-B1C2D"), "", "not-found"},
			"while another version is open":       {h.next(dars.Renewal, open), "", "open-application"},
			"of a case without a kind":            {h.form(), stem, "wrong-step"},
			"an extension to what is not held":    {h.more(h.next(dars.Extension, stem)), "", "new-data"},
			"retention of what is not held":       {h.more(h.next(dars.RetentionOnly, stem)), "", "new-data"},
			"a renewal that says nothing yielded": {h.barren(h.next(dars.Renewal, stem)), "", "no-yielded-benefits"},
		} {
			before := h.head()
			_, err := h.submit(tt.form, tt.of)
			if ruled(t, err, tt.rule); h.head() != before {
				t.Errorf("%s: a refusal left a trace", name)
			}
		}
		_, err = office.Applications{Office: h.first()}.Submit(t.Context(), h.by("ravi"), h.folder(h.next(dars.Renewal, stem)), "")
		if err == nil {
			t.Error("somebody else's case was renewed")
		}

		// The case may be named bare, and the form need not name it twice.
		ref, err := h.submit(h.next(dars.Amendment, ""), fmt.Sprintf("NIC-%s", strings.Split(stem, "-")[2]))
		h.must(err)
		p := get[dars.Application](h, ref)
		if p.Stem != stem || p.Major != 2 || p.Minor != 0 || p.Kind != dars.Amendment || p.Version() != "v2.0" || len(p.Submissions) != 1 {
			t.Errorf("the amendment is %s %s %s", p.ID(), p.Version(), p.Kind)
		}

		// Referred back, it comes in again as what it is and nothing else.
		h.must(office.Applications{Office: h.first()}.ReferBack(t.Context(), h.by("carol"), ref))
		_, err = h.submit(h.form(), stem)
		ruled(t, err, "other-kind")
		again, err := h.submit(h.next(dars.Amendment, stem), "")
		h.must(err)
		if p := get[dars.Application](h, again); p.Version() != "v2.1" || len(p.Submissions) != 2 {
			t.Errorf("mended, it is %s with %d submissions", p.Version(), len(p.Submissions))
		}
		h.sound()
	})
}

// more asks for a period that was not agreed.
func (h *house) more(f dars.Form) dars.Form {
	f.Datasets = slices.Clone(f.Datasets)
	f.Datasets[0].Periods = []string{"200399"}
	return f
}

func (h *house) barren(f dars.Form) dars.Form {
	f.Purpose.Yielded = ""
	return f
}

// However many hand in the next version at once, there is one.
func TestOneNextVersionOfTwenty(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		stem := h.stem(h.agreed(h.form()))
		folders := make([]office.Arrived, 20)
		for i := range folders {
			folders[i] = h.folder(h.next(dars.Renewal, stem))
		}
		done := h.race(20, "open-application", func(i int, o *office.Office) error {
			_, err := office.Applications{Office: o}.Submit(t.Context(), h.by("rita"), folders[i], "")
			return err
		})
		if done != 1 {
			t.Errorf("%d versions were taken in", done)
		}
		h.sound()
	})
}

// Data that are only kept are kept: nothing new leaves.
func TestNothingIsReleasedForRetention(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		first := h.agreement()
		h.collect("rita", h.published(first).Files[0])
		h.must(office.Agreements{Office: h.first()}.Terminate(t.Context(), h.by("carol"), first))
		kept := h.agreed(h.next(dars.RetentionOnly, h.stem(first)))
		_, err := office.Releases{Office: h.first()}.Plan(t.Context(), h.by("carol"), kept, "HES_APC", nil)
		ruled(t, err, "retention-only")
	})
}

// The checklist says what handing in would, and what comes after, and keeps
// nothing.
func TestChecklist(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		tests := map[string]struct {
			login  string
			change func(*dars.Form)
			wrong  []string // rules and fields
			later  []string
		}{
			"nothing is wrong": {"rita", func(*dars.Form) {}, nil, []string{"no-contract controllers[0]"}},
			"nobody is known": {"rita", func(f *dars.Form) {
				f.Controllers, f.Contact, f.Collectors = []dars.OrgCode{"RA1", "RA9"}, "nobody", []string{"rita", "none"}
			}, []string{"not-found collectors[1]", "not-found contact", "not-found controllers[1]"}, []string{"no-contract controllers[0]", "no-contract controllers[1]"}},
			"and the form is wrong too": {"rita", func(f *dars.Form) { f.Title, f.Contact = "", "nobody" },
				[]string{"bad-form title", "not-found contact"}, []string{"no-contract controllers[0]"}},
			"of last century": {"rita", func(f *dars.Form) { f.Start, f.End, f.Contact = "1999-01-01", "9999-12-31", "nobody" },
				[]string{"bad-term start", "not-found contact"}, []string{"bad-term end", "no-contract controllers[0]"}},
			"a paper is missing": {"rita", func(f *dars.Form) { f.Evidence = []dars.Evidence{{Kind: "cag", File: "missing.txt"}} },
				[]string{"no-evidence evidence[0].file"}, []string{"no-contract controllers[0]"}},
			"for somebody else": {"ravi", func(f *dars.Form) { f.Controllers = []dars.OrgCode{"RA9"} }, []string{"other-organisation organisation"}, nil},
			"of no case":        {"rita", func(f *dars.Form) { *f = h.next(dars.Renewal, "NIC-99999") }, []string{"not-found previous"}, []string{"no-contract controllers[0]"}},
		}
		for name, tt := range tests {
			f := h.form()
			tt.change(&f)
			in, before := h.folder(f), h.head()
			list, err := office.Applications{Office: h.first()}.Checklist(t.Context(), h.by(tt.login), in, "")
			h.must(err)
			if got := rulesOf(list.Wrong); !slices.Equal(got, tt.wrong) {
				t.Errorf("%s: wrong are %q, want %q", name, got, tt.wrong)
			}
			if got := rulesOf(list.Later); !slices.Equal(got, tt.later) {
				t.Errorf("%s: later are %q, want %q", name, got, tt.later)
			}
			if h.head() != before {
				t.Errorf("%s: looking left a trace", name)
			}
			_, err = office.Applications{Office: h.first()}.Submit(t.Context(), h.by(tt.login), in, "")
			var no *dars.Refusal
			if errors.As(err, &no) != (len(tt.wrong) > 0) {
				t.Errorf("%s: handed in it is refused with %v", name, err)
			}
			if no != nil && len(no.Mistakes) > 0 && !slices.Equal(rulesOf(no.Mistakes), tt.wrong) {
				t.Errorf("%s: handed in it is told %q, and by the list %q", name, rulesOf(no.Mistakes), tt.wrong)
			}
		}
	})
}

func rulesOf(all []dars.Mistake) (rules []string) {
	for _, m := range all {
		rules = append(rules, m.Rule+" "+m.Field)
	}
	slices.Sort(rules)
	return rules
}

// Each version can be looked at as it came in.
func TestFormsAreKept(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		first, second := h.form(), h.form()
		second.Title = "Asthma, mended"
		second.Evidence = []dars.Evidence{{Kind: "cag", File: "cag.txt"}}
		ref, err := h.submit(first, "")
		h.must(err)
		h.must(office.Applications{Office: h.first()}.ReferBack(t.Context(), h.by("carol"), ref))
		in := h.folder(second)
		in.Files.(fstest.MapFS)["cag.txt"] = &fstest.MapFile{Data: []byte("yes")}
		_, err = office.Applications{Office: h.first()}.Submit(t.Context(), h.by("rita"), in, ref)
		h.must(err)
		desk, stem := office.Desk{Office: h.first()}, get[dars.Application](h, ref).Stem
		for version, want := range map[string]string{"-v1.0": first.Title, "-v1.1": second.Title, "": second.Title} {
			got, err := desk.Submitted(t.Context(), h.people["rita"], stem+version)
			h.must(err)
			if got.Form.Title != want || len(got.Text) == 0 {
				t.Errorf("%s: %q, want %q", stem+version, got.Form.Title, want)
			}
			if e := got.Form.Evidence; want == second.Title && e[0].SHA256 != sum("yes") {
				t.Errorf("its evidence is %+v", e)
			}
		}
		_, err = desk.Submitted(t.Context(), h.people["rita"], stem+"-v1.2")
		ruled(t, err, "not-found")
		_, err = desk.Submitted(t.Context(), h.people["ravi"], stem)
		ruled(t, err, "not-found")
	})
}
