package dars

import (
	"slices"
	"strings"
	"unicode"
)

// mostWords is how many words of a noun it is found by: those of a title, a name
// or a note. The long texts of a form are not among them.
const mostWords = 200

// Words are the words of some short texts, as they are searched for: small
// letters and digits, each word once. Single letters are left out.
func Words(texts ...string) (all []string) {
	for _, text := range texts {
		for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if len(w) > 1 && len(all) < mostWords && !slices.Contains(all, w) {
				all = append(all, w)
			}
		}
	}
	return all
}

// byWords is what a noun is searched by.
func byWords(texts ...string) []Key { return keys("word", Words(texts...)...) }

// A Synonym is what the process was called in another year, and what it is called
// here: people look for both.
type Synonym struct {
	Said  string
	Kinds []string // of nouns that are meant; any, if none are named
	Meant []string // states and words that are meant; any, if none are named
}

// Synonyms are the words of 2015 and of 2016 (domain 1.1, 9).
var Synonyms = []Synonym{
	{Said: "referred back", Kinds: []string{"application"}, Meant: []string{"referred-back"}},
	{Said: "rejected", Meant: []string{"rejected", "referred-back"}},
	{Said: "certificate of deletion", Kinds: []string{"certificate"}},
	{Said: "certificate of destruction", Kinds: []string{"certificate"}},
	{Said: "certificate of data destruction", Kinds: []string{"certificate"}},
}
