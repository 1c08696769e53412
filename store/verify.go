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

// A page is some nouns in order, from one to another.
type page struct {
	after, until noun
	stored       []stored
	keys         map[noun][]dars.Key
	said         map[noun]map[string]json.RawMessage // what the events of each add up to
}

type stored struct {
	noun
	state, body string
}

// beyond is after every noun.
var beyond = noun{kind: "\U0010FFFF"}

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
	for after := (noun{}); after != beyond && err == nil; {
		var p *page
		if p, err = tx.page(after, beside); err == nil {
			beside <- func() { p.compare(say) }
			after = p.until
		}
	}
	close(beside)
	<-done
	return err
}

// within is the condition of what belongs to the nouns of a page.
const within = `(kind, ref) > ($1, $2) AND (kind, ref) <= ($3, $4)`

// page reads some nouns, and has what their events say added up beside.
func (tx *Tx) page(after noun, beside chan<- func()) (*page, error) {
	const some, batch = 2000, 1000
	p := &page{after: after, until: beyond, keys: map[noun][]dars.Key{}, said: map[noun]map[string]json.RawMessage{}}
	err := tx.each(`SELECT kind, ref, state, body FROM nouns WHERE (kind, ref) > ($1, $2) ORDER BY kind, ref LIMIT $3`, []any{after.kind, after.ref, some}, func(scan func(...any) error) error {
		var n stored
		err := scan(&n.kind, &n.ref, &n.state, &n.body)
		p.stored = append(p.stored, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(p.stored) == some {
		p.until = p.stored[some-1].noun
	}
	between := []any{after.kind, after.ref, p.until.kind, p.until.ref}
	err = tx.each(`SELECT kind, ref, name, value FROM keys WHERE `+within, between, func(scan func(...any) error) error {
		var n noun
		var k dars.Key
		err := scan(&n.kind, &n.ref, &k.Name, &k.Value)
		p.keys[n] = append(p.keys[n], k)
		return err
	})
	if err != nil {
		return nil, err
	}
	var said []change
	err = tx.each(`SELECT kind, ref, coalesce(change, '') FROM events WHERE `+within+` ORDER BY kind, ref, seq`, between, func(scan func(...any) error) error {
		var c change
		err := scan(&c.noun.kind, &c.noun.ref, &c.text)
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
type change struct {
	noun noun
	text string
}

func (p *page) adding(said []change) func() {
	return func() {
		for _, c := range said {
			p.add(c.noun, c.text)
		}
	}
}

// add is merge, for one noun's events in order.
func (p *page) add(n noun, change string) {
	facts := p.said[n]
	if facts == nil {
		facts = map[string]json.RawMessage{}
		p.said[n] = facts
	}
	for name, text := range fields(change) {
		if facts[name] = text; string(text) == "null" {
			delete(facts, name)
		}
	}
}

func (p *page) compare(say func(string, ...any)) {
	for _, n := range p.stored {
		facts, ok := p.said[n.noun]
		if !ok || dars.Nouns[n.kind] == nil {
			say("%s %s: stored, but no event made it", n.kind, n.ref)
			continue
		}
		text, _ := json.Marshal(facts) // of raw JSON: cannot fail
		empty := dars.Nouns[n.kind]()
		err := json.Unmarshal(text, empty)
		told := empty.Card()
		switch {
		case err != nil:
			say("%s %s: its events do not add up to a %s: %v", n.kind, n.ref, n.kind, err)
		case n.state != told.State:
			say("%s %s: stored as %s, its events say %s", n.kind, n.ref, n.state, told.State)
		case n.body != string(text):
			say("%s %s: stored with facts that its events do not say", n.kind, n.ref)
		case !slices.Equal(distinct(p.keys[n.noun]), distinct(told.Keys)):
			say("%s %s: stored under keys that its events do not give it", n.kind, n.ref)
		}
		delete(p.said, n.noun)
		delete(p.keys, n.noun)
	}
	for n := range p.said {
		say("%s %s: its events made it, but it is not stored", n.kind, n.ref)
	}
	for n := range p.keys {
		say("%s %s: has keys, but is not stored", n.kind, n.ref)
	}
}

// distinct is keys in order, each once: a noun may say one twice, such as an
// agreement that names an organisation in two parts.
func distinct(keys []dars.Key) []dars.Key {
	return slices.Compact(slices.SortedFunc(slices.Values(keys), dars.Key.Compare))
}
