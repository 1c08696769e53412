package store

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"darsd/dars"
)

// Noun is *T where T is a noun: with it, Get[dars.Release] is enough to say.
type Noun[T any] interface {
	*T
	dars.Noun
}

// Get lends the noun of that name.
func Get[T any, P Noun[T], ID ~string](tx *Tx, ref ID) (P, error) {
	n := P(new(T))
	kind := n.Card().Kind
	if tx.imagined != nil {
		if n, err := imaginedNoun[T, P](tx, kind, string(ref)); n != nil || err != nil {
			return n, err
		}
	}
	body, _, err := tx.stored(kind, string(ref))
	if err == nil && body == "" {
		err = &dars.Refusal{Rule: "not-found", Ref: string(ref), Sentence: fmt.Sprintf("there is no %s %s", kind, ref)}
	}
	if err != nil {
		return nil, err
	}
	return n, read(kind, string(ref), body, n)
}

// Unreadable are nouns whose rows nobody here has written: somebody has been at the
// database, or its disk has failed.
type Unreadable struct {
	Kind string
	Refs []string
	Err  error // of the first
}

func (u *Unreadable) Error() string {
	return fmt.Sprintf("%s %s cannot be read (%v): darsd log verify says what the log knows of it", u.Kind, strings.Join(u.Refs, ", "), u.Err)
}

func (u *Unreadable) Unwrap() error { return u.Err }

func read(kind, ref, body string, n dars.Noun) error {
	if err := json.Unmarshal([]byte(body), n); err != nil {
		return &Unreadable{kind, []string{ref}, err}
	}
	return nil
}

// State is the state of a noun; "" if there is none of that name.
func (tx *Tx) State(kind, ref string) (state string, err error) {
	if tx.imagined != nil {
		s, err := tx.shelf(kind)
		if err != nil {
			return "", err
		}
		return s.nouns[ref].state, nil
	}
	_, state, err = tx.stored(kind, ref)
	return state, err
}

// Find lends every noun of a kind that has all the keys, in order of reference.
func Find[T any, P Noun[T]](tx *Tx, keys ...dars.Key) (all []P, err error) {
	err = Each(tx, func(n P) error {
		all = append(all, n)
		return nil
	}, keys...)
	return all, err
}

// Each lends the same nouns one by one, to look at many of which few are kept. Until it
// is through, nothing else may be asked of the transaction: PostgreSQL would refuse.
// Those that cannot be read are an [Unreadable], after all others were lent.
func Each[T any, P Noun[T]](tx *Tx, do func(P) error, keys ...dars.Key) error {
	kind := P(new(T)).Card().Kind
	if tx.imagined != nil {
		return imaginedEach(tx, kind, do, keys)
	}
	where, args := having(kind, keys)
	var odd Unreadable
	err := tx.each(`SELECT ref, body FROM nouns WHERE `+where+` ORDER BY ref`, args, func(scan func(...any) error) error {
		var ref string
		var body []byte
		if err := scan(&ref, &body); err != nil {
			return err
		}
		n := P(new(T))
		if err := json.Unmarshal(body, n); err != nil {
			odd = Unreadable{kind, append(odd.Refs, ref), cmp.Or(odd.Err, err)}
			return nil
		}
		return do(n)
	})
	if err == nil && odd.Err != nil {
		err = &odd
	}
	return err
}

func imaginedEach[T any, P Noun[T]](tx *Tx, kind string, do func(P) error, keys []dars.Key) error {
	s, err := tx.shelf(kind)
	if err != nil {
		return err
	}
	var odd Unreadable
	for _, ref := range s.found(keys) {
		n, err := Get[T, P](tx, ref)
		var one *Unreadable
		if errors.As(err, &one) {
			odd = Unreadable{kind, append(odd.Refs, ref), cmp.Or(odd.Err, one.Err)}
			continue
		}
		if err != nil {
			return err
		}
		if err := do(n); err != nil {
			return err
		}
	}
	if odd.Err != nil {
		return &odd
	}
	return nil
}

// Any reports whether there is a noun of a kind that has all the keys.
func (tx *Tx) Any(kind string, keys ...dars.Key) (found bool, err error) {
	if tx.imagined != nil {
		s, err := tx.shelf(kind)
		return err == nil && len(s.found(keys)) > 0, err
	}
	where, args := having(kind, keys)
	var n int
	err = tx.one(`SELECT count(*) FROM (SELECT 1 FROM nouns WHERE `+where+` LIMIT 1) AS first`, &n, args...)
	return n > 0, err
}

// having is the condition of the nouns of a kind that have all the keys. The first key
// finds them, so callers say first what few have; of those the others are asked one by
// one, because what many have, such as a dataset, would be read for all of them.
func having(kind string, keys []dars.Key) (where string, args []any) {
	where, args = `kind = $1`, []any{kind}
	found := false
	for _, k := range keys {
		if k.Name == "state" {
			args = append(args, k.Value)
			where += fmt.Sprintf(` AND state = $%d`, len(args))
			continue
		}
		args = append(args, k.Name, k.Value)
		if !found {
			where += fmt.Sprintf(` AND ref IN (SELECT ref FROM keys WHERE kind = $1 AND name = $%d AND value = $%d)`, len(args)-1, len(args))
			found = true
			continue
		}
		where += fmt.Sprintf(` AND EXISTS (SELECT 1 FROM keys WHERE keys.kind = $1 AND keys.ref = nouns.ref AND keys.name = $%d AND keys.value = $%d)`, len(args)-1, len(args))
	}
	return where, args
}

// Save takes a noun back, new or changed, with the name of the act that made it
// so. One that did not change leaves no event.
func (tx *Tx) Save(a dars.Act, name string, n dars.Noun) error {
	if tx.imagined != nil {
		return tx.imagine(n)
	}
	c := n.Card()
	was, from, err := tx.stored(c.Kind, c.Ref)
	if err != nil {
		return err
	}
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	now := merge("", string(text))
	change := difference(was, now)
	if change == "" {
		return nil
	}
	if tx.behalf != "" {
		name += For + string(tx.behalf)
		tx.saved = append(tx.saved, c)
	}
	if err := tx.log(a, name, c, from, change); err != nil {
		return err
	}
	err = tx.exec(`INSERT INTO nouns (kind, ref, state, body) VALUES ($1, $2, $3, $4)
		ON CONFLICT (kind, ref) DO UPDATE SET state = $3, body = $4`, c.Kind, c.Ref, c.State, now)
	if err != nil {
		return err
	}
	return tx.file(c)
}

// For stands between the name of an act and the person on whose behalf it was
// done.
const For = " for "

// OnBehalf says that what is saved from now on is done on behalf of another
// person, whose name stands on each event beside that of who acts.
func (tx *Tx) OnBehalf(of dars.PersonID) { tx.behalf = of }

// Behalf is on whose behalf the act is done, or "", and what was saved so.
func (tx *Tx) Behalf() (of dars.PersonID, saved []dars.Card) { return tx.behalf, tx.saved }

// Last returns the highest reference of a kind, or "": the next number follows
// it, since nouns are never taken away.
func (tx *Tx) Last(kind string) (ref string, err error) {
	if tx.imagined != nil {
		s, err := tx.shelf(kind)
		if err != nil {
			return "", err
		}
		return s.last, nil
	}
	return tx.highest("ref", `FROM nouns WHERE kind = $1`, kind)
}

// LastKey returns the highest value of a key of a kind, or "".
func (tx *Tx) LastKey(kind, name string) (value string, err error) {
	if tx.imagined != nil {
		s, err := tx.shelf(kind)
		if err != nil {
			return "", err
		}
		return s.lastKey(name), nil
	}
	return tx.highest("value", `FROM keys WHERE kind = $1 AND name = $2`, kind, name)
}

// Values are all values of a key of a kind, each once, in order.
func (tx *Tx) Values(kind, name string) (all []string, err error) {
	if tx.imagined != nil {
		return nil, errUnimagined
	}
	err = tx.each(`SELECT DISTINCT value FROM keys WHERE kind = $1 AND name = $2 ORDER BY value`, []any{kind, name}, func(scan func(...any) error) error {
		var value string
		err := scan(&value)
		all = append(all, value)
		return err
	})
	return all, err
}

// highest is the highest as text, which the index gives at once; where all six
// digits are nines, longer ones follow.
func (tx *Tx) highest(column, from string, args ...any) (ref string, err error) {
	err = tx.one(`SELECT coalesce(max(`+column+`), '') `+from, &ref, args...)
	if err == nil && strings.Contains(ref, "999999") {
		err = tx.one(`SELECT `+column+` `+from+` ORDER BY length(`+column+`) DESC, `+column+` DESC LIMIT 1`, &ref, args...)
	}
	return ref, err
}

// Count counts the nouns of a kind.
func (tx *Tx) Count(kind string) (n int, err error) {
	if tx.imagined != nil {
		return 0, errUnimagined
	}
	err = tx.one(`SELECT count(*) FROM nouns WHERE kind = $1`, &n, kind)
	return n, err
}

func (tx *Tx) one(q string, to any, args ...any) error {
	return tx.tx.QueryRowContext(tx.ctx, tx.sql(q), args...).Scan(to)
}

func (tx *Tx) stored(kind, ref string) (body, state string, err error) {
	if tx.imagined != nil {
		return "", "", nil // it is not among those that are imagined
	}
	err = tx.tx.QueryRowContext(tx.ctx, tx.sql(`SELECT body, state FROM nouns WHERE kind = $1 AND ref = $2`), kind, ref).Scan(&body, &state)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return body, state, err
}

// difference is the fields of now that differ from was, with null for one that
// is gone: a JSON merge patch (RFC 7396), one level deep.
func difference(was, now string) string {
	before, after := fields(was), fields(now)
	for name, text := range before {
		if _, ok := after[name]; !ok {
			after[name] = json.RawMessage("null")
		} else if string(after[name]) == string(text) {
			delete(after, name)
		}
	}
	if len(after) == 0 {
		return ""
	}
	text, _ := json.Marshal(after) // of raw JSON: cannot fail
	return string(text)
}

// merge adds a change to what was. Fields come out in order of name, so that
// the same facts are always the same text.
func merge(was, change string) string {
	all := fields(was)
	for name, text := range fields(change) {
		if all[name] = text; string(text) == "null" {
			delete(all, name)
		}
	}
	text, _ := json.Marshal(all)
	return string(text)
}

func fields(text string) map[string]json.RawMessage {
	all := map[string]json.RawMessage{}
	json.Unmarshal([]byte(text), &all) // our own text, or none
	return all
}
