package documents

import (
	"strings"

	"darsd/dars"
)

// Contract is the framework contract of an organisation: the terms that stand
// behind each of its agreements. It is signed once.
func (p Press) Contract(f dars.ContractFacts) ([]byte, error) { return p.issue(p.contract(f)) }

func (p Press) contract(f dars.ContractFacts) *Doc {
	c, org, us := f.Contract, f.Organisation, p.Office.Name
	d := p.New("Data Sharing Framework Contract", "with "+org.Name, string(c.ID), c.Issued)
	d.Worded("contract", contractWords{Us: us, You: org.Name})

	d.Paras("opening")

	d.Heading("The parties and the term")
	p.officeFacts(d)
	d.Fact("Recipient", "%s (organisation code %s)", org.Name, org.Code)
	d.Fact("Address", "%s", org.Address)
	d.Fact("ICO registration", "%s", until(org.ICO, org.ICOExpires))
	d.Fact("Security assurance", "%s", until(org.Security, org.SecurityExpires))
	d.Fact("In force", "From %s to %s, both days included, once both parties have signed", c.Start.Long(), c.End.Long())

	contractTerms(d)

	d.Heading("Signatures")
	d.Paras("signatures")
	d.Sign(Signature{For: org.Name})
	d.Sign(Signature{For: us})
	return d
}

// contractWords are what the words of a framework contract may name.
type contractWords struct{ Us, You string }

// contractTerms are the same for everybody: nobody negotiates them one by one.
func contractTerms(d *Doc) {
	for _, part := range []string{
		"What the words mean",
		"Using the data",
		"People and processors",
		"Keeping the data safe",
		"Objections of patients",
		"Audit, publication and complaints",
		"Destroying the data",
		"When terms are broken",
		"Charges",
		"How this contract ends",
		"General",
	} {
		d.Section(part)
		d.Clauses(strings.ToLower(part))
	}
}

// officeFacts are the rows that say who we are.
func (p Press) officeFacts(d *Doc) {
	d.Fact("The office", "%s", p.Office.Name)
	d.Fact("Address", "%s", p.Office.Address)
	d.Fact("Contact", "%s", joined(", ", unbroken(p.Office.Telephone), p.Office.Email))
}
