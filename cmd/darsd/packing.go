package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"darsd/dars"
	"darsd/office"
	"darsd/transfer/extract"
	"darsd/transfer/vault"
)

// packer makes packages from the catalogue's sources, into the vault.
type packer struct{ *house }

func (p packer) Discard(o office.Packing) error {
	err := p.vault.RemoveAll(office.PackageDir(o.Release.ID, o.Attempt))
	if o.Table == nil {
		return err
	}
	signs := p.vault.Remove(office.TableSigns(o.Release.ID, o.Attempt))
	if errors.Is(signs, fs.ErrNotExist) {
		signs = nil
	}
	return errors.Join(err, signs)
}

// Pack makes the package of one release. Until the office has taken it in, no
// row names it and nobody sees it.
func (p packer) Pack(ctx context.Context, o office.Packing) (made dars.Package, err error) {
	pack := p.packRows
	if o.Table != nil {
		pack = p.packTable
	}
	made, err = pack(ctx, o)
	if err != nil {
		p.Discard(o) // of no use, and swept anyway
	}
	if err != nil && ctx.Err() != nil {
		err = dars.Refuse("interrupted", o.Release.ID, "release %s was interrupted, and nothing is kept of its package: produce it again", o.Release.ID)
	}
	return made, err
}

// packRows makes the package of an extract.
func (p packer) packRows(ctx context.Context, o office.Packing) (made dars.Package, err error) {
	if err := p.room(o); err != nil {
		return made, err
	}
	var columns []string
	made, err = p.pack(ctx, o, &sources{ctx: ctx}, func(ctx context.Context, job extract.Job) (*extract.Result, error) {
		result, err := extract.Pack(ctx, job)
		if err == nil {
			columns = result.Columns
		}
		return result, err
	})
	if err == nil {
		made.Seen, err = p.examine(ctx, o, made.Files, columns)
	}
	return made, err
}

// pack has the package of one release made, or only counted. What was read is told
// even if that comes to nothing.
func (p packer) pack(ctx context.Context, o office.Packing, from *sources, run func(context.Context, extract.Job) (*extract.Result, error)) (made dars.Package, err error) {
	defer func() { made.Sources, made.Index, err = from.seen, from.index(o.Dataset), cmp.Or(err, from.err) }()
	upheld := objectionsIn(o)
	var list *extract.Objections
	if upheld.Treatment == dars.Uphold {
		if list, err = p.objections(o.List); err != nil {
			return made, err
		}
	}
	job := p.bag(o, upheld)
	job.Columns, job.Objections, job.Uphold, job.Nameless = o.Terms.Fields, list, upheld.Treatment == dars.Uphold, o.Terms.Identifiability != "IDENT"
	job.From, job.To, job.Terms, job.IndexCoverage, job.Open = o.Terms.From, o.Terms.To, o.Terms, p.Policy.IndexCoverage, from.open
	progress, end := p.progress(o)
	defer end()
	job.Progress = progress
	if job.Output, err = output(o.Terms.Output); err != nil {
		return made, err
	}
	if job.Pseudonyms, err = p.pseudonyms(o); err != nil {
		return made, err
	}
	var left []dars.CohortLeft
	if job.Cohort, left, err = p.cohort(o); err != nil {
		return made, err
	}
	if job.Tables, err = tables(o, from); err != nil {
		return made, err
	}
	for _, f := range o.Release.Files {
		job.Files = append(job.Files, extract.File{ID: f.ID, Period: f.Period, Name: path.Base(f.Path)})
	}
	result, err := run(ctx, job)
	if err != nil {
		return made, err
	}
	made = packed(o, upheld, result)
	made.Left = left
	if job.Cohort != nil {
		made.Counts.CohortFound = int64(job.Cohort.Found())
	}
	return made, nil
}

// bag is a package as it lies in the vault, without what it holds.
func (p packer) bag(o office.Packing, upheld dars.Upheld) extract.Job {
	return extract.Job{
		Dataset: o.Dataset,
		Create:  func(name string) (io.WriteCloser, error) { return p.file(o, name) },
		Info: []extract.Info{
			{Label: "Source-Organization", Value: p.Info.Name},
			{Label: "External-Identifier", Value: string(o.Release.ID)},
			{Label: "External-Description", Value: fmt.Sprintf("%s under agreement %s", o.Dataset.Name, o.Agreement.ID)},
			{Label: "Bagging-Date", Value: string(o.On)},
		},
		Release: func(r *extract.Result) any { return p.describe(o, upheld, r) },
		Note: func(r *extract.Result) ([]byte, error) {
			done := *o.Release
			done.Objections, done.Files = upheld, filesOf(r)
			return p.press.ReleaseNote(dars.NoteFacts{Release: &done, Agreement: o.Agreement, Dataset: o.Dataset, Columns: r.Columns, Despite: o.Despite,
				Fingerprint: p.officeFingerprint(), On: o.On})
		},
		Key:        p.vault.SigningKey(),
		Quarantine: p.aside(o),
		Size:       size,
	}
}

// aside makes the file for rows that cannot be read.
func (p packer) aside(o office.Packing) func() (io.WriteCloser, error) {
	return func() (io.WriteCloser, error) { return p.keep(o, office.Quarantine(o.Release.ID, o.Attempt)) }
}

// objectionsIn is how objections are treated in a package: upheld, unless its release
// says otherwise. The list is noted where there is one.
func objectionsIn(o office.Packing) dars.Upheld {
	u := dars.Upheld{Treatment: dars.Uphold, Reason: "Y_UPHELD"}
	if o.Release.Treated() == dars.NotUpheld {
		u.Treatment, u.Reason = dars.NotUpheld, o.Release.Objections.Reason
	}
	if l := o.List; l != nil {
		u.List, u.ListVersion, u.ListDate, u.ListSHA256 = l.ID, l.Version, l.AsAt, l.SHA256
	}
	return u
}

// output is how an agreement asks for its files, if it does.
func output(o *dars.Output) (extract.Output, error) {
	if o == nil {
		return extract.Output{}, nil
	}
	to, err := extract.ParseRecipients(o.EncryptTo)
	return extract.Output{Delimiter: o.Delimiter, Compression: o.Compression, Recipients: to}, err
}

// pseudonyms is the key with which the case's persons get theirs, if any do. It is
// made with the first package that has some, and never again.
func (p packer) pseudonyms(o office.Packing) ([]byte, error) {
	if !o.Terms.Pseudonymised() {
		return nil, nil
	}
	key, err := p.vault.PseudonymKey(o.Agreement.Stem, !o.KeyMade)
	if errors.Is(err, fs.ErrNotExist) {
		err = dars.Refuse("no-pseudonym-key", o.Release.ID, "release %s: pseudonyms of %s have been made before, and their key is gone from keys/pseudonyms: bring it back from a backup, or the same persons would get other pseudonyms", o.Release.ID, o.Agreement.Stem)
	}
	return key, err
}

// tables reads those of areas that the agreement's columns need.
func tables(o office.Packing, from *sources) (map[string]*extract.Areas, error) {
	all := map[string]*extract.Areas{}
	for _, c := range o.Terms.Columns {
		t, ok := o.Dataset.Table(c.Table)
		if !ok || all[t.Name] != nil {
			continue // whether it should be there is asked when the agreement's words are compiled
		}
		f, err := from.open(t.File)
		if err != nil {
			return nil, err
		}
		all[t.Name], err = extract.ReadAreas(f, t)
		f.Close()
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// size is that of a source's file in bytes, or 0.
func size(name string) int64 {
	info, err := os.Stat(name)
	if err != nil {
		return 0 // told when it is read
	}
	return info.Size()
}

// spare is what a package must leave free: the database and the log grow too.
const spare = 64 << 20

// unpacked is how much larger than its file a compressed source is taken to be.
const unpacked = 10

// derived is how much larger what leaves is taken to be than its source, where
// columns are made: a pseudonym can be longer than what it stands for.
const derived = 2

// room refuses to begin a package for which the disk has no room: what leaves as it
// is, is at most what comes in.
func (p packer) room(o office.Packing) error {
	var need int64 = spare
	for _, f := range o.Release.Files {
		source, ok := o.Dataset.File(f.Period)
		if !ok {
			continue // told when it is read
		}
		for _, name := range source.Paths() {
			bytes := size(name)
			if c := o.Dataset.Format.Compression; c != "" && c != "none" {
				bytes *= unpacked
			}
			if o.Terms.Columns != nil {
				bytes *= derived
			}
			need += bytes
		}
	}
	free, err := p.vault.Free()
	if err == nil && free < need {
		err = dars.Refuse("no-room", o.Release.ID, "release %s may need %d MB and the disk of the vault has %d MB free: make room, and produce it again", o.Release.ID, need>>20, free>>20)
	}
	return err
}

// packed is what the office keeps of a package.
func packed(o office.Packing, upheld dars.Upheld, r *extract.Result) dars.Package {
	return dars.Package{Attempt: o.Attempt, Upheld: upheld, Counts: countsOf(o.Terms, r), Files: filesOf(r), Tags: tagsOf(r)}
}

func filesOf(r *extract.Result) []dars.ReleaseFile {
	files := []dars.ReleaseFile{}
	for _, f := range r.Files {
		files = append(files, dars.ReleaseFile{ID: f.ID, Period: f.Period, PackageFile: dars.PackageFile(f.Written), Rows: f.RowsOut,
			Counts: dars.FileCounts{RowsIn: f.RowsIn, RowsQuarantined: f.RowsQuarantined, RowsOutside: f.RowsOutside, RowsWithheld: f.RowsWithheld, RowsUnmatched: f.RowsUnmatched,
				PersonsWithheld: int64(f.PersonsWithheld), PersonsUnmatched: int64(f.PersonsUnmatched), PersonsCounted: f.PersonsCounted}})
	}
	return files
}

func tagsOf(r *extract.Result) []dars.PackageFile {
	tags := []dars.PackageFile{}
	for _, t := range r.Tags {
		tags = append(tags, dars.PackageFile(t))
	}
	return tags
}

// countsOf is where all rows went that were read.
func countsOf(terms dars.DatasetRequest, r *extract.Result) dars.ReleaseCounts {
	n := dars.ReleaseCounts{PersonsWithheld: int64(r.PersonsWithheld), PersonsUnmatched: int64(r.PersonsUnmatched), Asked: askedCounts(terms, r)}
	for _, f := range r.Files {
		n.RowsIn += f.RowsIn
		n.RowsQuarantined += f.RowsQuarantined
		n.RowsOutside += f.RowsOutside
		n.RowsWithheld += f.RowsWithheld
		n.RowsUnmatched += f.RowsUnmatched
		n.RowsOut += f.RowsOut
	}
	return n
}

// ruleSet is the version of the rules by which rows are left out. It changes when
// they do, so that a package says by which it was made.
const ruleSet = "objections/1"

// source opens a file of the catalogue.
func source(name string) (io.ReadCloser, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, dars.Refuse("no-source", name, "%s cannot be opened (%v): see the path in the configuration, under datasets", name, err)
	}
	return f, nil
}

// objections reads a version of the list from the vault.
func (p packer) objections(l *dars.List) (*extract.Objections, error) {
	f, err := p.Works.Vault.Read("", l.Vault)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	set, report, err := extract.ReadList(f)
	if err == nil && report.SHA256 != l.SHA256 {
		err = dars.Refuse("list-altered", l.ID, "the file of objections list version %d is not the one that was loaded: nothing is packaged with it; see darsd log verify", l.Version)
	}
	return set, err
}

// file makes a file of a package. It is there when it is whole.
func (p packer) file(o office.Packing, name string) (io.WriteCloser, error) {
	return p.keep(o, path.Join(office.PackageDir(o.Release.ID, o.Attempt), name))
}

// keep makes a file of the release's in the vault, under its key.
func (p packer) keep(o office.Packing, name string) (io.WriteCloser, error) {
	w, err := p.vault.Create(o.Release.ID, name)
	if err != nil {
		return nil, err
	}
	return committing{w}, nil
}

// committing keeps a vault file when it is closed, and drops it when packaging
// is given up.
type committing struct{ *vault.Writer }

func (c committing) Close() error { return c.Commit() }
func (c committing) Abort() error { return c.Writer.Close() }
