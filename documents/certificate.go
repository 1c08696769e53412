package documents

import (
	"fmt"
	"strings"

	"darsd/dars"
)

// Certificate is the certificate of destruction to fill in, on a screen or with a
// pen: every file of which any part was sent is listed already, at everybody who may
// hold it. It is the one paper that is issued without the office's seal, see [Seal].
func (p Press) Certificate(f dars.CertificateFacts) ([]byte, error) { return p.certificate(f).PDF() }

func (p Press) certificate(f dars.CertificateFacts) *Doc {
	c, g, us, of := f.Certificate, f.Agreement, p.Office.Name, parties(f.Organisations)
	d := p.New("Certificate of destruction", g.Title, string(c.ID), c.Issued)
	d.Worded("certificate", certificateWords{joined(", ", us, p.Office.Address), p.returnTo(), of.name(c.Org), string(c.ID) + ".yaml", c.Due})

	d.Warn("due")

	d.Section("What this certificate is about")
	d.Ask("Certificate", Blank{Name: "certificate", Says: "Certificate", Value: string(c.ID), Fixed: true})
	d.Ask("Agreement", Blank{Name: "agreement", Says: "Agreement", Value: string(g.ID), Fixed: true})
	if c.Release != "" {
		d.Fact("Release", "%s, withdrawn on %s because of a newer objections list", c.Release, c.Issued.Long())
	} else {
		d.Fact("Ended", "%s", firstDay(g.Ended, g.End).Long())
	}
	d.Fact("Recipient", "%s", of.whole(c.Org))
	d.Fact("Framework contracts", "%s", contracts(g))
	d.Fact("Holders", "%s", holders(of, c.Holders))

	d.Section("What was sent")
	d.Paras("sent")
	d.Table(sentCols(), sentRows(f))

	copiesToFill(d, expected(of, c), c.Holders)
	furtherCopies(d, c.Holders)
	certificateEnd(d, of.name(c.Org))
	return d
}

// A copyRow is a line of the table of copies: what is printed in it, what the names of
// its fields begin with, and what it is called aloud.
type copyRow struct {
	cells        []string
	name, called string
}

// emptyRows are lines for copies of which nothing is known yet.
func emptyRows(n int, name, called string) (rows []copyRow) {
	for i := range n {
		rows = append(rows, copyRow{make([]string, 6), fmt.Sprintf("%s %d", name, i+1), fmt.Sprintf("%s %d", called, i+1)})
	}
	return rows
}

// copiesToFill is the table of copies, with what each is known by, and the codes
// to fill it in with.
func copiesToFill(d *Doc, rows []copyRow, holders []dars.OrgCode) {
	d.Section("How each copy was destroyed")
	d.Paras("copies")
	copyTable(d, rows, holders)

	d.Subheading("Codes of methods")
	methodTable(d)
}

// moreRows is how many lines there are for copies that only the recipient knows of.
const moreRows = 8

func furtherCopies(d *Doc, holders []dars.OrgCode) {
	d.Subheading("Further copies")
	d.Paras("further")
	copyTable(d, emptyRows(moreRows, "further", "Further copy"), holders)
}

func copyTable(d *Doc, rows []copyRow, holders []dars.OrgCode) {
	var printed [][]string
	var fields [][]Blank
	for _, r := range rows {
		printed, fields = append(printed, r.cells), append(fields, r.fields(holders))
	}
	d.Table([]Col{{Name: "File", Share: 24, Fill: true}, {Name: "Holder", Share: 28, Fill: true}, {Name: "Copy", Share: 17, Fill: true},
		{Name: "Method (code)", Share: 51, Fill: true}, {Name: "Destroyed on", Share: 23, Fill: true}, {Name: "Backup until", Share: 23, Fill: true}}, printed)
	d.Fields(fields)
}

// fields are those of a line: of which copy it is, unless that is printed, and how and
// when it was destroyed.
func (r copyRow) fields(holders []dars.OrgCode) []Blank {
	which := make([]Blank, 3)
	if r.cells[0] == "" {
		which = []Blank{
			{Name: r.name + " file", Says: r.called + ": number of the file, such as FILE0000001"},
			{Name: r.name + " holder", Says: r.called + ": code of the organisation that held it", Kind: Free},
			{Name: r.name + " copy", Says: r.called + ": what kind of copy", Kind: Free, Choices: []string{"laptop", "media", "recovery", "backup", "derived", "paper"}},
		}
		for _, h := range holders {
			which[1].Choices = append(which[1].Choices, string(h))
		}
	}
	return append(which,
		Blank{Name: r.name + " method", Says: r.called + ": method of destruction", Kind: Choice, Choices: dars.Codes(dars.Methods)},
		Blank{Name: r.name + " destroyed_on", Says: r.called + ": day on which it was destroyed, as 2026-03-31", Kind: Date},
		Blank{Name: r.name + " backup_until", Says: r.called + ": day on which its last backup ends, as 2026-03-31; empty if there is none", Kind: Date})
}

func methodTable(d *Doc) {
	var methods [][]string
	for _, m := range dars.Methods {
		methods = append(methods, []string{m.Code, m.Meaning})
	}
	d.Table([]Col{{Name: "Code", Share: 45}, {Name: "Meaning", Share: 70}}, methods)
}

// certificateEnd is what everybody signs, and what the office notes.
func certificateEnd(d *Doc, who string) {
	d.Section("Who destroyed the data, and who checked it")
	for _, b := range []Blank{
		{Name: "contractor", Says: "Contractor and its certificate number"},
		{Name: "media", Says: "Media and serial numbers", Kind: Lines},
		{Name: "verified", Says: "How it was verified, and by whom"},
		{Name: "kept", Says: "Data kept, and the legal reason", Kind: Lines},
	} {
		d.Ask(b.Says, b)
	}
	d.Sign(Signature{For: who + ", by whoever destroyed the data", Fields: "performed_by"})

	d.Section("Declaration")
	d.Paras("declaration")
	d.Tick("no_copy_remains", "No copy remains, other than backups shown above with the day on which they end.")
	d.Sign(Signature{For: who + ", by whoever declares it", Fields: "signed"})

	d.Section("For the office")
	for _, label := range []string{"Received on", "Checked by", "Accepted, queried or rejected; reason"} {
		d.Entry(label)
	}
	d.Paras("return")
}

// certificateWords are what the words of a certificate may name.
type certificateWords struct {
	Post, Return, You, Form string
	Due                     dars.Day
}

// returnTo is where papers are sent.
func (p Press) returnTo() string {
	return joined(", ", p.Office.Name, p.Office.Address, p.Office.Email)
}

// CertificateForm is the same certificate for a program or a text editor:
// CERT-nnnnnn.yaml. What ReadCertificate reads is what this writes, filled in.
func (p Press) CertificateForm(f dars.CertificateFacts) []byte {
	c, of := f.Certificate, parties(f.Organisations)
	var b strings.Builder
	say := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }

	say("# Certificate of destruction %s, due on %s", c.ID, c.Due.Long())
	say("# for %s, from %s", line(of.name(c.Org)), line(p.Office.Name))
	if p.Rehearsal {
		say("# %s", rehearsalWords)
	}
	say("#")
	say("# Fill in method, destroyed_on and, where a backup lives on, backup_until for")
	say("# each item; then fill in signed, and put this file into submit/ over SFTP.")
	say("# Dates are written 2026-03-31. Copy an item to account for further copies: on")
	say("# laptops, portable media, disaster recovery, paper. An item whose destroyed_on")
	say(`# is left "" counts as not yet destroyed.`)
	say("#")
	say("# Methods:")
	for _, m := range dars.Methods {
		say("#   %-28s  %s", m.Code, m.Meaning)
	}
	say("")
	say("certificate: %s", c.ID)
	say("agreement: %s", c.Agreement)
	say("")
	if len(c.Expected()) == 0 {
		say("items: []")
	} else {
		say("items:")
	}
	for _, i := range c.Expected() {
		say("  # %s", line(fileOf(c, i.File)))
		say("  - file: %s", i.File)
		say("    holder: %-18s # %s", quoted(string(i.Holder)), line(of.name(i.Holder)))
		say("    copy: %-20s # live, backup, laptop, paper, ...", i.Copy)
		say("    method: %-18s # a code from the list above", `""`)
		say("    destroyed_on: %-12s # the day on which this copy was destroyed", `""`)
		say("    backup_until: %-12s # the day the last backup of it ends, or \"\" if there is none", `""`)
	}
	say("")
	say("# Whoever signs cannot be the one who destroyed the data.")
	say("signed:")
	say("  performed_by: %-14s # who destroyed the data", `""`)
	say("  name: %-22s # who declares it: the agreement's signatory, the SIRO or the Caldicott Guardian", `""`)
	say("  post: %-22s # their post", `""`)
	say("  date: %-22s # the day of signing", `""`)
	say("  no_copy_remains: %-11s # true: no copy remains, other than backups with their day above", "false")
	return []byte(b.String())
}

// fileOf says what a file is, beside its number.
func fileOf(c *dars.Certificate, id dars.FileID) string {
	for _, f := range c.Files {
		if f.File == id {
			return fmt.Sprintf("%s of %s", f.Path, f.Release)
		}
	}
	return string(id)
}

// quoted writes a text so that YAML reads it as one, whatever is in it: an
// organisation's code may look like a number.
func quoted(s string) string { return fmt.Sprintf("%q", line(s)) }

func sentCols() []Col {
	return []Col{{Name: "File", Share: 23}, {Name: "Release", Share: 22}, {Name: "Name", Share: 44}, {Name: "Sent to", Share: 26}, {Name: "Bytes sent", Share: 26}, {Name: "Last sent", Share: 25}}
}

func sentRows(f dars.CertificateFacts) (rows [][]string) {
	for _, file := range f.Certificate.Files {
		name := strings.TrimPrefix(file.Path, "data/")
		for _, s := range file.Sent {
			who := string(s.Person)
			if p := f.People[s.Person]; p != nil && p.Name != "" {
				who = p.Name
			}
			rows = append(rows, []string{string(file.File), string(file.Release), name, who,
				fmt.Sprintf("%s of %s", count(s.Bytes), count(file.Size)), s.Last.Long()})
		}
	}
	return rows
}

// expected are the copies that the certificate must cover. The name of a field says
// of which one it is: FILE0000001 RA1 live method.
func expected(of parties, c *dars.Certificate) (rows []copyRow) {
	for _, i := range c.Expected() {
		rows = append(rows, copyRow{
			cells: []string{string(i.File), of.name(i.Holder), i.Copy, "", "", ""},
			name:  fmt.Sprintf("%s %s %s", i.File, i.Holder, i.Copy), called: fmt.Sprintf("%s at %s, %s copy", i.File, of.name(i.Holder), i.Copy)})
	}
	return rows
}

func holders(of parties, codes []dars.OrgCode) string {
	var each []string
	for _, code := range codes {
		each = append(each, fmt.Sprintf("%s (%s)", of.name(code), code))
	}
	return strings.Join(each, "\n")
}

func contracts(g *dars.Agreement) string {
	var each []dars.ContractID
	for _, c := range g.Controllers {
		each = append(each, c.Contract)
	}
	return list(each)
}

func firstDay(days ...dars.Day) dars.Day {
	for _, d := range days {
		if d != "" {
			return d
		}
	}
	return ""
}
