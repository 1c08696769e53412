package dars

import "fmt"

// A List is one version of the list of people who object to their data being
// used beyond their own care. A newer one replaces it whole.
type List struct {
	ID        ListID    `json:"id"`
	Version   int       `json:"version"`
	AsAt      Day       `json:"as_at"`
	LoadedOn  Day       `json:"loaded_at"`
	SHA256    string    `json:"sha256"` // of the file as it came
	Numbers   int       `json:"numbers"`
	Invalid   []BadLine `json:"invalid"` // the first thousand
	InvalidN  int       `json:"invalid_count"`
	LoadedBy  PersonID  `json:"loaded_by"`
	LoadedFor PersonID  `json:"loaded_for,omitempty"` // whose delegate that was
	LoadedVia Door      `json:"loaded_via"`
	Usable    bool      `json:"usable"`
	WhyNot    string    `json:"why_not,omitempty"`
	Vault     string    `json:"vault"` // where the file lies

	ConfirmedBy PersonID `json:"confirmed_by,omitempty"` // of one that went beyond a limit
	ConfirmedOn Day      `json:"confirmed_on,omitempty"`
	Reason      string   `json:"reason,omitempty"` // why it is good all the same
}

// Limits are how far a list may differ from the one before it, as shares of the
// numbers it had, and how many of its lines may be no numbers, as a share of all.
// A difference of fewer than LimitFloor numbers is never too much.
type Limits struct {
	MaxShrink, MaxGrowth, MaxInvalid float64
}

// LimitFloor is the least difference that a limit looks at: in a small list a few
// numbers are a large share.
const LimitFloor = 10

// A BadLine of a list is no NHS number.
type BadLine struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

func (l *List) Card() Card {
	state := "usable"
	if !l.Usable {
		state = "not-usable"
	}
	return Card{"objections list", string(l.ID), state, []Key{By("sha256", l.SHA256)}}
}

// Follow refuses a list that cannot replace the newest one.
func (l *List) Follow(newest *List, on Day) error {
	switch {
	case l.AsAt > on:
		return Refuse("list-in-future", l.ID, "the objections list is as at %s, which is in the future", l.AsAt)
	case newest != nil && l.AsAt < newest.AsAt:
		return Refuse("list-older", l.ID, "the objections list is as at %s, before the newest one (version %d, as at %s)", l.AsAt, newest.Version, newest.AsAt)
	case l.Numbers == 0:
		return Refuse("list-empty", l.ID, "the objections list holds no valid NHS number: an empty list never means that nobody objects")
	}
	return nil
}

// Judge says whether the list can be used at once. One that goes beyond a limit is
// kept and not used until a second person has confirmed it: half a file, or a file
// of something else, would let objectors' data out.
func (l *List) Judge(before *List, limits Limits) {
	beyond := func(n, of int, share float64) bool { return n >= LimitFloor && float64(n) > share*float64(of) }
	percent := func(n, of int) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(max(of, 1))) }
	l.Usable, l.WhyNot = true, ""
	switch lines := l.Numbers + l.InvalidN; {
	case beyond(l.InvalidN, lines, limits.MaxInvalid):
		l.WhyNot = fmt.Sprintf("%d of its %d lines are no NHS numbers (%s)", l.InvalidN, lines, percent(l.InvalidN, lines))
	case before == nil:
	case beyond(before.Numbers-l.Numbers, before.Numbers, limits.MaxShrink):
		l.WhyNot = fmt.Sprintf("it has %d numbers fewer than version %d (%s)", before.Numbers-l.Numbers, before.Version, percent(before.Numbers-l.Numbers, before.Numbers))
	case beyond(l.Numbers-before.Numbers, before.Numbers, limits.MaxGrowth):
		l.WhyNot = fmt.Sprintf("it has %d numbers more than version %d (%s)", l.Numbers-before.Numbers, before.Version, percent(l.Numbers-before.Numbers, before.Numbers))
	}
	l.Usable = l.WhyNot == ""
}

// Confirm is a second person's word that a list which went beyond a limit is good
// all the same.
func (l *List) Confirm(a Act, on Day) error {
	switch {
	case l.Usable:
		return Refuse("wrong-step", l.ID, "objections list version %d is usable and needs no confirmation", l.Version)
	case a.Of(l.LoadedBy), a.Of(l.LoadedFor):
		return Refuse("same-person", l.ID, "objections list version %d was loaded by %s; somebody else must confirm it", l.Version, l.LoadedBy)
	case l.LoadedVia.Anybody() && a.Via.Anybody():
		return Refuse("console-twice", l.ID, "objections list version %d was loaded from the console; it is confirmed over SSH, by somebody with a key of their own", l.Version)
	case a.Why == "":
		return Refuse("no-reason", l.ID, "objections list version %d: say with --reason why it is good although %s", l.Version, l.WhyNot)
	}
	l.Usable, l.ConfirmedBy, l.ConfirmedOn, l.Reason = true, a.Who, on, a.Why
	return nil
}

// Age is how old the list is on a day, in days.
func (l *List) Age(on Day) int { return on.Since(l.AsAt) }

// Fit refuses a list that may not be packaged or published with on a day.
func (l *List) Fit(on Day, maxAge int) error {
	switch {
	case !l.Usable:
		return Refuse("list-not-usable", l.ID, "the newest objections list (version %d) is not usable: %s; if it is good all the same, compliance says so with darsd objections confirm %d", l.Version, l.WhyNot, l.Version)
	case l.Age(on) > maxAge:
		return Refuse("list-stale", l.ID, "the newest objections list (version %d) is as at %s, %d days old; the limit is %d: load a newer one with darsd objections load", l.Version, l.AsAt, l.Age(on), maxAge)
	}
	return nil
}

// NoList is the refusal where no list was ever loaded.
func NoList() error {
	return Refuse("no-list", "objections", "no objections list has been loaded: nothing is packaged without one (darsd objections load FILE --as-at DATE)")
}

// ListName names a version.
func ListName(version int) ListID { return ListID(fmt.Sprintf("OBJ-%06d", version)) }
