package documents

import (
	"cmp"
	"fmt"
	"strings"

	"darsd/dars"
)

// An AuditReport is what an audit has found, what the recipient has said to it, and what
// has become of it: all that stands on its paper, in words (domain 9).
type AuditReport struct {
	Ref          string // "AUD-000001"
	Subject      string // what the agreement is about
	Organisation string // that was audited
	Address      string
	Agreement    string // "" if it is about the organisation as a whole
	Contract     string
	Auditors     []string
	From, To     dars.Day // the days on which people were asked and things looked at
	Why          string   // what has triggered it, in a sentence
	How          string   // "at the recipient's place", "by remote means"
	Data         []AuditedData
	Processors   []string
	Sublicensees []string

	Scope     []AuditArea
	Findings  []AuditFinding
	Response  string // of the recipient, in its own words; "" while none has come
	Responded dars.Day
	Actions   []AuditAction
	FollowUp  []AuditEvidence
	Before    AuditRisk
	After     AuditRisk // its Level is "" before a follow-up
	Opinion   string    // of who leads the audit
	Lead      dars.Sender
	On        dars.Day
	ForPublic bool // it is to be published
}

// AuditedData is a dataset that the recipient holds.
type AuditedData struct{ Dataset, Kind, Periods string }

// An AuditArea is one area that was looked at.
type AuditArea struct{ Area, LookedAt, Result string }

// An AuditFinding is one finding. Its class is a word such as "major nonconformity",
// "minor nonconformity", "observation" or "opportunity for improvement".
type AuditFinding struct {
	Number        int
	Class, Area   string
	Says          string
	Clause        string // of the agreement or contract that it breaks
	Evidence      string
	State, Closed string // "open" or "closed", and since which day, in words
}

// An AuditAction is what the recipient has undertaken to do about a finding.
type AuditAction struct {
	Finding int
	Says    string
	Owner   string
	Due     dars.Day
	Done    dars.Day // "" while it is not
	State   string
}

// AuditEvidence is what was shown at the follow-up.
type AuditEvidence struct {
	Finding  int
	What     string
	Received dars.Day
	Result   string
}

// An AuditRisk is the overall risk: critical, high, medium or low, and why.
type AuditRisk struct {
	Level string
	Why   string
	On    dars.Day
}

// AuditReport draws the report of an audit.
func (p Press) AuditReport(f dars.AuditReportFacts) ([]byte, error) {
	return p.issue(p.auditReport(ReportOfAudit(f)))
}

func (p Press) auditReport(r AuditReport) *Doc {
	d := p.New("Data sharing audit report", "of "+r.Organisation, r.Ref, r.On)
	d.mark = "report"
	d.Worded("audit-report", auditReportWords{Us: p.reachedAt(), Organisation: r.Organisation, Agreement: r.Agreement, Findings: len(r.Findings), Open: r.open(), FollowedUp: r.After.Level != "", Published: r.ForPublic, Late: r.late()})

	d.Section("Summary")
	d.Fact("Organisation", "%s", joined("\n", r.Organisation, r.Address))
	d.Fact("Agreement", "%s", joined("\n", r.Agreement, r.Subject))
	d.Fact("Framework contract", "%s", r.Contract)
	d.Fact("Days of the audit", "%s", between(r.From, r.To))
	d.Fact("How", "%s", capital(r.How))
	d.Fact("Auditors", "%s", strings.Join(r.Auditors, "\n"))
	d.Fact("Why", "%s", ended(strings.TrimSuffix(capital(r.Why), ".")))
	d.Fact("Findings", "%s", cmp.Or(r.byClass(), "None"))
	d.Fact("Overall risk", "%s", r.risk())
	d.Warn("opinion")
	d.Text(r.Opinion)
	d.Paras("purpose")

	d.Section("Data and parties")
	var rows [][]string
	for _, x := range r.Data {
		rows = append(rows, []string{x.Dataset, x.Kind, x.Periods})
	}
	d.Table([]Col{{Name: "Dataset", Share: 68}, {Name: "Kind of data", Share: 50}, {Name: "Periods", Share: 48}}, rows)
	d.Fact("Processors", "%s", cmp.Or(strings.Join(r.Processors, "\n"), "None"))
	if len(r.Sublicensees) > 0 {
		d.Fact("Sub-licensees", "%s", strings.Join(r.Sublicensees, "\n"))
	}

	d.Section("What was looked at")
	d.Paras("scope")
	rows = nil
	for _, a := range r.Scope {
		rows = append(rows, []string{a.Area, a.LookedAt, a.Result})
	}
	d.Table([]Col{{Name: "Area", Share: 44}, {Name: "What was looked at", Share: 84}, {Name: "Result", Share: 38}}, rows)

	d.Section("Risk before and after")
	d.Paras("risk")
	d.Table([]Col{{Name: "Statement", Share: 34}, {Name: "Risk", Share: 22}, {Name: "Date", Share: 30}, {Name: "Why", Share: 80}}, r.riskRows())

	d.Section("Findings")
	d.Bars("Findings by class", r.classes())
	for _, f := range r.Findings {
		d.Subheading(fmt.Sprintf("Finding %d: %s", f.Number, f.Class))
		d.Fact("Area", "%s", f.Area)
		d.Fact("What was found", "%s", f.Says)
		d.Fact("Clause", "%s", f.Clause)
		d.Fact("Evidence", "%s", f.Evidence)
		d.Fact("State", "%s", joined(" ", capital(f.State), f.Closed))
	}

	d.Section("The recipient’s response")
	if r.Response == "" {
		d.Paras("no response")
	} else {
		d.Fact("Received", "%s", longDay(r.Responded))
		d.Text(r.Response)
	}

	d.Section("Action plan")
	d.Paras("actions")
	rows = nil
	for _, a := range r.Actions {
		rows = append(rows, []string{fmt.Sprint(a.Finding), a.Says, a.Owner, longDay(a.Due), capital(joined(" ", a.State, longDay(a.Done)))})
	}
	d.Table([]Col{{Name: "Finding", Share: 16, Figures: true}, {Name: "Action", Share: 72}, {Name: "Whose", Share: 28}, {Name: "By", Share: 28}, {Name: "State", Share: 26}}, rows)

	d.Section("Follow-up")
	if len(r.FollowUp) == 0 {
		d.Paras("no follow-up")
	} else {
		d.Paras("follow-up")
		rows = nil
		for _, e := range r.FollowUp {
			rows = append(rows, []string{fmt.Sprint(e.Finding), e.What, longDay(e.Received), capital(e.Result)})
		}
		d.Table([]Col{{Name: "Finding", Share: 16, Figures: true}, {Name: "Evidence", Share: 80}, {Name: "Received", Share: 30}, {Name: "Result", Share: 40}}, rows)
	}
	d.Section("What follows")
	d.Paras("what follows")
	d.Paras("contact")
	d.from(r.Lead)
	return d
}

// auditReportWords are what the words of the report may name.
type auditReportWords struct {
	Us, Organisation, Agreement string
	Findings, Open, Late        int
	FollowedUp, Published       bool
}

// open counts the findings that are not closed.
func (r AuditReport) open() (n int) {
	for _, f := range r.Findings {
		if f.State != "closed" {
			n++
		}
	}
	return n
}

// late counts the actions that were due before the report's day and are not done.
func (r AuditReport) late() (n int) {
	for _, a := range r.Actions {
		if a.Done == "" && a.Due != "" && a.Due < r.On {
			n++
		}
	}
	return n
}

// classes counts findings by their class, in the order in which they come. One that is
// a nonconformity is something wrong.
func (r AuditReport) classes() (bars []Bar) {
	at := map[string]int{}
	for _, f := range r.Findings {
		i, known := at[f.Class]
		if !known {
			i = len(bars)
			at[f.Class] = i
			bars = append(bars, Bar{Label: f.Class, Alarm: strings.Contains(strings.ToLower(f.Class), "nonconformity")})
		}
		bars[i].Value++
	}
	return bars
}

func (r AuditReport) byClass() string {
	var all []string
	for _, bar := range r.classes() {
		all = append(all, fmt.Sprintf("%s: %d", bar.Label, bar.Value))
	}
	return joined("; ", all...)
}

// risk is the overall risk as it stands.
func (r AuditReport) risk() string {
	if r.After.Level == "" {
		return capital(r.Before.Level)
	}
	return fmt.Sprintf("%s after the follow-up; %s before", capital(r.After.Level), r.Before.Level)
}

func (r AuditReport) riskRows() (rows [][]string) {
	for _, risk := range []struct {
		name string
		AuditRisk
	}{{"At the audit", r.Before}, {"After the follow-up", r.After}} {
		if risk.Level != "" {
			rows = append(rows, []string{risk.name, capital(risk.Level), longDay(risk.On), risk.Why})
		}
	}
	return rows
}

// between is a span of days.
func between(from, to dars.Day) string {
	if from == to || to == "" {
		return longDay(from)
	}
	return longDay(from) + " to " + longDay(to)
}

// longDay is a day in full; nothing where none is known.
func longDay(d dars.Day) string {
	if d == "" {
		return ""
	}
	return d.Long()
}
