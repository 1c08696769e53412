package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/transfer/vault"
)

func backupKeysCommand(s *session) *cobra.Command {
	var to string
	c := s.inspect("keys", "write the keys, to be kept where no backup lies (--to DIR)", func(c *call) error {
		if to == "" {
			return misuse{errors.New("say where to, with --to DIR, which is made")}
		}
		n, err := c.backUpKeys(c.ctx, to)
		if err != nil {
			return err
		}
		said := fmt.Sprintf("%s holds %d files of keys/\nWhoever has it and a backup reads every row: keep them apart. Write it anew after each release, and destroy the one before:\na purge is for good only when no copy of the release's key is left.", to, n)
		source, err := vault.ParseSource(c.cfg.Vault.Identity)
		if err == nil && source.Kind != vault.FromKeys {
			said += fmt.Sprintf("\nThe master identity is not in it: it comes from %s.", source)
		}
		return c.say(map[string]any{"folder": to, "files": n}, "%s", said)
	})
	c.Flags().StringVar(&to, "to", "", "the folder to be made")
	return c
}

// backUpKeys copies keys/. While the master identity is changed two open it, so it waits
// until that is done.
func (h *house) backUpKeys(ctx context.Context, to string) (n int, err error) {
	if near := h.besideFiles(to); near != "" {
		return 0, dars.Refuse("beside-backup", to, "%s holds what the keys open: keep them on another disk, or at least in a folder of their own", near)
	}
	b, err := beginFolder(to)
	if err != nil {
		return 0, err
	}
	defer b.giveUp()
	names, err := h.filesOf("keys")
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		base := filepath.Base(name)
		if strings.HasSuffix(base, ".lock") || strings.HasSuffix(base, ".tmp") {
			continue
		}
		if base == "rotation" {
			return 0, dars.Refuse("rotating", "keys", "the master identity is being changed: say it again when that is done")
		}
		// A key may be destroyed at any moment.
		if err := h.copyInto(ctx, b, name, strings.TrimPrefix(name, "keys/")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
	}
	return len(b.files), b.finish()
}

// besideFiles is a folder above a path that is a backup, or the data directory; "" where
// there is none.
func (h *house) besideFiles(to string) string {
	if h.within(to) != "" {
		return h.dir
	}
	to, err := filepath.Abs(to)
	if err != nil {
		return ""
	}
	for dir := filepath.Dir(to); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, manifestName)); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}
