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
// letters that stand together: "O’Neill, Ph.D." is "oneill, phd".
func folded(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r), strings.ContainsRune("'’‘ʼ`´′＇", r):
			continue
		case r >= 'ａ' && r <= 'ｚ': // of full width
			r -= 'ａ' - 'a'
		}
		if plain, ok := plainLetters[r]; ok {
			b.WriteString(plain)
		} else {
			b.WriteRune(r)
		}
	}
	return dottedDegrees.Replace(b.String())
}

var dottedDegrees = strings.NewReplacer("ph.d", "phd", "d.phil", "dphil", "m.sc", "msc", "b.sc", "bsc")

// plainLetters are letters with an accent, or that look like others, as they are
// typed without.
var plainLetters = plainOf(map[string]string{
	"a": "àáâãäåāăąǎ\u0430", "c": "çćĉċč\u0441", "d": "ďđð", "e": "èéêëēĕėęě\u0435", "g": "ĝğġģ", "h": "ĥħ", "i": "ìíîïĩīĭįıǐ\u0456", "j": "ĵ\u0458", "k": "ķ",
	"l": "ĺļľŀł", "n": "ñńņňŉ", "o": "òóôõöøōŏőǒ\u043e", "p": "\u0440", "r": "ŕŗř", "s": "śŝşšșſ\u0455", "t": "ţťŧț", "u": "ùúûüũūŭůűųǔ", "w": "ŵ",
	"x": "\u0445", "y": "ýÿŷ\u0443", "z": "źżž", "ae": "æ", "oe": "œ", "ss": "ß", "th": "þ", "fi": "ﬁ", "fl": "ﬂ",
})

func plainOf(groups map[string]string) map[rune]string {
	all := map[rune]string{}
	for plain, group := range groups {
		for _, r := range group {
			all[r] = plain
		}
	}
	return all
}
