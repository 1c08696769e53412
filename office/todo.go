package office

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"darsd/dars"
	"darsd/store"
)

// A Todo is something that waits for a person.
type Todo struct {
	Kind  string   `json:"kind"`
	Ref   string   `json:"ref"`
	Act   string   `json:"act"` // the command that does it, or what to do
	Since dars.Day `json:"since"`
	Due   dars.Day `json:"due"`
}

// Todo lists what waits for a person, by what is due first; what another case
// officer is in charge of comes last.
func (o Desk) Todo(ctx context.Context, who dars.PersonID, at time.Time) (all []Todo, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := store.Get[dars.Person](tx, who)
		if err != nil {
			return err
		}
		l, err := o.waits(tx, p, o.Calendar.Day(at))
		if err == nil {
			all = l.all
		}
		return err
	})
	return all, err
}

// waits is what waits for a person on a day.
func (o Desk) waits(tx *store.Tx, p *dars.Person, on dars.Day) (*waiting, error) {
	now, err := acting(tx, p, on)
	if err != nil {
		return nil, err
	}
	l := &waiting{desk: o, tx: tx, own: now, who: now.With(on), on: on, all: []Todo{}, others: map[string]bool{}, days: map[Todo]string{}}
	for _, look := range []func(*waiting) error{
		(*waiting).contracts, (*waiting).enquiries, (*waiting).applications, (*waiting).meetings, (*waiting).agreements, (*waiting).reviews, (*waiting).instalments, (*waiting).obligations,
		(*waiting).releases, (*waiting).frozen, (*waiting).overrides, (*waiting).guarded, (*waiting).accessReviews, (*waiting).cohorts,
		(*waiting).certificates, (*waiting).benefits, (*waiting).lists, (*waiting).audits, (*waiting).sanctions, (*waiting).complaints, (*waiting).incidents, (*waiting).recalls, (*waiting).calledBackHere, (*waiting).imported, (*waiting).keys, (*waiting).owed,
	} {
		if err := look(l); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(l.all, func(a, b Todo) int {
		return cmp.Or(cmp.Compare(l.after(a), l.after(b)), cmp.Compare(cmp.Or(a.Due, "9999"), cmp.Or(b.Due, "9999")), cmp.Compare(a.Since, b.Since), cmp.Compare(a.Ref, b.Ref))
	})
	return l, nil
}

// A waiting list looks for what one person can do next.
type waiting struct {
	desk Desk
	tx   *store.Tx
	own  *dars.Person // with roles of their own
	who  *dars.Person // with those that were delegated to them as well
	on   dars.Day
	all  []Todo

	others map[string]bool // cases that another case officer is in charge of
	days   map[Todo]string // the ID of the day that waits, where letters are about it too
}

// may adds a step if the person has the power for it and has had no hand in what
// others did before, nor whom they would do it for.
func (l *waiting) may(act, kind, ref string, since, due dars.Day, hands dars.Hands) {
	if l.who.May(act) == nil && !hands.Has(l.who.ID) && !hands.Has(l.own.StandsIn(l.on, dars.Powers[act]...)) {
		l.all = append(l.all, Todo{kind, ref, "darsd " + act + " " + ref, since, due})
	}
}

// decide adds a decision, of the version that is to be read before.
func (l *waiting) decide(act, version, ref string, since, due dars.Day, hands dars.Hands) {
	n := len(l.all)
	l.may(act, "application", version, since, due, hands)
	for i := range l.all[n:] {
		l.all[n+i].Ref = ref
	}
}

// theirs adds what an outsider is asked for.
func (l *waiting) theirs(org dars.OrgCode, kind, ref, act string, since, due dars.Day) {
	if l.who.Org == org {
		l.all = append(l.all, Todo{kind, ref, act, since, due})
	}
}

// in looks where somebody may be waited for: at the nouns in some states, and for
// an outsider at those of their own organisation.
func in[T any, P store.Noun[T], S ~string](l *waiting, states ...S) (all []P, err error) {
	for _, state := range states {
		keys := []dars.Key{dars.By("state", state)}
		if !l.who.Inside() {
			keys = append(keys, dars.By("org", l.who.Org))
		}
		found, err := store.Find[T, P](l.tx, keys...)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// lacking tells who would confirm a signed copy that it cannot be, and what can be done.
func (l *waiting) lacking(act, kind, ref string, c *dars.SignedCopy) {
	if l.who.May(act) == nil {
		l.all = append(l.all, Todo{kind, ref, "ask for the whole signed copy of " + ref + ": " + c.Lacks(), c.Received, ""})
	}
}

func (l *waiting) contracts() error {
	all, err := in[dars.Contract](l, dars.ContractIssued, dars.ContractSigned)
	if err != nil {
		return err
	}
	for _, c := range all {
		switch c.State {
		case dars.ContractIssued:
			if c.Copy != nil && !c.Copy.Whole() {
				l.lacking("contract confirm", "contract", string(c.ID), c.Copy)
				continue
			}
			l.may("contract confirm", "contract", string(c.ID), c.Issued, "", c.Hands)
			l.theirs(c.Org, "contract", string(c.ID), "sign the contract under papers/ and return it on paper", c.Issued, "")
		case dars.ContractSigned:
			l.may("contract countersign", "contract", string(c.ID), c.Issued, "", c.Hands)
		}
	}
	return l.renewals()
}

func (l *waiting) applications() error {
	all, err := in[dars.Application](l, dars.Submitted, dars.ReferredBack, dars.Accepted, dars.Assessed, dars.PreReviewed, dars.WithCaveats, dars.Deferred, dars.Returned, dars.AtDAAG, dars.Recommended)
	if err != nil {
		return err
	}
	approved, err := l.approved()
	if err != nil {
		return err
	}
	all = append(all, approved...)
	for _, p := range all {
		l.onApplication(p)
		if err := l.unpriced(p); err != nil {
			return err
		}
		ref, since, due := p.Stem, p.Submitted, p.Clock.Due
		read := p.Stem + "-" + p.Version() // the version that the brief shows and no other
		route, err := l.route(p)
		if err != nil {
			return err
		}
		switch p.State {
		case dars.Submitted:
			others := dars.Hands{{By: p.By}} // than who handed it in
			if p.Review.Passed() {
				l.may("application accept", "application", ref, since, due, others)
			} else {
				l.may("application review", "application", ref, since, due, others)
			}
		case dars.ReferredBack:
			l.theirs(p.Form.Organisation, "application", ref, "mend the application and submit it again", since, "")
		case dars.Accepted:
			if l.owns(p) {
				l.may("decision assess", "application", ref, since, due, nil)
			}
		case dars.Assessed:
			if route == dars.ExceptionRoute {
				l.decide("decision director", read, ref, since, due, p.Hands)
			} else {
				l.may("decision pre-review", "application", ref, since, due, nil)
			}
		case dars.PreReviewed, dars.WithCaveats, dars.Deferred, dars.Returned:
			switch {
			case route == dars.AggregateRoute, p.State == dars.WithCaveats && p.Unblocked("") == nil:
				l.decide("decision siro", read, ref, since, due, p.Hands)
			case l.owns(p) && p.Presentable() == nil:
				l.may("decision present", "application", ref, since, due, nil)
			}
		case dars.AtDAAG:
			if err := l.atDAAG(p); err != nil {
				return err
			}
		case dars.Recommended:
			l.decide("decision siro", read, ref, since, due, p.Hands)
		case dars.Approved:
			if state, err := l.tx.State("agreement", p.Stem+"-"+p.Version()); err != nil {
				return err
			} else if state == "" {
				l.may("agreement issue", "application", ref, since, due, nil)
			}
		}
	}
	return nil
}

// approved are the applications that were approved and of which something can still be
// waited for: for an officer that the agreement is drawn up, for an outsider that a
// paper is renewed.
func (l *waiting) approved() ([]*dars.Application, error) {
	if !l.who.Inside() {
		return in[dars.Application](l, dars.Approved)
	}
	unseen, err := filed[dars.Application](l, dars.By("evidence", dars.EvidenceUnseen), dars.By("state", dars.Approved))
	if err != nil || l.who.May("agreement issue") != nil {
		return unseen, err
	}
	undrawn, err := store.Lacking[dars.Application](l.tx, "agreement", "application", dars.By("state", dars.Approved), dars.By("access", "awaited"))
	return append(undrawn, slices.DeleteFunc(unseen, func(p *dars.Application) bool {
		return slices.ContainsFunc(undrawn, func(u *dars.Application) bool { return u.ID() == p.ID() })
	})...), err
}

// route is the name of the way in which an application is decided today.
func (l *waiting) route(p *dars.Application) (string, error) {
	held, err := heldBy(l.tx, p)
	return p.Compare(held, l.on).Name, err
}

// owns reports whether the person is the information asset owner of what is
// asked for, or stands in for one.
func (l *waiting) owns(p *dars.Application) bool {
	return slices.ContainsFunc(p.Form.Datasets, func(d dars.DatasetRequest) bool {
		known, err := l.desk.Catalogue.Dataset(d.Code)
		if err != nil || known.IAO == l.who.Login {
			return err == nil
		}
		owner, err := byLogin(l.tx, known.IAO)
		return err == nil && l.who.StandsFor(owner.ID, dars.IAO, l.on)
	})
}

func (l *waiting) agreements() error {
	all, err := in[dars.Agreement](l, dars.AgreementIssued, dars.AgreementSigned)
	if err != nil {
		return err
	}
	for _, g := range all {
		switch {
		case g.State == dars.AgreementIssued && g.Copy == nil:
			l.theirs(g.Org, "agreement", string(g.ID), "sign the agreement under papers/ and put the signed copy into submit/", g.Issued, "")
		case g.State == dars.AgreementIssued && !g.Copy.Whole():
			l.lacking("agreement confirm", "agreement", string(g.ID), g.Copy)
			l.theirs(g.Org, "agreement", string(g.ID), "put the signed copy into submit/ again, all pages in one file: "+g.Copy.Lacks(), g.Copy.Received, "")
		case g.State == dars.AgreementIssued:
			l.may("agreement confirm", "agreement", string(g.ID), g.Copy.Received, "", g.Hands)
		case g.State == dars.AgreementSigned:
			l.may("agreement countersign", "agreement", string(g.ID), g.Copy.Received, "", g.Hands)
		}
	}
	return l.unreleased()
}

// unreleased adds agreements in force under which nothing was planned yet.
func (l *waiting) unreleased() error {
	if l.who.May("release plan") != nil {
		return nil
	}
	all, err := store.Lacking[dars.Agreement](l.tx, "release", "agreement", dars.By("state", dars.InForce))
	for _, g := range all {
		if !g.InForceOn(l.on) {
			continue
		}
		act := "release plan"
		if !slices.ContainsFunc(g.Datasets, func(d dars.DatasetRequest) bool { return d.Frequency != "SYSTEM_ACCESS" }) {
			act = "release grant"
		}
		l.may(act, "agreement", string(g.ID), g.InForceFrom(), "", nil)
	}
	return err
}

// releaseActs is the act that a release in each state waits for.
var releaseActs = map[dars.ReleaseState]string{
	dars.Planned: "release produce", dars.Produced: "release check", dars.Checked: "release sign-off", dars.SignedOff: "release publish",
}

func (l *waiting) releases() error {
	if !l.who.Inside() {
		return l.collections()
	}
	for state, act := range releaseActs {
		if l.who.May(act) != nil {
			continue
		}
		// What a notice of a recall names is withdrawn, and made anew.
		all, err := store.Lacking[dars.Release](l.tx, "recall notice", "release", dars.By("state", state))
		if err != nil {
			return err
		}
		for _, r := range all {
			hands := r.Hands
			if state == dars.SignedOff {
				hands = nil // whoever produced it may publish it
			}
			since := r.Planned
			if n := len(r.Hands); n > 0 {
				since = l.desk.Calendar.Day(r.Hands[n-1].At)
			}
			l.may(act, "release", string(r.ID), since, "", hands)
		}
	}
	return nil
}

// collections are what lies ready and was not collected.
func (l *waiting) collections() error {
	all, err := l.desk.open(l.tx, l.who, l.on)
	for _, r := range all {
		if r.State != dars.Published {
			continue
		}
		n := len(l.all)
		l.all = append(l.all, Todo{"release", string(r.ID), "collect it from " + r.Path() + "/", r.Published, r.WindowEnds})
		pages, err := store.Find[dars.Collection](l.tx, dars.By("release", r.ID), dars.By("person", l.who.ID))
		if err != nil {
			return err
		}
		for _, c := range pages {
			if c.Word() == dars.SentInFull && !c.Whole() {
				l.all = append(l.all, Todo{"release", string(r.ID), fmt.Sprintf("%s was sent in full, and for %d bytes your side did not answer: if its sum is right, say darsd receipt confirm %s SHA512",
					c.File, c.Size-c.Answered.Bytes(), c.File), r.Published, r.WindowEnds})
			}
		}
		l.dated(n, r.Release, dars.LadderWindow, "")
	}
	return err
}

func (l *waiting) certificates() error {
	all, err := in[dars.Certificate](l, dars.CertReceived, dars.CertIssued, dars.CertQueried, dars.CertRejected)
	for _, c := range all {
		n, ladder := len(l.all), dars.LadderCertificate
		if c.ToType() && l.who.Inside() && l.who.May("certificate submit") == nil {
			l.all = append(l.all, Todo{"certificate", string(c.ID), fmt.Sprintf("type in what came on paper: darsd certificate submit %s.yaml, beside darsd certificate print %[1]s --returned", c.ID), c.Printed.Received, c.Due})
		}
		switch c.State {
		case dars.CertReceived:
			n, ladder = len(l.all), dars.LadderExamination
			l.may("certificate accept", "certificate", string(c.ID), c.Received, c.ExamineBy(), nil)
		case dars.CertIssued:
			err = l.destruction(c, c.Issued, "destroy the data", "fill in papers/"+string(c.ID)+".yaml and put it into submit/")
		case dars.CertQueried, dars.CertRejected:
			err = l.destruction(c, c.Received, "it is "+string(c.State)+": mend what darsd certificate show "+string(c.ID)+" lists", "and put it into submit/ again")
		}
		if err != nil {
			return err
		}
		l.dated(n, c, ladder, "")
	}
	return err
}

// destruction asks for a certificate; where a later version has come into force meanwhile,
// what that covers may be kept, and the certificate says so.
func (l *waiting) destruction(c *dars.Certificate, since dars.Day, act, then string) error {
	if l.who.Org != c.Org {
		return nil
	}
	held, err := l.desk.holdings(l.tx, c, l.on)
	if err != nil {
		return err
	}
	if len(held) > 0 {
		act += ", or keep what " + string(held[0].Under) + " covers and say so in it (held_under)"
	}
	l.theirs(c.Org, "certificate", string(c.ID), act+", "+then, since, c.Due)
	return nil
}

func (l *waiting) lists() error {
	newest, err := newestList(l.tx)
	if err == nil && newest != nil && !newest.Usable && newest.LoadedBy != l.who.ID {
		l.may("objections confirm", "objections list", fmt.Sprint(newest.Version), newest.LoadedOn, "", nil)
	}
	return err
}

func (l *waiting) keys() error {
	if !l.who.Has(dars.CaseOfficer) {
		return nil
	}
	all, err := store.Find[dars.Person](l.tx, dars.By("key state", "unconfirmed"))
	for _, p := range all {
		for _, k := range p.Keys {
			if k.ConfirmedBy == "" && k.RevokedBy == "" && k.AddedBy != l.who.ID {
				l.all = append(l.all, Todo{"person", string(p.ID), "darsd person key-confirm " + p.Login + " " + k.Fingerprint, "", ""})
			}
		}
	}
	return err
}

func (l *waiting) owed() error {
	if !l.who.Has(dars.Operator, dars.CaseOfficer) {
		return nil
	}
	all, err := l.tx.Outstanding()
	for _, w := range all {
		mine := l.who.Has(dars.Operator)
		if !mine && w.What == oweLetter && w.Never {
			if mine, err = l.refusedInMyCase(w); err != nil {
				return err
			}
		}
		switch {
		case !mine:
		case w.Never && w.Tries == 0:
			l.all = append(l.all, Todo{"letter", w.ID, "darsd mail show " + w.ID + ": it is held: " + w.Failed, "", ""})
		case w.What == oweLetter && w.Never && !l.who.Has(dars.Operator):
			l.all = append(l.all, Todo{"letter", w.ID, "a letter about a case of yours was refused; tell its reader in another way: " + w.Failed, "", ""})
		case w.What == oweLetter && w.Never:
			l.all = append(l.all, Todo{"letter", w.ID, "darsd mail show " + w.ID + ": it was refused; tell its reader in another way: " + w.Failed, "", ""})
		case w.Failed != "":
			l.all = append(l.all, Todo{"owed", w.What, "it is tried again by itself; the last time: " + w.Failed, "", ""})
		}
	}
	return err
}

// refusedInMyCase reports whether a letter is about a case that the person is in
// charge of, or that nobody is.
func (l *waiting) refusedInMyCase(w store.Owed) (bool, error) {
	var d delivery
	if err := json.Unmarshal(w.Body, &d); err != nil {
		return false, err
	}
	stem, err := caseIn(l.tx, d.Ref)
	if err != nil || stem == "" {
		return false, err
	}
	officer, err := officerOf(l.tx, stem)
	return officer == "" || officer == l.who.ID, err
}
