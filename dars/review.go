package dars

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Review is the initial review, the gate before the service-level clock starts:
// each of four things passes or the application is referred back (domain 1.1).
type Review struct {
	LegalBasis  bool              `json:"legal_basis"`
	Security    bool              `json:"security"`
	Feasibility bool              `json:"technical_feasibility"`
	Purpose     bool              `json:"purpose"`
	Notes       map[string]string `json:"notes,omitempty"` // by the code of a ReviewArea
	Note        string            `json:"note,omitempty"`  // on the whole
	By          PersonID          `json:"by,omitempty"`
	For         PersonID          `json:"for,omitempty"` // whose delegate they were

	Fails []string `json:"-"` // codes of ReviewAreas that passed before, and do not any more
}

// ReviewAreas are the four things, each with the code of the reason for which an
// application is referred back (domain 16).
var ReviewAreas = []Code{
	{"LEGAL_BASIS", "legal basis"},
	{"SECURITY", "security"},
	{"TECHNICAL_FEASIBILITY", "technical feasibility"},
	{"PURPOSE", "purpose"},
}

// ReviewArea is the code of what people call an area: "legal-basis", "technical
// feasibility", "feasibility"; "" for none.
func ReviewArea(name string) string {
	name = strings.ToUpper(strings.NewReplacer("-", "_", " ", "_").Replace(strings.TrimSpace(name)))
	if name == "FEASIBILITY" {
		return "TECHNICAL_FEASIBILITY"
	}
	if slices.Contains(Codes(ReviewAreas), name) {
		return name
	}
	return ""
}

// Passed reports whether all four did.
func (r Review) Passed() bool { return len(r.Failed()) == 0 }

// Failed are the codes of the areas that did not pass.
func (r Review) Failed() (codes []string) {
	for i, passed := range []bool{r.LegalBasis, r.Security, r.Feasibility, r.Purpose} {
		if !passed {
			codes = append(codes, ReviewAreas[i].Code)
		}
	}
	return codes
}

// over is a review that goes on from an earlier one: what it does not speak of
// stays as it was.
func (r Review) over(before Review) Review {
	passes := func(i int, now, was bool) bool {
		return now || was && !slices.Contains(r.Fails, ReviewAreas[i].Code)
	}
	r.LegalBasis, r.Security = passes(0, r.LegalBasis, before.LegalBasis), passes(1, r.Security, before.Security)
	r.Feasibility, r.Purpose = passes(2, r.Feasibility, before.Feasibility), passes(3, r.Purpose, before.Purpose)
	notes := maps.Clone(before.Notes)
	if notes == nil {
		notes = map[string]string{}
	}
	maps.Copy(notes, r.Notes)
	r.Notes, r.Note, r.Fails = notes, cmp.Or(r.Note, before.Note), nil
	return r
}

// Reviewed notes the initial review. Once more, it goes on from the one before.
// The first who reviews a case is in charge of it; nobody reviews what they handed
// in.
func (p *Application) Reviewed(a Act, r Review, on Day) error {
	if p.State != Submitted {
		return Refuse("wrong-step", p.ID(), "application %s is %s, and its initial review is over: only one that is submitted is reviewed; if it got here by mistake, undo that first with darsd application undo %s", p.ID(), p.State, p.Stem)
	}
	if err := p.handedIn(a); err != nil {
		return err
	}
	if r.LegalBasis {
		if err := p.byGateway(on); err != nil {
			return err
		}
	}
	for area, note := range r.Notes {
		if ReviewArea(area) != area {
			return Refuse("no-area", p.ID(), "%q is no part of the initial review: those are legal-basis, security, feasibility and purpose", area)
		}
		if err := CheckText(string(p.ID()), "the note on "+Meaning(ReviewAreas, area), note); err != nil {
			return err
		}
	}
	for _, area := range r.Fails {
		if ReviewArea(area) != area {
			return Refuse("no-area", p.ID(), "%q is no part of the initial review: those are legal-basis, security, feasibility and purpose", area)
		}
	}
	r = r.over(p.Review)
	r.By, r.For = a.Who, a.For
	p.Review, p.Officer = r, cmp.Or(p.Officer, a.Who)
	return nil
}

// Reassign puts another case officer in charge.
func (p *Application) Reassign(a Act, to *Person) error {
	switch {
	case a.Why == "":
		return Refuse("no-reason", p.ID(), "application %s: say why with --reason", p.ID())
	case p.ended() && p.State != Approved:
		return Refuse("wrong-step", p.ID(), "application %s is %s: nobody needs to be in charge of it", p.ID(), p.State)
	case !to.Inside() || !to.Has(CaseOfficer) || to.Left != "":
		return Refuse("no-role", p.ID(), "%s is no case officer: name one who is (darsd person list)", to.ID)
	case p.Officer == to.ID:
		return Refuse("wrong-step", p.ID(), "%s is in charge of application %s already", to.ID, p.ID())
	}
	p.Officer = to.ID
	return nil
}

// Ready refuses to let an application in that has not passed its initial review,
// lacks evidence, or whose actions are not all done.
func (p *Application) Ready(on Day) error {
	if !p.Review.Passed() {
		var failed []string
		for _, code := range p.Review.Failed() {
			failed = append(failed, Meaning(ReviewAreas, code))
		}
		return Refuse("not-reviewed", p.ID(), "application %s has not passed its initial review on %s: note what passes with darsd application review %s, or refer it back", p.ID(), join(failed), p.Stem)
	}
	if wanting := p.EvidenceWanting(p.Form.Datasets, on); len(wanting) > 0 {
		return Refuse("evidence", p.ID(), "application %s: %s; look at what there is with darsd application evidence %s, and refer it back for what there is not", p.ID(), strings.Join(wanting, "; "), p.Stem)
	}
	if open := p.OpenActions(); len(open) > 0 {
		var left []string
		for _, t := range open {
			left = append(left, fmt.Sprintf("action %d (%s, due %s)", t.N, t.State, t.Due))
		}
		return Refuse("actions-open", p.ID(), "application %s waits for what was agreed to be done: %s; each is closed with darsd application action %s --done N", p.ID(), strings.Join(left, ", "), p.Stem)
	}
	return nil
}

// Needed lists what an applicant must mend: each area of the review that did not
// pass with what was noted on it, what evidence is wanting, what is left to do.
func (p *Application) Needed(on Day) (needed []string) {
	if p.Review.By != "" {
		for _, code := range p.Review.Failed() {
			needed = append(needed, Meaning(ReviewAreas, code)+": "+cmp.Or(p.Review.Notes[code], "it did not pass"))
		}
	}
	for _, f := range p.Evidence {
		if f.Left == "" && f.State() == EvidenceRefused {
			needed = append(needed, fmt.Sprintf("evidence: the %s was refused (%s)", f.name(), f.Looks[len(f.Looks)-1].Why))
		}
	}
	for _, kind := range p.missingKinds() {
		needed = append(needed, "evidence: there is no "+Meaning(EvidenceKinds, kind))
	}
	for _, t := range p.OpenActions() {
		if t.Owner == TheApplicant && t.State == ActionOpen {
			needed = append(needed, fmt.Sprintf("action %d, by %s: %s", t.N, t.Due.Long(), t.Text))
		}
	}
	return needed
}

// missingKinds are the kinds of evidence that a gateway needs and of which there
// is no file.
func (p *Application) missingKinds() (kinds []string) {
	for _, d := range p.Form.Datasets {
		for _, kind := range EvidenceNeeded[d.Gateway] {
			if !p.shows(kind) && !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
		}
	}
	return kinds
}

// ReferBack returns it to the applicant, who may mend it and submit it again. Why
// stands in the review's notes, or else must be given.
func (p *Application) ReferBack(a Act, on Day) error {
	var codes []string
	if p.Review.By != "" {
		codes = p.Review.Failed()
	}
	noted := len(codes) > 0 && !slices.ContainsFunc(codes, func(code string) bool { return p.Review.Notes[code] == "" })
	if a.Why == "" && !noted {
		return Refuse("no-reason", p.ID(), "application %s: tell the applicant why with --reason, or note it on each part that did not pass: application review %s --note AREA=TEXT", p.ID(), p.Stem)
	}
	if err := p.decide(a, "referred-back", ReferredBack, on); err != nil {
		return err
	}
	p.Decisions[len(p.Decisions)-1].Codes = codes
	return nil
}
