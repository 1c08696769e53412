package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"darsd/dars"
	"darsd/office"
)

// Long work says how far it is every ten seconds, however often it is told, and
// short work says nothing.
func TestProgressIsLoggedNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		p := packer{&house{Office: &office.Office{Log: slog.New(slog.NewTextHandler(&log, nil))}}}
		tell := p.progress(office.Packing{Release: &dars.Release{ID: "REL-000001"}})
		for second := range int64(25) {
			tell(second<<20, 100<<20)
			time.Sleep(time.Second)
		}
		if got := log.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "release=REL-000001 read_mb=10 of_mb=100") || !strings.Contains(got, "read_mb=20") {
			t.Error(got)
		}
	})
}
