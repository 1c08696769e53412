package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/documents"
	"darsd/office"
	"darsd/transfer/extract"
)

// checkView is what a checker must know before they check a release. Its rows are the
// first of the first file, and masked.
type checkView struct {
	Columns []dars.ColumnLeft  `json:"columns"`
	Odd     []dars.Oddity      `json:"oddities"`
	Unread  string             `json:"unread,omitempty"`
	Refresh *dars.Refresh      `json:"refresh,omitempty"`
	Share   dars.WithheldShare `json:"withheld_share"`
	Rows    [][]string         `json:"first_rows,omitempty"`
	Table   string             `json:"table,omitempty"` // in the place of rows

	treated dars.Treatment
}

// checkView is that of a release, for somebody of the office; nil before it is produced.
func (c *call) checkView(r *dars.Release) (*checkView, error) {
	if r.Seen == nil {
		return nil, nil
	}
	f, err := office.Desk{Office: c.Office}.Checking(c.ctx, c.act.Who, r.ID, c.Calendar.Day(c.act.At))
	if err != nil {
		return nil, err
	}
	v := &checkView{Columns: r.Seen.Columns, Odd: r.Seen.Odd, Unread: r.Seen.Unread, Refresh: f.Refresh, Share: f.Share, treated: r.Treated()}
	if r.Tabulation != nil {
		v.Table, err = c.shownTable(r)
	} else {
		v.Rows, err = c.firstRows(f)
	}
	return v, err
}

// shownRows is how many rows a checker sees.
const shownRows = 3

// firstRows opens the first rows of a release that has not left yet, masked, for those
// who make, check and sign releases. A local shell in an emergency sees none: nobody
// would know who it was.
func (c *call) firstRows(f dars.CheckFacts) ([][]string, error) {
	r := f.Release
	if !c.mayOpen(r) {
		return nil, nil
	}
	terms, err := f.Agreement.Dataset(r.Dataset)
	if err != nil {
		return nil, err
	}
	form, err := leavingAs(f.Dataset, terms, r.Seen.Columns)
	if err != nil {
		return nil, err
	}
	file, err := c.openRows(r)
	if file == nil {
		return nil, err
	}
	defer file.Close()
	return extract.FirstRows(file, form, shownRows)
}

// mayOpen reports whether the caller may see what is to leave with a release.
func (c *call) mayOpen(r *dars.Release) bool {
	return r.Ready() && r.Seen.Unread == "" && c.act.Via != dars.BreakGlass && c.who.May("release rows") == nil
}

// openRows opens what a checker looks at of a release, and notes that somebody does;
// nil: it is not there.
func (c *call) openRows(r *dars.Release) (io.ReadCloser, error) {
	if err := c.looked("first rows of release", string(r.ID)); err != nil {
		return nil, err
	}
	file, err := office.Releases{Office: c.Office}.Rows(c.ctx, c.act, r.ID)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // doctor tells of it
	}
	return file, err
}

// write prints what is to leave: the table, or what was done to each column.
func (v *checkView) write(w io.Writer) error {
	if v.Table != "" {
		_, err := io.WriteString(w, v.Table)
		return err
	}
	return v.columns().write(w)
}

// facts are what stands beside the other facts of a release.
func (v *checkView) facts() (facts []any) {
	if v == nil {
		return nil
	}
	if v.treated == dars.Uphold {
		facts = append(facts, "withheld share", v.Share)
	}
	if v.Refresh == nil {
		facts = append(facts, "refresh before", "none: it is the first of its case and dataset")
	} else {
		facts = append(facts, "refresh before", fmt.Sprintf("%s of %s", v.Refresh.Before, strings.Join(v.Refresh.Periods, ", ")))
		for _, l := range v.Refresh.Lines {
			line := fmt.Sprintf("%d %s then, %d now", l.Then, l.What, l.Now)
			if l.Far {
				line += ": LOOK"
			}
			facts = append(facts, "", line)
		}
	}
	if len(v.Columns) == 0 {
		return facts // a table: what is odd in it can be seen
	}
	label := "odd"
	for _, line := range (&dars.Examination{Odd: v.Odd}).Odds(len(v.Columns)) {
		facts, label = append(facts, label, line), ""
	}
	switch {
	case v.Unread != "":
		facts = append(facts, "odd", "not looked for: "+v.Unread)
	case len(v.Odd) == 0:
		facts = append(facts, "odd", "nothing")
	}
	return facts
}

// columns is a table of what was done to each column, and what stands there first.
func (v *checkView) columns() table {
	head := []string{"COLUMN", "WHAT WAS DONE"}
	for i := range v.Rows {
		head = append(head, fmt.Sprintf("ROW %d", i+1))
	}
	t := table{head}
	for i, c := range v.Columns {
		row := []string{c.Name, c.Done()}
		for _, r := range v.Rows {
			row = append(row, shown(r[i]))
		}
		t = append(t, row)
	}
	return t
}

// shownWidth is how much of a value a screen shows.
const shownWidth = 12

// shown is a value of a row for the screen: short, and nothing that a terminal obeys.
func shown(value string) string {
	value = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, value)
	if all := []rune(value); len(all) > shownWidth {
		value = string(all[:shownWidth-1]) + "…"
	}
	if value == "" {
		return "-"
	}
	return value
}

func pageCommand(s *session) *cobra.Command {
	return s.look("page RELEASE", "write the checker's page of it to standard output, as PDF", exactly(1), func(c *call) error {
		f, err := office.Desk{Office: c.Office}.Checking(c.ctx, c.act.Who, dars.ReleaseID(c.args[0]), c.Calendar.Day(c.act.At))
		if err != nil {
			return err
		}
		if f.Release.Seen == nil {
			return dars.Refuse("wrong-step", f.Release.ID, "release %s is %s: there is nothing in it to check", f.Release.ID, f.Release.State)
		}
		if err := c.looked("checker's page of release", c.args[0]); err != nil {
			return err
		}
		pdf, err := documents.Press{Office: c.Info, Rehearsal: c.rehearsal}.CheckersPage(f)
		if err == nil {
			_, err = c.env.stdout.Write(pdf)
		}
		return err
	})
}
