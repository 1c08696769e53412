package main

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pkg/sftp"

	"darsd/dars"
)

// A copied file is what a client has of one, on its own disk. has are the ranges that
// have come; what lies between them is nothing.
type copied struct {
	of    *published
	who   collector
	file  dars.FileID
	local string
	has   dars.Ranges
	size  int64
	whole bool
	on    dars.Day // when it was whole
}

// A visit is one recipient's way of collecting one release.
type visit struct {
	on      dars.Day
	of      *published
	who     collector
	manner  string // see manners
	breaks  int    // how often the client breaks off by itself
	expects string // why there must be nothing; "" if there must be something
}

// manners are how clients collect: who never comes, who comes for a piece and never
// again, who reads from the beginning on, in any order, and OpenSSH's.
var manners = []string{"never", "a piece", "onwards", "onwards", "onwards", "in any order", "in any order", "openssh", "openssh"}

// visit collects, breaks off, comes back and goes on, until all is there or as much as
// the visitor wants.
func (s *soak) visit(ctx context.Context, v *visit) error {
	if v.manner == "never" {
		s.count("visits that never came", 1)
		return nil
	}
	if v.expects != "" {
		return s.visitInVain(ctx, v)
	}
	s.mu.Lock()
	v.of.asked = true
	s.mu.Unlock()
	if v.manner == "openssh" {
		return s.visitWithOpenSSH(ctx, v)
	}
	lot := s.lot("visit", v.of.id, v.who.login)
	var copies map[string]*copied
	for try := 0; ; try++ {
		if try > 200 {
			return fmt.Errorf("%s cannot collect %s", v.who.login, v.of.id)
		}
		err := s.session(ctx, v.who.login, func(c *sftp.Client) error {
			if copies == nil {
				var err error
				if copies, err = s.list(c, v); err != nil {
					return err
				}
			}
			for _, name := range names(copies) {
				if err := s.read(c, copies[name], name, v, lot); err != nil {
					return err
				}
			}
			return nil
		})
		switch {
		case errors.Is(err, errEnough):
			s.count("visits for a piece", 1)
			return nil
		case errors.Is(err, errBreak):
			s.count("clients that broke off", 1)
			continue
		case err == nil:
			s.count("visits that took all", 1)
			return s.wholeBag(v)
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission):
			s.finds("%s: %s cannot read %s, and nothing stands in the way: %v", v.on, v.who.login, v.of.id, err)
			return nil
		}
		s.count("sessions cut off", 1)
		time.Sleep(20 * time.Millisecond)
	}
}

var (
	errBreak  = errors.New("the client breaks off")
	errEnough = errors.New("the client has enough")
)

// session is one of SFTP, over a connection of its own.
func (s *soak) session(ctx context.Context, login string, do func(*sftp.Client) error) error {
	d, err := s.serves(ctx)
	if err != nil {
		return err
	}
	c, err := s.dial(d, login)
	if err != nil {
		return err
	}
	defer c.Close()
	f, err := sftp.NewClient(c)
	if err != nil {
		return err
	}
	s.count("SFTP sessions", 1)
	if err := do(f); err != nil {
		return err // the connection goes as it is, as when a cable is pulled
	}
	return f.Close()
}

func (v *visit) remote() string { return "collect/" + v.of.of.id + "/" + string(v.of.id) }

// home is where a visitor's copy lies.
func (s *soak) home(v *visit) string {
	return s.path("people/" + v.who.login + ".home/" + string(v.of.id))
}

// list looks what there is, and notes what the client is about to have.
func (s *soak) list(c *sftp.Client, v *visit) (map[string]*copied, error) {
	all := map[string]*copied{}
	for w := c.Walk(v.remote()); w.Step(); {
		if w.Err() != nil {
			return nil, w.Err()
		}
		if w.Stat().IsDir() {
			continue
		}
		name := strings.TrimPrefix(w.Path(), v.remote()+"/")
		all[name] = s.copyOf(v, name, w.Stat().Size())
	}
	if len(all) < 6 {
		return nil, fmt.Errorf("there are only %d files in %s", len(all), v.remote())
	}
	return all, nil
}

func (s *soak) copyOf(v *visit, name string, size int64) *copied {
	c := &copied{of: v.of, who: v.who, local: filepath.Join(s.home(v), filepath.FromSlash(name)), size: size}
	if path.Dir(name) != "data" {
		return c
	}
	c.file = dars.FileID(path.Base(name)[:11])
	s.mu.Lock()
	defer s.mu.Unlock()
	if was := s.left[c.local]; was != nil { // they come back for the rest
		was.size = size
		return was
	}
	s.left[c.local] = c
	return c
}

func names(all map[string]*copied) (sorted []string) {
	for name := range all {
		sorted = append(sorted, name)
	}
	slices.SortFunc(sorted, func(a, b string) int {
		if first := strings.HasPrefix(a, "data/"); first != strings.HasPrefix(b, "data/") {
			return map[bool]int{true: 1, false: -1}[first] // whoever only wants a piece has the manifest
		}
		return strings.Compare(a, b)
	})
	return sorted
}

// read fetches what a client has not got of a file: from the beginning on, or in pieces
// in any order. What came is on its disk before it asks for more.
func (s *soak) read(c *sftp.Client, to *copied, name string, v *visit, lot *rand.Rand) error {
	if to.whole {
		return nil
	}
	from, err := c.Open(v.remote() + "/" + name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to.local), 0o700); err != nil {
		return err
	}
	disk, err := os.OpenFile(to.local, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer disk.Close()
	pieces := missing(to.has, to.size, 1000+lot.Int64N(20_000))
	if v.manner == "in any order" {
		lot.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
	}
	stop := -1
	if to.file != "" && (v.breaks > 0 || v.manner == "a piece") {
		stop = lot.IntN(len(pieces) + 1)
	}
	for i, p := range pieces {
		if i == stop {
			if v.manner == "a piece" {
				return errEnough
			}
			v.breaks--
			return errBreak
		}
		buf := make([]byte, p.To-p.From)
		n, err := from.ReadAt(buf, p.From)
		if n > 0 {
			if _, err := disk.WriteAt(buf[:n], p.From); err != nil {
				return err
			}
			s.mu.Lock()
			to.has = to.has.Add(dars.Range{From: p.From, To: p.From + int64(n)})
			to.of.sent = to.of.sent || to.file != ""
			s.mu.Unlock()
			s.count("bytes that clients have", n)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	s.isWhole(to, v)
	if stop == len(pieces) && v.manner == "a piece" {
		return errEnough
	}
	if err := from.Close(); err != nil {
		return err
	}
	return nil
}

// isWhole notes on which day a client has all of a file.
func (s *soak) isWhole(c *copied, v *visit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.whole, c.on = true, v.on
	if c.file != "" && (v.of.taken == "" || v.on < v.of.taken) {
		v.of.taken = v.on
	}
}

// missing are the pieces of a file that a client has not got, none longer than some.
func missing(has dars.Ranges, size, some int64) (all []dars.Range) {
	at := int64(0)
	fill := func(to int64) {
		for ; at < to; at += min(some, to-at) {
			all = append(all, dars.Range{From: at, To: min(at+some, to)})
		}
	}
	for _, r := range has {
		fill(r.From)
		at = r.To
	}
	fill(size)
	return all
}

// wholeBag holds what a client has against the manifest that it got.
func (s *soak) wholeBag(v *visit) error {
	manifest, err := os.ReadFile(filepath.Join(s.home(v), "manifest-sha512.txt"))
	if err != nil {
		return err
	}
	data := 0
	for line := range strings.Lines(string(manifest)) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), " ")
		name = strings.TrimSpace(name)
		if !ok {
			continue
		}
		text, err := os.ReadFile(filepath.Join(s.home(v), filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		if is := sha512.Sum512(text); hex.EncodeToString(is[:]) != sum {
			s.finds("%s of %s, whole on the disk of %s, is not what the manifest says", name, v.of.id, v.who.login)
		}
		if want := s.expected(v.of.month, v.of.list); !bytes.Equal(text, want) {
			s.finds("%s of %s holds other rows than those that may leave: %d bytes, not %d", name, v.of.id, len(text), len(want))
		}
		data++
		s.count("files whole, with the manifest's sum and the rows that may leave", 1)
	}
	if data != 1 {
		s.finds("the manifest of %s names %d files", v.of.id, data)
	}
	return nil
}

// visitInVain reaches for what is not to be had.
func (s *soak) visitInVain(ctx context.Context, v *visit) error {
	for range 60 {
		err := s.session(ctx, v.who.login, func(c *sftp.Client) error {
			w := c.Walk(v.remote())
			for w.Step() {
				if w.Err() != nil {
					return w.Err()
				}
				if !w.Stat().IsDir() && strings.Contains(w.Path(), "/data/") {
					f, err := c.Open(w.Path())
					if err != nil {
						return err
					}
					if n, err := f.ReadAt(make([]byte, 100), 0); n > 0 {
						s.finds("%s: %s got %d bytes of %s, and %s", v.on, v.who.login, n, v.of.id, v.expects)
					} else {
						return err
					}
				}
			}
			return fs.ErrNotExist
		})
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			s.count("visits in vain, as they must be", 1)
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("%s cannot even be refused %s", v.who.login, v.of.id)
}
