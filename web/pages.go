package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"hash"
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
	tag    string // of what it says
	passes bool   // it says a moment, too, which is none of that
	size   int    // in bytes
	packed []byte // by gzip; or as it is, if it is packed by itself
	itself bool
}

// newPage makes one from what write writes.
func newPage(kind string, write func(io.Writer) error) (*page, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	s := &scribe{to: z, sum: sha256.New()}
	err := write(s)
	if wrong := z.Close(); err == nil {
		err = wrong
	}
	return &page{kind: kind, tag: tagOf(s.sum), passes: s.passes, size: s.n, packed: bytes.Clone(b.Bytes())}, err
}

// textPage is one of bytes that are there.
func textPage(kind string, content []byte) *page {
	p, _ := newPage(kind, func(w io.Writer) error { w.Write(content); return nil }) // into memory
	return p
}

func tagOf(sum hash.Hash) string { return hex.EncodeToString(sum.Sum(nil)[:12]) }

// A scribe writes a page, counts its bytes, and sums up what it says.
type scribe struct {
	to     io.Writer
	sum    hash.Hash
	n      int
	passes bool
}

func (s *scribe) Write(p []byte) (int, error) {
	s.sum.Write(p) // never fails
	return s.passing(p)
}

func (s *scribe) passing(p []byte) (int, error) {
	n, err := s.to.Write(p)
	s.n += n
	return n, err
}

// moment writes when something was published: it says nothing else for that, and whoever
// has it from before has it still.
func moment(to io.Writer, text []byte) error {
	s, page := to.(*scribe)
	if !page {
		_, err := to.Write(text)
		return err
	}
	s.passes = true
	_, err := s.passing(text)
	return err
}

// give answers with the page, or that it has not changed.
func (p *page) give(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", p.kind)
	h.Set("Cache-Control", "public, max-age=0, must-revalidate")
	if p.name != "" {
		keepAs(h, p.name)
	}
	tag, size, packed := `"`+p.tag+`"`, p.size, false // as RFC 9110, 8.8.3, has it
	if !p.itself {
		h.Set("Vary", "Accept-Encoding")
		if packed = takesPacked(r.Header.Get("Accept-Encoding")); packed {
			tag, size = `"`+p.tag+`-z"`, len(p.packed)
		}
	}
	h.Set("ETag", tag)
	if p.passes {
		h.Set("ETag", "W/"+tag)
	}
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
