package documents

import (
	"fmt"
	"strings"

	"darsd/dars"
)

// The letters of the ladders, and those that nobody likes to get. Each begins as
// a letter does, says in a box what must not be missed, and ends with what to do.

// to begins a letter. The mark parts it from a paper of which it has the reference.
func (d *Doc) to(mark string, org *dars.Organisation) {
	d.mark = mark
	d.Fact("To", "%s", joined("\n", org.Name, org.Address))
	d.Fact("Date", "%s", d.date.Long())
}

// from ends a letter with the name and the office of who answers for it.
func (d *Doc) from(s dars.Sender) { d.Close(joined(", ", s.Name, s.Role)) }

// Reminder tells that an agreement will end, and what is to be done before.
func (p Press) Reminder(f dars.ReminderFacts) ([]byte, error) { return p.issue(p.reminder(f)) }

func (p Press) reminder(f dars.ReminderFacts) *Doc {
	g := f.Agreement
	d := p.New("Your agreement will end", g.Title, string(g.ID), f.On)
	d.Worded("reminder", reminderWords{p.reachedAt(), string(g.ID), g.End, g.End.Since(f.On), g.End.Add(f.Policy.CertificateDays)})

	d.to("letter", f.Organisation)
	d.Fact("Agreement", "%s, in force from %s to %s", g.ID, g.Start.Long(), g.End.Long())
	d.Fact("Data under it", "%s", datasetCodes(g))
	d.Warn("notice")
	d.Heading("If you still need the data")
	d.Bullets("renew")
	d.Heading("If you do not")
	d.Bullets("destroy")
	d.Paras("contact")
	d.from(f.From)
	return d
}

type reminderWords struct {
	Us, Agreement  string
	End            dars.Day
	DaysLeft       int
	CertificateDay dars.Day
}

// Chase tells that a certificate of destruction has not come, and what follows.
func (p Press) Chase(f dars.DeletionFacts) ([]byte, error) { return p.issue(p.chase(f)) }

func (p Press) chase(f dars.DeletionFacts) *Doc {
	c, of := f.Certificate, parties(f.Organisations)
	d := p.New("Certificate of destruction overdue", f.Agreement.Title, string(c.ID), f.On)
	d.Worded("chase", p.deletionWords(f))

	d.to("letter", of.known(c.Org))
	d.Fact("Agreement", "%s", c.Agreement)
	d.Fact("Certificate", "%s, due on %s", c.ID, c.Due.Long())
	d.Fact("Still missing", "%s", strings.Join(c.Missing(), "\n"))
	d.Warn("notice")
	d.Heading("What to do now")
	d.Bullets("what to do")
	d.Heading("What follows while it is missing")
	d.Bullets("what follows")
	d.Paras("contact")
	d.from(f.From)
	return d
}

// DestructionNotice requires data to be destroyed: those of an agreement that has
// ended, of a release that was withdrawn, or what a newer release ends.
func (p Press) DestructionNotice(f dars.DeletionFacts) ([]byte, error) {
	return p.issue(p.destruction(f))
}

func (p Press) destruction(f dars.DeletionFacts) *Doc {
	c, of := f.Certificate, parties(f.Organisations)
	d := p.New("Destruction notice", f.Agreement.Title, string(c.ID), f.On)
	d.Worded("destruction", p.deletionWords(f))

	d.to("notice", of.known(c.Org))
	d.Fact("Agreement", "%s", c.Agreement)
	d.Fact("To be destroyed at", "%s", holders(of, c.Holders))
	d.Fact("Certificate due on", "%s", c.Due.Long())
	d.Warn("notice")
	d.Heading("What is to be destroyed")
	d.Paras("scope")
	d.Table(sentCols(), sentRows(dars.CertificateFacts{Certificate: c, People: f.People}))
	d.Heading("What to do")
	d.Bullets("what to do")
	d.Heading("If it is not done")
	d.Paras("if it is not done")
	d.Paras("contact")
	d.from(f.From)
	return d
}

// deletionWords are what the words of both may name.
type deletionWords struct {
	Us, Form, Agreement, Certificate, Release string
	By, Cause, Scope, Kept                    string
	On, Due, Ended                            dars.Day
	DaysLate, AuditDays                       int
}

func (p Press) deletionWords(f dars.DeletionFacts) deletionWords {
	c, g := f.Certificate, f.Agreement
	return deletionWords{Us: p.reachedAt(), Form: string(c.ID) + ".yaml", Agreement: string(g.ID), Certificate: string(c.ID), Release: string(c.Release),
		By: string(c.By), Cause: dars.Meaning(dars.DestructionCauses, string(c.Cause)), Scope: strings.Join(c.Scope, "; "), Kept: f.Kept,
		On: f.On, Due: c.Due, Ended: firstDay(g.Ended, g.End), DaysLate: max(0, f.On.Since(c.Due)), AuditDays: f.Policy.AuditAfterDays}
}

// HoldLetter tells an organisation that nothing more is released to it, and why.
func (p Press) HoldLetter(f dars.HoldFacts) ([]byte, error) { return p.issue(p.hold(f)) }

func (p Press) hold(f dars.HoldFacts) *Doc {
	o := f.Organisation
	d := p.New("Releases to you are stopped", o.Name, string(o.Code), f.On)
	d.Worded("hold", holdWords{p.reachedAt(), o.Name})

	d.to("letter", o)
	d.Fact("Organisation code", "%s", o.Code)
	d.Warn("notice")
	d.Heading("The reason given")
	d.Text(o.HoldReason)
	d.Heading("What this means")
	d.Bullets("what this means")
	d.Heading("What to do")
	d.Bullets("what to do")
	d.Paras("complaint")
	d.from(f.From)
	return d
}

type holdWords struct{ Us, You string }

// HoldEnded tells an organisation that data may be released to it again.
func (p Press) HoldEnded(f dars.HoldFacts) ([]byte, error) { return p.issue(p.holdEnded(f)) }

func (p Press) holdEnded(f dars.HoldFacts) *Doc {
	o := f.Organisation
	d := p.New("Releases to you go on", o.Name, string(o.Code), f.On)
	d.Worded("hold-ended", holdWords{p.reachedAt(), o.Name})

	d.to("letter", o)
	d.Fact("Organisation code", "%s", o.Code)
	d.Warn("notice")
	d.Heading("What this means")
	d.Bullets("what this means")
	d.Heading("What stays as it was")
	d.Paras("what stays")
	d.Paras("contact")
	d.from(f.From)
	return d
}

// AuditLetter announces an audit.
func (p Press) AuditLetter(f dars.AuditFacts) ([]byte, error) { return p.issue(p.auditLetter(f)) }

func (p Press) auditLetter(f dars.AuditFacts) *Doc {
	a := f.Audit
	d := p.New("Data sharing audit", "of "+f.Organisation.Name, string(a.ID), f.On)
	d.Worded("audit", auditWords{p.reachedAt(), string(a.Agreement)})

	d.to("letter", f.Organisation)
	if f.Agreement != nil {
		d.Fact("Agreement", "%s", joined("\n", string(f.Agreement.ID), f.Agreement.Title))
		d.Fact("Data under it", "%s", datasetCodes(f.Agreement))
	}
	d.Fact("Opened", "%s, %s", a.Triggered.Long(), trigger(a.Trigger))
	if a.From != "" {
		d.Fact("Days", "%s to %s", a.From.Long(), a.To.Long())
		d.Fact("Areas", "%s", auditAreas(a))
	}
	d.Warn("notice")
	d.Heading("Why")
	d.Text(ended(capital(inFull(a.Reason))))
	d.Heading("What is looked at")
	d.Bullets("scope")
	d.Heading("What we ask of you now")
	d.Bullets("what to do")
	d.Heading("What comes of it")
	d.Paras("what comes of it")
	d.Paras("contact")
	d.from(f.From)
	return d
}

type auditWords struct{ Us, Agreement string }

// reachedAt is how somebody answers the office.
func (p Press) reachedAt() string {
	return joined(", ", p.Office.Name, unbroken(p.Office.Telephone), p.Office.Email)
}

// known is an organisation; one that nobody handed over has its code for a name.
func (p parties) known(code dars.OrgCode) *dars.Organisation {
	if o := p[code]; o != nil {
		return o
	}
	return &dars.Organisation{Code: code, Name: string(code)}
}

// datasetCodes are the datasets and periods of an agreement, in short.
func datasetCodes(g *dars.Agreement) string {
	var all []string
	for _, r := range g.Datasets {
		all = append(all, fmt.Sprintf("%s: %s", r.Code, periods(r.Periods)))
	}
	return strings.Join(all, "\n")
}
