package dars_test

import (
	"errors"
	"strings"
	"testing"

	"darsd/dars"
)

func TestVAT(t *testing.T) {
	for _, tt := range []struct {
		rate    float64
		on, tax dars.Pence
	}{{0.2, 3240_00, 648_00}, {0.2, 1, 0}, {0.2, 3, 1}, {0.175, 100, 18}, {0.05, 434_50, 21_73}, {0, 3240_00, 0}} {
		v := dars.VAT{Rate: tt.rate}
		if got := v.On(tt.on); got != tt.tax || v.With(tt.on) != tt.on+tt.tax {
			t.Errorf("%s on %s is %s, want %s", v, tt.on, got, tt.tax)
		}
	}
	if said := (dars.VAT{Rate: 0.175}).String(); said != "VAT at 17.5%" {
		t.Errorf("it says %s", said)
	}
	if said := dars.NoVAT.String(); said != "These charges are outside the scope of VAT." {
		t.Errorf("it says %s", said)
	}
}

func TestCheckPaying(t *testing.T) {
	for name, tt := range map[string]struct {
		vat   dars.VAT
		payTo []string
		want  string
	}{
		"none, and why":           {dars.NoVAT, nil, ""},
		"a rate and a number":     {dars.VAT{Rate: 0.2, Number: "GB 123 4567 89"}, []string{"Account 12345678"}, ""},
		"a government department": {dars.VAT{Rate: 0.2, Number: "GBGD123"}, nil, ""},
		"a rate without a number": {dars.VAT{Rate: 0.2}, nil, "policy.vat.number: an invoice with VAT names"},
		"no number at all":        {dars.VAT{Rate: 0.2, Number: "12"}, nil, `policy.vat.number: "12" is not the number`},
		"more than all":           {dars.VAT{Rate: 20, Number: "GB123456789"}, nil, "policy.vat.rate: 2000% is more than the amount itself"},
		"no word of why":          {dars.VAT{}, nil, "policy.vat.says: say in the office's own words why no VAT is added"},
		"a line of two":           {dars.NoVAT, []string{"Account\n12"}, "policy.pay_to: line 1: each is one line"},
		"a line of nothing":       {dars.NoVAT, []string{"Account", " "}, "policy.pay_to: line 2: each is one line"},
		"a letter of lines":       {dars.NoVAT, strings.Split(strings.Repeat("x", 9), ""), "policy.pay_to: 9 lines are too many"},
	} {
		err := errors.Join(dars.CheckPaying(tt.vat, tt.payTo)...)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}
