package vault

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"darsd/dars"
)

// Open opens a file for reading. That the end of it is there, and of which
// length the whole is, has been checked when it returns.
func (v *Vault) Open(scope dars.ReleaseID, name string) (_ *File, err error) {
	defer tell(&err)
	if err := in(scope, name); err != nil {
		return nil, err
	}
	stored, err := v.files.Open(name)
	if err != nil {
		return nil, err
	}
	f, err := v.decrypt(stored, scope, name)
	if err != nil {
		stored.Close()
		return nil, err
	}
	return f, nil
}

func (v *Vault) decrypt(stored *os.File, scope dars.ReleaseID, name string) (*File, error) {
	info, err := stored.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file: %w", name, fs.ErrInvalid)
	}
	ids, err := v.identities(scope, false)
	if err != nil {
		return nil, err
	}
	buffer := v.pieces.get()
	defer v.pieces.put(buffer)
	sealed, err := unlock(stored, info.Size(), buffer, asIdentities(ids)...)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, whoseKey(err))
	}
	return &File{stored: stored, sealed: sealed, store: &v.pieces}, nil
}

const (
	// readAhead is how many pieces are decrypted before they are asked for, where
	// somebody reads from front to end.
	readAhead = 2

	// maxAhead is how many pieces all readers together may hold for that to go on:
	// 64 MiB. Beyond, each is left with the piece that it is reading when it begins
	// the next.
	maxAhead = 1024
)

// A File is one file of the vault, open for reading. Any number of goroutines
// may read it at once, and do not wait for each other unless they want the same
// piece. Who reads from front to end finds the next pieces decrypted.
type File struct {
	stored *os.File
	sealed *sealed
	store  *pieces

	mu     sync.Mutex
	recent [readAhead + 2]*piece // newest first; with those ahead there is one behind, for readers on both sides of a border
	last   int64                 // that was asked for
	closed bool
}

// A piece is one that the file was encrypted in. It is decrypted by the first
// who wants it, and goes back to the store when nobody does.
type piece struct {
	index   int64
	users   int // readers, and the file while it is among its recent ones; belongs to File.mu
	decrypt sync.Once
	buffer  *[sealedSize]byte
	data    []byte // of the buffer
	err     error
}

// Size is how many bytes there are to read.
func (f *File) Size() int64 { return f.sealed.size }

// Reader reads from the beginning to the end, or from anywhere after a Seek.
func (f *File) Reader() *io.SectionReader { return io.NewSectionReader(f, 0, f.Size()) }

// Close ends reading.
func (f *File) Close() error {
	f.mu.Lock()
	f.closed = true
	f.dropRecent()
	f.mu.Unlock()
	return f.stored.Close()
}

// ReadAt reads as io.ReaderAt says. A byte that was altered on disk is an
// error, never a wrong byte.
func (f *File) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("offset %d: %w", off, fs.ErrInvalid)
	}
	for n < len(p) && off < f.Size() {
		took, err := f.readPiece(p[n:], off)
		n, off = n+took, off+int64(took)
		if err != nil {
			return n, err
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// readPiece reads what there is in one piece.
func (f *File) readPiece(to []byte, off int64) (int, error) {
	p, ahead := f.want(off / pieceSize)
	for _, next := range ahead {
		go func() {
			defer f.leave(next)
			f.open(next)
		}()
	}
	defer f.leave(p)
	f.open(p)
	if p.err != nil {
		return 0, p.err
	}
	return copy(to, p.data[off-p.index*pieceSize:]), nil
}

// open decrypts a piece, once.
func (f *File) open(p *piece) {
	p.decrypt.Do(func() {
		defer func() {
			// Who reads ahead does so in a goroutine that nobody else guards.
			if fault := recover(); fault != nil {
				p.err = fmt.Errorf("panic while decrypting: %v", fault)
			}
			if p.err != nil {
				f.forget(p) // the disk may answer the next time
			}
		}()
		p.data, p.err = f.sealed.open(p.index, p.buffer)
	})
}

// want returns a piece, and those that are worth decrypting meanwhile. Each is
// to be left when it is no longer needed.
func (f *File) want(index int64) (p *piece, ahead []*piece) {
	f.mu.Lock()
	defer f.mu.Unlock()
	on := index == f.last+1
	f.last = index
	p = f.hold(index)
	if on && !f.closed {
		for next := index + 1; next <= index+readAhead && next*pieceSize < f.Size(); next++ {
			if f.find(next) < 0 && f.store.plenty() {
				ahead = append(ahead, f.hold(next))
			}
		}
	}
	return p, ahead
}

// hold finds or begins a piece, for one more user. Called with mu held.
func (f *File) hold(index int64) *piece {
	i := f.find(index)
	var p *piece
	switch {
	case i >= 0:
		p = f.recent[i]
	case f.closed:
		return &piece{index: index, users: 1, buffer: f.store.get()}
	default:
		if !f.store.plenty() {
			f.dropRecent()
		}
		i = len(f.recent) - 1
		f.drop(f.recent[i])
		p = &piece{index: index, users: 1, buffer: f.store.get()}
	}
	copy(f.recent[1:i+1], f.recent[:i])
	f.recent[0] = p
	p.users++
	return p
}

func (f *File) find(index int64) int {
	for i, p := range f.recent {
		if p != nil && p.index == index {
			return i
		}
	}
	return -1
}

// leave says that one user needs a piece no longer.
func (f *File) leave(p *piece) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(p)
}

// drop is leave, called with mu held.
func (f *File) drop(p *piece) {
	if p == nil {
		return
	}
	if p.users--; p.users == 0 {
		f.store.put(p.buffer)
		p.buffer, p.data = nil, nil
	}
}

// dropRecent keeps nothing but what somebody is reading. Called with mu held.
func (f *File) dropRecent() {
	for i, p := range f.recent {
		f.drop(p)
		f.recent[i] = nil
	}
}

// forget has a piece read anew the next time.
func (f *File) forget(p *piece) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := f.find(p.index); i >= 0 && f.recent[i] == p {
		f.recent[i] = nil
		f.drop(p)
	}
}

// pieces are the buffers of a vault, used again and again: a new one for each
// piece would cost as much as decrypting it.
type pieces struct {
	mu   sync.Mutex
	out  int
	free []*[sealedSize]byte
}

// maxFree is how many buffers are kept for the next who needs one: 4 MiB.
const maxFree = 64

func (s *pieces) get() *[sealedSize]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out++
	n := len(s.free)
	if n == 0 {
		return new([sealedSize]byte)
	}
	b := s.free[n-1]
	s.free = s.free[:n-1]
	return b
}

func (s *pieces) put(b *[sealedSize]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out--
	if len(s.free) < maxFree {
		s.free = append(s.free, b)
	}
}

// plenty reports whether reading ahead is still cheap.
func (s *pieces) plenty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out < maxAhead
}
