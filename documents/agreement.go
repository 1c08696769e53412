package documents

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"darsd/dars"
)

// Agreement is the Data Sharing Agreement: what may be released to whom, why,
// and until when, for every controller to sign.
func (p Press) Agreement(f dars.AgreementFacts) ([]byte, error) { return p.agreement(f).PDF() }

func (p Press) agreement(f dars.AgreementFacts) *Doc {
	g, form, us, of := f.Agreement, f.Application.Form, p.Office.Name, parties(f.Organisations)
	d := p.New("Data Sharing Agreement", g.Title, string(g.ID), g.Issued)

	d.Para("This agreement lets the organisations named here use the data listed here, for the purpose stated here and no other, until %s. It is made under the framework contracts named below and includes their terms.", g.End.Long())

	d.Section("Parties and term")
	d.Fact("Reference", "%s", g.Stem)
	d.Fact("Version", "%s", g.Version)
	p.officeFacts(d)
	for _, c := range g.Controllers {
		d.Fact(controllerLabel(g), "%s", of.whole(c.Org))
		d.Fact("Framework contract", "%s", c.Contract)
	}
	d.Fact("Processors", "%s", cmp.Or(of.all(g.Processors), "None. No other organisation holds or handles the data."))
	d.Fact("Start", "%s", g.Start.Long())
	d.Fact("End", "%s. The agreement is in force all of that day.", g.End.Long())
	d.Fact("Contact", "%s", people(f.People, g.Contact))
	d.Fact("May collect the data", "%s", people(f.People, g.Recipients...))

	d.Section("The data")
	d.Table([]Col{{Name: "Dataset", Share: 30}, {Name: "Periods", Share: 16}, {Name: "Kind of data", Share: 24}, {Name: "Sensitive", Share: 13}, {Name: "Legal basis", Share: 36}, {Name: "Frequency", Share: 15}}, datasetRows(f))
	for _, r := range g.Datasets {
		d.Para("Fields of %s: %s.%s", dataset(f.Catalogue, r.Code), fields(r), window(r)+filters(r)+cohort(f.Catalogue, r)+output(r))
	}
	d.Para("Nothing else is released under this agreement. You tell us without delay if you receive data that are not listed here, and you do not use them.")

	d.Section("Objections of patients")
	d.Para("We apply the objections of patients before each release. The records of every person who has objected, and whose objection is on the list in force on the day the release is made, are removed as a whole. Each release states the date of that list and its hash. Some persons are therefore absent from the data; you do not try to find out who they are.")

	d.Section("Purpose")
	d.Para("The sections below are the applicant’s own words, as they were approved. They bind, and they are published.")
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
	d.Para("%s %s", commercial(form.Purpose.Commercial), sublicensed(form.Sublicensing))

	d.Section("Places and territory")
	d.Para("The data are stored and processed only at these places, backups and disaster recovery included:")
	for _, place := range form.Locations {
		d.Bullet("%s", place)
	}
	d.Fact("Territory of use", "%s", joined(": ", dars.Meaning(dars.Territories, form.Territory), form.TerritoryText))
	d.Para("A new place, organisation or processor is agreed with us in writing before any data are there.")

	if attached := form.Attached(); len(attached)+len(form.Conditions) > 0 {
		d.Section("Special conditions")
		for _, c := range attached {
			d.Clause("%s", c.Text)
		}
		for _, text := range form.Conditions {
			d.Clause("%s", text)
		}
	}

	d.Section("Delivery")
	d.Clause("We place each release where only the persons named to us can collect it, by SFTP, each with a key of their own.%s It stays there for %d days.", prefixed(" Our server’s key has the fingerprint ", ended(f.Fingerprint)), f.Policy.DownloadWindowDays)
	d.Clause("Each release carries a list of its files with their checksums, signed by us. You verify it before you use the data, and tell us if it does not agree.")
	d.Clause("We record which bytes of which file were sent to whom. That record decides what you must account for at the end.")

	d.Section("Retention and destruction")
	d.Clause("You may keep the data until %s. Before the end you either ask for an extension or a renewal, in time for it to be decided, or you destroy the data.", g.End.Long())
	d.Clause("At the end you destroy every copy of the data: files, extracts and derived data about single persons, on servers, laptops and portable media, at processors, in backups, and on paper.")
	d.Clause("You send us a completed certificate of destruction that accounts for every file that was sent to you, by %s, %d days after the end. We send you the form with those files already listed.", g.End.Add(f.Policy.CertificateDays).Long(), f.Policy.CertificateDays)
	d.Clause("When the certificate is overdue, we release nothing more to your organisation from the next day. %d days after the end your applications are stopped as well, and an audit is opened.", f.Policy.AuditAfterDays)
	d.Clause("A release that replaces an earlier one comes with the duty to destroy the earlier one within forty-two days of it.")

	d.Section("Audit")
	d.Para("We may audit at any time whether this agreement and the framework contract are kept, at your places and at those of your processors, on reasonable notice, and without notice where we have grounds to believe that data are at risk. You give our auditors access to people, records and systems. The report of an audit is published.")

	d.Section("Publication")
	d.Para("We publish this agreement in our register: the parties, the purpose as stated above, the datasets, the legal basis, the dates, and each release with the statement whether objections were applied. Your privacy notice tells people that you hold these data and why.")
	d.Para("Results are published only as figures that are aggregated with small numbers suppressed, and with this line: “Copyright © %s, %s. Re-used with the permission of %s. All rights reserved.”", year(g.Issued), us, us)

	if evidence := evidenceRows(form.Evidence); len(evidence) > 0 {
		d.Section("Evidence relied on")
		d.Table([]Col{{Name: "Kind", Share: 40}, {Name: "Reference", Share: 30}, {Name: "File", Share: 30}, {Name: "Expires", Share: 22}}, evidence)
		d.Para("If one of these ends or is withdrawn before the agreement does, you tell us at once and stop using the data that rest on it.")
	}

	d.Section("Signatures")
	d.Para("This agreement takes effect on its start date, and not before every party named below has signed it. Send back every page: each carries the reference, the version and its number, and a copy with a page missing is not accepted.")
	for _, c := range g.Controllers {
		d.Sign(Signature{For: of.name(c.Org)})
	}
	d.Sign(Signature{For: us})
	attachFacts(d, "agreement.json", "The facts of this agreement, for programs to read", g)
	return d
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
			dataset(f.Catalogue, r.Code), strings.Join(r.Periods, ", "), dars.Meaning(dars.Identifiabilities, r.Identifiability),
			yesNo(r.Sensitive), dars.Meaning(dars.Gateways, r.Gateway), cmp.Or(joined(", ", dars.Meaning(dars.Frequencies, r.Frequency), strings.ToLower(r.Interval)), "One-off"),
		})
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

func commercial(yes bool) string {
	if yes {
		return "The data are used for a commercial purpose as stated above, which is not solely commercial."
	}
	return "The data are not used for a commercial purpose."
}

func sublicensed(to string) string {
	if to == "" {
		return "The data are not sub-licensed: data about single persons are passed to nobody who is not named in this agreement."
	}
	return "The data are passed on as stated here and to nobody else: " + to
}

func evidenceRows(all []dars.Evidence) (rows [][]string) {
	for _, e := range all {
		rows = append(rows, []string{dars.Meaning(dars.EvidenceKinds, e.Kind), cmp.Or(e.Ref, "—"), e.File, e.Expires.Long()})
	}
	return rows
}
