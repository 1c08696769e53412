package dars

import (
	"slices"
	"time"
)

// Hands are those who took the steps that need different people.
type Hands []Hand

// A Hand is one person's part in such steps.
type Hand struct {
	Step string    `json:"step"`
	By   PersonID  `json:"by"`
	For  PersonID  `json:"for,omitempty"` // whose delegate they were
	Via  Door      `json:"via"`
	At   time.Time `json:"at,omitzero"`
}

// Has reports whether somebody had a hand in it, or a delegate of theirs.
func (h Hands) Has(who PersonID) bool {
	return slices.ContainsFunc(h, func(one Hand) bool { return one.of(who) })
}

func (h Hand) of(who PersonID) bool { return who != "" && (h.By == who || h.For == who) }

// Add lets somebody take one more of the steps that need different people. Who acts
// for another is neither of the two twice: who may not take a step does not get it
// taken by a delegate. A console can say it is anybody, so at most one of the steps
// may come from one; the others come over SSH, where a key proves who it is.
func (h Hands) Add(a Act, step, ref string) (Hands, error) {
	for _, other := range h {
		for _, who := range []PersonID{a.Who, a.For} {
			switch {
			case other.of(who) && other.Step == step:
				return h, Refuse("same-person", ref, "%s: %s has %s it already; somebody else must, too", ref, who, step)
			case other.of(who):
				return h, Refuse("same-person", ref, "%s: %s had a hand in it already (%s), and the step to %s needs somebody else", ref, who, other.Step, step)
			}
		}
		if other.Via.Anybody() && a.Via.Anybody() {
			return h, Refuse("console-twice", ref, "%s: one step that needs different people has come from the console already; sign in over SSH with your own key for this one", ref)
		}
	}
	return append(slices.Clone(h), Hand{Step: step, By: a.Who, For: a.For, Via: a.Via, At: a.At.UTC()}), nil
}

// Of reports whether an act is somebody's: theirs, or a delegate's for them.
func (a Act) Of(who PersonID) bool { return who != "" && (a.Who == who || a.For == who) }

// Anybody reports whether the door does not prove who somebody is.
func (d Door) Anybody() bool { return d == Console || d == BreakGlass }

// Handled is a noun of a case with steps that need different people.
type Handled interface {
	Noun
	Handed() (caseStem string, hands Hands)
}

func (p *Application) Handed() (string, Hands) { return p.Stem, p.Hands }
func (g *Agreement) Handed() (string, Hands)   { return g.Stem, g.Hands }
func (r *Release) Handed() (string, Hands) {
	stem, _, _, _ := ParseCase(string(r.Agreement)) // our own reference
	return stem, r.Hands
}

// AtConsole counts the steps that came from a door which proves nobody.
func (h Hands) AtConsole() (n int) {
	for _, hand := range h {
		if hand.Via.Anybody() {
			n++
		}
	}
	return n
}
