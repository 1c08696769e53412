package office_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// renewal is the form of the next version of a case.
func (h *house) renewal(stem string, start, end dars.Day) dars.Form {
	f := h.form()
	f.Kind, f.Previous, f.Start, f.End = dars.Renewal, stem, start, end
	f.Purpose.Yielded = "fewer admissions"
	return f
}

func stemOf(id dars.AgreementID) string { return string(id[:len(id)-len("-v1.0")]) }

// What was sent under one version and is covered by the next may be kept, and is
// accounted for at the end of the chain; for the rest a certificate is asked at once.
func TestAVersionSupersedesTheOneBefore(t *testing.T) {
	tests := map[string]struct {
		periods []string // of the renewal
		asked   int      // files of which a certificate is asked at once
	}{
		"which covers all of it":     {[]string{"200199", "200299"}, 0},
		"which covers one period":    {[]string{"200199"}, 1},
		"which covers none any more": {[]string{"200399"}, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			agreed.each(t, func(t *testing.T, h *house) {
				first := h.agreement()
				sent := h.published(first)
				h.collect("rita", sent.Files[0])
				h.collect("rita", sent.Files[1])
				f := h.renewal(stemOf(first), h.today, h.today.AddMonths(24))
				f.Datasets[0].Periods = tt.periods
				second := h.agreed(f)
				before, after := get[dars.Agreement](h, string(first)), get[dars.Agreement](h, string(second))
				if after.State != dars.InForce || before.SupersededBy != second || before.Ended != "2026-03-02" {
					t.Fatalf("%s is %s, and before it %s is %s by %q, until %s", second, after.State, first, before.State, before.SupersededBy, before.Ended)
				}
				state := dars.Superseded
				if tt.asked > 0 {
					state = dars.DeletionDue
				}
				certificates := all[dars.Certificate](h)
				if before.State != state || len(certificates) != min(1, tt.asked) || tt.asked > 0 && len(certificates[0].Files) != tt.asked {
					t.Errorf("%s is %s, with certificates %+v", first, before.State, certificates)
				}
				ruled(t, office.Ledger{Office: h.first()}.May(t.Context(), h.people["rita"], dars.Visitor{Login: "rita", Key: "SHA256:rita"}, sent.ID, h.noon()), "not-in-force")
				h.must(office.Agreements{Office: h.first()}.Terminate(t.Context(), h.by("carol"), second))
				if meant, err := (office.Desk{Office: h.first()}).Agreement(t.Context(), h.people["carol"], stemOf(first)); meant != second {
					t.Errorf("when no version is in force, the case means %s, %v", meant, err)
				}
				end := get[dars.Agreement](h, string(second))
				if tt.asked == 2 { // nothing was handed on
					if end.State != dars.Closed {
						t.Errorf("in the end %s is %s", second, end.State)
					}
					return
				}
				c := get[dars.Certificate](h, string(end.Certificate))
				if len(c.Files) != 2-tt.asked {
					t.Fatalf("the certificate at the end is for %+v", c.Files)
				}
				h.today = h.today.Add(1)
				v := office.Intake{Office: h.first()}.Take(t.Context(), office.At(h.people["rita"], h.noon()), h.filled(c.ID, ""))
				if v.Verdict != dars.VerdictWaiting {
					t.Fatalf("%+v", v)
				}
				h.must(office.Deletion{Office: h.first()}.Accept(t.Context(), h.by("connie"), c.ID))
				if g := get[dars.Agreement](h, string(first)); tt.asked == 0 && g.State != dars.Closed {
					t.Errorf("when all is accounted for, %s is %s", first, g.State)
				}
				h.sound()
			})
		})
	}
}

// A renewal that is signed when the agreement has lapsed and its certificate is asked
// for covers what was sent all the same: whoever holds it is told that it may be kept.
func TestALateRenewalIsTold(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2029-03-31")
		h.list("2026-03-01", 5)
		f := h.form()
		f.End = h.today.Add(5)
		first := h.agreed(f)
		h.collect("rita", h.published(first).Files[0])
		h.today = h.today.Add(6)
		h.lives(office.Clock{Office: h.first()}, h.today)
		told := func() string {
			todo, err := office.Desk{Office: h.first()}.Todo(t.Context(), h.people["rita"], h.noon())
			h.must(err)
			i := slices.IndexFunc(todo, func(one office.Todo) bool { return one.Kind == "certificate" })
			if i < 0 {
				t.Fatalf("no certificate is asked for in %+v", todo)
			}
			return todo[i].Act
		}
		if before := told(); strings.Contains(before, "keep") {
			t.Errorf("with no renewal: %s", before)
		}
		second := h.agreed(h.renewal(stemOf(first), h.today, h.today.AddMonths(12)))
		if after := told(); !strings.Contains(after, "or keep what "+string(second)+" covers") {
			t.Errorf("with a renewal: %s", after)
		}
		c := all[dars.Certificate](h)[0]
		letters := func() (bodies []string) {
			for _, w := range h.owed() {
				var l struct{ Subject, Body string }
				if w.What == "mail" && json.Unmarshal(w.Body, &l) == nil && strings.HasPrefix(l.Subject, string(c.ID)) && strings.Contains(l.Body, "What "+string(second)+" covers may be kept") {
					bodies = append(bodies, l.Subject)
				}
			}
			return bodies
		}
		if got := letters(); len(got) != 1 {
			t.Errorf("that the data may be kept is said in %q", got)
		}
		h.today = c.Due.Add(10)
		h.lives(office.Clock{Office: h.first()}, h.today)
		if got := letters(); len(got) != 3 { // theirs, and the copy for the office
			t.Errorf("and when the certificate is chased: %q", got)
		}
		h.must(h.first().Work(t.Context(), h.noon))
		if want := fmt.Sprint("chase ", c.ID, " ", h.today, " What ", second, " covers may be kept"); !slices.ContainsFunc(h.works.drawn, func(p string) bool { return strings.HasPrefix(p, want) }) {
			t.Errorf("no paper says so: %q", h.works.drawn)
		}
		in := h.filled(c.ID, "")
		h.must(errorOf(office.Deletion{Office: h.first()}.Receive(t.Context(), h.by("rita"), in, bytes.Replace(contentOf(in), []byte("SHRED"), []byte("BURN"), 1))))
		if after := told(); !strings.HasPrefix(after, "it is queried") || !strings.Contains(after, "or keep what "+string(second)+" covers") {
			t.Errorf("when it is queried: %s", after)
		}
		h.sound()
	})
}

// What comes of the data is asked for under one version of a case, the newest that began,
// though the one before was not superseded but had ended.
func TestALateRenewalIsAskedForOneAccount(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2029-03-31")
		h.list("2026-03-01", 5)
		f := h.form()
		f.End = h.today.Add(5)
		first := h.agreed(f)
		h.published(first)
		h.today = h.today.Add(20)
		h.lives(office.Clock{Office: h.first()}, h.today)
		second := h.agreed(h.renewal(stemOf(first), h.today.Add(-10), h.today.AddMonths(20)))
		owing := func() (all []string) {
			for _, id := range []dars.AgreementID{first, second} {
				for _, d := range get[dars.Agreement](h, string(id)).Accounts {
					if d.Why == dars.YearReleased {
						all = append(all, string(id))
					}
				}
			}
			return all
		}
		if got := owing(); !slices.Equal(got, []string{string(second)}) {
			t.Errorf("the account a year after the first release is owed under %v", got)
		}
		history, err := office.Desk{Office: h.first()}.History(t.Context(), h.people["rita"], stemOf(first))
		h.must(err)
		if g := get[dars.Agreement](h, string(second)); g.Began != h.today || history[1].Start != h.today || history[1].Gap != 14 {
			t.Errorf("it is in force from %s, and the history is %+v", g.Began, history)
		}
		h.sound()
	})
}

// The first day on which an agreement is in force is that of the last thing that stands
// before it: its term, its signatures, what was to be met. The clock may be late.
func TestFromWhenAnAgreementIsInForce(t *testing.T) {
	tests := map[string]struct {
		start dars.Day // of its term; it is signed on 2 March
		met   dars.Day // on which an obligation is, if there is one
		lives dars.Day // on which the clock looks next
		want  dars.Day
	}{
		"its term":                       {start: "2026-03-10", lives: "2026-03-10", want: "2026-03-10"},
		"its term, and a clock too late": {start: "2026-03-10", lives: "2026-03-20", want: "2026-03-10"},
		"its signatures":                 {start: "2026-03-01", lives: "2026-03-04", want: "2026-03-02"},
		"what was to be met":             {start: "2026-03-01", met: "2026-03-12", lives: "2026-03-20", want: "2026-03-12"},
		"what was met long before":       {start: "2026-03-10", met: "2026-03-05", lives: "2026-03-10", want: "2026-03-10"},
		"nothing: it is not met":         {start: "2026-03-01", lives: "2026-03-20"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				ctx, o := t.Context(), office.Agreements{Office: h.first()}
				h.contract("RA1", "2029-03-31")
				f := h.form()
				f.Start, f.End = tt.start, "2027-02-28"
				id := h.returned(f)
				if tt.met != "" || tt.want == "" {
					h.must(errorOf(o.Oblige(ctx, h.by("carol"), id, dars.Obligation{Stage: dars.StageInForce, Text: "the ethics approval is renewed"})))
				}
				h.must(errors.Join(o.Confirm(ctx, h.by("carol"), id), o.Confirm(ctx, h.by("colin"), id), o.Countersign(ctx, h.by("nora"), id)))
				if tt.met != "" {
					h.today = tt.met
					h.must(o.Meet(ctx, h.by("colin"), id, 1))
				}
				h.today = tt.lives
				h.lives(office.Clock{Office: h.first()}, h.today)
				if g := get[dars.Agreement](h, string(id)); g.Began != tt.want || g.HasBegun() != (tt.want != "") {
					t.Errorf("it is %s from %q, not %q", g.State, g.Began, tt.want)
				}
				if tt.want == "" {
					a := h.by("carol")
					a.Why = "it is not wanted any more"
					h.must(o.Terminate(ctx, a, id))
					if g := get[dars.Agreement](h, string(id)); g.HasBegun() {
						t.Error("one that was ended before it began has begun")
					}
				}
				h.sound()
			})
		})
	}
}

// An amendment's term may begin before it is signed; it is in force from that day on,
// and the one before until then.
func TestAnAmendmentIsInForceFromItsSignature(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		first := h.agreement()
		h.published(first)
		was := get[dars.Agreement](h, string(first))
		h.today = h.today.Add(10)
		second := h.agreed(h.renewal(stemOf(first), was.Start, was.End.Add(90)))
		history, err := office.Desk{Office: h.first()}.History(t.Context(), h.people["rita"], stemOf(first))
		h.must(err)
		if len(history) != 2 || history[1].ID != second || history[0].Ended != h.today.Add(-1) || history[1].Start != h.today || history[1].Gap != 0 {
			t.Errorf("the history is %+v", history)
		}
		if g := get[dars.Agreement](h, string(second)); len(g.Accounts) == 0 {
			t.Error("the clock knows of no account of benefits under it")
		}
	})
}

// The next version may be signed long before it begins: then it takes the other's
// place by the clock, or by the first act under it if the clock was late.
func TestAVersionThatBeginsLater(t *testing.T) {
	for name, clock := range map[string]bool{"by the clock": true, "by an act, when the clock is late": false} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				ctx, o := t.Context(), office.Releases{Office: h.first()}
				h.contract("RA1", "2029-03-31")
				first := h.agreed(h.form())
				second := h.agreed(h.renewal(stemOf(first), "2026-04-01", "2027-03-31"))
				if g := get[dars.Agreement](h, string(first)); g.State != dars.InForce {
					t.Fatalf("before the next begins it is %s", g.State)
				}
				before := h.head()
				ruled(t, errorOf(o.Plan(ctx, h.by("carol"), second, "HES_APC", nil)), "not-in-force")
				if h.head() != before {
					t.Error("a refusal left a trace")
				}
				h.today = "2026-04-01"
				if clock {
					h.lives(office.Clock{Office: h.first()}, h.today)
				}
				h.must(errorOf(o.Plan(ctx, h.by("carol"), second, "HES_APC", nil)))
				was, is := get[dars.Agreement](h, string(first)), get[dars.Agreement](h, string(second))
				if was.State != dars.Superseded || was.Ended != "2026-03-31" || is.State != dars.InForce {
					t.Errorf("%s until %s, and then %s", was.State, was.Ended, is.State)
				}
				ruled(t, errorOf(o.Plan(ctx, h.by("carol"), first, "HES_APC", nil)), "not-in-force")
				h.sound()
			})
		})
	}
}

// However many put versions of a case in force at once, one is in the end, and it is
// the latest that was.
func TestOneVersionOfACaseIsInForce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.contract("RA1", "2029-03-31")
		first := h.agreed(h.form())
		second := h.agreed(h.renewal(stemOf(first), "2026-04-01", "2027-03-31"))
		third := h.returned(h.renewal(stemOf(first), "2026-04-01", "2027-06-30"))
		o := office.Agreements{Office: h.first()}
		h.must(errors.Join(o.Confirm(ctx, h.by("carol"), third), o.Confirm(ctx, h.by("colin"), third)))
		h.today = "2026-04-01"
		for i := range 4 {
			h.add(fmt.Sprint("signatory", i), dars.TheOffice, dars.Signatory)
		}
		h.race(12, "wrong-step not-in-force in-force", func(i int, o *office.Office) error {
			switch i % 3 {
			case 0:
				return office.Agreements{Office: o}.Countersign(ctx, h.by(fmt.Sprint("signatory", i%4)), third)
			case 1:
				return errorOf(office.Clock{Office: o}.Do(ctx, office.Duty{Kind: "agreement", Ref: string(second), Step: "begin"}, h.noon()))
			}
			return errorOf(office.Releases{Office: o}.Plan(ctx, h.by("carol"), second, "HES_APC", nil))
		})
		inForce := slices.DeleteFunc(all[dars.Agreement](h), func(g *dars.Agreement) bool { return g.State != dars.InForce })
		if len(inForce) != 1 || inForce[0].ID != third {
			t.Errorf("in force are %v", jsonOf(inForce))
		}
		h.sound()
	})
}

// A trial's agreement ended on 4 February 2018 and the next one began on 24 January
// 2022: the gap stands in the history of the case.
func TestTheGapBetweenVersionsIsSeen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.today = "2017-02-06"
		h.contract("RA1", "2022-12-31")
		f := h.form()
		f.Start, f.End = "2017-02-05", "2018-02-04"
		first := h.agreed(f)
		h.today = "2018-02-05"
		h.lives(office.Clock{Office: h.first()}, h.today)
		h.today = "2022-01-24"
		f = h.renewal(stemOf(first), h.today, "2022-04-30")
		h.agreed(f)
		history, err := office.Desk{Office: h.first()}.History(t.Context(), h.people["rita"], stemOf(first))
		h.must(err)
		if len(history) != 2 || history[0].Ended != "2018-02-04" || history[0].Gap != 0 || history[1].Gap != 1449 || history[1].Ended != "" {
			t.Errorf("the history is %+v", history)
		}
		others, err := office.Desk{Office: h.first()}.History(t.Context(), h.people["ravi"], stemOf(first))
		if h.must(err); len(others) != 0 {
			t.Errorf("another organisation sees %+v", others)
		}
	})
}

// Each controller signs; the copies may come one by one, and two officers see each.
func TestEachControllerSigns(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Agreements{Office: h.first()}
		h.contract("RA1", "2029-03-31")
		h.contract("RA2", "2029-03-31")
		f := h.form()
		f.Controllers = []dars.OrgCode{"RA1", "RA2"}
		id := h.returned(f)
		h.must(o.Confirm(ctx, h.by("carol"), id, "RA1"))
		before := h.head()
		ruled(t, o.Confirm(ctx, h.by("carol"), id, "RA1"), "same-person")
		ruled(t, o.Confirm(ctx, h.by("carol"), id, "RA3"), "not-a-party")
		if h.head() != before {
			t.Error("a refusal left a trace")
		}
		h.must(o.Confirm(ctx, h.by("colin"), id, "RA1"))
		if g := get[dars.Agreement](h, string(id)); g.State != dars.AgreementIssued || !slices.Equal(g.Unsigned(), []dars.OrgCode{"RA2"}) {
			t.Fatalf("it is %s, and missing are %v", g.State, g.Unsigned())
		}
		if pause, paused := get[dars.Application](h, stemOf(id)+"-v1").Clock.Paused(); !paused || pause.Agreement != id {
			t.Error("nobody waits for the other copy")
		}
		ruled(t, o.Confirm(ctx, h.by("colin"), id, "RA1"), "wrong-step")
		ruled(t, o.Countersign(ctx, h.by("nora"), id), "wrong-step")
		h.must(errorOf(o.TakeCopy(ctx, h.by("rita"), paper("submit", "b.pdf", "signed "+string(id)+"\nRA2"), []byte("signed "+string(id)+"\nRA2"))))
		if g := get[dars.Agreement](h, string(id)); !slices.Equal(g.Unsigned(), []dars.OrgCode{"RA2"}) {
			t.Errorf("a second copy took back the first: %v", g.Unsigned())
		}
		done := h.race(8, "same-person wrong-step", func(i int, o *office.Office) error {
			return office.Agreements{Office: o}.Confirm(ctx, h.by([]string{"carol", "colin"}[i/2%2]), id)
		})
		if g := get[dars.Agreement](h, string(id)); done != 2 || g.State != dars.AgreementSigned {
			t.Errorf("confirmed %d times, it is %s", done, g.State)
		}
		h.must(o.Countersign(ctx, h.by("nora"), id))
		h.sound()
	})
}

// Something that is to be done before a stage blocks that stage and those after it,
// until somebody other than who noted it says that it is done.
func TestAnObligationBlocksItsStage(t *testing.T) {
	tests := map[dars.Stage]struct{ begin, plan, publish string }{ // the rules that refuse
		dars.StageInForce: {"counter-signed", "not-in-force", ""},
		dars.StagePlan:    {"in-force", "obligation", ""},
		dars.StagePublish: {"in-force", "", "obligation"},
	}
	for stage, tt := range tests {
		t.Run(string(stage), func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				ctx, o, releases := t.Context(), office.Agreements{Office: h.first()}, office.Releases{Office: h.first()}
				h.contract("RA1", "2029-03-31")
				h.list("2026-03-01", 5)
				id := h.returned(h.form())
				what := dars.Obligation{Stage: stage, Text: "the ethics approval is renewed", Due: h.today.Add(10)}
				ruled(t, errorOf(o.Oblige(ctx, h.by("carol"), id, dars.Obligation{Stage: dars.StageIssue, Text: "late"})), "stage-past")
				ruled(t, errorOf(o.Oblige(ctx, h.by("carol"), id, dars.Obligation{Stage: "never", Text: "no"})), "no-stage")
				h.must(errorOf(o.Oblige(ctx, h.by("carol"), id, what)))
				h.must(errors.Join(o.Confirm(ctx, h.by("carol"), id), o.Confirm(ctx, h.by("colin"), id), o.Countersign(ctx, h.by("nora"), id)))
				if g := get[dars.Agreement](h, string(id)); string(g.State) != tt.begin {
					t.Fatalf("while it is open the agreement is %s", g.State)
				}
				h.lives(office.Clock{Office: h.first()}, h.today)
				before := h.head()
				release, err := releases.Plan(ctx, h.by("carol"), id, "HES_APC", nil)
				ruled(t, err, tt.plan)
				if err == nil {
					h.must(errors.Join(releases.Produce(ctx, h.by("pat"), release), releases.Check(ctx, h.by("chris"), release), releases.SignOff(ctx, h.by("sam"), release)))
					before = h.head()
					ruled(t, releases.Publish(ctx, h.by("pat"), release), tt.publish)
				}
				ruled(t, o.Meet(ctx, h.by("carol"), id, 1), "same-person")
				ruled(t, o.Meet(ctx, h.by("colin"), id, 2), "not-found")
				if h.head() != before {
					t.Error("a refusal left a trace")
				}
				met := h.race(6, "wrong-step", func(_ int, o *office.Office) error {
					return office.Agreements{Office: o}.Meet(ctx, h.by("colin"), id, 1)
				})
				if g := get[dars.Agreement](h, string(id)); met != 1 || g.State != dars.InForce {
					t.Errorf("met %d times, and the agreement is %s", met, g.State)
				}
				if release == "" {
					h.published(id)
				} else {
					h.must(releases.Publish(ctx, h.by("pat"), release))
				}
				h.sound()
			})
		})
	}
}
