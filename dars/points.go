package dars

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// What is wrong with a certificate that came back: every point at once, with the
// field and line where it stands and what would be right (domain 3).

// points are the points in which a form is not as it should be, in the order of its
// lines. What an answer leaves to be mended it does not cover.
func (f CertificateForm) points(c *Certificate, answers []answer, on Day, held []Holding) []Mistake {
	p := &inspection{form: f, of: c, on: on, held: held, said: map[Mistake]bool{}}
	p.everyLine()
	ends := map[string]answer{} // what was said first of each copy
	for _, a := range answers {
		if _, told := ends[a.named()]; !told && !a.open() {
			ends[a.named()] = a
		}
	}
	for i, a := range answers {
		first, told := ends[a.named()]
		p.wrong = false
		switch {
		case !a.open():
			p.answer(a)
			if (first.HeldUnder == "") != (a.HeldUnder == "") {
				p.say("contradiction", a.at("held_under"), "%s: one answer says that it is destroyed and another that it is kept: leave one out", a.named())
			} else if a.live() && !sameEnd(first.Destruction, a.Destruction) {
				p.say("contradiction", a.field, "%s: there are two answers for the copy in use, and they differ: leave one out; a further copy has its word in copy", a.named())
			}
		case !told:
			p.left(a)
		}
		answers[i].Covered = a.live() && !a.open() && !p.wrong
		if h := holding(held, a.Destruction); h != nil {
			answers[i].HeldUnder = string(h.Under) // whichever of its releases was named
		}
	}
	p.signed(answers)
	lines := Draft{Lines: f.Lines}
	placed := lines.Placed(p.found)
	if more := len(placed) - maxPoints; more > 0 {
		placed = append(placed[:maxPoints:maxPoints], Mistake{Says: fmt.Sprintf("and %d points more", more), Rule: badForm})
	}
	return f.inItsWords(placed)
}

// inItsWords names fields as whoever filled in a form has seen them: nobody who filled
// in a PDF knows how a text writes them.
func (f CertificateForm) inItsWords(points []Mistake) []Mistake {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(f.Called)) {
		names = append(names, name, f.Called[name])
	}
	sentence := strings.NewReplacer(names...)
	for i, m := range points {
		if called := f.Called[m.Field]; called != "" {
			points[i].Field = called
		}
		points[i].Says = sentence.Replace(m.Says)
	}
	return points
}

// sameEnd reports whether two answers say the same of one copy.
func sameEnd(one, other Destruction) bool {
	other.Covered, other.Copy = one.Covered, one.Copy
	return one == other
}

// maxPoints is how many points are kept of one form: a few for each of some hundred
// files at each of a few holders. What has more is no answer to the certificate.
const maxPoints = 3000

// An inspection goes through a certificate that came back.
type inspection struct {
	form  CertificateForm
	of    *Certificate
	on    Day
	held  []Holding
	found []Mistake
	said  map[Mistake]bool
	wrong bool // the answer that is looked at
}

func (p *inspection) say(rule, field, format string, args ...any) {
	m := Mistake{Field: field, Says: fmt.Sprintf(format, args...), Rule: rule}
	p.wrong = true
	if !p.said[m] { // what is wrong with a line for all, once
		p.said[m] = true
		p.found = append(p.found, m)
	}
}

func (a answer) at(field string) string {
	if a.field == "items" {
		return a.field
	}
	return a.field + "." + field
}

// named is which copy an answer is of: "FILE0000001 at RA1".
func (a answer) named() string {
	named := fmt.Sprintf("%s at %s", written(string(a.File)), written(string(a.Holder)))
	if !a.live() {
		named += " (" + written(a.Copy) + ")"
	}
	return named
}

// written is a short text as a stranger wrote it; one that holds what may be a
// patient's number is not repeated.
func written(text string) string {
	if rule, _ := foul(text); rule != "" {
		return "what stands there"
	}
	return shortened(text)
}

// left names a copy of which nothing is said.
func (p *inspection) left(a answer) {
	if !p.known(a) {
		return
	}
	p.say("not-covered", a.at("destroyed_on"), "%s is not accounted for: say how and when it was destroyed, or in held_under under which later agreement it is kept", a.named())
}

// known reports whether a copy is one of those that the certificate is about.
func (p *inspection) known(a answer) bool {
	file, holder := p.of.file(a.File) != nil, slices.Contains(p.of.Holders, a.Holder)
	if !file {
		p.say("unknown-file", a.at("file"), "nothing of %s was sent under this certificate: it lists %s", written(string(a.File)), p.files())
	}
	if !holder {
		p.say("unknown-holder", a.at("holder"), "%s is no holder: they are %s", written(string(a.Holder)), join(p.of.Holders))
	}
	return file && holder
}

// files are those that the certificate lists, the first and the last where there
// are many.
func (p *inspection) files() string {
	all := p.of.Files
	switch {
	case len(all) == 0:
		return "none"
	case len(all) > 4:
		return fmt.Sprintf("%d, from %s to %s", len(all), all[0].File, all[len(all)-1].File)
	}
	var names []FileID
	for _, f := range all {
		names = append(names, f.File)
	}
	return join(names)
}

// everyLine looks at the lines for all, which name no file.
func (p *inspection) everyLine() {
	for i, every := range p.form.All {
		a := answer{every, fmt.Sprintf("all[%d]", i)}
		if every.File != "" {
			p.say("bad-form", a.at("file"), "what is said for all names no file: give %s a line under items", written(string(every.File)))
		}
		if every.Holder != "" && !slices.Contains(p.of.Holders, every.Holder) {
			p.say("unknown-holder", a.at("holder"), "%s is no holder: they are %s", written(string(every.Holder)), join(p.of.Holders))
		}
	}
}

// answer looks at what is said of one copy.
func (p *inspection) answer(a answer) {
	if !p.known(a) {
		return
	}
	p.code(Copies, a, "copy", a.Copy)
	p.code(Media, a, "medium", a.Medium)
	p.paper(a)
	if a.HeldUnder != "" {
		p.kept(a)
		return
	}
	p.method(a)
	p.days(a)
	p.fullName(a.at("by"), a.By)
	if a.By != "" && samePerson(a.By, p.form.Signed.Name) {
		p.say("same-person", a.at("by"), "whoever destroyed the data cannot also be the one who signs in signed.name")
	}
}

// paper looks at whether a copy and what it lay on go together: what is sent is a file,
// so that the copy in use of it is on no paper, and a copy on paper is on nothing else.
func (p *inspection) paper(a answer) {
	switch {
	case a.live() && a.Medium == "PAPER":
		p.say("impossible-medium", a.at("medium"), "%s: it was sent as a file, which lies on no paper: for what was printed add a line with copy: paper", a.named())
	case a.Copy == "paper" && a.Medium != "PAPER" && a.HeldUnder == "":
		p.say("impossible-medium", a.at("medium"), "%s: a copy on paper has the medium PAPER", a.named())
	}
}

func (p *inspection) code(list []Code, a answer, field, word string) {
	if word != "" && !slices.Contains(Codes(list), word) {
		p.say("unknown-code", a.at(field), "%q is not one of %s%s", written(word), strings.Join(Codes(list), ", "), meant(word, Codes(list)))
	}
}

// kept looks at a copy that a later version of the case is to cover.
func (p *inspection) kept(a answer) {
	switch {
	case a.DestroyedOn != "" || a.Method != "":
		p.say("contradiction", a.at("held_under"), "%s: it is kept, or it is destroyed: leave out held_under, or method and destroyed_on", a.named())
	case holding(p.held, a.Destruction) == nil:
		p.say("not-held", a.at("held_under"), "%s: %s is no agreement in force that lets %s keep it%s", a.named(), written(a.HeldUnder), a.Holder, p.under(a))
	}
}

// under says where a copy could be kept.
func (p *inspection) under(a answer) string {
	for _, h := range p.held {
		if h.File == a.File && slices.Contains(h.Holders, a.Holder) {
			return fmt.Sprintf("; %s does", h.Under)
		}
	}
	return ": it is to be destroyed"
}

// method looks at whether what was done can be done to what the copy lay on.
func (p *inspection) method(a answer) {
	if a.Method == "" {
		p.say("bad-form", a.at("method"), "%s: say how it was destroyed: one of %s", a.named(), strings.Join(Codes(Methods), ", "))
		return
	}
	p.code(Methods, a, "method", a.Method)
	possible, known := MethodsFor[a.Medium]
	switch {
	case !slices.Contains(Codes(Methods), a.Method):
	case a.Medium == "" && !slices.Contains(Mediumless, a.Method):
		p.say("no-medium", a.at("medium"), "%s: say what it lay on: one of %s", a.named(), strings.Join(Codes(Media), ", "))
	case known && !slices.Contains(possible, a.Method):
		p.say("impossible-method", a.at("method"), "%s: %s does not destroy data on %s: what does is %s", a.named(), a.Method, a.Medium, strings.Join(possible, ", "))
	}
	if a.Method == "LIVE_SYSTEM_DELETE" && a.BackupUntil == "" {
		p.say("no-backup-day", a.at("backup_until"), "%s: with LIVE_SYSTEM_DELETE say when the last backup goes; where there is none, the day itself", a.named())
	}
}

// backupYears are for how many years after the destruction a backup may live on: longer
// than any rota of tapes. A year with a digit wrong is not a certificate that is
// interim for a century.
const backupYears = 10

// days looks at whether its dates can be.
func (p *inspection) days(a answer) {
	f := p.of.file(a.File)
	_, err := ParseDay(string(a.DestroyedOn))
	switch sent := f.sentTo(a.Holder); {
	case a.DestroyedOn == "":
		p.say("bad-form", a.at("destroyed_on"), "%s: say on which day it was destroyed, as in 2026-03-31", a.named())
		return
	case err != nil:
		p.say("bad-form", a.at("destroyed_on"), "%s: %q is not a date such as 2026-03-31", a.named(), written(string(a.DestroyedOn)))
		return
	case a.DestroyedOn > p.on:
		p.say("impossible-date", a.at("destroyed_on"), "%s: %s is in the future: today is %s", a.named(), a.DestroyedOn, p.on)
	case a.DestroyedOn < f.Made:
		p.say("impossible-date", a.at("destroyed_on"), "%s: %s is before it was made, on %s", a.named(), a.DestroyedOn, f.Made)
	case a.DestroyedOn < sent:
		p.say("impossible-date", a.at("destroyed_on"), "%s: destroyed on %s, but some of it was sent on %s", a.named(), a.DestroyedOn, sent)
	}
	if a.BackupUntil == "" {
		return
	}
	if _, err := ParseDay(string(a.BackupUntil)); err != nil {
		p.say("bad-form", a.at("backup_until"), "%s: %q is not a date such as 2026-03-31", a.named(), written(string(a.BackupUntil)))
	} else if a.BackupUntil < a.DestroyedOn {
		p.say("impossible-date", a.at("backup_until"), "%s: %s is before destroyed_on %s", a.named(), a.BackupUntil, a.DestroyedOn)
	} else if latest := a.DestroyedOn.AddMonths(12 * backupYears); a.BackupUntil > latest {
		p.say("impossible-date", a.at("backup_until"), "%s: %s is more than %d years after destroyed_on: no backup is kept for so long", a.named(), a.BackupUntil, backupYears)
	}
}

// fullName looks at whether a name can be told from others; one that is foul or empty
// is spoken of elsewhere.
func (p *inspection) fullName(field, name string) {
	if rule, _ := foul(name); rule == "" && strings.TrimSpace(name) != "" && !fullName(name) {
		p.say("half-a-name", field, "say the full name: a first name or initial, and the family name")
	}
}

// signed looks at who performed it and who answers for it: two people.
func (p *inspection) signed(answers []answer) {
	s, last, byNobody := p.form.Signed, Day(""), false
	for _, a := range answers {
		if _, err := ParseDay(string(a.DestroyedOn)); err == nil && a.HeldUnder == "" {
			last = max(last, a.DestroyedOn)
		}
		byNobody = byNobody || !a.open() && a.HeldUnder == "" && strings.TrimSpace(a.By) == ""
	}
	if !s.Destroyed {
		p.say("not-declared", "signed.no_copy_remains", "must be true: no copy remains, other than backups with their day and what is kept under a later agreement")
	}
	for _, f := range []struct{ field, text, says string }{
		{"name", s.Name, "say who answers for the organisation"}, {"post", s.Post, "say what their post is"}, {"performed_by", s.PerformedBy, "say who destroyed the data; it is never who signs in signed.name"},
	} {
		if rule, says := foul(f.text); rule != "" {
			p.say(rule, "signed."+f.field, "%s", says)
		} else if strings.TrimSpace(f.text) == "" && (f.field != "performed_by" || byNobody) {
			p.say("not-signed", "signed."+f.field, "is empty: %s", f.says)
		}
	}
	p.inWords()
	p.fullName("signed.name", s.Name)
	p.fullName("signed.performed_by", s.PerformedBy)
	p.fullName("signed.witness", s.Witness)
	if samePerson(s.PerformedBy, s.Name) {
		p.say("same-person", "signed.performed_by", "whoever destroyed the data cannot also be the one who signs in signed.name: have another sign")
	}
	if samePerson(s.Witness, s.PerformedBy) {
		p.say("same-person", "signed.witness", "whoever destroyed the data cannot also be the witness")
	}
	if samePerson(s.Witness, s.Name) {
		p.say("same-person", "signed.witness", "the witness cannot also be the one who signs in signed.name")
	}
	switch _, err := ParseDay(string(s.Date)); {
	case err != nil:
		p.say("bad-form", "signed.date", "%q is not a date such as 2026-03-31", written(string(s.Date)))
	case s.Date > p.on:
		p.say("impossible-date", "signed.date", "%s is in the future: today is %s", s.Date, p.on)
	case s.Date < p.of.Issued:
		p.say("impossible-date", "signed.date", "%s is before the certificate was issued, on %s", s.Date, p.of.Issued)
	case s.Date < last && last <= p.on:
		p.say("impossible-date", "signed.date", "%s is before the last destruction, on %s", s.Date, last)
	}
}
