package dars

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// Whom to audit is chosen by risk, and the choice explains itself: each point is a line
// that says what it is for. The lot, which makes nobody safe, is drawn from the year and
// the organisation's code: who draws again draws the same.

// A RiskLine is so many points for one thing.
type RiskLine struct {
	Code   string `json:"code"` // of RiskFactors
	Points int    `json:"points"`
	Why    string `json:"why"`
}

// A RiskFactor is something that makes an audit more urgent.
type RiskFactor struct {
	Code   string
	Points int // each time
	Most   int // in all
	Means  string
}

// RiskFactors are all, with what they weigh.
var RiskFactors = []RiskFactor{
	{"IDENTIFIABLE", 20, 20, "holds data by which people can be told"},
	{"SENSITIVE", 10, 10, "holds sensitive fields"},
	{"COMMERCIAL", 10, 10, "has a commercial purpose"},
	{"SUBLICENCE", 10, 10, "may pass data on"},
	{"PROCESSORS", 3, 9, "has processors"},
	{"MANY_AGREEMENTS", 2, 10, "has several agreements"},
	{"CERTIFICATE_OVERDUE", 15, 30, "owes a certificate of destruction"},
	{"ASSURANCE_LAPSED", 15, 15, "has no security assurance or registration that holds"},
	{"NEVER_AUDITED", 15, 15, "was never audited"},
	{"AUDITED_LONG_AGO", 8, 8, "was last audited more than three years ago"},
	{"LAST_RISK", 10, 20, "was left with a high or critical risk by its last audit"},
	{"ACTIONS_LATE", 10, 20, "is late with actions of an audit"},
	{"SANCTIONED", 15, 30, "had a sanction within two years"},
	{"COMPLAINT", 10, 20, "was complained of within a year, with reason"},
	{"UNUSUAL_DOWNLOADS", 10, 20, "downloads unlike those before"},
	{"LOT", 1, 9, "drawn by lot"},
}

// RiskFacts are what an office knows of one organisation that holds data.
type RiskFacts struct {
	Org          *Organisation
	Agreements   []*Agreement // that are not closed
	Applications map[ApplicationID]*Application
	Certificates []*Certificate // that it is to return
	Audits       []*Audit
	Sanctions    []*Sanction
	Complaints   []*Complaint
	Unusual      []string // downloads that are, in words
}

// A RiskScore is what an organisation comes to.
type RiskScore struct {
	Org   OrgCode    `json:"org"`
	Name  string     `json:"name"`
	Score int        `json:"score"`
	Lines []RiskLine `json:"lines"`
}

// Score is the risk of an organisation on a day, for the plan of a year.
func (f RiskFacts) Score(year int, on Day) RiskScore {
	s := RiskScore{Org: f.Org.Code, Name: f.Org.Name}
	say := func(code string, times int, why string, args ...any) {
		i := slices.IndexFunc(RiskFactors, func(r RiskFactor) bool { return r.Code == code })
		points := min(times*RiskFactors[i].Points, RiskFactors[i].Most)
		if points > 0 {
			s.Lines = append(s.Lines, RiskLine{code, points, fmt.Sprintf(why, args...)})
			s.Score += points
		}
	}
	f.ofAgreements(say)
	f.ofConduct(say, on)
	f.ofAudits(say, on)
	say("LOT", lot(year, f.Org.Code), "drawn by lot for %d", year)
	return s
}

func (f RiskFacts) ofAgreements(say func(string, int, string, ...any)) {
	var identifiable, sensitive, commercial, passing []string
	processors := map[OrgCode]bool{}
	for _, g := range f.Agreements {
		id := string(g.ID)
		if slices.ContainsFunc(g.Datasets, func(d DatasetRequest) bool { return d.Identifiability == "IDENT" }) {
			identifiable = append(identifiable, id)
		}
		if slices.ContainsFunc(g.Datasets, func(d DatasetRequest) bool { return d.Sensitive }) {
			sensitive = append(sensitive, id)
		}
		if p := f.Applications[g.Application]; p != nil && p.Form.Purpose.Commercial {
			commercial = append(commercial, id)
		}
		if p := f.Applications[g.Application]; p != nil && p.Form.Sublicensing != "" {
			passing = append(passing, id)
		}
		for _, code := range g.Processors {
			processors[code] = true
		}
	}
	say("IDENTIFIABLE", min(1, len(identifiable)), "identifiable data under %s", strings.Join(identifiable, ", "))
	say("SENSITIVE", min(1, len(sensitive)), "sensitive fields under %s", strings.Join(sensitive, ", "))
	say("COMMERCIAL", min(1, len(commercial)), "a commercial purpose under %s", strings.Join(commercial, ", "))
	say("SUBLICENCE", min(1, len(passing)), "may pass data on under %s", strings.Join(passing, ", "))
	say("PROCESSORS", len(processors), "%d processors", len(processors))
	say("MANY_AGREEMENTS", max(0, len(f.Agreements)-1), "%d agreements", len(f.Agreements))
}

func (f RiskFacts) ofConduct(say func(string, int, string, ...any), on Day) {
	var overdue []string
	for _, c := range f.Certificates {
		if c.Overdue(on) {
			overdue = append(overdue, string(c.ID))
		}
	}
	say("CERTIFICATE_OVERDUE", len(overdue), "%s overdue", strings.Join(overdue, ", "))
	switch ends := f.Org.SecurityExpires; {
	case ends != "" && ends < on:
		say("ASSURANCE_LAPSED", 1, "its security assurance ended on %s", ends)
	case f.Org.ICOExpires != "" && f.Org.ICOExpires < on:
		say("ASSURANCE_LAPSED", 1, "its registration ended on %s", f.Org.ICOExpires)
	}
	sanctions, complaints := 0, 0
	for _, s := range f.Sanctions {
		if len(s.Taken) > 0 && !(len(s.Appeals) > 0 && s.Appeals[len(s.Appeals)-1].Outcome == AppealUpheld) && s.Taken[len(s.Taken)-1].On.AddMonths(24) > on {
			sanctions++
		}
	}
	for _, c := range f.Complaints {
		if c.Leads() && c.Answered.AddMonths(12) > on {
			complaints++
		}
	}
	say("SANCTIONED", sanctions, "sanctions within two years: %d", sanctions)
	say("COMPLAINT", complaints, "complaints within a year that were right: %d", complaints)
	say("UNUSUAL_DOWNLOADS", len(f.Unusual), "%s", strings.Join(f.Unusual, "; "))
}

func (f RiskFacts) ofAudits(say func(string, int, string, ...any), on Day) {
	var last *Audit
	late := 0
	for _, u := range f.Audits {
		if u.Reported != "" && (last == nil || u.Reported > last.Reported) {
			last = u
		}
		late += len(u.Overdue(on))
	}
	say("ACTIONS_LATE", late, "actions of audits that are late: %d", late)
	if last == nil {
		say("NEVER_AUDITED", 1, "no audit of it was ever reported")
		return
	}
	if last.Reported.AddMonths(36) < on {
		say("AUDITED_LONG_AGO", 1, "last audited in %s", last.Reported.Month())
	}
	risk := last.Before
	if last.After != nil {
		risk = last.After
	}
	say("LAST_RISK", map[string]int{"CRITICAL": 2, "HIGH": 1}[risk.Level], "%s left a %s risk", last.ID, Meaning(RiskLevels, risk.Level))
}

// lot is 0 to 9, by the year and the organisation.
func lot(year int, org OrgCode) int {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", year, org))
	return int(sum[0]) % 10
}

// PlanAudits puts scores in the order in which organisations are audited in a year, the
// riskiest first, and spreads the first so many of them over its months; over those that
// are left, if it is drawn when the year has begun.
func PlanAudits(year, audits int, on Day, scores []RiskScore) (all []PlannedAudit) {
	first := 1
	if t := on.utc(); t.Year() == year {
		first = int(t.Month())
	}
	audits = min(audits, len(scores))
	slices.SortFunc(scores, func(a, b RiskScore) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Org, b.Org))
	})
	for i, s := range scores {
		p := PlannedAudit{RiskScore: s, Rank: i + 1}
		if i < audits {
			p.Month = fmt.Sprintf("%d-%02d", year, first+i*(13-first)/audits)
		}
		all = append(all, p)
	}
	return all
}

// A PlannedAudit is one organisation in the plan of a year. The first are audited, each
// in a month; the others are there to show who was not chosen, and why.
type PlannedAudit struct {
	Rank  int    `json:"rank"`
	Month string `json:"month,omitempty"`
	RiskScore
}

// An AuditPlan is that of one year, as it was drawn.
type AuditPlan struct {
	ID     string         `json:"id"` // "PLAN-2027"
	Year   int            `json:"year"`
	Drawn  Day            `json:"drawn"`
	By     PersonID       `json:"by"`
	Audits int            `json:"audits"` // how many are planned
	Orgs   []PlannedAudit `json:"orgs"`
}

// PlanOf is the reference of the plan of a year.
func PlanOf(year int) string { return fmt.Sprintf("PLAN-%d", year) }

func (p *AuditPlan) Card() Card { return Card{"audit plan", p.ID, "drawn", nil} }

// Planned is what a plan says of an organisation that is to be audited, or nil.
func (p *AuditPlan) Planned(org OrgCode) *PlannedAudit {
	i := slices.IndexFunc(p.Orgs, func(one PlannedAudit) bool { return one.Org == org && one.Month != "" })
	if i < 0 {
		return nil
	}
	return &p.Orgs[i]
}
