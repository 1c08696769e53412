package office

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// importBatch is how many nouns of a register are taken in by one act: others act
// between two of them.
const importBatch = 500

// Import takes in what was read of an edition of a published register. It begins with
// an act that refuses it or notes that it is under way, and goes on in batches: one
// that was cut short is imported again and ends as it would have. The same bytes
// again, or the same rows, change nothing; a corrected edition leaves dated
// corrections. edition names it; "" finds out by its rows, or takes its own name.
func (o Register) Import(ctx context.Context, a dars.Act, read dars.RegisterRead, edition string) (id string, done dars.ImportDone, err error) {
	if id, done, err = o.begin(ctx, a, read, edition); err != nil || done.SHA256 != "" {
		return id, done, err
	}
	i := &importing{Register: o, read: read, edition: id}
	i.done = dars.ImportDone{SHA256: read.SHA256, On: o.today(a), RowsRead: read.RowsRead, OwnClass: read.OwnClass, Contradicted: []string{}, Alike: [][]string{}}
	for _, step := range []func(context.Context, dars.Act) error{i.agreements, i.releases, i.gone, i.unread, i.follow, i.alike, i.end} {
		if err := step(ctx, a); err != nil {
			return id, done, err
		}
	}
	return id, i.done, nil
}

// An importing is one import under way.
type importing struct {
	Register
	read    dars.RegisterRead
	edition string
	done    dars.ImportDone
}

// begin notes that an edition is being taken in, and with it the highest of its file
// ids, so that none of ours is given to a file meanwhile.
func (o Register) begin(ctx context.Context, a dars.Act, read dars.RegisterRead, edition string) (id string, done dars.ImportDone, err error) {
	err = o.do(ctx, a, "register import", func(tx *store.Tx, _ *dars.Person) error {
		same, err := store.Find[dars.RegisterEdition](tx, dars.By("sha256", read.SHA256))
		if err != nil {
			return err
		}
		for _, e := range same {
			for _, r := range e.Readings {
				if r.SHA256 == read.SHA256 && r.On != "" && (edition == "" || edition == e.ID) {
					id, done = e.ID, r
					return nil
				}
			}
		}
		if len(read.Releases)+len(read.Agreements)+len(read.Tracing) == 0 {
			return dars.Refuse("no-register", "register", "nothing in it is understood as a register: of %d rows none says a release, an agreement or a count of requests; headers of its own are named under register.headers in the configuration", read.RowsRead)
		}
		if edition, err = editionOf(tx, read, edition); err != nil {
			return err
		}
		if id, err = editionName(edition); err != nil {
			return err
		}
		e := &dars.RegisterEdition{ID: id, Readings: []dars.ImportDone{}}
		if known, err := store.Get[dars.RegisterEdition](tx, id); err == nil {
			e = known
		} else if !absent(err) {
			return err
		}
		last, err := tx.LastKey("release", "file")
		if err != nil {
			return err
		}
		for _, r := range read.Releases {
			file, ok := dars.ParseFile(r.Row)
			if !ok {
				continue
			}
			e.TopFile = dars.Later(e.TopFile, file)
			if dars.Later(file, dars.FileID(last)) == dars.FileID(last) {
				if _, err := o.ours(tx, r); err != nil {
					return err
				}
			}
		}
		e.State = dars.Importing
		if n := len(e.Readings); n == 0 || e.Readings[n-1].SHA256 != read.SHA256 || e.Readings[n-1].On != "" {
			e.Readings = append(e.Readings, dars.ImportDone{SHA256: read.SHA256})
		}
		return keep(tx, a, "register import", e)
	})
	return id, done, err
}

// ours reports whether a row says a release of this office. One that has the id of a
// file of ours and says something else is refused: a file has one name, and one
// recipient.
func (o Register) ours(tx *store.Tx, row *dars.ImportedRelease) (bool, error) {
	file, ok := dars.ParseFile(row.Row)
	if !ok {
		return false, nil
	}
	own, err := store.Find[dars.Release](tx, dars.By("file", file))
	if err != nil || len(own) == 0 {
		return false, err
	}
	r, g, err := withAgreement(tx, own[0].ID)
	if err != nil {
		return false, err
	}
	org, err := store.Get[dars.Organisation](tx, g.Org)
	if err != nil {
		return false, err
	}
	forms, err := formsOfOrg(tx, org)
	if err != nil {
		return false, err
	}
	title := r.Dataset
	if d, err := o.Catalogue.Dataset(r.Dataset); err == nil {
		title = d.Name
	}
	differs := ""
	switch {
	case row.Agreement != string(r.Agreement):
		differs = fmt.Sprintf("under %s, and not %s", r.Agreement, row.Agreement)
	case !o.isDataset(row.Dataset, r.Dataset):
		differs = fmt.Sprintf("of %s, and not %s", title, row.Dataset)
	case !slices.ContainsFunc(dars.PartyNames(row.Org), func(form string) bool { return slices.Contains(forms, form) }):
		differs = fmt.Sprintf("to %s, and not %s", org.Name, row.Org)
	case row.Objections != "" && row.Objections != r.Treated():
		differs = fmt.Sprintf("with objections %s, and not %s", said(r.Treated()), said(row.Objections))
	default:
		return true, nil
	}
	return false, dars.Refuse("own-file", row.Row, "row %s is a file of our own release %s, which is %s: the edition is not taken in; mend the row, or leave it out", row.Row, r.ID, differs)
}

// lastFile is the highest file id that was ever given, here or by a register.
func lastFile(tx *store.Tx) (dars.FileID, error) {
	own, err := tx.LastKey("release", "file")
	if err != nil {
		return "", err
	}
	imported, err := tx.LastKey("register edition", "file")
	return dars.Later(dars.FileID(own), dars.FileID(imported)), err
}

// nextFile is the number of the next one.
func nextFile(tx *store.Tx) (int, error) {
	last, err := lastFile(tx)
	if err != nil {
		return 0, err
	}
	return nextNumber(tx, fileIDs, string(last))
}

// editionOf is the edition that a reading is of: the one it is said to be, or one of
// which at least half of its rows are known, or the one it names itself. A name that is
// taken by other rows is refused: two files of one name may be of two editions.
func editionOf(tx *store.Tx, read dars.RegisterRead, said string) (string, error) {
	const some = 200
	switch {
	case said != "":
		return said, nil
	case len(read.Releases) == 0 && len(read.Tracing) > 0:
		same, err := counted(tx, read.Tracing)
		return cmp.Or(same, read.Edition), err
	}
	known, looked := map[string]int{}, 0
	step := max(1, len(read.Releases)/some)
	for i := 0; i < len(read.Releases); i += step {
		looked++
		rows, err := store.Find[dars.ImportedRelease](tx, dars.By("row", strings.ToUpper(read.Releases[i].Row)))
		if err != nil {
			return "", err
		}
		for _, r := range rows {
			if r.Agreement == read.Releases[i].Agreement && r.Dataset == read.Releases[i].Dataset {
				for _, e := range r.Editions {
					known[e]++
				}
			}
		}
	}
	best := ""
	for e, n := range known {
		if 2*n >= looked && (best == "" || n > known[best] || n == known[best] && e < best) {
			best = e
		}
	}
	if best != "" || looked == 0 {
		return cmp.Or(best, read.Edition), nil
	}
	switch e, err := store.Get[dars.RegisterEdition](tx, read.Edition); {
	case absent(err):
		return read.Edition, nil
	case err != nil || e.Readings[len(e.Readings)-1].SHA256 == read.SHA256: // it was cut short
		return read.Edition, err
	}
	if taken, err := tx.Any("imported release", dars.By("edition", read.Edition)); err != nil || !taken {
		return read.Edition, err
	}
	return "", dars.Refuse("which-edition", read.Edition, "an edition %s is here, and hardly any row of it stands in this file: say with --edition %[1]s that this is the same one corrected, or give it another name", read.Edition)
}

// counted is the edition that has the same counts of requests: the sheet of them may
// come by itself, after the workbook.
func counted(tx *store.Tx, counts []dars.TracingCount) (edition string, err error) {
	err = store.Each(tx, func(t *dars.Tracing) error {
		if len(t.Counts) == len(counts) && !slices.ContainsFunc(counts, func(c dars.TracingCount) bool { return !slices.Contains(t.Counts, c) }) {
			edition = t.ID
		}
		return nil
	})
	return edition, err
}

func editionName(said string) (string, error) {
	if err := dars.CheckText("edition", "the name of an edition", said); err != nil {
		return "", err
	}
	if said == "" || len(said) > 100 || strings.ContainsAny(said, "\n\t/") {
		return "", dars.Refuse("no-edition", said, "%.60q is no name of an edition: say --edition with one such as 2017-09-to-2017-11", said)
	}
	return said, nil
}

// batches lets an act go over some things, a batch at a time, as long as no other
// import of the edition has begun.
func batches[T any](ctx context.Context, i *importing, all []T, one func(*store.Tx, T) error) error {
	for some := range slices.Chunk(all, importBatch) {
		err := i.Store.Do(ctx, func(tx *store.Tx) error {
			if err := i.stands(tx); err != nil {
				return err
			}
			for _, n := range some {
				if err := one(tx, n); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := i.Store.GiveWay(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (i *importing) stands(tx *store.Tx) error {
	e, err := store.Get[dars.RegisterEdition](tx, i.edition)
	if err == nil && e.Readings[len(e.Readings)-1].SHA256 != i.read.SHA256 {
		return dars.Refuse("overtaken", i.edition, "another import of edition %s has begun since: see what it brings, and import this one again if it is still wanted", i.edition)
	}
	return err
}

// absent reports whether an error says only that there is no such noun.
func absent(err error) bool {
	var no *dars.Refusal
	return errors.As(err, &no) && no.Rule == "not-found"
}

func (i *importing) agreements(ctx context.Context, a dars.Act) error {
	return batches(ctx, i, i.read.Agreements, func(tx *store.Tx, says *dars.ImportedAgreement) error {
		i.done.Agreements++
		state, err := tx.State("agreement", says.ID)
		if err != nil || state != "" {
			return err // it is our own, and we know better
		}
		g, err := store.Get[dars.ImportedAgreement](tx, says.ID)
		switch {
		case absent(err):
			fresh := *says
			fresh.Editions = []string{i.edition}
			g = &fresh
		case err != nil:
			return err
		case g.Learn(says, i.edition, i.today(a)):
			i.done.Corrected++
		}
		if g.ContradictedBy == i.edition && !slices.Contains(i.done.Contradicted, g.ID) {
			i.done.Contradicted = append(i.done.Contradicted, g.ID)
		}
		return tx.Save(a, "register import", g)
	})
}

// rowRef is the name of a release's noun: a file's own, or the row's in its edition.
func (i *importing) rowRef(r *dars.ImportedRelease) string {
	if _, ok := dars.ParseFile(r.Row); ok {
		return r.ID
	}
	return i.edition + "/" + r.Row
}

func (i *importing) releases(ctx context.Context, a dars.Act) error {
	return batches(ctx, i, i.read.Releases, func(tx *store.Tx, says *dars.ImportedRelease) error {
		if own, err := i.ours(tx, says); own || err != nil {
			i.done.Own++
			return err
		}
		i.done.Releases++
		if says.Amendment {
			i.done.Releases, i.done.Amendments = i.done.Releases-1, i.done.Amendments+1
		}
		ref := i.rowRef(says)
		r, err := store.Get[dars.ImportedRelease](tx, ref)
		switch {
		case absent(err):
			fresh := *says
			fresh.ID, fresh.Editions = ref, []string{i.edition}
			r = &fresh
		case err != nil:
			return err
		case r.Learn(says, i.edition, i.today(a)):
			i.done.Corrected++
		}
		return tx.Save(a, "register import", r)
	})
}

// gone notes the releases of which a corrected edition has the row no more. Where more
// would be gone than are here it is a part of the edition, and nothing is.
func (i *importing) gone(ctx context.Context, a dars.Act) error {
	if !i.read.Whole {
		return nil
	}
	here := map[string]bool{}
	for _, r := range i.read.Releases {
		here[i.rowRef(r)] = true
	}
	var gone []*dars.ImportedRelease
	err := i.Store.View(ctx, func(tx *store.Tx) error {
		all, err := store.Find[dars.ImportedRelease](tx, dars.By("edition", i.edition))
		gone = slices.DeleteFunc(all, func(r *dars.ImportedRelease) bool { return here[r.ID] })
		return err
	})
	if err != nil {
		return err
	}
	if len(gone) > len(i.read.Releases) {
		return nil
	}
	return batches(ctx, i, gone, func(tx *store.Tx, r *dars.ImportedRelease) error {
		i.done.Gone++
		r.Leave(i.edition, i.today(a))
		return tx.Save(a, "register import", r)
	})
}

// unread keeps what was not understood, as it stands.
func (i *importing) unread(ctx context.Context, a dars.Act) error {
	var pages []*dars.Unread
	for rows := range slices.Chunk(i.read.Unread, 50) {
		pages = append(pages, &dars.Unread{ID: fmt.Sprintf("%s/%.12s/%05d", i.edition, i.read.SHA256, len(pages)+1), Edition: i.edition, SHA256: i.read.SHA256, Rows: rows})
	}
	return batches(ctx, i, pages, func(tx *store.Tx, p *dars.Unread) error { return tx.Save(a, "register import", p) })
}

// follow finds out which version of each agreement is the newest.
func (i *importing) follow(ctx context.Context, a dars.Act) error {
	var stems []string
	for _, g := range i.read.Agreements {
		stems = append(stems, g.Stem)
	}
	slices.Sort(stems)
	return batches(ctx, i, slices.Compact(stems), func(tx *store.Tx, stem string) error {
		versions, err := store.Find[dars.ImportedAgreement](tx, dars.By("case", stem))
		if err != nil {
			return err
		}
		dars.Follow(versions, i.today(a))
		for _, g := range versions {
			if err := tx.Save(a, "register import", g); err != nil {
				return err
			}
		}
		return nil
	})
}

// end keeps the counts of requests, and notes what came of the reading.
func (i *importing) end(ctx context.Context, a dars.Act) error {
	return i.Store.Do(ctx, func(tx *store.Tx) error {
		if err := i.stands(tx); err != nil {
			return err
		}
		if len(i.read.Tracing) > 0 {
			t := &dars.Tracing{ID: i.edition, Counts: i.read.Tracing, Corrections: []dars.Correction{}}
			if known, err := store.Get[dars.Tracing](tx, i.edition); err == nil {
				if t = known; t.Import(i.read.Tracing, i.today(a)) {
					i.done.Corrected++
				}
			}
			if err := tx.Save(a, "register import", t); err != nil {
				return err
			}
		}
		e, err := store.Get[dars.RegisterEdition](tx, i.edition)
		if err != nil {
			return err
		}
		e.State, e.Readings[len(e.Readings)-1] = dars.Imported, i.done
		return tx.Save(a, "register import", e)
	})
}

// CountTracing enters what one body has asked in a month, such as "2017-12".
func (o Register) CountTracing(ctx context.Context, a dars.Act, month string, c dars.TracingCount) error {
	return o.do(ctx, a, "register tracing", func(tx *store.Tx, _ *dars.Person) error {
		day, err := dars.ParseDay(month + "-01")
		switch {
		case err != nil:
			return dars.Refuse("no-month", month, "%.20q is not a month such as 2017-12", month)
		case day > o.today(a):
			return dars.Refuse("in-future", month, "%s has not been yet", month)
		}
		if err := dars.CheckText(month, "the name of a body", c.Body); err != nil {
			return err
		}
		t, err := store.Get[dars.Tracing](tx, month)
		if absent(err) {
			t, err = &dars.Tracing{ID: month, Counts: []dars.TracingCount{}, Corrections: []dars.Correction{}}, nil
		}
		if err != nil {
			return err
		}
		if err := t.Count(a, c, o.today(a)); err != nil {
			return err
		}
		return keep(tx, a, "register tracing", t)
	})
}
