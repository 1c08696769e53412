package mail_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"darsd/mail"
)

const office = "Data Release Office <office@example.org>"

func letter() mail.Message {
	return mail.Message{
		ID: "MSG-000007.1", To: []string{"ada@example.org"},
		Subject: "Your release REL-000001 is ready: Zürich — Ä", At: time.Date(2026, 3, 31, 23, 30, 0, 0, time.UTC),
		Body: "Dear Ada,\n\nit is ready – until 14 April 2026.\n.\nFrom now on: collect it.\n" + strings.Repeat("long ", 300) + "\n",
	}
}

func outbox(t *testing.T) *os.Root {
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

// read parses a letter as a mail program would, and checks what every letter
// has.
func read(t *testing.T, text string) (m *netmail.Message, subject, body string) {
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
	subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Error(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "text/plain" || !strings.EqualFold(params["charset"], "utf-8") || m.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
		t.Errorf("%v %v", m.Header, err)
	}
	plain, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		t.Error(err)
	}
	return m, subject, strings.ReplaceAll(string(plain), "\r\n", "\n")
}

func check(t *testing.T, text string, sent mail.Message) {
	t.Helper()
	m, subject, body := read(t, text)
	at, err := m.Header.Date()
	if err != nil || !at.Equal(sent.At) {
		t.Errorf("dated %v, %v", at, err)
	}
	if m.Header.Get("Message-Id") != "<"+sent.ID+"@example.org>" {
		t.Errorf("Message-ID %s", m.Header.Get("Message-Id"))
	}
	if subject != sent.Subject || strings.TrimRight(body, "\n") != strings.TrimRight(sent.Body, "\n") {
		t.Errorf("%q %q", subject, body)
	}
	from, err := m.Header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Address != "office@example.org" || from[0].Name != "Data Release Office" {
		t.Error(from, err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != len(sent.To) {
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
	t.Run("subject", func(t *testing.T) {
		dir := outbox(t)
		m := letter()
		m.Subject = evil + "\x00\u0085"
		m.Body = "\nBcc: eve@example.com\n\r\n.\r\nMAIL FROM:<eve@example.com>"
		if err := mail.Folder(dir, office).Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		text, _ := dir.ReadFile(m.ID + ".eml")
		got, subject, _ := read(t, string(text))
		if got.Header.Get("Bcc") != "" || subject != "x Bcc: eve@example.com Dear Eve" {
			t.Errorf("%s", text)
		}
	})
	change := map[string]func(*mail.Message){
		"to":           func(m *mail.Message) { m.To = []string{"ada@example.org\r\nBcc: eve@example.com"} },
		"name":         func(m *mail.Message) { m.To = []string{"\"Ada\nBcc: eve@example.com\" <ada@example.org>"} },
		"two in one":   func(m *mail.Message) { m.To = []string{"ada@example.org, eve@example.com"} },
		"no address":   func(m *mail.Message) { m.To = []string{"ada"} },
		"nobody":       func(m *mail.Message) { m.To = nil },
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
			if err := mail.SMTP("127.0.0.1:1", office).Send(t.Context(), m); err == nil || strings.Contains(err.Error(), "refused") {
				t.Errorf("it came to the server: %v", err)
			}
		})
	}
	if err := mail.Folder(outbox(t), "office@example.org\nBcc: x@example.org").Send(t.Context(), letter()); err == nil {
		t.Error("sent from two lines")
	}
}

// A postbox is as much of a mail server as is needed to send to it.
type postbox struct {
	net.Listener
	refuse string // an address that it does not know
	mu     sync.Mutex
	said   []string // commands
	got    []string // letters
}

func newPostbox(t *testing.T) *postbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &postbox{Listener: l}
	done := make(chan bool)
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.serve(c)
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return p
}

func (p *postbox) serve(c net.Conn) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	in := bufio.NewReader(c)
	fmt.Fprint(c, "220 postbox\r\n")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		p.mu.Lock()
		p.said = append(p.said, line)
		p.mu.Unlock()
		switch verb := strings.ToUpper(line); {
		case p.refuse != "" && strings.Contains(line, p.refuse):
			fmt.Fprint(c, "550 nobody of that name\r\n")
		case verb == "DATA":
			fmt.Fprint(c, "354 go on\r\n")
			var text strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				text.WriteString(strings.TrimPrefix(line, "."))
			}
			p.mu.Lock()
			p.got = append(p.got, text.String())
			p.mu.Unlock()
			fmt.Fprint(c, "250 kept\r\n")
		case verb == "QUIT":
			fmt.Fprint(c, "221 bye\r\n")
			return
		default:
			fmt.Fprint(c, "250 yes\r\n")
		}
	}
}

func TestSMTP(t *testing.T) {
	p := newPostbox(t)
	s := mail.SMTP(p.Addr().String(), office)
	m := letter()
	m.To = append(m.To, `"Müller, Jo" <jo@example.org>`)
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	if len(p.got) != 1 {
		t.Fatalf("%d letters, after %q", len(p.got), p.said)
	}
	check(t, p.got[0], m)
	said := strings.Join(p.said, "\n")
	p.mu.Unlock()
	for _, want := range []string{"MAIL FROM:<office@example.org>", "RCPT TO:<ada@example.org>", "RCPT TO:<jo@example.org>"} {
		if !strings.Contains(said, want) {
			t.Errorf("%s is not among\n%s", want, said)
		}
	}

	p.refuse = "ada@"
	if err := s.Send(t.Context(), m); err == nil || !strings.Contains(err.Error(), "nobody of that name") {
		t.Errorf("refused: %v", err)
	}
	p.mu.Lock()
	if len(p.got) != 1 {
		t.Error("sent to some of them")
	}
	p.mu.Unlock()
	p.Close()
	if err := s.Send(t.Context(), m); err == nil || !strings.Contains(err.Error(), "MSG-000007.1") {
		t.Errorf("no server: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.Send(ctx, m); err == nil {
		t.Error("sent after it was cancelled")
	}
	for _, addr := range []string{"", "mail.example.org", "mail.example.org:smtp", "mail.example.org:0"} {
		if err := mail.SMTP(addr, office).Send(t.Context(), m); err == nil || !strings.Contains(err.Error(), "mail server") {
			t.Errorf("%q: %v", addr, err)
		}
	}
}
