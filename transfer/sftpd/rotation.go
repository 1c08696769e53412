package sftpd

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
)

// Host keys are changed in three steps, so that no client has to be told by hand
// (hostkeys-00@openssh.com in OpenSSH's PROTOCOL, 2.5). The next keys are made
// beside the current ones; for some weeks clients are told of them, and those
// that listen write them down; then they become the current ones. In the
// directory the next keys have names that end in .next, and old ones in the time
// when they were put aside.
//
// The ed25519 key is the first to be made and the first to be switched. So an
// RSA key that waits alone means that a switch was broken off, and an ed25519
// key that waits alone, that making them was.

const (
	nextEnding = ".next"
	ed         = "ssh_host_ed25519_key"
	oldRSA     = "ssh_host_rsa_key"
)

// NextHostKeys loads the next host keys; nil if there are none, or not both.
func NextHostKeys(dir *os.Root) ([]ssh.Signer, error) {
	unlock, err := lockKeys(dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return nextHostKeys(dir)
}

func nextHostKeys(dir *os.Root) ([]ssh.Signer, error) {
	for _, name := range []string{ed, oldRSA} {
		if there, err := exists(dir, name+nextEnding); !there || err != nil {
			return nil, err
		}
	}
	return loadHostKeys(dir, nextEnding)
}

// PrepareHostKeys makes the next host keys, where they are not made yet, and
// returns them.
func PrepareHostKeys(dir *os.Root) ([]ssh.Signer, error) {
	unlock, err := lockKeys(dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := mend(dir); err != nil {
		return nil, err
	}
	return loadHostKeys(dir, nextEnding)
}

// SwitchHostKeys makes the next host keys the current ones, and returns those.
// The old ones are kept under a name that ends in the time. An error that is
// fs.ErrNotExist says that none are prepared; so does the second of two programs
// that switch at once.
func SwitchHostKeys(dir *os.Root, now time.Time) ([]ssh.Signer, error) {
	unlock, err := lockKeys(dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := mend(dir); err != nil {
		return nil, err
	}
	// Nothing is changed unless both can be used.
	ready, err := nextHostKeys(dir)
	if err != nil {
		return nil, err
	}
	if ready == nil {
		return nil, fmt.Errorf("no next host keys are prepared: %w", fs.ErrNotExist)
	}
	for _, name := range []string{ed, oldRSA} {
		if err := aside(dir, name, now); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{ed, oldRSA} {
		if err := promote(dir, name); err != nil {
			return nil, err
		}
	}
	return ready, nil
}

// aside gives the current key a second name, which it keeps. If a switch was
// broken off it may have one already.
func aside(dir *os.Root, name string, now time.Time) error {
	current, err := dir.Stat(name)
	if err != nil {
		return fmt.Errorf("host key: %w", err)
	}
	files, err := fs.ReadDir(dir.FS(), ".")
	if err != nil {
		return fmt.Errorf("host keys: %w", err)
	}
	for _, f := range files {
		if info, err := f.Info(); err == nil && strings.HasPrefix(f.Name(), name+".") && os.SameFile(info, current) {
			return nil
		}
	}
	if err := dir.Link(name, name+"."+now.UTC().Format("20060102T150405Z")); err != nil {
		return fmt.Errorf("put host key aside: %w", err)
	}
	return syncDir(dir)
}

// promote makes a next key the current one, in one step.
func promote(dir *os.Root, name string) error {
	if err := dir.Rename(name+nextEnding, name); err != nil {
		return fmt.Errorf("switch host key: %w", err)
	}
	return syncDir(dir)
}

// mend ends a switch that was broken off. Called with the keys locked.
func mend(dir *os.Root) error {
	first, err := exists(dir, ed+nextEnding)
	if err != nil {
		return err
	}
	second, err := exists(dir, oldRSA+nextEnding)
	if err != nil || first || !second {
		return err
	}
	return promote(dir, oldRSA)
}

func exists(dir *os.Root, name string) (bool, error) {
	_, err := dir.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("host key: %w", err)
	}
	return true, nil
}

// lockKeys keeps other programs from changing the keys at the same time. A
// program that dies holds no lock.
func lockKeys(dir *os.Root) (unlock func() error, err error) {
	d, err := dir.Open(".")
	if err != nil {
		return nil, fmt.Errorf("host keys: %w", err)
	}
	for {
		err := syscall.Flock(int(d.Fd()), syscall.LOCK_EX)
		if err == nil {
			return d.Close, nil
		}
		if !errors.Is(err, syscall.EINTR) {
			d.Close()
			return nil, fmt.Errorf("lock host keys: %w", err)
		}
	}
}

// An identity is the host keys as one connection sees them.
type identity struct{ current, next []ssh.Signer }

func (i identity) all() []ssh.Signer { return slices.Concat(i.current, i.next) }

// announce tells a client of all keys. Not of the next ones alone: it would
// forget the others, and it has seen only one of the current ones.
func (i identity) announce(connection ssh.Conn) {
	var blobs []byte
	for _, key := range i.all() {
		blobs = appendString(blobs, string(key.PublicKey().Marshal()))
	}
	connection.SendRequest("hostkeys-00@openssh.com", false, blobs)
}

// prove answers a client that has read the announcement and wants to see that
// the keys are ours: it signs for each that is asked about.
func (i identity) prove(connection ssh.Conn, blobs []byte) (answer []byte, err error) {
	if len(blobs) == 0 {
		return nil, errors.New("no key was asked about")
	}
	for asked := 0; len(blobs) > 0; asked++ {
		if asked == len(i.all()) {
			return nil, errors.New("more keys were asked about than announced")
		}
		var blob string
		if blob, blobs, err = cutString(blobs); err != nil {
			return nil, err
		}
		at := slices.IndexFunc(i.all(), func(key ssh.Signer) bool { return bytes.Equal(key.PublicKey().Marshal(), []byte(blob)) })
		if at < 0 {
			return nil, errors.New("a key was asked about that was not announced")
		}
		text := appendString(nil, "hostkeys-prove-00@openssh.com")
		text = appendString(text, string(connection.SessionID()))
		text = appendString(text, blob)
		signature, err := sign(i.all()[at], connection, text)
		if err != nil {
			return nil, err
		}
		answer = appendString(answer, string(ssh.Marshal(signature)))
	}
	return answer, nil
}

// sign signs as the host key has signed for this connection, or else as it likes
// best: an RSA key left to itself would do it with SHA-1.
func sign(key ssh.Signer, connection ssh.Conn, text []byte) (*ssh.Signature, error) {
	several, ok := key.(ssh.MultiAlgorithmSigner)
	if !ok {
		return key.Sign(rand.Reader, text)
	}
	algorithm := several.Algorithms()[0]
	if c, ok := connection.(ssh.AlgorithmsConnMetadata); ok && slices.Contains(several.Algorithms(), c.Algorithms().HostKey) {
		algorithm = c.Algorithms().HostKey
	}
	return several.SignWithAlgorithm(rand.Reader, text, algorithm)
}
