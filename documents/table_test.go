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

// Nor does one stand alone where a table begins.
func TestATableBeginsWithTwoRows(t *testing.T) {
	broken := 0
	for filler := range 50 {
		d := press(false).New("Paper", "with a table", "CON-000001-X0X0X", "2016-03-01")
		d.Text(strings.Repeat("One line of the text before.\n", filler+1))
		d.Section("Data")
		var rows [][]string
		for i := range 20 {
			rows = append(rows, []string{fmt.Sprintf("row-%d", i)})
		}
		d.Table([]Col{{Name: "Heading", Share: 1}}, rows)
		pdf, err := d.PDF()
		if err != nil {
			t.Fatal(err)
		}
		pages := read(t, pdf).Text
		if strings.Contains(pages[0], "row-") && len(pages) > 1 {
			broken++
		}
		for i, page := range pages {
			if strings.Count(page, "row-") == 1 {
				t.Errorf("behind %d lines page %d has one row of 20", filler, i+1)
			}
		}
	}
	if broken < 10 {
		t.Errorf("only %d tables went on over the page", broken)
	}
}

// A heading has the first lines at least of what it introduces below it, however high
// the first row of a table is and wherever the page ends.
func TestNoHeadingAloneBeforeAHighRow(t *testing.T) {
	turned := 0
	for _, lines := range []int{1, 12, wholeRow, wholeRow + 1, 40, 51, 52, 60, 120} {
		for filler := range 50 {
			d := press(false).New("Paper", "with a table", "CON-000001-X0X0X", "2016-03-01")
			d.Text(strings.Repeat("One line of the text before.\n", filler+1))
			d.Section("Data")
			d.Para("What there is.")
			d.Table([]Col{{Name: "Periods", Share: 1}, {Name: "Dataset", Share: 1}}, [][]string{{strings.TrimSpace(strings.Repeat("200199\n", lines)), "HES"}, {"200299", "HES"}})
			s := laid(d, 1)
			at := s.bookmarks[0]
			least := 8.4 + bodyLead + cellHigh(1) + cellHigh(min(lines, partRow))
			if at.y+least > floor {
				t.Errorf("before %d lines, behind %d: the heading stands at %.0f mm of page %d", lines, filler, at.y, at.page+1)
			}
			if at.page > 0 {
				turned++
			}
			if s.lowest > floor+0.001 {
				t.Errorf("before %d lines, behind %d: something ends %.1f mm below the text", lines, filler, s.lowest-floor)
			}
		}
	}
	if turned < 20 {
		t.Errorf("only %d headings have come to another page", turned)
	}
}

// What ends a letter stands below two lines of its text at least.
func TestNoNameStandsAlone(t *testing.T) {
	turned := 0
	for filler := 18; filler < 42; filler++ { // about where the page ends
		d := press(false).New("Letter", "of some length", "CON-000001-X0X0X", "2016-03-01")
		for i := range filler {
			d.Para("Paragraph %d of it.", i)
		}
		d.Para("Questions: nobody.")
		d.Close("Compliance")
		pdf, err := d.PDF()
		if err != nil {
			t.Fatal(err)
		}
		pages := read(t, pdf).Text
		last := pages[len(pages)-1]
		if len(pages) > 1 {
			turned++
		}
		if !strings.Contains(last, "Compliance") || !strings.Contains(last, "Questions") || !strings.Contains(last, fmt.Sprintf("Paragraph %d ", filler-1)) {
			t.Errorf("behind %d paragraphs the last page says\n%s", filler, last)
		}
	}
	if turned < 5 {
		t.Errorf("only %d letters had a second page", turned)
	}
}
