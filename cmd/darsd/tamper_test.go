package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whoever can write to the data directory can alter anything in it. One row, or
// one byte of a list, is enough for log verify to say what was altered.
func TestAnythingAlteredIsNamed(t *testing.T) {
	t.Parallel()
	d := copyOfDemo(t)
	if _, errs, status := d.verified(t); status != done {
		t.Fatalf("before anything is altered: exit status %d: %s", status, errs)
	}
	kinds := d.rows(t, `SELECT DISTINCT kind FROM nouns ORDER BY kind`)
	for _, kind := range []string{"agreement", "application", "arrival", "audit", "certificate", "collection", "contract", "house", "objections list", "organisation", "paper", "person", "receipt", "release", "report"} {
		if !strings.Contains("\n"+strings.Join(kinds, "\n")+"\n", "\n"+kind+"\n") {
			t.Errorf("the demo leaves no %s: the test would not show anything of it", kind)
		}
	}
	type alteration struct{ what, sql, named string }
	var all []alteration
	for _, kind := range kinds {
		ref := d.rows(t, `SELECT min(ref) FROM nouns WHERE kind = '`+kind+`'`)[0]
		where := fmt.Sprintf(` WHERE kind = '%s' AND ref = '%s'`, kind, ref)
		named := kind + " " + ref
		all = append(all,
			alteration{"a fact of a " + kind, `UPDATE nouns SET body = json_set(body, '$.zz', 1)` + where, named},
			alteration{"the state of a " + kind, `UPDATE nouns SET state = state || '-not'` + where, named},
			alteration{"a " + kind + " is gone", `DELETE FROM nouns` + where, named},
			alteration{"a key of a " + kind, `INSERT INTO keys VALUES ('` + kind + `', '` + ref + `', 'org', '8D999')`, named},
		)
	}
	all = append(all,
		alteration{"a release's state", `UPDATE nouns SET state = 'published', body = json_set(body, '$.state', 'published') WHERE kind = 'release' AND ref = 'REL-000001'`, "release REL-000001: stored as published, its events say purged"},
		alteration{"how much was sent", `UPDATE nouns SET body = replace(body, '"sent":[{', '"sent":[{"zz":0,') WHERE kind = 'collection' AND ref LIKE 'FILE0000004/%'`, "collection FILE0000004/"},
		alteration{"that nothing was sent", `DELETE FROM nouns WHERE kind = 'collection' AND ref LIKE 'FILE0000004/%'`, "collection FILE0000004/"},
		alteration{"nor is there a key to it", `DELETE FROM keys WHERE kind = 'collection' AND ref LIKE 'FILE0000004/%'`, "collection FILE0000004/"},
		alteration{"which list was used", `UPDATE nouns SET body = json_set(body, '$.objections.list_sha256', 'ff') WHERE kind = 'release' AND ref = 'REL-000002'`, "release REL-000002"},
		alteration{"a list's hash", `UPDATE nouns SET body = json_set(body, '$.sha256', 'ff') WHERE kind = 'objections list' AND ref = 'OBJ-000001'`, "OBJ-000001"},
		alteration{"a noun that nobody made", `INSERT INTO nouns VALUES ('release', 'REL-000099', 'published', '{}')`, "release REL-000099"},
		alteration{"an agreement found by somebody else", `UPDATE keys SET value = 'P-000018' WHERE kind = 'agreement' AND name = 'recipient' AND value = 'P-000017'`, "agreement DARS-NIC-0000"},
		alteration{"whose act an event was", `UPDATE events SET leaf = json_set(leaf, '$.by', 'P-000001') WHERE seq = 100`, "event 100 "},
		alteration{"when an event was", `UPDATE events SET leaf = json_set(leaf, '$.at', '2016-01-01T00:00:00Z') WHERE seq = 101`, "event 101 "},
		alteration{"an event's hash", `UPDATE events SET hash = (SELECT hash FROM events WHERE seq = 1) WHERE seq = 102`, "event 102 "},
		alteration{"what an event changed", `UPDATE events SET change = json_set(change, '$.zz', 1) WHERE seq = 103`, "event 103 "},
		alteration{"an event's salt", `UPDATE events SET salt = 'pepper' WHERE seq = 104`, "event 104 "},
		alteration{"of what an event was", `UPDATE events SET ref = 'REL-000009' WHERE seq = 105`, "event 105 "},
		alteration{"an event is gone", `DELETE FROM owed WHERE seq = 106; DELETE FROM events WHERE seq = 106`, "event 106 is missing"},
		alteration{"the first event is gone", `DELETE FROM owed WHERE seq = 1; DELETE FROM events WHERE seq = 1`, "event 1 is missing"},
		alteration{"the last event is gone", `DELETE FROM owed WHERE seq = (SELECT max(seq) FROM events); DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)`, "no event made it"},
		alteration{"an erasure that was none", `UPDATE events SET change = NULL, salt = NULL WHERE seq = (SELECT max(seq) FROM events WHERE kind = 'release')`, "release REL-00000"},
	)
	database := d.path("office/darsd.db")
	whole, err := os.ReadFile(database)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		d.alter(t, a.what, a.sql)
		out, errs, status := d.verified(t)
		if status != refused || !strings.Contains(out, a.named) {
			t.Errorf("%s: exit status %d, and nothing says %q:\n%s%s", a.what, status, a.named, out, errs)
		}
		os.Remove(database + "-wal")
		os.Remove(database + "-shm")
		if err := os.WriteFile(database, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for folder, named := range map[string]string{"objections": "objections list OBJ-00000", "papers": "paper PAP-", "received": "paper PAP-"} {
		files, _ := filepath.Glob(d.path("office/vault/" + folder + "/*"))
		if len(files) == 0 {
			t.Fatalf("nothing lies in vault/%s", folder)
		}
		content, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		bad := append([]byte{}, content...)
		bad[len(bad)/2] ^= 1
		for what, now := range map[string][]byte{"one bit of": bad, "the end of": content[:len(content)-1], "nothing left of": nil} {
			if err := os.WriteFile(files[0], now, 0o600); err != nil {
				t.Fatal(err)
			}
			if out, errs, status := d.verified(t); status != refused || !strings.Contains(out, named) {
				t.Errorf("%s a file in vault/%s: exit status %d:\n%s%s", what, folder, status, out, errs)
			}
		}
		if err := os.WriteFile(files[0], content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, errs, status := d.verified(t); status != done {
		t.Errorf("when all is as it was: exit status %d: %s", status, errs)
	}
}

func (d *stage) verified(t *testing.T) (out, errs string, status int) {
	t.Helper()
	return asked(t.Context(), "--data", d.path("office"), "--as", "olive", "log", "verify")
}

func (d *stage) database(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+d.path("office/darsd.db")+"?_busy_timeout=10000")
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func (d *stage) rows(t *testing.T, q string) (all []string) {
	t.Helper()
	db := d.database(t)
	defer db.Close()
	rows, err := db.Query(q)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var cell string
		if err := rows.Scan(&cell); err != nil {
			t.Fatal(err)
		}
		all = append(all, cell)
	}
	return all
}

// alter changes the database behind the program's back.
func (d *stage) alter(t *testing.T, what, q string) {
	t.Helper()
	db := d.database(t)
	defer db.Close()
	r, err := db.Exec(q)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if n, _ := r.RowsAffected(); n == 0 {
		t.Fatalf("%s: nothing is altered", what)
	}
}
