package office

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// ladder is the duty to write about the deadlines of a kind of noun, step by step.
func ladder[T any, P interface {
	store.Noun[T]
	dars.Dated
}, S ~string](step string, states ...S) dutyKind {
	k := dutyOf(step, states, func(s *steps, n P) (all []coming) {
		for _, d := range n.Deadlines() {
			ahead := dars.Ahead(s.of(d), *n.Climbed())
			all = slices.Grow(all, len(ahead))
			for _, r := range ahead {
				all = append(all, coming{Duty{Step: step, Ladder: d.Ladder, Item: d.Item, Due: r.On}, d.Until})
			}
		}
		return all
	}, Clock.remind)
	k.stands = func(o Clock, tx *store.Tx, n dars.Noun, d Duty, _ dars.Day) (bool, error) { return o.stands(tx, n, d) }
	return k
}

// steps are those of the office's ladders, as its policy and its calendar have them.
type steps struct {
	policy dars.Policy
	days   dars.Calendar
	known  map[dars.Deadline][]dars.Rung // nil, if nobody asks twice
}

func (o Clock) steps(tx *store.Tx) (*steps, error) {
	days, err := o.calendar(tx, "")
	return &steps{policy: o.Policy, days: days}, err
}

// of are those of one deadline.
func (s *steps) of(d dars.Deadline) []dars.Rung {
	rungs, ok := s.known[d]
	if !ok {
		rungs = s.policy.Rungs(d, s.days)
		if s.known != nil {
			s.known[d] = rungs
		}
	}
	return rungs
}

// stands reports whether a letter still has a point, as others' facts have it: no
// later version or contract follows, nothing is called back, and somebody has an agreement
// that it is about.
func (o Clock) stands(tx *store.Tx, n dars.Noun, d Duty) (bool, error) {
	switch d.Ladder {
	case dars.LadderAgreement:
		g := n.(*dars.Agreement)
		signed, err := store.Find[dars.Agreement](tx, dars.By("case", g.Stem), dars.By("state", dars.CounterSigned))
		if err != nil {
			return false, err
		}
		for _, next := range signed {
			if will, err := follows(tx, next, g); will || err != nil {
				return false, err
			}
		}
		return true, nil
	case dars.LadderRecall:
		state, err := tx.State("recall", string(n.(*dars.RecallNotice).Recall))
		return state == string(dars.RecallStarted), err
	case dars.LadderWindow: // what is called back cannot be collected
		n, err := recalled(tx, n.(*dars.Release).ID)
		return n == nil, err
	case dars.LadderInstalment:
		return o.overdueInstalment(n.(*dars.Agreement), d.Item, d.Due), nil
	case dars.LadderContract:
		c := n.(*dars.Contract)
		all, err := store.Find[dars.Contract](tx, dars.By("org", c.Org))
		if err != nil || slices.ContainsFunc(all, func(next *dars.Contract) bool { return next.Follows(c) }) {
			return false, err
		}
		return standing(tx, dars.By("controller", c.Org))
	case dars.LadderEvidence, dars.LadderCaveat:
		p := n.(*dars.Application)
		versions, err := store.Find[dars.Agreement](tx, dars.By("case", p.Stem))
		return !slices.ContainsFunc(versions, func(g *dars.Agreement) bool { return g.Application == p.ID() && g.Over() }), err
	case dars.LadderSecurity, dars.LadderICO:
		code := n.(*dars.Organisation).Code
		return standing(tx, asParty(code)...)
	}
	return true, nil
}

// asParty are the keys by which the agreements are found to which an organisation is a
// party.
func asParty(code dars.OrgCode) (keys []dars.Key) {
	for _, as := range dars.PartyKeys {
		keys = append(keys, dars.By(as, code))
	}
	return keys
}

// standing reports whether some agreement that is not over has one of the keys.
func standing(tx *store.Tx, keys ...dars.Key) (bool, error) {
	for _, state := range []dars.AgreementState{dars.InForce, dars.CounterSigned, dars.AgreementSigned, dars.AgreementIssued} {
		for _, k := range keys {
			if found, err := tx.Any("agreement", dars.By("state", state), k); found || err != nil {
				return found, err
			}
		}
	}
	return false, nil
}

// concerned are the agreements that stand or fall with what a noun's deadline is
// about.
func concerned(tx *store.Tx, n dars.Noun) (under []*dars.Agreement, err error) {
	add := func(keys ...dars.Key) error {
		for _, k := range keys {
			found, err := store.Find[dars.Agreement](tx, k)
			if err != nil {
				return err
			}
			for _, g := range found {
				if !g.Over() && !slices.ContainsFunc(under, func(other *dars.Agreement) bool { return other.ID == g.ID }) {
					under = append(under, g)
				}
			}
		}
		return nil
	}
	switch n := n.(type) {
	case *dars.Agreement:
		return []*dars.Agreement{n}, nil
	case *dars.Certificate:
		g, err := store.Get[dars.Agreement](tx, n.Agreement)
		return []*dars.Agreement{g}, err
	case *dars.Release:
		g, err := store.Get[dars.Agreement](tx, n.Agreement)
		return []*dars.Agreement{g}, err
	case *dars.RecallNotice:
		if n.Register {
			return nil, nil // nobody of theirs is known
		}
		g, err := store.Get[dars.Agreement](tx, n.Agreement)
		return []*dars.Agreement{g}, err
	case *dars.Audit:
		return audited(tx, n)
	case *dars.Contract:
		err = add(dars.By("controller", n.Org))
	case *dars.Organisation:
		err = add(asParty(n.Code)...)
	case *dars.Application:
		if err = add(dars.By("case", n.Stem)); err == nil {
			under = slices.DeleteFunc(under, func(g *dars.Agreement) bool { return g.Application != n.ID() })
		}
	}
	return under, err
}

// remind takes the step of a ladder that is due, and writes to whom the ladder says.
func (o Clock) remind(tx *store.Tx, a dars.Act, duty Duty) (result, error) {
	some, err := tx.GetAny(duty.Kind, duty.Ref)
	if err != nil {
		return result{}, err
	}
	n, on := some.(dars.Dated), o.today(a)
	days, err := o.calendar(tx, "")
	if err != nil {
		return result{}, err
	}
	d, climbed, err := o.Policy.Climb(n, duty.Ladder, duty.Item, days, on)
	if err != nil {
		return result{}, err
	}
	if stands, err := o.stands(tx, n, duty); err != nil || !stands {
		if err == nil {
			err = dars.Refuse("nothing-due", duty.Ref, "%s %s: a letter about its %s has no point any more", duty.Kind, duty.Ref, duty.Ladder)
		}
		return result{}, err
	}
	act := duty.Kind + " remind"
	if duty.Ladder == dars.LadderCertificate {
		act = "certificate chase"
	}
	if err := tx.Save(a, act, n); err != nil {
		return result{}, err
	}
	if err := o.besides(tx, a, n, d, climbed); err != nil {
		return result{}, err
	}
	rung := climbed[len(climbed)-1]
	whom := o.Policy.Ladders[d.Ladder].Who(rung.Days)
	if tx.Imagined() { // the letter would go to nobody
		return result{n.Card().State, rung.Name, names(whom)}, nil
	}
	subject, body := wordsOf(n, d, on)
	also, err := o.alsoSaid(tx, n, d, climbed, on)
	if err != nil {
		return result{}, err
	}
	err = o.post(tx, a, n, d, whom, letter{Step: d.Ladder + " " + rung.Name, Dates: []dars.Date{deadlineDate(n, d)}, Subject: subject, Body: body}, also)
	return result{n.Card().State, rung.Name, names(whom)}, err
}

// alsoSaid is what everybody is told with a step besides: that an audit is open, and what
// a later version of the case lets its parties keep.
func (o Clock) alsoSaid(tx *store.Tx, n dars.Dated, d dars.Deadline, climbed []dars.Rung, on dars.Day) (also string, err error) {
	if audits(d, climbed) {
		also = "\nBecause it has not come, an audit is open.\n"
	}
	if c, ok := n.(*dars.Certificate); ok && d.Ladder == dars.LadderCertificate {
		kept, err := o.mayKeep(tx, c, on)
		if err != nil {
			return "", err
		}
		if kept != "" {
			also += "\n" + kept + "\n"
		}
	}
	return also, nil
}

// besides does what some steps lead to besides a letter: a paper, and the audit.
func (o Clock) besides(tx *store.Tx, a dars.Act, n dars.Dated, d dars.Deadline, climbed []dars.Rung) error {
	switch d.Ladder {
	case dars.LadderAgreement:
		return owePaper(tx, a, "reminder", n.Card().Ref)
	case dars.LadderCertificate:
		c := n.(*dars.Certificate)
		if audits(d, climbed) {
			if _, err := o.trigger(tx, a, c.Org, c.Agreement, "EXPIRED_NO_CERT", fmt.Sprintf("certificate %s, due by %s, has not come", c.ID, c.Due)); err != nil {
				return err
			}
		}
		return owePaper(tx, a, "chase", string(c.ID))
	}
	return nil
}

// audits reports whether an audit is triggered by the steps that were taken.
func audits(d dars.Deadline, climbed []dars.Rung) bool {
	return d.Ladder == dars.LadderCertificate && slices.ContainsFunc(climbed, func(r dars.Rung) bool { return r.Name == dars.AuditStep })
}

// names lists addressees: "contact, compliance".
func names(to []dars.Addressee) string {
	words := make([]string, len(to))
	for i, a := range to {
		words[i] = string(a)
	}
	return strings.Join(words, ", ")
}

// post writes a letter to addressees. Where agreements of several organisations are
// concerned each has one of its own: who else has an agreement is not its business.
// The office's own people have one in words for them, which says who else had one. What is to be said
// also is said to all.
func (o Clock) post(tx *store.Tx, a dars.Act, n dars.Dated, d dars.Deadline, to []dars.Addressee, l letter, also string) error {
	r, err := o.audienceOf(tx, n, d, to)
	if err != nil {
		return err
	}
	for _, org := range r.orgs {
		one := l
		one.To, one.Body = r.outside[org], l.Body+also
		if err := write(tx, a, one); err != nil {
			return err
		}
	}
	if len(r.orgs) > 0 && len(r.inside)+len(r.roles) == 0 {
		return nil
	}
	l.To, l.Roles = r.inside, r.roles
	if len(r.orgs) > 0 {
		l.Body, l.Names = staffWords(n, d, l, r)
	}
	l.Body += also
	return write(tx, a, l)
}

// audienceOf are those whom addressees mean, for a deadline of a noun.
func (o Clock) audienceOf(tx *store.Tx, n dars.Dated, d dars.Deadline, to []dars.Addressee) (r audience, err error) {
	r = audience{Clock: o, tx: tx, outside: map[dars.OrgCode][]dars.PersonID{}}
	under, err := concerned(tx, n)
	if err != nil {
		return r, err
	}
	if p, ok := n.(*dars.Application); ok {
		r.officers = append(r.officers, p.Officer)
		if len(under) == 0 && slices.Contains(to, dars.ToContact) {
			r.add(p.Form.Organisation, p.Form.ContactID)
		}
	}
	for _, who := range to {
		if err := r.of(who, n, d, under); err != nil {
			return r, err
		}
	}
	return r, nil
}

// An audience is who gets a letter.
type audience struct {
	Clock
	tx       *store.Tx
	orgs     []dars.OrgCode // in order
	outside  map[dars.OrgCode][]dars.PersonID
	inside   []dars.PersonID
	roles    []dars.Role
	officers []dars.PersonID
}

func (r *audience) add(org dars.OrgCode, people ...dars.PersonID) {
	if r.outside[org] == nil {
		r.orgs = append(r.orgs, org)
	}
	for _, p := range people {
		if !slices.Contains(r.outside[org], p) {
			r.outside[org] = append(r.outside[org], p)
		}
	}
}

// of adds those whom an addressee means.
func (r *audience) of(who dars.Addressee, n dars.Dated, d dars.Deadline, under []*dars.Agreement) error {
	switch who {
	case dars.ToOwner:
		return r.owner(n, d)
	case dars.ToOfficer:
		return r.officer(under)
	case dars.ToIAO:
		return r.iaos(under)
	case dars.ToContact, dars.ToRecipients:
		if err := r.themselves(n, under); err != nil {
			return err
		}
		for _, g := range under {
			if who == dars.ToContact {
				r.add(g.Org, g.Contact)
			} else {
				r.add(g.Org, g.Recipients...)
			}
		}
		return nil
	}
	r.roles = append(r.roles, dars.Role(who))
	return nil
}

// themselves adds people of the organisation that a deadline is about, which can do
// most about it: who speaks for it in the agreements, or else anybody of it.
func (r *audience) themselves(n dars.Dated, under []*dars.Agreement) error {
	var org dars.OrgCode
	switch n := n.(type) {
	case *dars.Organisation:
		org = n.Code
	case *dars.Contract:
		org = n.Org
	case *dars.Audit:
		org = n.Org
	default:
		return nil
	}
	if len(under) == 0 || slices.ContainsFunc(under, func(g *dars.Agreement) bool { return g.Org == org }) {
		return nil
	}
	all, err := store.Find[dars.Person](r.tx, dars.By("org", org))
	for _, p := range all {
		if !p.Gone() {
			r.add(org, p.ID)
		}
	}
	return err
}

// owner is who is to do an action: the contact, where it is the applicant's.
func (r *audience) owner(n dars.Dated, d dars.Deadline) error {
	if u, ok := n.(*dars.Audit); ok {
		return r.auditOwner(u, d)
	}
	p, ok := n.(*dars.Application)
	if !ok {
		return nil
	}
	for _, t := range p.Actions {
		switch {
		case fmt.Sprint(t.N) != d.Item:
		case t.Owner == dars.TheApplicant:
			r.add(p.Form.Organisation, p.Form.ContactID)
		default:
			r.inside = append(r.inside, t.Owner)
		}
	}
	return nil
}

func (r *audience) officer(under []*dars.Agreement) error {
	for _, g := range under {
		p, err := store.Get[dars.Application](r.tx, g.Application)
		if err != nil {
			return err
		}
		r.officers = append(r.officers, p.Officer)
	}
	for _, officer := range r.officers {
		if officer == "" {
			r.roles = append(r.roles, dars.CaseOfficer)
		} else {
			r.inside = append(r.inside, officer)
		}
	}
	return nil
}

// iaos are the owners of the datasets; one that is in the catalogue no more has none.
func (r *audience) iaos(under []*dars.Agreement) error {
	for _, g := range under {
		for _, asked := range g.Datasets {
			known, err := r.Catalogue.Dataset(asked.Code)
			if err != nil {
				continue
			}
			p, err := byLogin(r.tx, known.IAO)
			var none *dars.Refusal
			if errors.As(err, &none) {
				continue
			}
			if err != nil {
				return err
			}
			if !slices.Contains(r.inside, p.ID) {
				r.inside = append(r.inside, p.ID)
			}
		}
	}
	return nil
}
