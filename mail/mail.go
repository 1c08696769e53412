// Package mail sends what the office writes to people.
//
// Letters are owed by acts, and sent after them, so a letter may be sent again
// when nobody knows whether it went. Its ID is therefore part of it: the folder
// then holds one file all the same, and mail servers see the same Message-ID.
package mail

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	netmail "net/mail"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

// A Message is one letter.
type Message struct {
	ID      string // letters, digits, hyphens and dots: it names the file and the message
	To      []string
	Subject string
	Body    string // plain text
	At      time.Time
}

// A Sender sends letters. The same letter twice does no harm.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Folder sends by writing each letter into a folder as ID.eml, which any mail
// program opens.
func Folder(dir *os.Root, from string) Sender { return &folder{dir, from} }

type folder struct {
	dir  *os.Root
	from string
}

func (f *folder) Send(_ context.Context, m Message) error {
	letter, err := compose(m, f.from)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if _, err := letter.WriteTo(&text); err != nil {
		return fmt.Errorf("message %s: %w", m.ID, err)
	}
	if err := f.put(m.ID+".eml", text.Bytes()); err != nil {
		return fmt.Errorf("message %s: %w", m.ID, err)
	}
	return nil
}

// put writes a file whole or not at all, and leaves one that is there: it is
// the same letter.
func (f *folder) put(name string, content []byte) error {
	if _, err := f.dir.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	temp := ".tmp-" + rand.Text()
	file, err := f.dir.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	defer f.dir.Remove(temp)
	defer file.Close()
	if _, err := file.Write(content); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := f.dir.Rename(temp, name); err != nil {
		return err
	}
	d, err := f.dir.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) { // some shares cannot
		return err
	}
	return nil
}

// SMTP sends through the office's mail server at host:port. It speaks TLS when
// the server offers it. A letter to several goes to all of them or to none, so
// one address that the server does not know holds it up for the others.
func SMTP(addr, from string) Sender { return &server{addr, from} }

type server struct{ addr, from string }

// patience is how long a mail server may take to answer.
const patience = 30 * time.Second

func (s *server) Send(ctx context.Context, m Message) error {
	letter, err := compose(m, s.from)
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		return fmt.Errorf(`mail server %q is not host:port, such as "mail.example.org:25": %w`, s.addr, err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return fmt.Errorf("mail server %q: its port is not a number", s.addr)
	}
	client, err := gomail.NewClient(host, gomail.WithPort(number), gomail.WithTLSPolicy(gomail.TLSOpportunistic), gomail.WithTimeout(patience))
	if err != nil {
		return fmt.Errorf("mail server %s: %w", s.addr, err)
	}
	if err := client.DialAndSendWithContext(ctx, letter); err != nil {
		return fmt.Errorf("message %s by %s: %w", m.ID, s.addr, err)
	}
	return nil
}

// compose makes the letter as it travels. The same Message gives the same
// bytes.
//
// Names, titles and reasons come from outside. A line break in one would begin
// a header of its own, so there is none left when it gets here: an address with
// one is refused, and in a subject it becomes a space.
func compose(m Message, from string) (*gomail.Msg, error) {
	if !fit(m.ID) {
		return nil, fmt.Errorf("%q cannot name a message: use letters, digits, hyphens and dots", m.ID)
	}
	if len(m.To) == 0 {
		return nil, fmt.Errorf("message %s is to nobody", m.ID)
	}
	sender, err := address(from)
	if err != nil {
		return nil, fmt.Errorf("message %s: from: %w", m.ID, err)
	}
	letter := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP))
	if err := letter.From(sender.String()); err != nil {
		return nil, fmt.Errorf("message %s: %w", m.ID, err)
	}
	for _, to := range m.To {
		a, err := address(to)
		if err != nil {
			return nil, fmt.Errorf("message %s: to: %w", m.ID, err)
		}
		if err := letter.AddTo(a.String()); err != nil {
			return nil, fmt.Errorf("message %s: %w", m.ID, err)
		}
	}
	letter.Subject(oneLine(m.Subject))
	letter.SetDateWithValue(m.At)
	letter.SetMessageIDWithValue(m.ID + sender.Address[strings.LastIndex(sender.Address, "@"):])
	letter.SetBodyString(gomail.TypeTextPlain, strings.TrimRight(lines.Replace(m.Body), "\n")+"\n")
	return letter, nil
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

// lines makes of every line break one of ours; the mail package makes of them
// what mail wants.
var lines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func oneLine(text string) string {
	clean := func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}
	return strings.Join(strings.Fields(strings.Map(clean, strings.ToValidUTF8(text, "�"))), " ")
}

func fit(id string) bool {
	return id != "" && len(id) <= 100 && id[0] != '.' && !strings.ContainsFunc(id, func(r rune) bool {
		return !(r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.')
	})
}
