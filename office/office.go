// Package office holds every act of a person or of the clock once, whatever door
// it comes through: the nouns decide, and the store keeps what changed, the event
// that says so and what must follow, in one transaction.
//
// The command line, SSH, the watched folders and the scheduler all come through
// here. There is one type for each wing: [Parties], [Applications], [Committee],
// [Agreements], [Objections], [Cohorts], [Releases], [Queries], [Ledger], [Deletion],
// [Benefits], [Audits], [Complaints], [Incidents], [Guard], the [Intake] for what comes
// in by folder, the [Register] for what was published before, the [Post] for letters on
// their way, the [Clock] for what is due, and the [Desk] for reading. They share the
// [Office]. What follows an act (a letter, a paper, a purge) is owed, and done by
// [Office.Work] after the commit.
package office

import (
	"context"
	"fmt"
	"log/slog"

	"darsd/dars"
	"darsd/store"
)

// An Office is what all wings stand on.
type Office struct {
	Store       *store.Store
	Calendar    dars.Calendar // its zone and its table; what was announced since is in the store
	Catalogue   dars.Catalogue
	Policy      dars.Policy
	Limits      dars.Limits
	Info        dars.Office
	Orders      []dars.ReportOrder // reports that are delivered
	Authorities []dars.Authority   // whose certificates let somebody in
	Works       Works
	Log         *slog.Logger
}

// Wings of the office.
type (
	Parties      struct{ *Office } // organisations, people, contracts
	Applications struct{ *Office }
	Committee    struct{ *Office }
	Agreements   struct{ *Office }
	Objections   struct{ *Office }
	Releases     struct{ *Office }
	Queries      struct{ *Office } // questions to the query desk
	Ledger       struct{ *Office } // what of a release was sent, and receipts
	Cohorts      struct{ *Office } // whom recipients ask for
	Deletion     struct{ *Office } // certificates of destruction
	Benefits     struct{ *Office } // what came of the data
	Audits       struct{ *Office }
	Intake       struct{ *Office } // what comes in by folder and submit/
	Clock        struct{ *Office } // duties that fall due, and reports
	Almanac      struct{ *Office } // bank holidays
	Charges      struct{ *Office } // quotes, and what is owed
	Register     struct{ *Office } // what was published before, of releases of others
	Post         struct{ *Office } // letters that wait to be sent
	Desk         struct{ *Office } // reading
)

// today is the office's date of an act.
func (o *Office) today(a dars.Act) dars.Day { return o.Calendar.Day(a.At) }

// do runs an act of somebody who may do it, in one transaction. The act's words
// are those of its command; its power and its event go by them.
func (o *Office) do(ctx context.Context, a dars.Act, act string, decide func(tx *store.Tx, who *dars.Person) error) error {
	return o.Store.Do(ctx, func(tx *store.Tx) error {
		who, err := o.allowed(tx, a, act)
		if err != nil {
			return err
		}
		if a.Via == dars.BreakGlass {
			if err := breakGlass(tx, a, act); err != nil {
				return err
			}
		}
		before, err := tx.Head()
		if err != nil {
			return err
		}
		if err := decide(tx, who); err != nil {
			return err
		}
		return unstained(tx, a, before)
	})
}

// allowed lends the person who acts, with the roles that others have delegated to
// them, or refuses who may not, or does not say why from a local shell. Long work
// asks it first, so that a refusal comes at once.
func (o *Office) allowed(tx *store.Tx, a dars.Act, act string) (*dars.Person, error) {
	known, err := actor(tx, a)
	if err != nil {
		return nil, err
	}
	own, err := acting(tx, known, o.today(a))
	if err != nil {
		return nil, err
	}
	who := own.With(o.today(a))
	if who.ID != dars.ByClock && who.ID != dars.ByFolder {
		if err := who.May(act); err != nil {
			return nil, err
		}
		tx.OnBehalf(own.StandsIn(o.today(a), dars.Powers[act]...))
	}
	if a.Via == dars.SSH && known.Left != "" { // a moment ago, and the session is about to be closed
		return nil, dars.Refuse("left", a.Who, "%s has left on %s and acts no more", a.Who, known.Left)
	}
	if a.Via == dars.BreakGlass && a.Why == "" {
		return nil, dars.Refuse("no-reason", a.Who, "a local shell acts in somebody's name in emergencies only: say why with --reason, or sign in over SSH with your own key")
	}
	return who, nil
}

// actor lends the person who acts. The clock and the folders have no person
// behind them, and stand inside.
func actor(tx *store.Tx, a dars.Act) (*dars.Person, error) {
	if a.Who == dars.ByClock || a.Who == dars.ByFolder {
		return &dars.Person{ID: a.Who, Org: dars.TheOffice}, nil
	}
	return store.Get[dars.Person](tx, a.Who)
}

// one is the form of most acts: one noun decides, and is kept with what is owed
// for it. An act on several nouns is written out.
func one[T any, P store.Noun[T], ID ~string](ctx context.Context, o *Office, a dars.Act, act string, id ID, decide func(dars.Act, P) error, owed ...func(*store.Tx, P) error) error {
	return o.do(ctx, a, act, func(tx *store.Tx, _ *dars.Person) error {
		n, err := store.Get[T, P](tx, id)
		if err != nil {
			return err
		}
		if err := decide(inName(tx, a), n); err != nil {
			return err
		}
		return keep(tx, a, act, n, owed...)
	})
}

// keep saves what an act has changed, and does what belongs to it.
func keep[P dars.Noun](tx *store.Tx, a dars.Act, act string, n P, then ...func(*store.Tx, P) error) error {
	if err := oneConsole(tx, a, n); err != nil {
		return err
	}
	if err := tx.Save(a, act, n); err != nil {
		return err
	}
	return also(tx, n, then)
}

// also does what belongs to an act.
func also[P dars.Noun](tx *store.Tx, n P, then []func(*store.Tx, P) error) error {
	for _, do := range then {
		if err := do(tx, n); err != nil {
			return err
		}
	}
	return nil
}

// ownCase refuses an outsider who reaches for another organisation's case, in the
// words for one that is not there.
func ownCase(who *dars.Person, org dars.OrgCode, kind, ref string) error {
	if who.Inside() || who.Org == org {
		return nil
	}
	return dars.Refuse("not-found", ref, "there is no %s %s", kind, ref)
}

// number makes the next reference of a kind: "REL-000008".
func number(tx *store.Tx, kind, prefix string) (string, error) {
	last, err := tx.Last(kind)
	if err != nil {
		return "", err
	}
	n, err := nextNumber(tx, kind, last)
	return fmt.Sprintf("%s%06d", prefix, n), err
}
