package extract

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"darsd/dars"
)

// terms are what is done to the rows of one source, as its agreement says: which
// rows are asked for, and what leaves of each. Whose they are, and who objects, is
// for others. They are made once for a source, from its header, and are then for
// many to use at once.
type terms struct {
	where   []func(row *record) bool // asked in order; the first that says no ends it
	columns []agreed                 // in the order in which they leave

	dataset   dars.Dataset
	request   dars.DatasetRequest
	source    []string // names of the columns there
	parts     parts
	filters   []*tally
	cohort    tally
	underived []*atomic.Int64
}

// An agreed column leaves: a field as it is, or what is made of one.
type agreed struct {
	dars.Column
	from int                                  // the place of the field
	make func(dst []byte, row *record) []byte // appends what is made; nil: it leaves as it is, name and all
}

// parts are what terms need beside the agreement's words. What it does not ask for
// may be missing.
type parts struct {
	key    []byte // of the case, for pseudonyms
	tables map[string]*Areas
	cohort *Cohort
	asks   func(person []byte) bool // instead of it, where an index says who is in it
}

// RowCounts is where rows went that the agreement did not ask for, and where
// nothing could be derived.
type RowCounts struct {
	Filters   []FilterCount `json:"filters"`   // in the order of the agreement; a row is counted once
	Cohort    FilterCount   `json:"cohort"`    // of rows that the filters want; others: of nobody who is in it
	Underived []int64       `json:"underived"` // rows, for each column that leaves: its field says something of which nothing could be made
}

// Add adds what was counted in another source.
func (c *RowCounts) Add(other RowCounts) {
	c.Filters = append(c.Filters, make([]FilterCount, max(0, len(other.Filters)-len(c.Filters)))...)
	for i, f := range other.Filters {
		c.Filters[i].add(f)
	}
	c.Cohort.add(other.Cohort)
	c.Underived = append(c.Underived, make([]int64, max(0, len(other.Underived)-len(c.Underived)))...)
	for i, n := range other.Underived {
		c.Underived[i] += n
	}
}

// newTerms compiles what an agreement asks of a source with these columns. It
// refuses what the catalogue does not allow or the source does not have. No two
// columns of the source may have one name.
func newTerms(request dars.DatasetRequest, d dars.Dataset, source []string, with parts) (*terms, error) {
	if wrong := request.CheckRows(d.Code, d); len(wrong) > 0 {
		return nil, dars.Refuse("request", d.Code, "the agreement cannot be followed: %s", strings.Join(wrong, "; "))
	}
	t := &terms{dataset: d, request: request, source: source, parts: with}
	for _, step := range []func() error{t.addFilters, t.addCohort, t.addColumns} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// counts is what was counted so far.
func (t *terms) counts() RowCounts {
	c := RowCounts{Filters: []FilterCount{}, Cohort: t.cohort.count(), Underived: []int64{}}
	for _, f := range t.filters {
		c.Filters = append(c.Filters, f.count())
	}
	for _, n := range t.underived {
		c.Underived = append(c.Underived, n.Load())
	}
	return c
}

func (t *terms) refuse(rule, sentence string, args ...any) error {
	return dars.Refuse(rule, t.dataset.Code, sentence, args...)
}

// at finds a column of the source.
func (t *terms) at(name string) (spot, error) {
	i := slices.Index(t.source, name)
	if i < 0 {
		return spot{}, t.refuse("no-column", "line 1: the column %s, which the agreement needs, is missing", name)
	}
	return spot{i, missing(t.dataset, name)}, nil
}

func (t *terms) addFilters() error {
	var all []string
	for _, f := range t.dataset.Fields {
		all = append(all, f.Name)
	}
	for _, f := range t.request.Rows {
		var spots []spot
		for _, text := range f.Fields {
			for _, name := range dars.Span(all, text) {
				at, err := t.at(name)
				if err != nil {
					return err
				}
				spots = append(spots, at)
			}
		}
		on, err := t.day(f.At)
		if err != nil {
			return err
		}
		first, _ := t.dataset.Field(f.Fields[0])
		says, err := compileFilter(f, spots, on, first.Holds == "age")
		if err != nil {
			return err
		}
		out := new(tally)
		t.filters = append(t.filters, out)
		t.where = append(t.where, keeping(says, f.Not, out))
	}
	return nil
}

// addCohort lets only the recipient's own persons through. Who objects is asked
// afterwards: an objector whom nobody asked for is not withheld.
func (t *terms) addCohort() error {
	if t.request.Cohort == nil {
		return nil
	}
	if t.parts.cohort == nil {
		return t.refuse("no-cohort", "the agreement is for the recipient's cohort, and none has come in under submit/")
	}
	person, err := t.at(t.request.Cohort.Field)
	if err != nil {
		return err
	}
	asks := t.parts.asks
	if asks == nil {
		asks = func(person []byte) bool {
			return t.parts.cohort.Has(bytes.TrimSpace(utf8Of(t.dataset.Format.Encoding, person)))
		}
	}
	says := func(row *record) verdict {
		value := person.value(row)
		switch {
		case value == nil:
			return unclear
		case asks(value):
			return match
		}
		return other
	}
	t.where = append(t.where, keeping(says, false, &t.cohort))
	return nil
}

// addColumns says what leaves: columns in the agreement's order, or its fields, or
// all, in the source's.
func (t *terms) addColumns() error {
	for _, name := range t.request.Fields {
		if _, err := t.at(name); err != nil {
			return err
		}
	}
	for i, name := range t.source {
		if t.request.Columns == nil && (t.request.Fields == nil || slices.Contains(t.request.Fields, name)) {
			t.columns = append(t.columns, agreed{Column: dars.Column{Field: name}, from: i})
		}
	}
	for _, c := range t.request.Columns {
		from, err := t.at(c.Field)
		if err != nil {
			return err
		}
		column := agreed{Column: c, from: from.column}
		failed := new(atomic.Int64)
		if column.make, err = t.deriving(c, from, failed); err != nil {
			return err
		}
		t.columns, t.underived = append(t.columns, column), append(t.underived, failed)
	}
	return nil
}

// deriving compiles how a column is derived. Where nothing can be made of
// something, failed is one more.
func (t *terms) deriving(c dars.Column, from spot, failed *atomic.Int64) (func([]byte, *record) []byte, error) {
	field, _ := t.dataset.Field(c.Field)
	switch c.Derive {
	case "":
		if c.As == "" {
			return nil, nil
		}
		return func(dst []byte, row *record) []byte { return append(dst, row.field(from.column)...) }, nil
	case "pseudonym":
		names, err := NewPseudonyms(t.parts.key, field.Pseudonym)
		if err != nil {
			return nil, fmt.Errorf("pseudonyms for %s: %w", c.Field, err)
		}
		return pseudonym(from, names, field.Holds == "nhs-number", t.dataset.Format.Encoding), nil
	case "birth-month":
		return ofBirth(from, readDay, appendBirthMonth, failed), nil
	case "birth-year":
		if field.Holds == "birth-month" {
			return ofBirth(from, readMonth, appendBirthYear, failed), nil
		}
		return ofBirth(from, readDay, appendBirthYear, failed), nil
	case "postcode-district":
		return func(dst []byte, row *record) []byte {
			value := from.value(row)
			n := len(dst)
			if dst = appendDistrict(dst, value); len(dst) == n && value != nil {
				failed.Add(1)
			}
			return dst
		}, nil
	case "area":
		areas := t.parts.tables[c.Table]
		if areas == nil {
			return nil, t.refuse("no-table", "the table %s, which the agreement needs, has not been read", c.Table)
		}
		return named(from, areas.names, func(row *record) int { return areas.find(from.value(row)) }, failed), nil
	}

	on, err := t.day(c.At)
	if err != nil {
		return nil, err
	}
	age := agesOf(from, on, field.Holds == "age")
	if c.Derive == "age" {
		return named(from, ageNames[:], func(row *record) int {
			years, ok := age(row)
			if !ok {
				return -1
			}
			return years
		}, failed), nil
	}
	bands, err := newBands(c.Bands)
	if err != nil {
		return nil, err
	}
	return named(from, bands.names, func(row *record) int {
		years, ok := age(row)
		if !ok {
			return -1
		}
		return int(bands.of[years])
	}, failed), nil
}

// day gives the day at which an age is reckoned: a fixed one, or that of the row.
// Where no age is reckoned, there is none.
func (t *terms) day(text string) (func(*record) (day, bool), error) {
	if text == "" {
		return func(*record) (day, bool) { return 0, false }, nil
	}
	if fixed, ok := readDay([]byte(text)); ok {
		return func(*record) (day, bool) { return fixed, true }, nil
	}
	at, err := t.at(text)
	return func(row *record) (day, bool) { return readDay(at.value(row)) }, err
}

// pseudonym writes a pseudonym in the place of a value. What stands for nothing
// leaves as it is.
func pseudonym(from spot, names *Pseudonyms, isNumber bool, encoding string) func([]byte, *record) []byte {
	return func(dst []byte, row *record) []byte {
		value := from.value(row)
		if value == nil {
			return append(dst, row.field(from.column)...)
		}
		var room [16]byte
		if isNumber && len(value) != len("9434765919") { // in any spelling it is one person's; ten bytes are its digits
			if n, why := numberIn(encoding, value); why == "" {
				return names.Append(dst, tenDigits(&room, n))
			}
		}
		return names.Append(dst, value)
	}
}

// ofBirth derives something from a date of birth.
func ofBirth(from spot, read func([]byte) (day, bool), write func([]byte, day) []byte, failed *atomic.Int64) func([]byte, *record) []byte {
	return func(dst []byte, row *record) []byte {
		value := from.value(row)
		birth, ok := read(value)
		if ok {
			return write(dst, birth)
		}
		if value != nil {
			failed.Add(1)
		}
		return dst
	}
}

// named derives one of a few names, by its place among them; a negative one is
// none.
func named(from spot, names []string, of func(*record) int, failed *atomic.Int64) func([]byte, *record) []byte {
	return func(dst []byte, row *record) []byte {
		if i := of(row); i >= 0 {
			return append(dst, names[i]...)
		}
		if from.value(row) != nil {
			failed.Add(1)
		}
		return dst
	}
}

// describe is what the columns are, for datapackage.json.
func (t *terms) describe() (fields []schemaField) {
	for _, c := range t.columns {
		fields = append(fields, describeColumn(t.dataset, c.Column))
	}
	return fields
}
