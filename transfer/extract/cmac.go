package extract

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

// cmac is AES-CMAC (NIST SP 800-38B): a keyed sum of a text of any length. It
// keeps no state, so many may use one at once.
type cmac struct {
	block       cipher.Block
	whole, part [aes.BlockSize]byte // what the last block is masked with, if it is whole or not
}

func newCMAC(key []byte) (*cmac, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	m := &cmac{block: block}
	block.Encrypt(m.whole[:], m.whole[:])
	m.whole = doubled(m.whole)
	m.part = doubled(m.whole)
	return m, nil
}

// sum writes the sum of a text into 16 bytes, which must not be the text's own.
func (m *cmac) sum(to, text []byte) {
	clear(to)
	for len(text) > aes.BlockSize {
		subtle.XORBytes(to, to, text[:aes.BlockSize])
		m.block.Encrypt(to, to)
		text = text[aes.BlockSize:]
	}
	subtle.XORBytes(to, to, text)
	if len(text) == aes.BlockSize {
		subtle.XORBytes(to, to, m.whole[:])
	} else {
		to[len(text)] ^= 0x80
		subtle.XORBytes(to, to, m.part[:])
	}
	m.block.Encrypt(to, to)
}

// doubled multiplies by x in the field of 2^128 elements, as SP 800-38B makes its
// masks.
func doubled(b [aes.BlockSize]byte) (d [aes.BlockSize]byte) {
	for i := range b {
		d[i] = b[i] << 1
		if i+1 < len(b) {
			d[i] |= b[i+1] >> 7
		}
	}
	d[len(d)-1] ^= b[0] >> 7 * 0x87
	return d
}
