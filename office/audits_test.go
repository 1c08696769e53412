package office_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// audited is an audit of RA1 whose report is out, with one finding that needs an action.
func (h *house) audited(agreement dars.AgreementID) (office.Audits, dars.AuditID) {
	h.t.Helper()
	ctx, o := h.t.Context(), office.Audits{Office: h.first()}
	id, err := o.Open(ctx, h.by("audrey"), "RA1", agreement, "ROUTINE")
	h.must(err)
	h.must(o.Notify(ctx, h.by("audrey"), id, []string{"ACCESS", "DESTRUCTION"}, h.today, h.today.Add(2)))
	_, _, err = o.Find(ctx, h.by("audrey"), id, dars.AuditFinding{Class: "AGREEMENT", Area: "ACCESS", Text: "people who left can still sign in"}, "")
	h.must(err)
	h.must(o.Report(ctx, h.by("audrey"), id, "HIGH", "access is not under control"))
	return o, id
}

// late is an audit of RA1 with an action that is due on a day.
func (h *house) late(agreement dars.AgreementID, due dars.Day) (office.Audits, dars.AuditID) {
	h.t.Helper()
	o, id := h.audited(agreement)
	_, err := o.Agree(h.t.Context(), h.by("audrey"), id, dars.AuditAction{Finding: 1, Text: "take their access away", Due: due}, "")
	h.must(err)
	return o, id
}

// dayAt is noon of a day.
func dayAt(d dars.Day) time.Time { return (&house{today: d}).noon() }

// An audit goes from its trigger to its end, and each step is told to who is audited.
func TestAnAuditFromTriggerToEnd(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		g := h.agreed(h.form())
		o, id := h.late(g, h.today.Add(20))
		u := get[dars.Audit](h, string(id))
		if len(u.Risk) == 0 || u.Findings[0].Owner != h.people["rita"] || u.Findings[0].Due != h.today.Add(28) || u.Actions[0].Owner != h.people["rita"] {
			t.Errorf("it is %+v", u)
		}
		h.must(o.Respond(ctx, h.by("rita"), id, true, "we agree"))
		ruled(t, o.Respond(ctx, h.by("rita"), id, true, "we agree"), "answered")
		ruled(t, o.Respond(ctx, h.by("ravi"), id, true, "we agree"), "not-found")
		ruled(t, o.HandIn(ctx, h.by("ravi"), id, 1, "see", "", nil), "not-found")
		h.must(o.HandIn(ctx, h.by("rita"), id, 1, "the list of people", "list.txt", []byte("nobody who left\n")))
		ruled(t, o.FollowUp(ctx, h.by("audrey"), id, "LOW", "mended"), "not-examined")
		h.must(o.Examine(ctx, h.by("audrey"), id, 1, dars.EvidenceAccepted))
		ruled(t, o.Close(ctx, h.by("audrey"), id), "wrong-step")
		h.must(o.FollowUp(ctx, h.by("audrey"), id, "LOW", "mended"))
		h.must(o.Close(ctx, h.by("audrey"), id))
		u = get[dars.Audit](h, string(id))
		if u.State != dars.AuditClosed || u.Before.Level != "HIGH" || u.After.Level != "LOW" || u.Actions[0].Evidence[0].Paper == "" {
			t.Errorf("it is %+v", u)
		}
		h.must(h.first().Work(ctx, h.noon))
		if n := len(drawnAs(h, "audit-report "+string(id)+" closed")); n != 2 { // the report, and what came of it
			t.Errorf("no report is drawn: %q", h.works.drawn)
		}
		for _, subject := range []string{"we will audit you from", "the report; answer it by", "action 1 is due by", "evidence for action 1 accepted", "the audit is closed"} {
			if m := h.works.letters(subject); len(m) != 1 || !strings.Contains(m[0].to, "rita@") {
				t.Errorf("%q went out as %+v", subject, m)
			}
		}
		h.sound()
	})
}

// What is late climbs one step at a time, on its day: none is left out, however long
// nobody looked, and forecast says the same.
func TestLateActionsClimbTheLadderOfSanctions(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		g := h.agreement()
		h.collect("rita", h.published(g).Files[0])
		_, id := h.late(g, "2026-03-20")
		clock := office.Clock{Office: h.both[1]}
		var foreseen []string
		h.must(clock.Foresee(ctx, h.noon(), func(f *office.Forecast) error {
			for on := h.today; on <= "2026-08-01"; on = on.Add(1) {
				due, err := f.Due(ctx, dayAt(on))
				for _, d := range due {
					var done *office.Done
					done, err = f.Do(ctx, d, dayAt(on))
					if done != nil && (d.Step == "sanction" || d.Step == "climb") {
						foreseen = append(foreseen, fmt.Sprint(on, " ", done.Step))
					}
				}
				if err != nil {
					return err
				}
			}
			return nil
		}))
		want := []string{"2026-04-03 warning", "2026-05-06 hold", "2026-06-05 suspension", "2026-07-31 termination"}
		if !slices.Equal(foreseen, want) {
			t.Errorf("foreseen are %q, want %q", foreseen, want)
		}
		for _, step := range []struct {
			day   dars.Day
			state dars.SanctionState
			org   dars.OrgState
		}{{"2026-04-03", dars.Warned, dars.OrgActive}, {"2026-05-05", dars.Warned, dars.OrgActive}, {"2026-05-06", dars.OnHold, dars.OrgOnHold},
			{"2026-07-20", dars.Suspended, dars.OrgOnHold}, {"2026-09-14", dars.EndedBySanction, dars.OrgOnHold}} {
			h.today = step.day
			h.lives(clock, step.day)
			s, org := get[dars.Sanction](h, "SAN-000001"), get[dars.Organisation](h, "RA1")
			if s.State != step.state || org.State != step.org {
				t.Fatalf("on %s the sanction is %s and RA1 %s, want %s and %s", step.day, s.State, org.State, step.state, step.org)
			}
		}
		s := get[dars.Sanction](h, "SAN-000001")
		if got := len(s.Taken); got != 4 || s.Audit != id || !slices.Equal(s.Taken[0].Actions, []int{1}) {
			t.Errorf("the steps are %+v", s.Taken)
		}
		if a := get[dars.Agreement](h, string(g)); a.State != dars.DeletionDue || a.Certificate == "" {
			t.Errorf("the agreement is %s", a.State)
		}
		if n := len(all[dars.Sanction](h)); n != 1 {
			t.Errorf("%d sanctions", n)
		}
		h.must(h.first().Work(ctx, h.noon))
		for _, step := range []string{"warning", "hold", "suspension", "termination"} {
			if n := len(drawnAs(h, "sanction SAN-000001 "+step)); n != 1 {
				t.Errorf("%d letters about the %s: %q", n, step, h.works.drawn)
			}
		}
		ruled(t, office.Parties{Office: h.first()}.ReleaseHold(ctx, h.by("connie"), "RA1"), "sanctioned")
		h.sound()
	})
}

// More time for an action holds the ladder, and so does an appeal; what is done ends
// the climb, and a person lifts what stands.
func TestWhatHoldsTheLadder(t *testing.T) {
	climbed := func(h *house, until dars.Day) dars.SanctionState {
		for h.today < until {
			h.today = h.today.Add(1)
			h.lives(office.Clock{Office: h.both[1]}, h.today)
		}
		return get[dars.Sanction](h, "SAN-000001").State
	}
	tests := map[string]struct {
		do   func(h *house, o office.Audits, id dars.AuditID) error
		want dars.SanctionState // on 1 August; the warning was on 3 April
	}{
		"nothing": {func(*house, office.Audits, dars.AuditID) error { return nil }, dars.EndedBySanction},
		"more time": {func(h *house, o office.Audits, id dars.AuditID) error {
			return o.Extend(h.t.Context(), h.by("audrey"), id, 1, "2026-07-10")
		}, dars.OnHold},
		"an appeal": {func(h *house, o office.Audits, id dars.AuditID) error {
			return o.Appeal(h.t.Context(), h.by("rita"), "SAN-000001", "it was done in time")
		}, dars.Warned},
		"an appeal that was dismissed": {func(h *house, o office.Audits, id dars.AuditID) error {
			err := o.Appeal(h.t.Context(), h.by("rita"), "SAN-000001", "it was done in time")
			h.today = "2026-05-04"
			return errors.Join(err, o.Decide(h.t.Context(), h.by("sid"), "SAN-000001", dars.AppealDismissed))
		}, dars.Suspended},
		"an appeal that was upheld": {func(h *house, o office.Audits, id dars.AuditID) error {
			return errors.Join(o.Appeal(h.t.Context(), h.by("rita"), "SAN-000001", "it was done in time"), o.Decide(h.t.Context(), h.by("sid"), "SAN-000001", dars.AppealUpheld))
		}, dars.SanctionLifted},
		"it is done": {func(h *house, o office.Audits, id dars.AuditID) error {
			return errors.Join(o.HandIn(h.t.Context(), h.by("rita"), id, 1, "done", "", nil), o.Examine(h.t.Context(), h.by("audrey"), id, 1, dars.EvidenceAccepted))
		}, dars.Warned},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.hasYears()
				h.contract("RA1", "2028-03-31")
				o, id := h.late(h.agreed(h.form()), "2026-03-20")
				if got := climbed(h, "2026-04-06"); got != dars.Warned {
					t.Fatalf("it begins with %s", got)
				}
				ruled(t, o.Lift(t.Context(), h.by("connie"), "SAN-000001"), "actions-open")
				h.must(tt.do(h, o, id))
				if got := climbed(h, "2026-08-01"); got != tt.want {
					t.Errorf("it has come to %s, want %s", got, tt.want)
				}
				if n := len(all[dars.Sanction](h)); n != 1 {
					t.Errorf("%d sanctions", n)
				}
			})
		})
	}
}

// A breach is answered at the step that its kind sets, and by an audit.
func TestABreachBeginsAtTheStepOfItsKind(t *testing.T) {
	for _, b := range dars.Breaches {
		t.Run(b.Code, func(t *testing.T) {
			agreed.each(t, func(t *testing.T, h *house) {
				ctx, o := t.Context(), office.Audits{Office: h.first()}
				g := h.agreement()
				rel := h.signedOff(g)
				id, audit, err := o.Breach(ctx, h.by("connie"), "RA1", g, b.Code)
				h.must(err)
				s, u := get[dars.Sanction](h, string(id)), get[dars.Audit](h, string(audit))
				if s.State != b.Starts || u.Trigger != b.Triggers() || s.Audit != audit {
					t.Errorf("it is %s, with the audit %+v", s.State, u)
				}
				err = office.Releases{Office: h.both[1]}.Publish(ctx, h.by("pat"), rel)
				if s.Stops(dars.StopReleases) {
					ruled(t, err, "on-hold")
				} else {
					h.must(err)
				}
				_, err = office.Applications{Office: h.first()}.Submit(ctx, h.by("rita"), h.folder(h.form()), "")
				if s.Stops(dars.StopApplications) {
					ruled(t, err, "sanctioned")
				} else {
					h.must(err)
				}
			})
		})
	}
}

// Once a hold has been said no release is published: many try both at once, through
// both programs.
func TestNoReleaseIsPublishedAfterASanctionHolds(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		for i := range 6 {
			h.add(fmt.Sprint("auditor", i), dars.TheOffice, dars.Auditor)
			h.add(fmt.Sprint("producer", i), dars.TheOffice, dars.Producer)
		}
		g := h.agreed(h.form())
		rel := h.signedOff(g)
		begun := h.race(12, "on-hold wrong-step", func(i int, o *office.Office) error {
			if i < 6 {
				_, _, err := office.Audits{Office: o}.Breach(ctx, h.by(fmt.Sprint("auditor", i)), "RA1", g, "UNDECLARED_PROCESSOR")
				return err
			}
			return office.Releases{Office: o}.Publish(ctx, h.by(fmt.Sprint("producer", i-6)), rel)
		})
		held, published := int64(0), int64(0)
		h.must(h.first().Store.View(ctx, func(tx *store.Tx) error {
			return tx.Moves(h.head(), func(l store.Leaf) error {
				switch {
				case l.Kind == "organisation" && l.To == string(dars.OrgOnHold) && held == 0:
					held = l.Seq
				case l.Kind == "release" && l.To == string(dars.Published):
					published = l.Seq
				}
				return nil
			}, "organisation", "release")
		}))
		if held == 0 || published > held || begun < 6 {
			t.Errorf("%d acts went through; the hold is event %d, the publication %d", begun, held, published)
		}
		if r := get[dars.Release](h, string(rel)); published > 0 && len(r.Files) > 0 { // what was published before cannot be collected
			ruled(t, office.Ledger{Office: h.both[1]}.May(ctx, h.people["rita"], dars.Visitor{Login: "rita", Key: "SHA256:rita"}, rel, h.noon()), "on-hold")
		}
		h.sound()
	})
}

// An open handle is cut by the hold of a sanction, and reads on when it is lifted.
func TestASanctionCutsOpenHandles(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		ctx, o, l := t.Context(), office.Audits{Office: h.both[1]}, office.Ledger{Office: h.first()}
		g := h.agreement()
		f := h.published(g).Files[0]
		d := h.download("rita", f.ID, "one")
		h.must(l.Reserve(ctx, d, dars.Range{From: 0, To: 1}, h.noon()))
		id, _, err := o.Breach(ctx, h.by("connie"), "RA1", g, "HELD_AFTER_END")
		h.must(err)
		ruled(t, l.Reserve(ctx, d, dars.Range{From: 1, To: 2}, h.noon()), "on-hold")
		h.must(o.Lift(ctx, h.by("connie"), id))
		h.must(l.Reserve(ctx, d, dars.Range{From: 1, To: 2}, h.noon()))
		h.sound()
	})
}

// A hold by hand and those of sanctions stand beside each other.
func TestAHoldEndsWithTheLastThatHolds(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o, p := t.Context(), office.Audits{Office: h.first()}, office.Parties{Office: h.both[1]}
		state := func(want dars.OrgState) {
			t.Helper()
			if got := get[dars.Organisation](h, "RA1").State; got != want {
				t.Errorf("RA1 is %s, want %s", got, want)
			}
		}
		one, _, err := o.Breach(ctx, h.by("connie"), "RA1", "", "SHARED")
		h.must(err)
		two, _, err := o.Breach(ctx, h.by("connie"), "RA1", "", "UNSUPPRESSED")
		h.must(err)
		h.must(o.Lift(ctx, h.by("connie"), one))
		state(dars.OrgOnHold)
		ruled(t, p.ReleaseHold(ctx, h.by("connie"), "RA1"), "sanctioned")
		h.must(o.Lift(ctx, h.by("connie"), two))
		state(dars.OrgActive)
		h.must(p.Hold(ctx, h.by("connie"), "RA1"))
		three, _, err := o.Breach(ctx, h.by("connie"), "RA1", "", "SHARED")
		h.must(err)
		h.must(o.Lift(ctx, h.by("connie"), three))
		state(dars.OrgOnHold)
		h.must(p.ReleaseHold(ctx, h.by("connie"), "RA1"))
		state(dars.OrgActive)
		h.sound()
	})
}

// What is done once is done once by many.
func TestStepsOfAuditsAreTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		for i := range 10 {
			h.add(fmt.Sprint("all", i), dars.TheOffice, dars.InsideRoles()...)
		}
		h.contract("RA1", "2028-03-31")
		o, id := h.late(h.agreed(h.form()), "2026-03-20")
		by := func(i int) dars.Act { return h.by(fmt.Sprint("all", i)) }
		once := func(name, rules string, do func(i int, o office.Audits) error) {
			t.Helper()
			if n := h.race(10, rules, func(i int, of *office.Office) error { return do(i, office.Audits{Office: of}) }); n != 1 {
				t.Errorf("%s was done %d times", name, n)
			}
		}
		once("answer", "answered", func(i int, o office.Audits) error { return o.Respond(ctx, by(i), id, true, "we agree") })
		h.today = "2026-04-03"
		due, err := office.Clock{Office: h.first()}.Due(ctx, h.noon())
		h.must(err)
		i := slices.IndexFunc(due, func(d office.Duty) bool { return d.Step == "sanction" })
		if i < 0 {
			t.Fatalf("due are %+v", due)
		}
		h.race(10, "", func(_ int, o *office.Office) error {
			_, err := office.Clock{Office: o}.Do(ctx, due[i], h.noon())
			return err
		})
		if n := len(all[dars.Sanction](h)); n != 1 {
			t.Fatalf("%d sanctions have begun", n)
		}
		once("appeal", "appealed", func(i int, o office.Audits) error { return o.Appeal(ctx, by(i), "SAN-000001", "no") })
		appealed := get[dars.Sanction](h, "SAN-000001").Appeals[0].By
		once("decide", "no-appeal same-person", func(i int, o office.Audits) error {
			return o.Decide(ctx, by(i), "SAN-000001", dars.AppealDismissed)
		})
		if s := get[dars.Sanction](h, "SAN-000001"); s.Appeals[0].Judge == appealed {
			t.Errorf("who noted the appeal has decided it: %+v", s.Appeals)
		}
		h.must(o.HandIn(ctx, h.by("rita"), id, 1, "done", "", nil))
		once("examine", "wrong-step", func(i int, o office.Audits) error { return o.Examine(ctx, by(i), id, 1, dars.EvidenceAccepted) })
		once("lift", "wrong-step", func(i int, o office.Audits) error { return o.Lift(ctx, by(i), "SAN-000001") })
		drawn := h.race(10, "", func(i int, o *office.Office) error {
			_, _, err := office.Audits{Office: o}.Plan(ctx, by(i), 2026)
			return err
		})
		if n := len(all[dars.AuditPlan](h)); n != 1 || drawn != 10 {
			t.Errorf("%d plans, and %d were told one", n, drawn)
		}
		h.sound()
	})
}

// A complaint has its days of service, and one of a recipient that is right leads to an
// audit.
func TestComplaints(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Complaints{Office: h.first()}
		add := func(k dars.Complaint) (dars.ComplaintID, dars.Day, error) { return o.Add(ctx, h.by("carol"), k) }
		good := dars.Complaint{Kind: "COMPLAINT", From: "PATIENT", About: "USE", Text: "My data went to a firm.", Org: "RA1"}
		id, due, err := add(good)
		h.must(err)
		if id != "COMP-000001" || due != "2026-03-30" { // 20 days of service after Monday 2 March
			t.Errorf("%s is due by %s", id, due)
		}
		mail := good
		mail.Text = "Write to pat@example.org, please."
		nhs := good
		nhs.Text = "My number is 943 476 5919."
		nobody := good
		nobody.Org = "RA9"
		class := good
		class.From = "Mrs Smith"
		for rule, k := range map[string]dars.Complaint{"personal": mail, "patient-number": nhs, "not-found": nobody, "no-code": class} {
			_, _, err := add(k)
			ruled(t, err, rule)
		}
		answered := h.race(6, "wrong-step", func(i int, of *office.Office) error {
			return errorOf(office.Complaints{Office: of}.Answer(ctx, h.by("connie"), id, "UPHELD", "It should not have."))
		})
		k := get[dars.Complaint](h, string(id))
		if u := get[dars.Audit](h, string(k.Audit)); answered != 1 || u.Trigger != "COMPLAINT" || len(all[dars.Audit](h)) != 1 {
			t.Errorf("answered %d times, with the audit %+v", answered, u)
		}
		_, _, err = add(dars.Complaint{Kind: "FEEDBACK", From: "PRESS", About: "REGISTER", Text: "It reads well."})
		h.must(err)
		h.today = "2026-04-20"
		done := h.lives(office.Clock{Office: h.both[1]}, h.today)
		if !slices.ContainsFunc(done, func(d office.Done) bool { return d.Ref == "COMP-000002" && d.Whom == "compliance, siro" }) {
			t.Errorf("nobody was chased: %+v", done)
		}
		n, err := office.Public{Office: h.first()}.Complaints(ctx, h.noon())
		if err != nil || n != (dars.ComplaintFigure{Received: 2, Open: 1, Late: 1, Answered: 1, InTime: 1, Upheld: 1}) {
			t.Errorf("they count as %+v, %v", n, err)
		}
		h.sound()
	})
}
