package sftpd

import (
	"context"
	"crypto/rsa"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"darsd/dars"
)

// signatures are those that are believed, of a visitor as of an authority. None
// of them uses SHA-1. Certificates are not named apart: what counts is the kind
// of key that signs.
var signatures = []string{
	ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256,
	ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
	ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
}

const (
	leastRSA = 2048         // bits
	lastDay  = 253402300799 // the end of the year 9999: a certificate that lasts longer has no end
)

// errNobody is all that is said of a login and a key that do not belong
// together, whether there is such a login or not.
var errNobody = errors.New("no such login or key")

// A guest is a visitor of whom it is known whether they may come in.
type guest struct {
	dars.Visitor
	who        dars.PersonID
	no         string // why they may not; "" if they may
	known      bool   // the desk said so, who knows them
	generation uint64 // of what the office says, when it was asked
}

type guestKey struct{}

// receive asks the desk who a visitor is. What is wrong with a certificate is
// not for the desk to find out.
func (s *Server) receive(ctx context.Context, login string, key ssh.PublicKey, from netip.Addr) (g guest, err error) {
	g = guest{Visitor: dars.Visitor{Login: login, Key: ssh.FingerprintSHA256(key), From: from}, generation: s.generation.Load()}
	if cert, is := key.(*ssh.Certificate); is {
		g.Key = ssh.FingerprintSHA256(cert.Key)
		g.Certificate = certificate(cert)
		g.no = faulty(cert, login, s.now())
	} else if weak(key) {
		g.no = tooShort
	}
	if g.no != "" {
		return g, nil
	}
	g.who, err = s.Desk.SignIn(ctx, g.Visitor)
	var refusal *dars.Refusal
	switch {
	case errors.As(err, &refusal) && refusal.Ref != "":
		g.who, g.no, g.known = "", plain(refusal.Sentence), true
		return g, nil
	case errors.As(err, &refusal), err == nil && g.who == "":
		return g, errNobody
	}
	return g, err
}

// certificate is what the office is to know of one.
func certificate(cert *ssh.Certificate) *dars.KeyCertificate {
	return &dars.KeyCertificate{
		Authority: ssh.FingerprintSHA256(cert.SignatureKey), ID: cert.KeyId, Serial: cert.Serial, Principals: cert.ValidPrincipals,
		From: time.Unix(int64(min(cert.ValidAfter, lastDay)), 0), Until: time.Unix(int64(min(cert.ValidBefore, lastDay)), 0),
	}
}

const tooShort = "an RSA key of fewer than 2048 bits is not accepted"

// faulty says what is wrong with a certificate, whoever signed it; "" if it is
// nothing. The library would take one that names no login for any login, one
// without an end, and a signature with SHA-1.
func faulty(cert *ssh.Certificate, login string, now time.Time) string {
	switch {
	case cert.CertType != ssh.UserCert:
		return "this certificate is not for people"
	case len(cert.ValidPrincipals) == 0:
		return "this certificate names no login"
	case !slices.Contains(cert.ValidPrincipals, login):
		return "this certificate is not for this login"
	case cert.ValidBefore > lastDay:
		return "this certificate has no end"
	case uint64(now.Unix()) >= cert.ValidBefore:
		return ended(certificate(cert), now)
	case !slices.Contains(signatures, cert.Signature.Format):
		return "this certificate is signed with " + plain(brief(cert.Signature.Format)) + ", which is not accepted"
	case weak(cert.Key), weak(cert.SignatureKey):
		return tooShort
	}
	for option := range cert.CriticalOptions {
		if option != sourceAddress {
			return "this certificate asks for " + plain(brief(option)) + ", which is not known here"
		}
	}
	checker := ssh.CertChecker{SupportedCriticalOptions: []string{sourceAddress}, Clock: func() time.Time { return now }}
	if err := checker.CheckCert(login, cert); err != nil {
		return "this certificate is not valid, or not yet"
	}
	return ""
}

// sourceAddress is the one critical option that is known: the library enforces
// it, if it finds it among the permissions.
const sourceAddress = "source-address"

// ended says that a certificate has.
func ended(c *dars.KeyCertificate, now time.Time) string {
	return "your certificate ended at " + c.Until.In(now.Location()).Format("15:04 MST on 2 January 2006")
}

func weak(key ssh.PublicKey) bool {
	inside, ok := key.(ssh.CryptoPublicKey)
	if !ok {
		return false
	}
	public, ok := inside.CryptoPublicKey().(*rsa.PublicKey)
	return ok && public.N.BitLen() < leastRSA
}

// A signIn is what goes on while one connection says who it is. The library
// calls its methods one at a time.
type signIn struct {
	c        *conn
	limits   Limits
	banner   func(string) error // says something to whoever it is
	named    bool               // somebody has said a login
	login    string             // that was the first
	others   bool               // another was said after it
	waited   bool               // a wrong key has
	failures int
	known    bool // somebody known was told why they may not come in
	fault    bool // the desk could not say
}

// offered is asked about each key that is offered, proven or not.
//
// A key is taken also if its owner is then to be told why they may not come in:
// that they are told in proven, when it is certain that it is theirs. Who has
// only seen the public key finds out what they would of any good key, that it is
// known under this login; SSH has no way to keep that from them.
func (s *signIn) offered(meta ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	login := s.name(meta.User())
	if login != s.login {
		// A connection is one person's. Who has one good key could else try any key on
		// everybody's login and then sign in, which is no failure.
		s.c.log.Info("sign-in refused: another login was named before", "login", plain(login))
		return nil, errNobody
	}
	g, err := s.c.server.receive(s.c.ctx, meta.User(), key, s.c.from)
	if err != nil {
		log := s.c.log.With("login", plain(login), "key", g.Key, "certificate", g.Certificate.String(), "err", err)
		if errors.Is(err, errNobody) {
			log.Info("sign-in refused")
		} else {
			log.Error("not known whether somebody may sign in")
			s.unsaid()
		}
		if !s.waited {
			s.waited = true
			s.wait(login)
		}
		return nil, errNobody
	}
	p := &ssh.Permissions{ExtraData: map[any]any{guestKey{}: g}}
	if cert, is := key.(*ssh.Certificate); is {
		p.CriticalOptions = cert.CriticalOptions
	}
	return p, nil
}

// unsaid tells whoever it is, once, that it lies with the office: a client would say of
// a good key that it was refused.
func (s *signIn) unsaid() {
	if !s.fault {
		s.banner("darsd: the office cannot look up who may sign in, because of a fault of its own; your key may be good: try again in a few minutes\r\n")
	}
	s.fault = true
}

// wait leaves a wrong key waiting, if there have been many of its login. It is
// done once, for an agent may offer nine keys before the right one.
func (s *signIn) wait(login string) {
	patience := time.NewTimer(s.c.server.throttle.slowed(login, time.Now(), s.limits))
	defer patience.Stop()
	select {
	case <-patience.C:
	case <-s.c.ctx.Done():
	}
}

// proven is asked when a key that was taken has proved itself.
func (s *signIn) proven(_ ssh.ConnMetadata, _ ssh.PublicKey, p *ssh.Permissions, _ string) (*ssh.Permissions, error) {
	g, ok := p.ExtraData[guestKey{}].(guest)
	if !ok {
		return nil, errNobody
	}
	if g.no == "" {
		return p, nil
	}
	s.known = s.known || g.known
	s.c.log.Info("sign-in refused to the owner of the key", "login", plain(brief(g.Login)), "key", g.Key, "certificate", g.Certificate.String(), "why", g.no)
	return nil, &ssh.BannerError{Err: errNobody, Message: "darsd: " + g.no + "\r\n"}
}

// answered comes after each attempt. When it was the last that the library
// allows, the client is told what it could do: it shows no more than that there
// were too many.
func (s *signIn) answered(meta ssh.ConnMetadata, method string, err error) {
	s.name(meta.User())
	if err == nil || method == "none" && s.failures == 0 {
		return // each client asks first how it can sign in
	}
	if s.failures++; s.failures == s.limits.Offers {
		s.banner("darsd: too many keys were offered; name the right one, with IdentityFile and IdentitiesOnly yes\r\n")
	}
}

// name notes a login that somebody says is theirs, or the beginning of it.
func (s *signIn) name(login string) string {
	login = strings.Clone(brief(login)) // what it is cut from may be long
	if !s.named {
		s.named, s.login = true, login
	}
	s.others = s.others || login != s.login
	return login
}

// failed is for the end of a connection on which nobody signed in.
func (s *signIn) failed() {
	weight := failure
	switch {
	case s.fault:
		return
	case !s.named, s.known && !s.others:
		weight = trifle
	}
	var logins []string
	if s.named {
		logins = []string{s.login}
	}
	if s.c.server.throttle.failed(s.c.from, logins, weight, time.Now(), s.limits) {
		s.c.log.Warn("no connections are taken from this address for a while: nobody signed in too often")
	}
}

// config is what the SSH layer is to do for one connection. The lists of
// algorithms leave out what an audit would fail (NIST curves, SHA-1, MACs that
// are not computed over the encrypted packet), and chacha20: OpenSSH would take
// it, and be half as fast.
func (s *signIn) config() *ssh.ServerConfig {
	exchanges := []string{ssh.KeyExchangeMLKEM768X25519, ssh.KeyExchangeCurve25519, ssh.KeyExchangeDH16SHA512}
	if s.c.server.PQOnly {
		exchanges = exchanges[:1]
	}
	macs := []string{ssh.HMACSHA256ETM, ssh.HMACSHA512ETM}
	if s.c.server.LegacyMACs {
		macs = append(macs, ssh.HMACSHA256, ssh.HMACSHA512)
	}
	config := &ssh.ServerConfig{
		Config: ssh.Config{
			KeyExchanges: exchanges,
			Ciphers:      []string{ssh.CipherAES128GCM, ssh.CipherAES256GCM, ssh.CipherAES256CTR, ssh.CipherAES192CTR, ssh.CipherAES128CTR},
			MACs:         macs,
		},
		PublicKeyAuthAlgorithms:   signatures,
		ServerVersion:             "SSH-2.0-darsd",
		MaxAuthTries:              s.limits.Offers,
		PreAuthConnCallback:       func(pre ssh.ServerPreAuthConn) { s.banner = pre.SendAuthBanner },
		PublicKeyCallback:         s.offered,
		VerifiedPublicKeyCallback: s.proven,
		AuthLogCallback:           s.answered,
	}
	for _, key := range s.c.keys.current {
		config.AddHostKey(key)
	}
	return config
}
