package dars

import (
	"cmp"
	"slices"
)

// A Dashboard is how the office does, as everybody may read it: on which day, how many
// requests are where, how fast they were answered, and what is owed. Every count is of
// requests, agreements or files; none is of people.
type Dashboard struct {
	AsAt        Day             `json:"as_at"`
	Requests    int             `json:"requests"` // in any stage
	Stages      []StageFigure   `json:"stages"`
	Months      []MonthFigure   `json:"months"`
	Levels      []LevelFigure   `json:"service_levels"`
	Releases    ReleaseFigure   `json:"releases"`
	Deletion    DeletionFigure  `json:"deletion"`
	Audits      AuditFigure     `json:"audits"`
	Complaints  ComplaintFigure `json:"complaints"`
	Tracing     []TracingFigure `json:"tracing"`
	Definitions []Definition    `json:"definitions"`
}

// A StageFigure is how many requests are in a stage.
type StageFigure struct {
	Stage    RequestStage `json:"stage"`
	Means    string       `json:"means"`
	Requests int          `json:"requests"`
	Share    float64      `json:"share"` // of all in any stage, in per cent with one place
}

// A MonthFigure is what happened in a month, and where requests were at its end, or on
// the day of the dashboard.
type MonthFigure struct {
	Month       string `json:"month"` // "2026-03"
	Received    int    `json:"received"`
	Decided     int    `json:"decided"`
	Files       int    `json:"files"` // released
	Application int    `json:"application"`
	Approval    int    `json:"approval"`
	Access      int    `json:"access"`
	Deletion    int    `json:"deletion"`
}

// A LevelFigure is how the office kept to one service level. Days are working days.
type LevelFigure struct {
	Days         int     `json:"days"` // 14, 30 or 60
	Name         string  `json:"name"`
	Finished     int     `json:"finished"`
	Within       int     `json:"within"`
	Share        float64 `json:"share"` // within, of those finished, in per cent
	Median       int     `json:"median"`
	Ninetieth    int     `json:"percentile_90"`
	PausedMedian int     `json:"paused_median"`
	Paused90     int     `json:"paused_percentile_90"`
	Running      int     `json:"running"`
	Late         int     `json:"late"` // of those running
}

// A ReleaseFigure counts files that left, and system access.
type ReleaseFigure struct {
	Files     int           `json:"files"`
	Imported  int           `json:"imported"` // of registers from before
	Upheld    int           `json:"upheld"`
	NotUpheld int           `json:"not_upheld"`
	Unsaid    int           `json:"unsaid"` // a register does not say it so that it is understood
	Reasons   []ReasonCount `json:"reasons"`
}

// A ReasonCount is how many releases did not uphold objections for a reason.
type ReasonCount struct {
	Code     string `json:"code"`
	Means    string `json:"means"`
	Releases int    `json:"releases"`
}

// A DeletionFigure counts agreements that have ended.
type DeletionFigure struct {
	Awaited int `json:"awaited"` // a certificate of destruction is due or under way
	Overdue int `json:"overdue"` // of them, after the day
	Settled int `json:"settled"` // closed
}

// An AuditFigure counts audits, and what they have found.
type AuditFigure struct {
	Open     int          `json:"open"`
	Audited  int          `json:"audited"` // agreements with an open audit, in whatever stage
	Closed   int          `json:"closed"`
	Findings []FindingSum `json:"findings"` // of those that are reported, each class
}

// A TracingFigure is what police, courts and other bodies asked, in a period.
type TracingFigure struct {
	Period string `json:"period"`
	TracingCount
}

// A Definition says what a measure is.
type Definition struct {
	Measure string `json:"measure"`
	Means   string `json:"means"`
}

// Definitions are those of every measure of the dashboard.
var Definitions = []Definition{
	{"Request", "An application for data with its agreement: one for each major version. A draft is none."},
	{"Stage", "Where a request is on the day. It is in exactly one; those declined, withdrawn or closed are in none."},
	{"Received", "Applications handed in for the first time in the month."},
	{"Decided", "Applications approved, declined or rejected in the month."},
	{"Files released", "Physical files that recipients could collect for the first time, and each system access that was first granted. Withdrawn ones are still counted."},
	{"Service level", "The working days that the office gives itself: 14, 30 or 60, by what is asked. The day of acceptance is day 0."},
	{"Days used", "Working days in England from acceptance to first access or to the letter that ends the case, without those in which the office waited for others. Half of the requests took no more than the median, nine in ten no more than the 90th percentile."},
	{"Days paused", "Working days between acceptance and end in which the office waited for the applicant or for an outside body."},
	{"Within the level", "Finished requests whose days used are no more than their level."},
	{"Objections upheld", "Releases from which the records of patients who object were left out. Where they were not, the reason is one of a published list."},
	{"Overdue for deletion", "Agreements that have ended, whose certificate of destruction is not accepted after the day on which it was due."},
	{"Findings", "What audits have found, by class, from the day of their report on. What was found is written to who was audited, and is not published."},
	{"Complaints", "Complaints and other feedback that came, from anybody. Each is to be answered within 20 working days."},
	{"Police, courts and other bodies", "Requests to trace a person. They are counted apart: no dataset leaves by them."},
}

// DashboardFacts are what a dashboard is made from, as it stood on its day.
type DashboardFacts struct {
	On           Day
	Applications []*Application
	Agreements   []*Agreement
	Certificates []*Certificate
	Audits       []*Audit
	Complaints   []*Complaint
	Tracing      []*Tracing
	Releases     []PublicRelease // of whatever day
	Changes      []StateChange   // of applications and agreements, oldest first
	Calendar     func(version string) (Calendar, error)
}

// Dashboard makes it.
func (f DashboardFacts) Dashboard() Dashboard {
	d := Dashboard{AsAt: f.On, Tracing: []TracingFigure{}, Definitions: Definitions}
	d.stages(f)
	d.Months = f.months()
	for _, class := range Classes {
		d.Levels = append(d.Levels, f.level(class))
	}
	d.Releases = f.released()
	d.Deletion = f.deletion()
	d.Audits = f.audits()
	d.Complaints = CountComplaints(f.Complaints, f.On)
	for _, t := range f.Tracing {
		for _, c := range t.Counts {
			d.Tracing = append(d.Tracing, TracingFigure{t.ID, c})
		}
	}
	return d
}

func (f DashboardFacts) audits() (n AuditFigure) {
	audited := map[AgreementID]bool{}
	for _, u := range f.Audits {
		if u.State == AuditClosed {
			n.Closed++
			continue
		}
		n.Open++
		if u.Agreement != "" && !audited[u.Agreement] {
			audited[u.Agreement] = true
			n.Audited++
		}
	}
	for _, c := range FindingClasses {
		sum := FindingSum{c.Code, c.Means, 0}
		for _, u := range f.Audits {
			if u.Reported != "" {
				sum.Count += u.Found(c.Code)
			}
		}
		n.Findings = append(n.Findings, sum)
	}
	return n
}

func (d *Dashboard) stages(f DashboardFacts) {
	r := NewRequests()
	for _, p := range f.Applications {
		r.application[p.ID()] = p.State
	}
	for _, g := range f.Agreements {
		r.agreement[g.Application] = g.StateOn(f.On)
	}
	n := r.Count()
	for _, s := range RequestStages {
		d.Requests += n[RequestStage(s.Code)]
	}
	for _, s := range RequestStages {
		stage := RequestStage(s.Code)
		d.Stages = append(d.Stages, StageFigure{stage, s.Meaning, n[stage], share(n[stage], d.Requests)})
	}
}

// share is a part in per cent, with one place.
func share(part, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64((part*2000+of)/(2*of)) / 10
}

// mostMonths is how far back the dashboard looks.
const mostMonths = 36

// months are those from the first request to the day, the last three years at most.
func (f DashboardFacts) months() []MonthFigure {
	all := []MonthFigure{}
	if len(f.Changes) == 0 {
		return all
	}
	first := max(f.Changes[0].On[:7], f.On.AddMonths(1 - mostMonths)[:7])
	where := map[string]int{}
	for day := first + "-01"; day[:7] <= f.On[:7]; day = day.AddMonths(1) {
		where[string(day[:7])] = len(all)
		all = append(all, MonthFigure{Month: string(day[:7])})
	}
	at := func(day Day) *MonthFigure {
		if day == "" || day > f.On {
			return nil
		}
		if i, ok := where[string(day[:7])]; ok {
			return &all[i]
		}
		return nil
	}
	f.flow(at)
	f.ends(all)
	return all
}

// flow counts what happened in each month.
func (f DashboardFacts) flow(at func(Day) *MonthFigure) {
	for _, p := range f.Applications {
		first := p.Submitted
		if len(p.Submissions) > 0 {
			first = p.Submissions[0].On
		}
		if m := at(first); m != nil {
			m.Received++
		}
	}
	for _, c := range f.Changes {
		if m := at(c.On); m != nil && c.Kind == "application" && is(ApplicationState(c.To), Approved, Declined, Rejected) {
			m.Decided++
		}
	}
	for i := range f.Releases {
		if m := at(f.Releases[i].Released); m != nil {
			m.Files++
		}
	}
}

// ends says where requests were at the end of each month.
func (f DashboardFacts) ends(all []MonthFigure) {
	r, next := NewRequests(), 0
	for i := range all {
		for ; next < len(f.Changes) && string(f.Changes[next].On[:7]) <= all[i].Month; next++ {
			if f.Changes[next].On <= f.On {
				r.Move(f.Changes[next])
			}
		}
		n := r.Count()
		all[i].Application, all[i].Approval, all[i].Access, all[i].Deletion = n[AtApplication], n[AtApproval], n[AtAccess], n[AtDeletion]
	}
}

// level measures one service level. A clock whose table does not have its years is left
// out: it could only be guessed.
func (f DashboardFacts) level(class Class) LevelFigure {
	l := LevelFigure{Days: class.Days, Name: class.Name}
	var used, paused []int
	for _, p := range f.Applications {
		k := p.Clock
		if k.Class != class.Days || k.Started == "" || k.Started > f.On || k.withdrawn() {
			continue
		}
		c, err := f.Calendar(k.Table)
		if err != nil {
			continue
		}
		days, err := k.Used(c, f.On)
		all, wrong := c.Between(k.Started, Earliest(cmp.Or(k.Stopped, f.On), f.On))
		switch {
		case err != nil || wrong != nil:
			continue
		case k.Stopped != "" && k.Stopped <= f.On:
			l.Finished++
			used, paused = append(used, days), append(paused, all-days)
			if days <= k.Class {
				l.Within++
			}
		default:
			if l.Running++; days > k.Class {
				l.Late++
			}
		}
	}
	l.Share = share(l.Within, l.Finished)
	l.Median, l.Ninetieth = percentile(used, 50), percentile(used, 90)
	l.PausedMedian, l.Paused90 = percentile(paused, 50), percentile(paused, 90)
	return l
}

// percentile is the smallest figure that so many in a hundred do not exceed.
func percentile(all []int, in100 int) int {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[(len(all)*in100+99)/100-1]
}

func (f DashboardFacts) released() (n ReleaseFigure) {
	reasons := map[string]int{}
	for i := range f.Releases {
		r := &f.Releases[i]
		switch {
		case r.Released > f.On:
			continue
		case r.Release == "":
			n.Imported++
		default:
			n.Files++
		}
		switch r.Objections {
		case Uphold:
			n.Upheld++
		case NotUpheld:
			n.NotUpheld++
			reasons[r.Reason]++
		default:
			n.Unsaid++
		}
	}
	n.Reasons = []ReasonCount{}
	for _, c := range append(slices.Clone(ObjectionReasons), Code{"", "A register from before, which says it in its own words"}) {
		if reasons[c.Code] > 0 {
			n.Reasons = append(n.Reasons, ReasonCount{c.Code, c.Meaning, reasons[c.Code]})
		}
	}
	return n
}

func (f DashboardFacts) deletion() (n DeletionFigure) {
	for _, g := range f.Agreements {
		if g.State == Closed {
			n.Settled++
		}
	}
	for _, c := range f.Certificates {
		if is(c.State, CertAccepted) || c.Release != "" || c.Cause != "" {
			continue // of one release, while the agreement goes on
		}
		if n.Awaited++; f.On > c.Due && c.State != CertInterim {
			n.Overdue++
		}
	}
	return n
}
