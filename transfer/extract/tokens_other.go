//go:build !amd64

package extract

// blockMasks looks at whole blocks of 64 bytes: it says which bytes part fields or
// end lines, which end lines, and which are quotes.
func blockMasks(text []byte, delimiter byte, seps, feeds, quotes []uint64) sighted {
	return plainMasks(text, delimiter, seps, feeds, quotes)
}

// flatten writes down which bits are set, and returns how many there are. It
// needs room for [slack] places more.
func flatten(words []uint64, places []uint32) (n int) { return plainFlatten(words, places) }

func copyRuns(dst, text []byte, from int, ends []uint32, runs []run) (n int) {
	return plainCopyRuns(dst, text, from, ends, runs)
}
