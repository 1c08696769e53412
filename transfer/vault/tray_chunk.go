package vault

import (
	"math/bits"
)

const mapSize = pieceSize / 8

// A chunk is a piece of a draft in memory.
type chunk struct {
	data    []byte              // with room for what encryption adds
	written [mapSize / 8]uint64 // which bytes of it have come, a bit for each
	count   int                 // of those bits
	used    int64               // when, by Draft.clock
}

// blank is a chunk of zeros.
func (d *Draft) blank() *chunk {
	if len(d.spare) == 0 {
		return &chunk{data: make([]byte, pieceSize, sealedSize)}
	}
	c := d.spare[len(d.spare)-1]
	d.spare = d.spare[:len(d.spare)-1]
	clear(c.data)
	clear(c.written[:])
	c.count = 0
	return c
}

// free lets a chunk go from memory.
func (d *Draft) free(i int64, c *chunk) {
	delete(d.open, i)
	if c != nil {
		d.spare = append(d.spare, c)
	}
}

// cover notes that the bytes [from,to) have come.
func (c *chunk) cover(from, to int) {
	for from < to {
		word, bit := from/64, from%64
		n := min(64-bit, to-from)
		mask := (^uint64(0) >> (64 - n)) << bit
		c.count += bits.OnesCount64(mask &^ c.written[word])
		c.written[word] |= mask
		from += n
	}
}

// cut makes it zeros from here on, as if they had never come.
func (c *chunk) cut(from int) {
	clear(c.data[from:])
	c.written[from/64] &= 1<<(from%64) - 1
	clear(c.written[from/64+1:])
	c.recount()
}

func (c *chunk) recount() {
	c.count = 0
	for _, word := range c.written {
		c.count += bits.OnesCount64(word)
	}
}

// prefix is how many bytes have come without a gap.
func (c *chunk) prefix() int64 {
	for w, word := range c.written {
		if word != ^uint64(0) {
			return int64(64*w + bits.TrailingZeros64(^word))
		}
	}
	return pieceSize
}
