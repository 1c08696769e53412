package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"darsd/dars"
	"darsd/store"
)

// batch is how many nouns are kept in one transaction.
const batch = 4000

// fill writes the office's past into a store, by the store's own door: each event is
// hashed and salted as any other.
func fill(ctx context.Context, s *store.Store, p plan, keys map[string]dars.PersonKey, say func(format string, args ...any)) error {
	w := &work{ctx: ctx, store: s, say: say}
	err := parties(p, w.write, keys)
	release, cases := 0, 0
	for made := 0; made < p.agreements && err == nil; cases++ {
		versions := min(1+cases%4, p.agreements-made) // two and a half, on average
		made += versions
		org := cases / casesPerOrg
		l := &life{plan: p, rand: rand.New(rand.NewPCG(1, uint64(cases))), write: w.write, n: cases + 1, stem: dars.CaseStem(cases + 1),
			org: orgCode(org), person: outsider(org, cases%2), contract: dars.ContractName(org + 1), release: &release}
		l.owed = p.releases*made/p.agreements - release
		if cases%50 == 7 {
			l.owed = 0 // nothing was released yet
		}
		err = l.live(versions, cases%5 < 3)
	}
	if err == nil {
		err = w.flush()
	}
	return err
}

func orgCode(n int) dars.OrgCode { return dars.OrgCode(fmt.Sprintf("R%05d", n)) }

func outsider(org, n int) dars.PersonID {
	return dars.PersonID(fmt.Sprintf("P-%06d", firstOutside+2*org+n))
}

// parties are the office's people, the organisations, and two people of each.
func parties(p plan, write writer, keys map[string]dars.PersonKey) error {
	const first dars.Day = "2010-01-01"
	for _, s := range staff {
		who := &dars.Person{ID: s.id, Org: dars.TheOffice, Login: s.login, Name: s.login, Roles: []dars.Role{s.role}, Keys: []dars.PersonKey{keys[s.login]}}
		if err := write("P-000001", first, "person add", who); err != nil {
			return err
		}
	}
	cases := p.agreements*2/5 + casesPerOrg
	for n := range cases/casesPerOrg + 1 {
		o := &dars.Organisation{Code: orgCode(n), Name: fmt.Sprintf("University hospital %d", n), State: dars.OrgActive, ICO: fmt.Sprintf("Z%07d", n), ICOExpires: p.today.Add(300), Security: "DSPT met", SecurityExpires: p.today.Add(300)}
		if err := write(carol, first, "org add", o); err != nil {
			return err
		}
		c := &dars.Contract{ID: dars.ContractName(n + 1), Org: o.Code, State: dars.ContractInForce, Issued: first, Start: first, End: p.today.Add(1000), ConfirmedBy: []dars.PersonID{carol, chris}, Hands: dars.Hands{}, CountersignedBy: sam}
		if err := write(sam, first, "contract countersign", c); err != nil {
			return err
		}
		for i := range 2 {
			who := &dars.Person{ID: outsider(n, i), Org: o.Code, Login: fmt.Sprintf("r%d-%d", n, i), Name: fmt.Sprintf("Researcher %d of %s", i+1, o.Name), Roles: []dars.Role{dars.Applicant, dars.Collector}, Keys: []dars.PersonKey{}}
			if k, ok := keys[who.Login]; ok {
				who.Keys = append(who.Keys, k)
			}
			if err := write(carol, first, "person add", who); err != nil {
				return err
			}
		}
	}
	return nil
}

// A work keeps nouns, many in one transaction.
type work struct {
	ctx   context.Context
	store *store.Store
	say   func(string, ...any)
	todo  []func(*store.Tx) error
	n     int // events
}

// write notes a noun as it is now: the caller goes on with it.
func (w *work) write(who dars.PersonID, on dars.Day, act string, n dars.Noun) error {
	a := dars.Act{Who: who, At: instant(on), Via: dars.SSH}
	now := frozen{n.Card(), plain(n)}
	w.n++
	w.todo = append(w.todo, func(tx *store.Tx) error { return tx.Save(a, act, now) })
	if len(w.todo) < batch {
		return nil
	}
	return w.flush()
}

func (w *work) flush() error {
	err := w.store.Do(w.ctx, func(tx *store.Tx) error {
		for _, save := range w.todo {
			if err := save(tx); err != nil {
				return err
			}
		}
		return nil
	})
	w.todo = w.todo[:0]
	if w.n/batch%25 == 0 {
		w.say("%d events", w.n)
	}
	return err
}

// A frozen noun is what a noun was when it was written.
type frozen struct {
	card dars.Card
	text json.RawMessage
}

func (f frozen) Card() dars.Card              { return f.card }
func (f frozen) MarshalJSON() ([]byte, error) { return f.text, nil }

func plain(n dars.Noun) json.RawMessage {
	text, err := json.Marshal(n)
	if err != nil {
		panic(err) // of our own making
	}
	return text
}
