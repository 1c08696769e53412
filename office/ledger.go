package office

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"darsd/dars"
	"darsd/store"
)

// A Download is one open handle on a file of a release.
type Download struct {
	Handle  string // unlike any other's
	Who     dars.PersonID
	Visitor dars.Visitor // as they signed in
	File    dars.FileID
	Client  string
	Address string

	Confirmed dars.Ranges // so far, when bytes are reserved
}

// May refuses somebody a release: who may collect it is asked before each
// handle, before bytes are reserved, and again whenever anything has changed.
func (o Ledger) May(ctx context.Context, who dars.PersonID, v dars.Visitor, id dars.ReleaseID, at time.Time) error {
	return o.Store.View(ctx, func(tx *store.Tx) error {
		r, err := store.Get[dars.Release](tx, id)
		if err != nil {
			return err
		}
		_, err = o.may(tx, who, v, r, o.Calendar.Day(at))
		return err
	})
}

// may returns the person who may collect a release on a day, as they signed in.
func (o *Office) may(tx *store.Tx, who dars.PersonID, v dars.Visitor, r *dars.Release, on dars.Day) (*dars.Person, error) {
	p, err := store.Get[dars.Person](tx, who)
	if err != nil {
		return nil, err
	}
	if err := p.LetIn(v, o.Authorities); err != nil {
		return nil, err
	}
	return p, o.mayRelease(tx, p, r, on)
}

// ofFile returns the release that a file is of.
func ofFile(tx *store.Tx, file dars.FileID) (*dars.Release, error) {
	found, err := store.Find[dars.Release](tx, dars.By("file", file))
	if err != nil || len(found) == 0 {
		return nil, refuseUnless(err, "not-found", string(file), "there is no file %s", file)
	}
	return found[0], nil
}

// mayRelease refuses somebody a release on a day, in words for that person.
func (o *Office) mayRelease(tx *store.Tx, p *dars.Person, r *dars.Release, on dars.Day) error {
	g, err := store.Get[dars.Agreement](tx, r.Agreement)
	if err != nil {
		return err
	}
	if !slices.Contains(g.Recipients, p.ID) || !p.Has(dars.Collector) {
		return dars.Refuse("not-found", r.ID, "there is no release %s that you may see", r.ID)
	}
	if err := g.Allows(on); err != nil {
		return err
	}
	for _, c := range g.Controllers {
		if !dars.RecordLevel(g.Datasets) {
			break // of tabulations alone there need be none
		}
		_, err := contractInForce(tx, c.Org, on)
		var no *dars.Refusal
		if errors.As(err, &no) { // whose words are for a case officer
			err = dars.Refuse(no.Rule, r.ID, "the framework contract of %s has ended, and with it your access to release %s; write to the office", c.Org, r.ID)
		}
		if err != nil {
			return err
		}
	}
	if err := notRecalled(tx, r); err != nil {
		return err
	}
	if isHeld(r, on) {
		return dars.Refuse("held", r.ID, "%s", o.heldWords(r))
	}
	if !r.Open(on) {
		if on > r.WindowEnds && r.WindowEnds != "" {
			return dars.Refuse("window-over", r.ID, "release %s could be collected until %s", r.ID, r.WindowEnds)
		}
		return dars.Refuse("not-open", r.ID, "release %s is %s and cannot be collected", r.ID, r.State)
	}
	org, err := held(tx, append(parties(g), g.Org, p.Org)...)
	if err == nil && org != nil {
		err = dars.Refuse("on-hold", r.ID, "releases to %s are on hold; write to the office", org.Code)
	}
	return err
}

// Reserve notes that bytes of a file are about to leave. Nothing leaves without
// it, and in the same moment it is asked whether anything still may.
func (o Ledger) Reserve(ctx context.Context, d Download, bytes dars.Range, at time.Time) error {
	a := dars.Act{Who: d.Who, At: at, Via: dars.SSH}
	return o.Store.Do(ctx, func(tx *store.Tx) error {
		r, err := ofFile(tx, d.File)
		if err != nil {
			return err
		}
		p, err := o.may(tx, d.Who, d.Visitor, r, o.today(a))
		if err != nil {
			return err
		}
		c, err := o.page(tx, p, r, d.File)
		if err != nil {
			return err
		}
		c.Key, c.Certificate, c.Client, c.Address = d.Visitor.Key, d.Visitor.Certificate.String(), d.Client, d.Address
		c.Confirm(d.Confirmed)
		c.Reserve(d.Handle, bytes, at)
		if len(d.Confirmed) > 0 {
			if err := o.receipt(tx, a, c, r); err != nil {
				return err
			}
		}
		return tx.Save(a, "sending", c)
	})
}

// Settle closes a handle: its reservation is cut back to what went out. The
// receipt is brought up to date, and the release is collected when one person
// has confirmed all of it.
func (o Ledger) Settle(ctx context.Context, d Download, sent, confirmed dars.Ranges, at time.Time) error {
	a := dars.Act{Who: d.Who, At: at, Via: dars.SSH}
	return o.Store.Do(ctx, func(tx *store.Tx) error {
		r, err := ofFile(tx, d.File)
		if err != nil {
			return err
		}
		p, err := store.Get[dars.Person](tx, d.Who)
		if err != nil {
			return err
		}
		c, err := o.page(tx, p, r, d.File) // an empty file has had nothing reserved
		if err != nil {
			return err
		}
		c.Settle(d.Handle, sent, confirmed, at)
		if err := o.receipt(tx, a, c, r); err != nil {
			return err
		}
		if err := tx.Save(a, "sent", c); err != nil {
			return err
		}
		return o.collected(tx, a, r)
	})
}

// Attest takes somebody's own word that they have all of a file.
func (o Ledger) Attest(ctx context.Context, a dars.Act, file dars.FileID, sum string) (word dars.ReceiptID, err error) {
	err = o.do(ctx, a, "receipt confirm", func(tx *store.Tx, who *dars.Person) error {
		unknown := dars.Refuse("not-found", string(file), "nothing of a file %s was sent to you", file)
		r, err := ofFile(tx, file)
		if err != nil {
			return unknown
		}
		pages, err := store.Find[dars.Collection](tx, dars.By("file", file), dars.By("person", who.ID))
		if err != nil || len(pages) == 0 {
			return cmp.Or(err, unknown)
		}
		c := pages[0]
		i := slices.IndexFunc(r.Files, func(f dars.ReleaseFile) bool { return f.ID == file })
		if err := c.Attest(a, r.Files[i].PackageFile, sum); err != nil {
			return err
		}
		if err := o.receipt(tx, a, c, r); err != nil {
			return err
		}
		word = c.Receipt
		if err := tx.Save(a, "receipt confirm", c); err != nil {
			return err
		}
		return o.collected(tx, a, r)
	})
	return word, err
}

// page lends the ledger's page of a person and a file.
func (o *Office) page(tx *store.Tx, p *dars.Person, r *dars.Release, file dars.FileID) (*dars.Collection, error) {
	all, err := store.Find[dars.Collection](tx, dars.By("file", file), dars.By("person", p.ID))
	if err != nil {
		return nil, err
	}
	if len(all) > 0 {
		return all[0], nil
	}
	c := &dars.Collection{File: file, Release: r.ID, Agreement: r.Agreement, Person: p.ID, Org: p.Org, Closed: dars.Ranges{}, Answered: dars.Ranges{}}
	for _, f := range r.Files {
		if f.ID == file {
			c.Size = f.Bytes
		}
	}
	return c, nil
}

// receipt tells the person's receipt what the ledger says, and makes it if
// there is none.
func (o Ledger) receipt(tx *store.Tx, a dars.Act, c *dars.Collection, r *dars.Release) error {
	if c.Word() == dars.NothingSent {
		return nil
	}
	rcp := &dars.Receipt{File: c.File, Release: r.ID, Agreement: r.Agreement, Person: c.Person, Size: c.Size}
	if c.Receipt == "" {
		ref, err := number(tx, "receipt", "RCP-")
		if err != nil {
			return err
		}
		rcp.ID, c.Receipt = dars.ReceiptID(ref), dars.ReceiptID(ref)
		for _, f := range r.Files {
			if f.ID == c.File {
				rcp.Path, rcp.SHA512 = f.Path, f.SHA512
			}
		}
	} else {
		known, err := store.Get[dars.Receipt](tx, c.Receipt)
		if err != nil {
			return err
		}
		rcp = known
	}
	rcp.Tell(c)
	return tx.Save(a, "receipt", rcp)
}

// collected moves a release on when one person has every file, confirmed.
func (o Ledger) collected(tx *store.Tx, a dars.Act, r *dars.Release) error {
	if r.State != dars.Published {
		return nil
	}
	pages, err := store.Find[dars.Collection](tx, dars.By("release", r.ID))
	if err != nil {
		return err
	}
	complete := map[dars.PersonID]int{}
	for _, c := range pages {
		if c.Whole() {
			complete[c.Person]++
		}
	}
	for _, f := range r.Files {
		if f.Bytes > 0 { // of an empty one there is nothing to send
			complete[a.Who]--
		}
	}
	if complete[a.Who] < 0 {
		return nil
	}
	if err := r.Collect(); err != nil {
		return err
	}
	return tx.Save(a, "collected", r)
}
