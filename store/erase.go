package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
)

// Erase keeps a noun as what is left of it, with an event that carries all of that: the
// noun is replayed from there. What its events before have said goes, and with it their
// salt, so that nobody can find out by guessing; their leaves and hashes stay.
func (tx *Tx) Erase(a dars.Act, name string, n dars.Noun) error {
	if tx.imagined != nil {
		return errUnimagined
	}
	c := n.Card()
	_, from, err := tx.stored(c.Kind, c.Ref)
	if err != nil {
		return err
	}
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	now := merge("", string(text))
	if tx.behalf != "" {
		name += For + string(tx.behalf)
		tx.saved = append(tx.saved, c)
	}
	tx.whole = true
	err = tx.log(a, name, c, from, now)
	tx.whole = false
	if err != nil {
		return err
	}
	if err := tx.exec(`UPDATE events SET change = NULL, salt = NULL WHERE kind = $1 AND ref = $2 AND seq < $3`, c.Kind, c.Ref, tx.last); err != nil {
		return err
	}
	if err := tx.exec(`UPDATE nouns SET state = $3, body = $4 WHERE kind = $1 AND ref = $2`, c.Kind, c.Ref, c.State, now); err != nil {
		return err
	}
	return tx.file(c)
}

// Naming are the nouns of which an event after a number holds some of the words, by the
// newest of them.
func (tx *Tx) Naming(after int64, w Words) (nouns []Named, err error) {
	w.Login = ""
	where, args := w.mayStand("change", after)
	at := map[string]int{}
	err = tx.each(`SELECT kind, ref, change FROM events WHERE seq > $1 AND `+where, args, func(scan func(...any) error) error {
		var kind, ref, change string
		if err := scan(&kind, &ref, &change); err != nil {
			return err
		}
		n, err := w.standIn([]byte(change))
		if err != nil || !n.Any() {
			return err
		}
		if kind == "past" { // of the noun that it is the past of
			kind, ref, _ = strings.Cut(ref, "/")
		}
		i, known := at[kind+" "+ref]
		if !known {
			i, at[kind+" "+ref] = len(nouns), len(nouns)
			nouns = append(nouns, Named{Card: dars.Card{Kind: kind, Ref: ref}})
		}
		nouns[i].Add(n)
		return nil
	})
	slices.SortFunc(nouns, func(a, b Named) int { return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Ref, b.Ref)) })
	return nouns, err
}

// Steps counts the events that are somebody's.
func (tx *Tx) Steps(who dars.PersonID) (n int, err error) {
	err = tx.one(`SELECT count(*) FROM events WHERE leaf LIKE $1`, &n, `%"by":"`+string(who)+`"%`)
	return n, err
}

// Without is a noun in which none of the words stand any more.
func (w Words) Without(n dars.Noun) (dars.Noun, error) {
	text, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	if text, err = strikeJSON(text, w.Struck); err != nil {
		return nil, err
	}
	left := dars.Nouns[n.Card().Kind]()
	if err := json.Unmarshal(text, left); err != nil {
		return nil, err
	}
	if was, is := n.Card(), left.Card(); is.Ref != was.Ref || is.State != was.State {
		return nil, fmt.Errorf("%s %s would be another without a name", was.Kind, was.Ref)
	}
	return left, nil
}

// strikeJSON strikes words out of every text of an object or a list.
func strikeJSON(text []byte, strike func(string) string) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // as they are written
	var all any
	if err := d.Decode(&all); err != nil {
		return nil, err
	}
	return json.Marshal(struck(all, strike))
}

func struck(value any, strike func(string) string) any {
	switch v := value.(type) {
	case string:
		return strike(v)
	case []any:
		for i := range v {
			v[i] = struck(v[i], strike)
		}
	case map[string]any:
		for name := range v {
			v[name] = struck(v[name], strike)
		}
	}
	return value
}

// StrikeOwed takes the words out of all work that is owed, or was: it is no fact, and
// who reads a letter by now reads a number. Lone words go from what waits only where
// somebody has said that alone they are meant too.
func (tx *Tx) StrikeOwed(w Words, alone bool) error {
	where, args := w.mayStand("body || failed", "")
	type row struct {
		id, body, failed string
		waits            bool
	}
	var rows []row
	err := tx.each(`SELECT id, body, failed, done_at IS NULL FROM owed WHERE id <> $1 AND `+where, args, func(scan func(...any) error) error {
		var r row
		err := scan(&r.id, &r.body, &r.failed, &r.waits)
		rows = append(rows, r)
		return err
	})
	for _, r := range rows {
		if err != nil {
			return err
		}
		theirs := w
		if r.waits && !alone {
			theirs.Lone = nil // it may be to somebody else of that name
		}
		var body []byte
		if body, err = strikeJSON([]byte(r.body), theirs.strikeAll); err == nil {
			err = tx.exec(`UPDATE owed SET body = $2, failed = $3 WHERE id = $1`, r.id, string(body), theirs.strikeAll(r.failed))
		}
	}
	return err
}

// Compact writes the database anew, so that nothing of what was erased is left in what
// was its place. It may take minutes, while which acts wait.
func (s *Store) Compact(ctx context.Context) error { return s.compact(ctx, s.acts) }
