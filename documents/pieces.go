package documents

import "math"

// Blocks are laid out in pieces: what introduces something, and what it
// introduces. As much of a piece as fits stands on one page:
//
//	heading, subheading, short paragraph ──▶ signatures
//	                                         a table, facts or entries: all of at most 8 rows
//	                                         of more rows, the first one, or its first lines
//	                                         of other text, its first lines
const (
	smallTable = 8 // rows
	shortLead  = 6 // lines
)

// piece returns how many blocks introduce something, and how many after them
// are what is introduced.
func piece(blocks []block) (leads, run int) {
	for leads < len(blocks) && introduces(blocks[leads:]) {
		leads++
	}
	rest := blocks[leads:]
	if len(rest) == 0 {
		return leads, 0
	}
	run = 1
	switch first := rest[0].kind; first {
	case fact, entry, signature:
		for run < len(rest) && rest[run].kind == first {
			run++
		}
	}
	return leads, run
}

// introduces reports whether the first block must not stand apart from the next.
func introduces(blocks []block) bool {
	switch blocks[0].kind {
	case heading, subheading:
		return true
	case para:
		if len(blocks) == 1 {
			return false
		}
		switch blocks[1].kind {
		case bullet, fact, entry, table, chart, signature, closing:
			return len(bodyPen.wrap(blocks[0].text[0], wide)) <= shortLead
		case para:
			// What ends a letter has two lines of text above it at least.
			return len(blocks) > 2 && blocks[2].kind == closing && len(bodyPen.wrap(blocks[1].text[0], wide)) < 2 && introduces(blocks[1:]) &&
				len(bodyPen.wrap(blocks[0].text[0], wide)) <= shortLead
		}
	}
	return false
}

// together is how much room the beginning of a piece needs on one page.
func (s *sheets) together(blocks []block, leads, run int) float64 {
	const page, grain = floor - top, 0.01 // sums of one thing in two orders differ by less
	rest := blocks[leads:]
	lead := s.high(blocks, leads)
	if run > 0 && small(rest[:run]) {
		if all := lead + s.high(rest, run) + grain; all <= page {
			return all
		}
	}
	if leads == 0 || run == 0 {
		return 0 // each block sees to itself
	}
	// A heading never stands alone: where all of this fits no page it begins one.
	return min(lead+s.opening(rest)+grain, page)
}

// small reports whether what is introduced is not to be broken.
func small(run []block) bool {
	switch run[0].kind {
	case chart, signature, closing:
		return true
	case fact, entry:
		return len(run) <= smallTable
	case table:
		return len(run[0].rows) <= smallTable
	}
	return false
}

// opening is how much of a block must not stand apart from what introduces it.
func (s *sheets) opening(blocks []block) float64 {
	switch all := s.high(blocks, 1); blocks[0].kind {
	case table:
		return firstRows(blocks[0])
	case notice:
		if all > floor-top {
			return 3 * bodyLead // it is set as lines
		}
		return all
	case entry, tick, chart, signature, closing:
		return all
	case fact:
		return min(all, 6*bodyLead+2.2)
	case bullet:
		if lastButOne(blocks[0], blocks[1:]) {
			return bulletHigh(blocks[0]) + bulletHigh(blocks[1])
		}
		return min(all, 3*bodyLead)
	default:
		return min(all, 3*bodyLead)
	}
}

// high measures the first n blocks, by laying them out on a page without end.
func (s *sheets) high(blocks []block, n int) float64 {
	const from = 2 * top // not where a page begins
	tried := newSheets(math.Inf(1), s.air)
	tried.pages, tried.y = []page{nil}, from
	for i, b := range blocks[:n] {
		tried.block(b, blocks[i+1:])
	}
	return tried.y - from
}
