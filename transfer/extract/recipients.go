package extract

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"

	"darsd/dars"
)

// Recipients are the public keys to which a package's data files are encrypted
// beside all else, at the wish of whoever will read them: then not even the
// machine that collects them can. Each key opens every file.
type Recipients struct{ keys []age.Recipient }

// encrypted is the ending of a file that is encrypted to its recipients. What is
// in it has the name without.
const encrypted = ".age"

// ParseRecipients reads public keys as agreements have them: of age (age1…), or of
// SSH as a line of authorized_keys has them, Ed25519 or RSA of 2048 bits and more.
// A private key is refused, and an error never repeats a key.
func ParseRecipients(keys []string) (Recipients, error) {
	var to Recipients
	refuse := func(i int, sentence string, args ...any) error {
		return dars.Refuse("recipient-key", fmt.Sprint(i+1), "key %d to encrypt to: "+sentence, append([]any{i + 1}, args...)...)
	}
	for i, text := range keys {
		text = strings.TrimSpace(text)
		if strings.HasPrefix(strings.ToUpper(text), "AGE-SECRET-KEY-") || strings.Contains(text, "PRIVATE KEY") {
			return Recipients{}, refuse(i, "it is a private key: make another, and give the public half of that one")
		}
		var key age.Recipient
		var err error
		switch kind, _, _ := strings.Cut(text, " "); {
		case strings.ContainsAny(text, "\r\n"):
			return Recipients{}, refuse(i, "it has more than one line: give each key by itself")
		case strings.HasPrefix(text, "age1pq1"):
			key, err = age.ParseHybridRecipient(text)
		case strings.HasPrefix(text, "age1"):
			key, err = age.ParseX25519Recipient(text)
		case kind == "ssh-ed25519" || kind == "ssh-rsa":
			key, err = agessh.ParseRecipient(text)
		case strings.HasPrefix(kind, "ssh-") || strings.HasPrefix(kind, "ecdsa-") || strings.HasPrefix(kind, "sk-"):
			return Recipients{}, refuse(i, "files cannot be encrypted to this kind of SSH key: give one of age (age1…), ssh-ed25519 or ssh-rsa")
		default:
			return Recipients{}, refuse(i, "it is no public key of age (age1…) or of SSH (ssh-ed25519 … or ssh-rsa …)")
		}
		if err != nil {
			return Recipients{}, refuse(i, "it is damaged, or an RSA key of less than 2048 bits: copy the whole line anew")
		}
		to.keys = append(to.keys, key)
	}
	if !to.Any() {
		return to, nil
	}
	// Some kinds do not go together: what is sealed to both is as weak as the weaker.
	if _, err := age.Encrypt(io.Discard, to.keys...); err != nil {
		return Recipients{}, dars.Refuse("recipient-key", "", "the keys to encrypt to: age1pq… keys stand by themselves, without keys of other kinds beside them")
	}
	return to, nil
}

// Any reports whether files are to be encrypted at all.
func (r Recipients) Any() bool { return len(r.keys) > 0 }

// Name is what a file is called where it is encrypted.
func (r Recipients) Name(file string) string {
	if r.Any() {
		return file + encrypted
	}
	return file
}

// Wrap makes what is written to a file be encrypted on the way. Close ends the
// encryption and keeps the file; Abort drops it, if the file can be dropped. The
// digests of the package are of what is in the file, so they are taken below.
func (r Recipients) Wrap(file io.WriteCloser) (io.WriteCloser, error) {
	if !r.Any() {
		return file, nil
	}
	sealed, err := age.Encrypt(file, r.keys...)
	if err != nil {
		return nil, fmt.Errorf("encrypt to the recipients: %w", err)
	}
	return &sealing{sealed, file}, nil
}

// sealing is a file that is encrypted while it is written.
type sealing struct {
	io.Writer
	file io.WriteCloser
}

func (s *sealing) Close() error {
	err := s.Writer.(io.Closer).Close() // the last piece says that it is the last
	if err != nil {
		return errors.Join(err, s.Abort())
	}
	return s.file.Close()
}

// Abort leaves the file without its end, so that it can be opened by nobody.
func (s *sealing) Abort() error {
	if w, ok := s.file.(interface{ Abort() error }); ok {
		return w.Abort()
	}
	return s.file.Close()
}
