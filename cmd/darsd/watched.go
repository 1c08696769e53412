package main

import (
	"context"
	"io/fs"
	"log/slog"
	"path/filepath"
	"time"

	"darsd/dars"
	"darsd/office"
	"darsd/transfer/intake"
)

// folder watches one of the folders into which people outside SFTP drop things.
func (h *house) folder(name string) (*intake.Folder, error) {
	dir := filepath.Join("folders", name)
	if err := h.root.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := h.root.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	var whole func(fs.FS) bool
	if name == "applications" {
		whole = newCompleteness().whole
	}
	hands := 1 // lists are taken in order: an older one is refused behind a newer
	if name == "signed-agreements" || name == "certificates" {
		hands = manyHands
	}
	return &intake.Folder{Name: name, Dir: root, Hands: hands, Every: time.Second, Quiet: min(h.cfg.SFTP.Quiet, settles), Now: h.now, Complete: whole, Take: h.take, Log: h.Log.With("part", "intake", "folder", name)}, nil
}

// manyHands is how many papers of a folder, and trays of outsiders, are at work at once:
// one that takes a minute to read holds up no other.
const manyHands = 4

// settles is how long a file in a watched folder must not have changed: longer than a
// scanner or a slow line pauses, and less than somebody waits who has dropped it whole.
const settles = 5 * time.Second

// trays watches what people put into submit/.
func (h *house) trays(log *slog.Logger) *intake.Trays {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &intake.Trays{People: h.vault.Trays, Tray: func(who dars.PersonID) intake.Tray { return h.vault.Tray(who) },
		Quiet: h.cfg.SFTP.Quiet, Now: h.now, Complete: newCompleteness().whole, Take: h.take, Keep: h.keepRejected, Hands: manyHands, Log: log.With("part", "intake", "folder", "submit")}
}

// take hands what came in to the office.
func (h *house) take(ctx context.Context, a intake.Arrival) dars.Verdict {
	act := office.At(a.Who, h.now())
	v := office.Intake{Office: h.Office}.Take(ctx, act, office.Arrived{Folder: a.Folder, Name: a.Name, Dir: a.Dir, Files: a.Files, SHA256: a.SHA256})
	if v.Verdict == dars.VerdictRejected {
		h.refusals.Count(act, "hand in", dars.Refuse(v.Code, "", ""))
	}
	return v
}

// keepRejected keeps what was rejected from submit/, encrypted: nothing that was
// sent to us is lost.
func (h *house) keepRejected(a intake.Arrival, _ dars.Verdict) error {
	return fs.WalkDir(a.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := a.Files.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		return safe{h.vault}.Write("", "rejected/"+a.SHA256+"/"+hexSHA256([]byte(name)), f)
	})
}
