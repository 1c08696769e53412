package dars

import (
	"fmt"
	"slices"
	"strings"
)

// A Form is what an applicant writes in application.yaml. The sections are those
// of the service's own form (domain 1.2).
type Form struct {
	Title        string           `yaml:"title" json:"title"`
	Organisation OrgCode          `yaml:"organisation" json:"organisation"`
	Contact      string           `yaml:"contact" json:"-"` // login of whom the office writes to
	ContactID    PersonID         `yaml:"-" json:"contact"` // the same person
	Controllers  []OrgCode        `yaml:"controllers" json:"controllers"`
	Processors   []OrgCode        `yaml:"processors,omitempty" json:"processors,omitempty"`
	Collectors   []string         `yaml:"collectors" json:"-"` // logins of those who will fetch the data
	Recipients   []PersonID       `yaml:"-" json:"recipients"` // the same people
	Locations    []string         `yaml:"locations" json:"locations"`
	Territory    string           `yaml:"territory" json:"territory"`
	Start        Day              `yaml:"start" json:"start"`
	End          Day              `yaml:"end" json:"end"`
	Datasets     []DatasetRequest `yaml:"datasets" json:"datasets"`
	Purpose      Purpose          `yaml:"purpose" json:"purpose"`
	Evidence     []Evidence       `yaml:"evidence,omitempty" json:"evidence,omitempty"`
}

// Purpose is why the data are wanted, in the applicant's words: sections 5a to
// 5e. They are published.
type Purpose struct {
	Objective  string `yaml:"objective" json:"objective"`
	Processing string `yaml:"processing" json:"processing"`
	Outputs    string `yaml:"outputs" json:"outputs"`
	Benefits   string `yaml:"benefits" json:"benefits"`
	Commercial bool   `yaml:"commercial" json:"commercial"`
}

// A DatasetRequest is one dataset that is asked for: how much of it, how plainly
// it tells who people are, and by what right.
type DatasetRequest struct {
	Code            string   `yaml:"code" json:"code"`
	Periods         []string `yaml:"periods" json:"periods"`
	Identifiability string   `yaml:"identifiability" json:"identifiability"` // a code of Identifiabilities
	Sensitive       bool     `yaml:"sensitive" json:"sensitive"`
	Gateway         string   `yaml:"gateway" json:"gateway"` // a code of Gateways
	Fields          []string `yaml:"fields,omitempty" json:"fields,omitempty"`
	From            Day      `yaml:"from,omitempty" json:"from,omitempty"` // rows dated from this day
	To              Day      `yaml:"to,omitempty" json:"to,omitempty"`     // to this one
	Frequency       string   `yaml:"frequency,omitempty" json:"frequency,omitempty"`

	Columns []Column    `yaml:"columns,omitempty" json:"columns,omitempty"` // what leaves, in order: instead of fields
	Rows    []RowFilter `yaml:"rows,omitempty" json:"rows,omitempty"`       // rows for which each of them holds
	Cohort  *Cohort     `yaml:"cohort,omitempty" json:"cohort,omitempty"`
	Output  *Output     `yaml:"output,omitempty" json:"output,omitempty"`
}

// A Code is a word of a list, with its meaning on paper.
type Code struct{ Code, Meaning string }

// Identifiabilities are the kinds of data by how plainly they tell who people
// are (domain 16).
var Identifiabilities = []Code{
	{"IDENT", "Identifiable"},
	{"PSEUDO_ICO", "Anonymised - ICO code compliant"},
	{"AGG_SUPPRESSED", "Aggregated - small numbers suppressed"},
	{"AGG_UNSUPPRESSED", "Aggregated - small numbers not suppressed"},
}

// Gateways are the legal bases for dissemination (domain 16).
var Gateways = []Code{
	{"HSCA261_1_2BII", "Health and Social Care Act 2012 s261(1) and (2)(b)(ii)"},
	{"HSCA261_2C", "Health and Social Care Act 2012 s261(2)(c) - consent"},
	{"HSCA261_4", "Health and Social Care Act 2012 s261(4)"},
	{"HSCA261_5D", "Health and Social Care Act 2012 s261(5)(d)"},
	{"HSCA261_7", "Health and Social Care Act 2012 s261(7) with s251 NHS Act 2006"},
	{"NHSA251_REG2", "s251 NHS Act 2006, Regulation 2 (cancer)"},
	{"NHSA251_REG5", "s251 NHS Act 2006, Regulation 5 (general medical purposes)"},
	{"COPI_REG3", "Control of Patient Information Regulations 2002, Regulation 3"},
}

// Meaning returns what a code says on paper.
func Meaning(list []Code, code string) string {
	for _, c := range list {
		if c.Code == code {
			return c.Meaning
		}
	}
	return code
}

// Codes lists the codes themselves.
func Codes(list []Code) (all []string) {
	for _, c := range list {
		all = append(all, c.Code)
	}
	return all
}

// Check says everything that is wrong with a form, each with the field's name
// and a way out.
func (f *Form) Check(catalogue Catalogue) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for _, text := range []struct{ name, value string }{
		{"title", f.Title}, {"organisation", string(f.Organisation)}, {"contact", f.Contact},
		{"territory", f.Territory}, {"purpose.objective", f.Purpose.Objective}, {"purpose.processing", f.Purpose.Processing},
		{"purpose.outputs", f.Purpose.Outputs}, {"purpose.benefits", f.Purpose.Benefits},
	} {
		if strings.TrimSpace(text.value) == "" {
			say("%s: is empty", text.name)
		}
	}
	if len(f.Controllers) == 0 {
		say("controllers: name at least one organisation")
	}
	if len(f.Collectors) == 0 {
		say("collectors: name the login of at least one person who will fetch the data")
	}
	for _, who := range []struct{ name, twice string }{
		{"controllers", string(twice(f.Controllers))}, {"processors", string(twice(f.Processors))}, {"collectors", twice(f.Collectors)},
	} {
		if who.twice != "" {
			say("%s: %s is named twice", who.name, who.twice)
		}
	}
	for _, day := range []struct {
		name  string
		value Day
	}{{"start", f.Start}, {"end", f.End}} {
		if _, err := ParseDay(string(day.value)); err != nil {
			say("%s: %v", day.name, err)
		}
	}
	if f.End < f.Start {
		say("end: is before start")
	}
	if len(f.Datasets) == 0 {
		say("datasets: ask for at least one")
	}
	for i, d := range f.Datasets {
		wrong = append(wrong, d.check(fmt.Sprintf("datasets[%d]", i), catalogue)...)
		if slices.ContainsFunc(f.Datasets[:i], func(before DatasetRequest) bool { return before.Code == d.Code }) {
			say("datasets[%d].code: %s is asked for twice", i, d.Code)
		}
	}
	for i, e := range f.Evidence {
		if _, err := ParseDay(string(e.Expires)); e.Expires != "" && err != nil {
			say("evidence[%d].expires: %v", i, err)
			continue
		}
		if e.Expires != "" && e.Expires < f.End {
			say("evidence[%d]: %s ends on %s, before the agreement would on %s: ask for a shorter term", i, e.Kind, e.Expires, f.End)
		}
	}
	return wrong
}

// twice returns the first of some names that stands among them again, or "".
func twice[S ~string](names []S) (again S) {
	for i, n := range names {
		if slices.Contains(names[:i], n) {
			return n
		}
	}
	return ""
}

func (d *DatasetRequest) check(at string, catalogue Catalogue) (wrong []string) {
	say := func(format string, args ...any) {
		wrong = append(wrong, at+fmt.Sprintf(format, args...))
	}
	known, err := catalogue.Dataset(d.Code)
	if err != nil {
		say(".code: %v", err)
		return wrong
	}
	if len(d.Periods) == 0 {
		say(".periods: name at least one")
	}
	if again := twice(d.Periods); again != "" {
		say(".periods: %s is named twice", again)
	}
	for _, p := range d.Periods {
		if _, ok := known.File(p); !ok {
			say(".periods: %s has no period %s", d.Code, p)
		}
	}
	if !slices.Contains(Codes(Identifiabilities), d.Identifiability) {
		say(".identifiability: %q is not one of %s", d.Identifiability, strings.Join(Codes(Identifiabilities), ", "))
	}
	if !slices.Contains(Codes(Gateways), d.Gateway) {
		say(".gateway: %q is not one of %s", d.Gateway, strings.Join(Codes(Gateways), ", "))
	}
	for _, name := range d.Fields {
		field, ok := known.Field(name)
		switch {
		case !ok && len(known.Fields) > 0:
			say(".fields: %s has no field %s", d.Code, name)
		case (field.Identifying || known.Index == nil && name == known.Person) && d.Identifiability != "IDENT":
			say(".fields: %s tells who a person is, which %s does not allow", name, d.Identifiability)
		}
	}
	if len(d.Fields) == 0 && len(d.Columns) == 0 && d.Identifiability != "IDENT" && slices.ContainsFunc(known.Fields, func(f Field) bool { return f.Identifying }) {
		say(".fields: list them: some fields of %s tell who a person is, which %s does not allow", d.Code, d.Identifiability)
	}
	wrong = append(wrong, d.CheckRows(at, known)...)
	if (d.From != "" || d.To != "") && known.Date == "" {
		say(".from: %s has no date column to filter by", d.Code)
	}
	for _, day := range []struct {
		name  string
		value Day
	}{{"from", d.From}, {"to", d.To}} {
		if _, err := ParseDay(string(day.value)); day.value != "" && err != nil {
			say(".%s: %v", day.name, err)
			return wrong
		}
	}
	if d.From != "" && d.To != "" && d.To < d.From {
		say(".to: is before from")
	}
	return wrong
}

// An Application is a request for data, from its form to the decision.
type Application struct {
	Stem       string           `json:"ref"`   // "DARS-NIC-000001-B1C2D", for life
	Major      int              `json:"major"` // one more with each renewal or amendment
	Minor      int              `json:"minor"` // one more with each time it was referred back
	Kind       string           `json:"kind"`  // new, for now
	State      ApplicationState `json:"state"`
	Form       Form             `json:"form"`
	Submitted  Day              `json:"submitted"` // the last time
	By         PersonID         `json:"submitted_by"`
	Review     Review           `json:"review"`
	Officer    PersonID         `json:"officer,omitempty"` // in charge of the case
	Evidence   []EvidenceFile   `json:"evidence"`
	Actions    []Action         `json:"actions"`
	Clock      SLA              `json:"clock"`
	AssessedBy []PersonID       `json:"assessed_by"`
	Decisions  []Decision       `json:"decisions"` // in order
	Hands      Hands            `json:"hands"`
}

// An ApplicationState is where an application is in its life.
type ApplicationState string

const (
	Submitted    ApplicationState = "submitted"
	ReferredBack ApplicationState = "referred-back" // what 2015 called rejected
	Accepted     ApplicationState = "accepted"
	Assessed     ApplicationState = "assessed"
	PreReviewed  ApplicationState = "pre-reviewed"
	AtDAAG       ApplicationState = "at-daag"
	Recommended  ApplicationState = "recommended"
	WithCaveats  ApplicationState = "recommended-with-caveats"
	Deferred     ApplicationState = "deferred"
	Rejected     ApplicationState = "rejected"
	Approved     ApplicationState = "approved"
	Declined     ApplicationState = "declined"
	TakenBack    ApplicationState = "withdrawn"
)

// ApplicationLife is every step of an application on the committee's route; the
// aggregate route goes from pre-reviewed to the SIRO without it.
//
//	submitted ──▶ accepted ──▶ assessed ──▶ pre-reviewed ──▶ at-daag ──▶ recommended ──▶ approved
//	   ▲  └▶ referred-back                       └─ aggregate ─▶ approved       └──▶ declined
//	   └───────────┘
var ApplicationLife = Life[ApplicationState]{
	Submitted:    {Accepted, ReferredBack, TakenBack},
	ReferredBack: {Submitted, TakenBack},
	Accepted:     {Assessed, TakenBack},
	Assessed:     {PreReviewed, TakenBack},
	PreReviewed:  {AtDAAG, Approved, Declined, TakenBack},
	AtDAAG:       {Recommended, WithCaveats, Deferred, Rejected, TakenBack},
	WithCaveats:  {AtDAAG, TakenBack},
	Deferred:     {AtDAAG, TakenBack},
	Recommended:  {Approved, Declined, TakenBack},
}

// ID names the application among all versions of its stem.
func (p *Application) ID() ApplicationID {
	return ApplicationID(fmt.Sprintf("%s-v%d", p.Stem, p.Major))
}

// Version is "v1.0", as the agreement will have it.
func (p *Application) Version() string { return fmt.Sprintf("v%d.%d", p.Major, p.Minor) }

func (p *Application) Card() Card {
	k := append(byWords(p.Form.Title), By("org", p.Form.Organisation), By("case", p.Stem), By("submitter", p.By))
	for _, d := range p.Decisions {
		k = append(k, By("word", d.Outcome))
	}
	return Card{"application", string(p.ID()), string(p.State), k}
}

// A Decision is one step towards the answer, and who took it.
type Decision struct {
	Step    string   `json:"step"`    // assessed, pre-reviewed, presented, outcome, siro, class
	Outcome string   `json:"outcome"` // the state it led to, or the class
	By      PersonID `json:"by"`
	On      Day      `json:"on"`
	Note    string   `json:"note,omitempty"`
	Codes   []string `json:"codes,omitempty"` // of ReviewAreas, for which it was referred back
}

// Route is the way an application is decided, and why: computed, never chosen.
func (p *Application) Route() (route, why string) {
	for _, d := range p.Form.Datasets {
		if d.Identifiability != "AGG_SUPPRESSED" {
			return "committee", fmt.Sprintf("%s is asked for as %s, so DAAG advises and the SIRO decides", d.Code, Meaning(Identifiabilities, d.Identifiability))
		}
	}
	return "aggregate", "only tabulations with small numbers suppressed are asked for, so the SIRO decides without DAAG"
}

// Resubmit takes an application that was referred back in again, as its next
// minor version.
func (p *Application) Resubmit(a Act, form Form, on Day) (err error) {
	if p.State, err = ApplicationLife.Step(p, p.State, Submitted); err != nil {
		return err
	}
	p.Minor, p.Form, p.Submitted, p.By, p.Review = p.Minor+1, form, on, a.Who, Review{}
	return nil
}

// Accept lets an application that passed its review in, and starts the clock.
func (p *Application) Accept(_ Act, c Calendar, on Day) error {
	if p.State == Submitted {
		if err := p.Ready(on); err != nil {
			return err
		}
	}
	to, err := ApplicationLife.Step(p, p.State, Accepted)
	if err != nil {
		return err
	}
	clock, err := p.startClock(c, on)
	if err != nil {
		return err
	}
	p.State, p.Clock = to, clock
	return nil
}

// Withdraw is the applicant's own end of it.
func (p *Application) Withdraw(a Act, on Day) error { return p.decide(a, "withdrawn", TakenBack, on) }

// Assess is the word of the information asset owner of a dataset. When each owner
// of what is asked for has given theirs, it is assessed.
func (p *Application) Assess(a Act, owners []PersonID, on Day) error {
	if _, err := ApplicationLife.Step(p, p.State, Assessed); err != nil {
		return err
	}
	if slices.Contains(p.AssessedBy, a.Who) {
		return Refuse("same-person", p.ID(), "application %s: %s has assessed it already; the other owners of its datasets are yet to", p.ID(), a.Who)
	}
	p.AssessedBy = append(p.AssessedBy, a.Who)
	for _, owner := range owners {
		if !slices.Contains(p.AssessedBy, owner) {
			return nil
		}
	}
	return p.decide(a, "assessed", Assessed, on)
}

// PreReview is the secretary's, before the committee sees it.
func (p *Application) PreReview(a Act, on Day) error {
	return p.decide(a, "pre-reviewed", PreReviewed, on)
}

// Present puts it before DAAG.
func (p *Application) Present(a Act, on Day) error {
	if route, why := p.Route(); route != "committee" {
		return Refuse("wrong-route", p.ID(), "application %s does not go to DAAG: %s", p.ID(), why)
	}
	return p.decide(a, "presented", AtDAAG, on)
}

// Outcome is what DAAG said.
func (p *Application) Outcome(a Act, outcome ApplicationState, on Day) error {
	if !is(outcome, Recommended, WithCaveats, Deferred, Rejected) {
		return Refuse("no-outcome", p.ID(), "%q is no outcome of DAAG: it is recommended, recommended-with-caveats, deferred or rejected", outcome)
	}
	return p.decide(a, "outcome", outcome, on)
}

// SIRO is the decision of the senior information risk owner, who answers for it.
func (p *Application) SIRO(a Act, approve bool, on Day) error {
	to := Declined
	if approve {
		to = Approved
	}
	if route, _ := p.Route(); p.State == PreReviewed && route == "committee" {
		return Refuse("wrong-route", p.ID(), "application %s must go to DAAG before the SIRO decides", p.ID())
	}
	hands, err := p.Hands.Add(a, "decided", string(p.ID()))
	if err != nil {
		return err
	}
	if err := p.decide(a, "siro", to, on); err != nil {
		return err
	}
	p.Hands = hands
	return nil
}

// decide takes one step and notes who took it.
func (p *Application) decide(a Act, step string, to ApplicationState, on Day) (err error) {
	from := p.State
	if p.State, err = ApplicationLife.Step(p, from, to); err != nil {
		return err
	}
	p.Decisions = append(p.Decisions, Decision{Step: step, Outcome: string(to), By: a.Who, On: on, Note: a.Why})
	p.Clock = p.Clock.decided(to, on)
	return nil
}
