package store

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A letter is one of a text as names are compared, and where it stands there, in bytes.
type letter struct {
	r        rune
	from, to int
}

// spelt are the letters of a text as names are compared: small, each without its accent
// whichever way Unicode composes the two, without letters that nobody sees. What stands
// between words is one gap, and so is what makes a name a possessive; an apostrophe
// within a word is nothing.
func spelt(text string) (all []letter) {
	all = make([]letter, 0, len(text))
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		end := at + size
		switch {
		case isApostrophe(r):
			if !withinWord(all, text[end:]) {
				all = gap(all, at, end)
			} else {
				all[len(all)-1].to = end
			}
		case unicode.In(r, unicode.Mn, unicode.Cf):
			if n := len(all); n > 0 {
				all[n-1].to = end
			}
		case r < utf8.RuneSelf && isWord(r):
			all = append(all, letter{unicode.ToLower(r), at, end})
		case unicode.IsSpace(r), unicode.In(r, unicode.Z, unicode.Pd), r == '>', r == '.':
			all = gap(all, at, end)
		default:
			for _, plain := range plainly(r) {
				all = append(all, letter{plain, at, end})
			}
		}
		at = end
	}
	return all
}

// gap is one between words, however long.
func gap(all []letter, at, end int) []letter {
	if n := len(all); n > 0 && all[n-1].r == ' ' {
		all[n-1].to = end
		return all
	}
	return append(all, letter{' ', at, end})
}

// withinWord reports whether an apostrophe after some letters is a part of a word, as in
// O'Brien, and begins no ending, as in O'Brien's.
func withinWord(before []letter, rest string) bool {
	next, size := utf8.DecodeRuneInString(rest)
	if len(before) == 0 || !isWord(before[len(before)-1].r) || !unicode.IsLetter(next) {
		return false
	}
	then, _ := utf8.DecodeRuneInString(rest[size:])
	return unicode.ToLower(next) != 's' || isWord(then)
}

func isApostrophe(r rune) bool { return strings.ContainsRune("'’‘ʼ`´′＇", r) }

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// plainly is a letter as it is typed without accents: those that Unicode takes apart, and
// some that it does not.
func plainly(r rune) (all []rune) {
	for _, part := range norm.NFKD.String(string(unicode.ToLower(r))) {
		if as := undecomposed[part]; as != "" {
			all = append(all, []rune(as)...)
		} else if !unicode.In(part, unicode.Mn, unicode.Cf) {
			all = append(all, unicode.ToLower(part))
		}
	}
	return all
}

var undecomposed = map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'þ': "th", 'ø': "o", 'đ': "d", 'ð': "d", 'ħ': "h", 'ł': "l", 'ŧ': "t", 'ı': "i"}

// Folded is a text as names are compared: "É. O’Brien" and "E O'BRIEN" are "e obrien".
func Folded(text string) string {
	var b strings.Builder
	for _, l := range spelt(text) {
		b.WriteRune(l.r)
	}
	return strings.TrimSpace(b.String())
}
