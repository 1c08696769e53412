package dars

import (
	"slices"
	"strings"
)

// A Complaint is what somebody says of the office or of a recipient: a complaint, or
// other feedback. Who it was is kept as a class only; their name and address are no
// matter of this register.
//
//	recorded ──▶ answered
type Complaint struct {
	ID        ComplaintID    `json:"id"`
	Kind      string         `json:"kind"`  // of ComplaintKinds
	From      string         `json:"from"`  // of ComplainantClasses
	About     string         `json:"about"` // of ComplaintSubjects
	Text      string         `json:"text"`
	Org       OrgCode        `json:"org,omitempty"` // of whom it tells, if of a recipient
	Agreement AgreementID    `json:"agreement,omitempty"`
	State     ComplaintState `json:"state"`
	Received  Day            `json:"received"`
	Due       Day            `json:"due"` // by which it is answered
	By        PersonID       `json:"by"`

	Outcome    string   `json:"outcome,omitempty"` // of ComplaintOutcomes
	Answer     string   `json:"answer,omitempty"`
	Answered   Day      `json:"answered,omitempty"`
	AnsweredBy PersonID `json:"answered_by,omitempty"`
	Audit      AuditID  `json:"audit,omitempty"` // that it has led to

	Steps []Step `json:"steps,omitempty"` // of its ladder, done
}

// A ComplaintState says whether it was answered.
type ComplaintState string

const (
	ComplaintRecorded ComplaintState = "recorded"
	ComplaintAnswered ComplaintState = "answered"
)

// ComplaintLife is every step of a complaint.
var ComplaintLife = Life[ComplaintState]{ComplaintRecorded: {ComplaintAnswered}}

// ComplaintDays is in how many working days one is answered (policy of 2015).
const ComplaintDays = 20

// ComplaintKinds are what may be said.
var ComplaintKinds = []Code{
	{"COMPLAINT", "a complaint"},
	{"FEEDBACK", "other feedback"},
}

// ComplainantClasses are who may say it.
var ComplainantClasses = []Code{
	{"PATIENT", "a patient, or somebody for one"},
	{"PUBLIC", "a member of the public"},
	{"APPLICANT", "who applied for data"},
	{"RECIPIENT", "who has received data"},
	{"STAFF", "somebody of the office"},
	{"BODY", "a public body, a charity or a member of Parliament"},
	{"PRESS", "the press"},
}

// ComplaintSubjects are what it may be about.
var ComplaintSubjects = []Code{
	{"OBJECTION", "how an objection was dealt with"},
	{"USE", "how data are used by who received them"},
	{"SECURITY", "how data are kept"},
	{"DECISION", "a decision on an application"},
	{"DELAY", "how long something took"},
	{"CHARGES", "what something cost"},
	{"REGISTER", "what is published, or is not"},
	{"SERVICE", "how somebody was treated"},
	{"OTHER", "something else"},
}

// ComplaintOutcomes are what the office may find.
var ComplaintOutcomes = []Code{
	{"UPHELD", "it is right"},
	{"PARTLY", "it is right in part"},
	{"NOT_UPHELD", "it is not right"},
	{"NOTED", "it is noted, with thanks"},
}

func (c *Complaint) Card() Card {
	return Card{"complaint", string(c.ID), string(c.State), []Key{By("org", c.Org), By("agreement", c.Agreement)}}
}

// Check refuses a complaint that cannot be recorded: codes that there are not, and a
// text that names who wrote it.
func (c *Complaint) Check() error {
	for _, f := range []struct {
		flag, code string
		list       []Code
	}{{"--kind", c.Kind, ComplaintKinds}, {"--from", c.From, ComplainantClasses}, {"--about", c.About, ComplaintSubjects}} {
		if !slices.Contains(Codes(f.list), f.code) {
			return Refuse("no-code", "complaint", "%s %q: choose among %s", f.flag, shortened(f.code), join(Codes(f.list)))
		}
	}
	if err := CheckText("complaint", "what it says", c.Text); err != nil {
		return err
	}
	return impersonal("complaint", c.Text)
}

// impersonal refuses a text with an address of mail: of who complained only the class
// is kept.
func impersonal(ref, text string) error {
	for word := range strings.FieldsSeq(text) {
		if at := strings.Index(word, "@"); at > 0 && strings.Contains(word[at:], ".") {
			return Refuse("personal", ref, "the text holds an address of mail: of who complained only the class is kept, so write it without")
		}
	}
	return nil
}

// Reply is the office's answer, by somebody who can be named to who complained.
func (c *Complaint) Reply(a Act, outcome, text string, on Day) error {
	state, err := ComplaintLife.Step(c, c.State, ComplaintAnswered)
	if err != nil {
		return err
	}
	if !slices.Contains(Codes(ComplaintOutcomes), outcome) {
		return Refuse("no-outcome", c.ID, "complaint %s: %q is no outcome: choose among %s", c.ID, shortened(outcome), join(Codes(ComplaintOutcomes)))
	}
	if err := CheckText(string(c.ID), "the answer", text); err != nil {
		return err
	}
	if err := impersonal(string(c.ID), text); err != nil {
		return err
	}
	c.State, c.Outcome, c.Answer, c.Answered, c.AnsweredBy = state, outcome, text, on, a.Who
	return nil
}

// Leads reports whether it leads to an audit: it is right, and tells of a recipient.
func (c *Complaint) Leads() bool { return is(c.Outcome, "UPHELD", "PARTLY") && c.Org != "" }

// InTime reports whether it was answered by its day.
func (c *Complaint) InTime() bool { return c.State == ComplaintAnswered && c.Answered <= c.Due }

// Late reports whether it should have been answered before a day.
func (c *Complaint) Late(on Day) bool { return c.State == ComplaintRecorded && c.Due < on }

func (c *Complaint) Climbed() *[]Step { return &c.Steps }

// Deadlines are the day by which it is answered.
func (c *Complaint) Deadlines() (all []Deadline) {
	if c.State == ComplaintRecorded {
		all = append(all, Deadline{Ladder: LadderComplaint, Day: c.Due, From: c.Received})
	}
	return all
}

// A ComplaintFigure counts complaints and feedback since the beginning.
type ComplaintFigure struct {
	Received int `json:"received"`
	Open     int `json:"open"`
	Late     int `json:"late"` // of those open
	Answered int `json:"answered"`
	InTime   int `json:"in_time"` // of those answered
	Upheld   int `json:"upheld"`  // of those answered, in whole or in part
}

// CountComplaints counts some, as they stood at the end of a day.
func CountComplaints(all []*Complaint, on Day) (f ComplaintFigure) {
	for _, c := range all {
		f.Received++
		switch {
		case c.State == ComplaintRecorded:
			f.Open++
			if c.Late(on) {
				f.Late++
			}
		default:
			f.Answered++
			if c.InTime() {
				f.InTime++
			}
			if is(c.Outcome, "UPHELD", "PARTLY") {
				f.Upheld++
			}
		}
	}
	return f
}
