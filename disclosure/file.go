package disclosure

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"darsd/dars"
)

// WriteCSV writes a published table as a list: a line for each entry, with the value of
// each dimension, (all) for a total, and what is measured.
//
//	age,sex,persons
//	0-4,female,*
//	0-4,(all),25
func (p *Published) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	var line []string
	for _, d := range p.Shape {
		line = append(line, d.Name)
	}
	out.Write(append(line, p.Heading()))
	for entry := range p.Shown {
		line = line[:0]
		for k, i := range p.Shape.Place(entry) {
			line = append(line, p.Shape[k].label(i))
		}
		out.Write(append(line, p.Cell(entry)))
	}
	out.Flush()
	return out.Error()
}

// label is how an index of a dimension is written.
func (d Dimension) label(i int) string {
	if i == len(d.Values) {
		return Total
	}
	return d.Values[i]
}

// mostFile is how many bytes a table can have that is read.
const mostFile = 16 << 20

// ReadCSV reads a table as WriteCSV writes it, whoever published it. An entry that is
// not listed was withheld. What the rules cannot have shown is refused, with its line.
func ReadCSV(r io.Reader, name string, rules RuleSet) (*Published, error) {
	limited := &io.LimitedReader{R: r, N: mostFile + 1}
	p, err := readCSV(limited, name, rules)
	if limited.N == 0 {
		return nil, dars.Refuse("bad-table", name, "%s is longer than 16 MiB, and no table is", name)
	}
	return p, err
}

func readCSV(r io.Reader, name string, rules RuleSet) (*Published, error) {
	in := csv.NewReader(r)
	header, err := in.Read()
	if err != nil {
		return nil, refuseLine(name, 1, "there is no header: one name for each thing that divides the table, and persons or records at the end")
	}
	f := file{name: name, published: &Published{Rules: rules, Adds: true}}
	if err := f.header(header); err != nil {
		return nil, err
	}
	for {
		cells, err := in.Read()
		if err == io.EOF {
			break
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, refuseLine(name, bad.StartLine, "is no line of this table: %v", bad.Err)
		}
		if err != nil {
			return nil, err
		}
		line, _ := in.FieldPos(0)
		if err := f.line(line, cells); err != nil {
			return nil, err
		}
	}
	return f.table()
}

// A file is a table that is being read.
type file struct {
	name      string
	published *Published
	places    []map[string]int // of the values of each dimension
	entries   []entry
}

// An entry is one line of it.
type entry struct {
	line  int
	place []int // -1: a total, as long as it is not known how many values there are
	shown Shown
}

func refuseLine(name string, line int, sentence string, args ...any) error {
	return dars.Refuse("bad-table", name, "%s, line %d: %s", name, line, fmt.Sprintf(sentence, args...))
}

func (f *file) header(names []string) error {
	unit := Unit(names[len(names)-1])
	if unit != Persons && unit != Records {
		return refuseLine(f.name, 1, "the last column is called %q: call it persons or records, whichever it counts", short(string(unit)))
	}
	f.published.Unit = unit
	for _, n := range names[:len(names)-1] {
		f.published.Shape = append(f.published.Shape, Dimension{Name: n})
		f.places = append(f.places, map[string]int{})
	}
	if n := len(f.published.Shape); n < 1 || n > MaxDimensions {
		return refuseLine(f.name, 1, "a table is divided by one to %d things, and this one by %d", MaxDimensions, n)
	}
	return nil
}

func (f *file) line(line int, cells []string) error {
	e := entry{line: line}
	shape := f.published.Shape
	for k, value := range cells[:len(shape)] {
		at, known := f.places[k][value]
		if value == Total {
			at = -1
		} else if !known {
			at = len(shape[k].Values)
			f.places[k][value] = at
			shape[k].Values = append(shape[k].Values, value)
		}
		e.place = append(e.place, at)
	}
	shown, err := f.published.Rules.read(cells[len(shape)])
	if err != nil {
		return refuseLine(f.name, line, "%v", err)
	}
	e.shown = shown
	f.entries = append(f.entries, e)
	if len(f.entries) > maxEntries {
		return refuseLine(f.name, line, "a table has at most %d cells", MaxCells)
	}
	return nil
}

// maxEntries is how many entries a table of the most cells can have.
const maxEntries = 8 * MaxCells

// read understands an entry, if the rules can have shown it so.
func (r RuleSet) read(text string) (Shown, error) {
	switch text {
	case Shown{As: Suppressed}.String():
		return Shown{As: Suppressed}, nil
	case Shown{As: Withheld}.String(), "":
		return Shown{As: Withheld}, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n >= Any {
		return Shown{}, fmt.Errorf(`%q is neither a count, nor "*", nor ".."`, short(text))
	}
	if n > 0 && (n <= r.Small || n%r.Nearest != 0) {
		return Shown{}, fmt.Errorf("%d cannot be shown by the rules %s; if the table was made by others, name them: --rules %s", n, r.Code, strings.Join(othersThan(r), " or "))
	}
	return Shown{N: n}, nil
}

// table puts the lines in their places.
func (f *file) table() (*Published, error) {
	p := f.published
	for _, d := range p.Shape {
		if len(d.Values) == 0 {
			return nil, refuseLine(f.name, 1, "%s has no value but its total", d.Name)
		}
	}
	if err := p.Shape.check(); err != nil {
		return nil, err
	}
	p.Shown = slices.Repeat([]Shown{{As: Withheld}}, p.Shape.Entries())
	lines := make([]int, len(p.Shown))
	for _, e := range f.entries {
		for k, d := range p.Shape {
			if e.place[k] < 0 {
				e.place[k] = len(d.Values)
			}
		}
		at := p.Shape.Entry(e.place...)
		if lines[at] > 0 {
			return nil, refuseLine(f.name, e.line, "is about the same as line %d", lines[at])
		}
		lines[at], p.Shown[at] = e.line, e.shown
	}
	return p, nil
}
