package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"darsd/store"
)

// owe owes work after one event.
func owe(t *testing.T, s *store.Store, what ...string) {
	t.Helper()
	err := s.Do(t.Context(), func(tx *store.Tx) error {
		if err := tx.Save(by("P-000001"), "kept", &thing{ID: fmt.Sprint(what)}); err != nil {
			return err
		}
		for _, w := range what {
			if err := tx.Owe(w, map[string]string{"about": w}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func claim(t *testing.T, s *store.Store, now time.Time) *store.Owed {
	t.Helper()
	w, err := s.Claim(t.Context(), now, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// outstanding is the work that is owed, by its kind.
func outstanding(t *testing.T, s *store.Store) (all []string) {
	t.Helper()
	err := s.View(t.Context(), func(tx *store.Tx) error {
		work, err := tx.Outstanding()
		for _, w := range work {
			all = append(all, w.What)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWorkIsClaimedOnceByMany(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		stores := []*store.Store{d.open(t), d.open(t)}
		var want []string
		for i := range 10 {
			want = append(want, fmt.Sprintf("work %d", i))
		}
		owe(t, stores[0], want...)
		var mu sync.Mutex
		var got []string
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				w, err := stores[i%2].Claim(t.Context(), noon, time.Minute)
				if err != nil {
					t.Error(err)
				}
				if w != nil {
					mu.Lock()
					got = append(got, w.What)
					mu.Unlock()
					if string(w.Body) != fmt.Sprintf(`{"about":%q}`, w.What) || w.Seq != 1 || w.Tries != 1 {
						t.Errorf("it is %+v with %s", w, w.Body)
					}
				}
			})
		}
		wg.Wait()
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("claimed were %v", got)
		}
	})
}

func TestALeaseEndsAndIsFollowed(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		dead, alive := d.open(t), d.open(t)
		owe(t, dead, "mail")
		first := claim(t, dead, noon)
		if w := claim(t, alive, noon.Add(59*time.Second)); w != nil {
			t.Fatal("it was claimed under a lease")
		}
		second := claim(t, alive, noon.Add(time.Minute))
		if second == nil || second.ID != first.ID || second.Tries != 2 {
			t.Fatalf("after the lease: %+v", second)
		}
		// The first wakes up and thinks it is still its own.
		if err := errors.Join(dead.Done(t.Context(), first, noon), dead.Fail(t.Context(), first, errors.New("late"), noon)); err != nil {
			t.Fatal(err)
		}
		if got := outstanding(t, alive); len(got) != 1 {
			t.Fatalf("owed are %v: a lost lease marked it done", got)
		}
		if w := claim(t, dead, noon.Add(90*time.Second)); w != nil {
			t.Fatal("a lost lease let it go")
		}
		if err := alive.Done(t.Context(), second, noon); err != nil {
			t.Fatal(err)
		}
		if got := outstanding(t, alive); len(got) != 0 {
			t.Errorf("owed are %v", got)
		}
		if w := claim(t, dead, noon.Add(time.Hour)); w != nil {
			t.Errorf("what is done was claimed: %+v", w)
		}
	})
}

func TestWhatFailsIsTriedAgainAtItsTime(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		owe(t, s, "mail")
		w := claim(t, s, noon)
		if err := s.Fail(t.Context(), w, errors.New("no such host"), noon.Add(5*time.Minute)); err != nil {
			t.Fatal(err)
		}
		if w := claim(t, s, noon.Add(5*time.Minute-time.Microsecond)); w != nil {
			t.Fatal("it was tried too early")
		}
		w = claim(t, s, noon.Add(5*time.Minute))
		if w == nil || w.Failed != "no such host" || w.Tries != 2 {
			t.Fatalf("at its time: %+v", w)
		}
		if err := s.Done(t.Context(), w, noon); err != nil || len(outstanding(t, s)) != 0 {
			t.Errorf("owed are %v, %v", outstanding(t, s), err)
		}
		sound(t, s)
	})
}

// One that fails does not stand in the way of the others, and the oldest is done
// first.
func TestOldWorkComesFirst(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		owe(t, s, "first")
		owe(t, s, "second")
		owe(t, s, "third")
		w := claim(t, s, noon)
		if w.What != "first" {
			t.Fatalf("first came %s", w.What)
		}
		if err := s.Fail(t.Context(), w, errors.New("x"), noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"second", "third"} {
			if w := claim(t, s, noon); w == nil || w.What != want {
				t.Errorf("then came %+v, want %s", w, want)
			}
		}
		if got := outstanding(t, s); !slices.Equal(got, []string{"first", "second", "third"}) {
			t.Errorf("owed are %v", got)
		}
	})
}

func TestWorkOfWhichNobodyKnowsYet(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		s := d.open(t)
		untried := func(after int64) (n int, head int64) {
			t.Helper()
			err := s.View(t.Context(), func(tx *store.Tx) (err error) {
				if n, err = tx.Untried(after); err == nil {
					head, err = tx.Head()
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return n, head
		}
		if n, head := untried(0); n != 0 || head != 0 {
			t.Errorf("%d after %d events", n, head)
		}
		owe(t, s, "one")
		owe(t, s, "two")
		if n, head := untried(1); n != 1 || head != 2 {
			t.Errorf("%d after %d events", n, head)
		}
		w := claim(t, s, noon)
		if n, _ := untried(0); n != 2 {
			t.Errorf("%d while one is at it", n)
		}
		if err := s.Fail(t.Context(), w, errors.New("x"), noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if n, _ := untried(0); n != 1 {
			t.Errorf("%d when one has failed", n)
		}
	})
}
