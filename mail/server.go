package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
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

// How long a mail server may take: to be reached, and then for the greeting and
// again for the letter (RFC 5321, 4.5.3.2, allows minutes).
const (
	reach    = 30 * time.Second
	patience = 5 * time.Minute
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
	err = client.DialAndSendWithContext(ctx, letter)
	if err == nil || letter.IsDelivered() {
		return nil
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
