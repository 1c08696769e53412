package documents

import (
	"fmt"
	"strings"
)

// table sets a table whose header row is repeated on each page. Rows are
// measured before they are drawn. One of up to wholeRow lines stays whole; one that is
// higher begins where there is room, and goes on on the next page.
func (s *sheets) table(b block) {
	edges, whole := edges(b.cols), s.root.add("Table")
	header := func(tags []*tag) {
		texts, n := cells(headPen, names(b.cols), edges)
		high := cellHigh(n)
		s.fill(navy, left, s.y, wide, high)
		s.row(headPen, texts, edges, b.cols, tags)
		s.y += high
	}
	s.need(min(firstRows(b), floor-top))
	header(whole.row("TH", headsColumn, len(b.cols)))
	if len(b.rows) == 0 {
		none := whole.row("TD", fmt.Sprintf("/A <</O /Table /ColSpan %d>>", len(b.cols)), 1)
		s.in(none[0], func() {
			s.write(pen{italic, tableSize, grey}, left+pad, s.y+pad+tableLead*0.74, "None.")
		})
		s.y += tableLead + 2*pad
	}
	for i, texts := range b.rows {
		lines, n := cells(cellPen, texts, edges)
		tags, blanks := whole.row("TD", "", len(b.cols)), b.cellsOf(i)
		for n > 0 {
			now := s.linesNow(n)
			part := cut(lines, now)
			lines, n = rest(lines, now), n-now
			high := cellHigh(now)
			if hasBlank(b.cols, texts) {
				high = max(high, blankHigh)
			}
			if s.y+high > s.floor || n == 0 && s.lonely(b, i, high, edges) {
				s.rule(navy, 0.35, left, s.y, pageWide-right)
				s.turn()
				header(make([]*tag, len(b.cols))) // heard once
			}
			if i%2 == 1 {
				s.fill(tint, left, s.y, wide, high)
			}
			s.row(cellPen, part, edges, b.cols, tags)
			for j, c := range blanks {
				s.in(tags[j], func() { s.blank(c, edges[j]+0.6, s.y+0.8, edges[j+1]-edges[j]-1.2, high-1.6) })
			}
			blanks = nil // a field stands in the first part of a row that is broken
			for _, x := range edges[1 : len(edges)-1] {
				if hasBlank(b.cols, texts) {
					s.fill(hair, x, s.y, 0.2, high)
				}
			}
			s.y += high
			s.rule(hair, 0.2, left, s.y, pageWide-right)
		}
	}
	s.rule(navy, 0.35, left, s.y, pageWide-right)
	s.gap(5)
}

// wholeRow is how many lines a row may have that is never broken, and partRow how many
// of one that is stand together at least.
const (
	wholeRow = 26
	partRow  = 4
)

// linesNow is how many of a row's lines that are left stand on this page, or on the
// next, where hardly any would stand on this.
func (s *sheets) linesNow(n int) int {
	if n <= wholeRow {
		return n
	}
	now := int((s.floor - s.y - 2*pad) / tableLead)
	if now < partRow {
		return min(n, mostLines)
	}
	now = min(now, mostLines)
	if left := n - now; left > 0 && left < partRow {
		now = max(n-partRow, partRow)
	}
	return min(n, now)
}

// lonely reports whether the last row would stand alone on the next page if the one
// before it, which is so high, stayed on this.
func (s *sheets) lonely(b block, i int, high float64, edges []float64) bool {
	if i == 0 || i != len(b.rows)-2 {
		return false
	}
	_, n := cells(cellPen, b.rows[i+1], edges)
	last := cellHigh(min(n, mostLines))
	if hasBlank(b.cols, b.rows[i+1]) {
		last = max(last, blankHigh)
	}
	return s.y+high+last > s.floor && top+2*high+last < s.floor
}

// figuresInset parts figures from what begins right of them.
const figuresInset = 1.3

// cells breaks the texts of a row into lines, and says how many the highest has.
func cells(p pen, texts []string, edges []float64) (lines [][]string, most int) {
	for i, text := range texts {
		lines = append(lines, p.set(text, edges[i+1]-edges[i]-2*pad))
		most = max(most, len(lines[i]))
	}
	return lines, max(most, 1)
}

// cellHigh is how high a row of so many lines is.
func cellHigh(lines int) float64 { return float64(lines)*tableLead + 2*pad }

// firstRows is how high a table is as far as its first row, or its second where that
// is low: one row alone under a heading looks as if it were all.
func firstRows(b block) float64 {
	edges := edges(b.cols)
	_, high := cells(headPen, names(b.cols), edges)
	if len(b.rows) == 0 {
		return cellHigh(high) + cellHigh(1)
	}
	first, whole := firstOf(b, 0, edges)
	if whole && len(b.rows) > 2 {
		if second, low := firstOf(b, 1, edges); low {
			first += second
		}
	}
	return cellHigh(high) + first
}

// lowRow is how many lines a row may have that is waited for.
const lowRow = 6

// firstOf is how high a row is, or as much of it as stands together, and whether it is
// low.
func firstOf(b block, i int, edges []float64) (high float64, low bool) {
	_, n := cells(cellPen, b.rows[i], edges)
	high = cellHigh(n)
	if n > wholeRow {
		high = cellHigh(partRow)
	}
	if hasBlank(b.cols, b.rows[i]) {
		high = max(high, blankHigh)
	}
	return high, n <= lowRow
}

func names(cols []Col) (all []string) {
	for _, c := range cols {
		all = append(all, line(c.Name))
	}
	return all
}

// row is a row of cells in a table, or of heads.
func (t *tag) row(role, attr string, n int) []*tag {
	row := t.add("TR")
	for range n {
		row.add(role).attr = attr
	}
	return row.kids
}

func (s *sheets) row(p pen, cells [][]string, edges []float64, cols []Col, tags []*tag) {
	for i, lines := range cells {
		s.in(tags[i], func() {
			for j, l := range lines {
				x := edges[i] + pad
				if cols[i].Figures {
					x = edges[i+1] - pad - figuresInset - p.wide(strings.TrimRight(l, " "))
				}
				s.write(p, x, s.y+pad+tableLead*(float64(j)+0.74), l)
			}
		})
	}
}

func cut(cells [][]string, n int) (part [][]string) {
	for _, c := range cells {
		part = append(part, c[:min(n, len(c))])
	}
	return part
}

func rest(cells [][]string, n int) (part [][]string) {
	for _, c := range cells {
		part = append(part, c[min(n, len(c)):])
	}
	return part
}

// hasBlank reports whether a row has a cell to be filled in by hand.
func hasBlank(cols []Col, texts []string) bool {
	for i, c := range cols {
		if c.Fill && texts[i] == "" {
			return true
		}
	}
	return false
}

// cellsOf are the blanks in a row, if it has some.
func (b block) cellsOf(row int) []Blank {
	if b.cells == nil {
		return nil
	}
	return b.cells[row]
}

// edges shares the width among columns.
func edges(cols []Col) []float64 {
	all := 0
	for _, c := range cols {
		all += max(c.Share, 1)
	}
	xs, sum := []float64{left}, 0
	for _, c := range cols {
		sum += max(c.Share, 1)
		xs = append(xs, left+wide*float64(sum)/float64(all))
	}
	return xs
}
