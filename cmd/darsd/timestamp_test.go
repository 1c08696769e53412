package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"darsd/dars"
	"darsd/documents"
)

// A paper is sealed with a time stamp by OpenSSL's authority, over HTTP.
func TestPapersAreStamped(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("DARSD_REQUIRE_ALL") == "1" {
			t.Fatal(err)
		}
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	openssl := func(args ...string) error {
		c := exec.CommandContext(t.Context(), "openssl", args...)
		c.Env = append(os.Environ(), "STAMPS="+dir)
		out, err := c.CombinedOutput()
		if err != nil {
			t.Logf("openssl %v: %s", args, out)
		}
		return err
	}
	config := "../../documents/testdata/stamps.cnf"
	if err := openssl("req", "-config", config, "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", in("stamps.key"), "-out", in("stamps.pem"), "-days", "2"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		question, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Content-Type") != "application/timestamp-query" || os.WriteFile(in("question"), question, 0o600) != nil ||
			openssl("ts", "-reply", "-config", config, "-queryfile", in("question"), "-out", in("answer")) != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		http.ServeFile(w, r, in("answer"))
	}))
	defer server.Close()

	a := newAuthority(server.URL, slog.New(slog.NewTextHandler(t.Output(), nil)))
	r, err := documents.ReadSeal(stampedPaper(t, a))
	if err != nil || r.StampedBy != "Stamps of Northshire" || time.Since(r.Stamped).Abs() > time.Hour {
		t.Errorf("it reads as %+v, %v", r, err)
	}
	if said := stampSaid(r); !strings.Contains(said, "says the time stamp of Stamps of Northshire") {
		t.Errorf("said %q", said)
	}
}

// An authority that fails holds up no paper: it is asked once, and the papers after
// that are issued without.
func TestAuthorityFails(t *testing.T) {
	tests := map[string]struct {
		answer http.HandlerFunc
		said   string
	}{
		"is broken":           {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, "503"},
		"says something else": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }, "no time stamp"},
		"says too much":       {func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, stampAnswer+1)) }, "more than a time stamp"},
		"never answers": {func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body) // from then on it is noticed that the client has gone
			<-r.Context().Done()
		}, "Client.Timeout"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				tt.answer(w, r)
			}))
			defer server.Close()
			var log bytes.Buffer
			a := newAuthority(server.URL, slog.New(slog.NewTextHandler(&log, nil)))
			if name == "never answers" {
				a.client.Timeout = 50 * time.Millisecond
			}
			for range 3 {
				r, err := documents.ReadSeal(stampedPaper(t, a))
				if err != nil || !r.Stamped.IsZero() {
					t.Errorf("it reads as %+v, %v", r, err)
				}
			}
			if n := asked.Load(); n != 1 {
				t.Errorf("it was asked %d times", n)
			}
			if said := log.String(); strings.Count(said, "issued without a time stamp") != 1 || !strings.Contains(said, tt.said) {
				t.Errorf("the log says %s", said)
			}
		})
	}
}

// stampedPaper is a small paper, sealed as the office does with an authority.
func stampedPaper(t *testing.T, a *authority) []byte {
	t.Helper()
	text, err := newSeal("Data Release Office", true, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	p := documents.Press{Office: dars.Office{Name: "Data Release Office"}}
	pdf, err := p.New("Paper", "small", "CON-000001-X0X0X", "2016-03-01").PDF()
	if err != nil {
		t.Fatal(err)
	}
	seal, err := parseSeal(text)
	if err != nil {
		t.Fatal(err)
	}
	seal.Stamp = a.stamp
	sealed, err := seal.Put(pdf)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}
