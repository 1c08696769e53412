// Package mail sends what the office writes to people.
//
// Letters are owed by acts, and sent after them, so a letter may be sent again
// when nobody knows whether it went. Its ID is therefore part of it: the folder
// then holds one file all the same, and mail servers see the same Message-ID.
//
// A letter goes to one person. One address that no server knows then holds up
// nobody else, and nobody learns who else was written to.
package mail

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"net/textproto"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"

	"darsd/dars"
)

// A Message is one letter to one person.
type Message struct {
	ID      string // letters, digits, hyphens and dots: it names the file and the message
	To      string
	Subject string
	Body    string      // plain text; the HTML is made of it
	Ref     string      // the noun that it is about, for programs
	Step    string      // why it was written, likewise
	Dates   []dars.Date // what has a day, for a calendar program
	Files   []File      // that go with it
	At      time.Time
}

// A File goes with a letter. Its name is the office's own, and says what it is.
type File struct {
	Name    string
	Content []byte
}

// A Sender sends letters. The same letter twice does no harm.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Stationery is what all letters of an office have in common.
type Stationery struct {
	From   string // the address of the office, perhaps with its name
	Name   string // stands above each letter
	Colour string // of that name, such as "#00305c"
	Footer string // the last line
}

// letter makes the letter as it travels. The same Message gives the same bytes.
//
// Names, titles and reasons come from outside. A line break in one would begin
// a header of its own, so there is none left when it gets here: an address with
// one is refused, and in a subject it becomes a space.
func (s Stationery) letter(m Message) (*gomail.Msg, error) {
	if !fit(m.ID) {
		return nil, fmt.Errorf("%q cannot name a message: use letters, digits, hyphens and dots", m.ID)
	}
	sender, err := address(s.From)
	if err != nil {
		return nil, fmt.Errorf("message %s: from: %w", m.ID, err)
	}
	to, err := address(m.To)
	if err != nil {
		return nil, fmt.Errorf("message %s: to: %w", m.ID, err)
	}
	letter := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP))
	if err := letter.From(sender.String()); err != nil {
		return nil, fmt.Errorf("message %s: %w", m.ID, err)
	}
	if err := letter.To(to.Address); err != nil { // what stands before an address is its owner's to say
		return nil, fmt.Errorf("message %s: %w", m.ID, err)
	}
	letter.Subject(subject(m.Subject))
	letter.SetDateWithValue(m.At)
	domain := Domain(s.From)
	letter.SetMessageIDWithValue(m.ID + "@" + domain)
	// No program answers a program (RFC 3834).
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	for name, value := range map[gomail.Header]string{"X-Darsd-Ref": token(m.Ref), "X-Darsd-Step": token(m.Step)} {
		if value != "" {
			letter.SetGenHeader(name, value)
		}
	}
	body, boundary, err := s.parts(m, sender.Address, domain)
	if err != nil {
		return nil, fmt.Errorf("message %s: %w", m.ID, err)
	}
	// The parts are put together here, because go-mail makes up their boundaries
	// anew each time. They are of seven bits, and not to be encoded once more.
	letter.SetBodyWriter(gomail.ContentType("multipart/mixed; boundary="+boundary), func(w io.Writer) (int64, error) {
		n, err := w.Write(body)
		return int64(n), err
	}, gomail.WithPartEncoding(gomail.NoEncoding))
	return letter, nil
}

// parts are the text, the same as HTML, and a calendar for each of what is to be
// entered and what is to be struck out.
func (s Stationery) parts(m Message, from, domain string) (body []byte, boundary string, err error) {
	text := plain(m.Body)
	both, inner, err := multi(m.ID+".text",
		part{"text/plain; charset=utf-8", "", []byte(text)},
		part{"text/html; charset=utf-8", "", s.html(m.Subject, text)})
	if err != nil {
		return nil, "", err
	}
	all := []part{{kind: "multipart/alternative; boundary=" + inner, content: both}}
	due, gone := sorted(m.Dates)
	if len(due) > 0 {
		all = append(all, part{"text/calendar; charset=utf-8; method=PUBLISH", "dates.ics", Calendar{Domain: domain, From: from, Name: s.Name, Method: Publish}.Text(m.At, due)})
	}
	if len(gone) > 0 {
		all = append(all, part{"text/calendar; charset=utf-8; method=CANCEL", "cancelled.ics", Calendar{Domain: domain, From: from, Name: s.Name, Method: Cancel}.Text(m.At, gone)})
	}
	for _, f := range m.Files {
		all = append(all, part{kindOf(f.Name), f.Name, f.Content})
	}
	return multi(m.ID, all...)
}

// kindOf is what programs call the kind of a file, by its name.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".pdf":
		return "application/pdf"
	case ".json":
		return "application/json"
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "application/octet-stream"
}

// A part of a letter has a name if it is a file.
type part struct {
	kind, name string
	content    []byte
}

// multi puts parts together. No line of them can be the boundary: in
// quoted-printable and base64 no line has "=_" in it.
func multi(id string, parts ...part) (content []byte, boundary string, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	boundary = "=_" + id
	if err := w.SetBoundary(boundary[:min(len(boundary), 70)]); err != nil {
		return nil, "", err
	}
	for _, p := range parts {
		if err := p.write(w); err != nil {
			return nil, "", err
		}
	}
	err = w.Close()
	return b.Bytes(), `"` + w.Boundary() + `"`, err
}

func (p part) write(w *multipart.Writer) error {
	head := textproto.MIMEHeader{"Content-Type": {p.kind}}
	switch {
	case strings.HasPrefix(p.kind, "multipart/"):
		head.Set("Content-Transfer-Encoding", "7bit")
	case p.name != "":
		head.Set("Content-Transfer-Encoding", "base64")
		head.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", p.name))
	default:
		head.Set("Content-Transfer-Encoding", "quoted-printable")
	}
	to, err := w.CreatePart(head)
	if err != nil {
		return err
	}
	switch head.Get("Content-Transfer-Encoding") {
	case "base64":
		text := base64.StdEncoding.EncodeToString(p.content)
		for len(text) > 76 && err == nil {
			_, err = io.WriteString(to, text[:76]+"\r\n")
			text = text[76:]
		}
		if err == nil {
			_, err = io.WriteString(to, text)
		}
		return err
	case "quoted-printable":
		q := quotedprintable.NewWriter(to)
		if _, err := q.Write(p.content); err != nil {
			return err
		}
		return q.Close()
	}
	_, err = to.Write(p.content)
	return err
}

func address(text string) (*netmail.Address, error) {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return nil, fmt.Errorf("%q is not an address", text)
	}
	a, err := netmail.ParseAddress(text)
	if err != nil {
		return nil, fmt.Errorf("%q is not an address: %w", text, err)
	}
	return a, nil
}

// Domain is that of an address. What the office names is its own within it.
func Domain(from string) string {
	a, err := address(from)
	if err != nil {
		return "localhost"
	}
	return a.Address[strings.LastIndex(a.Address, "@")+1:]
}

// plain is a text as it may be shown: its line breaks are ours, and nothing in it
// moves the words around it. What turns the direction of writing is for a person's
// own page, and not for one on which others write as well.
func plain(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n").Replace(strings.ToValidUTF8(text, "�"))
	return strings.TrimRight(strings.Map(func(r rune) rune {
		switch {
		case turns(r) || unicode.IsControl(r) && r != '\n' && r != '\t':
			return -1
		}
		return r
	}, text), "\n") + "\n"
}

// turns reports whether a character changes the direction of what follows it
// (Unicode 9.1, UAX 9: embeddings, overrides, isolates).
func turns(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }

// maxSubject is how much of a subject is kept, in characters. The body says all.
const maxSubject = 200

// subject is a text in one line. One that would be read as an encoded word of mail
// (RFC 2047) is pulled apart.
func subject(text string) string {
	text = strings.ReplaceAll(oneLine(text), "=?", "= ?")
	if utf8.RuneCountInString(text) > maxSubject {
		text = string([]rune(text)[:maxSubject-1]) + "…"
	}
	return text
}

func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, plain(text))), " ")
}

// token is a word or several for a header that programs read.
func token(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '-'
		}
		return r
	}, strings.ReplaceAll(text, "=?", "="))
	return text[:min(len(text), maxToken)]
}

const maxToken = 60

func fit(id string) bool {
	return id != "" && len(id) <= 100 && id[0] != '.' && !strings.ContainsFunc(id, func(r rune) bool {
		return !(r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.')
	})
}
