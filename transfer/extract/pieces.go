package extract

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"runtime"
	"slices"

	"github.com/DataDog/zstd"
	"github.com/klauspost/compress/flate"
)

// A file that is packed is made of pieces that know nothing of each other, so
// that every processor packs some. Where the pieces begin follows from the
// source alone: the same source gives the same bytes, however many work on it.

// A packer packs pieces; each worker has its own.
type packer interface {
	// pack appends a piece to dst. The result is valid until the next call.
	pack(dst, text []byte) ([]byte, error)
}

func newPacker(compression string) packer {
	switch compression {
	case "gzip":
		deflate, _ := flate.NewWriter(nil, flate.BestSpeed) // errs for unknown levels only
		return &gzipPacker{deflate}
	case "zstd":
		return zstdPacker{zstd.NewCtx()}
	}
	return nil
}

// zstdPacker makes each piece a frame, which RFC 8878 (3) lets follow one
// another.
type zstdPacker struct{ encoder zstd.Ctx }

// fastZstd is the fastest level that still counts how often each byte comes: below
// it, records of hospitals come out nearly twice as long.
const fastZstd = 1

func (p zstdPacker) pack(dst, text []byte) ([]byte, error) {
	dst = slices.Grow(dst, zstd.CompressBound(len(text)))
	piece, err := p.encoder.CompressLevel(dst[len(dst):cap(dst)], text, fastZstd)
	runtime.KeepAlive(p.encoder) // or the collector, which does not see into C, may take it at its last use
	if err != nil {
		return nil, fmt.Errorf("packing by zstd: %w", err)
	}
	return dst[:len(dst)+len(piece)], nil // the piece lies there: there was room
}

// gzipPacker makes each piece some blocks that end at a whole byte, so that
// together they are one gzip member (RFC 1952): some programs read only the
// first of several.
type gzipPacker struct{ deflate *flate.Writer }

func (p *gzipPacker) pack(dst, text []byte) ([]byte, error) {
	to := bytes.NewBuffer(dst)
	p.deflate.Reset(to)
	if _, err := p.deflate.Write(text); err != nil {
		return nil, err
	}
	err := p.deflate.Flush() // never Close: that would end the stream
	return to.Bytes(), err
}

// A frame is what stands around the pieces of a packed file.
type frame struct {
	gzip bool
	crc  uint32
	size uint32 // of the text, modulo 2^32
}

func (f *frame) head() []byte {
	if !f.gzip {
		return nil
	}
	return []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255} // no name, no time; 4: fast; 255: no system
}

// count takes in a piece's text, in order.
func (f *frame) count(text []byte) {
	if f.gzip {
		f.crc = crc32.Update(f.crc, crc32.IEEETable, text)
		f.size += uint32(len(text))
	}
}

func (f *frame) tail() []byte {
	if !f.gzip {
		return nil
	}
	last := []byte{3, 0} // an empty block that says it is the last
	last = binary.LittleEndian.AppendUint32(last, f.crc)
	return binary.LittleEndian.AppendUint32(last, f.size)
}
