package extract

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
)

// A file that is packed is made of pieces that know nothing of each other, so
// that every processor packs some. Where the pieces begin follows from the
// source alone: the same source gives the same bytes, however many work on it.

// A packer packs pieces; each worker has its own.
type packer interface {
	// pack appends a piece to dst. The result is valid until the next call.
	pack(dst, text []byte) []byte
}

func newPacker(compression string) packer {
	switch compression {
	case "gzip":
		deflate, _ := flate.NewWriter(nil, flate.BestSpeed) // errs for unknown levels only
		return &gzipPacker{deflate}
	case "zstd":
		encoder, _ := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithZeroFrames(true), zstd.WithEncoderLevel(zstd.SpeedFastest)) // errs for unknown options only
		return zstdPacker{encoder}
	}
	return nil
}

// zstdPacker makes each piece a frame, which RFC 8878 (3) lets follow one
// another.
type zstdPacker struct{ encoder *zstd.Encoder }

func (p zstdPacker) pack(dst, text []byte) []byte { return p.encoder.EncodeAll(text, dst) }

// gzipPacker makes each piece some blocks that end at a whole byte, so that
// together they are one gzip member (RFC 1952): some programs read only the
// first of several.
type gzipPacker struct{ deflate *flate.Writer }

func (p *gzipPacker) pack(dst, text []byte) []byte {
	to := bytes.NewBuffer(dst)
	p.deflate.Reset(to)
	p.deflate.Write(text)
	p.deflate.Flush() // never Close: that would end the stream
	return to.Bytes()
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
