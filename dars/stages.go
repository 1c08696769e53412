package dars

import (
	"regexp"
	"strings"
)

// A RequestStage is where the public sees a request: it is in exactly one, or, when all
// is over, in none. Drafts are not counted.
type RequestStage string

const (
	AtApplication RequestStage = "application" // handed in, and being reviewed
	AtApproval    RequestStage = "approval"    // accepted, to the decision
	AtAccess      RequestStage = "access"      // approved, to the agreement's end
	AtDeletion    RequestStage = "deletion"    // from there until all is accounted for
	AtNone        RequestStage = ""            // declined, withdrawn, or closed
)

// RequestStages are all stages in order, each with what it means. Audit is counted
// beside them: an agreement is audited in whatever stage it is.
var RequestStages = []Code{
	{string(AtApplication), "The application was handed in and is being reviewed"},
	{string(AtApproval), "The application was accepted and is not yet decided"},
	{string(AtAccess), "It was approved, and its agreement has not ended"},
	{string(AtDeletion), "The agreement has ended, and what became of the data is not yet accounted for"},
}

// StageOfApplication is the stage of a request that has no agreement yet.
var StageOfApplication = map[ApplicationState]RequestStage{
	Submitted: AtApplication, ReferredBack: AtApplication,
	Accepted: AtApproval, Assessed: AtApproval, PreReviewed: AtApproval, AtDAAG: AtApproval,
	Recommended: AtApproval, WithCaveats: AtApproval, Deferred: AtApproval, Returned: AtApproval,
	Approved: AtAccess, Rejected: AtNone, Declined: AtNone, TakenBack: AtNone,
}

// StageOfAgreement is the stage of a request whose agreement was issued.
var StageOfAgreement = map[AgreementState]RequestStage{
	AgreementIssued: AtAccess, AgreementSigned: AtAccess, CounterSigned: AtAccess, InForce: AtAccess,
	AgreementExpired: AtDeletion, Terminated: AtDeletion, Superseded: AtDeletion, DeletionDue: AtDeletion,
	Closed: AtNone,
}

// A StateChange is that an application or an agreement came into a state.
type StateChange struct {
	On   Day
	Kind string // application or agreement
	Ref  string
	To   string
}

// Requests follow where each request is, change by change.
type Requests struct {
	application map[ApplicationID]ApplicationState
	agreement   map[ApplicationID]AgreementState
}

// NewRequests knows of none yet.
func NewRequests() *Requests {
	return &Requests{map[ApplicationID]ApplicationState{}, map[ApplicationID]AgreementState{}}
}

var minorVersion = regexp.MustCompile(`\.\d+$`)

// Move notes a change. An agreement belongs to the application of its major version.
func (r *Requests) Move(m StateChange) {
	id := ApplicationID(minorVersion.ReplaceAllString(m.Ref, ""))
	switch m.Kind {
	case "application":
		r.application[id] = ApplicationState(m.To)
	case "agreement":
		r.agreement[id] = AgreementState(m.To)
	}
}

// Stage is where a request is.
func (r *Requests) Stage(id ApplicationID) RequestStage {
	if state, issued := r.agreement[id]; issued {
		return StageOfAgreement[state]
	}
	return StageOfApplication[r.application[id]]
}

// Count is how many requests are in each stage; under AtNone those that are over.
func (r *Requests) Count() map[RequestStage]int {
	n := map[RequestStage]int{}
	for id := range r.application {
		n[r.Stage(id)]++
	}
	return n
}

// Word is a stage for a heading: "Application".
func (s RequestStage) Word() string {
	if s == AtNone {
		return "Over"
	}
	return strings.ToUpper(string(s[:1])) + string(s[1:])
}
