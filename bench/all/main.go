// Command all runs every benchmark, one after the other, each against its peers in the same
// run, and writes one table of what they measured (bench/run calls it):
//
//	bench/run [-quick] [-only REGEXP] [-keep DIR] [-dir DIR] [-peers DIR] [-postgres ADDRESS] [-built DIR] [-out FILE]
//
// Without -quick the sizes are those that the aims are about, and the table goes to
// docs/figures.md, which says how long it took; the machine should do nothing else, for an
// hour. -quick tries the command with small sizes, and prints a table that is no figure to
// quote. A peer that is not installed is named in its row; a benchmark
// that fails is a row that says so, and the exit status is 1 at the end. With -keep it
// can be had in pieces: what was measured and lies in that folder is not measured again.
//
// DIR (-dir) should lie in memory (/dev/shm) where there is room for 8 GB; -peers is the folder in
// which npm has installed @duckdb/node-api and nodejs-polars.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"time"

	"darsd/bench/figure"
)

func main() {
	var b bench
	only, out := "", ""
	flag.BoolVar(&b.quick, "quick", false, "small sizes, to try the command")
	flag.StringVar(&only, "only", "", "run the benchmarks whose names match this")
	flag.StringVar(&b.dir, "dir", os.TempDir(), "where files are made, in a folder that is removed")
	flag.StringVar(&b.peers, "peers", ".", "the folder in which npm has installed the peers")
	flag.StringVar(&b.postgres, "postgres", "", "the address of a PostgreSQL server whose database may be filled, for the large office on it")
	flag.StringVar(&b.built, "built", "", "the folder in which the program and the benchmarks lie, where they are built already: go build -o DIR ./cmd/darsd ./bench/...")
	flag.StringVar((*string)(&b.kept), "keep", "", "where it is kept what each benchmark measured; one that lies there is not run again")
	flag.StringVar(&out, "out", "", "write the table there; docs/figures.md if it is left out, and with -quick or -only standard output")
	flag.Parse()
	if out == "" && !b.quick && only == "" {
		out = "docs/figures.md"
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := b.run(ctx, only, out); err != nil {
		fmt.Fprintln(os.Stderr, "bench/run:", err)
		os.Exit(1)
	}
}

// A bench is one run of all.
type bench struct {
	quick                bool
	dir, peers, postgres string
	kept                 kept
	work                 string // a folder of its own within dir
	built                string // where the program and the benchmarks lie
}

func (b *bench) run(ctx context.Context, only, out string) (err error) {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	for _, folder := range []*string{&b.dir, &b.peers} {
		if *folder, err = filepath.Abs(*folder); err != nil {
			return err
		}
	}
	if b.work, err = os.MkdirTemp(b.dir, "darsd-bench-all-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.work)
	here := b.machine()
	if b.built, err = filepath.Abs(cmp.Or(b.built, b.work)); err != nil {
		return err
	}
	steps := slices.DeleteFunc(b.steps(), func(s step) bool { return !wanted.MatchString(s.name) })
	if len(steps) == 0 {
		return fmt.Errorf("no benchmark is called %s", only)
	}
	if b.built == b.work {
		if err := b.build(ctx, steps); err != nil {
			return err
		}
	}
	var all []outcome
	var failed []error
	for _, s := range steps {
		o, had, err := b.kept.outcome(s)
		if !had && err == nil {
			o = b.one(ctx, s)
			err = errors.Join(o.err, b.kept.add(o))
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
		}
		if all = append(all, o); ctx.Err() != nil {
			break
		}
	}
	page := report{here, b.quick, all}
	if err := b.write(page, out); err != nil {
		return err
	}
	return errors.Join(failed...)
}

// build makes the program and the benchmarks, so that nothing is compiled while something is
// measured.
func (b *bench) build(ctx context.Context, steps []step) error {
	packages := []string{"./cmd/darsd"}
	for _, s := range steps {
		if s.ours != "" && !slices.Contains(packages, "./bench/"+s.ours) {
			packages = append(packages, "./bench/"+s.ours)
		}
	}
	return show(ctx, "go", append([]string{"build", "-o", b.work}, packages...)...)
}

// An outcome is what came of one benchmark.
type outcome struct {
	step
	on      string // the day on which it was measured, as 2026-11-22
	took    time.Duration
	figures map[string]figure.Figure
	err     error
}

// one runs a benchmark. Where it hands over no figure itself, how long it took is the one
// of its first aim.
func (b *bench) one(ctx context.Context, s step) outcome {
	fmt.Fprintf(os.Stderr, "\n=== %s\n", s.name)
	collected := figure.File(filepath.Join(b.work, s.name+".json"))
	begun := time.Now()
	args := s.args
	if s.ours != "" {
		args = append([]string{filepath.Join(b.built, s.ours), "-figures", string(collected)}, args...)
	}
	err := show(ctx, args[0], args[1:]...)
	o := outcome{step: s, on: begun.UTC().Format(time.DateOnly), took: time.Since(begun), err: err}
	if s.timed != "" && err == nil {
		err = collected.Add(figure.Figure{Key: s.timed, Ours: o.took.Seconds()})
	}
	figures, wrong := collected.Read()
	o.figures, o.err = figures, errors.Join(err, wrong)
	return o
}

// show runs a program whose words go to standard error: the table alone goes to standard
// output.
func show(ctx context.Context, name string, args ...string) error {
	c := exec.CommandContext(ctx, name, args...)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	// An interrupt lets a benchmark take away what it made.
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = time.Minute
	return c.Run()
}

func (b *bench) write(r report, out string) error {
	if out == "" {
		_, err := io.WriteString(os.Stdout, r.String())
		return err
	}
	return os.WriteFile(out, []byte(r.String()), 0o644)
}
