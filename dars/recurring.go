package dars

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Releases that recur. An agreement may ask for a dataset each month, each quarter
// or each year for as long as it is in force. Its schedule follows from its dates and
// from the months of the NHS's year, which begins in April: 202005 is the year from
// April 2020 to its fifth month, August, and 202099 is all of it, final (domain 7.2).
// A month's file holds the months before it in the same year, so each takes the place
// of the one before (see [Overtakes]).

// An Instalment is one release that recurs: of a dataset, for one period.
type Instalment struct {
	Dataset string    `json:"dataset"`
	Period  string    `json:"period"`
	On      Day       `json:"on"`                // the day after the last of the period: from then on it is wanted
	Release ReleaseID `json:"release,omitempty"` // by which it is planned
}

// Series is which instalments it is one of, each of which takes the place of the one
// before: "HES_APC 2020".
func (r Instalment) Series() string {
	year, _, _ := yearTo(r.Period)
	return fmt.Sprintf("%s %d", r.Dataset, year)
}

// Item tells it from the others of its agreement: "HES_APC-202005".
func (r Instalment) Item() string { return r.Dataset + "-" + r.Period }

// finalMonth stands for the whole year, final: it comes after all others.
const finalMonth = 99

var yearAndMonth = regexp.MustCompile(`^[0-9]{4}(0[1-9]|1[0-2]|99)$`)

// yearTo reads a period: the year in which it begins in April, and to which of its
// months it goes. Other names of periods say no year.
func yearTo(period string) (year, month int, ok bool) {
	if !yearAndMonth.MatchString(period) {
		return 0, 0, false
	}
	year, _ = strconv.Atoi(period[:4])
	month, _ = strconv.Atoi(period[4:])
	return year, month, true
}

// recurs is how many months lie between two releases of a dataset; 0 if it comes once.
func (r DatasetRequest) recurs() int {
	interval, _ := coded(Intervals, r.Interval)
	if frequency, _ := coded(Frequencies, r.Frequency); frequency != "ONGOING" {
		return 0
	}
	return everyMonths[interval]
}

// instalments are those of a dataset for which the period closes between two days, and
// adds something to the dates that are asked for.
func (r DatasetRequest) instalments(start, end Day) (all []Instalment) {
	every := r.recurs()
	if every == 0 {
		return nil
	}
	for year := start.utc().Year() - 1; year <= end.utc().Year(); year++ {
		for month := every; month <= 12; month += every {
			on := dayOf(time.Date(year, time.April+time.Month(month), 1, 0, 0, 0, 0, time.UTC))
			added := on.AddMonths(-every) // the first day that the one before does not hold
			if on < start || on > end || r.From != "" && on <= r.From || r.To != "" && added > r.To {
				continue
			}
			to := month
			if every == 12 {
				to = finalMonth
			}
			all = append(all, Instalment{Dataset: r.Code, Period: fmt.Sprintf("%d%02d", year, to), On: on})
		}
	}
	return all
}

// Schedule is every release that recurs under the agreement, in order: for each period
// that closes while it is in force. Those that are planned name their release.
func (g *Agreement) Schedule() (all []Instalment) {
	for _, d := range g.Datasets {
		all = append(all, d.instalments(g.Start, g.End)...)
	}
	for i, r := range all {
		if planned := g.planned(r); planned != nil {
			all[i].Release = planned.Release
		}
	}
	slices.SortStableFunc(all, func(a, b Instalment) int {
		return cmp.Or(cmp.Compare(a.On, b.On), strings.Compare(a.Dataset, b.Dataset))
	})
	return all
}

// Wanted are those of the schedule that are neither planned nor overtaken by one that
// is.
func (g *Agreement) Wanted() []Instalment {
	return slices.DeleteFunc(g.Schedule(), func(r Instalment) bool {
		return slices.ContainsFunc(g.Instalments, func(p Instalment) bool { return p.Dataset == r.Dataset && Overtakes(p.Period, r.Period) })
	})
}

// Agrees reports whether a dataset may be released for a period: one that its terms
// name, or one of the schedule.
func (g *Agreement) Agrees(terms DatasetRequest, period string) bool {
	return slices.Contains(terms.Periods, period) ||
		slices.ContainsFunc(terms.instalments(g.Start, g.End), func(r Instalment) bool { return r.Period == period })
}

// PlanInstalment notes by which release one of the schedule is planned, on a day. Each is
// planned once, when its period has closed.
func (g *Agreement) PlanInstalment(r Instalment, as ReleaseID, on Day) error {
	if err := g.Allows(on); err != nil {
		return err
	}
	if !slices.ContainsFunc(g.Wanted(), func(w Instalment) bool { return w.Dataset == r.Dataset && w.Period == r.Period && w.On <= on }) {
		return Refuse("nothing-due", g.ID, "agreement %s waits for no release of %s for %s", g.ID, r.Dataset, r.Period)
	}
	r.Release = as
	g.Instalments = append(slices.Clone(g.Instalments), r)
	return nil
}

func (g *Agreement) planned(r Instalment) *Instalment {
	i := slices.IndexFunc(g.Instalments, func(p Instalment) bool { return p.Dataset == r.Dataset && p.Period == r.Period })
	if i < 0 {
		return nil
	}
	return &g.Instalments[i]
}

// instalmentDeadlines are the days from which the office is told of what it cannot plan,
// each until the next of the same dataset.
func (g *Agreement) instalmentDeadlines() (all []Deadline) {
	wanted := g.Wanted()
	for i, r := range wanted {
		until := g.End
		if next := slices.IndexFunc(wanted[i+1:], func(n Instalment) bool { return n.Dataset == r.Dataset }); next >= 0 {
			until = wanted[i+1+next].On.Add(-1)
		}
		all = append(all, Deadline{Ladder: LadderInstalment, Item: r.Item(), Day: r.On, From: g.Start, Until: until})
	}
	return all
}
