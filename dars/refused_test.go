package dars_test

import (
	"testing"

	"darsd/dars"
)

// The log of refused acts repeats what is ours, and nothing that somebody thought up.
func TestOnlyOurOwnReferencesAreCounted(t *testing.T) {
	for _, ours := range []string{"release check", "sha512sum", "md5sum", "no-power", "person key-confirm", "agreement objections-confirm"} {
		if dars.Countable(ours) != ours {
			t.Errorf("%s is not kept", ours)
		}
	}
	for _, theirs := range []string{"", "9434765919", "p9434765919", "943 476 5919", "Release", "release\ncheck", "a word that is longer than those of any of our commands"} {
		if kept := dars.Countable(theirs); kept != "other" {
			t.Errorf("%q is kept as %q", theirs, kept)
		}
	}
	for _, ours := range []string{"REL-000001", "P-000012", "AUD-000001", "CON-000001-A1B2C", "DARS-NIC-000001-B1C2D", "DARS-NIC-000001-B1C2D-v1.0", "FILE0000001", "RA2", "SAME-000001"} {
		if dars.CountableRef(ours) != ours {
			t.Errorf("%s is not kept", ours)
		}
	}
	for _, theirs := range []string{"", "nora", "Nora Berg", "9434765919", "943 476 5919", "943-476-5919", "A9434765919", "REL-9434765919", "FILE9434765919", "DARS-NIC-9434765919-B1C2D", "X-943476-5919", "../etc", "REL-000001\n", "R\u0410 2"} {
		if kept := dars.CountableRef(theirs); kept != "" {
			t.Errorf("%q is kept as %q", theirs, kept)
		}
	}
}
