package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestKill lives the life of an office several times over, from applications to
// accepted certificates, and ends its programs with SIGKILL on the way: the
// daemon, and the commands of people beside it. Each time the daemon is started
// again, people go on with what they were doing, and everything that must never
// break is looked at (kill_holds_test.go): while nobody serves, when the daemon
// is back, and at the end of the life, which must come to the same as one in which
// nothing was killed.
//
// It is told by the environment how often, and from which seed on; a life that
// failed says with which seed it is lived again:
//
//	DARSD_KILLS=1000 DARSD_SEED=7 go test ./cmd/darsd -run Kill -timeout 2h
//
// DARSD_LIVES is how many are lived at once; DARSD_KILLS_BY (time, calls) chooses
// one of the two ways to choose the moment; with DARSD_KILL_POSTGRES the offices
// stand on that server; DARSD_KILL_KEEP is where offices are kept that came to
// harm, and with DARSD_KILL_ON the others live on then. The script bench/kill says
// it in options.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("killing takes a minute")
	}
	t.Parallel()
	kills, seed, lives := asNumber(t, "DARSD_KILLS", killsByDefault), asNumber(t, "DARSD_SEED", 1), asNumber(t, "DARSD_LIVES", 2)
	ways := map[string]func(*rand.Rand, step) blow{"time": atRandomTime, "calls": atRandomCall}
	by := slices.Sorted(maps.Keys(ways))
	if one := os.Getenv("DARSD_KILLS_BY"); one != "" {
		if ways[one] == nil {
			t.Fatalf("DARSD_KILLS_BY=%s: it is time or calls", one)
		}
		by = []string{one}
	}
	for i, way := range by {
		share := (kills + len(by) - 1 - i) / len(by)
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			if way == "calls" {
				canTrace(t)
			}
			liveAll(t, way, ways[way], share, lives, uint64(seed))
		})
	}
}

// killsByDefault is how many kills a test run does that is not told.
var killsByDefault = 30

// perLife is how many kills one life has to bear.
const perLife = 10

// liveAll lives as many lives as it takes for so many kills, some at once.
func liveAll(t *testing.T, way string, choose func(*rand.Rand, step) blow, kills, atOnce int, seed uint64) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	began := time.Now()
	turn := make(chan struct{}, atOnce)
	all := map[string]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	wg.Go(func() { unkilled(ctx) }) // the others will ask what it came to
	for n := 0; n < kills; n += perLife {
		l := newLife(filepath.Join(t.TempDir(), fmt.Sprint("life", n/perLife)), seed+uint64(n/perLife))
		l.intend(choose, min(perLife, kills-n))
		wg.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			if ctx.Err() != nil {
				return
			}
			err := l.live(ctx)
			mu.Lock()
			defer mu.Unlock()
			for what, n := range l.tally {
				all[what] += n
			}
			if err == nil {
				os.RemoveAll(l.dir) // a thousand kills leave a hundred offices
				return
			}
			if ctx.Err() == nil {
				t.Errorf("%v\n\nwhat was killed in this life:\n    %s\n\nlive it again: DARSD_KILLS_BY=%s DARSD_SEED=%d DARSD_KILLS=%d go test ./cmd/darsd -run Kill -count 1",
					err, strings.Join(l.story, "\n    "), way, l.seed, l.meant)
			}
			if os.Getenv("DARSD_KILL_KEEP") != "" {
				copyTree(l.dir, filepath.Join(os.Getenv("DARSD_KILL_KEEP"), fmt.Sprint("seed", l.seed)))
			}
			if os.Getenv("DARSD_KILL_ON") == "" {
				stop()
			}
		})
	}
	wg.Wait()
	total := 0
	var words []string
	for _, what := range slices.Sorted(maps.Keys(all)) {
		total += all[what]
		words = append(words, fmt.Sprintf("%s %d", what, all[what]))
	}
	t.Logf("%d kills in %s: %s", total, time.Since(began).Round(time.Second), strings.Join(words, ", "))
	if total < kills && !t.Failed() {
		t.Errorf("only %d of %d kills came about", total, kills)
	}
}

// canTrace finds strace, and a system that lets it trace.
func canTrace(t *testing.T) {
	needs(t, "strace")
	if out, err := exec.Command("strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=write", "-e", "inject=write:signal=KILL:when=1", "echo").CombinedOutput(); !wasKilled(err) {
		sentence := fmt.Sprintf("strace cannot kill by system calls here: %v: %s", err, out)
		if os.Getenv("DARSD_REQUIRE_ALL") == "1" {
			t.Fatal(sentence)
		}
		t.Skip(sentence)
	}
}

// asNumber reads a number from the environment.
func asNumber(t *testing.T, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%s is no number of one or more", name, text)
	}
	return n
}

// A blow is one kill that is to come.
type blow struct {
	command bool          // it is for a command, not for the daemon
	skip    int           // of the step's commands, so many are let live before
	after   time.Duration // from when the work begins
	bytes   int64         // or when a client has so many bytes of its download
	call    string        // or at a system call
	n       int           // the nth of that kind in one thread
}

func (b blow) String() string {
	who := "the daemon"
	if b.command {
		who = fmt.Sprintf("command %d", b.skip+1)
	}
	switch {
	case b.call != "":
		return fmt.Sprintf("%s at %s number %d", who, b.call, b.n)
	case b.bytes > 0:
		return fmt.Sprintf("%s when the client has %d bytes", who, b.bytes)
	}
	return fmt.Sprintf("%s after %s", who, b.after.Round(100*time.Microsecond))
}

func atRandomTime(r *rand.Rand, s step) blow {
	b := blow{command: s.commands > 0 && r.IntN(3) > 0}
	if s.downloads && r.IntN(2) == 0 {
		b.bytes = 1 + r.Int64N(9<<20)
		return b
	}
	lasts, f := s.lasts, r.Float64()
	if b.command {
		b.skip = r.IntN(s.commands)
		lasts = lasts/time.Duration(s.commands) + 20*time.Millisecond
	}
	b.after = time.Duration(float64(lasts) * f * f) // early more often: most work is short
	return b
}

// The system calls that change files, and how many of each one thread of a
// command, and of the daemon in one step, may be expected to make. The counts are
// strace's: for each thread and each call apart.
var calls = []struct {
	names            string
	weight           int
	command, serving int
}{
	{"openat", 2, 20, 80},
	{"write", 1, 3, 25},
	{"pwrite64", 5, 25, 40},
	{"renameat,renameat2,rename", 3, 2, 3},
	{"linkat,link", 2, 1, 2},
	{"unlinkat,unlink", 2, 2, 4},
	{"fsync,fdatasync", 4, 4, 12},
	{"ftruncate", 1, 1, 2},
	{"mkdirat,mkdir", 1, 2, 3},
}

func atRandomCall(r *rand.Rand, s step) blow {
	b := blow{command: s.commands > 0 && r.IntN(3) > 0}
	if b.command {
		b.skip = r.IntN(s.commands)
	}
	total := 0
	for _, c := range calls {
		total += c.weight
	}
	pick := r.IntN(total)
	for _, c := range calls {
		if pick -= c.weight; pick < 0 {
			most := c.serving
			if b.command {
				most = c.command
			}
			f := r.Float64()
			b.call, b.n = c.names, 1+int(float64(most)*f*f) // early ones more often: not every thread comes far
			break
		}
	}
	return b
}

// intend spreads kills over the steps of a life.
func (l *life) intend(choose func(*rand.Rand, step) blow, kills int) {
	steps := story()
	total := 0
	for _, s := range steps {
		total += s.weight
	}
	l.blows = map[string][]blow{}
	l.meant = kills
	for range kills {
		pick := l.rng.IntN(total)
		for _, s := range steps {
			if pick -= s.weight; pick < 0 {
				l.blows[s.name] = append(l.blows[s.name], choose(l.rng, s))
				break
			}
		}
	}
}

// wasKilled reports whether a program ended by SIGKILL.
func wasKilled(err error) bool {
	var left *exec.ExitError
	return errors.As(err, &left) && left.ProcessState.String() == "signal: killed"
}
