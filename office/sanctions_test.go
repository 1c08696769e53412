package office_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// breached records a breach of RA1, and returns its sanction.
func (h *house) breached(login, kind string) dars.SanctionID {
	h.t.Helper()
	id, _, err := office.Audits{Office: h.first()}.Breach(h.t.Context(), h.by(login), "RA1", "", kind)
	h.must(err)
	return id
}

// livedUntil lives each day until another.
func (h *house) livedUntil(on dars.Day) {
	h.t.Helper()
	walk := walking(h.both[1], func(office.Done) {})
	for h.today < on {
		h.today = h.today.Add(1)
		h.must(walk(h.t.Context(), h.first().Calendar.Start(h.today).Add(6*time.Hour)))
	}
}

// An organisation that was entered twice is one: what holds one of its entries holds the
// other, for what is to be released and for handles that are open, until somebody says
// that they are two.
func TestAHoldIsOnAllThatAreTheSame(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o, p, l := t.Context(), office.Audits{Office: h.first()}, office.Parties{Office: h.both[1]}, office.Ledger{Office: h.first()}
		h.must(p.AddOrganisation(ctx, h.by("carol"), dars.Organisation{Code: "RA9", Name: "The Trust of Leeds", ICO: "Z1234567", Security: "DSPT"}))
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		g := h.agreed(h.form())
		r := h.published(g)
		f := h.form()
		f.Datasets[0].Periods = []string{"200399"}
		later := h.agreed(f)
		d := h.download("rita", r.Files[0].ID, "one")
		h.must(l.Reserve(ctx, d, dars.Range{From: 0, To: 1}, h.noon()))
		same, err := p.Same(ctx, h.by("carol"), "RA1", "RA9")
		h.must(err)
		h.must(l.Reserve(ctx, d, dars.Range{From: 1, To: 2}, h.noon()))

		s, _, err := o.Breach(ctx, h.by("connie"), "RA9", "", "SHARED")
		h.must(err)
		ruled(t, l.Reserve(ctx, d, dars.Range{From: 2, To: 3}, h.noon()), "on-hold")
		_, err = office.Releases{Office: h.first()}.Plan(ctx, h.by("carol"), later, "HES_APC", nil)
		ruled(t, err, "on-hold")
		_, err = office.Applications{Office: h.first()}.Submit(ctx, h.by("rita"), h.folder(h.form()), "")
		ruled(t, err, "sanctioned")
		h.must(p.Apart(ctx, h.by("connie"), same.ID))
		h.must(l.Reserve(ctx, d, dars.Range{From: 2, To: 3}, h.noon()))
		h.must(o.Lift(ctx, h.by("connie"), s))
		h.sound()
	})
}

// What recurs is not planned while its recipient is on hold, and is when that ends.
func TestAHoldStopsWhatIsDueTonight(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		h.sources(months(2)...)
		h.list("2026-03-01", 5)
		h.monthly(24)
		s := h.breached("connie", "SHARED")
		h.on("2026-05-04").six()
		if n := len(all[dars.Release](h)); n != 0 {
			t.Fatalf("%d releases are planned for who is suspended", n)
		}
		h.must(office.Audits{Office: h.first()}.Lift(t.Context(), h.by("connie"), s))
		h.on("2026-05-05").six()
		if n := len(all[dars.Release](h)); n == 0 {
			t.Error("it is lifted, and nothing is planned")
		}
		h.sound()
	})
}

// Whoever is suspended signs no framework contract either.
func TestASuspensionStopsContracts(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, p := t.Context(), office.Parties{Office: h.first()}
		id, err := p.IssueContract(ctx, h.by("carol"), "RA1", h.today, "2028-03-31")
		h.must(errors.Join(err, p.ConfirmContract(ctx, h.by("carol"), id), p.ConfirmContract(ctx, h.by("colin"), id)))
		s := h.breached("connie", "SHARED")
		before := h.head()
		ruled(t, p.CountersignContract(ctx, h.by("nora"), id), "sanctioned")
		_, err = p.IssueContract(ctx, h.by("carol"), "RA1", h.today, "2028-03-31")
		ruled(t, err, "sanctioned")
		if h.head() != before {
			t.Error("a refusal left a trace")
		}
		h.must(office.Audits{Office: h.first()}.Lift(ctx, h.by("connie"), s))
		h.must(p.CountersignContract(ctx, h.by("nora"), id))
		h.sound()
	})
}

// Actions that become late while a sanction stands for something else count from the day
// on which that was said: nobody goes up a step for what nobody wrote to them about.
func TestWhatJoinsASanctionHasItsOwnDays(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		g := h.agreed(h.form())
		o, id := h.late(g, "2026-06-15")
		_, _, err := o.Breach(t.Context(), h.by("connie"), "RA1", g, "SHARED")
		h.must(err)
		u := get[dars.Audit](h, string(id))
		h.must(h.first().Store.Do(t.Context(), func(tx *store.Tx) error { // the breach was found by the audit
			s, err := store.Get[dars.Sanction](tx, "SAN-000001")
			if err != nil {
				return err
			}
			s.Audit = u.ID
			return tx.Save(h.by("audrey"), "prepared", s)
		}))
		h.livedUntil("2026-06-29") // 14 days late, and 17 weeks after the suspension
		s := get[dars.Sanction](h, "SAN-000001")
		if s.State != dars.Suspended || s.Joined != "2026-06-29" || s.Waits != "2026-06-15" {
			t.Fatalf("on the day on which its actions joined it is %+v", s)
		}
		h.must(h.first().Work(t.Context(), h.noon))
		if m := h.works.letters("SAN-000001: more actions are late"); len(m) != 2 || !strings.Contains(m[0].body+m[1].body, "from 24 August 2026") {
			t.Errorf("they are told %+v", m)
		}
		h.livedUntil("2026-08-23")
		if s := get[dars.Sanction](h, "SAN-000001"); s.State != dars.Suspended {
			t.Errorf("it is %s before its time", s.State)
		}
		h.livedUntil("2026-08-24")
		if s := get[dars.Sanction](h, "SAN-000001"); s.State != dars.EndedBySanction {
			t.Errorf("it is %s", s.State)
		}
		h.sound()
	})
}

// A step is not taken while the one before may still be appealed against, as its letter
// says; after its last day an appeal is refused.
func TestNoStepBeforeTheDaysOfAnAppealAreOver(t *testing.T) {
	tests := map[string]struct {
		after int // days after the last for an appeal
		rule  string
		state dars.SanctionState // four weeks later
	}{
		"on the last day":  {0, "", dars.Warned},
		"on the day after": {1, "too-late", dars.OnHold},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.contract("RA1", "2028-03-31")
				o, _ := h.late(h.agreed(h.form()), "2026-03-20")
				h.livedUntil("2026-04-03")
				last := get[dars.Sanction](h, "SAN-000001").Taken[0].AppealUntil
				if last <= "2026-05-01" {
					t.Fatalf("over Easter 20 days of service end on %s, within 28 days", last)
				}
				h.livedUntil(last)
				if s := get[dars.Sanction](h, "SAN-000001"); s.State != dars.Warned {
					t.Fatalf("on the last day for an appeal it is %s", s.State)
				}
				h.today = last.Add(tt.after)
				ruled(t, o.Appeal(t.Context(), h.by("rita"), "SAN-000001", "it was done in time"), tt.rule)
				h.livedUntil(last.Add(28))
				if s := get[dars.Sanction](h, "SAN-000001"); s.State != tt.state {
					t.Errorf("four weeks later it is %s, want %s", s.State, tt.state)
				}
			})
		})
	}
}

// An action that is given more time after an appeal was upheld, and is late again, leads
// to a sanction again.
func TestAfterAnAppealActionsAreNotFreeForGood(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		o, id := h.late(h.agreed(h.form()), "2026-03-20")
		h.livedUntil("2026-04-03")
		h.must(o.Appeal(ctx, h.by("rita"), "SAN-000001", "it was done in time"))
		h.must(o.Decide(ctx, h.by("sid"), "SAN-000001", dars.AppealUpheld))
		h.livedUntil("2026-05-10")
		if n := len(all[dars.Sanction](h)); n != 1 {
			t.Fatalf("for what the appeal was upheld there are %d sanctions", n)
		}
		h.must(o.Extend(ctx, h.by("audrey"), id, 1, "2026-05-20"))
		h.livedUntil("2026-06-03")
		if n := len(all[dars.Sanction](h)); n != 2 {
			t.Errorf("it is late again, and there are %d sanctions", n)
		}
		h.sound()
	})
}

// Each step up the ladder is another person's, and who had a hand in the audit does not
// decide the appeal.
func TestTwoPeopleRaiseASanction(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Audits{Office: h.first()}
		h.add("alan", dars.TheOffice, dars.Auditor)
		h.add("all", dars.TheOffice, dars.InsideRoles()...)
		id := h.breached("audrey", "HELD_AFTER_END")
		before := h.head()
		if ruled(t, o.Raise(ctx, h.by("audrey"), id), "same-person"); h.head() != before {
			t.Error("a refusal left a trace")
		}
		h.must(o.Raise(ctx, h.by("alan"), id))
		ruled(t, o.Raise(ctx, h.by("alan"), id), "same-person")
		if n := h.race(8, "same-person wrong-step", func(i int, of *office.Office) error {
			return office.Audits{Office: of}.Raise(ctx, h.by([]string{"audrey", "alan"}[i/4]), id)
		}); n != 1 {
			t.Errorf("it was raised %d times", n)
		}

		h.contract("RA2", "2028-03-31")
		audit, err := o.Open(ctx, h.by("audrey"), "RA2", "", "FOLLOW_UP")
		h.must(err)
		h.must(o.Notify(ctx, h.by("audrey"), audit, nil, h.today, h.today))
		_, found, err := o.Find(ctx, h.by("all"), audit, dars.AuditFinding{Class: "AGREEMENT", Area: "ACCESS", Text: "found", Breach: "SHARED"}, "")
		h.must(err)
		h.must(o.Appeal(ctx, h.by("ravi"), found, "it was not"))
		ruled(t, o.Decide(ctx, h.by("all"), found, dars.AppealDismissed), "same-person")
		h.must(o.Decide(ctx, h.by("sid"), found, dars.AppealDismissed))
		h.sound()
	})
}

// A hold says for what it stands today, and not for what was lifted.
func TestAHoldSaysForWhatItStands(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		one, two := h.breached("connie", "SHARED"), h.breached("connie", "UNSUPPRESSED")
		h.must(office.Audits{Office: h.first()}.Lift(t.Context(), h.by("connie"), one))
		if org := get[dars.Organisation](h, "RA1"); !strings.Contains(org.HoldReason, string(two)) || org.HeldFor != two {
			t.Errorf("it is held for %s: %s", org.HeldFor, org.HoldReason)
		}
	})
}

// Who had a hand in a case does not audit it.
func TestNobodyAuditsTheirOwnWork(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Audits{Office: h.first()}
		h.add("both", dars.TheOffice, dars.Auditor, dars.Producer)
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		g := h.agreed(h.form())
		rel, err := office.Releases{Office: h.first()}.Plan(ctx, h.by("carol"), g, "HES_APC", nil)
		h.must(err)
		h.must(office.Releases{Office: h.first()}.Produce(ctx, h.by("both"), rel))
		for _, about := range []dars.AgreementID{g, ""} {
			id, err := o.Open(ctx, h.by("both"), "RA1", about, "FOLLOW_UP")
			h.must(err)
			h.must(o.Notify(ctx, h.by("both"), id, nil, h.today, h.today))
			finding := dars.AuditFinding{Class: "OBSERVATION", Area: "ACCESS", Text: "all is well"}
			before := h.head()
			_, _, err = o.Find(ctx, h.by("both"), id, finding, "")
			if ruled(t, err, "same-person"); h.head() != before {
				t.Error("a refusal left a trace")
			}
			_, _, err = o.Find(ctx, h.by("audrey"), id, finding, "")
			h.must(err)
			ruled(t, o.Report(ctx, h.by("both"), id, "LOW", "all is well"), "same-person")
			h.must(o.Report(ctx, h.by("audrey"), id, "LOW", "all is well"))
			ruled(t, o.Close(ctx, h.by("both"), id), "same-person")
			h.must(o.Close(ctx, h.by("audrey"), id))
		}
		h.sound()
	})
}

// One reason opens one audit, however often it comes before that has begun, and by many
// at once; what happened at a recipient opens one, and what the office did none.
func TestOneReasonOpensOneAudit(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		g := h.agreed(h.form())
		complaints := make([]dars.ComplaintID, 6)
		for i := range complaints {
			id, _, err := office.Complaints{Office: h.first()}.Add(ctx, h.by("carol"), dars.Complaint{Kind: "COMPLAINT", From: "PATIENT", About: "USE", Text: "My data went to a firm.", Agreement: g})
			h.must(err)
			complaints[i] = id
		}
		h.race(6, "", func(i int, o *office.Office) error {
			return errorOf(office.Complaints{Office: o}.Answer(ctx, h.by("connie"), complaints[i], "UPHELD", "It should not have."))
		})
		audits := all[dars.Audit](h)
		if len(audits) != 1 || audits[0].Agreement != g || audits[0].Org != "RA1" || strings.Count(audits[0].Reason, "complaint COMP-") != 6 {
			t.Fatalf("six complaints have led to %+v", audits)
		}
		_, err := office.Audits{Office: h.first()}.Open(ctx, h.by("audrey"), "RA1", g, "COMPLAINT")
		ruled(t, err, "open-already")

		h.incident(dars.Incident{Kind: "wrong-rows", Scope: dars.Scope{Datasets: []string{"HES_APC"}, Orgs: []string{"RA1"}}})
		h.incident(dars.Incident{Kind: "lost-media", Scope: dars.Scope{Orgs: []string{"RA7"}}})
		if n := len(all[dars.Audit](h)); n != 1 {
			t.Errorf("what the office did, and what happened at nobody we know, has led to %d audits", n-1)
		}
		h.incident(dars.Incident{Kind: "lost-media", Scope: dars.Scope{Orgs: []string{"trust ra1"}}})
		h.incident(dars.Incident{Kind: "outside-purpose", Scope: dars.Scope{Agreements: []string{h.stem(g)}}})
		h.incident(dars.Incident{Kind: "outside-purpose", Scope: dars.Scope{Agreements: []string{string(g)}}})
		var incidents []string
		for _, u := range all[dars.Audit](h) {
			if u.Trigger == "INCIDENT" {
				incidents = append(incidents, string(u.Org)+" "+string(u.Agreement))
			}
		}
		if !slices.Equal(incidents, []string{"RA1 ", "RA1 " + string(g)}) {
			t.Errorf("the audits of incidents are %q", incidents)
		}
		h.sound()
	})
}

// An audit that the plan of the year has chosen has the points of the plan; one that was
// followed up before all was shown is followed up again.
func TestThePlanSaysWhyAndTheLastWordIsTheNewest(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Audits{Office: h.first()}
		h.contract("RA1", "2028-03-31")
		g := h.agreed(h.form())
		plan, _, err := o.Plan(ctx, h.by("audrey"), 2026)
		h.must(err)
		p := plan.Planned("RA1")
		if p == nil || p.Month != "2026-03" {
			t.Fatalf("drawn in March it is %+v", plan)
		}
		h.breached("connie", "LAPSED_ASSURANCE") // it would have more points today
		id, err := o.Open(ctx, h.by("audrey"), "RA1", "", "ROUTINE")
		h.must(err)
		if u := get[dars.Audit](h, string(id)); !slices.Equal(u.Risk, p.Lines) {
			t.Errorf("it was chosen for %+v, and says %+v", p.Lines, u.Risk)
		}
		_, id = h.late(g, h.today.Add(20))
		h.must(o.FollowUp(ctx, h.by("audrey"), id, "HIGH", "nothing was shown"))
		h.must(o.HandIn(ctx, h.by("rita"), id, 1, "done", "", nil))
		h.must(o.Examine(ctx, h.by("audrey"), id, 1, dars.EvidenceAccepted))
		h.must(o.FollowUp(ctx, h.by("audrey"), id, "LOW", "it is mended"))
		h.must(o.Close(ctx, h.by("audrey"), id))
		if u := get[dars.Audit](h, string(id)); u.After.Level != "LOW" {
			t.Errorf("it was closed with a risk that is %s", u.After.Level)
		}
	})
}

// A finding that needs an action and has none waits for the auditors, from the answer to
// the report on, or from the day by which that was due; one of which nothing is left to be
// done is to be closed.
func TestFindingsWithoutAnActionWait(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		o, id := h.audited(h.agreed(h.form()))
		if h.waits("audrey", string(id), "audit action") {
			t.Error("before the report is answered the auditors are told to agree actions")
		}
		day := h.today
		if h.today = get[dars.Audit](h, string(id)).AnswerBy.Add(1); !h.waits("audrey", string(id)+" 1", "audit action") {
			t.Error("nobody answers, and nobody is told")
		}
		h.today = day
		h.must(o.Respond(ctx, h.by("rita"), id, true, "we agree"))
		if !h.waits("audrey", string(id)+" 1", "audit action") {
			t.Error("it is answered, and nobody is told to agree an action")
		}
		h.must(errorOf(o.Agree(ctx, h.by("audrey"), id, dars.AuditAction{Finding: 1, Text: "mend it", Due: h.today.Add(9)}, "")))
		if h.waits("audrey", string(id)+" 1", "audit action") || h.waits("audrey", string(id), "audit follow-up") {
			t.Error("an action is under way, and the auditors are told to do something")
		}
	})
}

// Where nothing that was called back is with anybody, nobody is asked to set it apart.
func TestARecallOfWhatNobodyHasAsksNothing(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		r := h.published(h.agreement())
		c := h.started(h.incident(dars.Incident{Kind: "wrong-rows", Scope: dars.Scope{Datasets: []string{"HES_APC"}}}))
		m := h.works.letters("recall " + string(c.ID))
		if len(m) != 1 || !strings.Contains(m[0].subject, "can no longer be collected") || strings.Contains(m[0].body, "recall answer") || len(all[dars.Paper](h, dars.By("kind", "recall-notice"))) != 0 {
			t.Errorf("of %s, of which no byte was sent, they are told %+v", r.ID, m)
		}
		ruled(t, h.may("rita", r.ID), "recalled")
	})
}
