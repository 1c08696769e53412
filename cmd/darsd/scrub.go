package main

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
	"darsd/transfer/vault"
)

func scrubCommand(s *session) *cobra.Command {
	return s.do("scrub", "read every file of the vault, and name what is damaged", exactly(0), func(c *call) error {
		if err := c.who.May("scrub"); err != nil {
			return err
		}
		id, found, err := c.scrub(c.ctx, c.act)
		if err != nil {
			return err
		}
		if len(found.Damaged) > 0 {
			return dars.Refuse("damage", id, "%d of %d files in the vault are damaged: %s", len(found.Damaged), found.Files, strings.Join(found.Damaged, "; "))
		}
		return c.say(found, "%s: %d files of the vault read, %d MB, and all are as the log says", id, found.Files, found.Bytes>>20)
	})
}

// scrub reads the vault through, and notes what it found. What was purged while it
// read is no damage, nor is what a purge that is still owed will take away.
func (h *house) scrub(ctx context.Context, a dars.Act) (id string, found dars.Scrub, err error) {
	desk := office.Desk{Office: h.Office}
	kept, err := desk.Kept(ctx)
	if err != nil {
		return "", found, err
	}
	sums := map[string]vault.Sum{}
	for name, s := range kept {
		sums[name] = vault.Sum(s)
	}
	damaged := map[string]error{}
	read, err := h.vault.Scrub(ctx, sums, func(name string, damage error) { damaged[name] = damage })
	if err != nil {
		return "", found, err
	}
	still, err := desk.Kept(ctx)
	if err != nil {
		return "", found, err
	}
	purging, err := desk.Purging(ctx)
	if err != nil {
		return "", found, err
	}
	// A purge takes the key first and then the files: whoever reads between the two,
	// or after a kill between them, finds files that nobody opens any more.
	goes := func(name string, damage error) bool {
		if !errors.Is(damage, vault.ErrDestroyed) {
			return false
		}
		if release, _, _ := strings.Cut(strings.TrimPrefix(name, "releases/"), "/"); purging[dars.ReleaseID(release)] {
			return true
		}
		_, gone := h.root.Lstat(path.Join("vault", name))
		return errors.Is(gone, fs.ErrNotExist)
	}
	found = dars.Scrub{Files: read.Files, Bytes: read.Bytes, Damaged: []string{}}
	for _, name := range slices.Sorted(maps.Keys(damaged)) {
		_, before := kept[name]
		if _, now := still[name]; (now || !before) && !goes(name, damaged[name]) {
			found.Damaged = append(found.Damaged, damaged[name].Error())
		}
	}
	id, err = office.Clock{Office: h.Office}.Scrubbed(ctx, a, found)
	return id, found, err
}
