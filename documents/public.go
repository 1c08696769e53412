package documents

import (
	"cmp"
	"fmt"
	"strings"

	"darsd/dars"
)

// The papers for everybody: what to know before one applies, signs, or destroys.

// Publication is a paper for the public, and the name of its file.
type Publication struct {
	Name  string
	Form  bool // to be filled in: a seal on it would break
	Print func() ([]byte, error)
}

// Publications are all papers for the public, as they are on a day. They are dated
// by the price list in force: nothing else in them changes by itself, and so the
// same papers are the same bytes. While there is none they are of the year.
func (p Press) Publications(prices []dars.PriceList, policy dars.Policy, today dars.Day) (all []Publication) {
	on := dars.Day(year(today) + "-01-01")
	if list, err := dars.PricesOn(prices, today); err == nil {
		on = list.From
		all = append(all, Publication{"price-list.pdf", false, p.priceList(list, on).PDF})
	}
	for _, one := range []struct {
		name string
		doc  *Doc
	}{
		{"application-form.pdf", p.blankApplication(on)},
		{"checklist.pdf", p.checklist(on)},
		{returnedForm, p.blankCertificate(on)},
		{"guide-to-the-certificate.pdf", p.certificateGuide(policy, on)},
		{"guide-to-contract-and-agreement.pdf", p.agreementGuide(policy, on)},
		{"security-notes.pdf", p.securityNotes(on)},
	} {
		all = append(all, Publication{one.name, one.name == returnedForm, one.doc.PDF})
	}
	return all
}

// editions are the versions of the papers for the public, by the part of their reference
// before any day: one more whenever our words for one change (a test knows them and says
// when). Words of the office's own it has besides.
var editions = map[string]int{
	"PRICES": 1, "FORM-APPLICATION": 1, "FORM-CHECKLIST": 1, "FORM-CERTIFICATE": 1, "GUIDE-CERTIFICATE": 1, "GUIDE-AGREEMENT": 1, "GUIDE-SECURITY": 1,
}

// forEverybody begins a paper for the public, with its version.
func (p Press) forEverybody(kind, title, ref string, on dars.Day) *Doc {
	d := p.New(kind, title, ref, on)
	edition := editions[strings.TrimSuffix(ref, "-"+string(on))]
	if edition == 0 {
		panic("there is no version of " + ref) // a mistake of ours, which every test of the paper sees
	}
	d.version = fmt.Sprintf("version %d", edition)
	if d.wording.sum != "" {
		d.version += " with the office’s wording " + d.wording.sum[:8]
	}
	return d
}

// returnedForm is filled in on a screen and comes back.
const returnedForm = "certificate-of-destruction.pdf"

// guideWords are what the words of all these papers may name.
type guideWords struct {
	Us, Return                         string
	Window, CertificateDays, AuditDays int
}

func (p Press) guideWords(policy dars.Policy) guideWords {
	return guideWords{p.reachedAt(), p.returnTo(), policy.DownloadWindowDays, policy.CertificateDays, policy.AuditAfterDays}
}

// checklist is what to have ready before one applies.
func (p Press) checklist(on dars.Day) *Doc {
	d := p.forEverybody("Checklist", "Before you apply for data", "FORM-CHECKLIST", on)
	d.Worded("checklist", p.guideWords(dars.Policy{}))

	d.Paras("opening")
	for _, part := range []string{"Is it the right thing to ask for", "Contract and parties", "Legal basis", "Security", "Purpose", "Afterwards"} {
		d.Heading(part)
		d.ticks(strings.ToLower(part))
	}
	d.Heading("Which papers a legal basis needs")
	var rows [][]string
	for _, g := range dars.Gateways {
		var papers []string
		for _, kind := range dars.EvidenceNeeded[g.Code] {
			papers = append(papers, capital(dars.Meaning(dars.EvidenceKinds, kind)))
		}
		rows = append(rows, []string{g.Meaning, cmp.Or(joined("\n", papers...), "None")})
	}
	d.Table([]Col{{Name: "Legal basis", Share: 90}, {Name: "Papers to send with the application", Share: 76}}, rows)
	d.Paras("contact")
	return d
}

// ticks is a piece with a box to tick for each of its paragraphs.
func (d *Doc) ticks(piece string) {
	var rows [][]string
	for _, p := range d.paragraphs(piece) {
		rows = append(rows, []string{"☐", p})
	}
	d.Table([]Col{{Name: "Done", Share: 12}, {Name: "What", Share: 154}}, rows)
}

// priceList is what the work costs on a day.
func (p Press) priceList(l dars.PriceList, on dars.Day) *Doc {
	d := p.forEverybody("Price list", l.Name+", in force from "+l.From.Long(), "PRICES-"+string(l.From), on)
	d.Worded("prices", p.guideWords(dars.Policy{}))

	d.Paras("opening")
	var rows [][]string
	for _, item := range dars.ChargeItems {
		price := "Not charged"
		if pence, charged := l.Items[item.Code]; charged {
			price = pence.String()
		}
		rows = append(rows, []string{item.Meaning, price})
	}
	d.Table([]Col{{Name: "For", Share: 120}, {Name: "Price", Share: 46, Figures: true}}, rows)
	d.Heading("How charges are made")
	d.Bullets("how charges are made")
	d.Paras("contact")
	return d
}

// blankCertificate is a certificate of destruction that lists nothing yet.
func (p Press) blankCertificate(on dars.Day) *Doc {
	d := p.forEverybody("Certificate of destruction", "Blank form", "FORM-CERTIFICATE", on)
	d.Worded("certificate", certificateWords{Return: p.returnTo()})

	d.Warn("blank")
	d.Section("What this certificate is about")
	for _, b := range []Blank{
		{Name: "agreement", Says: "Agreement and version"}, {Name: "contract", Says: "Framework contract"}, {Name: "organisation", Says: "Organisation"},
		{Name: "place", Says: "Place of destruction"}, {Name: "why", Says: "Why (ended, notice, less data, processor leaves, media replaced)"},
	} {
		d.Ask(b.Says, b)
	}
	copiesToFill(d, emptyRows(12, "copy", "Copy"), nil)
	certificateEnd(d, "the organisation named above")
	codesToKnow(d)
	return d
}

// certificateGuide helps to fill in a certificate.
func (p Press) certificateGuide(policy dars.Policy, on dars.Day) *Doc {
	d := p.forEverybody("Guide to the certificate of destruction", "What to destroy, how, and how to say so", "GUIDE-CERTIFICATE", on)
	d.Worded("certificate-guide", p.guideWords(policy))

	d.Paras("opening")
	for _, part := range []string{"When one is due", "What must be destroyed", "How to fill it in", "Backups", "Who signs", "What happens then"} {
		d.Section(part)
		d.Paras(strings.ToLower(part))
	}
	d.Section("Methods of destruction")
	d.Paras("methods")
	methodTable(d)
	d.Paras("contact")
	return d
}

// agreementGuide says what a contract and an agreement mean, and answers what
// people ask.
func (p Press) agreementGuide(policy dars.Policy, on dars.Day) *Doc {
	d := p.forEverybody("Guide to contract and agreement", "With questions and answers", "GUIDE-AGREEMENT", on)
	d.Worded("agreement-guide", p.guideWords(policy))

	d.Paras("opening")
	for _, part := range []string{"The two papers", "From application to data", "While the agreement is in force", "When it ends"} {
		d.Section(part)
		d.Paras(strings.ToLower(part))
	}
	d.Section("Questions and answers")
	for n := 1; d.can(fmt.Sprintf("question %d", n)); n++ {
		d.Subheading(d.says(fmt.Sprintf("question %d", n)))
		d.Paras(fmt.Sprintf("answer %d", n))
	}
	d.Paras("contact")
	return d
}

// securityNotes say how data are fetched and kept safely.
func (p Press) securityNotes(on dars.Day) *Doc {
	d := p.forEverybody("Security notes", "For everybody who collects, keeps or destroys data", "GUIDE-SECURITY", on)
	d.Worded("security", p.guideWords(dars.Policy{}))

	d.Paras("opening")
	for _, part := range []string{"Keys and accounts", "Collecting data", "Keeping data", "Results", "When something goes wrong", "Destroying data"} {
		d.Section(part)
		d.Bullets(strings.ToLower(part))
	}
	d.Paras("contact")
	return d
}
