package dars

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Evidence is a paper that an application relies on, as its form names it: a file
// beside it.
type Evidence struct {
	Kind     string `yaml:"kind" json:"kind"` // one of EvidenceKinds, by its code or its name
	File     string `yaml:"file" json:"file"`
	Ref      string `yaml:"ref,omitempty" json:"ref,omitempty"`           // "15/CAG/0123"
	Approved Day    `yaml:"approved,omitempty" json:"approved,omitempty"` // since when it holds
	Renew    Day    `yaml:"renew,omitempty" json:"renew,omitempty"`       // the last day before it must be renewed
	Expires  Day    `yaml:"expires,omitempty" json:"expires,omitempty"`   // its last day
	SHA256   string `yaml:"-" json:"sha256,omitempty"`
}

// EvidenceKinds are the kinds of papers that an application may rely on (domain
// 1.3 E and P).
var EvidenceKinds = []Code{
	{"S251_APPROVAL", "approval of the Confidentiality Advisory Group"},
	{"CONSENT_FORM", "consent form"},
	{"INFORMATION_LEAFLET", "information leaflet"},
	{"STATUTE", "statute, direction or notice relied on"},
	{"APPROVED_RESEARCHER", "ONS Approved Researcher accreditation"},
	{"ETHICS_APPROVAL", "research ethics approval"},
	{"SECURITY_ASSURANCE", "security assurance"},
	{"ICO_REGISTRATION", "registration with the Information Commissioner"},
	{"OTHER", "other paper"},
}

// EvidenceNeeded says which kinds of evidence each legal gateway must be shown
// (domain 1.3 E). A gateway that the recipient needs no paper for has none.
var EvidenceNeeded = map[string][]string{
	"HSCA261_1_2BII": {},
	"HSCA261_2A":     {},
	"HSCA261_2C":     {"CONSENT_FORM", "INFORMATION_LEAFLET"},
	"HSCA261_4":      {},
	"HSCA261_5D":     {"STATUTE"},
	"HSCA261_7":      {"S251_APPROVAL"},
	"HSCA261_OTHER":  {"STATUTE"},
	"NHSA251_REG2":   {"S251_APPROVAL"},
	"NHSA251_REG5":   {"S251_APPROVAL"},
	"COPI_REG3":      {"STATUTE"},
	"SRSA39":         {"APPROVED_RESEARCHER"},
	"SRSA42_4":       {"STATUTE"},
	"HA2009_36":      {"STATUTE"},
	"SRSA45C":        {"STATUTE"},
	"NAA1983":        {"STATUTE"},
	"HSCA_SCH12":     {"STATUTE"},
}

// otherNames are what people call the kinds besides.
var otherNames = map[string]string{
	"cag": "S251_APPROVAL", "cag letter": "S251_APPROVAL", "cag approval": "S251_APPROVAL", "section 251": "S251_APPROVAL",
	"section 251 approval": "S251_APPROVAL", "s251": "S251_APPROVAL", "s251 approval": "S251_APPROVAL",
	"consent": "CONSENT_FORM", "leaflet": "INFORMATION_LEAFLET", "patient information leaflet": "INFORMATION_LEAFLET", "patient information sheet": "INFORMATION_LEAFLET",
	"statute": "STATUTE", "direction": "STATUTE", "notice": "STATUTE",
	"ons approved researcher": "APPROVED_RESEARCHER", "approved researcher": "APPROVED_RESEARCHER",
	"ethics": "ETHICS_APPROVAL", "rec": "ETHICS_APPROVAL", "rec letter": "ETHICS_APPROVAL",
	"dspt": "SECURITY_ASSURANCE", "ig toolkit": "SECURITY_ASSURANCE", "iso 27001": "SECURITY_ASSURANCE", "slsp": "SECURITY_ASSURANCE",
	"ico": "ICO_REGISTRATION", "ico registration": "ICO_REGISTRATION",
}

// KindOfEvidence is the code of what people call a kind of evidence. What has no
// name here is OTHER, on which no gateway rests.
func KindOfEvidence(name string) string {
	name = strings.ToLower(strings.Join(strings.Fields(name), " "))
	for _, k := range EvidenceKinds {
		if name == strings.ToLower(k.Code) || name == strings.ToLower(k.Meaning) {
			return k.Code
		}
	}
	return cmp.Or(otherNames[name], "OTHER")
}

// An EvidenceFile is one piece of evidence as it came in, with what the office
// has said of it. It keeps its number for the life of the application: later
// versions leave it, and nothing takes it away.
type EvidenceFile struct {
	N        int            `json:"n"`
	Kind     string         `json:"kind"`            // a code of EvidenceKinds
	Named    string         `json:"named,omitempty"` // the kind by which it was handed in, where an officer read another
	File     string         `json:"file"`
	Ref      string         `json:"ref,omitempty"`
	Approved Day            `json:"approved,omitempty"`
	Renew    Day            `json:"renew,omitempty"`
	Expires  Day            `json:"expires,omitempty"`
	Type     string         `json:"type"` // by its content: "PDF"
	Bytes    int64          `json:"bytes"`
	SHA256   string         `json:"sha256"`
	Version  string         `json:"version"` // of the application, when it came
	Received Day            `json:"received"`
	From     PersonID       `json:"from"`
	Added    bool           `json:"added"`             // by itself, not named by a form
	Left     string         `json:"left_by,omitempty"` // the version whose form names it no longer
	Looks    []EvidenceLook `json:"looks"`
}

// An EvidenceLook is what somebody of the office said of a file. The last one
// counts.
type EvidenceLook struct {
	Said EvidenceState `json:"said"`
	By   PersonID      `json:"by"`
	On   Day           `json:"on"`
	Why  string        `json:"why,omitempty"`
}

// An EvidenceState is how a file stands.
type EvidenceState string

const (
	EvidenceUnseen  EvidenceState = "unseen"
	EvidenceSeen    EvidenceState = "seen"
	EvidenceRefused EvidenceState = "refused"
	EvidenceOlder   EvidenceState = "seen-for-an-earlier-version" // that asked for something else
)

// State is what was said of it last.
func (f *EvidenceFile) State() EvidenceState {
	if len(f.Looks) == 0 {
		return EvidenceUnseen
	}
	return f.Looks[len(f.Looks)-1].Said
}

// Unseen reports whether a file that counts has been looked at by nobody.
func (p *Application) Unseen(f EvidenceFile) bool {
	return f.Left == "" && is(f.State(), EvidenceUnseen, EvidenceOlder) && (p.RestsOn(f.Kind) || f.Added)
}

// Until is its last day, or "" if it has none: the day by which it was to be
// renewed, if that comes first.
func (f *EvidenceFile) Until() Day {
	if f.Renew != "" && (f.Expires == "" || f.Renew < f.Expires) {
		return f.Renew
	}
	return f.Expires
}

// Lapsed reports whether it holds no more on a day; its last day counts.
func (f *EvidenceFile) Lapsed(on Day) bool { return f.Until() != "" && f.Until() < on }

// name is how a sentence calls it: "approval of the Confidentiality Advisory
// Group 15/CAG/0123 (file 2, cag.pdf)".
func (f *EvidenceFile) name() string {
	return fmt.Sprintf("%s (file %d, %s)", strings.TrimSpace(Meaning(EvidenceKinds, f.Kind)+" "+f.Ref), f.N, f.File)
}

// same reports whether another is the same paper, said to be the same.
func (f *EvidenceFile) same(g EvidenceFile) bool {
	return is(g.Kind, f.Kind, f.Named) && f.SHA256 == g.SHA256 && f.File == g.File && f.Ref == g.Ref && f.Approved == g.Approved && f.Renew == g.Renew && f.Expires == g.Expires
}

// TakeEvidence takes in what the form of this version names. What an earlier one
// named and this one does not is kept, and relied on no more; what is the same
// keeps its number and what was said of it.
func (p *Application) TakeEvidence(a Act, named []EvidenceFile, on Day) {
	for i := range p.Evidence {
		f := &p.Evidence[i]
		if f.Left == "" && !f.Added && !slices.ContainsFunc(named, f.same) {
			f.Left = p.Version()
		}
	}
	for _, f := range named {
		if !slices.ContainsFunc(p.Evidence, func(g EvidenceFile) bool { return g.Left == "" && g.same(f) }) {
			p.keepEvidence(a, f, on)
		}
	}
}

// substance are the parts of a form on which it depends what a piece of evidence
// shows: who asks for which data, by what right and for what.
var substance = []string{"organisation", "controllers", "controller_basis", "processors", "hosts", "sublicensees", "organisations", "datasets", "gateways", "purpose"}

// lookAgain has each paper looked at once more where what was seen for an earlier
// version may not show what this one asks for.
func (p *Application) lookAgain(a Act, changed []string, on Day) {
	touched := slices.DeleteFunc(slices.Clone(changed), func(field string) bool {
		return !slices.ContainsFunc(substance, func(whole string) bool { return within(field, whole) })
	})
	if len(touched) == 0 {
		return
	}
	for i := range p.Evidence {
		if f := &p.Evidence[i]; f.Left == "" && f.State() == EvidenceSeen {
			f.Looks = append(slices.Clone(f.Looks), EvidenceLook{EvidenceOlder, a.Who, on, "changed in " + p.Version() + ": " + strings.Join(touched, ", ")})
		}
	}
}

// AddEvidence takes in one more paper by itself: what a discussion asked for, or
// what was renewed while the agreement runs.
func (p *Application) AddEvidence(a Act, f EvidenceFile, on Day) (n int, err error) {
	if is(p.State, TakenBack, Declined, Rejected) {
		return 0, Refuse("wrong-step", p.ID(), "application %s is %s and relies on nothing any more: send the paper with a new application", p.ID(), p.State)
	}
	if !slices.Contains(Codes(EvidenceKinds), f.Kind) {
		return 0, Refuse("no-kind", p.ID(), "%q is no kind of evidence: choose among %s", f.Kind, strings.Join(Codes(EvidenceKinds), ", "))
	}
	if i := slices.IndexFunc(p.Evidence, func(g EvidenceFile) bool { return g.Left == "" && g.same(f) }); i >= 0 {
		return 0, Refuse("known", p.ID(), "application %s has the same file already: %s", p.ID(), p.Evidence[i].name())
	}
	if f.Approved != "" && f.Until() != "" && f.Until() < f.Approved {
		return 0, Refuse("bad-dates", p.ID(), "%s cannot hold from %s until %s: look at the dates on it again", f.File, f.Approved, f.Until())
	}
	if f.Lapsed(on) {
		return 0, Refuse("evidence-lapsed", p.ID(), "%s ended on %s: send one that holds", f.File, f.Until())
	}
	f.Added = true
	return p.keepEvidence(a, f, on), nil
}

func (p *Application) keepEvidence(a Act, f EvidenceFile, on Day) int {
	f.N, f.Version, f.Received, f.From, f.Looks = len(p.Evidence)+1, p.Version(), on, a.Who, []EvidenceLook{}
	p.Evidence = append(p.Evidence, f)
	return f.N
}

// EvidenceFile returns the file of a number, or refuses.
func (p *Application) EvidenceFile(n int) (*EvidenceFile, error) {
	if n < 1 || n > len(p.Evidence) {
		return nil, Refuse("not-found", p.ID(), "application %s has no evidence file %d: it has %d, which application evidence %s lists", p.ID(), n, len(p.Evidence), p.Stem)
	}
	return &p.Evidence[n-1], nil
}

// A Reading is what an officer reads on a paper, where it is not what its form
// says: "" leaves it as it is.
type Reading struct {
	Kind           string
	Renew, Expires Day
}

// Look notes what an officer says of a file: seen, refused or, to take back an
// earlier word, unseen. Nobody looks at what they handed in.
func (p *Application) Look(a Act, n int, said EvidenceState, read Reading, on Day) error {
	f, err := p.EvidenceFile(n)
	if err != nil {
		return err
	}
	switch {
	case is(p.State, TakenBack, Declined, Rejected):
		return Refuse("wrong-step", p.ID(), "application %s is %s: its evidence is looked at no more", p.ID(), p.State)
	case a.Of(f.From) || a.Of(p.By) && !f.Added:
		return Refuse("same-person", p.ID(), "evidence file %d of %s was handed in by %s: somebody else looks at it", n, p.ID(), a.Who)
	case said != EvidenceSeen && a.Why == "":
		return Refuse("no-reason", p.ID(), "evidence file %d of %s: say why with --reason", n, p.ID())
	case said == f.State():
		return Refuse("wrong-step", p.ID(), "evidence file %d of %s is %s already: nothing is to be done, unless you say otherwise of it", n, p.ID(), said)
	case f.Left != "":
		return Refuse("wrong-step", p.ID(), "evidence file %d of %s is named no more since %s: nothing rests on it", n, p.ID(), f.Left)
	case read.Kind != "" && !slices.Contains(Codes(EvidenceKinds), read.Kind):
		return Refuse("no-kind", p.ID(), "%q is no kind of evidence: choose among %s", read.Kind, strings.Join(Codes(EvidenceKinds), ", "))
	}
	trial := *f
	if read.Kind != "" && read.Kind != f.Kind {
		trial.Named = cmp.Or(f.Named, f.Kind)
	}
	trial.Kind, trial.Renew, trial.Expires = cmp.Or(read.Kind, f.Kind), cmp.Or(read.Renew, f.Renew), cmp.Or(read.Expires, f.Expires)
	if said == EvidenceSeen && trial.Approved != "" && trial.Until() != "" && trial.Until() < trial.Approved {
		return Refuse("bad-dates", p.ID(), "%s cannot hold from %s until %s: refuse it, and ask for one that does", trial.name(), trial.Approved, trial.Until())
	}
	if said == EvidenceSeen && trial.Lapsed(on) {
		return Refuse("evidence-lapsed", p.ID(), "%s ended on %s: refuse it, and ask for one that holds", trial.name(), trial.Until())
	}
	trial.Looks = append(slices.Clone(f.Looks), EvidenceLook{said, a.Who, on, a.Why})
	*f = trial
	return nil
}

// EvidenceWanting says what is wrong with the evidence that the legal gateways of
// some datasets need, on a day: missing, unseen, refused or lapsed, each by name.
func (p *Application) EvidenceWanting(datasets []DatasetRequest, on Day) (wanting []string) {
	for _, m := range p.evidenceWanting(datasets, on) {
		wanting = append(wanting, m.Says)
	}
	return wanting
}

// evidenceWanting says it of the fields of the form.
func (p *Application) evidenceWanting(datasets []DatasetRequest, on Day) (wanting []Mistake) {
	say := func(field, format string, args ...any) {
		wanting = append(wanting, Mistake{Field: field, Says: fmt.Sprintf(format, args...), Rule: "evidence"})
	}
	asked := map[string]bool{}
	for i, d := range datasets {
		kinds, known := EvidenceNeeded[d.Gateway]
		if !known && d.Gateway != "" {
			say(gatewayOf(i), "nobody has said what evidence the legal gateway %s needs", d.Gateway)
		}
		for _, kind := range kinds {
			if asked[kind] {
				continue
			}
			asked[kind] = true
			if why := p.wanting(kind, on); why != "" {
				say(gatewayOf(i), "%s needs the %s, and %s", d.Gateway, Meaning(EvidenceKinds, kind), why)
			}
		}
	}
	for _, kind := range OfStanding {
		if why := p.wanting(kind, on); why != "" && p.shows(kind) {
			say("evidence", "it shows its %s, and %s", Meaning(EvidenceKinds, kind), why)
		}
	}
	return wanting
}

// OfStanding are the kinds of papers that show the standing of an organisation.
// The office's record may do without them; one that is shown must hold.
var OfStanding = []string{"SECURITY_ASSURANCE", "ICO_REGISTRATION"}

// shows reports whether there is a file of a kind that is relied on.
func (p *Application) shows(kind string) bool {
	return slices.ContainsFunc(p.Evidence, func(f EvidenceFile) bool { return f.Kind == kind && f.Left == "" })
}

// RestsOn reports whether an application stands or falls with a kind of evidence,
// of which it has some.
func (p *Application) RestsOn(kind string) bool {
	return slices.Contains(OfStanding, kind) || slices.ContainsFunc(p.Form.Datasets, func(d DatasetRequest) bool { return slices.Contains(EvidenceNeeded[d.Gateway], kind) })
}

// wanting is what is wrong with one kind of evidence, or "": one file that was
// seen and holds is enough; of the others the newest speaks.
func (p *Application) wanting(kind string, on Day) (why string) {
	why = "there is none"
	for _, f := range p.Evidence {
		called := fmt.Sprintf("file %d (%s)", f.N, strings.TrimSpace(f.Ref+" "+f.File))
		switch {
		case f.Kind != kind || f.Left != "":
		case f.State() == EvidenceRefused:
			why = fmt.Sprintf("%s was refused: %s", called, f.Looks[len(f.Looks)-1].Why)
		case f.Lapsed(on):
			why = fmt.Sprintf("%s ended on %s", called, f.Until())
		case f.Approved > on:
			why = fmt.Sprintf("%s holds only from %s", called, f.Approved)
		case f.State() == EvidenceUnseen:
			why = "nobody has seen " + called
		case f.State() == EvidenceOlder:
			why = called + " was seen for an earlier version, which asked for something else"
		default:
			return ""
		}
	}
	return why
}
