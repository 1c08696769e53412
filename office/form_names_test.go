package office_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// What a form names is looked for in the office's records, all at once; what is wrong
// in one place hides nothing of another, and what is empty is told once.
func TestWhatAFormNames(t *testing.T) {
	tests := map[string]struct {
		spoil func(*dars.Form)
		says  []string
	}{
		"nothing is wrong": {func(*dars.Form) {}, nil},
		"nobody of that login": {func(f *dars.Form) { f.Contact, f.Collectors = "nobody", []string{"rita", "none"} },
			[]string{"contact: there is no person with the login nobody", "collectors[1]: there is no person with the login none"}},
		"people of others": {func(f *dars.Form) { f.Contact, f.Collectors = "ravi", []string{"ravi"} },
			[]string{"contact: ravi belongs to none of the organisations that the application names", "collectors[0]: ravi belongs to none"}},
		"organisations that nobody knows": {func(f *dars.Form) { f.Controllers, f.Processors = []dars.OrgCode{"RA1", "RX8"}, []dars.OrgCode{"RX9"} },
			[]string{"controllers[1]: there is no organisation RX8", "processors[0]: there is no organisation RX9"}},
		"somebody who has left": {func(f *dars.Form) { f.Contact = "ron" },
			[]string{"contact: ron left on 2026-03-02 and cannot be its contact: name somebody else", "collectors[1]: ron left on 2026-03-02"}},
		"no organisation, and more": {func(f *dars.Form) { f.Organisation, f.Collectors = "", []string{"rita", "none"} },
			[]string{"collectors[1]: there is no person with the login none"}},
		"nothing at all": {func(f *dars.Form) {
			f.Organisation, f.Contact, f.Controllers, f.Collectors = "", "", []dars.OrgCode{""}, []string{""}
		}, nil},
	}
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		o := office.Applications{Office: h.first()}
		for name, tt := range tests {
			f := h.form()
			if f.Collectors = []string{"rita"}; strings.Contains(name, "has left") {
				h.must(office.Parties{Office: h.first()}.Leave(t.Context(), h.by("carol"), "ron"))
				f.Collectors = []string{"rita", "ron"}
			}
			tt.spoil(&f)
			list, err := o.Checklist(t.Context(), h.by("rita"), h.folder(f), "")
			h.must(err)
			var said []string
			for _, m := range list.Wrong {
				if !strings.HasPrefix(m.Says, "is empty") {
					said = append(said, m.Field+": "+m.Says)
				}
			}
			if len(said) != len(tt.says) {
				t.Errorf("%s: it says %d things, want %d:\n%s", name, len(said), len(tt.says), strings.Join(said, "\n"))
			}
			for _, want := range tt.says {
				if !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, want) }) {
					t.Errorf("%s: it does not say %q:\n%s", name, want, strings.Join(said, "\n"))
				}
			}
			before := h.head()
			_, err = o.Submit(t.Context(), h.by("rita"), h.folder(f), "")
			var no *dars.Refusal
			if errors.As(err, &no) != (len(list.Wrong) > 0) || err != nil && h.head() != before {
				t.Errorf("%s: handed in, %v", name, err)
			}
		}
	})
}
