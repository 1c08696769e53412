package main

import (
	"fmt"
	"os"

	"darsd/documents/signed"
)

// trusted reads whose digital signatures the office accepts, as the files are now: lists
// of what was revoked are fetched anew while the daemon runs. A file that cannot be read
// accepts nobody, and darsd doctor says so: papers signed under it come back with a
// reason, and nothing else stands still.
func (h *house) trusted() (all signed.Trust, wrong []error) {
	for _, t := range h.cfg.Trust {
		text, err := os.ReadFile(h.cfg.Path(t.File))
		var authority signed.Authority
		if err == nil {
			authority, err = signed.NewAuthority(text, orgCodes(t.Organisations)...)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("trust: %s: %w", t.File, err))
			continue
		}
		if t.CRL != "" {
			text, err := os.ReadFile(h.cfg.Path(t.CRL))
			if authority, _ = authority.WithRevoked(nil); err == nil {
				authority, err = authority.WithRevoked(text)
			}
			if err == nil && !h.rehearsal {
				err = authority.Current(h.now())
			}
			if err != nil {
				wrong = append(wrong, fmt.Errorf("trust: %s: what is signed under %s waits: %w", t.CRL, t.File, err))
			}
		}
		all = append(all, authority)
	}
	return all, wrong
}

func orgCodes[S ~string](codes []S) (all []string) {
	for _, c := range codes {
		all = append(all, string(c))
	}
	return all
}
