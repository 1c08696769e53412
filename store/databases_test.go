package store_test

import (
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"darsd/dars"
	"darsd/store"
)

var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

func by(who dars.PersonID) dars.Act { return dars.Act{Who: who, At: noon, Via: dars.SSH} }

// A database is one that tests may do with as they like.
type database struct{ driver, address string }

// databases make one of each kind that a store can stand on. PostgreSQL is tried
// where TEST_POSTGRES names a database in which schemas may be made.
var databases = map[string]func(*testing.T) database{
	"sqlite": func(t *testing.T) database { return database{"sqlite3", filepath.Join(t.TempDir(), "test.db")} },
	"postgres": func(t *testing.T) database {
		address := os.Getenv("TEST_POSTGRES")
		if address == "" {
			t.Skip("TEST_POSTGRES is not set")
		}
		name := strings.ToLower("t" + rand.Text())
		db, err := sql.Open("pgx", address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("CREATE SCHEMA " + name); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Exec("DROP SCHEMA " + name + " CASCADE"); db.Close() })
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set("search_path", name)
		u.RawQuery = q.Encode()
		return database{"pgx", u.String()}
	},
}

// each runs a test on each kind of database, beside other tests.
func each(t *testing.T, test func(t *testing.T, d database)) {
	for kind, make := range databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, make(t))
		})
	}
}

// open is one program that has the database open.
func (d database) open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), d.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// sql does something to the database that no program of ours would do.
func (d database) sql(t *testing.T, statement string) {
	t.Helper()
	db, err := sql.Open(d.driver, d.address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// A thing is a noun of any facts at all. It is found by its tags.
type thing struct {
	ID    string
	State string
	Tags  []string
	Facts map[string]any
}

func init() { dars.Nouns["thing"] = func() dars.Noun { return new(thing) } }

func (n *thing) Card() dars.Card {
	c := dars.Card{Kind: "thing", Ref: n.ID, State: n.State}
	for _, tag := range n.Tags {
		c.Keys = append(c.Keys, dars.By("tag", tag))
	}
	return c
}

func (n *thing) MarshalJSON() ([]byte, error) {
	all := map[string]any{"id": n.ID, "state": n.State, "tags": n.Tags}
	for name, fact := range n.Facts {
		all["fact "+name] = fact
	}
	return json.Marshal(all)
}

func (n *thing) UnmarshalJSON(text []byte) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	*n = thing{Facts: map[string]any{}}
	for name, to := range map[string]any{"id": &n.ID, "state": &n.State, "tags": &n.Tags} {
		if part := all[name]; part != nil {
			if err := json.Unmarshal(part, to); err != nil {
				return err
			}
		}
	}
	for name, fact := range all {
		if name, ok := strings.CutPrefix(name, "fact "); ok {
			n.Facts[name] = fact
		}
	}
	return nil
}

// save keeps nouns in one act of somebody.
func save(t *testing.T, s *store.Store, nouns ...dars.Noun) {
	t.Helper()
	err := s.Do(t.Context(), func(tx *store.Tx) error {
		for _, n := range nouns {
			if err := tx.Save(by("P-000001"), "kept", n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// events are all events there are.
func events(t *testing.T, s *store.Store) (all []store.Event) {
	t.Helper()
	err := s.View(t.Context(), func(tx *store.Tx) (err error) {
		all, err = tx.Events("", "", 0, 1<<30)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// sound checks that the log and what is stored are one.
func sound(t *testing.T, s *store.Store) {
	t.Helper()
	if head, err := s.Verify(t.Context()); err != nil {
		t.Errorf("after %d events: %v", head.N, err)
	}
}
