// Package extract makes packages: it streams a source of rows about persons,
// leaves out the rows of those who have objected, keeps the approved columns,
// and writes what remains as a BagIt bag that the recipient can check with
// tools of their own.
//
// What it promises is an accountant's promise. Every row of a source is counted
// once: read, outside the dates, withheld, of nobody known, or out. A row that
// is out has its own bytes: nothing is unquoted, trimmed, re-coded or ended
// anew. A source that is not what the catalogue says (a field too many, a quote
// that never closes) is refused with its line, because a row that is read
// wrongly may be given to the wrong person. No error repeats a row.
package extract

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"darsd/dars"
)

// A Job is one package to make.
type Job struct {
	Dataset dars.Dataset
	Files   []File
	Columns []string // that are approved; nil for all. They leave in the order of the source

	Objections *Objections
	Nameless   bool     // the agreement is for data that name nobody: every column must be described
	Uphold     bool     // false only where the agreement says so: then every row stays, and the rows of nobody known are still counted
	From, To   dars.Day // of Dataset.Date, both inclusive; empty: no limit. A row without a date is outside

	IndexCoverage float64 // the least share of each file's persons that the index must know: 0.95

	Open    func(path string) (io.ReadCloser, error)  // a source or an index, by its path in the catalogue
	Create  func(name string) (io.WriteCloser, error) // a file of the package, such as "data/x.csv"; Close keeps it
	Info    []Info                                    // bag-info.txt: Source-Organization, External-Identifier, Bagging-Date…; Payload-Oxum is added
	Release func(*Result) any                         // what release.json says, asked when the data are written; nil: no such file
	Note    func(*Result) ([]byte, error)             // release-note.pdf, likewise
	Key     ed25519.PrivateKey                        // the office's: signs the package
}

// A File is one period of the dataset, and what it is called in the package.
type File struct {
	ID     dars.FileID
	Period string
	Name   string // FILE0000001_NIC12345_HES_APC_200199.csv; it will stand under data/
}

// An Info is one line of bag-info.txt.
type Info struct{ Label, Value string }

// A Result is the evidence of a package. The same job gives the same result.
type Result struct {
	Files            []Packed  `json:"files"`
	PersonsWithheld  int       `json:"persons_withheld"`  // distinct, over all files
	PersonsUnmatched int       `json:"persons_unmatched"` // distinct; rows that name nobody count as rows only
	Columns          []string  `json:"columns"`           // that left
	Undescribed      []string  `json:"undescribed"`       // those of them that the catalogue does not describe
	Tags             []Written `json:"tags"`              // the package's other files
}

// A Packed file is one period of data, and where its rows went:
//
//	RowsIn = RowsOutside + RowsWithheld + RowsUnmatched + RowsOut
//
// unless unmatched rows are released: then they are among RowsOut as well.
type Packed struct {
	ID     dars.FileID `json:"id"`
	Period string      `json:"period"`
	Written
	RowsIn        int64 `json:"rows_in"`
	RowsOutside   int64 `json:"rows_outside"`   // of the dates asked for
	RowsWithheld  int64 `json:"rows_withheld"`  // the person has objected
	RowsUnmatched int64 `json:"rows_unmatched"` // no valid NHS number is known
	RowsOut       int64 `json:"rows_out"`

	columns []string
	unclear bool // some row that left is no UTF-8
}

// encoding is what can be said of how the file is written: its bytes are the
// source's, whatever the catalogue calls them.
func (p Packed) encoding() string {
	if p.unclear {
		return ""
	}
	return "utf-8"
}

// Written is a file of the package. The digests are those that clients ask for.
type Written struct {
	Path   string `json:"path"` // in the package: "data/x.csv"
	Bytes  int64  `json:"bytes"`
	SHA512 string `json:"sha512"`
	SHA256 string `json:"sha256"`
	SHA1   string `json:"sha1"`
	MD5    string `json:"md5"`
}

// manyRows is how many rows must all be nobody's to say that something is wrong
// with the column, and not with the persons.
const manyRows = 100

// Pack makes a package. It refuses what the rules do not allow, and a source
// that is not what the catalogue says; files already made are then no package,
// and the caller's to sweep.
func Pack(ctx context.Context, job Job) (*Result, error) {
	if err := job.check(); err != nil {
		return nil, err
	}
	if len(job.Key) != ed25519.PrivateKeySize {
		return nil, errors.New("packaging: there is no key to sign with")
	}
	result, err := job.run(ctx, job.Create)
	if err != nil {
		return nil, err
	}
	return result, writeTags(job, result)
}

// Count is Pack without writing: what would be left out today. Of the files it
// gives the rows, not bytes or digests.
func Count(ctx context.Context, job Job) (*Result, error) {
	if err := job.check(); err != nil {
		return nil, err
	}
	return job.run(ctx, nil)
}

// check refuses what can be seen before a source is opened.
func (job *Job) check() error {
	d := job.Dataset
	refuse := func(rule, sentence string, args ...any) error {
		return dars.Refuse(rule, d.Code, "packaging %s: "+sentence, append([]any{d.Code}, args...)...)
	}
	if wrong := d.Check(); len(wrong) > 0 {
		return refuse("catalogue", "%v", errors.Join(wrong...))
	}
	switch f := d.Format; {
	case job.Uphold && job.Objections == nil:
		return refuse("no-list", "objections are to be upheld and there is no list of them: load one")
	case len(job.Files) == 0:
		return refuse("no-files", "no period is asked for")
	case job.Columns != nil && len(job.Columns) == 0:
		return refuse("no-columns", "no column is approved")
	case len(f.Delimiter) != 1 || strings.Contains("\"\r\n", f.Delimiter):
		return refuse("catalogue", "format.delimiter must be one ASCII character that is neither a quotation mark nor a line end")
	case f.Encoding != "" && !strings.EqualFold(f.Encoding, "utf-8") && !strings.EqualFold(f.Encoding, "utf8"):
		return refuse("catalogue", "format.encoding %s is not known: utf-8 is the only one so far", f.Encoding)
	case f.Compression != "" && f.Compression != "none" && f.Compression != "gzip":
		return refuse("catalogue", "format.compression %s is not known: say none or gzip", f.Compression)
	case (job.From != "" || job.To != "") && d.Date == "":
		return refuse("no-date", "the agreement asks for dates, and the catalogue does not say which column dates a row: name it under date")
	case job.To != "" && job.To < job.From:
		return refuse("dates", "the dates asked for end (%s) before they begin (%s)", job.To, job.From)
	}
	seen := map[string]bool{}
	for _, file := range job.Files {
		source, ok := d.File(file.Period)
		name := strings.ToLower(file.Name) // many file systems take A and a for one
		switch {
		case !ok:
			return refuse("no-period", "there is no period %s in the catalogue", file.Period)
		case !fs.ValidPath(file.Name) || strings.ContainsAny(file.Name, "/\\\x00") || file.Name == ".":
			return refuse("file-name", "%q is no name for a file", file.Name)
		case seen[name]:
			return refuse("file-name", "two files would be called %s", file.Name)
		case d.Index != nil && source.AsAt != "" && d.Index.AsAt == "":
			return refuse("index-old", "the catalogue does not say of when the index is: a day under index.as_at, %s or later", source.AsAt.Long())
		case d.Index != nil && d.Index.AsAt < source.AsAt:
			return refuse("index-old", "the index is as at %s, before its source %s (%s): persons who came later are not in it; get an index as at %s or later",
				d.Index.AsAt.Long(), file.Period, source.AsAt.Long(), source.AsAt.Long())
		}
		seen[name] = true
	}
	return nil
}

// run reads every source once. Without create nothing is written.
func (job *Job) run(ctx context.Context, create func(string) (io.WriteCloser, error)) (*Result, error) {
	people, err := job.people()
	if err != nil {
		return nil, err
	}
	result := &Result{Columns: []string{}, Undescribed: []string{}, Tags: []Written{}}
	for _, file := range job.Files {
		packed, err := job.pack(ctx, file, people, create)
		if err != nil {
			return nil, err
		}
		result.Files = append(result.Files, packed)
		for _, name := range packed.columns {
			if _, described := job.Dataset.Field(name); !described && !slices.Contains(result.Undescribed, name) {
				result.Undescribed = append(result.Undescribed, name)
			}
			if !slices.Contains(result.Columns, name) {
				result.Columns = append(result.Columns, name)
			}
		}
	}
	result.PersonsWithheld, result.PersonsUnmatched = people.withheld(), people.unmatched()
	return result, nil
}

func (job *Job) people() (people, error) {
	d := job.Dataset
	var objections *Objections // nobody's, unless they are upheld
	if job.Uphold {
		objections = job.Objections
	}
	if d.Index == nil {
		return &numbered{objections: objections, missing: missing(d, d.Person), invalid: map[string]bool{}}, nil
	}
	file, err := job.Open(d.Index.File)
	if err != nil {
		return nil, fmt.Errorf("index of %s: %w", d.Code, err)
	}
	defer file.Close()
	return readIndex(file, d, objections)
}

// pack reads one source and writes what may leave of it.
func (job *Job) pack(ctx context.Context, file File, people people, create func(string) (io.WriteCloser, error)) (Packed, error) {
	d := job.Dataset
	packed := Packed{ID: file.ID, Period: file.Period, Written: Written{Path: "data/" + file.Name}}
	from, _ := d.File(file.Period)
	refuse := func(rule, sentence string, args ...any) error {
		return dars.Refuse(rule, d.Code, "source %s %s (%s): "+sentence, append([]any{d.Code, from.Period, from.Path}, args...)...)
	}

	source, err := job.open(from.Path)
	if err != nil {
		return packed, wrong(fmt.Errorf("source %s %s: %w", d.Code, from.Period, err), refuse)
	}
	defer source.Close()
	rows := newRecords(source, d.Format.Delimiter[0], d.Format.Quoted)

	layout, header, err := job.layout(rows, refuse)
	if err != nil {
		return packed, err
	}
	for _, c := range layout.keep {
		packed.columns = append(packed.columns, layout.names[c])
	}

	var out *sink
	if create != nil {
		if out, err = newSink(packed.Path, create); err != nil {
			return packed, err
		}
		defer out.abandon()
		out.block = append(out.block, rows.mark...)
		out.block = append(out.block, header...)
	}

	for {
		row, err := rows.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return packed, wrong(err, refuse)
		}
		if len(row.ends) != len(layout.names) {
			return packed, refuse("source-malformed", "line %d: %s", rows.line, fields(row, layout))
		}
		if packed.RowsIn++; packed.RowsIn%4096 == 0 && ctx.Err() != nil {
			return packed, context.Cause(ctx)
		}

		inside := layout.date < 0 || within(row.field(layout.date), layout.undated, job.From, job.To)
		stands := people.of(row.field(layout.person), inside)
		switch {
		case !inside:
			packed.RowsOutside++
			continue
		case stands == objects:
			packed.RowsWithheld++
			continue
		case stands == nameless:
			packed.RowsUnmatched++
			if job.Uphold && d.Unmatched != dars.ReleaseRow {
				continue
			}
		}
		packed.RowsOut++
		packed.unclear = packed.unclear || !utf8.Valid(row.bytes)
		if out != nil {
			out.block = layout.cut(out.block, row)
			if len(out.block) >= blockSize {
				if err := out.flush(); err != nil {
					return packed, err
				}
			}
		}
	}

	// A column that names nobody at all is the wrong column, and with it objections
	// would be upheld for nobody.
	if inside := packed.RowsIn - packed.RowsOutside; inside >= manyRows && packed.RowsUnmatched == inside {
		return packed, refuse("nobody-known", "not one of its %d rows has a person with a valid NHS number: is %s the column of the person?", inside, d.Person)
	}
	if persons, known := people.covered(); float64(known) < job.IndexCoverage*float64(persons) {
		return packed, refuse("index-coverage", "the index knows %.1f %% of its persons, and %.1f %% is the least (policy.index_coverage): get an index that covers the source, as at %s or later",
			100*float64(known)/float64(persons), 100*job.IndexCoverage, from.AsAt.Long())
	}
	if out != nil {
		packed.Written, err = out.close()
	}
	return packed, err
}

// open opens a source and unpacks it.
func (job *Job) open(path string) (io.ReadCloser, error) {
	file, err := job.Open(path)
	if err != nil || job.Dataset.Format.Compression != "gzip" {
		return file, err
	}
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		file.Close()
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{unpacked, file}, nil
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

// wrong tells a source that is not what it should be from one that cannot be
// read: the first is refused.
func wrong(err error, refuse func(rule, sentence string, args ...any) error) error {
	var bad *malformed
	var corrupt flate.CorruptInputError
	switch {
	case errors.As(err, &bad):
		return refuse("source-malformed", "%v", bad)
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &corrupt):
		return refuse("source-malformed", "it is damaged or not whole, or no gzip file where format.compression says so (%v)", err)
	}
	return err
}

// fill reads until buf is full or r has ended. Unlike [io.ReadFull] it does not
// take a source that breaks off (io.ErrUnexpectedEOF, as gzip says) for one
// that ends.
func fill(r io.Reader, buf []byte) (n int, ended bool, err error) {
	for n < len(buf) && err == nil {
		var more int
		more, err = r.Read(buf[n:])
		n += more
	}
	if err == io.EOF {
		return n, true, nil
	}
	return n, false, err
}

// fields says how a row differs from the layout.
func fields(row record, l layout) string {
	if len(row.ends) == 1 && len(row.field(0)) == 0 {
		return "it is empty"
	}
	return fmt.Sprintf("it has %d fields, and there are %d columns", len(row.ends), len(l.names))
}

// A layout is where the columns of a source are.
type layout struct {
	names        []string
	keep         []int // places of the columns that leave
	person, date int   // date is negative if nobody asks for it
	undated      [][]byte

	spans     [][2]int // runs of neighbours among keep: first and last
	delimiter byte
}

// unannounced refuses columns that nobody has described, where all columns leave:
// sources come with columns too many, and one of them may say who a person is. A
// catalogue that describes less than half of the columns is taken to be no
// dictionary of all, unless the agreement is for data that name nobody.
func (job *Job) unannounced(names []string, refuse func(rule, sentence string, args ...any) error) error {
	if job.Columns != nil {
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

// layout reads the header, or takes the columns from the catalogue, and says
// what of them is kept. It returns the header as it will leave.
func (job *Job) layout(rows *records, refuse func(rule, sentence string, args ...any) error) (l layout, header []byte, err error) {
	d := job.Dataset
	l.delimiter = d.Format.Delimiter[0]
	if err := rows.begin(); err != nil {
		return l, nil, wrong(err, refuse)
	}
	var first record
	if d.Format.Header {
		first, err = rows.next()
		switch {
		case err == io.EOF:
			return l, nil, refuse("source-malformed", "it is empty, without so much as a header")
		case err != nil:
			return l, nil, wrong(err, refuse)
		case bytes.HasPrefix(first.bytes, []byte("\xff\xfe")), bytes.HasPrefix(first.bytes, []byte("\xfe\xff")):
			return l, nil, refuse("source-malformed", "line 1: it is written in UTF-16, and the catalogue says utf-8")
		case bytes.HasPrefix(first.bytes, []byte("\x1f\x8b")):
			return l, nil, refuse("source-malformed", "line 1: it is a gzip file, and the catalogue does not say so: format.compression: gzip")
		case bytes.IndexByte(bytes.TrimSuffix(first.bytes, first.lineEnd()), '\r') >= 0:
			return l, nil, refuse("source-malformed", "line 1: its lines end with CR alone: write them with LF or CRLF")
		}
		l.names = names(first)
	} else {
		for _, f := range d.Fields {
			l.names = append(l.names, f.Name)
		}
	}

	for i, name := range l.names {
		// Where the header is missing this would be a row, so only places are named.
		if first := column(l.names, name); first < i {
			return l, nil, refuse("column-twice", "line 1: columns %d and %d have the same name", first+1, i+1)
		}
	}
	if l.person = column(l.names, d.Person); l.person < 0 {
		return l, nil, refuse("no-column", "line 1: the column of the person, %s, is missing", d.Person)
	}
	l.date, l.undated = -1, missing(d, d.Date)
	if job.From != "" || job.To != "" {
		if l.date = column(l.names, d.Date); l.date < 0 {
			return l, nil, refuse("no-column", "line 1: the column of the date, %s, is missing", d.Date)
		}
	}
	if err := job.unannounced(l.names, refuse); err != nil {
		return l, nil, err
	}
	for _, name := range job.Columns {
		if column(l.names, name) < 0 {
			return l, nil, refuse("no-column", "line 1: the approved column %s is missing", name)
		}
	}
	for i, name := range l.names {
		if job.Columns != nil && !slices.Contains(job.Columns, name) {
			continue
		}
		if job.Nameless && identifying(d, name) {
			return l, nil, refuse("identifying", "line 1: column %d tells who a person is, and the agreement is for data that name nobody: list its fields without it", i+1)
		}
		l.keep = append(l.keep, i)
		if n := len(l.spans); n > 0 && l.spans[n-1][1] == i-1 {
			l.spans[n-1][1] = i
		} else {
			l.spans = append(l.spans, [2]int{i, i})
		}
	}
	if d.Format.Header {
		header = l.cut(nil, first)
	}
	return l, header, nil
}

// cut appends what is kept of a row: its fields' own bytes, and its line end.
func (l layout) cut(to []byte, row record) []byte {
	if len(l.keep) == len(l.names) {
		return append(to, row.bytes...)
	}
	for i, span := range l.spans {
		if i > 0 {
			to = append(to, l.delimiter)
		}
		to = append(to, row.bytes[row.start(span[0]):row.ends[span[1]]]...)
	}
	return append(to, row.lineEnd()...)
}
