package documents

import (
	"cmp"
	"slices"
	"strings"

	"darsd/dars"
)

// whatHasChanged is the section of an amendment or a renewal that says in which
// points it differs from the agreement before it.
func whatHasChanged(d *Doc, f dars.AgreementFacts) {
	d.Section("What has changed")
	d.Paras("next version")
	var rows [][]string
	for _, c := range termChanges(f) {
		rows = append(rows, []string{place(c.Field), c.Was, c.Is})
	}
	for _, c := range f.Changes {
		if slices.Contains([]string{"kind", "previous", "start", "end"}, c.Field) {
			continue // said above, as it was agreed
		}
		was, is := differing(c.Was, c.Is)
		rows = append(rows, []string{place(c.Field), cmp.Or(was, "—"), cmp.Or(is, "—")})
	}
	d.Table([]Col{{Name: "What", Share: 36}, {Name: "Until now", Share: 65}, {Name: "From now on", Share: 65}}, rows)
	d.Paras("nothing else changed")
}

// termChanges compare the terms of the two agreements.
func termChanges(f dars.AgreementFacts) (all []dars.Change) {
	g, before := f.Agreement, f.Previous
	for _, c := range []dars.Change{{Field: "start", Was: before.Start.Long(), Is: g.Start.Long()}, {Field: "end", Was: before.End.Long(), Is: g.End.Long()}} {
		if c.Was != c.Is {
			all = append(all, c)
		}
	}
	return all
}

// place names a field of the form: "datasets[HES_APC].periods" is "Datasets,
// HES_APC: Periods".
func place(field string) string {
	var all []string
	for _, part := range fieldParts(field) {
		key, item, listed := strings.Cut(strings.TrimSuffix(part, "]"), "[")
		said := label(key)
		if listed {
			said = joined(", ", said, item)
		}
		all = append(all, said)
	}
	if len(all) > 1 && all[0] == label("purpose") {
		all = all[1:]
	}
	return strings.Join(all, ": ")
}

// fieldParts cuts a field's name at its dots, but not within brackets, where what
// an applicant wrote may stand.
func fieldParts(field string) (parts []string) {
	deep, from := 0, 0
	for i, r := range field {
		switch {
		case r == '[':
			deep++
		case r == ']':
			deep--
		case r == '.' && deep == 0:
			parts, from = append(parts, field[from:i]), i+1
		}
	}
	return append(parts, field[from:])
}

// mostChanged is how much of a text stands in the table; the whole of it stands in
// its own section.
const mostChanged = 700 // letters

// differing leaves the lines of two texts in which they differ.
func differing(was, is string) (string, string) {
	if len(was) <= longText && len(is) <= longText {
		return was, is
	}
	before, after := textLines(was), textLines(is)
	return apartFrom(before, after), apartFrom(after, before)
}

func apartFrom(text, other []string) string {
	var all []string
	for _, l := range text {
		if !slices.Contains(other, l) {
			all = append(all, l)
		}
	}
	said := strings.Join(all, "\n")
	if letters := []rune(said); len(letters) > mostChanged {
		return string(letters[:mostChanged]) + "… (in full below, or in the agreement before)"
	}
	return said
}

func textLines(s string) (all []string) {
	for l := range strings.SplitSeq(clean(s), "\n") {
		if l = strings.TrimSpace(l); l != "" {
			all = append(all, l)
		}
	}
	return all
}
