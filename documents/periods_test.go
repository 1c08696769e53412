package documents

import (
	"fmt"
	"strings"
	"testing"
)

func TestPeriods(t *testing.T) {
	var months []string
	for year := 2010; year < 2015; year++ {
		for month := 1; month <= 12; month++ {
			months = append(months, fmt.Sprintf("%d%02d", year, month))
		}
	}
	for want, all := range map[string][]string{
		"":                       nil,
		"200199":                 {"200199"},
		"200199, 200299":         {"200199", "200299"},
		"200199, 200399, 200599": {"200199", "200399", "200599"},
		"April 2001 to March 2004, yearly (200199 to 200399)":                  {"200199", "200299", "200399"},
		"April 2001 to March 2004, yearly (200199 to 200399); 201599":          {"200199", "200299", "200399", "201599"},
		"April 2010 to March 2015, monthly (201001 to 201412)":                 months,
		"April 2020 to August 2020, monthly from June 2020 (202003 to 202005)": {"202003", "202004", "202005"},
		"2025, 2026, 2027": {"2025", "2026", "2027"}, // no codes of ours: they are as they are
		"wave 1, wave 2":   {"wave 1", "wave 2"},
	} {
		if got := periods(all); got != want {
			t.Errorf("%v: %q, want %q", all, got, want)
		}
	}
}

// Sixty months are one line of a table, under its heading.
func TestAnAgreementOfManyPeriods(t *testing.T) {
	f := agreementFacts()
	f.Agreement.Datasets[0].Periods = nil
	for n := range 60 {
		f.Agreement.Datasets[0].Periods = append(f.Agreement.Datasets[0].Periods, fmt.Sprintf("%d%02d", 2010+n/12, 1+n%12))
	}
	text := press(false).agreement(f).WriteText()
	if !strings.Contains(text, "April 2010 to March 2015, monthly (201001 to 201412)") || strings.Contains(text, "201007") {
		t.Errorf("the agreement says\n%s", text)
	}
}
