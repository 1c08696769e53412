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
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync/atomic"

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

	// Terms is what the agreement asks beyond Columns and dates: other columns, rows,
	// a cohort. The key of the case, tables and the cohort are for it.
	Terms      dars.DatasetRequest
	Pseudonyms []byte
	Tables     map[string]*Areas
	Cohort     *Cohort

	Output Output

	Open    func(path string) (io.ReadCloser, error)  // a source or an index, by its path in the catalogue; an index is opened twice
	Create  func(name string) (io.WriteCloser, error) // a file of the package, such as "data/x.csv"; Close keeps it
	Info    []Info                                    // bag-info.txt: Source-Organization, External-Identifier, Bagging-Date…; Payload-Oxum is added
	Release func(*Result) any                         // what release.json says, asked when the data are written; nil: no such file
	Note    func(*Result) ([]byte, error)             // release-note.pdf, likewise
	Key     ed25519.PrivateKey                        // the office's: signs the package

	// Quarantine makes the file for rows that cannot be read, where the catalogue
	// puts them aside. It holds rows of anybody: it stays in the office's vault
	// and is never part of a package.
	Quarantine func() (io.WriteCloser, error)

	Size     func(path string) int64 // of a source or index in bytes, for Progress; nil if nobody knows
	Progress func(Progress)          // called now and then

	pace pace
	read *atomic.Int64
	told Progress // how far it has come, as it was told last
	rows int64    // that have been looked at

	asks   func(person []byte) bool // whom the cohort asks for, by the index
	counts *counts                  // who is told of each row that would leave; nil: nobody
}

// Progress is how far a job has come.
type Progress struct {
	Read, Total int64 // bytes of sources and index, packed as they are; Total is 0 without Job.Size
	Rows        int64 // read
}

// An Output says how the files are written that leave. The zero value is as the
// source is, not packed.
type Output struct {
	Delimiter   string     // one character; if it is not the source's, fields are written by RFC 4180
	Compression string     // none, gzip or zstd
	Recipients  Recipients // to whom the data files are encrypted; then no two bags are the same
}

// pace is for tests: how large chunks are, and how many work on them.
type pace struct{ chunk, workers int }

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
	PersonsUnmatched int       `json:"persons_unmatched"` // distinct; rows that name nobody count as rows only. From 4,194,304 on it is at least so many
	Columns          []string  `json:"columns"`           // that left
	Undescribed      []string  `json:"undescribed"`       // those of them that the catalogue does not describe
	Tags             []Written `json:"tags"`              // the package's other files
}

// A Packed file is one period of data, and where its rows went:
//
//	RowsIn = RowsQuarantined + RowsOutside + RowsWithheld + RowsUnmatched + RowsOut
//
// unless unmatched rows are released: then they are among RowsOut as well.
type Packed struct {
	ID     dars.FileID `json:"id"`
	Period string      `json:"period"`
	Written
	RowsIn          int64 `json:"rows_in"`
	RowsQuarantined int64 `json:"rows_quarantined"` // malformed, and put aside
	RowsOutside     int64 `json:"rows_outside"`     // of the dates and other filters asked for
	RowsWithheld    int64 `json:"rows_withheld"`    // the person has objected
	RowsUnmatched   int64 `json:"rows_unmatched"`   // no valid NHS number is known
	RowsOut         int64 `json:"rows_out"`

	// Distinct persons of this file. Where the column holds NHS numbers they are
	// counted of a single file only: of several, only all together.
	PersonsWithheld  int  `json:"persons_withheld"`
	PersonsUnmatched int  `json:"persons_unmatched"`
	PersonsCounted   bool `json:"persons_counted"`

	Asked RowCounts `json:"asked"` // what the agreement left out of RowsOutside, and what could not be derived

	columns []string
	latin   bool // it is written in Windows-1252
	unclear bool // some row that left is no UTF-8
}

// count adds the rows of a chunk.
func (p *Packed) count(c Packed) {
	p.RowsIn += c.RowsIn
	p.RowsOutside += c.RowsOutside
	p.RowsWithheld += c.RowsWithheld
	p.RowsUnmatched += c.RowsUnmatched
	p.RowsOut += c.RowsOut
	p.unclear = p.unclear || c.unclear
}

// encoding is what can be said of how the file is written: its bytes are the
// source's, whatever the catalogue calls them.
func (p Packed) encoding() string {
	switch {
	case p.latin:
		return windows1252
	case p.unclear:
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

// leastNumbered is the least share of persons, or of a directly numbered source's
// rows that name one, of whom a number can be read, where policy.index_coverage asks
// for no less. A few in a hundred are wrong as they come; where a quarter is,
// something has happened to the column.
const leastNumbered = 0.75

// covers refuses a source whose persons nobody could tell by number: its index does
// not name them, or their numbers cannot be read. Of nobody there is no share.
func (job *Job) covers(in inFile, from dars.SourceFile, refuse refusing) error {
	percent := func(part, whole int) float64 { return 100 * float64(part) / float64(whole) }
	if job.Dataset.Index != nil && percent(in.named, in.persons) < 100*job.IndexCoverage {
		return refuse("index-coverage", "the index knows %.1f %% of its persons, and %.1f %% is the least (policy.index_coverage): get an index that covers the source, as at %s or later",
			percent(in.named, in.persons), 100*job.IndexCoverage, from.AsAt.Long())
	}
	least := 100 * min(job.IndexCoverage, leastNumbered)
	if share := percent(in.known, in.named); share < least {
		if job.Dataset.Index != nil {
			return refuse("number-coverage", "of the persons whom the index names it has a number that can be read, or says that there is none, for %.1f %%, and %.1f %% is the least: its column %s is damaged; get another index", share, least, job.Dataset.Index.NHSNumber)
		}
		return refuse("number-coverage", "%.1f %% of its rows that name a person have a valid NHS number, and %.1f %% is the least: objections could not be upheld for the others; is %s the column of the person?", share, least, job.Dataset.Person)
	}
	return nil
}

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
	if job.Quarantine == nil && job.Dataset.Malformed == dars.Quarantine {
		return nil, dars.Refuse("no-quarantine", job.Dataset.Code, "packaging %s: the catalogue puts malformed rows aside, and there is nowhere to put them: say malformed: stop", job.Dataset.Code)
	}
	result, err := job.run(ctx, func(path string) (*sink, error) { return newSink(path, job.Output.Recipients, job.Create) })
	if err != nil {
		return nil, err
	}
	return result, writeTags(job, result)
}

// Rows is Pack without the package: it makes the files under data/ and nothing
// else, and takes no digests. It is for rows that stay in the house.
func Rows(ctx context.Context, job Job) (*Result, error) {
	if err := job.check(); err != nil {
		return nil, err
	}
	return job.run(ctx, func(path string) (*sink, error) {
		file, err := job.Create(path)
		if err != nil {
			return nil, err
		}
		return plainSink(path, file), nil
	})
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
	case f.Encoding != "" && !strings.EqualFold(f.Encoding, "utf-8") && !strings.EqualFold(f.Encoding, "utf8") && !latin(d):
		return refuse("catalogue", "format.encoding %s is not known: say utf-8 or windows-1252", f.Encoding)
	case !slices.Contains(dars.Compressions, f.Compression):
		return refuse("catalogue", "format.compression %s is not known: say none, gzip or zstd", f.Compression)
	case len(job.Output.Delimiter) > 1 || strings.ContainsAny(job.Output.Delimiter, "\"\r\n"):
		return refuse("output", "what leaves cannot have %q between fields: say one ASCII character that is neither a quotation mark nor a line end", job.Output.Delimiter)
	case !slices.Contains(dars.Compressions, job.Output.Compression):
		return refuse("output", "what leaves cannot be packed by %s: say none, gzip or zstd", job.Output.Compression)
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
func (job *Job) run(ctx context.Context, create func(path string) (*sink, error)) (_ *Result, err error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	job.read = new(atomic.Int64)
	people, err := job.people(ctx)
	if err != nil {
		return nil, err
	}
	var aside *quarantine
	if job.Dataset.Malformed == dars.Quarantine {
		aside = &quarantine{create: job.Quarantine}
		defer func() { err = errors.Join(err, aside.close()) }()
	}
	result := &Result{Columns: []string{}, Undescribed: []string{}, Tags: []Written{}}
	for _, file := range job.Files {
		packed, err := job.pack(ctx, file, people, aside, create)
		if err != nil {
			return nil, err
		}
		result.Files = append(result.Files, packed)
		for _, name := range packed.columns {
			if _, described := job.Dataset.Field(name); !described && !job.derives(name) && !slices.Contains(result.Undescribed, name) {
				result.Undescribed = append(result.Undescribed, name)
			}
			if !slices.Contains(result.Columns, name) {
				result.Columns = append(result.Columns, name)
			}
		}
	}
	result.PersonsWithheld, result.PersonsUnmatched = people.withheld(), people.unmatched()
	if len(result.Files) == 1 { // the file's persons are all
		f := &result.Files[0]
		f.PersonsWithheld, f.PersonsUnmatched, f.PersonsCounted = result.PersonsWithheld, result.PersonsUnmatched, true
	}
	return result, nil
}

func (job *Job) people(ctx context.Context) (people, error) {
	d := job.Dataset
	var objections *Objections // nobody's, unless they are upheld
	if job.Uphold {
		objections = job.Objections
	}
	if d.Index == nil {
		return &numbered{encoding: d.Format.Encoding, objections: objections, earlier: job.earlier(), missing: absent(d), invalid: newStrangers()}, nil
	}
	p, err := job.readIndex(ctx, objections)
	if err == nil && job.asksByNumber() {
		job.asks = p.asks
	}
	return p, err
}

// asksByNumber reports whether the recipient knows its persons by NHS number, and
// an index says whose rows are theirs.
func (job *Job) asksByNumber() bool {
	return job.Cohort != nil && job.Terms.Cohort != nil && job.Terms.Cohort.NHSNumbers && job.Dataset.Index != nil
}

// pack reads one period and writes what may leave of it.
func (job *Job) pack(ctx context.Context, file File, people people, aside *quarantine, create func(path string) (*sink, error)) (packed Packed, err error) {
	d := job.Dataset
	packed = Packed{ID: file.ID, Period: file.Period, Written: Written{Path: "data/" + file.Name}, latin: latin(d)}
	from, _ := d.File(file.Period)
	p := &pass{job: job, period: file.Period, people: people, aside: aside, chunk: job.pace.chunk, workers: job.pace.workers}
	for _, path := range from.Paths() {
		p.files = append(p.files, &reading{path: path, refuse: func(rule, sentence string, args ...any) error {
			return dars.Refuse(rule, d.Code, "source %s %s (%s): "+sentence, append([]any{d.Code, from.Period, path}, args...)...)
		}})
	}
	refuse := p.files[0].refuse
	if err := p.open(p.files[0]); err != nil {
		return packed, wrong(err, refuse)
	}
	defer p.files[0].file.Close()
	if p.layout, err = job.layout(p.files[0].records, refuse); err != nil {
		return packed, err
	}
	packed.columns = p.layout.plan.names()

	var out *sink
	if create != nil {
		if out, err = create(packed.Path); err != nil {
			return packed, err
		}
		defer out.abandon()
	}
	if err := p.run(ctx, &packed, out); err != nil {
		return packed, err
	}

	packed.Asked = p.layout.plan.terms.counts()

	if odd := packed.RowsQuarantined; odd > fewOdd && float64(odd) > mostOddShare*float64(packed.RowsIn) {
		return packed, refuse("source-malformed", "%d of its %d rows are malformed, and 1 %% is the most that is put aside", odd, packed.RowsIn)
	}
	// A column that names nobody at all is the wrong column, and with it objections
	// would be upheld for nobody.
	if inside := packed.RowsIn - packed.RowsQuarantined - packed.RowsOutside; inside >= manyRows && packed.RowsUnmatched == inside {
		return packed, refuse("nobody-known", "not one of its %d rows has a person with a valid NHS number: is %s the column of the person?", inside, d.Person)
	}
	in := people.ended()
	packed.PersonsWithheld, packed.PersonsUnmatched, packed.PersonsCounted = in.withheld, in.unmatched, in.counted
	if err := job.covers(in, from, refuse); err != nil {
		return packed, err
	}
	if out != nil {
		packed.Written, err = out.close()
	}
	return packed, err
}

// tellEvery is how many bytes are read between two calls of Progress.
const tellEvery = 4 << 20

// tell says how far the job has come, if it has come far enough since it was
// told.
func (job *Job) tell() {
	if read := job.read.Load(); job.Progress != nil && read-job.told.Read >= tellEvery {
		job.told = Progress{read, job.total(), job.rows}
		job.Progress(job.told)
	}
}

// total is how many bytes there are to read.
func (job *Job) total() (n int64) {
	if job.Size == nil {
		return 0
	}
	if d := job.Dataset; d.Index != nil {
		n += 2 * job.Size(d.Index.File)
	}
	for _, file := range job.Files {
		source, _ := job.Dataset.File(file.Period)
		for _, path := range source.Paths() {
			n += job.Size(path)
		}
	}
	return n
}
