package office

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// SignIn says who a visitor is. The same is asked and looked up for a login that
// does not exist: neither words nor time tell a stranger which do.
func (o Desk) SignIn(ctx context.Context, v dars.Visitor) (p *dars.Person, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err = visitor(tx, v)
		if err != nil {
			return err
		}
		return p.LetIn(v, o.Authorities)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// visitor returns who has the visitor's login, or nobody; and nobody too where
// the key is somebody else's, whatever a certificate says.
func visitor(tx *store.Tx, v dars.Visitor) (*dars.Person, error) {
	named, err := store.Find[dars.Person](tx, dars.By("login", v.Login))
	if err != nil {
		return nil, err
	}
	holders, err := store.Find[dars.Person](tx, dars.By("key", v.Key))
	if err != nil || len(named) != 1 || len(holders) > 0 && holders[0].ID != named[0].ID {
		return &dars.Person{}, err
	}
	return named[0], nil
}

// Person finds somebody by login.
func (o Desk) Person(ctx context.Context, login string) (p *dars.Person, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err = byLogin(tx, login)
		return err
	})
	return p, err
}

// Get lends one noun to somebody who may see it: an outsider, if org says that it
// is of their own organisation.
func Get[T any, P store.Noun[T]](ctx context.Context, o Desk, who dars.PersonID, ref string, org func(P) dars.OrgCode) (n P, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := actor(tx, dars.Act{Who: who})
		if err != nil {
			return err
		}
		if n, err = store.Get[T, P](tx, ref); err != nil {
			return err
		}
		return ownCase(p, org(n), n.Card().Kind, ref)
	})
	return n, err
}

// List lends every noun of a kind that somebody may see.
func List[T any, P store.Noun[T]](ctx context.Context, o Desk, who dars.PersonID, org func(P) dars.OrgCode, keys ...dars.Key) (all []P, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := actor(tx, dars.Act{Who: who})
		if err != nil {
			return err
		}
		found, err := store.Find[T, P](tx, keys...)
		for _, n := range found {
			if p.Inside() || org(n) == p.Org {
				all = append(all, n)
			}
		}
		return err
	})
	return all, err
}

// Application finds an application to read, by its stem or with a version. An
// older minor version is as it was handed in.
func (o Desk) Application(ctx context.Context, who dars.PersonID, ref string) (*dars.Application, error) {
	return o.application(ctx, who, ref, toRead)
}

// AtWork finds the application on which an act would fall: what is read before
// acting.
func (o Desk) AtWork(ctx context.Context, who dars.PersonID, ref string) (*dars.Application, error) {
	if _, _, minor, _ := dars.ParseCase(ref); minor != "" {
		return o.Application(ctx, who, ref) // it says which, and reading is no act
	}
	return o.application(ctx, who, ref, atWork)
}

func (o Desk) application(ctx context.Context, who dars.PersonID, ref string, find func(*store.Tx, string) (*dars.Application, error)) (found *dars.Application, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := actor(tx, dars.Act{Who: who})
		if err != nil {
			return err
		}
		if found, err = find(tx, ref); err != nil {
			return err
		}
		return ownCase(p, found.Form.Organisation, "application", ref)
	})
	if err != nil {
		return nil, err
	}
	_, _, minor, _ := dars.ParseCase(ref)
	if minor == "" || minor == fmt.Sprint(found.Minor) {
		return found, nil
	}
	was, err := o.Submitted(ctx, who, ref)
	if err != nil {
		return nil, err
	}
	return found.AsItWas(was.Version, was.Form)
}

// Agreements are those that somebody may see: an outsider, their own
// organisation's, and those under which they collect for another.
func (o Desk) Agreements(ctx context.Context, who dars.PersonID) (all []*dars.Agreement, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := actor(tx, dars.Act{Who: who})
		if err != nil {
			return err
		}
		if p.Inside() {
			all, err = store.Find[dars.Agreement](tx)
			return err
		}
		own, err := store.Find[dars.Agreement](tx, dars.By("org", p.Org))
		if err != nil {
			return err
		}
		collects, err := store.Find[dars.Agreement](tx, dars.By("recipient", p.ID))
		for _, g := range collects {
			if g.Org != p.Org {
				own = append(own, g)
			}
		}
		all = own
		return err
	})
	return all, err
}

// Agreement turns a reference as people write it into an agreement's: a stem
// means the version in force, else the newest; so does a major version alone, among
// its own.
// To an outsider those of other organisations are not there.
func (o Desk) Agreement(ctx context.Context, who dars.PersonID, ref string) (id dars.AgreementID, err error) {
	stem, major, minor, err := dars.ParseCase(ref)
	if err != nil {
		return "", err
	}
	exact := dars.AgreementID("")
	if minor != "" {
		exact = dars.AgreementID(stem + "-v" + major + "." + minor)
	}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := actor(tx, dars.Act{Who: who})
		if err != nil {
			return err
		}
		all, err := store.Find[dars.Agreement](tx, dars.By("case", stem))
		if err != nil {
			return err
		}
		var meant *dars.Agreement
		for _, g := range all {
			if ownCase(p, g.Org, "agreement", ref) != nil && !slices.Contains(g.Recipients, p.ID) || exact != "" && g.ID != exact {
				continue
			}
			if major != "" && !strings.HasPrefix(g.Version, "v"+major+".") {
				continue
			}
			if meant == nil || g.State == dars.InForce || meant.State != dars.InForce && g.Later(meant) {
				meant = g
			}
		}
		if meant == nil {
			return dars.Refuse("not-found", ref, "there is no agreement %s", ref)
		}
		id = meant.ID
		return nil
	})
	return id, err
}
