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
	Tried   int       `json:"tried"` // the newest version that was tried on it
	State   LateState `json:"state"`
	Lists   []int     `json:"lists"`           // the versions that it fell under and of which nobody has decided yet
	Cause   LateCause `json:"cause,omitempty"` // why it counts as fallen, the last time
	Why     string    `json:"why,omitempty"`   // where it could not be tried: for the office alone
	Rows    int64     `json:"rows"`            // that would now be withheld: for the office alone, since a small number tells of somebody
	Since   time.Time `json:"since,omitzero"`  // of State
	Passed  []int     `json:"passed"`          // the versions that an officer has let pass: their objections came after
	Decided PersonID  `json:"decided_by,omitempty"`
	Reason  string    `json:"reason,omitempty"` // theirs

	Certificate CertificateID `json:"certificate,omitempty"` // that accounts for what was sent
	RebuiltAs   ReleaseID     `json:"rebuilt_as,omitempty"`
}

// A LateState is where a release stands with objections that came late.
type LateState string

const (
	Untouched  LateState = "untouched" // it fell under none
	Frozen     LateState = "frozen"    // some of it was sent: nobody collects it until an officer has decided
	Resumed    LateState = "resumed"   // the objection came after: it is finished
	CalledBack LateState = "withdrawn" // and made again, once what was sent is accounted for
)

// LateLife is every step of a release under objections that come late:
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
	Why   string
}

// A Rebuild is why a release was planned by the program: another was withdrawn.
type Rebuild struct {
	Of      ReleaseID `json:"of"`
	Because string    `json:"because"`
}

// IsFrozen reports whether nobody may collect it until an officer has decided.
func (r *Release) IsFrozen() bool { return r.Late != nil && r.Late.State == Frozen }

// Triable reports whether a list is to be tried on it: it can be collected or will
// be again, objections were upheld in it, and this list is newer than any that it
// was made with or tried on.
func (r *Release) Triable(l *List) bool {
	return is(r.State, Published, Collected) && r.Objections.Treatment == "upheld" &&
		l.Usable && l.Version > r.Objections.ListVersion && l.Version > r.late().Tried
}

// Unchanged refuses where a source counted again, with the list that a release was
// made with, does not give what the release was made from. Nobody can then tell
// which rows left.
func (r *Release) Unchanged(again Package) error {
	same := again.Counts == r.Counts && slices.EqualFunc(again.Files, r.Files, func(a, b ReleaseFile) bool {
		return a.ID == b.ID && a.Period == b.Period && a.Rows == b.Rows
	})
	if same {
		return nil
	}
	return Refuse("source-changed", r.ID, "release %s: its source is not the one it was made from: counted again with the same list, its rows are others", r.ID)
}

// Try takes in what a trial on a list has found. sent says whether a byte of it has
// left for anybody: what nobody has is withdrawn at once, what somebody has is a
// person's to decide. So is what the program merely failed to find out.
func (r *Release) Try(a Act, l *List, f Fall, sent bool) error {
	if !r.Triable(l) {
		return Refuse("not-triable", r.ID, "release %s is %s, and objections list version %d is not to be tried on it", r.ID, r.State, l.Version)
	}
	late := r.late()
	late.Tried = l.Version
	if f.Cause == "" {
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
	late.Lists, late.Cause, late.Rows, late.Why = append(late.Lists, l.Version), f.Cause, f.Rows, f.Why
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
		return Refuse("no-reason", r.ID, "release %s: say with --reason why it may be finished although people in it object", r.ID)
	case slices.ContainsFunc(r.Hands, func(h Hand) bool { return h.By == a.Who }):
		return Refuse("same-person", r.ID, "release %s: %s had a hand in it, and somebody else decides whether it is finished", r.ID, a.Who)
	case r.Triable(newest):
		return Refuse("not-tried", r.ID, "release %s: objections list version %d is being tried on it; decide when that is done", r.ID, newest.Version)
	}
	late := r.late()
	if err := late.step(r, a, Resumed); err != nil {
		return err
	}
	late.Passed, late.Lists = append(late.Passed, late.Lists...), []int{}
	late.Decided, late.Reason = a.Who, a.Why
	r.Late = &late
	return nil
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
