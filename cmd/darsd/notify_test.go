package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The service manager is told when the daemon serves, that it lives, and when it ends.
func TestServiceManagerIsTold(t *testing.T) {
	t.Parallel()
	d := begin(t, "founded")
	dir, err := os.MkdirTemp("", "notify") // the name of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "s")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	heard := func() string {
		b := make([]byte, 1024)
		socket.SetReadDeadline(time.Now().Add(5 * time.Minute))
		n, err := socket.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	e := quiet()
	e.getenv = func(key string) string {
		return map[string]string{"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "3600000000"}[key]
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, e, []string{"--data", d.path("office"), "serve"}) }()
	if said := heard(); !strings.HasPrefix(said, "READY=1\nSTATUS=serving at 127.0.0.1:") {
		t.Errorf("at the start it says %q", said)
	}
	if said := heard(); said != "WATCHDOG=1" {
		t.Errorf("while it serves it says %q", said)
	}
	stop()
	if said := heard(); said != "STOPPING=1" {
		t.Errorf("at the end it says %q", said)
	}
	if status := <-ended; status != done {
		t.Errorf("it ends with status %d", status)
	}
}
