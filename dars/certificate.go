package dars

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Certificate of destruction accounts for every file of which a byte was sent
// under an agreement, at everybody who holds it. It is issued filled in from the
// ledger, and comes back with how and when each copy was destroyed, or under which
// later version it is kept. An agreement may have several: no file stands whole on
// two that are open.
type Certificate struct {
	ID        CertificateID    `json:"id"`
	Agreement AgreementID      `json:"agreement"`
	Release   ReleaseID        `json:"release,omitempty"`    // that was withdrawn; else all that was sent under the agreement
	Cause     DestructionCause `json:"cause,omitempty"`      // why else, while the agreement goes on
	By        ReleaseID        `json:"by_release,omitempty"` // the release that has led to it by its publication
	Org       OrgCode          `json:"org"`
	State     CertificateState `json:"state"`
	Scope     []string         `json:"scope,omitempty"` // what of the files is to be destroyed, if not all
	Files     []SentFile       `json:"files"`
	Holders   []OrgCode        `json:"holders"` // each controller, processor and sub-licensee
	Issued    Day              `json:"issued"`
	Ended     Day              `json:"ended"` // the agreement's last day, or when the release was withdrawn; else as long before Due
	Due       Day              `json:"due"`
	Received  Day              `json:"received,omitempty"`
	Waits     Day              `json:"waits_since,omitempty"` // first lay whole since compliance answered last
	From      PersonID         `json:"received_from,omitempty"`
	Printed   *SignedCopy      `json:"printed,omitempty"` // what came back on paper, which a person of the office types in
	Items     []Destruction    `json:"items"`
	Signed    Declaration      `json:"signed"`
	Points    []Mistake        `json:"points,omitempty"`  // in which what came back is not as it should be
	Queries   int              `json:"queries,omitempty"` // how often it was sent back with a question
	Note      string           `json:"note,omitempty"`    // the office's, to the sender
	Steps     []Step           `json:"steps"`
	BackupEnd Day              `json:"backup_until,omitempty"` // interim until this day
}

// A SentFile is a file of which at least one byte left, and for whom.
type SentFile struct {
	File    FileID    `json:"file"`
	Release ReleaseID `json:"release"`
	Path    string    `json:"path"`
	Size    int64     `json:"size"`
	Made    Day       `json:"made,omitempty"` // published: before that there was nothing to destroy
	Sent    []SentTo  `json:"sent"`
}

// SentTo is how much of it left for one person.
type SentTo struct {
	Person PersonID `json:"person"`
	Org    OrgCode  `json:"org,omitempty"` // theirs
	Bytes  int64    `json:"bytes"`
	Last   Day      `json:"last"`
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
// new releases of the organisation (see Blocks), and is public.
func (c *Certificate) Overdue(on Day) bool { return c.DaysOver(on) > 0 }

// Counts is the day from which its days and its ladder count: when what it is for ended.
// Where the office asked later than the day after that, they count from when it asked:
// nobody is in breach of a day that they were never told.
func (c *Certificate) Counts() Day {
	if c.Issued > c.Ended.Add(1) {
		return c.Issued
	}
	return c.Ended
}

// DaysOver is for how many days it has been overdue; 0 on the day it is due.
func (c *Certificate) DaysOver(on Day) int {
	if !c.awaited() {
		return 0
	}
	return max(0, on.Since(c.Due))
}

// awaited reports whether something is still to come: the certificate, or what the
// one that came does not cover.
func (c *Certificate) awaited() bool {
	return is(c.State, CertIssued, CertQueried, CertRejected) || c.State == CertReceived && len(c.Missing()) > 0
}

// Lists reports whether the certificate accounts for a whole file.
func (c *Certificate) Lists(f FileID) bool { return !c.InPart() && c.file(f) != nil }

// KeptUnder are the files that an accepted certificate lists as kept under a later
// agreement: they are accounted for at the end of that one.
func (c *Certificate) KeptUnder(g AgreementID) (files []SentFile) {
	if !is(c.State, CertAccepted, CertInterim) {
		return nil
	}
	for _, f := range c.Files {
		if slices.ContainsFunc(c.Items, func(i Destruction) bool { return i.File == f.File && i.HeldUnder == string(g) }) {
			files = append(files, f)
		}
	}
	return files
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

// Receive takes in what came back, with every point in which it is not as it should
// be: it is then to be queried with exactly these (see QueryPoints). What it says
// is judged by its form here, and by a person with Accept. held is what later
// versions of the case let their parties keep.
func (c *Certificate) Receive(a Act, form CertificateForm, on Day, held []Holding) error {
	if form.Agreement != c.Agreement {
		return Refuse("certificate-wrong", c.ID, "certificate %s is for agreement %s, not %s", c.ID, c.Agreement, written(cmp.Or(string(form.Agreement), "none")))
	}
	to, err := CertificateLife.Step(c, c.State, CertReceived)
	if err != nil {
		return err
	}
	answers := form.answers(c)
	c.Points = form.points(c, answers, on, held)
	c.State, c.Received, c.From, c.Signed, c.Note = to, on, a.Who, form.Signed.loggable(), ""
	c.Items = []Destruction{}
	for _, answer := range answers {
		if !answer.open() && answer.keepable(c) {
			c.Items = append(c.Items, answer.Destruction)
		}
	}
	if len(c.Points) == 0 && c.Waits == "" {
		c.Waits = on
	}
	return nil
}

// Told is a sentence on the points, the first of them in words.
func (c *Certificate) Told() string {
	if err := RefuseMistakes(string(c.ID), fmt.Sprintf("Points to mend: %d", len(c.Points)), c.Points); err != nil {
		return err.Error()
	}
	return ""
}

// QueryPoints sends it back for the points in which it is not as it should be.
func (c *Certificate) QueryPoints() (err error) {
	if len(c.Points) == 0 {
		return Refuse("nothing-wrong", c.ID, "certificate %s has no point to query", c.ID)
	}
	if c.State, err = CertificateLife.Step(c, c.State, CertQueried); err == nil {
		c.Queries++
	}
	return err
}

// Accept is the office's word that all is accounted for; interim where a backup
// lives on. The one who sent it cannot accept it. What is kept under a later version
// must still be so. An interim one waits for its day, whatever anybody says (see
// BackupsGone).
func (c *Certificate) Accept(a Act, on Day, held []Holding) error {
	if c.State != CertReceived {
		return Refuse("wrong-step", c.ID, "certificate %s is %s; one that was received is accepted", c.ID, c.State)
	}
	if len(c.Points) > 0 {
		return Refuse("certificate-gaps", c.ID, "certificate %s: %d points of it are not as they should be: it is to come back mended", c.ID, len(c.Points))
	}
	if missing := c.Missing(); len(missing) > 0 {
		return Refuse("certificate-gaps", c.ID, "certificate %s does not cover %s: query it with darsd certificate query", c.ID, strings.Join(missing, ", "))
	}
	for _, i := range c.Items {
		if i.HeldUnder != "" && holding(held, i) == nil {
			return Refuse("not-held", c.ID, "certificate %s: agreement %s does not cover %s at %s any more: query it with darsd certificate query", c.ID, i.HeldUnder, i.File, i.Holder)
		}
	}
	if a.Of(c.From) {
		return Refuse("same-person", c.ID, "certificate %s was sent by %s, who cannot also accept it", c.ID, c.From)
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
		c.Note, c.Waits = a.Why, ""
		c.Queries++
	}
	return err
}
