package dars_test

import (
	"testing"

	"darsd/dars"
)

func TestCovered(t *testing.T) {
	of := func(state dars.ContractState, start, end dars.Day) *dars.Contract {
		return &dars.Contract{State: state, Start: start, End: end}
	}
	first := of(dars.ContractInForce, "2025-01-01", "2026-03-08")
	for name, tt := range map[string]struct {
		all  []*dars.Contract
		want dars.Day
	}{
		"no contract":                      {nil, "2026-03-01"},
		"one":                              {[]*dars.Contract{first}, "2026-03-08"},
		"one that is signed follows":       {[]*dars.Contract{of(dars.ContractAgreed, "2026-03-09", "2027-03-08"), first}, "2027-03-08"},
		"one that lies across its end":     {[]*dars.Contract{first, of(dars.ContractAgreed, "2026-03-05", "2027-03-08")}, "2027-03-08"},
		"one that is not signed by us yet": {[]*dars.Contract{first, of(dars.ContractSigned, "2026-03-09", "2027-03-08")}, "2026-03-08"},
		"one after a day without":          {[]*dars.Contract{first, of(dars.ContractAgreed, "2026-03-10", "2027-03-08")}, "2026-03-08"},
		"one that was terminated":          {[]*dars.Contract{of(dars.ContractTerminated, "2025-01-01", "2026-03-08")}, "2026-03-01"},
		"one within another":               {[]*dars.Contract{of(dars.ContractInForce, "2026-02-01", "2026-03-04"), first}, "2026-03-08"},
		"one that ended":                   {[]*dars.Contract{of(dars.ContractInForce, "2025-01-01", "2026-02-28")}, "2026-03-01"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := dars.Covered(tt.all, "2026-03-02"); got != tt.want {
				t.Errorf("until %s, want %s", got, tt.want)
			}
		})
	}
}
