package vault

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"golang.org/x/crypto/chacha20poly1305"
)

// A client of SFTP does not write a file from its beginning to its end. But the
// pieces of a file are encrypted each for itself, under a number of its own (see
// sealed); so they can be written in any order, and by several goroutines at once,
// as chunks of a sheet. What comes of it is a file of the vault like any other.

// A sheet is a file that is written chunk by chunk. A chunk that is not
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
	beginning, aead, err := begin(ids[0].Recipient())
	if err != nil {
		return nil, err
	}
	s := &sheet{root: v.files, name: path.Join(dir, tempPrefix+rand.Text()), start: int64(len(beginning)), aead: aead}
	if s.file, err = v.files.OpenFile(s.name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return nil, err
	}
	if _, err := s.file.Write(beginning); err != nil {
		return nil, errors.Join(err, s.drop())
	}
	return s, nil
}

// put writes a chunk; only the last may be shorter than the others. It is
// encrypted in its place: p holds nothing of use after it, and must have room for
// tagSize more bytes.
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
	if err := s.file.Truncate(s.start + size + chunks*tagSize); err != nil {
		return err
	}
	return s.file.Sync()
}

// drop gives the sheet up.
func (s *sheet) drop() error {
	return errors.Join(s.file.Close(), ignoreGone(s.root.Remove(s.name)))
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
