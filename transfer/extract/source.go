package extract

import (
	"bufio"
	"compress/flate"
	"errors"
	"io"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/charmap"

	"darsd/dars"
)

const (
	gzipMagic = "\x1f\x8b"
	zstdMagic = "\x28\xb5\x2f\xfd"

	zstdWindow = 128 << 20 // bytes that an unpacker must remember; zstd --long asks for as many
	maxHeader  = 64 << 10  // bytes; no header of an index is longer
)

// A source is a file of the catalogue, unpacked while it is read.
type source struct {
	io.Reader
	closers []func()
}

func (s *source) Close() error {
	for _, c := range s.closers {
		c()
	}
	return nil
}

// open opens a source and unpacks it as the catalogue says. What is read of it,
// packed, is counted for Progress.
func (job *Job) open(path, compression string) (*source, error) {
	file, err := job.Open(path)
	if err != nil {
		return nil, err
	}
	s := &source{&counting{file, job.read}, []func(){func() { file.Close() }}}
	if err := s.unpack(compression); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *source) unpack(compression string) error {
	switch compression {
	case "gzip":
		z, err := gzip.NewReader(s.Reader)
		if err != nil {
			return err
		}
		s.Reader = z
	case "zstd":
		z, err := zstd.NewReader(s.Reader, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return err
		}
		s.Reader, s.closers = z, append([]func(){z.Close}, s.closers...)
	}
	return nil
}

// openIndex opens an index, and unpacks it if it begins as packed files do. It
// returns the beginning as well, up to the first line end.
func (job *Job) openIndex(path string) (s *source, head []byte, err error) {
	if s, err = job.open(path, ""); err != nil {
		return nil, nil, err
	}
	buffered := bufio.NewReaderSize(s.Reader, maxHeader)
	s.Reader = buffered
	magic, _ := buffered.Peek(len(zstdMagic)) // an error comes again when the file is read
	packed := ""
	switch {
	case strings.HasPrefix(string(magic), gzipMagic):
		packed = "gzip"
	case string(magic) == zstdMagic:
		packed = "zstd"
	}
	if packed != "" {
		if err := s.unpack(packed); err != nil {
			s.Close()
			return nil, nil, err
		}
		buffered = bufio.NewReaderSize(s.Reader, maxHeader)
		s.Reader = buffered
	}
	head, _ = buffered.Peek(maxHeader)
	_, size := firstLine(head)
	return s, head[:size], nil
}

// counting counts the bytes that are read.
type counting struct {
	io.Reader
	read *atomic.Int64
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.read.Add(int64(n))
	return n, err
}

// fill reads until buf is full or r has ended. Unlike [io.ReadFull] it does not
// take a source that breaks off (io.ErrUnexpectedEOF, as gzip says) for one
// that ends.
func fill(r io.Reader, buf []byte) (n int, ended bool, err error) {
	for n < len(buf) && err == nil {
		var more int
		more, err = r.Read(buf[n:])
		n += more
	}
	if err == io.EOF {
		return n, true, nil
	}
	return n, false, err
}

// A refusing says no in a sentence that begins with what is read.
type refusing func(rule, sentence string, args ...any) error

// wrong tells a source that is not what it should be from one that cannot be
// read: the first is refused.
func wrong(err error, refuse refusing) error {
	var bad *malformed
	var corrupt flate.CorruptInputError
	switch {
	case errors.As(err, &bad):
		return refuse("source-malformed", "%v", bad)
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &corrupt):
		return refuse("source-malformed", "it is damaged or not whole, or no gzip file where format.compression says so (%v)", err)
	case unzstd(err):
		return refuse("source-malformed", "it is damaged or not whole, or no zstd file where format.compression says so (%v)", err)
	}
	return err
}

// unzstd reports whether an error says that a file is no zstd file, or damaged.
func unzstd(err error) bool {
	for _, e := range []error{zstd.ErrMagicMismatch, zstd.ErrCRCMismatch, zstd.ErrWindowSizeExceeded, zstd.ErrWindowSizeTooSmall, zstd.ErrFrameSizeExceeded,
		zstd.ErrFrameSizeMismatch, zstd.ErrBlockTooSmall, zstd.ErrUnexpectedBlockSize, zstd.ErrReservedBlockType, zstd.ErrCompressedSizeTooBig,
		zstd.ErrUnknownDictionary, zstd.ErrDecoderSizeExceeded} {
		if errors.Is(err, e) {
			return true
		}
	}
	return err != nil && strings.HasPrefix(err.Error(), "zstd: ")
}

const windows1252 = "windows-1252"

// latin reports whether a dataset is written in Windows-1252, where a byte is a
// letter.
func latin(d dars.Dataset) bool { return strings.EqualFold(d.Format.Encoding, windows1252) }

// utf8Of returns a text of a dataset in UTF-8.
func utf8Of(d dars.Dataset, text []byte) []byte {
	if !latin(d) {
		return text
	}
	decoded, _ := charmap.Windows1252.NewDecoder().Bytes(text) // every byte stands for something
	return decoded
}

// asWritten returns a word of the catalogue as it stands in the dataset's files.
func asWritten(d dars.Dataset, word string) []byte {
	if latin(d) {
		if encoded, err := charmap.Windows1252.NewEncoder().String(word); err == nil {
			return []byte(encoded)
		}
	}
	return []byte(word)
}
