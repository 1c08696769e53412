package main

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// accessLog says who read which case: a line for each look. It lies beside the
// database, and each checkpoint carries its hash.
const accessLog = "access.log"

// A look is one line of the access log.
type look struct {
	At   time.Time     `json:"at"`
	By   dars.PersonID `json:"by"`
	Via  dars.Door     `json:"via"`
	Read string        `json:"read"`
}

// looked notes that somebody reads a case. Nothing is shown that could not be
// noted.
func (c *call) looked(kind, ref string) error {
	text, err := json.Marshal(look{c.act.At.UTC(), c.act.Who, c.act.Via, kind + " " + ref})
	if err != nil {
		return err
	}
	f, err := c.root.OpenFile(accessLog, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("cannot note who reads: %w", err)
	}
	_, err = f.Write(append(text, '\n'))
	return errors.Join(err, f.Close())
}

// checkpoint signs what the log is now, and puts it outside the database. It
// returns the file.
func (h *house) checkpoint(ctx context.Context, at time.Time) (name string, err error) {
	name, _, err = h.signed(ctx, at, nil)
	return name, err
}

// checkpointOf is the same for a publication: it says what the register was, too.
func (h *house) checkpointOf(ctx context.Context, at time.Time, rows int, sums string) (text []byte, err error) {
	_, text, err = h.signed(ctx, at, &store.Published{Rows: rows, SHA256: sums})
	return text, err
}

func (h *house) signed(ctx context.Context, at time.Time, published *store.Published) (name string, text []byte, err error) {
	c := store.Checkpoint{Origin: "darsd/" + strings.ReplaceAll(strings.TrimPrefix(h.officeFingerprint(), "SHA256:"), "+", "-")[:12], At: at, Register: published}
	if c.Tree, err = h.Store.Tree(ctx); err != nil {
		return "", nil, err
	}
	if c.Access, err = h.accessNow(); err != nil {
		return "", nil, err
	}
	if c.Refused, err = h.refusedNow(); err != nil {
		return "", nil, err
	}
	text, err = c.Sign(h.vault.SigningKey())
	if err != nil {
		return "", nil, err
	}
	file := fmt.Sprintf("%09d-%s.txt", c.Tree.N, at.UTC().Format("20060102T150405Z"))
	return path.Join("checkpoints", file), text, writeWhole(h.root, "checkpoints", file, text)
}

// checkpoints reads those that lie in the data directory, oldest first. What is
// wrong with one is said; it is no reason not to look at the others. Whoever takes the
// newest away is found out by what the office knows to have signed.
func (h *house) checkpoints(ctx context.Context) (all []store.Checkpoint, wrong []string, err error) {
	names, err := fs.Glob(h.root.FS(), "checkpoints/[0-9]*.txt") // not the beginning of one, which a killed program left
	if err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		text, err := h.root.ReadFile(name)
		if err != nil {
			return nil, nil, err
		}
		c, err := store.OpenCheckpoint(text, h.vault.SigningKey().Public().(ed25519.PublicKey))
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %v", name, err))
			continue
		}
		all = append(all, c)
	}
	signed, err := office.Desk{Office: h.Office}.Signed(ctx)
	if err != nil {
		return nil, nil, err
	}
	if n := len(all); signed > 0 && (n == 0 || all[n-1].Tree.N < signed) {
		wrong = append(wrong, fmt.Sprintf("checkpoints: one was signed after event %d, and of those that can be read none is as new: bring back what lay there from a backup, or from where copies are kept; darsd log checkpoint signs another", signed))
	}
	return all, wrong, nil
}

// heldAgainst checks the log, and the two that lie beside it, against checkpoints.
func (h *house) heldAgainst(all []store.Checkpoint) (heads []tlog.Tree, wrong []string, err error) {
	for _, c := range all {
		heads = append(heads, c.Tree)
	}
	read, err := h.accessAgainst(all)
	if err != nil {
		return heads, nil, err
	}
	refused, err := h.refusedAgainst(all)
	return heads, append(read, refused...), err
}
