package main

import (
	"crypto/ed25519"
	"io"
	"os"

	"darsd/dars"
	"darsd/transfer/extract"
	"darsd/transfer/vault"
)

// readPaper is the program's own command for reading an outsider's PDF in a
// process that can come to no good.
const readPaper = "read-paper"

// self is this program, to be started again.
func self() string {
	if exe, err := os.Executable(); err == nil {
		return exe
	}
	return os.Args[0]
}

// officeFingerprint is how the office publishes the key that signs packages,
// receipts and checkpoints.
func (h *house) officeFingerprint() string {
	return extract.Fingerprint(h.vault.SigningKey().Public().(ed25519.PublicKey))
}

// safe is the vault as the office needs it.
type safe struct{ *vault.Vault }

func (s safe) Write(scope dars.ReleaseID, name string, content io.Reader) error {
	w, err := s.Create(scope, name)
	if err != nil {
		return err
	}
	defer w.Close()
	if _, err := io.Copy(w, content); err != nil {
		return err
	}
	return w.Commit()
}

func (s safe) Read(scope dars.ReleaseID, name string) (io.ReadCloser, error) {
	f, err := s.Open(scope, name)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{f.Reader(), f}, nil
}

func (s safe) Purge(r dars.ReleaseID) error { return s.Destroy(r) }
