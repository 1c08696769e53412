package dars

// SanctionFacts is all that stands in the letter about one step of a sanction, about its
// end, or about what came of an appeal.
type SanctionFacts struct {
	Sanction     *Sanction
	Step         SanctionStep // that the letter is about; the newest, if it is about the end
	Organisation *Organisation
	Agreement    *Agreement // nil, if it is about the organisation as a whole
	Audit        *Audit     // nil, if it is for a breach that no audit found
	From         Sender
	Ended        bool // it is the letter about its end
	NextOn       Day  // from when the next step is taken, if nothing is mended; ""
	On           Day
}

// AuditReportFacts is all that stands in the report of an audit.
type AuditReportFacts struct {
	Audit        *Audit
	Agreement    *Agreement // nil, if it is about the organisation as a whole
	Organisation *Organisation
	People       map[PersonID]*Person // who owns something in it, and who wrote it
	From         Sender
	On           Day
}
