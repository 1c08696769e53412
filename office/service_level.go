package office

import (
	"context"
	"errors"
	"fmt"
	"time"

	"darsd/dars"
	"darsd/store"
)

// Pause stops an application's service-level clock, while the office waits for the
// applicant or for an outside body.
func (o Applications) Pause(ctx context.Context, a dars.Act, ref, waitsFor string) error {
	return o.step(ctx, a, "application pause", ref, func(_ *store.Tx, p *dars.Application) error {
		return p.Pause(a, dars.Pause{For: waitsFor, Reason: a.Why}, o.today(a))
	})
}

// Resume lets it run on. If the applicant's signature is still to come, it pauses
// for that at once; that wait ends with the signed copy, and not by hand.
func (o Applications) Resume(ctx context.Context, a dars.Act, ref string) error {
	return o.step(ctx, a, "application resume", ref, func(tx *store.Tx, p *dars.Application) error {
		unsigned, err := awaitsSignature(tx, p)
		if err != nil {
			return err
		}
		if wait, paused := p.Clock.Paused(); paused && unsigned != nil && wait.Agreement == unsigned.ID {
			return dars.Refuse("clock-waits", p.ID(), "the clock of application %s waits for the signed copy of agreement %s, and runs on by itself when that has come", p.ID(), unsigned.ID)
		}
		c, err := o.calendar(tx, p.Clock.Table)
		if err != nil {
			return err
		}
		if err := p.Resume(a, c, o.today(a)); err != nil || unsigned == nil {
			return o.orRecount(tx, p, err)
		}
		return p.Pause(a, forSignature(unsigned), o.today(a))
	})
}

// SetClass gives an application another service level than its content would.
func (o Applications) SetClass(ctx context.Context, a dars.Act, ref string, days int) error {
	return o.step(ctx, a, "application class", ref, func(tx *store.Tx, p *dars.Application) error {
		c, err := o.calendar(tx, p.Clock.Table)
		if err != nil {
			return err
		}
		return p.SetClass(a, c, days, o.today(a))
	})
}

// Recount lets a clock count by the newest table of bank holidays.
func (o Applications) Recount(ctx context.Context, a dars.Act, ref string) error {
	return o.step(ctx, a, "application recount", ref, func(tx *store.Tx, p *dars.Application) error {
		c, err := o.calendar(tx, "")
		if err != nil {
			return err
		}
		return p.Recount(a, c)
	})
}

// A Reading is what a service-level clock shows on a day.
type Reading struct {
	*dars.Application
	Used       int
	Days       []dars.ClockDay // until today
	Ahead      []dars.ClockDay // until it is due
	IfAnswered dars.Day        // when it is due, if what is waited for came today
	Newest     string          // the newest table of bank holidays
}

// Clock reads an application's service-level clock.
func (o Desk) Clock(ctx context.Context, who dars.PersonID, ref string, at time.Time) (r Reading, err error) {
	on := o.Calendar.Day(at)
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := actor(tx, dars.Act{Who: who})
		if err != nil {
			return err
		}
		if r.Application, err = atWork(tx, ref); err != nil {
			return err
		}
		if err := ownCase(p, r.Form.Organisation, "application", ref); err != nil {
			return err
		}
		newest, err := o.calendar(tx, "")
		if err != nil {
			return err
		}
		r.Newest = newest.Version
		return o.orRecount(tx, r.Application, o.read(tx, &r, on))
	})
	return r, err
}

func (o Desk) read(tx *store.Tx, r *Reading, on dars.Day) error {
	k := r.Application.Clock
	c, err := o.calendar(tx, k.Table)
	if err != nil {
		return err
	}
	if r.Used, err = k.Used(c, on); err != nil {
		return err
	}
	if r.Days, err = k.Days(c, on); err != nil {
		return err
	}
	if r.Ahead, err = k.Ahead(c, on); err != nil {
		return err
	}
	r.IfAnswered, err = k.IfAnswered(c, on)
	return err
}

// orRecount adds to the refusal of a year that is not in a clock's table that it may
// be in the newest.
func (o *Office) orRecount(tx *store.Tx, p *dars.Application, err error) error {
	var no *dars.Refusal
	if !errors.As(err, &no) || no.Rule != "not-in-table" {
		return err
	}
	newest, err := o.calendar(tx, "")
	if err != nil {
		return err
	}
	if newest.Version == p.Clock.Table {
		return no
	}
	return dars.Refuse(no.Rule, p.ID(), "%s; if they are in the newest table, %s, let the clock count by that: darsd application recount %s", no.Sentence, newest.Version, p.Stem)
}

// stopClock stops the clock of the application behind an agreement: at first
// access, or when the agreement ends without any. Later it changes nothing.
func (o *Office) stopClock(tx *store.Tx, a dars.Act, act string, g *dars.Agreement, what string) error {
	return onClock(tx, a, act, g, func(p *dars.Application) error {
		p.StopClock(what, o.today(a))
		return nil
	})
}

// awaitSignature pauses the clock until the signed copy comes back. One that waits
// for something else stays with that.
func (o *Office) awaitSignature(tx *store.Tx, a dars.Act, act string, g *dars.Agreement) error {
	return onClock(tx, a, act, g, func(p *dars.Application) error {
		if _, paused := p.Clock.Paused(); paused || p.Clock.Started == "" || p.Clock.Stopped != "" {
			return nil
		}
		return p.Pause(a, forSignature(g), o.today(a))
	})
}

// signatureCame lets the clock run on when the whole signed copy is here: what
// follows is the office's own time. Of a copy that lacks pages the rest is awaited. A
// paper is never turned away because its day is
// in no table of bank holidays: then the clock waits for a case officer.
func (o *Office) signatureCame(tx *store.Tx, a dars.Act, act string, g *dars.Agreement) error {
	if !g.Copy.Whole() {
		return o.awaitSignature(tx, a, act, g)
	}
	return onClock(tx, a, act, g, func(p *dars.Application) error {
		if wait, paused := p.Clock.Paused(); !paused || wait.Agreement != g.ID {
			return nil
		}
		c, err := o.calendar(tx, p.Clock.Table)
		if err != nil {
			return err
		}
		var no *dars.Refusal
		if err := p.Resume(a, c, o.today(a)); !errors.As(err, &no) {
			return err
		}
		o.Log.Warn("a clock stays paused", "application", p.ID(), "rule", no.Rule, "why", no.Sentence)
		return nil
	})
}

// onClock lets the application behind an agreement do something, and keeps it.
func onClock(tx *store.Tx, a dars.Act, act string, g *dars.Agreement, do func(*dars.Application) error) error {
	p, err := store.Get[dars.Application](tx, g.Application)
	if err != nil {
		return fmt.Errorf("the clock of agreement %s: %w", g.ID, err)
	}
	if err := do(p); err != nil {
		return err
	}
	return tx.Save(a, act, p)
}

func forSignature(g *dars.Agreement) dars.Pause {
	return dars.Pause{For: "AWAIT_APPLICANT_DETAIL", Reason: fmt.Sprintf("the signature of agreement %s", g.ID), Agreement: g.ID}
}

// awaitsSignature returns the agreement of an application, if it is issued and no
// whole signed copy has come back.
func awaitsSignature(tx *store.Tx, p *dars.Application) (*dars.Agreement, error) {
	issued, err := store.Find[dars.Agreement](tx, dars.By("case", p.Stem), dars.By("state", dars.AgreementIssued))
	if err != nil {
		return nil, err
	}
	for _, g := range issued {
		if g.Application == p.ID() && !g.Copy.Whole() {
			return g, nil
		}
	}
	return nil, nil
}
