package office

import (
	"cmp"
	"context"
	"slices"

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

// erasedWords are what is erased of a person: all spellings of their name that nobody else
// here has too, with a title as well. The words of the name are looked for one by one too.
func erasedWords(tx *store.Tx, p *dars.Person) (w store.Words, err error) {
	w = store.Words{Login: p.Login, By: string(p.ID), Lone: dars.NameWords(p.Name)}
	everybody, err := store.Find[dars.Person](tx)
	if err != nil {
		return w, err
	}
	theirs := map[string]bool{}
	for _, other := range everybody {
		if other.ID == p.ID {
			continue
		}
		for _, s := range append(dars.Spellings(other.Name), dars.Titled(other.Name)...) {
			theirs[dars.Folded(s)] = true
		}
	}
	for _, s := range append(dars.Spellings(p.Name), dars.Titled(p.Name)...) {
		if theirs[dars.Folded(s)] {
			w.Shared = append(w.Shared, s)
		} else {
			w.Facts = append(w.Facts, s)
		}
	}
	if p.Email != "" {
		w.Facts = append(w.Facts, p.Email)
	}
	return w, nil
}

// A traced is where somebody's words stand, as it was found before the act: to look
// through the whole log takes too long for one.
type traced struct {
	words   store.Words
	head    int64
	steps   int // in the log, that were theirs
	nouns   []store.Named
	letters []string
	left    []string
}

// trace finds it, unless they cannot be erased anyway.
func (o Parties) trace(ctx context.Context, a dars.Act, login string) (t traced, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		if _, err := o.allowed(tx, a, "erase"); err != nil {
			return err
		}
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
		if t.words, err = erasedWords(tx, p); err != nil {
			return err
		}
		if t.steps, err = tx.Steps(p.ID); err != nil {
			return err
		}
		t.nouns, err = whereNamed(tx, 0, t.words)
		return err
	})
	if err == nil && o.Works.Naming != nil {
		t.letters, t.left, err = o.Works.Naming(dars.PersonID(t.words.By), t.words)
	}
	return t, err
}

// whereNamed are the nouns of which an event after a number names somebody. Of other people
// only what is said is about them; their own names are their own.
func whereNamed(tx *store.Tx, after int64, w store.Words) ([]store.Named, error) {
	all, err := tx.Naming(after, w)
	for i := range all {
		if all[i].Kind == "person" {
			all[i].Shared, all[i].Lone = 0, 0
		}
	}
	return slices.DeleteFunc(all, func(n store.Named) bool {
		return n.Kind == "person" && n.Ref == w.By || !n.Any()
	}), err
}

// since adds what was written after the search.
func (t *traced) since(tx *store.Tx) error {
	more, err := whereNamed(tx, t.head, t.words)
	for _, n := range more {
		i := slices.IndexFunc(t.nouns, func(known store.Named) bool { return known.Kind == n.Kind && known.Ref == n.Ref })
		if i < 0 {
			t.nouns = append(t.nouns, n)
			continue
		}
		t.nouns[i].Add(n)
	}
	return err
}

// Decided is what a person says of the nouns in which a word of a name stands alone: in
// which it is theirs, and goes, and whether it stays in the others.
type Decided struct {
	Strike []string
	Leave  bool
}

// alone are those nouns, with what is said of each; one of which nothing is said refuses
// the erasure, since afterwards nobody can look for the words any more.
func (t *traced) alone(by Decided) (all []dars.Alone, err error) {
	all = []dars.Alone{}
	undecided, known := 0, map[string]bool{}
	for _, n := range t.nouns {
		if n.Lone == 0 {
			continue
		}
		one := dars.Alone{Ref: n.Ref, Times: n.Lone, Struck: slices.Contains(by.Strike, n.Ref)}
		if known[n.Ref] = true; !one.Struck && !by.Leave {
			undecided++
		}
		all = append(all, one)
	}
	for _, ref := range by.Strike {
		if !known[ref] {
			return nil, dars.Refuse("not-found", ref, "in %.60s no word of the name of %s stands alone", ref, t.words.By)
		}
	}
	if undecided > 0 {
		return nil, dars.Refuse("undecided", t.words.By, "words of the name of %s stand alone in %d records, and whether they mean them a person has to say: list them with --plan, name those with --strike, and say --leave-rest for the others", t.words.By, undecided)
	}
	return all, nil
}

// ErasePlan is what an erasure would take away and keep. Nothing is erased by looking.
func (o Parties) ErasePlan(ctx context.Context, a dars.Act, login string) (e *dars.Erasure, err error) {
	a.Why = cmp.Or(a.Why, "to look")
	t, err := o.trace(ctx, a, login)
	if err != nil {
		return nil, err
	}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := byLogin(tx, login)
		if err == nil {
			e, err = o.erasure(tx, a, p, t, Decided{Leave: true})
		}
		return err
	})
	return e, err
}

// erasure is what is said of one.
func (o *Office) erasure(tx *store.Tx, a dars.Act, p *dars.Person, t traced, by Decided) (e *dars.Erasure, err error) {
	e = &dars.Erasure{Person: p.ID, On: o.today(a), By: a.Who, Why: a.Why, Also: []string{}, Letters: len(t.letters), Left: append([]string{}, t.left...)}
	if e.Alone, err = t.alone(by); err != nil {
		return nil, err
	}
	for _, n := range t.nouns {
		if n.Facts > 0 || n.Lone > 0 && slices.Contains(by.Strike, n.Ref) {
			e.Also = append(e.Also, n.Ref)
		}
	}
	e.Kept, err = o.keptOf(tx, p, t)
	return e, err
}

// Erase takes away who somebody was. What must be kept is named on what it returns.
func (o Parties) Erase(ctx context.Context, a dars.Act, login string, by Decided) (e *dars.Erasure, err error) {
	t, err := o.trace(ctx, a, login)
	if err != nil {
		return nil, err
	}
	err = o.do(ctx, a, "erase", func(tx *store.Tx, _ *dars.Person) error {
		p, err := byLogin(tx, login)
		if err != nil {
			return err
		}
		w, err := erasedWords(tx, p)
		if err != nil {
			return err
		}
		if w.By != t.words.By || !slices.Equal(w.Facts, t.words.Facts) {
			return dars.Refuse("overtaken", p.ID, "person %s was changed meanwhile: do it again", p.ID)
		}
		if err := o.stillNeeded(tx, p); err != nil {
			return err
		}
		if w.Stand(a.Why).Any() {
			return dars.Refuse("names-them", p.ID, "the reason names whom it is about, and would stand in the log for good: say it without")
		}
		if err := t.since(tx); err != nil {
			return err
		}
		if e, err = o.erasure(tx, a, p, t, by); err != nil {
			return err
		}
		ref, err := number(tx, "erasure", "ERA-")
		if err != nil {
			return err
		}
		e.ID = dars.ErasureID(ref)
		if err := p.Erase(a, o.today(a)); err != nil {
			return err
		}
		if err := tx.Erase(a, "erase", p); err != nil {
			return err
		}
		if err := strike(tx, a, t, by); err != nil {
			return err
		}
		if err := tx.StrikeOwed(t.words, len(by.Strike) > 0 && !by.Leave); err != nil {
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

// strike takes the words out of all other nouns, what they were before included. A word
// alone goes where a person has said so.
func strike(tx *store.Tx, a dars.Act, t traced, by Decided) error {
	for _, found := range t.nouns {
		theirs := t.words
		switch {
		case found.Lone > 0 && slices.Contains(by.Strike, found.Ref):
		case found.Facts > 0:
			theirs.Lone = nil
		default:
			continue
		}
		if err := tx.Strike(a, "erase", found.Kind, found.Ref, theirs); err != nil {
			return err
		}
	}
	return nil
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
	namesakes := 0
	for _, n := range t.nouns {
		if n.Shared > 0 {
			namesakes++
		}
	}
	return []dars.Kept{{What: dars.KeptSteps, N: t.steps}, {What: dars.KeptDeliveries, N: len(pages)}, {What: dars.KeptFingerprints, N: len(p.Keys)},
		{What: dars.KeptPapers, N: papers}, {What: dars.KeptNamesakes, N: namesakes}, {What: dars.KeptReading}}, err
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
