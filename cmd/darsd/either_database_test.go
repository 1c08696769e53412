package main

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"golang.org/x/mod/sumdb/tlog"

	"darsd/store"
)

// emptyPostgres is the address of a schema in which nothing is, of the server that
// TEST_POSTGRES names.
func emptyPostgres(t *testing.T) string {
	t.Helper()
	address := os.Getenv("TEST_POSTGRES")
	if address == "" {
		t.Skip("TEST_POSTGRES is not set")
	}
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.ToLower("office" + rand.Text())
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
	return u.String()
}

// settle writes another database into the configuration, as store copy says.
func (d *stage) settle(t *testing.T, database string) {
	t.Helper()
	text := string(d.readIn(t, "office/darsd.yaml"))
	d.write(t, "office/darsd.yaml", []byte(withDatabase(text, database)))
}

// head is the head of the log of an office, which is as it says.
func (d *stage) headOf(t *testing.T, office string) string {
	t.Helper()
	out, errs, status := asked(t.Context(), "--data", d.path(office), "log", "verify")
	if status != done {
		t.Fatalf("log verify of %s: %s", office, errs)
	}
	_, head, _ := strings.Cut(out, "head of the tree: ")
	head, _, _ = strings.Cut(head, "\n")
	return head
}

// headAt is the head that the log of an office had after an event. All of it is as it
// says now.
func (d *stage) headAt(t *testing.T, office string, event int64) string {
	t.Helper()
	d.headOf(t, office)
	h, err := open(t.Context(), d.path(office), "", d.env.stderr)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	var was tlog.Tree
	err = h.Store.View(t.Context(), func(tx *store.Tx) (err error) {
		was, err = tx.TreeAt(event)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return was.Hash.String()
}

// backupOf is what a backup of this office says of itself.
func (d *stage) backupOf(t *testing.T, name string) *manifest {
	t.Helper()
	m, err := readManifest(d.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// An office goes from SQLite to PostgreSQL; there a backup is made, which becomes an
// office on either; and it goes back. The log is the same everywhere.
func TestAnOfficeOnEitherDatabase(t *testing.T) {
	t.Parallel()
	server, other := emptyPostgres(t), emptyPostgres(t)
	d := begin(t, "published")
	was := d.headOf(t, "office")
	d.ask(t, "store", "copy", "--to", server)
	d.settle(t, server)
	if is := d.headOf(t, "office"); is != was {
		t.Errorf("on PostgreSQL the head is %s, and was %s", is, was)
	}
	said := d.ask(t, "backup", "--to", d.path("backup"))
	if !strings.Contains(said, was) || !strings.Contains(said, "the address of the database") {
		t.Errorf("the backup says: %s", said)
	}
	d.ask(t, "backup", "keys", "--to", d.path("keys"))
	if text := d.readIn(t, "backup/files/darsd.yaml"); strings.Contains(string(text), "postgres") {
		t.Errorf("the address of the server is in the backup: %s", text)
	}
	for office, database := range map[string]string{"on-sqlite": "", "on-postgres": other} {
		args := []string{"--data", d.path(office), "restore", "--from", d.path("backup"), "--keys", d.path("keys")}
		if database != "" {
			args = append(args, "--database", database)
		}
		if _, errs, status := asked(t.Context(), args...); status != done {
			t.Fatalf("restore %s: %s", office, errs)
		}
		if is := d.headAt(t, office, d.backupOf(t, "backup").Events); is != was {
			t.Errorf("%s the head is %s, and was %s", office, is, was)
		}
		if _, errs, status := asked(t.Context(), "--data", d.path(office), "--as", "olive", "scrub"); status != done {
			t.Errorf("%s: scrub: %s", office, errs)
		}
	}
	// Nobody's database is written over.
	_, errs, status := asked(t.Context(), "--data", d.path("again"), "restore", "--from", d.path("backup"), "--database", server)
	if status != refused || !strings.Contains(errs, "there is an office in postgres://") {
		t.Errorf("onto the office's own database: %d: %s", status, errs)
	}
	if _, err := os.Lstat(d.path("again")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was refused has left %v", err)
	}
	d.ask(t, "store", "copy", "--to", filepath.Join(d.path("office"), "back.db"))
	if _, errs, status := asked(t.Context(), "--data", d.path("office"), "log", "verify"); status != refused || !strings.Contains(errs, "the office has gone from this database to") {
		t.Errorf("where it has gone from: %d: %s", status, errs)
	}
	d.settle(t, "back.db")
	if is := d.headOf(t, "office"); is != was {
		t.Errorf("back on SQLite the head is %s, and was %s", is, was)
	}
}

// A release that was purged stays so, though its key is brought back with older keys.
func TestPurgedStaysPurged(t *testing.T) {
	t.Parallel()
	d := begin(t, "published")
	d.ask(t, "backup", "keys", "--to", d.path("keys"))
	d.ask(t, "run-due", "--until", "2016-04-30T12:00")
	d.ask(t, "backup", "--to", d.path("backup"))
	if _, err := os.Stat(d.path("keys/releases/REL-000001.key")); err != nil {
		t.Fatalf("the older keys do not have it: %v", err)
	}
	if _, errs, status := asked(t.Context(), "--data", d.path("again"), "restore", "--from", d.path("backup"), "--keys", d.path("keys")); status != done {
		t.Fatal(errs)
	}
	if _, err := os.Stat(d.path("again/keys/releases/REL-000001.key")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the key of a purged release is back: %v", err)
	}
	d.headOf(t, "again")
	if _, errs, status := asked(t.Context(), "--data", d.path("again"), "--as", "olive", "scrub"); status != done {
		t.Errorf("scrub: %s", errs)
	}
}
