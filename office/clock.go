package office

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"darsd/dars"
	"darsd/store"
)

// A Duty is something that the calendar asks for: due on or before a day, and
// not done. Doing it is one act; doing it again does nothing.
type Duty struct {
	Kind string   // of the noun
	Ref  string   //
	Step string   // begin, remind, expire, chase, backups, purge
	Due  dars.Day // since when
}

// A Done is one act of the clock, as run-due prints it.
type Done struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Ref  string    `json:"ref"`
	To   string    `json:"to"`
	Step string    `json:"step"`
}

// A dutyKind lists the duties of its kind on a day, and does one.
type dutyKind struct {
	step string
	list func(Clock, *store.Tx, dars.Day) ([]Duty, error)
	do   func(Clock, *store.Tx, dars.Act, Duty) (to, step string, err error)
}

// duties are the kinds of duty, in the order in which those of one day are done:
// what begins, what is written about, what ends, what is chased, what goes.
var duties = []dutyKind{
	{"contract begin", Clock.agreed, Clock.roll},
	{"begin", Clock.beginning, Clock.begin},
	{"remind", Clock.reminding, Clock.remind},
	{"usage", Clock.reviewing, Clock.askReview},
	{"expire", Clock.expiring, Clock.expire},
	{"contract", Clock.lapsing, Clock.lapse},
	{"chase", Clock.chasing, Clock.chase},
	{"backups", Clock.interim, Clock.backupsGone},
	{"purge", Clock.purging, Clock.purge},
}

// Due lists the duties of a day, in the order in which they are to be done.
func (o Clock) Due(ctx context.Context, due time.Time) (all []Duty, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		for _, d := range duties {
			some, err := d.list(o, tx, o.Calendar.Day(due))
			if err != nil {
				return fmt.Errorf("duties to %s: %w", d.step, err)
			}
			all = append(all, some...)
		}
		return nil
	})
	return all, err
}

// Do does one duty. One that somebody else has done meanwhile is nobody's
// business any more: it returns nil.
func (o Clock) Do(ctx context.Context, d Duty, due time.Time) (done *Done, err error) {
	i := slices.IndexFunc(duties, func(k dutyKind) bool { return k.step == d.Step })
	if i < 0 {
		return nil, fmt.Errorf("there is no duty %q", d.Step)
	}
	a := dars.Act{Who: dars.ByClock, At: due, Via: dars.Clock}
	err = o.Store.Do(ctx, func(tx *store.Tx) error {
		to, step, err := duties[i].do(o, tx, a, d)
		done = &Done{due.UTC(), d.Kind, d.Ref, to, step}
		return err
	})
	var no *dars.Refusal
	if errors.As(err, &no) {
		// Somebody was faster, or else it will be refused again tomorrow: then the
		// log shows it.
		o.Log.Warn("a duty was refused", "step", d.Step, "ref", d.Ref, "rule", no.Rule, "why", no.Sentence)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", d.Step, d.Ref, err)
	}
	return done, nil
}

// agreements lists those in a state for which something is due since a day.
func agreements(tx *store.Tx, state dars.AgreementState, step string, on dars.Day, since func(*dars.Agreement) dars.Day) (all []Duty, err error) {
	found, err := store.Find[dars.Agreement](tx, dars.By("state", state))
	for _, g := range found {
		if day := since(g); day != "" && day <= on {
			all = append(all, Duty{"agreement", string(g.ID), step, day})
		}
	}
	slices.SortStableFunc(all, func(a, b Duty) int { return cmp.Compare(a.Due, b.Due) })
	return all, err
}

// onAgreement lets one agreement do what is due of it.
func onAgreement(tx *store.Tx, a dars.Act, act string, d Duty, decide func(*dars.Agreement) error) (*dars.Agreement, error) {
	g, err := store.Get[dars.Agreement](tx, d.Ref)
	if err != nil {
		return nil, err
	}
	if err := decide(g); err != nil {
		return nil, err
	}
	return g, tx.Save(a, act, g)
}

func (o Clock) agreed(tx *store.Tx, on dars.Day) (all []Duty, err error) {
	found, err := store.Find[dars.Contract](tx, dars.By("state", dars.ContractAgreed))
	for _, c := range found {
		if c.Start <= on {
			all = append(all, Duty{"contract", string(c.ID), "contract begin", c.Start})
		}
	}
	return all, err
}

// roll puts a framework contract in force on its first day.
func (o Clock) roll(tx *store.Tx, a dars.Act, d Duty) (to, step string, err error) {
	c, err := store.Get[dars.Contract](tx, d.Ref)
	if err != nil {
		return "", "", err
	}
	if err := c.Begin(o.today(a)); err != nil {
		return "", "", err
	}
	return string(c.State), "begin", tx.Save(a, "contract begin", c)
}

func (o Clock) beginning(tx *store.Tx, on dars.Day) ([]Duty, error) {
	return agreements(tx, dars.CounterSigned, "begin", on, func(g *dars.Agreement) dars.Day {
		if !g.Startable(on) {
			return "" // it is not yet time, or an obligation stands in the way
		}
		return g.Start
	})
}

func (o Clock) begin(tx *store.Tx, a dars.Act, d Duty) (to, step string, err error) {
	g, err := store.Get[dars.Agreement](tx, d.Ref)
	if err != nil {
		return "", "", err
	}
	return string(dars.InForce), "begin", o.inForce(tx, a, g)
}

func (o Clock) reminding(tx *store.Tx, on dars.Day) ([]Duty, error) {
	return agreements(tx, dars.InForce, "remind", on, func(g *dars.Agreement) dars.Day {
		if on > g.End {
			return "" // it will expire instead
		}
		rung, _ := dars.Climb(g.Reminders(o.Policy.Reminders), g.Steps, on)
		return rung.Due
	})
}

func (o Clock) remind(tx *store.Tx, a dars.Act, d Duty) (to, step string, err error) {
	var rung dars.Rung
	g, err := onAgreement(tx, a, "agreement remind", d, func(g *dars.Agreement) (err error) {
		rung, err = g.Remind(o.Policy.Reminders, o.today(a))
		return err
	})
	if err != nil {
		return "", "", err
	}
	if err := owePaper(tx, a, "reminder", string(g.ID)); err != nil {
		return "", "", err
	}
	left := g.End.Since(o.today(a))
	return string(g.State), rung.Name, write(tx, a, letter{To: append([]dars.PersonID{g.Contact}, g.Recipients...),
		Subject: fmt.Sprintf("%s ends on %s: renew or certify", g.ID, g.End.Long()),
		Body:    fmt.Sprintf("Agreement %s ends on %s, in %d days.\n\nApply for a renewal in time, or be ready to destroy all data collected under it and to return the certificate of destruction.\n", g.ID, g.End.Long(), left)})
}

func (o Clock) expiring(tx *store.Tx, on dars.Day) ([]Duty, error) {
	return agreements(tx, dars.InForce, "expire", on, func(g *dars.Agreement) dars.Day { return g.End.Add(1) })
}

func (o Clock) expire(tx *store.Tx, a dars.Act, d Duty) (to, step string, err error) {
	g, err := onAgreement(tx, a, "agreement expire", d, func(g *dars.Agreement) error { return g.Expire(o.today(a)) })
	if err != nil {
		return "", "", err
	}
	err = o.wind(tx, a, "agreement wind up", g)
	return string(g.State), "expire", err
}

func (o Clock) lapsing(tx *store.Tx, on dars.Day) (all []Duty, err error) {
	found, err := store.Find[dars.Contract](tx, dars.By("state", dars.ContractInForce))
	for _, c := range found {
		if c.End < on {
			all = append(all, Duty{"contract", string(c.ID), "contract", c.End.Add(1)})
		}
	}
	return all, err
}

// lapse ends a framework contract, and with it every agreement for which that
// controller has no other contract.
func (o Clock) lapse(tx *store.Tx, a dars.Act, d Duty) (to, step string, err error) {
	c, err := store.Get[dars.Contract](tx, d.Ref)
	if err != nil {
		return "", "", err
	}
	if err := c.Expire(o.today(a)); err != nil {
		return "", "", err
	}
	if err := tx.Save(a, "contract expire", c); err != nil {
		return "", "", err
	}
	return string(c.State), "expire", o.endUnder(tx, a, c)
}

func (o Clock) chasing(tx *store.Tx, on dars.Day) (all []Duty, err error) {
	found, err := store.Find[dars.Certificate](tx)
	if err != nil {
		return nil, err
	}
	for _, c := range found {
		g, err := store.Get[dars.Agreement](tx, c.Agreement)
		if err != nil {
			return nil, err
		}
		rung, _ := dars.Climb(c.Chases(c.Since(g), o.Policy.Chases, o.Policy.AuditAfterDays), c.Steps, on)
		if rung.Name != "" && c.Outstanding() {
			all = append(all, Duty{"certificate", string(c.ID), "chase", rung.Due})
		}
	}
	return all, nil
}

func (o Clock) chase(tx *store.Tx, a dars.Act, d Duty) (to, step string, err error) {
	c, err := store.Get[dars.Certificate](tx, d.Ref)
	if err != nil {
		return "", "", err
	}
	g, err := store.Get[dars.Agreement](tx, c.Agreement)
	if err != nil {
		return "", "", err
	}
	climbed, err := c.Chase(c.Since(g), o.Policy.Chases, o.Policy.AuditAfterDays, o.today(a))
	if err != nil {
		return "", "", err
	}
	if err := tx.Save(a, "certificate chase", c); err != nil {
		return "", "", err
	}
	if slices.ContainsFunc(climbed, func(r dars.Rung) bool { return r.Name == dars.AuditStep }) {
		if _, err := o.trigger(tx, a, c.Org, g.ID, "EXPIRED_NO_CERT", fmt.Sprintf("certificate %s, due by %s, has not come", c.ID, c.Due)); err != nil {
			return "", "", err
		}
	}
	if err := owePaper(tx, a, "chase", string(c.ID)); err != nil {
		return "", "", err
	}
	return string(c.State), climbed[len(climbed)-1].Name, write(tx, a, letter{To: append([]dars.PersonID{g.Contact}, g.Recipients...), Roles: []dars.Role{dars.Compliance},
		Subject: fmt.Sprintf("%s: certificate of destruction outstanding since %s", c.ID, c.Due.Long()),
		Body:    fmt.Sprintf("%s, and the certificate of destruction %s was due by %s. It has not come.\n\nFill in papers/%s.yaml and put it into submit/. Nothing new is released to you until it is here.\n", owedSince(c, g), c.ID, c.Due.Long(), c.ID)})
}

func (o Clock) interim(tx *store.Tx, on dars.Day) (all []Duty, err error) {
	found, err := store.Find[dars.Certificate](tx, dars.By("state", dars.CertInterim))
	for _, c := range found {
		if c.BackupEnd < on {
			all = append(all, Duty{"certificate", string(c.ID), "backups", c.BackupEnd.Add(1)})
		}
	}
	return all, err
}

func (o Clock) backupsGone(tx *store.Tx, a dars.Act, d Duty) (to, step string, err error) {
	c, err := store.Get[dars.Certificate](tx, d.Ref)
	if err != nil {
		return "", "", err
	}
	if err := c.BackupsGone(o.today(a)); err != nil {
		return "", "", err
	}
	if err := tx.Save(a, "certificate final", c); err != nil {
		return "", "", err
	}
	return string(c.State), "backups", o.settled(tx, a, c)
}

func (o Clock) purging(tx *store.Tx, on dars.Day) (all []Duty, err error) {
	for _, state := range []dars.ReleaseState{dars.Published, dars.Collected} {
		found, err := store.Find[dars.Release](tx, dars.By("state", state))
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			if r.WindowEnds < on {
				all = append(all, Duty{"release", string(r.ID), "purge", r.WindowEnds.Add(1)})
			}
		}
	}
	return all, nil
}

func (o Clock) purge(tx *store.Tx, a dars.Act, d Duty) (to, step string, err error) {
	r, err := store.Get[dars.Release](tx, d.Ref)
	if err != nil {
		return "", "", err
	}
	if o.today(a) <= r.WindowEnds {
		return "", "", dars.Refuse("too-early", r.ID, "release %s can be collected until %s", r.ID, r.WindowEnds)
	}
	if err := r.Purge(); err != nil {
		return "", "", err
	}
	if err := tx.Save(a, "release purge", r); err != nil {
		return "", "", err
	}
	return string(r.State), "purge", tx.Owe(owePurge, r.ID)
}
