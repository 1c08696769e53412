package office

import (
	"context"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// A knowing tells what is not said in public: what a person is known by, the name and the
// address, nothing of nobody; and the words that are withheld of a case.
type knowing struct {
	person func(dars.PersonID) ([]string, error)
	words  func(stem string) ([]*dars.Withholding, error)
}

// oneByOne asks for one person, and one case, after the other.
func oneByOne(tx *store.Tx) knowing {
	return knowing{
		func(id dars.PersonID) ([]string, error) {
			who, err := store.Get[dars.Person](tx, id)
			if absent(err) {
				return nil, nil
			}
			if err != nil {
				return nil, err
			}
			return []string{who.Name, who.Email}, nil
		},
		func(stem string) ([]*dars.Withholding, error) {
			return store.Find[dars.Withholding](tx, dars.By("case", stem), dars.By("state", dars.WordsWithheld))
		},
	}
}

// everything has asked for all people, and all that is withheld, before: for those who
// look at all cases.
func everything(tx *store.Tx) (knowing, error) {
	people, words := map[dars.PersonID][]string{}, map[string][]*dars.Withholding{}
	err := store.Each(tx, func(who *dars.Person) error {
		people[who.ID] = []string{who.Name, who.Email}
		return nil
	})
	if err == nil {
		err = store.Each(tx, func(w *dars.Withholding) error {
			words[w.Case] = append(words[w.Case], w)
			return nil
		}, dars.By("state", dars.WordsWithheld))
	}
	return knowing{
		func(id dars.PersonID) ([]string, error) { return people[id], nil },
		func(stem string) ([]*dars.Withholding, error) { return words[stem], nil },
	}, err
}

// allNames are the names and addresses of everybody there is.
func allNames(tx *store.Tx) (names []string, err error) {
	err = store.Each(tx, func(who *dars.Person) error {
		names = append(names, who.Name, who.Email)
		return nil
	})
	return names, err
}

// unsaidOf is what the texts of a case do not say: everybody who has to do with it, and
// what is withheld.
func unsaidOf(known knowing, p *dars.Application, g *dars.Agreement) (unsaid dars.Unsaid, err error) {
	people := append([]dars.PersonID{p.By, p.Form.ContactID, p.Officer}, p.Form.Recipients...)
	for _, d := range p.Decisions {
		people = append(people, d.By, d.For)
	}
	if g != nil {
		people = append(append(people, g.Contact), g.Recipients...)
	}
	slices.Sort(people)
	for _, id := range slices.Compact(people) {
		said, err := known.person(id)
		if err != nil {
			return unsaid, err
		}
		unsaid.Names = append(unsaid.Names, said...)
	}
	words, err := unsaidOfCase(known, p.Stem)
	unsaid.Words = words.Words
	return unsaid, err
}

// unsaidOfCase is what is withheld of a case.
func unsaidOfCase(known knowing, stem string) (unsaid dars.Unsaid, err error) {
	unsaid.Words, err = known.words(stem)
	dars.SortWithheld(unsaid.Words)
	return unsaid, err
}

// unsaidByCase is what is withheld of all cases.
func unsaidByCase(from lender) (map[string]dars.Unsaid, error) {
	words := map[string][]*dars.Withholding{}
	err := from.withheld(func(w *dars.Withholding) error {
		if w.State == dars.WordsWithheld {
			words[w.Case] = append(words[w.Case], w)
		}
		return nil
	})
	unsaid := map[string]dars.Unsaid{}
	for stem, some := range words {
		dars.SortWithheld(some)
		unsaid[stem] = dars.Unsaid{Words: some}
	}
	return unsaid, err
}

// Withhold leaves words out of all that is published of a case, on a ground and for a
// reason. Words that stand nowhere in it are refused: a slip of the pen would withhold
// nothing.
func (o Register) Withhold(ctx context.Context, a dars.Act, ref, words, ground string) (id dars.WithholdingID, err error) {
	err = o.do(ctx, a, "register withhold", func(tx *store.Tx, _ *dars.Person) error {
		stem := dars.CaseOf(ref)
		w := &dars.Withholding{Case: stem, Words: words, Ground: ground, State: dars.WordsWithheld, By: a.Who, On: o.today(a), Why: a.Why}
		if err := w.Check(); err != nil {
			return err
		}
		found, err := o.stands(tx, w)
		if err != nil {
			return err
		}
		if !found {
			return dars.Refuse("not-said", stem, "nothing that is published of %s says these words: name them as they stand there, or as they stand in the form", stem)
		}
		number, err := number(tx, "withholding", "WHD-")
		if err != nil {
			return err
		}
		id, w.ID = dars.WithholdingID(number), dars.WithholdingID(number)
		return keep(tx, a, "register withhold", w)
	})
	return id, err
}

// stands reports whether the words stand in something that is published of their case: a
// text without the names in it, a row of the register, or what a register from before says.
func (o Register) stands(tx *store.Tx, w *dars.Withholding) (bool, error) {
	before, there, err := o.standsImported(tx, w)
	if err != nil || there {
		return there, err
	}
	versions, err := store.Find[dars.Application](tx, dars.By("case", w.Case))
	if err != nil {
		return false, err
	}
	if len(versions) == 0 && !before {
		return false, dars.Refuse("not-found", w.Case, "there is no application %s, and no register names such an agreement", w.Case)
	}
	agreements, err := store.Find[dars.Agreement](tx, dars.By("case", w.Case))
	if err != nil {
		return false, err
	}
	look, err := o.naming(stored(tx))
	if err != nil {
		return false, err
	}
	for _, p := range versions {
		if dars.LeftOut(w, func(unsaid dars.Unsaid) any { return p.Page("", look, unsaid) }) {
			return true, nil
		}
	}
	for _, g := range agreements {
		around, err := around(tx, g)
		if err != nil {
			return false, err
		}
		if dars.LeftOut(w, func(unsaid dars.Unsaid) any { return g.Page(w.On, o.Policy.Uphold, around, look, unsaid) }) {
			return true, nil
		}
		if found, err := standsInRows(tx, w, g, look); err != nil || found {
			return found, err
		}
	}
	return false, nil
}

// standsInRows reports whether the words stand in a row of a release under an agreement.
func standsInRows(tx *store.Tx, w *dars.Withholding, g *dars.Agreement, look dars.Naming) (bool, error) {
	releases, err := store.Find[dars.Release](tx, dars.By("agreement", g.ID))
	for _, r := range releases {
		for _, row := range r.Public(dars.ReleasedUnder{Agreement: g, Org: look.Org(g.Org), Dataset: look.Dataset(r.Dataset)}) {
			if dars.LeftOut(w, func(unsaid dars.Unsaid) any { return unsaid.OutOfRow(row) }) {
				return true, nil
			}
		}
	}
	return false, err
}

// standsImported reports whether a register names the case, and whether the words stand
// in what it says of it.
func (o Register) standsImported(tx *store.Tx, w *dars.Withholding) (known, found bool, err error) {
	agreements, err := store.Find[dars.ImportedAgreement](tx, dars.By("case", w.Case))
	if err != nil {
		return false, false, err
	}
	for _, g := range agreements {
		if dars.LeftOut(w, func(unsaid dars.Unsaid) any { return g.Page(w.On, unsaid) }) {
			return true, true, nil
		}
	}
	rows, err := tx.Beginning("imported release", dars.By("agreement", w.Case))
	if err != nil {
		return false, false, err
	}
	for _, ref := range rows {
		r, err := store.Get[dars.ImportedRelease](tx, ref)
		if err != nil {
			return false, false, err
		}
		if dars.CaseOf(r.Agreement) != w.Case {
			continue // it only begins so
		}
		known = true
		if dars.LeftOut(w, func(unsaid dars.Unsaid) any { return unsaid.OutOfRow(r.Public()) }) {
			return true, true, nil
		}
	}
	return known || len(agreements) > 0, false, nil
}

// Disclose lets words be published after all.
func (o Register) Disclose(ctx context.Context, a dars.Act, id dars.WithholdingID) error {
	return one(ctx, o.Office, a, "register disclose", id, func(a dars.Act, w *dars.Withholding) error { return w.Disclose(a, o.today(a)) })
}
