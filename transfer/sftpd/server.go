package sftpd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

const (
	maxStrangers = 500 // connections that have not signed in
	look         = 100 * time.Millisecond
)

// A Server serves the endpoint, on any number of listeners.
type Server struct {
	Desk     Desk
	Ledger   Ledger
	Trays    Trays
	HostKeys []ssh.Signer // as [HostKeys] gives them

	Now     func() time.Time // the office's clock; time.Now if nil
	Log     *slog.Logger     // nothing is written if nil
	Uploads Uploads          // limits on submit/
	Grace   time.Duration    // for what is going on when Serve is to end; 30 s if zero

	PQOnly     bool // only key exchanges that a quantum computer does not undo
	LegacyMACs bool // lets in libssh2 up to 1.10, such as that of curl

	spare      spare         // memory that sessions use in turn
	generation atomic.Uint64 // of what the office has said; Recheck begins a new one

	mu        sync.Mutex
	changed   chan struct{} // from Recheck
	conns     map[*conn]bool
	downloads map[*download]bool // not settled yet

	allowances map[dars.PersonID]*allowance // what each has of Uploads
}

// Serve serves until ctx ends. Then nobody new is let in and nothing new is
// begun; what is going on has Grace to come to its end; and when Serve returns,
// the ledger has been told of every download.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	if len(s.HostKeys) == 0 {
		return errors.New("sftp: no host key")
	}
	defer ln.Close()
	defer context.AfterFunc(ctx, func() { ln.Close() })()

	// Connections outlive ctx by the time of grace.
	longer, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	var watching, open sync.WaitGroup
	watching.Go(func() { s.watchClock(longer) })
	watching.Go(func() { s.watchOffice(longer) })
	defer watching.Wait()
	defer end()

	mine := map[*conn]bool{}
	err := s.accept(ctx, ln, func(nc net.Conn, signedIn func()) {
		each, done := context.WithCancel(longer)
		c := &conn{
			server: s, net: newOutgoing(nc, &s.spare.outgoing), ctx: each, end: done, began: s.now(), address: nc.RemoteAddr().String(),
			log:   s.log().With("address", nc.RemoteAddr().String()),
			wires: map[*wire]bool{}, uploads: map[*upload]bool{},
		}
		s.mu.Lock()
		if s.conns == nil {
			s.conns = map[*conn]bool{}
		}
		s.conns[c], mine[c] = true, true
		s.mu.Unlock()
		open.Go(func() {
			defer func() {
				s.mu.Lock()
				delete(s.conns, c)
				delete(mine, c)
				s.mu.Unlock()
			}()
			c.serve(s.config(c), signedIn)
		})
	})

	each := func(do func(*conn)) {
		s.mu.Lock()
		var left []*conn
		for c := range mine {
			left = append(left, c)
		}
		s.mu.Unlock()
		for _, c := range left {
			do(c)
		}
	}
	each((*conn).leave)
	patience := time.AfterFunc(cmp.Or(s.Grace, 30*time.Second), func() {
		each(func(c *conn) { go c.part(errClosing.Error()) })
	})
	defer patience.Stop()
	open.Wait()
	return err
}

// accept lets connections in until ctx ends. An error of one, or running out of
// files, does not end it.
func (s *Server) accept(ctx context.Context, ln net.Listener, in func(nc net.Conn, signedIn func())) error {
	strangers := make(chan struct{}, maxStrangers)
	pause := time.Duration(0)
	for {
		nc, err := ln.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				nc.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("sftp: %w", err)
		case err != nil:
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			s.log().Error("no connection accepted", "err", err, "pause", pause)
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
			continue
		}
		pause = 0
		select {
		case strangers <- struct{}{}:
			in(nc, func() { <-strangers })
		default:
			s.log().Warn("connection refused: too many have not signed in", "address", nc.RemoteAddr().String())
			nc.Close()
		}
	}
}

type (
	personKey struct{}
	person    struct {
		id  dars.PersonID
		key string
	}
)

var errNobody = errors.New("no such login or key")

// config is what the SSH layer is to do for one connection. The lists of
// algorithms leave out what an audit would fail (NIST curves, SHA-1, MACs that
// are not computed over the encrypted packet), and chacha20: OpenSSH would take
// it, and be half as fast.
func (s *Server) config(c *conn) *ssh.ServerConfig {
	exchanges := []string{ssh.KeyExchangeMLKEM768X25519, ssh.KeyExchangeCurve25519, ssh.KeyExchangeDH16SHA512}
	if s.PQOnly {
		exchanges = exchanges[:1]
	}
	macs := []string{ssh.HMACSHA256ETM, ssh.HMACSHA512ETM}
	if s.LegacyMACs {
		macs = append(macs, ssh.HMACSHA256, ssh.HMACSHA512)
	}
	config := &ssh.ServerConfig{
		Config: ssh.Config{
			KeyExchanges: exchanges,
			Ciphers:      []string{ssh.CipherAES128GCM, ssh.CipherAES256GCM, ssh.CipherAES256CTR, ssh.CipherAES192CTR, ssh.CipherAES128CTR},
			MACs:         macs,
		},
		PublicKeyAuthAlgorithms: []string{
			ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256,
			ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
			ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
		},
		ServerVersion: "SSH-2.0-darsd",
		MaxAuthTries:  10, // each key that an agent offers is one
		// Permissions belong to the key they were given for: if that is the one
		// that proves itself, they are those of the connection.
		PublicKeyCallback: func(meta ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			fingerprint := ssh.FingerprintSHA256(key)
			id, err := s.Desk.SignIn(c.ctx, meta.User(), fingerprint)
			if _, is := key.(*ssh.Certificate); is && err == nil {
				err = errors.New("certificates are not accepted")
			}
			if err != nil || id == "" {
				c.log.Info("sign-in refused", "login", plain(brief(meta.User())), "key", fingerprint, "err", err)
				return nil, errNobody
			}
			return &ssh.Permissions{ExtraData: map[any]any{personKey{}: person{id, fingerprint}}}, nil
		},
	}
	for _, key := range s.HostKeys {
		config.AddHostKey(key)
	}
	return config
}

func brief(text string) string { return strings.ToValidUTF8(text[:min(len(text), 64)], "?") }

// Recheck says that something has changed that may concern what people are
// doing: it is asked again, for each open file and each person. Recheck returns
// at once; access that has ended is cut off within a second.
func (s *Server) Recheck() {
	s.generation.Add(1)
	wake(s.changes())
}

// changes carries the news from Recheck to Serve.
func (s *Server) changes() chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{}, 1)
	}
	return s.changed
}

// watchOffice asks again whenever something has changed.
func (s *Server) watchOffice(ctx context.Context) {
	changed := s.changes()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
			s.recheck()
		}
	}
}

func (s *Server) recheck() {
	defer s.guard("recheck")
	unknown := false
	defer func() {
		if unknown {
			time.AfterFunc(time.Second, func() { wake(s.changes()) })
		}
	}()
	conns, downloads := s.open()
	for _, d := range downloads {
		c := d.w.c
		// What is no refusal is a fault of ours: it is not known that access has
		// ended, so it is asked again. The ledger will let no further block leave
		// if the fault is there too.
		err := s.Desk.May(c.ctx, c.who, c.key, d.entry)
		var refusal *dars.Refusal
		switch {
		case errors.As(err, &refusal):
			d.w.cut(d, plain(refusal.Sentence))
		case err != nil:
			unknown = true
			c.log.Error("not known whether access goes on", "file", d.File, "err", err)
		}
	}
	for _, c := range conns {
		c.mu.Lock()
		signedIn := c.signedIn
		c.mu.Unlock()
		if !signedIn {
			continue
		}
		id, err := s.Desk.SignIn(c.ctx, c.login, c.key)
		var refusal *dars.Refusal
		switch {
		case errors.As(err, &refusal):
			c.banish(plain(refusal.Sentence))
		case err != nil:
			unknown = true
			c.log.Error("not known whether the key is still good", "err", err)
		case id != c.who:
			c.banish("your key is somebody else's now")
		}
	}
}

func (s *Server) guard(doing string) {
	if fault := recover(); fault != nil {
		s.log().Error("panic", "act", doing, "panic", fault, "stack", string(debug.Stack()))
	}
}

// open lists who is here, and what is being read.
func (s *Server) open() (conns []*conn, downloads []*download) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		conns = append(conns, c)
	}
	for d := range s.downloads {
		downloads = append(downloads, d)
	}
	return conns, downloads
}

func (s *Server) watch(d *download) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.downloads == nil {
		s.downloads = map[*download]bool{}
	}
	s.downloads[d] = true
}

func (s *Server) unwatch(d *download) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.downloads, d)
}

// watchClock ends access whose time has passed, also where nobody reads just
// now, and breaks off connections whose client takes nothing any more. It looks
// often enough that a file is closed to its reader within the second.
func (s *Server) watchClock(ctx context.Context) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.look()
		}
	}
}

func (s *Server) look() {
	defer s.guard("look at the clock")
	conns, downloads := s.open()
	today := s.now()
	for _, d := range downloads {
		if d.past(today) {
			d.w.cut(d, d.sentence())
		}
	}
	now := time.Now()
	for _, c := range conns {
		if slices.ContainsFunc(c.sessions(), func(w *wire) bool { return w.stuck(now) }) {
			c.log.Info("connection reset: the client takes nothing any more")
			c.reset()
		}
	}
}

func (s *Server) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

func (s *Server) log() *slog.Logger {
	if s.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Log
}
