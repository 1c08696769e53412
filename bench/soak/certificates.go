package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// A certificate of destruction comes back as a text or as a PDF form that was filled in on
// a screen. Of a form that came back somebody has to look at what they accept.

// papers are the certificates that come back on a day for agreements that have ended.
func (s *soak) papers(d dars.Day) (work []func(context.Context) error) {
	for _, g := range s.held {
		if g.answers >= 0 && g.sent && max(g.ends().Add(1), g.ends().Add(g.answers)) == d {
			work = append(work, func(ctx context.Context) error { return s.certifyAll(ctx, g, d) })
		}
	}
	return work
}

// certifyAll returns the certificate of destruction under an agreement that has ended.
func (s *soak) certifyAll(ctx context.Context, g *held, d dars.Day) error {
	var id dars.CertificateID
	err := s.store.View(ctx, func(tx *store.Tx) error {
		is, err := store.Get[dars.Agreement](tx, g.id)
		id = is.Certificate
		return err
	})
	if err != nil {
		return err
	}
	if id == "" {
		s.finds("%s: %s has ended, something was sent, and no certificate is asked for", d, g.id)
		return nil
	}
	accepted, err := s.certify(ctx, id, g, d)
	if accepted {
		s.mu.Lock()
		g.answered = d
		s.mu.Unlock()
	}
	return err
}

// certify returns a certificate of destruction as a text or as a form, by the watched
// folder, and has it accepted.
func (s *soak) certify(ctx context.Context, id dars.CertificateID, g *held, d dars.Day) (accepted bool, err error) {
	lot, login := s.lot("certificate", g.id, id), g.recipients[0].login
	as := []string{"yaml", "pdf"}[lot.IntN(2)]
	blank, err := s.fetch(ctx, login, fmt.Sprintf("papers/%s.%s", id, as))
	if err != nil {
		return false, err
	}
	if blank == nil {
		s.finds("%s: %s does not find %s.%s among the papers", d, login, id, as)
		return false, nil
	}
	filled, err := s.fill(ctx, blank, as, d, id)
	if err != nil {
		return false, err
	}
	if lot.IntN(4) == 0 { // they forget to fill it in
		v, err := s.drop(ctx, "certificates", fmt.Sprintf("%s-empty.%s", id, as), string(blank))
		if err != nil {
			return false, err
		}
		if v.Verdict == dars.VerdictAccepted {
			s.finds("%s was accepted with nothing in it, as %s", id, as)
		}
	}
	for n := range 1 + lot.IntN(2) {
		v, err := s.drop(ctx, "certificates", fmt.Sprintf("%s-%d.%s", id, n, as), filled)
		if err != nil {
			return false, err
		}
		if n == 0 && v.Verdict == dars.VerdictRejected {
			s.finds("%s, filled in as %s, was rejected: %s", id, as, v.Reason)
		}
	}
	if as == "pdf" {
		if err := s.lookAt(ctx, id, d); err != nil {
			return false, err
		}
	}
	_, err = s.does(ctx, "cora", func(tx *store.Tx) (bool, error) {
		is, err := tx.State("certificate", string(id))
		return is == string(dars.CertAccepted), err
	}, "certificate", "accept", string(id))
	var no *refused
	if errors.As(err, &no) {
		s.finds("%s: %s, which came as %s, could not be accepted: %v", d, id, as, no)
		return false, nil
	}
	if err == nil {
		s.count("certificates returned as "+as+" and accepted", 1)
	}
	return err == nil, err
}

// lookAt has compliance look at a form that came back, which nobody accepts unseen.
func (s *soak) lookAt(ctx context.Context, id dars.CertificateID, d dars.Day) error {
	_, err := s.does(ctx, "cora", nil, "certificate", "accept", string(id))
	var no *refused
	if !errors.As(err, &no) {
		s.finds("%s: what came back of %s was accepted by somebody who has not looked at it: %v", d, id, err)
	}
	_, err = s.does(ctx, "cora", nil, "certificate", "print", string(id), "--returned")
	return err
}

// fill fills a certificate in: the text as the demo's people do, the form as on a screen.
func (s *soak) fill(ctx context.Context, blank []byte, as string, d dars.Day, id dars.CertificateID) (string, error) {
	if as == "pdf" {
		filled, err := fillForm(blank, d)
		return string(filled), err
	}
	in, out := s.path(string(id)+".blank.yaml"), s.path(string(id)+".filled.yaml")
	if err := os.WriteFile(in, blank, 0o600); err != nil {
		return "", err
	}
	if said, err := exec.CommandContext(ctx, s.darsd, "demo", "fill", in, out, string(d), "Dr Nora Field").CombinedOutput(); err != nil {
		return "", fmt.Errorf("fill in %s: %w: %s", id, err, said)
	}
	text, err := os.ReadFile(out)
	return string(text), errors.Join(err, os.Remove(in), os.Remove(out))
}

// A field of a form that has nothing in it yet, and where a form ends, as PDF says them.
var (
	formField   = regexp.MustCompile(`(?m)^(\d+) 0 obj\n(<</Type /Annot /Subtype /Widget /T \(([^)]*)\) .*)>>\nendobj`)
	formTrailer = regexp.MustCompile(`trailer\n<</Size (\d+) /Root (\d+) 0 R`)
	formStart   = regexp.MustCompile(`startxref\n(\d+)`)
)

// fillForm fills a form in as programs do that save what was typed behind what was there.
func fillForm(form []byte, d dars.Day) ([]byte, error) {
	trailer, start := formTrailer.FindSubmatch(form), formStart.FindSubmatch(form)
	if trailer == nil || start == nil {
		return nil, errors.New("it is no form")
	}
	filled, table, typed := bytes.NewBuffer(bytes.Clone(form)), "xref\n", 0
	for _, field := range formField.FindAllSubmatch(form, -1) {
		body := string(field[2])
		switch value := typedInto(string(field[3]), d); value {
		case "":
			continue
		case "yes":
			body = strings.Replace(body, "/V /Off /AS /Off", "/V /Yes /AS /Yes", 1)
		default:
			body += " /V (" + value + ")"
		}
		table += fmt.Sprintf("%s 1\n%010d 00000 n \n", field[1], filled.Len())
		fmt.Fprintf(filled, "%s 0 obj\n%s>>\nendobj\n", field[1], body)
		typed++
	}
	if typed < 8 {
		return nil, fmt.Errorf("only %d of its fields are known", typed)
	}
	fmt.Fprintf(filled, "%strailer\n<</Size %s /Root %s 0 R /Prev %s>>\nstartxref\n%d\n%%%%EOF\n", table, trailer[1], trailer[2], start[1], filled.Len())
	return filled.Bytes(), nil
}

// typedInto is what somebody types into a field of the form, or "".
func typedInto(field string, d dars.Day) string {
	switch field {
	case "signed name":
		return "Dr Nora Field"
	case "signed role":
		return "Caldicott Guardian"
	case "signed date":
		return string(d)
	case "performed_by name":
		return "The computing team"
	case "no_copy_remains":
		return "yes"
	}
	if _, what, ok := strings.Cut(field, " live "); ok {
		return map[string]string{"medium": "SSD", "method": "CRYPTO_ERASE", "destroyed_on": string(d)}[what]
	}
	return ""
}
