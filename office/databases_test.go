package office_test

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// databases are the kinds that an office can stand on. PostgreSQL is tried where
// TEST_POSTGRES names a database in which schemas may be made.
var databases = map[string]database{
	"sqlite":   {emptyFile, copyFile},
	"postgres": {emptySchema, copySchema},
}

// A database is made empty, and filled with what another of its kind holds.
type database struct {
	empty  func() (address string, gone func() error, err error) // gone lets it go again
	copied func(from, to string) error
}

// A stage is how far an office has come when a test begins. To come there takes dozens of
// acts: it is done once on each kind of database, and each test has a copy.
type stage struct {
	from  *stage // nil: nothing is there
	deeds func(*house)

	mu   sync.Mutex
	kept map[string]*house // by kind of database
}

// firstDay is an office with its people in, and nothing else done.
var firstDay = &stage{deeds: (*house).settle}

// agreed is an office with a list, and an agreement of RA1 that all have signed.
var agreed = &stage{from: firstDay, deeds: func(h *house) {
	h.contract("RA1", "2029-03-31")
	h.list("2026-03-01", 5)
	h.agreed(h.form())
}}

// leftovers lets the databases of stages go.
var leftovers struct {
	sync.Mutex
	gone []func() error
}

func TestMain(m *testing.M) {
	status := m.Run()
	for _, gone := range leftovers.gone {
		if err := gone(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 1
		}
	}
	os.Exit(status)
}

// each runs a test in an office on each kind of database, beside other tests.
func each(t *testing.T, test func(t *testing.T, h *house)) {
	firstDay.each(t, test)
}

// each runs a test in an office that has come so far.
func (s *stage) each(t *testing.T, test func(t *testing.T, h *house)) {
	for kind := range databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, s.begin(t, kind))
		})
	}
}

// found is an office on its first day.
func found(t *testing.T, kind string) *house {
	t.Helper()
	return firstDay.begin(t, kind)
}

// begin is a copy of an office that has come so far.
func (s *stage) begin(t *testing.T, kind string) *house {
	t.Helper()
	address := bare(t, kind)
	return s.lived(t, kind).copyTo(t, address)
}

// lived is the office that is copied, made for the test that comes first. If that one
// cannot make it, the next one tries.
func (s *stage) lived(t *testing.T, kind string) *house {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.kept[kind]; h != nil {
		return h
	}
	address, gone, err := databases[kind].empty()
	if err != nil {
		t.Fatal(err)
	}
	leftovers.Lock()
	leftovers.gone = append(leftovers.gone, gone)
	leftovers.Unlock()
	var h *house
	if s.from == nil {
		h = opened(t, kind, address)
	} else {
		h = s.from.lived(t, kind).copyTo(t, address)
	}
	s.deeds(h)
	for _, o := range h.both {
		h.must(o.Store.Close()) // now all of it is in the one file
	}
	if s.kept == nil {
		s.kept = map[string]*house{}
	}
	s.kept[kind] = h
	return h
}

// copyTo makes an office that nobody has open once more, in an empty database.
func (h *house) copyTo(t *testing.T, address string) *house {
	t.Helper()
	if err := databases[h.kind].copied(h.at, address); err != nil {
		t.Fatal(err)
	}
	c := opened(t, h.kind, address)
	c.people, c.today, c.forms = maps.Clone(h.people), h.today, h.forms
	c.works.vault, c.works.forms, c.works.mails, c.works.handed = maps.Clone(h.works.vault), maps.Clone(h.works.forms), maps.Clone(h.works.mails), maps.Clone(h.works.handed)
	return c
}

// bare is the address of a database in which nothing is, which goes with the test.
func bare(t *testing.T, kind string) string {
	t.Helper()
	if kind == "postgres" && os.Getenv("TEST_POSTGRES") == "" {
		t.Skip("TEST_POSTGRES is not set")
	}
	address, gone, err := databases[kind].empty()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { gone() })
	return address
}

func emptyFile() (string, func() error, error) {
	dir, err := os.MkdirTemp("", "office")
	return filepath.Join(dir, "test.db"), func() error { return os.RemoveAll(dir) }, err
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}

// server is where schemas are made.
var server = sync.OnceValues(func() (*sql.DB, error) { return sql.Open("pgx", os.Getenv("TEST_POSTGRES")) })

func emptySchema() (string, func() error, error) {
	db, err := server()
	if err != nil {
		return "", nil, err
	}
	u, err := url.Parse(os.Getenv("TEST_POSTGRES"))
	if err != nil {
		return "", nil, err
	}
	name := strings.ToLower("t" + rand.Text())
	if _, err := db.Exec("CREATE SCHEMA " + name); err != nil {
		return "", nil, err
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String(), func() error {
		_, err := db.Exec("DROP SCHEMA " + name + " CASCADE")
		return err
	}, nil
}

// copySchema makes each table of one schema in another, with what is in it and what holds
// it together.
func copySchema(from, to string) error {
	db, err := server()
	if err != nil {
		return err
	}
	_, err = db.Exec(fmt.Sprintf(`DO $$ DECLARE source text := '%s'; target text := '%s'; made record; BEGIN
		FOR made IN SELECT relname AS name FROM pg_class WHERE relnamespace = source::regnamespace AND relkind = 'r' LOOP
			EXECUTE format('CREATE TABLE %%I.%%I (LIKE %%I.%%I INCLUDING ALL)', target, made.name, source, made.name);
			EXECUTE format('INSERT INTO %%I.%%I SELECT * FROM %%I.%%I', target, made.name, source, made.name);
		END LOOP;
		FOR made IN SELECT relname AS name, replace(pg_get_constraintdef(k.oid), source || '.', target || '.') AS held
			FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid WHERE connamespace = source::regnamespace AND contype = 'f' LOOP
			EXECUTE format('ALTER TABLE %%I.%%I ADD %%s', target, made.name, made.held);
		END LOOP;
	END $$`, schemaOf(from), schemaOf(to)))
	return err
}

func schemaOf(address string) string {
	_, name, _ := strings.Cut(address, "search_path=")
	name, _, _ = strings.Cut(name, "&")
	return name
}
