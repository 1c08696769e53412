package office

import (
	"context"
	"fmt"
	"maps"
	"time"

	"darsd/dars"
	"darsd/store"
)

// A Forecast does the duties of days to come, by the same acts as the clock, in an
// office that is imagined: what it does is what the clock will do if nobody else acts.
//
// The clock looks at every noun on every day, so that nothing can be forgotten. Here
// that would take hours for a year, and is not needed: nothing happens but what the
// forecast does. So it notes for each noun when it is to be looked at next, which
// follows from the noun's own facts, and looks again at what an act has changed.
type Forecast struct {
	Clock
	steps *steps
	next  map[dars.Day]map[look]bool
}

// A look is at one noun, for one kind of duty.
type look struct {
	kind int // of duties
	ref  string
}

// Foresee imagines the office as it is, for do, and forgets it.
func (o Clock) Foresee(ctx context.Context, from time.Time, do func(*Forecast) error) error {
	return o.Store.Imagine(ctx, func(s *store.Store) error {
		imagined := *o.Office
		imagined.Store = s
		f := &Forecast{Clock: Clock{&imagined}, next: map[dars.Day]map[look]bool{}}
		if err := f.begin(ctx, o.Calendar.Day(from)); err != nil {
			return err
		}
		return do(f)
	})
}

// begin looks at every noun once.
func (f *Forecast) begin(ctx context.Context, on dars.Day) error {
	return f.Store.View(ctx, func(tx *store.Tx) (err error) {
		if f.steps, err = f.Clock.steps(tx); err != nil {
			return err
		}
		f.steps.known = map[dars.Deadline][]dars.Rung{}
		for i, k := range duties {
			nouns, err := k.all(tx)
			if err != nil {
				return fmt.Errorf("duties to %s: %w", k.step, err)
			}
			for _, n := range nouns {
				f.note(look{i, n.Card().Ref}, n, on, true)
			}
		}
		return nil
	})
}

// note notes when a noun is to be looked at: on the first day from one on of which
// its own facts say that it has a duty. What it has had before counts too, if it is
// still to be done.
func (f *Forecast) note(at look, n dars.Noun, from dars.Day, still bool) {
	var first dars.Day
	for _, c := range duties[at.kind].ahead(f.steps, n) {
		if (c.until == "" || c.until >= from) && (still || c.Due >= from) {
			first = dars.Earliest(first, max(c.Due, from))
		}
	}
	if first != "" {
		f.lookAt(first, at)
	}
}

func (f *Forecast) lookAt(on dars.Day, at look) {
	if f.next[on] == nil {
		f.next[on] = map[look]bool{}
	}
	f.next[on][at] = true
}

// Due lists the duties of a day as the clock's own Due does. Days are asked for in
// order.
func (f *Forecast) Due(ctx context.Context, due time.Time) (all []Duty, err error) {
	on := f.Calendar.Day(due)
	some := make([][]Duty, len(duties))
	err = f.Store.View(ctx, func(tx *store.Tx) error {
		looks := map[look]bool{} // each once, though several days name it
		for day, some := range f.next {
			if day <= on {
				maps.Copy(looks, some)
				delete(f.next, day)
			}
		}
		for at := range looks {
			has, err := f.look(tx, at, on)
			if err != nil {
				return fmt.Errorf("duties to %s: %w", duties[at.kind].step, err)
			}
			some[at.kind] = append(some[at.kind], has...)
		}
		return nil
	})
	for _, of := range some {
		all = append(all, inOrder(of)...)
	}
	return all, err
}

// look returns the duties of a noun on a day, and notes when to look again. A letter
// that has no point today has none later, unless somebody acts: agreements end by
// themselves, and do not come back. Only the next version of one may end before it
// begins.
func (f *Forecast) look(tx *store.Tx, at look, on dars.Day) ([]Duty, error) {
	k := duties[at.kind]
	n, err := k.one(tx, at.ref)
	if err != nil || n == nil {
		return nil, err
	}
	has, err := k.dueOf(f.Clock, tx, n, f.steps, on)
	_, ends := n.(*dars.Agreement)
	f.note(at, n, on.Add(1), ends && len(has) == 0)
	return has, err
}

// Do does a duty as the clock does. One that is refused is tried again the next day.
func (f *Forecast) Do(ctx context.Context, d Duty, due time.Time) (*Done, error) {
	done, err := f.Clock.Do(ctx, d, due)
	on := f.Calendar.Day(due)
	for i, k := range duties {
		if done == nil && k.step == d.Step {
			f.lookAt(on.Add(1), look{i, d.Ref})
		}
	}
	for _, c := range f.Store.Changed() {
		for i, k := range duties {
			if k.noun == c.Kind {
				f.lookAt(on, look{i, c.Ref})
			}
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
