package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// A Server is the office's mail server, to which letters are handed by SMTP.
type Server struct {
	Addr       string // host:port
	Encryption Encryption
	User       string // "" for a server that asks for no name
	Password   string
	On         Stationery

	mu     sync.Mutex
	silent time.Time // when it last kept us waiting in vain

	// Dial connects; nil is by TCP.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// TLS is how the server's certificate is checked; nil is by the machine's
	// authorities and the host's name.
	TLS *tls.Config
}

// An Encryption says what is asked of the line to a mail server.
type Encryption string

const (
	// Opportunistic encrypts where the server offers it, and does not look at the
	// certificate: who would forge one could as well take away the offer (RFC 7435).
	Opportunistic Encryption = "opportunistic"
	// Require sends nothing unless the line is encrypted and the certificate good.
	Require Encryption = "require"
	// Implicit is Require for a port that begins with TLS, such as 465 (RFC 8314).
	Implicit Encryption = "implicit"
)

// How long a mail server may take: to be reached; for its greeting and each answer
// after it; and for a letter in all. RFC 5321, 4.5.3.2, has a mail relay wait five
// minutes for an answer and ten for the last. An office hands its letters to a server of
// its own, which answers in seconds or is ill: two minutes are enough for one that is
// busy. One that was silent is left alone for a while, or every letter would wait for it
// in turn.
const (
	reach    = 30 * time.Second
	answer   = 2 * time.Minute
	patience = 10 * time.Minute
	rest     = 5 * time.Minute
)

// Refused is the answer of a mail server that will not take a letter, now or later:
// it does not know the address, or does not like the letter. Anything else that goes
// wrong is worth trying again.
type Refused struct{ Err error }

func (r *Refused) Error() string { return r.Err.Error() }
func (r *Refused) Unwrap() error { return r.Err }

// Permanent tells the office, which does not know this package, the same.
func (r *Refused) Permanent() bool { return true }

// Send hands a letter to the server. It is sent once the server has said that it has
// all of it; how the line ends after that is of no matter.
func (s *Server) Send(ctx context.Context, m Message) error {
	letter, err := s.On.letter(m)
	if err != nil {
		return &Refused{err} // it would be the same tomorrow
	}
	// go-mail leaves a line open that fails before the first letter.
	ctx, hangUp := context.WithCancel(ctx)
	defer hangUp()
	client, err := s.client(ctx)
	if err != nil {
		return err
	}
	if until := s.restsUntil(); time.Now().Before(until) {
		return &Resting{s.Addr, until}
	}
	err = client.DialAndSendWithContext(ctx, letter)
	if err == nil || letter.IsDelivered() {
		return nil
	}
	if late := net.Error(nil); errors.As(err, &late) && late.Timeout() && ctx.Err() == nil {
		s.wasSilent()
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	said := fmt.Errorf("message %s by %s: %w", m.ID, s.Addr, err)
	if refused(err) {
		return &Refused{said}
	}
	return said
}

// Resting is why a letter was not even tried: the server kept an earlier one waiting in
// vain, and is left alone for a while.
type Resting struct {
	Addr  string
	Until time.Time
}

func (r *Resting) Error() string {
	return fmt.Sprintf("mail server %s gave no answer and is left alone until %s", r.Addr, r.Until.UTC().Format(time.RFC3339))
}

// NotBefore tells the office, which does not know this package, when to try again.
func (r *Resting) NotBefore() time.Time { return r.Until }

func (s *Server) wasSilent() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = time.Now()
}

// restsUntil is when a server that was silent is tried again; zero if it was not.
func (s *Server) restsUntil() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.silent.IsZero() {
		return time.Time{}
	}
	return s.silent.Add(rest)
}

// impatient is a line on which each answer is to come in time, and all of them by the
// end.
type impatient struct {
	net.Conn
	end time.Time
}

func (c impatient) Read(p []byte) (int, error) {
	by := time.Now().Add(answer)
	if by.After(c.end) {
		by = c.end
	}
	if err := c.SetReadDeadline(by); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// refused reports whether a server has refused this letter for good. What it says
// against the office itself (to its greeting, its name, its sender) is no word on the
// letter.
func refused(err error) bool {
	var sent *gomail.SendError
	if !errors.As(err, &sent) || sent.ErrorCode() < 500 || sent.ErrorCode() > 599 {
		return false
	}
	switch sent.Reason {
	case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
		return true
	}
	return false
}

func (s *Server) client(ctx context.Context) (*gomail.Client, error) {
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return nil, fmt.Errorf(`mail server %q is not host:port, such as "mail.example.org:25": %w`, s.Addr, err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("mail server %q: its port is not a number", s.Addr)
	}
	checks := &tls.Config{}
	if s.TLS != nil {
		checks = s.TLS.Clone()
	}
	checks.ServerName, checks.MinVersion = host, tls.VersionTLS12
	policy := gomail.TLSMandatory
	switch {
	case s.Encryption == Implicit:
		policy = gomail.NoTLS // the line is encrypted before the first word
	case s.Encryption != Require && s.User == "":
		policy, checks.InsecureSkipVerify = gomail.TLSOpportunistic, true
	}
	options := []gomail.Option{gomail.WithPort(number), gomail.WithTimeout(patience), gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(checks),
		gomail.WithoutNoop(), gomail.WithoutRset(), gomail.WithDialContextFunc(s.dial(ctx, checks))}
	if s.User != "" {
		auth := gomail.SMTPAuthAutoDiscover
		if s.Encryption == Implicit {
			auth = gomail.SMTPAuthPlain // go-mail does not know that our line is encrypted, and would not find it
		}
		options = append(options, gomail.WithUsername(s.User), gomail.WithPassword(s.Password), gomail.WithSMTPAuth(auth))
	}
	client, err := gomail.NewClient(host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail server %s: %w", s.Addr, err)
	}
	return client, nil
}

// dial connects, and cuts the line when the work is done or called off: go-mail looks
// at a context only until it is connected.
func (s *Server) dial(work context.Context, checks *tls.Config) gomail.DialContextFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx, stop := context.WithTimeout(ctx, reach)
		defer stop()
		dial := s.Dial
		if dial == nil {
			dial = (&net.Dialer{}).DialContext
		}
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		conn = impatient{conn, time.Now().Add(patience)}
		if s.Encryption == Implicit {
			encrypted := tls.Client(conn, checks)
			if err := encrypted.HandshakeContext(ctx); err != nil {
				conn.Close()
				return nil, err
			}
			conn = encrypted
		}
		context.AfterFunc(work, func() { conn.Close() })
		return conn, nil
	}
}
