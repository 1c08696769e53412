package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"darsd/dars"
)

// visitWithOpenSSH has OpenSSH's sftp fetch a release, and go on where it was cut off.
func (s *soak) visitWithOpenSSH(ctx context.Context, v *visit) error {
	if err := os.MkdirAll(filepath.Dir(s.home(v)), 0o700); err != nil {
		return err
	}
	var said []byte
	for try := range 100 {
		d, err := s.serves(ctx)
		if err != nil {
			return err
		}
		host, port, err := net.SplitHostPort(d.SFTP)
		if err != nil {
			return err
		}
		c := exec.CommandContext(ctx, "sftp", "-q", "-b", "-", "-F", "none", "-P", port, "-i", s.path("people/"+v.who.login), "-o", "IdentitiesOnly=yes",
			"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=60", v.who.login+"@"+host)
		c.Stdin = strings.NewReader(fmt.Sprintf("get -a -r %s %s\n", v.remote(), filepath.Dir(s.home(v))))
		s.count("sessions of OpenSSH", 1)
		said, err = c.CombinedOutput()
		s.takeStock(v)
		if err == nil {
			s.count("visits that took all", 1)
			for _, c := range s.copiesOf(v) {
				s.isWhole(c, v)
			}
			return s.wholeBag(v)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.count("sessions of OpenSSH cut off", 1)
		if try > 20 {
			time.Sleep(100 * time.Millisecond)
		}
	}
	s.finds("OpenSSH cannot collect %s for %s: %s", v.of.id, v.who.login, bytes.TrimSpace(said))
	return nil
}

// takeStock notes what OpenSSH has left on the disk.
func (s *soak) takeStock(v *visit) {
	for _, c := range s.copiesOf(v) {
		if info, err := os.Stat(c.local); err == nil && info.Size() > 0 {
			s.mu.Lock()
			c.has, v.of.sent = dars.Ranges{{To: info.Size()}}, true
			s.mu.Unlock()
		}
	}
}

// copiesOf are the files of data that lie in a visitor's home.
func (s *soak) copiesOf(v *visit) (all []*copied) {
	files, _ := filepath.Glob(filepath.Join(s.home(v), "data", "FILE*"))
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, local := range files {
		c := s.left[local]
		if c == nil {
			c = &copied{of: v.of, who: v.who, file: dars.FileID(filepath.Base(local)[:11]), local: local}
			s.left[local] = c
		}
		all = append(all, c)
	}
	return all
}
