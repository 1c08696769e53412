package office_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// tables is an agreement of RA1 for tabulations, with a list of objections. Its
// processors hold what leaves too.
func (h *house) tabulating(processors ...dars.OrgCode) dars.AgreementID {
	h.t.Helper()
	for _, o := range h.both {
		if o.Works.Tables == nil {
			o.Works.Tables = tables{func([]office.EarlierTable) error { return nil }}
		}
	}
	f := h.form()
	f.Datasets[0].Identifiability, f.Processors = "AGG_SUPPRESSED", processors
	return h.agreed(f)
}

// tabulated is a tabulation that is planned.
func (h *house) tabulated(g dars.AgreementID) dars.ReleaseID {
	h.t.Helper()
	id, err := office.Releases{Office: h.first()}.Tabulate(h.t.Context(), h.by("carol"), g, []byte("HES_APC"))
	h.must(err)
	return id
}

// tabulatedTo takes a tabulation as far as a state.
func (h *house) tabulatedTo(g dars.AgreementID, to dars.ReleaseState) dars.ReleaseID {
	h.t.Helper()
	o, ctx, id := office.Releases{Office: h.first()}, h.t.Context(), h.tabulated(g)
	steps := []struct {
		to dars.ReleaseState
		do func() error
	}{
		{dars.Produced, func() error { return o.Produce(ctx, h.by("pat"), id) }}, {dars.Checked, func() error { return o.Check(ctx, h.by("chris"), id) }},
		{dars.SignedOff, func() error { return o.SignOff(ctx, h.by("sam"), id) }}, {dars.Published, func() error { return o.Publish(ctx, h.by("pat"), id) }},
	}
	for _, s := range steps {
		if get[dars.Release](h, string(id)).State != to {
			h.must(s.do())
		}
	}
	return id
}

// onceMade lets a table out that nobody was answered before.
func onceMade(t office.TableToMake) error { return once(t.Earlier) }

// A tabulation is released as an extract is, and one person cannot do two of its steps.
// It may be kept: nothing is owed for it when its agreement ends.
func TestATabulationIsAReleaseAsAnyOther(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		g := h.tabulating()
		o, ctx := office.Releases{Office: h.first()}, t.Context()
		id := h.tabulated(g)
		ruled(t, o.Produce(ctx, h.by("pat"), id), "no-list")
		h.list("2026-03-01", 5)
		h.must(o.Produce(ctx, h.by("pat"), id))
		ruled(t, o.Check(ctx, h.by("pat"), id), "same-person")
		h.must(errors.Join(o.Check(ctx, h.by("chris"), id), o.SignOff(ctx, h.by("sam"), id), o.Publish(ctx, h.by("pat"), id)))
		r := get[dars.Release](h, string(id))
		if r.Kind != dars.KindTabulation || len(r.Files) != 2 || r.Files[1].Repeats != r.Files[0].ID || r.Objections.List == "" || r.Tabulation.Made.Rules != "hes" || string(r.Tabulation.Request) != `{"q":1}` {
			t.Errorf("it is %+v of %+v", r, r.Tabulation)
		}
		for _, f := range r.Files {
			h.collect("rita", f)
		}
		if r = get[dars.Release](h, string(id)); r.State != dars.Collected {
			t.Errorf("it is %s", r.State)
		}

		// A later list would tell, in a table made again, who has objected since.
		h.list("2026-03-02", 6)
		if r = get[dars.Release](h, string(id)); r.Late != nil {
			t.Errorf("it is held for a later list: %+v", r.Late)
		}
		end := h.by("carol")
		end.Why = "the study has ended"
		h.must(office.Agreements{Office: h.first()}.Terminate(ctx, end, g))
		if n := len(all[dars.Certificate](h)); n != 0 || get[dars.Agreement](h, string(g)).State != dars.Closed {
			t.Errorf("%d certificates are asked for, and the agreement is %s", n, get[dars.Agreement](h, string(g)).State)
		}
		h.sound()
	})
}

// What was agreed says which kind may leave.
func TestWhatWasAgreedSaysWhichKind(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.contract("RA1", "2028-03-31")
		tabulation := h.tabulating()
		extract := h.agreed(h.form())
		o, ctx := office.Releases{Office: h.first()}, t.Context()
		head := h.head()
		_, err := o.Plan(ctx, h.by("carol"), tabulation, "HES_APC", nil)
		ruled(t, err, "no-extract")
		_, err = o.Tabulate(ctx, h.by("carol"), extract, []byte("HES_APC"))
		ruled(t, err, "no-tabulation")
		_, err = o.Tabulate(ctx, h.by("carol"), tabulation, []byte("nonsense"))
		ruled(t, err, "bad-request")
		_, err = o.Tabulate(ctx, h.by("sam"), tabulation, []byte("HES_APC"))
		ruled(t, err, "no-power")
		if h.head() != head {
			t.Error("a refusal left a trace")
		}
		h.tabulated(tabulation)
	})
}

// Who missed it can have it again, made anew: of what nobody had nothing is known.
func TestATabulationThatWasMissedIsIssuedAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.works.tabled = onceMade
		g := h.tabulating()
		h.list("2026-03-01", 5)
		id := h.tabulatedTo(g, dars.Published)
		o, ctx := office.Releases{Office: h.first()}, t.Context()
		_, err := o.Reissue(ctx, h.by("carol"), id)
		ruled(t, err, "still-open")
		h.today = "2026-03-17"
		_, err = office.Clock{Office: h.first()}.Do(ctx, office.Duty{Kind: "release", Ref: string(id), Step: "purge"}, h.noon())
		h.must(err)
		h.list("2026-03-17", 6)
		again, err := o.Reissue(ctx, h.by("carol"), id)
		h.must(err)
		r := get[dars.Release](h, string(again))
		if r.Kind != dars.KindTabulation || r.Reissues != id || string(r.Tabulation.Request) != `{"q":1}` || r.Tabulation.Made != nil {
			t.Errorf("it is %+v of %+v", r, r.Tabulation)
		}
	})
}

// What a table was made by, and rests on, holds until it leaves.
func TestATabulationThatMustNotLeaveAnyMore(t *testing.T) {
	tests := map[string]struct {
		change func(h *house)
		rule   string
	}{
		"nothing changes":                 {func(*house) {}, ""},
		"a newer list came":               {func(h *house) { h.list("2026-03-02", 6) }, "list-changed"},
		"other rules hold":                {func(h *house) { h.today = newRules }, "rules-changed"},
		"the organisation is put on hold": {func(h *house) { h.must(office.Parties{Office: h.both[1]}.Hold(h.t.Context(), h.by("connie"), "RA1")) }, "on-hold"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				g := h.tabulating()
				h.list("2026-03-01", 5)
				id := h.tabulatedTo(g, dars.SignedOff)
				tt.change(h)
				ruled(t, office.Releases{Office: h.first()}.Publish(t.Context(), h.by("pat"), id), tt.rule)
			})
		})
	}
}

// A table is held against what its recipients have, or may get, and so is a question.
func TestWhatATableIsHeldAgainst(t *testing.T) {
	type before func(h *house, g dars.AgreementID, ask func() error)
	to := func(state dars.ReleaseState) before {
		return func(h *house, g dars.AgreementID, _ func() error) { h.tabulatedTo(g, state) }
	}
	withdrawn := func(from dars.ReleaseState, collected bool) before {
		return func(h *house, g dars.AgreementID, _ func() error) {
			id := h.tabulatedTo(g, from)
			if collected {
				h.collect("rita", get[dars.Release](h, string(id)).Files[1])
			}
			h.must(office.Releases{Office: h.first()}.Withdraw(h.t.Context(), h.by("carol"), id))
		}
	}
	tests := map[string]struct {
		before before
		rule   string
	}{
		"nothing":                          {func(*house, dars.AgreementID, func() error) {}, ""},
		"one that is planned":              {func(h *house, g dars.AgreementID, _ func() error) { h.tabulated(g) }, ""},
		"one that was made":                {to(dars.Produced), "too-close"},
		"one that can be collected":        {to(dars.Published), "too-close"},
		"one taken back before it left":    {withdrawn(dars.SignedOff, false), ""},
		"one taken back when nobody came":  {withdrawn(dars.Published, false), ""},
		"one taken back when somebody had": {withdrawn(dars.Published, true), "too-close"},
		"an answer":                        {func(h *house, _ dars.AgreementID, ask func() error) { h.must(ask()) }, "too-close"},
	}
	for name, tt := range tests {
		for _, asks := range []bool{true, false} {
			t.Run(name+map[bool]string{true: ", and a question", false: ", and a table"}[asks], func(t *testing.T) {
				each(t, func(t *testing.T, h *house) {
					desk, watched, _ := h.queryDesk(once)
					h.works.tabled = onceMade
					g := h.tabulating()
					ask := func() error {
						_, err := desk.Ask(t.Context(), h.by("rita"), watched, []byte("HES_APC"))
						return err
					}
					tt.before(h, g, ask)
					if asks {
						ruled(t, ask(), tt.rule)
					} else {
						ruled(t, office.Releases{Office: h.first()}.Produce(t.Context(), h.by("pat"), h.tabulated(g)), tt.rule)
					}
				})
			})
		}
	}
}

// Whoever processes data for somebody has what they have, and a table under an
// agreement of their own is held against it. Of others nothing is known.
func TestATableIsHeldAgainstThoseOfAllWhomItReaches(t *testing.T) {
	tests := map[string]struct {
		processors []dars.OrgCode
		rule       string
	}{
		"to a processor":    {[]dars.OrgCode{"RA1"}, "too-close"},
		"to somebody apart": {nil, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.works.tabled = onceMade
				first := h.tabulating()
				h.list("2026-03-01", 5)
				h.tabulatedTo(first, dars.Produced)
				f := h.form()
				f.Organisation, f.Controllers, f.Processors, f.Contact, f.Collectors = "RA2", []dars.OrgCode{"RA2"}, tt.processors, "ravi", []string{"ravi"}
				f.Datasets[0].Identifiability = "AGG_SUPPRESSED"
				second := h.agreed(f)
				ruled(t, office.Releases{Office: h.first()}.Produce(t.Context(), h.by("pat"), h.tabulated(second)), tt.rule)
			})
		})
	}
}

// However tables are made and questions asked at once, of those that together would
// tell of few persons one is answered.
func TestOfTablesAndAnswersThatTellTogetherOneIsGiven(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, watched, _ := h.queryDesk(once)
		h.works.tabled = onceMade
		for _, o := range h.both {
			o.Policy.QueriesADay = 100
		}
		g := h.tabulating()
		var planned []dars.ReleaseID
		for range 4 {
			planned = append(planned, h.tabulated(g))
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		given := 0
		tell := func(err error, may ...string) (again bool) {
			var no *dars.Refusal
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				given++
			case !errors.As(err, &no) || !slices.Contains(may, no.Rule):
				t.Errorf("it says %v", err)
			}
			return no != nil && no.Rule == "answered-meanwhile"
		}
		for n, id := range planned {
			all.Go(func() {
				for tell(office.Releases{Office: h.both[n%2]}.Produce(t.Context(), h.by("pat"), id), "too-close", "answered-meanwhile") {
				}
			})
		}
		for n := range 6 {
			all.Go(func() {
				_, err := office.Queries{Office: h.both[n%2]}.Ask(t.Context(), h.by("rita"), watched, []byte("HES_APC"))
				tell(err, "too-close")
			})
		}
		if all.Wait(); given != 1 {
			t.Errorf("%d were given", given)
		}
		h.sound()
	})
}
