package dars_test

import (
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

// The defaults of the service (domain 5.2 and 16), and what is left to people.
func TestWhoseObjectionsAreUpheld(t *testing.T) {
	tests := map[string]struct {
		data, gateway, commonLaw string
		reason, by               string
	}{
		"anonymised, in the public interest":         {"PSEUDO_ICO", "HSCA261_1_2BII", "NONE", "N_NOT_IDENTIFIABLE", "matrix"},
		"anonymised, under section 251":              {"PSEUDO_ICO", "NHSA251_REG5", "S251", "N_NOT_IDENTIFIABLE", "matrix"},
		"a table, suppressed":                        {"AGG_SUPPRESSED", "HSCA261_2A", "", "N_NOT_IDENTIFIABLE", "matrix"},
		"a table, not suppressed":                    {"AGG_UNSUPPRESSED", "HSCA261_5D", "", "N_NOT_IDENTIFIABLE", "matrix"},
		"identifiable, s251 for cancer":              {"IDENT", "NHSA251_REG2", "S251", "Y_UPHELD", "matrix"},
		"identifiable, s251 in general":              {"IDENT", "NHSA251_REG5", "S251", "Y_UPHELD", "matrix"},
		"identifiable, s261(7)":                      {"IDENT", "HSCA261_7", "S251", "Y_UPHELD", "matrix"},
		"identifiable, with consent":                 {"IDENT", "HSCA261_2C", "CONSENT", "N_CONSENT", "matrix"},
		"identifiable, consent and s251 mixed":       {"IDENT", "HSCA261_2C", "CONSENT+S251", "Y_UPHELD", "undecided"},
		"identifiable, communicable disease":         {"IDENT", "COPI_REG3", "STATUTORY", "N_STATUTORY", "matrix"},
		"identifiable, the recipient's statute":      {"IDENT", "HSCA261_5D", "STATUTORY", "Y_UPHELD", "undecided"},
		"identifiable, could have had it anyway":     {"IDENT", "HSCA261_4", "", "Y_UPHELD", "undecided"},
		"identifiable, births and deaths":            {"IDENT", "SRSA42_4", "", "Y_UPHELD", "undecided"},
		"identifiable, approved researcher":          {"IDENT", "SRSA39", "", "Y_UPHELD", "undecided"},
		"identifiable, by a gateway for what is not": {"IDENT", "HSCA261_1_2BII", "NONE", "Y_UPHELD", "undecided"},
		"identifiable, by a gateway nobody knows":    {"IDENT", "OTHER", "", "Y_UPHELD", "undecided"},
		"data of a kind that nobody knows":           {"", "HSCA261_2C", "CONSENT", "Y_UPHELD", "undecided"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := dars.DatasetRequest{Code: "HES_APC", Identifiability: tt.data, Gateway: tt.gateway, CommonLaw: tt.commonLaw}
			treatment := dars.Uphold
			if strings.HasPrefix(tt.reason, "N_") {
				treatment = dars.NotUpheld
			}
			if got, want := dars.TermOf("by-matrix", d), (dars.ObjectionsTerm{Dataset: "HES_APC", Treatment: treatment, Reason: tt.reason, By: tt.by}); got != want {
				t.Errorf("by the matrix: %+v, want %+v", got, want)
			}
			for _, policy := range []string{"always", "", "by matrix"} {
				if got := dars.TermOf(policy, d); got.Treatment != dars.Uphold || got.Reason != "Y_UPHELD" {
					t.Errorf("by the policy %q: %+v", policy, got)
				}
			}
		})
	}
}

// What is in no row would be treated by chance.
func TestEachGatewayHasItsRowOfTheMatrix(t *testing.T) {
	var listed []string
	for _, row := range dars.Matrix {
		if len(row.Identifiability) > 0 {
			listed = append(listed, row.Gateways...)
		}
		if _, known := codeOf(dars.ObjectionReasons, row.Reason); !known || (row.Treatment == dars.NotUpheld) != strings.HasPrefix(row.Reason, "N_") || row.Decide && row.Treatment != dars.Uphold {
			t.Errorf("the row %+v says two things", row)
		}
	}
	for _, g := range dars.Gateways {
		nameless := slices.Contains([]string{"HSCA261_1_2BII", "HSCA261_2A", "HSCA261_OTHER"}, g.Code) // for what identifies nobody
		if slices.Contains(listed, g.Code) == nameless {
			t.Errorf("%s is listed: %t", g.Code, !nameless)
		}
	}
	if n := len(dars.ObjectionReasons); n != 12 {
		t.Errorf("%d reasons", n)
	}
}

func codeOf(list []dars.Code, code string) (string, bool) {
	return code, slices.Contains(dars.Codes(list), code)
}

func TestAnAgreementUpholdsWhatItDoesNotMention(t *testing.T) {
	g := &dars.Agreement{}
	g.Treat(dars.ObjectionsTerm{Dataset: "B", Treatment: dars.NotUpheld, Reason: "N_CONSENT", By: "matrix"})
	for policy, want := range map[string]dars.Treatment{"by-matrix": dars.NotUpheld, "always": dars.Uphold, "": dars.Uphold} {
		if got := g.Treats(policy, "B").Treatment; got != want {
			t.Errorf("by %q: %s", policy, got)
		}
		if got := g.Treats(policy, "A").Treatment; got != dars.Uphold {
			t.Errorf("what it does not mention, by %q: %s", policy, got)
		}
	}
	before := g.Objections
	g.Treat(dars.ObjectionsTerm{Dataset: "A", Treatment: dars.Uphold, Reason: "Y_UPHELD"})
	g.Treat(dars.ObjectionsTerm{Dataset: "B", Treatment: dars.Uphold, Reason: "Y_UPHELD", By: "OVR-000001"})
	if len(g.Objections) != 2 || g.Treats("by-matrix", "B").By != "OVR-000001" || before[0].By != "matrix" {
		t.Errorf("it says %+v, and before %+v", g.Objections, before)
	}
}

func TestNotUpholdingIsConfirmedByTheSigner(t *testing.T) {
	agreed := dars.ObjectionsTerm{Dataset: "HES_APC", Treatment: dars.NotUpheld, Reason: "N_CONSENT", By: "matrix"}
	upheld, other := agreed, agreed
	upheld.Treatment, upheld.Reason = dars.Uphold, "Y_UPHELD"
	other.Reason = "N_STATUTORY"
	list := &dars.List{ID: "OBJ-000007", Version: 7, AsAt: "2026-03-01", SHA256: "a7"}
	tests := map[string]struct {
		treatment dars.Treatment
		confirm   bool
		agreed    dars.ObjectionsTerm // by the agreement, at sign-off
		newest    *dars.List
		rule      string
	}{
		"upheld":                                   {dars.Uphold, false, upheld, list, ""},
		"upheld, as older releases say it":         {"", false, upheld, list, ""},
		"upheld, and confirmed that it isn't":      {dars.Uphold, true, upheld, list, "upheld"},
		"not upheld":                               {dars.NotUpheld, false, agreed, list, "not-confirmed"},
		"not upheld, and confirmed":                {dars.NotUpheld, true, agreed, list, ""},
		"not upheld, and there was never a list":   {dars.NotUpheld, true, agreed, nil, ""},
		"not upheld, and by now the agreement has": {dars.NotUpheld, true, upheld, list, "treatment-changed"},
		"not upheld, for another reason by now":    {dars.NotUpheld, true, other, list, "treatment-changed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := &dars.Release{ID: "REL-000001", State: dars.Checked, Objections: dars.Upheld{Treatment: tt.treatment, Reason: "N_CONSENT"}}
			a, sign := dars.Act{Who: "P-000009", Via: dars.SSH}, r.SignOff
			if tt.confirm {
				sign = func(a dars.Act) error { return r.SignOffNotUpheld(a, tt.agreed, tt.newest) }
			}
			was := facts(t, r)
			ruled(t, sign(a), tt.rule)
			if tt.rule != "" && facts(t, r) != was {
				t.Error("a refusal left a trace")
			}
			confirmed := tt.confirm && tt.rule == ""
			if (r.State == dars.SignedOff) != (tt.rule == "") || (r.Objections.ConfirmedBy == a.Who) != confirmed {
				t.Errorf("it is %s, confirmed by %q", r.State, r.Objections.ConfirmedBy)
			}
			if against := r.Objections.Against; confirmed && tt.newest != nil && (against == nil || *against != dars.ListSeen{Version: 7, Date: "2026-03-01", SHA256: "a7"}) || !confirmed && against != nil {
				t.Errorf("it was confirmed against %+v", against)
			}
			if r.State == dars.SignedOff {
				ruled(t, r.Confirmed(), "")
			}
		})
	}
}

// A release does not leave with objections not upheld on nobody's word, or for no
// reason of the list.
func TestNotUpholdingStandsOnAWord(t *testing.T) {
	signed := dars.Hands{{Step: "signed-off", By: "P-000009"}}
	for name, tt := range map[string]struct {
		u    dars.Upheld
		rule string
	}{
		"confirmed by the signer":     {dars.Upheld{Treatment: dars.NotUpheld, Reason: "N_CONSENT", ConfirmedBy: "P-000009"}, ""},
		"confirmed by nobody":         {dars.Upheld{Treatment: dars.NotUpheld, Reason: "N_CONSENT"}, "not-confirmed"},
		"confirmed by somebody else":  {dars.Upheld{Treatment: dars.NotUpheld, Reason: "N_CONSENT", ConfirmedBy: "P-000008"}, "not-confirmed"},
		"for no reason":               {dars.Upheld{Treatment: dars.NotUpheld, ConfirmedBy: "P-000009"}, "no-such-reason"},
		"for a reason to uphold them": {dars.Upheld{Treatment: dars.NotUpheld, Reason: "Y_UPHELD", ConfirmedBy: "P-000009"}, "no-such-reason"},
		"upheld":                      {dars.Upheld{Treatment: dars.Uphold, Reason: "Y_UPHELD"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			ruled(t, (&dars.Release{ID: "REL-000001", State: dars.SignedOff, Hands: signed, Objections: tt.u}).Confirmed(), tt.rule)
		})
	}
}

func TestAnOverrideNeedsAReasonAndTwoPeople(t *testing.T) {
	asIs := dars.ObjectionsTerm{Dataset: "HES_APC", Treatment: dars.Uphold, Reason: "Y_UPHELD", By: "matrix"}
	to := func(treatment dars.Treatment, reason string) dars.ObjectionsTerm {
		return dars.ObjectionsTerm{Dataset: "HES_APC", Treatment: treatment, Reason: reason}
	}
	undecided := asIs
	undecided.By = "undecided"
	s251 := dars.DatasetRequest{Code: "HES_APC", Identifiability: "IDENT", Gateway: "NHSA251_REG5"}
	consent := dars.DatasetRequest{Code: "HES_APC", Identifiability: "IDENT", Gateway: "HSCA261_2C"}
	births := dars.DatasetRequest{Code: "HES_APC", Identifiability: "IDENT", Gateway: "SRSA42_4"}
	nameless := dars.DatasetRequest{Code: "HES_APC", Identifiability: "PSEUDO_ICO", Gateway: "HSCA261_1_2BII"}
	tests := map[string]struct {
		now, to          dars.ObjectionsTerm
		policy, why      string
		confirmer        dars.PersonID
		word             string
		propose, confirm string // rules
		asked            dars.DatasetRequest
	}{
		"disapplied by CAG":                  {asIs, to(dars.NotUpheld, "N_CAG_DISAPPLIED"), "by-matrix", "the letter", "P-000002", "seen", "", "", s251},
		"what was left to people, decided":   {undecided, to(dars.Uphold, "Y_UPHELD"), "by-matrix", "the statute", "P-000002", "seen", "", "", s251},
		"section 251, without a word of CAG": {asIs, to(dars.NotUpheld, "N_STATUTORY"), "by-matrix", "x", "", "", "reason-unfit", "", s251},
		"births, by another gateway":         {asIs, to(dars.NotUpheld, "N_BIRTHS"), "by-matrix", "x", "", "", "reason-unfit", "", s251},
		"births":                             {asIs, to(dars.NotUpheld, "N_BIRTHS"), "by-matrix", "x", "P-000002", "seen", "", "", births},
		"not identifiable, and it is":        {asIs, to(dars.NotUpheld, "N_NOT_IDENTIFIABLE"), "by-matrix", "x", "", "", "reason-unfit", "", s251},
		"consent, by another gateway":        {asIs, to(dars.NotUpheld, "N_CONSENT"), "by-matrix", "x", "", "", "reason-unfit", "", s251},
		"nobody can be told, and upheld":     {asIs, to(dars.NotUpheld, "N_NOT_IDENTIFIABLE"), "by-matrix", "x", "P-000002", "seen", "", "", nameless},
		"confirmed by who proposed it":       {asIs, to(dars.NotUpheld, "N_COURT_ORDER"), "by-matrix", "the order", "P-000001", "seen", "", "same-person", s251},
		"confirmed without a word":           {asIs, to(dars.NotUpheld, "N_COURT_ORDER"), "by-matrix", "the order", "P-000002", "", "", "no-reason", s251},
		"proposed without a reason":          {asIs, to(dars.NotUpheld, "N_COURT_ORDER"), "by-matrix", "", "", "", "no-reason", "", s251},
		"for a reason that is none":          {asIs, to(dars.NotUpheld, "BECAUSE"), "by-matrix", "x", "", "", "no-such-reason", "", s251},
		"upheld, for a reason not to":        {asIs, to(dars.Uphold, "N_CONSENT"), "by-matrix", "x", "", "", "no-such-reason", "", consent},
		"not upheld, for the reason to":      {asIs, to(dars.NotUpheld, "Y_UPHELD"), "by-matrix", "x", "", "", "no-such-reason", "", s251},
		"as it is":                           {asIs, to(dars.Uphold, "Y_UPHELD"), "by-matrix", "x", "", "", "known", "", s251},
		"where the policy upholds always":    {asIs, to(dars.NotUpheld, "N_CONSENT"), "always", "x", "", "", "uphold-always", "", consent},
		"where nobody has set a policy":      {asIs, to(dars.NotUpheld, "N_CONSENT"), "", "x", "", "", "uphold-always", "", consent},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v := &dars.Override{ID: "OVR-000001", Version: "DARS-NIC-000001-B1C2D-v1.0", Term: tt.to}
			err := v.Propose(dars.Act{Who: "P-000001", Via: dars.SSH, Why: tt.why}, tt.asked, tt.now, tt.policy, "2016-03-01")
			ruled(t, err, tt.propose)
			if tt.propose != "" {
				if v.State != "" || len(v.Hands) > 0 {
					t.Errorf("a refusal left a trace: %+v", v)
				}
				return
			}
			ruled(t, v.Confirm(dars.Act{Who: tt.confirmer, Via: dars.SSH, Why: tt.word}, tt.asked, tt.policy, "2016-03-02"), tt.confirm)
			if want := map[bool]dars.OverrideState{true: dars.OverrideConfirmed, false: dars.OverrideProposed}[tt.confirm == ""]; v.State != want {
				t.Errorf("it is %s", v.State)
			}
		})
	}
}

// What changes between the proposal and the second person's word counts then.
func TestAnOverrideIsConfirmedUnderThePolicyOfThatDay(t *testing.T) {
	s251 := dars.DatasetRequest{Code: "HES_APC", Identifiability: "IDENT", Gateway: "NHSA251_REG5"}
	byStatute := s251
	byStatute.Gateway = "HSCA261_5D"
	for name, tt := range map[string]struct {
		asked        dars.DatasetRequest
		policy, rule string
	}{
		"as proposed":            {s251, "by-matrix", ""},
		"upheld always, by now":  {s251, "always", "uphold-always"},
		"another gateway by now": {byStatute, "by-matrix", "reason-unfit"},
	} {
		t.Run(name, func(t *testing.T) {
			v := &dars.Override{ID: "OVR-000001", Term: dars.ObjectionsTerm{Dataset: "HES_APC", Treatment: dars.NotUpheld, Reason: "N_CAG_DISAPPLIED"}}
			ruled(t, v.Propose(dars.Act{Who: "P-000001", Via: dars.SSH, Why: "the letter"}, s251, dars.TermOf("by-matrix", s251), "by-matrix", "2016-03-01"), "")
			ruled(t, v.Confirm(dars.Act{Who: "P-000002", Via: dars.SSH, Why: "seen"}, tt.asked, tt.policy, "2016-03-02"), tt.rule)
		})
	}
}
