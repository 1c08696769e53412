package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
)

// never is when work is due that no worker takes up of itself: it was put by, or it
// was given up.
const never = math.MaxInt64

// OweOnce is Owe under a name of the work's own. The same name again is the same
// work, and nothing is noted if it is there, even if it is done.
func (tx *Tx) OweOnce(id, what string, body any) error { return tx.owe(id, what, body, 0) }

// PutBy notes work under a name of its own that no worker claims: somebody collects
// all of its kind, and then calls Collected.
func (tx *Tx) PutBy(id, what string, body any) error { return tx.owe(id, what, body, never) }

func (tx *Tx) owe(id, what string, body any, next int64) error {
	if tx.imagined != nil {
		return nil
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return tx.exec(`INSERT INTO owed (id, seq, what, body, tries, next_at, lease, until, failed)
		SELECT CAST($1 AS TEXT), max(seq), CAST($2 AS TEXT), CAST($3 AS TEXT), 0, CAST($4 AS BIGINT), '', 0, '' FROM events WHERE true
		ON CONFLICT (id) DO NOTHING`, id, what, string(text), next)
}

// Collected notes that work that was put by is part of other work now.
func (tx *Tx) Collected(id string, now time.Time) error {
	return tx.exec(`UPDATE owed SET done_at = $1 WHERE id = $2 AND done_at IS NULL`, now.UnixMicro(), id)
}

// Noted reports whether there is work of a name, or has been.
func (tx *Tx) Noted(id string) (bool, error) {
	var n int
	err := tx.one(`SELECT count(*) FROM owed WHERE id = $1`, &n, id)
	return n > 0, err
}

// LastDone is the newest event after which work of a kind was owed that is done; 0 when
// there is none.
func (tx *Tx) LastDone(what string) (seq int64, err error) {
	err = tx.one(`SELECT coalesce(max(seq), 0) FROM owed WHERE what = $1 AND done_at IS NOT NULL`, &seq, what)
	return seq, err
}

// Owing lists work of some kinds, oldest first: what is still owed, put by or given
// up, and if asked also what is done.
func (tx *Tx) Owing(done bool, what ...string) (all []Owed, err error) {
	args, in := []any{}, []string{}
	for _, w := range what {
		args = append(args, w)
		in = append(in, fmt.Sprintf("$%d", len(args)))
	}
	where := `what IN (` + strings.Join(in, ", ") + `)`
	if !done {
		where += ` AND done_at IS NULL`
	}
	return tx.work(where, args...)
}

// work reads rows, oldest first.
func (tx *Tx) work(where string, args ...any) (all []Owed, err error) {
	err = tx.each(`SELECT id, seq, what, body, tries, failed, next_at, coalesce(done_at, 0) FROM owed WHERE `+where+` ORDER BY seq, id`, args, func(scan func(...any) error) error {
		var w Owed
		var body string
		var next, done int64
		err := scan(&w.ID, &w.Seq, &w.What, &body, &w.Tries, &w.Failed, &next, &done)
		w.Body, w.Never = json.RawMessage(body), next == never
		if next > 0 && !w.Never {
			w.Next = time.UnixMicro(next).UTC()
		}
		if done > 0 {
			w.Done = time.UnixMicro(done).UTC()
		}
		all = append(all, w)
		return err
	})
	return all, err
}

// GiveUp notes why a piece of work will never work. It stays, and is taken up again
// when somebody asks for that (see Retry, Again).
func (s *Store) GiveUp(ctx context.Context, w *Owed, why error) error {
	return s.Do(ctx, func(tx *Tx) error {
		return tx.exec(`UPDATE owed SET failed = $1, next_at = CAST($2 AS BIGINT), lease = '' WHERE id = $3 AND lease = $4`, why.Error(), int64(never), w.ID, w.lease)
	})
}

// Again makes a piece of work due at once that failed, and reports whether there was
// one of that name.
func (tx *Tx) Again(id string) (found bool, err error) {
	tx.wrote = true
	result, err := tx.tx.ExecContext(tx.ctx, tx.sql(`UPDATE owed SET next_at = 0 WHERE id = $1 AND done_at IS NULL AND failed <> '' AND lease = ''`), id)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// Hold puts work of a kind by that is not done, under another kind if that is to be, and
// says why. It is taken up again when somebody asks for that (see Retry, Again).
func (tx *Tx) Hold(what, as, why string) (n int64, err error) {
	tx.wrote = true
	result, err := tx.tx.ExecContext(tx.ctx, tx.sql(`UPDATE owed SET what = $1, failed = $2, next_at = CAST($3 AS BIGINT), lease = '', until = 0 WHERE what = $4 AND done_at IS NULL`), as, why, int64(never), what)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
