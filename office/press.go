package office

import "darsd/dars"

// Papers draws what goes out: a method for each paper, by the wing that issues it. What
// a paper says is in its facts, and the paper looks nothing up.
type Papers interface {
	CasePapers
	AgreementPapers
	ReleasePapers
	ChargePapers
	DeletionPapers
	OversightPapers
	ReportPapers
	MailTexts
}

// CasePapers are those of an application on its way to a decision.
type CasePapers interface {
	Submission(dars.FormFacts) ([]byte, error)
	Agenda(dars.MeetingFacts) ([]byte, error)
	Minutes(dars.MeetingFacts) ([]byte, error)
	OutcomeLetter(dars.OutcomeFacts) ([]byte, error)
	DecisionLetter(dars.LetterFacts) ([]byte, error)
}

// AgreementPapers are those that parties sign, and the reminders of their ends.
type AgreementPapers interface {
	Contract(dars.ContractFacts) ([]byte, error)
	Agreement(dars.AgreementFacts) ([]byte, error)
	Reminder(dars.ReminderFacts) ([]byte, error)
}

// ReleasePapers say that releases stop, and go on.
type ReleasePapers interface {
	HoldLetter(dars.HoldFacts) ([]byte, error)
	HoldEnded(dars.HoldFacts) ([]byte, error)
}

// ChargePapers are about money.
type ChargePapers interface {
	Quote(dars.ChargeFacts) ([]byte, error)
	Statement(dars.ChargeFacts) ([]byte, error)
	Invoice(dars.ChargeFacts) ([]byte, error)
	CreditNote(dars.ChargeFacts) ([]byte, error)
}

// DeletionPapers ask for the destruction of data, and for its certificate.
type DeletionPapers interface {
	DestructionNotice(dars.DeletionFacts) ([]byte, error)
	Certificate(dars.CertificateFacts) ([]byte, error)
	CertificateForm(dars.CertificateFacts) ([]byte, error) // as YAML
	CertificateQuery(dars.DeletionFacts) ([]byte, error)
	Chase(dars.DeletionFacts) ([]byte, error)
}

// OversightPapers are of audits, sanctions and recalls.
type OversightPapers interface {
	AuditLetter(dars.AuditFacts) ([]byte, error)
	AuditReport(dars.AuditReportFacts) ([]byte, error)
	SanctionLetter(dars.SanctionFacts) ([]byte, error)
	RecallNotice(dars.RecallFacts) ([]byte, error)
}

// ReportPapers are what compliance reads, each as a paper and as sheets to sort and filter.
type ReportPapers interface {
	ComplianceReport(*dars.Report) ([]byte, error)
	ComplianceSheets(*dars.Report) ([]byte, error)
	Figures(dars.Figures) ([]byte, error)
	FigureSheets(dars.Figures) ([]byte, error)
}

// MailTexts are the words of letters.
type MailTexts interface {
	Mail(dars.MailFacts) (text string, err error)
	Digest(dars.DigestFacts) (subject, text string, err error)
}
