package store

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Checkpoint is a signed word on what the log was at a moment, to be kept
// outside the database, and best outside the machine: it shows a log that was
// written anew from end to end. It is a signed note in the form that others'
// transparency logs have (C2SP tlog-checkpoint), with lines of ours: when, what the
// access log was, where it goes with a publication, what the register was, and what the
// log of refused acts was.
type Checkpoint struct {
	Origin string // whose log it is
	Tree   tlog.Tree
	At     time.Time
	Access Digest

	Register *Published // nil of one that goes with no publication
	Refused  *Stretch   // nil of one that was signed before there was such a line
}

// Published is a register of so many rows, and the SHA-256 in hex of their sums.
type Published struct {
	Rows   int
	SHA256 string
}

// A Digest is the first so many bytes of a file, and their SHA-256 in hex.
type Digest struct {
	Bytes  int64
	SHA256 string
}

// A Stretch is what one file has of a text that goes on from file to file: all the bytes
// before it, and its own.
type Stretch struct {
	From int64 // bytes
	Digest
}

// Sign writes a checkpoint as a signed note.
func (c Checkpoint) Sign(key ed25519.PrivateKey) ([]byte, error) {
	public := key.Public().(ed25519.PublicKey)
	vkey, err := note.NewEd25519VerifierKey(c.Origin, public)
	if err != nil {
		return nil, err
	}
	// A signer's key is the verifier's with the seed in the public key's place.
	hash := strings.Split(vkey, "+")[1]
	seed := base64.StdEncoding.EncodeToString(append([]byte{1}, key.Seed()...))
	signer, err := note.NewSigner("PRIVATE+KEY+" + c.Origin + "+" + hash + "+" + seed)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("%s\n%d\n%s\nat %s\naccess %d %s\n", c.Origin, c.Tree.N, c.Tree.Hash, c.At.UTC().Format(time.RFC3339), c.Access.Bytes, c.Access.SHA256)
	if c.Register != nil {
		text += fmt.Sprintf("register %d %s\n", c.Register.Rows, c.Register.SHA256)
	}
	if c.Refused != nil {
		text += fmt.Sprintf("refused %d %d %s\n", c.Refused.From, c.Refused.Bytes, c.Refused.SHA256)
	}
	return note.Sign(&note.Note{Text: text}, signer)
}

// OpenCheckpoint reads a checkpoint and checks its signature.
func OpenCheckpoint(text []byte, key ed25519.PublicKey) (c Checkpoint, err error) {
	origin, _, _ := strings.Cut(string(text), "\n")
	vkey, err := note.NewEd25519VerifierKey(origin, key)
	if err != nil {
		return c, err
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return c, err
	}
	signed, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return c, fmt.Errorf("it is not signed by the office's key: %w", err)
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) < 6 { // the last is empty
		return c, fmt.Errorf("it is no checkpoint: %d lines", len(lines))
	}
	c.Origin = origin
	if c.Tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return c, err
	}
	if c.Tree.Hash, err = tlog.ParseHash(lines[2]); err != nil {
		return c, err
	}
	if c.At, err = time.Parse(time.RFC3339, strings.TrimPrefix(lines[3], "at ")); err != nil {
		return c, err
	}
	if _, err = fmt.Sscanf(lines[4], "access %d %s", &c.Access.Bytes, &c.Access.SHA256); err != nil {
		return c, err
	}
	for _, line := range lines[5:] {
		switch word, _, _ := strings.Cut(line, " "); word {
		case "register":
			c.Register = &Published{}
			_, err = fmt.Sscanf(line, "register %d %s", &c.Register.Rows, &c.Register.SHA256)
		case "refused":
			c.Refused = &Stretch{}
			_, err = fmt.Sscanf(line, "refused %d %d %s", &c.Refused.From, &c.Refused.Bytes, &c.Refused.SHA256)
		}
		if err != nil {
			return c, err
		}
	}
	return c, nil
}

// Tree returns the head of the log: how many events there are, and the hash that
// commits to all of them. What this process has read once it does not read again:
// events are only ever added.
func (s *Store) Tree(ctx context.Context) (head tlog.Tree, err error) {
	s.hashed.Lock()
	defer s.hashed.Unlock()
	t := s.hashed.trunk.clone() // as it was, if something goes wrong
	err = s.View(ctx, func(tx *Tx) error {
		return tx.each(`SELECT hash FROM events WHERE seq > $1 ORDER BY seq`, []any{t.n}, func(scan func(...any) error) error {
			var text string
			if err := scan(&text); err != nil {
				return err
			}
			hash, err := tlog.ParseHash(text)
			if err == nil {
				t.add(hash)
			}
			return err
		})
	})
	if err != nil {
		return head, err
	}
	s.hashed.trunk = t
	return t.tree(), nil
}

// A trunk is what is needed of a log to go on with its hash (RFC 6962, 2.1): the hash
// of each whole binary tree that its events make, the largest first.
type trunk struct {
	n     int64
	whole []tlog.Hash
}

func (t *trunk) clone() trunk { return trunk{t.n, slices.Clone(t.whole)} }

// add joins the last two trees as long as they are of one size.
func (t *trunk) add(leaf tlog.Hash) {
	t.whole = append(t.whole, leaf)
	for n := t.n; n&1 == 1; n >>= 1 {
		last := len(t.whole) - 1
		t.whole[last-1] = tlog.NodeHash(t.whole[last-1], t.whole[last])
		t.whole = t.whole[:last]
	}
	t.n++
}

// tree is the head of the log so far.
func (t *trunk) tree() tlog.Tree {
	if t.n == 0 {
		empty, _ := tlog.TreeHash(0, nil) // reads nothing
		return tlog.Tree{Hash: empty}
	}
	last := len(t.whole) - 1
	hash := t.whole[last]
	for i := last - 1; i >= 0; i-- {
		hash = tlog.NodeHash(t.whole[i], hash)
	}
	return tlog.Tree{N: t.n, Hash: hash}
}
