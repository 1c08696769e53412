package dars_test

import (
	"encoding/json"
	"errors"
	"testing"

	"darsd/dars"
)

// ruled checks that a rule refused, or that none did where rule is "".
func ruled(t *testing.T, err error, rule string) {
	t.Helper()
	var no *dars.Refusal
	switch {
	case err == nil && rule == "":
	case !errors.As(err, &no):
		t.Fatalf("got %v, want the rule %q", err, rule)
	case no.Rule != rule:
		t.Fatalf("the rule %q refused (%s), want %q", no.Rule, no, rule)
	}
}

// facts are all facts of a noun, to see that nothing changed.
func facts(t *testing.T, n dars.Noun) string {
	t.Helper()
	text, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func by(who dars.PersonID) dars.Act { return dars.Act{Who: who, Via: dars.SSH, Why: "asked for"} }

func TestARefusalReadsLikeASentence(t *testing.T) {
	r := &dars.Release{ID: "REL-000007", State: dars.ReleaseWithdrawn}
	got := r.Publish(dars.Act{}, "2026-03-02", 14, "2026-12-31").Error()
	if want := "release REL-000007 is withdrawn, which is its end, and cannot become published"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
