package office

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Record keeps what came of the data under an agreement, as a recipient or a case
// officer for them tells it. The same again is the same report.
func (o Benefits) Record(ctx context.Context, a dars.Act, id dars.AgreementID, name string, text []byte, then ...func(*store.Tx, *dars.BenefitReport) error) (r *dars.BenefitReport, err error) {
	form, err := o.Works.Reader.Benefits(text)
	if err != nil {
		return nil, unreadable(Arrived{Name: name}, err)
	}
	err = o.do(ctx, a, "agreement benefits", func(tx *store.Tx, who *dars.Person) error {
		g, err := store.Get[dars.Agreement](tx, id)
		if err != nil {
			return err
		}
		if !slices.Contains(g.Recipients, who.ID) {
			if err := ownCase(who, g.Org, "agreement", string(id)); err != nil {
				return err
			}
		}
		stated, err := statedBenefits(tx, g)
		if err != nil {
			return err
		}
		if r, err = form.Report(a, g, stated, o.today(a)); err != nil {
			return err
		}
		if err := unreported(tx, r); err != nil {
			return err
		}
		ref, err := number(tx, "benefits", "BEN-")
		if err != nil {
			return err
		}
		r.ID = dars.BenefitID(ref)
		if err := keep(tx, a, "agreement benefits", r, then...); err != nil {
			return err
		}
		if err := o.accounts(tx, a, g.Stem); err != nil {
			return err
		}
		return write(tx, a, letter{Roles: []dars.Role{dars.CaseOfficer},
			Subject: fmt.Sprintf("%s: what came of the data is told in %s", g.ID, r.ID),
			Body:    fmt.Sprintf("Report %s tells of %d outputs and %d benefits of the data under agreement %s.\n\n    darsd agreement show %s\n", r.ID, len(r.Outputs), len(r.Benefits), g.ID, g.ID)})
	})
	return r, err
}

// unreported refuses a report that the newest of its case says already.
func unreported(tx *store.Tx, r *dars.BenefitReport) error {
	all, err := store.Find[dars.BenefitReport](tx, dars.By("case", r.Stem))
	if n := len(all); n > 0 && all[n-1].Same(r) {
		return dars.Refuse("known", all[n-1].ID, "that is what %s says already", all[n-1].ID)
	}
	return err
}

// statedBenefits are those that the application behind an agreement has stated.
func statedBenefits(tx *store.Tx, g *dars.Agreement) ([]dars.Target, error) {
	p, err := store.Get[dars.Application](tx, g.Application)
	if err != nil {
		return nil, err
	}
	return p.Form.Purpose.BenefitsDue, nil
}

// benefitsDue is what accounts of benefits an agreement owes, and the reports of its
// case.
func benefitsDue(tx *store.Tx, g *dars.Agreement) (due []dars.BenefitDue, reports []*dars.BenefitReport, err error) {
	if reports, err = store.Find[dars.BenefitReport](tx, dars.By("case", g.Stem)); err != nil {
		return nil, nil, err
	}
	applications, err := store.Find[dars.Application](tx, dars.By("case", g.Stem))
	if err != nil {
		return nil, nil, err
	}
	var stated []dars.Target
	major, renewed := 0, dars.Day("")
	for _, p := range applications {
		if p.ID() == g.Application {
			stated, major = p.Form.Purpose.BenefitsDue, p.Major
		}
	}
	for _, p := range applications {
		if p.Major > major && slices.Contains([]string{"renewal", "extension"}, p.Form.Kind) && (renewed == "" || p.Submitted < renewed) {
			renewed = p.Submitted
		}
	}
	versions, err := store.Find[dars.Agreement](tx, dars.By("case", g.Stem))
	if err != nil {
		return nil, nil, err
	}
	first := dars.Day("")
	for _, v := range versions {
		releases, err := store.Find[dars.Release](tx, dars.By("agreement", v.ID))
		if err != nil {
			return nil, nil, err
		}
		for _, r := range releases {
			if day := r.Given(); day != "" && (first == "" || day < first) {
				first = day
			}
		}
	}
	return g.BenefitsDue(versions, stated, first, renewed, reports), reports, nil
}

// accounts notes on the agreements of a case which accounts of benefits they owe and
// which were given, after something that it follows from: an agreement has begun, a
// release was published, a renewal came in, a report was recorded. The clock asks for
// them from these notes. It is the last thing that an act does: what the act holds of
// the agreements is then old.
func (o *Office) accounts(tx *store.Tx, a dars.Act, stem string) error {
	versions, err := store.Find[dars.Agreement](tx, dars.By("case", stem))
	if err != nil {
		return err
	}
	for _, g := range versions {
		if g.Accounts, _, err = benefitsDue(tx, g); err != nil {
			return err
		}
		dates, err := o.redated(tx, g)
		if err != nil {
			return err
		}
		if err := tx.Save(a, "agreement accounts", g); err != nil {
			return err
		}
		if len(dates) == 0 {
			continue
		}
		err = write(tx, a, letter{To: addressees(g), Dates: dates,
			Subject: fmt.Sprintf("%s: when you are asked what came of the data", g.ID),
			Body:    fmt.Sprintf("What was recorded of the benefits of the data under agreement %s changes the days by which we ask for more. What is still asked for:\n\n%s\n", g.ID, stillAsked(g))})
		if err != nil {
			return err
		}
	}
	return nil
}

// stillAsked lists the accounts that an agreement owes, each by its day.
func stillAsked(g *dars.Agreement) string {
	var lines []string
	for _, d := range g.Accounts {
		if d.Owed() {
			lines = append(lines, quoted("by "+d.Due.Long()+": "+oneLine(d.Words())))
		}
	}
	if len(lines) == 0 {
		return "    nothing"
	}
	return strings.Join(lines, "\n")
}

// Public is what the public is told of the benefits under an agreement.
func (o Desk) Public(ctx context.Context, g *dars.Agreement, on dars.Day) (dars.PublicBenefits, error) {
	due, reports, err := o.Benefits(ctx, g)
	return g.Public(due, reports, on), err
}

// Benefits are the accounts of benefits that an agreement owes or has given, and the
// reports of its case.
func (o Desk) Benefits(ctx context.Context, g *dars.Agreement) (due []dars.BenefitDue, reports []*dars.BenefitReport, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		due, reports, err = benefitsDue(tx, g)
		return err
	})
	return due, reports, err
}

// StatedBenefits are what the form to fill in for an agreement asks about.
func (o Desk) StatedBenefits(ctx context.Context, g *dars.Agreement) (stated []dars.Target, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		stated, err = statedBenefits(tx, g)
		return err
	})
	return stated, err
}

// benefits asks recipients for what is due.
func (l *waiting) benefits() error {
	if l.who.Inside() {
		return nil
	}
	all, err := store.Find[dars.Agreement](l.tx, dars.By("org", l.who.Org))
	if err != nil {
		return err
	}
	for _, g := range all {
		due, _, err := benefitsDue(l.tx, g)
		if err != nil {
			return err
		}
		for _, d := range due {
			if d.StateOn(l.on) == "due" {
				n := len(l.all)
				l.theirs(g.Org, "agreement", string(g.ID), "say "+oneLine(d.Words())+fmt.Sprintf("; darsd agreement benefits %s --template is the form", g.ID), d.Due, d.Due)
				l.dated(n, g, dars.LadderBenefits, d.Item())
			}
		}
	}
	return nil
}

// takeBenefits takes in a form from submit/.
func (o Intake) takeBenefits(ctx context.Context, a dars.Act, in Arrived, ref string, text []byte, v *dars.Verdict, keep func(*store.Tx) error) error {
	id, err := Desk(o).Agreement(ctx, a.Who, ref)
	if err != nil {
		return err
	}
	_, err = Benefits(o).Record(ctx, a, id, in.Name, text, func(tx *store.Tx, r *dars.BenefitReport) error {
		v.Verdict, v.Ref, v.Reason = dars.VerdictAccepted, string(r.ID), "what came of the data is recorded as "+string(r.ID)
		return keep(tx)
	})
	return err
}
