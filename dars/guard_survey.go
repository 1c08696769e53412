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

	Pairs []GuardPair `json:"-"`
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
		item := GuardItem{Org: h.org, Dataset: h.dataset, Agreements: []AgreementID{}, Releases: []string{}, Why: []GuardWhy{}, Within: []AgreementID{}, Overrides: []GuardID{}, People: UncountedPeople}
		if item.survey(alike(some)); len(item.Pairs) > 0 {
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

func (t *GuardItem) survey(kinds [][]Disclosure) {
	for i, later := range kinds {
		for _, had := range kinds[:i] {
			f := later[0].Against(had[0])
			if !f.Blocks() {
				continue
			}
			t.Pairs = append(t.Pairs, GuardPair{later[0], f})
			t.Why = append(t.Why, f.Why)
			t.Case = min(cmp.Or(t.Case, f.Case), f.Case)
			for _, d := range slices.Concat(later, had) {
				t.Releases, t.Agreements = append(t.Releases, d.Ref), append(t.Agreements, d.Agreement)
			}
			if later[0].Agreement == had[0].Agreement {
				t.Within = append(t.Within, had[0].Agreement)
			}
		}
		// No release of a kind is told twice, or a long list would grow by each pair.
		t.Releases, t.Agreements = once(t.Releases), once(t.Agreements)
	}
	t.Why, t.Within = once(t.Why), once(t.Within)
}

func once[S ~string](words []S) []S {
	slices.Sort(words)
	return slices.Compact(words)
}
