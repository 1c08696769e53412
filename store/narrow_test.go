package store_test

import (
	"errors"
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

// What is named is found, once, of the state and keys that are asked for.
func TestNamedBy(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		save(t, s, &thing{ID: "a", State: "new", Tags: []string{"b", "c"}}, &thing{ID: "b", State: "new", Tags: []string{"red", "c"}}, &thing{ID: "c", State: "old"}, &thing{ID: "d", State: "new", Tags: []string{"red"}})
		err := s.View(t.Context(), func(tx *store.Tx) error {
			for want, keys := range map[string][]dars.Key{"bc": nil, "b": {dars.By("state", "new")}, "c": {dars.By("state", "old")}, "": {dars.By("tag", "b")}} {
				all, err := store.NamedBy[thing](tx, "thing", "tag", keys...)
				if got := ids(all); got != want || err != nil {
					t.Errorf("of %v things name %q, want %q, %v", keys, got, want, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
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

// The newest are those of the highest references, in order, of what is asked for.
func TestNewest(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		save(t, s, &thing{ID: "a", Tags: []string{"red"}}, &thing{ID: "b", Tags: []string{"red"}}, &thing{ID: "c"}, &thing{ID: "d", Tags: []string{"red"}})
		err := s.View(t.Context(), func(tx *store.Tx) error {
			for want, asked := range map[string]struct {
				most int
				keys []dars.Key
			}{"cd": {2, nil}, "abcd": {9, nil}, "bd": {2, []dars.Key{dars.By("tag", "red")}}, "": {0, nil}} {
				all, err := store.Newest[thing](tx, asked.most, asked.keys...)
				if got := ids(all); got != want || err != nil {
					t.Errorf("the newest %d of %v are %q, want %q, %v", asked.most, asked.keys, got, want, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// What is read one by one is what is found, and an error ends it.
func TestEach(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		save(t, s, &thing{ID: "a", Tags: []string{"red"}}, &thing{ID: "b"}, &thing{ID: "c", Tags: []string{"red"}})
		look := func(s *store.Store) (got string, err error) {
			stop := errors.New("enough")
			err = s.View(t.Context(), func(tx *store.Tx) error {
				if err := store.Each(tx, func(n *thing) error { got += n.ID; return nil }, dars.By("tag", "red")); err != nil {
					return err
				}
				err := store.Each(tx, func(n *thing) error { got += n.ID; return stop })
				if !errors.Is(err, stop) {
					t.Errorf("it ended with %v", err)
				}
				return nil
			})
			return got, err
		}
		real, err := look(s)
		if real != "aca" || err != nil {
			t.Errorf("it read %q, %v", real, err)
		}
		err = s.Imagine(t.Context(), func(im *store.Store) error {
			imagined, err := look(im)
			if imagined != real {
				t.Errorf("of what is imagined it read %q", imagined)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
