package documents

import (
	"fmt"
	"strings"

	"darsd/dars"
)

// SanctionLetter tells an organisation of one step of a sanction, or that it has ended.
func (p Press) SanctionLetter(f dars.SanctionFacts) ([]byte, error) { return p.issue(p.sanction(f)) }

func (p Press) sanction(f dars.SanctionFacts) *Doc {
	s, o := f.Sanction, f.Organisation
	title := map[dars.SanctionState]string{dars.Warned: "Warning", dars.OnHold: "Releases to you are on hold", dars.Suspended: "You are suspended", dars.EndedBySanction: "Your agreements are ended"}[f.Step.State]
	if f.Ended {
		title = "A sanction has ended"
	}
	d := p.New(title, o.Name, string(s.ID), f.On)
	d.Worded("sanction", p.sanctionWords(f))

	d.to("letter", o)
	d.Fact("Sanction", "%s, against %s (%s)", s.ID, o.Name, o.Code)
	if f.Agreement != nil {
		d.Fact("Agreement", "%s", joined("\n", string(f.Agreement.ID), f.Agreement.Title))
	}
	if f.Audit != nil {
		d.Fact("Audit", "%s", f.Audit.ID)
	}
	d.Fact("Step", "%s, %s", capital(words(f.Step.State)), f.Step.On.Long())
	if f.Ended {
		d.Warn("ended")
		d.Heading("What this means")
		d.Bullets("what the end means")
		d.Paras("contact")
		d.from(f.From)
		return d
	}
	d.Warn("notice: " + string(f.Step.State))
	d.Heading("For what")
	d.Para("%s.", capital(s.Because()))
	if rows := lateRows(f); len(rows) > 0 {
		d.Table([]Col{{Name: "Action", Share: 12}, {Name: "What was agreed", Share: 110}, {Name: "Due by", Share: 36}}, rows)
	}
	d.Heading("What this means")
	d.Bullets("what this means: " + string(f.Step.State))
	d.Heading("What to do")
	d.Bullets("what to do")
	d.Heading("If you think that this is wrong")
	d.Paras("appeal")
	d.Paras("contact")
	d.from(f.From)
	return d
}

// lateRows are the actions that are late, as they were agreed.
func lateRows(f dars.SanctionFacts) (rows [][]string) {
	if f.Audit == nil {
		return nil
	}
	for _, n := range f.Step.Actions {
		if n >= 1 && n <= len(f.Audit.Actions) {
			t := f.Audit.Actions[n-1]
			rows = append(rows, []string{fmt.Sprint(n), t.Text, t.Due.Long()})
		}
	}
	return rows
}

// sanctionWords are what the words of the letter may name.
type sanctionWords struct {
	Us, You, Sanction string
	AppealUntil       dars.Day
	Next              string   // the step that follows, or ""
	NextOn            dars.Day // from when, or ""
}

func (p Press) sanctionWords(f dars.SanctionFacts) sanctionWords {
	w := sanctionWords{Us: p.reachedAt(), You: f.Organisation.Name, Sanction: string(f.Sanction.ID), AppealUntil: f.Step.AppealUntil, NextOn: f.NextOn}
	for i, r := range dars.SanctionLadder[:len(dars.SanctionLadder)-1] {
		if r.State == f.Step.State && f.NextOn != "" {
			w.Next = strings.ReplaceAll(string(dars.SanctionLadder[i+1].State), "-", " ")
		}
	}
	return w
}

// auditAreas are what an audit looks at, in words.
func auditAreas(u *dars.Audit) string {
	var all []string
	for _, area := range u.Scope {
		all = append(all, capital(dars.Meaning(dars.AuditAreas, area)))
	}
	return strings.Join(all, "\n")
}
