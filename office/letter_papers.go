package office

import (
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// letterPaper finds what stands in a letter that an act owes, and in what is about
// a case beside its decision. Letters of one kind about one noun differ by their day.
func (o *Office) letterPaper(tx *store.Tx, d drawing) (name string, org dars.OrgCode, draw func() ([]byte, error), err error) {
	on := o.Calendar.Day(d.At)
	switch d.Kind {
	case "application-paper":
		f, err := applicationFacts(tx, o.Catalogue, d.About)
		if err != nil {
			return "", "", nil, err
		}
		p := f.Application
		return fmt.Sprintf("Application-%s-%s.pdf", p.Stem, p.Version()), p.Form.Organisation, func() ([]byte, error) { return o.Works.Papers.Submission(f) }, nil
	case "outcome":
		return o.outcomeLetter(tx, d, on)
	case "reminder":
		f := dars.ReminderFacts{Policy: o.Policy, On: on}
		if f.Agreement, err = store.Get[dars.Agreement](tx, d.About); err == nil {
			f.Organisation, err = store.Get[dars.Organisation](tx, f.Agreement.Org)
		}
		if err == nil {
			f.From, err = o.officerOf(tx, d, f.Agreement)
		}
		if err != nil {
			return "", "", nil, err
		}
		return fmt.Sprintf("Reminder-%s-%s.pdf", d.About, on), f.Agreement.Org, func() ([]byte, error) { return o.Works.Papers.Reminder(f) }, nil
	case "chase", "destruction-notice", "certificate-query":
		c, err := certificateFacts(tx, d.About)
		if err != nil {
			return "", "", nil, err
		}
		f := dars.DeletionFacts{Certificate: c.Certificate, Agreement: c.Agreement, Organisations: c.Organisations, People: c.People, Policy: o.Policy, On: on}
		if f.From, err = o.sender(tx, d, ""); err != nil {
			return "", "", nil, err
		}
		if f.Kept, err = o.mayKeep(tx, c.Certificate, on); err != nil {
			return "", "", nil, err
		}
		switch d.Kind {
		case "certificate-query":
			return fmt.Sprintf("Query-%s-%d.pdf", d.About, f.Certificate.Queries), f.Certificate.Org, func() ([]byte, error) { return o.Works.Papers.CertificateQuery(f) }, nil
		case "chase":
			return fmt.Sprintf("Overdue-%s-%s.pdf", d.About, on), f.Certificate.Org, func() ([]byte, error) { return o.Works.Papers.Chase(f) }, nil
		}
		return fmt.Sprintf("Destruction-Notice-%s.pdf", d.About), f.Certificate.Org, func() ([]byte, error) { return o.Works.Papers.DestructionNotice(f) }, nil
	case "quote", "quote-offered":
		return o.quotePaper(tx, d, on)
	case "invoice":
		return o.invoicePaper(tx, d.About)
	case "credit-note":
		return o.creditPaper(tx, d.About)
	case "hold", "hold-ended":
		f := dars.HoldFacts{On: on}
		if f.Organisation, err = store.Get[dars.Organisation](tx, d.About); err == nil {
			f.From, err = o.sender(tx, d, "")
		}
		if err != nil {
			return "", "", nil, err
		}
		if d.Kind == "hold-ended" {
			return fmt.Sprintf("Releases-Resumed-%s-%s.pdf", d.About, on), f.Organisation.Code, func() ([]byte, error) { return o.Works.Papers.HoldEnded(f) }, nil
		}
		return fmt.Sprintf("Releases-Stopped-%s-%s.pdf", d.About, on), f.Organisation.Code, func() ([]byte, error) { return o.Works.Papers.HoldLetter(f) }, nil
	case "audit-report", "audit-follow-up":
		return o.auditReport(tx, d, on)
	case "recall-notice":
		return o.recallPaper(tx, d, on)
	case "audit":
		f, err := auditFacts(tx, d.About, on)
		if err == nil {
			f.From, err = o.sender(tx, d, "")
		}
		if err != nil {
			return "", "", nil, err
		}
		return fmt.Sprintf("Audit-Letter-%s.pdf", d.About), f.Organisation.Code, func() ([]byte, error) { return o.Works.Papers.AuditLetter(f) }, nil
	}
	if step, is := strings.CutPrefix(d.Kind, "sanction-"); is {
		return o.sanctionLetter(tx, d, dars.SanctionState(step), on)
	}
	return "", "", nil, fmt.Errorf("there is no paper %q", d.Kind)
}

// outcomeLetter tells what was said at one meeting, whatever has become of the
// application since.
func (o *Office) outcomeLetter(tx *store.Tx, d drawing, on dars.Day) (name string, org dars.OrgCode, draw func() ([]byte, error), err error) {
	f := dars.OutcomeFacts{On: on}
	if f.Application, err = store.Get[dars.Application](tx, d.About); err != nil {
		return "", "", nil, err
	}
	p := f.Application
	said, left := p.SaidAt(d.Meeting)
	if said == nil {
		return "", "", nil, fmt.Errorf("meeting %s has said nothing of %s", d.Meeting, p.ID())
	}
	f.Said, f.Left = *said, left
	if f.Organisation, err = store.Get[dars.Organisation](tx, p.Form.Organisation); err == nil {
		f.From, err = o.sender(tx, d, "")
	}
	if err != nil {
		return "", "", nil, err
	}
	return fmt.Sprintf("Outcome-%s-%s-%s.pdf", p.Stem, p.Version(), d.Meeting), p.Form.Organisation, func() ([]byte, error) { return o.Works.Papers.OutcomeLetter(f) }, nil
}

// quotePaper is a quote as it was agreed, or as it was put before who applies, who
// can sign it. An offer in place of another is drawn beside it.
func (o *Office) quotePaper(tx *store.Tx, d drawing, on dars.Day) (name string, org dars.OrgCode, draw func() ([]byte, error), err error) {
	f := dars.ChargeFacts{Fixed: true, VAT: o.Policy.VAT, PayTo: o.Policy.PayTo, On: on}
	if f.Application, err = store.Get[dars.Application](tx, d.About); err != nil {
		return "", "", nil, err
	}
	kept, err := keptQuote(tx, f.Application)
	if err != nil || kept == nil {
		return "", "", nil, fmt.Errorf("the quote of %s: %w", d.About, err)
	}
	f.Quote = kept.Quote
	if f.Organisation, err = store.Get[dars.Organisation](tx, f.Application.Form.Organisation); err != nil {
		return "", "", nil, err
	}
	name = fmt.Sprintf("Quote-%s-%s-%s.pdf", f.Application.Stem, f.Application.Version(), on)
	if d.Kind == "quote-offered" {
		name = fmt.Sprintf("Quote-%s-%s-offer-%d.pdf", f.Application.Stem, f.Application.Version(), 1+len(kept.Before))
	} else {
		f.Agreed = kept
	}
	return name, f.Organisation.Code, func() ([]byte, error) { return o.Works.Papers.Quote(f) }, nil
}

// officerOf is who answers for a letter about an agreement: the officer of its case.
func (o *Office) officerOf(tx *store.Tx, d drawing, g *dars.Agreement) (dars.Sender, error) {
	p, err := store.Get[dars.Application](tx, string(g.Application))
	if err != nil {
		return dars.Sender{}, err
	}
	return o.sender(tx, d, p.Officer)
}

func applicationFacts(tx *store.Tx, c dars.Catalogue, ref string) (f dars.FormFacts, err error) {
	f.Catalogue = c
	if f.Application, err = store.Get[dars.Application](tx, ref); err != nil {
		return f, err
	}
	form := &f.Application.Form
	if f.People, err = people(tx, append(slices.Clone(form.Recipients), form.ContactID)...); err != nil {
		return f, err
	}
	f.Organisations, err = organisations(tx, slices.Concat(form.Controllers, form.Processors, form.Hosts, form.Sublicensees, []dars.OrgCode{form.Organisation})...)
	return f, err
}

// auditFacts are what the letter says that announces an audit: of one agreement, or
// of an organisation as a whole.
func auditFacts(tx *store.Tx, ref string, on dars.Day) (f dars.AuditFacts, err error) {
	f.On = on
	if f.Audit, err = store.Get[dars.Audit](tx, ref); err != nil {
		return f, err
	}
	if f.Audit.Agreement != "" {
		if f.Agreement, err = store.Get[dars.Agreement](tx, f.Audit.Agreement); err != nil {
			return f, err
		}
	}
	f.Organisation, err = store.Get[dars.Organisation](tx, f.Audit.Org)
	return f, err
}

// previous is the agreement of the same case before this one, and what the
// application behind this one asks otherwise; nil if there is none.
func previous(tx *store.Tx, g *dars.Agreement, now *dars.Application) (before *dars.Agreement, changes []dars.Change, err error) {
	all, err := store.Find[dars.Agreement](tx, dars.By("case", g.Stem))
	if err != nil {
		return nil, nil, err
	}
	major := 0
	var was *dars.Application
	for _, other := range all {
		if other.ID == g.ID {
			continue
		}
		p, err := store.Get[dars.Application](tx, other.Application)
		if err != nil {
			return nil, nil, err
		}
		if p.Major < now.Major && p.Major > major {
			before, was, major = other, p, p.Major
		}
	}
	if before == nil {
		return nil, nil, nil
	}
	return before, dars.Diff(&was.Form, &now.Form), nil
}
