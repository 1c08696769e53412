// Command web measures how fast the register's pages are given, beside nginx that gives
// the same bytes from files, in the same run.
//
//	go run ./bench/web [-rows 100000] [-rounds 5] [-for 10s]
//
// The register has so many releases. The program's own handler serves it on this
// machine; every address that is asked for is fetched from it once and laid down for
// nginx, as it is and packed. Then wrk asks one and the other in turn, with the same
// addresses in the same order; the median of the rounds counts. nginx and wrk are the
// packages nginx-light and wrk of Debian. The server, nginx and wrk share the machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"darsd/bench/figure"
	"darsd/dars"
	"darsd/documents"
	"darsd/register"
	"darsd/web"
)

func main() {
	var b bench
	flag.IntVar(&b.rows, "rows", 100_000, "releases in the register")
	flag.IntVar(&b.rounds, "rounds", 5, "rounds of each")
	flag.DurationVar(&b.length, "for", 10*time.Second, "how long a round takes")
	flag.StringVar((*string)(&b.figures), "figures", "", "collect figures in this file")
	flag.Parse()
	if err := b.run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench/web:", err)
		os.Exit(1)
	}
}

// A bench is one run.
type bench struct {
	rows, rounds int
	length       time.Duration
	dir          string
	addresses    []string
	figures      figure.File
}

func (b *bench) run(ctx context.Context) (err error) {
	if b.dir, err = os.MkdirTemp("", "bench-web"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ours, took, err := b.serve(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("%d cores; a register of %d releases is ready to be searched after %v\n", runtime.NumCPU(), b.rows, took.Round(time.Millisecond))
	began := time.Now()
	if err := b.layDown(ours); err != nil {
		return err
	}
	fmt.Printf("%d pages drawn for the first time and laid down, packed and not: %v\n", len(b.addresses), time.Since(began).Round(time.Millisecond))
	if err := b.searches(ours); err != nil {
		return err
	}
	theirs, end, err := b.nginx()
	if errors.Is(err, exec.ErrNotFound) {
		fmt.Println("nginx is missing: apt-get install nginx-light")
		theirs, end = "", func() {}
	} else if err != nil {
		return err
	}
	defer end()
	for _, coding := range []string{"gzip", "identity"} {
		if err := b.compare(ours, theirs, coding); err != nil {
			return err
		}
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	fmt.Printf("the heap holds %d MiB after all that\n", m.HeapAlloc>>20)
	return nil
}

// serve gives the pages of a register until ctx is cancelled.
func (b *bench) serve(ctx context.Context) (address string, took time.Duration, err error) {
	rows := releases(b.rows)
	s := &web.Server{Office: nobody{}, Press: documents.Press{Office: dars.Office{Name: "Office"}}, Info: dars.Office{Name: "Data Release Office", Email: "office@example.org"},
		Now: time.Now, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", 0, err
	}
	began := time.Now()
	s.Publish(&web.Edition{At: began, Today: "2026-11-22", Rows: rows, Sums: register.Sums(rows), Dashboard: dars.DashboardFacts{On: "2026-11-22", Releases: rows}.Dashboard()})
	took = time.Since(began)
	go s.Serve(ctx, ln)
	return "http://" + ln.Addr().String(), took, nil
}

// nobody is an office without cases: the register's pages do not ask it.
type nobody struct{}

var errNoCase = errors.New("there is no case here")

func (nobody) Agreement(context.Context, string, time.Time) (a dars.PublicAgreement, err error) {
	return a, errNoCase
}

func (nobody) Agreements(context.Context, time.Time, func(dars.PublicAgreement) error) error {
	return nil
}

func (nobody) Application(context.Context, string) (a dars.PublicApplication, err error) {
	return a, errNoCase
}

func (nobody) Dashboard(context.Context, dars.Day, dars.Day, []dars.PublicRelease) (d dars.Dashboard, err error) {
	return d, errNoCase
}

// releases are so many rows, as long as those of a national register.
func releases(n int) []dars.PublicRelease {
	orgs := []string{"University of Leeds", "Imperial College London", "Care Quality Commission", "NHS Northern, Eastern and Western Devon CCG", "IMS Health Limited"}
	sets := []string{"Hospital Episode Statistics Admitted Patient Care", "Hospital Episode Statistics Outpatients", "Secondary Uses Service Payment By Results Episodes", "Office for National Statistics Mortality Data"}
	rows := make([]dars.PublicRelease, n)
	for i := range rows {
		id, released := fmt.Sprintf("FILE%07d", i+1), dars.Day("2016-04-01").Add(i*3800/n)
		rows[i] = dars.PublicRelease{ID: id, File: id, Org: fmt.Sprintf("%s %d", orgs[i%len(orgs)], i%977), Dataset: sets[i%len(sets)], Data: "Anonymised - ICO code compliant", Sensitivity: "Sensitive",
			LegalBasis: "Health and Social Care Act 2012 s261(1) and (2)(b)(ii)", Frequency: "Ongoing", Agreement: fmt.Sprintf("DARS-NIC-%06d-B1C2D-v%d.%d", i%1950, i%3, i%5), OptOuts: "Y", Objections: dars.Uphold,
			Period: "201617", Released: released, Month: "Jul-19", State: dars.RowReleased}
		if i%7 == 0 {
			rows[i].OptOuts, rows[i].Objections = "N - Every patient in the data has consented to this use", dars.NotUpheld
		}
	}
	dars.SortPublic(rows)
	return rows
}

// mostOfKind is how many pages of one kind are asked for.
const mostOfKind = 2000

// layDown fetches every address that is to be asked for, so that each is drawn, and lays
// it down for nginx.
func (b *bench) layDown(ours string) error {
	for n := 1; n <= min(mostOfKind, b.rows/50); n++ {
		b.addresses = append(b.addresses, fmt.Sprintf("/register?page=%d", n))
	}
	for n := 1; n <= min(mostOfKind, b.rows); n++ {
		b.addresses = append(b.addresses, fmt.Sprintf("/register/releases/FILE%07d", n*(b.rows/min(mostOfKind, b.rows))))
	}
	for _, a := range b.addresses {
		for ending, coding := range map[string]string{"": "identity", ".gz": "gzip"} {
			content, err := fetch(ours+a, coding)
			if err != nil {
				return err
			}
			name := filepath.Join(b.dir, "site", a+ending)
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(name, content, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// fetch asks for one address, and takes what comes as it is.
func fetch(address, coding string) ([]byte, error) {
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept-Encoding", coding) // so that it is not unpacked here
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s", address, answer.Status)
	}
	return content, err
}

// searches asks for what nobody has asked for before: each is looked for in the whole
// register and drawn.
func (b *bench) searches(ours string) error {
	var took []time.Duration
	for n := range 200 {
		began := time.Now()
		if _, err := fetch(fmt.Sprintf("%s/register?q=leeds+%d&objections=upheld", ours, n), "gzip"); err != nil {
			return err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	fmt.Printf("a search that nobody made before: %v at the median, %v at the 95th percentile\n", took[len(took)/2].Round(10*time.Microsecond), took[len(took)*95/100].Round(10*time.Microsecond))
	return b.figures.Add(figure.Figure{Key: "web/search", Ours: 1000 * took[len(took)/2].Seconds()})
}
