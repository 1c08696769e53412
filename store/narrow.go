package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"darsd/dars"
)

// Between lends the nouns of a kind of which a key lies between two values, both
// included, in order of that key: what ends soon is found without what does not.
func Between[T any, P Noun[T]](tx *Tx, key, from, to string) (all []P, err error) {
	if tx.imagined != nil {
		return nil, errUnimagined
	}
	kind := P(new(T)).Card().Kind
	err = lend(tx, &all, `SELECT n.body FROM keys k JOIN nouns n ON n.kind = k.kind AND n.ref = k.ref
		WHERE k.kind = $1 AND k.name = $2 AND k.value >= $3 AND k.value <= $4 ORDER BY k.value, k.ref`, kind, key, from, to)
	return all, err
}

// Lacking lends the nouns of a kind that have some keys and that no noun of another
// kind names by a key: what nothing has followed yet, such as agreements without a
// release. Of those that are named nothing is read but the index.
func Lacking[T any, P Noun[T]](tx *Tx, by, key string, keys ...dars.Key) ([]P, error) {
	return matched[T, P](tx, "EXCEPT", by, key, keys)
}

// NamedBy lends the nouns of a kind that have some keys and that a noun of another kind
// names by a key, such as planned releases that a notice of a recall is about.
func NamedBy[T any, P Noun[T]](tx *Tx, by, key string, keys ...dars.Key) ([]P, error) {
	return matched[T, P](tx, "INTERSECT", by, key, keys)
}

// matched reads both indexes once, from end to end, and then the facts of those alone that
// are left. Of NOT EXISTS PostgreSQL makes a join: it would sort all that have the keys,
// facts and all, and every name of the other kind, on disk. A look at the index for each
// noun takes it twice as long as this, and SQLite half.
func matched[T any, P Noun[T]](tx *Tx, with, by, key string, keys []dars.Key) (all []P, err error) {
	if tx.imagined != nil {
		return nil, errUnimagined
	}
	where, args := having(P(new(T)).Card().Kind, keys)
	n := len(args)
	err = lend(tx, &all, `WITH those AS MATERIALIZED (SELECT ref FROM nouns WHERE `+where+` `+with+
		fmt.Sprintf(` SELECT value FROM keys WHERE kind = $%d AND name = $%d)
		SELECT body FROM nouns WHERE kind = $1 AND ref IN (SELECT ref FROM those) ORDER BY ref`, n+1, n+2), append(args, by, key)...)
	return all, err
}

func lend[T any, P Noun[T]](tx *Tx, all *[]P, q string, args ...any) error {
	return tx.each(q, args, func(scan func(...any) error) error {
		var body string
		if err := scan(&body); err != nil {
			return err
		}
		n := P(new(T))
		*all = append(*all, n)
		return json.Unmarshal([]byte(body), n)
	})
}

// Newest lends the nouns of a kind that have all the keys and whose references are the
// highest, at most so many, in order of reference.
func Newest[T any, P Noun[T]](tx *Tx, most int, keys ...dars.Key) (all []P, err error) {
	if tx.imagined != nil {
		return nil, errUnimagined
	}
	where, args := having(P(new(T)).Card().Kind, keys)
	err = lend(tx, &all, `SELECT body FROM nouns WHERE `+where+fmt.Sprintf(` ORDER BY ref DESC LIMIT $%d`, len(args)+1), append(args, most)...)
	slices.Reverse(all)
	return all, err
}
