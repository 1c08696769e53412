package intake_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"darsd/transfer/intake"
)

// clamd is one that finds what it is told to, by the protocol of the real one. It takes
// at most a megabyte.
func clamd(t *testing.T, address string) string {
	t.Helper()
	network := "tcp"
	if strings.HasPrefix(address, "/") {
		network = "unix"
	}
	ln, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			line, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer line.Close()
				io.WriteString(line, judged(bufio.NewReader(line)))
			}()
		}
	}()
	return ln.Addr().String()
}

func judged(in *bufio.Reader) string {
	command, err := in.ReadString(0)
	if err != nil || command != "zINSTREAM\x00" {
		return map[string]string{"zPING\x00": "PONG\x00"}[command]
	}
	var all bytes.Buffer
	for {
		var n uint32
		if binary.Read(in, binary.BigEndian, &n) != nil {
			return ""
		}
		if n == 0 {
			break
		}
		if all.Len()+int(n) > 1<<20 {
			return "INSTREAM size limit exceeded. ERROR\x00"
		}
		if _, err := io.CopyN(&all, in, int64(n)); err != nil {
			return ""
		}
	}
	switch {
	case bytes.Contains(all.Bytes(), []byte("EICAR")):
		return "stream: Eicar-Test-Signature FOUND\x00"
	case bytes.Contains(all.Bytes(), []byte("die")):
		return ""
	case bytes.Contains(all.Bytes(), []byte("odd")):
		return "stream: Can't allocate memory ERROR\x00"
	}
	return "stream: OK\x00"
}

func TestScan(t *testing.T) {
	address := map[string]string{"socket": clamd(t, filepath.Join(t.TempDir(), "clamd")), "tcp": clamd(t, "127.0.0.1:0")}
	for where, address := range address {
		s := intake.Scanner{Address: address}
		if err := s.Ping(t.Context()); err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		for name, tt := range map[string]struct {
			content io.Reader
			found   string
			err     string
		}{
			"clean":               {strings.NewReader("a list"), "", ""},
			"empty":               {strings.NewReader(""), "", ""},
			"several pieces":      {strings.NewReader(strings.Repeat("a list\n", 100_000)), "", ""},
			"infected":            {strings.NewReader("X5O!EICAR"), "Eicar-Test-Signature", ""},
			"infected at the end": {strings.NewReader(strings.Repeat("x", 200_000) + "EICAR"), "Eicar-Test-Signature", ""},
			"too large for it":    {strings.NewReader(strings.Repeat("EICAR", 1<<20)), "", "the scanner"},
			"dies over it":        {strings.NewReader("die"), "", "did not answer"},
			"an error of its own": {strings.NewReader("odd"), "", "allocate"},
			"cannot be read":      {iotest.ErrReader(errors.New("damaged")), "", "damaged"},
		} {
			t.Run(where+", "+name, func(t *testing.T) {
				found, err := s.Scan(t.Context(), tt.content)
				if found != tt.found || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
					t.Errorf("found %q, %v, want %q and an error with %q", found, err, tt.found, tt.err)
				}
			})
		}
	}
}

// A scanner that is not there, or hangs, has not found that a file is clean.
func TestScannerIsAway(t *testing.T) {
	if _, err := (intake.Scanner{Address: filepath.Join(t.TempDir(), "none")}).Scan(t.Context(), strings.NewReader("a list")); err == nil {
		t.Error("nobody listens, and the file is clean")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		ln.Accept() // and says nothing
		stop()
	}()
	if _, err := (intake.Scanner{Address: ln.Addr().String()}).Scan(ctx, strings.NewReader("a list")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that it was cancelled", err)
	}
}
