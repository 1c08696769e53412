package mail_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"darsd/mail"
)

// A postbox is as much of a mail server as is needed to send to it. Its lines are
// pipes, so that a bubble's clock can be theirs.
type postbox struct {
	answer  func(line string) string // in place of a yes: a code and words; "" hangs up; nil is never asked
	takes   time.Duration            // before each answer
	secret  *tls.Certificate         // offered with STARTTLS
	at465   bool                     // encrypted from the first byte
	lost    int                      // how many letters are taken before the line is cut ahead of the answer
	mu      sync.Mutex
	said    []string // commands
	got     []string // letters
	dialled int
	lines   sync.WaitGroup
}

func (p *postbox) dial(context.Context, string, string) (net.Conn, error) {
	p.mu.Lock()
	p.dialled++
	p.mu.Unlock()
	here, there := net.Pipe()
	p.lines.Go(func() {
		defer there.Close()
		p.serve(there)
	})
	return here, nil
}

func (p *postbox) serve(c net.Conn) {
	if p.at465 {
		c = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{*p.secret}})
	}
	in := bufio.NewReader(c)
	encrypted := p.at465
	say := func(format string, args ...any) { time.Sleep(p.takes); fmt.Fprintf(c, format+"\r\n", args...) }
	say("220 postbox")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		p.mu.Lock()
		p.said = append(p.said, line)
		p.mu.Unlock()
		if p.answer != nil {
			if no := p.answer(line); no == "hang up" {
				return
			} else if no != "" {
				say("%s", no)
				continue
			}
		}
		switch verb := strings.ToUpper(line); {
		case strings.HasPrefix(verb, "EHLO"):
			say("250-postbox")
			if p.secret != nil && !encrypted {
				say("250-STARTTLS")
			} else {
				say("250-AUTH PLAIN")
			}
			say("250 8BITMIME")
		case verb == "STARTTLS":
			say("220 go on")
			c = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{*p.secret}})
			in, encrypted = bufio.NewReader(c), true
		case strings.HasPrefix(verb, "AUTH PLAIN"):
			if text, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(line, "AUTH PLAIN ")); string(text) != "\x00desk\x00s3cret" {
				say("535 who are you")
				continue
			}
			say("235 welcome")
		case verb == "DATA":
			say("354 go on")
			var text strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				text.WriteString(strings.TrimPrefix(line, "."))
			}
			p.mu.Lock()
			p.got = append(p.got, text.String())
			cut := p.lost > 0
			p.lost--
			p.mu.Unlock()
			if cut {
				return
			}
			say("250 kept")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 yes")
		}
	}
}

// server is the postbox as the office knows it.
func (p *postbox) server() *mail.Server {
	return &mail.Server{Addr: "mail.example.org:25", On: office, Dial: p.dial}
}

// certificate makes one for a host, and what trusts it.
func certificate(t *testing.T, host string) (*tls.Certificate, *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, of, of, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	read, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	trust := x509.NewCertPool()
	trust.AddCert(read)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, &tls.Config{RootCAs: trust}
}

func TestServer(t *testing.T) {
	p := &postbox{}
	if err := p.server().Send(t.Context(), letter()); err != nil {
		t.Fatal(err)
	}
	p.lines.Wait()
	if len(p.got) != 1 {
		t.Fatalf("%d letters, after %q", len(p.got), p.said)
	}
	check(t, p.got[0], letter())
	said := strings.Join(p.said, "\n")
	for _, want := range []string{"MAIL FROM:<office@example.org>", "RCPT TO:<ada@example.org>"} {
		if !strings.Contains(said, want) {
			t.Errorf("%s is not among\n%s", want, said)
		}
	}
	for _, addr := range []string{"", "mail.example.org", "mail.example.org:smtp", "mail.example.org:0"} {
		if err := (&mail.Server{Addr: addr, On: office, Dial: p.dial}).Send(t.Context(), letter()); err == nil || !strings.Contains(err.Error(), "mail server") {
			t.Errorf("%q: %v", addr, err)
		}
	}
}

// What a server says decides whether a letter is tried again: what it says of the
// letter or its reader counts for good, what it says of the office does not.
func TestWhatAServerSays(t *testing.T) {
	at := func(verb, says string) func(string) string {
		return func(line string) string {
			if strings.HasPrefix(line, verb) {
				return says
			}
			return ""
		}
	}
	tests := map[string]struct {
		answer  func(string) string
		says    string
		forGood bool
	}{
		"nobody of that name":        {at("RCPT", "550 nobody of that name"), "nobody of that name", true},
		"too busy for that name":     {at("RCPT", "451 later"), "later", false},
		"grey until it comes again":  {at("RCPT", "450 4.2.0 greylisted"), "greylisted", false},
		"no letters like this":       {at("DATA", "554 looks like spam"), "looks like spam", true},
		"no room":                    {at("DATA", "452 disk full"), "disk full", false},
		"no sender like this":        {at("MAIL", "550 who are you"), "who are you", false},
		"the sender is refused once": {at("MAIL", "451 not now"), "not now", false},
		"nobody is greeted":          {func(string) string { return "554 no service" }, "no service", false},
		"it hangs up at the name":    {at("RCPT", "hang up"), "EOF", false},
		"it hangs up at the letter":  {at("DATA", "hang up"), "EOF", false},
		"it hangs up at the door":    {func(string) string { return "hang up" }, "EOF", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := &postbox{answer: tt.answer}
			err := p.server().Send(t.Context(), letter())
			p.lines.Wait()
			var no *mail.Refused
			if err == nil || errors.As(err, &no) != tt.forGood {
				t.Fatalf("for good is %v: %v", no != nil, err)
			}
			if !strings.Contains(err.Error(), tt.says) && !strings.Contains(err.Error(), "closed pipe") {
				t.Errorf("it does not say %q: %v", tt.says, err)
			}
			if len(p.got) != 0 {
				t.Error("sent")
			}
		})
	}
}

// A server that answers nothing, or takes a minute for each answer.
func TestASlowServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &postbox{takes: time.Minute}
		if err := slow.server().Send(t.Context(), letter()); err != nil || len(slow.got) != 1 {
			t.Errorf("of a slow server: %v", err)
		}
		start := time.Now()
		dead := &postbox{takes: 24 * time.Hour}
		err := dead.server().Send(t.Context(), letter())
		if took := time.Since(start); err == nil || took > 3*time.Minute {
			t.Errorf("a dead one kept us for %s: %v", took, err)
		}
		var no *mail.Refused
		if errors.As(err, &no) {
			t.Error("silence is no refusal")
		}

		// Whoever stops the daemon does not wait for it.
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		start = time.Now()
		if err := dead.server().Send(ctx, letter()); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 2*time.Second {
			t.Errorf("called off, it took %s: %v", time.Since(start), err)
		}
		slow.lines.Wait()
		dead.lines.Wait()
	})
}

// A server that was silent is left alone for a while: the letters after the first do not
// wait for it in turn. Then it is tried again.
func TestASilentServerRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &postbox{takes: 24 * time.Hour}
		s := p.server()
		if err := s.Send(t.Context(), letter()); err == nil {
			t.Fatal("it answered")
		}
		start := time.Now()
		for range 100 {
			var rests *mail.Resting
			if err := s.Send(t.Context(), letter()); !errors.As(err, &rests) || !rests.NotBefore().After(start) {
				t.Fatalf("it is tried again at once: %v", err)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("a hundred letters waited %s", took)
		}
		other := &postbox{}
		if err := other.server().Send(t.Context(), letter()); err != nil {
			t.Errorf("another server: %v", err)
		}
		time.Sleep(5 * time.Minute) // of the bubble
		well := &postbox{}
		s.Dial = well.dial
		if err := s.Send(t.Context(), letter()); err != nil || len(well.got) != 1 {
			t.Errorf("when it is well again: %v", err)
		}
		p.lines.Wait()
		other.lines.Wait()
		well.lines.Wait()
	})
}

// Nobody knows whether a letter went when the line is cut before the answer. It is
// sent again, under the name that it had.
func TestTheLineIsCutBeforeTheAnswer(t *testing.T) {
	p := &postbox{lost: 1}
	m := letter()
	if err := p.server().Send(t.Context(), m); err == nil {
		t.Fatal("it went, as far as we know")
	}
	if err := p.server().Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	p.lines.Wait()
	if len(p.got) != 2 || p.got[0] != p.got[1] {
		t.Errorf("%d letters, and they differ", len(p.got))
	}

	// When it has said yes, how it says goodbye is of no matter.
	rude := &postbox{answer: func(line string) string {
		if line == "QUIT" {
			return "hang up"
		}
		return ""
	}}
	if err := rude.server().Send(t.Context(), m); err != nil {
		t.Errorf("of a letter that it has: %v", err)
	}
	rude.lines.Wait()
}

// The line is encrypted as it was asked for, and a password never goes over one that
// is not.
func TestEncryption(t *testing.T) {
	good, trust := certificate(t, "mail.example.org")
	wrong, _ := certificate(t, "elsewhere.example.org")
	tests := map[string]struct {
		offers *tls.Certificate
		at465  bool
		asks   mail.Encryption
		user   string
		pass   string
		sent   bool
	}{
		"none, and none asked":                 {nil, false, mail.Opportunistic, "", "", true},
		"none, and it is required":             {nil, false, mail.Require, "", "", false},
		"offered and good":                     {good, false, mail.Opportunistic, "", "", true},
		"offered and bad":                      {wrong, false, mail.Opportunistic, "", "", true},
		"required and good":                    {good, false, mail.Require, "", "", true},
		"required and bad":                     {wrong, false, mail.Require, "", "", false},
		"from the first byte":                  {good, true, mail.Implicit, "", "", true},
		"from the first byte and bad":          {wrong, true, mail.Implicit, "", "", false},
		"with a password":                      {good, false, mail.Require, "desk", "s3cret", true},
		"with a password, not asked for":       {good, false, mail.Opportunistic, "desk", "s3cret", true},
		"with a password, from the first byte": {good, true, mail.Implicit, "desk", "s3cret", true},
		"with a wrong password":                {good, false, mail.Require, "desk", "wrong", false},
		"with a password and bad":              {wrong, false, mail.Opportunistic, "desk", "s3cret", false},
		"with a password and none":             {nil, false, mail.Opportunistic, "desk", "s3cret", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := &postbox{secret: tt.offers, at465: tt.at465}
			s := p.server()
			s.Encryption, s.User, s.Password, s.TLS = tt.asks, tt.user, tt.pass, trust
			err := s.Send(t.Context(), letter())
			p.lines.Wait()
			if (err == nil) != tt.sent || len(p.got) == 1 != tt.sent {
				t.Errorf("sent is %v: %v", len(p.got), err)
			}
			var no *mail.Refused
			if errors.As(err, &no) {
				t.Errorf("it counts for good: %v", err)
			}
			for _, line := range p.said {
				if !tt.sent && tt.pass == "s3cret" && strings.Contains(line, "AUTH") {
					t.Errorf("it was told %s", line)
				}
			}
			if err != nil && tt.pass != "" && strings.Contains(err.Error(), tt.pass) {
				t.Errorf("it says the password: %v", err)
			}
		})
	}
}
