package office_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// publishes is what a new edition of the pages does with the register, in each program
// that serves them.
func (h *house) publishes() (rows []dars.PublicRelease) {
	h.t.Helper()
	ctx, act := h.t.Context(), dars.Act{Who: dars.ByClock, At: h.noon(), Via: dars.Clock}
	var programs sync.WaitGroup
	for _, o := range h.both {
		programs.Go(func() {
			public := office.Public{Office: o}
			rows, err := public.Register(ctx)
			if err != nil {
				h.t.Error(err)
				return
			}
			changed, fresh, err := public.Unentered(ctx, rows)
			if err == nil {
				err = public.Enter(ctx, act, append(changed, fresh...))
			}
			if err != nil {
				h.t.Error(err)
			}
		})
	}
	programs.Wait()
	rows, err := office.Public{Office: h.first()}.Register(ctx)
	h.must(err)
	return rows
}

// A row of the register that was published and says something else since has a dated
// correction, once, however many programs publish: of an act, or of a name in the
// configuration. The log alone tells the same.
func TestAnAlteredRowIsCorrected(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		r := h.published(h.agreement())
		for _, row := range h.publishes() {
			if len(row.Corrections) > 0 {
				t.Fatalf("the first time it is corrected: %+v", row.Corrections)
			}
		}
		before := h.head()
		h.publishes()
		if h.head() != before {
			t.Error("to publish the same again has left a trace")
		}
		h.today = h.today.Add(1)
		withdrawn := h.by("carol")
		withdrawn.Why = "the wrong year"
		h.must(office.Releases{Office: h.first()}.Withdraw(t.Context(), withdrawn, r.ID))
		h.publishes()
		h.today = h.today.Add(1)
		for _, o := range h.both {
			o.Catalogue = slices.Clone(o.Catalogue)
			for i := range o.Catalogue {
				o.Catalogue[i].Name += ", renamed"
			}
		}
		rows := h.publishes()
		var says []string
		for _, k := range rows[0].Corrections {
			for _, f := range k.Fields() {
				says = append(says, fmt.Sprintf("%s %s: %s, %q", k.On, k.Act, f, []string{k.Was[f], k.Is[f]}))
			}
		}
		want := []string{fmt.Sprintf(`%s release withdraw: state, ["released" "withdrawn"]`, h.today.Add(-1)), fmt.Sprintf(`%s : dataset, ["%s" "%s"]`, h.today, strings.TrimSuffix(rows[0].Dataset, ", renamed"), rows[0].Dataset)}
		if strings.Join(says, "\n") != strings.Join(want, "\n") {
			t.Errorf("the corrections are\n%s\nnot\n%s", strings.Join(says, "\n"), strings.Join(want, "\n"))
		}
		logged, err := office.Public{Office: h.first()}.Logged(t.Context())
		h.must(err)
		if a, b := text(h, rows), text(h, logged); a != b {
			t.Errorf("the log says\n%s\nnot\n%s", b, a)
		}
	})
}

func text(h *house, v any) string {
	said, err := json.Marshal(v)
	h.must(err)
	return string(said)
}

// Words that compliance has withheld stand on no page of their case, in no version of it;
// the ground does. They come back when they are disclosed.
func TestWordsAreWithheldOnAGround(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o, public := t.Context(), office.Register{Office: h.first()}, office.Public{Office: h.first()}
		h.contract("RA1", "2028-03-31")
		form := h.form()
		form.Purpose.Processing = "The data are kept in a vault\nunder Leeds station, by night."
		g := h.agreed(form)
		stem := string(g)[:len("DARS-NIC-000001-X0X0X")]
		published := func() string {
			a, err := public.Agreement(ctx, string(g), h.noon())
			h.must(err)
			p, err := public.Application(ctx, stem)
			h.must(err)
			var all []dars.PublicAgreement
			h.must(public.Agreements(ctx, h.noon(), func(a dars.PublicAgreement) error { all = append(all, a); return nil }))
			return text(h, []any{a, p, all})
		}
		act := h.by("connie")
		act.Why = "whoever knows it can break in"
		before := h.head()
		for rule, words := range map[string]string{"not-said": "a cellar under Leeds", "too-short": "a"} {
			_, err := o.Withhold(ctx, act, stem, words, "LAW_ENFORCEMENT")
			ruled(t, err, rule)
		}
		if h.head() != before {
			t.Error("a refusal has left a trace")
		}
		id, err := o.Withhold(ctx, act, stem, "a vault under  leeds station", "LAW_ENFORCEMENT")
		h.must(err)
		if says := published(); strings.Contains(says, "Leeds station") || strings.Count(says, "kept in [withheld: security or law enforcement, section 31], by night") != 3 {
			t.Errorf("published is %s", says)
		}
		h.must(o.Disclose(ctx, act, id))
		if says := published(); strings.Contains(says, "section 31") || strings.Count(says, "Leeds station") != 3 {
			t.Errorf("disclosed is %s", says)
		}
	})
}
