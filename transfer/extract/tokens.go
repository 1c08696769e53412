package extract

import (
	"encoding/binary"
	"math/bits"
)

// tokens finds the fields of many records at once, 64 bytes at a time: for each
// block three words say which bytes part fields, end lines, and are quotes. A
// running exclusive or over the quotes then tells what stands inside them, so
// no byte is looked at twice, and quotes cost no more than letters.
//
// It reads only text that is regular: every record has as many fields as there
// are columns, every quote is where it may be. Of any other text it says no
// more than that; [dialect.scan] reads it again and says what is wrong. What
// it reads, it reads as scan does.
type tokens struct {
	dialect
	seps, feeds, quotes []uint64 // a bit for each byte
	ends                []uint32 // where fields end: at delimiters, and at line feeds (or the end of the text)
	lines               int      // of the text, those inside quotes as well
}

// slack is how much longer a text's memory is than the text: whole blocks are
// read and written, and what is behind the end is not looked at.
const slack = 64

// fields finds where all fields of a text of whole records end, width for each
// record; ascii says that no byte is above 0x7f. Of a record that ends with
// CRLF the last field ends at the line feed: the caller looks for the CR.
func (t *tokens) fields(text []byte, width int) (ends []uint32, ascii, regular bool) {
	blocks := (len(text) + 63) / 64
	t.seps, t.feeds, t.quotes = sized(t.seps, blocks), sized(t.feeds, blocks), sized(t.quotes, blocks)
	found := t.masks(text)
	ascii = !found.high
	open := len(text) > 0 && text[len(text)-1] != '\n' // the last record of a file, without line end
	records := found.feeds + int(bit(open))
	t.lines = records
	if t.quoted {
		inside, ok := t.unquote(text)
		if !ok {
			return nil, ascii, false
		}
		records -= inside
	}

	t.ends = sized(t.ends, found.seps+1+slack)
	n := flatten(t.seps, t.ends)
	if open {
		t.ends[n] = uint32(len(text))
		n++
	}
	if n != records*width {
		return nil, ascii, false
	}
	// The line feeds are as many as the records, so they end these if each of
	// them ends with one.
	for last := width - 1; last < n; last += width {
		if end := int(t.ends[last]); end < len(text) && text[end] != '\n' {
			return nil, ascii, false
		}
	}
	return t.ends[:n], ascii, true
}

// unquote takes out of the masks what stands in quotes, and says how many line
// feeds did; ok is whether every quote opens a field, closes it, or is one of two
// inside.
func (t *tokens) unquote(text []byte) (feeds int, ok bool) {
	var inside uint64            // all ones in a quoted field
	opens, closes := true, false // whether a field begins here; whether a quote closed at the byte before
	for i, quotes := range t.quotes {
		if quotes == 0 && inside == 0 && !closes {
			opens = t.seps[i]>>63 == 1
			continue
		}
		in := prefixXor(quotes) ^ inside
		inside = uint64(int64(in) >> 63)
		feeds += bits.OnesCount64(t.feeds[i] & in)
		t.seps[i] &^= in

		opening, closing := quotes&in, quotes&^in
		before := t.seps[i] | closing // may stand before a quote that opens
		if opening&^(before<<1|bit(opens)) != 0 {
			return 0, false
		}
		opens = before>>63 == 1
		after := closing<<1 | bit(closes) // stands after a quote that closes
		closes = closing>>63 == 1
		for odd := after &^ (t.seps[i] | opening); odd != 0; odd &= odd - 1 {
			// Only the CR of a line end may, and the end of the text.
			at := i*64 + bits.TrailingZeros64(odd)
			crlf := at < len(text) && text[at] == '\r' && (at+1 == len(text) || text[at+1] == '\n')
			if at < len(text) && !crlf {
				return 0, false
			}
		}
	}
	return feeds, inside == 0
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// prefixXor sets each bit to the exclusive or of all up to it: between a quote
// and the next the bits are set.
func prefixXor(x uint64) uint64 {
	x ^= x << 1
	x ^= x << 2
	x ^= x << 4
	x ^= x << 8
	x ^= x << 16
	return x ^ x<<32
}

// plainFlatten does what flatten does, on any processor. It writes up to seven
// places too many: loops of a fixed length are foreseen by the processor.
func plainFlatten(words []uint64, places []uint32) (n int) {
	for i, x := range words {
		if x == 0 {
			continue
		}
		base, count := uint32(i*64), bits.OnesCount64(x)
		to := (*[slack]uint32)(places[n:])
		for k := 0; k < count; k += 8 {
			to[k&63] = base + uint32(bits.TrailingZeros64(x))
			x &= x - 1
			to[(k+1)&63] = base + uint32(bits.TrailingZeros64(x))
			x &= x - 1
			to[(k+2)&63] = base + uint32(bits.TrailingZeros64(x))
			x &= x - 1
			to[(k+3)&63] = base + uint32(bits.TrailingZeros64(x))
			x &= x - 1
			to[(k+4)&63] = base + uint32(bits.TrailingZeros64(x))
			x &= x - 1
			to[(k+5)&63] = base + uint32(bits.TrailingZeros64(x))
			x &= x - 1
			to[(k+6)&63] = base + uint32(bits.TrailingZeros64(x))
			x &= x - 1
			to[(k+7)&63] = base + uint32(bits.TrailingZeros64(x))
			x &= x - 1
		}
		n += count
	}
	return n
}

// sighted is what is counted while the words are filled in.
type sighted struct {
	seps, feeds int
	high        bool // some byte is above 0x7f
}

// masks fills in the three words of each block.
func (t *tokens) masks(text []byte) sighted {
	whole := len(text) / 64
	all := blockMasks(text[:whole*64], t.delimiter, t.seps, t.feeds, t.quotes)
	if rest := text[whole*64:]; len(rest) > 0 {
		var last [64]byte
		copy(last[:], rest)
		end := blockMasks(last[:], t.delimiter, t.seps[whole:], t.feeds[whole:], t.quotes[whole:])
		there := uint64(1)<<len(rest) - 1 // a delimiter of NUL would match what is not there
		t.seps[whole] &= there
		all = sighted{all.seps + end.seps, all.feeds + end.feeds, all.high || end.high}
	}
	return all
}

// plainMasks does what blockMasks does, eight bytes at a time, on any processor.
func plainMasks(text []byte, delimiter byte, seps, feeds, quotes []uint64) (all sighted) {
	const ones = 0x0101010101010101
	var high uint64
	for i := range len(text) / 64 {
		var s, f, q uint64
		for k := range 8 {
			x := binary.LittleEndian.Uint64(text[i*64+k*8:])
			high |= x
			feed := equal(x, '\n'*ones)
			s |= (equal(x, uint64(delimiter)*ones) | feed) << (8 * k)
			f |= feed << (8 * k)
			q |= equal(x, '"'*ones) << (8 * k)
		}
		seps[i], feeds[i], quotes[i] = s, f, q
		all.seps += bits.OnesCount64(s)
		all.feeds += bits.OnesCount64(f)
	}
	all.high = high&(0x80*ones) != 0
	return all
}

// equal gives a bit for each byte of x that is the same in y.
func equal(x, y uint64) uint64 {
	const low7 = 0x7f7f7f7f7f7f7f7f
	x ^= y
	same := ^((x&low7 + low7) | x | low7) // the top bit of each; nothing carries from byte to byte
	return same >> 7 * 0x0102040810204080 >> 56
}

// sized returns a slice of n, the same memory if it is long enough. Its values
// are anything.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+min(n/4, chunkSize/16))
	}
	return s[:n]
}
