package register

import (
	"slices"
	"strconv"
	"strings"

	"darsd/dars"
)

// The releases to police, courts and other bodies stand as a table of counts: a column
// for each body, and a row for each thing that can become of a request.
var outcomes = []struct {
	says string // the row begins with it
	of   func(*dars.TracingCount) *int
}{
	{"approved no trace", func(c *dars.TracingCount) *int { return &c.Untraced }},
	{"approved trace", func(c *dars.TracingCount) *int { return &c.Traced }},
	{"total receipts", func(c *dars.TracingCount) *int { return &c.Received }},
	{"rejected", func(c *dars.TracingCount) *int { return &c.Rejected }},
}

// tracing reads a sheet as such a table, with the rows that count; it reports whether
// it is one.
func tracing(s Sheet) (counts []dars.TracingCount, rows map[int]string, ok bool) {
	rows = map[int]string{}
	var head []string
	var total dars.TracingCount
	bad := map[int]bool{}
	seen := map[string]bool{}
	for i, row := range s.Rows {
		if len(row.Cells) < 2 {
			continue
		}
		if head == nil {
			if strings.Contains(" "+plain(strings.Join(row.Cells[1:], " , "))+" ", " total ") {
				head = row.Cells
				counts = make([]dars.TracingCount, len(head))
			}
			continue
		}
		for _, o := range outcomes {
			if strings.HasPrefix(plain(row.Cells[0]), o.says) && clean(row.Cells[1]) != "" && !seen[o.says] {
				seen[o.says], rows[i] = true, ""
				for c, cell := range row.Cells {
					if c == 0 || c >= len(head) || clean(head[c]) == "" {
						continue
					}
					n, err := strconv.Atoi(strings.ReplaceAll(clean(cell), ",", ""))
					if err != nil || n < 0 {
						rows[i], bad[c] = "under "+clean(head[c])+" stands no count", true
					}
					*o.of(&counts[c]) = n
				}
				break
			}
		}
	}
	if len(seen) < len(outcomes) {
		return nil, nil, false
	}
	var all []dars.TracingCount
	for c := range head {
		body := clean(head[c])
		switch counts[c].Body = body; {
		case c == 0 || body == "" || bad[c]:
		case plain(body) == "total":
			total = counts[c]
		default:
			all = append(all, counts[c])
		}
	}
	for i := range rows {
		if rows[i] == "" {
			rows[i] = misfits(all, total, i, s)
		}
	}
	return all, rows, true
}

// misfits says what of a row does not add up.
func misfits(all []dars.TracingCount, total dars.TracingCount, i int, s Sheet) string {
	sum := dars.TracingCount{}
	for _, c := range all {
		sum.Received, sum.Rejected, sum.Traced, sum.Untraced = sum.Received+c.Received, sum.Rejected+c.Rejected, sum.Traced+c.Traced, sum.Untraced+c.Untraced
	}
	for _, o := range outcomes {
		if strings.HasPrefix(plain(s.Rows[i].Cells[0]), o.says) {
			if *o.of(&sum) != *o.of(&total) {
				return "its counts come to " + strconv.Itoa(*o.of(&sum)) + ", and it says " + strconv.Itoa(*o.of(&total)) + "; they are taken in as they stand"
			}
			break
		}
	}
	return ""
}

// tracing takes in such a table. What stands around it is prose.
func (u *understanding) tracing(s Sheet, counts []dars.TracingCount, rows map[int]string) {
	for _, c := range counts {
		if !slices.Contains(u.Tracing, c) { // the workbook and its sheets as CSV files
			u.Tracing = append(u.Tracing, c)
		}
	}
	for i, row := range s.Rows {
		reason, counted := rows[i]
		if counted {
			u.RowsRead++
			u.OwnClass++
		}
		if !counted && strings.TrimSpace(strings.Join(row.Cells, "")) != "" || reason != "" {
			u.keep(s, row, reason)
		}
	}
}
