package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"darsd/store"
)

// owing lists work of a kind, with what became of it.
func owing(t *testing.T, s *store.Store, done bool, what ...string) (all []store.Owed) {
	t.Helper()
	err := s.View(t.Context(), func(tx *store.Tx) (err error) {
		all, err = tx.Owing(done, what...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func do(t *testing.T, s *store.Store, act func(*store.Tx) error) {
	t.Helper()
	if err := s.Do(t.Context(), act); err != nil {
		t.Fatal(err)
	}
}

// Work with a name of its own is noted once, also after it is done.
func TestWorkOfANameIsOwedOnce(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		owe(t, s)
		for range 2 {
			do(t, s, func(tx *store.Tx) error { return tx.OweOnce("letter.P-000001", "letter", 1) })
		}
		w := claim(t, s, noon)
		if w == nil || w.ID != "letter.P-000001" || claim(t, s, noon) != nil {
			t.Fatalf("it is %+v", w)
		}
		if err := s.Done(t.Context(), w, noon); err != nil {
			t.Fatal(err)
		}
		do(t, s, func(tx *store.Tx) error { return tx.OweOnce("letter.P-000001", "letter", 2) })
		if again := claim(t, s, noon); again != nil {
			t.Errorf("it is done again: %+v", again)
		}
		do(t, s, func(tx *store.Tx) error {
			for id, want := range map[string]bool{"letter.P-000001": true, "letter.P-000002": false} {
				if got, err := tx.Noted(id); err != nil || got != want {
					t.Errorf("noted is %s: %v, %v", id, got, err)
				}
			}
			return nil
		})
		if all := owing(t, s, true, "letter"); len(all) != 1 || !all[0].Done.Equal(noon) || string(all[0].Body) != "1" {
			t.Errorf("they are %+v", all)
		}
	})
}

// What is put by waits for whoever collects it: no worker takes it, and nobody waits
// for it.
func TestWorkThatIsPutBy(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		owe(t, s)
		do(t, s, func(tx *store.Tx) error { return errors.Join(tx.PutBy("a", "routine", 1), tx.PutBy("b", "other", 2)) })
		if w := claim(t, s, noon.AddDate(200, 0, 0)); w != nil || len(outstanding(t, s)) != 0 {
			t.Errorf("taken was %+v", w)
		}
		do(t, s, func(tx *store.Tx) error {
			n, err := tx.Untried(0)
			if n != 0 {
				t.Errorf("%d pieces are waited for", n)
			}
			return err
		})
		all := owing(t, s, false, "routine", "mail")
		if len(all) != 1 || !all[0].Never || all[0].Failed != "" {
			t.Fatalf("put by are %+v", all)
		}
		if n, err := s.Retry(t.Context()); n != 0 || err != nil {
			t.Errorf("%d pieces that never failed are tried again, %v", n, err)
		}
		do(t, s, func(tx *store.Tx) error { return tx.Collected(all[0].ID, noon) })
		if left := owing(t, s, false, "routine"); len(left) != 0 {
			t.Errorf("left are %+v", left)
		}
	})
}

// What is given up stays, says why, and is taken up again when somebody asks.
func TestWorkThatIsGivenUp(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		owe(t, s, "letter", "mail")
		for {
			w := claim(t, s, noon)
			if w == nil {
				break
			}
			if err := s.GiveUp(t.Context(), w, errors.New("nobody of that name")); err != nil {
				t.Fatal(err)
			}
		}
		if w := claim(t, s, noon.AddDate(200, 0, 0)); w != nil {
			t.Errorf("taken up again is %+v", w)
		}
		all := owing(t, s, false, "letter", "mail")
		if len(all) != 2 || !all[0].Never || all[0].Failed != "nobody of that name" || !all[0].Next.IsZero() {
			t.Fatalf("given up are %+v", all)
		}
		got := outstanding(t, s)
		slices.Sort(got)
		if !slices.Equal(got, []string{"letter", "mail"}) {
			t.Errorf("owed are %v", got)
		}
		do(t, s, func(tx *store.Tx) error {
			for id, want := range map[string]bool{all[0].ID: true, "nothing": false} {
				if found, err := tx.Again(id); found != want || err != nil {
					t.Errorf("again %s: %v, %v", id, found, err)
				}
			}
			return nil
		})
		if w := claim(t, s, noon); w == nil || w.ID != all[0].ID || w.Tries != 2 {
			t.Errorf("it is %+v", w)
		}
		if n, err := s.Retry(t.Context()); n != 1 || err != nil {
			t.Errorf("%d are tried again, %v", n, err)
		}
		if w := claim(t, s, noon.Add(time.Second)); w == nil || w.ID != all[1].ID {
			t.Errorf("it is %+v", w)
		}
	})
}

// The first event of an act is the one that the others belong to.
func TestTheFirstEventOfAnAct(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		for n, name := range []string{"one", "two"} {
			do(t, s, func(tx *store.Tx) error {
				if tx.First().Seq != 0 {
					t.Errorf("before the first it is %+v", tx.First())
				}
				err := errors.Join(tx.Save(by("P-000001"), name, &thing{ID: name}), tx.Save(by("P-000001"), "more", &thing{ID: name + "-more"}))
				if f := tx.First(); f.Act != name || f.Ref != name || f.Seq != int64(2*n+1) {
					t.Errorf("it is %+v", f)
				}
				return err
			})
		}
	})
}
