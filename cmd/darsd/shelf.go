package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"darsd/dars"
	"darsd/mail"
	"darsd/office"
)

// rootTexts are made when they are read.
var rootTexts = []string{"README.txt", "status.json", "calendar.ics"}

func (h *house) text(s *office.Shelf, name string, at time.Time) ([]byte, error) {
	switch name {
	case "README.txt":
		return []byte(h.readme(s, at)), nil
	case "status.json":
		return json.MarshalIndent(h.status(s, at), "", "  ")
	case "calendar.ics":
		return h.calendar(s, at), nil
	}
	return h.help(name)
}

// readme tells a stranger what is here.
func (h *house) readme(s *office.Shelf, at time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nThis is the folder of %s (%s)", h.Info.Name, s.Person.Name, s.Person.Login)
	if s.Organisation != nil {
		fmt.Fprintf(&b, " of %s", s.Organisation.Name)
	}
	fmt.Fprintf(&b, ".\nToday is %s.\n\n", h.Calendar.Day(at).Long())
	if h.rehearsal {
		b.WriteString("THIS IS A REHEARSAL. Nothing here is real.\n\n")
	}
	if s.Person.Inside() {
		if len(s.Reports) > 0 {
			b.WriteString("reports/    the reports of the last two years that were ordered for you: as papers,\n            to sort and filter, and for programs\n\n")
		}
		b.WriteString(asks(s, h.Calendar.Day(at)))
		return b.String()
	}
	b.WriteString(`collect/    the data released to you: a folder for each agreement, and in it one
            for each release. Check each after collecting it:
                sha512sum -c manifest-sha512.txt
help/       a form to fill in, and the codes that it takes
papers/     agreements, letters and certificates
receipts/   what we know of what you have collected, signed
submit/     put here what you send us: an application (a folder with
            application.yaml), a signed agreement (PDF), a certificate of
            destruction (CERT-nnnnnn.yaml, or .pdf), a question (enquiry.txt). The name
            of a file says more, if it begins with the reference of a case:
            REFERENCE-action-2.txt answers action 2,
            REFERENCE-evidence-KIND.pdf is evidence that was asked for or renewed,
            REFERENCE-withdraw.txt takes the application back and says why,
            REFERENCE-undo-withdraw.txt says that this was a mistake,
            REFERENCE-benefits.yaml says what came of the data.
            What is here is taken in when it has been left alone for a while;
            NAME.verdict.txt then says what became of it.

status.json and calendar.ics say the same as what follows, for programs.
The same key also runs commands: ssh … status, ssh … todo, ssh … help

`)
	if len(s.Open) == 0 {
		b.WriteString("Nothing is ready to collect.\n")
	}
	for _, why := range s.Closed {
		for _, line := range fold(why, screenWidth) {
			b.WriteString(line + "\n")
		}
	}
	for _, r := range s.Open {
		fmt.Fprintf(&b, "%s, %s, can be collected until %s:\n    collect/%s/%s/\n", r.ID, r.Dataset, r.Until.Long(), r.Agreement, r.ID)
	}
	if n := len(s.Answered); n > 0 {
		q := s.Answered[n-1]
		fmt.Fprintf(&b, "The newest answer to your questions, %s, is here with those before:\n    collect/%s/QUERY/\n", q.ID, q.Agreement)
	}
	b.WriteString(comingNext(s))
	b.WriteByte('\n')
	b.WriteString(cases(s, h.Calendar.Day(at)))
	b.WriteString(asks(s, h.Calendar.Day(at)))
	return b.String()
}

// asks is what waits for somebody.
func asks(s *office.Shelf, today dars.Day) string {
	if len(s.Todo) == 0 {
		return "Nothing is asked of you.\n"
	}
	var b strings.Builder
	b.WriteString("Asked of you:\n\n")
	var rows table
	for _, t := range s.Todo {
		when := "when you can"
		switch {
		case t.Due != "" && t.Due < today:
			when = "OVERDUE since " + t.Due.Long()
		case t.Due != "":
			when = "by " + t.Due.Long()
		}
		rows = append(rows, []string{"  " + when, waits(t)})
	}
	rows.write(&b) // a Builder takes everything
	return b.String()
}

// statusView is status.json.
type statusView struct {
	Person       string        `json:"person"`
	Organisation dars.OrgCode  `json:"organisation"`
	Today        dars.Day      `json:"today"`
	Rehearsal    bool          `json:"rehearsal"`
	HostKey      string        `json:"host_key"`
	Releases     []openView    `json:"releases"`
	Closed       []string      `json:"closed"`  // releases that may not be collected just now, and why
	Planned      []comingView  `json:"planned"` // releases that recur and come next
	Todo         []office.Todo `json:"todo"`
	Applications []caseView    `json:"applications"`
	Enquiries    []enquiryView `json:"enquiries"`
}

type openView struct {
	ID        dars.ReleaseID     `json:"id"`
	Agreement dars.AgreementID   `json:"agreement"`
	Dataset   string             `json:"dataset"`
	Path      string             `json:"path"`
	Until     dars.Day           `json:"until"`
	Files     []dars.PackageFile `json:"files"`
}

func (h *house) status(s *office.Shelf, at time.Time) statusView {
	v := statusView{s.Person.Login, s.Person.Org, h.Calendar.Day(at), h.rehearsal, h.endpoint().Fingerprint(), []openView{}, append([]string{}, s.Closed...), comingIn(s), s.Todo, casesIn(s, h.Calendar.Day(at)), enquiriesIn(s)}
	for _, r := range s.Open {
		o := openView{r.ID, r.Agreement, r.Dataset, r.Path(), r.Until, []dars.PackageFile{}}
		for _, f := range r.Files {
			o.Files = append(o.Files, f.PackageFile)
		}
		v.Releases = append(v.Releases, o)
	}
	return v
}

// calendar is what has a day, for a calendar program. It has the IDs of the entries
// that come by mail.
func (h *house) calendar(s *office.Shelf, at time.Time) []byte {
	dates := slices.Clone(s.Dates)
	for i := range dates {
		dates[i].Sequence = s.Head // no letter has said anything later
	}
	return mail.Calendar{Domain: mail.Domain(h.cfg.Mail.From), Name: h.Info.Name}.Text(at, dates)
}
