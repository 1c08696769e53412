// Command soak lives a whole year of a busy office against the real program, and breaks
// it on purpose: the daemon is killed a thousand times while people work, clients collect
// and papers come in. At the end everything is held against what the clients themselves
// have on their disks, and against an account of the year that uses none of the program's
// rules.
//
//	go run ./bench/soak -dir /tmp/soak -seed 1 [-organisations 200] [-agreements 1000] [-months 12] [-kills 1000]
//
// It needs OpenSSH's sftp. A small one is over in a minute or two:
//
//	go run ./bench/soak -dir /tmp/soak -seed 1 -organisations 5 -agreements 20 -months 2 -kills 10
//
// What was done, checked and found stands in outcome.md in that folder; the exit status is
// 1 if anything was found. With -darsd another build of the program is tried; with -postgres
// the office stands on PostgreSQL, in a database that is empty.
//
// In the year agreements are applied for, renewed, extended and end; lists of objections come,
// some of them late, with people in them who are in what was published; releases are called
// back, made again, and take the place of others; certificates of destruction come back as a
// text and as a PDF form, some of them late, and some never.
//
// With -kills 0 one daemon serves the whole year, and its memory, descriptors and
// goroutines are watched. Every choice comes from the seed, but for who is quicker: two
// runs with one seed plan the same year, and are killed at other moments of it.
//
// The office is founded by darsd init, as a rehearsal. Who its people and organisations
// are, and which agreements are in force on the first day, is written by the store's own
// door, as acts would have: everything after that is done from outside, by the daemon, by
// commands over SSH, by SFTP and by the watched folders.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"darsd/store"
)

func main() {
	var s soak
	flag.StringVar(&s.darsd, "darsd", "", "the program that is tried; built from here if none is named")
	flag.StringVar(&s.dir, "dir", "", "where the office is made, and its clients keep what they have")
	flag.StringVar(&s.postgres, "postgres", "", "the address of an empty PostgreSQL database; SQLite if none is named")
	flag.Uint64Var(&s.seed, "seed", 1, "every choice comes from it")
	flag.IntVar(&s.organisations, "organisations", 200, "organisations")
	flag.IntVar(&s.agreements, "agreements", 1000, "agreements that are in force on the first day")
	flag.IntVar(&s.releases, "releases", 0, "releases each month; 0: one under each agreement")
	flag.IntVar(&s.cases, "cases", -1, "new applications each month; -1: one for each hundred agreements, and one more")
	flag.IntVar(&s.months, "months", 12, "months that are lived")
	flag.IntVar(&s.kills, "kills", 1000, "how often the daemon is killed")
	flag.DurationVar(&s.gap, "gap", 2*time.Second, "it is killed within this time, once it serves")
	flag.DurationVar(&s.within, "within", 0, "the year ends with the day that is lived after this time; 0: with its last")
	flag.IntVar(&s.hands, "hands", 4, "how many people are at work at once, and how many clients")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	if err := s.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

// A soak is one run.
type soak struct {
	size
	darsd, dir string
	postgres   string
	seed       uint64
	gap        time.Duration
	within     time.Duration
	hands      int

	*year
	store  *store.Store // read beside the daemon, as a command does
	daemon daemon
	lines  lines
	begun  time.Time
	deaths deaths
	growth []sample

	mu       sync.Mutex
	tally    map[string]int
	findings []string
	left     map[string]*copied // what clients have on their disks
}

// run lives the year, and looks at what it has come to. It is an error if anything was
// found.
func (s *soak) run(ctx context.Context) error {
	if s.dir == "" {
		return errors.New("say with -dir where")
	}
	if _, err := os.Stat(s.office()); err == nil {
		return fmt.Errorf("there is an office in %s already: take it away, or name another folder", s.dir)
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	if s.darsd == "" {
		s.darsd = s.path("darsd")
		if said, err := exec.CommandContext(ctx, "go", "build", "-o", s.darsd, "./cmd/darsd").CombinedOutput(); err != nil {
			return fmt.Errorf("build the program: %w: %s", err, said)
		}
	}
	if s.cases < 0 {
		s.cases = 1 + s.agreements/100
	}
	s.begun, s.tally, s.left = time.Now(), map[string]int{}, map[string]*copied{}
	s.year = draw(s.size, s.lot("year"))
	if err := s.found(ctx); err != nil {
		return fmt.Errorf("found the office: %w", err)
	}
	defer s.store.Close()
	s.say("%d organisations and %d agreements are in the office", len(s.parties), len(s.held))
	if err := s.live(ctx); err != nil {
		s.finds("the year was not lived to its end: %v", err)
		s.daemon.kill()
		return errors.Join(err, s.report())
	}
	s.judge(ctx)
	if err := s.report(); err != nil {
		return err
	}
	if n := len(s.findings); n > 0 {
		return fmt.Errorf("%d things were found: see %s", n, s.path("outcome.md"))
	}
	return nil
}

func (s *soak) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }
func (s *soak) office() string          { return s.path("office") }

// database is where the office's is, as a configuration says it.
func (s *soak) database() string { return cmp.Or(s.postgres, s.path("office/darsd.db")) }

// say tells what goes on.
func (s *soak) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%6.0f s: %s\n", time.Since(s.begun).Seconds(), fmt.Sprintf(format, args...))
}

// count counts something that was done.
func (s *soak) count(what string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tally[what] += n
}

// finds notes something that is not as it should be; each once, and the first few hundred.
func (s *soak) finds(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := fmt.Sprintf(format, args...)
	if len(s.findings) < 300 && !slices.Contains(s.findings, text) {
		s.findings = append(s.findings, text)
		s.say("FOUND: %s", text)
	}
}

// lot is the chance that decides about one thing, whoever else draws meanwhile.
func (s *soak) lot(about ...any) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, about...)
	return rand.New(rand.NewPCG(s.seed, h.Sum64()))
}
