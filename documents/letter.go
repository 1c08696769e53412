package documents

import (
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
)

// DecisionLetter tells an applicant what became of an application, and what can
// be done next.
func (p Press) DecisionLetter(f dars.LetterFacts) ([]byte, error) { return p.letter(f).PDF() }

func (p Press) letter(f dars.LetterFacts) *Doc {
	app, us := f.Application, p.Office.Name
	d := p.New("Decision on your application", app.Form.Title, app.Stem+"-"+app.Version(), f.On)
	// The agreement has the same reference, and a letter must not pass for a
	// copy of it.
	d.mark = "letter"

	d.Fact("To", "%s", joined("\n", f.Organisation.Name, f.Organisation.Address))
	d.Fact("Date", "%s", f.On.Long())
	d.Fact("Application", "%s, received on %s", app.Form.Title, app.Submitted.Long())
	d.Notice("%s", strings.ReplaceAll(outcome(app.State), "the Senior Information Risk Owner", decider(app)))

	reason := lastReason(app)
	if reason != "" {
		d.Heading("The reason given")
		d.Text(reason)
	}
	d.Heading("What happens next")
	for _, step := range nextSteps(app.State) {
		d.Bullet("%s", step)
	}
	if app.State == dars.ReferredBack {
		reviewTable(d, app.Review)
	}
	if rows := decisionRows(app.Decisions); len(rows) > 1 {
		d.Heading("How it was decided")
		_, why := app.Route()
		d.Para("Route: %s.", why)
		d.Table([]Col{{Name: "Step", Share: 60}, {Name: "Result", Share: 30}, {Name: "Date", Share: 25}}, rows)
	}
	if app.Clock.Class > 0 {
		d.Para("The service level for this application is %d working days, counted from %s. They count when we work on it and not while we wait for you or for another body.", app.Clock.Class, app.Clock.Started.Long())
	}
	d.Para("If you think that this decision was reached in the wrong way, write to us within 20 working days and quote the reference. Somebody who took no part in it will answer you: %s.", joined(", ", us, p.Office.Telephone, p.Office.Email))
	return d
}

// outcome is the decision in a sentence.
func outcome(s dars.ApplicationState) string {
	switch s {
	case dars.Approved:
		return "Your application is approved. This letter gives you no data and no right to data: a Data Sharing Agreement does, when it is signed by everybody and in force."
	case dars.Declined:
		return "Your application is declined by the Senior Information Risk Owner. No data will be released for it."
	case dars.Rejected:
		return "The Data Access Advisory Group has recommended that your application be rejected. No data will be released for it."
	case dars.Deferred:
		return "The Data Access Advisory Group has deferred your application. It will be looked at again when the points below are answered."
	case dars.WithCaveats:
		return "The Data Access Advisory Group recommends your application with caveats. It is not approved until they are met."
	case dars.Recommended:
		return "The Data Access Advisory Group recommends your application. The Senior Information Risk Owner decides on it next."
	case dars.ReferredBack:
		return "Your application did not pass its initial review, and is referred back to you. You can mend it and submit it again under the same reference."
	case dars.TakenBack:
		return "Your application is withdrawn, as you asked. No data will be released for it."
	case dars.Accepted:
		return "Your application has passed its initial review and is accepted. The service-level clock has started."
	}
	return fmt.Sprintf("Your application is %s.", words(s))
}

// decider is who decides on an application by its route.
func decider(app *dars.Application) string {
	if route, _ := app.Route(); route == dars.ExceptionRoute {
		return "the director"
	}
	return "the Senior Information Risk Owner"
}

// nextSteps says who does what now.
func nextSteps(s dars.ApplicationState) []string {
	switch s {
	case dars.Approved:
		return []string{
			"We send you the Data Sharing Agreement. Every controller signs it, and you send back every page.",
			"We sign it last. It is in force from its start date.",
			"The data are then produced, checked and released to the persons you have named, and you are told where to collect them.",
		}
	case dars.Declined, dars.Rejected:
		return []string{
			"This application is closed. Nothing needs to be destroyed on account of it.",
			"You may apply again. Speak to us first: we will say what would have to be different.",
		}
	case dars.Deferred, dars.WithCaveats:
		return []string{
			"We agree with you what is to be done about each point, by whom and by when.",
			"When that is done the application is presented again.",
		}
	case dars.Recommended:
		return []string{"The Senior Information Risk Owner decides, and we write to you again."}
	case dars.ReferredBack:
		return []string{
			"Change the application where it did not pass, and submit it again.",
			"The service-level clock has not started. It starts when the review is passed.",
		}
	case dars.Accepted:
		return []string{"The information asset owner of the data assesses it. We write to you again when it is decided."}
	}
	return []string{"We write to you again when there is news."}
}

// lastReason is what those who took the last step wrote to explain it.
func lastReason(app *dars.Application) string {
	for _, d := range slices.Backward(app.Decisions) {
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
	passed := func(ok bool) string {
		if ok {
			return "Passed"
		}
		return "Not passed"
	}
	d.Table([]Col{{Name: "What was looked at", Share: 60}, {Name: "Result", Share: 40}}, [][]string{
		{"Legal basis", passed(r.LegalBasis)},
		{"Security of handling and storage", passed(r.Security)},
		{"Technical feasibility", passed(r.Feasibility)},
		{"Purpose", passed(r.Purpose)},
	})
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
