package dars

// Foreseen is what acceptance and the issue of an agreement would refuse, were they
// asked on a day, as far as it follows from an application itself. Both go by the same
// rules: nothing is written down here a second time.
func (p *Application) Foreseen(c Calendar, t Terms, on Day) (wrong []Mistake) {
	wrong = p.evidenceWanting(p.Form.Datasets, on)
	if start, end := p.Form.term(); start != "" && end != "" {
		for _, s := range p.shorter(t, start, end) {
			wrong = append(wrong, Mistake{Field: "end", Says: s.why + ": ask for an end by " + string(s.end), Rule: "bad-term"})
		}
	}
	if _, err := p.startClock(c, on); err != nil {
		wrong = append(wrong, Mistake{Field: "start", Says: err.Error(), Rule: "not-in-table"})
	}
	return wrong
}

// AsHandedIn is the application as it would be with a form and all papers that it names,
// once an officer has seen those: before that nobody knows more of them than the form
// says. p is what it would take the place of, or empty.
func (p *Application) AsHandedIn(a Act, form Form, on Day) *Application {
	next := *p
	next.Form, next.Evidence, next.Routed = form, append([]EvidenceFile{}, p.Evidence...), nil
	var papers []EvidenceFile
	for _, e := range form.Evidence {
		papers = append(papers, EvidenceFile{Kind: KindOfEvidence(e.Kind), File: e.File, Ref: e.Ref, Approved: e.Approved, Renew: e.Renew, Expires: e.Expires, SHA256: e.SHA256})
	}
	next.TakeEvidence(a, papers, on)
	for i := range next.Evidence {
		if f := &next.Evidence[i]; is(f.State(), EvidenceUnseen, EvidenceOlder) {
			f.Looks = []EvidenceLook{{Said: EvidenceSeen, On: on}}
		}
	}
	return &next
}

// RecordLevel reports whether more than tabulations with small numbers suppressed is
// asked for: each controller of that needs a framework contract (domain 1.3).
func RecordLevel(datasets []DatasetRequest) bool {
	for _, d := range datasets {
		if d.Identifiability != "AGG_SUPPRESSED" {
			return true
		}
	}
	return false
}
