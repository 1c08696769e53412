package office_test

import (
	"errors"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// A contract is renewed once, by however many; the next one begins when the first
// has ended, and the agreements go on.
func TestAContractIsRenewedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Parties{Office: h.first()}
		first := h.contract("RA1", "2026-06-30")
		id := h.agreed(h.form())
		ruled(t, errorOf(o.RenewContract(ctx, h.by("carol"), first, "2026-06-30", "")), "bad-term")
		done := h.race(10, "known", func(_ int, o *office.Office) error {
			return errorOf(office.Parties{Office: o}.RenewContract(ctx, h.by("carol"), first, "", ""))
		})
		contracts := all[dars.Contract](h)
		if done != 1 || len(contracts) != 2 {
			t.Fatalf("renewed %d times: %s", done, jsonOf(contracts))
		}
		next := contracts[1]
		if next.Renews != first || next.Start != "2026-07-01" || next.End != "2029-06-30" {
			t.Errorf("the next one is %+v", next)
		}
		h.must(errors.Join(o.ConfirmContract(ctx, h.by("carol"), next.ID), o.ConfirmContract(ctx, h.by("colin"), next.ID), o.CountersignContract(ctx, h.by("nora"), next.ID)))
		if c := get[dars.Contract](h, string(next.ID)); c.State != dars.ContractAgreed {
			t.Errorf("before its start it is %s", c.State)
		}
		h.today = "2026-07-01"
		h.lives(office.Clock{Office: h.first()}, h.today)
		was, is := get[dars.Contract](h, string(first)), get[dars.Contract](h, string(next.ID))
		if g := get[dars.Agreement](h, string(id)); was.State != dars.ContractExpired || is.State != dars.ContractInForce || g.State != dars.InForce {
			t.Errorf("on the day one is %s, the next %s, and the agreement %s", was.State, is.State, g.State)
		}
		// The agreement was issued under the first contract. It ends with the last.
		h.must(o.TerminateContract(ctx, h.by("carol"), next.ID))
		if g := get[dars.Agreement](h, string(id)); g.State != dars.Closed {
			t.Errorf("when no contract is left the agreement is %s", g.State)
		}
		h.sound()
	})
}

// With the contract of one controller every agreement that it has a part in ends,
// and no other.
func TestAgreementsEndWithAContract(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, o := t.Context(), office.Parties{Office: h.first()}
		h.contract("RA1", "2029-03-31")
		theirs := h.contract("RA2", "2029-03-31")
		both := h.form()
		both.Controllers = []dars.OrgCode{"RA1", "RA2"}
		joint, alone := h.agreed(both), h.agreed(h.form())
		later := h.returned(both)
		a := h.by("carol")
		a.Why = ""
		ruled(t, o.TerminateContract(ctx, a, theirs), "no-reason")
		done := h.race(8, "wrong-step", func(_ int, o *office.Office) error {
			return office.Parties{Office: o}.TerminateContract(ctx, h.by("carol"), theirs)
		})
		if done != 1 || get[dars.Agreement](h, string(joint)).State != dars.Closed || get[dars.Agreement](h, string(alone)).State != dars.InForce {
			t.Errorf("terminated %d times; the joint agreement is %s, the other %s", done, get[dars.Agreement](h, string(joint)).State, get[dars.Agreement](h, string(alone)).State)
		}
		// One that waits for signatures is not signed by the office without.
		agreements := office.Agreements{Office: h.first()}
		h.must(errors.Join(agreements.Confirm(ctx, h.by("carol"), later), agreements.Confirm(ctx, h.by("colin"), later)))
		before := h.head()
		ruled(t, agreements.Countersign(ctx, h.by("nora"), later), "no-contract")
		if h.head() != before {
			t.Error("a refusal left a trace")
		}
		h.sound()
	})
}

// Recipients are told to collect by the last day on which they may: that of a framework
// contract under the agreement, where it ends first. With one that follows it the window
// is whole again, and can be made longer; after a gap it cannot.
func TestAWindowEndsWithTheContract(t *testing.T) {
	for name, tt := range map[string]struct {
		next  dars.Day // the contract that follows begins; "": none does
		until dars.Day
		rule  string // of an extension by a week
	}{
		"none follows":                {"", "2026-03-08", "after-end"},
		"one follows":                 {"2026-03-09", "2026-03-15", ""},
		"one follows, a day too late": {"2026-03-10", "2026-03-08", "after-end"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				ctx, parties := t.Context(), office.Parties{Office: h.first()}
				first := h.contract("RA1", "2026-03-08")
				h.list("2026-03-01", 5)
				id := h.agreed(h.form())
				if tt.next != "" {
					next, err := parties.RenewContract(ctx, h.by("carol"), first, tt.next, "2029-03-31")
					h.must(errors.Join(err, parties.ConfirmContract(ctx, h.by("carol"), next), parties.ConfirmContract(ctx, h.by("colin"), next), parties.CountersignContract(ctx, h.by("nora"), next)))
				}
				h.today = "2026-03-02"
				r := h.published(id)
				if r.WindowEnds != tt.until {
					t.Errorf("it can be collected until %s, want %s", r.WindowEnds, tt.until)
				}
				ruled(t, office.Releases{Office: h.first()}.Extend(ctx, h.by("carol"), r.ID, r.WindowEnds.Add(7)), tt.rule)
				h.sound()
			})
		})
	}
}
