package office

import (
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
)

// quotation begins each line of a text that is not the office's own, or that
// somebody typed. No line of such a text can then be taken for a heading, a command
// or a signature, and nobody is named in it who was not named by its author.
const quotation = "> "

// quoted is a text as others wrote it, marked as such in each of its lines.
func quoted(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n").Replace(strings.TrimSpace(text))
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(strings.TrimRight(quotation+line, " \t"))
	}
	return b.String()
}

// byName is a text with those people whom the letter itself names as people know
// them; the log knows them by number. Somebody else's number stays one, and so does
// each number in a quotation: who writes a number is not told whose it is.
func (l letter) byName(everybody []*dars.Person, inside bool) string {
	lines := strings.SplitAfter(l.Body, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, strings.TrimSpace(quotation)) {
			continue
		}
		for _, p := range everybody {
			if slices.Contains(l.Names, p.ID) {
				lines[i] = strings.ReplaceAll(lines[i], string(p.ID), called(p, inside))
			}
		}
	}
	return strings.Join(lines, "")
}

// called is what somebody is called in a letter. How the office's people sign in is
// its own business.
func called(p *dars.Person, inside bool) string {
	if p.Inside() && !inside {
		return p.Name
	}
	return fmt.Sprintf("%s (%s)", p.Name, p.Login)
}
