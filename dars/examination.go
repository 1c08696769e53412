package dars

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// An Examination is what one pass over the files of a release has shown, for the person
// who checks it. It holds no value of any row.
type Examination struct {
	Columns []ColumnLeft `json:"columns"`
	Odd     []Oddity     `json:"odd"`
	Unread  string       `json:"unread,omitempty"` // why the files could not be gone through
}

// A ColumnLeft is a column of the files, and what was done to it.
type ColumnLeft struct {
	Name   string `json:"name"`
	Field  string `json:"field"`            // of the source
	Derive string `json:"derive,omitempty"` // a code of Derivations; empty: as it stands in the source
	Masked bool   `json:"masked"`           // it may tell who somebody is, or what nobody else should read
}

// Done says what was done to the column.
func (c ColumnLeft) Done() string {
	switch {
	case c.Derive != "":
		return fmt.Sprintf("%s, from %s", Meaning(Derivations, c.Derive), c.Field)
	case c.Name != c.Field:
		return "as " + c.Field + " in the source"
	}
	return "as in the source"
}

// Oddities are what a checker is told of: none of them need be a fault.
var Oddities = []Code{
	{"all-missing", "nothing in any row"},
	{"one-value", "the same in every row"},
	{"not-of-type", "neither of its type in the catalogue nor among what stands for not known"},
	{"unknown-code", "a code that the catalogue does not name"},
	{"outside-period", "dated outside the period"},
}

// An Oddity is something about a column of a file, and in how many rows it is so.
type Oddity struct {
	File   FileID `json:"file"`
	Column string `json:"column"`
	What   string `json:"what"` // a code of Oddities
	Rows   int64  `json:"rows"`
}

// Odds says what is odd, one line for each kind: "nothing in any row: DIAG_04
// (rows: 40961)". Of one kind at most so many columns are named; the rows of all files count.
func (x *Examination) Odds(most int) (lines []string) {
	for _, kind := range Oddities {
		rows := map[string]int64{}
		var columns []string
		for _, o := range x.Odd {
			if o.What != kind.Code {
				continue
			}
			if rows[o.Column] == 0 {
				columns = append(columns, o.Column)
			}
			rows[o.Column] += o.Rows
		}
		if len(columns) == 0 {
			continue
		}
		more := len(columns) - most
		if more > 0 {
			columns = columns[:most]
		}
		for i, name := range columns {
			columns[i] = fmt.Sprintf("%s (rows: %d)", name, rows[name])
		}
		line := kind.Meaning + ": " + strings.Join(columns, ", ")
		if more > 0 {
			line += fmt.Sprintf(" and %d more columns", more)
		}
		lines = append(lines, line)
	}
	return lines
}

// ColumnsLeft says of the columns that left what was done to each. A column that the
// catalogue does not describe is masked: nobody has said that it tells nothing.
func ColumnsLeft(d Dataset, t DatasetRequest, names []string) (all []ColumnLeft) {
	all = []ColumnLeft{}
	for _, name := range names {
		c := ColumnLeft{Name: name, Field: name}
		if i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name() == name }); i >= 0 {
			c.Field, c.Derive = t.Columns[i].Field, t.Columns[i].Derive
		}
		f, described := d.Field(c.Field)
		c.Masked = !described || f.Identifying || f.Sensitive || c.Field == d.Person
		all = append(all, c)
	}
	return all
}

// PeriodDays are the first and last day of a period that is named as files of the
// service are: 201404 is April to July 2014, 201499 all of that financial year (domain
// 7.2). Of any other name nothing is known.
func PeriodDays(period string) (first, last Day, ok bool) {
	n, err := strconv.Atoi(period)
	year, months := n/100, n%100
	if err != nil || len(period) != 6 || year < 1900 || months < 1 || months > 12 && months != 99 {
		return "", "", false
	}
	if months == 99 {
		months = 12
	}
	first = Day(fmt.Sprintf("%04d-04-01", year))
	return first, first.AddMonths(months).Add(-1), true
}

// CheckFacts is all that a checker must know before they check a release.
type CheckFacts struct {
	Release   *Release
	Agreement *Agreement
	Dataset   Dataset
	Refresh   *Refresh // nil: it is the first of its case and dataset
	Share     WithheldShare
	On        Day
}

// A Refresh holds a release against the one before it of the same case and dataset.
type Refresh struct {
	Before  ReleaseID     `json:"before"`
	Periods []string      `json:"periods"` // of the one before
	Lines   []RefreshLine `json:"lines"`
}

// A RefreshLine is one count, then and now.
type RefreshLine struct {
	What string `json:"what"`
	Then int64  `json:"then"`
	Now  int64  `json:"now"`
	Far  bool   `json:"far"` // apart by more than the policy's tolerance
}

// Against compares a release with one before it. tolerance is a share of what it was.
func (r *Release) Against(before *Release, tolerance float64) *Refresh {
	line := func(what string, then, now int64) RefreshLine {
		return RefreshLine{what, then, now, math.Abs(float64(now-then)) > tolerance*float64(then)}
	}
	a, b := before.Counts, r.Counts
	return &Refresh{before.ID, before.Periods, []RefreshLine{
		line("rows read", a.RowsIn, b.RowsIn), line("rows out", a.RowsOut, b.RowsOut),
		line("rows withheld", a.RowsWithheld, b.RowsWithheld), line("persons withheld", a.PersonsWithheld, b.PersonsWithheld),
		line("rows of nobody known", a.RowsUnmatched, b.RowsUnmatched),
	}}
}

// A WithheldShare holds the rows that were withheld against the share of the nation that
// objects. Zero Of or Population: it cannot be said.
type WithheldShare struct {
	Withheld   int64 `json:"withheld"`
	Of         int64 `json:"of"`         // rows that were agreed
	Numbers    int   `json:"numbers"`    // on the list
	Population int   `json:"population"` // policy.population
}

// Share is that of a release made with a list, which may be nil.
func (r *Release) Share(l *List, population int) WithheldShare {
	c := r.Counts
	s := WithheldShare{Withheld: c.RowsWithheld, Of: c.RowsIn - c.RowsQuarantined - c.RowsOutside, Population: population}
	if l != nil {
		s.Numbers = l.Numbers
	}
	return s
}

// String says it in per cent.
func (s WithheldShare) String() string {
	if s.Of == 0 {
		return "no row was agreed"
	}
	said := fmt.Sprintf("%.1f %% of the rows agreed", 100*float64(s.Withheld)/float64(s.Of))
	if s.Population > 0 && s.Numbers > 0 {
		said += fmt.Sprintf("; %.1f %% of the nation objects", 100*float64(s.Numbers)/float64(s.Population))
	}
	return said
}
