package dars

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// An Incident is that something is wrong with data which the office has released: a
// defect of its own, or what became of it at a recipient. What it is about is told in
// dates and names, and every release that these fit is affected.
type Incident struct {
	ID       IncidentID    `json:"id"`
	Kind     string        `json:"kind"` // a code of IncidentKinds
	Scope    Scope         `json:"scope"`
	Says     string        `json:"says"`  // what is wrong, in words for the recipients and for the public
	Found    Day           `json:"found"` // when somebody noticed
	Recorded Day           `json:"recorded"`
	By       PersonID      `json:"by"`
	State    IncidentState `json:"state"`
	Recall   RecallID      `json:"recall,omitempty"`
	Outcome  string        `json:"outcome,omitempty"` // why it was closed without a recall
}

// An IncidentState is where an incident is in its life.
type IncidentState string

const (
	IncidentRecorded IncidentState = "recorded"
	IncidentRecalled IncidentState = "recalled" // what it affects was called back, or is being
	IncidentClosed   IncidentState = "closed"   // without a recall
)

// IncidentLife is every step of an incident.
//
//	recorded ──▶ recalled
//	    └──────▶ closed
var IncidentLife = Life[IncidentState]{
	IncidentRecorded: {IncidentRecalled, IncidentClosed},
}

func (i *Incident) Card() Card {
	return Card{"incident", string(i.ID), string(i.State), []Key{By("kind", i.Kind), By("recall", i.Recall)}}
}

// An IncidentKind says what must be told of incidents of a kind, and which releases
// one of them can affect.
type IncidentKind struct {
	Code
	Needs  []string // fields of the scope
	Upheld bool     // only releases said to be without the records of those who object, or of which nobody can tell
	Theirs bool     // it happened at who had received the data: an audit looks at how
}

// IncidentKinds are what can be wrong (domain 10). The first is that of 2014 to 2016,
// and of the objections that a supplier did not pass on from 2015 to 2018.
var IncidentKinds = []IncidentKind{
	{Code{"objections-not-applied", "objections of patients were recorded and not applied"}, []string{"from", "until"}, true, false},
	{Code{"wrong-column", "a column holds what it should not"}, []string{"dataset", "column"}, false, false},
	{Code{"wrong-rows", "rows are there that should not be, or are missing"}, []string{"dataset"}, false, false},
	{Code{"unsuppressed", "small numbers can be read that should be hidden"}, []string{"release"}, false, false},
	{Code{"misdelivered", "data went to somebody who should not have them"}, []string{"release"}, false, false},
	{Code{"lost-media", "a computer, a disk or papers with data were lost or stolen"}, []string{"org"}, false, true},
	{Code{"outside-purpose", "data were used for what was not agreed"}, []string{"agreement"}, false, true},
	{Code{"passed-on", "data were passed on to somebody whom no agreement names"}, []string{"org"}, false, true},
	{Code{"re-identified", "somebody was named by data that name nobody"}, []string{"agreement"}, false, true},
}

// IncidentKindCodes are the same, for a list.
func IncidentKindCodes() (all []Code) {
	for _, k := range IncidentKinds {
		all = append(all, k.Code)
	}
	return all
}

// A Scope is what an incident is about. What is not said leaves nothing out.
type Scope struct {
	From       Day      `json:"from,omitempty"`  // what was in the making or let out on this day, or later
	Until      Day      `json:"until,omitempty"` // or earlier
	Datasets   []string `json:"datasets,omitempty"`
	Columns    []string `json:"columns,omitempty"`
	Periods    []string `json:"periods,omitempty"`
	Orgs       []string `json:"orgs,omitempty"` // codes, or names as a register has them
	Agreements []string `json:"agreements,omitempty"`
	Releases   []string `json:"releases,omitempty"` // ours, or rows of a register
}

// fields are what a scope says, by the option that says it.
func (s Scope) fields() map[string][]string {
	return map[string][]string{"from": said(string(s.From)), "until": said(string(s.Until)), "dataset": s.Datasets, "column": s.Columns,
		"period": s.Periods, "org": s.Orgs, "agreement": s.Agreements, "release": s.Releases}
}

func said(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// Check refuses an incident that says too little to find what it affects, or what
// cannot be.
func (i *Incident) Check() error {
	kind, err := i.kind()
	if err != nil {
		return err
	}
	told := i.Scope.fields()
	for _, need := range kind.Needs {
		if len(told[need]) == 0 {
			return Refuse("too-wide", i.Kind, "an incident of the kind %s says --%s: without it nobody can say which releases it affects", i.Kind, need)
		}
	}
	for _, day := range []Day{i.Scope.From, i.Scope.Until, i.Found} {
		if _, err := ParseDay(string(cmp.Or(day, i.Recorded))); err != nil {
			return Refuse("no-date", i.Kind, "an incident: %v", err)
		}
	}
	switch {
	case i.Scope.From != "" && i.Scope.Until != "" && i.Scope.Until < i.Scope.From:
		return Refuse("bad-term", i.Kind, "it was until %s, before it began on %s", i.Scope.Until, i.Scope.From)
	case i.Found > i.Recorded:
		return Refuse("in-future", i.Kind, "it was found on %s, which has not been yet", i.Found)
	}
	for name, words := range told {
		for _, w := range words {
			if err := CheckLine(i.Kind, "--"+name, w); err != nil {
				return err
			}
		}
	}
	return CheckText(i.Kind, "what is wrong", i.Says)
}

// Theirs reports whether it happened at who had received the data.
func (i *Incident) Theirs() bool {
	kind, err := i.kind()
	return err == nil && kind.Theirs
}

func (i *Incident) kind() (IncidentKind, error) {
	at := slices.IndexFunc(IncidentKinds, func(k IncidentKind) bool { return k.Code.Code == i.Kind })
	if at < 0 {
		return IncidentKind{}, Refuse("no-kind", i.Kind, "there is no incident of the kind %.40q: it is %s", i.Kind, join(Codes(IncidentKindCodes())))
	}
	return IncidentKinds[at], nil
}

// Called notes by which recall it is followed, once.
func (i *Incident) Called(id RecallID) (err error) {
	if i.State == IncidentRecalled {
		return Refuse("wrong-step", i.ID, "incident %s is recalled already, by %s", i.ID, i.Recall)
	}
	if i.State, err = IncidentLife.Step(i, i.State, IncidentRecalled); err == nil {
		i.Recall = id
	}
	return err
}

// Close says that nothing is called back for it, and why.
func (i *Incident) Close(a Act) (err error) {
	if a.Why == "" {
		return Refuse("no-reason", i.ID, "incident %s: say with --reason why nothing is called back", i.ID)
	}
	if i.State, err = IncidentLife.Step(i, i.State, IncidentClosed); err == nil {
		i.Outcome = a.Why
	}
	return err
}

// Touchable is what an incident is held against: one release, of the office or of a
// register. What is not known is empty.
type Touchable struct {
	Refs       []string // its names: REL-000001, FILE0000001, a row of a register
	Agreements []string // its agreement, with and without the version
	Dataset    []string // its code, and its title
	Periods    []string
	Columns    []string
	Orgs       []string // who has it: codes, and names as a register has them
	Treatment  Treatment
	From       Day // it was in the making on this day
	Until      Day // and was let out on this one
}

// Touches reports whether an incident affects a release, and whether that is sure. What
// is not known of a release does not leave it out: then nobody can say that it is good.
func (i *Incident) Touches(t Touchable) (touched, sure bool) {
	kind, err := i.kind()
	if err != nil || kind.Upheld && t.Treatment == NotUpheld {
		return false, err == nil
	}
	sure = !kind.Upheld || t.Treatment != ""
	for _, f := range []struct {
		asked, has []string
		same       func(a, b string) bool
	}{
		{i.Scope.Releases, t.Refs, strings.EqualFold}, {i.Scope.Agreements, t.Agreements, strings.EqualFold}, {i.Scope.Datasets, t.Dataset, strings.EqualFold},
		{i.Scope.Columns, t.Columns, strings.EqualFold}, {i.Scope.Periods, t.Periods, strings.EqualFold}, {i.Scope.Orgs, t.Orgs, sameParty},
	} {
		switch {
		case len(f.asked) == 0:
		case len(f.has) == 0:
			sure = false
		case !slices.ContainsFunc(f.asked, func(a string) bool { return slices.ContainsFunc(f.has, func(b string) bool { return f.same(a, b) }) }):
			return false, true
		}
	}
	return i.Scope.spans(t.From, t.Until, &sure), sure
}

// spans reports whether some days may lie between those of a scope.
func (s Scope) spans(from, until Day, sure *bool) bool {
	switch {
	case s.From != "" && until != "" && until < s.From, s.Until != "" && from != "" && from > s.Until:
		return false
	case s.From != "" && (from == "" || from < s.From), s.Until != "" && (until == "" || until > s.Until):
		*sure = false // a part of the days lies outside
	}
	return true
}

// sameParty reports whether two words are one organisation, however it is spelt: by its
// name, or by the code that a register has behind that.
func sameParty(a, b string) bool {
	coded := func(code, name string) bool { return slices.Contains(PartyNames(name), "code "+strings.ToUpper(code)) }
	return strings.EqualFold(a, b) || coded(a, b) || coded(b, a) ||
		slices.ContainsFunc(PartyNames(a), func(form string) bool { return slices.Contains(PartyNames(b), form) })
}

// Affects is what is looked at of a release of the office, which was produced on the
// day made. holders are who may have it. Its columns are those that were seen in its
// files; what the catalogue says today may have changed since it was made.
func (r *Release) Affects(terms DatasetRequest, d Dataset, holders []OrgCode, made Day) Touchable {
	stem, _, _, _ := ParseCase(string(r.Agreement)) // our own reference
	t := Touchable{Refs: []string{string(r.ID)}, Agreements: []string{string(r.Agreement), stem}, Dataset: []string{r.Dataset}, Periods: r.Periods,
		Columns: r.columns(terms, d), Treatment: r.Treated(), From: cmp.Or(made, r.Given()), Until: r.lastGiven()}
	if d.Name != "" {
		t.Dataset = append(t.Dataset, d.Name)
	}
	for _, f := range r.Files {
		t.Refs = append(t.Refs, string(f.ID))
	}
	for _, h := range holders {
		t.Orgs = append(t.Orgs, string(h))
	}
	return t
}

// lastGiven is the last day on which any of it was given out. Whoever has system access
// looks for as long as it lasts.
func (r *Release) lastGiven() Day {
	if r.Access != nil {
		return r.Access.Ended
	}
	return r.Published
}

// columns are what left in it: as they are named in its files, and those of the source
// that they were made from. Without files it is what its terms say.
func (r *Release) columns(terms DatasetRequest, d Dataset) (all []string) {
	if r.Seen == nil || len(r.Seen.Columns) == 0 {
		return terms.columns(d)
	}
	for _, c := range r.Seen.Columns {
		all = append(all, c.Name, c.Field)
	}
	return all
}

// columns are what leaves under some terms: the names that columns have in the file,
// and those of the fields that they are made from. It is empty where nobody can tell.
func (r DatasetRequest) columns(d Dataset) (all []string) {
	all = r.leaving()
	for _, c := range r.Columns {
		all = append(all, c.Field)
	}
	if all == nil {
		for _, f := range d.Fields {
			all = append(all, f.Name)
		}
	}
	return all
}

// Affects is what is looked at of a row of a register. Registers say neither columns nor
// periods, and of the day only a month or the months of the edition; a row that earlier
// editions had left out is from any time before.
func (r *ImportedRelease) Affects(dataset string, party OrgCode) Touchable {
	t := Touchable{Refs: []string{r.ID, r.Row}, Agreements: []string{r.Agreement}, Dataset: []string{r.Dataset}, Orgs: []string{r.Org}, Treatment: r.Objections}
	if stem, _, _, err := ParseCase(r.Agreement); err == nil {
		t.Agreements = append(t.Agreements, stem)
	}
	if dataset != "" {
		t.Dataset = append(t.Dataset, dataset)
	}
	if party != "" {
		t.Orgs = append(t.Orgs, string(party))
	}
	if t.From, t.Until = monthSaid(r.Said["month"]); t.Until == "" {
		for _, e := range r.Editions {
			from, until := monthsOf(e)
			t.From, t.Until = cmp.Or(t.From, from), max(t.Until, until)
		}
		if r.Amendment {
			t.From = ""
		}
	}
	return t
}

// monthSaid are the first and the last day of a month as registers write it: "Jul-19".
func monthSaid(text string) (from, until Day) {
	for _, form := range []string{"Jan-06", "Jan 2006", "January 2006", "2006-01", "01/2006"} {
		if first, err := time.Parse(form, text); err == nil {
			return dayOf(first), dayOf(first).AddMonths(1).Add(-1)
		}
	}
	return "", ""
}

// monthsOf are the first and the last day of an edition that is named as ours are:
// "2017-09-to-2017-11", or "2017-12".
func monthsOf(edition string) (from, until Day) {
	first, last, found := strings.Cut(edition, "-to-")
	if !found {
		last = first
	}
	begin, err := ParseDay(first + "-01")
	end, wrong := ParseDay(last + "-01")
	if err != nil || wrong != nil {
		return "", ""
	}
	return begin, end.AddMonths(1).Add(-1)
}

// Brief is what an incident is about, on a line.
func (i *Incident) Brief() string {
	told := i.Scope.fields()
	var words []string
	for _, name := range []string{"from", "until", "dataset", "column", "period", "org", "agreement", "release"} {
		if len(told[name]) > 0 {
			words = append(words, fmt.Sprintf("%s %s", name, strings.Join(told[name], ", ")))
		}
	}
	return strings.Join(words, "; ")
}
