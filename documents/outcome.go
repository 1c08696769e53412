package documents

import (
	"fmt"

	"darsd/dars"
)

// OutcomeLetter tells an applicant what DAAG said of an application at a meeting,
// why, and what is to be done by whom before it goes on.
func (p Press) OutcomeLetter(f dars.OutcomeFacts) ([]byte, error) { return p.issue(p.outcomeLetter(f)) }

func (p Press) outcomeLetter(f dars.OutcomeFacts) *Doc {
	app, said := f.Application, dars.ApplicationState(f.Said.Outcome)
	d := p.New("Outcome at the Data Access Advisory Group", app.Form.Title, app.Stem+"-"+app.Version(), f.On)
	d.Worded("letter", p.letterWords(app, said))

	d.to("letter", f.Organisation)
	d.Fact("Application", "%s, received on %s", app.Form.Title, app.Submitted.Long())
	d.Fact("Meeting", "%s, %s", f.Said.Meeting, f.Said.On.Long())
	d.Warn(outcome(d, said))

	if f.Said.Note != "" {
		d.Heading("The reason given")
		d.Text(f.Said.Note)
	}
	if len(f.Left) > 0 {
		d.Heading("What is to be done")
		d.Table(pointCols, pointRows(f.Left))
	}
	d.Heading("What happens next")
	d.Bullets(nextSteps(said))
	d.Paras("advice")
	d.Paras("complaint")
	d.from(f.From)
	return d
}

var pointCols = []Col{{Name: "No.", Share: 9}, {Name: "What", Share: 78}, {Name: "Whose", Share: 24}, {Name: "By", Share: 34}}

// pointRows name nobody of the office: the letter is the office's.
func pointRows(left []dars.Action) (rows [][]string) {
	for _, t := range left {
		whose := "the office"
		if t.Owner == dars.TheApplicant {
			whose = "you"
		}
		what := t.Text
		if t.Blocks != "" {
			what += fmt.Sprintf(" (until it is cleared, no %s)", stage(t.Blocks))
		}
		rows = append(rows, []string{fmt.Sprint(t.N), what, whose, t.Due.Long()})
	}
	return rows
}
