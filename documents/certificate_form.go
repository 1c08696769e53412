package documents

import (
	"fmt"
	"strings"

	"darsd/dars"
)

// maxCopies is how many lines a certificate may have: some hundred files, each at a
// few holders, with copies on laptops and on paper.
const maxCopies = 20_000

// ReadCertificate reads a certificate of destruction that was filled in, as
// CERT-nnnnnn.yaml. What it says is judged elsewhere.
func ReadCertificate(text []byte) (form dars.CertificateForm, err error) {
	lines, wrong := readForm(text, &form, maxCopies)
	if len(wrong) > 0 {
		return dars.CertificateForm{}, dars.RefuseMistakes("certificate", "the certificate", wrong)
	}
	form.Lines = lines
	return form, nil
}

// CertificateForm is the certificate for a program or a text editor:
// CERT-nnnnnn.yaml. What ReadCertificate reads is what this writes, filled in. It is no
// paper, and like the certificate itself, which is filled in too, it bears no seal.
func (p Press) CertificateForm(f dars.CertificateFacts) ([]byte, error) {
	return p.certificateForm(f), nil
}

func (p Press) certificateForm(f dars.CertificateFacts) []byte {
	var b strings.Builder
	say := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	p.howToFillIn(say, f)
	say("certificate: %s", f.Certificate.ID)
	say("agreement: %s", f.Certificate.Agreement)
	say("")
	answersForAll(say, f)
	say("")
	copiesToAnswer(say, f)
	say("")
	say("# Two people sign: whoever answers for it cannot be one who destroyed the data.")
	say("signed:")
	say("  performed_by: %-14s # who destroyed the data", `""`)
	say("  name: %-22s # who declares it: the agreement's signatory, the SIRO or the Caldicott Guardian", `""`)
	say("  post: %-22s # their post", `""`)
	say("  date: %-22s # the day of signing", `""`)
	say("  no_copy_remains: %-11s # true: no copy remains, other than backups with their day and what is kept", "false")
	return []byte(b.String())
}

// howToFillIn stands at the top.
func (p Press) howToFillIn(say func(string, ...any), f dars.CertificateFacts) {
	c, of := f.Certificate, parties(f.Organisations)
	say("# Certificate of destruction %s, due on %s", c.ID, c.Due.Long())
	say("# for %s, from %s", line(of.name(c.Org)), line(p.Office.Name))
	if p.Rehearsal {
		say("# %s", rehearsalWords)
	}
	for _, part := range c.Scope {
		say("# it asks only for what the files hold of %s", line(part))
	}
	say("#")
	say("# 1. Under all, say for each holder how its copies were destroyed. That answers")
	say("#    every line of items that says nothing else.")
	say("# 2. Where a copy ended otherwise, say so in its own line, all of it:")
	say("#      - { file: FILEnnnnnnn, holder: CODE, medium: TAPE, method: DEGAUSS, destroyed_on: 2026-03-31 }")
	say("#    Add a line for each further copy, with its copy: %s.", strings.Join(dars.Codes(dars.Copies)[1:], ", "))
	say("#    A copy that a later agreement covers is kept:")
	say("#      - { file: FILEnnnnnnn, holder: CODE, held_under: DARS-NIC-nnnnnn-XXXXX-v2.0 }")
	say("#    You may add serial (of the medium) and by (who did it, if somebody else did).")
	say("# 3. Fill in signed. You may add witness, and contractor with the number of its")
	say("#    certificate. Then put this file into submit/ over SFTP.")
	say("#")
	say("# Dates are written 2026-03-31. A copy of which nothing is said counts as not")
	say("# destroyed, and the certificate comes back.")
	say("#")
	say("# Media, and the methods that destroy data on each:")
	for _, m := range dars.Media {
		say("#   %-18s  %s", m.Code, m.Meaning)
		say("#   %-18s    %s", "", strings.Join(dars.MethodsFor[m.Code], " "))
	}
	say("# Methods (%s need no medium):", strings.Join(dars.Mediumless, ", "))
	for _, m := range dars.Methods {
		say("#   %-28s  %s", m.Code, m.Meaning)
	}
	say("")
}

// answersForAll is one answer for each holder, to fill in.
func answersForAll(say func(string, ...any), f dars.CertificateFacts) {
	if len(f.Certificate.Expected()) == 0 {
		say("all: []")
		return
	}
	of := parties(f.Organisations)
	say("all:")
	for _, h := range f.Certificate.Holders {
		say("  - holder: %-18s # %s", quoted(string(h)), line(of.name(h)))
		say("    medium: %-18s # what the copies lay on: a code from the list above", `""`)
		say("    method: %-18s # how they were destroyed: a code from the list above", `""`)
		say("    destroyed_on: %-12s # the day on which the last of them was destroyed", `""`)
		say("    backup_until: %-12s # the day the last backup of them ends, or \"\" if there is none", `""`)
	}
}

// copiesToAnswer is a line for each file at each holder, below what of it was sent.
func copiesToAnswer(say func(string, ...any), f dars.CertificateFacts) {
	c := f.Certificate
	if len(c.Expected()) == 0 {
		say("items: []")
		return
	}
	say("items:")
	for _, file := range c.Files {
		say("  # %s of %s: %s", line(file.Path), file.Release, line(sentWords(f, file)))
		for _, h := range c.Holders {
			say("  - { file: %s, holder: %s, copy: live }", file.File, quoted(string(h)))
		}
	}
}

// sentWords say to whom how much of a file was sent: "1,024 of 4,096 bytes to Nora
// Field, last on 1 March 2026".
func sentWords(f dars.CertificateFacts, file dars.SentFile) string {
	var each []string
	for _, s := range file.Sent {
		each = append(each, fmt.Sprintf("%s of %s bytes to %s, last on %s", count(s.Bytes), count(file.Size), nameOf(f.People, s.Person), s.Last.Long()))
	}
	return strings.Join(each, "; ")
}

// nameOf is a person's name, or the number where the office keeps no name.
func nameOf(people map[dars.PersonID]*dars.Person, id dars.PersonID) string {
	if p := people[id]; p != nil && p.Name != "" {
		return p.Name
	}
	return string(id)
}

// quoted writes a text so that YAML reads it as one, whatever is in it: an
// organisation's code may look like a number.
func quoted(s string) string { return fmt.Sprintf("%q", line(s)) }
