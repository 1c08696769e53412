package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Owed is a piece of work that must follow an act: a letter, a paper, a file to
// purge. It is noted in the act's transaction and done afterwards, at least once:
// whoever does it makes doing it again harmless.
type Owed struct {
	ID     string
	Seq    int64           // the event it follows
	What   string          // the kind of work
	Body   json.RawMessage // what the work needs to know
	Tries  int
	Failed string // why it did not work the last time

	Next  time.Time // not before; zero: at once
	Never bool      // no worker takes it up of itself
	Done  time.Time // zero: still owed
	lease string
}

// Owe notes what must follow the act's last event.
func (tx *Tx) Owe(what string, body any) error {
	return tx.owe(rand.Text(), what, body, 0)
}

// Claim takes one piece of work that is due and that nobody has, for the length
// of a lease; nil if there is none. It leaves some kinds to others. A worker that dies loses it when the lease
// ends. Workers go by the machine's clock, whatever day a rehearsal has.
func (s *Store) Claim(ctx context.Context, now time.Time, lease time.Duration, but ...string) (work *Owed, err error) {
	err = s.Do(ctx, func(tx *Tx) error {
		w := Owed{lease: rand.Text()}
		var body string
		q, args := `SELECT id, seq, what, body, tries, failed FROM owed
			WHERE done_at IS NULL AND next_at <= $1 AND (lease = '' OR until <= $1)`, []any{now.UnixMicro()}
		for _, what := range but {
			args = append(args, what)
			q += fmt.Sprintf(` AND what <> $%d`, len(args))
		}
		err := tx.tx.QueryRowContext(ctx, tx.sql(q+` ORDER BY next_at, seq, id LIMIT 1`), args...).Scan(&w.ID, &w.Seq, &w.What, &body, &w.Tries, &w.Failed)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		w.Tries++
		w.Body, work = json.RawMessage(body), &w
		return tx.exec(`UPDATE owed SET lease = $1, until = $2, tries = $3 WHERE id = $4`, w.lease, now.Add(lease).UnixMicro(), w.Tries, w.ID)
	})
	return work, err
}

// Renew lengthens the lease on a piece of work, and reports whether it was still
// held.
func (s *Store) Renew(ctx context.Context, w *Owed, until time.Time) (held bool, err error) {
	err = s.Do(ctx, func(tx *Tx) error {
		result, err := tx.tx.ExecContext(ctx, tx.sql(`UPDATE owed SET until = $1 WHERE id = $2 AND lease = $3 AND done_at IS NULL`), until.UnixMicro(), w.ID, w.lease)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		held = n == 1
		return err
	})
	return held, err
}

// Retry makes everything that failed due at once, and returns how much that is.
func (s *Store) Retry(ctx context.Context) (n int64, err error) {
	err = s.Do(ctx, func(tx *Tx) error {
		tx.wrote = true
		result, err := tx.tx.ExecContext(ctx, tx.sql(`UPDATE owed SET next_at = 0 WHERE done_at IS NULL AND failed <> '' AND lease = ''`))
		if err == nil {
			n, err = result.RowsAffected()
		}
		return err
	})
	return n, err
}

// Done notes that a piece of work is done. One whose lease was lost meanwhile
// stays with whoever has it now.
func (s *Store) Done(ctx context.Context, w *Owed, now time.Time) error {
	return s.Do(ctx, func(tx *Tx) error {
		return tx.exec(`UPDATE owed SET done_at = $1, lease = '', failed = '' WHERE id = $2 AND lease = $3`, now.UnixMicro(), w.ID, w.lease)
	})
}

// Fail notes why a piece of work did not work, and when it is tried again.
func (s *Store) Fail(ctx context.Context, w *Owed, why error, next time.Time) error {
	return s.Do(ctx, func(tx *Tx) error {
		return tx.exec(`UPDATE owed SET failed = $1, next_at = $2, lease = '' WHERE id = $3 AND lease = $4`, why.Error(), next.UnixMicro(), w.ID, w.lease)
	})
}

// Untried counts the work owed after an event that has not been done, has not failed
// and was not put by: somebody is at it, or will be. It leaves some kinds out.
func (tx *Tx) Untried(after int64, but ...string) (n int, err error) {
	q, args := fmt.Sprintf(`SELECT count(*) FROM owed WHERE seq > $1 AND done_at IS NULL AND failed = '' AND next_at < %d`, int64(never)), []any{after}
	for _, what := range but {
		args = append(args, what)
		q += fmt.Sprintf(` AND what <> $%d`, len(args))
	}
	err = tx.one(q, &n, args...)
	return n, err
}

// Head is the number of the newest event; 0 when there is none.
func (tx *Tx) Head() (seq int64, err error) {
	err = tx.one(`SELECT coalesce(max(seq), 0) FROM events`, &seq)
	return seq, err
}

// Outstanding lists the work that is still owed, oldest first, without what was put
// by.
func (tx *Tx) Outstanding() (all []Owed, err error) {
	return tx.work(fmt.Sprintf(`done_at IS NULL AND (failed <> '' OR next_at < %d)`, int64(never)))
}
