// Command scale measures an office that has grown large: how long the lists take that
// people look at every day, how much memory the daemon has, and how long the whole log
// takes to verify.
//
//	go build -o /tmp/darsd ./cmd/darsd
//	go run ./bench/scale -darsd /tmp/darsd -dir /tmp/scale [-agreements 50000] [-releases 100000] [-events 5000000] [-postgres postgres://…]
//
// The office is founded by darsd init; its past is written by the store's own door, as
// acts would have, and every event is hashed and salted. That its files were read again
// and again, which is most of a large log, is written straight to the tables. There are
// no papers: log verify reads each paper's file, and that is not what is measured. With -postgres the tables are
// then copied to that server, into the tables that the program makes there. An office
// that lies in -dir already is measured as it is.
//
//	go run ./bench/scale -darsd /tmp/darsd -dir /tmp/register -register 100000
//
// takes in an edition of a published register instead, twice, and lets the guard look
// at all of it.
//
// Each command is a whole ssh process to a daemon that serves the office, and its time
// is what it takes longer than ssh … help at the same moment: the two take turns, and
// the medians count.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"darsd/bench/figure"
	"darsd/dars"
	"darsd/store"
)

func main() {
	var b bench
	flag.StringVar(&b.darsd, "darsd", "", "the program to be measured")
	flag.StringVar(&b.dir, "dir", "", "where the office lies, or is made")
	flag.StringVar(&b.postgres, "postgres", "", "the address of a PostgreSQL server whose database may be filled; SQLite if there is none")
	flag.IntVar(&b.agreements, "agreements", 50_000, "agreements, with all their versions")
	flag.IntVar(&b.releases, "releases", 100_000, "releases")
	flag.IntVar(&b.events, "events", 5_000_000, "events, about")
	flag.IntVar(&b.runs, "runs", 21, "how often each command runs")
	flag.StringVar((*string)(&b.figures), "figures", "", "collect figures in this file")
	rows := flag.Int("register", 0, "instead: take in an edition of a register of so many rows, in an office made anew")
	flag.Parse()
	if err := b.run(context.Background(), *rows); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

// A bench is one run.
type bench struct {
	plan
	darsd, dir, postgres string
	runs                 int
	figures              figure.File
}

func (b *bench) run(ctx context.Context, rows int) error {
	if b.darsd == "" || b.dir == "" {
		return errors.New("say -darsd and -dir")
	}
	if rows > 0 {
		return b.edition(ctx, rows)
	}
	b.today = dars.Day(time.Now().Format(time.DateOnly))
	if _, err := os.Stat(b.database()); errors.Is(err, fs.ErrNotExist) {
		if err := b.make(ctx); err != nil {
			return err
		}
	}
	if err := b.configure(); err != nil {
		return err
	}
	if b.postgres != "" {
		if err := b.copyOver(ctx); err != nil {
			return err
		}
	}
	return b.measure(ctx)
}

func (b *bench) office() string   { return filepath.Join(b.dir, "office") }
func (b *bench) database() string { return filepath.Join(b.office(), "darsd.db") }

// make founds the office and writes its past.
func (b *bench) make(ctx context.Context) error {
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return err
	}
	keys, err := makeKeys(b.dir)
	if err != nil {
		return err
	}
	if err := b.initialise(ctx); err != nil {
		return err
	}
	s, err := store.Open(ctx, b.database())
	if err != nil {
		return err
	}
	begun := time.Now()
	say := func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, "%6.0f s: %s\n", time.Since(begun).Seconds(), fmt.Sprintf(format, args...))
	}
	if err := errors.Join(fill(ctx, s, b.plan, keys, say), s.Close()); err != nil {
		return err
	}
	if err := readAgain(ctx, b.database(), b.events, say); err != nil {
		return err
	}
	return b.objections(ctx)
}

// initialise founds the office with its operator.
func (b *bench) initialise(ctx context.Context) error {
	if err := b.configure(); err != nil {
		return err
	}
	operator := filepath.Join(b.dir, "olive.pub")
	if err := b.command(ctx, "init", "--operator", "olive", "--key", operator, "--from", filepath.Join(b.dir, "darsd.yaml")).Run(); err != nil {
		return fmt.Errorf("darsd init: %w", err)
	}
	return nil
}

// objections loads the list by which all releases were made: log verify reads its file.
func (b *bench) objections(ctx context.Context) error {
	file := filepath.Join(b.dir, "objections.txt")
	if err := os.WriteFile(file, []byte("9434765919\n9434765870\n"), 0o600); err != nil {
		return err
	}
	// A small office's last event may be years ago, which the program takes for a clock that
	// is wrong, until somebody says what day it is. That there are no sources is said, too.
	_ = b.command(ctx, "--as", "olive", "doctor", "--today", string(b.today)).Run()
	return b.command(ctx, "--as", "priya", "objections", "load", file, "--as-at", "2016-03-01").Run()
}

// configuration is what the office needs to know: one dataset, which nobody packages.
const configuration = `office: {name: Office at scale, address: 1 Street, telephone: "01", email: office@example.org}
database: %q
sftp: {listen: "127.0.0.1:0"}
web: {listen: ""}
console: full
datasets:
  - code: HES_APC
    name: Hospital Episode Statistics, admitted patient care
    iao: ivan
    person: NHSNUMBER
    unmatched: withhold
    format: {delimiter: ",", header: true}
    files:
      - {period: "201499", path: apc-1415.csv, as_at: 2016-01-01}
      - {period: "201599", path: apc-1516.csv, as_at: 2016-01-01}
      - {period: "201699", path: apc-1617.csv, as_at: 2017-01-01}
    fields:
      - {name: NHSNUMBER, title: NHS number, type: string, identifying: true}
      - {name: DIAG_01, title: Diagnosis, type: string}
`

// configure writes the configuration for the database that is to be measured.
func (b *bench) configure() error {
	database := "darsd.db"
	if b.postgres != "" {
		database = b.postgres
	}
	text := fmt.Appendf(nil, configuration, database)
	if _, err := os.Stat(b.office()); err == nil {
		return os.WriteFile(filepath.Join(b.office(), "darsd.yaml"), text, 0o600)
	}
	return os.WriteFile(filepath.Join(b.dir, "darsd.yaml"), fmt.Appendf(nil, configuration, "darsd.db"), 0o600)
}
