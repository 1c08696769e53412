package documents

import (
	"cmp"
	"slices"
	"strings"

	"darsd/dars"
)

// DecisionLetter tells an applicant what became of an application, and what can
// be done next.
func (p Press) DecisionLetter(f dars.LetterFacts) ([]byte, error) { return p.issue(p.letter(f)) }

func (p Press) letter(f dars.LetterFacts) *Doc {
	app := f.Application
	d := p.New("Decision on your application", app.Form.Title, app.Stem+"-"+app.Version(), f.On)
	// The agreement has the same reference, and a letter must not pass for a
	// copy of it.
	d.mark = "letter"
	d.Worded("letter", p.letterWords(app, app.State))

	d.Fact("To", "%s", joined("\n", nameOf(f.People, app.Form.ContactID), f.Organisation.Name, f.Organisation.Address))
	d.Fact("Date", "%s", f.On.Long())
	d.Fact("Application", "%s, received on %s", app.Form.Title, app.Submitted.Long())
	d.decidedBy(f)
	d.Warn(outcome(d, app.State))

	reason := lastReason(app)
	if reason != "" {
		d.Heading("The reason given")
		d.Text(reason)
	}
	d.Heading("What happens next")
	d.Bullets(nextSteps(app.State))
	if app.State == dars.ReferredBack {
		reviewTable(d, app.Review)
	}
	if rows := decisionRows(dars.Stood(app.Decisions)); len(rows) > 1 {
		d.Heading("How it was decided")
		d.Paras("route")
		if route, _ := app.Route(); route == dars.ExceptionRoute && app.State == dars.Approved {
			d.Paras("exception")
		}
		d.Table([]Col{{Name: "Step", Share: 60}, {Name: "Result", Share: 30}, {Name: "Date", Share: 25}}, rows)
	}
	if app.Clock.Class > 0 {
		d.Paras("service level")
	}
	d.Paras("complaint")
	d.Close(joined(", ", deciderOf(f), answerable(app)))
	return d
}

// decidedBy names who decided, beside the role, and for whom as a delegate.
func (d *Doc) decidedBy(f dars.LetterFacts) {
	if decided := f.Application.Decided(); decided != nil {
		d.Fact("Decided by", "%s, %s, on %s", deciderOf(f), answerable(f.Application), decided.On.Long())
	}
}

// deciderOf is the name of who decided, or "" where no one person has.
func deciderOf(f dars.LetterFacts) string {
	if all := f.Application.Decisions; f.Application.State == dars.ReferredBack && len(all) > 0 {
		return nameOf(f.People, all[len(all)-1].By)
	}
	decided := f.Application.Decided()
	if decided == nil {
		return ""
	}
	return joined(" for ", nameOf(f.People, decided.By), nameOf(f.People, decided.For))
}

// answerable is the role of who has decided, or "" while nobody has.
func answerable(app *dars.Application) string {
	switch app.State {
	case dars.Approved, dars.Declined:
		return strings.TrimPrefix(decider(app), "the ")
	case dars.Recommended, dars.WithCaveats, dars.Deferred, dars.Rejected:
		return "Data Access Advisory Group"
	case dars.ReferredBack:
		return "case officer"
	}
	return ""
}

// letterWords are what the words of a letter may name.
type letterWords struct {
	Us, Ref, Outcome, Route, Decider string
	Days                             int
	Started                          dars.Day
}

func (p Press) letterWords(app *dars.Application, outcome dars.ApplicationState) letterWords {
	_, why := app.Route()
	return letterWords{p.reachedAt(), app.Stem, words(outcome), why, decider(app), app.Clock.Class, app.Clock.Started}
}

// decider is who decides on an application by its route.
func decider(app *dars.Application) string {
	if route, _ := app.Route(); route == dars.ExceptionRoute {
		return "the director"
	}
	return "the Senior Information Risk Owner"
}

// outcome is the piece that tells the decision in a sentence.
func outcome(d *Doc, s dars.ApplicationState) string {
	if piece := "outcome: " + string(s); d.can(piece) {
		return piece
	}
	return "outcome: another"
}

// nextSteps is the piece that says who does what now.
func nextSteps(s dars.ApplicationState) string {
	switch s {
	case dars.Approved, dars.Recommended, dars.ReferredBack, dars.Accepted:
		return "next: " + string(s)
	case dars.Declined, dars.Rejected:
		return "next: closed"
	case dars.WithCaveats:
		return "next: caveats to meet"
	case dars.Deferred, dars.Returned:
		return "next: points to answer"
	}
	return "next: another"
}

// lastReason is what those who took the last step wrote to explain it.
func lastReason(app *dars.Application) string {
	for _, d := range slices.Backward(dars.Stood(app.Decisions)) {
		if d.Step == "class" {
			continue // how long it takes is no reason
		}
		if d.Note != "" {
			return d.Note
		}
		break
	}
	return app.Review.Note
}

func reviewTable(d *Doc, r dars.Review) {
	d.Heading("The initial review")
	d.reviewed(r)
}

// reviewed is what the initial review found, area by area.
func (d *Doc) reviewed(r dars.Review) {
	failed := r.Failed()
	var rows [][]string
	for _, area := range dars.ReviewAreas {
		result := "Passed"
		if slices.Contains(failed, area.Code) {
			result = "Not passed"
		}
		rows = append(rows, []string{capital(area.Meaning), result, cmp.Or(r.Notes[area.Code], "—")})
	}
	d.Table([]Col{{Name: "What was looked at", Share: 40}, {Name: "Result", Share: 24}, {Name: "What was noted", Share: 102}}, rows)
}

// decisionRows leave out who took each step: the letter is the office's.
func decisionRows(all []dars.Decision) (rows [][]string) {
	names := map[string]string{
		"assessed": "Assessed by the information asset owner", "pre-reviewed": "Reviewed before the committee",
		"presented": "Presented to the committee", "outcome": "Recommendation of the committee",
		"siro": "Decision of the Senior Information Risk Owner", "director": "Decision of the director", "referred-back": "Referred back", "withdrawn": "Withdrawn",
		"class": "Service level",
	}
	for _, s := range all {
		name := names[s.Step]
		if name == "" {
			name = words(s.Step)
		}
		result := "Done"
		if s.Step == "outcome" || s.Step == "siro" || s.Step == "director" || s.Step == "class" {
			result = capital(words(s.Outcome))
		}
		rows = append(rows, []string{name, result, s.On.Long()})
	}
	return rows
}
