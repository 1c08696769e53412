package main

import (
	"fmt"
	"os"

	"darsd/documents/signed"
)

// trusted reads whose digital signatures the office accepts. A file that cannot be
// read accepts nobody, and darsd doctor says so: papers signed under it come back with
// a reason, and nothing else stands still.
func (h *house) trusted() (all signed.Trust) {
	h.untrusted = nil
	for _, t := range h.cfg.Trust {
		text, err := os.ReadFile(h.cfg.Path(t.File))
		var authority signed.Authority
		if err == nil {
			authority, err = signed.NewAuthority(text, orgCodes(t.Organisations)...)
		}
		if err != nil {
			h.untrusted = append(h.untrusted, fmt.Errorf("trust: %s: %w", t.File, err))
			continue
		}
		all = append(all, authority)
	}
	return all
}

func orgCodes[S ~string](codes []S) (all []string) {
	for _, c := range codes {
		all = append(all, string(c))
	}
	return all
}
