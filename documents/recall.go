package documents

import "darsd/dars"

// RecallNotice calls files back from a recipient because of a defect in them.
func (p Press) RecallNotice(f dars.RecallFacts) ([]byte, error) { return p.issue(p.recall(f)) }

func (p Press) recall(f dars.RecallFacts) *Doc {
	d := p.New("Recall notice", f.Agreement.Title, f.Recall, f.On)
	d.Worded("recall", recallWords{p.reachedAt(), f.Recall, string(f.Agreement.ID), f.On, f.AnswerBy, len(f.Files)})

	d.to("notice", f.Organisation)
	d.Fact("Agreement", "%s", f.Agreement.ID)
	d.Fact("Answer by", "%s", f.AnswerBy.Long())
	d.Warn("notice")
	d.Heading("What is wrong")
	d.Text(f.Defect)
	d.Heading("Which files")
	d.Paras("files")
	d.Table(sentCols(), sentRows(dars.CertificateFacts{Certificate: &dars.Certificate{Files: f.Files}, People: f.People}))
	d.Heading("What to do")
	d.Bullets("what to do")
	d.Heading("Your answer")
	d.Paras("answer")
	d.Table([]Col{{Name: "File", Share: 24}, {Name: "Copies found, and where", Share: 48, Fill: true}, {Name: "Passed on to", Share: 42, Fill: true}, {Name: "Results that rest on it", Share: 46, Fill: true}}, answerRows(f.Files))
	d.Sign(Signature{For: f.Organisation.Name})
	d.Heading("What follows")
	d.Paras("what follows")
	d.Paras("contact")
	d.from(f.From)
	return d
}

// recallWords are what the words of a recall may name.
type recallWords struct {
	Us, Recall, Agreement string
	On, AnswerBy          dars.Day
	Files                 int
}

func answerRows(files []dars.SentFile) (rows [][]string) {
	for _, f := range files {
		rows = append(rows, []string{string(f.File), "", "", ""})
	}
	return rows
}
