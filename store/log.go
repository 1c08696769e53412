package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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
	Change string        `json:"change_sha256"` // of salt and change
}

func (tx *Tx) log(a dars.Act, name string, c dars.Card, from, change string) error {
	l := Leaf{At: a.At.UTC(), By: a.Who, Via: a.Via, Act: name, Kind: c.Kind, Ref: c.Ref, From: from, To: c.State}
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

type noun struct{ kind, ref string }

// Verify reads the whole log again: each leaf and change must be what was
// hashed, each noun be what its events add up to, and the log have been each of
// some heads, taken from checkpoints that were signed earlier and kept elsewhere.
// Only they show a log that was written anew from end to end. Its error names all
// that is not.
func (s *Store) Verify(ctx context.Context, were ...tlog.Tree) (head tlog.Tree, err error) {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	err = s.View(ctx, func(tx *Tx) error {
		t, said, err := tx.replay(say)
		if err != nil {
			return err
		}
		for _, was := range were {
			if err := t.was(was); err != nil {
				say("%v", err)
				break // every later one would say the same
			}
		}
		if head, err = t.head(t.n); err != nil {
			return err
		}
		return tx.compare(said, say)
	})
	return head, errors.Join(append(wrong, err)...)
}

// was refuses a head that the log never had.
func (t *tree) was(head tlog.Tree) error {
	if head.N > t.n {
		return fmt.Errorf("the log has %d events, and had %d when a checkpoint was signed: the last ones were removed", t.n, head.N)
	}
	then, err := t.head(head.N)
	if err == nil && then.Hash != head.Hash {
		err = fmt.Errorf("the first %d events are not those that a checkpoint was signed for: the log was written anew", head.N)
	}
	return err
}

// replay hashes the log again and adds up the changes of each noun.
func (tx *Tx) replay(say func(string, ...any)) (t *tree, said map[noun]string, err error) {
	t, said = &tree{}, map[noun]string{}
	var last int64
	q := `SELECT seq, kind, ref, leaf, hash, coalesce(change, ''), coalesce(salt, '') FROM events ORDER BY seq`
	err = tx.each(q, nil, func(scan func(...any) error) error {
		var seq int64
		var n noun
		var text, hash, change, salt string
		if err := scan(&seq, &n.kind, &n.ref, &text, &hash, &change, &salt); err != nil {
			return err
		}
		for last++; last < seq; last++ {
			say("event %d is missing", last)
		}
		var l Leaf
		leaf := tlog.RecordHash([]byte(text))
		if json.Unmarshal([]byte(text), &l) != nil || l.Seq != seq || n != (noun{l.Kind, l.Ref}) ||
			hash != leaf.String() || commitment(salt, change) != l.Change {
			say("event %d (%s, %s %s %s) was altered", seq, l.At.Format(time.DateOnly), n.kind, n.ref, l.To)
		}
		said[n] = merge(said[n], change)
		return t.add(leaf)
	})
	return t, said, err
}

// compare holds each stored noun, and all it is found by, against its events.
func (tx *Tx) compare(said map[noun]string, say func(string, ...any)) error {
	keys := map[noun][]dars.Key{}
	err := tx.each(`SELECT kind, ref, name, value FROM keys`, nil, func(scan func(...any) error) error {
		var n noun
		var k dars.Key
		err := scan(&n.kind, &n.ref, &k.Name, &k.Value)
		keys[n] = append(keys[n], k)
		return err
	})
	if err != nil {
		return err
	}
	err = tx.each(`SELECT kind, ref, state, body FROM nouns`, nil, func(scan func(...any) error) error {
		var n noun
		var state, body string
		if err := scan(&n.kind, &n.ref, &state, &body); err != nil {
			return err
		}
		text, ok := said[n]
		if !ok || dars.Nouns[n.kind] == nil {
			say("%s %s: stored, but no event made it", n.kind, n.ref)
			return nil
		}
		empty := dars.Nouns[n.kind]()
		err := json.Unmarshal([]byte(text), empty)
		told := empty.Card()
		switch {
		case err != nil:
			say("%s %s: its events do not add up to a %s: %v", n.kind, n.ref, n.kind, err)
		case state != told.State:
			say("%s %s: stored as %s, its events say %s", n.kind, n.ref, state, told.State)
		case body != text:
			say("%s %s: stored with facts that its events do not say", n.kind, n.ref)
		case !slices.Equal(distinct(keys[n]), distinct(told.Keys)):
			say("%s %s: stored under keys that its events do not give it", n.kind, n.ref)
		}
		delete(said, n)
		delete(keys, n)
		return nil
	})
	for n := range said {
		say("%s %s: its events made it, but it is not stored", n.kind, n.ref)
	}
	for n := range keys {
		say("%s %s: has keys, but is not stored", n.kind, n.ref)
	}
	return err
}

// distinct is keys in order, each once: a noun may say one twice, such as an
// agreement that names an organisation in two parts.
func distinct(keys []dars.Key) []dars.Key {
	return slices.Compact(slices.SortedFunc(slices.Values(keys), dars.Key.Compare))
}

// NoFacts names the tables that Verify does not look at: they hold no fact of the
// office, but what is still to be done (a letter, a purge), which tables there are
// and by what they are filed.
func NoFacts() []string { return []string{"owed", "migrations", "filing"} }
