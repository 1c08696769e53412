package documents

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Letters that our fonts have not stand as question marks. A paper that somebody
// signs says so, and how many of which script, so that nobody takes a name for what
// was written.

// entered is clean for what comes into this paper: it notes what cannot be shown.
func (d *Doc) entered(s string) string {
	said := clean(s)
	if strings.Count(said, "?") > strings.Count(s, "?") {
		d.note(s)
	}
	return said
}

// enteredLine is entered for what stands on one line.
func (d *Doc) enteredLine(s string) string { return oneLine(d.entered(s)) }

// note counts the letters of a text that stand as question marks.
func (d *Doc) note(s string) {
	if d.unshown == nil {
		d.unshown = map[string]int{}
	}
	for _, r := range symbols.Replace(strings.ToValidUTF8(s, "\uFFFD")) {
		if r != '?' && clean(string(r)) == "?" {
			d.unshown[script(r)]++
		}
	}
}

// script is the writing to which a letter belongs, "" for signs of no writing.
func script(r rune) string {
	for _, name := range slices.Sorted(maps.Keys(unicode.Scripts)) {
		if name != "Common" && name != "Inherited" && unicode.Is(unicode.Scripts[name], r) {
			return strings.ReplaceAll(name, "_", " ")
		}
	}
	return ""
}

// whole is the paper's blocks, and at the end what could not be shown.
func (d *Doc) whole() []block {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(d.unshown)) {
		n := d.unshown[name]
		if name == "" {
			all = append(all, plural(n, "sign", "signs"))
		} else {
			all = append(all, plural(n, name+" letter", name+" letters"))
		}
	}
	if len(all) == 0 {
		return d.blocks
	}
	says := fmt.Sprintf("Not shown: %s. This paper has no such letters, and each stands as “?”. The words as they came in are in our records.", both(all))
	return append(slices.Clip(d.blocks), block{kind: notice, text: []string{says}})
}
