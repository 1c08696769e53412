package sftpd

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/crypto/ssh"
)

// HostKeys loads the keys by which the office proves to clients that it is the
// office, from its directory of keys, and makes those that are missing. There
// are two: ed25519, and RSA for clients that ask for nothing newer (rclone).
//
// A switch to the next keys that was broken off is brought to its end first.
func HostKeys(dir *os.Root) ([]ssh.Signer, error) {
	unlock, err := lockKeys(dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := mend(dir); err != nil {
		return nil, err
	}
	return loadHostKeys(dir, "")
}

// loadHostKeys loads the keys whose names have an ending, and makes those that
// are missing.
func loadHostKeys(dir *os.Root, ending string) ([]ssh.Signer, error) {
	first, err := hostKey(dir, ed+ending, func() (any, error) {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	})
	if err != nil {
		return nil, err
	}
	second, err := hostKey(dir, oldRSA+ending, func() (any, error) {
		return rsa.GenerateKey(rand.Reader, 3072)
	})
	if err != nil {
		return nil, err
	}
	signer, ok := second.(ssh.AlgorithmSigner)
	if !ok || second.PublicKey().Type() != ssh.KeyAlgoRSA {
		return nil, fmt.Errorf("host key %s is no RSA key but %s", oldRSA+ending, second.PublicKey().Type())
	}
	// Without this the server would also offer signatures with SHA-1.
	second, err = ssh.NewSignerWithAlgorithms(signer, []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256})
	if err != nil {
		return nil, fmt.Errorf("host key %s: %w", oldRSA+ending, err)
	}
	return []ssh.Signer{first, second}, nil
}

// hostKey loads one key. Several programs may share the directory and start at
// the same time: whoever links its key to the name first has made it, and the
// others load that one.
func hostKey(dir *os.Root, name string, generate func() (any, error)) (ssh.Signer, error) {
	_, err := dir.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = makeHostKey(dir, name, generate)
	}
	if err != nil {
		return nil, fmt.Errorf("make host key %s: %w", name, err)
	}
	f, err := dir.Open(name)
	if err != nil {
		return nil, fmt.Errorf("host key: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return nil, fmt.Errorf("host key: %w", err)
	} else if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("host key %s can be read by others than its owner: chmod 600 it, and replace it if they should not have", name)
	}
	text, err := io.ReadAll(io.LimitReader(f, 64<<10))
	if err != nil {
		return nil, fmt.Errorf("host key %s: %w", name, err)
	}
	signer, err := ssh.ParsePrivateKey(text)
	if err != nil {
		return nil, fmt.Errorf("host key %s: %w", name, err)
	}
	return signer, nil
}

func makeHostKey(dir *os.Root, name string, generate func() (any, error)) (err error) {
	key, err := generate()
	if err != nil {
		return err
	}
	block, err := ssh.MarshalPrivateKey(key, "darsd")
	if err != nil {
		return err
	}
	random := make([]byte, 8)
	rand.Read(random)
	temporary := name + "." + hex.EncodeToString(random) + ".tmp"
	f, err := dir.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer dir.Remove(temporary)
	_, err = f.Write(pem.EncodeToMemory(block))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := dir.Link(temporary, name); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

// syncDir makes names in a directory last.
func syncDir(dir *os.Root) error {
	d, err := dir.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
