package store

import (
	"encoding/json"
	"fmt"
	"time"

	"darsd/dars"
)

// Before is the number of the last event before a moment, or 0. Events are in order of
// time but for what several programs wrote within a moment.
func (tx *Tx) Before(at time.Time) (seq int64, err error) {
	var low, high int64 // the answer is among them
	if err := tx.one(`SELECT coalesce(max(seq), 0) FROM events`, &high); err != nil {
		return 0, err
	}
	for low < high {
		middle := (low + high + 1) / 2
		var text string
		var l Leaf
		if err := tx.one(`SELECT leaf FROM events WHERE seq = $1`, &text, middle); err != nil {
			return 0, fmt.Errorf("event %d: %w", middle, err)
		}
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			return 0, fmt.Errorf("event %d: %w", middle, err)
		}
		if l.At.Before(at) {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low, nil
}

// AsOf lends every noun of a kind as it was after an event, in order of reference: what
// its events add up to until then. One out of which words
// were struck since is lent as it was, without them; of a person who was erased there is
// only what that has left.
func AsOf[T any, P Noun[T]](tx *Tx, seq int64) (all []P, err error) {
	var ref, text string
	erased := map[string]P{} // by reference
	made := func() error {
		if ref == "" {
			return nil
		}
		n := P(new(T))
		all = append(all, n)
		if text == "{}" {
			erased[ref] = n
		}
		return json.Unmarshal([]byte(text), n)
	}
	q := `SELECT ref, coalesce(change, '') FROM events WHERE kind = $1 AND seq <= $2 ORDER BY ref, seq`
	err = tx.each(q, []any{P(new(T)).Card().Kind, seq}, func(scan func(...any) error) error {
		var of, change string
		if err := scan(&of, &change); err != nil {
			return err
		}
		if of != ref {
			if err := made(); err != nil {
				return err
			}
			ref, text = of, ""
		}
		text = merge(text, change)
		return nil
	})
	if err == nil {
		err = made()
	}
	for ref, n := range erased {
		if err == nil {
			err = tx.asOfPast(n, ref, seq)
		}
	}
	return all, err
}

// left fills a noun that was erased with the first that is known of it since.
func (tx *Tx) left(n dars.Noun, ref string) error {
	var text string
	if err := tx.one(`SELECT change FROM events WHERE kind = $1 AND ref = $2 AND change IS NOT NULL ORDER BY seq LIMIT 1`, &text, n.Card().Kind, ref); err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), n)
}

// Moves lends each event by which a noun of some kinds came into a state, oldest first,
// up to an event.
func (tx *Tx) Moves(seq int64, each func(Leaf) error, kinds ...string) error {
	args, in := []any{seq}, ""
	for i, k := range kinds {
		if args = append(args, k); i > 0 {
			in += ", "
		}
		in += fmt.Sprintf("$%d", len(args))
	}
	return tx.each(`SELECT leaf FROM events WHERE seq <= $1 AND kind IN (`+in+`) ORDER BY seq`, args, func(scan func(...any) error) error {
		var text string
		var l Leaf
		if err := scan(&text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &l); err != nil || l.From == l.To {
			return err
		}
		return each(l)
	})
}
