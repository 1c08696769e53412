package office_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// tables answers a question by what a test says; without one, any that is not asked a
// second time.
type tables struct {
	made func(earlier []office.EarlierTable) error
}

func (t tables) Read(request []byte, g *dars.Agreement, on dars.Day) (office.TableAsked, error) {
	if strings.Contains(string(request), "nonsense") {
		return office.TableAsked{}, dars.Refuse("bad-request", g.ID, "it is nonsense: ask otherwise")
	}
	rules := "hes"
	if on >= newRules {
		rules = "stricter"
	}
	dataset := string(request)
	if strings.HasPrefix(dataset, "{") { // as it was understood before
		dataset = "HES_APC"
	}
	return office.TableAsked{Dataset: dataset, Periods: []string{"200199"}, Says: "persons by sex", Request: json.RawMessage(`{"q":1}`), Population: json.RawMessage(`{"p":1}`), Rules: rules}, nil
}

func (tables) Turn(context.Context) (end func(), err error) { return func() {}, nil }

func (t tables) Make(_ context.Context, _ office.TableAsked, _ *dars.List, earlier []office.EarlierTable) (office.TableMade, error) {
	if err := t.made(earlier); err != nil {
		return office.TableMade{}, err
	}
	return office.TableMade{CSV: []byte("sex,persons\n"), Text: []byte("a table\n"), Signs: []byte("a sign\n"), Cells: 3}, nil
}

// newRules is the day from which other rules hold.
const newRules dars.Day = "2026-03-10"

// once answers only what nobody was answered before.
func once(earlier []office.EarlierTable) error {
	if len(earlier) > 0 {
		return dars.Refuse("too-close", "HES_APC", "it is too close to what was answered before: ask otherwise")
	}
	return nil
}

// desk is an office in which rita may ask, under an agreement.
func (h *house) queryDesk(made func([]office.EarlierTable) error) (office.Queries, dars.AgreementID, dars.ReleaseID) {
	h.t.Helper()
	return h.queryDeskOf(func(*dars.Form) {}, made)
}

// queryDeskOf is one under an agreement that is applied for otherwise.
func (h *house) queryDeskOf(change func(*dars.Form), made func([]office.EarlierTable) error) (office.Queries, dars.AgreementID, dars.ReleaseID) {
	h.t.Helper()
	for _, o := range h.both {
		o.Works.Tables = tables{made}
		o.Policy.QueriesADay = 5
	}
	h.contract("RA1", "2028-03-31")
	f := h.form()
	f.Datasets[0].Frequency = "SYSTEM_ACCESS"
	change(&f)
	g := h.agreed(f)
	h.list("2026-03-01", 5)
	r, err := office.Releases{Office: h.first()}.Grant(h.t.Context(), h.by("carol"), g, "HES_APC", []string{"rita"}, 2)
	h.must(err)
	return office.Queries{Office: h.first()}, g, r.ID
}

// Of many who ask at once for what would, together, tell of few persons, one is
// answered.
func TestOfAnswersThatTellTogetherOneIsGiven(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, g, _ := h.queryDesk(once)
		for _, o := range h.both {
			o.Policy.QueriesADay = 100
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		answered := 0
		for n := range 16 {
			all.Go(func() {
				q, err := office.Queries{Office: h.both[n%2]}.Ask(t.Context(), h.by("rita"), g, []byte("HES_APC"))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil && q.State == dars.QueryAnswered:
					answered++
				case err == nil:
					t.Errorf("%s is %s, and no refusal", q.ID, q.State)
				default:
					ruled(t, err, "too-close")
				}
			})
		}
		if all.Wait(); answered != 1 {
			t.Errorf("%d were answered", answered)
		}
		h.sound()
	})
}

// However many ask at once, no more are taken than a day allows, refused ones too.
func TestQuestionsOfADay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, g, _ := h.queryDesk(func([]office.EarlierTable) error { return nil })
		var all sync.WaitGroup
		var mu sync.Mutex
		taken := 0
		for n := range 16 {
			all.Go(func() {
				q, err := office.Queries{Office: h.both[n%2]}.Ask(t.Context(), h.by("rita"), g, []byte([]string{"HES_APC", "nonsense"}[n%2]))
				mu.Lock()
				defer mu.Unlock()
				if q != nil {
					taken++
				} else {
					ruled(t, err, "query-budget")
				}
			})
		}
		if all.Wait(); taken != 5 {
			t.Errorf("%d questions were taken, and 5 are a day's", taken)
		}
		tomorrow := h.by("rita")
		tomorrow.At = tomorrow.At.AddDate(0, 0, 1)
		if _, err := (office.Queries{Office: h.first()}).Ask(t.Context(), tomorrow, g, []byte("HES_APC")); err != nil {
			t.Errorf("the day after: %v", err)
		}
	})
}

// What a question stands on is asked again when its table is there.
func TestWhatEndsWhileATableIsCounted(t *testing.T) {
	tests := map[string]struct {
		change func(h *house, r dars.ReleaseID)
		rule   string
	}{
		"nothing": {func(*house, dars.ReleaseID) {}, ""},
		"the access is taken back": {func(h *house, r dars.ReleaseID) {
			a := h.by("carol")
			a.Why = "has left"
			h.must(office.Releases{Office: h.both[1]}.Revoke(h.t.Context(), a, r, "rita"))
		}, "no-access"},
		"the organisation is put on hold": {func(h *house, _ dars.ReleaseID) {
			h.must(office.Parties{Office: h.both[1]}.Hold(h.t.Context(), h.by("connie"), "RA1"))
		}, "on-hold"},
		"a new list of objections comes": {func(h *house, _ dars.ReleaseID) { h.list("2026-03-02", 5) }, "list-changed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				var access dars.ReleaseID
				o, g, r := h.queryDesk(func([]office.EarlierTable) error { tt.change(h, access); return nil })
				access = r
				q, err := o.Ask(t.Context(), h.by("rita"), g, []byte("HES_APC"))
				ruled(t, err, tt.rule)
				if want := map[bool]dars.QueryState{true: dars.QueryAnswered, false: dars.QueryRefused}[tt.rule == ""]; q.State != want {
					t.Errorf("it is %s", q.State)
				}
				h.sound()
			})
		})
	}
}

// A question whose counting broke off may have been answered, for all that anybody
// knows: later ones are held against it.
func TestACountThatBrokeOffCountsAsAnAnswer(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		broken := errors.New("the disk is gone")
		var seen []int
		o, g, _ := h.queryDesk(func(earlier []office.EarlierTable) error {
			seen = append(seen, len(earlier))
			if len(seen) == 1 {
				return broken
			}
			return nil
		})
		if _, err := o.Ask(t.Context(), h.by("rita"), g, []byte("HES_APC")); !errors.Is(err, broken) {
			t.Fatalf("it says %v", err)
		}
		_, err := o.Ask(t.Context(), h.by("rita"), g, []byte("HES_APC"))
		h.must(err)
		if len(seen) != 2 || seen[1] != 1 {
			t.Errorf("the earlier answers are %v", seen)
		}
	})
}

// Nobody asks without access, or reads another's answer.
func TestWhoseAnswersAre(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o, g, _ := h.queryDesk(func([]office.EarlierTable) error { return nil })
		head := h.head()
		_, err := o.Ask(t.Context(), h.by("ron"), g, []byte("HES_APC"))
		ruled(t, err, "not-found")
		_, err = o.Ask(t.Context(), h.by("carol"), g, []byte("HES_APC"))
		ruled(t, err, "no-power")
		if h.head() != head {
			t.Error("a refusal left a trace")
		}
		q, err := o.Ask(t.Context(), h.by("rita"), g, []byte("HES_APC"))
		h.must(err)
		h.must(o.MayRead(t.Context(), h.by("rita"), q))
		h.must(o.MayRead(t.Context(), h.by("carol"), q))
		ruled(t, o.MayRead(t.Context(), h.by("ron"), q), "not-found")
	})
}
