package intake_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Scanners and some shares make an empty file first, or write page by page.
func TestWhatHasNoEndIsLeftAlone(t *testing.T) {
	for name, tt := range map[string]struct {
		content string
		soon    bool // taken in as soon as it has settled
	}{
		"list.csv":  {"9434765919\n", true},
		"empty.csv": {"", false},
		"SCAN.PDF":  {"%PDF-1.4 the first page", false},
		"scan.pdf":  {"%PDF-1.4 all of it\n%%EOF\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &desk{}
				f, dir := watched(t, d)
				write(t, dir+"/"+name, tt.content)
				run(t, f.Run, 12*time.Second)
				if got := d.taken() != ""; got != tt.soon {
					t.Errorf("after twelve seconds it is taken in: %v", got)
				}
				run(t, f.Run, time.Minute)
				if d.taken() == "" {
					t.Error("after a minute it is not taken in")
				}
			})
		})
	}
}

// Nothing is taken in that was written to within the quiet time, whatever time the file
// itself carries.
func TestQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{}
		f, dir := watched(t, d)
		f.Every, f.Quiet = time.Second, 5*time.Second
		name, dated := dir+"/list.csv", time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- f.Run(ctx) }()
		for n := range 8 {
			write(t, name, strings.Repeat("1", n+1))
			if err := os.Chtimes(name, dated, dated); err != nil {
				t.Fatal(err)
			}
			time.Sleep(3 * time.Second) // of the bubble's
			if d.taken() != "" {
				t.Fatalf("it is taken in while it is written: %s", d.taken())
			}
		}
		time.Sleep(10 * time.Second)
		stop()
		if err := <-done; err != nil || d.taken() == "" {
			t.Errorf("it is not taken in when it is quiet: %v", err)
		}
	})
}

// run lets something run for some time.
func run(t *testing.T, do func(context.Context) error, long time.Duration) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), long)
	defer stop()
	if err := do(ctx); err != nil {
		t.Error(err)
	}
}
