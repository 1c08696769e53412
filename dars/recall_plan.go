package dars

import (
	"cmp"
	"slices"
)

// A RecallPlan is what an incident affects, or what a recall has come to: of each kind
// of thing a list, from the notices.
type RecallPlan struct {
	Incident      IncidentID        `json:"incident"`
	Kind          string            `json:"kind"`
	Says          string            `json:"says"`
	Recall        *Recall           `json:"recall,omitempty"`
	AsAt          Day               `json:"as_at"`
	Releases      []PlannedRelease  `json:"releases"`
	Files         []PlannedFile     `json:"files"`
	People        []RecalledPerson  `json:"people"`
	Organisations []PlannedParty    `json:"organisations"`
	Processors    []string          `json:"processors"`
	Sublicensees  []string          `json:"sublicensees"`
	Sublicences   []PlannedPassedOn `json:"sublicences"`
	Progress      map[string]int    `json:"progress"` // files by their answer; "open" is those that somebody still answers for
}

// A PlannedRelease is one release under its agreement.
type PlannedRelease struct {
	RecalledRelease
	Agreement string `json:"agreement"`
	Register  bool   `json:"register,omitempty"`
}

// A PlannedFile is one file under its agreement.
type PlannedFile struct {
	RecalledFile
	Agreement string   `json:"agreement"`
	Open      []string `json:"open"` // who still answers for it
}

// A RecalledPerson is somebody to whom bytes were sent.
type RecalledPerson struct {
	Person PersonID `json:"person"`
	Org    string   `json:"org"`
	Files  int      `json:"files"`
}

// A PlannedParty is an organisation, under every agreement in which it has a part.
type PlannedParty struct {
	RecallParty
	Agreements []string `json:"agreements"`
	Files      int      `json:"files"` // that it may hold
	Open       int      `json:"open"`  // for which it has not answered
}

// A PlannedPassedOn is what an agreement says of those to whom data may be passed on.
// Where it names none of them, as registers do not, its holders are asked who they are.
type PlannedPassedOn struct {
	Agreement string   `json:"agreement"`
	Says      string   `json:"says"`
	To        []string `json:"to"` // who is named
}

// RecallOf is what some notices say together.
func RecallOf(i *Incident, r *Recall, notices []*RecallNotice, on Day) RecallPlan {
	p := RecallPlan{Incident: i.ID, Kind: i.Kind, Says: i.Says, Recall: r, AsAt: on, Releases: []PlannedRelease{}, Files: []PlannedFile{}, People: []RecalledPerson{},
		Organisations: []PlannedParty{}, Processors: []string{}, Sublicensees: []string{}, Sublicences: []PlannedPassedOn{}, Progress: map[string]int{"open": 0}}
	for _, n := range notices {
		for _, one := range n.Releases {
			p.Releases = append(p.Releases, PlannedRelease{one, n.Agreement, n.Register})
		}
		for _, f := range n.Files {
			p.file(n, f)
		}
		for _, party := range n.Parties {
			p.party(n, party)
		}
		if to := n.parties("sub-licensee"); n.PassedOn != "" || len(to) > 0 {
			p.Sublicences = append(p.Sublicences, PlannedPassedOn{n.Agreement, n.PassedOn, to})
		}
	}
	slices.Sort(p.Processors)
	slices.Sort(p.Sublicensees)
	slices.SortFunc(p.People, func(a, b RecalledPerson) int { return cmp.Compare(a.Person, b.Person) })
	slices.SortFunc(p.Organisations, func(a, b PlannedParty) int { return cmp.Compare(a.Org, b.Org) })
	return p
}

func (p *RecallPlan) file(n *RecallNotice, f RecalledFile) {
	open := f.Open()
	p.Files = append(p.Files, PlannedFile{f, n.Agreement, append([]string{}, open...)})
	if len(open) > 0 {
		p.Progress["open"]++
	} else if len(f.Answers) > 0 {
		p.Progress[f.worst()]++
	}
	for _, s := range f.Sent {
		i := slices.IndexFunc(p.People, func(one RecalledPerson) bool { return one.Person == s.Person })
		if i < 0 {
			i, p.People = len(p.People), append(p.People, RecalledPerson{Person: s.Person, Org: string(s.Org)})
		}
		p.People[i].Files++
	}
}

// worst is the answer of a file for which several have answered: that of whoever still
// has something of it.
func (f RecalledFile) worst() string {
	for _, a := range f.Answers {
		if a.Answer == ProcessedInto {
			return ProcessedInto
		}
	}
	return f.Answers[0].Answer
}

func (p *RecallPlan) party(n *RecallNotice, party RecallParty) {
	i := slices.IndexFunc(p.Organisations, func(o PlannedParty) bool { return o.Org == party.Org })
	if i < 0 {
		i, p.Organisations = len(p.Organisations), append(p.Organisations, PlannedParty{RecallParty: party})
	}
	o := &p.Organisations[i]
	o.Agreements = append(o.Agreements, n.Agreement)
	for _, f := range n.Files {
		if slices.Contains(f.Holders, party.Org) {
			o.Files++
		}
		if slices.Contains(f.Open(), party.Org) {
			o.Open++
		}
	}
	switch party.As {
	case "processor":
		p.Processors = with(p.Processors, party.Org)
	case "sub-licensee":
		p.Sublicensees = with(p.Sublicensees, party.Org)
	}
}

// parties are the organisations that have a part of some kind in a notice.
func (n *RecallNotice) parties(as string) []string {
	all := []string{}
	for _, p := range n.Parties {
		if p.As == as {
			all = append(all, p.Org)
		}
	}
	return all
}

// PublicRecall is what everybody may read of a recall: that there was a defect, in what,
// and what was done about it. It names no person, and nobody who has not answered.
type PublicRecall struct {
	ID            RecallID       `json:"id"`
	Defect        string         `json:"defect"`
	Says          string         `json:"says"`
	From          Day            `json:"from,omitempty"`
	Until         Day            `json:"until,omitempty"`
	Datasets      []string       `json:"datasets"`
	Started       Day            `json:"started"`
	AnswerBy      Day            `json:"answer_by"`
	State         RecallState    `json:"state"`
	Closed        Day            `json:"closed,omitempty"`
	Outcome       string         `json:"outcome,omitempty"`
	Agreements    int            `json:"agreements"`
	Organisations int            `json:"organisations"`
	Releases      int            `json:"releases"`
	Files         int            `json:"files"`
	Answers       map[string]int `json:"answers"` // files
}

// Public is what everybody may read of the recall that a plan is of.
func (p RecallPlan) Public(i *Incident) PublicRecall {
	r := p.Recall
	all := PublicRecall{ID: r.ID, Defect: Meaning(IncidentKindCodes(), i.Kind), Says: i.Says, From: i.Scope.From, Until: i.Scope.Until, Datasets: []string{},
		Started: r.Started, AnswerBy: r.AnswerBy, State: r.State, Closed: r.Closed, Outcome: r.Outcome,
		Organisations: len(p.Organisations), Releases: len(p.Releases), Files: len(p.Files), Answers: p.Progress}
	agreements := map[string]bool{}
	for _, one := range p.Releases {
		agreements[one.Agreement] = true
		all.Datasets = with(all.Datasets, one.Dataset)
	}
	all.Agreements = len(agreements)
	slices.Sort(all.Datasets)
	return all
}
