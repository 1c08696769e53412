package documents

import (
	"fmt"
	"strings"

	"darsd/dars"
)

// Certificate is the certificate of destruction to fill in: every file of which
// any part was sent is listed already, at everybody who may hold it.
func (p Press) Certificate(f dars.CertificateFacts) ([]byte, error) { return p.certificate(f).PDF() }

func (p Press) certificate(f dars.CertificateFacts) *Doc {
	c, g, us, of := f.Certificate, f.Agreement, p.Office.Name, parties(f.Organisations)
	d := p.New("Certificate of destruction", g.Title, string(c.ID), c.Issued)
	d.Worded("certificate", certificateWords{joined(", ", us, p.Office.Address), p.returnTo(), of.name(c.Org), string(c.ID) + ".yaml", c.Due})

	d.Warn("due")

	d.Section("What this certificate is about")
	d.Fact("Agreement", "%s", g.ID)
	switch {
	case c.Cause != "":
		d.Fact("Release", "%s, published on %s, %s", c.By, c.Issued.Long(), dars.Meaning(dars.DestructionCauses, string(c.Cause)))
	case c.Release != "":
		d.Fact("Release", "%s, withdrawn on %s because of a newer objections list", c.Release, c.Issued.Long())
	default:
		d.Fact("Ended", "%s", firstDay(g.Ended, g.End).Long())
	}
	d.Fact("Recipient", "%s", of.whole(c.Org))
	d.Fact("Framework contracts", "%s", contracts(g))
	d.Fact("Holders", "%s", holders(of, c.Holders))

	d.Section("What was sent")
	d.Paras("sent")
	d.Table(sentCols(), sentRows(f))

	copiesToFill(d, expectedRows(of, c))
	certificateEnd(d, of.name(c.Org))
	return d
}

// copiesToFill is the table of copies, with what each is known by, and the codes
// to fill it in with.
func copiesToFill(d *Doc, rows [][]string) {
	d.Section("How each copy was destroyed")
	d.Paras("copies")
	d.Table([]Col{{Name: "File", Share: 19}, {Name: "Holder", Share: 23}, {Name: "Copy", Share: 11}, {Name: "Medium (code)", Share: 19, Fill: true}, {Name: "Method (code)", Share: 24, Fill: true}, {Name: "Destroyed on", Share: 18, Fill: true}, {Name: "Backup until", Share: 18, Fill: true}}, rows)

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
	for _, label := range []string{"Destroyed by (name, post)", "Contractor and its certificate number", "Media and serial numbers", "How it was verified, and by whom", "Data kept, and the legal reason"} {
		d.Entry(label)
	}

	d.Section("Declaration")
	d.Paras("declaration")
	d.Sign(Signature{For: who})

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

func expectedRows(of parties, c *dars.Certificate) (rows [][]string) {
	for _, i := range c.Expected() {
		rows = append(rows, []string{string(i.File), of.name(i.Holder), i.Copy, "", "", "", ""})
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
