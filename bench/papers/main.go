// Command papers measures how fast papers are drawn, beside programs that print a
// PDF of the same words, in one run:
//
//	go run ./bench/papers [-runs 5] [-pages 12] [-certificates 10000] [-many]
//
// Ours is an agreement of about so many pages, to PDF/A-3a with its tags, bookmarks,
// facts for programs and a code on each page, and sealed with ECDSA P-256. The others
// have its words as HTML, from its own tags, with the same fonts and a header that
// counts the pages where they can; they make no PDF/A, no seal and no codes.
// wkhtmltopdf makes no tags either.
//
// As one process for each paper the contestants take turns, so that a machine's other
// work falls on all. Inside a daemon ours draws again and again in one process, and a
// Chromium that is already there loads the page and prints it, asked through its
// pipe. The medians count, and the CPU seconds are a second witness: what Chromium's
// children use counts when they end. Last, and with -many alone, certificates are drawn
// as forms in one process by as many goroutines as there are processors: a tenth of them
// first, on one processor and on all, to compare the memory and the time.
//
// It needs pdfinfo (apt-get install poppler-utils). The others are left out where
// they are missing, and it says so:
//
//	apt-get install weasyprint wkhtmltopdf chromium
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"darsd/bench/figure"
)

// A contestant prints one paper in a process of its own.
type contestant struct {
	name string
	args []string
	out  string
	env  []string // besides the machine's
}

// A run is what one paper took.
type run struct {
	wall, cpu time.Duration
	mb        int64 // at most, in memory
}

func main() {
	runs := flag.Int("runs", 5, "how often each contestant runs")
	pages := flag.Int("pages", 12, "pages of the agreement, about")
	papers := flag.Int("papers", 200, "papers that are drawn inside the daemon")
	certificates := flag.Int("certificates", 10_000, "certificates that are drawn in one run")
	fonts := flag.String("fonts", "documents/fonts", "the folder of our fonts, for the others")
	alone := flag.Bool("many", false, "draw the certificates and nothing else")
	var figures figure.File
	flag.StringVar((*string)(&figures), "figures", "", "collect figures in this file")
	only := flag.String("only", "", "for a process of our own")
	flag.Parse()
	var err error
	if *only != "" {
		err = compete(*only, flag.Args())
	} else if *alone {
		err = manyAlone(*certificates, figures)
	} else {
		err = measure(context.Background(), *runs, *pages, *papers, *certificates, *fonts, figures)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "papers:", err)
		os.Exit(1)
	}
}

func manyAlone(certificates int, figures figure.File) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return many(self, "", certificates, figures)
}

func measure(ctx context.Context, runs, pages, papers, certificates int, fonts string, figures figure.File) error {
	dir, err := os.MkdirTemp("", "darsd-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := writeKey(dir); err != nil {
		return err
	}
	length, err := lengthen(dir, pages)
	if err != nil {
		return err
	}
	page, words, err := asHTML(filepath.Join(dir, "paper.pdf"), dir, fonts)
	if err != nil {
		return err
	}
	fmt.Printf("an agreement of %d pages, %d words\n\n", length.pages, words)

	self, err := os.Executable()
	if err != nil {
		return err
	}
	own := contestant{name: "darsd", args: []string{self, "-only", "paper", dir, fmt.Sprint(length.paragraphs), filepath.Join(dir, "darsd.pdf")}, out: filepath.Join(dir, "darsd.pdf")}
	all := append([]contestant{own}, peers(dir, page)...)
	took, err := turns(all, runs)
	if err != nil {
		return err
	}
	fmt.Println("One process for each paper:")
	heading()
	ours := median(took["darsd"])
	fastest, rival := run{}, ""
	for _, c := range all {
		m := median(took[c.name])
		m.print(c.name, ours, facts(c.out))
		if c.name != "darsd" && (rival == "" || m.wall < fastest.wall) {
			fastest, rival = m, c.name
		}
	}

	fmt.Println("\nInside a daemon, for each paper:")
	heading()
	daemon, err := inDaemon(dir, length.paragraphs, papers)
	if err != nil {
		return err
	}
	daemon.print("darsd", daemon, "")
	warm, err := warmChromium(ctx, page, dir, 4*runs)
	if err == nil {
		warm.print("Chromium, warm", daemon, "")
	} else {
		fmt.Printf("a warm Chromium is left out: %v\n", err)
	}

	if rival != "" {
		fmt.Printf("\nThe fastest of the others is %s. As one process it takes %s times as long as ours (goal: 20), and %s times as long as ours inside the daemon (goal: 35).\n",
			rival, times(fastest, ours), times(fastest, daemon))
	}
	if warm.wall > 0 {
		fmt.Printf("A Chromium that is already there takes %s times as long as ours inside the daemon.\n", times(warm, daemon))
	}
	beside := figure.Figure{Peer: rival, Theirs: ms(fastest.wall), Missing: missing(all)}
	process, inside := beside, beside
	process.Key, process.Ours = "papers/process", ms(ours.wall)
	inside.Key, inside.Ours = "papers/daemon", ms(daemon.wall)
	if err := figures.Add(process, inside, figure.Figure{Key: "papers/warm", Ours: ms(daemon.wall), Peer: "chromium, warm", Theirs: ms(warm.wall)}); err != nil {
		return err
	}
	return many(self, dir, certificates, figures)
}

// missing are the other programs that are not here.
func missing(all []contestant) (names []string) {
	for _, p := range []string{"weasyprint", "wkhtmltopdf", "chromium"} {
		if !slices.ContainsFunc(all, func(c contestant) bool { return c.name == p }) {
			names = append(names, p)
		}
	}
	return names
}

// turns lets each contestant run, one after the other, again and again. One that
// fails is left out.
func turns(all []contestant, runs int) (map[string][]run, error) {
	took := map[string][]run{}
	for round := range runs + 1 {
		for _, c := range all {
			r, err := c.run()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			if round > 0 { // the first brings programs into memory
				took[c.name] = append(took[c.name], r)
			}
		}
	}
	return took, nil
}

func (c contestant) run() (r run, err error) {
	cmd := exec.Command(c.args[0], c.args[1:]...)
	cmd.Env = append(os.Environ(), c.env...)
	begun := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return r, fmt.Errorf("%w: %.300s", err, out)
	}
	r = used(cmd.ProcessState)
	r.wall = time.Since(begun)
	return r, nil
}

// used is what a process that has ended used of the machine.
func used(p *os.ProcessState) run {
	r := run{cpu: p.UserTime() + p.SystemTime()}
	if usage, ok := p.SysUsage().(*syscall.Rusage); ok {
		r.mb = usage.Maxrss >> 10
	}
	return r
}

// median takes the middle by wall clock, and the middle by CPU.
func median(runs []run) run {
	by := func(of func(run) time.Duration) time.Duration {
		sorted := slices.SortedFunc(slices.Values(runs), func(a, b run) int { return cmp.Compare(of(a), of(b)) })
		return of(sorted[len(sorted)/2])
	}
	return run{by(func(r run) time.Duration { return r.wall }), by(func(r run) time.Duration { return r.cpu }), runs[0].mb}
}

func heading() {
	fmt.Printf("%-18s %9s %8s %9s %8s %6s  %s\n", "", "wall ms", "x ours", "CPU ms", "x ours", "MB", "the file")
}

func (r run) print(name string, ours run, file string) {
	fmt.Printf("%-18s %9.1f %8.1f %9.1f %8.1f %6d  %s\n", name, ms(r.wall), ms(r.wall)/ms(ours.wall), ms(r.cpu), ms(r.cpu)/ms(ours.cpu), r.mb, file)
}

func times(a, b run) string {
	return fmt.Sprintf("%.0f (%.0f by CPU)", ms(a.wall)/ms(b.wall), ms(a.cpu)/ms(b.cpu))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
