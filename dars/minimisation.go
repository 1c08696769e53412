package dars

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Data minimisation: no more than the purpose needs, nor more plainly than it
// needs (standard 3; domain 1.3 D).

// reasons holds the table of fields by purpose to what is asked for. One that is
// there says something of each field, and of no other.
func (c *formCheck) reasons(at string, d DatasetRequest) {
	known, err := c.catalogue.Dataset(d.Code)
	if err != nil || len(d.Reasons) == 0 {
		return
	}
	asked := d.fieldsAsked(known)
	var given []string
	for i, r := range d.Reasons {
		where := fmt.Sprintf("%s.reasons[%d]", at, i)
		for j, name := range r.Fields {
			fields := Span(known.names(), name)
			if fields == nil && name != "" {
				c.say(fmt.Sprintf("%s.fields[%d]", where, j), "%s has no field %s%s", d.Code, shortened(name), instead(name, known.names()))
			}
			if extra := without(fields, asked); extra != "" {
				c.say(fmt.Sprintf("%s.fields[%d]", where, j), "%s is not asked for: leave it out here, or ask for it", extra)
			}
			given = append(given, fields...)
		}
		if r.For != "" && !slices.ContainsFunc(c.Purpose.Serves, func(a Aim) bool { return a.Aim == r.For }) {
			c.say(where+".for", "%s is not among the aims under purpose.serves: say one of them", shortened(r.For))
		}
	}
	if missing := without(asked, given); missing != "" {
		c.say(at+".reasons", "nothing says what these are needed for: %s", missing)
	}
}

// fieldsAsked is the fields of the source that something of a request is made
// from, each once.
func (d DatasetRequest) fieldsAsked(known Dataset) (all []string) {
	for _, c := range d.Columns {
		all = append(all, c.Field)
	}
	all = append(all, d.Fields...)
	if len(all) == 0 {
		return known.names()
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// A Combination is facts of a person that together tell who they are, though
// none of them does alone.
type Combination struct {
	Of   [][]string // one of each
	Says string
}

// Combinations are those that a reviewer is told of.
var Combinations = []Combination{
	{[][]string{{"birth-date"}, {"postcode", "small-area"}, {"sex"}}, "a full date of birth with a small area and the sex tells who most people are: a month or year of birth, an age or a larger area may do"},
	{[][]string{{"birth-date"}, {"postcode", "small-area"}}, "a full date of birth with a small area tells who most people are: a month or year of birth, an age or a larger area may do"},
	{[][]string{{"birth-month", "age"}, {"postcode"}, {"sex"}}, "an age or month of birth with the postcode and the sex tells who many people are: a district may do"},
	{[][]string{{"birth-month", "age"}, {"small-area"}, {"sex"}}, "an age or month of birth with a small area and the sex tells who some people are where few live: an age band or a larger area may do"},
	{[][]string{{"death-date"}, {"postcode", "small-area", "area"}}, "a date of death with an area can be looked up in public: a year, or an age at death, may do"},
	{[][]string{{"birth-date"}, {"death-date"}}, "a date of birth with a date of death can be looked up in public: an age at death may do"},
	{[][]string{{"nhs-number"}, {"birth-date"}, {"postcode"}}, "NHS number, date of birth and postcode together are needed to find a person, not to study one: one of them may do, or a pseudonym"},
}

// namesOf are how fields of common datasets are called, where the catalogue does
// not say what they hold: parts of the name.
var namesOf = []struct {
	fact  string
	parts []string
}{
	{"sex", []string{"SEX", "GENDER"}},
	{"birth-month", []string{"MYDOB"}},
	{"birth-date", []string{"DOB", "BIRTHDATE", "BIRTH_DATE", "DATE_OF_BIRTH"}},
	{"death-date", []string{"DOD", "DEATH_DATE", "DATE_OF_DEATH"}},
	{"postcode", []string{"POSTCODE", "HOMEADD"}},
	{"small-area", []string{"LSOA", "SOAL", "OA11", "OA21"}},
	{"area", []string{"MSOA", "SOAM", "RESLADST", "LAD"}},
	{"nhs-number", []string{"NHSNO", "NHS_NUMBER", "NEWNHSNO"}},
	{"age", []string{"STARTAGE", "ENDAGE", "AGE"}},
}

// fact is what a field tells about a person, or "".
func (f Field) fact() string {
	name := strings.ToUpper(f.Name)
	for _, n := range namesOf {
		for _, part := range n.parts {
			// A whole word of the name: LANGUAGE is no age.
			if name == part || strings.HasPrefix(name, part+"_") || strings.HasSuffix(name, "_"+part) || len(part) > 3 && strings.Contains(name, part) {
				if f.Holds == "" || f.Holds == "area" {
					return n.fact
				}
			}
		}
	}
	return f.Holds
}

// facts is what a request tells about each person, and by which fields.
func (d DatasetRequest) facts(known Dataset) map[string]string {
	found := map[string]string{}
	note := func(fact, field string) {
		if fact != "" && found[fact] == "" {
			found[fact] = field
		}
	}
	for _, c := range d.Columns {
		switch f, _ := known.Field(c.Field); c.Derive {
		case "":
			note(f.fact(), f.Name)
		case "age", "birth-month", "area":
			note(c.Derive, c.Name())
		}
	}
	if len(d.Columns) > 0 {
		return found
	}
	for _, name := range d.fieldsAsked(known) {
		f, ok := known.Field(name)
		if !ok {
			f.Name = name
		}
		note(f.fact(), name)
	}
	return found
}

// Warnings are what is no reason to refuse a form, and what a reviewer will ask
// about.
func (f *Form) Warnings(catalogue Catalogue) (warned []Mistake) {
	say := func(rule, field, format string, args ...any) {
		warned = append(warned, Mistake{Field: field, Says: fmt.Sprintf(format, args...), Rule: rule})
	}
	for i, d := range f.Datasets {
		known, err := catalogue.Dataset(d.Code)
		if err != nil {
			continue
		}
		at := fmt.Sprintf("datasets[%d]", i)
		if fields, says := d.telling(known); says != "" {
			say("identifying", at, "%s: %s", strings.Join(fields, " + "), says)
		}
		f.minimal(d, known, func(field, format string, args ...any) { say("minimisation", at+field, format, args...) })
	}
	for i, l := range f.Locations {
		if l.Country == "" {
			say("no-country", fmt.Sprintf("locations[%d]", i), "no country is given, so nobody can tell whether the territory holds it")
		}
	}
	if !blank(f.Territory) && territory(f.Territory) == len(Territories)-1 {
		say("own-territory", "territory", "it is in words of its own, so nobody but a person can tell whether it holds every place: say one of %s if one of them will do", strings.Join(Codes(Territories), ", "))
	}
	for i, b := range f.Bases {
		if before(f.Start, b.Approved) && !f.shownAtStart(b.Gateway) {
			say("basis-later", fmt.Sprintf("gateways[%d].approved", i), "%s is shown only from %s, after the agreement would begin on %s: say what shows it until then, or ask for a later start", b.Gateway, b.Approved, f.Start)
		}
	}
	f.doubtful(func(field, format string, args ...any) { say("assurance", field, format, args...) })
	if e := f.Ethics; e != nil && e.Needed && blank(e.Reference) {
		say("no-ethics", "ethics.reference", "ethics approval is needed, and no reference of one is given: give it when it has come")
	}
	f.long(func(format string, args ...any) { say("long-term", "end", format, args...) })
	return warned
}

// shownAtStart reports whether something shows a gateway on the first day of the term. A
// later version keeps the beginning of the one before, and may show a renewed approval.
func (f *Form) shownAtStart(gateway string) bool {
	return !f.isNew() || slices.ContainsFunc(f.Bases, func(b LegalBasis) bool { return b.Gateway == gateway && b.Approved <= f.Start })
}

// telling returns the first combination that a request for data without names
// makes: with names, the reviewer knows.
func (d DatasetRequest) telling(known Dataset) (fields []string, says string) {
	facts := d.facts(known)
	for _, c := range Combinations {
		fields = nil
		for _, some := range c.Of {
			i := slices.IndexFunc(some, func(fact string) bool { return facts[fact] != "" })
			if i >= 0 {
				fields = append(fields, facts[some[i]])
			}
		}
		if len(fields) == len(c.Of) {
			return fields, c.Says
		}
	}
	return nil, ""
}

// minimal asks the questions of the standard that a form has left open.
func (f *Form) minimal(d DatasetRequest, known Dataset, say func(field, format string, args ...any)) {
	if len(d.Columns) == 0 && len(d.Fields) == 0 && len(known.Fields) > 0 {
		say(".fields", "all %d fields of %s are asked for: list those that are needed", len(known.Fields), d.Code)
	}
	if len(d.Reasons) == 0 {
		say(".reasons", "nothing says what each field of %s is needed for", d.Code)
	}
	if d.Identifiability == "IDENT" && blank(d.Minimised) {
		say(".minimised", "nothing says why identifiable data are needed of %s, and why less would not do", d.Code)
	}
	if len(d.Periods) > 10 {
		say(".periods", "%d periods are asked for: say under minimised why so many", len(d.Periods))
	}
	for _, name := range d.fieldsAsked(known) {
		if field, _ := known.Field(name); field.Sensitive && !d.Sensitive {
			say(".sensitive", "%s is sensitive, and the form says that nothing is", name)
			return
		}
	}
}

// long warns of terms beyond the standard's: one year for a commercial purpose or
// sub-licences, three otherwise (domain 2.4).
func (f *Form) long(say func(format string, args ...any)) {
	years, why := 3, "an agreement"
	if f.Purpose.Commercial || f.Sublicensing != "" {
		years, why = 1, "an agreement with "+cmp.Or(map[bool]string{true: "a commercial purpose"}[f.Purpose.Commercial], "sub-licences")
	}
	if _, err := ParseDay(string(f.Start)); err == nil && f.End > f.Start.AddMonths(12*years).Add(-1) {
		say("%s runs for %d years at most as a rule; this one would run for longer", why, years)
	}
}
