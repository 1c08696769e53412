package dars

import "slices"

// A Date is something that has a day: the last day of something, or when something
// is owed. Calendar programs take it.
type Date struct {
	ID       string `json:"id"` // the same for the same thing, whatever its day
	Summary  string `json:"summary"`
	On       Day    `json:"on"`
	Sequence int64  `json:"sequence,omitempty"` // greater in each later word on the same thing
	Gone     bool   `json:"gone,omitempty"`     // it is no longer due
}

// MailFacts is all that stands in a letter that goes by mail.
type MailFacts struct {
	Subject string
	Body    string
}

// DigestFacts is all that stands in the one letter of a day that tells somebody what
// is routine.
type DigestFacts struct {
	On      Day
	Letters []MailFacts // oldest first
}

// RoutineLetters are the kinds of letter that wait for the next digest: they say that
// something has come in, is done or waits, and lose nothing by a night. What decides,
// gives notice, chases, stops or withdraws goes at once, and so does every letter that
// does not say it is one of these, whatever else its act did.
var RoutineLetters = []string{
	"action done",
	"agreement copy",
	"application add",
	"application answered",
	"application enquiry",
	"application reassign",
	"certificate submit",
	"contract copy",
	"report run",
}

// Routine reports whether letters of a kind wait for the digest.
func Routine(kind string) bool { return slices.Contains(RoutineLetters, kind) }
