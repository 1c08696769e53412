package office

import (
	"fmt"
	"strings"

	"darsd/dars"
)

// wordsOf is what a letter about a deadline says on a day. Its subject begins with the
// reference of what it is about.
func wordsOf(n dars.Dated, d dars.Deadline, on dars.Day) (subject, body string) {
	when := fmt.Sprintf("on %s", d.Day.Long())
	left := fmt.Sprintf("in %d days", d.Day.Since(on))
	switch days := d.Day.Since(on); {
	case days == 0:
		left = "today"
	case days == 1:
		left = "tomorrow"
	case days == -1:
		left = "yesterday"
	case days < 0:
		left = fmt.Sprintf("%d days ago", -days)
	}
	ref := n.Card().Ref
	ends := "ends"
	if d.Day < on {
		ends = "ended"
	}
	switch n := n.(type) {
	case *dars.Contract:
		return fmt.Sprintf("%s ends %s", ref, when),
			fmt.Sprintf("The framework contract %s of %s ends %s, %s, and no other follows it.\n\nSign a new one in time. Without it every agreement that stands on it ends with it, and all data collected under it are to be destroyed.\n", ref, n.Org, when, left)
	case *dars.Agreement:
		return agreementWords(n, d, when, left)
	case *dars.Certificate:
		if d.Ladder == dars.LadderBackup {
			return fmt.Sprintf("%s: the last backup goes %s", ref, when),
				fmt.Sprintf("By the certificate of destruction %s the last backup of the data goes %s, %s. Unless you tell us otherwise, the certificate is final from the day after.\n", ref, when, left)
		}
		if d.Ladder == dars.LadderExamination {
			return fmt.Sprintf("%s: certificate of destruction to be examined by %s", ref, d.Day.Long()),
				fmt.Sprintf("The certificate of destruction %s of %s has come back, and waits for compliance: it is to be examined by %s, %s. After that day nothing new is released to its holders until it is accepted.\n\n    darsd certificate show %s\n    darsd certificate accept %s\n", ref, n.Org, d.Day.Long(), left, ref, ref)
		}
		return fmt.Sprintf("%s: certificate of destruction outstanding since %s", ref, n.Due.Long()),
			fmt.Sprintf("%s, and the certificate of destruction %s was due by %s. It has not come.\n\nFill in papers/%s.yaml and put it into submit/. Nothing new is released to you until it is here.\n", owedSince(n), ref, n.Due.Long(), ref)
	case *dars.Organisation:
		what := "security assurance " + n.Security
		if d.Ladder == dars.LadderICO {
			what = "registration with the Information Commissioner " + n.ICO
		}
		return fmt.Sprintf("%s: its %s %s %s", ref, what, ends, when),
			fmt.Sprintf("The %s of %s (%s) %s %s, %s. Renew it, and tell us: data of single persons do not go to an organisation without it.\n", what, n.Name, ref, ends, when, left)
	case *dars.Release:
		return fmt.Sprintf("%s can be collected until %s", ref, d.Day.Long()),
			fmt.Sprintf("Release %s can be collected until %s, %s. Nobody has collected it whole. After that day our copy is destroyed.\n", ref, d.Day.Long(), left)
	case *dars.Application:
		return applicationWords(n, d, when, left)
	case *dars.RecallNotice:
		return recallWords(n, d, left)
	case *dars.Audit:
		return auditWords(n, d, when, left)
	case *dars.Sanction:
		return fmt.Sprintf("%s: the appeal is to be decided by %s", ref, d.Day.Long()),
			fmt.Sprintf("%s has appealed against sanction %s, and the appeal is to be decided by %s, %s. Until then the sanction stands, and goes no further.\n\n    darsd sanction show %s\n    darsd sanction decide %s upheld|dismissed --reason \"…\"\n", n.Org, ref, d.Day.Long(), left, ref, ref)
	case *dars.Complaint:
		return fmt.Sprintf("%s: to be answered by %s", ref, d.Day.Long()),
			fmt.Sprintf("%s of %s about %s is to be answered by %s, %s.\n\n    darsd complaint show %s\n    darsd complaint answer %s OUTCOME TEXT\n", ref, n.Received.Long(), dars.Meaning(dars.ComplaintSubjects, n.About), d.Day.Long(), left, ref, ref)
	}
	return fmt.Sprintf("%s: %s", ref, when), fmt.Sprintf("%s: %s, %s.\n", ref, d.Ladder, when)
}

// staffWords are for the office's own people: what is due, who was told, and what is
// theirs to do.
func staffWords(n dars.Dated, d dars.Deadline, l letter, r audience) (body string, named []dars.PersonID) {
	at := n.Card()
	about := l.Subject
	if c, ok := n.(*dars.Certificate); ok {
		about = fmt.Sprintf("%s, agreement %s", about, c.Agreement)
	}
	var told []string
	for _, org := range r.orgs {
		for _, p := range r.outside[org] {
			told, named = append(told, fmt.Sprintf("%s of %s", p, org)), append(named, p)
		}
	}
	body = fmt.Sprintf("For the office. %s.\n\nThe letter (%s) went to %s.\n", about, l.Step, strings.Join(told, ", "))
	command := at.Kind
	if command == "organisation" {
		command = "org"
	}
	if notice, ok := n.(*dars.RecallNotice); ok {
		command, at.Ref = "recall", string(notice.Recall)
	}
	body += fmt.Sprintf("\n    darsd %s show %s\n", command, at.Ref)
	if d.Ladder == dars.LadderReview {
		body += fmt.Sprintf("    darsd agreement review %s --note TEXT\n", at.Ref)
	}
	return body, named
}

func agreementWords(g *dars.Agreement, d dars.Deadline, when, left string) (subject, body string) {
	switch d.Ladder {
	case dars.LadderObligation:
		for _, o := range g.Obligations {
			if fmt.Sprint(o.N) == d.Item {
				return fmt.Sprintf("%s: obligation %d is due %s", g.ID, o.N, when),
					fmt.Sprintf("Agreement %s does not go beyond %s until this is done, and it was to be done by %s (%s):\n\n%s\n\nTell us when it is.\n", g.ID, o.Stage, d.Day.Long(), left, quoted(o.Text))
			}
		}
	case dars.LadderInstalment:
		return fmt.Sprintf("%s: the release of %s waits since %s", g.ID, d.Item, d.Day.Long()),
			fmt.Sprintf("Agreement %s has a release of %s, whose period ended before %s (%s), and it is not planned: its source is not in the catalogue, or a rule refuses it.\n\nSee what is in the way with darsd agreement show %[1]s and darsd todo. When nothing is, the release plans itself the next day.\n", g.ID, d.Item, d.Day.Long(), left)
	case dars.LadderReview:
		return fmt.Sprintf("%s: annual review %s", g.ID, when),
			fmt.Sprintf("Agreement %s has its annual review %s, %s. Look at what you hold under it, for what, and where, and tell us what differs from the agreement.\n", g.ID, when, left)
	case dars.LadderBenefits:
		if asked, err := g.Account(d); err == nil {
			return fmt.Sprintf("%s: say by %s what has come of the data", g.ID, d.Day.Long()),
				fmt.Sprintf("By %s (%s) you are to tell the public, in plain words:\n\n%s\n\nThe form is printed by\n\n    darsd agreement benefits %s --template\n\nFill it in and put it into submit/ as %s-benefits.yaml. If nothing has come of it yet, say why, and by when you expect it. What is due and what was told is published.\n", d.Day.Long(), left, quoted(asked.Words()), g.ID, g.Stem)
		}
	}
	return fmt.Sprintf("%s ends %s: renew or certify", g.ID, when),
		fmt.Sprintf("Agreement %s ends %s, %s.\n\nApply for a renewal in time, or be ready to destroy all data collected under it and to return the certificate of destruction.\n", g.ID, when, left)
}

func applicationWords(p *dars.Application, d dars.Deadline, when, left string) (subject, body string) {
	if d.Ladder == dars.LadderEvidence {
		for _, f := range p.Evidence {
			if fmt.Sprint(f.N) == d.Item {
				what := dars.Meaning(dars.EvidenceKinds, f.Kind)
				return fmt.Sprintf("%s: the %s is to be renewed by %s", p.ID(), what, d.Day.Long()),
					fmt.Sprintf("The %s on which %s rests (file %d, %s) holds until %s, %s. Send the renewed one: %s-evidence-%s.pdf into submit/. Nothing is released under the case without it.\n", what, p.ID(), f.N, f.File, d.Day.Long(), left, p.ID(), f.Kind)
			}
		}
	}
	what := "action"
	if d.Ladder == dars.LadderCaveat {
		what = "caveat"
	}
	text := ""
	for _, t := range p.Actions {
		if fmt.Sprint(t.N) == d.Item {
			text = t.Text
		}
	}
	return fmt.Sprintf("%s: %s %s is due %s", p.ID(), what, d.Item, when),
		fmt.Sprintf("This %s of %s is to be done by %s (%s):\n\n%s\n\nAnswer it with %s-action-%s.txt in submit/, or darsd application action %[2]s --answer %[7]s.\n", what, p.Stem, d.Day.Long(), left, quoted(text), p.Stem, d.Item)
}
