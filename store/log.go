package store

import (
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"darsd/dars"
)

// A Leaf is an event as it is hashed. It commits to the change without holding
// it, so that a change can be erased and the log still be checked.
type Leaf struct {
	Seq    int64         `json:"seq"`
	At     time.Time     `json:"at"`
	By     dars.PersonID `json:"by"`
	Via    dars.Door     `json:"via"`
	Act    string        `json:"act"`
	Kind   string        `json:"noun"`
	Ref    string        `json:"id"`
	From   string        `json:"from,omitempty"`
	To     string        `json:"to"`
	Change string        `json:"change_sha256"`   // of salt and change
	Whole  bool          `json:"whole,omitempty"` // the change is all of the noun: what it was before is erased
}

func (tx *Tx) log(a dars.Act, name string, c dars.Card, from, change string) error {
	l := Leaf{At: a.At.UTC(), By: a.Who, Via: a.Via, Act: name, Kind: c.Kind, Ref: c.Ref, From: from, To: c.State, Whole: tx.whole}
	if tx.last == 0 { // nobody else writes one until this act ends
		var err error
		if tx.last, err = tx.Head(); err != nil {
			return err
		}
	}
	l.Seq = tx.last + 1
	salt := rand.Text()
	l.Change = commitment(salt, change)
	if tx.first.Seq == 0 {
		tx.first = l
	}
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	err = tx.exec(`INSERT INTO events (seq, kind, ref, leaf, hash, change, salt) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		l.Seq, l.Kind, l.Ref, string(text), tlog.RecordHash(text).String(), change, salt)
	if err == nil {
		tx.last = l.Seq
	}
	return err
}

func commitment(salt, change string) string {
	sum := sha256.Sum256([]byte(salt + change))
	return hex.EncodeToString(sum[:])
}

// An Event is a leaf with the change it commits to.
type Event struct {
	Leaf
	Facts json.RawMessage `json:"change,omitempty"`
}

// Events returns the events of one noun, or of all where kind is "", oldest
// first, from a number on, at most that many.
func (tx *Tx) Events(kind, ref string, from int64, most int) (all []Event, err error) {
	q := `SELECT leaf, coalesce(change, '') FROM events WHERE seq >= $1 AND ($2 = '' OR kind = $2 AND ref = $3) ORDER BY seq LIMIT $4`
	err = tx.each(q, []any{from, kind, ref, most}, func(scan func(...any) error) error {
		var e Event
		var leaf, change string
		if err := scan(&leaf, &change); err != nil {
			return err
		}
		if change != "" {
			e.Facts = json.RawMessage(change)
		}
		all = append(all, e)
		return json.Unmarshal([]byte(leaf), &all[len(all)-1].Leaf)
	})
	return all, err
}

// ChangedSince are the nouns that were saved after an event, each once: their kinds and
// references, and no more.
func (tx *Tx) ChangedSince(seq int64) (nouns []dars.Card, err error) {
	err = tx.each(`SELECT DISTINCT kind, ref FROM events WHERE seq > $1`, []any{seq}, func(scan func(...any) error) error {
		var c dars.Card
		err := scan(&c.Kind, &c.Ref)
		nouns = append(nouns, c)
		return err
	})
	return nouns, err
}

// Newest returns when the newest event was, or the zero time.
func (tx *Tx) Newest() (time.Time, error) {
	var leaf string
	err := tx.one(`SELECT leaf FROM events WHERE seq = (SELECT max(seq) FROM events)`, &leaf)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	var l Leaf
	if err == nil {
		err = json.Unmarshal([]byte(leaf), &l)
	}
	return l.At, err
}

// First is the first event of this transaction: the act that the others belong to.
// It is the zero leaf while there is none.
func (tx *Tx) First() Leaf { return tx.first }

// NoFacts names the tables that Verify does not look at: they hold no fact of the
// office, but what is still to be done (a letter, a purge), which tables there are,
// by what they are filed, whether the office is here, and how often somebody was refused.
func NoFacts() []string {
	return []string{"owed", "migrations", "filing", "standing", "refused"}
}
