package documents

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

const pointsPerMM = 72 / 25.4

// wide measures a text in millimetres.
func (p pen) wide(text string) float64 {
	f, points := faces()[p.style], 0.0
	for _, r := range text {
		points += f.points(r, p.size)
	}
	return points / pointsPerMM
}

// fit shortens a text that must stay on one line.
func (p pen) fit(text string, w float64) string {
	if p.wide(text) <= w {
		return text
	}
	f, left := faces()[p.style], (w-p.wide("…"))*pointsPerMM
	for i, r := range text {
		if left -= f.points(r, p.size); left < 0 {
			return strings.TrimRight(text[:i], " ") + "…"
		}
	}
	return text
}

// wrap breaks a text into lines of at most w millimetres. Measuring and drawing
// both use it, so that they agree.
//
// A line is broken between words, but not within "9 January". A word wider than a line is broken after a
// slash, an underscore, a hyphen or a dash, and if it has none, anywhere.
func (p pen) wrap(text string, w float64) (lines []string) {
	for _, paragraph := range strings.Split(text, "\n") {
		lines = append(lines, p.wrapLine([]rune(paragraph), w)...)
	}
	return lines
}

func (p pen) wrapLine(letters []rune, w float64) (lines []string) {
	f, limit := faces()[p.style], w*pointsPerMM
	start, space, seam := 0, 0, 0 // of the line; after its last space; after its last hyphen or the like
	width := 0.0
	for i := 0; i < len(letters); i++ {
		r := letters[i]
		wide := f.points(r, p.size)
		if width+wide > limit && r != ' ' && i > start {
			end := i
			if space > start {
				end = space
			} else if seam > start {
				end = seam
			}
			lines = append(lines, strings.TrimRight(string(letters[start:end]), " "))
			start, width = end, 0
			for _, moved := range letters[start:i] {
				width += f.points(moved, p.size)
			}
			i-- // what moved down may still be too wide: look at this letter again
			continue
		}
		width += wide
		switch {
		case r == ' ' && !withinDay(letters, i):
			space = i + 1
		case isSeam(r):
			seam = i + 1
		}
	}
	return append(lines, strings.TrimRight(string(letters[start:]), " "))
}

// set breaks a text as wrap does, for drawing: a line ends with the space at which
// it was broken, so that whoever hears or copies the paper has its words apart.
func (p pen) set(text string, w float64) []string {
	lines := p.wrap(text, w)
	for i, l := range lines {
		_, text, _ = strings.Cut(text, l)
		if i+1 < len(lines) && (strings.HasPrefix(text, " ") || strings.HasPrefix(text, "\n")) {
			lines[i] += " "
		}
	}
	return lines
}

// withinDay reports whether a space stands between the number of a day and its
// month.
func withinDay(letters []rune, at int) bool {
	from := at
	for from > 0 && letters[from-1] >= '0' && letters[from-1] <= '9' {
		from--
	}
	if n := at - from; n < 1 || n > 2 {
		return false
	}
	after := letters[at+1:]
	for m := time.January; m <= time.December; m++ {
		if name := []rune(m.String()); len(after) >= len(name) && slices.Equal(after[:len(name)], name) {
			return true
		}
	}
	return false
}

func isSeam(r rune) bool {
	return r == '/' || r == '_' || r != '\u2011' && unicode.Is(unicode.Pd, r)
}
