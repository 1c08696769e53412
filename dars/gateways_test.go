package dars_test

import (
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

// Every gateway has its dates, with their source.
func TestEachGatewayHasItsDates(t *testing.T) {
	var of []string
	for _, s := range dars.GatewaySpans {
		of = append(of, s.Gateway)
		if _, err := dars.ParseDay(string(s.From)); err != nil || s.Source == "" || s.Until != "" && s.Until < s.From {
			t.Errorf("the dates of %s: %+v", s.Gateway, s)
		}
	}
	all := dars.Codes(dars.Gateways)
	slices.Sort(all)
	slices.Sort(of)
	if !slices.Equal(all, of) {
		t.Errorf("dates are of %q, gateways are %q", of, all)
	}
}

func TestGatewaysInLaw(t *testing.T) {
	tests := map[string]struct {
		gateway string
		on      dars.Day
		says    string
	}{
		"the last day before the Act":   {"HSCA261_7", "2013-03-31", "only from 2013-04-01"},
		"its first day":                 {"HSCA261_7", "2013-04-01", ""},
		"regulations, the day before":   {"COPI_REG3", "2002-05-31", "S.I. 2002/1438"},
		"and from then on":              {"COPI_REG3", "2026-11-22", ""},
		"section 251 in 2011":           {"NHSA251_REG5", "2011-04-29", ""},
		"digital economy, a year early": {"SRSA45C", "2016-04-27", "only from 2017-04-27"},
		"what is no gateway":            {"NONE", "2016-04-27", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := dars.Form{Datasets: []dars.DatasetRequest{{Code: "A", Gateway: "NAA1983"}, {Code: "B", Gateway: tt.gateway}}}
			wrong := f.CheckGateways(tt.on)
			if (len(wrong) > 0) != (tt.says != "") || len(wrong) > 0 && (wrong[0].Field != "datasets[1].gateway" || !strings.Contains(wrong[0].Says, tt.says)) {
				t.Errorf("wrong are %v, want %q", wrong, tt.says)
			}
		})
	}
}

// What was handed in before a rule is held to it when its legal basis is reviewed, and
// when it is let in.
func TestGatewaysAreHeldToTheRulesAgain(t *testing.T) {
	c := london(t)
	tests := map[string]struct {
		ask  dars.DatasetRequest
		on   dars.Day
		rule string
	}{
		"it may":                    {dars.DatasetRequest{Code: "A", Identifiability: "IDENT", Gateway: "HSCA261_4"}, "2016-03-02", ""},
		"the gateway is not for it": {dars.DatasetRequest{Code: "A", Identifiability: "IDENT", Gateway: "HSCA261_OTHER"}, "2016-03-02", "gateway-not-for-identifiable"},
		"there was no such gateway": {dars.DatasetRequest{Code: "A", Identifiability: "IDENT", Gateway: "HSCA261_4"}, "2012-03-02", "gateway-not-in-law"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := &dars.Application{Stem: "DARS-NIC-000001-B1C2D", Major: 1, State: dars.Submitted, By: "P-000002", Form: dars.Form{Datasets: []dars.DatasetRequest{tt.ask}}}
			ruled(t, p.Reviewed(by("P-000001"), dars.Review{Security: true, Notes: map[string]string{"LEGAL_BASIS": "which?"}}, tt.on), "")
			ruled(t, p.Reviewed(by("P-000001"), dars.Review{LegalBasis: true}, tt.on), tt.rule)
			p.Review = dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true}
			p.Evidence = []dars.EvidenceFile{{N: 1, Kind: "STATUTE", Looks: []dars.EvidenceLook{{Said: dars.EvidenceSeen}}}}
			ruled(t, p.Accept(by("P-000001"), c, tt.on), tt.rule)
		})
	}
}
