package dars_test

import (
	"strings"
	"testing"

	"darsd/dars"
)

// The office's record speaks, and the form where the record is silent.
func TestStanding(t *testing.T) {
	form := func(ico, security dars.Day) *dars.Form {
		return &dars.Form{Parties: []dars.Party{{Code: "RA1", ICO: &dars.Registration{Number: "Z7654321", Expires: ico},
			Security: []dars.Assurance{{Kind: "ISO27001", Expires: "2015-01-01"}, {Kind: "DSPT", Expires: security}}}}}
	}
	tests := map[string]struct {
		form   *dars.Form
		record dars.Organisation
		wrong  string // rules on 1 April 2026
	}{
		"nobody says anything":             {&dars.Form{}, dars.Organisation{}, "no-ico no-security"},
		"the form says what holds":         {form("2026-04-01", "2026-04-01"), dars.Organisation{}, ""},
		"the form says what has ended":     {form("2026-03-31", "2026-03-31"), dars.Organisation{}, "ico-lapsed security-lapsed"},
		"a record without dates":           {form("2015-01-01", "2027-01-01"), dars.Organisation{ICO: "Z1", Security: "DSPT"}, "ico-lapsed"},
		"a record that has ended":          {form("2027-01-01", "2027-01-01"), dars.Organisation{ICO: "Z1", ICOExpires: "2026-03-31"}, "ico-lapsed"},
		"a record that holds":              {form("2015-01-01", "2015-01-01"), dars.Organisation{ICO: "Z1", ICOExpires: "2026-04-01", Security: "DSPT", SecurityExpires: "2026-04-01"}, ""},
		"what the form says of another":    {form("2015-01-01", "2015-01-01"), dars.Organisation{Code: "RA2", ICO: "Z1"}, "no-security"},
		"a record of one, nothing else":    {&dars.Form{}, dars.Organisation{Security: "DSPT"}, "no-ico"},
		"security that assures nobody":     {&dars.Form{Parties: []dars.Party{{Code: "RA1", Security: []dars.Assurance{{Kind: "DSPT", Outcome: "NOT_MET"}}}}}, dars.Organisation{ICO: "Z1"}, "no-security"},
		"a record that nobody puts a date": {&dars.Form{}, dars.Organisation{ICO: "Z1", Security: "DSPT"}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.record.Code == "" {
				tt.record.Code = "RA1"
			}
			s := tt.form.Standing(&tt.record)
			var rules []string
			for _, m := range append(s.Ended(tt.record.Code, "2026-04-01", dars.Outside), s.Missing(tt.record.Code, dars.Outside)...) {
				rules = append(rules, m.Rule)
				if !strings.Contains(m.Says, string(tt.record.Code)) {
					t.Errorf("it does not say whose: %s", m.Says)
				}
			}
			if got := strings.Join(rules, " "); got != tt.wrong {
				t.Errorf("wrong is %q, not %q", got, tt.wrong)
			}
		})
	}
}
