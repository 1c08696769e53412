package office_test

import (
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// Who has left a cohort is in files that may be kept otherwise: the recipient is told of
// the files and of how many they are, unless they are few.
func TestWhoHasLeftACohortIsToBeDestroyed(t *testing.T) {
	tests := map[string]struct {
		left    int
		collect bool
		periods []string // of the second release; the first was for 200199
		says    string   // "": there is no letter
	}{
		"some have left":                {12, true, []string{"200299"}, "12 persons of version 1, in FILE0000001 of REL-000001"},
		"few have left":                 {3, true, []string{"200299"}, "7 persons or fewer of version 1, in FILE0000001 of REL-000001"},
		"none has":                      {0, true, []string{"200299"}, ""},
		"nothing was sent":              {12, false, []string{"200299"}, ""},
		"what was sent is replaced":     {12, true, []string{"200199"}, ""},
		"so it is, with another beside": {12, true, []string{"200199", "200299"}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.described()
				h.works.left = tt.left
				h.contract("RA1", "2028-03-31")
				h.list("2026-03-01", 5)
				g, o := h.forCohort(), office.Releases{Office: h.first()}
				var released []dars.ReleaseID
				for i, periods := range [][]string{{"200199"}, tt.periods} {
					_, err := h.cohort(h.first(), "rita", "", numbers(1+20*i, 100))
					h.must(err)
					id, err := o.Plan(t.Context(), h.by("carol"), g, "HES_APC", periods)
					h.must(err)
					h.must(h.out(h.first(), id))
					if i == 0 && tt.collect {
						h.collect("rita", h.release(id).Files[0])
					}
					released = append(released, id)
				}
				h.must(h.first().Work(t.Context(), h.noon))
				letters := h.works.letters("persons have left your cohort")
				var asked []*dars.Certificate
				for _, c := range all[dars.Certificate](h) {
					if c.InPart() {
						asked = append(asked, c)
					}
				}
				if (len(letters) > 0) != (tt.says != "") || (len(asked) == 1) != (tt.says != "") {
					t.Fatalf("after %v the letters are %+v, and the certificates %+v", released, letters, asked)
				}
				for _, l := range letters {
					if !strings.Contains(l.body, tt.says) || !strings.Contains(l.body, "13 April 2026") {
						t.Errorf("the letter says %s", l.body)
					}
				}
				for _, c := range asked {
					if c.Due != "2026-04-13" || c.By != released[1] || len(c.Files) != 1 || c.Scope[0] != tt.says {
						t.Errorf("it is asked for by %+v", c)
					}
				}
			})
		})
	}
}

// Until the certificate of what was held of them is accepted, nothing new is released
// from the day after it is due. The files themselves are asked for when all has ended.
func TestWhoHasLeftACohortIsCertified(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.described()
		h.works.left = 12
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		g, o := h.forCohort(), office.Releases{Office: h.first()}
		release := func(n int, period string) dars.ReleaseID {
			_, err := h.cohort(h.first(), "rita", "", numbers(n, 100))
			h.must(err)
			id, err := o.Plan(t.Context(), h.by("carol"), g, "HES_APC", []string{period})
			h.must(err)
			h.must(h.out(h.first(), id))
			return id
		}
		first := release(1, "200199")
		file := h.release(first).Files[0]
		h.collect("rita", file)
		second := release(21, "200299")
		asked := all[dars.Certificate](h)[0]
		plan := func() error {
			_, err := o.Plan(t.Context(), h.by("carol"), g, "HES_APC", []string{"200299"})
			return err
		}

		h.today = "2026-04-14"
		ruled(t, plan(), "certificate-overdue")
		if step := h.stepsOf("chase", "2026-04-14"); len(step) != 1 {
			t.Errorf("it is chased by %q", step)
		}
		v := office.Intake{Office: h.first()}.Take(t.Context(), h.by("rita"), h.filled(asked.ID, ""))
		if v.Ref != string(asked.ID) {
			t.Fatalf("the verdict is %+v", v)
		}
		h.must(office.Deletion{Office: h.first()}.Accept(t.Context(), h.by("connie"), asked.ID))
		h.list("2026-04-13", 5)
		h.must(plan())

		h.must(office.Agreements{Office: h.first()}.Terminate(t.Context(), h.by("carol"), g))
		now := get[dars.Agreement](h, string(g))
		whole := get[dars.Certificate](h, string(now.Certificate))
		if now.State != dars.DeletionDue || whole.InPart() || !whole.Lists(file.ID) {
			t.Errorf("after %s, at the end of %+v, it is asked for by %+v", second, now, whole)
		}
		h.sound()
	})
}
