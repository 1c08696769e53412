package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
)

// A hundred commands at once, of different people, are answered each as if it had
// been alone.
func TestManyAtTheDesk(t *testing.T) {
	t.Parallel()
	d := copyOfDemo(t)
	h, err := open(t.Context(), d.path("office"), "", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	h.clock = func() time.Time { return time.Date(2017, time.May, 4, 9, 0, 0, 0, time.UTC) }
	people, err := office.List[dars.Person](t.Context(), office.Desk{Office: h.Office}, "P-000001", orgOfPerson)
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{"todo", "todo --json", "status", "release list --json", "relaese list", "application show " + demoFirst, "receipt list", "md5sum README.txt", "process --roles"}
	ask := func(i int) string {
		var out, errs strings.Builder
		status := counter{h}.Run(t.Context(), people[i%len(people)].ID, dars.Visitor{}, strings.Fields(lines[i%len(lines)]), strings.NewReader(""), &out, &errs)
		return fmt.Sprint(out.String(), errs.String(), status)
	}
	var alone, together [100]string
	for i := range alone {
		alone[i] = ask(i)
	}
	var wg sync.WaitGroup
	for i := range together {
		wg.Go(func() { together[i] = ask(i) })
	}
	wg.Wait()
	for i := range alone {
		if together[i] != alone[i] {
			t.Errorf("%s asked %q among others and heard\n%s, alone\n%s", people[i%len(people)].Login, lines[i%len(lines)], together[i], alone[i])
		}
	}
}

// BenchmarkDesk has two hundred people come to the desk at once, over the demo's
// data, and says how long the one in the middle of them waited: the connection
// apart.
func BenchmarkDesk(b *testing.B) {
	if _, err := told(); err != nil {
		b.Fatal(err)
	}
	root, _ := tidied()
	h, err := open(b.Context(), filepath.Join(root, "demo", "office"), "", io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	defer h.close()
	h.clock = func() time.Time { return time.Date(2017, time.May, 4, 9, 0, 0, 0, time.UTC) }
	people, err := office.List[dars.Person](b.Context(), office.Desk{Office: h.Office}, "P-000001", orgOfPerson)
	if err != nil {
		b.Fatal(err)
	}
	for _, line := range []string{"todo", "status", "release list", "release show REL-000003", "receipt list", "application list"} {
		b.Run(strings.ReplaceAll(line, " ", "-"), func(b *testing.B) {
			for b.Loop() {
				took := make([]time.Duration, 200)
				var wg sync.WaitGroup
				for i := range took {
					wg.Go(func() {
						began := time.Now()
						counter{h}.Run(context.Background(), people[i%len(people)].ID, dars.Visitor{}, strings.Fields(line), strings.NewReader(""), io.Discard, io.Discard)
						took[i] = time.Since(began)
					})
				}
				wg.Wait()
				slices.Sort(took)
				b.ReportMetric(float64(took[100].Microseconds())/1000, "ms-median")
			}
		})
	}
}
