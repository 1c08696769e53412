package dars

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A Letter is one of a text as names are compared, and where it stands there, in bytes.
type Letter struct {
	Rune     rune
	From, To int
}

// Spelt are the letters of a text as names are compared: small, each without its accent
// whichever way Unicode composes the two, without letters that nobody sees. What stands
// between words is one gap, and so is what makes a name a possessive; an apostrophe
// within a word is nothing. By this one reading a name is erased, and withheld.
func Spelt(text string) (all []Letter) {
	all = make([]Letter, 0, len(text))
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		end := at + size
		switch {
		case isApostrophe(r):
			if !withinWord(all, text[end:]) {
				all = gap(all, at, end)
			} else {
				all[len(all)-1].To = end
			}
		case unicode.In(r, unicode.Mn, unicode.Cf):
			if n := len(all); n > 0 {
				all[n-1].To = end
			}
		case r < utf8.RuneSelf && isWord(r):
			all = append(all, Letter{unicode.ToLower(r), at, end})
		case unicode.IsSpace(r), unicode.In(r, unicode.Z, unicode.Pd), r == '>', r == '.':
			all = gap(all, at, end)
		default:
			for _, plain := range plainly(r) {
				all = append(all, Letter{plain, at, end})
			}
		}
		at = end
	}
	return all
}

// Folded is a text as names are compared: "É. O’Brien" and "E O'BRIEN" are "e obrien".
func Folded(text string) string { return strings.TrimSpace(joined(Spelt(text))) }

// joined are some letters as a text.
func joined(letters []Letter) string {
	var b strings.Builder
	b.Grow(len(letters))
	for _, l := range letters {
		b.WriteRune(l.Rune)
	}
	return b.String()
}

// InWord reports whether it is a part of a word, and does not stand between two.
func (l Letter) InWord() bool { return isWord(l.Rune) }

// gap is one between words, however long.
func gap(all []Letter, at, end int) []Letter {
	if n := len(all); n > 0 && all[n-1].Rune == ' ' {
		all[n-1].To = end
		return all
	}
	return append(all, Letter{' ', at, end})
}

// withinWord reports whether an apostrophe after some letters is a part of a word, as in
// O'Brien, and begins no ending, as in O'Brien's.
func withinWord(before []Letter, rest string) bool {
	next, size := utf8.DecodeRuneInString(rest)
	if len(before) == 0 || !before[len(before)-1].InWord() || !unicode.IsLetter(next) {
		return false
	}
	then, _ := utf8.DecodeRuneInString(rest[size:])
	return unicode.ToLower(next) != 's' || isWord(then)
}

func isApostrophe(r rune) bool { return strings.ContainsRune("'’‘ʼ`´′＇", r) }

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// plainly is a letter as it is typed without accents: those that Unicode takes apart, and
// some that it does not.
func plainly(r rune) []rune {
	r = unicode.ToLower(r)
	if plain, listed := lettersApart()[r]; listed {
		return []rune(plain)
	}
	if r >= firstSyllable && r <= lastSyllable {
		return jamo(r)
	}
	return []rune{r}
}

// plain.txt has a line for each plain spelling of letters that have another: the
// spelling, a tab, and all that are spelt so. It is what Unicode's compatibility
// decomposition (UAX 15, NFKD) leaves of them without marks, and besides ß, æ, œ, þ and
// others that people type as one or two plain letters. The tests of the store hold it
// against Unicode.
//
//go:embed plain.txt
var plainTable string

var lettersApart = sync.OnceValue(func() map[rune]string {
	all := map[rune]string{}
	for line := range strings.Lines(plainTable) {
		as, letters, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		for _, r := range letters {
			all[r] = as
		}
	}
	return all
})

// Syllables of Korean are made of two or three letters by a rule (Unicode 3.12).
const firstSyllable, lastSyllable = '가', '힣'

func jamo(r rune) []rune {
	const lead, vowel, tail, vowels, tails = 0x1100, 0x1161, 0x11a7, 21, 28
	at := r - firstSyllable
	all := []rune{lead + at/(vowels*tails), vowel + at/tails%vowels}
	if at%tails > 0 {
		all = append(all, tail+at%tails)
	}
	return all
}
