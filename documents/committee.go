package documents

import (
	"cmp"
	"fmt"
	"strings"

	"darsd/dars"
)

// Agenda is the pack for a meeting of DAAG: the order of business, and then each
// application with what a member must know of it. Each has a bookmark.
func (p Press) Agenda(f dars.MeetingFacts) ([]byte, error) { return p.agenda(f).PDF() }

func (p Press) agenda(facts dars.MeetingFacts) *Doc {
	f := sitting{facts}
	m := f.Meeting
	d := p.New("Agenda", "Data Access Advisory Group, "+m.On.Long(), string(m.ID), f.On)

	d.Heading("Order of business")
	d.Bullet("Attendance and declarations of interest.")
	if f.Before != nil {
		d.Bullet("Minutes of %s (%s): %s.", f.Before.ID, f.Before.On.Long(), words(f.Before.Minutes()))
	}
	d.Bullet("Caveats cleared out of committee.")
	d.Bullet("Applications, in this order:")
	var rows [][]string
	for n, i := range m.Agenda {
		app := f.Applications[i.Application]
		rows = append(rows, []string{fmt.Sprint(n + 1), reference(app), joined("\n", app.Form.Title, f.named(app.Form.Organisation)), f.person(i.Presented)})
	}
	d.Table([]Col{{Name: "Item", Share: 9}, {Name: "Application", Share: 40}, {Name: "Title", Share: 62}, {Name: "Presented by", Share: 29}}, rows)
	d.Para("%s", quorum(m.Quorum))

	for _, i := range m.Agenda {
		d.application(f, i)
	}
	return d
}

// application is what a member must know of one item.
func (d *Doc) application(f sitting, i dars.Item) {
	app := f.Applications[i.Application]
	d.Section(reference(app) + ": " + app.Form.Title)
	d.Fact("Applicant", "%s", f.named(app.Form.Organisation))
	d.Fact("Kind", "%s", dars.Meaning(dars.Kinds, app.Kind))
	d.Fact("Controllers", "%s", f.allNamed(app.Form.Controllers))
	d.Fact("Processors", "%s", f.allNamed(app.Form.Processors))
	if len(app.Form.Sublicensees) > 0 {
		d.Fact("Sub-licensees", "%s", f.allNamed(app.Form.Sublicensees))
	}
	d.Fact("Term", "%s to %s", app.Form.Start.Long(), app.Form.End.Long())
	d.Fact("Territory", "%s", app.Form.Territory)
	d.Fact("Commercial purpose", "%s", yesNo(app.Form.Purpose.Commercial))
	if app.Clock.Due != "" {
		d.Fact("Service level", "%d working days, due on %s", app.Clock.Class, app.Clock.Due.Long())
	}
	_, why := app.Route()
	d.Fact("Route", "%s", why)
	d.Subheading("Data asked for")
	for _, r := range app.Form.Datasets {
		d.Bullet("%s", r.Asked())
	}
	d.Subheading("Objective")
	d.Text(app.Form.Purpose.Objective)
	d.Subheading("Processing")
	d.Text(app.Form.Purpose.Processing)
	d.Subheading("Outputs")
	d.Text(app.Form.Purpose.Outputs)
	d.Subheading("Benefits")
	d.Text(app.Form.Purpose.Benefits)
	if rows := f.actions(app.Actions); len(rows) > 0 {
		d.Subheading("What was to be done")
		d.Table(actionCols, rows)
	}
	if len(i.Conflicts) > 0 {
		d.Subheading("Conflicts of interest")
		for _, c := range i.Conflicts {
			d.Bullet("%s: %s", f.person(c.Person), c.Why)
		}
	}
}

// Minutes are what a meeting of DAAG has said, for the office and its auditors.
func (p Press) Minutes(f dars.MeetingFacts) ([]byte, error) { return p.issue(p.minutes(f)) }

func (p Press) minutes(facts dars.MeetingFacts) *Doc {
	f := sitting{facts}
	m := f.Meeting
	title := "Minutes"
	if f.Case != "" {
		title = "Extract of minutes"
	}
	d := p.New(title, "Data Access Advisory Group, "+m.On.Long(), string(m.ID), f.On)

	if f.Case != "" {
		d.Fact("About", "%s alone: what concerns other cases is left out", f.Case)
	}
	d.Fact("Held on", "%s", m.On.Long())
	for _, v := range m.Moved {
		d.Fact("Moved", "from %s to %s: %s", v.From.Long(), v.To.Long(), v.Why)
	}
	d.Fact("Minutes by", "%s, %s", f.person(m.MinutesBy), m.Minuted.Long())
	d.Fact("Status", "%s", capital(status(m)))
	d.Heading("Attendance")
	var rows [][]string
	for _, a := range m.Present {
		rows = append(rows, []string{f.person(a.Person), capital(string(a.Kind)) + memberWord(a.Kind)})
	}
	d.Table([]Col{{Name: "Member", Share: 70}, {Name: "As", Share: 40}}, rows)
	d.Para("%s", quorum(m.Quorum))
	d.declarations(f)
	if len(m.Confirms) > 0 {
		d.Heading("Earlier minutes")
		for _, id := range m.Confirms {
			d.Bullet("The minutes of %s are agreed.", id)
		}
	}

	if f.Case == "" || len(m.Cleared) > 0 {
		d.Heading("Caveats cleared out of committee")
	}
	if f.Case == "" && len(m.Cleared) == 0 {
		d.Para("None since the last minutes.")
	}
	for _, c := range m.Cleared {
		d.Bullet("%s, caveat %d, on %s: %s", c.Application, c.Action, c.On.Long(), c.Text)
	}
	for _, i := range m.Agenda {
		d.item(f, i)
	}
	if m.Other != "" {
		d.Heading("Any other business")
		d.Text(m.Other)
	}
	if f.Case == "" {
		d.Sign(Signature{For: "the Data Access Advisory Group", Role: "Chair"})
	}
	return d
}

// declarations are the interests that members have declared, whatever came of the item.
func (d *Doc) declarations(f sitting) {
	d.Heading("Declarations of interest")
	none := true
	for _, i := range f.Meeting.Agenda {
		for _, c := range i.Conflicts {
			d.Bullet("%s, in %s: %s", f.person(c.Person), reference(f.Applications[i.Application]), c.Why)
			none = false
		}
	}
	if none {
		d.Para("None were declared.")
	}
}

// item is what the meeting said of one application: application, discussion,
// outcome.
func (d *Doc) item(f sitting, i dars.Item) {
	app := f.Applications[i.Application]
	d.Section(reference(app) + ": " + app.Form.Title)
	d.Fact("Application", "%s, presented by %s", f.named(app.Form.Organisation), f.person(i.Presented))
	if i.Outcome == "" {
		d.Fact("Outcome", "None; %s", carried(app))
		return
	}
	for _, c := range i.Without {
		d.Fact("Left for this item", "%s: %s", f.person(c.Person), c.Why)
	}
	lay := 0
	for _, a := range i.Took {
		if a.Kind == dars.Lay {
			lay++
		}
	}
	d.Fact("Took part", "%d members, %d of them lay members", len(i.Took), lay)
	d.Fact("Outcome", "%s", capital(words(i.Outcome)))
	d.Subheading("Discussion and reasons")
	d.Text(cmp.Or(i.Note, "Nothing was noted beside the outcome."))
	var left []dars.Action
	for _, t := range app.Actions {
		if t.Meeting == f.Meeting.ID {
			left = append(left, t)
		}
	}
	if rows := f.actions(left); len(rows) > 0 {
		d.Subheading("Actions")
		d.Table(actionCols, rows)
	}
}

// sitting is a meeting with the names of who and what it is about.
type sitting struct{ dars.MeetingFacts }

// named is an organisation by its name and code.
func (s sitting) named(code dars.OrgCode) string {
	if o := s.Organisations[code]; o != nil {
		return fmt.Sprintf("%s (%s)", o.Name, code)
	}
	return string(code)
}

// allNamed are organisations, each on a line.
func (s sitting) allNamed(codes []dars.OrgCode) string {
	var all []string
	for _, code := range codes {
		all = append(all, s.named(code))
	}
	return strings.Join(all, "\n")
}

// person is somebody by name; the log has numbers only.
func (s sitting) person(id dars.PersonID) string {
	if p := s.People[id]; p != nil {
		return p.Name
	}
	return string(id)
}

var actionCols = []Col{{Name: "No.", Share: 9}, {Name: "What", Share: 66}, {Name: "Whose", Share: 28}, {Name: "By", Share: 29}, {Name: "State", Share: 18}}

func (s sitting) actions(all []dars.Action) (rows [][]string) {
	for _, t := range all {
		what := t.Text
		if t.Blocks != "" {
			what += fmt.Sprintf(" (until it is cleared, no %s)", stage(t.Blocks))
		}
		if t.Caveat {
			what = "Caveat: " + what
		}
		whose := "The applicant"
		if t.Owner != dars.TheApplicant {
			whose = s.person(t.Owner)
		}
		rows = append(rows, []string{fmt.Sprint(t.N), what, whose, t.Due.Long(), capital(words(t.State))})
	}
	return rows
}

// stage is what a caveat blocks, in words.
func stage(s dars.Stage) string {
	return map[dars.Stage]string{dars.StageIssue: "agreement is issued", dars.StageInForce: "agreement is signed by the office",
		dars.StagePlan: "release is planned", dars.StagePublish: "release is published"}[s]
}

func reference(app *dars.Application) string { return app.Stem + " " + app.Version() }

// carried says what becomes of an item without an outcome.
func carried(app *dars.Application) string {
	if app.State == dars.TakenBack {
		return "the applicant has withdrawn it"
	}
	return "it is carried over to the next meeting"
}

func quorum(q dars.Quorum) string {
	return fmt.Sprintf("An outcome needs %d members who take part in the item, %d of them lay members. Who has a conflict of interest, or has worked on the case, takes no part.", q.Members, q.Lay)
}

func status(m *dars.Meeting) string {
	if m.AgreedAt != "" {
		return fmt.Sprintf("agreed at %s on %s", m.AgreedAt, m.Agreed.Long())
	}
	return "draft, to be agreed at the next meeting"
}

func memberWord(k dars.MemberKind) string {
	if k == dars.Chair {
		return ""
	}
	return " member"
}
