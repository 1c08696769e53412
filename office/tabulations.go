package office

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// A tabulation is a release of a table that tells of groups only. It is planned,
// produced, checked, signed off and published as an extract is; what is asked for is
// fixed when it is planned. What stands against the request itself is refused then,
// and what only counting can show when it is produced.

// Tabulate plans a tabulation under an agreement in force, and names its files.
func (o Releases) Tabulate(ctx context.Context, a dars.Act, agreement dars.AgreementID, request []byte) (id dars.ReleaseID, err error) {
	err = o.do(ctx, a, "release plan", func(tx *store.Tx, _ *dars.Person) error {
		r, err := o.plannedTable(tx, a, agreement, request)
		if err != nil {
			return err
		}
		id = r.ID
		return tx.Save(a, "release plan", r)
	})
	return id, err
}

// plannedTable is a tabulation as it is planned.
func (o *Office) plannedTable(tx *store.Tx, a dars.Act, agreement dars.AgreementID, request []byte) (*dars.Release, error) {
	if err := o.beginIfDue(tx, a, agreement); err != nil {
		return nil, err
	}
	g, err := store.Get[dars.Agreement](tx, agreement)
	if err != nil {
		return nil, err
	}
	asked, err := o.Works.Tables.Read(request, g, o.today(a))
	if err != nil {
		return nil, err
	}
	g, terms, _, err := o.terms(tx, a, agreement, asked.Dataset, dars.KindTabulation)
	if err != nil {
		return nil, err
	}
	if err := terms.SystemAccess(g.ID, false); err != nil {
		return nil, err
	}
	ref, err := number(tx, "release", "REL-")
	if err != nil {
		return nil, err
	}
	first, err := nextFile(tx)
	if err != nil {
		return nil, err
	}
	r := &dars.Release{ID: dars.ReleaseID(ref), Kind: dars.KindTabulation, Agreement: agreement, Dataset: asked.Dataset, Periods: asked.Periods,
		State: dars.Planned, Planned: o.today(a), Tags: []dars.PackageFile{}, Replaces: []dars.ReleaseID{}, Objections: dars.Upheld{Treatment: dars.Uphold, Reason: "Y_UPHELD"}}
	r.Tabulate(dars.Tabulation{Request: asked.Request, Says: asked.Says, Population: asked.Population}, g.Stem, first)
	return r, o.guard(tx, g, r)
}

// A TableToMake is the table of a tabulation: what is asked, and the tables that it is
// held against.
type TableToMake struct {
	TableAsked
	Earlier []EarlierTable
}

// tableToMake is what a tabulation is made from, or nil for a release of another kind.
// before is the same as it was when counting began: a table that was answered since was
// not compared, and both could be close.
func (o *Office) tableToMake(tx *store.Tx, a dars.Act, g *dars.Agreement, r *dars.Release, before *TableToMake) (*TableToMake, error) {
	if r.Tabulation == nil {
		return nil, nil
	}
	asked, err := o.Works.Tables.Read(r.Tabulation.Request, g, o.today(a))
	if err != nil {
		return nil, err
	}
	earlier, err := earlierTables(tx, g, r.Dataset, string(r.ID))
	if err != nil {
		return nil, err
	}
	if before != nil && slices.ContainsFunc(earlier, before.lacks) {
		return nil, dars.Refuse("answered-meanwhile", r.ID, "other tables of %s were answered or made for the same recipient while release %s was produced: produce it again", r.Dataset, r.ID)
	}
	return &TableToMake{asked, earlier}, nil
}

// lacks reports whether a table is not held against an earlier one, or was when that was
// not finished yet.
func (t *TableToMake) lacks(earlier EarlierTable) bool {
	return !slices.ContainsFunc(t.Earlier, func(known EarlierTable) bool { return known.Ref == earlier.Ref && known.signs == earlier.signs })
}

// tableStill refuses a tabulation that could not be asked for any more, or that other
// rules would suppress otherwise.
func (o *Office) tableStill(a dars.Act, g *dars.Agreement, r *dars.Release) error {
	if r.Tabulation == nil {
		return nil
	}
	asked, err := o.Works.Tables.Read(r.Tabulation.Request, g, o.today(a))
	if err != nil {
		return err
	}
	return r.ByRules(asked.Rules)
}

// earlierTables are those of a dataset that somebody has, or may have, whom a table
// under an agreement would reach: its parties, under whatever agreement. That of one
// reference, the new one's own, is none of them.
func earlierTables(tx *store.Tx, g *dars.Agreement, dataset, own string) (earlier []EarlierTable, err error) {
	orgs, err := sameParties(tx, append(parties(g), g.Org))
	if err != nil {
		return nil, err
	}
	agreements, err := sharing(tx, orgs)
	if err != nil {
		return nil, err
	}
	add := func(e EarlierTable, by dars.ListID) (err error) {
		if e.List, err = store.Get[dars.List](tx, by); err == nil {
			earlier = append(earlier, e)
		}
		return err
	}
	for _, other := range agreements {
		queries, err := store.Find[dars.Query](tx, dars.By("agreement", other.ID), dars.By("dataset", dataset))
		if err != nil {
			return nil, err
		}
		for _, q := range queries {
			if string(q.ID) == own || !q.Tells() || q.List == "" {
				continue
			}
			e := EarlierTable{Ref: string(q.ID), Request: q.Request, Population: q.Population}
			if q.Table != nil {
				e.Rules, e.signs = q.Table.Rules, q.Vault("signs")
			}
			if err := add(e, q.List); err != nil {
				return nil, err
			}
		}
		releases, err := store.Find[dars.Release](tx, dars.By("agreement", other.ID), dars.By("dataset", dataset))
		if err != nil {
			return nil, err
		}
		for _, r := range releases {
			tells, err := tableTells(tx, r)
			if err != nil {
				return nil, err
			}
			if string(r.ID) == own || !tells {
				continue
			}
			t := r.Tabulation
			e := EarlierTable{Ref: string(r.ID), Request: t.Request, Population: t.Population, Rules: t.Made.Rules, signs: TableSigns(r.ID, r.Attempt)}
			if err := add(e, r.Objections.List); err != nil {
				return nil, err
			}
		}
	}
	return earlier, nil
}

// readSigns reads how the entries of earlier tables were shown.
func (o *Office) readSigns(earlier []EarlierTable) error {
	for i := range earlier {
		e := &earlier[i]
		if e.signs == "" {
			continue
		}
		f, err := o.Works.Vault.Read("", e.signs)
		if err != nil {
			return err
		}
		e.Signs, err = io.ReadAll(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// TableSigns is where the vault has the signs of a tabulation's entries, which later
// tables are held against. It is not the release's own: it stays when that is purged.
func TableSigns(r dars.ReleaseID, attempt string) string {
	return fmt.Sprintf("queries/%s.%s.signs", r, attempt)
}

// tableTells reports whether somebody has the table of a release, or may yet: from when
// it is made, until it is gone and nobody has had a byte of it.
func tableTells(tx *store.Tx, r *dars.Release) (bool, error) {
	switch {
	case r.Tabulation == nil || r.Tabulation.Made == nil:
		return false, nil
	case r.State == dars.ReleaseWithdrawn || r.State == dars.Purged:
		return anySent(tx, r)
	}
	return true, nil
}

// anySent reports whether a byte of a release has left.
func anySent(tx *store.Tx, r *dars.Release) (bool, error) {
	pages, err := store.Find[dars.Collection](tx, dars.By("release", r.ID))
	return slices.ContainsFunc(pages, func(c *dars.Collection) bool { return c.Sent().Bytes() > 0 }), err
}
