package extract

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"darsd/dars"
)

// A layout is where the columns of a source are.
type layout struct {
	names   []string
	person  int    // place of the column
	header  []byte // as it will leave; nothing if there is none
	lineEnd []byte // as records end, where one must be added
	plan    plan
	cutter  *cutter
}

// layout reads the header, or takes the columns from the catalogue, and plans
// what leaves.
func (job *Job) layout(rows *records, refuse refusing) (l layout, err error) {
	d := job.Dataset
	var first record
	if d.Format.Header {
		if first, err = job.header(rows, refuse); err != nil {
			return l, err
		}
		l.names, l.lineEnd = job.names(first), bytes.Clone(first.lineEnd())
	} else {
		for _, f := range d.Fields {
			l.names = append(l.names, f.Name)
		}
	}
	if len(l.lineEnd) == 0 {
		l.lineEnd = []byte("\n")
	}

	for i, name := range l.names {
		if !utf8.ValidString(name) {
			return l, refuse("source-malformed", "line 1: the name of column %d is not in the encoding that the catalogue names (format.encoding)", i+1)
		}
		// Where the header is missing this would be a row, so only places are named.
		if first := column(l.names, name); first < i {
			return l, refuse("column-twice", "line 1: columns %d and %d have the same name", first+1, i+1)
		}
	}
	if l.person = column(l.names, d.Person); l.person < 0 {
		return l, refuse("no-column", "line 1: the column of the person, %s, is missing", d.Person)
	}
	if l.plan, err = job.plan(l.names, refuse); err != nil {
		return l, err
	}
	l.cutter = newCutter(l.plan, rows.dialect, job.leaving(), len(l.names))
	if d.Format.Header {
		l.header = l.cutter.header(first)
	}
	return l, nil
}

// plan says what leaves by the agreement: the rows between its dates, and of
// these the approved columns in the order of the source.
func (job *Job) plan(names []string, refuse refusing) (p plan, err error) {
	d := job.Dataset
	if job.From != "" || job.To != "" {
		date, undated := column(names, d.Date), missing(d, d.Date)
		if date < 0 {
			return p, refuse("no-column", "line 1: the column of the date, %s, is missing", d.Date)
		}
		p.where = append(p.where, func(row *record) bool { return within(row.field(date), undated, job.From, job.To) })
	}
	if err := job.unannounced(names, refuse); err != nil {
		return p, err
	}
	request := job.Terms
	request.Fields, request.Output = nil, nil // job.Columns and job.Output
	if p.terms, err = newTerms(request, d, names, parts{job.Pseudonyms, job.Tables, job.Cohort, job.asks}); err != nil {
		return p, err
	}
	p.where = append(p.where, p.terms.where...)
	if request.Columns != nil {
		for _, c := range p.terms.columns {
			p.columns = append(p.columns, planned{c.Name(), c.from, c.make})
		}
		return p, nil
	}
	for _, name := range job.Columns {
		if column(names, name) < 0 {
			return p, refuse("no-column", "line 1: the approved column %s is missing", name)
		}
	}
	for i, name := range names {
		if job.Columns != nil && !slices.Contains(job.Columns, name) {
			continue
		}
		if job.Nameless && identifying(d, name) {
			return p, refuse("identifying", "line 1: column %d tells who a person is, and the agreement is for data that name nobody: list its fields without it", i+1)
		}
		p.columns = append(p.columns, planned{name: name, copy: i})
	}
	return p, nil
}

// leaving is how the files are written that leave.
func (job *Job) leaving() dialect {
	f := job.Dataset.Format
	out := dialect{f.Delimiter[0], f.Quoted}
	if to := job.Output.Delimiter; to != "" && to != f.Delimiter {
		out = dialect{to[0], true}
	}
	return out
}

// header reads the first record, and refuses what is no header.
func (job *Job) header(rows *records, refuse refusing) (first record, err error) {
	first, err = rows.next()
	switch {
	case err == io.EOF:
		err = refuse("source-malformed", "it is empty, without so much as a header")
	case err != nil:
		err = wrong(err, refuse)
	case bytes.IndexByte(bytes.TrimSuffix(first.bytes(), first.lineEnd()), '\r') >= 0:
		err = refuse("source-malformed", "line 1: its lines end with CR alone: write them with LF or CRLF")
	}
	return first, err
}

// open opens one file of a period. If it is not the first its header must be the
// first one's.
func (p *pass) open(file *reading) error {
	d := p.job.Dataset
	opened, err := p.job.open(file.path, d.Format.Compression)
	if err != nil {
		return fmt.Errorf("source %s: %w", d.Code, err)
	}
	rows := newRecords(opened, d.Format.Delimiter[0], d.Format.Quoted)
	file.records, file.file = rows, opened
	if err = rows.begin(); err == nil {
		err = p.job.asAnnounced(rows, file.refuse)
	}
	if err == nil && d.Format.Header && file != p.files[0] { // the first one's is the layout's
		err = p.sameHeader(file)
	}
	if err != nil {
		opened.Close()
	}
	return err
}

// asAnnounced refuses a file that begins as no file of its dataset would.
func (job *Job) asAnnounced(rows *records, refuse refusing) error {
	begins := func(with string) bool { return bytes.HasPrefix(rows.buf[rows.from:rows.to], []byte(with)) }
	switch {
	case begins("\xff\xfe"), begins("\xfe\xff"):
		return refuse("source-malformed", "line 1: it is written in UTF-16, and the catalogue says %s", cmp.Or(job.Dataset.Format.Encoding, "utf-8"))
	case latin(job.Dataset) && len(rows.mark) > 0:
		return refuse("source-malformed", "line 1: it begins with the mark of UTF-8, and the catalogue says windows-1252")
	case begins(gzipMagic):
		return refuse("source-malformed", "line 1: it is a gzip file, and the catalogue does not say so: format.compression: gzip")
	case begins(zstdMagic):
		return refuse("source-malformed", "line 1: it is a zstd file, and the catalogue does not say so: format.compression: zstd")
	}
	return nil
}

func (p *pass) sameHeader(file *reading) error {
	first, err := p.job.header(file.records, file.refuse)
	if err != nil {
		return err
	}
	names := p.job.names(first)
	for i, name := range p.layout.names {
		if i >= len(names) || names[i] != name {
			return file.refuse("source-malformed", "line 1: its column %d is not that of %s: the files of a period must have the same columns in the same order", i+1, p.files[0].path)
		}
	}
	if len(names) > len(p.layout.names) {
		return file.refuse("source-malformed", "line 1: it has %d columns, and %s has %d", len(names), p.files[0].path, len(p.layout.names))
	}
	return nil
}

// names are the bare fields of a header, in UTF-8.
func (job *Job) names(header record) []string {
	all := names(header)
	for i, name := range all {
		all[i] = string(utf8Of(job.Dataset.Format.Encoding, []byte(name)))
	}
	return all
}

// unannounced refuses columns that nobody has described, where all columns leave:
// sources come with columns too many, and one of them may say who a person is. A
// catalogue that describes less than half of the columns is taken to be no
// dictionary of all, unless the agreement is for data that name nobody.
func (job *Job) unannounced(names []string, refuse refusing) error {
	if job.Columns != nil || job.Terms.Columns != nil {
		return nil
	}
	var unknown []string
	for i, name := range names {
		if _, ok := job.Dataset.Field(name); !ok {
			unknown = append(unknown, fmt.Sprintf("column %d", i+1))
		}
	}
	described := len(names) - len(unknown)
	if len(unknown) == 0 || !job.Nameless && 2*described <= len(names) {
		return nil
	}
	if len(unknown) > 10 {
		unknown = append(unknown[:10], "and others")
	}
	return refuse("column-unknown", "line 1: %s is not described in the catalogue, and would leave undescribed: add it to fields, or list the fields of the agreement", strings.Join(unknown, ", "))
}

// identifying reports whether a column tells who a person is: the catalogue says
// so, or the column is the NHS number itself.
func identifying(d dars.Dataset, name string) bool {
	field, _ := d.Field(name)
	return field.Identifying || d.Index == nil && name == d.Person
}

// within reports whether a row's date is one that is asked for. What is no date
// (nothing, or one of the values that stand for not known) is not.
func within(value []byte, undated [][]byte, from, to dars.Day) bool {
	value = bare(value)
	if len(value) < len("2006-01-02") || none(value, undated) {
		return false
	}
	day, rest := value[:10], value[10:]
	for i, c := range day {
		if dash := i == 4 || i == 7; dash && c != '-' || !dash && c-'0' > 9 {
			return false
		}
	}
	if len(rest) > 0 && rest[0] != 'T' && rest[0] != ' ' { // a time may follow
		return false
	}
	return string(day) >= string(from) && (to == "" || string(day) <= string(to))
}

// derives reports whether a column that leaves is one of the agreement's own.
func (job *Job) derives(name string) bool {
	return slices.ContainsFunc(job.Terms.Columns, func(c dars.Column) bool { return c.Name() == name })
}
