package office

import (
	"context"

	"darsd/dars"
	"darsd/store"
)

// Imported lends the imported nouns of a kind that have some keys, to the office's own
// people: what registers say names no organisation of ours that could ask for its own.
func Imported[T any, P store.Noun[T]](ctx context.Context, o Desk, who dars.PersonID, keys ...dars.Key) ([]P, error) {
	return List[T, P](ctx, o, who, func(P) dars.OrgCode { return dars.TheOffice }, keys...)
}

// ImportedAgreement turns a reference as people write it into an agreement of a
// register: a stem means the newest version.
func (o Desk) ImportedAgreement(ctx context.Context, who dars.PersonID, ref string) (*dars.ImportedAgreement, error) {
	exact := importedRef(ref)
	versions, err := Imported[dars.ImportedAgreement](ctx, o, who, dars.By("case", exact))
	if err != nil {
		return nil, err
	}
	for _, g := range versions {
		if g.State != dars.Superseded {
			return g, nil
		}
	}
	return Get(ctx, o, who, exact, func(*dars.ImportedAgreement) dars.OrgCode { return dars.TheOffice })
}

// ReadBefore are the rows that were not understood when an edition was read, and what
// else stood in it, each as it stands.
func (o Desk) ReadBefore(ctx context.Context, who dars.PersonID, edition string) (rows []dars.UnreadRow, err error) {
	e, err := Get(ctx, o, who, edition, func(*dars.RegisterEdition) dars.OrgCode { return dars.TheOffice })
	if err != nil {
		return nil, err
	}
	pages, err := Imported[dars.Unread](ctx, o, who, dars.By("edition", e.ID), dars.By("sha256", e.Readings[len(e.Readings)-1].SHA256))
	for _, p := range pages {
		rows = append(rows, p.Rows...)
	}
	return rows, err
}

// imported counts what stands in registers, for a report; nil where none was imported.
func (o Clock) imported(tx *store.Tx) (*dars.ImportedCount, error) {
	editions, err := tx.Count("register edition")
	if err != nil || editions == 0 {
		return nil, err
	}
	c := &dars.ImportedCount{Editions: editions}
	if c.Agreements, err = tx.Count("imported agreement"); err != nil {
		return nil, err
	}
	if c.Releases, err = tx.Count("imported release"); err != nil {
		return nil, err
	}
	lapsed, err := tx.Beginning("imported agreement", dars.By("state", dars.AgreementExpired))
	if err != nil {
		return nil, err
	}
	without, err := tx.Beginning("imported release", dars.By("objections", dars.NotUpheld))
	c.Lapsed, c.NotUpheld = len(lapsed), len(without)
	return c, err
}
