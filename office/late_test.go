package office_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// Count gives what was released, less what further lists fell.
func (w *works) Count(ctx context.Context, p office.Packing, further ...*dars.List) (dars.Package, error) {
	again := dars.Package{Counts: p.Release.Counts, Sources: w.seen, Files: p.Release.Files}
	if w.counted == nil {
		return again, nil
	}
	rows, err := w.counted(p, further)
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	again.Counts.RowsOut = rows
	return again, err
}

// falls is a count by which a list newer than those let pass fells three rows.
func falls(_ office.Packing, further []*dars.List) (int64, error) {
	if len(further) > 0 {
		return -3, nil
	}
	return 0, nil
}

// ready is an office with a published release, whose letters have gone out.
func ready(t *testing.T, h *house) *dars.Release {
	t.Helper()
	h.contract("RA1", "2028-03-31")
	h.list("2026-03-01", 5)
	r := h.published(h.agreed(h.form()))
	h.works.counted = falls
	h.must(h.first().Work(t.Context(), h.noon))
	return r
}

// some sends a part of a release's first file to somebody.
func (h *house) some(login string, r *dars.Release) {
	h.t.Helper()
	d, some := h.download(login, r.Files[0].ID, "some-"+login), dars.Range{From: 0, To: 7}
	h.must(office.Ledger{Office: h.first()}.Reserve(h.t.Context(), d, some, h.noon()))
	h.must(office.Ledger{Office: h.first()}.Settle(h.t.Context(), d, dars.Ranges{some}, dars.Ranges{some}, h.noon()))
}

// newList loads a newer list and lets what follows happen.
func (h *house) newList(numbers int) {
	h.t.Helper()
	h.list("2026-03-02", numbers)
	h.must(h.first().Work(h.t.Context(), h.noon))
}

func (h *house) release(id dars.ReleaseID) *dars.Release {
	h.t.Helper()
	return get[dars.Release](h, string(id))
}

func (h *house) may(login string, id dars.ReleaseID) error {
	return office.Ledger{Office: h.first()}.May(h.t.Context(), h.people[login], dars.Visitor{Login: login, Key: "SHA256:" + login}, id, h.noon())
}

// waits reports whether somebody is told to do something with a noun.
func (h *house) waits(login, ref, act string) bool {
	h.t.Helper()
	all, err := office.Desk{Office: h.first()}.Todo(h.t.Context(), h.people[login], h.noon())
	h.must(err)
	for _, d := range all {
		if d.Ref == ref && strings.Contains(d.Act, act) {
			return true
		}
	}
	return false
}

func TestWhatANewListDoes(t *testing.T) {
	gone := dars.Refuse("no-source", "apc.csv", "apc.csv cannot be opened")
	tests := map[string]struct {
		counts func(office.Packing, []*dars.List) (int64, error)
		sent   bool
		state  dars.ReleaseState
		late   dars.LateState
		cause  dars.LateCause
	}{
		"no row falls":                         {nil, true, dars.Published, dars.Untouched, ""},
		"rows fall, nothing was sent":          {falls, false, dars.ReleaseWithdrawn, dars.CalledBack, dars.RowsFall},
		"rows fall, some was sent":             {falls, true, dars.Published, dars.Frozen, dars.RowsFall},
		"the source is gone, nothing was sent": {func(office.Packing, []*dars.List) (int64, error) { return 0, gone }, false, dars.ReleaseWithdrawn, dars.CalledBack, dars.SourceChanged},
		"the source is gone, some was sent":    {func(office.Packing, []*dars.List) (int64, error) { return 0, gone }, true, dars.Published, dars.Frozen, dars.SourceChanged},
		"the source has a row more":            {func(office.Packing, []*dars.List) (int64, error) { return 1, nil }, true, dars.Published, dars.Frozen, dars.SourceChanged},
		"the disk fails":                       {func(office.Packing, []*dars.List) (int64, error) { return 0, errors.New("input/output error") }, false, dars.Published, dars.Frozen, dars.TrialFailed},
		"the program fails":                    {func(office.Packing, []*dars.List) (int64, error) { panic("9434765919") }, false, dars.Published, dars.Frozen, dars.TrialFailed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				r := ready(t, h)
				if tt.sent {
					h.some("rita", r)
				}
				h.works.counted = tt.counts
				h.newList(6)
				now := h.release(r.ID)
				if now.State != tt.state || now.Late == nil || now.Late.State != tt.late || now.Late.Cause != tt.cause || now.Late.Tried != 2 {
					t.Fatalf("it is %s, %+v", now.State, now.Late)
				}
				if strings.Contains(now.Late.Why, "9434765919") {
					t.Errorf("what was being read is repeated: %s", now.Late.Why)
				}
				open := tt.late == dars.Untouched
				if err := h.may("rita", r.ID); (err == nil) != open {
					t.Errorf("may it be collected: %v", err)
				}
				if waits := h.waits("carol", string(r.ID), "release resume"); waits != (tt.late == dars.Frozen) {
					t.Errorf("the officer is told: %t", waits)
				}
				if again := all[dars.Release](h); (len(again) == 2) != (tt.late == dars.CalledBack) {
					t.Errorf("there are %d releases", len(again))
				}
				h.sound()
			})
		})
	}
}

// Nothing was sent: it is withdrawn at once, and made again by the program, with the
// newer list; then it waits for people as any other.
func TestWhatNobodyHasIsMadeAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Releases{Office: h.first()}
		r := ready(t, h)
		h.newList(6)
		was, n := h.release(r.ID), h.release("REL-000002")
		if was.Late.RebuiltAs != n.ID || n.State != dars.Produced || n.By(dars.Produced) != dars.ByClock || n.Objections.ListVersion != 2 ||
			n.Rebuilds == nil || n.Rebuilds.Of != r.ID || len(n.Replaces) != 1 || n.Replaces[0] != r.ID || n.Files[0].ID == r.Files[0].ID {
			t.Fatalf("%+v\nwas made again as %+v", was, n)
		}
		shelf, err := office.Desk{Office: h.first()}.Shelf(ctx, h.people["rita"], h.noon())
		h.must(err)
		if len(shelf.Open) != 0 || len(shelf.Closed) != 1 || !strings.Contains(shelf.Closed[0], "REL-000002 takes its place") {
			t.Errorf("the recipient reads %v and may collect %v", shelf.Closed, shelf.Open)
		}
		if m := h.works.letters("REL-000001 is withdrawn"); len(m) != 1 || !strings.Contains(m[0].to, "rita@example.org") || !strings.Contains(m[0].to, "ron@example.org") {
			t.Errorf("the recipients are told %v", m)
		}
		if m := h.works.letters("REL-000002 was produced by the program"); len(m) != 1 || !h.waits("chris", "REL-000002", "release check") {
			t.Errorf("the checkers are told %v", m)
		}
		h.must(errors.Join(o.Check(ctx, h.by("chris"), n.ID), o.SignOff(ctx, h.by("sam"), n.ID), o.Publish(ctx, h.by("pat"), n.ID), h.may("rita", n.ID)))
		if was := h.release(r.ID); was.ReplacedBy != n.ID {
			t.Errorf("it was replaced by %q", was.ReplacedBy)
		}
		h.sound()
	})
}

// Some was sent: an officer decides that it is finished, and what that officer has
// let pass freezes it no more.
func TestAFrozenReleaseIsResumed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Releases{Office: h.first()}
		r := ready(t, h)
		h.some("rita", r)
		h.newList(6)
		ruled(t, h.may("rita", r.ID), "held")
		d := h.download("rita", r.Files[0].ID, "again")
		ruled(t, office.Ledger{Office: h.first()}.Reserve(ctx, d, dars.Range{From: 7, To: 20}, h.noon()), "held")
		if m := h.works.letters("REL-000001 is held"); len(m) != 1 || !strings.Contains(m[0].to, "ron@example.org") || strings.Contains(m[0].body, "3 rows") {
			t.Errorf("the recipients are told %v", m)
		}
		if m := h.works.letters("REL-000001 is frozen: decide"); len(m) != 1 || !strings.Contains(m[0].body, "would withhold 3 rows") {
			t.Errorf("the officers are told %v", m)
		}
		_, err := o.Plan(ctx, h.by("carol"), r.Agreement, "HES_APC", nil)
		ruled(t, err, "frozen")
		ruled(t, o.Resume(ctx, h.by("pat"), r.ID), "no-power")
		h.must(o.Resume(ctx, h.by("carol"), r.ID))
		ruled(t, o.Resume(ctx, h.by("colin"), r.ID), "not-frozen")
		h.must(h.may("rita", r.ID))
		if h.waits("carol", string(r.ID), "release") {
			t.Error("the officer is still told")
		}

		// The next list is held against those let pass as well.
		var asked []string
		h.works.counted = func(p office.Packing, further []*dars.List) (int64, error) {
			versions := fmt.Sprint(p.List.Version)
			for _, l := range further {
				versions += fmt.Sprint("+", l.Version)
			}
			asked = append(asked, versions)
			return -int64(min(len(further), 1)) * 3, nil // version 2 fells three, version 3 no others
		}
		h.newList(7)
		if now := h.release(r.ID); now.IsFrozen() || now.Late.Tried != 3 || strings.Join(asked, " ") != "1 1+2 1+2+3" {
			t.Errorf("counted were %v, and it is %+v", asked, now.Late)
		}
		h.sound()
	})
}

// Some was sent, and it is withdrawn: nothing takes its place until what was sent is
// accounted for, backups too.
func TestAFrozenReleaseIsWithdrawn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o, del := t.Context(), office.Releases{Office: h.first()}, office.Deletion{Office: h.first()}
		r := ready(t, h)
		h.some("rita", r)
		h.newList(6)
		h.must(o.Withdraw(ctx, h.by("carol"), r.ID))
		h.must(h.first().Work(ctx, h.noon))
		was := h.release(r.ID)
		c := get[dars.Certificate](h, string(was.Late.Certificate))
		if was.State != dars.ReleaseWithdrawn || c.Release != r.ID || len(c.Files) != 1 || c.Files[0].File != r.Files[0].ID || c.Due != "2026-03-16" || len(h.works.purged) != 1 {
			t.Fatalf("%+v\n%+v\npurged %v", was.Late, c, h.works.purged)
		}
		if m := h.works.letters("destroy REL-000001"); len(m) != 1 || !strings.Contains(m[0].to, "rita@example.org") {
			t.Errorf("the recipients are told %v", m)
		}
		for _, plan := range []func() error{
			func() error {
				_, err := o.Plan(ctx, h.by("carol"), r.Agreement, "HES_APC", []string{"200199"})
				return err
			},
			func() error { _, err := o.Reissue(ctx, h.by("carol"), r.ID); return err },
		} {
			ruled(t, plan(), "certificate-owed")
		}

		// It comes back with a backup that lives on: that is interim, and not enough.
		v := office.Intake{Office: h.first()}.Take(ctx, h.by("rita"), h.filled(c.ID, "2026-03-31"))
		if v.Verdict == dars.VerdictRejected {
			t.Fatalf("the certificate: %+v", v)
		}
		h.must(del.Accept(ctx, h.by("connie"), c.ID))
		_, err := o.Plan(ctx, h.by("carol"), r.Agreement, "HES_APC", nil)
		ruled(t, err, "certificate-owed")
		h.must(h.first().Work(ctx, h.noon))
		if m := h.works.letters("is not made again"); len(m) != 0 {
			t.Errorf("while a backup lives it was tried to make it again: %v", m)
		}
		h.today = "2026-04-01"
		h.list("2026-04-01", 8)
		clock := office.Clock{Office: h.first()}
		duties, err := clock.Due(ctx, h.noon())
		h.must(err)
		for _, d := range duties {
			_, err := clock.Do(ctx, d, h.noon())
			h.must(err)
		}
		h.must(h.first().Work(ctx, h.noon))
		n := h.release("REL-000002")
		if g := get[dars.Agreement](h, string(r.Agreement)); n.State != dars.Produced || n.Rebuilds == nil || n.Rebuilds.Of != r.ID || n.Objections.ListVersion != 3 || g.State != dars.InForce {
			t.Errorf("it was made again as %+v, and the agreement is %s", n, g.State)
		}
		if m := h.works.letters("REL-000001 is withdrawn"); len(m) != 0 {
			t.Errorf("whoever has destroyed it is told %v", m)
		}
		if m := h.works.letters("REL-000001 is made again"); len(m) != 1 || !strings.Contains(m[0].body, "REL-000002 takes its place") || strings.Contains(m[0].body, "Nothing of it had been sent") {
			t.Errorf("they are told %v", m)
		}

		// At the agreement's end nobody is asked for it again.
		h.must(office.Agreements{Office: h.first()}.Terminate(ctx, h.by("carol"), r.Agreement))
		if g := get[dars.Agreement](h, string(r.Agreement)); g.State != dars.Closed {
			t.Errorf("the agreement is %s", g.State)
		}
		h.sound()
	})
}

// A certificate for a release is chased from the day it was asked for, and blocks
// what any other does.
func TestACertificateForAReleaseIsChased(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Releases{Office: h.first()}
		r := ready(t, h)
		h.some("rita", r)
		h.newList(6)
		h.must(o.Withdraw(ctx, h.by("carol"), r.ID))
		h.today = h.today.Add(14 + 1)
		_, err := o.Plan(ctx, h.by("carol"), r.Agreement, "HES_APC", nil)
		ruled(t, err, "certificate-overdue")
		clock := office.Clock{Office: h.first()}
		due := func(after int) []office.Duty {
			h.today = dars.Day("2026-03-02").Add(after)
			duties, err := clock.Due(ctx, h.noon())
			h.must(err)
			return slices.DeleteFunc(duties, func(d office.Duty) bool { return d.Step != "chase" })
		}
		if early := due(13); len(early) != 0 {
			t.Errorf("it is chased too early: %+v", early)
		}
		duties := due(56)
		for _, d := range duties {
			_, err := clock.Do(ctx, d, h.noon())
			h.must(err)
		}
		if audits := all[dars.Audit](h); len(audits) != 1 || audits[0].Trigger != "EXPIRED_NO_CERT" {
			t.Errorf("the audits are %+v", audits)
		}
		h.must(h.first().Work(ctx, h.noon))
		if m := h.works.letters("certificate of destruction outstanding"); len(m) != 2 || slices.ContainsFunc(m, func(m mail) bool {
			theirs := strings.Contains(m.body, "Release REL-000001 under agreement "+string(r.Agreement)+" was withdrawn on 2 March 2026")
			return theirs != strings.Contains(m.to, "rita") || theirs == strings.HasPrefix(m.body, "For the office.") || !strings.Contains(m.body, "an audit is open")
		}) {
			t.Errorf("they are told %v", m)
		}
	})
}

// While rows are counted the world goes on. What was relied on is asked again.
func TestATrialAsksAgain(t *testing.T) {
	tests := map[string]struct {
		meanwhile func(h *house, r *dars.Release)
		late      dars.LateState // "" where nothing is noted
		tried     int
		owed      int // work that is to be tried again
	}{
		"nothing happens": {func(*house, *dars.Release) {}, dars.CalledBack, 2, 0},
		"the first byte is to leave": {func(h *house, r *dars.Release) {
			d := h.download("rita", r.Files[0].ID, "first")
			ruled(h.t, office.Ledger{Office: h.both[1]}.Reserve(h.t.Context(), d, dars.Range{From: 0, To: 1}, h.noon()), "held")
		}, dars.CalledBack, 2, 0},
		"a list comes that is not used": {func(h *house, _ *dars.Release) { h.list("2026-03-02", 60) }, dars.CalledBack, 2, 0},
		"the release is withdrawn": {func(h *house, r *dars.Release) {
			h.must(office.Releases{Office: h.both[1]}.Withdraw(h.t.Context(), h.by("carol"), r.ID))
		}, "", 0, 0},
		"the agreement is terminated": {func(h *house, r *dars.Release) {
			h.must(office.Agreements{Office: h.both[1]}.Terminate(h.t.Context(), h.by("carol"), r.Agreement))
		}, "", 0, 0},
		"a newer list comes, tried itself": {func(h *house, _ *dars.Release) { h.list("2026-03-02", 7) }, dars.CalledBack, 3, 0},
		"an officer lets another pass":     {func(h *house, r *dars.Release) { h.passed(r.ID) }, dars.Resumed, 1, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				for _, o := range h.both {
					o.Limits = dars.Limits{MaxGrowth: 5, MaxShrink: 1, MaxInvalid: 1}
				}
				r := ready(t, h)
				var once sync.Once
				h.works.counted = func(p office.Packing, further []*dars.List) (int64, error) {
					once.Do(func() { tt.meanwhile(h, r) })
					return falls(p, further)
				}
				h.list("2026-03-02", 6)
				err := h.first().Work(t.Context(), h.noon)
				left := 0
				for _, w := range h.owed() {
					if w.What == "late trial" {
						left++
					}
				}
				if (err != nil) != (tt.owed > 0) || left != tt.owed {
					t.Errorf("%d trials are owed, for %v", left, err)
				}
				now := h.release(r.ID)
				switch {
				case tt.late == "" && (now.IsTrying() || now.Late.Tried != 0):
					t.Errorf("it is noted: %+v", now.Late)
				case tt.late != "" && (now.Late.State != tt.late || now.Late.Tried != tt.tried):
					t.Errorf("it is %+v", now.Late)
				}
				h.sound()
			})
		})
	}
}

// passed makes a release one of which an officer has let an earlier list pass.
func (h *house) passed(id dars.ReleaseID) {
	h.t.Helper()
	h.must(h.both[1].Store.Do(h.t.Context(), func(tx *store.Tx) error {
		r, err := store.Get[dars.Release](tx, id)
		if err != nil {
			return err
		}
		r.Late = &dars.Late{Tried: 1, State: dars.Resumed, Lists: []int{}, Passed: []int{1}}
		return tx.Save(h.by("carol"), "release resume", r)
	}))
}

// The first byte of a collection and a new list race: whoever is first decides which
// of the two it is, and no byte ever leaves of what nobody was to have.
func TestTheFirstByteAgainstTheNewList(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := ready(t, h)
		var left atomic.Int32
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				d := h.download("rita", r.Files[0].ID, fmt.Sprint("first-", i))
				err := office.Ledger{Office: h.both[i%2]}.Reserve(t.Context(), d, dars.Range{From: 0, To: 1}, h.noon())
				if err == nil {
					left.Add(1)
					return
				}
				ruled(t, err, "held")
			})
		}
		h.list("2026-03-02", 6)
		wg.Wait()
		// The list has been loaded, and not been tried: until that is done nobody has more.
		d := h.download("rita", r.Files[0].ID, "again")
		reserve := func() error {
			return office.Ledger{Office: h.both[1]}.Reserve(t.Context(), d, dars.Range{From: 1, To: 2}, h.noon())
		}
		ruled(t, reserve(), "held")
		ruled(t, h.may("rita", r.ID), "held")
		shelf, err := office.Desk{Office: h.first()}.Shelf(t.Context(), h.people["rita"], h.noon())
		h.must(err)
		if len(shelf.Open) != 0 || len(shelf.Closed) != 1 || !strings.Contains(shelf.Closed[0], "held while a new objections list is tried on it; try again in a few minutes") {
			t.Errorf("the recipient reads %v and may collect %v", shelf.Closed, shelf.Open)
		}
		h.race(2, "", func(_ int, o *office.Office) error { return o.Work(t.Context(), h.noon) })
		now := h.release(r.ID)
		if got := left.Load() > 0; got != (now.Late.State == dars.Frozen) || got == (now.State == dars.ReleaseWithdrawn) {
			t.Errorf("the byte left: %t, and it is %s, %+v", got, now.State, now.Late)
		}
		ruled(t, reserve(), "held")
		h.sound()
	})
}

// A list that fells nothing lets go of what was held for it, whoever began the trial.
func TestWhatWasHeldCanBeCollectedAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := ready(t, h)
		h.works.counted = nil
		h.list("2026-03-02", 6)
		ctx, end := context.WithCancel(t.Context())
		h.works.counted = func(office.Packing, []*dars.List) (int64, error) { end(); return 0, nil }
		if err := h.first().Work(ctx, h.noon); err == nil {
			t.Error("it was tried")
		}
		ruled(t, h.may("rita", r.ID), "held")
		h.works.counted = nil
		h.must(h.both[1].Work(t.Context(), func() time.Time { return h.noon().Add(time.Hour) }))
		h.must(h.may("rita", r.ID))
		h.sound()
	})
}

// A source that has changed is told apart from objections: nobody is said to have
// objected, and what an officer has let pass is asked of no more while it is the same.
func TestASourceThatHasChanged(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := office.Releases{Office: h.first()}
		r := ready(t, h)
		h.some("rita", r)
		h.works.seen = []dars.Source{{Path: "index.csv", Bytes: 9, SHA256: "other"}}
		h.works.counted = func(office.Packing, []*dars.List) (int64, error) {
			return 0, dars.Refuse("source-malformed", "index.csv", "index.csv has other columns")
		}
		h.newList(6)
		for _, m := range append(h.works.letters("REL-000001 is held"), h.works.letters("REL-000001 is frozen")...) {
			if strings.Contains(m.body, "objections that came") || strings.Contains(m.body, "objections came") || !strings.Contains(m.body, "list") {
				t.Errorf("they are told %s", m.body)
			}
		}
		ruled(t, h.may("rita", r.ID), "held")
		h.must(o.Resume(t.Context(), h.by("carol"), r.ID))
		if l := h.release(r.ID).Late; len(l.Passed) != 0 || !slices.Equal(l.Excused, []int{2}) {
			t.Errorf("let pass were %v, excused %v", l.Passed, l.Excused)
		}
		h.newList(7)
		h.must(h.may("rita", r.ID))
		h.works.seen = []dars.Source{{Path: "index.csv", Bytes: 9, SHA256: "a third"}}
		h.newList(8)
		ruled(t, h.may("rita", r.ID), "held")

		// It is not told of objections when it is taken back either.
		h.must(o.Withdraw(t.Context(), h.by("carol"), r.ID))
		h.must(h.first().Work(t.Context(), h.noon))
		if m := h.works.letters("destroy REL-000001"); len(m) != 1 || strings.Contains(m[0].body, "objected") || !strings.Contains(m[0].body, "what it was made from has changed") {
			t.Errorf("they are told %v", m)
		}
		h.sound()
	})
}

// Two programs, many workers: it is tried once, withdrawn once, made again once.
func TestAListIsTriedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := ready(t, h)
		var counts, packs atomic.Int32
		h.works.counted = func(p office.Packing, further []*dars.List) (int64, error) {
			counts.Add(1)
			return falls(p, further)
		}
		h.works.packed = func(office.Packing) { packs.Add(1) }
		h.list("2026-03-02", 6)
		h.race(8, "", func(_ int, o *office.Office) error { return o.Work(t.Context(), h.noon) })
		h.must(h.first().Work(t.Context(), h.noon))
		if n := all[dars.Release](h); counts.Load() != 2 || packs.Load() != 1 || len(n) != 2 || n[0].Late.RebuiltAs != n[1].ID || n[1].State != dars.Produced {
			t.Errorf("%d counts and %d packages made of it %d releases", counts.Load(), packs.Load(), len(n))
		}
		if len(h.works.purged) != 1 || len(h.works.letters(string(r.ID)+" is withdrawn")) != 1 {
			t.Errorf("purged were %v", h.works.purged)
		}

		// The same list once more tells nothing new, and no source is read for it.
		o := office.Releases{Office: h.first()}
		h.must(errors.Join(o.Check(t.Context(), h.by("chris"), "REL-000002"), o.SignOff(t.Context(), h.by("sam"), "REL-000002"), o.Publish(t.Context(), h.by("pat"), "REL-000002")))
		h.newList(6)
		if n := h.release("REL-000002"); counts.Load() != 2 || n.State != dars.Published || n.Late.Tried != 3 {
			t.Errorf("%d counts, and it is %+v", counts.Load(), n.Late)
		}
		h.sound()
	})
}

// A program that ends while it counts leaves the trial to the next one.
func TestATrialIsBegunAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := ready(t, h)
		ctx, end := context.WithCancel(t.Context())
		h.works.counted = func(office.Packing, []*dars.List) (int64, error) { end(); return 0, nil }
		h.list("2026-03-02", 6)
		if err := h.first().Work(ctx, h.noon); err == nil {
			t.Error("it was done")
		}
		if now := h.release(r.ID); !now.IsTrying() || now.Late.Tried != 0 {
			t.Fatalf("half a count was believed: %+v", now.Late)
		}
		h.works.counted = falls
		h.must(h.both[1].Work(t.Context(), func() time.Time { return h.noon().Add(time.Hour) }))
		if now := h.release(r.ID); now.State != dars.ReleaseWithdrawn || h.release("REL-000002").State != dars.Produced {
			t.Errorf("it is %+v", now)
		}
		h.sound()
	})
}

// Letters do not wait for a count.
func TestLettersGoOutWhileRowsAreCounted(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ready(t, h)
		begun, goOn := make(chan bool), make(chan bool)
		var once sync.Once
		h.works.counted = func(p office.Packing, further []*dars.List) (int64, error) {
			once.Do(func() { close(begun); <-goOn })
			return falls(p, further)
		}
		h.list("2026-03-02", 6)
		h.must(h.first().QuickWork(t.Context(), h.noon))
		h.must(h.first().PostWork(t.Context(), h.noon))
		if work := h.owed(); len(work) != 1 || work[0].What != "late trial" {
			t.Errorf("owed are %+v", work)
		}
		done := make(chan error, 1)
		go func() { done <- h.first().Work(t.Context(), h.noon) }()
		<-begun
		_, err := office.Audits{Office: h.both[1]}.Open(t.Context(), h.by("audrey"), "RA1", "", "ROUTINE")
		h.must(err)
		h.must(h.both[1].QuickWork(t.Context(), h.noon))
		h.must(h.both[1].PostWork(t.Context(), h.noon))
		if m := h.works.letters("audit of RA1"); len(m) != 1 {
			t.Errorf("the letters are %v", m)
		}
		close(goOn)
		h.must(<-done)
	})
}

// A list that is not used is tried when compliance has confirmed it.
func TestAListIsTriedWhenItIsConfirmed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, o := range h.both {
			o.Limits = dars.Limits{MaxGrowth: .25, MaxShrink: .01, MaxInvalid: .01}
		}
		r := ready(t, h)
		h.newList(60)
		if now := h.release(r.ID); now.Late != nil {
			t.Fatalf("it was tried: %+v", now.Late)
		}
		h.must(office.Objections{Office: h.first()}.Confirm(t.Context(), h.by("connie"), 2))
		h.must(h.first().Work(t.Context(), h.noon))
		if now := h.release(r.ID); now.State != dars.ReleaseWithdrawn {
			t.Errorf("it is %+v", now)
		}
	})
}

// What the program cannot make again waits for people, and they are told.
func TestARebuildThatIsRefused(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := ready(t, h)
		h.works.packErr = dars.Refuse("no-source", "apc.csv", "apc.csv cannot be opened")
		h.newList(6)
		if n := h.release("REL-000002"); h.release(r.ID).State != dars.ReleaseWithdrawn || n.State != dars.Planned || !h.waits("pat", "REL-000002", "release produce") {
			t.Errorf("it is %+v", n)
		}
		h.must(h.first().Work(t.Context(), h.noon))
		if m := h.works.letters("REL-000002 could not be produced"); len(m) != 1 || !strings.Contains(m[0].body, "apc.csv cannot be opened") {
			t.Errorf("they are told %v", m)
		}
		h.works.packErr = nil
		h.must(office.Releases{Office: h.first()}.Produce(t.Context(), h.by("pat"), "REL-000002"))
		if work := h.owed(); len(work) != 0 {
			t.Errorf("owed are %+v", work)
		}
	})
}

// Somebody produces it while the program cannot: then nothing is left to do or say.
func TestARebuildThatSomebodyElseMade(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ready(t, h)
		h.works.packErr = errors.New("the disk is full")
		h.list("2026-03-02", 6)
		if err := h.first().Work(t.Context(), h.noon); err == nil {
			t.Fatal("it was made")
		}
		h.works.packErr = nil
		h.must(office.Releases{Office: h.first()}.Produce(t.Context(), h.by("pat"), "REL-000002"))
		h.must(h.first().Work(t.Context(), func() time.Time { return h.noon().Add(time.Hour) }))
		if m := h.works.letters("could not be produced"); len(m) != 0 || len(h.owed()) != 0 || h.release("REL-000002").By(dars.Produced) != h.people["pat"] {
			t.Errorf("the letters are %v, owed %+v", m, h.owed())
		}
	})
}
