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
//
// One question is answered at a time: each takes all processors, and the memory that
// one may take.
func (o Queries) Ask(ctx context.Context, a dars.Act, agreement dars.AgreementID, request []byte) (*dars.Query, error) {
	err := o.Store.View(ctx, func(tx *store.Tx) error { // nobody waits in line for nothing
		who, err := o.allowed(tx, a, "query ask")
		if err == nil {
			_, err = o.mine(tx, who, agreement)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	end, err := o.Works.Tables.Turn(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	var asking asking
	q, err := o.ask(ctx, a, agreement, request, &asking)
	if err != nil || q.State == dars.QueryRefused {
		return q, orRefused(q, err)
	}
	if err := o.readSigns(asking.earlier); err != nil {
		return nil, fmt.Errorf("%s could not be held against earlier answers, and counts as asked: %w", q.ID, err)
	}
	made, err := o.Works.Tables.Make(ctx, asking.TableAsked, asking.list, asking.earlier)
	var no *dars.Refusal
	if err != nil && !errors.As(err, &no) {
		return nil, fmt.Errorf("%s could not be counted, and counts as asked: %w", q.ID, err)
	}
	if no == nil {
		if err := o.keepTable(q, made); err != nil {
			return nil, err
		}
	}
	q, err = o.answer(ctx, a, q.ID, asking, made, no)
	if err == nil && no == nil && q.State == dars.QueryRefused {
		err = o.dropTable(q, made)
	}
	return q, orRefused(q, err)
}

// answer publishes the table of a question, or notes why there is none.
func (o Queries) answer(ctx context.Context, a dars.Act, id dars.QueryID, asking asking, made TableMade, no *dars.Refusal) (q *dars.Query, err error) {
	err = o.do(ctx, a, "query ask", func(tx *store.Tx, who *dars.Person) error {
		if q, err = store.Get[dars.Query](tx, id); err != nil {
			return err
		}
		why := no
		if why == nil {
			if err := o.still(tx, a, who, q, asking); err != nil && !errors.As(err, &why) {
				return err
			}
		}
		if why != nil {
			err = q.Refuse(why)
		} else {
			err = q.Answer(made.Noted(asking.Rules))
		}
		if err != nil {
			return err
		}
		return tx.Save(a, "query "+string(q.State), q)
	})
	return q, err
}

// still refuses a question if what it was answered from is no longer so.
func (o Queries) still(tx *store.Tx, a dars.Act, who *dars.Person, q *dars.Query, asking asking) error {
	if _, err := o.access(tx, who, q.Agreement, q.Dataset, o.today(a)); err != nil {
		return err
	}
	list, err := o.fitList(tx, o.today(a))
	if err != nil {
		return err
	}
	if list.ID != q.List {
		return dars.Refuse("list-changed", q.ID, "a new list of objections came while %s was counted: ask again", q.ID)
	}
	g, err := store.Get[dars.Agreement](tx, q.Agreement)
	if err != nil {
		return err
	}
	answered, err := earlierTables(tx, g, q.Dataset, string(q.ID))
	if err != nil {
		return err
	}
	for _, e := range answered {
		if e.signs != "" && !slices.ContainsFunc(asking.earlier, func(known EarlierTable) bool { return known.signs == e.signs }) {
			return dars.Refuse("asked-at-once", q.ID, "another table that reaches the same people was answered or made while %s was counted: ask again", q.ID)
		}
	}
	return nil
}

// Noted is what is kept of a table with its question.
func (m TableMade) Noted(rules string) dars.TableMade {
	sum := sha256.Sum256(m.CSV)
	return dars.TableMade{
		Rules: rules, Cells: m.Cells, Suppressed: m.Suppressed, Withheld: m.Withheld,
		Bytes: int64(len(m.CSV)), Shown: int64(len(m.Text)), SHA256: hex.EncodeToString(sum[:]),
	}
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

// keepTable keeps a table as CSV, as it is read, and for tables that come later.
func (o Queries) keepTable(q *dars.Query, made TableMade) error {
	for ending, content := range made.files() {
		if err := o.Works.Vault.Write("", q.Vault(ending), bytes.NewReader(content)); err != nil {
			return err
		}
	}
	return nil
}

// dropTable takes away what was kept of a table that is refused after all.
func (o Queries) dropTable(q *dars.Query, made TableMade) error {
	var errs []error
	for ending := range made.files() {
		errs = append(errs, o.Works.Vault.Remove(q.Vault(ending)))
	}
	return errors.Join(errs...)
}

// files are those of a table, by the ending of their names.
func (m TableMade) files() map[string][]byte {
	return map[string][]byte{"csv": m.CSV, "txt": m.Text, "signs": m.Signs}
}
