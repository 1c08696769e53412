package extract

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
)

// Pseudonyms give values of one kind (persons, episodes) other names in the files
// of one case. The key belongs to the case's stem and is kept by its renewals, so
// the same person has the same pseudonym in every refresh, and in every dataset in
// which the catalogue gives the column the same kind. Nobody without the keys can
// tell which pseudonyms of two cases are one person's.
//
// A pseudonym is 32 letters, always: one block of AES-256, spelt with sixteen
// consonants. There is no digit in it, so nothing takes it for an NHS number, a
// date or a number such as 1234e56, and no vowel, so no word comes out. Small and
// capital letters mean the same, since databases take them for the same.
//
// A value of up to 11 bytes (an NHS number has 10) stands in the block itself, so
// the custodian can read it from the pseudonym alone, and no two values share
// one. The other 5 bytes are zero: by them a pseudonym made with this key is known
// from any other text. A longer value (a HESID has 32) has no room beside them:
// in its place stand 87 bits of its AES-CMAC, under a key of its own, and a bit
// that says so. From such a pseudonym the custodian learns whose it is by making
// those of all values again. That two of a billion long values meet has a
// probability of 2^-28, and of a hundred million 2^-35. (Fewer zero bytes would
// take 15 bytes into the block, and let one file in 256 look like any case's.)
//
// HMAC-SHA-256, as others use it, takes many times as long and cannot be read
// back. It is safe for use by many at once.
type Pseudonyms struct {
	block  cipher.Block
	digest *cmac
}

// PseudonymLetters is how long a pseudonym is.
const PseudonymLetters = 2 * aes.BlockSize

const (
	pseudonymSize = PseudonymLetters
	inBlock       = 11   // bytes of a value that stand in the block itself
	byDigest      = 0x80 // the first bit of a block: a digest stands in it
	consonants    = "BCDFGHJKLMNPQRST"
)

// NewPseudonyms takes the key of a case (32 bytes, from the vault) and a kind of
// the catalogue. Each kind has keys of its own: a person and an episode of the
// same number have nothing in common.
func NewPseudonyms(key []byte, kind string) (*Pseudonyms, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("a key for pseudonyms has 32 bytes, not %d", len(key))
	}
	if kind == "" {
		return nil, fmt.Errorf("pseudonyms of no kind")
	}
	forBlocks, err := hkdf.Expand(sha256.New, key, "darsd pseudonyms 1 block "+kind, 32)
	if err != nil {
		return nil, err
	}
	forDigests, err := hkdf.Expand(sha256.New, key, "darsd pseudonyms 1 digest "+kind, 32)
	if err != nil {
		return nil, err
	}
	var p Pseudonyms
	if p.block, err = aes.NewCipher(forBlocks); err != nil {
		return nil, err
	}
	p.digest, err = newCMAC(forDigests)
	return &p, err
}

// Append appends the pseudonym of a value. Nothing has none.
func (p *Pseudonyms) Append(dst, value []byte) []byte {
	if len(value) == 0 {
		return dst
	}
	n := len(dst)
	dst = slices.Grow(dst, pseudonymSize)[:n+pseudonymSize]
	block := dst[n : n+aes.BlockSize] // made where it will be spelt, so that nothing is allocated
	if fits(value) {
		clear(block)
		copy(block, value)
	} else {
		p.digest.sum(block, value)
		block[0] |= byDigest
		clear(block[inBlock:])
	}
	p.block.Encrypt(block, block)
	// From its end, because each byte becomes two.
	for i := aes.BlockSize - 1; i >= 0; i-- {
		binary.LittleEndian.PutUint16(dst[n+2*i:], spelling[block[i]])
	}
	return dst
}

// fits reports whether a value stands in the block itself. What has zero bytes
// could not be told from a shorter one.
func fits(value []byte) bool {
	return len(value) <= inBlock && value[0]&byDigest == 0 && bytes.IndexByte(value, 0) < 0
}

// Open reads a pseudonym: ok says that it was made with this key. The value is ""
// where it was too long to stand in it; whoever has the source finds it by making
// pseudonyms of the values there.
//
// A text that was not made with this key is taken for one with a probability of at
// most 2^-40, for each key that is tried: that is how many of all blocks end in
// five zero bytes.
func (p *Pseudonyms) Open(pseudonym string) (value string, ok bool) {
	if len(pseudonym) != pseudonymSize {
		return "", false
	}
	var block [aes.BlockSize]byte
	for i := range block {
		high, low := letter[pseudonym[2*i]], letter[pseudonym[2*i+1]]
		if high < 0 || low < 0 {
			return "", false
		}
		block[i] = byte(high<<4 | low)
	}
	p.block.Decrypt(block[:], block[:])
	if !bytes.Equal(block[inBlock:], make([]byte, aes.BlockSize-inBlock)) {
		return "", false
	}
	if block[0]&byDigest != 0 {
		return "", true
	}
	plain := bytes.TrimRight(block[:inBlock], "\x00")
	return string(plain), len(plain) > 0 && fits(plain)
}

// FindPseudonyms returns what has the form of a pseudonym in a text, such as a row
// of a file that was found: runs of exactly 32 of the letters, each once.
func FindPseudonyms(text []byte) (all []string) {
	for i := 0; i < len(text); {
		n := 0
		for i+n < len(text) && letter[text[i+n]] >= 0 {
			n++
		}
		// A letter or digit beside it makes it a part of something else.
		alone := (i == 0 || !wordy(text[i-1])) && (i+n == len(text) || !wordy(text[i+n]))
		if s := string(text[i : i+n]); n == pseudonymSize && alone && !slices.Contains(all, s) {
			all = append(all, s)
		}
		i += max(n, 1)
	}
	return all
}

func wordy(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// spelling is the two letters of each byte; letter is what each letter stands for,
// or negative.
var spelling, letter = func() (spelt [256]uint16, read [256]int8) {
	for i := range spelt {
		spelt[i] = uint16(consonants[i>>4]) | uint16(consonants[i&15])<<8
		read[i] = -1
	}
	for i, c := range []byte(consonants) {
		read[c], read[c|0x20] = int8(i), int8(i)
	}
	return spelt, read
}()
