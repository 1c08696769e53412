// Package store keeps nouns, and the log of all that happened to them, in one
// SQL database. It knows no noun by name: what it must know, each says of itself
// (see dars.Noun). What an act changed, the events that say so and what is owed
// for it are kept in one transaction, or none of it is.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"darsd/dars"
)

//go:embed migrations/*.sql
var migrations embed.FS

// A Store is open on one database.
type Store struct {
	dialect
	acts, views *sql.DB
	imagining   *Tx // of an imagined store, which has no database of its own

	hashed struct { // what of the log Tree has read
		sync.Mutex
		trunk
	}
}

// Open opens a postgres:// address, or else a SQLite file, which it makes if there
// is none. It brings the tables up to what this program needs, and refuses a
// database newer than the program.
func Open(ctx context.Context, name string) (s *Store, err error) {
	s = &Store{}
	if s.dialect, err = dialectOf(name); err != nil {
		return nil, err
	}
	if s.acts, err = sql.Open(s.driver, s.write); err != nil {
		return nil, err
	}
	if s.views, err = sql.Open(s.driver, s.read); err != nil {
		return nil, err
	}
	s.acts.SetMaxOpenConns(1) // acts of one process queue here, in order
	s.views.SetMaxOpenConns(8)
	err = s.settle(ctx, s.acts)
	if err == nil {
		err = s.migrate(ctx)
	}
	if err != nil {
		s.Close()
		return nil, plain(err)
	}
	return s, nil
}

// Close ends it; what was committed is kept.
func (s *Store) Close() error { return errors.Join(s.views.Close(), s.acts.Close()) }

// migrate runs the numbered files that this database has not had, each once, in
// one transaction with the note that it ran. Files are only ever added.
func (s *Store) migrate(ctx context.Context) error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	return s.Do(ctx, func(tx *Tx) error {
		if err := tx.exec(s.schema(`CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL)`)); err != nil {
			return err
		}
		var have int
		if err := tx.tx.QueryRowContext(ctx, `SELECT coalesce(max(number), 0) FROM migrations`).Scan(&have); err != nil {
			return err
		}
		if have > len(files) {
			return fmt.Errorf("the database is of a newer darsd (its tables are at %d, this program knows %d): use that program", have, len(files))
		}
		for i, file := range files {
			number, err := strconv.Atoi(strings.SplitN(path.Base(file), "_", 2)[0])
			if err != nil || number != i+1 {
				return fmt.Errorf("migration %s is not number %d", file, i+1)
			}
			if number <= have {
				continue
			}
			text, err := migrations.ReadFile(file)
			if err != nil {
				return err
			}
			if err := tx.exec(s.schema(string(text))); err != nil {
				return fmt.Errorf("migration %s: %w", file, err)
			}
			if err := tx.exec(`INSERT INTO migrations (number, name) VALUES ($1, $2)`, number, path.Base(file)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Do runs an act in one transaction: what it changed, the events that say so
// and what must follow are kept together, or nothing is. Acts run one at a time,
// so what an act has read stays true until it ends. No file is written and no
// paper drawn inside, and an act never calls an act: it would wait for itself.
func (s *Store) Do(ctx context.Context, act func(*Tx) error) error {
	if s.imagining != nil {
		return s.imagining.act(act)
	}
	// With a snapshot from before its turn an act would decide on what has changed.
	return s.in(ctx, s.acts, s.isolation, func(tx *Tx) error {
		if err := tx.exec(s.turn); err != nil {
			return err
		}
		tx.wrote = false
		if err := act(tx); err != nil || !tx.wrote {
			return err
		}
		return tx.exec(s.tell)
	})
}

// GiveWay lets other programs act, between two of many acts in a row: they would wait
// for all of these, where a database gives the turn to whoever happens to ask first.
func (s *Store) GiveWay(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(s.nap + s.nap/4):
		return nil
	}
}

// View reads as of one moment, and does not wait for acts.
func (s *Store) View(ctx context.Context, look func(*Tx) error) error {
	if s.imagining != nil {
		return s.imagining.view(look)
	}
	return s.in(ctx, s.views, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, look)
}

func (s *Store) in(ctx context.Context, db *sql.DB, how *sql.TxOptions, do func(*Tx) error) (err error) {
	defer func() { err = plain(err) }()
	tx, err := db.BeginTx(ctx, how)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	if err := do(&Tx{ctx: ctx, tx: tx, sql: s.query}); err != nil {
		return err
	}
	return tx.Commit()
}

// Watch calls changed at its beginning, and within half a second after anybody has
// written to the database, this process or another, until ctx is cancelled. When it
// loses the database it comes back, and calls changed for what it may have missed.
func (s *Store) Watch(ctx context.Context, changed func()) error {
	for {
		s.watchOnce(ctx, changed) // what went wrong is mended by beginning again
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

func (s *Store) watchOnce(ctx context.Context, changed func()) error {
	c, err := s.views.Conn(ctx) // one of its own: what is new counts from its point of view
	if err != nil {
		return err
	}
	defer c.Close()
	return s.watch(ctx, c, changed)
}

// A Tx lends nouns to one act and takes them back.
type Tx struct {
	ctx context.Context
	tx  *sql.Tx
	sql func(string) string

	behalf dars.PersonID
	saved  []dars.Card // on behalf of another

	wrote bool
	whole bool  // the event that is written carries all of its noun
	first Leaf  // of its events
	last  int64 // the number of its newest

	imagined *imagined // nil where things are real
}

func (tx *Tx) exec(q string, args ...any) error {
	if tx.imagined != nil {
		return errImagined
	}
	tx.wrote = true
	_, err := tx.tx.ExecContext(tx.ctx, tx.sql(q), args...)
	return err
}

// each reads rows. It asks nothing else of the transaction until they are read:
// PostgreSQL would refuse.
func (tx *Tx) each(q string, args []any, row func(scan func(...any) error) error) error {
	rows, err := tx.tx.QueryContext(tx.ctx, tx.sql(q), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
