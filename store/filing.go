package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
)

// Refile files every noun by its card as this program draws it, if the database was
// filed by an earlier edition of the cards: what nouns are found by follows from
// their facts, and is no fact itself. It leaves no event. A database that was filed
// by a later edition is refused: this program would not find what is there.
func (s *Store) Refile(ctx context.Context, edition int, nouns map[string]func() dars.Noun) error {
	return s.Do(ctx, func(tx *Tx) error {
		var filed int
		if err := tx.one(`SELECT coalesce(max(edition), 0) FROM filing`, &filed); err != nil || filed == edition {
			return err
		}
		if filed > edition {
			return fmt.Errorf("the database is of a newer darsd (it is filed by edition %d, this program knows %d): use that program", filed, edition)
		}
		for kind, empty := range nouns {
			if err := tx.refile(kind, empty); err != nil {
				return err
			}
		}
		if err := tx.exec(`DELETE FROM filing`); err != nil {
			return err
		}
		return tx.exec(`INSERT INTO filing (edition) VALUES ($1)`, edition)
	})
}

// refile files the nouns of a kind, some at a time: a large office has many.
func (tx *Tx) refile(kind string, empty func() dars.Noun) error {
	const some = 1000
	for last := ""; ; {
		var bodies []string
		err := tx.each(`SELECT ref, body FROM nouns WHERE kind = $1 AND ref > $2 ORDER BY ref LIMIT $3`, []any{kind, last, some}, func(scan func(...any) error) error {
			bodies = append(bodies, "")
			return scan(&last, &bodies[len(bodies)-1])
		})
		if err != nil || len(bodies) == 0 {
			return err
		}
		for _, body := range bodies {
			n := empty()
			if err := json.Unmarshal([]byte(body), n); err != nil {
				return fmt.Errorf("%s %s: %w", kind, last, err)
			}
			c := n.Card()
			// Hardly any changes: what is written anew PostgreSQL keeps twice for a while.
			if err := tx.exec(`UPDATE nouns SET state = $3 WHERE kind = $1 AND ref = $2 AND state <> $3`, c.Kind, c.Ref, c.State); err != nil {
				return err
			}
			if err := tx.file(c); err != nil {
				return err
			}
		}
	}
}

// file keeps what a noun is found by. Most acts change nothing of it.
func (tx *Tx) file(c dars.Card) error {
	now, was := distinct(c.Keys), []dars.Key{}
	err := tx.each(`SELECT name, value FROM keys WHERE kind = $1 AND ref = $2`, []any{c.Kind, c.Ref}, func(scan func(...any) error) error {
		var k dars.Key
		err := scan(&k.Name, &k.Value)
		was = append(was, k)
		return err
	})
	if err != nil {
		return err
	}
	for _, k := range was {
		if !slices.Contains(now, k) {
			if err := tx.exec(`DELETE FROM keys WHERE kind = $1 AND ref = $2 AND name = $3 AND value = $4`, c.Kind, c.Ref, k.Name, k.Value); err != nil {
				return err
			}
		}
	}
	return tx.add(c, slices.DeleteFunc(now, func(k dars.Key) bool { return slices.Contains(was, k) }))
}

// add keeps keys that a noun did not have, all by one statement.
func (tx *Tx) add(c dars.Card, keys []dars.Key) error {
	if len(keys) == 0 {
		return nil
	}
	rows, args := []string{}, []any{c.Kind, c.Ref}
	for _, k := range keys {
		args = append(args, k.Name, k.Value)
		rows = append(rows, fmt.Sprintf("($1, $2, $%d, $%d)", len(args)-1, len(args)))
	}
	return tx.exec(`INSERT INTO keys (kind, ref, name, value) VALUES `+strings.Join(rows, ", "), args...)
}
