package dars

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// The three ways in which an application is decided (domain 4.1).
const (
	CommitteeRoute = "committee" // DAAG advises, the SIRO decides
	AggregateRoute = "aggregate" // only suppressed tabulations: the SIRO decides
	ExceptionRoute = "exception" // more of, or longer with, the same non-identifiable data: the director decides
)

// A Route is the way an application is decided, and why: computed, never chosen.
type Route struct {
	Name        string       `json:"route"`
	Why         string       `json:"why"`
	Against     AgreementID  `json:"against,omitempty"` // the agreement with which it was compared
	Differences []Difference `json:"differences"`       // from it
}

// A Difference is one field in which an application differs from what was agreed,
// and whether the exception covers it.
type Difference struct {
	Change
	Within bool   `json:"within"`
	Why    string `json:"why"`
}

// Held is what a case has already: its signed agreement, and the application that
// was approved for it.
type Held struct {
	Agreement *Agreement
	Approved  *Application
}

// form is what was agreed, as a form: what the agreement says itself goes before
// what had been asked for.
func (h *Held) form() *Form {
	f := h.Approved.Form
	f.Start, f.End, f.Datasets = h.Agreement.Start, h.Agreement.End, h.Agreement.Datasets
	return &f
}

// Route is the way it is decided, as it was last compared with what is held.
func (p *Application) Route() (route, why string) {
	if p.Routed != nil {
		return p.Routed.Name, p.Routed.Why
	}
	r := p.byForm()
	return r.Name, r.Why
}

// Compare computes the route anew from what is asked and from what is held on a
// day; held is nil where nothing is. What is decided stays as it was decided.
func (p *Application) Compare(held *Held, on Day) Route {
	if p.Ended() && p.Routed != nil {
		return *p.Routed
	}
	r := p.byForm()
	if r.Name == CommitteeRoute {
		r = p.exception(r, held, on)
	}
	p.Routed = &r
	return r
}

// byForm is the route that follows from the form alone.
func (p *Application) byForm() Route {
	for _, d := range p.Form.Datasets {
		if d.Identifiability != "AGG_SUPPRESSED" {
			return Route{Name: CommitteeRoute, Differences: []Difference{},
				Why: fmt.Sprintf("%s is asked for as %s, so DAAG advises and the SIRO decides", d.Code, Meaning(Identifiabilities, d.Identifiability))}
		}
	}
	return Route{Name: AggregateRoute, Differences: []Difference{},
		Why: "only tabulations with small numbers suppressed are asked for, so the SIRO decides without DAAG"}
}

// exception turns the committee's route into the exception, where the diff against
// the signed agreement proves it; else it says what does not.
func (p *Application) exception(committee Route, held *Held, on Day) Route {
	if held == nil || !is(p.Kind, Amendment, Renewal, Extension, RetentionOnly) {
		return committee
	}
	r := Route{Name: ExceptionRoute, Against: held.Agreement.ID, Differences: Differences(held.form(), &p.Form)}
	against := p.identifiable()
	if !held.Agreement.InForceOn(on) {
		against = append(against, fmt.Sprintf("agreement %s is %s", held.Agreement.ID, held.Agreement.standing(on)))
	}
	for _, d := range r.Differences {
		if !d.Within {
			against = append(against, d.Field+": "+d.Why)
		}
	}
	if len(r.Differences) == 0 {
		against = append(against, "it asks for nothing that is not agreed")
	}
	r.Why = fmt.Sprintf("it asks for more of, or longer with, the same non-identifiable data as agreement %s, so the director decides without DAAG", held.Agreement.ID)
	if len(against) > 0 {
		r.Name = CommitteeRoute
		r.Why = fmt.Sprintf("it is not only more of, or longer with, the same non-identifiable data as agreement %s (%s), so DAAG advises and the SIRO decides", held.Agreement.ID, strings.Join(against, "; "))
	}
	return r
}

// identifiable lists the datasets of which somebody may be known. Small numbers
// that are not suppressed may tell of one person.
func (p *Application) identifiable() (all []string) {
	for _, d := range p.Form.Datasets {
		if !is(d.Identifiability, "PSEUDO_ICO", "AGG_SUPPRESSED") {
			all = append(all, fmt.Sprintf("%s is asked for as %s", d.Code, Meaning(Identifiabilities, d.Identifiability)))
		}
	}
	return all
}

// Differences lists what differs between what was agreed and what is asked, and
// whether each is of the exception. What no ruling names is not.
func Differences(was, is *Form) []Difference {
	all := []Difference{}
	for _, c := range Diff(was.withoutLogins(), is.withoutLogins()) {
		all = append(all, judge(c, was, is))
	}
	return all
}

// A ruling is why a difference in a field, or in anything below it, is of the
// exception; unless says what speaks against that, or "".
type ruling struct {
	field, why string
	unless     func(c Change, was, is *Form) string
}

// rulings are what the exception covers: more periods of the same datasets, a
// later end; fewer fields; and what changes nothing of what leaves, why and to
// whom. Labels of lists are left out of the names.
var rulings = []ruling{
	{"kind", "it says what is asked of the case", onlyHeld},
	{"previous", "it names the case", nil},
	{"related", "it names other requests", nil},
	{"applicant", "where the contact works binds nobody", nil},
	{"contact", "the people are of organisations that are named in both", nil},
	{"collectors", "the people are of organisations that are named in both, and a second officer confirms their keys", nil},
	{"start", "the term follows on the one that was agreed", outOfTerm},
	{"end", "how long the data are held is what the exception is for", nil},
	{"datasets[].periods", "more periods of a dataset, or fewer, are more of the same data", notAgreed},
	{"datasets[].from", "more rows of a dataset by their date, or fewer, are more of the same data", notAgreed},
	{"datasets[].to", "more rows of a dataset by their date, or fewer, are more of the same data", notAgreed},
	{"datasets[].fields", "the same fields or fewer leave", moreLeaves},
	{"datasets[].columns", "the same columns or fewer leave", moreLeaves},
	{"datasets[].amount", "it says in words how much is asked for", notAgreed},
	{"datasets[].minimised", "it says why less would not do", notAgreed},
	{"datasets[]", "a dataset that is not asked for any more is less of the same", stillAsked},
	{"organisations[].ico.expires", "a registration is renewed", nil},
	{"organisations[].security[].version", "an assurance is renewed", nil},
	{"organisations[].security[].published", "an assurance is renewed", nil},
	{"organisations[].security[].reviewed", "an assurance is renewed", nil},
	{"organisations[].security[].expires", "an assurance is renewed", nil},
	{"gateways[].expires", "an approval is renewed", nil},
	{"gateways[].evidence", "an approval is renewed", nil},
	{"purpose.yielded", "it says what came of the data so far", nil},
	{"purpose.outputs_due[].by", "an output comes at another time", nil},
	{"purpose.benefits_due[].by", "a benefit comes at another time", nil},
	{"evidence", "papers show what is asked, and are looked at on their own", nil},
}

const beyondException = "it is neither more of the same data nor a longer term"

// labels are what items of a list are told apart by.
var labels = regexp.MustCompile(`\[[^\[\]]*\]`)

func judge(c Change, was, is *Form) Difference {
	name := labels.ReplaceAllString(c.Field, "[]")
	for _, r := range rulings {
		if rest, ok := strings.CutPrefix(name, r.field); !ok || rest != "" && rest[0] != '.' && rest[0] != '[' {
			continue
		}
		if r.unless != nil {
			if against := r.unless(c, was, is); against != "" {
				return Difference{c, false, against}
			}
		}
		return Difference{c, true, r.why}
	}
	return Difference{c, false, beyondException}
}

// onlyHeld says that nothing may be done any more with the data, and now would be.
func onlyHeld(_ Change, was, is *Form) string {
	if was.Kind == RetentionOnly && is.Kind != RetentionOnly {
		return "the data are only held: nothing else may be done with them"
	}
	return ""
}

// outOfTerm says that nobody would hold the data by right for some days, or that
// somebody would have before it was agreed.
func outOfTerm(_ Change, was, is *Form) string {
	switch {
	case is.Start > was.End.Add(1):
		return fmt.Sprintf("the data would be held by no right between %s and %s", was.End, is.Start)
	case is.Start < was.Start:
		return fmt.Sprintf("it begins before %s, when nothing was agreed", was.Start)
	}
	return ""
}

// dataset finds the one request for the dataset that a change is about; two of one
// dataset are no plain case.
func (c Change) dataset(f *Form) *DatasetRequest {
	var found *DatasetRequest
	for i, d := range f.Datasets {
		if strings.HasPrefix(c.Field, "datasets["+d.Code+"].") {
			if found != nil {
				return nil
			}
			found = &f.Datasets[i]
		}
	}
	return found
}

func moreLeaves(c Change, was, is *Form) string {
	had, asks := c.dataset(was), c.dataset(is)
	if had == nil || asks == nil {
		return stillAsked(c, was, is)
	}
	if (had.Columns == nil) != (asks.Columns == nil) {
		return "what leaves is written in another way, and cannot be compared"
	}
	for _, column := range asks.Columns {
		if !slices.ContainsFunc(had.Columns, func(h Column) bool { return reflect.DeepEqual(h, column) }) {
			return fmt.Sprintf("the column %s was not agreed", column.Name())
		}
	}
	allowed, wanted := had.leaving(), asks.leaving()
	if allowed != nil && wanted == nil {
		return "all fields leave, and not all were agreed"
	}
	if more := without(wanted, allowed); allowed != nil && more != "" {
		return more + ": not agreed"
	}
	return ""
}

func notAgreed(c Change, was, _ *Form) string {
	if c.dataset(was) == nil {
		return "the dataset was not agreed"
	}
	return ""
}

func stillAsked(c Change, was, is *Form) string {
	if c.dataset(is) != nil {
		return cmp.Or(notAgreed(c, was, is), beyondException)
	}
	return notAgreed(c, was, is)
}
