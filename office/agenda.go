package office

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"darsd/dars"
	"darsd/store"
)

// An Agenda is the clock with notes of when each noun is to be looked at next, so that a
// day costs what is due on it and not what there is. It looks at every noun once, when
// it is first asked; after that at those whose day has come, and at those that somebody
// has changed: the log says which. Notes are never kept: whoever begins anew looks at
// everything again.
type Agenda struct {
	Clock
	notes   notes
	head    int64             // of the log, as far as the notes know it
	day     dars.Day          // that was last asked for
	refused map[Duty]dars.Day // for that day: it is tried again on the next
}

// Due lists the duties of a day, in the order in which they are to be done. Nouns that
// cannot be read have none, and are the error beside those of all others.
func (o *Agenda) Due(ctx context.Context, due time.Time) (all []Duty, err error) {
	on := o.Calendar.Day(due)
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		if err := o.catchUp(tx, on); err != nil {
			return err
		}
		all, err = o.notes.due(o.Clock, tx, on, o.again)
		return err
	})
	left := all[:0]
	for _, d := range all {
		if o.refused[d] != on {
			left = append(left, d)
		}
	}
	return left, err
}

// again notes when a noun is looked at next. What is due stays on the page until it is
// done. What is idle because of others' facts is looked at every day: these may change.
func (o *Agenda) again(at look, ahead []coming, has []Duty, on dars.Day) {
	if len(has) > 0 {
		o.notes.lookAt(on, at)
		return
	}
	o.notes.note(at, ahead, on.Add(1), true)
}

// Do does one duty, as the clock does. One that is refused is tried again the next day.
func (o *Agenda) Do(ctx context.Context, d Duty, due time.Time) (*Done, error) {
	done, err := o.Clock.Do(ctx, d, due)
	if done == nil && err == nil {
		o.refused[d] = o.Calendar.Day(due)
	}
	return done, err
}

// catchUp notes what has changed since it was last asked. It begins anew where the days
// of service have changed, on which all steps depend, or where the day is an earlier one.
func (o *Agenda) catchUp(tx *store.Tx, on dars.Day) error {
	head, err := tx.Head()
	if err != nil {
		return err
	}
	var changed []dars.Card
	anew := o.notes.next == nil || on < o.day
	if !anew && head != o.head {
		if changed, err = tx.ChangedSince(o.head); err != nil {
			return err
		}
	}
	for _, c := range changed {
		anew = anew || c.Kind == (&dars.Holiday{}).Card().Kind
	}
	if anew {
		err = o.notes.begin(o.Clock, tx, on)
	}
	if anew || on != o.day {
		o.notes.steps.known, o.refused = map[dars.Deadline][]dars.Rung{}, map[Duty]dars.Day{}
	}
	if !anew {
		for _, c := range changed {
			o.notes.changed(c.Kind, c.Ref, "", on)
		}
	}
	o.head, o.day = head, on
	return err
}

// notes say on which day which nouns are to be looked at.
type notes struct {
	steps *steps
	next  map[dars.Day][]look // some perhaps twice
}

// A look is at one noun, for one kind of duty.
type look struct {
	kind int // of duties
	ref  string
}

// begin looks at every noun once.
func (s *notes) begin(o Clock, tx *store.Tx, on dars.Day) (err error) {
	s.next = map[dars.Day][]look{}
	if s.steps, err = o.steps(tx); err != nil {
		return err
	}
	s.steps.known = map[dars.Deadline][]dars.Rung{}
	for at, kinds := range lookedAt() {
		first := duties[kinds[0]]
		err := first.each(tx, at.state, func(n dars.Noun) {
			ref := n.Card().Ref
			for _, kind := range kinds {
				s.note(look{kind, ref}, duties[kind].ahead(s.steps, n), on, true)
			}
		})
		var odd *store.Unreadable
		if errors.As(err, &odd) {
			for _, ref := range odd.Refs {
				s.lookAt(on, look{kinds[0], ref})
			}
		} else if err != nil {
			return fmt.Errorf("duties to %s: %w", first.step, err)
		}
	}
	return nil
}

// A shelf is the nouns of a kind in one state.
type shelf struct{ noun, state string }

// lookedAt says of what lies on each shelf which kinds of duty may be due: each noun is
// read once for all of them.
func lookedAt() map[shelf][]int {
	kinds := map[shelf][]int{}
	for i, k := range duties {
		for _, state := range k.states {
			kinds[shelf{k.noun, state}] = append(kinds[shelf{k.noun, state}], i)
		}
	}
	return kinds
}

// note notes when a noun is to be looked at: on the first day from one on of which
// its own facts say that it has a duty. What it has had before counts too, if it is
// still to be done.
func (s *notes) note(at look, ahead []coming, from dars.Day, still bool) {
	var first dars.Day
	for _, c := range ahead {
		if (c.until == "" || c.until >= from) && (still || c.Due >= from) {
			first = dars.Earliest(first, max(c.Due, from))
		}
	}
	if first != "" {
		s.lookAt(first, at)
	}
}

func (s *notes) lookAt(on dars.Day, at look) {
	s.next[on] = append(s.next[on], at)
}

// changed has a noun that was saved looked at on a day, for what it can have in its state;
// "" if that is not known.
func (s *notes) changed(kind, ref, state string, on dars.Day) {
	for i, k := range duties {
		if k.noun == kind && (state == "" || slices.Contains(k.states, state)) {
			s.lookAt(on, look{i, ref})
		}
	}
}

// due looks at the nouns whose day has come, and lists their duties in the order in
// which they are to be done. again then notes when each is looked at next. One that
// cannot be read, or rests on one, is looked at again every day, and is an error that
// holds up no other.
func (s *notes) due(o Clock, tx *store.Tx, on dars.Day, again func(at look, ahead []coming, has []Duty, on dars.Day)) (all []Duty, err error) {
	var looks []look
	for day, some := range s.next {
		if day <= on {
			looks = append(looks, some...)
			delete(s.next, day)
		}
	}
	slices.SortFunc(looks, func(a, b look) int { return cmp.Or(cmp.Compare(a.kind, b.kind), strings.Compare(a.ref, b.ref)) })
	some := make([][]Duty, len(duties))
	var unread []error
	for _, at := range slices.Compact(looks) {
		k := duties[at.kind]
		n, ahead, has, err := k.look(o, tx, s.steps, at.ref, on)
		var odd *store.Unreadable
		if errors.As(err, &odd) {
			unread = append(unread, fmt.Errorf("duties to %s of %s %s: %w", k.step, k.noun, at.ref, err))
			s.lookAt(on, at)
		} else if err != nil {
			return nil, fmt.Errorf("duties to %s: %w", k.step, err)
		} else if n != nil {
			again(at, ahead, has, on)
			some[at.kind] = append(some[at.kind], has...)
		}
	}
	for _, of := range some {
		all = append(all, inOrder(of)...)
	}
	return all, errors.Join(unread...)
}

// look is at one noun: what is ahead of it, and what of that is due. There is no noun if
// it has left the states in which there may be something.
func (k dutyKind) look(o Clock, tx *store.Tx, s *steps, ref string, on dars.Day) (n dars.Noun, ahead []coming, has []Duty, err error) {
	if n, err = k.one(tx, ref); n == nil || err != nil {
		return nil, nil, nil, err
	}
	ahead = k.ahead(s, n)
	has, err = k.dueOf(o, tx, n, ref, ahead, on)
	return n, ahead, has, err
}
