package documents

import "reflect"

// books are the pieces of all papers that there are: for each the facts that its
// words may name, and the pieces without which it would not be that paper.
func books() []book {
	guide := reflect.TypeFor[guideWords]()
	return []book{
		{"contract", reflect.TypeFor[contractWords](), []string{"opening", "using the data", "keeping the data safe", "objections of patients", "audit, publication and complaints",
			"destroying the data", "when terms are broken", "how this contract ends", "signatures"}},
		{"agreement", reflect.TypeFor[agreementWords](), []string{"opening", "nothing else", "objections of patients", "charges", "delivery", "retention and destruction", "audit", "publication", "signatures"}},
		{"certificate", reflect.TypeFor[certificateWords](), []string{"due", "sent", "copies", "further", "declaration", "return"}},
		{"letter", reflect.TypeFor[letterWords](), []string{"outcome: approved", "outcome: declined", "outcome: rejected", "outcome: referred-back", "complaint"}},
		{"note", reflect.TypeFor[noteWords](), []string{"before you use it", "while you have it"}},
		{"compliance", reflect.TypeFor[complianceWords](), []string{"overdue"}},
		{"reminder", reflect.TypeFor[reminderWords](), []string{"notice", "destroy"}},
		{"chase", reflect.TypeFor[deletionWords](), []string{"notice", "what to do", "what follows"}},
		{"destruction", reflect.TypeFor[deletionWords](), []string{"notice", "scope", "what to do", "if it is not done"}},
		{"certificate-query", reflect.TypeFor[deletionWords](), []string{"notice", "what to do"}},
		{"hold", reflect.TypeFor[holdWords](), []string{"notice", "what this means", "complaint"}},
		{"hold-ended", reflect.TypeFor[holdWords](), []string{"notice"}},
		{"sanction", reflect.TypeFor[sanctionWords](), []string{"notice: warning", "notice: hold", "notice: suspension", "notice: termination", "what to do", "appeal", "ended"}},
		{"recall", reflect.TypeFor[recallWords](), []string{"notice", "files", "what to do"}},
		{"audit", reflect.TypeFor[auditWords](), []string{"notice", "scope"}},
		{"audit-report", reflect.TypeFor[auditReportWords](), []string{"opinion", "risk", "actions"}},
		{"listing", reflect.TypeFor[listingWords](), nil},
		{"quote", reflect.TypeFor[chargeWords](), []string{"not fixed", "agree"}},
		{"invoice", reflect.TypeFor[chargeWords](), []string{"for: delivery", "for: review", "for: term", "to pay"}},
		{"statement", reflect.TypeFor[chargeWords](), []string{"no invoice", "not agreed"}},
		{"credit-note", reflect.TypeFor[chargeWords](), []string{"void", "what follows"}},
		{"mail", reflect.TypeFor[mailWords](), nil},
		{"application", reflect.TypeFor[applicationWords](), nil},
		{"blank", reflect.TypeFor[blankWords](), []string{"declaration"}},
		{"checklist", guide, nil},
		{"prices", guide, nil},
		{"certificate-guide", guide, []string{"when one is due", "what must be destroyed", "who signs"}},
		{"agreement-guide", guide, []string{"when it ends"}},
		{"security", guide, []string{"when something goes wrong"}},
	}
}
