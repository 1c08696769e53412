package office_test

import (
	"errors"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// reviewed is an application that could be accepted.
func (h *house) reviewed(f dars.Form) string {
	h.t.Helper()
	ctx, o := h.t.Context(), office.Applications{Office: h.first()}
	ref := h.submitted(f)
	h.must(errors.Join(o.Look(ctx, h.by("carol"), ref, 1, dars.EvidenceSeen, dars.Reading{}),
		o.Review(ctx, h.by("carol"), ref, dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true})))
	return ref
}

// A slip is undone, the applicant is told, and the case goes on as if there had been none.
func TestSlipsAreUndone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o, c := t.Context(), office.Applications{Office: h.first()}, office.Committee{Office: h.first()}
		h.contract("RA1", "2028-03-31")
		ref := h.reviewed(h.form())
		now := func() *dars.Application { return get[dars.Application](h, ref) }
		is := func(state dars.ApplicationState, due dars.Day) {
			t.Helper()
			if p := now(); p.State != state || p.Clock.Due != due {
				t.Fatalf("it is %s, due on %s; want %s, %s", p.State, p.Clock.Due, state, due)
			}
		}
		h.must(o.Accept(ctx, h.by("carol"), ref))
		first := now().Clock.Due
		h.today = "2026-03-04"
		ruled(t, o.Undo(ctx, h.by("rita"), ref, "accept"), "no-power")
		ruled(t, o.Undo(ctx, h.by("ravi"), ref, "withdraw"), "not-found")
		ruled(t, o.Undo(ctx, h.by("iris"), ref, "accept"), "no-power")
		h.must(o.Undo(ctx, h.by("colin"), ref, "accept"))
		is(dars.Submitted, "")
		if p := now(); p.Prices != nil || p.WasAccepted() {
			t.Errorf("something is left of its acceptance: %+v", p)
		}

		h.must(o.ReferBack(ctx, h.by("carol"), ref))
		h.must(o.Undo(ctx, h.by("carol"), ref, "refer-back"))
		is(dars.Submitted, "")
		h.must(o.Accept(ctx, h.by("carol"), ref))
		second := now().Clock.Due
		if second <= first {
			t.Errorf("accepted two days later it is due on %s, and was on %s", second, first)
		}

		h.today = "2026-03-05"
		h.must(o.Pause(ctx, h.by("carol"), ref, "AWAIT_APPLICANT_DETAIL"))
		h.today = "2026-03-12"
		h.must(o.Undo(ctx, h.by("carol"), ref, "pause"))
		is(dars.Accepted, second)
		h.must(o.Pause(ctx, h.by("carol"), ref, "AWAIT_APPLICANT_DETAIL"))
		h.must(o.Resume(ctx, h.by("carol"), ref))
		h.must(o.Undo(ctx, h.by("carol"), ref, "resume"))
		is(dars.Accepted, "")
		h.must(o.Resume(ctx, h.by("carol"), ref))
		is(dars.Accepted, second)

		// It is before DAAG when it is withdrawn by mistake, and on the agenda of the next
		// meeting, too.
		h.must(errors.Join(c.Assess(ctx, h.by("iris"), ref), c.PreReview(ctx, h.by("sue"), ref), h.sit(), c.Present(ctx, h.by("iris"), ref)))
		h.must(o.Withdraw(ctx, h.by("rita"), ref))
		h.must(c.Minutes(ctx, h.by("sue"), all[dars.Meeting](h)[0].ID, ""))
		h.must(h.sit())
		h.must(o.Undo(ctx, h.by("rita"), ref, "withdraw"))
		is(dars.AtDAAG, second)
		h.must(errors.Join(c.Outcome(ctx, h.by("sue"), ref, dars.Recommended), c.SIRO(ctx, h.by("sid"), ref, true)))
		ruled(t, o.Undo(ctx, h.by("carol"), ref, "accept"), "wrong-step")
		ruled(t, o.Undo(ctx, h.by("carol"), ref, "withdraw"), "wrong-step")

		h.must(h.first().Work(ctx, h.noon))
		for _, subject := range []string{"the acceptance is undone", "the referral back is undone", "the withdrawal is undone"} {
			told := false
			for _, m := range h.works.mails {
				told = told || strings.Contains(m.subject, subject) && strings.Contains(m.to, "rita")
			}
			if !told {
				t.Errorf("nobody was told that %s", subject)
			}
		}
		h.sound()
	})
}

// Once there is a newer version, nothing of an older one is undone.
func TestNothingIsUndoneUnderANewerVersion(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Applications{Office: h.first()}
		h.contract("RA1", "2028-03-31")
		stem := h.stem(h.agreed(h.form()))
		_, err := h.submit(h.next(dars.Renewal, stem), "")
		h.must(err)
		h.must(o.Withdraw(ctx, h.by("rita"), stem))
		h.must(o.Undo(ctx, h.by("carol"), stem, "withdraw")) // of the newest, though another is in force
		h.must(o.Withdraw(ctx, h.by("rita"), stem))
		_, err = h.submit(h.next(dars.Renewal, stem), "")
		h.must(err)
		ruled(t, o.Undo(ctx, h.by("carol"), stem+"-v2", "withdraw"), "built-on")
		ruled(t, o.Undo(ctx, h.by("carol"), stem, "withdraw"), "wrong-step")
		if p := get[dars.Application](h, stem+"-v2"); p.State != dars.TakenBack {
			t.Errorf("v2 is %s", p.State)
		}
	})
}

// A slip is undone, or what comes next is built on it: never both.
func TestUndoRacesWithWhatComesNext(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2028-03-31")
		o := office.Applications{Office: h.first()}
		tests := map[string]struct {
			slip  string
			make  func(ref string) error
			next  func(o *office.Office, ref string) error
			rules string
			after map[dars.ApplicationState]bool
		}{
			"accepted, and assessed": {"accept", func(ref string) error { return o.Accept(ctx, h.by("carol"), ref) },
				func(o *office.Office, ref string) error {
					return office.Committee{Office: o}.Assess(ctx, h.by("iris"), ref)
				}, "wrong-step built-on", map[dars.ApplicationState]bool{dars.Submitted: true, dars.Assessed: true}},
			"accepted, and paused": {"accept", func(ref string) error { return o.Accept(ctx, h.by("carol"), ref) },
				func(o *office.Office, ref string) error {
					return office.Applications{Office: o}.Pause(ctx, h.by("carol"), ref, "AWAIT_EXTERNAL_APPROVAL")
				}, "wrong-step built-on clock-not-started clock-paused", map[dars.ApplicationState]bool{dars.Submitted: true, dars.Accepted: true}},
			"withdrawn twice over": {"withdraw", func(ref string) error { return o.Withdraw(ctx, h.by("rita"), ref) },
				func(o *office.Office, ref string) error {
					return office.Applications{Office: o}.Undo(ctx, h.by("rita"), ref, "withdraw")
				}, "wrong-step", map[dars.ApplicationState]bool{dars.Submitted: true}},
		}
		for name, tt := range tests {
			ref := h.reviewed(h.form())
			h.must(tt.make(ref))
			undone := h.race(16, tt.rules, func(i int, o *office.Office) error {
				if i/2%2 == 0 {
					return office.Applications{Office: o}.Undo(ctx, h.by("carol"), ref, tt.slip)
				}
				return tt.next(o, ref)
			})
			if p := get[dars.Application](h, ref); undone != 1 || !tt.after[p.State] || p.State == dars.Submitted && p.Clock.Started != "" {
				t.Errorf("%s: %d of them were done, and it is %s, started %q", name, undone, p.State, p.Clock.Started)
			}
		}

		// Referred back: undone, or submitted again.
		ref := h.submitted(h.form())
		h.must(o.ReferBack(ctx, h.by("carol"), ref))
		in := h.folder(h.form())
		done := h.race(16, "wrong-step", func(i int, o *office.Office) error {
			if i/2%2 == 0 {
				return office.Applications{Office: o}.Undo(ctx, h.by("carol"), ref, "refer-back")
			}
			_, again, err := office.Applications{Office: o}.HandIn(ctx, h.by("rita"), in, ref)
			if again {
				return dars.Refuse("wrong-step", ref, "it is in already")
			}
			return err
		})
		p := get[dars.Application](h, ref)
		if undone := len(p.Submissions) == 1; done != 1 || p.State != dars.Submitted || undone == (len(dars.Stood(p.Decisions)) == 1) {
			t.Errorf("%d were done: it is %s at %s, with %+v", done, p.State, p.Version(), p.Decisions)
		}
		h.sound()
	})
}

// The same form with the same papers, handed in many times at once by several people of
// an organisation, is one application.
func TestTheSameFormIsOneApplication(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.add("rosa", "RA1", dars.Applicant)
		in, before := h.folder(h.form()), h.head()
		ids := make([]dars.ApplicationID, 20)
		first := h.race(20, "", func(i int, o *office.Office) (err error) {
			again := false
			ids[i], again, err = office.Applications{Office: o}.HandIn(ctx, h.by([]string{"rita", "rosa"}[i/2%2]), in, "")
			if again {
				err = dars.Refuse("", "", "it is in already")
			}
			return err
		})
		for _, id := range ids {
			if id != ids[0] {
				t.Errorf("it is both %s and %s", ids[0], id)
			}
		}
		if n := len(all[dars.Application](h)); n != 1 || first != 1 {
			t.Errorf("there are %d applications, and %d were the first", n, first)
		}
		_, again, err := office.Applications{Office: h.first()}.HandIn(ctx, h.by("rita"), in, "")
		if head := h.head(); err != nil || !again || head == before {
			t.Errorf("once more: %v, %v", again, err)
		}

		// By another door, too; and once it is over it may be handed in again.
		v := office.Intake{Office: h.first()}.Take(ctx, office.At(h.people["rosa"], h.noon()), in)
		if v.Verdict != dars.VerdictAccepted || dars.ApplicationID(v.Ref+"-v1") != ids[0] {
			t.Errorf("by folder it is %+v", v)
		}
		h.must(office.Applications{Office: h.first()}.Withdraw(ctx, h.by("rita"), string(ids[0])))
		v = office.Intake{Office: h.first()}.Take(ctx, office.At(h.people["rosa"], h.noon()), in)
		if v.Verdict != dars.VerdictAccepted || dars.ApplicationID(v.Ref+"-v1") == ids[0] {
			t.Errorf("after it was withdrawn it is %+v", v)
		}

		// Of another organisation it is another.
		other := h.form()
		other.Organisation, other.Controllers, other.Contact, other.Collectors = "RA2", []dars.OrgCode{"RA2"}, "ravi", []string{"ravi"}
		h.works.mu.Lock()
		h.works.forms["form 1"] = other
		h.works.mu.Unlock()
		id, again, err := office.Applications{Office: h.first()}.HandIn(ctx, h.by("ravi"), in, "")
		if err != nil || again || id == ids[0] {
			t.Errorf("of another organisation: %s, %v, %v", id, again, err)
		}
		h.sound()
	})
}

// What is refused when an application is let in, or its agreement drawn up, is told
// beforehand, to each reader in words of what they can do.
func TestWhatComesLaterIsTold(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Applications{Office: h.first()}
		h.must(office.Parties{Office: h.first()}.AddOrganisation(ctx, h.by("carol"), dars.Organisation{Code: "RA9", Name: "Cloud"}))
		party := func(p dars.Party) func(*dars.Form) {
			return func(f *dars.Form) { p.Code = "RA1"; f.Parties = []dars.Party{p} }
		}
		tests := map[string]struct {
			change func(*dars.Form)
			later  string // the rule, and the field
			out    string // told to the applicant
			in     string // told to the office
		}{
			"no contract":        {func(*dars.Form) {}, "no-contract controllers[0]", "ask the office for one", "darsd contract issue RA1"},
			"no approval":        {func(f *dars.Form) { f.Evidence = nil }, "evidence datasets[0].gateway", "there is none", "there is none"},
			"an approval of old": {func(f *dars.Form) { f.Evidence[0].Renew = h.today.Add(-1) }, "evidence datasets[0].gateway", "ended on 2026-03-01", "ended on 2026-03-01"},
			"thirteen years":     {func(f *dars.Form) { f.End = f.Start.AddMonths(13 * 12) }, "bad-term end", "ask for an end by 2029-03-02", "for 36 months at most"},
			"passed on":          {func(f *dars.Form) { f.Sublicensing, f.End = "to trusts", f.Start.AddMonths(13) }, "bad-term end", "ask for an end by 2027-03-02", ""},
			"nothing known":      {func(f *dars.Form) { f.Processors = []dars.OrgCode{"RA9"} }, "no-security processors[0]", "give it in the form", "darsd org assure RA9 --security"},
			"what assures nobody": {func(f *dars.Form) {
				f.Processors, f.Parties = []dars.OrgCode{"RA9"}, []dars.Party{{Code: "RA9", Security: []dars.Assurance{{Kind: "DSPT", Code: "RA9", Outcome: "NOT_MET"}, {Kind: "SLSP", Reviewed: h.today}}}}
			}, "no-ico organisations[0]", "give it in the form", ""},
			"another number":        {party(dars.Party{ICO: &dars.Registration{Number: "Z7654321", Expires: "2027-01-01"}}), "ico-differs organisations[0].ico.number", "ask the office to record it", "darsd org assure RA1 --ico Z7654321"},
			"a registration of old": {party(dars.Party{ICO: &dars.Registration{Number: "Z1234567", Expires: "2026-01-01"}}), "ico-lapsed organisations[0]", "send the office the renewed one", "darsd org assure RA1 --ico-expires"},
		}
		for name, tt := range tests {
			f := h.form()
			tt.change(&f)
			for login, want := range map[string]string{"rita": tt.out, "carol": tt.in} {
				list, err := o.Checklist(ctx, h.by(login), h.folder(f), "")
				h.must(err)
				said := ""
				for _, m := range list.Later {
					if m.Rule+" "+m.Field == tt.later {
						said = m.Says
					}
					if login == "rita" && strings.Contains(m.Says, "darsd ") {
						t.Errorf("%s: an applicant is told of the office's commands: %s", name, m)
					}
				}
				if said == "" || !strings.Contains(said, want) {
					t.Errorf("%s: %s is told %q of %v, want %q", name, login, said, list.Later, want)
				}
			}
		}

		// And it is refused then, by the same rule.
		h.contract("RA1", "2028-03-31")
		f := h.form()
		tests["another number"].change(&f)
		ref := h.reviewed(f)
		ruled(t, o.Accept(ctx, h.by("carol"), ref), "ico-differs")
		h.must(office.Parties{Office: h.first()}.RenewStanding(ctx, h.by("carol"), "RA1", dars.Standing{ICO: "Z7654321"}))
		h.must(o.Accept(ctx, h.by("carol"), ref))
	})
}

// Tabulations alone need no framework contract, from acceptance to signature.
func TestTabulationsNeedNoContract(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, c := t.Context(), office.Committee{Office: h.first()}
		f := h.form()
		f.Datasets[0].Identifiability = "AGG_SUPPRESSED"
		list, err := office.Applications{Office: h.first()}.Checklist(ctx, h.by("rita"), h.folder(f), "")
		if h.must(err); len(list.Later) > 0 {
			t.Errorf("it is told %v", list.Later)
		}
		ref := h.reviewed(f)
		h.must(errors.Join(office.Applications{Office: h.first()}.Accept(ctx, h.by("carol"), ref), c.Assess(ctx, h.by("iris"), ref), c.PreReview(ctx, h.by("sue"), ref), c.SIRO(ctx, h.by("sid"), ref, true)))
		id, err := office.Agreements{Office: h.first()}.Issue(ctx, h.by("carol"), ref, "", "")
		h.must(err)
		if g := get[dars.Agreement](h, string(id)); len(g.Controllers) != 1 || g.Controllers[0].Contract != "" {
			t.Errorf("its controllers are %+v", g.Controllers)
		}
	})
}

// An application that was handed in before a rule is held to it when it is let in.
func TestOldApplicationsAreHeldToTheRules(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Applications{Office: h.first()}
		h.contract("RA1", "2028-03-31")
		ref := h.reviewed(h.form())
		h.must(h.first().Store.Do(ctx, func(tx *store.Tx) error {
			p, err := store.Get[dars.Application](tx, ref)
			if err != nil {
				return err
			}
			p.Form.Datasets[0].Gateway = "HSCA261_OTHER"
			return tx.Save(h.by("carol"), "of old", p)
		}))
		ruled(t, o.Review(ctx, h.by("carol"), ref, dars.Review{LegalBasis: true}), "gateway-not-for-identifiable")
		ruled(t, o.Accept(ctx, h.by("carol"), ref), "gateway-not-for-identifiable")
	})
}
