package extract

import (
	"bufio"
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
	stored  *stored
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
	stored := &stored{Reader: file, read: job.read}
	s := &source{stored, stored, []func(){func() { file.Close() }}}
	if err := s.unpack(compression); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *source) unpack(compression string) error {
	var unpacked io.Reader
	var err error
	switch compression {
	case "gzip":
		var z *gzip.Reader
		if z, err = gzip.NewReader(s.Reader); err == nil {
			unpacked = z
		}
	case "zstd":
		var z *zstd.Decoder
		if z, err = zstd.NewReader(s.Reader, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow)); err == nil {
			unpacked, s.closers = z, append([]func(){z.Close}, s.closers...)
		}
	default:
		return nil
	}
	whole := &unpacking{unpacked, s.stored, compression}
	s.Reader = whole
	return whole.tell(err)
}

// stored is a file as it lies there. It counts the bytes that are read, and
// keeps the error if it cannot be.
type stored struct {
	io.Reader
	read   *atomic.Int64
	failed error
}

func (s *stored) Read(b []byte) (int, error) {
	n, err := s.Reader.Read(b)
	s.read.Add(int64(n))
	if err != nil && err != io.EOF {
		s.failed = err
	}
	return n, err
}

// unpacking tells a file that is damaged from one that cannot be read: if the
// disk has not failed, the file is at fault.
type unpacking struct {
	io.Reader
	from        *stored
	compression string
}

func (u *unpacking) Read(b []byte) (int, error) {
	n, err := u.Reader.Read(b)
	return n, u.tell(err)
}

func (u *unpacking) tell(err error) error {
	if err == nil || err == io.EOF && u.Reader != nil || u.from.failed != nil {
		return err
	}
	return &damaged{u.compression, err}
}

type damaged struct {
	compression string
	err         error
}

func (d *damaged) Error() string {
	return "it is damaged or not whole, or no " + d.compression + " file where format.compression says so (" + d.err.Error() + ")"
}

// openIndex opens an index, and unpacks it if it begins as packed files do. It
// returns the beginning as well, up to the first line end.
func (job *Job) openIndex(path string) (s *source, head []byte, err error) {
	if s, err = job.open(path, ""); err != nil {
		return nil, nil, err
	}
	buffered, err := s.unpackAsItBegins()
	if err != nil {
		s.Close()
		return nil, nil, err
	}
	head, _ = buffered.Peek(maxHeader)
	_, size := firstLine(head)
	return s, head[:size], nil
}

// unpackAsItBegins unpacks a source that begins as packed files do.
func (s *source) unpackAsItBegins() (*bufio.Reader, error) {
	buffered := bufio.NewReaderSize(s.Reader, maxHeader)
	s.Reader = buffered
	magic, _ := buffered.Peek(len(zstdMagic)) // an error comes again when the file is read
	packed := ""
	switch {
	case strings.HasPrefix(string(magic), gzipMagic):
		packed = "gzip"
	case string(magic) == zstdMagic:
		packed = "zstd"
	default:
		return buffered, nil
	}
	if err := s.unpack(packed); err != nil {
		return nil, err
	}
	buffered = bufio.NewReaderSize(s.Reader, maxHeader)
	s.Reader = buffered
	return buffered, nil
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
	var broken *damaged
	switch {
	case errors.As(err, &bad):
		return refuse("source-malformed", "%v", bad)
	case errors.As(err, &broken):
		return refuse("source-malformed", "%v", broken)
	}
	return err
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
