package main

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"darsd/dars"
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

// digest is the SHA-256 of the access log's first bytes; of all if n is negative.
func (h *house) digest(n int64) (store.Digest, error) {
	sum := sha256.New()
	f, err := h.root.Open(accessLog)
	if errors.Is(err, fs.ErrNotExist) {
		return store.Digest{SHA256: hex.EncodeToString(sum.Sum(nil))}, nil
	}
	if err != nil {
		return store.Digest{}, err
	}
	defer f.Close()
	if n < 0 {
		info, err := f.Stat()
		if err != nil {
			return store.Digest{}, err
		}
		n = info.Size()
	}
	read, err := io.CopyN(sum, f, n)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return store.Digest{Bytes: read, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
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
	if c.Access, err = h.digest(-1); err != nil {
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
// wrong with one is said; it is no reason not to look at the others.
func (h *house) checkpoints() (all []store.Checkpoint, wrong []string, err error) {
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
	return all, wrong, nil
}

// heldAgainst checks the log, and the access log, against checkpoints.
func (h *house) heldAgainst(all []store.Checkpoint) (heads []tlog.Tree, wrong []string, err error) {
	for _, c := range all {
		heads = append(heads, c.Tree)
	}
	if len(all) == 0 {
		return heads, nil, nil
	}
	newest := slices.MaxFunc(all, func(a, b store.Checkpoint) int { return cmp.Compare(a.Access.Bytes, b.Access.Bytes) })
	is, err := h.digest(newest.Access.Bytes)
	if err == nil && is != newest.Access {
		wrong = append(wrong, fmt.Sprintf("the access log was altered: its first %d bytes are not those of which a checkpoint was signed on %s", newest.Access.Bytes, newest.At.Format(time.DateOnly)))
	}
	return heads, wrong, err
}
