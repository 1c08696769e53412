package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"darsd/dars"
	"darsd/store"
)

// readAgain lets every file be read again, handle by handle, until the log has as many
// events as are asked for. They are most of a large log, two for each handle. The store
// would take an hour to write them one by one, so they are written here as it writes
// them; log verify says whether they are.
func readAgain(ctx context.Context, database string, events int, say func(string, ...any)) error {
	db, err := sql.Open("sqlite3", "file:"+database+"?_txlock=immediate&_busy_timeout=10000")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	var l ledger
	if err := db.QueryRowContext(ctx, `SELECT max(seq) FROM events`).Scan(&l.seq); err != nil {
		return err
	}
	pages, err := pagesOf(ctx, db)
	if err != nil {
		return err
	}
	rounds := (events - int(l.seq)) / (2 * max(1, len(pages)))
	const some = 2000
	for done := 0; rounds > 0 && done < len(pages); done += some {
		if err := l.turn(ctx, db, pages[done:min(done+some, len(pages))], rounds); err != nil {
			return err
		}
		if done%(10*some) == 0 {
			say("%d events", l.seq)
		}
	}
	return nil
}

func pagesOf(ctx context.Context, db *sql.DB) (all []*dars.Collection, err error) {
	rows, err := db.QueryContext(ctx, `SELECT body FROM nouns WHERE kind = 'collection' ORDER BY ref`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var body string
		c := new(dars.Collection)
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(body), c); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

// A ledger goes on where the log is.
type ledger struct {
	seq    int64
	insert *sql.Stmt
}

// turn reads some files again, in one transaction.
func (l *ledger) turn(ctx context.Context, db *sql.DB, pages []*dars.Collection, rounds int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	if l.insert, err = tx.PrepareContext(ctx, `INSERT INTO events (seq, kind, ref, leaf, hash, change, salt) VALUES (?, ?, ?, ?, ?, ?, ?)`); err != nil {
		return err
	}
	for _, c := range pages {
		for n := range rounds {
			if err := l.handle(ctx, c, n); err != nil {
				return err
			}
		}
		if err := keep(ctx, tx, c); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// handle is one handle's two events: what is reserved as it reads, and that nothing is
// once it is closed.
func (l *ledger) handle(ctx context.Context, c *dars.Collection, n int) error {
	c.Last = c.Last.Add(time.Second)
	if err := l.event(ctx, c, "sending", fmt.Sprintf(`{"last":%q,"reserved":{"again%d":[{"from":0,"to":%d}]}}`, c.Last.Format(time.RFC3339Nano), n, c.Size)); err != nil {
		return err
	}
	return l.event(ctx, c, string(c.Word()), `{"reserved":{}}`)
}

func (l *ledger) event(ctx context.Context, c *dars.Collection, to, change string) error {
	l.seq++
	salt := rand.Text()
	sum := sha256.Sum256([]byte(salt + change))
	leaf := store.Leaf{Seq: l.seq, At: c.Last, By: c.Person, Via: dars.SSH, Act: "sent", Kind: "collection", Ref: dars.CollectionRef(c.File, c.Person), To: to, Change: hex.EncodeToString(sum[:])}
	text, err := json.Marshal(leaf)
	if err == nil {
		_, err = l.insert.ExecContext(ctx, l.seq, leaf.Kind, leaf.Ref, string(text), tlog.RecordHash(text).String(), change, salt)
	}
	return err
}

// keep writes a page as its events have left it: its facts in order of name.
func keep(ctx context.Context, tx *sql.Tx, c *dars.Collection) error {
	c.Open = map[string]dars.Ranges{}
	facts := map[string]json.RawMessage{}
	if err := json.Unmarshal(plain(c), &facts); err != nil {
		return err
	}
	body, err := json.Marshal(facts)
	if err == nil {
		_, err = tx.ExecContext(ctx, `UPDATE nouns SET body = ? WHERE kind = 'collection' AND ref = ?`, string(body), dars.CollectionRef(c.File, c.Person))
	}
	return err
}
