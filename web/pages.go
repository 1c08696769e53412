package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
)

// A page is an answer that is made once for an edition and then given to everybody.
type page struct {
	kind   string // its Content-Type
	tag    string // of its bytes
	plain  []byte
	packed []byte // by gzip
}

func newPage(kind string, content []byte) *page {
	sum := sha256.Sum256(content)
	p := &page{kind: kind, tag: hex.EncodeToString(sum[:12]), plain: content}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(content)
	z.Close()
	p.packed = b.Bytes()
	return p
}

// give answers with the page, or that it has not changed.
func (p *page) give(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", p.kind)
	h.Set("Cache-Control", "public, max-age=0, must-revalidate")
	h.Set("Vary", "Accept-Encoding")
	content, tag := p.plain, `"`+p.tag+`"`
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		content, tag = p.packed, `"`+p.tag+`-z"`
	}
	h.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", itoa(len(content)))
	if r.Method != http.MethodHead {
		w.Write(content)
	}
}

// mostPages is how many bytes of pages an edition keeps: strangers say which are made.
const mostPages = 64 << 20

// pages are those of an edition that somebody has asked for.
type pages struct {
	sync.RWMutex
	all   map[string]*page
	bytes int
}

func (s *pages) get(address string) *page {
	s.RLock()
	defer s.RUnlock()
	return s.all[address]
}

func (s *pages) put(address string, p *page) {
	s.Lock()
	defer s.Unlock()
	if size := len(p.plain) + len(p.packed); s.all == nil || s.bytes+size > mostPages {
		s.all, s.bytes = map[string]*page{}, 0
	}
	s.all[address] = p
	s.bytes += len(p.plain) + len(p.packed)
}
