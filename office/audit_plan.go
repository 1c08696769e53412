package office

import (
	"context"
	"slices"
	"strconv"

	"darsd/dars"
	"darsd/store"
)

// Plan draws the plan of audits of a year by risk, once: who asks again is told the one
// that was drawn.
func (o Audits) Plan(ctx context.Context, a dars.Act, year int) (p *dars.AuditPlan, drawn bool, err error) {
	err = o.do(ctx, a, "audit plan", func(tx *store.Tx, _ *dars.Person) error {
		on := o.today(a)
		if year < yearOf(on) || year > yearOf(on)+1 {
			return dars.Refuse("no-year", strconv.Itoa(year), "audits are planned for this year or the next, and not for %d", year)
		}
		id := dars.PlanOf(year)
		var known error
		if p, known = store.Get[dars.AuditPlan](tx, id); !absent(known) {
			return known
		}
		scores, err := o.scores(tx, year, on)
		if err != nil {
			return err
		}
		p = &dars.AuditPlan{ID: id, Year: year, Drawn: on, By: a.Who, Audits: min(o.Policy.AuditsPerYear, len(scores)), Orgs: dars.PlanAudits(year, o.Policy.AuditsPerYear, on, scores)}
		drawn = true
		return tx.Save(a, "audit plan", p)
	})
	return p, drawn, err
}

// scores are those of all organisations that hold data or may.
func (o *Office) scores(tx *store.Tx, year int, on dars.Day) (all []dars.RiskScore, err error) {
	var orgs []dars.OrgCode
	err = store.Each(tx, func(g *dars.Agreement) error {
		if holds(g) && !slices.Contains(orgs, g.Org) {
			orgs = append(orgs, g.Org)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, code := range orgs {
		f, err := o.riskFacts(tx, code)
		if err != nil {
			return nil, err
		}
		all = append(all, f.Score(year, on))
	}
	return all, nil
}

// holds reports whether data may be held under an agreement.
func holds(g *dars.Agreement) bool {
	return g.State == dars.InForce || g.Over() && g.State != dars.Closed
}

// riskFacts are what the office knows of one organisation.
func (o *Office) riskFacts(tx *store.Tx, code dars.OrgCode) (f dars.RiskFacts, err error) {
	if f.Org, err = store.Get[dars.Organisation](tx, code); err != nil {
		return f, err
	}
	agreements, err := store.Find[dars.Agreement](tx, dars.By("org", code))
	if err != nil {
		return f, err
	}
	f.Applications = map[dars.ApplicationID]*dars.Application{}
	for _, g := range agreements {
		if !holds(g) {
			continue
		}
		f.Agreements = append(f.Agreements, g)
		p, err := applicationOf(tx, g)
		if err != nil {
			return f, err
		}
		f.Applications[g.Application] = p
	}
	if f.Certificates, err = store.Find[dars.Certificate](tx, dars.By("org", code)); err != nil {
		return f, err
	}
	if f.Audits, err = store.Find[dars.Audit](tx, dars.By("org", code)); err != nil {
		return f, err
	}
	if f.Sanctions, err = store.Find[dars.Sanction](tx, dars.By("org", code)); err != nil {
		return f, err
	}
	if f.Complaints, err = store.Find[dars.Complaint](tx, dars.By("org", code)); err != nil {
		return f, err
	}
	pages, err := store.Find[dars.Collection](tx, dars.By("org", code))
	f.Unusual = dars.UnusualDownloads(pages, o.Calendar.Day)
	return f, err
}

// A Reason is what speaks for an audit of an organisation now.
type Reason struct {
	Org     dars.OrgCode `json:"org"`
	Trigger string       `json:"trigger"` // of dars.AuditTriggers
	Why     string       `json:"why"`
}

// Reasons are what speaks for audits today, of organisations of which none is open.
func (o Audits) Reasons(ctx context.Context, a dars.Act) (all []Reason, err error) {
	all = []Reason{}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		if _, err := o.allowed(tx, a, "audit plan"); err != nil {
			return err
		}
		on := o.today(a)
		scores, err := o.scores(tx, yearOf(on), on)
		if err != nil {
			return err
		}
		slices.SortFunc(scores, func(a, b dars.RiskScore) int { return b.Score - a.Score })
		for _, s := range scores {
			open, err := store.Find[dars.Audit](tx, dars.By("org", s.Org))
			if err != nil {
				return err
			}
			if slices.ContainsFunc(open, func(u *dars.Audit) bool { return u.State != dars.AuditClosed }) {
				continue
			}
			for _, line := range s.Lines {
				if trigger := dars.TriggeredBy(line.Code); trigger != "" {
					all = append(all, Reason{s.Org, trigger, line.Why})
				}
			}
		}
		return nil
	})
	return all, err
}

// yearOf is the year of a day.
func yearOf(d dars.Day) int {
	year, _ := strconv.Atoi(string(d[:4]))
	return year
}
