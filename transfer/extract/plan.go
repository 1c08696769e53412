package extract

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
)

// A plan is what is done to the rows of one source, as its agreement says: which
// rows stay for their own sake, and what leaves of each. Whose rows they are, and
// who objects, is for others. It is made once for a source, from its header, and
// changes no more; each worker takes a hand of its own.
type plan struct {
	names []string // of the columns that leave, in order

	dataset dars.Dataset
	request dars.DatasetRequest
	source  []string // names of the columns there
	parts   parts
	leaves  []leaving
	filters []func(record) verdict
	cohort  place

	delimiter byte
	quoted    bool // what is written may stand in quotes
	copies    bool // fields leave with their own bytes
}

// parts are what a plan needs beside the agreement's words. What it does not ask
// for may be missing.
type parts struct {
	key    []byte // of the case, for pseudonyms
	tables map[string]*Areas
	cohort *Cohort
}

// A leaving is one column that leaves, and from where.
type leaving struct {
	dars.Column
	from int
	make func(count *int64) cell // nil: it leaves as it is
}

// A cell appends what leaves of a row in one place.
type cell func(dst []byte, row record) []byte

// RowCounts is where rows went that the agreement did not ask for, and where
// nothing could be derived.
type RowCounts struct {
	Filters   []FilterCount `json:"filters"`   // in the order of the agreement; a row is counted once
	Cohort    FilterCount   `json:"cohort"`    // others: of nobody who is in it
	Underived []int64       `json:"underived"` // rows, for each column that leaves: its field says something of which nothing could be made
}

// Add adds what another worker, or another source, has counted.
func (c *RowCounts) Add(other RowCounts) {
	c.Filters = append(c.Filters, make([]FilterCount, max(0, len(other.Filters)-len(c.Filters)))...)
	for i, f := range other.Filters {
		c.Filters[i].Missing += f.Missing
		c.Filters[i].Others += f.Others
	}
	c.Cohort.Missing += other.Cohort.Missing
	c.Cohort.Others += other.Cohort.Others
	c.Underived = append(c.Underived, make([]int64, max(0, len(other.Underived)-len(c.Underived)))...)
	for i, n := range other.Underived {
		c.Underived[i] += n
	}
}

// Filtered counts the rows that the filters left out.
func (c RowCounts) Filtered() (rows int64) {
	for _, f := range c.Filters {
		rows += f.Missing + f.Others
	}
	return rows
}

// newPlan compiles what an agreement asks of a source with these columns. It
// refuses what the catalogue does not allow or the source does not have. No two
// columns of the source may have one name.
func newPlan(request dars.DatasetRequest, d dars.Dataset, source []string, with parts) (*plan, error) {
	if wrong := request.CheckRows(d.Code, d); len(wrong) > 0 {
		return nil, dars.Refuse("request", d.Code, "the agreement cannot be followed: %s", strings.Join(wrong, "; "))
	}
	p := &plan{dataset: d, request: request, source: source, parts: with, delimiter: d.Format.Delimiter[0], quoted: d.Format.Quoted, copies: true}
	if o := request.Output; o != nil && o.Delimiter != "" && o.Delimiter != d.Format.Delimiter {
		p.delimiter, p.quoted, p.copies = o.Delimiter[0], true, false
	}
	for _, step := range []func() error{p.planColumns, p.planFilters, p.planCohort} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *plan) refuse(rule, sentence string, args ...any) error {
	return dars.Refuse(rule, p.dataset.Code, sentence, args...)
}

// at finds a column of the source.
func (p *plan) at(name string) (place, error) {
	i := slices.Index(p.source, name)
	if i < 0 {
		return place{}, p.refuse("no-column", "line 1: the column %s, which the agreement needs, is missing", name)
	}
	nothing := missing(p.dataset, name)
	for i, code := range nothing {
		nothing[i] = bytes.TrimSpace(code) // some are padded, as the fields are
	}
	return place{i, nothing}, nil
}

// planColumns says what leaves: columns in the agreement's order, or its fields,
// or all, in the source's.
func (p *plan) planColumns() error {
	for _, name := range p.request.Fields {
		if _, err := p.at(name); err != nil {
			return err
		}
	}
	for i, name := range p.source {
		if p.request.Columns == nil && (p.request.Fields == nil || slices.Contains(p.request.Fields, name)) {
			p.leaves = append(p.leaves, leaving{Column: dars.Column{Field: name}, from: i})
		}
	}
	for _, c := range p.request.Columns {
		from, err := p.at(c.Field)
		if err != nil {
			return err
		}
		l := leaving{Column: c, from: from.column}
		if l.make, err = p.deriving(c, from); err != nil {
			return err
		}
		p.leaves = append(p.leaves, l)
	}
	for _, l := range p.leaves {
		p.names = append(p.names, l.Name())
	}
	return nil
}

// deriving compiles how a column is derived. What it makes counts where it can
// make nothing of something.
func (p *plan) deriving(c dars.Column, from place) (func(count *int64) cell, error) {
	field, _ := p.dataset.Field(c.Field)
	switch c.Derive {
	case "":
		return nil, nil
	case "pseudonym":
		names, err := NewPseudonyms(p.parts.key, field.Pseudonym)
		if err != nil {
			return nil, fmt.Errorf("pseudonyms for %s: %w", c.Field, err)
		}
		return func(*int64) cell { return p.pseudonym(from, names, field.Holds == "nhs-number") }, nil
	case "birth-month":
		return from.ofBirth(readDay, appendBirthMonth), nil
	case "birth-year":
		if field.Holds == "birth-month" {
			return from.ofBirth(readMonth, appendBirthYear), nil
		}
		return from.ofBirth(readDay, appendBirthYear), nil
	case "postcode-district":
		return func(count *int64) cell {
			return func(dst []byte, row record) []byte {
				value := from.value(row)
				n := len(dst)
				if dst = appendDistrict(dst, value); len(dst) == n && value != nil {
					*count++
				}
				return dst
			}
		}, nil
	case "area":
		areas := p.parts.tables[c.Table]
		if areas == nil {
			return nil, p.refuse("no-table", "the table %s, which the agreement needs, has not been read", c.Table)
		}
		return p.named(areas.names, func(row record) (int, bool) {
			value := from.value(row)
			return areas.find(value), value != nil
		})
	}

	on, err := p.day(c.At)
	if err != nil {
		return nil, err
	}
	age := agesOf(from, on, field.Holds == "age")
	if c.Derive == "age" {
		return p.named(ageNames[:], func(row record) (int, bool) {
			years, ok := age(row)
			if !ok {
				return -1, from.value(row) != nil
			}
			return years, true
		})
	}
	bands, err := newBands(c.Bands)
	if err != nil {
		return nil, err
	}
	return p.named(bands.names, func(row record) (int, bool) {
		years, ok := age(row)
		if !ok {
			return -1, from.value(row) != nil
		}
		return int(bands.of[years]), true
	})
}

// day gives the day at which an age is reckoned: a fixed one, or that of the row.
// Where no age is, there is none.
func (p *plan) day(text string) (func(record) (day, bool), error) {
	if text == "" {
		return func(record) (day, bool) { return 0, false }, nil
	}
	if fixed, ok := readDay([]byte(text)); ok {
		return func(record) (day, bool) { return fixed, true }, nil
	}
	at, err := p.at(text)
	return func(row record) (day, bool) { return readDay(at.value(row)) }, err
}

// pseudonym writes a pseudonym in the place of a value. What stands for nothing
// leaves as it is.
func (p *plan) pseudonym(from place, names *Pseudonyms, isNumber bool) cell {
	var room [16]byte
	asItIs := p.field(from.column)
	return func(dst []byte, row record) []byte {
		value := from.value(row)
		if value == nil {
			return asItIs(dst, row)
		}
		if isNumber { // in any spelling, it is one person's
			if digits, why := canonicalNumber(&room, value); why == "" {
				value = digits
			}
		}
		return names.Append(dst, value)
	}
}

// ofBirth derives something from a date of birth.
func (from place) ofBirth(read func([]byte) (day, bool), write func([]byte, day) []byte) func(*int64) cell {
	return func(count *int64) cell {
		return func(dst []byte, row record) []byte {
			value := from.value(row)
			birth, ok := read(value)
			if ok {
				return write(dst, birth)
			}
			if value != nil {
				*count++
			}
			return dst
		}
	}
}

// named derives one of a few names. They are made fit to be written once and for
// all rows.
func (p *plan) named(names []string, of func(record) (name int, said bool)) (func(*int64) cell, error) {
	written := make([][]byte, len(names))
	for i, name := range names {
		if !p.quoted && strings.ContainsAny(name, string(p.delimiter)+"\r\n") {
			return nil, p.refuse("request", "%q cannot be written without quotes, and the fields of %s stand in none: give it another name, or agree on another delimiter", name, p.dataset.Code)
		}
		written[i] = p.quote(nil, []byte(name))
	}
	return func(count *int64) cell {
		return func(dst []byte, row record) []byte {
			i, said := of(row)
			if i >= 0 {
				return append(dst, written[i]...)
			}
			if said {
				*count++
			}
			return dst
		}
	}, nil
}

func (p *plan) planFilters() error {
	var all []string
	for _, f := range p.dataset.Fields {
		all = append(all, f.Name)
	}
	for _, f := range p.request.Rows {
		var places []place
		for _, text := range f.Fields {
			for _, name := range dars.Span(all, text) {
				at, err := p.at(name)
				if err != nil {
					return err
				}
				places = append(places, at)
			}
		}
		on, err := p.day(f.At)
		if err != nil {
			return err
		}
		first, _ := p.dataset.Field(f.Fields[0])
		says, err := compileFilter(f, places, on, first.Holds == "age")
		if err != nil {
			return err
		}
		p.filters = append(p.filters, says)
	}
	return nil
}

func (p *plan) planCohort() (err error) {
	if p.request.Cohort == nil {
		return nil
	}
	if p.parts.cohort == nil {
		return p.refuse("no-cohort", "the agreement is for the recipient's cohort, and none has come in under submit/")
	}
	p.cohort, err = p.at(p.request.Cohort.Field)
	return err
}

// A hand is a plan in the hands of one worker, who counts for itself.
type hand struct {
	counts RowCounts

	plan    *plan
	filters []predicate
	cohort  predicate // nil: all are in it
	columns []cell
}

func (p *plan) hand() *hand {
	h := &hand{plan: p, counts: RowCounts{Filters: make([]FilterCount, len(p.filters)), Underived: make([]int64, len(p.leaves))}}
	for i, says := range p.filters {
		h.filters = append(h.filters, keep(says, p.request.Rows[i].Not, &h.counts.Filters[i]))
	}
	if p.request.Cohort != nil {
		h.cohort = p.inCohort(&h.counts.Cohort)
	}
	for i := 0; i < len(p.leaves); i++ {
		switch first := i; {
		case p.leaves[i].make != nil:
			h.columns = append(h.columns, p.leaves[i].make(&h.counts.Underived[i]))
		case !p.copies:
			h.columns = append(h.columns, p.field(p.leaves[i].from))
		default: // neighbours there that are neighbours here leave together
			for i+1 < len(p.leaves) && p.leaves[i+1].make == nil && p.leaves[i+1].from == p.leaves[i].from+1 {
				i++
			}
			h.columns = append(h.columns, span(p.leaves[first].from, p.leaves[i].from))
		}
	}
	return h
}

// keeps reports whether the agreement asks for a row, whosever it is.
func (h *hand) keeps(row record) bool {
	for _, says := range h.filters {
		if !says(row) {
			return false
		}
	}
	return true
}

// asked reports whether a row is of somebody in the recipient's cohort. It comes
// after objections: a recipient who were told that more of its persons were found
// than it is sent would know who objects.
func (h *hand) asked(row record) bool { return h.cohort == nil || h.cohort(row) }

// write appends what leaves of a row, with the source's line end.
func (h *hand) write(dst []byte, row record) []byte {
	for i, column := range h.columns {
		if i > 0 {
			dst = append(dst, h.plan.delimiter)
		}
		dst = column(dst, row)
	}
	return append(dst, row.lineEnd()...)
}

// header appends the header as it leaves: names that the agreement has not
// changed have the source's own bytes.
func (p *plan) header(dst []byte, row record) []byte {
	for i, l := range p.leaves {
		if i > 0 {
			dst = append(dst, p.delimiter)
		}
		if l.As == "" {
			dst = p.field(l.from)(dst, row)
		} else {
			dst = p.quote(dst, []byte(l.As))
		}
	}
	return append(dst, row.lineEnd()...)
}

// inCohort asks for a row's person in the cohort.
func (p *plan) inCohort(count *FilterCount) predicate {
	var canonical, sum [16]byte
	return func(row record) bool {
		value := p.cohort.value(row)
		switch {
		case value == nil:
			count.Missing++
			return false
		case !p.parts.cohort.has(value, &canonical, &sum):
			count.Others++
			return false
		}
		return true
	}
}

// span copies fields that stand side by side.
func span(first, last int) cell {
	return func(dst []byte, row record) []byte { return append(dst, row.bytes[row.start(first):row.ends[last]]...) }
}

// field copies a field. With another delimiter than the source's, one that holds
// it is put into quotes.
func (p *plan) field(i int) cell {
	if p.copies {
		return span(i, i)
	}
	return func(dst []byte, row record) []byte {
		field := row.field(i)
		if p.dataset.Format.Quoted && len(field) > 0 && field[0] == '"' {
			return append(dst, field...) // it stands in quotes already
		}
		return p.quote(dst, field)
	}
}

// quote appends a text, in quotes where it would not be one field without (RFC
// 4180). Where there are no quotes it is one.
func (p *plan) quote(dst, text []byte) []byte {
	if !p.quoted || bytes.IndexByte(text, p.delimiter) < 0 && bytes.IndexByte(text, '"') < 0 && bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '\r') < 0 {
		return append(dst, text...)
	}
	dst = append(dst, '"')
	for _, c := range text {
		if c == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

// describe is what a plan's columns are, for datapackage.json.
func (p *plan) describe() (fields []schemaField) {
	for _, l := range p.leaves {
		fields = append(fields, describeColumn(p.dataset, l.Column))
	}
	return fields
}

// dialect is how what the plan writes is to be read.
func (p *plan) dialect() dialect {
	d := dialect{Delimiter: string(p.delimiter), Header: p.dataset.Format.Header}
	if p.quoted {
		d.QuoteChar, d.DoubleQuote = `"`, true
	}
	return d
}
