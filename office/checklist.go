package office

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// A Checklist is what an application would meet, looked at before it is handed
// in.
type Checklist struct {
	OK       bool           `json:"ok"`       // nothing stands in its way
	Wrong    []dars.Mistake `json:"wrong"`    // refused when it is handed in
	Later    []dars.Mistake `json:"later"`    // taken in, and refused later on its way
	Warnings []dars.Mistake `json:"warnings"` // what a reviewer will ask about

	Conditions []dars.Condition `json:"conditions"` // those that would be attached to it
}

// Checklist looks at an application as Submit would, with all that is wrong told
// at once, and beyond: at what would stop it on its way. Nothing is kept.
func (o Applications) Checklist(ctx context.Context, a dars.Act, in Arrived, of string) (list Checklist, err error) {
	draft, _, _, wrong, err := o.read(in, of, o.today(a))
	if err != nil {
		return list, err
	}
	list = Checklist{Wrong: wrong, Later: []dars.Mistake{}, Warnings: append(draft.Warnings(o.Catalogue), draft.TermWarnings(o.today(a))...), Conditions: append([]dars.Condition{}, draft.Form.Attached()...)}
	if !draft.Broken {
		err = o.Store.View(ctx, func(tx *store.Tx) error { return o.ask(tx, a, &draft, of, &list) })
	}
	list.Wrong, list.Later, list.Warnings = told(&draft, list.Wrong), told(&draft, list.Later), told(&draft, list.Warnings)
	list.OK = len(list.Wrong)+len(list.Later) == 0
	return list, err
}

// told is each mistake once, in order; never nil, for JSON.
func told(d *dars.Draft, all []dars.Mistake) []dars.Mistake {
	return append([]dars.Mistake{}, slices.Compact(d.Placed(all))...)
}

// ask asks the office's records.
func (o Applications) ask(tx *store.Tx, a dars.Act, d *dars.Draft, of string, list *Checklist) error {
	who, err := actor(tx, a)
	if err != nil {
		return err
	}
	unknown, err := o.known(tx, who, &d.Form)
	if err != nil {
		return err
	}
	list.Wrong = append(list.Wrong, unread(d, unknown)...)
	if slices.ContainsFunc(unknown, func(m dars.Mistake) bool { return m.Rule == "other-organisation" }) {
		return nil // the records of others are nobody's business
	}
	if err := noted(&list.Wrong, "organisation", o.applicationsOpen(tx, d.Form, o.today(a))); err != nil {
		return err
	}
	p := &dars.Application{}
	if d.Form.Organisation != "" {
		found, err := o.askCase(tx, who, d, of, o.today(a), list)
		if err != nil {
			return err
		}
		if found != nil {
			p = found
		}
	}
	return o.foresee(tx, a, dars.Reader(who.Inside()), p.AsHandedIn(a, d.Form, o.today(a)), list)
}

// askCase asks whether an application has its place in the case that it names, and
// returns what it would take the place of; nil if it has none.
func (o Applications) askCase(tx *store.Tx, who *dars.Person, d *dars.Draft, of string, on dars.Day, list *Checklist) (*dars.Application, error) {
	p, wrong, err := o.place(tx, who, d, of, on)
	if err := noted(&list.Wrong, "previous", err); err != nil {
		return nil, err
	}
	list.Wrong = append(list.Wrong, wrong...)
	if p != nil && p.State != "" && p.State != dars.ReferredBack {
		_, err := dars.ApplicationLife.Step(p, p.State, dars.Submitted)
		if err := noted(&list.Wrong, "previous", err); err != nil {
			return nil, err
		}
	}
	if p != nil && p.Stem != "" {
		agreements, err := store.Find[dars.Agreement](tx, dars.By("case", p.Stem))
		if err != nil {
			return nil, err
		}
		list.Warnings = append(list.Warnings, d.Form.Gap(agreements)...)
	}
	return p, nil
}

// unread leaves out what is said already of fields that are wrong as they stand.
func unread(d *dars.Draft, all []dars.Mistake) []dars.Mistake {
	return slices.DeleteFunc(all, func(m dars.Mistake) bool {
		return slices.ContainsFunc(d.Wrong, func(w dars.Mistake) bool { return w.Field == m.Field })
	})
}

// noted keeps a refusal as a mistake of a field; any other error is ours.
func noted(into *[]dars.Mistake, field string, err error) error {
	var no *dars.Refusal
	if errors.As(err, &no) {
		*into = append(*into, dars.Mistake{Field: field, Says: no.Sentence, Rule: no.Rule})
		return nil
	}
	return err
}

// foresee looks at what is asked later, by the rules of acceptance and issue: evidence
// and term, contracts, and registration and security of everybody for as long as they
// hold the data.
func (o Applications) foresee(tx *store.Tx, a dars.Act, reader dars.Reader, p *dars.Application, list *Checklist) error {
	form, on := &p.Form, o.today(a)
	c, err := o.calendar(tx, "")
	if err != nil {
		return err
	}
	list.Later = append(list.Later, p.Foreseen(c, o.Policy.Terms, on)...)
	list.Warnings = slices.DeleteFunc(list.Warnings, func(m dars.Mistake) bool {
		return m.Rule == "long-term" && slices.ContainsFunc(list.Later, func(l dars.Mistake) bool { return l.Rule == "bad-term" })
	})
	if dars.RecordLevel(form.Datasets) {
		for i, code := range form.Controllers {
			_, err := contractInForce(tx, code, on)
			var no *dars.Refusal
			if errors.As(err, &no) && reader == dars.Outside {
				err = dars.Refuse(no.Rule, code, "%s has no framework contract in force on %s: ask the office for one, which each controller of record-level data signs", code, on)
			}
			if err := noted(&list.Later, fmt.Sprintf("controllers[%d]", i), err); err != nil {
				return err
			}
		}
	}
	for _, code := range form.All() {
		org, err := store.Get[dars.Organisation](tx, code)
		var no *dars.Refusal
		if errors.As(err, &no) {
			continue // told already
		}
		if err != nil {
			return err
		}
		o.standings(p, org, on, reader, list)
	}
	return nil
}

// standings looks at the registration and security of one organisation.
func (o Applications) standings(p *dars.Application, org *dars.Organisation, on dars.Day, reader dars.Reader, list *Checklist) {
	at := func(into *[]dars.Mistake, found []dars.Mistake) {
		for _, m := range found {
			m.Field = p.Form.Place(org.Code)
			*into = append(*into, m)
		}
	}
	standing := p.Form.Standing(org)
	missing := &list.Warnings
	if o.needsStanding(p) {
		missing = &list.Later
	}
	at(&list.Later, standing.Ended(org.Code, on, reader))
	at(missing, standing.Missing(org.Code, reader))
	list.Later = append(list.Later, p.Form.Contradicts(org, reader)...)
	at(&list.Warnings, standing.Ending(org.Code, on, p.Form.End))
}
