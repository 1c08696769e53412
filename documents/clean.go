package documents

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// clean is the door through which all text enters a paper. What comes out has
// only letters that our fonts can draw, spaces and line feeds.
//
// The drawing library panics on letters above U+FFFF, draws tabs and carriage
// returns as boxes, shows every soft hyphen, swallows what follows a broken
// byte, and draws an empty box for a letter that the font has not, all without
// an error. So nothing else may reach it.
func clean(s string) string {
	s = symbols.Replace(lineEnds.Replace(strings.ToValidUTF8(s, "\uFFFD")))
	s = strings.Map(func(r rune) rune {
		if r != '\n' && invisible(r) {
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

// exchange replaces each letter that our fonts cannot draw.
func exchange(s string) string {
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

// hasGlyph reports whether all our faces can draw a rune. Above U+FFFF the
// drawing library knows no way to write it.
func hasGlyph(r rune) bool {
	if r > 0xFFFF || r == utf8.RuneError {
		return false
	}
	for _, f := range faces() {
		if !f.has(r) {
			return false
		}
	}
	return true
}
