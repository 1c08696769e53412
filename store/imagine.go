package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"darsd/dars"
)

// Imagine lends a store that holds what this one holds at one moment. Acts are done
// on it as on any other, one after another, and read what those before them saved;
// but all of it is in memory, nothing is logged, nothing is owed, and nothing is left
// when do returns. So what an act would do is found out by doing it, and whoever acts
// meanwhile is not held up.
func (s *Store) Imagine(ctx context.Context, do func(*Store) error) error {
	return s.View(ctx, func(tx *Tx) error {
		tx.imagined = &imagined{kinds: map[string]*shelf{}}
		return do(&Store{dialect: s.dialect, imagining: tx})
	})
}

// Changed are the nouns that acts on an imagined store have saved since it was last
// asked.
func (s *Store) Changed() (cards []dars.Card) {
	cards, s.imagining.imagined.changed = s.imagining.imagined.changed, nil
	return cards
}

// imagined is what nouns have become in the imagination.
type imagined struct {
	kinds   map[string]*shelf
	changed []dars.Card
	looking bool     // and not acting
	undo    []func() // of the act under way, in order
}

// act does one act on what is imagined. A refused one leaves no trace.
func (tx *Tx) act(do func(*Tx) error) error {
	m := tx.imagined
	m.undo, tx.behalf, tx.saved = nil, "", nil
	known := len(m.changed)
	err := do(tx)
	if err != nil {
		for _, undo := range slices.Backward(m.undo) {
			undo()
		}
		m.changed = m.changed[:known]
	}
	return err
}

// view lends what is imagined as it is, and not a copy of it: who only looks changes
// nothing.
func (tx *Tx) view(look func(*Tx) error) error {
	tx.imagined.looking = true
	defer func() { tx.imagined.looking = false }()
	return look(tx)
}

// Imagined reports whether nothing of what is done is kept, and nothing is owed for it.
func (tx *Tx) Imagined() bool { return tx.imagined != nil }

// A shelf holds every noun of a kind, and what they are found by.
type shelf struct {
	nouns map[string]filed
	by    map[dars.Key]map[string]bool // references
	last  string                       // the highest reference
	high  map[string]string            // by name, the highest value of a key, where it is known
}

// A filed noun is read when it is first asked for, and then kept.
type filed struct {
	body, state string
	keys        []dars.Key
	noun        dars.Noun
}

// shelf returns the nouns of a kind, which are read when they are first asked for.
func (tx *Tx) shelf(kind string) (*shelf, error) {
	if s := tx.imagined.kinds[kind]; s != nil {
		return s, nil
	}
	all := map[string]filed{}
	err := tx.each(`SELECT ref, state, body FROM nouns WHERE kind = $1`, []any{kind}, func(scan func(...any) error) error {
		var ref string
		var f filed
		err := scan(&ref, &f.state, &f.body)
		all[ref] = f
		return err
	})
	if err != nil {
		return nil, err
	}
	err = tx.each(`SELECT ref, name, value FROM keys WHERE kind = $1`, []any{kind}, func(scan func(...any) error) error {
		var ref string
		var k dars.Key
		err := scan(&ref, &k.Name, &k.Value)
		f := all[ref]
		f.keys = append(f.keys, k)
		all[ref] = f
		return err
	})
	s := &shelf{nouns: map[string]filed{}, by: map[dars.Key]map[string]bool{}, high: map[string]string{}}
	for ref, f := range all {
		s.put(ref, f)
	}
	tx.imagined.kinds[kind] = s
	return s, err
}

func (s *shelf) put(ref string, f filed) {
	if was, known := s.nouns[ref]; known && was.state == f.state && slices.Equal(was.keys, f.keys) {
		s.nouns[ref] = f
		return
	}
	s.take(ref)
	s.nouns[ref] = f
	for _, k := range append(f.keys, dars.By("state", f.state)) {
		if s.by[k] == nil {
			s.by[k] = map[string]bool{}
		}
		s.by[k][ref] = true
		if last, known := s.high[k.Name]; known && above(k.Value, last) {
			s.high[k.Name] = k.Value
		}
	}
	if above(ref, s.last) {
		s.last = ref
	}
}

func (s *shelf) take(ref string) {
	was := s.nouns[ref]
	for _, k := range append(was.keys, dars.By("state", was.state)) {
		delete(s.by[k], ref)
		if s.high[k.Name] == k.Value {
			delete(s.high, k.Name)
		}
	}
	delete(s.nouns, ref)
}

// lastKey is the highest value that a key of some noun has. It is looked for once, and
// again when the noun that had it is taken away.
func (s *shelf) lastKey(name string) string {
	if last, known := s.high[name]; known {
		return last
	}
	last := ""
	for k, refs := range s.by {
		if k.Name == name && len(refs) > 0 && above(k.Value, last) {
			last = k.Value
		}
	}
	s.high[name] = last
	return last
}

// above reports whether a reference is higher than another: as text, but longer
// ones follow where all six digits are nines.
func above(ref, other string) bool {
	if strings.Contains(other, "999999") && len(ref) != len(other) {
		return len(ref) > len(other)
	}
	return ref > other
}

// found returns, in order, the references of those that have all the keys.
func (s *shelf) found(keys []dars.Key) (refs []string) {
	if len(keys) == 0 {
		return slices.Sorted(maps.Keys(s.nouns))
	}
	fewest := slices.MinFunc(keys, func(a, b dars.Key) int { return len(s.by[a]) - len(s.by[b]) })
	for ref := range s.by[fewest] {
		if !slices.ContainsFunc(keys, func(k dars.Key) bool { return !s.by[k][ref] }) {
			refs = append(refs, ref)
		}
	}
	slices.Sort(refs)
	return refs
}

// imaginedNoun lends a noun as it is imagined; nil if there is none.
func imaginedNoun[T any, P Noun[T]](tx *Tx, kind, ref string) (P, error) {
	n, err := tx.imaginedAny(kind, ref, func() dars.Noun { return P(new(T)) })
	if n == nil || err != nil {
		return nil, err
	}
	return n.(P), nil
}

func (tx *Tx) imaginedAny(kind, ref string, empty func() dars.Noun) (dars.Noun, error) {
	s, err := tx.shelf(kind)
	if err != nil {
		return nil, err
	}
	f, ok := s.nouns[ref]
	if !ok {
		return nil, nil
	}
	if f.noun == nil {
		n := empty()
		if err := read(kind, ref, f.body, n); err != nil {
			return nil, err
		}
		f.noun, f.body = n, ""
		s.nouns[ref] = f
	}
	if tx.imagined.looking {
		return f.noun, nil
	}
	return clone(f.noun), nil
}

// imagine is Save for what is imagined.
func (tx *Tx) imagine(n dars.Noun) error {
	c := n.Card()
	s, err := tx.shelf(c.Kind)
	if err != nil {
		return err
	}
	was, known := s.nouns[c.Ref]
	last := s.last
	tx.imagined.undo = append(tx.imagined.undo, func() {
		s.take(c.Ref)
		if known {
			s.put(c.Ref, was)
		}
		s.last = last
	})
	s.put(c.Ref, filed{state: c.State, keys: distinct(c.Keys), noun: clone(n)})
	tx.imagined.changed = append(tx.imagined.changed, c)
	return nil
}

var (
	errImagined   = errors.New("nothing is written in an imagined store")
	errUnimagined = errors.New("an imagined store is not asked for this: it would answer as of the moment that it was taken at")
)
