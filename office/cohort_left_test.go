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
				if (len(letters) > 0) != (tt.says != "") {
					t.Fatalf("after %v the letters are %+v", released, letters)
				}
				for _, l := range letters {
					if !strings.Contains(l.body, tt.says) || !strings.Contains(l.body, "13 April 2026") {
						t.Errorf("the letter says %s", l.body)
					}
				}
			})
		})
	}
}
