// Package office holds every act of a person or of the clock once, whatever door
// it comes through: the nouns decide, and the store keeps what changed, the event
// that says so and what must follow, in one transaction.
//
// The command line, SSH, the watched folders and the scheduler all come through
// here. There is one type for each wing: [Parties], [Applications], [Committee],
// [Agreements], [Objections], [Cohorts], [Releases], [Queries], [Ledger], [Deletion],
// [Benefits], [Audits], [Complaints], [Incidents], [Guard], the [Intake] for what comes
// in by folder, the [Register] for what was published before, the [Post] for letters on
// their way, the [Clock] for what is due, and the [Desk] for reading. They share the
// [Office]. What follows an act (a letter, a paper, a purge) is owed, and done by
// [Office.Work] after the commit.
package office

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strconv"
	"time"

	"darsd/dars"
	"darsd/store"
)

// An Office is what all wings stand on.
type Office struct {
	Store       *store.Store
	Calendar    dars.Calendar // its zone and its table; what was announced since is in the store
	Catalogue   dars.Catalogue
	Policy      dars.Policy
	Limits      dars.Limits
	Info        dars.Office
	Orders      []dars.ReportOrder // reports that are delivered
	Authorities []dars.Authority   // whose certificates let somebody in
	Works       Works
	Log         *slog.Logger
}

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
	Naming func(who dars.PersonID, words []string) (letters, left []string, err error)
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

// Wings of the office.
type (
	Parties      struct{ *Office } // organisations, people, contracts
	Applications struct{ *Office }
	Committee    struct{ *Office }
	Agreements   struct{ *Office }
	Objections   struct{ *Office }
	Releases     struct{ *Office }
	Queries      struct{ *Office } // questions to the query desk
	Ledger       struct{ *Office } // what of a release was sent, and receipts
	Cohorts      struct{ *Office } // whom recipients ask for
	Deletion     struct{ *Office } // certificates of destruction
	Benefits     struct{ *Office } // what came of the data
	Audits       struct{ *Office }
	Intake       struct{ *Office } // what comes in by folder and submit/
	Clock        struct{ *Office } // duties that fall due, and reports
	Almanac      struct{ *Office } // bank holidays
	Charges      struct{ *Office } // quotes, and what is owed
	Register     struct{ *Office } // what was published before, of releases of others
	Post         struct{ *Office } // letters that wait to be sent
	Desk         struct{ *Office } // reading
)

// today is the office's date of an act.
func (o *Office) today(a dars.Act) dars.Day { return o.Calendar.Day(a.At) }

// do runs an act of somebody who may do it, in one transaction. The act's words
// are those of its command; its power and its event go by them.
func (o *Office) do(ctx context.Context, a dars.Act, act string, decide func(tx *store.Tx, who *dars.Person) error) error {
	return o.Store.Do(ctx, func(tx *store.Tx) error {
		who, err := o.allowed(tx, a, act)
		if err != nil {
			return err
		}
		if a.Via == dars.BreakGlass {
			if err := breakGlass(tx, a, act); err != nil {
				return err
			}
		}
		before, err := tx.Head()
		if err != nil {
			return err
		}
		if err := decide(tx, who); err != nil {
			return err
		}
		return unstained(tx, a, before)
	})
}

// allowed lends the person who acts, with the roles that others have delegated to
// them, or refuses who may not, or does not say why from a local shell. Long work
// asks it first, so that a refusal comes at once.
func (o *Office) allowed(tx *store.Tx, a dars.Act, act string) (*dars.Person, error) {
	known, err := actor(tx, a)
	if err != nil {
		return nil, err
	}
	own, err := acting(tx, known, o.today(a))
	if err != nil {
		return nil, err
	}
	who := own.With(o.today(a))
	if who.ID != dars.ByClock && who.ID != dars.ByFolder {
		if err := who.May(act); err != nil {
			return nil, err
		}
		tx.OnBehalf(own.StandsIn(o.today(a), dars.Powers[act]...))
	}
	if a.Via == dars.BreakGlass && a.Why == "" {
		return nil, dars.Refuse("no-reason", a.Who, "a local shell acts in somebody's name in emergencies only: say why with --reason, or sign in over SSH with your own key")
	}
	return who, nil
}

// breakGlass notes an act of a local shell in somebody's name, and tells
// compliance.
func breakGlass(tx *store.Tx, a dars.Act, act string) error {
	ref, err := number(tx, "break-glass", "GLASS-")
	if err != nil {
		return err
	}
	if err := tx.Save(a, act, &dars.GlassBroken{ID: ref, Act: act, Person: a.Who, Reason: a.Why, At: a.At.UTC()}); err != nil {
		return err
	}
	return write(tx, a, letter{Roles: []dars.Role{dars.Compliance}, Names: []dars.PersonID{a.Who},
		Subject: fmt.Sprintf("%s: %s from a local shell as %s", ref, act, a.Who),
		Body:    fmt.Sprintf("A local shell did %q in the name of %s:\n\n%s\n", act, a.Who, quoted(a.Why))})
}

// actor lends the person who acts. The clock and the folders have no person
// behind them, and stand inside.
func actor(tx *store.Tx, a dars.Act) (*dars.Person, error) {
	if a.Who == dars.ByClock || a.Who == dars.ByFolder {
		return &dars.Person{ID: a.Who, Org: dars.TheOffice}, nil
	}
	return store.Get[dars.Person](tx, a.Who)
}

// one is the form of most acts: one noun decides, and is kept with what is owed
// for it. An act on several nouns is written out.
func one[T any, P store.Noun[T], ID ~string](ctx context.Context, o *Office, a dars.Act, act string, id ID, decide func(dars.Act, P) error, owed ...func(*store.Tx, P) error) error {
	return o.do(ctx, a, act, func(tx *store.Tx, _ *dars.Person) error {
		n, err := store.Get[T, P](tx, id)
		if err != nil {
			return err
		}
		if err := decide(inName(tx, a), n); err != nil {
			return err
		}
		return keep(tx, a, act, n, owed...)
	})
}

// keep saves what an act has changed, and does what belongs to it.
func keep[P dars.Noun](tx *store.Tx, a dars.Act, act string, n P, then ...func(*store.Tx, P) error) error {
	if err := oneConsole(tx, a, n); err != nil {
		return err
	}
	if err := tx.Save(a, act, n); err != nil {
		return err
	}
	return also(tx, n, then)
}

// also does what belongs to an act.
func also[P dars.Noun](tx *store.Tx, n P, then []func(*store.Tx, P) error) error {
	for _, do := range then {
		if err := do(tx, n); err != nil {
			return err
		}
	}
	return nil
}

// oneConsole refuses a second step from a console among all those of a case that
// need different people: a console can say it is anybody.
func oneConsole(tx *store.Tx, a dars.Act, n dars.Noun) error {
	h, ok := n.(dars.Handled)
	if !ok || !a.Via.Anybody() {
		return nil
	}
	stem, hands := h.Handed()
	if len(hands) == 0 || hands[len(hands)-1].By != a.Who || hands[len(hands)-1].Via != a.Via {
		return nil // this was no such step
	}
	all, err := ofCase(tx, stem)
	if err != nil {
		return err
	}
	steps := hands.AtConsole()
	for _, other := range all {
		if other.Card().Ref != n.Card().Ref || other.Card().Kind != n.Card().Kind {
			_, theirs := other.Handed()
			steps += theirs.AtConsole()
		}
	}
	if steps > 1 {
		return dars.Refuse("console-twice", stem, "%s: one step of this case that needs different people has come from the console already; sign in over SSH with your own key for this one", n.Card().Ref)
	}
	return nil
}

// ofCase returns what of a case has steps that need different people.
func ofCase(tx *store.Tx, stem string) (all []dars.Handled, err error) {
	applications, err := store.Find[dars.Application](tx, dars.By("case", stem))
	if err != nil {
		return nil, err
	}
	for _, p := range applications {
		all = append(all, p)
	}
	overrides, err := store.Find[dars.Override](tx, dars.By("case", stem))
	if err != nil {
		return nil, err
	}
	for _, v := range overrides {
		all = append(all, v)
	}
	guarded, err := store.Find[dars.GuardOverride](tx, dars.By("case", stem))
	if err != nil {
		return nil, err
	}
	for _, v := range guarded {
		all = append(all, v)
	}
	agreements, err := store.Find[dars.Agreement](tx, dars.By("case", stem))
	if err != nil {
		return nil, err
	}
	for _, g := range agreements {
		releases, err := store.Find[dars.Release](tx, dars.By("agreement", g.ID))
		if err != nil {
			return nil, err
		}
		all = append(all, g)
		for _, r := range releases {
			all = append(all, r)
		}
	}
	return all, nil
}

// ownCase refuses an outsider who reaches for another organisation's case, in the
// words for one that is not there.
func ownCase(who *dars.Person, org dars.OrgCode, kind, ref string) error {
	if who.Inside() || who.Org == org {
		return nil
	}
	return dars.Refuse("not-found", ref, "there is no %s %s", kind, ref)
}

// next is the number that follows the highest reference of a kind: the digits
// that stand after prefix.
func next(highest, prefix string) int {
	digits := ""
	for _, c := range highest[min(len(prefix), len(highest)):] {
		if c < '0' || c > '9' {
			break
		}
		digits += string(c)
	}
	n, _ := strconv.Atoi(digits) // none yet: 0
	return n + 1
}

// number makes the next reference of a kind: "REL-000008".
func number(tx *store.Tx, kind, prefix string) (string, error) {
	last, err := tx.Last(kind)
	return fmt.Sprintf("%s%06d", prefix, next(last, prefix)), err
}

// An Arrived is something that came in: a file, or a folder of files.
type Arrived struct {
	Folder string // which watched folder, or "submit"
	Name   string
	Dir    bool
	Files  fs.FS
	SHA256 string
}
