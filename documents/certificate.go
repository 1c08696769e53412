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
	d.Ask("Certificate", Blank{Name: fieldCertificate, Says: "Certificate", Value: string(c.ID), Fixed: true})
	d.Ask("Agreement", Blank{Name: fieldAgreement, Says: "Agreement", Value: string(g.ID), Fixed: true})
	switch {
	case c.Cause != "":
		d.Fact("Release", "%s, published on %s, %s", c.By, c.Issued.Long(), dars.Meaning(dars.DestructionCauses, string(c.Cause)))
	case c.Release != "":
		d.Fact("Release", "%s, withdrawn on %s because of a newer objections list", c.Release, c.Issued.Long())
	default:
		d.Fact("Ended", "%s", firstDay(g.Ended, g.End).Long())
	}
	if c.InPart() {
		d.Fact("To be destroyed", "what the files below hold of %s; the rest may be kept", strings.Join(c.Scope, "; "))
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
	codesToKnow(d)
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
		rows = append(rows, copyRow{make([]string, 7), fmt.Sprintf("%s %d", name, i+1), fmt.Sprintf("%s %d", called, i+1)})
	}
	return rows
}

// copiesToFill is the table of copies, with what each is known by.
func copiesToFill(d *Doc, rows []copyRow, holders []dars.OrgCode) {
	d.Section("How each copy was destroyed")
	d.Paras("copies")
	copyTable(d, rows, holders)
}

// codesToKnow stand at the end, where they are found from any line and are in nobody's
// way.
func codesToKnow(d *Doc) {
	d.Section("Codes to fill in")
	d.Subheading("Codes of methods")
	methodTable(d)
	d.Subheading("Codes of media, and what destroys data on each")
	mediaTable(d)
}

func mediaTable(d *Doc) {
	var media [][]string
	for _, m := range dars.Media {
		media = append(media, []string{m.Code, m.Meaning, strings.Join(dars.MethodsFor[m.Code], ", ")})
	}
	d.Table([]Col{{Name: "Code", Share: 30}, {Name: "Meaning", Share: 35}, {Name: "Methods", Share: 62}}, media)
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
	d.Table([]Col{{Name: "File", Share: 22, Fill: true}, {Name: "Holder", Share: 24, Fill: true}, {Name: "Copy", Share: 14, Fill: true}, {Name: "Medium (code)", Share: 25, Fill: true},
		{Name: "Method (code)", Share: 43, Fill: true}, {Name: "Destroyed on", Share: 19, Fill: true}, {Name: "Backup until", Share: 19, Fill: true}}, printed)
	d.Fields(fields)
}

// fields are those of a line: of which copy it is, unless that is printed, and how and
// when it was destroyed.
func (r copyRow) fields(holders []dars.OrgCode) []Blank {
	which := make([]Blank, 3)
	if r.cells[0] == "" {
		which = []Blank{
			{Name: r.name + ofFile, Says: r.called + ": number of the file, such as FILE0000001"},
			{Name: r.name + ofHolder, Says: r.called + ": code of the organisation that held it", Kind: Free},
			{Name: r.name + ofCopy, Says: r.called + ": what kind of copy", Kind: Free, Choices: dars.Codes(dars.Copies)[1:]},
		}
		for _, h := range holders {
			which[1].Choices = append(which[1].Choices, string(h))
		}
	}
	return append(which,
		Blank{Name: r.name + ofMedium, Says: r.called + ": medium that it was on", Kind: Choice, Choices: dars.Codes(dars.Media)},
		Blank{Name: r.name + ofMethod, Says: r.called + ": method of destruction, or the agreement in force under which it is kept", Kind: Free, Choices: dars.Codes(dars.Methods)},
		Blank{Name: r.name + ofDestroyedOn, Says: r.called + ": day on which it was destroyed, as 2026-03-31", Kind: Date},
		Blank{Name: r.name + ofBackupUntil, Says: r.called + ": day on which its last backup ends, as 2026-03-31; empty if there is none", Kind: Date})
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
		{Name: fieldContractor, Says: "Contractor and its certificate number"},
		{Name: fieldMedia, Says: "Media and serial numbers", Kind: Lines},
		{Name: fieldVerified, Says: "How it was verified, and by whom"},
		{Name: fieldKept, Says: "Data kept, and the legal reason", Kind: Lines},
	} {
		d.Ask(b.Says, b)
	}
	d.Sign(Signature{For: who + ", by whoever destroyed the data", Fields: fieldPerformed})

	d.Section("Declaration")
	d.Paras("declaration")
	d.Tick(fieldNoCopy, "No copy remains, other than backups shown above with the day on which they end.")
	d.Sign(Signature{For: who + ", by whoever declares it", Fields: fieldSigned})

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

func sentCols() []Col {
	return []Col{{Name: "File", Share: 23}, {Name: "Release", Share: 22}, {Name: "Name", Share: 44}, {Name: "Sent to", Share: 26}, {Name: "Bytes sent", Share: 26}, {Name: "Last sent", Share: 25}}
}

func sentRows(f dars.CertificateFacts) (rows [][]string) {
	for _, file := range f.Certificate.Files {
		name := strings.TrimPrefix(file.Path, "data/")
		for _, s := range file.Sent {
			rows = append(rows, []string{string(file.File), string(file.Release), name, nameOf(f.People, s.Person),
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
			cells: []string{string(i.File), of.name(i.Holder), i.Copy, "", "", "", ""},
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
