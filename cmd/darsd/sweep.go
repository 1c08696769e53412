package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"time"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
	"darsd/transfer/intake"
)

// sweep removes what lies about: beginnings of files, packages that no row names,
// and what was rejected or refused. It goes by the machine's clock, as files do; but
// verdicts are dated by the office's.
func (h *house) sweep(folders []*intake.Folder) func(context.Context, time.Time) error {
	return func(ctx context.Context, _ time.Time) error {
		now := time.Now()
		yesterday := now.AddDate(0, 0, -1)
		errs := []error{
			h.vault.Sweep(yesterday), h.sweepBeginnings(yesterday), h.sweepPackages(ctx, yesterday),
			h.sweepReceived(ctx, yesterday), h.sweepRejected(now.AddDate(0, 0, -14)), h.sweepTrays(),
		}
		for _, f := range folders {
			errs = append(errs, f.Sweep(h.now()))
		}
		return errors.Join(errs...)
	}
}

// sweepBeginnings removes files outside the vault that a program which was killed
// before a time had not finished: configuration, letters, reports, checkpoints, papers for
// the public, keys and a rehearsal's clock. Whoever did the work again did it under another name.
func (h *house) sweepBeginnings(before time.Time) error {
	err := removeBegun(h.root, before, ".darsd.yaml-*", "outgoing-mail/.tmp-*", "reports/.*", "checkpoints/.new-*", publications+"/.new-*", "rehearsal-clock.*.tmp",
		"keys/.tmp-*", "keys/*.tmp", "keys/releases/.tmp-*", "keys/pseudonyms/.tmp-*")
	if h.cfg.Reports.Folder == "" {
		return err
	}
	folder, wrong := os.OpenRoot(h.cfg.Reports.Folder)
	if wrong != nil {
		return errors.Join(err, fmt.Errorf("reports.folder: %w", wrong))
	}
	defer folder.Close()
	return errors.Join(err, removeBegun(folder, before, begunWhole+"*")) // others may keep files there too
}

// removeBegun removes files of a folder that some patterns name, last written before a
// time.
func removeBegun(root *os.Root, before time.Time, patterns ...string) (err error) {
	for _, begun := range patterns {
		names, wrong := fs.Glob(root.FS(), begun)
		err = errors.Join(err, wrong)
		for _, name := range names {
			info, wrong := root.Lstat(name)
			if wrong == nil && info.Mode().IsRegular() && info.ModTime().Before(before) {
				wrong = root.Remove(name)
			}
			if !errors.Is(wrong, fs.ErrNotExist) {
				err = errors.Join(err, wrong)
			}
		}
	}
	return err
}

// sweepRejected removes what was rejected from submit/ before a time.
func (h *house) sweepRejected(before time.Time) error {
	all, err := h.vault.List("rejected")
	for _, r := range all {
		if r.Modified.Before(before) {
			err = errors.Join(err, h.vault.RemoveAll(path.Join("rejected", r.Name)))
		}
	}
	return err
}

// sweepTrays removes what no tray speaks of.
func (h *house) sweepTrays() error {
	people, err := h.vault.Trays()
	for _, who := range people {
		err = errors.Join(err, h.vault.Tray(who).Sweep())
	}
	return err
}

// sweepReceived removes what came in before a time and was refused: no paper is of
// it.
func (h *house) sweepReceived(ctx context.Context, before time.Time) error {
	kept, err := office.Desk{Office: h.Office}.Kept(ctx)
	if err != nil {
		return err
	}
	all, err := h.vault.List("received")
	for _, r := range all {
		name := path.Join("received", r.Name)
		if _, ok := kept[name]; !ok && r.Modified.Before(before) {
			err = errors.Join(err, h.vault.Remove(name))
		}
	}
	return err
}

// sweepPackages removes attempts at packages that were begun before a time and
// that no release names.
func (h *house) sweepPackages(ctx context.Context, before time.Time) error {
	named := map[string]bool{}
	err := h.Store.View(ctx, func(tx *store.Tx) error {
		all, err := store.Find[dars.Release](tx)
		for _, r := range all {
			named[office.PackageDir(r.ID, r.Attempt)] = true
		}
		return err
	})
	if err != nil {
		return err
	}
	releases, err := h.vault.List("releases")
	if err != nil {
		return err
	}
	for _, r := range releases {
		attempts, err := h.vault.List(path.Join("releases", r.Name))
		if err != nil {
			return err
		}
		for _, a := range attempts {
			dir := office.PackageDir(dars.ReleaseID(r.Name), a.Name)
			if named[dir] || a.Modified.After(before) {
				continue
			}
			if err := h.vault.RemoveAll(dir); err != nil {
				return err
			}
		}
	}
	return nil
}
