package office

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"darsd/dars"
	"darsd/store"
)

// A Duty is something that the calendar asks for: due on or before a day, and
// not done. Doing it is one act; doing it again does nothing.
type Duty struct {
	Kind   string   // of the noun
	Ref    string   //
	Step   string   // which of the duties below
	Ladder string   // of which ladder it is a step, if it is one
	Item   string   // of which of several deadlines of the noun
	Due    dars.Day // since when
}

// A Done is one act of the clock, as run-due and forecast print it.
type Done struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Ref  string    `json:"ref"`
	To   string    `json:"to"` // what it has become, or still is
	Step string    `json:"step"`
	Whom string    `json:"whom,omitempty"` // who is written to at this step of a ladder
}

// result is what a duty has led to.
type result struct{ to, step, whom string }

// A coming duty is one that a noun will have from a day on, and until another if that
// is not "", as far as the noun's own facts go. Whose it is goes without saying.
type coming struct {
	Duty
	until dars.Day
}

// A dutyKind says of the nouns of a kind from when on they have a duty, and does it.
type dutyKind struct {
	step   string
	noun   string
	states []string // of the nouns that may have it
	each   func(tx *store.Tx, state string, do func(dars.Noun)) error
	one    func(tx *store.Tx, ref string) (dars.Noun, error) // nil, if it is in none of the states
	ahead  func(*steps, dars.Noun) []coming
	stands func(Clock, *store.Tx, dars.Noun, Duty, dars.Day) (bool, error) // on a day: whether others' facts make it idle; nil if they cannot
	wakes  bool                                                            // what is idle may be due later though nobody acts
	do     func(Clock, *store.Tx, dars.Act, Duty) (result, error)
}

// duties are the kinds of duty, in the order in which those of one day are done:
// what begins, what is written about, what ends, what is chased, what goes. Whoever
// adds one says from which facts it follows, and does it; everything else (when it is
// listed, that it is done once, that it is foreseen) is the same for all.
var duties = []dutyKind{
	due("contract begin", func(c *dars.Contract) dars.Day { return c.Start }, Clock.roll, dars.ContractAgreed),
	dueWhile("begin", func(g *dars.Agreement) (dars.Day, dars.Day) {
		if g.Blocked(dars.StageInForce) != nil {
			return "", "" // an obligation stands in the way
		}
		return g.Start, g.End
	}, Clock.begin, dars.CounterSigned),
	instalments(),
	ladder[dars.Contract]("remind contract", dars.ContractInForce),
	ladder[dars.Agreement]("ask benefits", dars.AgreementExpired, dars.Terminated, dars.DeletionDue, dars.Closed),
	waking(ladder[dars.Agreement]("remind agreement", dars.AgreementIssued, dars.AgreementSigned, dars.CounterSigned, dars.InForce)),
	ladder[dars.Organisation]("remind organisation", dars.OrgActive, dars.OrgOnHold),
	ladder[dars.Application]("remind application", dars.Undecided...),
	ladder[dars.Application]("remind case", dars.Approved),
	ladder[dars.Release]("remind release", dars.Published),
	due("usage", func(r *dars.Release) dars.Day { return r.Access.ReminderDue() }, Clock.askReview, dars.AccessGranted, dars.AccessReviewed),
	invoiceReleases(),
	invoiceAgreements(),
	expiries(),
	due("contract", func(c *dars.Contract) dars.Day { return c.End.Add(1) }, Clock.lapse, dars.ContractInForce),
	due("imported", endOfImported, Clock.lapseImported, dars.InForce),
	ladder[dars.Certificate]("chase", dars.CertIssued, dars.CertReceived, dars.CertQueried, dars.CertRejected, dars.CertInterim),
	ladder[dars.Audit]("remind audit", dars.Reported, dars.Actions, dars.FollowedUp),
	ladder[dars.Sanction]("remind appeal", dars.Warned, dars.OnHold, dars.Suspended, dars.EndedBySanction),
	ladder[dars.Complaint]("remind complaint", dars.ComplaintRecorded),
	ladder[dars.RecallNotice]("remind recall", "asked"),
	lateActions(),
	climbing(),
	due("backups", func(c *dars.Certificate) dars.Day { return c.BackupEnd.Add(1) }, Clock.backupsGone, dars.CertInterim),
	due("purge", func(r *dars.Release) dars.Day { return r.WindowEnds.Add(1) }, Clock.purge, dars.Published, dars.Collected),
}

// dutyOf is one kind of duty of one kind of noun, in some of its states.
func dutyOf[T any, P store.Noun[T], S ~string](step string, states []S, ahead func(*steps, P) []coming, do func(Clock, *store.Tx, dars.Act, Duty) (result, error)) dutyKind {
	kind, in := P(new(T)).Card().Kind, []string{}
	for _, s := range states {
		in = append(in, string(s))
	}
	return dutyKind{
		step:   step,
		noun:   kind,
		states: in,
		each: func(tx *store.Tx, state string, do func(dars.Noun)) error {
			return store.Each(tx, func(n P) error {
				do(n)
				return nil
			}, dars.By("state", state))
		},
		one: func(tx *store.Tx, ref string) (dars.Noun, error) {
			state, err := tx.State(kind, ref)
			if err != nil || !slices.Contains(in, state) {
				return nil, err
			}
			return tx.GetAny(kind, ref)
		},
		ahead: func(s *steps, n dars.Noun) []coming { return ahead(s, n.(P)) },
		do:    do,
	}
}

// due is a duty that a noun has from a day on.
func due[T any, P store.Noun[T], S ~string](step string, since func(P) dars.Day, do func(Clock, *store.Tx, dars.Act, Duty) (result, error), states ...S) dutyKind {
	return dueWhile(step, func(n P) (dars.Day, dars.Day) { return since(n), "" }, do, states...)
}

// dueWhile is a duty that a noun has from a day on until another.
func dueWhile[T any, P store.Noun[T], S ~string](step string, span func(P) (since, until dars.Day), do func(Clock, *store.Tx, dars.Act, Duty) (result, error), states ...S) dutyKind {
	return dutyOf(step, states, func(_ *steps, n P) []coming {
		since, until := span(n)
		if since == "" {
			return nil
		}
		return []coming{{Duty{Step: step, Due: since}, until}}
	}, do)
}

// waking is a kind of duty of which what is idle may be due later though nobody acts: the
// next version, for which it waits, may itself end before it begins.
func waking(k dutyKind) dutyKind {
	k.wakes = true
	return k
}

// Due lists the duties of a day, in the order in which they are to be done. It looks at
// every noun; who asks every day has an [Agenda].
func (o Clock) Due(ctx context.Context, due time.Time) ([]Duty, error) {
	return (&Agenda{Clock: o}).Due(ctx, due)
}

// dueOf are the duties that one noun has on a day, of those ahead of it: of each ladder
// the highest step.
func (k dutyKind) dueOf(o Clock, tx *store.Tx, n dars.Noun, ref string, ahead []coming, on dars.Day) (has []Duty, err error) {
	for _, c := range ahead {
		if c.Due > on || c.until != "" && on > c.until {
			continue
		}
		if last := len(has) - 1; last >= 0 && has[last].Ladder == c.Ladder && has[last].Item == c.Item {
			has = has[:last]
		}
		c.Kind, c.Ref = k.noun, ref
		has = append(has, c.Duty)
	}
	if k.stands == nil {
		return has, nil
	}
	var standing []Duty
	for _, d := range has {
		stands, err := k.stands(o, tx, n, d, on)
		if err != nil {
			return nil, err
		}
		if stands {
			standing = append(standing, d)
		}
	}
	return standing, nil
}

// inOrder puts the duties of one kind in the order in which they are done: what has
// been due the longest first.
func inOrder(some []Duty) []Duty {
	slices.SortFunc(some, func(a, b Duty) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), strings.Compare(a.Ref, b.Ref), strings.Compare(a.Ladder, b.Ladder), strings.Compare(a.Item, b.Item))
	})
	return some
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
		is, err := duties[i].do(o, tx, a, d)
		done = &Done{due.UTC(), d.Kind, d.Ref, is.to, is.step, is.whom}
		return err
	})
	var no *dars.Refusal
	if errors.As(err, &no) {
		// Somebody was faster, or else it will be refused again tomorrow: then the
		// log shows it.
		o.Log.Warn("a duty was refused", "step", d.Step, "ref", d.Ref, "rule", no.Rule, "why", no.Sentence)
		if o.Works.Refused != nil {
			o.Works.Refused(a, d.Step, dars.Refuse(no.Rule, d.Ref, "%s", no.Sentence))
		}
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", d.Step, d.Ref, err)
	}
	return done, nil
}

// roll puts a framework contract in force on its first day.
func (o Clock) roll(tx *store.Tx, a dars.Act, d Duty) (result, error) {
	c, err := turn(tx, a, "contract begin", d, func(c *dars.Contract) error { return c.Begin(o.today(a)) })
	if err != nil {
		return result{}, err
	}
	return result{to: string(c.State), step: "begin"}, nil
}

// turn lets one noun do what is due of it, and keeps it.
func turn[T any, P store.Noun[T]](tx *store.Tx, a dars.Act, act string, d Duty, decide func(P) error) (P, error) {
	n, err := store.Get[T, P](tx, d.Ref)
	if err != nil {
		return nil, err
	}
	if err := decide(n); err != nil {
		return nil, err
	}
	return n, tx.Save(a, act, n)
}

func (o Clock) begin(tx *store.Tx, a dars.Act, d Duty) (result, error) {
	g, err := store.Get[dars.Agreement](tx, d.Ref)
	if err != nil {
		return result{}, err
	}
	return result{to: string(dars.InForce), step: "begin"}, o.inForce(tx, a, g)
}

// expiries is the duty to end agreements whose last day has passed. One whose next version
// is to begin waits for that: who may keep what was sent is not asked to destroy it,
// though the beginning has failed today.
func expiries() dutyKind {
	k := due("expire", func(g *dars.Agreement) dars.Day { return g.End.Add(1) }, Clock.expire, dars.InForce, dars.CounterSigned)
	k.stands = func(_ Clock, tx *store.Tx, n dars.Noun, _ Duty, on dars.Day) (bool, error) {
		begins, err := nextBegins(tx, n.(*dars.Agreement), on)
		return !begins, err
	}
	return waking(k)
}

func (o Clock) expire(tx *store.Tx, a dars.Act, d Duty) (result, error) {
	g, err := turn(tx, a, "agreement expire", d, func(g *dars.Agreement) error {
		if begins, err := nextBegins(tx, g, o.today(a)); begins || err != nil {
			return cmp.Or(err, dars.Refuse("next-begins", g.ID, "agreement %s: the version that follows it is to begin first", g.ID))
		}
		return g.Expire(o.today(a))
	})
	if err != nil {
		return result{}, err
	}
	if g.Ended < g.Start {
		err = neverBegun(tx, a, g)
	} else {
		err = o.wind(tx, a, "agreement wind up", g)
	}
	return result{to: string(g.State), step: "expire"}, err
}

// neverBegun closes a counter-signed agreement whose last day has passed before it came
// into force. What versions before have handed on is nothing of its own.
func neverBegun(tx *store.Tx, a dars.Act, g *dars.Agreement) error {
	if err := g.Close(); err != nil {
		return err
	}
	if err := tx.Save(a, "agreement wind up", g); err != nil {
		return err
	}
	return write(tx, a, letter{To: []dars.PersonID{g.Contact}, Roles: []dars.Role{dars.CaseOfficer},
		Subject: fmt.Sprintf("%s: agreement lapsed", g.ID),
		Body:    fmt.Sprintf("Agreement %s was signed by all and was to run until %s. It never came into force, and cannot any more. Nothing was released under it.\n", g.ID, g.End.Long())})
}

// lapse ends a framework contract, and with it every agreement for which that
// controller has no other contract.
func (o Clock) lapse(tx *store.Tx, a dars.Act, d Duty) (result, error) {
	c, err := turn(tx, a, "contract expire", d, func(c *dars.Contract) error { return c.Expire(o.today(a)) })
	if err != nil {
		return result{}, err
	}
	return result{to: string(c.State), step: "expire"}, o.endUnder(tx, a, c)
}

func (o Clock) backupsGone(tx *store.Tx, a dars.Act, d Duty) (result, error) {
	c, err := turn(tx, a, "certificate final", d, func(c *dars.Certificate) error { return c.BackupsGone(o.today(a)) })
	if err != nil {
		return result{}, err
	}
	return result{to: string(c.State), step: "backups"}, o.settled(tx, a, c)
}

func (o Clock) purge(tx *store.Tx, a dars.Act, d Duty) (result, error) {
	r, err := turn(tx, a, "release purge", d, func(r *dars.Release) error {
		if o.today(a) <= r.WindowEnds {
			return dars.Refuse("too-early", r.ID, "release %s can be collected until %s", r.ID, r.WindowEnds)
		}
		return r.Purge()
	})
	if err != nil {
		return result{}, err
	}
	return result{to: string(r.State), step: "purge"}, tx.Owe(owePurge, r.ID)
}
