package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"darsd/dars"
)

type noun struct{ kind, ref string }

// Verify reads the whole log again: each leaf and change must be what was
// hashed, each noun be what its events add up to, and the log have been each of
// some heads, taken from checkpoints that were signed earlier and kept elsewhere.
// Only they show a log that was written anew from end to end. Its error names all
// that is not. It reads the log once in order and once noun by noun, and holds some
// thousands of either at a time, however many there are.
func (s *Store) Verify(ctx context.Context, were ...tlog.Tree) (head tlog.Tree, err error) {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	err = s.View(ctx, func(tx *Tx) error {
		t, err := tx.rehash(were, say)
		if err != nil {
			return err
		}
		head = t.tree()
		if err := tx.misfiled(s.noText, say); err != nil {
			return err
		}
		return tx.compare(say)
	})
	return head, errors.Join(append(wrong, err)...)
}

// An entry is an event as it is stored.
type entry struct {
	seq                      int64
	noun                     noun
	leaf, hash, change, salt string
}

// rehash goes through the log in order. What is read is hashed beside, a batch at a
// time: either takes about as long as the other.
func (tx *Tx) rehash(were []tlog.Tree, say func(string, ...any)) (*trunk, error) {
	const batch = 1000
	c := &checking{say: say, erased: map[noun][]string{}, were: slices.SortedFunc(slices.Values(were), func(a, b tlog.Tree) int { return int(a.N - b.N) })}
	read, hashed := make(chan []entry, 4), make(chan struct{})
	go func() {
		defer close(hashed)
		for some := range read {
			for _, e := range some {
				c.check(e)
			}
		}
	}()
	var some []entry
	err := tx.each(`SELECT seq, kind, ref, leaf, hash, coalesce(change, ''), coalesce(salt, '') FROM events ORDER BY seq`, nil, func(scan func(...any) error) error {
		var e entry
		err := scan(&e.seq, &e.noun.kind, &e.noun.ref, &e.leaf, &e.hash, &e.change, &e.salt)
		if some = append(some, e); len(some) == batch {
			read <- some
			some = make([]entry, 0, batch)
		}
		return err
	})
	read <- some
	close(read)
	<-hashed
	c.was()
	c.short()
	c.unerased()
	return &c.trunk, err
}

// A checking goes along the log.
type checking struct {
	trunk
	last int64 // the number of the last event

	erased map[noun][]string // events without their change, which a later one of the noun must account for
	were   []tlog.Tree
	say    func(string, ...any)
}

func (c *checking) check(e entry) {
	for c.last++; c.last < e.seq; c.last++ {
		c.say("event %d is missing", c.last)
	}
	var l Leaf
	leaf := tlog.RecordHash([]byte(e.leaf))
	if json.Unmarshal([]byte(e.leaf), &l) != nil || l.Seq != e.seq || e.noun != (noun{l.Kind, l.Ref}) ||
		e.hash != leaf.String() || !e.isErased() && commitment(e.salt, e.change) != l.Change {
		c.say("%s", altered(e, l))
	}
	switch {
	case e.isErased():
		c.erased[e.noun] = append(c.erased[e.noun], altered(e, l))
	case l.Whole:
		delete(c.erased, e.noun)
	}
	c.was()
	c.add(leaf)
}

// isErased reports whether nothing is left of what an event has changed.
func (e entry) isErased() bool { return e.change == "" && e.salt == "" }

func altered(e entry, l Leaf) string {
	return fmt.Sprintf("event %d (%s, %s %s %s) was altered", e.seq, l.At.Format(time.DateOnly), e.noun.kind, e.noun.ref, l.To)
}

// unerased names the events that hold no change although nothing says that it was
// erased.
func (c *checking) unerased() {
	for _, of := range c.erased {
		for _, event := range of {
			c.say("%s", event)
		}
	}
}

// was compares the log as it was here with heads that were signed of it. Of heads that
// it never had, the first is named: every later one would say the same.
func (c *checking) was() {
	for len(c.were) > 0 && c.were[0].N <= c.n {
		if c.were[0].N == c.n && c.were[0].Hash == c.tree().Hash {
			c.were = c.were[1:]
			continue
		}
		c.say("the first %d events are not those that a checkpoint was signed for: the log was written anew", c.were[0].N)
		c.were = nil
	}
}

// short says that the log had more events once.
func (c *checking) short() {
	if len(c.were) > 0 {
		c.say("the log has %d events, and had %d when a checkpoint was signed: the last ones were removed", c.n, c.were[0].N)
	}
}

// A page is some nouns of a kind, in order.
type page struct {
	kind   string
	until  string // where the next page begins
	stored []stored
	keys   map[string][]dars.Key
	said   map[string]map[string]json.RawMessage // what the events of each add up to
}

type stored struct{ ref, state, body string }

// beyond is after every reference.
const beyond = "\U0010FFFF"

// compare holds each stored noun, and all it is found by, against its events, some at
// a time. What is read is added up beside, in order, while more is read.
func (tx *Tx) compare(say func(string, ...any)) (err error) {
	beside, done := make(chan func(), 4), make(chan struct{})
	go func() {
		defer close(done)
		for work := range beside {
			work()
		}
	}()
	kind, err := tx.kindAfter("")
	for kind != "" && err == nil {
		for from := ""; from != beyond && err == nil; {
			var p *page
			if p, err = tx.page(kind, from, beside); err == nil {
				beside <- func() { p.compare(say) }
				from = p.until
			}
		}
		if last := kind; err == nil {
			if kind, err = tx.kindAfter(last); kind <= last {
				kind = "" // what is no text is after every text, and misfiled names it
			}
		}
	}
	close(beside)
	<-done
	return err
}

// misfiled names what is kept so that an act does not find it, or that finds it and not
// its events: as bytes where there should be text, which SQLite takes and holds to be
// different from the text that reads the same; without a kind; or beyond every reference.
func (tx *Tx) misfiled(noText func(column string) string, say func(string, ...any)) error {
	for _, t := range []struct {
		name, what string
		columns    []string
	}{
		{"nouns", "it is kept", []string{"kind", "ref", "state", "body"}},
		{"keys", "keys of it are kept", []string{"kind", "ref", "name", "value"}},
		{"events", "events of it are kept", []string{"kind", "ref", "leaf", "hash", "change", "salt"}},
	} {
		odd := `kind = '' OR ref >= $1`
		for _, column := range t.columns {
			odd += ` OR ` + noText(column)
		}
		err := tx.each(`SELECT DISTINCT kind, ref FROM `+t.name+` WHERE `+odd, []any{beyond}, func(scan func(...any) error) error {
			var n noun
			err := scan(&n.kind, &n.ref)
			say("%s %s: %s where no search finds them", n.kind, n.ref, t.what)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// kindAfter is the next kind of which anything is kept, or "".
func (tx *Tx) kindAfter(kind string) (next string, err error) {
	err = tx.one(`SELECT coalesce(min(kind), '') FROM (SELECT min(kind) AS kind FROM events WHERE kind > $1
		UNION ALL SELECT min(kind) FROM nouns WHERE kind > $1 UNION ALL SELECT min(kind) FROM keys WHERE kind > $1) AS either`, &next, kind)
	return next, err
}

// within is the condition of what belongs to the nouns of a page. It names one kind:
// PostgreSQL reads a whole table for pairs of a kind and a reference.
const within = `kind = $1 AND ref >= $2 AND ref < $3`

// page reads some nouns, and has what their events say added up beside.
func (tx *Tx) page(kind, from string, beside chan<- func()) (*page, error) {
	const some, batch = 2000, 1000
	p := &page{kind: kind, until: beyond, keys: map[string][]dars.Key{}, said: map[string]map[string]json.RawMessage{}}
	err := tx.each(`SELECT ref, state, body FROM nouns WHERE `+within+` ORDER BY ref LIMIT $4`, []any{kind, from, beyond, some + 1}, func(scan func(...any) error) error {
		var n stored
		err := scan(&n.ref, &n.state, &n.body)
		p.stored = append(p.stored, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(p.stored) > some {
		p.until = p.stored[some].ref
		p.stored = p.stored[:some]
	}
	these := []any{kind, from, p.until}
	err = tx.each(`SELECT ref, name, value FROM keys WHERE `+within, these, func(scan func(...any) error) error {
		var ref string
		var k dars.Key
		err := scan(&ref, &k.Name, &k.Value)
		p.keys[ref] = append(p.keys[ref], k)
		return err
	})
	if err != nil {
		return nil, err
	}
	var said []change
	err = tx.each(`SELECT ref, coalesce(change, '') FROM events WHERE `+within+` ORDER BY ref, seq`, these, func(scan func(...any) error) error {
		var c change
		err := scan(&c.ref, &c.text)
		if said = append(said, c); len(said) == batch {
			beside <- p.adding(said)
			said = make([]change, 0, batch)
		}
		return err
	})
	beside <- p.adding(said)
	return p, err
}

// A change is what one event says of a noun.
type change struct{ ref, text string }

func (p *page) adding(said []change) func() {
	return func() {
		for _, c := range said {
			p.add(c.ref, c.text)
		}
	}
}

// add is merge, for one noun's events in order.
func (p *page) add(ref, change string) {
	facts := p.said[ref]
	if facts == nil {
		facts = map[string]json.RawMessage{}
		p.said[ref] = facts
	}
	for name, text := range fields(change) {
		if facts[name] = text; string(text) == "null" {
			delete(facts, name)
		}
	}
}

func (p *page) compare(say func(string, ...any)) {
	wrong := func(ref, format string, args ...any) {
		say("%s %s: "+format, slices.Concat([]any{p.kind, ref}, args)...)
	}
	for _, n := range p.stored {
		facts, ok := p.said[n.ref]
		if !ok || dars.Nouns[p.kind] == nil {
			wrong(n.ref, "stored, but no event made it")
			continue
		}
		text, _ := json.Marshal(facts) // of raw JSON: cannot fail
		empty := dars.Nouns[p.kind]()
		err := json.Unmarshal(text, empty)
		told := empty.Card()
		switch {
		case err != nil:
			wrong(n.ref, "its events do not add up to a %s: %v", p.kind, err)
		case n.state != told.State:
			wrong(n.ref, "stored as %s, its events say %s", n.state, told.State)
		case n.body != string(text):
			wrong(n.ref, "stored with facts that its events do not say")
		case !slices.Equal(distinct(p.keys[n.ref]), distinct(told.Keys)):
			wrong(n.ref, "stored under keys that its events do not give it")
		}
		delete(p.said, n.ref)
		delete(p.keys, n.ref)
	}
	for ref := range p.said {
		wrong(ref, "its events made it, but it is not stored")
	}
	for ref := range p.keys {
		wrong(ref, "has keys, but is not stored")
	}
}

// distinct is keys in order, each once: a noun may say one twice, such as an
// agreement that names an organisation in two parts.
func distinct(keys []dars.Key) []dars.Key {
	return slices.Compact(slices.SortedFunc(slices.Values(keys), dars.Key.Compare))
}
