package office_test

import (
	"encoding/json"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// everybodyReads is all that is published, as JSON: the register, the applications and the
// agreements, audits and sanctions.
func (h *house) everybodyReads() string {
	h.t.Helper()
	ctx, public := h.t.Context(), office.Public{Office: h.first()}
	rows, err := public.Register(ctx)
	h.must(err)
	cases, err := public.Applications(ctx)
	h.must(err)
	audits, err := public.Audits(ctx, h.noon())
	h.must(err)
	all := []any{rows, cases, audits}
	for _, c := range cases {
		a, err := public.Application(ctx, string(c.ID))
		h.must(err)
		all = append(all, a)
	}
	h.must(public.Agreements(ctx, h.noon(), func(a dars.PublicAgreement) error {
		one, err := public.Agreement(ctx, string(a.ID), h.noon())
		all = append(all, a, one)
		return err
	}))
	text, err := json.Marshal(all)
	h.must(err)
	return string(text)
}

// The name of an organisation can be withheld of a case: it is in no row, page or list
// of that case then, in no spelling, and the row has no correction that would tell it.
func TestTheNameOfAnOrganisationIsWithheld(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o, public := t.Context(), office.Register{Office: h.first()}, office.Public{Office: h.first()}
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		r := h.published(h.agreed(h.form()))
		u, err := office.Audits{Office: h.first()}.Open(ctx, h.by("audrey"), "RA1", r.Agreement, "ROUTINE")
		h.must(err)
		h.must(office.Audits{Office: h.first()}.Notify(ctx, h.by("audrey"), u, []string{"ACCESS"}, h.today, h.today.Add(2)))
		enter := func() (due int) {
			rows, err := public.Register(ctx)
			h.must(err)
			changed, fresh, err := public.Unentered(ctx, rows)
			h.must(err)
			h.must(public.Enter(ctx, h.by("carol"), append(changed, fresh...)))
			return len(changed)
		}
		enter()
		before := h.everybodyReads()
		id, err := o.Withhold(ctx, h.by("connie"), stemOf(r.Agreement), "ＴＲＵＳＴ  ra1", "LAW_ENFORCEMENT")
		h.must(err)
		after := h.everybodyReads()
		if strings.Contains(after, "Trust RA1") || strings.Contains(after, `"RA1"`) || strings.Count(after, "section 31") < 8 {
			t.Errorf("withheld, the name stands in %s", after)
		}
		if enter() != 0 || strings.Contains(h.everybodyReads(), `"was"`) {
			t.Error("what was withheld is told by a correction")
		}
		stored, err := public.Register(ctx)
		h.must(err)
		logged, err := public.Logged(ctx)
		h.must(err)
		if one, other := asJSON(t, stored), asJSON(t, logged); one != other {
			t.Errorf("the log has another register:\n%s\n%s", one, other)
		}
		h.must(o.Disclose(ctx, h.by("connie"), id))
		if h.everybodyReads() != before {
			t.Error("disclosed, it is not as it was before")
		}
		h.sound()
	})
}

// What registers from before say can be withheld as well: of the row and of its agreement,
// of what was said before it was corrected, and of what later editions say again. Rows of
// other agreements stay as they are.
func TestWordsOfAnImportedRegisterAreWithheld(t *testing.T) {
	const secret, local = "A study of Café Ltd’s prices", "CASEMIX_MONITOR"
	tests := map[string]struct{ ref, words string }{
		"of an agreement":          {ofAnother, "Cafe\u0301 Ltd's  Prices"},
		"of a stem":                {"dars-nic-12345-b1c2d", "CAFE LTD'S PRICES"},
		"of a reference as it was": {local, "Café Ltd’s prices"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := found(t, "sqlite")
			o := office.Register{Office: h.first()}
			under := ofAnother
			if tt.ref == local {
				under = local
			}
			takes := func(name, purpose string) {
				agreement := agreedUntil(under, "2027-01-31")
				agreement["Application Title"] = secret
				h.imports(edition(name, agreement, released("OTHER0001", "Y", "Purpose", purpose, "NIC Number", under), released("OTHER0002", "Y", "Purpose", secret, "NIC Number", "DARS-NIC-54321-B1C2D-v1.0")))
			}
			takes("May 2017", secret)
			_, err := o.Withhold(t.Context(), h.by("connie"), tt.ref, "words of nobody", "COMMERCIAL")
			ruled(t, err, "not-said")
			id, err := o.Withhold(t.Context(), h.by("connie"), tt.ref, tt.words, "COMMERCIAL")
			h.must(err)
			stands := func() int { return strings.Count(h.everybodyReads(), "prices") }
			if n := stands(); n != 1 {
				t.Errorf("withheld, it stands %d times, want once, in the other's row", n)
			}
			takes("corrected", "Something else")
			if n := stands(); n != 1 {
				t.Errorf("corrected, it stands %d times", n)
			}
			takes("corrected again", secret)
			if n := stands(); n != 1 {
				t.Errorf("said again, it stands %d times", n)
			}
			h.must(o.Disclose(t.Context(), h.by("connie"), id))
			if stands() < 4 {
				t.Error("disclosed, it is not there")
			}
			_, err = o.Withhold(t.Context(), h.by("connie"), "DARS-NIC-99999-X0X0X", "prices", "COMMERCIAL")
			ruled(t, err, "not-found")
		})
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
