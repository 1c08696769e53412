package dars

// OutcomeFacts is all that stands in the letter that tells an applicant what DAAG
// said at a meeting, and what that leaves to do.
type OutcomeFacts struct {
	Application  *Application
	Organisation *Organisation
	Said         Decision
	Left         []Action
	On           Day
}

// ReminderFacts is all that stands in the letter before an agreement's end.
type ReminderFacts struct {
	Agreement    *Agreement
	Organisation *Organisation
	Policy       Policy
	On           Day
}

// DeletionFacts is all that stands in a notice to destroy data, and in the letters
// that chase the certificate for it.
type DeletionFacts struct {
	Certificate   *Certificate
	Agreement     *Agreement
	Organisations map[OrgCode]*Organisation // every holder
	People        map[PersonID]*Person      // to whom data were sent
	Policy        Policy
	On            Day
}

// HoldFacts is all that stands in the letter that tells an organisation that
// nothing is released to it, and in the one that ends that.
type HoldFacts struct {
	Organisation *Organisation
	On           Day
}

// AuditFacts is all that stands in the letter that announces an audit.
type AuditFacts struct {
	Audit        *Audit
	Agreement    *Agreement // nil, if it is about the organisation as a whole
	Organisation *Organisation
	On           Day
}

// RecallFacts is all that stands in the notice that calls files back because of a
// defect in them.
type RecallFacts struct {
	Recall       string // its reference
	Defect       string // what is wrong, in words for the recipient
	Agreement    *Agreement
	Organisation *Organisation
	Files        []SentFile           // to this organisation, of which any part was sent
	People       map[PersonID]*Person // to whom
	AnswerBy     Day
	On           Day
}

// ChargeFacts is all that stands on a quote and on an invoice.
type ChargeFacts struct {
	Application  *Application
	Organisation *Organisation
	Quote        Quote      // what it costs, or what is owed
	Fixed        bool       // by the day of acceptance
	Agreed       *CaseQuote // nil, if nothing is yet
	Invoice      *Invoice   // that the clock has made; nil, if it is all that is owed so far
	On           Day
}

// FormFacts is all that stands on an application as it was submitted.
type FormFacts struct {
	Application   *Application
	Catalogue     Catalogue
	Organisations map[OrgCode]*Organisation // every one that is named
	People        map[PersonID]*Person      // likewise
}

// MeetingFacts is all that stands on the papers of a meeting: its agenda pack and
// its minutes.
type MeetingFacts struct {
	Meeting       *Meeting
	Case          string   // of an extract: the case that it is about
	Before        *Meeting // the meeting before, or nil
	Applications  map[ApplicationID]*Application
	Organisations map[OrgCode]*Organisation
	People        map[PersonID]*Person
	Catalogue     Catalogue
	On            Day
}
