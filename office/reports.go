package office

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"darsd/dars"
	"darsd/store"
)

// Report makes the compliance report of a day, once: who holds what and until
// when, what is overdue, what is being audited, and what was released and loaded
// since the report before.
func (o Clock) Report(ctx context.Context, a dars.Act) (id dars.ReportID, made bool, err error) {
	return o.report(ctx, a, o.facts)
}

func (o Clock) report(ctx context.Context, a dars.Act, facts func(tx *store.Tx, from, on dars.Day) (dars.ReportFacts, error)) (id dars.ReportID, made bool, err error) {
	on := o.today(a)
	err = o.do(ctx, a, "report run", func(tx *store.Tx, _ *dars.Person) error {
		before, err := store.Find[dars.Report](tx, dars.By("name", "compliance"))
		if err != nil {
			return err
		}
		r := &dars.Report{Name: "compliance", Due: on, From: on.AddMonths(-1)}
		if n := len(before); n > 0 {
			if before[n-1].Due >= on {
				id = before[n-1].ID
				return nil
			}
			r.From = before[n-1].Due
		}
		ref, err := number(tx, "report", "RPT-")
		if err != nil {
			return err
		}
		r.ID, id, made = dars.ReportID(ref), dars.ReportID(ref), true
		if r.Facts, err = facts(tx, r.From, on); err != nil {
			return err
		}
		if err := tx.Save(a, "report run", r); err != nil {
			return err
		}
		if err := tx.Owe(oweRep, r.ID); err != nil {
			return err
		}
		return write(tx, a, letter{Routine: "report run", Roles: []dars.Role{dars.Compliance},
			Subject: fmt.Sprintf("%s: compliance report of %s", r.ID, on.Long()),
			Body:    fmt.Sprintf("The compliance report %s lies under reports/ in the data directory: agreements that hold data or may: %d; certificates outstanding: %d; audits open: %d.\n", r.ID, len(r.Facts.Agreements), len(r.Facts.Certificates), len(r.Facts.Audits))})
	})
	return id, made, err
}

// Reported returns the end of the day of the last compliance report, or the
// end of the office's first day: what is due after it has not been made.
func (o Clock) Reported(ctx context.Context) (at time.Time, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		all, err := store.Find[dars.Report](tx, dars.By("name", "compliance"))
		if err != nil {
			return err
		}
		if n := len(all); n > 0 {
			at = o.Calendar.End(all[n-1].Due)
			return nil
		}
		at, err = o.founded(tx)
		return err
	})
	return at, err
}

func (o Clock) facts(tx *store.Tx, from, on dars.Day) (f dars.ReportFacts, err error) {
	f = dars.ReportFacts{Agreements: []dars.HeldLine{}, Certificates: []dars.CertificateLine{}, Audits: []dars.AuditLine{}, Frozen: []dars.FrozenLine{}, Releases: []dars.ReleaseLine{}, Lists: []dars.ListLine{}, Glass: []dars.GlassLine{}}
	held, err := store.Find[dars.Agreement](tx)
	if err != nil {
		return f, err
	}
	for _, g := range held {
		if g.State != dars.InForce && g.State != dars.DeletionDue {
			continue
		}
		org, err := store.Get[dars.Organisation](tx, g.Org)
		if err != nil {
			return f, err
		}
		sent, err := o.sentUnder(tx, g)
		if err != nil {
			return f, err
		}
		line := dars.HeldLine{Agreement: g.ID, Org: g.Org, OrgName: org.Name, End: g.End, State: g.State, Files: len(sent)}
		for _, d := range g.Datasets {
			line.Datasets = append(line.Datasets, d.Code)
		}
		f.Agreements = append(f.Agreements, line)
	}
	certs, err := store.Find[dars.Certificate](tx)
	if err != nil {
		return f, err
	}
	for _, c := range certs {
		if c.State != dars.CertAccepted {
			f.Certificates = append(f.Certificates, dars.CertificateLine{Certificate: c.ID, Agreement: c.Agreement, Org: c.Org, Due: c.Due, State: c.State, DaysOver: max(0, on.Since(c.Due))})
		}
	}
	audits, err := store.Find[dars.Audit](tx)
	if err != nil {
		return f, err
	}
	for _, u := range audits {
		if u.State != dars.AuditClosed {
			f.Audits = append(f.Audits, dars.AuditLine{Audit: u.ID, Org: u.Org, Agreement: u.Agreement, Trigger: u.Trigger, Triggered: u.Triggered, State: u.State})
		}
	}
	releases, err := store.Find[dars.Release](tx)
	if err != nil {
		return f, err
	}
	for _, r := range releases {
		if r.IsFrozen() {
			f.Frozen = append(f.Frozen, dars.FrozenLine{Release: r.ID, Agreement: r.Agreement, Since: o.Calendar.Day(r.Late.Since), Objected: r.Late.Objected(), List: r.Late.Tried})
		}
		if day := r.Given(); day != "" && from <= day && day <= on {
			despite, err := despite(tx, r)
			if err != nil {
				return f, err
			}
			f.Releases = append(f.Releases, dars.ReleaseLine{Despite: despite, Release: r.ID, Agreement: r.Agreement, Dataset: r.Dataset, Periods: r.Periods, Published: day, State: r.State, Treatment: r.Treated(), Reason: reasonNot(r), List: r.Objections.List})
		}
	}
	glass, err := store.Find[dars.GlassBroken](tx)
	if err != nil {
		return f, err
	}
	for _, g := range glass {
		if day := o.Calendar.Day(g.At); from <= day && day <= on {
			f.Glass = append(f.Glass, dars.GlassLine{ID: g.ID, Act: g.Act, Person: g.Person, Reason: g.Reason, On: day})
		}
	}
	if f.Imported, err = o.imported(tx); err != nil {
		return f, err
	}
	lists, err := store.Find[dars.List](tx)
	for _, l := range lists {
		if from <= l.LoadedOn && l.LoadedOn <= on {
			f.Lists = append(f.Lists, dars.ListLine{Version: l.Version, AsAt: l.AsAt, Numbers: l.Numbers, Invalid: l.InvalidN, Usable: l.Usable})
		}
	}
	return f, err
}

// print puts a report that is owed where compliance looks: as a paper, as a
// spreadsheet, and for programs.
func (o *Office) print(ctx context.Context, id dars.ReportID) error {
	var r *dars.Report
	err := o.Store.View(ctx, func(tx *store.Tx) (err error) {
		r, err = store.Get[dars.Report](tx, id)
		return err
	})
	if err != nil {
		return err
	}
	for _, form := range []struct {
		ending string
		write  func(*dars.Report) ([]byte, error)
	}{
		{"pdf", o.Works.Papers.ComplianceReport}, {"xlsx", o.Works.Papers.ComplianceSheets}, {"json", asJSON},
	} {
		name := fmt.Sprintf("%s-compliance-%s.%s", r.ID, r.Due, form.ending)
		content, err := form.write(r)
		if err == nil && form.ending == "pdf" { // that it lies there proves nothing: the log says which it is
			err = o.file(ctx, dars.Act{Who: dars.ByClock, Via: dars.Clock}, dars.Paper{Kind: "report", About: string(r.ID), Name: name, Day: r.Due, Vault: "papers/" + name}, content)
		}
		if err == nil {
			err = o.Works.Reports(name, content)
		}
		if err != nil {
			return fmt.Errorf("%s as %s: %w", r.ID, form.ending, err)
		}
	}
	return nil
}

func asJSON(r *dars.Report) ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	return append(text, '\n'), err
}
