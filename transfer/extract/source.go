package extract

import (
	"bufio"
	"cmp"
	"errors"
	"io"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
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
		unpacked, err = newGunzip(s.Reader)
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

// gunzip unpacks one gzip member after another. Zero bytes may stand behind the
// last: tapes and block devices fill their last block with them. Anything else
// there is damage.
type gunzip struct {
	packed *bufio.Reader
	member *gzip.Reader
}

func newGunzip(packed io.Reader) (io.Reader, error) {
	z := &gunzip{packed: bufio.NewReader(packed)}
	var err error
	if z.member, err = gzip.NewReader(z.packed); err != nil {
		return nil, err
	}
	z.member.Multistream(false)
	return z, nil
}

func (z *gunzip) Read(b []byte) (int, error) {
	for {
		n, err := z.member.Read(b)
		if n > 0 || err != io.EOF {
			return n, unended(n, err)
		}
		if padded, err := z.padding(); padded || err != nil {
			return 0, cmp.Or(err, io.EOF)
		}
		if err := z.member.Reset(z.packed); err != nil {
			return 0, err
		}
		z.member.Multistream(false)
	}
}

// unended keeps the end of a member for the next call, where there are bytes
// before it.
func unended(n int, err error) error {
	if n > 0 && err == io.EOF {
		return nil
	}
	return err
}

// padding reports whether nothing follows but zero bytes up to the end.
func (z *gunzip) padding() (bool, error) {
	next, err := z.packed.Peek(1)
	if err == io.EOF {
		return true, nil
	}
	if err != nil || next[0] != 0 {
		return false, err
	}
	for {
		c, err := z.packed.ReadByte()
		switch {
		case err == io.EOF:
			return true, nil
		case err != nil:
			return false, err
		case c != 0:
			return false, errors.New("there is something else behind the zero bytes at its end")
		}
	}
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
