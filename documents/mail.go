package documents

import (
	"errors"
	"strings"
	"unicode/utf8"

	"darsd/dars"
)

// Mail is a letter that goes by mail, as plain text: what it says, between the words
// with which the office's letters begin and end.
func (p Press) Mail(f dars.MailFacts) (text string, err error) {
	d := p.mail(mailWords{Subject: f.Subject})
	return d.inMail(f.Body), d.sayable()
}

// Digest is the one letter of a day that tells somebody what is routine: each thing
// under a heading, as it would have been written alone.
func (p Press) Digest(f dars.DigestFacts) (subject, text string, err error) {
	d := p.mail(mailWords{Things: len(f.Letters), Day: f.On})
	subject = d.says("subject of the day")
	parts := d.paragraphs("the day")
	for _, l := range f.Letters {
		parts = append(parts, underlined(l.Subject), strings.TrimSpace(l.Body))
	}
	return subject, d.inMail(strings.Join(parts, "\n\n")), d.sayable()
}

type mailWords struct {
	Subject                           string
	Office, Address, Telephone, Email string
	Things                            int
	Day                               dars.Day
}

func (p Press) mail(w mailWords) *Doc {
	d := p.New("Letter", w.Subject, "", w.Day)
	w.Office, w.Address, w.Telephone, w.Email = p.Office.Name, p.Office.Address, p.Office.Telephone, p.Office.Email
	d.Worded("mail", w)
	return d
}

// inMail puts a text between the words around each letter.
func (d *Doc) inMail(body string) string {
	parts := append(d.paragraphs("before"), strings.TrimRight(body, "\n"))
	parts = append(parts, d.paragraphs("after")...)
	return strings.Join(parts, "\n\n") + "\n\n-- \n" + strings.Join(d.paragraphs("signature"), "\n") + "\n"
}

// sayable is why a letter cannot be said, if it cannot.
func (d *Doc) sayable() error { return errors.Join(d.wording.broken, d.broken) }

// underlined is a heading in plain text.
func underlined(s string) string {
	s = line(s)
	return s + "\n" + strings.Repeat("-", min(max(utf8.RuneCountInString(s), 3), 72))
}

// Letterhead is the name, the colour and the footer of an office's letterhead, for
// letters that are not printed.
func (p Press) Letterhead() (name, colour, footer string) {
	if p.Wording == nil {
		return p.Office.Name, "", ""
	}
	head := p.Wording.letterhead
	if name = head.Name; name == "" {
		name = p.Office.Name
	}
	return name, head.Colour, head.Footer
}
