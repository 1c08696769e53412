package main

import (
	"path/filepath"
)

// A step is one benchmark, as it is run.
type step struct {
	name  string   // its aims' keys begin with it
	size  string   // of what it measures, for the table
	ours  string   // the benchmark of ours that hands over its figures; "" for a script
	args  []string // of that, or the script and its arguments
	timed string   // the aim of a script: how long it took
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
	rows, episodes, certificates, releases := of("10000000", "100000"), of("20000000", "200000"), of("10000", "20"), of("100000", "2000")
	files, kills, hostile := of("10000", "200"), of("200", "4"), of("300", "10")
	sftp, hostiles := filepath.Join(b.work, "sftp-files"), filepath.Join(b.work, "hostile-files")
	all := []step{
		{"extract", rows + " rows", "extract", []string{"-rows", rows, "-persons", of("63000000", "500000"), "-dir", b.work, "-runs", of("5", "1"), "-peers", b.peers, of("-slow", "-slow=false")}, ""},
		{"tabulation", episodes + " rows", "tabulation", []string{"-rows", episodes, "-dir", b.work, "-runs", of("3", "1"), "-peers", b.peers}, ""},
		{"sftp", of("2 GiB", "20 MiB"), "sftp", []string{"-dir", sftp, "-gib", of("2", "0.02"), "-rounds", of("5", "1")}, ""},
		{"papers", certificates + " certificates", "papers", []string{"-runs", of("5", "1"), "-papers", of("200", "5"), "-certificates", certificates}, ""},
		{"web", releases + " releases", "web", []string{"-rows", releases, "-rounds", of("5", "1"), "-for", of("10s", "1s")}, ""},
		b.scale("scale"),
	}
	if b.postgres != "" { // the same office, which lies there already
		all = append(all, b.scale("postgres", "-postgres", b.postgres))
	}
	return append(all,
		step{"intake", files + " files", "", []string{"bench/intake/at-once.sh", filepath.Join(b.built, "darsd"), files}, "intake/at-once"},
		step{"kill", kills + " kills", "", []string{"bench/kill", "-n", kills, "-s", "1"}, "kill/lives"},
		step{"hostile", hostile + " files", "", []string{"sh", "-c", gatherAndRead, hostiles, hostile}, "hostile/files"})
}

// gatherAndRead is the script that reads files which were made to break readers.
const gatherAndRead = `bench/hostile/gather.sh "$0" "$1" && DARSD_HOSTILE="$0" exec go test -count 1 -run "^TestHostileFolder\$" ./documents`

// scale is the large office.
func (b *bench) scale(name string, more ...string) step {
	agreements, releases, events, runs := "50000", "100000", "5000000", "21"
	if b.quick {
		agreements, releases, events, runs = "200", "400", "5000", "1"
	}
	args := []string{"-darsd", filepath.Join(b.built, "darsd"), "-dir", filepath.Join(b.work, "large-office"), "-agreements", agreements, "-releases", releases, "-events", events, "-runs", runs}
	return step{name, agreements + " agreements, " + events + " events", "scale", append(args, more...), ""}
}
