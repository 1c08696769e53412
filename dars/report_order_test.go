package dars_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

// A report comes on a working day of its week, month or quarter, about the one before.
func TestWhenAReportIsOwed(t *testing.T) {
	c := dars.Calendar{Holidays: map[dars.Day]string{"2026-01-01": "New Year's Day", "2026-04-03": "Good Friday", "2026-04-06": "Easter Monday"}}
	for name, s := range map[string]struct {
		order           dars.ReportOrder
		last, began, on dars.Day
		want            string
	}{
		"a month, on its day":                    {dars.ReportOrder{Every: dars.Monthly}, "2026-02-28", "2020-01-01", "2026-04-01", "[2026-03-31]"},
		"not before its day":                     {dars.ReportOrder{Every: dars.Monthly, WorkingDay: 3}, "2026-02-28", "2020-01-01", "2026-04-06", "[]"},
		"the third working day, over Easter":     {dars.ReportOrder{Every: dars.Monthly, WorkingDay: 3}, "2026-02-28", "2020-01-01", "2026-04-07", "[2026-03-31]"},
		"a bank holiday waits":                   {dars.ReportOrder{Every: dars.Monthly}, "2025-11-30", "2020-01-01", "2026-01-01", "[]"},
		"and comes the day after":                {dars.ReportOrder{Every: dars.Monthly}, "2025-11-30", "2020-01-01", "2026-01-02", "[2025-12-31]"},
		"each that was missed":                   {dars.ReportOrder{Every: dars.Monthly}, "2025-11-30", "2020-01-01", "2026-03-10", "[2025-12-31 2026-01-31 2026-02-28]"},
		"a week begins on Monday":                {dars.ReportOrder{Every: dars.Weekly}, "2026-03-01", "2020-01-01", "2026-03-09", "[2026-03-08]"},
		"a week without its Monday":              {dars.ReportOrder{Every: dars.Weekly}, "2026-03-29", "2020-01-01", "2026-04-07", "[2026-04-05]"},
		"no later than its week":                 {dars.ReportOrder{Every: dars.Weekly, WorkingDay: 5}, "2026-03-29", "2020-01-01", "2026-04-12", "[2026-04-05]"},
		"a quarter":                              {dars.ReportOrder{Every: dars.Quarterly}, "2025-12-31", "2020-01-01", "2026-04-01", "[2026-03-31]"},
		"once":                                   {dars.ReportOrder{Every: dars.Quarterly}, "2026-03-31", "2020-01-01", "2026-06-30", "[]"},
		"one that is new begins with the last":   {dars.ReportOrder{Every: dars.Monthly}, "", "2020-01-01", "2026-04-20", "[2026-03-31]"},
		"one that is new, before this one's day": {dars.ReportOrder{Every: dars.Monthly, WorkingDay: 3}, "", "2020-01-01", "2026-04-02", "[2026-02-28]"},
		"nothing of before the office":           {dars.ReportOrder{Every: dars.Monthly}, "", "2026-04-01", "2026-04-20", "[]"},
	} {
		got := s.order.Owed(s.last, s.began, s.on, c)
		if fmt.Sprint(got) != s.want {
			t.Errorf("%s: owed is %v, want %s", name, got, s.want)
		}
	}
}

// Whatever the days, each period comes once, in order, and on a day within the next.
func TestEachPeriodIsReportedOnce(t *testing.T) {
	c := dars.Calendar{Holidays: map[dars.Day]string{"2026-04-03": "Good Friday", "2026-04-06": "Easter Monday", "2026-12-25": "Christmas Day"}}
	for _, every := range dars.Rhythms {
		for _, n := range []int{0, 1, 3, 5} {
			o := dars.ReportOrder{Every: every, WorkingDay: n}
			last := every.Begins("2026-01-15").Add(-1)
			for day := dars.Day("2026-01-15"); day < "2027-01-15"; day = day.Add(1) {
				for _, asAt := range o.Owed(last, "2020-01-01", day, c) {
					if begins := asAt.Add(1); every.Begins(begins) != begins || asAt != every.Next(last.Add(1)).Add(-1) || every.Begins(day) != begins {
						t.Errorf("%s, %d: on %s comes %s after %s", every, n, day, asAt, last)
					}
					last = asAt
				}
			}
			if last < "2026-12-01" && every != dars.Quarterly || last < "2026-09-30" {
				t.Errorf("%s, %d: the last is %s", every, n, last)
			}
		}
	}
}

// What is wrong with an order is told, each with a way out.
func TestOrdersAreChecked(t *testing.T) {
	good := dars.ReportOrder{Kind: "expiry", Every: dars.Monthly, WorkingDay: 2, Formats: []string{"pdf"}, To: []dars.Role{dars.Compliance}}
	if wrong := dars.CheckOrders([]dars.ReportOrder{good}); len(wrong) != 0 {
		t.Errorf("of a good one: %v", wrong)
	}
	for name, s := range map[string]struct {
		spoil func(*dars.ReportOrder)
		says  string
	}{
		"kind":        {func(o *dars.ReportOrder) { o.Kind = "weather" }, `reports.deliver[1].kind: there is no report "weather"; there are expiry, `},
		"every":       {func(o *dars.ReportOrder) { o.Every = "daily" }, `reports.deliver[1].every: "daily" is no rhythm: say weekly, monthly or quarterly`},
		"working_day": {func(o *dars.ReportOrder) { o.Every, o.WorkingDay = dars.Weekly, 6 }, "reports.deliver[1].working_day: 6 is no working day of each: say 1 to 5"},
		"formats":     {func(o *dars.ReportOrder) { o.Kind, o.Formats = "console", []string{"docx"} }, `reports.deliver[1].formats: there is no format "docx"`},
		"to":          {func(o *dars.ReportOrder) { o.Kind, o.To = "console", []dars.Role{dars.CaseOfficer} }, `reports.deliver[1].to: the role "case-officer" may not read reports`},
		"period":      {func(o *dars.ReportOrder) { o.Kind, o.Period = "console", "fortnight" }, `reports.deliver[1].period: "fortnight" is none: say week, month, quarter or year`},
		"no period":   {func(o *dars.ReportOrder) { o.Every, o.Period = dars.Weekly, "week" }, `reports.deliver[1].period: the report expiry says how things stood at the end of a day`},
		"twice":       {func(o *dars.ReportOrder) {}, "reports.deliver[1].kind: there are two of expiry monthly"},
	} {
		bad := good
		s.spoil(&bad)
		wrong := dars.CheckOrders([]dars.ReportOrder{good, bad})
		if !slices.ContainsFunc(wrong, func(err error) bool { return strings.HasPrefix(err.Error(), s.says) }) {
			t.Errorf("%s: it says %v", name, wrong)
		}
	}
}

// What an outsider has thought up is not counted by its words.
func TestWhatIsCounted(t *testing.T) {
	for word, want := range map[string]string{"release check": "release check", "no-entry": "no-entry", "": "other", "DROP": "other", "söhne": "other", "943 476 5919<": "other", strings.Repeat("a", 41): "other"} {
		if got := dars.Countable(word); got != want {
			t.Errorf("%q is counted as %q", word, got)
		}
	}
}

// An order tells of the period that it names, and is another than that of a year.
func TestThePeriodOfAnOrder(t *testing.T) {
	for period, s := range map[string]struct {
		asAt, from dars.Day
		name       string
	}{
		"":        {"2026-03-31", "", "refused monthly"},
		"year":    {"2026-03-31", "", "refused monthly"},
		"week":    {"2026-03-08", "2026-03-02", "refused monthly of the week"},
		"month":   {"2026-02-28", "2026-02-01", "refused monthly of the month"},
		"quarter": {"2026-03-31", "2026-01-01", "refused monthly of the quarter"},
	} {
		o := dars.ReportOrder{Kind: "refused", Every: dars.Monthly, Period: period}
		if o.From(s.asAt) != s.from || o.Name() != s.name {
			t.Errorf("%q as at %s is %q, from %q", period, s.asAt, o.Name(), o.From(s.asAt))
		}
	}
}
