package main

import (
	"os/exec"
	"path/filepath"
)

// A step is one benchmark, as it is run.
type step struct {
	name  string                        // its aims' keys begin with it
	args  func(figures string) []string // the program and its arguments; figures is where it hands them over
	timed string                        // the aim whose figure is how long it took; "" where it hands over its own
	size  string                        // of what it measures, for the table
}

// steps are all benchmarks, in the order of the table. The sizes of the full run are those
// that the aims are about.
func (b *bench) steps() []step {
	// of is an argument for a full run, or a quick one.
	of := func(full, quick string) string {
		if b.quick {
			return quick
		}
		return full
	}
	// program is a benchmark of ours, which is built first so that it is alone when it runs.
	program := func(name string, args ...string) func(string) []string {
		return func(figures string) []string {
			return append([]string{"go", "run", "./bench/" + name, "-figures", figures}, args...)
		}
	}
	rows := of("10000000", "100000")
	slow := []string{}
	if !b.quick {
		slow = []string{"-slow"}
	}
	episodes, agreements, files := of("20000000", "200000"), of("50000", "200"), of("10000", "200")
	kills, hostile := of("1000", "4"), of("300", "10")
	all := []step{
		{"extract", program("extract", append([]string{"-rows", rows, "-persons", of("63000000", "500000"), "-dir", b.work, "-runs", of("5", "1"), "-peers", b.peers}, slow...)...), "", rows + " rows"},
		{"tabulation", program("tabulation", "-rows", episodes, "-dir", b.work, "-runs", of("3", "1"), "-peers", b.peers), "", episodes + " rows"},
		{"sftp", program("sftp", "-dir", filepath.Join(b.work, "sftp"), "-gib", of("2", "0.02"), "-rounds", of("5", "1")), "", of("2 GiB", "20 MiB")},
		{"papers", program("papers", "-runs", of("5", "1"), "-papers", of("200", "5"), "-certificates", of("10000", "20")), "", of("10000", "20") + " certificates"},
		{"web", program("web", "-rows", of("100000", "2000"), "-rounds", of("5", "1"), "-for", of("10s", "1s")), "", of("100000", "2000") + " releases"},
		b.scale("scale", agreements, of("100000", "400"), of("5000000", "5000"), of("21", "1")),
	}
	if b.postgres != "" {
		all = append(all, b.scale("postgres", agreements, of("100000", "400"), of("5000000", "5000"), of("21", "1"), "-postgres", b.postgres))
	}
	return append(all,
		step{"intake", func(string) []string { return []string{"bench/intake/at-once.sh", b.darsd, files} }, "intake/at-once", files + " files"},
		step{"kill", func(string) []string { return []string{"bench/kill", "-n", kills, "-s", "1"} }, "kill/lives", kills + " kills"},
		step{"hostile", b.hostile(hostile), "hostile/files", hostile + " files"})
}

// scale is the large office. The one on PostgreSQL is the one that was made on SQLite.
func (b *bench) scale(name, agreements, releases, events, runs string, more ...string) step {
	dir := filepath.Join(b.work, "scale")
	return step{name, func(figures string) []string {
		return append([]string{"go", "run", "./bench/scale", "-figures", figures, "-darsd", b.darsd, "-dir", dir,
			"-agreements", agreements, "-releases", releases, "-events", events, "-runs", runs}, more...)
	}, "", agreements + " agreements, " + events + " events"}
}

// hostile gathers files, and lets the reader of papers read them.
func (b *bench) hostile(files string) func(string) []string {
	dir := filepath.Join(b.work, "hostile")
	return func(string) []string {
		return []string{"sh", "-c", `bench/hostile/gather.sh "$0" "$1" && DARSD_HOSTILE="$0" exec go test -count 1 -run '^TestHostileFolder$' ./documents`, dir, files}
	}
}

// peersOf are the programs whose versions stand on the page, and how they say them.
var peersOf = [][]string{
	{"ssh", "-V"}, {"rclone", "version"}, {"mlr", "--version"}, {"mawk", "-W", "version"}, {"weasyprint", "--version"},
	{"wkhtmltopdf", "--version"}, {"chromium", "--version"}, {"nginx", "-v"}, {"wrk", "-v"}, {"node", "--version"},
}

// installed reports whether a program is on this machine.
func installed(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}
