package office

import (
	"context"
	"time"

	"darsd/dars"
	"darsd/store"
)

// A Forecast does the duties of days to come, by the same acts as the clock, in an
// office that is imagined: what it does is what the clock will do if nobody else acts.
// It keeps the same notes as an [Agenda]; what an act has changed it hears from the
// imagined office.
type Forecast struct {
	Clock
	notes notes
}

// Foresee imagines the office as it is, for do, and forgets it.
func (o Clock) Foresee(ctx context.Context, from time.Time, do func(*Forecast) error) error {
	return o.Store.Imagine(ctx, func(s *store.Store) error {
		imagined := *o.Office
		imagined.Store, imagined.Works.Refused = s, nil
		f := &Forecast{Clock: Clock{&imagined}}
		err := s.View(ctx, func(tx *store.Tx) error { return f.notes.begin(f.Clock, tx, o.Calendar.Day(from)) })
		if err != nil {
			return err
		}
		return do(f)
	})
}

// Due lists the duties of a day as the clock's own Due does. Days are asked for in
// order.
func (f *Forecast) Due(ctx context.Context, due time.Time) (all []Duty, err error) {
	err = f.Store.View(ctx, func(tx *store.Tx) error {
		all, err = f.notes.due(f.Clock, tx, f.Calendar.Day(due), f.again)
		return err
	})
	return all, err
}

// again notes when to look at a noun again. What has no point today has mostly none
// later, since nobody acts: agreements end by themselves and do not come back, and nobody
// agrees to pay.
func (f *Forecast) again(at look, ahead []coming, has []Duty, on dars.Day) {
	f.notes.note(at, ahead, on.Add(1), duties[at.kind].wakes && len(has) == 0)
}

// Do does a duty as the clock does. One that is refused is tried again the next day. A
// letter of a ladder changes nothing of its noun but which steps were taken, and when the
// next one comes was noted as this one was found.
func (f *Forecast) Do(ctx context.Context, d Duty, due time.Time) (*Done, error) {
	done, err := f.Clock.Do(ctx, d, due)
	on := f.Calendar.Day(due)
	if done == nil {
		f.notes.changed(d.Kind, d.Ref, "", on.Add(1))
	}
	for _, c := range f.Store.Changed() {
		if d.Ladder == "" || c.Kind != d.Kind || c.Ref != d.Ref {
			f.notes.changed(c.Kind, c.Ref, c.State, on)
		}
	}
	return done, err
}

// Digest does nothing: which letters go together is no act.
func (f *Forecast) Digest(context.Context, time.Time, func(time.Time) bool) error { return nil }

// Report makes the compliance report of a day, without what stands in it.
func (f *Forecast) Report(ctx context.Context, a dars.Act) (id dars.ReportID, made bool, err error) {
	return f.report(ctx, a, func(*store.Tx, dars.Day, dars.Day) (dars.ReportFacts, error) { return dars.ReportFacts{}, nil })
}
