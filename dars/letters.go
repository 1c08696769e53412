package dars

// OutcomeFacts is all that stands in the letter that tells an applicant what DAAG
// said at a meeting, and what that leaves to do.
type OutcomeFacts struct {
	Application  *Application
	Organisation *Organisation
	Said         Decision
	Left         []Action
	From         Sender
	On           Day
}

// ReminderFacts is all that stands in the letter before an agreement's end.
type ReminderFacts struct {
	Agreement    *Agreement
	Organisation *Organisation
	Policy       Policy
	From         Sender
	On           Day
}

// DeletionFacts is all that stands in a notice to destroy data, and in the letters
// that chase the certificate for it.
type DeletionFacts struct {
	Certificate   *Certificate
	Agreement     *Agreement
	Organisations map[OrgCode]*Organisation // every holder
	People        map[PersonID]*Person      // to whom data were sent
	Kept          string                    // what a later version of the case lets its parties keep, and how they say so; "" if nothing
	Policy        Policy
	From          Sender
	On            Day
}

// HoldFacts is all that stands in the letter that tells an organisation that
// nothing is released to it, and in the one that ends that.
type HoldFacts struct {
	Organisation *Organisation
	From         Sender
	On           Day
}

// AuditFacts is all that stands in the letter that announces an audit.
type AuditFacts struct {
	Audit        *Audit
	Agreement    *Agreement // nil, if it is about the organisation as a whole
	Organisation *Organisation
	From         Sender
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
	From         Sender
	On           Day
}

// ChargeFacts is all that stands on the papers about charges: the quote, the statement
// of what is owed so far, the invoice, and the credit note of one that is void.
type ChargeFacts struct {
	Application  *Application
	Organisation *Organisation
	Quote        Quote       // what it costs, or what is asked for
	Fixed        bool        // by the day of acceptance
	Agreed       *CaseQuote  // nil, if nothing is yet
	Entries      []Entry     // of the statement
	Invoice      *Invoice    // of an invoice, and of a credit note
	Credit       *CreditNote // of that
	VAT          VAT
	PayTo        []string
	On           Day
}

// A Sender is who answers for a letter: a person of the office, and in which office they
// write. The letter is the office's, and nobody signs it by hand.
type Sender struct{ Name, Role string }

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
