// Package disclosure makes tables that tell of groups and never of a person.
//
// A table counts people, or records of people, by up to three things: age by sex,
// chapter by region by year. Where a count is small it is suppressed, and stands as
// "*". That alone does not keep it: what is suppressed in a row can often be worked
// out from the row's total. So each table is attacked before it leaves, by a program
// that knows the rules and sees only what would be published; where it can narrow a
// suppressed count to fewer than a few numbers, totals are withheld, and the attack
// begins again.
//
//	counts ──▶ shown by a rule set ──▶ attacked ──▶ published
//	                   ▲                  │ leaks
//	                   └── withhold ◀─────┘
//
// Rule sets are data, with the day from which each holds.
package disclosure

import (
	"darsd/dars"
)

// A RuleSet says what of a table may be seen. Sets are never changed: a new rule is a
// new set, since a table names the one that it was made by.
type RuleSet struct {
	Code      string   `json:"code"`
	Title     string   `json:"title"`
	From      dars.Day `json:"from"`       // the first day of publications made by it
	Small     int      `json:"small"`      // counts from one to this are suppressed
	Nearest   int      `json:"nearest"`    // to which others are rounded; 1: they stand as they are
	MinValues int      `json:"min_values"` // a suppressed count must be able to be at least so many numbers
	Secondary bool     `json:"secondary"`  // counts that are not small may be withheld too, and not totals alone
}

// RuleSets are those by which Hospital Episode Statistics were published, oldest
// first. The second needed no secondary suppression, said its authors; the attack
// shows that it does leak (docs/disclosure.md).
var RuleSets = []RuleSet{
	{
		Code: "hes-1-5", Title: "HES, until September 2018", From: "2005-04-01",
		Small: 5, Nearest: 1, MinValues: 4, Secondary: true,
	},
	{
		Code: "hes-2018-09-13", Title: "HES, from 13 September 2018", From: "2018-09-13",
		Small: 7, Nearest: 5, MinValues: 4,
	},
}

// RulesCalled returns the rule set of a code, or refuses.
func RulesCalled(code string) (RuleSet, error) {
	for _, r := range RuleSets {
		if r.Code == code {
			return r, nil
		}
	}
	return RuleSet{}, dars.Refuse("no-rule-set", code, "there is no rule set %q: there are hes-1-5 and hes-2018-09-13", code)
}

// othersThan are the codes of the other rule sets.
func othersThan(r RuleSet) (codes []string) {
	for _, other := range RuleSets {
		if other.Code != r.Code {
			codes = append(codes, other.Code)
		}
	}
	return codes
}

// RulesOn is the rule set of a day.
func RulesOn(day dars.Day) (r RuleSet) {
	for _, set := range RuleSets {
		if set.From <= day {
			r = set
		}
	}
	return r
}

// show is how a count of so many, of so many persons, is published. A count is small
// when it is one of few persons: one person's eight episodes are one person's.
func (r RuleSet) show(n, persons int) Shown {
	switch {
	case n == 0:
		return Shown{As: Number}
	case persons <= r.Small:
		return Shown{As: Suppressed}
	default:
		return Shown{As: Number, N: (n + r.Nearest/2) / r.Nearest * r.Nearest}
	}
}

// A Span is the numbers that a count can be, both ends included.
type Span struct {
	Low, High int
}

// Any is a high end that nothing bounds.
const Any = 1 << 40

// Values says how many numbers a span has.
func (s Span) Values() int { return s.High - s.Low + 1 }

// could is what somebody who knows the rules learns from one published count alone.
// Of records, a suppressed count says only that its persons are few.
func (r RuleSet) could(s Shown, of Unit) Span {
	switch {
	case s.As == Withheld:
		return Span{0, Any}
	case s.As == Suppressed && of == Records:
		return Span{1, Any}
	case s.As == Suppressed:
		return Span{1, r.Small}
	case s.N == 0:
		return Span{}
	default:
		return Span{max(r.Small+1, s.N-r.Nearest/2), s.N + r.Nearest/2}
	}
}
