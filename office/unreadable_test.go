package office_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// A row that somebody has spoilt holds up nothing but its own noun, and is named every
// day, also in what is foreseen.
func TestASpoiltRowHoldsUpNoOther(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := h.first()
		h.must(o.Store.Do(t.Context(), func(tx *store.Tx) error { return crowd(tx, 20, h.today) }))
		var all []*dars.Agreement
		h.must(o.Store.View(t.Context(), func(tx *store.Tx) (err error) {
			all, err = store.Find[dars.Agreement](tx)
			return err
		}))
		spoilt := all[7]
		db, err := sql.Open(map[string]string{"sqlite": "sqlite3", "postgres": "pgx"}[h.kind], h.at)
		h.must(err)
		defer db.Close()
		_, err = db.Exec(fmt.Sprintf(`UPDATE nouns SET body = '{"state":7}' WHERE kind = 'agreement' AND ref = '%s'`, spoilt.ID))
		h.must(err)

		named := func(err error) {
			t.Helper()
			var odd *store.Unreadable
			if !errors.As(err, &odd) || !strings.Contains(err.Error(), string(spoilt.ID)) {
				t.Errorf("it says %v", err)
			}
		}
		h.today = h.today.AddMonths(40)
		h.must(office.Clock{Office: o}.Foresee(t.Context(), h.noon(), func(f *office.Forecast) error {
			foreseen, err := f.Due(t.Context(), h.noon())
			named(err)
			if len(foreseen) == 0 {
				t.Error("nothing is foreseen")
			}
			return nil
		}))
		named(job(office.Clock{Office: o}, func(office.Done) {})(t.Context(), h.noon()))
		h.must(o.Store.View(t.Context(), func(tx *store.Tx) error {
			for _, g := range all {
				state, err := tx.State("agreement", string(g.ID))
				if err != nil || (state == string(dars.InForce)) != (g.ID == spoilt.ID) {
					t.Errorf("%s is %s: %v", g.ID, state, err)
				}
			}
			return nil
		}))
	})
}
