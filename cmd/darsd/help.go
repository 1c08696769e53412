package main

import (
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/documents"
	"darsd/office"
)

// helpTexts lie under help/ in an outsider's folder, for those who have SFTP and
// nothing else: what an application looks like, and the codes that it takes.
var helpTexts = []string{"help/application-template.yaml", "help/application.schema.json", "help/codes.txt"}

// help is one of them.
func (h *house) help(name string) ([]byte, error) {
	switch name {
	case "help/application-template.yaml":
		return []byte(applicationTemplate), nil
	case "help/application.schema.json":
		return documents.Schema(), nil
	case "help/codes.txt":
		return []byte(h.codes()), nil
	}
	return nil, fmt.Errorf("no help %q", name)
}

// codes are those of the datasets, with the periods and fields of each, and of the
// kinds of evidence.
func (h *house) codes() string {
	var b strings.Builder
	b.WriteString("Datasets, under datasets in application.yaml, each with its periods and fields:\n\n")
	for _, d := range h.Catalogue {
		askableOf(d).write(&b, "  ") // a Builder takes everything
		b.WriteByte('\n')
	}
	b.WriteString("Kinds of evidence, under evidence in application.yaml, and in the name of a file\nREFERENCE-evidence-KIND.pdf:\n\n")
	var rows table
	for _, k := range dars.EvidenceKinds {
		rows = append(rows, []string{"  " + k.Code, k.Meaning})
	}
	rows.write(&b)
	b.WriteString("\nEvery other code stands in application-template.yaml and application.schema.json.\n")
	return b.String()
}

// caseView is one of the reader's applications in status.json: where it stands,
// and what is needed of it.
type caseView struct {
	Ref     string                `json:"ref"`
	Version string                `json:"version"`
	Title   string                `json:"title"`
	State   dars.ApplicationState `json:"state"`
	Needed  []string              `json:"needed"`
}

// enquiryView is what was asked, and what the answers were.
type enquiryView struct {
	ID      dars.EnquiryID    `json:"id"`
	State   dars.EnquiryState `json:"state"`
	Text    string            `json:"text"`
	Answers []string          `json:"answers"`
}

func casesIn(s *office.Shelf, on dars.Day) []caseView {
	all := []caseView{}
	for _, p := range s.Applications {
		v := caseView{p.Stem, p.Version(), p.Form.Title, p.State, []string{}}
		if p.State == dars.ReferredBack {
			v.Needed = append(v.Needed, whyBack(p)...)
			v.Needed = append(v.Needed, p.Needed(on)...)
		}
		all = append(all, v)
	}
	return all
}

// whyBack is the officer's own word on why an application came back, if there was
// one.
func whyBack(p *dars.Application) []string {
	for _, d := range slices.Backward(dars.Stood(p.Decisions)) {
		if d.Step == "referred-back" && d.Note != "" {
			return []string{d.Note}
		}
		if d.Step == "referred-back" {
			break
		}
	}
	return nil
}

func enquiriesIn(s *office.Shelf) []enquiryView {
	all := []enquiryView{}
	for _, e := range s.Enquiries {
		v := enquiryView{e.ID, e.State, e.Text, []string{}}
		for _, r := range e.Answers {
			v.Answers = append(v.Answers, r.Text)
		}
		all = append(all, v)
	}
	return all
}

// cases says of each application and enquiry where it stands, for README.txt.
func cases(s *office.Shelf, on dars.Day) string {
	var b strings.Builder
	line := func(indent, text string) {
		for _, l := range fold(oneLine(text), screenWidth-len(indent)) {
			b.WriteString(indent + l + "\n")
		}
	}
	for _, v := range casesIn(s, on) {
		line("", fmt.Sprintf("%s %s is %s: %s", v.Ref, v.Version, v.State, v.Title))
		for _, n := range v.Needed {
			line("    ", n)
		}
	}
	for _, v := range enquiriesIn(s) {
		line("", fmt.Sprintf("%s is %s: %s", v.ID, v.State, brief(v.Text)))
		for _, a := range v.Answers {
			line("    ", a)
		}
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	return b.String()
}
