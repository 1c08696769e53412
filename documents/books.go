package documents

import "reflect"

// books are the pieces of all papers that there are: for each the facts that its
// words may name, and the pieces without which it would not be that paper.
func books() []book {
	return []book{
		{"contract", reflect.TypeFor[contractWords](), []string{"opening", "using the data", "keeping the data safe", "objections of patients", "audit, publication and complaints",
			"destroying the data", "when terms are broken", "how this contract ends", "signatures"}},
		{"agreement", reflect.TypeFor[agreementWords](), []string{"opening", "nothing else", "objections of patients", "delivery", "retention and destruction", "audit", "publication", "signatures"}},
		{"certificate", reflect.TypeFor[certificateWords](), []string{"due", "sent", "copies", "declaration", "return"}},
		{"letter", reflect.TypeFor[letterWords](), []string{"outcome: approved", "outcome: declined", "outcome: rejected", "outcome: referred-back", "complaint"}},
		{"note", reflect.TypeFor[noteWords](), []string{"before you use it", "while you have it"}},
		{"compliance", reflect.TypeFor[complianceWords](), []string{"overdue"}},
	}
}
