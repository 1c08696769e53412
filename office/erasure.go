package office

import (
	"context"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Somebody who has left is erased on request. Their own facts hold all that is known of
// them by name; where others have written the name or the address into theirs, a number
// takes its place. What lies outside the database is removed after the commit: letters
// that wait to be taken away, what they have uploaded, and what is left of deleted rows.

// erasing is what is still to be done when somebody is erased. It holds none of the words.
type erasing struct {
	Person  dars.PersonID `json:"person"`
	Letters []string      `json:"letters"`
}

// erasedWords are what is erased of a person, and the spellings of their name that stay
// because somebody else has it too. A name of one word is in many texts, and stays in
// those of others.
func erasedWords(tx *store.Tx, p *dars.Person) (w store.Words, shared []string, err error) {
	w = store.Words{Login: p.Login, By: string(p.ID)}
	everybody, err := store.Find[dars.Person](tx)
	if err != nil {
		return w, nil, err
	}
	theirs := map[string]bool{}
	for _, other := range everybody {
		if other.ID == p.ID {
			continue
		}
		for _, s := range dars.Spellings(other.Name) {
			theirs[strings.ToLower(s)] = true
		}
	}
	for _, s := range dars.Spellings(p.Name) {
		if theirs[strings.ToLower(s)] {
			shared = append(shared, s)
		} else {
			w.Facts = append(w.Facts, s)
		}
	}
	if p.Email != "" {
		w.Facts = append(w.Facts, p.Email)
	}
	return w, shared, nil
}

// A traced is where somebody's words stand, as it was found before the act: to look
// through the whole log takes too long for one.
type traced struct {
	words     store.Words
	head      int64
	steps     int // in the log, that were theirs
	nouns     []dars.Card
	namesakes int // nouns with a spelling of their name that is somebody else's too
	letters   []string
	left      []string
}

// trace finds it, unless they cannot be erased anyway.
func (o Parties) trace(ctx context.Context, a dars.Act, login string) (t traced, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := byLogin(tx, login)
		if err != nil {
			return err
		}
		tried := *p
		if err := tried.Erase(a, o.today(a)); err != nil {
			return err
		}
		if t.head, err = tx.Head(); err != nil {
			return err
		}
		words, shared, err := erasedWords(tx, p)
		if err != nil {
			return err
		}
		t.words = words
		namesakes, err := tx.Naming(0, store.Words{Facts: shared})
		if err != nil {
			return err
		}
		t.namesakes = len(slices.DeleteFunc(namesakes, func(c dars.Card) bool { return c.Kind == "person" }))
		if t.steps, err = tx.Steps(p.ID); err != nil {
			return err
		}
		t.nouns, err = tx.Naming(0, t.words)
		return err
	})
	if err == nil && o.Works.Naming != nil {
		t.letters, t.left, err = o.Works.Naming(dars.PersonID(t.words.By), t.words.Facts)
	}
	return t, err
}

// Erase takes away who somebody was. What must be kept is named on what it returns.
func (o Parties) Erase(ctx context.Context, a dars.Act, login string) (e *dars.Erasure, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		_, err := o.allowed(tx, a, "erase")
		return err
	})
	if err != nil {
		return nil, err
	}
	t, err := o.trace(ctx, a, login)
	if err != nil {
		return nil, err
	}
	err = o.do(ctx, a, "erase", func(tx *store.Tx, _ *dars.Person) error {
		p, err := byLogin(tx, login)
		if err != nil {
			return err
		}
		w, shared, err := erasedWords(tx, p)
		if err != nil {
			return err
		}
		if w.By != t.words.By || !slices.Equal(w.Facts, t.words.Facts) {
			return dars.Refuse("overtaken", p.ID, "person %s was changed meanwhile: do it again", p.ID)
		}
		if err := o.stillNeeded(tx, p); err != nil {
			return err
		}
		if says := strings.ToLower(a.Why); slices.ContainsFunc(slices.Concat([]string{p.Name}, shared, w.Facts), func(w string) bool { return w != "" && strings.Contains(says, strings.ToLower(w)) }) {
			return dars.Refuse("names-them", p.ID, "the reason names whom it is about, and would stand in the log for good: say it without")
		}
		ref, err := number(tx, "erasure", "ERA-")
		if err != nil {
			return err
		}
		e = &dars.Erasure{ID: dars.ErasureID(ref), Person: p.ID, On: o.today(a), By: a.Who, Why: a.Why, Also: []string{}, Letters: len(t.letters), Left: append([]string{}, t.left...)}
		if e.Kept, err = o.keptOf(tx, p, t); err != nil {
			return err
		}
		if err := p.Erase(a, o.today(a)); err != nil {
			return err
		}
		if err := tx.Erase(a, "erase", p); err != nil {
			return err
		}
		if e.Also, err = strike(tx, a, t); err != nil {
			return err
		}
		if err := tx.StrikeOwed(t.words); err != nil {
			return err
		}
		if err := keep(tx, a, "erase", e); err != nil {
			return err
		}
		if err := tx.Owe(oweErase, erasing{p.ID, t.letters}); err != nil {
			return err
		}
		return tx.Owe(oweCheck, a.At.UTC())
	})
	return e, err
}

// strike takes the words out of all other nouns, what they were before included.
func strike(tx *store.Tx, a dars.Act, t traced) (refs []string, err error) {
	since, err := tx.Naming(t.head, t.words)
	if err != nil {
		return nil, err
	}
	refs = []string{}
	done := map[string]bool{"person " + t.words.By: true}
	for _, c := range append(t.nouns, since...) {
		if done[c.Kind+" "+c.Ref] {
			continue
		}
		done[c.Kind+" "+c.Ref] = true
		n, err := tx.GetAny(c.Kind, c.Ref)
		if err != nil {
			return nil, err
		}
		left, err := t.words.Without(n)
		if err != nil {
			return nil, err
		}
		if err := tx.Erase(a, "erase", left); err != nil {
			return nil, err
		}
		refs = append(refs, c.Ref)
	}
	return refs, nil
}

// stillNeeded refuses to erase somebody by whose name the office goes: of an agreement
// under which data are held, of an application that is not decided, or of a dataset.
func (o *Office) stillNeeded(tx *store.Tx, p *dars.Person) error {
	for _, d := range o.Catalogue {
		if d.IAO == p.Login {
			return dars.Refuse("still-needed", p.ID, "person %s is the information asset owner of %s: name another in the configuration first", p.ID, d.Code)
		}
	}
	collects, err := store.Find[dars.Agreement](tx, dars.By("recipient", p.ID))
	if err != nil {
		return err
	}
	theirs, err := store.Find[dars.Agreement](tx, dars.By("org", p.Org))
	if err != nil {
		return err
	}
	for _, g := range append(collects, theirs...) {
		if (slices.Contains(g.Recipients, p.ID) || g.Contact == p.ID) && g.State != dars.Closed && g.State != dars.Superseded {
			return dars.Refuse("still-needed", p.ID, "person %s is known to agreement %s, which is %s: until all data under it are accounted for the office has to know who has them", p.ID, g.ID, g.State)
		}
	}
	applications, err := store.Find[dars.Application](tx, dars.By("org", p.Org))
	for _, app := range applications {
		if !app.Ended() && (app.Form.ContactID == p.ID || slices.Contains(app.Form.Recipients, p.ID)) {
			return dars.Refuse("still-needed", p.ID, "person %s stands on application %s %s, which is %s: it is decided or withdrawn first", p.ID, app.Stem, app.Version(), app.State)
		}
	}
	return err
}

// keptOf counts what stays of somebody, and says why.
func (o *Office) keptOf(tx *store.Tx, p *dars.Person, t traced) (all []dars.Kept, err error) {
	pages, err := store.Find[dars.Collection](tx, dars.By("person", p.ID))
	if err != nil {
		return nil, err
	}
	var theirs []dars.Key // of the office's own people any paper may tell
	if !p.Inside() {
		theirs = append(theirs, dars.By("for", p.Org))
	}
	papers := 0
	err = store.Each(tx, func(*dars.Paper) error { papers++; return nil }, theirs...)
	if err != nil {
		return nil, err
	}
	return []dars.Kept{{What: dars.KeptSteps, N: t.steps}, {What: dars.KeptDeliveries, N: len(pages)}, {What: dars.KeptFingerprints, N: len(p.Keys)},
		{What: dars.KeptPapers, N: papers}, {What: dars.KeptNamesakes, N: t.namesakes}, {What: dars.KeptReading}}, err
}

// erased does what follows an erasure, as often as it takes.
func (o *Office) erased(ctx context.Context, e erasing) error {
	if o.Works.Forget != nil {
		if err := o.Works.Forget(e.Person, e.Letters); err != nil {
			return err
		}
	}
	return o.Store.Compact(ctx)
}
