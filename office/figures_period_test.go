package office_test

import (
	"fmt"
	"slices"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// A report of a period tells what happened in it, and nothing of before or after; one of
// how things stood has none.
func TestAReportOfAPeriod(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		first := h.today
		for range 3 { // on the first days of March, April and May
			h.refuse("pat", 2)
			h.today = h.today.AddMonths(1)
		}
		figures := func(kind string, from, on dars.Day) (dars.Figures, error) {
			return office.Desk{Office: h.first()}.Figures(ctx, h.by("connie"), kind, from, on)
		}
		for name, s := range map[string]struct {
			from, on dars.Day
			fact     string
			months   int
		}{
			"a year, if none is named": {"", "2026-05-31", "6, of which 0 at the sign-in", 12},
			"its own year":             {"2025-06-01", "2026-05-31", "6, of which 0 at the sign-in", 12},
			"two months":               {first.Add(1), "2026-05-01", "2, of which 0 at the sign-in", 3},
			"one month":                {"2026-04-01", "2026-04-30", "2, of which 0 at the sign-in", 1},
			"a day":                    {first, first, "2, of which 0 at the sign-in", 1},
			"the day after":            {first.Add(1), first.Add(1), "0, of which 0 at the sign-in", 1},
			"five years":               {"2021-06-01", "2026-05-31", "6, of which 0 at the sign-in", 36},
		} {
			h.today = "2026-06-01"
			f, err := figures("refused", s.from, s.on)
			h.must(err)
			counted := 0
			for _, p := range f.Charts[0].Points {
				counted += p.Values[0]
			}
			if f.Facts[0].Says != s.fact || len(f.Charts[0].Points) != s.months || s.fact[:1] != fmt.Sprint(counted) {
				t.Errorf("%s: it says %q, and the chart %d in %d months", name, f.Facts[0].Says, counted, len(f.Charts[0].Points))
			}
			h.files(f) // it can be written
		}
		_, err := figures("refused", "2026-05-02", "2026-05-01")
		ruled(t, err, "no-period")
		_, err = figures("expiry", "2026-04-01", "2026-05-01")
		ruled(t, err, "no-period")
	})
}

// An order of a month's refusals tells of that month, and is delivered beside that of the
// year under a name of its own.
func TestAnOrderWithItsOwnPeriod(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, o := range h.both {
			o.Orders = []dars.ReportOrder{{Kind: "refused", Every: dars.Monthly, Formats: []string{"json"}}, {Kind: "refused", Every: dars.Monthly, Formats: []string{"json"}, Period: "month", To: []dars.Role{dars.Compliance}}}
		}
		h.today = "2026-04-01"
		if done := h.deliver(); len(done) != 2 {
			t.Fatalf("it has made %q", done)
		}
		for _, name := range []string{"refused-as-at-2026-03-31.json", "refused-from-2026-03-01-as-at-2026-03-31.json"} {
			if !slices.Contains(h.works.reports, name) {
				t.Errorf("there is no %s: %q", name, h.works.reports)
			}
		}
		if m := h.works.letters("as at 31 March 2026"); len(m) != 1 || !slices.Contains(all[dars.Report](h, dars.By("name", "refused monthly of the month"))[0].Ordered.Formats, "json") {
			t.Errorf("it is told %v", m)
		}
	})
}
