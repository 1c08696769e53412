package store_test

import (
	"strings"
	"testing"

	"darsd/dars"
)

// A program that files nouns by more than the one before it finds them, and the log
// holds; the one before it is refused from then on.
func TestRefile(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		save(t, s, &thing{ID: "T-1", Tags: []string{"red", "round"}})
		nouns := map[string]func() dars.Noun{"thing": func() dars.Noun { return new(thing) }}
		for range 2 { // and again is nothing
			if err := s.Refile(t.Context(), 2, nouns); err != nil {
				t.Fatal(err)
			}
		}
		d.sql(t, `DELETE FROM keys`) // as if the earlier program had filed it by nothing
		if _, err := s.Verify(t.Context()); err == nil {
			t.Error("nobody misses the keys")
		}
		if err := s.Refile(t.Context(), 2, nouns); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Verify(t.Context()); err == nil {
			t.Error("it was filed anew for the same edition")
		}
		if err := s.Refile(t.Context(), 3, nouns); err != nil {
			t.Fatal(err)
		}
		sound(t, s)
		if err := s.Refile(t.Context(), 2, nouns); err == nil || !strings.Contains(err.Error(), "newer darsd") {
			t.Errorf("an earlier program: %v", err)
		}
	})
}
