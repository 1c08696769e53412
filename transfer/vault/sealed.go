package vault

import (
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

const (
	pieceSize  = 64 << 10                              // in which age encrypts a file
	sealedSize = pieceSize + chacha20poly1305.Overhead // of one piece on disk
	nonceSize  = 16                                    // in front of the first
)

// A sealed is the payload of an age file, of which any piece can be opened
// (C2SP age, "Payload"). age opens it, and has the last word on whose it is and
// where it ends. It would also decrypt it, but into memory that it takes anew
// for each read, and through one buffer more: a third slower. A slip in what
// follows is an error in every file, never a wrong byte: each piece carries its
// own proof.
type sealed struct {
	stored io.ReaderAt
	aead   cipher.AEAD
	begins int64 // the first piece, in the stored file
	size   int64 // of what is inside
}

// unlock finds the key of a file and checks that its end is there.
func unlock(stored io.ReaderAt, size int64, ids ...age.Identity) (*sealed, error) {
	header, err := age.ExtractHeader(io.NewSectionReader(stored, 0, size))
	if err != nil {
		return nil, err
	}
	key, err := age.DecryptHeader(header, ids...)
	if err != nil {
		return nil, err
	}
	_, plain, err := age.DecryptReaderAt(stored, size, age.NewInjectedFileKeyIdentity(key))
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, nonceSize)
	if _, err := stored.ReadAt(nonce, int64(len(header))); err != nil {
		return nil, fmt.Errorf("read the nonce: %w", err)
	}
	payload, err := hkdf.Key(sha256.New, key, nonce, "payload", chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.New(payload)
	if err != nil {
		return nil, err
	}
	return &sealed{stored, aead, int64(len(header)) + nonceSize, plain}, nil
}

// open reads and decrypts one piece. What it returns lies in the buffer.
func (s *sealed) open(index int64, buffer *[sealedSize]byte) ([]byte, error) {
	inside := min(pieceSize, s.size-index*pieceSize)
	piece := buffer[:inside+chacha20poly1305.Overhead]
	n, err := s.stored.ReadAt(piece, s.begins+index*sealedSize)
	switch {
	case n == len(piece): // io.EOF at the very end
	case err == nil || errors.Is(err, io.EOF):
		return nil, io.ErrUnexpectedEOF
	default:
		return nil, err
	}
	var nonce [chacha20poly1305.NonceSize]byte
	binary.BigEndian.PutUint64(nonce[3:], uint64(index))
	if (index+1)*pieceSize >= s.size {
		nonce[len(nonce)-1] = 1 // it is the last
	}
	plain, err := s.aead.Open(piece[:0], nonce[:], piece, nil)
	if err != nil {
		return nil, fmt.Errorf("bytes [%d,%d) were altered on disk: %w", index*pieceSize, index*pieceSize+inside, err)
	}
	return plain, nil
}
