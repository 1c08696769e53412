package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/office"
	"darsd/transfer/sftpd"
	"darsd/transfer/vault"
)

// A counter is the office as somebody with a key meets it over SSH and SFTP:
// what lies ready, what of it may be read, what was sent.
type counter struct{ *house }

func (k counter) desk() office.Desk { return office.Desk{Office: k.Office} }

func (k counter) ledger() office.Ledger { return office.Ledger{Office: k.Office} }

// SignIn says who holds a key.
func (k counter) SignIn(ctx context.Context, v dars.Visitor) (dars.PersonID, error) {
	p, err := k.desk().SignIn(ctx, v)
	if err != nil {
		k.refusals.Count(dars.Act{Who: known(err), At: k.clock(), Via: dars.SSH}, dars.ActSignIn, err)
		return "", err
	}
	return p.ID, nil
}

// Where the content of an entry comes from. The first word of Entry.Object says
// which.
const (
	fromPackage = "package" // then the release, and the name in the vault
	fromPapers  = "paper"   // then the name in the vault
	fromReceipt = "receipt" // then its reference
	fromQuery   = "query"   // then its reference, and the name in the vault
	fromText    = "text"    // then the name: made when it is read
)

// Root lists what lies ready for a person.
func (k counter) Root(ctx context.Context, who dars.PersonID) (all []sftpd.Entry, err error) {
	now := k.clock()
	s, err := k.desk().Shelf(ctx, who, now)
	if err != nil {
		return nil, err
	}
	texts := rootTexts
	if !s.Person.Inside() {
		texts = slices.Concat(rootTexts, helpTexts)
	}
	for _, name := range texts {
		text, err := k.text(s, name, now)
		if err != nil {
			return nil, err
		}
		all = append(all, sftpd.Entry{Path: name, Size: int64(len(text)), Modified: now, Object: fromText + " " + name})
	}
	for _, r := range s.Open {
		all = append(all, k.packageEntries(r)...)
	}
	for _, q := range s.Answered {
		all = append(all, k.answerEntry(q, "csv", q.Table.Bytes), k.answerEntry(q, "txt", q.Table.Shown))
	}
	for _, p := range s.Papers {
		all = append(all, sftpd.Entry{Path: "papers/" + p.Name, Size: p.Bytes, Modified: k.Calendar.Start(p.Day), Object: fromPapers + " " + p.Vault})
	}
	for _, p := range s.Reports {
		all = append(all, sftpd.Entry{Path: "reports/" + p.Name, Size: p.Bytes, Modified: k.Calendar.Start(p.Day), Object: fromPapers + " " + p.Vault})
	}
	for _, r := range s.Receipts {
		text, err := k.signedReceipt(r)
		if err != nil {
			return nil, err
		}
		all = append(all, sftpd.Entry{Path: fmt.Sprintf("receipts/%s.receipt.json", r.File), Size: int64(len(text)), Modified: r.At, Object: fromReceipt + " " + string(r.ID)})
	}
	return all, nil
}

func (k counter) answerEntry(q *dars.Query, ending string, bytes int64) sftpd.Entry {
	return sftpd.Entry{Path: fmt.Sprintf("collect/%s/QUERY/%s.%s", q.Agreement, q.ID, ending), Size: bytes, Modified: k.Calendar.Start(q.Asked),
		Object: fmt.Sprintf("%s %s %s", fromQuery, q.ID, q.Vault(ending))}
}

func (k counter) packageEntries(r office.OpenRelease) (all []sftpd.Entry) {
	dir := r.Path()
	entry := func(f dars.PackageFile, id dars.FileID) sftpd.Entry {
		return sftpd.Entry{Path: path.Join(dir, f.Path), Size: f.Bytes, Modified: k.Calendar.Start(r.Published), File: id, Release: r.ID, Until: k.Calendar.End(r.Until),
			Object: fmt.Sprintf("%s %s %s", fromPackage, r.ID, path.Join(office.PackageDir(r.ID, r.Attempt), f.Path))}
	}
	for _, f := range r.Files {
		all = append(all, entry(f.PackageFile, f.ID))
	}
	for _, t := range r.Tags {
		all = append(all, entry(t, ""))
	}
	return all
}

// Open opens an entry that Root has named a moment ago.
func (k counter) Open(ctx context.Context, who dars.PersonID, e sftpd.Entry) (sftpd.Content, error) {
	from, object, _ := strings.Cut(e.Object, " ")
	switch from {
	case fromPackage:
		release, name, _ := strings.Cut(object, " ")
		return k.vault.Open(dars.ReleaseID(release), name)
	case fromPapers:
		return k.vault.Open(vault.Office, object)
	case fromQuery:
		_, name, _ := strings.Cut(object, " ")
		return k.vault.Open(vault.Office, name)
	case fromReceipt:
		r, err := office.Get(ctx, k.desk(), dars.ByClock, object, onlyTheOffice[*dars.Receipt])
		if err != nil {
			return nil, err
		}
		text, err := k.signedReceipt(r)
		return inMemory{bytes.NewReader(text)}, err
	case fromText:
		now := k.clock()
		s, err := k.desk().Shelf(ctx, who, now)
		if err != nil {
			return nil, err
		}
		text, err := k.text(s, object, now)
		return inMemory{bytes.NewReader(text)}, err
	}
	return nil, fmt.Errorf("no content %q", e.Object)
}

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

// May is asked again and again while a file of a release is open.
func (k counter) May(ctx context.Context, who dars.PersonID, v dars.Visitor, e sftpd.Entry) error {
	if answer, is := strings.CutPrefix(e.Object, fromQuery+" "); is {
		query, _, _ := strings.Cut(answer, " ")
		return k.mayReadAnswer(ctx, who, query)
	}
	if e.Release == "" {
		return nil
	}
	err := k.ledger().May(ctx, who, v, e.Release, k.clock())
	k.refusals.Count(dars.Act{Who: who, At: k.clock(), Via: dars.SSH}, "collect", err)
	return err
}

// mayReadAnswer refuses the table of a query to who has no access any more.
func (k counter) mayReadAnswer(ctx context.Context, who dars.PersonID, id string) error {
	q, err := office.Get(ctx, k.desk(), dars.ByClock, id, orgOfQuery)
	if err != nil {
		return err
	}
	return office.Queries{Office: k.Office}.MayRead(ctx, dars.Act{Who: who, At: k.clock()}, q)
}

// Run carries out a command that came over SSH, as the person of the key.
func (k counter) Run(ctx context.Context, who dars.PersonID, _ dars.Visitor, argv []string, in io.Reader, out, errw io.Writer) int {
	s := &session{env: &env{in, out, errw, func(string) string { return "" }}, house: k.house, person: &dars.Person{ID: who}}
	var no *dars.Refusal
	switch p, err := office.Get(ctx, k.desk(), dars.ByClock, string(who), orgOfPerson); {
	case errors.As(err, &no):
		fmt.Fprintln(errw, "darsd: you are not known here any more")
		return refused
	case err != nil:
		return s.tell(err)
	default:
		s.person = p
	}
	if len(argv) > 0 && argv[0] == "darsd" {
		argv = argv[1:] // as the local program is called
	}
	if sum, is := asSumCommand(argv); is {
		return sum.run(ctx, k, who, in, out, errw)
	}
	if isShellProbe(argv) {
		fmt.Fprintln(out, "%ComSpec%")
		return done
	}
	if len(argv) == 0 {
		io.WriteString(out, greeting(s.person))
		argv = []string{"status"}
	}
	return s.run(ctx, desk(s), argv)
}

// greeting is for who comes without a command.
func greeting(p *dars.Person) string {
	help := `There is no shell here; a command goes behind the address:
    ssh … todo           what waits for you
    ssh … help           all commands; ssh … help release, those of a group
`
	if p.Inside() {
		return help + "\n"
	}
	return help + `    ssh … release list   what was released to you
    ssh … receipt list   what we know you have collected
    ssh … md5sum PATH    the sum of a file of yours; also sha256sum, sha512sum
    ssh … certificate submit - < CERT-000001.yaml
    ssh … application submit - < application.tar
    ssh … cohort submit - < cohort.csv

`
}

// Reserve and Settle keep the ledger.
func (k counter) Reserve(ctx context.Context, d sftpd.Download, r dars.Range) error {
	return k.ledger().Reserve(ctx, download(d), r, k.clock())
}

func (k counter) Settle(ctx context.Context, d sftpd.Download, sent, confirmed dars.Ranges) error {
	return k.ledger().Settle(ctx, download(d), sent, confirmed, k.clock())
}

func download(d sftpd.Download) office.Download {
	return office.Download{Handle: d.ID, Who: d.Who, Visitor: d.Visitor, Confirmed: d.Confirmed, File: d.File, Client: d.Client, Address: d.Address}
}

// Tray is a person's submit/.
func (k counter) Tray(who dars.PersonID) sftpd.Tray { return tray{k.vault.Tray(who)} }

type tray struct{ *vault.Tray }

// Begin begins a file.
func (t tray) Begin(from string) (sftpd.Draft, error) {
	d, err := t.Tray.Begin(from)
	if err != nil {
		return nil, err // and no Draft that is a nil pointer
	}
	return d, nil
}

func (t tray) List() (all []sftpd.Upload, err error) {
	uploads, err := t.Tray.List()
	for _, u := range uploads {
		all = append(all, sftpd.Upload(u))
	}
	return all, err
}
