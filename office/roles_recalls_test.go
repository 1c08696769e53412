package office_test

import (
	"fmt"

	"darsd/dars"
	"darsd/office"
)

func (r *roll) onRecalls() map[string]deed {
	ctx, o := r.t.Context(), office.Incidents{Office: r.first()}
	return map[string]deed{
		"incident add": always("", func(_ *roll, a dars.Act, _ string) error {
			return errorOf(o.Add(ctx, a, dars.Incident{Kind: "lost-media", Scope: dars.Scope{Orgs: []string{"RA9"}}}))
		}),
		"incident close": onLife(dars.IncidentLife, (*roll).freshIncident, func(_ *roll, a dars.Act, ref string) error { return o.Close(ctx, a, dars.IncidentID(ref)) }, dars.IncidentClosed),
		"erase": {make: (*roll).freshGone, in: []string{""}, from: []string{""}, do: func(_ *roll, a dars.Act, ref string) error {
			return errorOf(office.Parties{Office: r.first()}.Erase(ctx, a, ref, office.Decided{Leave: true}))
		}},
		"recall plan": among(dars.IncidentLife, (*roll).freshIncident, func(_ *roll, a dars.Act, ref string) error {
			return errorOf(o.RecallPlan(ctx, a, dars.IncidentID(ref)))
		}, dars.IncidentRecorded, dars.IncidentRecalled, dars.IncidentClosed),
		"recall start": onLife(dars.IncidentLife, (*roll).freshIncident, func(_ *roll, a dars.Act, ref string) error {
			_, _, err := o.Start(ctx, a, dars.IncidentID(ref))
			return err
		}, dars.IncidentRecalled),
		"recall answer": among(dars.RecallLife, (*roll).freshRecall, func(_ *roll, a dars.Act, ref string) error {
			return errorOf(o.Answer(ctx, a, dars.RecallID(ref), "FILE0009999", "", dars.Destroyed))
		}, dars.RecallStarted, dars.RecallClosed), // what nobody had said when it was closed
		"recall close": onLife(dars.RecallLife, (*roll).freshRecall, func(_ *roll, a dars.Act, ref string) error {
			return o.CloseRecall(ctx, a, dars.RecallID(ref), true)
		}, dars.RecallClosed),
	}
}

// freshIncident is one of a release that was collected.
func (r *roll) freshIncident(state string) string {
	r.n++
	i := &dars.Incident{ID: dars.IncidentID(fmt.Sprintf("INC-%06d", 5000+r.n)), Kind: "misdelivered", Scope: dars.Scope{Releases: []string{string(r.certificate.Files[0].Release)}}, Says: "It went elsewhere.",
		Found: r.today, Recorded: r.today, State: dars.IncidentState(state)}
	r.keep(i)
	return string(i.ID)
}

// freshRecall is one of a file that RA1 is to answer for.
func (r *roll) freshRecall(state string) string {
	i := r.freshIncident(string(dars.IncidentRecalled))
	c := &dars.Recall{ID: dars.RecallID(fmt.Sprintf("RCL-%06d", 5000+r.n)), Incident: dars.IncidentID(i), State: dars.RecallState(state), Started: r.today, AnswerBy: r.today}
	n := &dars.RecallNotice{Agreement: string(r.agreement.ID), Parties: []dars.RecallParty{{Org: "RA1", Name: "Trust RA1", As: "controller"}}, Releases: []dars.RecalledRelease{},
		Files: []dars.RecalledFile{{File: "FILE0009999", Sent: []dars.SentTo{}, Holders: []string{"RA1"}, Answers: []dars.RecallAnswer{}}}}
	n.Send(c)
	r.keep(c, n)
	return string(c.ID)
}

// freshGone is somebody of RA1 who has left.
func (r *roll) freshGone(state string) string {
	login := r.freshPerson(state)
	p := all[dars.Person](r.house, dars.By("login", login))[0]
	p.Left = r.today
	r.keep(p)
	return login
}
