package documents

import (
	"fmt"
	"strings"
	"testing"
)

// A table that goes on over the page brings two rows with it at least, under its heads.
func TestNoRowStandsAloneOnAPage(t *testing.T) {
	broken := 0
	for n := 20; n < 75; n++ {
		d := press(false).New("Paper", "with a table", "CON-000001-X0X0X", "2016-03-01")
		var rows [][]string
		for i := range n {
			rows = append(rows, []string{fmt.Sprintf("row-%d", i)})
		}
		d.Table([]Col{{Name: "Heading", Share: 1}}, rows)
		d.Text(strings.Repeat("What stands after it fills the page. ", 60)) // so that nothing is set closer
		pdf, err := d.PDF()
		if err != nil {
			t.Fatal(err)
		}
		pages := read(t, pdf).Text
		for i, page := range pages {
			if !strings.Contains(page, "row-") {
				continue
			}
			if i > 0 {
				broken++
			}
			if strings.Count(page, "row-") < 2 || !strings.Contains(page, "Heading") {
				t.Errorf("of %d rows page %d of %d has %d", n, i+1, len(pages), strings.Count(page, "row-"))
			}
		}
	}
	if broken < 20 {
		t.Errorf("only %d tables went on over the page", broken)
	}
}
