package web

import (
	"encoding/csv"
	"fmt"
	"io"

	"darsd/dars"
	"darsd/register"
)

// A figure is one number of the dashboard: of which series, of what in it, and what is
// measured.
type figure struct {
	Series  string `json:"series"`
	Of      string `json:"of"`
	Measure string `json:"measure"`
	Figure  any    `json:"figure"` // an int, or a float64 that is a share in per cent
}

// seriesNames are the series that there are, as addresses ask for them.
var seriesNames = []string{"stages", "months", "service-levels", "releases", "not-upheld", "deletion", "audits", "findings", "complaints", "tracing"}

// writeFigureTable writes every series of the dashboard, or one: which, of what, the
// measure and its figure.
func writeFigureTable(to io.Writer, d dars.Dashboard, series string) error {
	c := csv.NewWriter(to)
	c.Write([]string{"as_at", "series", "of", "measure", "figure"})
	for _, one := range seriesOf(d, series) {
		c.Write(register.Guarded([]string{string(d.AsAt), one.Series, one.Of, one.Measure, fmt.Sprint(one.Figure)}))
	}
	c.Flush()
	return c.Error()
}

// seriesOf are the figures of one series, or of all where none is named.
func seriesOf(d dars.Dashboard, series string) (some []figure) {
	for _, one := range figuresOf(d) {
		if series == "" || one.Series == series {
			some = append(some, one)
		}
	}
	return some
}

// figuresOf are all figures of a dashboard, series by series.
func figuresOf(d dars.Dashboard) (all []figure) {
	say := func(series, of, measure string, n any) {
		all = append(all, figure{series, of, measure, n})
	}
	for _, s := range d.Stages {
		say("stages", string(s.Stage), "requests", s.Requests)
		say("stages", string(s.Stage), "share", s.Share)
	}
	for _, m := range d.Months {
		for _, f := range []struct {
			measure string
			figure  int
		}{{"received", m.Received}, {"decided", m.Decided}, {"files", m.Files}, {"application", m.Application}, {"approval", m.Approval}, {"access", m.Access}, {"deletion", m.Deletion}} {
			say("months", m.Month, f.measure, f.figure)
		}
	}
	for _, l := range d.Levels {
		for _, f := range []struct {
			measure string
			figure  any
		}{{"finished", l.Finished}, {"within", l.Within}, {"share", l.Share}, {"median", l.Median}, {"percentile_90", l.Ninetieth}, {"paused_median", l.PausedMedian}, {"paused_percentile_90", l.Paused90}, {"running", l.Running}, {"late", l.Late}} {
			say("service-levels", itoa(l.Days), f.measure, f.figure)
		}
	}
	say("releases", "", "files", d.Releases.Files)
	say("releases", "", "imported", d.Releases.Imported)
	say("releases", "", "upheld", d.Releases.Upheld)
	say("releases", "", "not_upheld", d.Releases.NotUpheld)
	say("releases", "", "unsaid", d.Releases.Unsaid)
	for _, r := range d.Releases.Reasons {
		say("not-upheld", r.Means, "releases", r.Releases)
	}
	say("deletion", "", "awaited", d.Deletion.Awaited)
	say("deletion", "", "overdue", d.Deletion.Overdue)
	say("deletion", "", "settled", d.Deletion.Settled)
	say("audits", "", "open", d.Audits.Open)
	say("audits", "", "closed", d.Audits.Closed)
	say("audits", "", "agreements with an open audit", d.Audits.Audited)
	for _, f := range d.Audits.Findings {
		say("findings", f.Means, "findings", f.Count)
	}
	say("complaints", "", "received", d.Complaints.Received)
	say("complaints", "", "open", d.Complaints.Open)
	say("complaints", "", "late", d.Complaints.Late)
	say("complaints", "", "answered", d.Complaints.Answered)
	say("complaints", "", "answered in time", d.Complaints.InTime)
	say("complaints", "", "upheld", d.Complaints.Upheld)
	for _, t := range d.Tracing {
		say("tracing", t.Period+", "+t.Body, "received", t.Received)
		say("tracing", t.Period+", "+t.Body, "rejected", t.Rejected)
		say("tracing", t.Period+", "+t.Body, "traced", t.Traced)
		say("tracing", t.Period+", "+t.Body, "untraced", t.Untraced)
	}
	return all
}
