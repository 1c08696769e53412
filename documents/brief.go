package documents

import (
	"fmt"
	"strings"

	"darsd/dars"
)

// Brief is the page that whoever decides on an application reads before.
func (p Press) Brief(b dars.Brief) ([]byte, error) { return p.brief(b).PDF() }

// How many lines of each list stand on the brief, if there is not much and if
// there is: it is one page. The screen and the JSON have them all.
const (
	briefLines = 4
	fewLines   = 1
	fullPage   = 14 // lines of all lists
)

// A share is one list of the brief.
type share struct {
	title string
	lines []string
}

func (p Press) brief(b dars.Brief) *Doc {
	d := p.New("Brief before a decision", b.Title, b.Ref+"-"+b.Version, b.On)
	d.mark = "brief"
	d.Fact("Application", "%s %s, %s, %s", b.Ref, b.Version, dars.Meaning(dars.Kinds, b.Kind), words(b.State))
	d.Fact("Applicant", "%s", joined(" ", b.OrgName, "("+string(b.Org)+")"))
	d.Fact("Route", "%s: %s", capital(words(b.Route.Name)), beginning(b.Route.Why, 320))
	if b.Due != "" {
		d.Fact("Service level", "Due on %s", b.Due.Long())
	}
	if a := b.Advice; a != nil {
		d.Fact("DAAG", "%s on %s; %d members took part, %d of them lay%s", capital(words(a.Outcome)), a.On.Long(), a.Members, a.Lay, prefixed(". ", beginning(a.Note, 160)))
	}
	d.Fact("Objections", "%s", b.Objections)

	shares := []share{{"Asked for", b.Asks}}
	var lines []string
	for _, t := range b.Caveats {
		lines = append(lines, fmt.Sprintf("%d, %s, by %s: %s%s", t.N, words(t.State), t.Due.Long(), t.Text, prefixed("; until then no ", stage(t.Blocks))))
	}
	shares = append(shares, share{"Caveats that are not cleared", lines})
	lines = nil
	for _, c := range b.Changes {
		lines = append(lines, alteration(c))
	}
	if said := compared(b); said != "" {
		shares = append(shares, share{"Compared with", []string{said}})
	}
	shares = append(shares, share{"Changed since " + since(b.Since), lines})
	lines = nil
	for _, e := range b.Ends {
		verb := "ends on"
		if e.Ended {
			verb = "ended on"
		}
		lines = append(lines, fmt.Sprintf("%s (%s) %s %s", capital(e.What), e.Of, verb, e.On.Long()))
	}
	shares = append(shares, share{"Ended, or ends within the term", lines})
	lines = nil
	for _, h := range b.Holds {
		lines = append(lines, fmt.Sprintf("%s: %s, %s, until %s; %d files sent", h.Agreement, strings.Join(h.Datasets, ", "), words(h.State), h.End.Long(), h.Files))
	}
	for _, x := range b.Access {
		lines = append(lines, fmt.Sprintf("%s: system access to %s under %s for %d people, reviewed by %s", x.Release, x.Dataset, x.Agreement, x.People, x.ReviewDue.Long()))
	}
	shares = append(shares, share{"Already held by these parties", lines})
	lines = nil
	for _, a := range b.Audits {
		lines = append(lines, fmt.Sprintf("%s of %s: %s, %s since %s", a.Audit, a.Org, trigger(a.Trigger), words(a.State), a.Triggered.Long()))
	}
	shares = append(shares, share{"Open audits and findings", lines})
	lines = nil
	for _, c := range b.Certificates {
		lines = append(lines, fmt.Sprintf("%s of %s, due on %s, %s overdue", c.Certificate, c.Org, c.Due.Long(), days(c.DaysOver)))
	}
	shares = append(shares, share{"Overdue certificates of destruction", lines})
	total := 0
	for _, s := range shares {
		total += min(len(s.lines), briefLines)
	}
	most, letters := briefLines, 110
	if total > fullPage {
		most, letters = fewLines, 76 // one line of the page
	}
	for _, s := range shares {
		d.few(s.title, s.lines, most, letters)
	}
	return d
}

// few is a list of which the first lines stand on the page.
func (d *Doc) few(title string, lines []string, most, letters int) {
	var said []string
	for i, l := range lines {
		if i == most {
			said = append(said, fmt.Sprintf("And %d more: darsd decision brief.", len(lines)-i))
			break
		}
		said = append(said, beginning(l, letters))
	}
	if len(said) == 0 {
		said = []string{"None."}
	}
	d.Fact(title, "%s", strings.Join(said, "\n"))
}

func since(version string) string {
	if version == "" {
		return "an earlier version (there is none)"
	}
	return version
}

// compared says with what the application is compared, and what came in between and
// came to nothing.
func compared(b dars.Brief) string {
	said := b.Since + prefixed(", ", b.SinceIs)
	for _, v := range b.Attempts {
		said = joined("; ", said, fmt.Sprintf("%s was handed in since then: %s", v.Version, words(v.State)))
	}
	return said
}

// alteration says a change on a line.
func alteration(c dars.Change) string {
	switch {
	case c.Was == "":
		return place(c.Field) + ": " + beginning(inFull(c.Is), 40) + " (new)"
	case c.Is == "":
		return place(c.Field) + ": " + beginning(inFull(c.Was), 40) + " (gone)"
	}
	return place(c.Field) + ": " + beginning(inFull(c.Was), 40) + " → " + beginning(inFull(c.Is), 40)
}

// beginning is the first letters of a text, on one line.
func beginning(text string, most int) string {
	letters := []rune(strings.Join(strings.Fields(text), " "))
	if len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return string(letters)
}
