package extract

import "golang.org/x/sys/cpu"

// blockMasks looks at whole blocks of 64 bytes, and reports whether a byte is
// above 0x7f.
func blockMasks(text []byte, delimiter byte, seps, feeds, quotes []uint64) (high bool) {
	blocks := len(text) / 64
	if !cpu.X86.HasAVX2 || blocks == 0 {
		return plainMasks(text, delimiter, seps, feeds, quotes)
	}
	_, _, _ = seps[blocks-1], feeds[blocks-1], quotes[blocks-1]
	return masksAVX2(&text[0], blocks, delimiter, &seps[0], &feeds[0], &quotes[0]) != 0
}

//go:noescape
func masksAVX2(text *byte, blocks int, delimiter byte, seps, feeds, quotes *uint64) (high uint32)
