package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"darsd/dars"
	"darsd/store"
)

// What is stored now says nothing of what was: the events do.
func TestAsOf(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		day := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		for i, n := range []*thing{{ID: "a", State: "new"}, {ID: "b", State: "new"}, {ID: "a", State: "old"}, {ID: "a", State: "old", Tags: []string{"red"}}} {
			err := s.Do(t.Context(), func(tx *store.Tx) error {
				return tx.Save(dars.Act{Who: "P-000001", At: day.AddDate(0, 0, i)}, "kept", n)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		tests := map[string]struct {
			before time.Time
			seq    int64
			things string
			moves  string
		}{
			"before anything":  {day, 0, "", ""},
			"after the first":  {day.Add(time.Hour), 1, "a new []", "a new,"},
			"after the second": {day.AddDate(0, 0, 2), 2, "a new []b new []", "a new,b new,"},
			"after a change":   {day.AddDate(0, 0, 3), 3, "a old []b new []", "a new,b new,a old,"},
			"what is no move":  {day.AddDate(1, 0, 0), 4, "a old [red]b new []", "a new,b new,a old,"},
		}
		for name, tt := range tests {
			t.Run(name, func(t *testing.T) {
				var things, moves string
				var seq int64
				err := s.View(context.Background(), func(tx *store.Tx) (err error) {
					if seq, err = tx.Before(tt.before); err != nil {
						return err
					}
					all, err := store.AsOf[thing](tx, seq)
					for _, n := range all {
						things += fmt.Sprint(n.ID, " ", n.State, " ", n.Tags)
					}
					if err != nil {
						return err
					}
					return tx.Moves(seq, func(l store.Leaf) error { moves += l.Ref + " " + l.To + ","; return nil }, "thing", "another")
				})
				if err != nil || seq != tt.seq || things != tt.things || moves != tt.moves {
					t.Errorf("event %d, %q, moved %q, %v", seq, things, moves, err)
				}
			})
		}
	})
}
