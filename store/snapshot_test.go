package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/store"
)

// snapshot is all that a store holds, as text.
func snapshot(t *testing.T, s *store.Store) string {
	t.Helper()
	var text bytes.Buffer
	err := s.View(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Snapshot(&text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// furnish gives a store a past: nouns that changed, one that was erased, and work.
func furnish(t *testing.T, s *store.Store) {
	t.Helper()
	for n := range 1200 { // more than are read, or written, at once
		save(t, s, &thing{ID: fmt.Sprintf("t%04d", n), State: "new", Tags: []string{"a", "naïve ☑"}, Facts: map[string]any{"said": "<it's> \"so\"\n\x00"}})
	}
	save(t, s, &thing{ID: "t0001", State: "old", Facts: map[string]any{"said": nil}})
	err := s.Do(t.Context(), func(tx *store.Tx) error {
		return errors.Join(tx.Erase(by("P-000001"), "erased", &thing{ID: "t0002", State: "gone"}), tx.Owe("mail", "x"), tx.PutBy("named", "routine", "y"))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// eachWay runs a test from each kind of database to each.
func eachWay(t *testing.T, test func(t *testing.T, from, to database)) {
	for one, from := range databases {
		for other, to := range databases {
			t.Run(one+" to "+other, func(t *testing.T) {
				t.Parallel()
				test(t, from(t), to(t))
			})
		}
	}
}

// refusedFor checks that a database cannot be opened, by which rule.
func (d database) refusedFor(t *testing.T, rule, says string) {
	t.Helper()
	s, err := store.Open(t.Context(), d.address)
	if err == nil {
		s.Close()
	}
	var no *dars.Refusal
	if !errors.As(err, &no) || no.Rule != rule || !strings.Contains(err.Error(), says) {
		t.Errorf("it is opened: %v, want the rule %q and %q", err, rule, says)
	}
}

// The office goes there and back, and nothing is lost on the way: not a byte.
func TestAnOfficeMoves(t *testing.T) {
	eachWay(t, func(t *testing.T, from, to database) {
		s := from.open(t)
		furnish(t, s)
		was := snapshot(t, s)
		held, err := s.MoveTo(t.Context(), to.address)
		if err != nil {
			t.Fatal(err)
		}
		next := to.open(t)
		if is := snapshot(t, next); is != was {
			t.Errorf("of %d bytes %d are there", len(was), len(is))
		}
		if head, err := next.Verify(t.Context()); err != nil || head != held.Tree || head.N == 0 {
			t.Errorf("%v is the head, and %v was told: %v", head, held.Tree, err)
		}
		from.refusedFor(t, "moved", "the office has gone from this database to "+store.Address(to.address))
		// A program that has had it open does not act there either.
		var no *dars.Refusal
		if err := s.Do(t.Context(), func(tx *store.Tx) error { return tx.Owe("mail", "late") }); !errors.As(err, &no) || no.Rule != "moved" {
			t.Errorf("an act in the old place: %v", err)
		}
		save(t, next, &thing{ID: "after"})
		sound(t, next)
		// Said again it is done already, and it stays where it is.
		again, err := store.OpenOfAnyStanding(t.Context(), from.address)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		if _, err := again.MoveTo(t.Context(), to.address); err != nil {
			t.Errorf("said again: %v", err)
		}
		if _, err := again.MoveTo(t.Context(), databases["sqlite"](t).address); !errors.As(err, &no) || no.Rule != "moved" {
			t.Errorf("from where it is no longer: %v", err)
		}
	})
}

func TestAnOfficeMovesToNobodyElses(t *testing.T) {
	eachWay(t, func(t *testing.T, from, to database) {
		s, other := from.open(t), to.open(t)
		furnish(t, s)
		save(t, other, &thing{ID: "theirs"})
		theirs := snapshot(t, other)
		for what, address := range map[string]string{"another office": to.address, "itself": from.address} {
			var no *dars.Refusal
			if _, err := s.MoveTo(t.Context(), address); !errors.As(err, &no) || no.Rule != "not-empty" {
				t.Errorf("onto %s: %v", what, err)
			}
		}
		if snapshot(t, other) != theirs {
			t.Error("the other office is not what it was")
		}
		save(t, s, &thing{ID: "and goes on"})
	})
}

// brokenOff reads up to a byte.
type brokenOff struct {
	io.Reader
	why error
}

func (b brokenOff) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		err = b.why
	}
	return n, err
}

// What is filled is refused until it is whole and let go; whoever fills it again begins
// anew.
func TestAHalfFilledDatabaseIsRefused(t *testing.T) {
	from := databases["sqlite"](t).open(t)
	furnish(t, from)
	whole := snapshot(t, from)
	each(t, func(t *testing.T, d database) {
		for what, text := range map[string]string{
			"it ends early":     whole[:len(whole)/2],
			"its end is gone":   whole[:strings.LastIndex(whole[:len(whole)-1], "\n")+1],
			"an event is gone":  strings.Replace(whole, line(whole, `[3,"thing"`), "", 1),
			"an event is other": strings.Replace(whole, `\"act\":\"kept\"`, `\"act\":\"lept\"`, 1),
			"it is of a newer":  strings.Replace(whole, `"schema":`, `"schema":99`, 1),
			"it is none":        "{}",
		} {
			if text == whole {
				t.Fatalf("%s: nothing was changed", what)
			}
			if s, _, err := store.Fill(t.Context(), d.address, strings.NewReader(text), nil); err == nil {
				s.Close()
				t.Errorf("%s, and it was filled", what)
			}
			d.refusedFor(t, "unfinished", "not filled to its end")
		}
		fault := errors.New("the line is down")
		if _, _, err := store.Fill(t.Context(), d.address, brokenOff{strings.NewReader(whole[:5000]), fault}, nil); !errors.Is(err, fault) {
			t.Errorf("broken off: %v", err)
		}
		s, held, err := store.Fill(t.Context(), d.address, strings.NewReader(whole), func(tx *store.Tx) error {
			_, err := tx.Hold("routine", "mail", "held")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		d.refusedFor(t, "unfinished", "not filled to its end") // nobody has let it go
		if err := s.LetGo(t.Context()); err != nil {
			t.Fatal(err)
		}
		open := d.open(t)
		if head, err := open.Verify(t.Context()); err != nil || head != held.Tree {
			t.Errorf("%v, want %v: %v", head, held.Tree, err)
		}
		err = open.View(t.Context(), func(tx *store.Tx) error {
			owed, err := tx.Owing(false, "mail")
			if len(owed) != 2 {
				t.Errorf("%d letters are owed", len(owed))
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		if _, _, err := store.Fill(t.Context(), d.address, strings.NewReader(whole), nil); err == nil {
			t.Error("an office was filled once more")
		}
	})
}

// line is the whole line of a text that begins so.
func line(text, begins string) string {
	_, rest, _ := strings.Cut(text, "\n"+begins)
	rest, _, _ = strings.Cut(rest, "\n")
	return begins + rest + "\n"
}

// Whoever is cut off between the steps of a move says it again, and it is brought to its
// end.
func TestAMoveThatWasCutOff(t *testing.T) {
	eachWay(t, func(t *testing.T, from, to database) {
		s := from.open(t)
		furnish(t, s)
		was := snapshot(t, s)
		// Before this one was marked: the copy is whole, and was not let go.
		copied, _, err := store.Fill(t.Context(), to.address, strings.NewReader(was), nil)
		if err != nil {
			t.Fatal(err)
		}
		copied.Close()
		save(t, s, &thing{ID: "the office goes on meanwhile"})
		was = snapshot(t, s)
		if _, err := s.MoveTo(t.Context(), to.address); err != nil {
			t.Fatal(err)
		}
		if is := snapshot(t, to.open(t)); is != was {
			t.Errorf("of %d bytes %d are there", len(was), len(is))
		}
		// After it: neither is the office's until it is said again.
		to.sql(t, `INSERT INTO standing (word, note) VALUES ('filled', '')`)
		to.refusedFor(t, "unfinished", "as before")
		from.refusedFor(t, "moved", "")
		again, err := store.OpenOfAnyStanding(t.Context(), from.address)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		if _, err := again.MoveTo(t.Context(), to.address); err != nil {
			t.Fatal(err)
		}
		sound(t, to.open(t))
		// What stands there is something else by now.
		to.sql(t, `UPDATE events SET hash = (SELECT hash FROM events WHERE seq = 1) WHERE seq = 2`)
		if _, err := again.MoveTo(t.Context(), to.address); err == nil {
			t.Error("another log was let go")
		}
	})
}

func TestAnAddressTellsNoPassword(t *testing.T) {
	for name, want := range map[string]string{
		"darsd.db": "darsd.db",
		"postgres://darsd:secret@db.example:5432/office?sslmode=require":        "postgres://darsd@db.example:5432/office?sslmode=require",
		"postgres://db.example/office?password=secret&search_path=office":       "postgres://db.example/office?search_path=office",
		"postgres://darsd:sec%ret@db.example:5432/office?sslmode=require":       "postgres://…",
		"postgres://darsd@db.example:5432/office?sslmode=require&search_path=x": "postgres://darsd@db.example:5432/office?search_path=x&sslmode=require",
	} {
		if got := store.Address(name); got != want {
			t.Errorf("%s is told as %s, want %s", name, got, want)
		}
	}
}

// A snapshot is of one moment, and holds up no act.
func TestASnapshotIsOfOneMoment(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		furnish(t, s)
		var held store.Snapshot
		err := s.View(t.Context(), func(tx *store.Tx) (err error) {
			before, err := tx.Head()
			if err != nil {
				return err
			}
			held, err = tx.Snapshot(meanwhile{io.Discard, func() { save(t, s, &thing{ID: fmt.Sprint("during", events(t, s)[0].Seq)}) }})
			if held.Tree.N != before {
				t.Errorf("it has %d events, and there were %d", held.Tree.N, before)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if head, err := s.Verify(t.Context(), held.Tree); err != nil || head.N == held.Tree.N {
			t.Errorf("%d events, and %d were in the snapshot: %v", head.N, held.Tree.N, err)
		}
	})
}

// meanwhile does something at each write.
type meanwhile struct {
	io.Writer
	do func()
}

func (m meanwhile) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte(`{"table"`)) {
		m.do()
	}
	return m.Writer.Write(p)
}
