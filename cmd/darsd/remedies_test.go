package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Whatever the machine refuses, the operator reads what is to be done about it.
func TestWhatTheMachineRefusesHasARemedy(t *testing.T) {
	tests := map[string]struct {
		err  error
		says string
	}{
		"the disk is full":          {&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, "make room"},
		"a disk that is only read":  {fmt.Errorf("attempt to write: %w", syscall.EROFS), "Mount it for writing"},
		"a port in use":             {fmt.Errorf("sftp.listen: %w", &net.OpError{Op: "listen", Err: syscall.EADDRINUSE}), "stop it, or name another port"},
		"a port below 1024":         {&net.OpError{Op: "listen", Err: syscall.EACCES}, "Name a higher one"},
		"a server that is down":     {fmt.Errorf("connect: %w", syscall.ECONNREFUSED), "the server of the database does not answer"},
		"an address of another":     {&net.OpError{Op: "listen", Err: syscall.EADDRNOTAVAIL}, "Name one that it has"},
		"a configuration of root's": {misuse{fmt.Errorf("configuration: %w", &fs.PathError{Op: "open", Path: "/nowhere/darsd.yaml", Err: syscall.EACCES})}, "/ belongs to root"},
		"a file in a folder":        {&fs.PathError{Op: "openat", Path: "vault", Err: syscall.EACCES}, "be that user"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if said := remedy(tt.err); !strings.Contains(said, tt.says) {
				t.Errorf("of %v it says %q", tt.err, said)
			}
		})
	}
	if said := remedy(errors.New("something else")); said != "" {
		t.Errorf("of something else it says %q", said)
	}
}

// A wrong turn says where the right one is, and leaves nothing.
func TestWrongTurns(t *testing.T) {
	t.Parallel()
	d := begin(t, "published")
	before := d.headOf(t, "office")
	private := d.path("people/olive/id_ed25519")
	for name, tt := range map[string]struct {
		line   []string
		status int
		says   string
	}{
		"no key":                       {[]string{"--data", d.path("new"), "init", "--operator", "olive"}, misused, "say with --key FILE which key the operator signs in with"},
		"the private half":             {[]string{"--data", d.path("new"), "init", "--operator", "olive", "--key", private}, misused, "is the private half of a key"},
		"another configuration":        {[]string{"--data", d.path("office"), "--config", d.path("nowhere.yaml"), "doctor"}, misused, "there is no configuration at"},
		"a backup in what it is of":    {[]string{"--data", d.path("office"), "backup", "--to", d.path("office/backup")}, refused, "lies in the data directory"},
		"another kind of database":     {[]string{"--data", d.path("office"), "store", "copy", "--to", "mysql://db/office"}, misused, "neither an address that begins with postgres:// nor a file"},
		"a day that it is not":         {[]string{"--data", d.path("office"), "doctor", "--today", "2016-03-01"}, misused, "set its clock right"},
		"a backup that shares nothing": {[]string{"--data", d.path("office"), "backup", "--to", d.path("backup"), "--link", d.path("people")}, refused, "is no backup"},
	} {
		if _, said, status := asked(t.Context(), tt.line...); status != tt.status || !strings.Contains(said, tt.says) || strings.Contains(said, "PRIVATE") {
			t.Errorf("%s ends with %d: %s", name, status, said)
		}
	}
	for _, left := range []string{"new", "office/backup", "backup", "office/mysql:", "office/" + saidToday} {
		if _, err := os.Lstat(d.path(left)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", left, err)
		}
	}
	if is := d.headOf(t, "office"); is != before {
		t.Errorf("the head is %s, and was %s", is, before)
	}
}

// Said as root by mistake, a command writes nothing that the daemon could not read.
func TestRootActsInNobodyElsesOffice(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be refused for being root")
	}
	const nobody = 65534
	d := begin(t, "published")
	empty := filepath.Join(d.dir, "empty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	d.write(t, "key.pub", d.readIn(t, "people/olive/id_ed25519.pub"))
	d.ask(t, "backup", "--to", d.path("backup"))
	for _, dir := range []string{empty, d.path("office")} {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	for name, line := range map[string][]string{
		"found":   {"--data", empty, "init", "--operator", "olive", "--key", d.path("key.pub")},
		"restore": {"--data", empty, "restore", "--from", d.path("backup")},
		"look":    {"--data", d.path("office"), "doctor"},
		"act":     {"--data", d.path("office"), "--as", "olive", "scrub"},
		"move":    {"--data", d.path("office"), "store", "copy", "--to", "next.db"},
	} {
		if _, said, status := asked(t.Context(), line...); status != misused || !strings.Contains(said, "what root writes there nobody could not read: say sudo -u nobody darsd") {
			t.Errorf("%s ends with %d: %s", name, status, said)
		}
	}
	left, err := os.ReadDir(empty)
	if err != nil || len(left) > 0 {
		t.Errorf("there is %v, %v", left, err)
	}
}
