package office

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"darsd/dars"
)

// onApplication adds what waits beside the next step of an application: evidence
// that nobody has seen, actions that are not done, papers that are to be renewed.
func (l *waiting) onApplication(p *dars.Application) {
	l.notMine(p)
	for _, f := range p.Evidence {
		needed, n := p.RestsOn(f.Kind), len(l.all)
		switch {
		case f.Left != "":
		case p.Unseen(f) && f.From != l.who.ID && l.who.May("application evidence") == nil:
			l.all = append(l.all, Todo{"application", p.Stem, fmt.Sprintf("darsd application evidence %s --file %d --seen", p.ID(), f.N), f.Received, p.Clock.Due})
		case f.State() == dars.EvidenceRefused && !p.Replaced(f):
			l.theirs(p.Form.Organisation, "application", p.Stem, fmt.Sprintf("evidence file %d (%s) was refused: %s; send another: %s-evidence-%s.pdf into submit/", f.N, f.File, f.Looks[len(f.Looks)-1].Why, p.ID(), f.Kind), f.Received, "")
		case f.State() == dars.EvidenceSeen && needed && f.Until() != "" && f.Until() < l.on.Add(renewalNotice) && !p.Replaced(f):
			l.theirs(p.Form.Organisation, "application", p.Stem, fmt.Sprintf("send the renewed %s: %s-evidence-%s.pdf into submit/", dars.Meaning(dars.EvidenceKinds, f.Kind), p.ID(), f.Kind), f.Received, f.Until())
			l.dated(n, p, dars.LadderEvidence, strconv.Itoa(f.N))
		}
	}
	if p.State == dars.Approved {
		return // of what DAAG left, see obligations
	}
	for _, t := range p.OpenActions() {
		l.onAction(p, t)
	}
}

// unpriced asks for an offer of what an application costs that was accepted, and then
// who applies to agree to it: what nobody has agreed to is never invoiced. It asks for
// none where no list charges anything.
func (l *waiting) unpriced(p *dars.Application) error {
	if p.Chargeable() != nil || l.who.May("quote agree") != nil {
		return nil
	}
	kept, err := keptQuote(l.tx, p)
	if err != nil {
		return err
	}
	if kept != nil && kept.State == dars.QuoteOffered {
		l.theirs(p.Form.Organisation, "application", p.Stem, fmt.Sprintf("agree to the charges of %s: darsd quote agree %s --order NUMBER", kept.Quote.Total, p.ID()), kept.On, "")
	}
	if kept != nil || l.who.May("quote offer") != nil {
		return nil
	}
	q, err := Charges(l.desk).price(l.tx, p, nil, l.on)
	var none *dars.Refusal
	if errors.As(err, &none) {
		return nil
	}
	if err == nil && q.Total > 0 {
		l.may("quote offer", "application", p.Stem, p.Clock.Started, "", nil)
	}
	return err
}

// notMine remembers a case that another officer is in charge of.
func (l *waiting) notMine(p *dars.Application) {
	if p.Officer != "" && p.Officer != l.who.ID {
		l.others[p.Stem] = true
	}
}

// after puts what another officer is in charge of behind the rest.
func (l *waiting) after(t Todo) int {
	if l.others[t.Ref] && l.who.Has(dars.CaseOfficer) {
		return 1
	}
	return 0
}

// renewalNotice is how many days ahead somebody is told that a paper ends.
const renewalNotice = 60

// onAction adds what waits of an action, which may be a caveat.
func (l *waiting) onAction(p *dars.Application, t dars.Action) {
	n := len(l.all)
	if t.Caveat {
		l.caveat(p, t)
	}
	l.action(p, t)
	l.dated(n, p, t.Ladder(), strconv.Itoa(t.N))
}

func (l *waiting) action(p *dars.Application, t dars.Action) {
	switch {
	case t.State == dars.ActionAnswered && !t.Caveat && l.who.May("application action") == nil:
		l.all = append(l.all, Todo{"application", p.Stem, fmt.Sprintf("darsd application action %s --done %d, or --reopen %[2]d: it is answered", p.ID(), t.N), t.On, t.Due})
	case t.State == dars.ActionOpen && t.Owner == dars.TheApplicant:
		l.theirs(p.Form.Organisation, "application", p.Stem, fmt.Sprintf("action %d: %s%s (answer it with %s-action-%[1]d.txt in submit/)", t.N, oneLine(t.Text), sentBack(t), p.ID()), t.On, t.Due)
	case t.State == dars.ActionOpen && t.Owner == l.who.ID:
		l.all = append(l.all, Todo{"application", p.Stem, fmt.Sprintf("action %d: %s: darsd application action %s --answer %[1]d", t.N, oneLine(t.Text), p.ID()), t.On, t.Due})
	}
}

// sentBack says why an action that was answered is open again.
func sentBack(t dars.Action) string {
	if n := len(t.Answers); n > 0 && t.Answers[n-1].State == dars.ActionOpen {
		return "; it is open again: " + oneLine(t.Answers[n-1].Text)
	}
	return ""
}

// oneLine is a text for a list.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func (l *waiting) enquiries() error {
	if l.who.May("application answer") != nil {
		return nil
	}
	all, err := in[dars.Enquiry](l, dars.EnquiryOpen)
	for _, e := range all {
		l.all = append(l.all, Todo{"enquiry", string(e.ID), "darsd application enquiry " + string(e.ID) + " --answer", e.On, ""})
	}
	return err
}
