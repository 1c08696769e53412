package dars

import "slices"

// The words of audits (domain 9, 10 and 16), as data.

// AuditTriggers are why an audit is opened.
var AuditTriggers = []Code{
	{"ROUTINE", "chosen for its risk"},
	{"EXPIRED_NO_CERT", "an agreement ended and no certificate of destruction came"},
	{"INCIDENT", "an incident, or a breach that was recorded"},
	{"UNDECLARED_PROCESSOR", "a processor or a place that nobody had declared"},
	{"LATE_ACTIONS", "actions that were agreed are late"},
	{"COMPLAINT", "a complaint that was upheld"},
	{"UNUSUAL_DOWNLOADS", "downloads that are unlike those before"},
	{"PORTAL_EXCESS", "system access used beyond what was agreed"},
	{"FOLLOW_UP", "a second look after an audit before"},
}

// AuditAreas are what an audit looks at.
var AuditAreas = []Code{
	{"TRANSFER", "information transfer"},
	{"ACCESS", "access control"},
	{"USE", "data use and benefits"},
	{"RISK", "risk management"},
	{"CONTROL", "operational management and control"},
	{"DESTRUCTION", "data destruction"},
}

// RiskLevels are what a risk statement may say, the worst first.
var RiskLevels = []Code{
	{"CRITICAL", "critical"},
	{"HIGH", "high"},
	{"MEDIUM", "medium"},
	{"LOW", "low"},
}

// A FindingClass is how much a finding weighs. One with days needs an action, that is
// to be done within so many from when it was found unless another day is agreed.
type FindingClass struct {
	Code  string
	Means string
	Days  int
}

// FindingClasses are all, the gravest first.
var FindingClasses = []FindingClass{
	{"AGREEMENT", "nonconformity with the agreement or contract", 28},
	{"ORGANISATION", "nonconformity with the organisation's own policy", 56},
	{"FOLLOW_UP", "item to be followed up", 56},
	{"OBSERVATION", "observation", 0},
	{"OPPORTUNITY", "opportunity for improvement", 0},
}

func findingClass(code string) (FindingClass, bool) {
	i := slices.IndexFunc(FindingClasses, func(c FindingClass) bool { return c.Code == code })
	if i < 0 {
		return FindingClass{}, false
	}
	return FindingClasses[i], true
}

// FindingCodes are the classes as codes.
func FindingCodes() (all []Code) {
	for _, c := range FindingClasses {
		all = append(all, Code{c.Code, c.Means})
	}
	return all
}

// A Breach is something that a recipient must not have done, and the step of the
// ladder of sanctions at which it is answered.
type Breach struct {
	Code   string
	Means  string
	Starts SanctionState
}

// Breaches are all kinds. What the office itself did wrong is an incident.
var Breaches = []Breach{
	{"REIDENTIFIED", "persons were identified again", Suspended},
	{"OUTSIDE_PURPOSE", "data were used outside the purpose of the agreement", Suspended},
	{"SHARED", "data were passed on without leave", Suspended},
	{"UNDECLARED_PROCESSOR", "data are at a processor or place that was not declared", OnHold},
	{"UNSUPPRESSED", "small numbers were published without suppression", OnHold},
	{"HELD_AFTER_END", "data were kept after the agreement ended", OnHold},
	{"NO_CERTIFICATE", "a certificate of destruction is late or missing", Warned},
	{"LAPSED_ASSURANCE", "security assurance or registration has lapsed", Warned},
	{"AUDIT_REFUSED", "an audit was refused or hindered", OnHold},
}

// BreachOf is the kind of a code.
func BreachOf(code string) (Breach, error) {
	i := slices.IndexFunc(Breaches, func(b Breach) bool { return b.Code == code })
	if i < 0 {
		return Breach{}, Refuse("no-breach", code, "%q is no kind of breach: those are %s", shortened(code), join(Codes(BreachCodes())))
	}
	return Breaches[i], nil
}

// BreachCodes are the kinds as codes.
func BreachCodes() (all []Code) {
	for _, b := range Breaches {
		all = append(all, Code{b.Code, b.Means})
	}
	return all
}

// Triggers is the audit that a breach leads to, where none has found it.
func (b Breach) Triggers() string {
	if b.Code == "UNDECLARED_PROCESSOR" {
		return b.Code
	}
	return "INCIDENT"
}

// CheckTrigger refuses what is no reason for an audit.
func CheckTrigger(code string) error {
	if !slices.Contains(Codes(AuditTriggers), code) {
		return Refuse("no-trigger", code, "%q is no trigger of an audit: those are %s", shortened(code), join(Codes(AuditTriggers)))
	}
	return nil
}
