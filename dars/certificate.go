package dars

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Certificate of destruction accounts for every file of which a byte was sent
// under an agreement, at everybody who holds it. It is issued filled in from the
// ledger, and comes back with how and when each copy was destroyed.
type Certificate struct {
	ID        CertificateID    `json:"id"`
	Agreement AgreementID      `json:"agreement"`
	Release   ReleaseID        `json:"release,omitempty"` // that was withdrawn; else all that was sent under the agreement
	Org       OrgCode          `json:"org"`
	State     CertificateState `json:"state"`
	Files     []SentFile       `json:"files"`
	Holders   []OrgCode        `json:"holders"` // each controller and processor
	Issued    Day              `json:"issued"`
	Ended     Day              `json:"ended"` // from when its ladder counts: the agreement's last day, or when the release was withdrawn
	Due       Day              `json:"due"`
	Received  Day              `json:"received,omitempty"`
	From      PersonID         `json:"received_from,omitempty"`
	Items     []Destruction    `json:"items"`
	Signed    Declaration      `json:"signed"`
	Note      string           `json:"note,omitempty"` // the office's, to the sender
	Steps     []Step           `json:"steps"`
	BackupEnd Day              `json:"backup_until,omitempty"` // interim until this day
}

// A SentFile is a file of which at least one byte left, and for whom.
type SentFile struct {
	File    FileID    `json:"file"`
	Release ReleaseID `json:"release"`
	Path    string    `json:"path"`
	Size    int64     `json:"size"`
	Sent    []SentTo  `json:"sent"`
}

// SentTo is how much of it left for one person.
type SentTo struct {
	Person PersonID `json:"person"`
	Bytes  int64    `json:"bytes"`
	Last   Day      `json:"last"`
}

// A Destruction is one copy of one file at one holder, and its end.
type Destruction struct {
	File        FileID  `yaml:"file" json:"file"`
	Holder      OrgCode `yaml:"holder" json:"holder"`
	Copy        string  `yaml:"copy" json:"copy"`     // live, backup, laptop, paper, ...
	Method      string  `yaml:"method" json:"method"` // a code of Methods
	DestroyedOn Day     `yaml:"destroyed_on" json:"destroyed_on"`
	BackupUntil Day     `yaml:"backup_until" json:"backup_until"` // the day the last backup goes
	Covered     bool    `yaml:"-" json:"covered"`
}

// A Declaration is who signs that no copy remains.
type Declaration struct {
	Name        string `yaml:"name" json:"-"` // stands on the paper that came in, not in the log
	Post        string `yaml:"post" json:"post"`
	Date        Day    `yaml:"date" json:"date"`
	Destroyed   bool   `yaml:"no_copy_remains" json:"no_copy_remains"`
	PerformedBy string `yaml:"performed_by" json:"-"`
}

// A CertificateForm is the CERT-nnnnnn.yaml that comes back.
type CertificateForm struct {
	Certificate CertificateID `yaml:"certificate"`
	Agreement   AgreementID   `yaml:"agreement"`
	Items       []Destruction `yaml:"items"`
	Signed      Declaration   `yaml:"signed"`
}

// Methods of destruction (domain 16).
var Methods = []Code{
	{"CLEAR_SECURE_ERASE", "Clearing by ATA Secure Erase"},
	{"CLEAR_OVERWRITE_IS5_ENHANCED", "Clearing by HMG IS5 Enhanced overwrite"},
	{"PURGE", "Purging"},
	{"LIVE_SYSTEM_DELETE", "Removal from live systems; say when the last backup goes"},
	{"CRYPTO_ERASE", "Destruction of the only keys"},
	{"DEGAUSS", "Degaussing (magnetic media only)"},
	{"SHRED", "Shredding"},
	{"DISINTEGRATE", "Disintegration"},
	{"INCINERATE", "Incineration"},
	{"PULP", "Pulping (paper only)"},
}

// A CertificateState is where a certificate is in its life.
type CertificateState string

const (
	CertIssued   CertificateState = "issued"
	CertReceived CertificateState = "received"
	CertQueried  CertificateState = "queried"
	CertRejected CertificateState = "rejected"
	CertInterim  CertificateState = "accepted-interim" // backups live on until a date
	CertAccepted CertificateState = "accepted"
)

// CertificateLife is every step of a certificate.
//
//	issued ──▶ received ──▶ accepted
//	             │  ▲  └──▶ accepted-interim ──▶ accepted
//	             ▼  │
//	      queried | rejected
var CertificateLife = Life[CertificateState]{
	CertIssued:   {CertReceived},
	CertReceived: {CertReceived, CertQueried, CertRejected, CertInterim, CertAccepted},
	CertQueried:  {CertReceived},
	CertRejected: {CertReceived},
	CertInterim:  {CertAccepted},
}

func (c *Certificate) Card() Card {
	k := append(keys("org", c.Org), By("agreement", c.Agreement))
	k = append(k, keys("holder", c.Holders...)...)
	for _, f := range c.Files {
		k = append(k, By("file", f.File))
	}
	return Card{"certificate", string(c.ID), string(c.State), k}
}

// Outstanding reports whether the office still waits for it, or for what it does
// not cover.
func (c *Certificate) Outstanding() bool { return c.awaited() }

// Overdue reports whether it was due before a day and has not come: that blocks
// new releases of the organisation.
func (c *Certificate) Overdue(on Day) bool {
	return c.awaited() && on > c.Due
}

// awaited reports whether something is still to come: the certificate, or what the
// one that came does not cover.
func (c *Certificate) awaited() bool {
	return is(c.State, CertIssued, CertQueried, CertRejected) || c.State == CertReceived && len(c.Missing()) > 0
}

// Expected lists what the certificate must cover: each file at each holder.
func (c *Certificate) Expected() (items []Destruction) {
	for _, f := range c.Files {
		for _, h := range c.Holders {
			items = append(items, Destruction{File: f.File, Holder: h, Copy: "live"})
		}
	}
	return items
}

// Missing lists what no item of the certificate covers: "FILE0000001 at RA1".
func (c *Certificate) Missing() []string {
	missing := []string{}
	for _, e := range c.Expected() {
		if !slices.ContainsFunc(c.Items, func(i Destruction) bool { return i.Covered && i.File == e.File && i.Holder == e.Holder }) {
			missing = append(missing, fmt.Sprintf("%s at %s", e.File, e.Holder))
		}
	}
	return missing
}

// Receive takes in what came back. What it says is judged by its form here, and
// by a person with Accept.
func (c *Certificate) Receive(a Act, form CertificateForm, on Day) error {
	if wrong := c.check(form, on); len(wrong) > 0 {
		return Refuse("certificate-wrong", c.ID, "certificate %s: %s", c.ID, strings.Join(wrong, "; "))
	}
	to, err := CertificateLife.Step(c, c.State, CertReceived)
	if err != nil {
		return err
	}
	c.State, c.Received, c.From, c.Signed, c.Note = to, on, a.Who, form.Signed, ""
	c.Items = []Destruction{}
	for _, i := range form.Items {
		if i.DestroyedOn == "" {
			continue // left open in the form
		}
		i.Covered = cmp.Or(i.Copy, "live") == "live" // further copies are welcome; they stand for no live one
		c.Items = append(c.Items, i)
	}
	return nil
}

// check says what is wrong with a form, item by item.
func (c *Certificate) check(form CertificateForm, on Day) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if form.Agreement != c.Agreement {
		say("it is for agreement %s, not %s", c.Agreement, cmp.Or(form.Agreement, "none"))
	}
	if !form.Signed.Destroyed {
		say("signed.no_copy_remains must be true")
	}
	if form.Signed.Name == "" || form.Signed.Post == "" {
		say("signed.name and signed.post say who declares it, and both are needed")
	}
	if strings.EqualFold(strings.TrimSpace(form.Signed.PerformedBy), strings.TrimSpace(form.Signed.Name)) {
		say("signed.performed_by: whoever destroyed the data cannot also be the one who declares it")
	}
	switch _, err := ParseDay(string(form.Signed.Date)); {
	case err != nil:
		say("signed.date: %v", err)
	case form.Signed.Date > on:
		say("signed.date %s is in the future", form.Signed.Date)
	case form.Signed.Date < form.lastDestroyed():
		say("signed.date %s is before the last destruction on %s", form.Signed.Date, form.lastDestroyed())
	}
	for n, i := range form.Items {
		if i.DestroyedOn == "" {
			continue
		}
		item := fmt.Sprintf("item %d (%s at %s)", n+1, i.File, i.Holder)
		at := slices.IndexFunc(c.Files, func(f SentFile) bool { return f.File == i.File })
		if at < 0 {
			say("%s: nothing of that file was sent under this agreement", item)
			continue
		}
		if !slices.Contains(c.Holders, i.Holder) {
			say("%s: %s is no holder: they are %s", item, i.Holder, join(c.Holders))
		}
		if !slices.Contains(Codes(Methods), i.Method) {
			say("%s: method %q is not one of %s", item, i.Method, strings.Join(Codes(Methods), ", "))
		}
		if _, err := ParseDay(string(i.DestroyedOn)); err != nil {
			say("%s: destroyed_on: %v", item, err)
			continue
		}
		if i.DestroyedOn > on {
			say("%s: destroyed_on %s is in the future", item, i.DestroyedOn)
		}
		if last := c.Files[at].last(); i.DestroyedOn < last {
			say("%s: destroyed on %s, but some of it was sent on %s", item, i.DestroyedOn, last)
		}
		if i.BackupUntil != "" {
			if _, err := ParseDay(string(i.BackupUntil)); err != nil {
				say("%s: backup_until: %v", item, err)
			} else if i.BackupUntil < i.DestroyedOn {
				say("%s: backup_until %s is before destroyed_on %s", item, i.BackupUntil, i.DestroyedOn)
			}
		}
		if i.Method == "LIVE_SYSTEM_DELETE" && i.BackupUntil == "" {
			say("%s: with LIVE_SYSTEM_DELETE say in backup_until when the last backup goes", item)
		}
	}
	return wrong
}

// lastDestroyed is the last day on which the form says something was destroyed.
func (f CertificateForm) lastDestroyed() (last Day) {
	for _, i := range f.Items {
		last = max(last, i.DestroyedOn)
	}
	return last
}

func (f SentFile) last() (last Day) {
	for _, s := range f.Sent {
		last = max(last, s.Last)
	}
	return last
}

// Accept is the office's word that all is accounted for; interim where a backup
// lives on. The one who sent it cannot accept it. An interim one waits for its
// day, whatever anybody says (see BackupsGone).
func (c *Certificate) Accept(a Act, on Day) error {
	if c.State != CertReceived {
		return Refuse("wrong-step", c.ID, "certificate %s is %s; one that was received is accepted", c.ID, c.State)
	}
	if missing := c.Missing(); len(missing) > 0 {
		return Refuse("certificate-gaps", c.ID, "certificate %s does not cover %s: query it with darsd certificate query", c.ID, strings.Join(missing, ", "))
	}
	if a.Who == c.From {
		return Refuse("same-person", c.ID, "certificate %s was sent by %s, who cannot also accept it", c.ID, a.Who)
	}
	var backup Day
	for _, i := range c.Items {
		backup = max(backup, i.BackupUntil)
	}
	c.State, c.BackupEnd = CertAccepted, ""
	if backup >= on {
		c.State, c.BackupEnd = CertInterim, backup
	}
	return nil
}

// BackupsGone makes an interim acceptance final, on the day after the last
// backup went.
func (c *Certificate) BackupsGone(on Day) error {
	if c.State != CertInterim {
		return Refuse("wrong-step", c.ID, "certificate %s is %s and waits for no backup", c.ID, c.State)
	}
	if on <= c.BackupEnd {
		return Refuse("too-early", c.ID, "certificate %s: a backup lives until %s", c.ID, c.BackupEnd)
	}
	c.State = CertAccepted
	return nil
}

// Query sends it back with a question.
func (c *Certificate) Query(a Act) error { return c.answer(a, CertQueried) }

// Reject sends it back.
func (c *Certificate) Reject(a Act) error { return c.answer(a, CertRejected) }

func (c *Certificate) answer(a Act, to CertificateState) (err error) {
	if a.Why == "" {
		return Refuse("no-reason", c.ID, "certificate %s: tell the sender why with --reason", c.ID)
	}
	if c.State, err = CertificateLife.Step(c, c.State, to); err == nil {
		c.Note = a.Why
	}
	return err
}
