package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"darsd/dars"
)

// A sample is what the daemon held at the end of a month.
type sample struct {
	on                            dars.Day
	memory, heap, files, routines int64
	starts                        int
}

// measure notes what the daemon holds, when it is at rest.
func (s *soak) measure(ctx context.Context, d dars.Day) error {
	is, err := s.serves(ctx)
	if err != nil {
		return err
	}
	now := sample{on: d, starts: s.daemon.n}
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", is.run.Process.Pid))
	now.memory = figure(string(status), `VmRSS:\s+(\d+) kB`) >> 10
	files, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", is.run.Process.Pid))
	now.files = int64(len(files))
	answer, err := http.Get("http://" + is.Metrics + "/metrics")
	if err == nil {
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		now.routines = figure(string(text), `(?m)^go_goroutines (\d+)`)
		now.heap = figure(string(text), `(?m)^go_memstats_heap_alloc_bytes (\d+)`) >> 20
	}
	s.growth = append(s.growth, now)
	return nil
}

func figure(text, pattern string) int64 {
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseInt(m[1], 10, 64)
	return n
}

// checked is what a run looks at; see judge, and where the work is done.
const checked = `
## What was checked

On the way, each time: that a release is planned exactly where the facts that were planned
say so; that whoever may collect can, and whoever may not gets nothing; that a file which is
whole has its manifest's SHA-512 and exactly the rows of those who do not object; that each
paper has the verdict it must have; that each list of objections which comes late takes back
what it falls and nobody has come for, holds what somebody has, and touches nothing else; that
what is taken back is made again where the facts let it, and not before what was sent is
accounted for; that what is held, taken back, called back or replaced cannot be had; that a
recall is closed only when it is answered, or in so many words; that nobody accepts a form which
came back and that they have not looked at; that the office keeps its host key; that the daemon
never ends by itself.

At the end: log verify, scrub and doctor; for each person and file, that the ledger's sent
covers what the client has on its disk, and the client has all that the ledger says is
confirmed; that nothing is owed, claimed or left in a folder, and what the dead had begun is
swept; that each letter to people outside which the calendar asks for went on its day, once,
and no other; and where nothing was killed, that the daemon does not hold more and more.
`

// report writes the page of what was done and found.
func (s *soak) report() error {
	var b strings.Builder
	fmt.Fprintf(&b, "# A year of a busy office\n\nSeed %d: %d organisations, %d agreements, lived from %s until %s; the daemon was killed %d times and started %d times, in %s.\n\n## What was done\n\n| what | how often |\n|---|---:|\n",
		s.seed, s.organisations, s.agreements, s.first, s.last, s.deaths.done, s.daemon.n, time.Since(s.begun).Round(time.Second))
	for _, what := range slices.Sorted(maps.Keys(s.tally)) {
		fmt.Fprintf(&b, "| %s | %d |\n", what, s.tally[what])
	}
	fmt.Fprintf(&b, "\n## What the daemon held at the end of each month\n\n| day | daemon | resident MB | heap MB | descriptors | goroutines |\n|---|---:|---:|---:|---:|---:|\n")
	for _, g := range s.growth {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d |\n", g.on, g.starts, g.memory, g.heap, g.files, g.routines)
	}
	b.WriteString(checked)
	fmt.Fprintf(&b, "\n## What was found\n\n")
	for _, f := range s.findings {
		fmt.Fprintf(&b, "- %s\n", f)
	}
	if len(s.findings) == 0 {
		b.WriteString("Nothing.\n")
	}
	return os.WriteFile(s.path("outcome.md"), []byte(b.String()), 0o600)
}
