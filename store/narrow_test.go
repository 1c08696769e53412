package store_test

import (
	"testing"

	"darsd/dars"
	"darsd/store"
)

func ids(all []*thing) (got string) {
	for _, n := range all {
		got += n.ID
	}
	return got
}

// What lies between two values of a key is found by that key, both ends included.
func TestBetween(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		save(t, s, &thing{ID: "a", Tags: []string{"2026-03-31"}}, &thing{ID: "b", Tags: []string{"2026-01-01"}}, &thing{ID: "c", Tags: []string{"2026-04-01"}}, &thing{ID: "d"})
		for span, want := range map[[2]string]string{{"2026-01-01", "2026-03-31"}: "ba", {"2026-01-02", "2026-12-31"}: "ac", {"", "2025-12-31"}: "", {"2026-05-01", "2026-01-01"}: ""} {
			err := s.View(t.Context(), func(tx *store.Tx) error {
				all, err := store.Between[thing](tx, "tag", span[0], span[1])
				if got := ids(all); got != want {
					t.Errorf("between %v is %q, want %q", span, got, want)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
	})
}

// What nothing names is found, of the state and keys that are asked for.
func TestLacking(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		save(t, s, &thing{ID: "a", State: "new", Tags: []string{"red"}}, &thing{ID: "b", State: "new", Tags: []string{"red", "a"}}, &thing{ID: "c", State: "old", Tags: []string{"red"}}, &thing{ID: "d", State: "new"})
		err := s.View(t.Context(), func(tx *store.Tx) error {
			for want, keys := range map[string][]dars.Key{"bcd": nil, "bd": {dars.By("state", "new")}, "b": {dars.By("tag", "red"), dars.By("state", "new")}} {
				all, err := store.Lacking[thing](tx, "thing", "tag", keys...)
				if got := ids(all); got != want || err != nil {
					t.Errorf("of %v nothing names %q, want %q, %v", keys, got, want, err)
				}
			}
			all, err := store.Lacking[thing](tx, "organisation", "tag")
			if got := ids(all); got != "abcd" {
				t.Errorf("no organisation names a thing, and the rest is %q", got)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
