package office

import (
	"context"
	"encoding/json"
	"fmt"

	"darsd/dars"
	"darsd/store"
)

// Figures answers a question of compliance as at the end of a day, from the log: made
// today for a day in March it says what it said in March. It goes into reports/, as a
// spreadsheet and for programs.
func (o Desk) Figures(ctx context.Context, a dars.Act, kind string, on dars.Day) (f dars.Figures, err error) {
	if on > o.today(a) {
		return f, dars.Refuse("in-future", kind, "%s has not been yet", on)
	}
	var seq int64
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		if _, err := o.allowed(tx, a, "report run"); err != nil {
			return err
		}
		if seq, err = tx.Before(o.Calendar.End(on)); err != nil {
			return err
		}
		s, err := o.stoodAt(tx, seq, on)
		if err == nil {
			f, err = s.Figures(kind)
		}
		if err != nil {
			return err
		}
		head, err := tx.TreeAt(seq)
		f.Log = dars.LogHead{Events: head.N, Hash: head.Hash.String()}
		return err
	})
	if err == nil && kind == "service-levels" {
		f, err = o.levels(ctx, f, o.today(a))
	}
	if err != nil {
		return f, err
	}
	return f, o.printFigures(f)
}

// levels fills in the figures of the dashboard of that day.
func (o Desk) levels(ctx context.Context, f dars.Figures, today dars.Day) (dars.Figures, error) {
	d, err := Public(o).Dashboard(ctx, f.AsAt, today, nil)
	if err != nil {
		return f, err
	}
	now, err := dars.Moment{On: f.AsAt, Levels: d.Levels}.Figures(f.Kind)
	now.Log = f.Log
	return now, err
}

// stoodAt is what the log had after an event.
func (o Desk) stoodAt(tx *store.Tx, seq int64, on dars.Day) (s dars.Moment, err error) {
	s.On, s.Day = on, func(g *dars.GlassBroken) dars.Day { return o.Calendar.Day(g.At) }
	for _, read := range []func() error{
		func() (err error) { s.Organisations, err = store.AsOf[dars.Organisation](tx, seq); return err },
		func() (err error) { s.Agreements, err = store.AsOf[dars.Agreement](tx, seq); return err },
		func() (err error) { s.Certificates, err = store.AsOf[dars.Certificate](tx, seq); return err },
		func() (err error) { s.Releases, err = store.AsOf[dars.Release](tx, seq); return err },
		func() (err error) { s.Collections, err = store.AsOf[dars.Collection](tx, seq); return err },
		func() (err error) { s.Audits, err = store.AsOf[dars.Audit](tx, seq); return err },
		func() (err error) { s.Glass, err = store.AsOf[dars.GlassBroken](tx, seq); return err },
		func() (err error) { s.Recalls, err = store.AsOf[dars.Recall](tx, seq); return err },
		func() (err error) { s.Notices, err = store.AsOf[dars.RecallNotice](tx, seq); return err },
	} {
		if err := read(); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (o Desk) printFigures(f dars.Figures) error {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	sheets, err := o.Works.Papers.FigureSheets(f)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s-as-at-%s", f.Kind, f.AsAt)
	if err := o.Works.Reports(name+".json", append(text, '\n')); err != nil {
		return err
	}
	return o.Works.Reports(name+".xlsx", sheets)
}
