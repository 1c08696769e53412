package dars

import (
	"fmt"
	"strings"
)

// A Brief is what whoever decides on an application must know, on one page.
type Brief struct {
	Ref          string            `json:"ref"`
	Version      string            `json:"version"`
	Kind         string            `json:"kind"`
	Title        string            `json:"title"`
	Org          OrgCode           `json:"org"`
	OrgName      string            `json:"org_name"`
	State        ApplicationState  `json:"state"`
	Due          Day               `json:"due,omitempty"` // of the service-level clock
	On           Day               `json:"on"`
	Route        Route             `json:"route"`
	Asks         []string          `json:"asks"` // each dataset in a line
	Advice       *Decision         `json:"advice,omitempty"`
	Caveats      []Action          `json:"caveats"`            // that are not cleared
	Since        string            `json:"since,omitempty"`    // the version with which it is compared
	SinceIs      string            `json:"since_is,omitempty"` // what that version is: in force, ended, or never agreed
	Changes      []Change          `json:"changes"`
	Attempts     []Attempt         `json:"attempts"` // versions handed in since then that came to nothing
	Ends         []Ending          `json:"ends"`     // what has ended, or ends within the term
	Holds        []HeldLine        `json:"holds"`    // what these parties already hold
	Access       []AccessLine      `json:"access"`   // what they may look at in the office's system
	Audits       []AuditLine       `json:"audits"`
	Certificates []CertificateLine `json:"certificates"` // overdue
	Objections   string            `json:"objections"`
}

// An Attempt is a version of a case that was handed in and came to nothing.
type Attempt struct {
	Version string           `json:"version"`
	State   ApplicationState `json:"state"`
}

// An AccessLine is system access that somebody holds.
type AccessLine struct {
	Release   ReleaseID   `json:"release"`
	Agreement AgreementID `json:"agreement"`
	Dataset   string      `json:"dataset"`
	People    int         `json:"people"` // who may look now
	Licences  int         `json:"licences"`
	Since     Day         `json:"since"`
	ReviewDue Day         `json:"review_due"` // the next look at how it is used
}

// An Ending is something that the application rests on and that ends.
type Ending struct {
	What  string `json:"what"`
	Of    string `json:"of"`
	On    Day    `json:"on"`
	Ended bool   `json:"ended"`
}

// Endings lists what of an application's evidence, and of its parties'
// registrations and assurances, has ended on a day or ends within the term.
func (p *Application) Endings(parties []*Organisation, on Day) []Ending {
	all := []Ending{}
	note := func(what, of string, ends Day) {
		if ends != "" && (ends < on || ends < p.Form.End) {
			all = append(all, Ending{what, of, ends, ends < on})
		}
	}
	for _, f := range p.Evidence {
		if f.Left == "" && f.State() != EvidenceRefused {
			note(Meaning(EvidenceKinds, f.Kind), f.File, f.Until())
		}
	}
	for _, o := range parties {
		note("registration with the Information Commissioner", string(o.Code), o.ICOExpires)
		note("security assurance", string(o.Code), o.SecurityExpires)
	}
	return all
}

// Advice is what DAAG said last, or nil.
func (p *Application) Advice() *Decision {
	for i := len(p.Decisions) - 1; i >= 0; i-- {
		if p.Decisions[i].Step == "outcome" {
			return &p.Decisions[i]
		}
	}
	return nil
}

// SaidAt is what DAAG said of an application at a meeting, and what that left to
// do; nil if it said nothing there.
func (p *Application) SaidAt(m MeetingID) (said *Decision, left []Action) {
	for i, d := range p.Decisions {
		if d.Step == "outcome" && d.Meeting == m {
			said = &p.Decisions[i]
		}
	}
	for _, t := range p.Actions {
		if t.Meeting == m {
			left = append(left, t)
		}
	}
	return said, left
}

// Presenter is who presented it last.
func (p *Application) Presenter() (by PersonID) {
	for _, d := range p.Decisions {
		if d.Step == "presented" {
			by = d.By
		}
	}
	return by
}

// Asked is what of each dataset an application asks for, a line each.
func (f *Form) Asked() []string {
	all := []string{}
	for _, d := range f.Datasets {
		all = append(all, d.Asked())
	}
	return all
}

// Asked is what is asked of one dataset, on a line.
func (r DatasetRequest) Asked() string {
	said := fmt.Sprintf("%s: %s; %s; %s", r.Code, Meaning(Identifiabilities, r.Identifiability), strings.Join(r.Periods, ", "), Meaning(Gateways, r.Gateway))
	if r.Sensitive {
		said += "; sensitive"
	}
	return said
}
