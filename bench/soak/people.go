package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"darsd/store"
)

// lines are the SSH connections of people who are at work: one each, to the daemon that
// is there now.
type lines struct {
	mu   sync.Mutex
	open map[string]*line
	host []byte // the key of the office, the same however often it was killed
}

type line struct {
	*ssh.Client
	to *serving
}

// A refused command is one to which the office said no.
type refused struct{ rule, sentence string }

func (r *refused) Error() string { return r.rule + ": " + r.sentence }

// broken reports whether a line broke, and not the office said no.
func broken(err error) bool {
	var no *refused
	return err != nil && !errors.As(err, &no)
}

// dial signs in as somebody with their key.
func (s *soak) dial(d *serving, login string) (*ssh.Client, error) {
	text, err := os.ReadFile(s.path("people/" + login))
	if err != nil {
		return nil, err
	}
	key, err := ssh.ParsePrivateKey(text)
	if err != nil {
		return nil, err
	}
	return ssh.Dial("tcp", d.SFTP, &ssh.ClientConfig{User: login, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)}, HostKeyAlgorithms: []string{ssh.KeyAlgoED25519}, Timeout: time.Minute,
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			s.lines.mu.Lock()
			defer s.lines.mu.Unlock()
			if s.lines.host == nil {
				s.lines.host = key.Marshal()
			}
			if !bytes.Equal(s.lines.host, key.Marshal()) {
				s.finds("the office has another host key")
			}
			return nil
		}})
}

// lineOf is somebody's line to the daemon that is there now.
func (s *soak) lineOf(ctx context.Context, login string) (*line, error) {
	d, err := s.serves(ctx)
	if err != nil {
		return nil, err
	}
	s.lines.mu.Lock()
	l := s.lines.open[login]
	s.lines.mu.Unlock()
	if l != nil && l.to == d {
		return l, nil
	}
	c, err := s.dial(d, login)
	if err != nil {
		return nil, err
	}
	l = &line{c, d}
	s.lines.mu.Lock()
	defer s.lines.mu.Unlock()
	if s.lines.open == nil {
		s.lines.open = map[string]*line{}
	}
	was := s.lines.open[login]
	if was != nil && was.to == d { // another was quicker
		c.Close()
		return was, nil
	}
	if was != nil {
		was.Close()
	}
	s.lines.open[login] = l
	return l, nil
}

// once gives a command once.
func (s *soak) once(ctx context.Context, login string, args ...string) (map[string]any, error) {
	l, err := s.lineOf(ctx, login)
	if err != nil {
		return nil, err
	}
	session, err := l.NewSession()
	if err != nil {
		s.hangUp(login, l)
		return nil, err
	}
	defer session.Close()
	var out, said bytes.Buffer
	session.Stdout, session.Stderr = &out, &said
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
	}
	err = session.Run(strings.Join(words, " ") + " --json")
	var exit *ssh.ExitError
	answer := map[string]any{}
	json.Unmarshal(out.Bytes(), &answer) // a list of lines is not asked for
	switch {
	case err == nil:
		return answer, nil
	case errors.As(err, &exit) && exit.ExitStatus() == 1:
		rule, _ := answer["rule"].(string)
		return nil, &refused{rule, strings.TrimSpace(said.String())}
	case errors.As(err, &exit):
		return nil, fmt.Errorf("%s: %s: exit status %d: %s", login, strings.Join(args, " "), exit.ExitStatus(), strings.TrimSpace(said.String()))
	}
	s.hangUp(login, l)
	return nil, err
}

func (s *soak) hangUp(login string, l *line) {
	s.lines.mu.Lock()
	defer s.lines.mu.Unlock()
	if s.lines.open[login] == l {
		delete(s.lines.open, login)
	}
	l.Close()
}

// does gives a command until it was answered. Where the line broke before that, the
// office's own rows say whether it was done.
func (s *soak) does(ctx context.Context, login string, done func(*store.Tx) (bool, error), args ...string) (answer map[string]any, err error) {
	for try := range 60 {
		if answer, err = s.once(ctx, login, args...); !broken(err) {
			if err == nil {
				s.count("commands over SSH", 1)
			} else {
				s.count("commands refused", 1)
			}
			return answer, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var exit *ssh.ExitError
		if errors.As(err, &exit) {
			return nil, err
		}
		s.count("commands cut off", 1)
		if _, err := s.serves(ctx); err != nil {
			return nil, err
		}
		is := false
		if done != nil {
			if err := s.store.View(ctx, func(tx *store.Tx) (err error) { is, err = done(tx); return err }); err != nil {
				return nil, err
			}
		}
		if is {
			s.count("commands cut off that were done", 1)
			return nil, nil
		}
		if try > 2 {
			time.Sleep(200 * time.Millisecond)
		}
	}
	return nil, fmt.Errorf("%s: %s: cut off again and again: %w", login, strings.Join(args, " "), err)
}
