package office

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// Ask puts a question to the query desk, for somebody with system access under an
// agreement. It stands between two acts: the first numbers the question, so that no
// other is answered that does not know of it; the second asks again for all that the
// first relied on, and publishes the table or notes why there is none. What is refused
// by either is noted, and leaves as a refusal.
func (o Queries) Ask(ctx context.Context, a dars.Act, agreement dars.AgreementID, request []byte) (*dars.Query, error) {
	var asking asking
	var no *dars.Refusal
	q, err := o.ask(ctx, a, agreement, request, &asking)
	if err != nil || q.State == dars.QueryRefused {
		return q, orRefused(q, err)
	}
	made, err := o.Works.Tables.Make(ctx, asking.TableAsked, asking.list, asking.earlier)
	if err != nil && !errors.As(err, &no) {
		return nil, fmt.Errorf("%s could not be counted, and counts as asked: %w", q.ID, err)
	}
	table := dars.TableMade{Rules: asking.Rules, Cells: made.Cells, Suppressed: made.Suppressed, Withheld: made.Withheld, Bytes: int64(len(made.CSV)), Shown: int64(len(made.Text))}
	if no == nil {
		sum := sha256.Sum256(made.CSV)
		table.SHA256 = hex.EncodeToString(sum[:])
		if err := o.keepTable(q, made); err != nil {
			return nil, err
		}
	}
	err = o.do(ctx, a, "query ask", func(tx *store.Tx, who *dars.Person) error {
		if q, err = store.Get[dars.Query](tx, q.ID); err != nil {
			return err
		}
		why := no
		if why == nil {
			if _, err := o.access(tx, who, agreement, q.Dataset, o.today(a)); err != nil && !errors.As(err, &why) {
				return err
			}
		}
		if why == nil {
			if list, err := o.fitList(tx, o.today(a)); errors.As(err, &why) {
			} else if err != nil {
				return err
			} else if list.ID != q.List {
				why = dars.Refuse("list-changed", q.ID, "a new list of objections came while %s was counted: ask again", q.ID).(*dars.Refusal)
			}
		}
		if why != nil {
			err = q.Refuse(why)
		} else {
			err = q.Answer(table)
		}
		if err != nil {
			return err
		}
		return tx.Save(a, "query "+string(q.State), q)
	})
	return q, orRefused(q, err)
}

// orRefused is the refusal of a question that was refused.
func orRefused(q *dars.Query, err error) error {
	if err == nil && q.State == dars.QueryRefused {
		return dars.Refuse(q.Refused.Rule, q.ID, "%s", q.Refused.Sentence)
	}
	return err
}

// An asking is all that a question is answered from.
type asking struct {
	TableAsked
	list    *dars.List
	earlier []EarlierTable
}

// ask numbers a question. One that cannot be understood is numbered and refused: it
// counts.
func (o Queries) ask(ctx context.Context, a dars.Act, agreement dars.AgreementID, request []byte, with *asking) (q *dars.Query, err error) {
	err = o.do(ctx, a, "query ask", func(tx *store.Tx, who *dars.Person) error {
		g, err := o.mine(tx, who, agreement)
		if err != nil {
			return err
		}
		all, err := store.Find[dars.Query](tx, dars.By("agreement", g.ID), dars.By("person", who.ID))
		if err != nil {
			return err
		}
		if err := dars.QueryBudget(all, who.ID, g.ID, o.Policy.QueriesADay, o.today(a)); err != nil {
			return err
		}
		ref, err := number(tx, "query", "QRY-")
		if err != nil {
			return err
		}
		q = &dars.Query{ID: dars.QueryID(ref), State: dars.QueryAsked, By: who.ID, Org: who.Org, Agreement: g.ID, Asked: o.today(a), Holders: g.Holders()}
		var no *dars.Refusal
		if err := o.understand(tx, a, who, g, request, q, with); errors.As(err, &no) {
			if err := q.Refuse(no); err != nil {
				return err
			}
		} else if err != nil {
			return err
		}
		return tx.Save(a, "query "+string(q.State), q)
	})
	return q, err
}

// understand fills in what a question asks for, and what it is answered from.
func (o Queries) understand(tx *store.Tx, a dars.Act, who *dars.Person, g *dars.Agreement, request []byte, q *dars.Query, with *asking) (err error) {
	if with.TableAsked, err = o.Works.Tables.Read(request, g, o.today(a)); err != nil {
		return err
	}
	q.Dataset, q.Request, q.Population = with.Dataset, with.Request, with.Population
	if q.Access, err = o.access(tx, who, g.ID, q.Dataset, o.today(a)); err != nil {
		return err
	}
	if with.list, err = o.fitList(tx, o.today(a)); err != nil {
		return err
	}
	q.List, q.ListSHA256 = with.list.ID, with.list.SHA256
	with.earlier, err = earlierTables(tx, g, q.Dataset, string(q.ID))
	return err
}

// mine is an agreement under which somebody has system access to anything, in the words
// for one that is not there if not.
func (o Queries) mine(tx *store.Tx, who *dars.Person, id dars.AgreementID) (*dars.Agreement, error) {
	unknown := dars.Refuse("not-found", id, "there is no agreement %s under which you have system access", id)
	g, err := store.Get[dars.Agreement](tx, id)
	var no *dars.Refusal
	if errors.As(err, &no) {
		return nil, unknown
	} else if err != nil {
		return nil, err
	}
	all, err := accesses(tx, who.ID, g.ID)
	if err == nil && len(all) == 0 {
		err = unknown
	}
	return g, err
}

// access is the system access by which somebody may look at a dataset today, or why not.
func (o Queries) access(tx *store.Tx, who *dars.Person, agreement dars.AgreementID, dataset string, on dars.Day) (dars.ReleaseID, error) {
	all, err := accesses(tx, who.ID, agreement)
	if err != nil {
		return "", err
	}
	for _, r := range all {
		if r.Dataset != dataset {
			continue
		}
		_, g, err := withAgreement(tx, r.ID)
		if err != nil {
			return "", err
		}
		return r.ID, o.looking(tx, r, g, on)
	}
	return "", dars.Refuse("no-access", agreement, "you have no access to %s under agreement %s", dataset, agreement)
}

// accesses are those of a person under an agreement.
func accesses(tx *store.Tx, who dars.PersonID, agreement dars.AgreementID) ([]*dars.Release, error) {
	all, err := store.Find[dars.Release](tx, dars.By("agreement", agreement))
	return slices.DeleteFunc(all, func(r *dars.Release) bool { return r.Access == nil || !slices.Contains(r.Access.Current(), who) }), err
}

// keepTable keeps a table as CSV, and as it is read.
func (o Queries) keepTable(q *dars.Query, made TableMade) error {
	if err := o.Works.Vault.Write("", q.Vault("csv"), bytes.NewReader(made.CSV)); err != nil {
		return err
	}
	return o.Works.Vault.Write("", q.Vault("txt"), bytes.NewReader(made.Text))
}

// answered are the answers that somebody may look at today, oldest first: their own,
// under agreements by which they still have access.
func (o Desk) answered(tx *store.Tx, who *dars.Person, on dars.Day) (answered []*dars.Query, err error) {
	all, err := store.Find[dars.Query](tx, dars.By("person", who.ID), dars.By("state", dars.QueryAnswered))
	if err != nil {
		return nil, err
	}
	open := map[dars.ReleaseID]bool{}
	for _, q := range all {
		may, asked := open[q.Access]
		if !asked {
			_, err := Queries(o).access(tx, who, q.Agreement, q.Dataset, on)
			var no *dars.Refusal
			if err != nil && !errors.As(err, &no) {
				return nil, err
			}
			may = err == nil
			open[q.Access] = may
		}
		if may {
			answered = append(answered, q)
		}
	}
	return answered, nil
}

// An OpenAccess is a dataset that somebody has system access to.
type OpenAccess struct {
	Agreement *dars.Agreement
	Terms     dars.DatasetRequest
	Closed    string // why nobody may look today, or nothing
}

// Open are the datasets that somebody may ask about.
func (o Queries) Open(ctx context.Context, a dars.Act) (all []OpenAccess, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		who, err := o.allowed(tx, a, "query ask")
		if err != nil {
			return err
		}
		for _, state := range []dars.ReleaseState{dars.AccessGranted, dars.AccessReviewed} {
			releases, err := store.Find[dars.Release](tx, dars.By("state", state))
			if err != nil {
				return err
			}
			for _, r := range releases {
				if !slices.Contains(r.Access.Current(), who.ID) {
					continue
				}
				g, err := store.Get[dars.Agreement](tx, r.Agreement)
				if err != nil {
					return err
				}
				open := OpenAccess{Agreement: g}
				if open.Terms, err = g.Dataset(r.Dataset); err != nil {
					return err
				}
				var no *dars.Refusal
				if err := o.looking(tx, r, g, o.today(a)); errors.As(err, &no) {
					open.Closed = no.Sentence
				} else if err != nil {
					return err
				}
				all = append(all, open)
			}
		}
		return nil
	})
	return all, err
}

// MayRead refuses an answer to outsiders other than who asked, and to them once their
// access has ended. The office may read all.
func (o Queries) MayRead(ctx context.Context, a dars.Act, q *dars.Query) error {
	return o.Store.View(ctx, func(tx *store.Tx) error {
		who, err := store.Get[dars.Person](tx, a.Who)
		if err != nil || who.Inside() {
			return err
		}
		if q.By != who.ID {
			return dars.Refuse("not-found", q.ID, "there is no query %s", q.ID)
		}
		_, err = o.access(tx, who, q.Agreement, q.Dataset, o.today(a))
		return err
	})
}
