package documents

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
)

// Agreement is the Data Sharing Agreement: what may be released to whom, why,
// and until when, for every controller to sign.
func (p Press) Agreement(f dars.AgreementFacts) ([]byte, error) { return p.issue(p.agreement(f)) }

func (p Press) agreement(f dars.AgreementFacts) *Doc {
	g, form, us, of := f.Agreement, f.Application.Form, p.Office.Name, parties(f.Organisations)
	d := p.New("Data Sharing Agreement", g.Title, string(g.ID), g.Issued)
	d.Worded("agreement", p.agreementWords(f))

	d.Paras("opening")

	d.Section("Parties and term")
	d.Fact("Reference", "%s", g.Stem)
	d.Fact("Version", "%s", g.Version)
	p.officeFacts(d)
	for _, c := range g.Controllers {
		d.Fact(controllerLabel(g), "%s", of.whole(c.Org))
		d.Fact("Framework contract", "%s", cmp.Or(string(c.Contract), "None: only tabulations with small numbers suppressed are released."))
	}
	d.Fact("Processors", "%s", cmp.Or(of.all(g.Processors), "None. No other organisation holds or handles the data."))
	if form.Sublicensing != "" || len(g.Sublicensed) > 0 {
		d.Fact("Sub-licensees", "%s", cmp.Or(of.all(g.Sublicensed), "None yet. The data are passed to nobody until an amendment of this agreement names them."))
	}
	d.Fact("Start", "%s", g.Start.Long())
	if g.Start <= g.Issued {
		d.Fact("In force from", "The day on which the last party has signed it, since its term has begun.")
	}
	d.Fact("End", "%s. The agreement is in force all of that day.", g.End.Long())
	d.Fact("Contact", "%s", people(f.People, g.Contact))
	d.Fact("May collect the data", "%s", people(f.People, g.Recipients...))

	if f.Previous != nil {
		whatHasChanged(d, f)
	}

	d.Section("The data")
	d.Table([]Col{{Name: "Dataset", Share: 29}, {Name: "Periods", Share: 24}, {Name: "Kind of data", Share: 23}, {Name: "Sensitive", Share: 14}, {Name: "Legal basis", Share: 33}, {Name: "Frequency", Share: 17}}, datasetRows(f))
	d.Paras("fields")
	d.Paras("nothing else")

	objectionsOfPatients(d, f)

	d.Section("Purpose")
	d.Paras("purpose")
	for _, a := range form.Purpose.Serves {
		d.Bullet("%s: %s", dars.Meaning(dars.Aims, a.Aim), a.How)
	}
	d.Subheading("Objective for processing")
	d.Text(form.Purpose.Objective)
	d.Subheading("Processing activities")
	d.Text(form.Purpose.Processing)
	d.Subheading("Outputs expected")
	d.Text(form.Purpose.Outputs)
	d.Subheading("Benefits expected")
	d.Text(form.Purpose.Benefits)
	d.Subheading("Commercial purpose and onward sharing")
	d.Paras("commerce and onward sharing")

	d.Section("Places and territory")
	d.Paras("places")
	for _, place := range form.Locations {
		d.Bullet("%s", place)
	}
	d.Fact("Territory of use", "%s", joined(": ", dars.Meaning(dars.Territories, form.Territory), form.TerritoryText))
	d.Paras("new places")

	if attached := form.Attached(); len(attached)+len(form.Conditions) > 0 {
		d.Section("Special conditions")
		for _, c := range attached {
			d.Clause("%s", c.Text)
		}
		for _, text := range form.Conditions {
			d.Clause("%s", text)
		}
	}

	if rows := obligationRows(f); len(rows) > 0 {
		d.Section("What the approval rests on")
		d.Paras("obligations")
		d.Table([]Col{{Name: "What", Share: 84}, {Name: "Until it is met", Share: 50}, {Name: "By", Share: 34}, {Name: "State", Share: 22}}, rows)
	}

	chargesOf(d, f)

	d.Section("Delivery")
	d.Clauses("delivery")

	d.Section("Retention and destruction")
	d.Clauses("retention and destruction")

	d.Section("Audit")
	d.Paras("audit")

	d.Section("Publication")
	d.Paras("publication")

	if evidence := evidenceRows(form.Evidence); len(evidence) > 0 {
		d.Section("Evidence relied on")
		d.Table([]Col{{Name: "Kind", Share: 40}, {Name: "Reference", Share: 30}, {Name: "File", Share: 30}, {Name: "Expires", Share: 22}}, evidence)
		d.Paras("evidence")
	}

	d.Section("Signatures")
	d.Paras("signatures")
	for _, c := range g.Controllers {
		d.Sign(Signature{For: of.name(c.Org)})
	}
	d.Sign(Signature{For: us})
	attachFacts(d, "agreement.json", "The facts of this agreement, for programs to read", g)
	return d
}

// agreementWords are what the words of an agreement may name.
type agreementWords struct {
	Us, Year, Fingerprint, PassedOn    string
	Kind, Previous                     string // of one that follows another
	Start, End, CertificateDay         dars.Day
	Begun                              bool // its term has, before it is signed
	CertificateDays, AuditDays, Window int
	Commercial                         bool
	Tables                             bool // tabulations with small numbers suppressed are among what is released
	Datasets                           []datasetWords

	Charged chargedWords // if a price list covers it
}

// datasetWords are what they may name of each dataset.
type datasetWords struct{ Name, Fields, Limits string }

func (p Press) agreementWords(f dars.AgreementFacts) agreementWords {
	g, form := f.Agreement, f.Application.Form
	w := agreementWords{
		Us: p.Office.Name, Year: year(g.Issued), Fingerprint: f.Fingerprint, PassedOn: form.Sublicensing, Start: g.Start, End: g.End, Begun: g.Start <= g.Issued,
		CertificateDay: g.End.Add(f.Policy.CertificateDays), CertificateDays: f.Policy.CertificateDays, AuditDays: f.Policy.AuditAfterDays,
		Window: f.Policy.DownloadWindowDays, Commercial: form.Purpose.Commercial,
		Tables: slices.ContainsFunc(g.Datasets, func(r dars.DatasetRequest) bool { return r.AsKind(g.ID, dars.KindTabulation) == nil }),
	}
	if f.Previous != nil {
		w.Kind, w.Previous = strings.ToLower(cmp.Or(g.Kind, "next version")), string(f.Previous.ID)
	}
	w.Charged = wordsOfCharges(f)
	for _, r := range g.Datasets {
		w.Datasets = append(w.Datasets, datasetWords{dataset(f.Catalogue, r.Code), fields(r), window(r) + filters(r) + cohort(f.Catalogue, r) + output(r)})
	}
	return w
}

// attachFacts puts what a paper is about into it as JSON.
func attachFacts(d *Doc, name, description string, noun any) {
	facts, err := json.MarshalIndent(noun, "", "  ")
	if err != nil {
		panic(err) // nouns are kept as JSON
	}
	d.Attach(name, "application/json", description, append(facts, '\n'))
}

func datasetRows(f dars.AgreementFacts) (rows [][]string) {
	for _, r := range f.Agreement.Datasets {
		rows = append(rows, []string{
			dataset(f.Catalogue, r.Code), periods(r.Periods), dars.Meaning(dars.Identifiabilities, r.Identifiability),
			yesNo(r.Sensitive), dars.Meaning(dars.Gateways, r.Gateway), cmp.Or(joined(", ", dars.Meaning(dars.Frequencies, r.Frequency), strings.ToLower(r.Interval), rolling(r)), "One-off"),
		})
	}
	return rows
}

// rolling says how many years of a dataset may be held at a time, if not all.
func rolling(r dars.DatasetRequest) string {
	if r.RollingYears == 0 {
		return ""
	}
	return fmt.Sprintf("the last %d final years may be held", r.RollingYears)
}

// obligationRows are what was noted on the agreement, and the caveats of DAAG.
func obligationRows(f dars.AgreementFacts) (rows [][]string) {
	for _, o := range append(slices.Clone(f.Agreement.Obligations), f.Application.Obligations()...) {
		rows = append(rows, []string{o.Text, cmp.Or(prefixed("no ", stage(o.Stage)), "no decision"), o.Due.Long(), words(o.State)})
	}
	return rows
}

func controllerLabel(g *dars.Agreement) string {
	if len(g.Controllers) == 1 {
		return "Sole data controller"
	}
	return "Joint data controller"
}

// fields says what leaves of each record, in the agreement's order.
func fields(r dars.DatasetRequest) string {
	if r.Columns == nil {
		return cmp.Or(strings.Join(r.Fields, ", "), "all fields of the dataset")
	}
	var all []string
	for _, c := range r.Columns {
		said := c.Name()
		if c.Derive != "" {
			from := joined(", ", dars.Meaning(dars.Derivations, c.Derive), prefixed("by the table ", c.Table), c.Bands)
			said += fmt.Sprintf(" (%s; from %s%s)", from, c.Field, prefixed(" at ", c.At))
		} else if c.As != "" {
			said += fmt.Sprintf(" (%s)", c.Field)
		}
		all = append(all, said)
	}
	return strings.Join(all, ", ")
}

// filters says which records leave, beside dates. One that says nothing of what is
// asked does not.
func filters(r dars.DatasetRequest) (said string) {
	for _, f := range r.Rows {
		which := "one of " + strings.Join(f.Fields, ", ")
		if len(f.Fields) == 1 {
			which = f.Fields[0]
		}
		are := joined(" or ", prefixed("begins with ", strings.Join(f.Prefixes, " or ")), prefixed("is ", strings.Join(f.Codes, " or ")))
		if f.Ages != "" {
			are = "gives an age" + prefixed(" at ", f.At) + " of " + f.Ages
		}
		only := "Only"
		if f.Not {
			only = "No"
		}
		said += fmt.Sprintf(" %s records in which %s %s.", only, which, are)
	}
	if len(r.Rows) > 0 {
		said += " Records that do not say it are not released."
	}
	return said
}

// cohort says of whom records leave, where the recipient names them, and by which
// identifier it is to.
func cohort(c dars.Catalogue, r dars.DatasetRequest) string {
	if r.Cohort == nil {
		return ""
	}
	d, _ := c.Dataset(r.Code) // of one that is not there any more nothing is released
	return fmt.Sprintf(" Only records of persons whom you have named to us, each by one %s.", d.CohortKind(*r.Cohort))
}

// output says how files are written, where that is not as in our source.
func output(r dars.DatasetRequest) (said string) {
	o := r.Output
	if o == nil {
		return ""
	}
	if o.Delimiter != "" {
		said += fmt.Sprintf(" Its fields are separated by %q.", o.Delimiter)
	}
	if o.Compression != "" && o.Compression != "none" {
		said += fmt.Sprintf(" Its files are compressed by %s.", o.Compression)
	}
	if len(o.EncryptTo) > 0 {
		said += " Its files are also encrypted to your own keys."
	}
	return said
}

// window says which rows an agreement is limited to.
func window(r dars.DatasetRequest) string {
	switch {
	case r.From != "" && r.To != "":
		return fmt.Sprintf(" Only records dated from %s to %s.", r.From.Long(), r.To.Long())
	case r.From != "":
		return fmt.Sprintf(" Only records dated from %s.", r.From.Long())
	case r.To != "":
		return fmt.Sprintf(" Only records dated to %s.", r.To.Long())
	}
	return ""
}

func evidenceRows(all []dars.Evidence) (rows [][]string) {
	for _, e := range all {
		rows = append(rows, []string{dars.Meaning(dars.EvidenceKinds, e.Kind), cmp.Or(e.Ref, "—"), e.File, e.Expires.Long()})
	}
	return rows
}
