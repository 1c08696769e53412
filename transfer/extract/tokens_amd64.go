package extract

import "golang.org/x/sys/cpu"

// wide says that a processor looks at 64 bytes at once, and can move those of
// them together that are marked.
var wide = cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VBMI2

// blockMasks looks at whole blocks of 64 bytes: it says which bytes part fields or
// end lines, which end lines, and which are quotes.
func blockMasks(text []byte, delimiter byte, seps, feeds, quotes []uint64) (all sighted) {
	blocks := len(text) / 64
	if !cpu.X86.HasAVX2 || blocks == 0 {
		return plainMasks(text, delimiter, seps, feeds, quotes)
	}
	_, _, _ = seps[blocks-1], feeds[blocks-1], quotes[blocks-1]
	var high uint64
	if wide {
		all.seps, all.feeds, high = masksAVX512(&text[0], blocks, delimiter, &seps[0], &feeds[0], &quotes[0])
	} else {
		all.seps, all.feeds, high = masksAVX2(&text[0], blocks, delimiter, &seps[0], &feeds[0], &quotes[0])
	}
	all.high = high != 0
	return all
}

// flatten writes down which bits are set, and returns how many there are. It
// needs room for [slack] places more.
func flatten(words []uint64, places []uint32) (n int) {
	if !wide || len(words) == 0 {
		return plainFlatten(words, places)
	}
	return flattenAVX512(&words[0], len(words), &places[0])
}

// copyRuns copies runs of the row that begins at from, one behind the other, and
// returns how many bytes they are. The text has [slack] bytes of memory behind it,
// and dst room for as many more than the row: without, it panics and copies
// nothing.
func copyRuns(dst, text []byte, from int, ends []uint32, runs []run) (n int) {
	if !cpu.X86.HasAVX2 {
		return plainCopyRuns(dst, text, from, ends, runs)
	}
	_, _ = text[:len(text)+slack], dst[:int(ends[len(ends)-1])-from+slack]
	return copyRunsAVX2(&dst[0], &text[0], from, &ends[0], &runs[0], len(runs))
}

//go:noescape
func masksAVX2(text *byte, blocks int, delimiter byte, seps, feeds, quotes *uint64) (parting, ending int, high uint64)

//go:noescape
func masksAVX512(text *byte, blocks int, delimiter byte, seps, feeds, quotes *uint64) (parting, ending int, high uint64)

//go:noescape
func flattenAVX512(words *uint64, blocks int, into *uint32) (n int)

//go:noescape
func copyRunsAVX2(dst, text *byte, from int, ends *uint32, runs *run, count int) (n int)
