package vault

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"filippo.io/age"

	"darsd/dars"
)

// Open opens a file for reading. That the end of it is there, and of which
// length the whole is, has been checked when it returns.
func (v *Vault) Open(scope dars.ReleaseID, name string) (_ *File, err error) {
	defer tell(&err)
	if err := in(scope, name); err != nil {
		return nil, err
	}
	f, err := v.files.Open(name)
	if err != nil {
		return nil, err
	}
	plain, size, err := v.decrypt(f, scope, name)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &File{stored: f, plain: plain, size: size}, nil
}

func (v *Vault) decrypt(f *os.File, scope dars.ReleaseID, name string) (io.ReaderAt, int64, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s is not a file: %w", name, fs.ErrInvalid)
	}
	ids, err := v.identities(scope, false)
	if err != nil {
		return nil, 0, err
	}
	plain, size, err := age.DecryptReaderAt(f, info.Size(), asIdentities(ids)...)
	if err != nil {
		return nil, 0, fmt.Errorf("open %s: %w", name, whoseKey(err))
	}
	return plain, size, nil
}

// pieceSize is how much is decrypted at a time. Clients ask for 32 KiB; in
// pieces of this size it goes five times as fast.
const pieceSize = 256 << 10

// A File is one file of the vault, open for reading. Any number of goroutines
// may read it at once, and do not wait for each other unless they want the same
// piece.
type File struct {
	stored *os.File
	plain  io.ReaderAt
	size   int64

	mu     sync.Mutex
	recent [2]*piece // two, since readers at once are often on both sides of a border
}

// A piece is decrypted by the first who wants it.
type piece struct {
	index   int64
	decrypt sync.Once
	data    []byte
	err     error
}

// Size is how many bytes there are to read.
func (f *File) Size() int64 { return f.size }

// Reader reads from the beginning to the end, or from anywhere after a Seek.
func (f *File) Reader() *io.SectionReader { return io.NewSectionReader(f, 0, f.size) }

// Close ends reading.
func (f *File) Close() error { return f.stored.Close() }

// ReadAt reads as io.ReaderAt says. A byte that was altered on disk is an
// error, never a wrong byte.
func (f *File) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("offset %d: %w", off, fs.ErrInvalid)
	}
	for n < len(p) && off < f.size {
		piece := f.piece(off / pieceSize)
		from := off - piece.index*pieceSize
		if from >= int64(len(piece.data)) {
			return n, piece.err
		}
		took := copy(p[n:], piece.data[from:])
		n, off = n+took, off+int64(took)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *File) piece(index int64) *piece {
	f.mu.Lock()
	p := f.recent[0]
	if p == nil || p.index != index {
		if p = f.recent[1]; p == nil || p.index != index {
			p = &piece{index: index}
		}
		f.recent = [2]*piece{p, f.recent[0]}
	}
	f.mu.Unlock()

	p.decrypt.Do(func() {
		off := index * pieceSize
		data := make([]byte, min(pieceSize, f.size-off))
		n, err := f.plain.ReadAt(data, off)
		switch {
		case n == len(data):
			err = nil // io.EOF at the very end
		case err == nil || err == io.EOF:
			err = io.ErrUnexpectedEOF
		}
		p.data, p.err = data[:n], err
		if err != nil {
			f.forget(p) // the disk may answer the next time
		}
	})
	return p
}

func (f *File) forget(p *piece) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.recent {
		if f.recent[i] == p {
			f.recent[i] = nil
		}
	}
}
