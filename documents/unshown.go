package documents

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/runenames"
)

// Letters that our fonts have not stand as question marks, or as others that say the
// same. A paper that somebody signs says so, and where, so that nobody takes a name for
// what was written: letters by their script and number, signs by their names.

// unshown is what does not stand in one place of a paper as it was typed. The place is a
// field, or what stands under a heading.
type unshown struct {
	place   string         // "" before the first heading
	letters map[string]int // that stand as unknown, by their script
	signs   map[rune]int   // likewise, of no script
	others  map[rune]string
}

// entered is clean for what comes into this paper: it notes what cannot be shown.
func (d *Doc) entered(s string) string { return d.enteredAt(d.place, s) }

// enteredLine is entered for what stands on one line.
func (d *Doc) enteredLine(s string) string { return oneLine(d.entered(s)) }

// enteredAt is entered for what stands in a place of its own, such as a field.
func (d *Doc) enteredAt(place, s string) string {
	return typeset(s, func(r rune, as string) { d.at(place).note(r, as) })
}

// at is what is not shown in a place.
func (d *Doc) at(place string) unshown {
	i := slices.IndexFunc(d.unshown, func(u unshown) bool { return u.place == place })
	if i < 0 {
		i, d.unshown = len(d.unshown), append(d.unshown, unshown{place, map[string]int{}, map[rune]int{}, map[rune]string{}})
	}
	return d.unshown[i]
}

// note takes down a letter and what stands in its place.
func (u unshown) note(r rune, as string) {
	if as != unknown || alike(r) == unknown { // a question mark, in another dress
		u.others[r] = as
	} else if writing := script(r); writing != "" {
		u.letters[writing]++
	} else {
		u.signs[r]++
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

// signName is a sign by its name in Unicode; one that has none by its number.
func signName(r rune) string {
	if name := runenames.Name(r); name != "" && !strings.HasPrefix(name, "<") {
		return strings.ToLower(name)
	}
	return fmt.Sprintf("U+%04X", r)
}

// mostPlaces and mostSigns are how many are named, one by one.
const (
	mostPlaces = 12
	mostSigns  = 6
)

// counted says how many letters of which script are not shown, and which signs.
func (u unshown) counted() string {
	var all []string
	n, names := 0, []string{}
	for _, r := range slices.Sorted(maps.Keys(u.signs)) {
		n, names = n+u.signs[r], append(names, signName(r))
	}
	if n > 0 {
		all = append(all, fmt.Sprintf("%s (%s)", plural(n, "sign", "signs"), few(names)))
	}
	for _, name := range slices.Sorted(maps.Keys(u.letters)) {
		all = append(all, plural(u.letters[name], name+" letter", name+" letters"))
	}
	return both(all)
}

// exchanged says which signs stand as which others.
func (u unshown) exchanged() string {
	var all []string
	for _, r := range slices.Sorted(maps.Keys(u.others)) {
		as := "left out"
		if u.others[r] != "" {
			as = fmt.Sprintf("as “%s”", u.others[r])
		}
		all = append(all, signName(r)+" "+as)
	}
	return few(all)
}

// few are the first names of a list.
func few(names []string) string {
	if more := len(names) - mostSigns; more > 0 {
		names = append(slices.Clip(names[:mostSigns]), plural(more, "other", "others"))
	}
	return both(names)
}

// whole is the paper's blocks, and at the end what does not stand as it was typed.
func (d *Doc) whole() []block {
	all := slices.Clip(d.blocks)
	if places := d.places(unshown.counted); places != "" {
		all = append(all, block{kind: notice, text: []string{"Not shown: " + places + ". Our type has no such letters, and each stands as “?”. The words as they came in are in our records, and count."}})
	}
	if places := d.places(unshown.exchanged); places != "" {
		all = append(all, block{kind: notice, text: []string{"Shown otherwise than typed, since our type has no such letters: " + places + "."}})
	}
	return all
}

// places says something of each place of which there is something to say.
func (d *Doc) places(of func(unshown) string) string {
	var places []string
	for _, u := range d.unshown {
		if said := of(u); said != "" {
			places = append(places, fmt.Sprintf("%s in “%s”", said, cmp.Or(u.place, d.kind)))
		}
	}
	if more := len(places) - mostPlaces; more > 0 {
		places = append(slices.Clip(places[:mostPlaces]), "more in "+plural(more, "other place", "other places"))
	}
	return strings.Join(places, "; ")
}
