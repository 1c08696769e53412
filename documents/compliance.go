package documents

import (
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
)

// ComplianceReport says who holds what until when, and what is overdue.
func (p Press) ComplianceReport(r *dars.Report) ([]byte, error) { return p.issue(p.compliance(r)) }

func (p Press) compliance(r *dars.Report) *Doc {
	f := r.Facts
	d := p.New("Compliance report", "Who holds what, until when, and what is overdue on "+r.Due.Long(), string(r.ID), r.Due)
	d.Worded("compliance", complianceWords{overdue(f.Certificates), strings.Join(lateOrgs(f.Certificates), ", ")})

	d.Section("At a glance")
	d.Fact("Day of the report", "%s", r.Due.Long())
	d.Fact("Period", "%s", period(r.From, r.Due))
	d.Fact("Agreements listed", "%d, in force or with data that are not certified destroyed", len(f.Agreements))
	d.Fact("Certificates outstanding", "%d, of which %d overdue", len(f.Certificates), overdue(f.Certificates))
	d.Fact("Audits open", "%d", len(f.Audits))
	d.Fact("Releases frozen", "%d", len(f.Frozen))
	d.Fact("Releases published", "%d in the period", len(f.Releases))
	d.Fact("Objections lists loaded", "%d in the period", len(f.Lists))
	d.Fact("Acts from a local shell", "%d in the period", len(f.Glass))
	if i := f.Imported; i != nil {
		d.Fact("From published registers", "%d agreements, of which %d lapsed and are not settled; %d releases, of which %d without objections applied", i.Agreements, i.Lapsed, i.Releases, i.NotUpheld)
	}
	if overdue(f.Certificates) > 0 {
		d.Warn("overdue")
	}

	d.Bars("Agreements by the quarter in which they end", ends(f.Agreements, r.Due))
	d.Bars("Certificates of destruction outstanding, by how late they are", lateness(f.Certificates))

	d.Section("Who holds what, until when")
	var rows [][]string
	for _, a := range f.Agreements {
		rows = append(rows, []string{string(a.Agreement), joined("\n", a.OrgName, string(a.Org)), strings.Join(a.Datasets, ", "), a.End.Long(), capital(words(a.State)), fmt.Sprint(a.Files)})
	}
	d.Table([]Col{{Name: "Agreement", Share: 49}, {Name: "Organisation", Share: 36}, {Name: "Datasets", Share: 22}, {Name: "Ends", Share: 31}, {Name: "State", Share: 17}, {Name: "Files sent", Share: 11, Figures: true}}, rows)

	d.Section("Certificates of destruction outstanding")
	rows = nil
	for _, c := range f.Certificates {
		rows = append(rows, []string{string(c.Certificate), string(c.Agreement), string(c.Org), c.Due.Long(), capital(words(c.State)), days(c.DaysOver)})
	}
	d.Table([]Col{{Name: "Certificate", Share: 24}, {Name: "Agreement", Share: 49}, {Name: "Organisation", Share: 23}, {Name: "Due", Share: 31}, {Name: "State", Share: 20}, {Name: "Overdue", Share: 19, Figures: true}}, rows)

	d.Section("Audits open")
	rows = nil
	for _, a := range f.Audits {
		rows = append(rows, []string{string(a.Audit), string(a.Org), string(a.Agreement), capital(trigger(a.Trigger)), a.Triggered.Long(), capital(words(a.State))})
	}
	d.Table([]Col{{Name: "Audit", Share: 23}, {Name: "Organisation", Share: 23}, {Name: "Agreement", Share: 49}, {Name: "Trigger", Share: 24}, {Name: "Since", Share: 29}, {Name: "State", Share: 18}}, rows)

	d.Section("Releases frozen after a newer objections list")
	rows = nil
	for _, x := range f.Frozen {
		why := "People in it object"
		if !x.Objected {
			why = "The list could not be tried"
		}
		rows = append(rows, []string{string(x.Release), string(x.Agreement), x.Since.Long(), fmt.Sprint(x.List), why})
	}
	d.Table([]Col{{Name: "Release", Share: 24}, {Name: "Agreement", Share: 49}, {Name: "Since", Share: 31}, {Name: "List", Share: 12}, {Name: "Why", Share: 50}}, rows)

	d.Section("Releases published in the period")
	rows = nil
	for _, x := range f.Releases {
		rows = append(rows, []string{string(x.Release), string(x.Agreement), x.Dataset, periods(x.Periods), x.Published.Long(), capital(words(x.State)), joined(", ", capital(words(x.Treatment)), x.Reason, string(x.List))})
	}
	d.Table([]Col{{Name: "Release", Share: 22}, {Name: "Agreement", Share: 49}, {Name: "Dataset", Share: 19}, {Name: "Periods", Share: 15}, {Name: "Published", Share: 23}, {Name: "State", Share: 18}, {Name: "Objections", Share: 20}}, rows)

	d.Section("Objections lists loaded in the period")
	rows = nil
	for _, l := range f.Lists {
		rows = append(rows, []string{fmt.Sprint(l.Version), l.AsAt.Long(), count(int64(l.Numbers)), count(int64(l.Invalid)), yesNo(l.Usable)})
	}
	d.Table([]Col{{Name: "Version", Share: 15}, {Name: "As at", Share: 30}, {Name: "Numbers", Share: 22, Figures: true}, {Name: "Lines not valid", Share: 22, Figures: true}, {Name: "Usable", Share: 15}}, rows)

	d.Section("Acts from a local shell")
	d.Paras("acts from a local shell")
	rows = nil
	for _, g := range f.Glass {
		rows = append(rows, []string{g.ID, g.On.Long(), capital(g.Act), string(g.Person), g.Reason})
	}
	d.Table([]Col{{Name: "Reference", Share: 25}, {Name: "Day", Share: 28}, {Name: "Act", Share: 27}, {Name: "Person", Share: 20}, {Name: "Reason", Share: 50}}, rows)
	return d
}

// complianceWords are what the words of the report may name.
type complianceWords struct {
	Late int
	Orgs string
}

// ends counts agreements by the quarter of the year in which they end: those that
// have ended, five quarters, and all after them.
func ends(all []dars.HeldLine, on dars.Day) []Bar {
	const quarters = 5
	bars := []Bar{{Label: "ended", Alarm: true}}
	var last []dars.Day // of each quarter
	first := on.Quarter()
	for n := range quarters {
		last = append(last, first.AddMonths(3*(n+1)).Add(-1))
		bars = append(bars, Bar{Label: "to " + last[n].Month()})
	}
	bars = append(bars, Bar{Label: "later"})
	for _, a := range all {
		n := slices.IndexFunc(last, func(d dars.Day) bool { return a.End <= d })
		switch {
		case a.End < on:
			bars[0].Value++
		case n < 0:
			bars[quarters+1].Value++
		default:
			bars[n+1].Value++
		}
	}
	return bars
}

// lateness counts certificates by the steps at which an office acts.
func lateness(all []dars.CertificateLine) []Bar {
	bars := []Bar{{Label: "not yet due"}, {Label: "1 to 28 days late", Alarm: true}, {Label: "29 to 56 days", Alarm: true}, {Label: "more than 56 days", Alarm: true}}
	for _, c := range all {
		n := 0
		if c.DaysOver > 0 {
			n = min(1+(c.DaysOver-1)/28, 3)
		}
		bars[n].Value++
	}
	return bars
}

// overdue counts the certificates that are late.
func overdue(all []dars.CertificateLine) (n int) {
	for _, c := range all {
		if c.DaysOver > 0 {
			n++
		}
	}
	return n
}

func lateOrgs(all []dars.CertificateLine) (codes []string) {
	for _, c := range all {
		if c.DaysOver > 0 && !slices.Contains(codes, string(c.Org)) {
			codes = append(codes, string(c.Org))
		}
	}
	return codes
}

func days(n int) string {
	switch {
	case n <= 0:
		return "—"
	case n == 1:
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

func period(from, to dars.Day) string {
	if from == "" {
		return "Until " + to.Long()
	}
	return "From " + from.Long() + " to " + to.Long()
}

// trigger says in words why an audit was opened.
func trigger(code string) string {
	said := map[string]string{
		"EXPIRED_NO_CERT": "ended, no certificate", "ROUTINE": "routine", "INCIDENT": "incident",
		"PORTAL_EXCESS": "excessive use of system access", "FOLLOW_UP": "follow-up", "COMPLAINT": "complaint",
	}[code]
	if said == "" {
		return dars.Meaning(dars.AuditTriggers, code)
	}
	return said
}
