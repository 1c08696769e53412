package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/office"
)

// showAccess prints who read what: all of it, or what is of one reference and, if
// that is a case's, of its agreements, releases and certificates. A list names many
// cases and shows none, so it is not noted; a search is, by its words.
func (c *call) showAccess() error {
	if len(c.args) > 1 {
		return misuse{errors.New("usage: darsd log show --access [REF]")}
	}
	if err := c.who.May("log access"); err != nil {
		return err
	}
	var refs []string
	if len(c.args) == 1 {
		var err error
		if refs, err = c.refsOf(c.args[0]); err != nil {
			return err
		}
	}
	looks, err := c.looks()
	if err != nil {
		return err
	}
	looks = slices.DeleteFunc(looks, func(l look) bool { return len(refs) > 0 && !l.isOf(refs) })
	names := c.names()
	return items(c, looks, "AT BY VIA READ", func(l look) []any {
		return []any{l.At.In(c.Calendar.Zone).Format("2006-01-02T15:04"), names(l.By), l.Via, l.Read}
	})
}

// isOf reports whether what was read is one of some references, or a version of it.
func (l look) isOf(refs []string) bool {
	return slices.ContainsFunc(strings.Fields(l.Read), func(word string) bool {
		return slices.ContainsFunc(refs, func(ref string) bool { return word == ref || strings.HasPrefix(word, ref+"-") })
	})
}

// refsOf is a reference, and those of what stands under it if it is a case's.
func (c *call) refsOf(ref string) (all []string, err error) {
	all = []string{ref}
	stem, _, _, err := dars.ParseCase(ref)
	if err != nil {
		return all, nil // of something else
	}
	agreements, err := list(c, orgOfAgreement, dars.By("case", stem))
	if err != nil {
		return nil, err
	}
	for _, g := range agreements {
		if ref != stem && !strings.HasPrefix(string(g.ID), ref) {
			continue // another version's
		}
		under := dars.By("agreement", g.ID)
		releases, err := office.List(c.ctx, office.Desk{Office: c.Office}, c.act.Who, func(*dars.Release) dars.OrgCode { return g.Org }, under)
		if err != nil {
			return nil, err
		}
		for _, r := range releases {
			all = append(all, string(r.ID))
		}
		certificates, err := list(c, orgOfCertificate, under)
		if err != nil {
			return nil, err
		}
		for _, k := range certificates {
			all = append(all, string(k.ID))
		}
	}
	return all, nil
}

// opened reports whether the access log says that somebody had a look.
func (h *house) opened(who dars.PersonID, what string) (bool, error) {
	all, err := h.looks()
	return slices.ContainsFunc(all, func(l look) bool { return l.By == who && l.Read == what }), err
}

// looks reads the access log, in order.
func (h *house) looks() (all []look, err error) {
	f, err := h.root.Open(accessLog)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var l look
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("line %d of the access log: %w", n, err)
		}
		all = append(all, l)
	}
	return all, lines.Err()
}
