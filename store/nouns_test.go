package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"darsd/dars"
	"darsd/store"
)

func TestFind(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		save(t, s, &thing{ID: "c", State: "new", Tags: []string{"red", "round"}}, &thing{ID: "a", State: "new", Tags: []string{"red"}}, &thing{ID: "b", State: "old", Tags: []string{"red", "round"}},
			&dars.Organisation{Code: "RA1", State: dars.OrgActive})
		tests := map[string]struct {
			keys []dars.Key
			want string
		}{
			"all, in order of reference": {nil, "abc"},
			"by a key":                   {[]dars.Key{dars.By("tag", "red")}, "abc"},
			"by one of a noun's values":  {[]dars.Key{dars.By("tag", "round")}, "bc"},
			"by two":                     {[]dars.Key{dars.By("tag", "red"), dars.By("tag", "round")}, "bc"},
			"by state":                   {[]dars.Key{dars.By("state", "new")}, "ac"},
			"by state and key":           {[]dars.Key{dars.By("tag", "round"), dars.By("state", "new")}, "c"},
			"by what none has":           {[]dars.Key{dars.By("tag", "blue")}, ""},
			"by a key of another name":   {[]dars.Key{dars.By("colour", "red")}, ""},
			"by what looks like a query": {[]dars.Key{dars.By("tag", "' OR '1'='1")}, ""},
		}
		for name, tt := range tests {
			t.Run(name, func(t *testing.T) {
				got := ""
				err := s.View(t.Context(), func(tx *store.Tx) error {
					all, err := store.Find[thing](tx, tt.keys...)
					for _, n := range all {
						got += n.ID
					}
					return err
				})
				if got != tt.want || err != nil {
					t.Errorf("found %q, want %q, %v", got, tt.want, err)
				}
			})
		}
		err := s.View(t.Context(), func(tx *store.Tx) error { _, err := store.Get[thing](tx, "RA1"); return err })
		var no *dars.Refusal
		if !errors.As(err, &no) || no.Rule != "not-found" || no.Sentence != "there is no thing RA1" {
			t.Errorf("a noun of another kind: %v", err)
		}
	})
}

// What a noun is no longer found by, it is not found by.
func TestKeysFollowTheNoun(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		save(t, s, &thing{ID: "a", Tags: []string{"red", "round"}})
		save(t, s, &thing{ID: "a", Tags: []string{"round", "blue"}})
		for tag, want := range map[string]int{"red": 0, "round": 1, "blue": 1} {
			err := s.View(t.Context(), func(tx *store.Tx) error {
				all, err := store.Find[thing](tx, dars.By("tag", tag))
				if len(all) != want {
					t.Errorf("%d are %s, want %d", len(all), tag, want)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
		sound(t, s)
	})
}

// An agreement may have one organisation in two parts: its key stands once.
func TestAKeyThatStandsTwiceIsOne(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		save(t, s, &thing{ID: "a", Tags: []string{"red", "red"}})
		save(t, s, &thing{ID: "a", State: "changed", Tags: []string{"red", "round", "red"}})
		sound(t, s)
	})
}

func TestWhatDidNotChangeLeavesNoEvent(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		n := &thing{ID: "a", State: "new", Facts: map[string]any{"n": 1, "list": []int{}}}
		save(t, s, n)
		save(t, s, n, n)
		all := events(t, s)
		if len(all) != 1 {
			t.Fatalf("%d events", len(all))
		}
		n.State = "old"
		save(t, s, n)
		e := events(t, s)[1]
		if e.From != "new" || e.To != "old" || e.By != "P-000001" || e.Via != dars.SSH || e.Act != "kept" || !e.At.Equal(noon) || string(e.Facts) != `{"state":"old"}` {
			t.Errorf("the event is %+v with %s", e.Leaf, e.Facts)
		}
	})
}

func TestHighestReferences(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		check := func(last, key string, count int) {
			t.Helper()
			err := s.View(t.Context(), func(tx *store.Tx) error {
				gotLast, err := tx.Last("thing")
				gotKey, e := tx.LastKey("thing", "tag")
				gotCount, f := tx.Count("thing")
				if gotLast != last || gotKey != key || gotCount != count {
					t.Errorf("the highest are %q and %q of %d, want %q and %q of %d", gotLast, gotKey, gotCount, last, key, count)
				}
				return errors.Join(err, e, f)
			})
			if err != nil {
				t.Error(err)
			}
		}
		check("", "", 0)
		save(t, s, &thing{ID: "T-000002", Tags: []string{"F02"}}, &thing{ID: "T-000010", Tags: []string{"F01", "F11"}}, &thing{ID: "T-000009"})
		save(t, s, &dars.Organisation{Code: "ZZ9"})
		check("T-000010", "F11", 3)
	})
}

// facts are random JSON of every kind: nothing, nested, large, of every script.
func facts(rnd *rand.Rand, depth int) any {
	switch rnd.IntN(9 - depth) {
	case 0:
		return nil
	case 1:
		return rnd.IntN(2) == 0
	case 2:
		return json.Number(fmt.Sprint(rnd.Int64()))
	case 3:
		return json.Number(fmt.Sprintf("%d%030d", rnd.Int64(), rnd.Int64())) // more than a float64 tells apart
	case 4:
		return []string{"", "null", "ä€𝟜", "\u2028</script>&", "\"\\\n\x00", "\ufffd\xff"}[rnd.IntN(6)]
	case 5, 6:
		list := []any{}
		for range rnd.IntN(3) {
			list = append(list, facts(rnd, depth+1))
		}
		return list
	default:
		all := map[string]any{}
		for range rnd.IntN(4) {
			all[[]string{"a", "b", "c", "ä", "", "null", "a b"}[rnd.IntN(7)]] = facts(rnd, min(depth+1, 4))
		}
		return all
	}
}

// A noun goes through many changes: facts come, change and go. What is stored is
// what its events add up to, and reads as what was saved.
func TestANounIsWhatItsEventsAddUpTo(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		err := s.Do(t.Context(), func(tx *store.Tx) error { // in one act: it is the facts that matter here
			for seed := range uint64(150) {
				rnd := rand.New(rand.NewPCG(seed, 0))
				id := fmt.Sprint("T-", seed)
				for range 8 {
					n := &thing{ID: id, State: fmt.Sprint(rnd.IntN(3)), Facts: map[string]any{}}
					for i := range rnd.IntN(5) {
						n.Facts[fmt.Sprint(i+rnd.IntN(2))] = facts(rnd, 0)
					}
					if err := tx.Save(by("P-000001"), "kept", n); err != nil {
						return err
					}
					kept, err := store.Get[thing](tx, id)
					if err != nil {
						return err
					}
					for name, fact := range n.Facts {
						if fact == nil {
							delete(n.Facts, name) // null is no fact
						}
					}
					if got, want := plain(t, kept), plain(t, n); !reflect.DeepEqual(got, want) {
						return fmt.Errorf("seed %d: saved %v, read %v", seed, want, got)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		sound(t, s)
	})
}

// plain is a thing's JSON, as values to compare.
func plain(t *testing.T, n *thing) (all map[string]any) {
	t.Helper()
	text, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}
