package dars

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Spellings are the ways in which others write a full name: as it stands, without a
// title, without the middle names, with the family name first, and with an initial. They
// begin with the longest. A name of one word has none: it is a word of many texts.
func Spellings(name string) (all []string) {
	words := strings.Fields(name)
	if len(words) < 2 {
		return nil
	}
	add := func(spelling ...string) {
		if s := strings.Join(spelling, " "); !slices.ContainsFunc(all, func(known string) bool { return strings.EqualFold(known, s) }) {
			all = append(all, s)
		}
	}
	add(words...)
	words = slices.DeleteFunc(words, func(w string) bool { return len(nameWords(w)) == 0 })
	if len(words) > 1 && strings.HasSuffix(words[0], ",") { // the family name first
		words = append(words[1:], strings.TrimSuffix(words[0], ","))
	}
	if len(words) < 2 || !slices.ContainsFunc(nameWords(strings.Join(words, " ")), long) {
		return all
	}
	given, family := words[:len(words)-1], strings.TrimSuffix(words[len(words)-1], ",")
	_, size := utf8.DecodeRuneInString(given[0])
	initial := given[0][:size]
	for _, first := range [][]string{given, given[:1], {initial + "."}, {initial}} {
		add(append(slices.Clone(first), family)...)
		add(append([]string{family + ","}, first...)...)
	}
	for _, first := range [][]string{given, given[:1]} {
		add(append([]string{family}, first...)...)
	}
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

// Titled are the ways in which others write a name with nothing but a title before its
// last word: "Ms Quillfeather".
func Titled(name string) (all []string) {
	words := NameWords(name)
	if len(words) == 0 {
		return nil
	}
	for _, title := range titles {
		all = append(all, title+" "+words[len(words)-1])
	}
	return all
}

// titles stand before a name.
var titles = []string{"Dr", "Doctor", "Prof", "Professor", "Mr", "Mrs", "Ms", "Miss", "Mx", "Sir", "Dame", "Lord", "Lady", "Baroness", "Revd"}

// NameWords are the words of a name that may stand for it alone, the family name last:
// without titles, initials, and what follows a name.
func NameWords(name string) []string {
	words := slices.DeleteFunc(strings.Fields(name), func(w string) bool { return !slices.ContainsFunc(nameWords(w), long) })
	if len(words) > 1 && strings.HasSuffix(words[0], ",") { // the family name first
		words = append(words[1:], words[0])
	}
	for i, w := range words {
		words[i] = strings.Trim(w, ",.")
	}
	return words
}
