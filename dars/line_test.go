package dars_test

import (
	"errors"
	"testing"

	"darsd/dars"
)

// Short texts are held to the rule of the long ones.
func TestCheckLine(t *testing.T) {
	for text, rule := range map[string]string{"": "", "PO 1234567890": "", "PO\x1b[2J": "bad-text", "943-476-5919": "patient-number", "a\rb": "bad-text", "\xff": "bad-text"} {
		err := dars.CheckLine("X", "--order", text)
		var no *dars.Refusal
		if errors.As(err, &no) != (rule != "") || no != nil && no.Rule != rule {
			t.Errorf("%q: %v, want %q", text, err, rule)
		}
	}
	_, err := dars.Calendar{}.Announce(dars.Act{}, 1, "2026-09-14", "A day\x1b[2J", "2026-09-01")
	var no *dars.Refusal
	if !errors.As(err, &no) || no.Rule != "bad-text" {
		t.Errorf("a holiday that commands a screen: %v", err)
	}
}
