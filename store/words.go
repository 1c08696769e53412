package store

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"darsd/dars"
)

// Words are what is erased of a person, and what takes their place. They are found
// however they are written: in capitals, with accents or without, whichever way Unicode
// composes these, with either apostrophe or none, with letters in between that nobody
// sees, across the end of a line, quoted or not.
type Words struct {
	Facts  []string // a full name, an address: struck wherever they stand
	Shared []string // spellings of a name that somebody else has too: they stay
	Lone   []string // words of a name: alone they may be anybody's, or no name at all
	Login  string   // only in work that is owed: it may be any word
	By     string
}

// Named is a noun, and how often some words stand in what the log has of it.
type Named struct {
	dars.Card
	Facts, Shared, Lone int
}

// Stand counts the words of each kind in a text.
func (w Words) Stand(text string) (n Named) {
	text, n.Facts = strike(text, w.Facts, w.By)
	text, n.Shared = strike(text, w.Shared, w.By)
	for _, word := range w.Lone {
		var more int
		text, more = strikeLone(text, word, w.By)
		n.Lone += more
	}
	return n
}

// Any reports whether it has some of them.
func (n Named) Any() bool { return n.Facts+n.Shared+n.Lone > 0 }

// Add counts those that were found elsewhere in it as well.
func (n *Named) Add(more Named) {
	n.Facts, n.Shared, n.Lone = n.Facts+more.Facts, n.Shared+more.Shared, n.Lone+more.Lone
}

// Struck puts what takes their place for the facts in a text, and for the lone words
// in what is left of it.
func (w Words) Struck(text string) string {
	text, _ = strike(text, w.Facts, w.By)
	for _, word := range w.Lone {
		text, _ = strikeLone(text, word, w.By)
	}
	return text
}

// strikeAll does the same, and with the login after that: it may be a part of the name.
func (w Words) strikeAll(text string) string {
	text = w.Struck(text)
	if w.Login != "" {
		text, _ = strike(text, []string{w.Login}, w.By)
	}
	return text
}

// strike puts something else for some words in a text, and counts them.
func strike(text string, words []string, by string) (left string, n int) {
	for _, word := range words {
		var more int
		text, more = struckWord(text, word, by, func(string) bool { return true })
		n += more
	}
	return text, n
}

// strikeLone does so for one word of a name. A short one is a name only where it begins
// with a capital: "may" is none.
func strikeLone(text, word, by string) (left string, n int) {
	return struckWord(text, word, by, func(as string) bool {
		first, _ := utf8.DecodeRuneInString(as)
		return utf8.RuneCountInString(word) >= shortestLone || !unicode.IsLower(first)
	})
}

// shortestLone is how many letters a word of a name has that is a name in small letters
// too.
const shortestLone = 5

// struckWord does so for one word, where it is a whole one and what is written there is
// meant.
func struckWord(text, word, by string, is func(as string) bool) (left string, n int) {
	want := slices.DeleteFunc(dars.Spelt(word), func(l dars.Letter) bool { return l.To == len(word) && l.Rune == ' ' })
	if len(want) == 0 {
		return text, 0
	}
	var b strings.Builder
	in, done := dars.Spelt(text), 0
	for i := 0; i+len(want) <= len(in); i++ {
		end := i + len(want)
		if !same(in[i:end], want) || i > 0 && in[i-1].InWord() && in[i].InWord() || end < len(in) && in[end-1].InWord() && in[end].InWord() || !is(text[in[i].From:in[end-1].To]) {
			continue
		}
		b.WriteString(text[done:in[i].From])
		b.WriteString(by)
		done, n, i = in[end-1].To, n+1, end-1
	}
	return b.String() + text[done:], n
}

func same(a, b []dars.Letter) bool {
	return slices.EqualFunc(a, b, func(a, b dars.Letter) bool { return a.Rune == b.Rune })
}

// mayStand is the condition that a column may hold one of the words. The database folds
// letters of English only, so it asks for the longest part of each word, or for any other
// letter. The first argument is the caller's.
func (w Words) mayStand(column string, first any) (where string, args []any) {
	args = []any{first}
	ways := []string{fmt.Sprintf("octet_length(%s) <> length(%[1]s)", column)}
	for _, word := range slices.Concat(w.Facts, w.Shared, w.Lone, []string{w.Login}) {
		longest := ""
		for _, part := range strings.Fields(dars.Folded(word)) {
			if len(part) > len(longest) {
				longest = part
			}
		}
		if part := "%" + asPattern.Replace(longest) + "%"; longest != "" && !slices.Contains(args[1:], any(part)) {
			args = append(args, part)
			ways = append(ways, fmt.Sprintf(`replace(replace(lower(%s), '''', ''), '`+"`"+`', '') LIKE $%d ESCAPE '\'`, column, len(args)))
		}
	}
	return "(" + strings.Join(ways, " OR ") + ")", args
}

// asPattern is a part of a word as a pattern of a database.
var asPattern = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// standIn counts the words in every text of an object or a list.
func (w Words) standIn(text []byte) (all Named, err error) {
	_, err = strikeJSON(text, func(said string) string {
		all.Add(w.Stand(said))
		return said
	})
	return all, err
}
