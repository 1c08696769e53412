package documents

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Letters that our fonts have not stand as question marks. A paper that somebody
// signs says so, and where, and how many of which script, so that nobody takes a name
// for what was written.

// unshown is what could not be shown in one place of a paper: a field, or what stands
// under a heading.
type unshown struct {
	place   string         // "" before the first heading
	letters map[string]int // by their script
}

// entered is clean for what comes into this paper: it notes what cannot be shown.
func (d *Doc) entered(s string) string { return d.enteredAt(d.place, s) }

// enteredLine is entered for what stands on one line.
func (d *Doc) enteredLine(s string) string { return oneLine(d.entered(s)) }

// enteredAt is entered for what stands in a place of its own, such as a field.
func (d *Doc) enteredAt(place, s string) string {
	said := clean(s)
	if strings.Count(said, "?") > strings.Count(s, "?") {
		d.note(place, s)
	}
	return said
}

// note counts the letters of a text that stand as question marks.
func (d *Doc) note(place, s string) {
	i := slices.IndexFunc(d.unshown, func(u unshown) bool { return u.place == place })
	if i < 0 {
		i, d.unshown = len(d.unshown), append(d.unshown, unshown{place, map[string]int{}})
	}
	for _, r := range symbols.Replace(strings.ToValidUTF8(s, "\uFFFD")) {
		if r != '?' && clean(string(r)) == "?" {
			d.unshown[i].letters[script(r)]++
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

// counted says how many letters of which script are not shown.
func (u unshown) counted() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(u.letters)) {
		n := u.letters[name]
		if name == "" {
			all = append(all, plural(n, "sign", "signs"))
		} else {
			all = append(all, plural(n, name+" letter", name+" letters"))
		}
	}
	return both(all)
}

// mostPlaces is how many places are named, one by one.
const mostPlaces = 12

// whole is the paper's blocks, and at the end what could not be shown.
func (d *Doc) whole() []block {
	if len(d.unshown) == 0 {
		return d.blocks
	}
	var places []string
	for _, u := range d.unshown[:min(len(d.unshown), mostPlaces)] {
		places = append(places, fmt.Sprintf("%s in “%s”", u.counted(), cmp.Or(u.place, d.kind)))
	}
	if more := len(d.unshown) - mostPlaces; more > 0 {
		places = append(places, "more in "+plural(more, "other place", "other places"))
	}
	says := fmt.Sprintf("Not shown: %s. Our type has no such letters, and each stands as “?”. The words as they came in are in our records, and count.", strings.Join(places, "; "))
	return append(slices.Clip(d.blocks), block{kind: notice, text: []string{says}})
}
