package office

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// known says which people and organisations that a form names the office does not
// know, and puts the references of the others in. What is empty is told elsewhere; who
// applies for another organisation is told that alone.
func (o Applications) known(tx *store.Tx, who *dars.Person, form *dars.Form) ([]dars.Mistake, error) {
	if form.Organisation != "" && ownCase(who, form.Organisation, "organisation", string(form.Organisation)) != nil {
		return []dars.Mistake{{Field: "organisation", Rule: "other-organisation",
			Says: fmt.Sprintf("an application is submitted by the organisation it is for: %s is not yours", form.Organisation)}}, nil
	}
	n := named{tx: tx, of: append(form.All(), cmp.Or(form.Organisation, who.Org))}
	n.organisations("organisation", form.Organisation)
	for i, code := range form.Controllers {
		n.organisations(fmt.Sprintf("controllers[%d]", i), code)
	}
	for i, code := range form.Processors {
		n.organisations(fmt.Sprintf("processors[%d]", i), code)
	}
	for i, code := range form.Sublicensees {
		n.organisations(fmt.Sprintf("sublicensees[%d]", i), code)
	}
	if p := n.person("contact", form.Contact); p != nil {
		form.ContactID = p.ID
	}
	form.Recipients = nil
	for i, login := range form.Collectors {
		field := fmt.Sprintf("collectors[%d]", i)
		if p := n.person(field, login); p != nil && n.collects(field, p) {
			form.Recipients = append(form.Recipients, p.ID)
		}
	}
	return n.wrong, n.err
}

// named looks for what a form names in the office's records. After an error of the
// store it looks no more.
type named struct {
	tx    *store.Tx
	of    []dars.OrgCode // the parties of the form, whose people it may name
	wrong []dars.Mistake
	err   error
}

// found reports whether a look into the records found something; a refusal is a mistake
// of the field.
func (n *named) found(field string, err error) bool {
	var no *dars.Refusal
	switch {
	case err == nil:
		return true
	case errors.As(err, &no):
		n.wrong = append(n.wrong, dars.Mistake{Field: field, Says: no.Sentence, Rule: no.Rule})
	default:
		n.err = err
	}
	return false
}

func (n *named) organisations(field string, code dars.OrgCode) {
	if code == "" || n.err != nil {
		return
	}
	_, err := store.Get[dars.Organisation](n.tx, code)
	n.found(field, err)
}

// person is whom a login names, if they are of a party of the form and have not left.
func (n *named) person(field, login string) *dars.Person {
	if login == "" || n.err != nil {
		return nil
	}
	p, err := byLogin(n.tx, login)
	switch {
	case err != nil:
	case !slices.Contains(n.of, p.Org):
		err = dars.Refuse("no-"+what(field), login, "%s belongs to none of the organisations that the application names, and cannot be its %s", login, what(field))
	case p.Left != "":
		err = dars.Refuse("no-"+what(field), login, "%s left on %s and cannot be its %s: name somebody else", login, p.Left, what(field))
	}
	if n.found(field, err) {
		return p
	}
	return nil
}

// collects reports whether a person may fetch data.
func (n *named) collects(field string, p *dars.Person) bool {
	if p.Has(dars.Collector) {
		return true
	}
	return n.found(field, dars.Refuse("no-collector", p.Login, "%s is not a collector of %s: ask the office for that role, or name somebody who has it", p.Login, p.Org))
}

// what a person is to be whom a field names.
func what(field string) string {
	if field == "contact" {
		return field
	}
	return "collector"
}
