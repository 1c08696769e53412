package office

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// What an incident affects is found in three places: the releases of the office, the
// ledger of what was sent of them, and the registers that were taken in. Each agreement
// under which something is affected becomes one notice.

// A gathering is one search for what an incident affects.
type gathering struct {
	*Office
	tx       *store.Tx
	incident *dars.Incident
	on       dars.Day
	notices  map[string]*dars.RecallNotice // by agreement
}

// affected are the notices of all that an incident affects, by agreement.
func (o *Office) affected(tx *store.Tx, i *dars.Incident, on dars.Day) (all []*dars.RecallNotice, err error) {
	g, err := o.gather(tx, i, on)
	if err != nil {
		return nil, err
	}
	if err := g.own(); err != nil {
		return nil, err
	}
	if err := g.registers(); err != nil {
		return nil, err
	}
	for _, n := range g.notices {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b *dars.RecallNotice) int { return strings.Compare(a.Agreement, b.Agreement) })
	return all, nil
}

// gather begins a search. What an incident tells of an organisation is told of each that
// was said to be the same, and under every name that it has.
func (o *Office) gather(tx *store.Tx, i *dars.Incident, on dars.Day) (*gathering, error) {
	looked := *i
	looked.Scope.Orgs = slices.Clone(i.Scope.Orgs)
	var ours dars.PartiesByForm
	if len(i.Scope.Orgs) > 0 {
		var err error
		if ours, err = partiesByName(tx); err != nil {
			return nil, err
		}
	}
	for _, name := range i.Scope.Orgs {
		called := dars.PartyNames(name)
		if org, err := store.Get[dars.Organisation](tx, name); err == nil {
			called = org.PartyNames()
		} else if !absent(err) {
			return nil, err
		}
		called, err := alsoCalled(tx, called...)
		if err != nil {
			return nil, err
		}
		for _, form := range called {
			looked.Scope.Orgs = append(looked.Scope.Orgs, strings.TrimPrefix(form, "code "))
			if code := ours[form]; code != "" {
				looked.Scope.Orgs = append(looked.Scope.Orgs, string(code))
			}
		}
	}
	return &gathering{o, tx, &looked, on, map[string]*dars.RecallNotice{}}, nil
}

// notice is the one of an agreement.
func (g *gathering) notice(agreement string, register bool) *dars.RecallNotice {
	n := g.notices[agreement]
	if n == nil {
		n = &dars.RecallNotice{Agreement: agreement, Register: register, Parties: []dars.RecallParty{}, Releases: []dars.RecalledRelease{}, Files: []dars.RecalledFile{}}
		g.notices[agreement] = n
	}
	return n
}

// own looks at the releases of the office: those that were let out, whatever became of
// them, and those that are planned, made or agreed and wait to be.
func (g *gathering) own() error {
	all, err := store.Find[dars.Release](g.tx)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.Given() == "" && !r.Withdrawable() && r.State != dars.AccessAgreed {
			continue
		}
		if err := g.release(r); err != nil {
			return err
		}
	}
	return nil
}

func (g *gathering) release(r *dars.Release) error {
	agreement, parties, touched, sure, err := g.touches(r)
	if err != nil || !touched {
		return err
	}
	n := g.notice(string(agreement.ID), false)
	n.Releases = append(n.Releases, dars.RecalledRelease{ID: string(r.ID), Dataset: r.Dataset, State: string(r.State), Given: r.Given(), Sure: sure, Users: users(r)})
	for _, p := range parties {
		if !slices.ContainsFunc(n.Parties, func(known dars.RecallParty) bool { return known.Org == p.Org }) {
			n.Parties = append(n.Parties, p)
		}
	}
	if n.PassedOn == "" {
		if n.PassedOn, err = passedOn(g.tx, agreement); err != nil {
			return err
		}
	}
	return g.files(n, r, parties)
}

// touches reports whether the incident affects a release, whether that is sure, under
// which agreement it is, and who may have some of it.
func (g *gathering) touches(r *dars.Release) (agreement *dars.Agreement, parties []dars.RecallParty, touched, sure bool, err error) {
	if agreement, err = store.Get[dars.Agreement](g.tx, r.Agreement); err != nil {
		return nil, nil, false, false, err
	}
	if parties, err = g.holding(agreement, r); err != nil {
		return nil, nil, false, false, err
	}
	terms, _ := agreement.Dataset(r.Dataset) // one that is gone says nothing, and then nobody can tell
	dataset, _ := g.Catalogue.Dataset(r.Dataset)
	var codes []dars.OrgCode
	for _, p := range parties {
		codes = append(codes, dars.OrgCode(p.Org))
	}
	var made dars.Day
	if r.State == dars.Planned || r.State == dars.AccessAgreed {
		made = g.on // or later: who makes it at this moment reads what is wrong
	}
	if at := r.Hand(dars.Produced).At; !at.IsZero() {
		made = g.Calendar.Day(at)
	}
	touched, sure = g.incident.Touches(r.Affects(terms, dataset, codes, made))
	return agreement, parties, touched, sure, nil
}

func users(r *dars.Release) int {
	if r.Access == nil {
		return 0
	}
	return len(r.Access.Current())
}

// passedOn is what the application behind an agreement says of sub-licences.
func passedOn(tx *store.Tx, g *dars.Agreement) (string, error) {
	p, err := store.Get[dars.Application](tx, g.Application)
	if absent(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return p.Form.Sublicensing, nil
}

// holding are who may have what was released: the parties of its agreement and of the
// versions that came after, and the organisations of those who collected.
func (g *gathering) holding(agreement *dars.Agreement, r *dars.Release) (parties []dars.RecallParty, err error) {
	add := func(code dars.OrgCode, as string) error {
		if slices.ContainsFunc(parties, func(p dars.RecallParty) bool { return p.Org == string(code) }) {
			return nil
		}
		org, err := store.Get[dars.Organisation](g.tx, code)
		if err == nil {
			parties = append(parties, dars.RecallParty{Org: string(code), Name: org.Name, As: as})
		}
		return err
	}
	versions, err := store.Find[dars.Agreement](g.tx, dars.By("case", agreement.Stem))
	if err != nil {
		return nil, err
	}
	for _, v := range versions {
		if v.ID != agreement.ID && (!v.Later(agreement) || v.CountersignedBy == "") {
			continue
		}
		for _, c := range v.Controllers {
			err = cmp.Or(err, add(c.Org, "controller"))
		}
		for _, p := range v.Processors {
			err = cmp.Or(err, add(p, "processor"))
		}
		for _, p := range v.Sublicensed {
			err = cmp.Or(err, add(p, "sub-licensee"))
		}
		if err = cmp.Or(err, add(v.Org, "applicant")); err != nil {
			return nil, err
		}
	}
	pages, err := store.Find[dars.Collection](g.tx, dars.By("release", r.ID))
	for _, c := range pages {
		if err == nil && len(c.Sent()) > 0 {
			err = add(c.Org, "collector")
		}
	}
	return parties, err
}

// files adds what of a release lies with somebody, by the ledger: a file of which no
// byte was sent needs no answer, nor one that a certificate accounts for.
func (g *gathering) files(n *dars.RecallNotice, r *dars.Release, parties []dars.RecallParty) error {
	if r.Given() == "" {
		return nil // it waits here
	}
	pages, err := store.Find[dars.Collection](g.tx, dars.By("release", r.ID))
	if err != nil {
		return err
	}
	for _, one := range r.Files {
		f := dars.RecalledFile{File: string(one.ID), Release: string(r.ID), Dataset: r.Dataset, Period: one.Period, Path: one.Path, Size: one.Bytes, Sent: []dars.SentTo{}, Answers: []dars.RecallAnswer{}}
		for _, p := range parties {
			f.Holders = append(f.Holders, p.Org)
		}
		for _, c := range pages {
			if bytes := c.Sent().Bytes(); c.File == one.ID && bytes > 0 {
				f.Sent = append(f.Sent, dars.SentTo{Person: c.Person, Org: c.Org, Bytes: bytes, Last: g.Calendar.Day(c.Last)})
			}
		}
		certificate, err := destroyedBy(g.tx, one.ID)
		switch {
		case err != nil:
			return err
		case len(f.Sent) == 0:
			f.Known(dars.NeverCollected, "", g.on)
		case certificate != "":
			f.Known(dars.Certified, string(certificate), g.on)
		}
		n.Files = append(n.Files, f)
	}
	return nil
}

// destroyedBy is the accepted certificate by which a file is destroyed everywhere, or "".
func destroyedBy(tx *store.Tx, f dars.FileID) (dars.CertificateID, error) {
	asked, err := askedWhole(tx, f)
	for _, c := range asked {
		kept := slices.ContainsFunc(c.Items, func(i dars.Destruction) bool { return i.File == f && i.HeldUnder != "" })
		if c.State == dars.CertAccepted && !kept {
			return c.ID, err
		}
	}
	return "", err
}

// registers looks at what registers say was released by others, or before. Nobody knows
// there who collected, so every row is asked for; rows that a later edition left out are
// among them, since a file does not come back by that.
func (g *gathering) registers() error {
	parties, err := partiesByName(g.tx)
	if err != nil {
		return err
	}
	titles := map[string]string{}
	for _, d := range g.Catalogue {
		titles[strings.ToLower(d.Name)] = d.Code
	}
	err = store.Each(g.tx, func(r *dars.ImportedRelease) error {
		party := known(parties, r.Org)
		touched, sure := g.incident.Touches(r.Affects(titles[strings.ToLower(r.Dataset)], party))
		if !touched {
			return nil
		}
		n := g.notice(r.Agreement, true)
		holder := cmp.Or(string(party), r.Org)
		if !slices.ContainsFunc(n.Parties, func(p dars.RecallParty) bool { return p.Org == holder }) {
			n.Parties = append(n.Parties, dars.RecallParty{Org: holder, Name: r.Org, As: "recipient"})
		}
		n.Releases = append(n.Releases, dars.RecalledRelease{ID: r.ID, Dataset: r.Dataset, State: r.Card().State, Sure: sure})
		n.Files = append(n.Files, dars.RecalledFile{File: r.ID, Release: r.ID, Dataset: r.Dataset, Sent: []dars.SentTo{}, Holders: []string{holder}, Answers: []dars.RecallAnswer{}})
		return nil
	})
	if err != nil {
		return err
	}
	for _, n := range g.notices {
		if n.Register {
			if err := g.named(n, parties); err != nil {
				return err
			}
		}
	}
	return nil
}

// known is which of our organisations a register names, or "".
func known(parties map[string]dars.OrgCode, name string) dars.OrgCode {
	for _, form := range dars.PartyNames(name) {
		if code := parties[form]; code != "" {
			return code
		}
	}
	return ""
}

// named adds to a notice what the register says of its agreement: who else has a part in
// it, and whether data may be passed on under it.
func (g *gathering) named(n *dars.RecallNotice, parties map[string]dars.OrgCode) error {
	agreement, err := store.Get[dars.ImportedAgreement](g.tx, n.Agreement)
	if absent(err) {
		return nil // rows name agreements of which no sheet tells
	}
	if err != nil {
		return err
	}
	for _, name := range agreement.Orgs {
		org := cmp.Or(string(known(parties, name)), name)
		if !slices.ContainsFunc(n.Parties, func(p dars.RecallParty) bool { return p.Org == org }) {
			n.Parties = append(n.Parties, dars.RecallParty{Org: org, Name: name, As: "recipient"})
		}
	}
	for _, said := range agreement.Statements {
		n.PassedOn = cmp.Or(n.PassedOn, said["sublicensing"])
	}
	if strings.EqualFold(n.PassedOn, "no") {
		n.PassedOn = ""
	}
	return nil
}

// RecallPlan is what an incident affects today. Nothing is called back by looking.
func (o Incidents) RecallPlan(ctx context.Context, a dars.Act, id dars.IncidentID) (p dars.RecallPlan, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		if _, err := o.allowed(tx, a, "recall plan"); err != nil {
			return err
		}
		i, err := store.Get[dars.Incident](tx, id)
		if err != nil {
			return err
		}
		notices, err := o.affected(tx, i, o.today(a))
		p = dars.RecallOf(i, nil, notices, o.today(a))
		return err
	})
	return p, err
}
