package office

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"time"

	"darsd/dars"
	"darsd/store"
)

// Produce packages a planned release, with objections upheld unless its agreement says
// that they are not. The work is done between two short acts: the second asks again for
// all that the first relied on, and refuses if the list, the agreement or the release has
// changed, or if what it was made from is called back since. Until it has said yes no row
// names the package, and nobody sees it.
func (o Releases) Produce(ctx context.Context, a dars.Act, id dars.ReleaseID) error {
	p := &producing{Releases: o, act: a, id: id, from: Packing{Attempt: rand.Text()[:13], On: o.today(a)}}
	if err := o.Store.View(ctx, p.begin); err != nil {
		return err
	}
	end, err := p.turn(ctx)
	if err != nil {
		return err
	}
	defer end()
	made, err := p.pack(ctx)
	if err == nil {
		err = o.do(ctx, p.act, "release produce", func(tx *store.Tx, _ *dars.Person) error { return p.end(tx, made) })
	}
	var no *dars.Refusal
	if errors.As(err, &no) {
		// After any other error nobody knows whether the row names the package.
		return errors.Join(err, o.Works.Packer.Discard(p.from))
	}
	return err
}

// producing is a release that is being produced.
type producing struct {
	Releases
	act  dars.Act
	id   dars.ReleaseID
	from Packing
}

// begin finds what the package is made from.
func (p *producing) begin(tx *store.Tx) (err error) {
	if _, err := p.allowed(tx, p.act, "release produce"); err != nil {
		return err
	}
	_, err = p.prepare(tx)
	return err
}

// prepare finds what the package is made from; the second time it refuses what it would
// not be made from any more.
func (p *producing) prepare(tx *store.Tx) (*dars.Release, error) {
	r, err := store.Get[dars.Release](tx, p.id)
	if err != nil {
		return nil, err
	}
	trial := *r
	if err := trial.Produce(inName(tx, p.act), dars.Package{}); err != nil {
		return nil, err
	}
	if err := notRecalled(tx, r); err != nil {
		return nil, err
	}
	g, terms, known, err := p.terms(tx, p.act, r.Agreement, r.Dataset, r.Kind)
	if err != nil {
		return nil, err
	}
	if err := r.Agreed(g.Treats(p.Policy.Uphold, r.Dataset)); err != nil {
		return nil, err
	}
	list, err := p.listFor(tx, r, p.today(p.act))
	if err != nil {
		return nil, err
	}
	from := &p.from
	if r.Treated() == dars.Uphold && from.List != nil && from.List.ID != list.ID {
		return nil, dars.Refuse("list-changed", r.ID, "a newer objections list (version %d) came while release %s was produced: produce it again", list.Version, r.ID)
	}
	from.Release, from.Agreement, from.Terms, from.Dataset, from.List = r, g, terms, known, list
	if from.Cohort, from.Earlier, err = p.cohortStill(tx, g, r); err != nil {
		return nil, err
	}
	if from.Despite, err = despite(tx, r); err != nil {
		return nil, err
	}
	if from.Table, err = p.tableToMake(tx, p.act, g, r, from.Table); err != nil {
		return nil, err
	}
	from.KeyMade, err = keyMade(tx, g.Stem)
	return r, err
}

// turn waits, for a table, until no other is made.
func (p *producing) turn(ctx context.Context) (end func(), err error) {
	if p.from.Table == nil {
		return func() {}, nil
	}
	return p.Works.Tables.Turn(ctx)
}

// pack makes the package, and a table beside those from before.
func (p *producing) pack(ctx context.Context) (made dars.Package, err error) {
	if p.from.Table != nil {
		if err := p.readSigns(p.from.Table.Earlier); err != nil {
			return made, err
		}
	}
	began := time.Now()
	made, err = p.Works.Packer.Pack(ctx, p.from)
	if p.act.Via != dars.Rehearsal { // whose clock stands still while it works
		p.act.At = p.act.At.Add(time.Since(began))
	}
	return made, err
}

// end takes the package in.
func (p *producing) end(tx *store.Tx, made dars.Package) error {
	r, err := p.prepare(tx)
	if err != nil {
		return err
	}
	if err := r.Produce(inName(tx, p.act), made); err != nil {
		return err
	}
	return keep(tx, p.act, "release produce", r, p.remade(p.act))
}

// Quarantine opens the rows that could not be read when a release was packaged. They
// are anybody's, objectors' too: for those who make and check packages, and for no
// recipient.
func (o Releases) Quarantine(ctx context.Context, a dars.Act, id dars.ReleaseID) (rows io.ReadCloser, err error) {
	var r *dars.Release
	err = o.do(ctx, a, "release quarantine", func(tx *store.Tx, _ *dars.Person) (err error) {
		if r, err = store.Get[dars.Release](tx, id); err != nil {
			return err
		}
		if r.Counts.RowsQuarantined == 0 || len(r.Package()) == 0 {
			return dars.Refuse("no-quarantine", id, "release %s is %s, and no rows lie there that were put aside for it", id, r.State)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return o.Works.Vault.Read(id, Quarantine(id, r.Attempt))
}
