package office

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// DryRun gives the recipient the package that a release would be, with no row in it, so
// that their loader can be tried before anybody signs: files with their header, the
// manifest and the dictionary. It needs no list of objections, names no file for good and
// is no release. It lies under papers/.
func (o Releases) DryRun(ctx context.Context, a dars.Act, agreement dars.AgreementID, dataset string, periods []string) (p *dars.Paper, err error) {
	packing := Packing{On: o.today(a)}
	prepare := func(tx *store.Tx) (g *dars.Agreement, err error) {
		if g, err = store.Get[dars.Agreement](tx, agreement); err != nil {
			return nil, err
		}
		packing.Release, packing.Terms, packing.Dataset, err = o.dryPlanned(g, dataset, periods)
		packing.Agreement = g
		return g, err
	}
	if err := o.Store.View(ctx, func(tx *store.Tx) error {
		if _, err := o.allowed(tx, a, "release dry-run"); err != nil {
			return err
		}
		_, err := prepare(tx)
		return err
	}); err != nil {
		return nil, err
	}
	bag, err := o.Works.Packer.Empty(ctx, packing)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(bag)
	hash := hex.EncodeToString(sum[:])
	vault := "papers/dry-run-" + hash
	if err := o.Works.Vault.Write("", vault, bytes.NewReader(bag)); err != nil {
		return nil, err
	}
	err = o.do(ctx, a, "release dry-run", func(tx *store.Tx, _ *dars.Person) error {
		g, err := prepare(tx)
		if err != nil {
			return err
		}
		p = &dars.Paper{Kind: "dry-run", About: string(g.ID), Name: fmt.Sprintf("Dry-run-%s-%s-%s.zip", dataset, g.ID, hash[:8]), For: g.Org, SHA256: hash, Bytes: int64(len(bag)), Day: o.today(a), Vault: vault}
		if err := o.filed(tx, a, p); err != nil {
			return err
		}
		return write(tx, a, letter{To: addressees(g),
			Subject: fmt.Sprintf("%s: a package of %s without rows, to try your loader with", g.ID, dataset),
			Body:    fmt.Sprintf("Under papers/ lies %s: the package as it will be, with the columns and the dictionary, and no row. Its data files are numbered FILE0000000; those of a release have numbers of their own. Tell us before the agreement is signed if your programs cannot read it.\n", p.Name)})
	})
	return p, err
}

// dryPlanned is a release as it would be planned under an agreement that may still be to
// be signed.
func (o *Office) dryPlanned(g *dars.Agreement, dataset string, periods []string) (r *dars.Release, terms dars.DatasetRequest, known dars.Dataset, err error) {
	if g.Over() {
		return nil, terms, known, dars.Refuse("wrong-step", g.ID, "agreement %s is %s: nothing is released under it", g.ID, g.State)
	}
	if terms, err = g.Dataset(dataset); err != nil {
		return nil, terms, known, err
	}
	if err = makeable(g, terms, dars.KindExtract); err != nil {
		return nil, terms, known, err
	}
	if err = terms.SystemAccess(g.ID, false); err != nil {
		return nil, terms, known, err
	}
	if known, err = o.Catalogue.Dataset(dataset); err != nil {
		return nil, terms, known, err
	}
	if len(periods) == 0 {
		periods = terms.Periods
	}
	r = &dars.Release{Agreement: g.ID, Dataset: dataset, Periods: periods}
	for i, period := range periods {
		if !g.Agrees(terms, period) || slices.Contains(periods[:i], period) {
			return nil, terms, known, dars.Refuse("not-agreed", g.ID, "agreement %s covers %s for %s, each once; %s is not to be released", g.ID, dataset, strings.Join(terms.Periods, ", "), period)
		}
		r.Files = append(r.Files, dars.ReleaseFile{ID: dryFile, Period: period, PackageFile: dars.PackageFile{Path: "data/" + terms.FileName(dryFile, g.Stem, period, known.Format)}})
	}
	return r, terms, known, nil
}

// dryFile is the number of a file that is none.
const dryFile dars.FileID = "FILE0000000"
