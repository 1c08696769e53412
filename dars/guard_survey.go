package dars

import (
	"cmp"
	"fmt"
	"slices"
)

// A GuardItem is a dataset of which an organisation has releases that should not
// stand beside one another.
type GuardItem struct {
	Org        OrgCode       `json:"org"`
	Dataset    string        `json:"dataset"`
	Agreements []AgreementID `json:"agreements"`
	Releases   []string      `json:"releases"`
	Case       GuardCase     `json:"case"` // b, if any pair of them is of that case
	Why        []GuardWhy    `json:"why"`
	Within     []AgreementID `json:"within"` // agreements of which two releases alone are such a pair
	People     string        `json:"people"` // whom the two would tell of: see [FewPeople]
	Overrides  []GuardID     `json:"overrides"`

	Pairs    []GuardPair `json:"-"` // of which the later is our own: an override may let them stand
	Counting bool        `json:"-"` // whether the people of every pair can be counted
}

// A GuardPair is two releases that should not stand beside one another, the later
// first.
type GuardPair struct {
	Disclosure
	Finding
}

// UncountedPeople is said where nobody can count them exactly.
const UncountedPeople = "not counted"

// FewPeople is how many people, as it may be told: a few tell of somebody (domain 7.9).
func FewPeople(n int64) string {
	if 0 < n && n <= 7 {
		return "*"
	}
	return fmt.Sprint(n)
}

// Survey finds all that should not stand beside one another among releases in the
// order in which they left.
func Survey(all []Disclosure) (items []GuardItem) {
	type holder struct {
		org     OrgCode
		dataset string
	}
	held := map[holder][]Disclosure{}
	for _, d := range all {
		for _, org := range d.Orgs {
			h := holder{org, d.Dataset}
			held[h] = append(held[h], d)
		}
	}
	for h, some := range held {
		item := GuardItem{Org: h.org, Dataset: h.dataset, Agreements: []AgreementID{}, Releases: []string{}, Why: []GuardWhy{}, Within: []AgreementID{}, Overrides: []GuardID{}, People: UncountedPeople, Counting: true}
		if item.survey(alike(some)); item.Case != Apart {
			items = append(items, item)
		}
	}
	slices.SortFunc(items, func(a, b GuardItem) int {
		return cmp.Or(cmp.Compare(a.Org, b.Org), cmp.Compare(a.Dataset, b.Dataset))
	})
	return items
}

// alike puts those together of which the guard knows the same, in order of the first:
// a register may have thousands of them.
func alike(some []Disclosure) (kinds [][]Disclosure) {
	at := map[string]int{}
	for _, d := range some {
		plain := d
		plain.Ref = ""
		known := fmt.Sprintf("%#v", plain)
		i, ok := at[known]
		if !ok {
			i, at[known], kinds = len(kinds), len(kinds), append(kinds, nil)
		}
		kinds[i] = append(kinds[i], d)
	}
	return kinds
}

// survey lays kinds of releases beside one another. One organisation may have thousands,
// so that of the pairs only those are kept of which something is still asked.
func (t *GuardItem) survey(kinds [][]Disclosure) {
	told := make([]bool, len(kinds))
	for i, later := range kinds {
		for j, had := range kinds[:i] {
			f := later[0].Against(had[0])
			if !f.Blocks() {
				continue
			}
			told[i], told[j] = true, true
			pair := GuardPair{later[0], f}
			if t.Counting = t.Counting && pair.Countable(); later[0].ours() {
				t.Pairs = append(t.Pairs, pair)
			}
			t.Case = min(cmp.Or(t.Case, f.Case), f.Case)
			if !slices.Contains(t.Why, f.Why) {
				t.Why = append(t.Why, f.Why)
			}
			if later[0].Agreement == had[0].Agreement {
				t.Within = append(t.Within, had[0].Agreement)
			}
		}
	}
	for i, kind := range kinds {
		if !told[i] {
			continue
		}
		for _, d := range kind {
			t.Releases, t.Agreements = append(t.Releases, d.Ref), append(t.Agreements, d.Agreement)
		}
	}
	t.Releases, t.Agreements, t.Why, t.Within = once(t.Releases), once(t.Agreements), once(t.Why), once(t.Within)
}

// ours reports whether it is the office's own: of a register's the periods are not known.
func (d Disclosure) ours() bool { return d.Periods != nil }

func once[S ~string](words []S) []S {
	slices.Sort(words)
	return slices.Compact(words)
}
