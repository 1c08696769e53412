package intake_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"darsd/dars"
	"darsd/transfer/intake"
)

// slowFirst is a desk that does not let go of one file until it has seen the other.
func slowFirst() *desk {
	passed := make(chan struct{})
	return &desk{answer: func(a intake.Arrival) dars.Verdict {
		if a.Name == "a-slow.pdf" {
			<-passed
		} else {
			close(passed)
		}
		return dars.Verdict{Verdict: dars.VerdictAccepted}
	}}
}

// A file that takes long to judge holds up nobody else: without a second hand all would
// stand still here.
func TestOthersPassASlowFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := slowFirst()
		f, dir := watched(t, d)
		f.Hands = 2
		write(t, filepath.Join(dir, "a-slow.pdf"), "1 %%EOF")
		write(t, filepath.Join(dir, "b.pdf"), "2 %%EOF")
		if err := f.Once(t.Context()); err != nil {
			t.Error(err)
		}
		if d.taken() != "a-slow.pdf=1 %%EOF, b.pdf=2 %%EOF" && d.taken() != "b.pdf=2 %%EOF, a-slow.pdf=1 %%EOF" {
			t.Errorf("taken: %s", d.taken())
		}
	})
}

// It holds up nobody else's tray either, and its own until it is done.
func TestOthersPassASlowTray(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := slowFirst()
		trays, v := submitted(t, d)
		trays.Hands = 2
		put(t, v.Tray("P-000001"), "a-slow.pdf", "1")
		put(t, v.Tray("P-000002"), "b.pdf", "2")
		if err := trays.Once(t.Context()); err != nil {
			t.Error(err)
		}
		if len(d.sums) != 2 {
			t.Errorf("taken: %s", d.taken())
		}
	})
}

// Many hands take each file once, and no more of them are at work than there are; what
// goes wrong with one is told.
func TestManyHands(t *testing.T) {
	var working, most atomic.Int32
	d := &desk{answer: func(a intake.Arrival) dars.Verdict {
		n := working.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		defer working.Add(-1)
		if a.Name == "7.pdf" {
			panic("a hostile file")
		}
		return dars.Verdict{Verdict: dars.VerdictAccepted}
	}}
	f, dir := watched(t, d)
	f.Hands = 3
	for i := range 60 {
		write(t, filepath.Join(dir, fmt.Sprint(i)+".pdf"), "%%EOF")
	}
	err := f.Once(t.Context())
	if err == nil {
		t.Errorf("%v, want what went wrong with one", err)
	}
	if d.mu.Lock(); len(d.took) != 60 || len(d.sums) != 60 || most.Load() > 3 {
		t.Errorf("%d of 60 were taken, %d files, by %d hands at once", len(d.took), len(d.sums), most.Load())
	}
	d.mu.Unlock()
}
