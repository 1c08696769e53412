package dars

import (
	"cmp"
	"slices"
	"strings"
)

// A PublicAgreement is one version of an agreement as everybody may read it: what may
// be released to whom, why, and what became of it. No person is named in it.
type PublicAgreement struct {
	ID          AgreementID     `json:"id"`
	Ref         string          `json:"ref"`
	Version     string          `json:"version"`
	Title       string          `json:"title"`
	Kind        string          `json:"kind"`
	Org         string          `json:"org"` // names
	OrgCode     OrgCode         `json:"org_code,omitempty"`
	OrgType     string          `json:"org_type"`
	Controllers []string        `json:"controllers"`
	Joint       bool            `json:"joint"`
	Processors  []string        `json:"processors"`
	PassedTo    []string        `json:"sublicensees"` // by its controllers
	State       AgreementState  `json:"state"`
	Start       Day             `json:"start"`
	End         Day             `json:"end"`
	Ended       Day             `json:"ended,omitempty"`
	Approved    Day             `json:"approved,omitempty"` // the day of the decision
	Replaced    AgreementID     `json:"superseded_by,omitempty"`
	Versions    []PublicVersion `json:"versions,omitempty"` // the others of the case, the newest first; not in lists
	Territory   string          `json:"territory"`
	Sublicenses string          `json:"sublicensing"`
	Datasets    []PublicDataset `json:"datasets"`
	Purpose     PublicPurpose   `json:"purpose"`
	Backing     PublicBacking   `json:"backing"`
	Conditions  []string        `json:"conditions"`
	Benefits    PublicBenefits  `json:"benefits"`
	Audits      []PublicAudit   `json:"audits"`
	Deletion    *PublicDeletion `json:"deletion,omitempty"`
	Editions    []string        `json:"editions"` // of registers, where it was imported
	Corrections []Correction    `json:"corrections"`
}

// A PublicVersion is another version of the same agreement.
type PublicVersion struct {
	ID      AgreementID    `json:"id"`
	Version string         `json:"version"`
	State   AgreementState `json:"state"`
	Start   Day            `json:"start"`
	End     Day            `json:"end"`
}

// A PublicDataset is what an agreement or an application says of one dataset.
type PublicDataset struct {
	Code        string   `json:"code"`
	Name        string   `json:"name"`
	Periods     []string `json:"periods"`
	Data        string   `json:"data"`
	Sensitivity string   `json:"sensitivity"`
	LegalBasis  string   `json:"legal_basis"`
	Duty        string   `json:"duty"`
	Frequency   string   `json:"frequency"`
	Fields      []string `json:"fields"` // none: all
	Objections  string   `json:"objections"`
}

// A PublicPurpose is why data are wanted, in the words of who asked.
type PublicPurpose struct {
	Summary    string   `json:"summary,omitempty"`
	Serves     []string `json:"serves"`
	Objective  string   `json:"objective"`
	Processing string   `json:"processing"`
	Outputs    string   `json:"outputs"`
	Benefits   string   `json:"benefits"`
	Yielded    string   `json:"yielded,omitempty"`
	Commercial string   `json:"commercial"` // "No", or how
}

// A PublicBacking is who stands behind the work, and by what right personal data are
// used in it.
type PublicBacking struct {
	Funders   []string `json:"funders"`   // and sponsors
	Approvals []string `json:"approvals"` // of others than the office
	Article6  []string `json:"article_6"` // of the UK GDPR
	Article9  []string `json:"article_9"`
}

// A PublicAudit is that an audit was, and how far it has come.
type PublicAudit struct {
	ID        AuditID    `json:"id"`
	Triggered Day        `json:"triggered"`
	State     AuditState `json:"state"`
}

// A PublicDeletion is how far the data are accounted for.
type PublicDeletion struct {
	Certificate CertificateID    `json:"certificate"`
	Due         Day              `json:"due"`
	State       CertificateState `json:"state"`
	BackupUntil Day              `json:"backup_until,omitempty"`
}

// A PublicApplication is an application as everybody may read it, from its acceptance
// on, also when it was declined or withdrawn.
type PublicApplication struct {
	ID          ApplicationID    `json:"id"`
	Ref         string           `json:"ref"`
	Version     string           `json:"version"`
	Title       string           `json:"title"`
	Kind        string           `json:"kind"`
	Org         string           `json:"org"`
	State       ApplicationState `json:"state"`
	Stage       RequestStage     `json:"stage"`
	Submitted   Day              `json:"submitted"`
	Accepted    Day              `json:"accepted"`
	Class       int              `json:"class"`
	Due         Day              `json:"due,omitempty"`
	Controllers []string         `json:"controllers"`
	Processors  []string         `json:"processors"`
	PassedTo    []string         `json:"sublicensees"`
	Start       Day              `json:"start"`
	End         Day              `json:"end"`
	Datasets    []PublicDataset  `json:"datasets"`
	Purpose     PublicPurpose    `json:"purpose"`
	Decisions   []PublicDecision `json:"decisions"`
}

// A PublicDecision is one step towards the answer. Reasons are published of those who
// advise and decide; who took the step is not.
type PublicDecision struct {
	Step    string `json:"step"`
	Outcome string `json:"outcome"`
	On      Day    `json:"on"`
	Reason  string `json:"reason,omitempty"`
	Members int    `json:"members,omitempty"`
	Lay     int    `json:"lay,omitempty"`
}

// reasoned are the steps whose reason everybody may read.
var reasoned = []string{"outcome", "siro", "director", "withdrawn"}

// WasAccepted reports whether the office has ever taken the application in: from then on
// it is published.
func (p *Application) WasAccepted() bool { return p.Clock.Started != "" }

// Page is the application as everybody may read it. Where something stands in a text that
// is not said, the text says that it is withheld, and on which ground.
func (p *Application) Page(stage RequestStage, look Naming, unsaid Unsaid) PublicApplication {
	look = look.Unsaying(unsaid)
	a := PublicApplication{
		ID: p.ID(), Ref: p.Stem, Version: p.Version(), Title: unsaid.OutOf(p.Form.Title), Kind: Meaning(Kinds, cmp.Or(p.Kind, "new")), Org: look.Org(p.Form.Organisation),
		State: p.State, Stage: stage, Submitted: p.Submitted, Accepted: p.Clock.Started, Class: p.Clock.Class, Due: p.Clock.Due,
		Controllers: look.orgs(p.Form.Controllers), Processors: unsaid.OutOfAll(look.orgs(p.Form.Processors)), PassedTo: unsaid.OutOfAll(look.orgs(p.Form.Sublicensees)), Start: p.Form.Start, End: p.Form.End,
		Datasets: []PublicDataset{}, Purpose: p.Form.publicPurpose(unsaid), Decisions: []PublicDecision{},
	}
	for _, d := range p.Form.Datasets {
		a.Datasets = append(a.Datasets, d.public(look))
	}
	for _, d := range Stood(p.Decisions) {
		one := PublicDecision{Step: d.Step, Outcome: d.Outcome, On: d.On, Members: d.Members, Lay: d.Lay}
		if is(d.Step, reasoned...) {
			one.Reason = unsaid.OutOf(d.Note)
		}
		a.Decisions = append(a.Decisions, one)
	}
	return a
}

// Naming puts names in the place of codes.
type Naming struct {
	Org     func(OrgCode) string
	Dataset func(string) string
}

func (n Naming) orgs(codes []OrgCode) []string {
	all := []string{}
	for _, c := range codes {
		all = append(all, n.Org(c))
	}
	return all
}

func (d DatasetRequest) public(look Naming) PublicDataset {
	all := PublicDataset{
		Code: d.Code, Name: look.Dataset(d.Code), Periods: append([]string{}, d.Periods...), Data: Meaning(Identifiabilities, d.Identifiability),
		Sensitivity: sensitivity(d.Sensitive), LegalBasis: Meaning(Gateways, d.Gateway), Frequency: Meaning(Frequencies, d.Frequency), Fields: append([]string{}, d.Fields...),
	}
	if d.CommonLaw != "" {
		all.Duty = Meaning(CommonLaws, d.CommonLaw)
	}
	for _, c := range d.Columns {
		all.Fields = append(all.Fields, c.Name())
	}
	return all
}

func (f *Form) publicPurpose(unsaid Unsaid) PublicPurpose {
	say := unsaid.OutOf
	p := PublicPurpose{Summary: say(f.Summary), Serves: []string{}, Objective: say(f.Purpose.Objective), Processing: say(f.Purpose.Processing),
		Outputs: say(f.Purpose.Outputs), Benefits: say(f.Purpose.Benefits), Yielded: say(f.Purpose.Yielded), Commercial: "No"}
	for _, aim := range f.Purpose.Serves {
		p.Serves = append(p.Serves, Meaning(Aims, aim.Aim)+": "+say(aim.How))
	}
	if f.Purpose.Commercial {
		p.Commercial = cmp.Or("Yes: "+say(f.Purpose.CommercialText), "Yes")
	}
	return p
}

// An AgreementAround is what a page about an agreement says besides the agreement.
type AgreementAround struct {
	Application *Application // that was approved
	Due         []BenefitDue
	Reports     []*BenefitReport
	Audits      []*Audit
	Certificate *Certificate
}

// Page is the agreement as everybody may read it on a day.
func (g *Agreement) Page(on Day, policy string, around AgreementAround, look Naming, unsaid Unsaid) PublicAgreement {
	plain := look.Org(g.Org)
	look = look.Unsaying(unsaid)
	a := PublicAgreement{
		ID: g.ID, Ref: g.Stem, Version: g.Version, Title: unsaid.OutOf(g.Title), Kind: Meaning(Kinds, cmp.Or(g.Kind, "new")), Org: look.Org(g.Org), OrgCode: g.Org, Controllers: []string{}, Joint: len(g.Controllers) > 1,
		Processors: unsaid.OutOfAll(look.orgs(g.Processors)), PassedTo: unsaid.OutOfAll(look.orgs(g.Sublicensed)), State: g.StateOn(on), Start: g.Start, End: g.End, Ended: g.Ended, Replaced: g.SupersededBy,
		Datasets: []PublicDataset{}, Conditions: []string{}, Audits: []PublicAudit{}, Editions: []string{}, Corrections: []Correction{},
		Benefits: g.Public(around.Due, around.Reports, on),
	}
	if a.Org != plain {
		a.OrgCode = "" // which would tell the name
	}
	for _, c := range g.Controllers {
		a.Controllers = append(a.Controllers, look.Org(c.Org))
	}
	for _, d := range g.Datasets {
		one, term := d.public(look), g.Treats(policy, d.Code)
		if one.Objections = "Upheld"; term.Treatment == NotUpheld {
			one.Objections = "Not upheld: " + term.Why()
		}
		a.Datasets = append(a.Datasets, one)
	}
	if p := around.Application; p != nil {
		f := &p.Form
		if d := p.Decided(); d != nil {
			a.Approved = d.On
		}
		a.Backing = f.backing(unsaid)
		a.Purpose, a.Sublicenses = f.publicPurpose(unsaid), cmp.Or(unsaid.OutOf(f.Sublicensing), "No")
		a.Territory = cmp.Or(unsaid.OutOf(f.TerritoryText), Meaning(Territories, f.Territory))
		for _, c := range f.Conditions {
			a.Conditions = append(a.Conditions, unsaid.OutOf(c))
		}
		i := slices.IndexFunc(f.Parties, func(p Party) bool { return p.Code == g.Org })
		if i >= 0 {
			a.OrgType = Meaning(OrgTypes, f.Parties[i].Type)
		}
	}
	for _, ob := range g.Obligations {
		if ob.Kind == "condition" || ob.Kind == "caveat" {
			a.Conditions = append(a.Conditions, unsaid.OutOf(ob.Text))
		}
	}
	for i := range a.Benefits.Due {
		a.Benefits.Due[i].What = unsaid.OutOf(a.Benefits.Due[i].What)
	}
	for i := range a.Benefits.Reported {
		a.Benefits.Reported[i] = a.Benefits.Reported[i].withheld(unsaid)
	}
	for _, u := range around.Audits {
		if u.Announced() { // before its letter nobody is warned of it
			a.Audits = append(a.Audits, PublicAudit{u.ID, u.Triggered, u.State})
		}
	}
	if c := around.Certificate; c != nil {
		a.Deletion = &PublicDeletion{c.ID, c.Due, c.State, c.BackupEnd}
	}
	return a
}

// backing is what the form says of it.
func (f *Form) backing(unsaid Unsaid) PublicBacking {
	b := PublicBacking{Funders: []string{}, Approvals: []string{}, Article6: []string{}, Article9: []string{}}
	for _, one := range []*Backer{f.Funder, f.Sponsor} {
		if one != nil && one.Name != "" {
			b.Funders = with(b.Funders, unsaid.OutOf(one.Name))
		}
	}
	if e := f.Ethics; e != nil && e.Committee+e.Reference != "" {
		b.Approvals = with(b.Approvals, unsaid.OutOf(strings.TrimSpace(e.Committee+" "+e.Reference)))
	}
	for _, basis := range f.Bases {
		if basis.Reference != "" {
			b.Approvals = with(b.Approvals, unsaid.OutOf(basis.Reference))
		}
	}
	if f.GDPR != nil {
		for _, code := range f.GDPR.Article6 {
			b.Article6 = append(b.Article6, code+" "+Meaning(Article6, code))
		}
		for _, code := range f.GDPR.Article9 {
			b.Article9 = append(b.Article9, code+" "+Meaning(Article9, code))
		}
	}
	return b
}

// withheld is a report without what is not said.
func (r PublicReport) withheld(unsaid Unsaid) PublicReport {
	r.NoneYet = unsaid.OutOf(r.NoneYet)
	for i := range r.Outputs { // copies
		r.Outputs[i].Title = unsaid.OutOf(r.Outputs[i].Title)
	}
	for i := range r.Benefits {
		b := &r.Benefits[i]
		b.What, b.Measure, b.Why, b.Evidence = unsaid.OutOf(b.What), unsaid.OutOf(b.Measure), unsaid.OutOf(b.Why), unsaid.OutOfAll(b.Evidence)
	}
	return r
}

// Brief is the version as the pages of the others name it.
func (g *Agreement) Brief(on Day) PublicVersion {
	return PublicVersion{g.ID, g.Version, g.StateOn(on), g.Start, g.End}
}

// SortVersions puts versions in order, the newest first.
func SortVersions(all []PublicVersion) {
	slices.SortFunc(all, func(a, b PublicVersion) int {
		return cmp.Or(cmp.Compare(b.Start, a.Start), cmp.Compare(b.ID, a.ID))
	})
}
