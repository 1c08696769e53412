package dars

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// An Action is something that a discussion has left to do before an application
// is accepted, or goes on: the applicant's or the office's, by a day.
type Action struct {
	N       int         `json:"n"`
	Text    string      `json:"text"`
	Owner   PersonID    `json:"owner"` // one of the office, or TheApplicant
	Due     Day         `json:"due"`
	State   ActionState `json:"state"`
	By      PersonID    `json:"by"` // who asked for it
	On      Day         `json:"on"`
	Answers []Answer    `json:"answers"` // what was said of it since, in order

	Meeting  MeetingID `json:"meeting,omitempty"`  // of DAAG, that left it
	Caveat   bool      `json:"caveat,omitempty"`   // on which its recommendation rests
	Blocks   Stage     `json:"blocks,omitempty"`   // what waits for it, if not the decision
	Clearing Hands     `json:"clearing,omitempty"` // who cleared it out of committee
	Minuted  MeetingID `json:"minuted,omitempty"`  // the meeting whose minutes say so
}

// Ladder is the one that leads to its day.
func (t Action) Ladder() string {
	if t.Caveat {
		return LadderCaveat
	}
	return LadderAction
}

// TheApplicant owns an action that anybody of the organisation that applies may
// answer.
const TheApplicant PersonID = "applicant"

// An Answer is what somebody said of an action, and how it stood then.
type Answer struct {
	State ActionState `json:"state"`
	Text  string      `json:"text"`
	By    PersonID    `json:"by"`
	On    Day         `json:"on"`
}

// An ActionState is where an action is in its life.
type ActionState string

const (
	ActionOpen     ActionState = "open"
	ActionAnswered ActionState = "answered" // by who owns it; an officer is to say that it will do
	ActionDone     ActionState = "done"
)

// ActionLife is every step of an action.
//
//	open ──▶ answered ──▶ done
//	  ▲─────────┴───────────┘
var ActionLife = Life[ActionState]{
	ActionOpen:     {ActionAnswered, ActionDone},
	ActionAnswered: {ActionDone, ActionOpen},
	ActionDone:     {ActionOpen},
}

// longestText is how much an answer, a note or an enquiry may hold, in letters.
// Papers are for more.
const longestText = 4000

// CheckText refuses what cannot stand in the records of a case: nothing, more
// than a note should hold, characters that command a screen, a patient's number.
func CheckText(ref, what, text string) error {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	switch {
	case strings.TrimSpace(text) == "":
		return Refuse("no-text", ref, "%s: write something", what)
	case utf8.RuneCountInString(text) > longestText:
		return Refuse("too-long", ref, "%s has %d letters, and %d are the most: send a paper as evidence, and say here which", what, utf8.RuneCountInString(text), longestText)
	}
	return CheckLine(ref, what, text)
}

// AddAction leaves something to do, and returns its number.
func (p *Application) AddAction(a Act, owner PersonID, due Day, text string, on Day) (n int, err error) {
	if p.ended() {
		return 0, Refuse("wrong-step", p.ID(), "application %s is %s: nothing is left to do for it", p.ID(), p.State)
	}
	if err := CheckText(string(p.ID()), "the action", text); err != nil {
		return 0, err
	}
	if _, err := ParseDay(string(due)); err != nil {
		return 0, Refuse("no-date", p.ID(), "an action needs a day by which it is done: %v", err)
	}
	if due < on {
		return 0, Refuse("too-early", p.ID(), "an action cannot be due on %s, before today: say a later day", due)
	}
	n = len(p.Actions) + 1
	p.Actions = append(p.Actions, Action{N: n, Text: text, Owner: owner, Due: due, State: ActionOpen, By: a.Who, On: on, Answers: []Answer{}})
	return n, nil
}

// AnswerAction is the word of who owns an action: it is done, or why not.
func (p *Application) AnswerAction(a Act, who *Person, n int, text string, on Day) error {
	return p.act(a, n, ActionAnswered, text, on, func(t *Action) error {
		switch {
		case t.Owner == TheApplicant && who.Inside():
			return Refuse("not-owner", p.ID(), "action %d of %s is the applicant's to answer; an officer says that it is done with --done", n, p.ID())
		case t.Owner != TheApplicant && t.Owner != who.ID:
			return Refuse("not-owner", p.ID(), "action %d of %s is not yours to answer: darsd application action %s says whose it is", n, p.ID(), p.Stem)
		}
		return nil
	})
}

// CloseAction is an officer's word that an action is done, or needed no more.
func (p *Application) CloseAction(a Act, n int, on Day) error {
	return p.act(a, n, ActionDone, a.Why, on, func(t *Action) error {
		if t.Caveat {
			return Refuse("caveat", p.ID(), "action %d of %s is a caveat of DAAG: present it again, or the secretary and the chair clear it with darsd decision clear %s --action %d", n, p.ID(), p.Stem, n)
		}
		return p.reasoned(a, n)(t)
	})
}

// ReopenAction takes back that it was done, or sends an answer back.
func (p *Application) ReopenAction(a Act, n int, on Day) error {
	return p.act(a, n, ActionOpen, a.Why, on, func(t *Action) error {
		if t.Caveat && t.State == ActionDone {
			return Refuse("caveat", p.ID(), "action %d of %s is a caveat of DAAG that is cleared, which stands: leave another action for what is still to do", n, p.ID())
		}
		return p.reasoned(a, n)(t)
	})
}

func (p *Application) reasoned(a Act, n int) func(*Action) error {
	return func(*Action) error {
		if a.Why == "" {
			return Refuse("no-reason", p.ID(), "action %d of %s: say why with --reason", n, p.ID())
		}
		return nil
	}
}

// act lets one action take a step.
func (p *Application) act(a Act, n int, to ActionState, text string, on Day, may func(*Action) error) error {
	if n < 1 || n > len(p.Actions) {
		return Refuse("not-found", p.ID(), "application %s has no action %d: it has %d, which application action %s lists", p.ID(), n, len(p.Actions), p.Stem)
	}
	t := &p.Actions[n-1]
	if err := may(t); err != nil {
		return err
	}
	if err := CheckText(string(p.ID()), fmt.Sprintf("action %d", n), text); err != nil {
		return err
	}
	if p.ended() && (p.State != Approved || t.Blocks == "") {
		return Refuse("wrong-step", p.ID(), "application %s is %s: nothing is left to do for it", p.ID(), p.State)
	}
	if !slices.Contains(ActionLife[t.State], to) {
		return Refuse("wrong-step", p.ID(), "action %d of %s is %s and cannot become %s: next it can become %s", n, p.ID(), t.State, to, join(ActionLife[t.State]))
	}
	t.State, t.Answers = to, append(t.Answers, Answer{to, text, a.Who, on})
	return nil
}

// ended reports whether nothing more becomes of it.
func (p *Application) ended() bool { return len(ApplicationLife[p.State]) == 0 }

// OpenActions are those that are not done.
func (p *Application) OpenActions() (open []Action) {
	for _, t := range p.Actions {
		if t.State != ActionDone {
			open = append(open, t)
		}
	}
	return open
}

// A Note is what somebody of the office wrote down about a case: for the office
// alone, or of a discussion with the applicant, who may read it too. It is never
// changed: a later one corrects it.
type Note struct {
	ID       NoteID        `json:"id"`
	Case     string        `json:"case"`
	About    ApplicationID `json:"about"`
	Org      OrgCode       `json:"org"`
	Kind     NoteKind      `json:"kind"`
	Text     string        `json:"text"`
	Corrects NoteID        `json:"corrects,omitempty"`
	By       PersonID      `json:"by"`
	On       Day           `json:"on"`
}

// A NoteKind says for whom a note is.
type NoteKind string

const (
	OwnNote    NoteKind = "note"       // for the office
	Discussion NoteKind = "discussion" // with the applicant
)

func (n *Note) Card() Card {
	return Card{"note", string(n.ID), string(n.Kind), append(byWords(n.Text), By("case", n.Case), By("org", n.Org))}
}

// For is whose people may read it.
func (n *Note) For() OrgCode {
	if n.Kind == Discussion {
		return n.Org
	}
	return TheOffice
}

// An Enquiry is a question that may come before an application: who asked what,
// when, and what they were told. It may become an application.
type Enquiry struct {
	ID          EnquiryID    `json:"id"`
	State       EnquiryState `json:"state"`
	Org         OrgCode      `json:"org,omitempty"` // if the office knows it
	Who         string       `json:"who"`           // as they call themselves
	From        PersonID     `json:"from"`          // who wrote it in
	Text        string       `json:"text"`
	On          Day          `json:"on"`
	Answers     []Reply      `json:"answers"`
	Application string       `json:"application,omitempty"` // the case that came of it
}

// A Reply is what an enquirer was told.
type Reply struct {
	Text string   `json:"text"`
	By   PersonID `json:"by"`
	On   Day      `json:"on"`
}

// An EnquiryState is where an enquiry is in its life.
type EnquiryState string

const (
	EnquiryOpen     EnquiryState = "open"
	EnquiryAnswered EnquiryState = "answered"
	EnquiryApplied  EnquiryState = "applied" // it became an application
)

// EnquiryLife is every step of an enquiry.
//
//	open ──▶ answered ──▶ applied
//	  └─────────────────────▲
var EnquiryLife = Life[EnquiryState]{
	EnquiryOpen:     {EnquiryAnswered, EnquiryApplied},
	EnquiryAnswered: {EnquiryAnswered, EnquiryApplied}, // told more
}

func (e *Enquiry) Card() Card {
	return Card{"enquiry", string(e.ID), string(e.State), append(byWords(e.Text), By("org", e.Org), By("case", e.Application))}
}

// Answer tells the enquirer something.
func (e *Enquiry) Answer(a Act, text string, on Day) error {
	if err := CheckText(string(e.ID), "the answer", text); err != nil {
		return err
	}
	to, err := EnquiryLife.Step(e, e.State, EnquiryAnswered)
	if err == nil {
		e.State, e.Answers = to, append(e.Answers, Reply{text, a.Who, on})
	}
	return err
}

// Became says which case came of it.
func (e *Enquiry) Became(p *Application) (err error) {
	if e.Org != "" && e.Org != p.Form.Organisation {
		return Refuse("other-organisation", e.ID, "enquiry %s is of %s, and application %s is of %s: name a case of the same organisation", e.ID, e.Org, p.Stem, p.Form.Organisation)
	}
	if e.State, err = EnquiryLife.Step(e, e.State, EnquiryApplied); err == nil {
		e.Application, e.Org = p.Stem, p.Form.Organisation
	}
	return err
}
