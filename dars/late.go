package dars

import (
	"slices"
	"time"
)

// Late is what newer objections lists have come to for a release that was published
// before them. Each is tried on it by packaging it dry; it falls under one if a row
// that was let out would now be withheld. Objections that were taken back change
// nothing.
type Late struct {
	Tried  int       `json:"tried"`            // the newest version that was tried on it
	Trying int       `json:"trying,omitempty"` // the version that is to be tried: until that is done nobody collects it
	State  LateState `json:"state"`
	Cause  LateCause `json:"cause,omitempty"` // why it counts as fallen, the last time
	Obstacle
	Rows    int64     `json:"rows"`              // that would now be withheld: for the office alone, since a small number tells of somebody
	Since   time.Time `json:"since,omitzero"`    // of State
	Lists   []int     `json:"lists"`             // the versions that it fell under and of which nobody has decided yet
	Passed  []int     `json:"passed"`            // those that an officer has let pass: their objections came after
	Untried []int     `json:"untried,omitempty"` // the versions that could not be tried, and of which nobody has decided yet
	Excused []int     `json:"excused,omitempty"` // those that an officer has let pass: whom they fell nobody knows
	Known   *Obstacle `json:"known,omitempty"`   // what an officer has let pass last, and is not asked of again
	Decided PersonID  `json:"decided_by,omitempty"`
	Reason  string    `json:"reason,omitempty"` // theirs

	Certificate CertificateID `json:"certificate,omitempty"` // that accounts for what was sent
	RebuiltAs   ReleaseID     `json:"rebuilt_as,omitempty"`
}

// An Obstacle is why a list could not be tried on a release, for the office alone,
// and what was read in place of what the release was made from.
type Obstacle struct {
	Why  string   `json:"why,omitempty"`
	Seen []Source `json:"seen,omitempty"`
}

func (o Obstacle) is(other Obstacle) bool {
	return o.Why == other.Why && slices.Equal(o.Seen, other.Seen)
}

// A LateState is where a release stands with objections that came late.
type LateState string

const (
	Untouched  LateState = "untouched" // it fell under none
	Frozen     LateState = "frozen"    // some of it was sent: nobody collects it until an officer has decided
	Resumed    LateState = "resumed"   // the objection came after: it is finished
	CalledBack LateState = "withdrawn" // and made again, once what was sent is accounted for
)

// LateLife is every step of a release under objections that come late. Beside it,
// a release is held from when a list is owed a trial on it until that is done.
//
//	tried ──▶ frozen ──▶ resumed ──▶ frozen, by a later list
//	  │          └──▶ withdrawn
//	  └──▶ withdrawn: nothing of it was sent
var LateLife = Life[LateState]{
	Untouched: {Frozen, CalledBack},
	Frozen:    {Frozen, Resumed, CalledBack},
	Resumed:   {Frozen, CalledBack},
}

// A LateCause is why a release counts as fallen under a list.
type LateCause string

const (
	RowsFall      LateCause = "rows"           // rows of it would now be withheld
	SourceChanged LateCause = "source-changed" // its source is gone or is another: nobody can tell
	TrialFailed   LateCause = "trial-failed"   // the program could not tell
)

// A Fall is what a trial has found. The zero value is none.
type Fall struct {
	Cause LateCause
	Rows  int64
	Obstacle
}

// A Rebuild is why a release was planned by the program: another was withdrawn.
type Rebuild struct {
	Of      ReleaseID `json:"of"`
	Because string    `json:"because"`
}

// IsFrozen reports whether nobody may collect it until an officer has decided.
func (r *Release) IsFrozen() bool { return r.Late != nil && r.Late.State == Frozen }

// IsTrying reports whether it is held because a list is to be tried on it: what
// leaves meanwhile could not be brought back.
func (r *Release) IsTrying() bool {
	return r.Late != nil && r.Late.Trying > 0 && is(r.State, Published, Collected)
}

// Objected reports whether people in it are known to have objected, and not merely
// that nobody could tell.
func (l *Late) Objected() bool { return len(l.Lists) > 0 }

// Triable reports whether a list is to be tried on it: it can be collected or will
// be again, objections were upheld in it, and this list is newer than any that it
// was made with or tried on.
func (r *Release) Triable(l *List) bool {
	return is(r.State, Published, Collected) && r.Rules().Tried && r.Objections.Treatment == "upheld" &&
		l.Usable && l.Version > r.Objections.ListVersion && l.Version > r.late().Tried
}

// Hold keeps everybody from it until a list has been tried on it.
func (r *Release) Hold(l *List) {
	late := r.late()
	late.Trying, r.Late = l.Version, &late
}

// Unchanged refuses where a source counted again, with the list that a release was
// made with, is not what the release was made from, or does not give what it gave.
// Nobody can then tell which rows left.
func (r *Release) Unchanged(again Package) error {
	if other := changed(r.Sources, again.Sources); other != "" {
		return Refuse("source-changed", r.ID, "release %s: its source is not the one it was made from: %s", r.ID, other)
	}
	same := r.Counts.rows() == again.Counts.rows() && slices.EqualFunc(again.Files, r.Files, func(a, b ReleaseFile) bool {
		return a.ID == b.ID && a.Period == b.Period && a.Rows == b.Rows
	})
	if same {
		return nil
	}
	return Refuse("source-changed", r.ID, "release %s: its source or the catalogue is not the one it was made with: counted again with the same list, %d of %d rows would leave, and %d of %d did",
		r.ID, again.Counts.RowsOut, again.Counts.RowsIn, r.Counts.RowsOut, r.Counts.RowsIn)
}

// rows are the counts that say which rows left. Others may be added to what is
// counted, and a release that was made before has none of them.
func (c ReleaseCounts) rows() [6]int64 {
	return [...]int64{c.RowsIn, c.RowsOutside, c.RowsWithheld, c.RowsUnmatched, c.RowsOut, c.PersonsWithheld}
}

// Try takes in what a trial on a list has found, and lets go of what was held for
// it. sent says whether a byte of it has left for anybody: what nobody has is
// withdrawn at once, what somebody has is a person's to decide. So is what the
// program merely failed to find out.
func (r *Release) Try(a Act, l *List, f Fall, sent bool) error {
	if !r.Triable(l) {
		return Refuse("not-triable", r.ID, "release %s is %s, and objections list version %d is not to be tried on it", r.ID, r.State, l.Version)
	}
	late := r.late()
	late.Tried, late.Trying = l.Version, 0
	switch {
	case f.Cause == "":
		r.Late = &late
		return nil
	case f.Cause == SourceChanged && late.Known != nil && late.Known.is(f.Obstacle):
		late.Excused = append(late.Excused, l.Version)
		r.Late = &late
		return nil
	}
	to := Frozen
	if !sent && late.State != Frozen && f.Cause != TrialFailed {
		to = CalledBack
	}
	if err := late.step(r, a, to); err != nil {
		return err
	}
	if f.Cause == RowsFall {
		late.Lists = append(late.Lists, l.Version)
	} else {
		late.Untried = append(late.Untried, l.Version)
	}
	late.Cause, late.Rows, late.Obstacle = f.Cause, f.Rows, f.Obstacle
	late.Decided, late.Reason = "", ""
	if to == CalledBack {
		if err := r.step(ReleaseWithdrawn); err != nil {
			return err
		}
	}
	r.Late = &late
	return nil
}

// Resume is an officer's decision that a frozen release is finished: the objections
// came after it. Nobody decides so who had a hand in it. newest is the newest list
// that can be used: one that was not tried yet may say more.
func (r *Release) Resume(a Act, newest *List) error {
	switch {
	case !r.IsFrozen():
		return Refuse("not-frozen", r.ID, "release %s is %s, and is not frozen", r.ID, r.State)
	case a.Why == "":
		return Refuse("no-reason", r.ID, "release %s: say with --reason why it may be finished although %s", r.ID, r.Late.although())
	case r.Hands.Has(a.Who) || r.Hands.Has(a.For):
		return Refuse("same-person", r.ID, "release %s: %s had a hand in it, and somebody else decides whether it is finished", r.ID, a.Who)
	case r.Triable(newest):
		return Refuse("not-tried", r.ID, "release %s: objections list version %d is being tried on it; decide when that is done", r.ID, newest.Version)
	}
	late := r.late()
	if err := late.step(r, a, Resumed); err != nil {
		return err
	}
	if late.Cause == SourceChanged {
		known := late.Obstacle
		late.Known = &known
	}
	late.Passed, late.Lists = append(late.Passed, late.Lists...), []int{}
	late.Excused, late.Untried = append(late.Excused, late.Untried...), nil
	late.Decided, late.Reason = a.Who, a.Why
	r.Late = &late
	return nil
}

func (l *Late) although() string {
	if l.Objected() {
		return "people in it object"
	}
	return "nobody can tell whether people in it object"
}

// decideAgainst is an officer's decision that a frozen release is taken back.
func (r *Release) decideAgainst(a Act) error {
	late := r.late()
	if err := late.step(r, a, CalledBack); err != nil {
		return err
	}
	late.Decided, late.Reason = a.Who, a.Why
	r.Late = &late
	return nil
}

// Certify notes which certificate accounts for what was sent of it.
func (r *Release) Certify(c CertificateID) {
	late := r.late()
	late.Certificate, r.Late = c, &late
}

// RebuildAs notes by which release it was made again.
func (r *Release) RebuildAs(n ReleaseID) {
	late := r.late()
	late.RebuiltAs, r.Late = n, &late
}

// late is a copy to change.
func (r *Release) late() Late {
	if r.Late == nil {
		return Late{State: Untouched, Lists: []int{}, Passed: []int{}}
	}
	late := *r.Late
	late.Lists, late.Passed = append([]int{}, late.Lists...), append([]int{}, late.Passed...)
	late.Untried, late.Excused = slices.Clone(late.Untried), slices.Clone(late.Excused)
	return late
}

// step moves it on. What is frozen again is frozen since the first time.
func (l *Late) step(r *Release, a Act, to LateState) error {
	next, err := LateLife.Step(r, l.State, to)
	if err != nil {
		return err
	}
	if l.State != next {
		l.State, l.Since = next, a.At.UTC()
	}
	return nil
}
