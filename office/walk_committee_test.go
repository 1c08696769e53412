package office_test

import (
	"cmp"
	"slices"

	"darsd/dars"
	"darsd/office"
)

// What may be done at meetings, about caveats and about how objections are treated.

// outcome is one of what DAAG may say, with what it leaves: of two caveats, one that
// the decision waits for and one that blocks a stage.
func (w *walk) outcome() (said dars.ApplicationState, points []dars.Point) {
	said = []dars.ApplicationState{dars.WithCaveats, dars.WithCaveats, dars.Deferred, dars.Returned, dars.Rejected}[w.rnd.IntN(5)]
	if w.rnd.IntN(3) > 0 {
		said = dars.Recommended
	}
	point := dars.Point{Owner: dars.TheApplicant, Due: w.today.Add(30), Text: "the leaflet"}
	switch said {
	case dars.Deferred, dars.Returned:
		points = []dars.Point{point}
	case dars.WithCaveats:
		later := point
		later.Blocks = dars.Stages[w.rnd.IntN(len(dars.Stages))]
		points = [][]dars.Point{{point}, {later}, {point, later}}[w.rnd.IntN(3)]
	}
	return said, points
}

// onActions are what may be done about what DAAG has left.
func (w *walk) onActions(p *dars.Application) (next []action) {
	ctx, ref := w.t.Context(), string(p.ID())
	c, a := office.Committee{Office: w.both[w.rnd.IntN(2)]}, office.Applications{Office: w.both[w.rnd.IntN(2)]}
	for _, t := range p.Actions {
		switch {
		case t.State == dars.ActionOpen:
			next = append(next, action{name: "answer", who: "rita", do: func(act dars.Act) error { return a.AnswerAction(ctx, act, ref, t.N, "It is done.") }})
		case t.Caveat && t.State == dars.ActionAnswered:
			who := []string{"sue", "mona"}[w.rnd.IntN(2)]
			next = append(next, action{name: "clear", who: who, do: func(act dars.Act) error { return c.Clear(ctx, act, ref, t.N) }})
		case t.State == dars.ActionAnswered:
			next = append(next, action{name: "close action", who: w.officer(), do: func(act dars.Act) error { return a.CloseAction(ctx, act, ref, t.N) }})
		}
	}
	return next
}

// convene is what a meeting waits for: members, or its minutes.
func (w *walk) convene(applications []*dars.Application) (next []action) {
	ctx, c := w.t.Context(), office.Committee{Office: w.both[w.rnd.IntN(2)]}
	open := all[dars.Meeting](w.house, dars.By("state", dars.MeetingOpen))
	wanted := slices.ContainsFunc(applications, func(p *dars.Application) bool { return slices.Contains(toTheCommittee, p.State) })
	if len(open) == 0 {
		if wanted {
			w.must(w.sit())
		}
		return nil
	}
	m := open[0]
	for login, kind := range map[string]dars.MemberKind{"lena": dars.Lay, "max": dars.Professional, "mei": dars.Patient, "mona": dars.Chair} {
		if m.On <= w.today && !slices.ContainsFunc(m.Present, func(a dars.Attendance) bool { return a.Person == w.people[login] }) {
			next = append(next, action{name: "attend", who: "sue", do: func(a dars.Act) error { return c.Attend(ctx, a, m.ID, login, kind) }, of: login})
		}
	}
	slices.SortFunc(next, func(a, b action) int { return cmp.Compare(a.of, b.of) }) // maps have no order
	if len(m.Agenda) > 0 && len(m.CarriedOver()) == 0 {
		next = append(next, action{name: "minutes", who: "sue", do: func(a dars.Act) error { return c.Minutes(ctx, a, m.ID, "") }})
	}
	return next
}

// onMeeting are what befalls a meeting.
func (w *walk) onMeeting(m *dars.Meeting, p *dars.Application) []action {
	ctx, c := w.t.Context(), office.Committee{Office: w.both[w.rnd.IntN(2)]}
	member := []string{"mona", "max", "mei", "lena"}[w.rnd.IntN(4)]
	kind := dars.MemberKinds[w.rnd.IntN(len(dars.MemberKinds))]
	return []action{
		{name: "minutes", who: "sue", do: func(a dars.Act) error { return c.Minutes(ctx, a, m.ID, "") }},
		{name: "agree minutes", who: "sue", do: func(a dars.Act) error { return c.Agree(ctx, a, m.ID) }},
		{name: "move meeting", who: "sue", do: func(a dars.Act) error { return c.Move(ctx, a, m.ID, w.today.Add(w.rnd.IntN(6))) }},
		{name: "cancel meeting", who: "sue", do: func(a dars.Act) error { return c.Cancel(ctx, a, m.ID) }},
		{name: "absent", who: "sue", do: func(a dars.Act) error { return c.Absent(ctx, a, m.ID, member) }},
		{name: "attend", who: "sue", do: func(a dars.Act) error { return c.Attend(ctx, a, m.ID, member, kind) }},
		{name: "conflict", who: member, do: func(a dars.Act) error { return c.Conflict(ctx, a, m.ID, string(p.ID()), "") }},
	}
}

// onOverrides are proposals to treat objections otherwise, and the word on them.
func (w *walk) onOverrides(g *dars.Agreement, v *dars.Override) []action {
	ctx, o := w.t.Context(), office.Agreements{Office: w.both[w.rnd.IntN(2)]}
	reason := []string{"Y_UPHELD", "N_CAG_DISAPPLIED", "N_COURT_ORDER"}[w.rnd.IntN(3)]
	to := dars.ObjectionsTerm{Dataset: "HES_APC", Treatment: dars.NotUpheld, Reason: reason}
	if reason == "Y_UPHELD" {
		to.Treatment = dars.Uphold
	}
	return []action{
		{name: "override", who: w.officer(), do: func(a dars.Act) error { return errorOf(o.Override(ctx, a, string(g.ID), to)) }},
		w.confirmOverride(v),
	}
}

func (w *walk) confirmOverride(v *dars.Override) action {
	o := office.Agreements{Office: w.both[w.rnd.IntN(2)]}
	return action{name: "confirm override", who: []string{"sid", "connie"}[w.rnd.IntN(2)], do: func(a dars.Act) error { return o.ConfirmOverride(w.t.Context(), a, v.ID) }}
}

// signOff is a signer's word, in so many words where objections are not upheld; and
// now and then the wrong one.
func (w *walk) signOff(r *dars.Release) action {
	o := office.Releases{Office: w.both[w.rnd.IntN(2)]}
	do := o.SignOff
	if (cmp.Or(r.Objections.Treatment, dars.Uphold) == dars.NotUpheld) != (w.rnd.IntN(8) == 0) {
		do = o.SignOffNotUpheld
	}
	return action{name: "sign off", who: "sam", do: func(a dars.Act) error { return do(w.t.Context(), a, r.ID) }}
}
