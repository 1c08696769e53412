package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"darsd/dars"
)

// applicationView is an application as JSON: its facts, and what follows from
// them.
type applicationView struct {
	*dars.Application
	Version    string           `json:"version"`
	Route      string           `json:"route"`
	RouteWhy   string           `json:"route_why"`
	Conditions []dars.Condition `json:"conditions"` // attached to what is asked
	Warnings   []dars.Mistake   `json:"warnings"`   // what a reviewer will ask about
}

// showApplication prints an application in full: where it stands, then its form,
// section by section as the agreement will have it.
func (c *call) showApplication(p *dars.Application) error {
	route, why := p.Route()
	view := applicationView{p, p.Version(), route, why, append([]dars.Condition{}, p.Form.Attached()...), append([]dars.Mistake{}, p.Form.Warnings(c.Catalogue)...)}
	if c.json {
		return c.print(view)
	}
	names := c.names()
	s := sheet{w: c.env.stdout}
	s.facts("application", p.Stem+" "+p.Version(), "kind", dars.Meaning(dars.Kinds, p.Kind), "title", p.Form.Title, "organisation", string(p.Form.Organisation),
		"state", string(p.State), "route", route+": "+why, "clock", clockWords(p.Clock))
	steps := append(c.caseFacts(p, names), "assessed", assessed(p, names))
	for _, sub := range p.Submissions {
		steps = append(steps, string(sub.On), fmt.Sprintf("%s submitted by %s", sub.Version, names(sub.By)))
		if len(sub.Changed) > 0 {
			steps = append(steps, "changed", strings.Join(sub.Changed, ", "))
		}
	}
	for _, d := range p.Decisions {
		step := d.Step
		if d.Undone {
			step += " (undone since)"
		}
		steps = append(steps, string(d.On), fmt.Sprintf("%s → %s by %s %s", step, d.Outcome, inName(names, d.By, d.For), d.Note))
	}
	s.facts(steps...)
	s.form(&p.Form, names)
	s.remarks(view)
	return s.err
}

// assessed says who has assessed an application: "by deb for iris; by ivan".
func assessed(p *dars.Application, names func(dars.PersonID) string) string {
	var all []string
	for _, d := range p.Decisions {
		if d.Step == "assessed" {
			all = append(all, "by "+inName(names, d.By, d.For))
		}
	}
	return strings.Join(all, "; ")
}

// A sheet is what is printed on a screen of [screenWidth]. It keeps the first
// error.
type sheet struct {
	w   io.Writer
	err error
}

func (s *sheet) print(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.w, format, args...)
	}
}

func (s *sheet) section(title string) { s.print("\n%s\n", strings.ToUpper(title)) }

// facts prints label and value, a line each; values that are not given are left
// out.
func (s *sheet) facts(pairs ...string) {
	var t table
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := strings.TrimSpace(pairs[i+1]); value != "" {
			t = append(t, []string{pairs[i], visible(strings.Join(strings.Fields(value), " "))})
		}
	}
	s.table(t)
}

func (s *sheet) table(t table) {
	if s.err == nil && len(t) > 0 {
		s.err = t.write(s.w)
	}
}

// text prints an applicant's own words under a title, with their lines as they
// are, folded to the screen.
func (s *sheet) text(title, words string) {
	if strings.TrimSpace(words) == "" {
		return
	}
	s.print("\n%s\n", title)
	for line := range strings.Lines(strings.TrimRight(words, " \r\n\t")) {
		for _, folded := range fold(visible(strings.TrimRight(line, "\r\n")), screenWidth-2) {
			s.print("%s\n", strings.TrimRight("  "+folded, " "))
		}
	}
}

// visible keeps a stranger's text from moving the cursor about.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0:
			return -1
		}
		return r
	}, text)
}

// form prints the sections of a form.
func (s *sheet) form(f *dars.Form, names func(dars.PersonID) string) {
	var collectors []string
	for _, id := range f.Recipients {
		collectors = append(collectors, names(id))
	}
	s.section("1 Parties and term")
	s.facts("previous", f.Previous, "related", comma(f.Related), "contact", together(", ", names(f.ContactID), workplace(f.Applicant)),
		"controllers", together(", ", comma(f.Controllers), strings.ToLower(f.Basis)), "processors", comma(f.Processors), "hosts only", comma(f.Hosts),
		"collectors", comma(collectors), "sponsor", backer(f.Sponsor, f), "funder", backer(f.Funder, f), "term", fmt.Sprintf("%s to %s", f.Start, f.End),
		"uses", meanings(dars.Uses, f.Uses))
	s.text("Summary", f.Summary)
	if len(f.Parties) > 0 {
		s.print("\n")
	}
	for _, p := range f.Parties {
		s.facts(string(p.Code), together("; ", dars.Meaning(dars.OrgTypes, p.Type), p.Country, registration(p.ICO), assurances(p.Security)))
	}

	s.section("2 Places and territory")
	var places []string
	for _, l := range f.Locations {
		places = append(places, "place", l.String())
	}
	s.facts(append(places, "territory", together(": ", dars.Meaning(dars.Territories, f.Territory), f.TerritoryText))...)

	s.section("3 Data")
	s.facts("held already", strings.Join(f.Held, "; "))
	for _, d := range f.Datasets {
		s.dataset(d)
	}
	if len(f.Bases) > 0 {
		s.print("\n")
	}
	for _, b := range f.Bases {
		s.facts(b.Gateway, together("; ", b.Reference, ranged("approved", b.Approved), ranged("until", b.Expires), b.Evidence))
	}
	if g := f.GDPR; g != nil {
		s.facts("GDPR article 6", withMeanings(dars.Article6, g.Article6), "GDPR article 9", withMeanings(dars.Article9, g.Article9), "DPA 2018 Sch 1", g.Schedule1)
	}
	s.text("Contact with patients", f.Patients)

	s.purpose(f)
}

func (s *sheet) dataset(d dars.DatasetRequest) {
	sensitive := "non-sensitive"
	if d.Sensitive {
		sensitive = "sensitive"
	}
	var columns, cohort []string
	for _, c := range d.Columns {
		columns = append(columns, columnWords(c))
	}
	if d.Cohort != nil {
		cohort = []string{"by " + d.Cohort.Field, d.Cohort.Column}
	}
	s.print("\n%s\n", d.Code)
	s.facts("  periods", strings.Join(d.Periods, ", "), "  amount", d.Amount, "  dated", dated(d.From, d.To),
		"  kind", together(", ", dars.Meaning(dars.Identifiabilities, d.Identifiability), sensitive),
		"  gateway", dars.Meaning(dars.Gateways, d.Gateway), "  common law", dars.Meaning(dars.CommonLaws, d.CommonLaw),
		"  frequency", together(", ", dars.Meaning(dars.Frequencies, d.Frequency), strings.ToLower(dars.Meaning(dars.Intervals, d.Interval)), rolling(d)),
		"  fields", cmp.Or(strings.Join(columns, ", "), strings.Join(d.Fields, ", "), "all of the dataset"), "  cohort", together(", ", cohort...))
	for _, r := range d.Rows {
		s.facts("  only rows", rowWords(r))
	}
	s.text("  Why no less would do", d.Minimised)
	if len(d.Reasons) == 0 {
		return
	}
	t := table{{"  FIELDS", "FOR", "BECAUSE"}}
	for _, r := range d.Reasons {
		t = append(t, []string{"  " + strings.Join(r.Fields, ", "), cmp.Or(dars.Meaning(dars.Aims, r.For), "-"), visible(strings.Join(strings.Fields(r.Why), " "))})
	}
	s.table(t)
}

func (s *sheet) purpose(f *dars.Form) {
	p := f.Purpose
	s.section("5 Purpose")
	for _, a := range p.Serves {
		s.text(dars.Meaning(dars.Aims, a.Aim), a.How)
	}
	s.text("5a Objective", p.Objective)
	s.text("5b Processing", p.Processing)
	s.text("5c Outputs", p.Outputs)
	s.targets(p.OutputsDue)
	s.text("5d Benefits", p.Benefits)
	s.facts("  type", dars.Meaning(dars.BenefitTypes, p.BenefitsType))
	s.targets(p.BenefitsDue)
	s.text("5d iii Yielded benefits", p.Yielded)
	if p.Commercial {
		s.text("5e Commercial purpose", cmp.Or(p.CommercialText, "Yes"))
	}
	s.text("6 Special conditions proposed", strings.Join(f.Conditions, "\n"))
	if e := f.Ethics; e != nil {
		needed := "not needed"
		if e.Needed {
			needed = "needed"
		}
		s.section("7 Ethics")
		s.facts("approval", together(", ", needed, e.Committee, e.Reference, string(e.Approved)))
	}
	s.text("10 Sub-licensing", together("\n", f.Sublicensing, comma(f.Sublicensees)))
	if len(f.Evidence) > 0 {
		s.section("Evidence")
		t := table{{"KIND", "REFERENCE", "FILE", "EXPIRES"}}
		for _, e := range f.Evidence {
			t = append(t, []string{e.Kind, cmp.Or(e.Ref, "-"), e.File, cmp.Or(string(e.Expires), "-")})
		}
		s.table(t)
	}
}

// remarks prints what the office adds: conditions that follow, and warnings.
func (s *sheet) remarks(v applicationView) {
	if len(v.Conditions) > 0 {
		s.section("Conditions that are attached")
		for _, c := range v.Conditions {
			s.table(table{{"-", c.Text}})
		}
	}
	if len(v.Warnings) > 0 {
		s.section("For the reviewer")
		for _, m := range v.Warnings {
			s.table(table{{"-", m.String()}})
		}
	}
}

func (s *sheet) targets(all []dars.Target) {
	var t table
	for _, one := range all {
		t = append(t, []string{"  by " + string(one.By), one.What})
	}
	s.table(t)
}

func together(between string, parts ...string) string {
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, between)
}

func comma[S ~string](all []S) string {
	var words []string
	for _, one := range all {
		words = append(words, string(one))
	}
	return strings.Join(words, ", ")
}

func meanings(list []dars.Code, codes []string) string {
	var all []string
	for _, code := range codes {
		all = append(all, dars.Meaning(list, code))
	}
	return strings.Join(all, ", ")
}

func withMeanings(list []dars.Code, codes []string) string {
	var all []string
	for _, code := range codes {
		all = append(all, code+" "+dars.Meaning(list, code))
	}
	return strings.Join(all, "; ")
}

func workplace(w *dars.Workplace) string {
	if w == nil {
		return ""
	}
	return together(", ", w.JobTitle, w.Department, w.Address)
}

func backer(b *dars.Backer, f *dars.Form) string {
	switch {
	case b == nil:
		return ""
	case b.Same:
		return together(", ", string(f.Organisation), b.Award)
	}
	return together(", ", b.Name, b.Address, b.Award)
}

func registration(r *dars.Registration) string {
	if r == nil {
		return ""
	}
	return together(", ", "ICO "+r.Number, r.Name, ranged("until", r.Expires))
}

func assurances(all []dars.Assurance) string {
	var said []string
	for _, a := range all {
		score := ""
		if a.Score > 0 {
			score = fmt.Sprintf("%d%%", a.Score)
		}
		said = append(said, together(", ", together(" ", a.Kind, a.Version, string(a.Code)), dars.Meaning(dars.DSPTOutcomes, a.Outcome), score,
			together(" of ", a.Certificate, a.Body), a.Scope, ranged("published", a.Published), ranged("reviewed", a.Reviewed), ranged("until", a.Expires)))
	}
	return strings.Join(said, "; ")
}

// ranged puts a word before a day that is known.
func ranged(word string, day dars.Day) string {
	if day == "" {
		return ""
	}
	return word + " " + string(day)
}

func dated(from, to dars.Day) string { return together(" ", ranged("from", from), ranged("to", to)) }

// columnWords is a column with what it is made from, if that is not itself.
func columnWords(c dars.Column) string {
	if c.Derive == "" && c.As == "" {
		return c.Field
	}
	return fmt.Sprintf("%s (%s)", c.Name(), together(" of ", c.Derive, c.Field))
}

func rowWords(r dars.RowFilter) string {
	not := ""
	if r.Not {
		not = "not "
	}
	what := append(append(append([]string{}, r.Prefixes...), r.Codes...), r.Ages)
	return fmt.Sprintf("%s: %s%s", strings.Join(r.Fields, ", "), not, strings.TrimSuffix(strings.Join(what, ", "), ", "))
}
