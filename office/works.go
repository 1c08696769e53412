package office

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"darsd/dars"
	"darsd/store"
)

// Works is what the office needs of the rest of the program.
type Works struct {
	Papers     Papers
	Copies     Papers // the same, to look at: without the seal of what is issued and recorded
	Reader     Reader
	Scan       func(ctx context.Context, content io.Reader) (found string, err error) // looks for malware; nil if nobody does
	Vault      Vault
	Packer     Packer
	Tables     Tables
	Mail       Mail
	Reports    func(name string, content []byte) error            // keeps a report where compliance looks for it
	Checkpoint func(ctx context.Context, at time.Time) error      // signs what the log is, outside the database
	Opened     func(who dars.PersonID, look string) (bool, error) // whether the access log says that they had a look (see Look)
	Endpoint   func() dars.Endpoint                               // where data is collected, as letters and agreements name it

	// Naming finds where words stand outside the database: letters that wait to be taken
	// away and are to somebody or name them, and files that a person has to see to.
	Naming func(who dars.PersonID, words store.Words) (letters, left []string, err error)
	Forget func(who dars.PersonID, letters []string) error // removes those letters, and what somebody has uploaded

	Refused func(a dars.Act, act string, err error) // counts what a rule refuses the clock; nil if nobody does
}

// A Reader reads what comes in. Outsiders wrote it.
type Reader interface {
	Application(yaml []byte) dars.Draft
	Certificate(ctx context.Context, content []byte) (dars.CertificateForm, error) // YAML, or a form in a PDF
	Benefits(yaml []byte) (dars.BenefitForm, error)
	// Signed finds the paper of the office's that a PDF says it is, and the pages it lacks.
	Signed(ctx context.Context, pdf []byte) (dars.ReturnedCopy, error)
	// Page is the picture of one page of a PDF.
	Page(ctx context.Context, pdf []byte, page int) ([]byte, error)
	// Signatures finds whose digital signatures a PDF bears that came back at an instant.
	Signatures(ctx context.Context, pdf []byte, received time.Time) (Signatures, error)
	// List reads an objections list; numbers is how many it holds, without repeats.
	List(r io.Reader) (numbers int, invalid []dars.BadLine, invalidN int, sha256 string, err error)
	// Cohort reads a file of whom a recipient asks for.
	Cohort(r io.Reader, d dars.Dataset, c dars.Cohort) (count dars.CohortCount, sha256 string, err error)
}

// A Vault keeps files, encrypted. Those of a release have a key of their own,
// so that destroying it purges them; scope "" is the office's own.
type Vault interface {
	Write(scope dars.ReleaseID, name string, content io.Reader) error
	Read(scope dars.ReleaseID, name string) (io.ReadCloser, error)
	Purge(dars.ReleaseID) error
	Remove(name string) error // of a file that is no release's; one that is not there is an error
}

// A Packer makes packages. It streams, and may take hours.
type Packer interface {
	Pack(ctx context.Context, p Packing) (dars.Package, error)
	// Count is Pack without writing, with the objections of further lists upheld as
	// well: whom it would leave out. It makes no key of pseudonyms.
	Count(ctx context.Context, p Packing, further ...*dars.List) (dars.Package, error)
	// Empty makes the package with no row in it, as a ZIP file.
	Empty(ctx context.Context, p Packing) ([]byte, error)
	// Discard takes away what an attempt has written.
	Discard(p Packing) error
}

// Packing is all that a package is made from.
type Packing struct {
	Release   *dars.Release
	Agreement *dars.Agreement
	Terms     dars.DatasetRequest
	Dataset   dars.Dataset
	List      *dars.List
	Attempt   string
	On        dars.Day

	Cohort  *dars.CohortList  // whom the recipient asks for, if the agreement says so
	Earlier []dars.CohortMade // other versions with which the recipient holds releases

	Despite []dars.GuardLine // by which overrides of the guard it is packaged

	Table *TableToMake // of a tabulation: what is packaged is this table, and no rows

	// Pseudonyms of the case have been made before. Their key must be there: with
	// another one the same persons would have other names.
	KeyMade bool
}

// Tables answers requests for tables that tell of groups only. What they are asked is
// kept as they understood it, and means nothing to the office.
type Tables interface {
	// Turn waits until this program answers no other question. End lets the next begin.
	Turn(ctx context.Context) (end func(), err error)
	// Read understands a request for data of an agreement, or refuses it with all that is
	// wrong. On says which rules hold.
	Read(request []byte, g *dars.Agreement, on dars.Day) (TableAsked, error)
	// Make counts a table, holds it against earlier answers, and controls what of it may
	// be seen. It streams, and may take minutes.
	Make(ctx context.Context, t TableAsked, list *dars.List, earlier []EarlierTable) (TableMade, error)
}

// TableAsked is a request that was understood.
type TableAsked struct {
	Dataset    string
	Periods    []string
	Request    json.RawMessage
	Says       string          // the request in words
	Population json.RawMessage // whom it is about, but for the list of objections
	Rules      string
	Terms      dars.DatasetRequest // of the agreement, which say which rows are counted
}

// An EarlierTable is one that was answered: what was asked, whom it was about, and by
// which list; and how its entries were shown, if it was ever finished.
type EarlierTable struct {
	Ref        string // of the query or the release
	Request    json.RawMessage
	Population json.RawMessage
	List       *dars.List
	Rules      string
	Signs      []byte

	signs string // where they lie; nothing: it was never finished
}

// TableMade is a table that may be seen.
type TableMade struct {
	CSV, Text                   []byte
	Signs                       []byte // how its entries are shown, for tables that come later
	Cells, Suppressed, Withheld int
}

// Mail sends letters. The same ID again is the same letter. An error that has a
// method Permanent, and says true, is the last word on a letter.
type Mail interface {
	Send(ctx context.Context, l Letter) error
}

// A Letter goes to one address.
type Letter struct {
	ID      string
	To      string
	Subject string
	Body    string
	Ref     string // the noun that it is about
	Step    string // the act, or the step of a ladder, for which it was written
	Dates   []dars.Date
	Files   []LetterFile
	At      time.Time
}
