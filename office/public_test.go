package office_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// Every application is on the list from its acceptance on, also when it was withdrawn; its
// agreement is among the agreements once the office has signed. Nobody is named in either.
func TestTheListOfApplications(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, public := t.Context(), office.Public{Office: h.first()}
		h.contract("RA1", "2028-03-31")
		form := h.form()
		form.Title, form.Purpose.Objective = "A study of n. Rita", "Dr Rita and Ron, N., ask: call 0300 303 5678."
		h.submitted(h.form())
		agreement := h.agreed(form)
		taken := h.by("rita")
		taken.Why = "Ron, N. has left us"
		h.must(office.Applications{Office: h.first()}.Withdraw(ctx, taken, h.accepted(h.anonymised())))

		cases, err := public.Applications(ctx)
		h.must(err)
		var states []string
		for _, c := range cases {
			states = append(states, string(c.State))
		}
		slices.Sort(states)
		if !slices.Equal(states, []string{"approved", "withdrawn"}) {
			t.Errorf("on the list are those that are %q", states)
		}
		var all []dars.PublicAgreement
		h.must(public.Agreements(ctx, h.noon(), func(a dars.PublicAgreement) error { all = append(all, a); return nil }))
		if len(all) != 1 || all[0].ID != agreement || all[0].Approved == "" {
			t.Fatalf("the agreements are %+v", all)
		}
		one, err := public.Agreement(ctx, string(agreement), h.noon())
		h.must(err)
		for what, v := range map[string]any{"list": cases, "agreements": all, "agreement": one} {
			text, err := json.Marshal(v)
			h.must(err)
			low := strings.ToLower(string(text))
			for _, word := range []string{"n. rita", "dr rita", "ron, n", "0300", "@example", "p-00"} {
				if strings.Contains(low, word) {
					t.Errorf("%s says %q: %s", what, word, text)
				}
			}
			if !strings.Contains(string(text), dars.NameWithheld) {
				t.Errorf("%s does not say that something is withheld: %s", what, text)
			}
		}
	})
}

// Nobody learns of an audit before the letter that announces it.
func TestAnAuditIsPublishedFromItsLetterOn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, public, audits := t.Context(), office.Public{Office: h.first()}, office.Audits{Office: h.first()}
		h.contract("RA1", "2028-03-31")
		agreement := h.agreed(h.form())
		u, err := audits.Open(ctx, h.by("audrey"), "RA1", agreement, "ROUTINE")
		h.must(err)
		for _, announced := range []int{0, 1} {
			a, err := public.Agreement(ctx, string(agreement), h.noon())
			h.must(err)
			all, err := public.Audits(ctx, h.noon())
			h.must(err)
			if len(a.Audits) != announced || len(all) != announced {
				t.Errorf("announced are %d, and published %v and %v", announced, a.Audits, all)
			}
			if announced == 0 {
				h.must(audits.Notify(ctx, h.by("audrey"), u, []string{"ACCESS"}, h.today, h.today.Add(2)))
			}
		}
	})
}

// The dashboard of a past day has the register of that day: what was taken in since, or
// was said otherwise, is not in it.
func TestADashboardOfAPastDay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, public := t.Context(), office.Public{Office: h.first()}
		h.joint()
		look := func(on dars.Day) string {
			rows, err := public.Register(ctx)
			h.must(err)
			d, err := public.Dashboard(ctx, on, h.today, rows)
			h.must(err)
			text, err := json.Marshal(d)
			h.must(err)
			return string(text)
		}
		day := h.today
		then := look(day)
		h.today = day.Add(3)
		h.imports(edition("June 2017", released("OLD1", "Y")))
		if now := look(day); now != then {
			t.Errorf("of %s it said and says\n%s\n%s", day, then, now)
		}
		if now := look(h.today); !strings.Contains(now, `"imported":1`) || strings.Contains(then, `"imported":1`) {
			t.Errorf("today it says %s", now)
		}
	})
}
