package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"sync"
	"time"

	"darsd/documents"
)

// An authority says when a paper was sealed (RFC 3161), to who would not take the
// office's word for it. A paper does not wait for that: an authority that does not
// answer is asked again by a later paper, and this one is issued without a time stamp.
// It gets none afterwards, since it is out; the log and its checkpoints say when it was
// made.
type authority struct {
	url    string
	client *http.Client
	log    *slog.Logger

	mu     sync.Mutex
	silent time.Time // until when it is not asked
}

const (
	stampPatience = 10 * time.Second
	stampPause    = 5 * time.Minute // after a failure: a hundred papers are not to wait a hundred times
	stampAnswer   = 64 << 10        // bytes
)

func newAuthority(url string, log *slog.Logger) *authority {
	return &authority{url: url, client: &http.Client{Timeout: stampPatience}, log: log}
}

// stamp has a content stamped, by its SHA-256; nil, if that cannot be.
func (a *authority) stamp(digest []byte) []byte {
	a.mu.Lock()
	defer a.mu.Unlock() // one at a time: those that wait are not to find out by themselves
	if time.Now().Before(a.silent) {
		return nil
	}
	token, err := a.ask(digest)
	if err != nil {
		a.silent = time.Now().Add(stampPause)
		a.log.Warn("paper issued without a time stamp", "authority", a.url, "pause", stampPause, "err", err)
	}
	return token
}

func (a *authority) ask(digest []byte) ([]byte, error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return nil, err
	}
	question, err := documents.StampRequest(digest, nonce)
	if err != nil {
		return nil, err
	}
	response, err := a.client.Post(a.url, "application/timestamp-query", bytes.NewReader(question))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the authority answers %s", response.Status)
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, stampAnswer+1))
	if err != nil {
		return nil, err
	}
	if len(answer) > stampAnswer {
		return nil, errors.New("the authority answers with more than a time stamp")
	}
	return documents.ReadStamp(answer, digest, nonce)
}

// sealing is the seal for papers, with time stamps where the configuration names an
// authority.
func (h *house) sealing() func() (documents.Seal, error) {
	if h.cfg.Seal.Timestamp == "" {
		return h.seal
	}
	from := newAuthority(h.cfg.Seal.Timestamp, h.Log)
	return func() (documents.Seal, error) {
		s, err := h.seal()
		s.Stamp = from.stamp
		return s, err
	}
}
