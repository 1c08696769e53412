package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"darsd/documents"
	"darsd/mail"
	"darsd/office"
)

// postman sends letters.
type postman struct{ mail.Sender }

func (p postman) Send(ctx context.Context, l office.Letter) error {
	m := mail.Message{ID: l.ID, To: l.To, Subject: l.Subject, Body: l.Body, Ref: l.Ref, Step: l.Step, Dates: l.Dates, At: l.At}
	for _, f := range l.Files {
		m.Files = append(m.Files, mail.File(f))
	}
	return p.Sender.Send(ctx, m)
}

// post is how letters leave: by the mail server of the configuration, or as files
// into outgoing-mail/. They look as the letterhead does.
func (h *house) post(printed documents.Press) (postman, error) {
	name, colour, footer := printed.Letterhead()
	on := mail.Stationery{From: h.cfg.Mail.From, Name: name, Colour: colour, Footer: footer}
	if h.cfg.Mail.SMTP == "" {
		return postman{mail.Folder(h.outgoing, on)}, nil
	}
	server := &mail.Server{Addr: h.cfg.Mail.SMTP, Encryption: mail.Encryption(h.cfg.Mail.TLS), On: on}
	if file := h.cfg.Mail.Credentials; file != "" {
		var err error
		if server.User, server.Password, err = credentials(file); err != nil {
			return postman{}, misuse{fmt.Errorf("mail.credentials: %w", err)}
		}
	}
	return postman{server}, nil
}

// credentials reads a name and its password, a line each, from a file that nobody
// else can read.
func credentials(file string) (user, password string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", "", fmt.Errorf("%s can be read by others: chmod 600 it", file)
	}
	const most = 4096
	text, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return "", "", err
	}
	lines := strings.Split(strings.ReplaceAll(strings.TrimRight(string(text), "\r\n"), "\r\n", "\n"), "\n")
	if len(lines) != 2 || lines[0] == "" || lines[1] == "" {
		return "", "", fmt.Errorf("%s does not have two lines: the name to sign in with, and its password", file)
	}
	return lines[0], lines[1], nil
}

func mailCommands(s *session) *cobra.Command {
	var sent bool
	list := s.look("list", "print the letters that wait to be sent", exactly(0), func(c *call) error {
		all, err := office.Post{Office: c.Office}.Queue(c.ctx, c.act, sent)
		if err != nil {
			return err
		}
		return items(c, all, "ID STATE TO WRITTEN TRIES SUBJECT", func(l office.Waiting) []any {
			return []any{l.ID, l.State, cmp.Or(strings.Join(l.To, " "), l.Address), l.At.Format(time.DateOnly), l.Tries, brief(l.Subject)}
		})
	})
	list.Flags().BoolVar(&sent, "sent", false, "also those that are sent")
	show := s.look("show LETTER", "say what became of a letter, and why", exactly(1), func(c *call) error {
		l, err := office.Post{Office: c.Office}.Show(c.ctx, c.act, c.args[0])
		if err != nil {
			return err
		}
		next := ""
		if l.Next != nil {
			next = l.Next.Format(time.RFC3339)
		}
		return c.facts(l, "letter", l.ID, "state", l.State, "to", strings.Join(l.To, " "), "address", l.Address, "about", l.Ref, "step", l.Step, "subject", l.Subject,
			"written", l.At.Format(time.RFC3339), "tried", l.Tries, "tried again", next, "the last time", l.Failed)
	})
	retry := s.do("retry [LETTER]", "try again what failed, also what a server has refused", between(0, 1), func(c *call) error {
		id := ""
		if len(c.args) > 0 {
			id = c.args[0]
		}
		n, err := office.Post{Office: c.Office}.Retry(c.ctx, c.act, id)
		if err != nil {
			return err
		}
		return c.say(map[string]int{"retried": n}, "%d letters are tried again", n)
	})
	return group("mail", "letters on their way", list, show, retry)
}

// mailStands says how the mail stands, and what is wrong with it.
func (h *house) mailStands(ctx context.Context) (b office.Backlog, said string, wrong []string, err error) {
	b, err = office.Post{Office: h.Office}.Backlog(ctx)
	said = "no letter waits"
	if b.Waiting > 0 {
		said = fmt.Sprintf("%d letters wait, the oldest since %s", b.Waiting, b.Since.In(h.Calendar.Zone).Format("2006-01-02 15:04"))
	}
	if b.Routine > 0 {
		said += fmt.Sprintf("; %d more go with the next digest", b.Routine)
	}
	if b.Refused > 0 {
		said += fmt.Sprintf("; %d refused for good, and not tried again by itself", b.Refused)
		wrong = append(wrong, fmt.Sprintf("%d letters were refused by a mail server and are kept: see darsd mail list, tell their readers in another way, and mend the address before darsd mail retry", b.Refused))
	}
	if b.Held > 0 {
		said += fmt.Sprintf("; %d held", b.Held)
		wrong = append(wrong, fmt.Sprintf("%d letters are held, since perhaps they went out before the office was restored: see darsd mail list, and send those that did not with darsd mail retry", b.Held))
	}
	return b, said, wrong, err
}
