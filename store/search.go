package store

import (
	"errors"
	"maps"
	"slices"

	"darsd/dars"
)

// Beginning returns, in order, the references of the nouns of a kind of which a
// key begins with a value. The name "state" is every noun's, and so is "ref"; a
// state is the whole one.
func (tx *Tx) Beginning(kind string, k dars.Key) (refs []string, err error) {
	if tx.imagined != nil {
		return nil, errUnimagined
	}
	const last = "\U0010FFFF" // no text goes on with a higher letter
	q, args := `SELECT ref FROM keys WHERE kind = $1 AND value >= $2 AND value <= $3 AND name = $4`, []any{kind, k.Value, k.Value + last, k.Name}
	switch k.Name {
	case "ref":
		q, args = `SELECT ref FROM nouns WHERE kind = $1 AND ref >= $2 AND ref <= $3`, args[:3]
	case "state":
		q, args = `SELECT ref FROM nouns WHERE kind = $1 AND state = $2`, args[:2]
	}
	found := map[string]bool{}
	err = tx.each(q, args, func(scan func(...any) error) error {
		var ref string
		err := scan(&ref)
		found[ref] = true
		return err
	})
	return slices.Sorted(maps.Keys(found)), err
}

// GetAny lends a noun of whatever kind.
func (tx *Tx) GetAny(kind, ref string) (dars.Noun, error) {
	make := dars.Nouns[kind]
	if make == nil {
		return nil, errors.New("there is no kind of noun " + kind)
	}
	if tx.imagined != nil {
		if n, err := tx.imaginedAny(kind, ref, make); n != nil || err != nil {
			return n, err
		}
	}
	body, _, err := tx.stored(kind, ref)
	if err == nil && body == "" {
		err = dars.Refuse("not-found", ref, "there is no %s %s", kind, ref)
	}
	if err != nil {
		return nil, err
	}
	n := make()
	return n, read(kind, ref, body, n)
}
