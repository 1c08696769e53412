package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

// A file of the vault is a file of age (C2SP age, v1) in all but its cipher. It
// begins with a line that says so, then come age's header, in which the key of the
// file is sealed, a nonce, and the content in pieces of 64 KiB. Each is encrypted
// for itself, under a number that says which it is and whether it is the last:
// STREAM, as in age, but by AES-256-GCM in place of ChaCha20-Poly1305. Processors
// do that in little more than half the time, and a download waits for little else
// that is ours. The line goes into the key of the content too, so one kind of file
// is never taken for the other.
//
// What was kept by earlier releases is a file of age, and is read as such.

// format is that line.
const format = "darsd vault 2: age, AES-256-GCM\n"

const (
	pieceSize  = 64 << 10            // in which a file is encrypted
	tagSize    = 16                  // which either cipher adds
	sealedSize = pieceSize + tagSize // of one piece on disk
	nonceSize  = 16                  // in front of the first
	keySize    = 32
)

// begin makes what a file begins with that is sealed to somebody, and what its
// pieces are encrypted with.
func begin(to age.Recipient) (beginning []byte, aead cipher.AEAD, err error) {
	// Encrypt makes the header and the nonce, and is to make nothing more: only the
	// key is of use, which it hands to whom the file is sealed to.
	beginsWith := bytes.NewBufferString(format)
	listening := &overhearing{Recipient: to}
	if _, err := age.Encrypt(beginsWith, listening); err != nil {
		return nil, nil, err
	}
	beginning = beginsWith.Bytes()
	aead, err = contentCipher(listening.key, beginning[len(beginning)-nonceSize:])
	return beginning, aead, err
}

// An overhearing recipient remembers the key that it seals.
type overhearing struct {
	age.Recipient
	key []byte
}

func (r *overhearing) Wrap(key []byte) ([]*age.Stanza, error) {
	r.key = bytes.Clone(key)
	return r.Recipient.Wrap(key)
}

// contentCipher is what the pieces of a file are encrypted with. No two files have
// the same key, so that numbers do for their nonces.
func contentCipher(key, nonce []byte) (cipher.AEAD, error) {
	content, err := hkdf.Key(sha256.New, key, nonce, format, keySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(content)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// number is what a piece is encrypted under.
func number(i int64, last bool) []byte {
	n := make([]byte, chacha20poly1305.NonceSize) // which is that of GCM too
	binary.BigEndian.PutUint64(n[3:], uint64(i))
	if last {
		n[len(n)-1] = 1
	}
	return n
}

// A sealer encrypts a file from its beginning to its end.
type sealer struct {
	to    io.Writer
	aead  cipher.AEAD
	index int64
	piece []byte // what there is of it so far, with room for what encryption adds
}

func newSealer(file io.Writer, to age.Recipient) (*sealer, error) {
	beginning, aead, err := begin(to)
	if err != nil {
		return nil, err
	}
	if _, err := file.Write(beginning); err != nil {
		return nil, err
	}
	return &sealer{to: file, aead: aead, piece: make([]byte, 0, sealedSize)}, nil
}

// Write encrypts a piece when more comes than that: until then it may be the
// last. After an error nothing more is to be written.
func (s *sealer) Write(p []byte) (n int, err error) {
	for n < len(p) {
		if len(s.piece) == pieceSize {
			if err := s.put(false); err != nil {
				return n, err
			}
		}
		some := p[n:min(len(p), n+pieceSize-len(s.piece))]
		s.piece = append(s.piece, some...)
		n += len(some)
	}
	return n, nil
}

// Close encrypts the last piece. Of an empty file that is an empty one.
func (s *sealer) Close() error { return s.put(true) }

func (s *sealer) put(last bool) error {
	_, err := s.to.Write(s.aead.Seal(s.piece[:0], number(s.index, last), s.piece, nil))
	s.index, s.piece = s.index+1, s.piece[:0]
	return err
}

// A sealed is the content of a file, of which any piece can be opened. The
// library age would open files of its own piece by piece too, but into memory
// that it takes anew for each read, and through one buffer more. A slip in what
// follows is an error in every file, never a wrong byte: each piece carries its
// own proof.
type sealed struct {
	stored io.ReaderAt
	aead   cipher.AEAD
	begins int64 // the first piece, in the stored file
	size   int64 // of what is inside
}

// unlock finds the key of a file and checks that its end is there, for which it
// needs a buffer.
func unlock(stored io.ReaderAt, size int64, buffer *[sealedSize]byte, ids ...age.Identity) (*sealed, error) {
	at, err := header(stored)
	if err != nil {
		return nil, err
	}
	key, nonce, begins, err := opening(stored, at, size, ids)
	if err != nil {
		return nil, err
	}
	if at == 0 {
		return unlockAge(stored, size, key, nonce, begins)
	}
	aead, err := contentCipher(key, nonce)
	if err != nil {
		return nil, err
	}
	last := (size - begins - 1) / sealedSize
	s := &sealed{stored, aead, begins, size - begins - (last+1)*tagSize}
	if inside := s.size - last*pieceSize; inside < 0 || inside == 0 && last > 0 {
		return nil, io.ErrUnexpectedEOF // no file ends like this
	}
	if _, err := s.open(last, buffer); err != nil {
		return nil, err
	}
	return s, nil
}

// header is where age's header begins: behind the format, or where there is none at
// the beginning, as in what earlier releases have kept.
func header(stored io.ReaderAt) (at int64, err error) {
	line := make([]byte, len(format))
	n, err := stored.ReadAt(line, 0)
	switch {
	case string(line[:n]) == format:
		return int64(n), nil
	case err != nil && !errors.Is(err, io.EOF):
		return 0, err
	}
	return 0, nil
}

// unlockAge is the rest of unlock for what earlier releases have kept: age has the
// last word on where it ends.
func unlockAge(stored io.ReaderAt, size int64, key, nonce []byte, begins int64) (*sealed, error) {
	_, plain, err := age.DecryptReaderAt(stored, size, age.NewInjectedFileKeyIdentity(key))
	if err != nil {
		return nil, err
	}
	content, err := hkdf.Key(sha256.New, key, nonce, "payload", keySize)
	if err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.New(content)
	if err != nil {
		return nil, err
	}
	return &sealed{stored, aead, begins, plain}, nil
}

// opening reads age's header, which lies at an offset, and the nonce behind it,
// and says where the first piece begins.
func opening(stored io.ReaderAt, at, size int64, ids []age.Identity) (key, nonce []byte, begins int64, err error) {
	header, err := age.ExtractHeader(io.NewSectionReader(stored, at, size-at))
	if err != nil {
		return nil, nil, 0, err
	}
	if key, err = age.DecryptHeader(header, ids...); err != nil {
		return nil, nil, 0, err
	}
	begins = at + int64(len(header)) + nonceSize
	nonce = make([]byte, nonceSize)
	if _, err := stored.ReadAt(nonce, begins-nonceSize); err != nil {
		return nil, nil, 0, fmt.Errorf("read the nonce: %w", err)
	}
	return key, nonce, begins, nil
}

// open reads and decrypts one piece. What it returns lies in the buffer.
func (s *sealed) open(index int64, buffer *[sealedSize]byte) ([]byte, error) {
	inside := min(pieceSize, s.size-index*pieceSize)
	piece := buffer[:inside+tagSize]
	n, err := s.stored.ReadAt(piece, s.begins+index*sealedSize)
	switch {
	case n == len(piece): // io.EOF at the very end
	case err == nil || errors.Is(err, io.EOF):
		return nil, io.ErrUnexpectedEOF
	default:
		return nil, err
	}
	plain, err := s.aead.Open(piece[:0], number(index, (index+1)*pieceSize >= s.size), piece, nil)
	if err != nil {
		return nil, fmt.Errorf("bytes [%d,%d) were altered on disk: %w", index*pieceSize, index*pieceSize+inside, err)
	}
	return plain, nil
}
