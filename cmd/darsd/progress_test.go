package main

import (
	"bytes"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"darsd/dars"
	"darsd/office"
	"darsd/transfer/extract"
)

// Long work says how far it is every ten seconds, however often it is told, and
// short work says nothing.
func TestProgressIsLoggedNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		p := packer{&house{Office: &office.Office{Log: slog.New(slog.NewTextHandler(&log, nil))}}}
		tell, end := p.progress(office.Packing{Release: &dars.Release{ID: "REL-000001"}})
		for second := range int64(25) {
			tell(extract.Progress{Read: second << 20, Total: 100 << 20, Rows: 7 * second})
			time.Sleep(time.Second)
		}
		end()
		if got := log.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "release=REL-000001 read_mb=10 of_mb=100 rows=70") || !strings.Contains(got, "read_mb=20") {
			t.Error(got)
		}
	})
}

// At a terminal it is one line, drawn over itself a few times a second, which is
// gone in the end.
func TestProgressAtATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var screen, log bytes.Buffer
		p := packer{&house{screen: &screen, Office: &office.Office{Log: slog.New(slog.NewTextHandler(&log, nil))}}}
		tell, end := p.progress(office.Packing{Release: &dars.Release{ID: "REL-000001"}})
		for step := range int64(100) {
			time.Sleep(100 * time.Millisecond)
			tell(extract.Progress{Read: (step + 1) << 20, Total: 200 << 20, Rows: 1000 * (step + 1)})
		}
		end()
		lines := strings.Split(screen.String(), "\r")
		if n := len(lines); n != 52 || lines[n-1] != "\x1b[K" || strings.Contains(screen.String(), "\n") || log.Len() > 0 {
			t.Errorf("%d times: %q\n%s", len(lines), screen.String(), log.String())
		}
		if got, want := lines[len(lines)-2], "REL-000001 ####......  49 %  99 of 200 MB  99.0 k rows  10 MB/s  0:10 left\x1b[K"; got != want {
			t.Errorf("%q, not %q", got, want)
		}
	})
}

func TestBarFitsTheScreen(t *testing.T) {
	for name, tt := range map[string]struct {
		p    extract.Progress
		took time.Duration
		want string
	}{
		"at the beginning":   {extract.Progress{Total: 10 << 20}, 0, "REL-000001 ..........   0 %  0 of 10 MB  0 rows  0 MB/s"},
		"at the end":         {extract.Progress{Read: 10 << 20, Total: 10 << 20, Rows: 8_123_456}, time.Second, "REL-000001 ########## 100 %  10 of 10 MB  8.1 M rows  10 MB/s  0:00 left"},
		"a file that grew":   {extract.Progress{Read: 11 << 20, Total: 10 << 20}, time.Second, "REL-000001 ########## 100 %  10 of 10 MB  0 rows  11 MB/s  0:00 left"},
		"nobody knows sizes": {extract.Progress{Read: 11 << 20, Rows: 812}, time.Second, "REL-000001  11 MB  812 rows  11 MB/s"},
		"a terabyte":         {extract.Progress{Read: 500 << 30, Total: 1 << 40, Rows: 4_100_000_000}, 20 * time.Minute, ""},
	} {
		got := barLine("REL-000001", tt.p, tt.took)
		if tt.want != "" && got != tt.want || utf8.RuneCountInString(got) > 79 {
			t.Errorf("%s: %d characters: %s", name, utf8.RuneCountInString(got), got)
		}
	}
}

func TestWhoSeesALineRedrawn(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	file, err := os.Create(t.TempDir() + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if isTerminal(null) || isTerminal(file) || isTerminal(new(bytes.Buffer)) {
		t.Error("what is no terminal is taken for one")
	}
	if pty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0); err == nil {
		defer pty.Close()
		if !isTerminal(pty) {
			t.Error("a terminal is not taken for one")
		}
	}
}
