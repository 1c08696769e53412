package documents

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// clean is the door through which all text enters a paper. What comes out has
// only letters that our fonts can draw, spaces and line feeds.
//
// A letter above U+FFFF, a tab, a carriage return or a letter that the font has not
// would be an empty box on paper; a soft hyphen would always show; and what follows
// a broken byte would be lost. So none of them may come further.
func clean(s string) string { return typeset(s, func(rune, string) {}) }

// typeset is clean for who wants to know what does not stand as it was typed. For each
// such letter tell hears what stands in its place: others that say the same, the letter
// without its accent, nothing, or unknown. Spaces and ends of lines of another kind,
// and what shows nothing at all, it does not hear of.
func typeset(s string, tell func(r rune, as string)) string {
	s = lineEnds.Replace(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(r rune) rune {
		if (r < ' ' || r > '~') && r != '\n' && invisible(r) {
			if turns(r) {
				tell(r, "")
			}
			return -1
		}
		return r
	}, s)
	s = exchange(norm.NFC.String(s), tell)
	// A letter that was exchanged may stand beside an accent now, and the two
	// make one that the font has not.
	if whole := norm.NFC.String(s); whole != s {
		return exchange(whole, tell)
	}
	return s
}

// exchange replaces each letter that our fonts cannot draw: seldom any.
func exchange(s string, tell func(r rune, as string)) string {
	if strings.IndexFunc(s, func(r rune) bool { return r != '\n' && !hasGlyph(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		as := drawable(r)
		if as != string(r) && !unicode.IsSpace(r) {
			tell(r, as)
		}
		b.WriteString(as)
	}
	return b.String()
}

// line is clean for what stands on one line, such as a name or a title.
func line(s string) string { return oneLine(clean(s)) }

func oneLine(clean string) string {
	return strings.TrimSpace(strings.ReplaceAll(clean, "\n", " "))
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n",
	"\u0085", "\n", "\u2028", "\n", "\u2029", "\n", "\t", "    ")

// unknown stands for what nothing else can say; a reader will notice.
const unknown = "?"

// drawable returns a rune as our fonts can show it: itself, others that say the same
// (see alike), the letter without its accents, or unknown.
func drawable(r rune) string {
	switch {
	case r == '\n' || hasGlyph(r):
		return string(r)
	case unicode.IsSpace(r):
		return " "
	case unicode.Is(unicode.M, r):
		if isAccent(r) {
			return "" // the letter without it is nearer than a mark beside it
		}
		return unknown
	}
	if as := alike(r); as != "" {
		return as
	}
	var bare strings.Builder
	for _, part := range norm.NFKD.String(string(r)) {
		switch {
		case isAccent(part):
		case hasGlyph(part) && !unicode.Is(unicode.M, part):
			bare.WriteRune(part)
		default:
			return unknown
		}
	}
	if bare.Len() == 0 {
		return unknown
	}
	return bare.String()
}

// isAccent reports whether a mark only helps to say its letter, so that the letter
// without it is read as the same word. A mark that strikes a letter out or encloses it
// changes what is said, and one of a writing that we have not is a part of its letters.
func isAccent(r rune) bool {
	const overlay = 1 // of the classes of marks (Unicode Standard, 4.3)
	return unicode.Is(unicode.Mn, r) && unicode.Is(unicode.Inherited, r) && norm.NFC.PropertiesString(string(r)).CCC() != overlay
}

// invisible reports whether a rune shows nothing on paper, or moves what stands
// around it: controls, soft hyphens, marks of direction, joiners, selectors.
// What nobody can see must not be in a paper that somebody signs.
func invisible(r rune) bool {
	if unicode.Is(unicode.Prepended_Concatenation_Mark, r) {
		return false // such as the sign before an Arabic number: of the same class, and seen
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// turns reports whether a mark of direction forces letters into another order than
// that in which they were typed, which is the order on paper.
func turns(r rune) bool { return r == '\u202D' || r == '\u202E' }

// hasGlyph reports whether all our faces can draw a rune. Papers have letters up
// to U+FFFF: the fonts have next to nothing above. What a font has for letters of
// private use is nothing that anybody else means by them.
func hasGlyph(r rune) bool {
	return r >= 0 && r <= 0xFFFF && r != utf8.RuneError && inEveryFace()[r]
}

// inEveryFace says it of each letter. It is asked for each letter that is typed.
var inEveryFace = sync.OnceValue(func() *[0x10000]bool {
	var all [0x10000]bool
	for r := range all {
		all[r] = !unicode.Is(unicode.Co, rune(r))
		for _, f := range faces() {
			all[r] = all[r] && f.has(rune(r))
		}
	}
	return &all
})
