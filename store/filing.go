package store

import (
	"context"
	"encoding/json"
	"fmt"

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
			if err := tx.exec(`UPDATE nouns SET state = $3 WHERE kind = $1 AND ref = $2`, c.Kind, c.Ref, c.State); err != nil {
				return err
			}
			if err := tx.file(c); err != nil {
				return err
			}
		}
	}
}

// file keeps what a noun is found by.
func (tx *Tx) file(c dars.Card) error {
	if err := tx.exec(`DELETE FROM keys WHERE kind = $1 AND ref = $2`, c.Kind, c.Ref); err != nil {
		return err
	}
	for _, k := range distinct(c.Keys) {
		if err := tx.exec(`INSERT INTO keys (kind, ref, name, value) VALUES ($1, $2, $3, $4)`, c.Kind, c.Ref, k.Name, k.Value); err != nil {
			return err
		}
	}
	return nil
}
