package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"darsd/dars"
	"darsd/store"
)

func TestMigrationsRunOnce(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		var wg sync.WaitGroup
		for range 8 { // programs that start together
			wg.Go(func() {
				s, err := store.Open(t.Context(), d.address)
				if err != nil {
					t.Error(err)
					return
				}
				s.Close()
			})
		}
		wg.Wait()
		save(t, d.open(t), &thing{ID: "a"})
		s := d.open(t) // what is there stays there
		if n := len(events(t, s)); n != 1 {
			t.Errorf("%d events after it was opened again", n)
		}
		db, err := sql.Open(d.driver, d.address)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var rows, highest int
		if err := db.QueryRow(`SELECT count(*), max(number) FROM migrations`).Scan(&rows, &highest); err != nil || rows != highest || rows == 0 {
			t.Errorf("%d migrations up to number %d, %v", rows, highest, err)
		}
	})
}

// Nothing has made the file yet, and each finds it in a different half-made state.
func TestProgramsThatStartTogether(t *testing.T) {
	for range 30 {
		d := databases["sqlite"](t)
		var wg sync.WaitGroup
		gate := make(chan struct{})
		for range 8 {
			wg.Go(func() {
				<-gate
				s, err := store.Open(t.Context(), d.address)
				if err != nil {
					t.Error(err)
					return
				}
				s.Close()
			})
		}
		close(gate)
		wg.Wait()
	}
}

func TestANewerDatabaseIsRefused(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		save(t, d.open(t), &thing{ID: "a"})
		d.sql(t, `INSERT INTO migrations (number, name) VALUES (999, '999_of_the_future.sql')`)
		s, err := store.Open(t.Context(), d.address)
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "the database is of a newer darsd (its tables are at 999") {
			t.Errorf("got %v", err)
		}
	})
}

func TestWhereADatabaseCannotBe(t *testing.T) {
	for _, name := range []string{filepath.Join(t.TempDir(), "no", "such", "folder.db"), t.TempDir()} {
		if s, err := store.Open(t.Context(), name); err == nil {
			s.Close()
			t.Errorf("%s was opened", name)
		}
	}
}

// What is committed is on the disk, and nobody else can read it there.
func TestASQLiteFileIsSafe(t *testing.T) {
	for _, name := range []string{"plain.db", "with space.db", "100%.db", "what?.db", "a#b.db", "naïve.db"} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), name)
			s := database{"sqlite3", file}.open(t)
			save(t, s, &thing{ID: "a"})
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode().Perm() != 0o600 {
				t.Errorf("its mode is %v", info.Mode())
			}
			head, err := os.ReadFile(file)
			if err != nil || len(head) < 20 || !bytes.Equal(head[18:20], []byte{2, 2}) {
				t.Errorf("the file is not in WAL mode: %v", err)
			}
			if _, err := os.Stat(file + "-wal"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAnActIsKeptWholeOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		fault := errors.New("the last moment")
		tests := map[string]func(cancel func()) error{
			"it refuses":       func(func()) error { return fault },
			"it is broken off": func(cancel func()) error { cancel(); return nil },
			"it panics":        func(func()) error { panic(fault) },
		}
		for name, end := range tests {
			t.Run(name, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				defer func() { recover() }()
				err := s.Do(ctx, func(tx *store.Tx) error {
					if err := tx.Save(by("P-000001"), "kept", &thing{ID: name, Tags: []string{"t"}}); err != nil {
						return err
					}
					if err := tx.Owe("mail", "x"); err != nil {
						return err
					}
					return end(cancel)
				})
				if err == nil {
					t.Error("it was kept")
				}
			})
		}
		err := s.View(t.Context(), func(tx *store.Tx) error {
			things, err := store.Find[thing](tx)
			owed, e := tx.Outstanding()
			if len(things) != 0 || len(owed) != 0 {
				t.Errorf("%d things and %d pieces of work are left", len(things), len(owed))
			}
			return errors.Join(err, e)
		})
		if err != nil || len(events(t, s)) != 0 {
			t.Errorf("%v, and %d events", err, len(events(t, s)))
		}
		save(t, s, &thing{ID: "the next act does not wait for them"})
		sound(t, s)
	})
}

// Many programs count up one noun. What an act has read stays true until it ends,
// so none counts the same number twice.
func TestActsPassOneAtATime(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		stores := []*store.Store{d.open(t), d.open(t)}
		save(t, stores[0], &dars.Collection{File: "FILE0000001", Person: "P-000001"})
		const acts = 40
		var wg sync.WaitGroup
		for i := range acts {
			wg.Go(func() {
				err := stores[i%2].Do(t.Context(), func(tx *store.Tx) error {
					c, err := store.Get[dars.Collection](tx, "FILE0000001/P-000001")
					if err != nil {
						return err
					}
					c.Size++
					return tx.Save(by("P-000001"), "counted", c)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		err := stores[1].View(t.Context(), func(tx *store.Tx) error {
			c, err := store.Get[dars.Collection](tx, "FILE0000001/P-000001")
			if err == nil && c.Size != acts {
				t.Errorf("%d acts counted to %d", acts, c.Size)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		for i, e := range events(t, stores[0]) {
			if e.Seq != int64(i)+1 {
				t.Errorf("event %d is numbered %d", i+1, e.Seq)
			}
		}
		sound(t, stores[1])
	})
}

// A view sees one moment from its first look on, and neither waits for an act nor
// holds one up.
func TestAViewSeesOneMoment(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		save(t, s, &thing{ID: "a"})
		err := s.View(t.Context(), func(tx *store.Tx) error {
			before, err := store.Find[thing](tx)
			if err != nil {
				return err
			}
			save(t, s, &thing{ID: "b"}) // while the view looks
			after, err := store.Find[thing](tx)
			if len(before) != 1 || len(after) != 1 {
				t.Errorf("it saw %d things, and then %d", len(before), len(after))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = s.Do(t.Context(), func(tx *store.Tx) error {
			if err := tx.Save(by("P-000001"), "kept", &thing{ID: "c"}); err != nil {
				return err
			}
			return s.View(t.Context(), func(view *store.Tx) error { // while an act is under way
				all, err := store.Find[thing](view)
				if len(all) != 2 {
					t.Errorf("it saw %d things", len(all))
				}
				return err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		err = s.View(t.Context(), func(tx *store.Tx) error { return tx.Save(by("P-000001"), "kept", &thing{ID: "d"}) })
		if err == nil {
			t.Error("a view wrote")
		}
	})
}

// In this driver $2 is a name, bound by first appearance. Events is asked with $2
// twice and Find with up to eleven, so that ?1 is not a part of ?11.
func TestArgumentsAreBoundByNumber(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		tags := []string{"1", "2", "3", "4", "5", "6"}
		save(t, s, &thing{ID: "a", State: "x", Tags: tags}, &thing{ID: "b", State: "x", Tags: tags[1:]}, &thing{ID: "c", State: "y", Tags: tags})
		err := s.View(t.Context(), func(tx *store.Tx) error {
			keys := []dars.Key{dars.By("state", "x")}
			for _, tag := range tags {
				keys = append(keys, dars.By("tag", tag))
			}
			all, err := store.Find[thing](tx, keys...)
			if len(all) != 1 || all[0].ID != "a" {
				t.Errorf("found %v", all)
			}
			some, e := tx.Events("thing", "b", 0, 10)
			if len(some) != 1 || some[0].Ref != "b" {
				t.Errorf("the events of b are %v", some)
			}
			return errors.Join(err, e)
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestWatchTellsOfAnotherProgramsWrite(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		here, there := d.open(t), d.open(t)
		ctx, stop := context.WithCancel(t.Context())
		told := make(chan bool, 100)
		ended := make(chan error, 1)
		go func() { ended <- here.Watch(ctx, func() { told <- true }) }()
		<-told // at the beginning, for what may have been missed
		// It may not listen yet when the first is written: then a later one tells.
		deadline := time.After(2 * time.Minute)
		heard := false
		for i := 0; !heard; i++ {
			save(t, there, &thing{ID: fmt.Sprint("t", i)})
			select {
			case <-told:
				heard = true
			case <-time.After(300 * time.Millisecond):
			case <-deadline:
				t.Fatal("nobody told of it")
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
