// Command extract measures packaging against programs that can do a part of it,
// in one run and on one generated file:
//
//	go run ./bench/extract [-rows 10000000] [-persons 63000000] [-dir /dev/shm] [-runs 5] [-slow]
//
// The plain job is: leave out the rows of persons who object, keep 12 of 40
// columns, write CSV. The full job is what a package takes besides: the person's
// pseudonym as a thirteenth column, zstd, MD5, SHA-1, SHA-256 and SHA-512, and the
// vault, which encrypts. Some of these are done alone as well: the plain job and
// one thing more. Every contestant is a process of its own that begins with
// files: the list of objections is read each time. The source is read once before
// each turn, so that it lies in memory for all. Contestants take turns, so that a
// machine's other work falls on all; the medians count. On a busy machine the CPU
// seconds and the least of each tell more, and stand beside them. DuckDB and
// Polars may write rows in any order; the sets of rows are compared, field by
// field, in whatever order and with whatever quotes.
//
// Go's encoding/csv needs nothing. The others are left out where they are
// missing, and it says so:
//
//	npm install @duckdb/node-api nodejs-polars nodejs-polars-linux-x64-gnu    (in a folder; name it with -peers)
//	apt-get install miller mawk
//
// Miller and mawk keep the whole list as text: with fewer persons the list is
// shorter, and they fit into less memory.
//
// It needs room for twice the generated file (280 bytes a row), best in memory,
// and leaves nothing behind.
package main

import (
	"cmp"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"darsd/bench/figure"
)

//go:embed peers.mjs
var peersScript []byte

// keep are the columns that leave, in the order of the source.
var keep = []string{"EPIKEY", "SEX", "PROCODE", "ADMIDATE", "ADMIMETH", "DISDATE", "EPISTART", "EPIEND", "DIAG_01", "DIAG_02", "OPERTN_01", "SITEDESC"}

// A contestant does a job in a process of its own.
type contestant struct {
	name    string
	job     string // plain, more, full, or nothing
	args    []string
	slow    bool
	answers bool // with rows that are compared
}

// A run is what one process took.
type run struct {
	wall, cpu time.Duration
	mb        int64 // at most, in memory
}

func main() {
	rows := flag.Int("rows", 10_000_000, "rows of the generated file")
	persons := flag.Uint64("persons", 63_000_000, "persons in the country; 54 of a thousand object")
	dir := flag.String("dir", os.TempDir(), "where the files are made, in a folder that is removed")
	runs := flag.Int("runs", 5, "how often each contestant runs; slow ones run once")
	peers := flag.String("peers", ".", "the folder in which npm has installed the peers")
	slow := flag.Bool("slow", false, "let Miller and mawk run as well: minutes, and 6 GB of memory for the list alone")
	var figures figure.File
	flag.StringVar((*string)(&figures), "figures", "", "collect figures in this file")
	only := flag.String("only", "", "for a contestant's own process")
	flag.Parse()
	var err error
	if *only != "" {
		err = compete(*only, flag.Args())
	} else {
		err = measure(*rows, country(*persons), *dir, *runs, *peers, *slow, figures)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "extract:", err)
		os.Exit(1)
	}
}

func measure(rows int, persons country, dir string, runs int, peers string, slow bool, figures figure.File) error {
	dir, err := os.MkdirTemp(dir, "darsd-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	source, list, out := filepath.Join(dir, "source.csv"), filepath.Join(dir, "list.csv"), filepath.Join(dir, "out")
	if err := persons.generate(source, list, rows); err != nil {
		return err
	}
	info, err := os.Stat(source)
	if err != nil {
		return err
	}
	fmt.Printf("%d rows of %d columns, %d MB; %d columns leave\n\n", rows, len(columns), info.Size()>>20, len(keep))

	all, err := contestants(source, list, out, peers, slow)
	if err != nil {
		return err
	}
	took := map[string][]run{}
	answers, gone := map[string]answer{}, map[string]bool{}
	for round := range runs {
		for _, c := range all {
			if c.slow && round > 0 {
				continue
			}
			if gone[c.name] {
				continue
			}
			if err := warm(source); err != nil {
				return err
			}
			r, err := c.run()
			if err != nil {
				fmt.Printf("%s failed (%v), and is left out\n", c.name, err)
				gone[c.name] = true
				continue
			}
			took[c.name] = append(took[c.name], r)
			if c.answers && round == 0 {
				if answers[c.name], err = read(out); err != nil {
					fmt.Printf("%s wrote what is no CSV: %v\n", c.name, err)
				}
			}
			if err := os.RemoveAll(out); err != nil {
				return err
			}
		}
	}
	all = slices.DeleteFunc(all, func(c contestant) bool { return gone[c.name] })
	report(all, took, answers)
	return handOver(figures, all, took, answers)
}

// warm reads a file, so that it lies in memory.
func warm(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(io.Discard, file)
	return err
}

func contestants(source, list, out, peers string, slow bool) ([]contestant, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	own := func(name, job string) contestant {
		return contestant{name: name, job: job, args: []string{self, "-only", name, source, list, out}, answers: job == "plain"}
	}
	all := []contestant{
		own("darsd", "plain"), own("darsd, gzip", "more"), own("darsd, pseudonyms", "more"), own("darsd, encrypted, hashes", "more"),
		own("darsd, whole package", "full"), own("copying the file", "nothing"), own("reading it, writing as much", "nothing"),
	}

	script := filepath.Join(peers, "darsd-bench-peers.mjs") // beside node_modules, or they are not found; overwritten each time
	if node, err := exec.LookPath("node"); err == nil && os.WriteFile(script, peersScript, 0o644) == nil {
		for _, peer := range [][2]string{{"duckdb", "@duckdb/node-api"}, {"polars", "nodejs-polars"}} {
			name, pkg := peer[0], peer[1]
			if _, err := os.Stat(filepath.Join(peers, "node_modules", pkg)); err != nil {
				fmt.Printf("%s is missing: npm install %s\n", name, pkg)
				continue
			}
			all = append(all, contestant{name: name, job: "plain", args: []string{node, script, name, source, list, out, strings.Join(keep, ",")}, answers: true})
		}
	}
	standard := own("encoding/csv", "plain")
	standard.slow = true
	all = append(all, standard)
	if mlr, err := exec.LookPath("mlr"); err != nil {
		fmt.Println("miller is missing: apt-get install miller")
	} else if slow {
		all = append(all, contestant{name: "miller", job: "plain", slow: true, answers: true, args: []string{"sh", "-c",
			`exec "$0" --csv --no-auto-flatten --no-auto-unflatten -S join --np --ur -j NEWNHSNO -f "$2" then cut -o -f "$4" "$1" >"$3"`, mlr, source, list, out, strings.Join(keep, ",")}})
	}
	if mawk, err := exec.LookPath("mawk"); err != nil {
		fmt.Println("mawk is missing: apt-get install mawk")
	} else if slow {
		all = append(all, contestant{name: "mawk", job: "plain", slow: true, answers: true, args: []string{"sh", "-c",
			`exec "$0" -F, -v OFS=, "$4" "$2" "$1" >"$3"`, mawk, source, list, out, awk()}})
	}
	return all, nil
}

// awk is the job as one writes it in a hurry: it parts fields at every comma.
func awk() string {
	var fields []string
	for _, name := range keep {
		fields = append(fields, fmt.Sprintf("$%d", slices.Index(columns, name)+1))
	}
	return fmt.Sprintf("NR==FNR { if (FNR > 1) gone[$1]; next } !($%d in gone) { print %s }", slices.Index(columns, person)+1, strings.Join(fields, ", "))
}

func (c contestant) run() (r run, err error) {
	cmd := exec.Command(c.args[0], c.args[1:]...)
	cmd.Stderr = os.Stderr
	begun := time.Now()
	if err := cmd.Run(); err != nil {
		return r, err
	}
	r.wall, r.cpu = time.Since(begun), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.mb = usage.Maxrss >> 10
	}
	return r, nil
}

// A reckoning makes one figure of several runs: by wall clock and by CPU, each
// for itself.
type reckoning func([]run) run

func median(runs []run) run { return pick(runs, func(n int) int { return n / 2 }) }

// least is what the machine's other work has disturbed least.
func least(runs []run) run { return pick(runs, func(int) int { return 0 }) }

func pick(runs []run, place func(of int) int) run {
	by := func(of func(run) time.Duration) time.Duration {
		sorted := slices.SortedFunc(slices.Values(runs), func(a, b run) int { return cmp.Compare(of(a), of(b)) })
		return of(sorted[place(len(sorted))])
	}
	return run{by(func(r run) time.Duration { return r.wall }), by(func(r run) time.Duration { return r.cpu }), runs[0].mb}
}

func report(all []contestant, took map[string][]run, answers map[string]answer) {
	right := func(c contestant) bool { return c.answers && answers[c.name] == answers["darsd"] }
	for _, by := range []struct {
		name string
		of   reckoning
	}{{"The medians", median}, {"The least of each", least}} {
		fmt.Printf("%s:\n\n", by.name)
		var peer run // the fastest correct one, by wall clock and by CPU
		for _, c := range all {
			if m := by.of(took[c.name]); right(c) && c.name != "darsd" {
				peer.wall = shorter(peer.wall, m.wall)
				peer.cpu = shorter(peer.cpu, m.cpu)
			}
		}
		fmt.Printf("%-28s %-8s %8s %8s %8s %8s %8s  %s\n", "", "job", "wall s", "x peer", "CPU s", "x peer", "MB", "rows")
		for _, c := range all {
			m := by.of(took[c.name])
			rows := ""
			if c.answers {
				rows = fmt.Sprintf("%d, NOT the same", answers[c.name].rows)
			}
			if right(c) {
				rows = fmt.Sprintf("%d, the same", answers[c.name].rows)
			}
			fmt.Printf("%-28s %-8s %8.2f %8.2f %8.2f %8.2f %8d  %s\n", c.name, c.job, m.wall.Seconds(), m.wall.Seconds()/peer.wall.Seconds(), m.cpu.Seconds(), m.cpu.Seconds()/peer.cpu.Seconds(), m.mb, rows)
		}
		if peer.wall == 0 {
			fmt.Print("\nNo peer gave the same rows.\n\n")
			continue
		}
		conclude(by.of(took["darsd"]), by.of(took["darsd, whole package"]), by.of(took["reading it, writing as much"]), peer)
	}
}

func conclude(plain, full, nothing, peer run) {
	of := func(a, b run) string {
		return fmt.Sprintf("%.2f (%.2f by CPU)", a.wall.Seconds()/b.wall.Seconds(), a.cpu.Seconds()/b.cpu.Seconds())
	}
	fmt.Printf("\nThe plain job: the fastest correct peer takes %s times as long (goal: 6).\n", of(peer, plain))
	fmt.Printf("The full job takes %s of that peer's time for its plain job (goal: at most 0.6).\n", of(full, peer))
	fmt.Printf("The plain job takes %s times as long as reading the file and writing as many bytes as leave.\n\n", of(plain, nothing))
}

// shorter is the smaller of two times; zero is none.
func shorter(a, b time.Duration) time.Duration {
	if a == 0 {
		return b
	}
	return min(a, b)
}
