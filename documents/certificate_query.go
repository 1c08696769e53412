package documents

import "darsd/dars"

// CertificateQuery sends a certificate of destruction back, with every point in which
// it is not as it should be, or with the office's question.
func (p Press) CertificateQuery(f dars.DeletionFacts) ([]byte, error) {
	return p.issue(p.certificateQuery(f))
}

func (p Press) certificateQuery(f dars.DeletionFacts) *Doc {
	c, of := f.Certificate, parties(f.Organisations)
	d := p.New("Certificate of destruction sent back", f.Agreement.Title, string(c.ID), f.On)
	d.Worded("certificate-query", p.deletionWords(f))

	d.to("letter", of.known(c.Org))
	d.Fact("Agreement", "%s", c.Agreement)
	d.Fact("Certificate", "%s, due on %s", c.ID, c.Due.Long())
	d.Fact("Received", "%s", firstDay(c.Received, f.On).Long())
	d.Warn("notice")
	if c.Note != "" {
		d.Heading("What the office asks")
		d.Text(c.Note)
	}
	if len(c.Points) > 0 {
		d.Heading("What is missing or wrong")
		d.Table([]Col{{Name: "Line", Share: 10}, {Name: "Field", Share: 30}, {Name: "What is wrong, and what would be right", Share: 90}}, mistakeRows(c.Points))
	}
	d.Heading("What to do")
	d.Bullets("what to do")
	d.Paras("contact")
	d.from(f.From)
	return d
}

// mistakeRows are the points of a certificate, one to a row; of a paper nobody knows
// lines.
func mistakeRows(points []dars.Mistake) (rows [][]string) {
	for _, m := range points {
		at := ""
		if m.Line > 0 {
			at = count(int64(m.Line))
		}
		rows = append(rows, []string{at, m.Field, m.Says})
	}
	return rows
}
