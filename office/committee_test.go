package office_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// anonymised is an application for data that tell nobody who somebody is.
func (h *house) anonymised() dars.Form {
	f := h.form()
	f.Datasets[0].Identifiability, f.Datasets[0].Gateway, f.Datasets[0].Periods = "PSEUDO_ICO", "HSCA261_1_2BII", []string{"200199"}
	return f
}

// accepted is an application on its way, to whoever assesses it.
func (h *house) accepted(f dars.Form) string {
	h.t.Helper()
	ctx, o := h.t.Context(), office.Applications{Office: h.first()}
	id, err := o.Submit(ctx, h.by("rita"), h.folder(f), "")
	h.must(err)
	ref := string(id)
	h.must(o.Look(ctx, h.by("carol"), ref, 1, dars.EvidenceSeen, dars.Reading{}))
	h.must(o.Review(ctx, h.by("carol"), ref, dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true}))
	h.must(o.Accept(ctx, h.by("carol"), ref))
	return ref
}

// presented is one that is before DAAG.
func (h *house) presented(f dars.Form) string {
	h.t.Helper()
	ctx, c, ref := h.t.Context(), office.Committee{Office: h.first()}, h.accepted(f)
	h.must(errors.Join(c.Assess(ctx, h.by("iris"), ref), c.PreReview(ctx, h.by("sue"), ref), h.sit(), c.Present(ctx, h.by("iris"), ref)))
	return ref
}

// longer is an amendment that asks for more of what an agreement allows.
func (h *house) longer(g dars.AgreementID, change func(*dars.Form)) string {
	f := h.anonymised()
	f.Kind, f.Previous = dars.Amendment, get[dars.Agreement](h, string(g)).Stem
	f.Datasets[0].Periods, f.End = []string{"200199", "200299"}, h.today.AddMonths(24)
	if change != nil {
		change(&f)
	}
	return h.accepted(f)
}

// What is more of the same goes to the director, with a letter; what is not, goes
// to DAAG, and the director is told why.
func TestTheExceptionThroughTheOffice(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.add("dora", dars.TheOffice, dars.Director)
		h.contract("RA1", h.today.AddMonths(36))
		g := h.agreed(h.anonymised())
		ctx, c, desk := t.Context(), office.Committee{Office: h.first()}, office.Desk{Office: h.first()}

		ref := h.longer(g, nil)
		ruled(t, c.Director(ctx, h.by("dora"), ref, true), "wrong-step")
		h.must(c.Assess(ctx, h.by("iris"), ref))
		if _, r, err := desk.Route(ctx, h.by("carol"), ref); err != nil || r.Name != dars.ExceptionRoute || r.Against != g || len(r.Differences) == 0 {
			t.Fatalf("the route is %+v, %v", r, err)
		}
		ruled(t, c.PreReview(ctx, h.by("sue"), ref), "wrong-route")
		ruled(t, c.SIRO(ctx, h.by("sid"), ref, true), "wrong-route")
		ruled(t, c.Director(ctx, h.by("sid"), ref, true), "no-power")
		h.add("dave", dars.TheOffice, dars.Director)
		done := h.race(10, "wrong-step same-person", func(i int, o *office.Office) error {
			return office.Committee{Office: o}.Director(ctx, h.by([]string{"dora", "dave"}[i%2]), ref, i%3 != 0)
		})
		p := get[dars.Application](h, ref)
		if done != 1 || len(p.Hands) != 1 || p.Routed.Name != dars.ExceptionRoute {
			t.Errorf("%d decisions, %+v", done, p.Hands)
		}
		papers := 0
		for _, w := range h.owed() {
			if w.What == "paper" && strings.Contains(string(w.Body), ref) && strings.Contains(string(w.Body), `"letter"`) {
				papers++
			}
		}
		if papers != 1 {
			t.Errorf("%d letters are owed", papers)
		}
		h.sound()
	})
}

// An agreement that is terminated meanwhile proves nothing any more.
func TestTheExceptionLapses(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.add("dora", dars.TheOffice, dars.Director)
		h.contract("RA1", h.today.AddMonths(36))
		g := h.agreed(h.anonymised())
		ctx, c := t.Context(), office.Committee{Office: h.first()}
		ref := h.longer(g, nil)
		h.must(c.Assess(ctx, h.by("iris"), ref))
		h.must(office.Agreements{Office: h.first()}.Terminate(ctx, h.by("carol"), g))
		ruled(t, c.Director(ctx, h.by("dora"), ref, true), "wrong-route")
		h.must(c.PreReview(ctx, h.by("sue"), ref))
	})
}

// One meeting is open at a time, an application is on its agenda once, and one
// outcome is given, however many try.
func TestMeetingsAreRaced(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", h.today.AddMonths(36))
		h.add("saul", dars.TheOffice, dars.Secretary)
		secretary := func(i int) dars.Act { return h.by([]string{"sue", "saul"}[i%2]) }
		c := func(o *office.Office) office.Committee { return office.Committee{Office: o} }
		called := h.race(10, "open-meeting", func(i int, o *office.Office) error {
			_, err := c(o).Call(ctx, secretary(i), h.today)
			return err
		})
		ref := h.accepted(h.form())
		h.must(errors.Join(c(h.first()).Assess(ctx, h.by("iris"), ref), c(h.first()).PreReview(ctx, h.by("sue"), ref)))
		tabled := h.race(10, "wrong-step known", func(_ int, o *office.Office) error { return c(o).Present(ctx, h.by("iris"), ref) })
		attended := h.race(10, "known", func(i int, o *office.Office) error {
			return c(o).Attend(ctx, secretary(i), "MEET-000001", "mona", dars.Chair)
		})
		ruled(t, c(h.first()).Outcome(ctx, h.by("sue"), ref, dars.Recommended), "no-quorum")
		h.must(errors.Join(c(h.first()).Attend(ctx, h.by("sue"), "MEET-000001", "max", dars.Professional), c(h.first()).Attend(ctx, h.by("sue"), "MEET-000001", "mei", dars.Patient),
			c(h.first()).Attend(ctx, h.by("sue"), "MEET-000001", "lena", dars.Lay)))
		// A conflict that is declared while the outcome is given either counts, or comes
		// too late.
		said := h.race(10, "wrong-step no-quorum known", func(i int, o *office.Office) error {
			if i == 0 {
				if err := c(o).Conflict(ctx, h.by("lena"), "MEET-000001", ref, ""); err != nil {
					return err
				}
				return dars.Refuse("known", ref, "not an outcome")
			}
			return c(o).Outcome(ctx, secretary(i), ref, dars.Recommended)
		})
		m := get[dars.Meeting](h, "MEET-000001")
		declared := len(m.Agenda[0].Conflicts)
		minuted := h.race(10, "wrong-step", func(i int, o *office.Office) error { return c(o).Minutes(ctx, secretary(i), "MEET-000001", "") })
		if called != 1 || tabled != 1 || attended != 1 || said+declared != 1 || minuted != 1 {
			t.Errorf("called %d, tabled %d, attended %d, outcomes %d with %d conflicts, minuted %d", called, tabled, attended, said, declared, minuted)
		}
		if want := len(m.CarriedOver()); declared != want {
			t.Errorf("%d are carried over, want %d", want, declared)
		}
		// What has no outcome stands first on the next agenda.
		if _, err := c(h.first()).Call(ctx, h.by("sue"), h.today); err != nil {
			t.Fatal(err)
		}
		if next := get[dars.Meeting](h, "MEET-000002"); len(next.Agenda) != declared {
			t.Errorf("the next agenda is %+v", next.Agenda)
		}
		h.sound()
	})
}

// A caveat is cleared by two people, each once, and blocks until then what it
// names.
func TestACaveatBlocks(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, c, ag, rel := t.Context(), office.Committee{Office: h.first()}, office.Agreements{Office: h.first()}, office.Releases{Office: h.first()}
		h.contract("RA1", h.today.AddMonths(36))
		h.list(h.today, 100)
		ref := h.presented(h.form())
		var points []dars.Point
		for _, s := range dars.Stages {
			points = append(points, dars.Point{Owner: dars.TheApplicant, Due: h.today, Blocks: s, Text: "show something before " + string(s)})
		}
		ruled(t, c.Outcome(ctx, h.by("sue"), ref, dars.WithCaveats), "no-action")
		h.must(c.Outcome(ctx, h.by("sue"), ref, dars.WithCaveats, points...))
		h.must(c.SIRO(ctx, h.by("sid"), ref, true))
		clear := func(n int) {
			t.Helper()
			ruled(t, c.Clear(ctx, h.by("max"), ref, n), "not-chair")
			ruled(t, c.Clear(ctx, h.by("carol"), ref, n), "no-power")
			done := h.race(10, "same-person wrong-step", func(i int, o *office.Office) error {
				return office.Committee{Office: o}.Clear(ctx, h.by([]string{"sue", "mona"}[i%2]), ref, n)
			})
			if done != 2 {
				t.Errorf("caveat %d was cleared by %d", n, done)
			}
		}
		_, err := ag.Issue(ctx, h.by("carol"), ref, "", "")
		ruled(t, err, "caveat")
		clear(1)
		id, err := ag.Issue(ctx, h.by("carol"), ref, "", "")
		h.must(err)
		office.Intake{Office: h.first()}.Take(ctx, office.At(dars.ByFolder, h.noon()), paper("signed-agreements", "signed.pdf", "signed "+string(id)))
		h.must(errors.Join(ag.Confirm(ctx, h.by("carol"), id), ag.Confirm(ctx, h.by("colin"), id)))
		ruled(t, ag.Countersign(ctx, h.by("nora"), id), "caveat")
		clear(2)
		h.must(ag.Countersign(ctx, h.by("nora"), id))
		_, err = rel.Plan(ctx, h.by("carol"), id, "HES_APC", nil)
		ruled(t, err, "caveat")
		clear(3)
		r := h.signedOff(id)
		ruled(t, rel.Publish(ctx, h.by("pat"), r), "caveat")
		clear(4)
		h.must(rel.Publish(ctx, h.by("pat"), r))

		h.must(c.Minutes(ctx, h.by("sue"), "MEET-000001", ""))
		if m := get[dars.Meeting](h, "MEET-000001"); len(m.Cleared) != 4 {
			t.Errorf("the minutes say %+v", m.Cleared)
		}
		h.sound()
	})
}

// A delegate acts between two days, with both names on the act, and never on a case
// in which they had a hand.
func TestADelegate(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, c, o := t.Context(), office.Committee{Office: h.first()}, office.Parties{Office: h.first()}
		h.contract("RA1", h.today.AddMonths(36))
		first, second := h.presented(h.form()), h.presented(h.form())
		h.must(errors.Join(c.Outcome(ctx, h.by("sue"), first, dars.Recommended), c.Outcome(ctx, h.by("sue"), second, dars.Recommended)))
		ruled(t, c.SIRO(ctx, h.by("sam"), first, true), "no-power")
		ruled(t, o.Delegate(ctx, h.by("carol"), "sid", "sam", dars.SIRO, h.today, h.today), "no-power")
		ruled(t, o.Delegate(ctx, h.by("rita"), "sid", "sam", dars.SIRO, h.today, h.today), "no-power")
		h.must(o.Delegate(ctx, h.by("sid"), "sid", "sam", dars.SIRO, h.today.Add(1), h.today.Add(1)))
		ruled(t, c.SIRO(ctx, h.by("sam"), first, true), "no-power")
		h.must(o.Delegate(ctx, h.by("olive"), "sid", "colin", dars.SIRO, h.today, h.today.Add(1)))
		h.must(office.Applications{Office: h.first()}.Reassign(ctx, h.by("carol"), second, "colin"))
		_, err := office.Applications{Office: h.first()}.AddAction(ctx, h.by("colin"), second, "carol", h.today.Add(9), "ring them up")
		h.must(err)
		h.today = h.today.Add(1)

		head := h.head()
		ruled(t, c.SIRO(ctx, h.by("colin"), second, true), "same-person")
		if h.head() != head {
			t.Error("a refusal left a trace")
		}
		h.must(c.SIRO(ctx, h.by("sam"), first, true))
		p := get[dars.Application](h, first)
		if d := p.Decisions[len(p.Decisions)-1]; d.By != h.people["sam"] || d.For != h.people["sid"] {
			t.Errorf("decided by %+v", d)
		}
		if act := h.newest(); act.By != h.people["sam"] || act.Act != "decision siro for "+string(h.people["sid"]) {
			t.Errorf("the log says %+v", act)
		}
		h.today = h.today.Add(1)
		ruled(t, c.SIRO(ctx, h.by("sam"), second, true), "no-power")
		h.must(c.SIRO(ctx, h.by("sid"), second, true))
		h.sound()
	})
}

// The owner's delegate assesses and presents, in the owner's name.
func TestTheOwnersDelegate(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, c := t.Context(), office.Committee{Office: h.first()}
		h.add("ivan", dars.TheOffice, dars.IAO)
		h.contract("RA1", h.today.AddMonths(36))
		ref := h.accepted(h.form())
		ruled(t, c.Assess(ctx, h.by("ivan"), ref), "not-owner")
		h.must(office.Parties{Office: h.first()}.Delegate(ctx, h.by("iris"), "iris", "audrey", dars.IAO, h.today, h.today))
		done := h.race(8, "same-person wrong-step", func(i int, o *office.Office) error {
			return office.Committee{Office: o}.Assess(ctx, h.by([]string{"iris", "audrey"}[i%2]), ref)
		})
		p := get[dars.Application](h, ref)
		if done != 1 || len(p.AssessedBy) != 1 || p.AssessedBy[0] != h.people["iris"] {
			t.Errorf("assessed %d times, by %v", done, p.AssessedBy)
		}
		h.must(errors.Join(c.PreReview(ctx, h.by("sue"), ref), h.sit(), c.Present(ctx, h.by("audrey"), ref)))
		h.sound()
	})
}

// The brief says what whoever decides must know, to the office alone.
func TestBrief(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, desk := t.Context(), office.Desk{Office: h.first()}
		h.contract("RA1", h.today.AddMonths(36))
		h.must(office.Parties{Office: h.first()}.RenewStanding(ctx, h.by("carol"), "RA1", dars.Standing{ICO: "Z1234567", ICOExpires: h.today.Add(30)}))
		h.list(h.today, 100)
		g := h.agreed(h.anonymised())
		r := h.published(g)
		h.collect("rita", r.Files[0])
		ref := h.longer(g, func(f *dars.Form) { f.Purpose.Objective = "another" })
		b, err := desk.Brief(ctx, h.by("sid"), ref)
		h.must(err)
		if b.Route.Name != dars.CommitteeRoute || !strings.Contains(b.Route.Why, "purpose.objective") {
			t.Errorf("the route is %+v", b.Route)
		}
		if len(b.Ends) != 1 || b.Ends[0].On != h.today.Add(30) || len(b.Holds) != 1 || b.Holds[0].Files != 1 || b.Since != "v1.0" || len(b.Changes) == 0 {
			t.Errorf("ends %+v, holds %+v, since %s: %+v", b.Ends, b.Holds, b.Since, b.Changes)
		}
		if want := "HES_APC: upheld (this office upholds them in every release)."; b.Objections != want {
			t.Errorf("objections: %s", b.Objections)
		}
		h.byMatrix()
		h.override(dars.AgreementID(h.stem(g)), dars.NotUpheld, "N_COURT_ORDER")
		b, err = desk.Brief(ctx, h.by("sid"), ref)
		h.must(err)
		if !strings.HasPrefix(b.Objections, "HES_APC: not upheld (N_NOT_IDENTIFIABLE, by the matrix), and OVR-000001 proposes not upheld (N_COURT_ORDER)") {
			t.Errorf("objections: %s", b.Objections)
		}
		_, err = desk.Brief(ctx, h.by("rita"), ref)
		ruled(t, err, "not-found")
	})
}

// newest is the leaf of the newest event.
func (h *house) newest() (l store.Leaf) {
	h.t.Helper()
	head := h.head()
	h.must(h.first().Store.View(h.t.Context(), func(tx *store.Tx) error {
		all, err := tx.Events("", "", head, 1)
		if err == nil && len(all) != 1 {
			err = fmt.Errorf("%d events", len(all))
		}
		if err == nil {
			l = all[0].Leaf
		}
		return err
	}))
	return l
}
