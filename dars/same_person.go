package dars

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Whether two signatures are of two people. Names are compared, since whoever destroys
// data at a recipient has no key of ours. It is a rule against carelessness, and names
// one person wherever two ways of writing a name are one in everyday use.

// samePerson reports whether two names are one person's, however they are written:
// with a title or without, the family name first or last, with initials for the other
// names, with other letter case, accents, apostrophes, hyphens or spaces.
func samePerson(one, other string) bool {
	a, b := nameWords(one), nameWords(other)
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	return strings.Join(a, "") == strings.Join(b, "") || stand(a, b) || stand(b, a)
}

// fullName reports whether a name has two words, so that it can be compared; one of
// them may be an initial.
func fullName(name string) bool {
	words := nameWords(name)
	return len(words) > 1 && slices.ContainsFunc(words, long)
}

// stand reports whether each word of a name stands in another, or one of the two is the
// initial of the other; one that is no initial is in both, such as the family name.
func stand(some, all []string) bool {
	var left []string // of some, when what is in both has gone
	shared := false
	all = slices.Clone(all)
	for _, w := range some {
		if i := slices.Index(all, w); i >= 0 {
			shared, all = shared || long(w), slices.Delete(all, i, i+1)
		} else {
			left = append(left, w)
		}
	}
	for _, w := range left {
		i := slices.IndexFunc(all, func(of string) bool { return abbreviates(w, of) })
		if i < 0 {
			return false
		}
		all = slices.Delete(all, i, i+1)
	}
	return shared
}

// abbreviates reports whether one word of a name is the initial of another.
func abbreviates(one, other string) bool {
	return !long(one) && strings.HasPrefix(other, one) || !long(other) && strings.HasPrefix(one, other)
}

// long reports whether a word of a name is more than an initial.
func long(word string) bool { return utf8.RuneCountInString(word) > 1 }

// besideNames are words beside a name: titles, and what follows it.
var besideNames = strings.Fields(`dr prof professor mr mrs ms miss mx sir dame lord lady rev revd
	phd dphil md hons mbbs mbchb bsc ba ma msc mphil mba frcp frcs frcgp mrcp mrcgp ffph cbe obe mbe qc kc esq cissp citp mbcs fbcs rgn rn`)

// nameWords are the words of a name, folded, without what stands beside it.
func nameWords(name string) []string {
	words := strings.FieldsFunc(folded(name), func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.DeleteFunc(words, func(w string) bool { return slices.Contains(besideNames, w) })
}

// folded is a name in small letters without accents, apostrophes, or the dots of
// letters that stand together, and letters that look like ours as ours: "O’Neill, Ph.D."
// is "oneill, phd".
func folded(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if unicode.In(r, unicode.Mn, unicode.Cf) || isApostrophe(r) {
			continue
		}
		if ours, ok := lookAlikes[r]; ok {
			r = ours
		}
		b.WriteString(string(plainly(r)))
	}
	return dottedDegrees.Replace(b.String())
}

var dottedDegrees = strings.NewReplacer("ph.d", "phd", "d.phil", "dphil", "m.sc", "msc", "b.sc", "bsc")

// lookAlikes are letters of Cyrillic that nobody tells from ours by looking.
var lookAlikes = map[rune]rune{'а': 'a', 'с': 'c', 'е': 'e', 'і': 'i', 'ј': 'j', 'о': 'o', 'р': 'p', 'ѕ': 's', 'х': 'x', 'у': 'y'}
