// Package dars is the process of a data release office: its nouns, their
// lives and their rules, from an application for data to a certified deletion.
//
// It imports only the standard library. A rule is a method; who acts and when
// are told to it, and what it decides is either done to the noun or refused
// with a [Refusal], which changes nothing. Where a noun may go from each state
// is data (a [Life]), and so is who may do what ([Powers]): the manual, the
// command line and the dashboard print both.
package dars

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Noun is anything that the office keeps: a release, a person, a contract.
// Its exported fields are its facts.
type Noun interface{ Card() Card }

// A Card is how a noun is filed: all that the store knows of it.
type Card struct {
	Kind  string // "release", as in the log
	Ref   string // "REL-000007", as on paper
	State string // where it is in its life
	Keys  []Key  // what it is found by, besides
}

// A Key is one thing that a noun is found by. It may have several of a name: an
// agreement has a "controller" for each of its controllers.
type Key struct{ Name, Value string }

// Compare puts keys in order.
func (k Key) Compare(o Key) int {
	return cmp.Or(strings.Compare(k.Name, o.Name), strings.Compare(k.Value, o.Value))
}

// By is a key to find nouns by. The name "state" is every noun's.
func By[S ~string](name string, value S) Key { return Key{name, string(value)} }

// keys is By for each value.
func keys[S ~string](name string, values ...S) (all []Key) {
	for _, v := range values {
		all = append(all, By(name, v))
	}
	return all
}

// An Act says who does something, when, and through which door. Each door makes
// one and hands it to the office, with the fields of the act beside it.
type Act struct {
	Who PersonID
	At  time.Time
	Via Door
	Why string   // the reason given, where one is asked for
	For PersonID // whose delegate acts, if one does
}

// A PersonID names a person everywhere but in the person's own facts:
// "P-000001", or [ByFolder], [ByClock] or [ByRestore] for what no person did.
type PersonID string

// What comes by folder is received and proposed, and what the clock does is
// what was decided before: neither decides.
const (
	ByFolder PersonID = "folder"
	ByClock  PersonID = "clock"

	// ByRestore is whoever brought the office back from a backup, when nobody could sign in.
	ByRestore PersonID = "restore"
)

// A Door is the way by which an act came in.
type Door string

const (
	Console    Door = "console"     // a local shell, which can say it is anybody
	BreakGlass Door = "break-glass" // the same, for a reason that compliance is told
	Rehearsal  Door = "rehearsal"   // the same, where all is a rehearsal
	SSH        Door = "ssh"         // a key proved who it is
	Folder     Door = "folder"      // a watched folder, or submit/ over SFTP
	Clock      Door = "clock"       // the scheduler
)

// A Refusal is the answer of a rule that says no. Nothing has changed.
type Refusal struct {
	Rule     string    // a code that scripts and tests may rely on
	Ref      string    // the noun
	Sentence string    // for a person: what is wrong, and what to do
	Mistakes []Mistake // every one of a form, where it was refused for several
}

func (r *Refusal) Error() string { return r.Sentence }

// Refuse makes a refusal. The sentence begins in lower case and has no full
// stop, like any error.
func Refuse[R ~string](rule string, ref R, sentence string, args ...any) error {
	return &Refusal{Rule: rule, Ref: string(ref), Sentence: fmt.Sprintf(sentence, args...)}
}

// A Life is every step that a noun may take from each of its states.
type Life[S ~string] map[S][]S

// Step returns the next state, or refuses.
func (l Life[S]) Step(n Noun, from, to S) (S, error) {
	if slices.Contains(l[from], to) {
		return to, nil
	}
	c := n.Card()
	switch next := l[from]; {
	case from == to:
		return from, Refuse("wrong-step", c.Ref, "%s %s is %s already", c.Kind, c.Ref, from)
	case len(next) == 0:
		return from, Refuse("wrong-step", c.Ref, "%s %s is %s, which is its end, and cannot become %s", c.Kind, c.Ref, from, to)
	default:
		return from, Refuse("wrong-step", c.Ref, "%s %s is %s and cannot become %s: next it can become %s", c.Kind, c.Ref, from, to, join(next))
	}
}

// Steps lists the life as rows of state and next states, for printing: states
// in order of name.
func (l Life[S]) Steps() (rows [][2]string) {
	for _, from := range slices.Sorted(maps.Keys(l)) {
		var to []string
		for _, s := range l[from] {
			to = append(to, string(s))
		}
		rows = append(rows, [2]string{string(from), strings.Join(to, ", ")})
	}
	return rows
}

// join lists some words for a sentence: "checked or withdrawn".
func join[S ~string](words []S) string {
	var b strings.Builder
	for i, w := range words {
		switch {
		case i > 0 && i == len(words)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(string(w))
	}
	return b.String()
}

// is reports whether state is one of some.
func is[S comparable](state S, some ...S) bool { return slices.Contains(some, state) }
