package store_test

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/store"
)

//go:embed testdata/office-1.sql
var oldOffice string

// An office of the first tables that there ever were is brought up to this program's,
// once, with all that it has.
func TestAnOldOfficeIsUpgraded(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		if d.driver != "sqlite3" {
			d.sql(t, strings.ReplaceAll(oldOffice, " TEXT", ` TEXT COLLATE "C"`))
		} else {
			d.sql(t, oldOffice)
		}
		s := d.open(t)
		if err := s.Refile(t.Context(), dars.Edition, dars.Nouns); err != nil {
			t.Fatal(err)
		}
		if head, err := s.Verify(t.Context()); err != nil || head.N != 3 {
			t.Errorf("%d events: %v", head.N, err)
		}
		err := s.View(t.Context(), func(tx *store.Tx) error {
			found, err := store.Find[dars.Organisation](tx, dars.By("state", "active"))
			owed, e := tx.Outstanding()
			if len(found) != 1 || len(owed) != 1 {
				t.Errorf("%d organisations and %d pieces of work are left", len(found), len(owed))
			}
			return errors.Join(err, e)
		})
		if err != nil {
			t.Fatal(err)
		}
		save(t, s, &thing{ID: "new"})
		before := snapshot(t, s)
		if after := snapshot(t, d.open(t)); after != before {
			t.Error("it was changed again by the next program that opened it")
		}
		db, err := sql.Open(d.driver, d.address)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var n int
		migrations, _ := filepath.Glob("migrations/*.sql")
		if err := db.QueryRowContext(context.Background(), `SELECT count(*) FROM migrations`).Scan(&n); err != nil || n != len(migrations) || n < 4 {
			t.Errorf("%d of %d migrations are noted: %v", n, len(migrations), err)
		}
	})
}
