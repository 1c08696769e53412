package documents

import (
	"cmp"
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
func clean(s string) string {
	s = symbols.Replace(lineEnds.Replace(strings.ToValidUTF8(s, "\uFFFD")))
	s = strings.Map(func(r rune) rune {
		if (r < ' ' || r > '~') && r != '\n' && invisible(r) {
			return -1
		}
		return r
	}, s)
	s = exchange(norm.NFC.String(s))
	// A letter that was exchanged may stand beside an accent now, and the two
	// make one that the font has not.
	if whole := norm.NFC.String(s); whole != s {
		return exchange(whole)
	}
	return s
}

// exchange replaces each letter that our fonts cannot draw: seldom any.
func exchange(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r != '\n' && !hasGlyph(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		b.WriteString(drawable(r))
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

// symbols are bullets and the like as word processors paste them: letters of a
// symbol font, in a part of Unicode where nobody else knows them.
var symbols = strings.NewReplacer("\uf0b7", "•", "\uf0a7", "•", "\uf0d8", "•", "\uf076", "•", "\uf0a8", "•", "\uf02d", "–", "\uf0fc", "✓", "\uf0fe", "☑", "\uf06f", "☐")

// drawable returns a rune as our fonts can show it: itself, its nearest letters
// without accents, or a question mark, which a reader will notice.
func drawable(r rune) string {
	switch {
	case r == '\n' || hasGlyph(r):
		return string(r)
	case unicode.IsSpace(r):
		return " "
	case unicode.Is(unicode.M, r):
		return "" // the letter without the accent is nearer than a mark beside it
	}
	var near strings.Builder
	for _, part := range norm.NFKD.String(string(r)) {
		switch {
		case hasGlyph(part) && !unicode.Is(unicode.M, part):
			near.WriteRune(part)
		case !unicode.Is(unicode.M, part):
			return "?"
		}
	}
	return cmp.Or(near.String(), "?")
}

// invisible reports whether a rune shows nothing on paper, or moves what stands
// around it: controls, soft hyphens, marks of direction, joiners, selectors.
// What nobody can see must not be in a paper that somebody signs.
func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r)
}

// hasGlyph reports whether all our faces can draw a rune. Papers have letters up
// to U+FFFF: the fonts have next to nothing above.
func hasGlyph(r rune) bool {
	return r >= 0 && r <= 0xFFFF && r != utf8.RuneError && inEveryFace()[r]
}

// inEveryFace says it of each letter. It is asked for each letter that is typed.
var inEveryFace = sync.OnceValue(func() *[0x10000]bool {
	var all [0x10000]bool
	for r := range all {
		all[r] = true
		for _, f := range faces() {
			all[r] = all[r] && f.has(rune(r))
		}
	}
	return &all
})
