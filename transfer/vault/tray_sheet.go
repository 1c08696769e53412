package vault

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

// The library age encrypts a file from its beginning to its end. A client of
// SFTP does not write one in that order. But a file of age is made of chunks that
// are encrypted each for itself, under a number of its own (age-encryption.org/v1,
// "Payload"); so they can be written in any order, and by several goroutines at
// once. What comes of it is a file of age like any other.

// A sheet is a file of age that is written chunk by chunk. A chunk that is not
// the last can be put down once: encrypted again under its number, both versions
// together would tell what is in them.
type sheet struct {
	root  *os.Root
	name  string // unfinished, and gone when the program dies
	file  *os.File
	start int64 // of the first chunk
	aead  cipher.AEAD
}

// newSheet begins a sheet in a directory.
func (v *Vault) newSheet(dir string) (_ *sheet, err error) {
	ids, err := v.identities(Office, true)
	if err != nil {
		return nil, err
	}
	// Encrypt makes the header, and is to make nothing more: only the key is of
	// use, which it hands to whom the file is sealed to.
	var header bytes.Buffer
	to := &overhearing{Recipient: ids[0].Recipient()}
	if _, err := age.Encrypt(&header, to); err != nil {
		return nil, err
	}
	nonce := header.Bytes()[header.Len()-16:]
	key, err := hkdf.Key(sha256.New, to.key, nonce, "payload", chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	s := &sheet{root: v.files, name: path.Join(dir, tempPrefix+rand.Text()), start: int64(header.Len())}
	if s.aead, err = chacha20poly1305.New(key); err != nil {
		return nil, err
	}
	if s.file, err = v.files.OpenFile(s.name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return nil, err
	}
	if _, err := s.file.Write(header.Bytes()); err != nil {
		return nil, errors.Join(err, s.drop())
	}
	return s, nil
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

// put writes a chunk; only the last may be shorter than the others. It is
// encrypted in its place: p holds nothing of use after it, and must have room for
// chacha20poly1305.Overhead more bytes.
func (s *sheet) put(i int64, p []byte, last bool) error {
	_, err := s.file.WriteAt(s.aead.Seal(p[:0], number(i, last), p, nil), s.start+i*sealedSize)
	return err
}

// get reads back a chunk that is not the last.
func (s *sheet) get(i int64, p []byte) error {
	sealed := make([]byte, sealedSize)
	if _, err := s.file.ReadAt(sealed, s.start+i*sealedSize); err != nil {
		return err
	}
	_, err := s.aead.Open(p[:0], number(i, false), sealed, nil)
	return err
}

// finish ends the sheet after the last chunk, so that it survives a loss of
// power.
func (s *sheet) finish(size int64) error {
	chunks := max((size+pieceSize-1)/pieceSize, 1)
	if err := s.file.Truncate(s.start + size + chunks*chacha20poly1305.Overhead); err != nil {
		return err
	}
	return s.file.Sync()
}

// drop gives the sheet up.
func (s *sheet) drop() error {
	return errors.Join(s.file.Close(), ignoreGone(s.root.Remove(s.name)))
}

// number is what a chunk is encrypted under.
func number(i int64, last bool) []byte {
	n := make([]byte, chacha20poly1305.NonceSize)
	binary.BigEndian.PutUint64(n[3:], uint64(i))
	if last {
		n[len(n)-1] = 1
	}
	return n
}

// A scratch keeps chunks that are not finished, as often as they change. Its key
// is only in memory and it has no name, so that nothing is left of it.
type scratch struct {
	file *os.File
	aead cipher.AEAD
}

// asideSize is a chunk with the map of what is written of it, on disk.
const asideSize = chacha20poly1305.NonceSizeX + pieceSize + mapSize + chacha20poly1305.Overhead

func (v *Vault) newScratch(dir string) (_ *scratch, err error) {
	key := make([]byte, chacha20poly1305.KeySize)
	rand.Read(key)
	s := &scratch{}
	if s.aead, err = chacha20poly1305.NewX(key); err != nil {
		return nil, err
	}
	name := path.Join(dir, tempPrefix+rand.Text())
	if s.file, err = v.files.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return nil, err
	}
	if err := v.files.Remove(name); err != nil {
		return nil, errors.Join(err, s.file.Close())
	}
	return s, nil
}

func (s *scratch) put(i int64, c *chunk) error {
	sealed := make([]byte, chacha20poly1305.NonceSizeX, asideSize)
	rand.Read(sealed)
	plain := make([]byte, 0, pieceSize+mapSize)
	plain = append(plain, c.data...)
	for _, word := range c.written {
		plain = binary.BigEndian.AppendUint64(plain, word)
	}
	_, err := s.file.WriteAt(s.aead.Seal(sealed, sealed, plain, number(i, false)), i*asideSize)
	return err
}

func (s *scratch) get(i int64, c *chunk) error {
	sealed := make([]byte, asideSize)
	if _, err := s.file.ReadAt(sealed, i*asideSize); err != nil {
		return err
	}
	nonce, sealed := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	plain, err := s.aead.Open(sealed[:0], nonce, sealed, number(i, false))
	if err != nil {
		return fmt.Errorf("what was written has changed on disk: %w", fs.ErrInvalid)
	}
	copy(c.data, plain)
	for w := range c.written {
		c.written[w] = binary.BigEndian.Uint64(plain[pieceSize+8*w:])
	}
	c.recount()
	return nil
}
