package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strings"

	"darsd/dars"
)

// The words of a database that is no office's, or is no longer (migration 0004).
const (
	filling = "filling" // from another database or a backup: some of it may be there
	filled  = "filled"  // all of it is there, and whoever filled it has not let it go
	moved   = "moved"   // the office is elsewhere
)

// standing is the word of a database and its note; "" where it may be acted on.
func (tx *Tx) standing() (word, note string, err error) {
	err = tx.tx.QueryRowContext(tx.ctx, `SELECT word, note FROM standing`).Scan(&word, &note)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return word, note, err
}

// mayAct refuses to act on a database that is not the office's. Every act asks, since a
// program may have opened it when it still was.
func (tx *Tx) mayAct() error {
	word, note, err := tx.standing()
	switch {
	case err != nil:
		return err
	case word == moved:
		return dars.Refuse("moved", "store", "the office has gone from this database to %s: write that address into the configuration, under database", note)
	case word != "":
		return dars.Refuse("unfinished", "store", "this database was not filled to its end: say darsd restore, or darsd store copy, as before, and it is begun anew")
	}
	return nil
}

func (tx *Tx) stand(word, note string) error {
	if err := tx.exec(`DELETE FROM standing`); err != nil || word == "" {
		return err
	}
	return tx.exec(`INSERT INTO standing (word, note) VALUES ($1, $2)`, word, note)
}

// stands is mayAct by a look of its own.
func (s *Store) stands(ctx context.Context) error {
	return s.View(ctx, func(tx *Tx) error { return tx.mayAct() })
}

// LetGo makes a database that was filled the office's: from now on it can be opened.
func (s *Store) LetGo(ctx context.Context) error {
	return s.turned(ctx, func(tx *Tx) error {
		word, _, err := tx.standing()
		if err != nil || word == "" {
			return err
		}
		if word != filled {
			return tx.mayAct()
		}
		return tx.stand("", "")
	})
}

// Address names a database for people: without the password that may stand in it.
func Address(name string) string {
	if !strings.HasPrefix(name, "postgres://") {
		return name
	}
	u, err := url.Parse(name)
	if err != nil {
		return "postgres://…" // it may be the password that cannot be read
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	q := u.Query()
	q.Del("password")
	u.RawQuery = q.Encode()
	return u.String()
}
