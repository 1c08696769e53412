package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"darsd/dars"
	"darsd/store"
)

// nora is a person whom others write about.
func nora() *dars.Person {
	return &dars.Person{ID: "P-000005", Org: "RA1", Login: "nora", Name: "Dr Nora Field", Email: "nora@ra1.example", Roles: []dars.Role{dars.Collector}}
}

var herWords = store.Words{Facts: []string{"Dr Nora Field", "nora@ra1.example"}, Login: "nora", By: "P-000005"}

// erased is a log in which she was entered, changed, written about and erased.
func erased(t *testing.T, s *store.Store) {
	t.Helper()
	save(t, s, nora())
	her := nora()
	her.Email = "dr.nora@ra1.example"
	save(t, s, her)
	her.Email = "nora@ra1.example"
	save(t, s, her)
	save(t, s, &dars.Enquiry{ID: "ENQ-000001", Who: "DR NORA FIELD", Text: "Ask Dr Nora Field, or Dr Nora Fielding.", Answers: []dars.Reply{}})
	save(t, s, &dars.Organisation{Code: "RA1", Name: "Trust", State: dars.OrgActive})
	act := dars.Act{Who: "P-000001", At: noon, Via: dars.SSH, Why: "she has asked for it"}
	err := s.Do(t.Context(), func(tx *store.Tx) error {
		if err := tx.Owe("mail", map[string]string{"body": "User\nnora\nDear Dr Nora\n> Field", "other": "norad"}); err != nil {
			return err
		}
		her.Left = "2026-03-01"
		if err := her.Erase(act, "2026-03-02"); err != nil {
			return err
		}
		if err := tx.Erase(act, "erase", her); err != nil {
			return err
		}
		named, err := tx.Naming(0, herWords)
		if err != nil || len(named) != 1 || named[0].Ref != "ENQ-000001" {
			return fmt.Errorf("her name stands in %v: %v", named, err)
		}
		n, err := tx.GetAny(named[0].Kind, named[0].Ref)
		if err != nil {
			return err
		}
		left, err := herWords.Without(n)
		if err != nil {
			return err
		}
		if err := tx.Erase(act, "erase", left); err != nil {
			return err
		}
		return tx.StrikeOwed(herWords, false)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What is erased is nowhere in the database, nor in its files; the log is sound, goes on,
// and what it was signed to be before it still is.
func TestErasedWordsAreNowhere(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		save(t, s, &dars.Organisation{Code: "RA0", Name: "Trust", State: dars.OrgActive})
		before, err := s.Verify(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		erased(t, s)
		if err := s.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Verify(t.Context(), before); err != nil {
			t.Error(err)
		}
		for _, q := range []string{`SELECT count(*) FROM events WHERE lower(change || leaf) LIKE '%dr nora field"%' OR change LIKE '%nora@%' OR change LIKE '%"nora"%'`,
			`SELECT count(*) FROM nouns WHERE body LIKE '%nora@%' OR body LIKE '%"nora"%'`, `SELECT count(*) FROM keys WHERE kind = 'person' AND lower(value) LIKE '%nora%'`, `SELECT count(*) FROM owed WHERE lower(replace(body, 'norad', '')) LIKE '%nora%'`} {
			if n := d.count(t, q); n != 0 {
				t.Errorf("%d rows: %s", n, q)
			}
		}
		if n := d.count(t, `SELECT count(*) FROM owed WHERE body LIKE '%norad%'`); n != 1 {
			t.Error("another word was taken away")
		}
		s.View(t.Context(), func(tx *store.Tx) error {
			e, err := store.Get[dars.Enquiry](tx, "ENQ-000001")
			if err != nil || e.Who != "P-000005" || e.Text != "Ask P-000005, or Dr Nora Fielding." {
				t.Errorf("of an enquiry %+v is left, %v", e, err)
			}
			p, err := store.Get[dars.Person](tx, "P-000005")
			if err != nil || p.Name != "P-000005" || p.Erased != "2026-03-02" {
				t.Errorf("of her %+v is left, %v", p, err)
			}
			return nil
		})
		if d.driver != "sqlite3" {
			return
		}
		files, err := filepath.Glob(d.address + "*")
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, name := range files {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{"dr nora field\"", "nora@ra1", "nora\\ndear"} {
				if strings.Contains(strings.ToLower(string(content)), word) {
					t.Errorf("%q stands in %s", word, filepath.Base(name))
				}
			}
		}
		save(t, s, &dars.Organisation{Code: "RA2", Name: "Trust", State: dars.OrgActive})
		sound(t, s)
	})
}

// As of a day before she was erased she is a number as well, and nobody else is missing.
func TestAsOfBeforeAnErasure(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		save(t, s, &dars.Person{ID: "P-000004", Login: "ron"})
		erased(t, s)
		err := s.View(context.Background(), func(tx *store.Tx) error {
			all, err := store.AsOf[dars.Person](tx, 3)
			if err != nil || len(all) != 2 || all[0].Login != "ron" || all[1].ID != "P-000005" || all[1].Name != "P-000005" {
				t.Errorf("%+v, %v", all, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// Only an erasure accounts for changes that are gone, and only for those before it.
func TestAnErasureThatWasNone(t *testing.T) {
	tests := map[string]struct{ alter, want string }{
		"of somebody else's noun":   {`UPDATE events SET change = NULL, salt = NULL WHERE kind = 'organisation'`, "organisation RA1 active) was altered"},
		"the erasure's own change":  {`UPDATE events SET change = NULL, salt = NULL WHERE seq = (SELECT max(seq) FROM events WHERE kind = 'person')`, "person P-000005"},
		"the erasure is no erasure": {`UPDATE events SET leaf = replace(leaf, ',"whole":true', '') WHERE kind = 'person'`, "person P-000005"},
		"half an erasure":           {`UPDATE events SET salt = 'x' WHERE seq = 2`, "event 2 "},
		"something in its place":    {`UPDATE events SET change = '{}' WHERE seq = 2`, "event 2 "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, d database) {
				s := d.open(t)
				erased(t, s)
				sound(t, s)
				d.sql(t, tt.alter)
				if _, err := s.Verify(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("it is not named: %v", err)
				}
			})
		})
	}
}

// Two erase and others save at once, and what is left is what one of them has left.
func TestErasuresAtOnce(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		save(t, s, nora())
		done := make(chan error, 8)
		for i := range cap(done) {
			go func() {
				done <- s.Do(context.Background(), func(tx *store.Tx) error {
					p, err := store.Get[dars.Person](tx, "P-000005")
					if err != nil {
						return err
					}
					p.Left = dars.Day(time.Date(2026, 3, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
					if i%2 == 0 {
						return tx.Erase(dars.Act{Who: "P-000001", At: noon}, "erase", p)
					}
					return tx.Save(dars.Act{Who: "P-000001", At: noon}, "left", p)
				})
			}()
		}
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		sound(t, s)
	})
}

func (d database) count(t *testing.T, query string) (n int) {
	t.Helper()
	db, err := sql.Open(d.driver, d.address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}
