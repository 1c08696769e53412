package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"sync"
)

// A page is an answer that is made once for an edition and then given to everybody. It
// is kept packed, a tenth as large: nearly all who ask take it so, and for the others it
// is unpacked as it goes out.
type page struct {
	kind   string // its Content-Type
	name   string // under which it is kept by who asked; "": it is shown
	tag    string // of its bytes
	size   int    // of them
	packed []byte // by gzip; or as it is, if it is packed by itself
	itself bool
}

// newPage makes one from what write writes.
func newPage(kind string, write func(io.Writer) error) (*page, error) {
	var b bytes.Buffer
	sum, z := sha256.New(), gzip.NewWriter(&b)
	length := &counted{to: io.MultiWriter(sum, z)}
	err := write(length)
	if wrong := z.Close(); err == nil {
		err = wrong
	}
	return &page{kind: kind, tag: hex.EncodeToString(sum.Sum(nil)[:12]), size: length.n, packed: bytes.Clone(b.Bytes())}, err
}

// textPage is one of bytes that are there.
func textPage(kind string, content []byte) *page {
	p, _ := newPage(kind, func(w io.Writer) error { w.Write(content); return nil }) // into memory
	return p
}

// filePage is a file that is packed by itself, as spreadsheets are.
func filePage(kind, name string, content []byte) *page {
	sum := sha256.Sum256(content)
	return &page{kind, name, hex.EncodeToString(sum[:12]), len(content), content, true}
}

// counted counts what is written through it.
type counted struct {
	to io.Writer
	n  int
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += n
	return n, err
}

// give answers with the page, or that it has not changed.
func (p *page) give(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", p.kind)
	h.Set("Cache-Control", "public, max-age=0, must-revalidate")
	if p.name != "" {
		keepAs(h, p.name)
	}
	tag, size, packed := `"`+p.tag+`"`, p.size, false
	if !p.itself {
		h.Set("Vary", "Accept-Encoding")
		if packed = takesPacked(r.Header.Get("Accept-Encoding")); packed {
			tag, size = `"`+p.tag+`-z"`, len(p.packed)
		}
	}
	h.Set("ETag", tag)
	if has(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if packed {
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", itoa(size))
	if r.Method != http.MethodHead {
		p.send(w, packed)
	}
}

// An unpacker unpacks, piece by piece. They are used again: each holds many thousand
// bytes.
type unpacker struct {
	gzip  gzip.Reader
	piece [16 << 10]byte
}

var unpackers = sync.Pool{New: func() any { return new(unpacker) }}

// send writes the page out. Who breaks off is not told of.
func (p *page) send(w io.Writer, packed bool) {
	if packed || p.itself {
		w.Write(p.packed)
		return
	}
	u := unpackers.Get().(*unpacker)
	defer unpackers.Put(u)
	if u.gzip.Reset(bytes.NewReader(p.packed)) == nil { // we have packed it
		io.CopyBuffer(struct{ io.Writer }{w}, &u.gzip, u.piece[:])
	}
}

// takesPacked reports whether who asks can unpack what gzip packs.
func takesPacked(said string) bool {
	for one := range strings.SplitSeq(said, ",") {
		coding, how, _ := strings.Cut(strings.TrimSpace(one), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			q, _ := strings.CutPrefix(strings.ReplaceAll(how, " ", ""), "q=")
			return strings.Trim(q, "0.") != "" || q == ""
		}
	}
	return false
}

// has reports whether a tag is among those that somebody has.
func has(said, tag string) bool {
	for one := range strings.SplitSeq(said, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
}

// pages are those of an edition that somebody has asked for. There are two generations:
// when the young are many they become the old, and the old go. What is asked for again
// is young again.
type pages struct {
	sync.RWMutex
	most       int // bytes of a generation
	young, old map[string]*page
	bytes      int // of the young
}

func (s *pages) get(address string) *page {
	s.RLock()
	p, old := s.young[address], s.old[address]
	s.RUnlock()
	if p == nil && old != nil {
		s.put(address, old)
		return old
	}
	return p
}

func (s *pages) put(address string, p *page) {
	s.Lock()
	defer s.Unlock()
	size := len(p.packed) + len(address) + pageOverhead
	if s.young == nil || s.bytes+size > s.most {
		s.young, s.old, s.bytes = map[string]*page{}, s.young, 0
	}
	if s.young[address] == nil {
		s.bytes += size
	}
	s.young[address] = p
}

// pageOverhead is about what a page takes besides its bytes and its address.
const pageOverhead = 300
