package office

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Found makes the house and its first operator. It is the one act that nobody
// had the power to do.
func (o Parties) Found(ctx context.Context, a dars.Act, rehearsal bool, login, fingerprint, public string) error {
	return o.Store.Do(ctx, func(tx *store.Tx) error {
		n, err := tx.Count("house")
		if err != nil {
			return err
		}
		if n > 0 {
			return dars.Refuse("founded", "house", "this data directory has an office already")
		}
		a.Who = "P-000001"
		if err := tx.Save(a, "init", &dars.House{Rehearsal: rehearsal, Since: o.today(a)}); err != nil {
			return err
		}
		p := &dars.Person{ID: a.Who, Org: dars.TheOffice, Login: login, Name: login, Roles: []dars.Role{dars.Operator}}
		if err := p.AddKey(a, fingerprint, public); err != nil {
			return err
		}
		return tx.Save(a, "init", p)
	})
}

// AddOrganisation enters an organisation that is not known yet.
func (o Parties) AddOrganisation(ctx context.Context, a dars.Act, org dars.Organisation) error {
	return o.do(ctx, a, "org add", func(tx *store.Tx, _ *dars.Person) error {
		if org.Code == "" || org.Code == dars.TheOffice || strings.ContainsAny(string(org.Code), "/\\ .") {
			return dars.Refuse("bad-code", org.Code, "%q is not an organisation's code such as RA1", org.Code)
		}
		ref := string(org.Code)
		if err := cmp.Or(dars.CheckName(ref, "the code", ref), dars.CheckName(ref, "the name", org.Name), dars.CheckName(ref, "the address", org.Address), org.Standing().Check(org.Code)); err != nil {
			return err
		}
		org.State = dars.OrgActive
		if was, err := store.Get[dars.Organisation](tx, org.Code); err == nil {
			return dars.Refuse("known", org.Code, "the organisation %s (%s) is known already", was.Code, was.Name)
		}
		return tx.Save(a, "org add", &org)
	})
}

// Hold stops all releases to an organisation.
func (o Parties) Hold(ctx context.Context, a dars.Act, code dars.OrgCode) error {
	return one(ctx, o.Office, a, "org hold", code, func(a dars.Act, g *dars.Organisation) error { return g.Hold(a) },
		func(tx *store.Tx, g *dars.Organisation) error { return owePaper(tx, a, "hold", string(g.Code)) })
}

// ReleaseHold ends a hold.
func (o Parties) ReleaseHold(ctx context.Context, a dars.Act, code dars.OrgCode) error {
	return one(ctx, o.Office, a, "org release-hold", code, func(a dars.Act, g *dars.Organisation) error { return g.ReleaseHold(a) },
		func(tx *store.Tx, g *dars.Organisation) error { return owePaper(tx, a, "hold-ended", string(g.Code)) })
}

// AddPerson enters a person, with a first key where one is given. The office's
// own people are an operator's to add.
func (o Parties) AddPerson(ctx context.Context, a dars.Act, p dars.Person, fingerprint, public string) (id dars.PersonID, err error) {
	err = o.do(ctx, a, "person add", func(tx *store.Tx, who *dars.Person) error {
		switch {
		case p.Org == dars.TheOffice && !who.Has(dars.Operator):
			return dars.Refuse("no-power", p.Login, "only an operator adds people of the office")
		case p.Org != dars.TheOffice && !who.Has(dars.CaseOfficer):
			return dars.Refuse("no-power", p.Login, "only a case officer adds people of %s", p.Org)
		case !validLogin(p.Login):
			return dars.Refuse("bad-login", p.Login, "%q is not a login: small letters, digits, . _ and -, beginning with a letter", p.Login)
		}
		if err := cmp.Or(dars.CheckName(p.Login, "the name", p.Name), dars.CheckEmail(p.Login, p.Email), dars.CheckRoles(p.Org, p.Roles)); err != nil {
			return err
		}
		if p.Org != dars.TheOffice {
			if _, err := store.Get[dars.Organisation](tx, p.Org); err != nil {
				return err
			}
		}
		if known, err := store.Find[dars.Person](tx, dars.By("login", p.Login)); err != nil || len(known) > 0 {
			return refuseUnless(err, "known", p.Login, "the login %s is taken", p.Login)
		}
		ref, err := number(tx, "person", "P-")
		if err != nil {
			return err
		}
		p.ID = dars.PersonID(ref)
		if fingerprint != "" {
			if err := freeKey(tx, fingerprint, p.ID); err != nil {
				return err
			}
			if err := p.AddKey(inName(tx, a), fingerprint, public); err != nil {
				return err
			}
		}
		id = p.ID
		if err := tx.Save(a, "person add", &p); err != nil || fingerprint == "" {
			return err
		}
		return keyTold(tx, a, &p, fingerprint)
	})
	return id, err
}

// AddKey gives a person another key.
func (o Parties) AddKey(ctx context.Context, a dars.Act, login, fingerprint, public string) error {
	return o.onPerson(ctx, a, "person key-add", login, func(tx *store.Tx, p *dars.Person) error {
		if err := freeKey(tx, fingerprint, p.ID); err != nil {
			return err
		}
		return p.AddKey(inName(tx, a), fingerprint, public)
	}, func(tx *store.Tx, p *dars.Person) error { return keyTold(tx, a, p, fingerprint) })
}

// keyTold tells compliance, and whose it is, that somebody of the office was given a key. An
// operator does that alone, and whoever has three people's keys is three people. What a
// local shell does in an emergency is told anyway, and in a rehearsal nothing is real.
func keyTold(tx *store.Tx, a dars.Act, p *dars.Person, fingerprint string) error {
	if !p.Inside() || a.Via == dars.BreakGlass || a.Via == dars.Rehearsal {
		return nil
	}
	var roles []string
	for _, r := range p.Roles {
		roles = append(roles, string(r))
	}
	return write(tx, a, letter{To: []dars.PersonID{p.ID}, Roles: []dars.Role{dars.Compliance}, Names: []dars.PersonID{a.Who, p.ID},
		Subject: fmt.Sprintf("%s was given a key by %s", p.ID, a.Who),
		Body: fmt.Sprintf("%s gave %s of the office (%s) the key\n\n    %s\n\nWhoever holds it acts as %[2]s. Compliance asks %[2]s, by another way, whether it is theirs. If it is not, have it revoked at once (person key-revoke), and look at what was done with it: log show person %[2]s.\n",
			a.Who, p.ID, strings.Join(roles, ", "), fingerprint)})
}

// ConfirmKey is the second person's word on a key.
func (o Parties) ConfirmKey(ctx context.Context, a dars.Act, login, fingerprint string) error {
	return o.onPerson(ctx, a, "person key-confirm", login, func(tx *store.Tx, p *dars.Person) error {
		return p.ConfirmKey(inName(tx, a), fingerprint)
	})
}

// RevokeKey ends a key.
func (o Parties) RevokeKey(ctx context.Context, a dars.Act, login, fingerprint string) error {
	return o.onPerson(ctx, a, "person key-revoke", login, func(tx *store.Tx, p *dars.Person) error {
		return shutOut(tx, a, p, func() error { return p.RevokeKey(a, fingerprint) })
	})
}

// Leave shuts out somebody who has left.
func (o Parties) Leave(ctx context.Context, a dars.Act, login string) error {
	return o.onPerson(ctx, a, "person key-revoke", login, func(tx *store.Tx, p *dars.Person) error {
		return shutOut(tx, a, p, func() error { return p.Leave(a, o.today(a)) })
	})
}

// shutOut takes a person's keys, but not those of the last of compliance: nobody else
// would hear of the keys that an operator gives (see keyTold). A stolen key cannot wait for
// another: it is taken from a local shell, and the risk owner hears of that.
func shutOut(tx *store.Tx, a dars.Act, p *dars.Person, do func() error) error {
	could := p.SignsIn()
	if err := do(); err != nil || !could || p.SignsIn() || !p.Inside() || !p.Has(dars.Compliance) {
		return err
	}
	staff, err := store.Find[dars.Person](tx, dars.By("org", dars.TheOffice))
	if err != nil || slices.ContainsFunc(staff, func(s *dars.Person) bool { return s.ID != p.ID && s.Has(dars.Compliance) && s.SignsIn() }) {
		return err
	}
	if a.Via.Anybody() {
		return write(tx, a, letter{To: []dars.PersonID{p.ID}, Roles: []dars.Role{dars.SIRO}, Names: []dars.PersonID{a.Who, p.ID},
			Subject: fmt.Sprintf("Nobody of compliance can sign in since %s took the keys of %s", a.Who, p.ID),
			Body:    fmt.Sprintf("%s took the keys of %s, the last of compliance, from a local shell. Until somebody of compliance has a key again nobody hears of the keys that people of the office are given: have one given today.\n", a.Who, p.ID)})
	}
	return dars.Refuse("last-compliance", p.ID, "%s is the last of compliance who can sign in, and hears of each key that is given to people of the office: give them another key first, or enter somebody else of compliance; a stolen key can be taken at once from a shell of the office's machine", p.ID)
}

// Networks says from where alone a person may come in; from anywhere, if there
// are none. It acts on open sessions too.
func (o Parties) Networks(ctx context.Context, a dars.Act, login string, all []netip.Prefix) error {
	return o.onPerson(ctx, a, "person networks", login, func(_ *store.Tx, p *dars.Person) error {
		return p.SetNetworks(all)
	})
}

func (o Parties) onPerson(ctx context.Context, a dars.Act, act, login string, decide func(*store.Tx, *dars.Person) error, owed ...func(*store.Tx, *dars.Person) error) error {
	return o.do(ctx, a, act, func(tx *store.Tx, who *dars.Person) error {
		p, err := byLogin(tx, login)
		if err != nil {
			return err
		}
		if !who.Inside() && p.ID != who.ID {
			return dars.Refuse("not-found", login, "there is no person with the login %s", login)
		}
		if p.Inside() && !who.Has(dars.Operator) {
			return dars.Refuse("no-power", login, "only an operator changes the keys of people of the office")
		}
		if err := decide(tx, p); err != nil {
			return err
		}
		if err := tx.Save(a, act, p); err != nil {
			return err
		}
		return also(tx, p, owed)
	})
}

// byLogin lends the person of a login.
func byLogin(tx *store.Tx, login string) (*dars.Person, error) {
	all, err := store.Find[dars.Person](tx, dars.By("login", login))
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, dars.Refuse("not-found", login, "there is no person with the login %s", login)
	}
	return all[0], nil
}

// freeKey refuses a key that somebody else has: it would not say who signs in.
func freeKey(tx *store.Tx, fingerprint string, owner dars.PersonID) error {
	all, err := store.Find[dars.Person](tx, dars.By("key", fingerprint))
	if err == nil && len(all) > 0 && all[0].ID != owner {
		err = dars.Refuse("key-known", all[0].ID, "the key %s is already that of person %s; everybody has a key of their own", fingerprint, all[0].ID)
	}
	return err
}

func validLogin(login string) bool {
	for i, c := range login {
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789._-", c)) {
			return false
		}
	}
	return login != "" && len(login) <= 32
}

// refuseUnless is err if there is one, and else the refusal.
func refuseUnless(err error, rule, ref, sentence string, args ...any) error {
	if err != nil {
		return err
	}
	return dars.Refuse(rule, ref, sentence, args...)
}

// HostKeys are those that the log says are current; nil while the first ones are.
func (o Parties) HostKeys(ctx context.Context) (keys *dars.HostKeys, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		all, err := store.Find[dars.HostKeys](tx)
		if len(all) > 0 {
			keys = all[0]
		}
		return err
	})
	return keys, err
}

// MayChangeHostKeys refuses who may not. The keys are files, which are changed
// before the log can say so.
func (o Parties) MayChangeHostKeys(ctx context.Context, a dars.Act) error {
	return o.Store.View(ctx, func(tx *store.Tx) error {
		_, err := o.allowed(tx, a, "host-key switch")
		return err
	})
}

// HostKeysPrepared notes that the next ones are made.
func (o Parties) HostKeysPrepared(ctx context.Context, a dars.Act, keys dars.HostKeys) error {
	return o.do(ctx, a, "host-key prepare", func(tx *store.Tx, _ *dars.Person) error {
		keys.Changed = o.today(a)
		return tx.Save(a, "host-key prepare", &keys)
	})
}

// HostKeysSwitched notes that they have become the current ones.
func (o Parties) HostKeysSwitched(ctx context.Context, a dars.Act, keys dars.HostKeys) error {
	return o.do(ctx, a, "host-key switch", func(tx *store.Tx, _ *dars.Person) error {
		keys.Changed = o.today(a)
		return tx.Save(a, "host-key switch", &keys)
	})
}
