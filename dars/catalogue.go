package dars

import (
	"fmt"
	"slices"
)

// A Dataset is one kind of data that the office holds, as the catalogue in the
// configuration describes it.
type Dataset struct {
	Code      string       `yaml:"code" json:"code"`                       // "HES_APC", as in file names
	Name      string       `yaml:"name" json:"name"`                       // as on paper
	IAO       string       `yaml:"iao" json:"iao"`                         // login of its information asset owner
	Person    string       `yaml:"person" json:"person"`                   // the column that says whose a row is
	Index     *Index       `yaml:"index,omitempty" json:"index,omitempty"` // where that column is no NHS number
	Date      string       `yaml:"date,omitempty" json:"date,omitempty"`   // the column that dates a row
	Unmatched Unmatched    `yaml:"unmatched" json:"unmatched"`             // rows of nobody we know; no default
	Format    Format       `yaml:"format" json:"format"`
	Malformed Malformed    `yaml:"malformed,omitempty" json:"malformed,omitempty"` // rows that cannot be read
	Files     []SourceFile `yaml:"files" json:"files"`
	Fields    []Field      `yaml:"fields" json:"fields"`
	Tables    []AreaTable  `yaml:"tables,omitempty" json:"tables,omitempty"`       // of areas, for derived columns
	Groupings []Grouping   `yaml:"groupings,omitempty" json:"groupings,omitempty"` // by which it may be counted
}

// An Index says who the persons of a dataset are: one row for each number that
// a person has or had.
type Index struct {
	File      string `yaml:"file" json:"file"`
	Person    string `yaml:"person" json:"person"`         // the column with the dataset's person
	NHSNumber string `yaml:"nhs_number" json:"nhs_number"` // the column with the number
	AsAt      Day    `yaml:"as_at" json:"as_at"`
	Encoding  string `yaml:"encoding,omitempty" json:"encoding,omitempty"` // utf-8 or windows-1252; if nothing is said, the dataset's
}

// Unmatched is what happens to a row whose person has no valid NHS number, so
// that no objection could ever match it.
type Unmatched string

const (
	Withhold   Unmatched = "withhold"
	ReleaseRow Unmatched = "release"
)

// Malformed is what happens to a row that cannot be read. Put aside is only a row
// with a field too many or too few of a file in which every field of every row
// stands in quotes: of any other nobody can say where it ends, and the rest of it
// could leave as another person's. It stops the run, whatever is said.
type Malformed string

const (
	StopRun    Malformed = "stop"       // nothing is packaged; so it is if nothing is said
	Quarantine Malformed = "quarantine" // the row is put aside for staff, and counted
)

// Compressions are how a file may be packed; nothing is none.
var Compressions = []string{"", "none", "gzip", "zstd"}

// A Format says how a delimited text file is written.
type Format struct {
	Delimiter   string `yaml:"delimiter" json:"delimiter"`                         // one character
	Quoted      bool   `yaml:"quoted" json:"quoted"`                               // fields may stand in "…", with "" inside for one
	Header      bool   `yaml:"header" json:"header"`                               // the first record names the columns
	Encoding    string `yaml:"encoding,omitempty" json:"encoding,omitempty"`       // utf-8 or windows-1252
	Compression string `yaml:"compression,omitempty" json:"compression,omitempty"` // none, gzip or zstd
}

// A SourceFile is one period of a dataset.
type SourceFile struct {
	Period string `yaml:"period" json:"period"` // "200199": the year from April 2001, final
	Path   string `yaml:"path" json:"path"`
	AsAt   Day    `yaml:"as_at" json:"as_at"`

	// More files of the same period, read after the first in this order, with the
	// same columns. They are listed and not found by a pattern: a file that
	// somebody leaves in the folder must not leave the house.
	More []string `yaml:"more,omitempty" json:"more,omitempty"`
}

// Paths are all files of the period, in order.
func (f SourceFile) Paths() []string { return append([]string{f.Path}, f.More...) }

// A Field is one column, and what it means.
type Field struct {
	Name        string   `yaml:"name" json:"name"`
	Title       string   `yaml:"title,omitempty" json:"title,omitempty"`
	Type        string   `yaml:"type,omitempty" json:"type,omitempty"` // string, integer, number, date
	Identifying bool     `yaml:"identifying,omitempty" json:"identifying,omitempty"`
	Sensitive   bool     `yaml:"sensitive,omitempty" json:"sensitive,omitempty"`
	Codes       []string `yaml:"codes,omitempty" json:"codes,omitempty"`         // all that may stand there, if it is a code of a list
	Missing     []string `yaml:"missing,omitempty" json:"missing,omitempty"`     // what is written where a value is not known
	Holds       string   `yaml:"holds,omitempty" json:"holds,omitempty"`         // a code of Holdings
	Pseudonym   string   `yaml:"pseudonym,omitempty" json:"pseudonym,omitempty"` // the kind, if it may leave as a pseudonym: equal values of one kind have one, in all datasets of a case
}

// File returns the source of a period.
func (d Dataset) File(period string) (SourceFile, bool) {
	i := slices.IndexFunc(d.Files, func(f SourceFile) bool { return f.Period == period })
	if i < 0 {
		return SourceFile{}, false
	}
	return d.Files[i], true
}

// Field returns what is known of a column.
func (d Dataset) Field(name string) (Field, bool) {
	i := slices.IndexFunc(d.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return d.Fields[i], true
}

// Catalogue is every dataset of the office.
type Catalogue []Dataset

// Dataset returns the dataset of a code, or refuses.
func (c Catalogue) Dataset(code string) (Dataset, error) {
	i := slices.IndexFunc(c, func(d Dataset) bool { return d.Code == code })
	if i < 0 {
		return Dataset{}, Refuse("no-dataset", code, "there is no dataset %s in the catalogue%s", shortened(code), instead(code, c.codes()))
	}
	return c[i], nil
}

// Policy is what an office may set of its rules. The zero value is no policy:
// configs gives the defaults.
type Policy struct {
	Uphold             string  `yaml:"uphold"`               // always, or by-matrix
	MaxAgeDays         int     `yaml:"max_age_days"`         // of an objections list, at packaging and at publication
	IndexCoverage      float64 `yaml:"index_coverage"`       // the least share of a source's persons that its index names, with a number that can be read or none
	QueriesADay        int     `yaml:"queries_a_day"`        // of one person under one agreement, refused ones too
	DownloadWindowDays int     `yaml:"download_window_days"` // how long a published release can be collected
	CertificateDays    int     `yaml:"certificate_days"`     // from the agreement's end to the certificate being due
	AuditAfterDays     int     `yaml:"audit_after_days"`     // from the agreement's end, without a certificate, to an audit
	Unassured          string  `yaml:"unassured"`            // refuse or accept: of record-level data, who is not known to be registered and secure
	RefreshTolerance   float64 `yaml:"refresh_tolerance"`    // by how much a count may differ from the refresh before, until the checker's attention is drawn to it
	Population         int     `yaml:"population"`           // persons of whom the objections list could name any; 0: nobody has said
	Terms              Terms   `yaml:"max_term"`             // how long agreements may run

	Ladders Ladders `yaml:"ladders"` // when who is written to about which day

	Sanctions     Sanctioning `yaml:"sanctions"`       // how long each step of a sanction is waited for
	AuditsPerYear int         `yaml:"audits_per_year"` // that the plan of a year chooses by risk

	Quorum Quorum `yaml:"quorum"` // of a meeting of DAAG

	Prices []PriceList `yaml:"prices"` // the office's own, oldest first; none: PublishedPrices
	VAT    VAT         `yaml:"vat"`    // on what is charged
	PayTo  []string    `yaml:"pay_to"` // how an invoice is to be paid, a line each
}

// What Policy.Unassured may say.
const (
	RefuseUnassured = "refuse"
	AcceptUnassured = "accept" // what is known and has ended is refused all the same
)

// PriceLists are the lists by which the office charges.
func (p Policy) PriceLists() []PriceList {
	if len(p.Prices) > 0 {
		return p.Prices
	}
	return PublishedPrices
}

// Check says what is wrong with a dataset's description, each with the way out.
func (d Dataset) Check() (wrong []error) {
	say := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("datasets %s: "+format, append([]any{d.Code}, args...)...))
	}
	if d.Unmatched != Withhold && d.Unmatched != ReleaseRow {
		say("unmatched: say withhold or release: what happens to a row whose person has no valid NHS number; there is no default")
	}
	if d.Malformed != "" && d.Malformed != StopRun && d.Malformed != Quarantine {
		say("malformed: say stop or quarantine: what happens to a row that cannot be read; if nothing is said it stops the run")
	}
	if d.Person == "" {
		say("person: name the column that says whose a row is")
	}
	if len([]rune(d.Format.Delimiter)) != 1 {
		say(`format.delimiter: %q is not one character in quotes, such as "," or "|"`, d.Format.Delimiter)
	}
	if !d.Format.Header && len(d.Fields) == 0 {
		say("fields: without a header line the columns are those of fields, in order, and there are none")
	}
	if _, ok := d.Field(d.Person); !ok && d.Person != "" && !d.Format.Header {
		say("person: %s is not one of fields", d.Person)
	}
	if d.Index != nil && (d.Index.File == "" || d.Index.Person == "" || d.Index.NHSNumber == "") {
		say("index: file, person and nhs_number are all needed")
	}
	d.checkHoldings(say)
	d.checkGroupings(say)
	seen := map[string]bool{}
	for _, f := range d.Files {
		if seen[f.Period] {
			say("files: the period %s is listed twice", f.Period)
		}
		seen[f.Period] = true
	}
	return wrong
}
