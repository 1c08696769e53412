package office_test

import (
	"testing"

	"darsd/dars"
	"darsd/office"
)

// A page of a long list is the newest of what somebody may see, and says whether there
// is more.
func TestTheNewestAreAPage(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := office.Desk{Office: h.first()}
		all, more, err := office.Newest[dars.Person](t.Context(), o, h.by("carol").Who, 2)
		if err != nil || !more || len(all) != 2 || all[0].ID >= all[1].ID {
			t.Errorf("the newest two are %v, more %t, %v", all, more, err)
		}
		whole, more, err := office.Newest[dars.Person](t.Context(), o, h.by("carol").Who, 1000)
		if err != nil || more || whole[len(whole)-1].ID != all[1].ID {
			t.Errorf("of all the last is %v, more %t, %v", whole[len(whole)-1], more, err)
		}
		own, _, err := office.Newest[dars.Person](t.Context(), o, h.by("rita").Who, 1000)
		for _, p := range own {
			if p.Org != "RA1" {
				t.Errorf("an outsider of RA1 sees %s of %s", p.Login, p.Org)
			}
		}
		if err != nil || len(own) == 0 {
			t.Errorf("an outsider sees %d of their own, %v", len(own), err)
		}
	})
}
