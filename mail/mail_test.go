package mail_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"darsd/dars"
	"darsd/mail"
)

var office = mail.Stationery{From: "Data Release Office <office@example.org>", Name: "Data Release Office", Footer: "A footer & more"}

func letter() mail.Message {
	return mail.Message{
		ID: "MSG-000007.1", To: "ada@example.org", Ref: "REL-000001", Step: "release publish",
		Subject: "Your release REL-000001 is ready: Zürich — Ä", At: time.Date(2026, 3, 31, 23, 30, 0, 0, time.UTC),
		Body:  "Dear Ada,\n\nA heading\n---------\n\nit is ready – until 14 April 2026.\n.\nFrom now on: collect it.\n\n    ssh office get REL-000001\n\n" + strings.Repeat("long ", 300) + "\n\n-- \nThe Office\n",
		Dates: []dars.Date{{ID: "REL-000001", Summary: "Last day to collect REL-000001", On: "2026-04-14", Sequence: 7}},
	}
}

func outbox(t testing.TB) *os.Root {
	t.Helper()
	dir, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	return dir
}

func files(t *testing.T, dir *os.Root) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir.Name())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// A read is a letter as a mail program has read it.
type read struct {
	head      netmail.Header
	subject   string
	text      string
	html      string
	calendars map[string]string // by their method
	files     map[string]string // by their kind
}

// parse reads a letter as a mail program would, and checks what every letter has.
func parse(t testing.TB, text string) (r read) {
	t.Helper()
	for line := range strings.Lines(text) {
		if !strings.HasSuffix(line, "\r\n") || len(line) > 1000 {
			t.Errorf("not a line of mail: %q", line)
		}
		for _, c := range []byte(line) {
			if c >= 0x80 {
				t.Fatalf("not seven bits: %q", line)
			}
		}
	}
	m, err := netmail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r.head, r.calendars, r.files = m.Header, map[string]string{}, map[string]string{}
	if r.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Error(err)
	}
	r.take(t, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	return r
}

func (r *read) take(t testing.TB, kind, encoding string, body io.Reader) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(kind)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		for parts := multipart.NewReader(body, params["boundary"]); ; {
			p, err := parts.NextRawPart()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			r.take(t, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
		}
	}
	if encoding == "base64" {
		body = base64.NewDecoder(base64.StdEncoding, body)
	} else {
		body = quotedprintable.NewReader(body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	switch kind {
	case "text/plain":
		r.text += strings.ReplaceAll(string(content), "\r\n", "\n")
	case "text/html":
		r.html += string(content)
	case "text/calendar":
		r.calendars[params["method"]] += string(content)
	case "application/pdf", "application/json", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
		r.files[kind] += string(content)
	default:
		t.Errorf("a part is %s", kind)
	}
}

func check(t *testing.T, text string, sent mail.Message) {
	t.Helper()
	r := parse(t, text)
	at, err := r.head.Date()
	if err != nil || !at.Equal(sent.At) {
		t.Errorf("dated %v, %v", at, err)
	}
	for name, want := range map[string]string{"Message-Id": "<" + sent.ID + "@example.org>", "Auto-Submitted": "auto-generated", "X-Darsd-Ref": sent.Ref, "X-Darsd-Step": sent.Step} {
		if got := r.head.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if r.subject != sent.Subject || strings.TrimRight(r.text, "\n") != strings.TrimRight(sent.Body, "\n") {
		t.Errorf("%q %q", r.subject, r.text)
	}
	for _, want := range []string{"<html lang=\"en-GB\">", "color:#00305c", "A footer &amp; more", ">A heading</h2>", ">The Office</p>", "<pre ", "ssh office get REL-000001</pre>", "Zürich"} {
		if !strings.Contains(r.html, want) {
			t.Errorf("the HTML does not say %q:\n%s", want, r.html)
		}
	}
	if !strings.Contains(r.calendars["PUBLISH"], "DTSTART;VALUE=DATE:20260414\r\n") || len(r.calendars) != 1 {
		t.Errorf("the calendars are %q", r.calendars)
	}
	from, err := r.head.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Address != "office@example.org" || from[0].Name != "Data Release Office" {
		t.Error(from, err)
	}
	to, err := r.head.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != sent.To {
		t.Error(to, err)
	}
}

func TestFolder(t *testing.T) {
	dir := outbox(t)
	m := letter()
	for range 2 {
		if err := mail.Folder(dir, office).Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if got := files(t, dir); !slices.Equal(got, []string{"MSG-000007.1.eml"}) {
		t.Errorf("files %v", got)
	}
	text, err := dir.ReadFile("MSG-000007.1.eml")
	if err != nil {
		t.Fatal(err)
	}
	check(t, string(text), m)

	// The same letter is the same bytes, whenever it is written.
	again := outbox(t)
	if err := mail.Folder(again, office).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if other, _ := again.ReadFile("MSG-000007.1.eml"); string(other) != string(text) {
		t.Errorf("%s\nand\n%s", text, other)
	}
}

// Files go with a letter as they are, whatever is in them.
func TestFilesGoWithALetter(t *testing.T) {
	dir, m := outbox(t), letter()
	odd := "%PDF-1.7\x00\xff\r\n.\r\n--=_MSG-000007.1--\r\n" + strings.Repeat("\x80", 5000)
	m.Files = []mail.File{{Name: "expiry-as-at-2026-03-31.pdf", Content: []byte(odd)}, {Name: "expiry-as-at-2026-03-31.json", Content: []byte("{}\n")}}
	if err := mail.Folder(dir, office).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	text, err := dir.ReadFile("MSG-000007.1.eml")
	if err != nil {
		t.Fatal(err)
	}
	check(t, string(text), m)
	if got := parse(t, string(text)).files; got["application/pdf"] != odd || got["application/json"] != "{}\n" || len(got) != 2 {
		t.Errorf("with it came %q", got)
	}
	if !strings.Contains(string(text), `attachment; filename="expiry-as-at-2026-03-31.pdf"`) {
		t.Errorf("no file has its name:\n%s", text)
	}
}

func TestFolderFromManySides(t *testing.T) {
	dir := outbox(t)
	var wg sync.WaitGroup
	for i := range 20 {
		m := letter()
		m.ID = fmt.Sprint("MSG-", i%4)
		wg.Go(func() {
			if err := mail.Folder(dir, office).Send(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := files(t, dir); len(got) != 4 {
		t.Errorf("files %v", got)
	}
}

func TestNothingFromOutsideBecomesAHeader(t *testing.T) {
	evil := "x\r\nBcc: eve@example.com\r\n\r\nDear Eve"
	subjects := map[string]struct{ given, read string }{
		"line breaks":     {evil + "\x00\u0085", "x Bcc: eve@example.com Dear Eve"},
		"an encoded word": {"=?utf-8?q?Bcc=3A?= x", "= ?utf-8?q?Bcc=3A?= x"},
		"turned around":   {"REL-1 \u202ecod.exe\u2066", "REL-1 cod.exe"},
		"huge":            {strings.Repeat("é", 50_000), strings.Repeat("é", 199) + "…"},
		"one huge word":   {strings.Repeat("w", 50_000), strings.Repeat("w", 199) + "…"},
		"empty":           {"", ""},
		"no UTF-8":        {"a\xffb", "a�b"},
	}
	for name, tt := range subjects {
		t.Run(name, func(t *testing.T) {
			dir := outbox(t)
			m := letter()
			m.Subject, m.Ref, m.Step = tt.given, tt.given, tt.given
			m.Body = "\nBcc: eve@example.com\n\r\n.\r\nMAIL FROM:<eve@example.com>"
			if err := mail.Folder(dir, office).Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			text, _ := dir.ReadFile(m.ID + ".eml")
			if r := parse(t, string(text)); r.head.Get("Bcc") != "" || r.subject != tt.read || !strings.Contains(r.text, "MAIL FROM") {
				t.Errorf("%q\n%s", r.subject, text)
			}
		})
	}
	change := map[string]func(*mail.Message){
		"to":           func(m *mail.Message) { m.To = "ada@example.org\r\nBcc: eve@example.com" },
		"name":         func(m *mail.Message) { m.To = "\"Ada\nBcc: eve@example.com\" <ada@example.org>" },
		"two in one":   func(m *mail.Message) { m.To = "ada@example.org, eve@example.com" },
		"no address":   func(m *mail.Message) { m.To = "ada" },
		"nobody":       func(m *mail.Message) { m.To = "" },
		"id":           func(m *mail.Message) { m.ID = evil },
		"id outside":   func(m *mail.Message) { m.ID = "../x" },
		"id is hidden": func(m *mail.Message) { m.ID = ".x" },
		"no id":        func(m *mail.Message) { m.ID = "" },
	}
	for name, change := range change {
		t.Run(name, func(t *testing.T) {
			dir := outbox(t)
			m := letter()
			change(&m)
			if err := mail.Folder(dir, office).Send(t.Context(), m); err == nil {
				t.Error("it was sent")
			}
			if got := files(t, dir); len(got) != 0 {
				t.Errorf("files %v", got)
			}
			if err := (&mail.Server{Addr: "127.0.0.1:1", On: office}).Send(t.Context(), m); err == nil || strings.Contains(err.Error(), "connection refused") {
				t.Errorf("it came to the server: %v", err)
			}
		})
	}
	if err := mail.Folder(outbox(t), mail.Stationery{From: "office@example.org\nBcc: x@example.org"}).Send(t.Context(), letter()); err == nil {
		t.Error("sent from two lines")
	}
}

// A letter in HTML consists of these, none of which fetches, runs or leads away.
var (
	tag        = regexp.MustCompile(`<!DOCTYPE html>|</?(?:html|head|meta|title|body|h1|h2|p|pre|blockquote)((?: [a-z]+="[^"<>]*")*)>`)
	attributes = regexp.MustCompile(`^(?: (?:lang|charset|name|content|style|dir)="[^"]*")*$`)
)

func harmless(t testing.TB, page string) {
	t.Helper()
	for _, m := range tag.FindAllStringSubmatch(page, -1) {
		if !attributes.MatchString(m[1]) || strings.Contains(m[1], "url") || strings.Contains(m[1], "Zgotmpl") {
			t.Errorf("%s in\n%s", m[0], page)
		}
	}
	if left := tag.ReplaceAllString(page, ""); strings.ContainsAny(left, "<>") {
		t.Errorf("a tag or comment of somebody else's in\n%s", page)
	}
}

// Whatever somebody outside has written, a letter is a letter: it says what it was
// given, to whom it was given, and nothing else.
func FuzzLetter(f *testing.F) {
	f.Add("subject", "body", "REL-000001", "release publish", "summary")
	f.Add("x\r\nBcc: eve@example.com", "<script src=//x></script><img src=x onerror=y>\n\n    </pre><b>", "a\nb", "=?utf-8?q?x?=", "BEGIN:VEVENT\r\nEND:VCALENDAR;,\\")
	f.Add("\u202egnp.exe", "\n-- \n\n-- \n<!--", "\x00", "\xff\xfe", strings.Repeat("é", 200))
	f.Add("--=_MSG.text", "--=_MSG.text\r\n--=_MSG--\r\n.\r\n", "", "", "")
	f.Fuzz(func(t *testing.T, subject, body, ref, step, summary string) {
		dir := outbox(t)
		m := mail.Message{ID: "MSG", To: "ada@example.org", Subject: subject, Body: body, Ref: ref, Step: step, At: letter().At,
			Dates: []dars.Date{{ID: ref, Summary: summary, On: "2026-04-14"}, {ID: step + "x", Summary: body, On: "2026-04-15", Gone: true}}}
		if err := mail.Folder(dir, office).Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		text, err := dir.ReadFile("MSG.eml")
		if err != nil {
			t.Fatal(err)
		}
		r := parse(t, string(text))
		known := []string{"Date", "Mime-Version", "Message-Id", "From", "To", "Subject", "Auto-Submitted", "X-Darsd-Ref", "X-Darsd-Step", "Content-Type", "Content-Transfer-Encoding"}
		for name, values := range r.head {
			if !slices.Contains(known, name) || len(values) != 1 {
				t.Errorf("a header %s %q", name, values)
			}
		}
		for what, said := range map[string]string{"subject": r.subject, "text": r.text, "HTML": r.html} {
			if strings.ContainsFunc(said, func(c rune) bool {
				return c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 || unicode.IsControl(c) && !strings.ContainsRune("\r\n\t", c)
			}) {
				t.Errorf("the %s has characters that move others: %q", what, said)
			}
		}
		harmless(t, r.html)
		for method, calendar := range r.calendars {
			if method != "PUBLISH" && method != "CANCEL" {
				t.Errorf("the method is %q", method)
			}
			wellFormed(t, calendar)
		}
	})
}
