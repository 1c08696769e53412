package office

import (
	"context"
	"crypto/rand"
	"fmt"
	"regexp"
	"strings"
	"time"

	"darsd/dars"
	"darsd/store"
)

// A letter is mail that is owed. It names people; their addresses are looked up
// when it is sent.
//
//	mail ──▶ letter, one for each reader ──▶ sent
//	routine ──▶ digest: letter, one for each reader and day ──▶ sent
type letter struct {
	To      []dars.PersonID `json:"to,omitempty"`
	Roles   []dars.Role     `json:"roles,omitempty"` // people of the office
	Subject string          `json:"subject"`
	Body    string          `json:"body"`            // what others wrote is quoted in it
	Names   []dars.PersonID `json:"names,omitempty"` // whose numbers in it the office wrote
	At      time.Time       `json:"at"`
	Case    string          `json:"case,omitempty"` // with whose papers a copy is kept
	For     dars.OrgCode    `json:"for,omitempty"`  // whose people find the copy under papers/; "": the office's alone
	Ref     string          `json:"ref,omitempty"`  // the noun that it is about
	Step    string          `json:"step,omitempty"` // the act; a ladder says which of its steps
	Routine string          `json:"-"`              // its kind, if it waits for the digest: one of dars.RoutineLetters
	Dates   []dars.Date     `json:"dates,omitempty"`
	Files   []string        `json:"files,omitempty"` // of the vault, that go with it
}

// write owes a letter for an act. One that is routine is put by for the digest.
func write(tx *store.Tx, a dars.Act, l letter) (err error) {
	if tx.Imagined() {
		return nil
	}
	l.At = a.At.UTC()
	if l.Case, err = caseIn(tx, l.Subject); err != nil {
		return err
	}
	if err := l.follow(tx); err != nil {
		return err
	}
	switch {
	case l.Routine == "":
		return tx.OweOnce(letterID(), oweMail, l)
	case !dars.Routine(l.Routine):
		return fmt.Errorf("letter %q: no kind of letter that waits for the digest is called %q", l.Subject, l.Routine)
	}
	if err := tx.PutBy(letterID(), oweRoutine, l); err != nil || l.Case == "" {
		return err
	}
	return tx.OweOnce(letterID(), oweCopy, l)
}

// letterID is a new name for a letter, that no other office or rehearsal gives. It is
// short enough to be typed: 65 bits.
func letterID() string { return rand.Text()[:13] }

// follow says what a letter is about and which act it follows, for programs, and in
// which order words on the same date came.
func (l *letter) follow(tx *store.Tx) error {
	first := tx.First()
	if l.Step == "" {
		l.Step, _, _ = strings.Cut(first.Act, store.For) // of one who stands in
	}
	l.Ref, _, _ = strings.Cut(l.Subject, " ")
	if l.Ref = strings.TrimSuffix(l.Ref, ":"); !reference.MatchString(l.Ref) {
		l.Ref = first.Ref
	}
	head, err := tx.Head()
	for i := range l.Dates {
		l.Dates[i].Sequence = head
	}
	return err
}

// reference is how nouns are named: REL-000007, DARS-NIC-000001-B1C2D.
var reference = regexp.MustCompile(`^[A-Z]+(-[A-Z0-9]+)+(-v[0-9.]+)?$`)

// A delivery is a letter to one person, as it is worded.
type delivery struct {
	Who     dars.PersonID `json:"who,omitempty"` // "": the office itself
	Subject string        `json:"subject"`
	Body    string        `json:"body"`
	Ref     string        `json:"ref,omitempty"`
	Step    string        `json:"step,omitempty"`
	Dates   []dars.Date   `json:"dates,omitempty"`
	At      time.Time     `json:"at"`
	Files   []string      `json:"files,omitempty"`
}

// post parts a letter, one for each of its readers: an address that no server knows
// holds up nobody else. Parting it again parts it in the same way.
func (o *Office) post(ctx context.Context, id string, l letter) error {
	if l.Case != "" {
		if err := o.copyLetter(ctx, id, l); err != nil {
			return err
		}
	}
	to, says, err := o.worded(ctx, l)
	if err != nil {
		return err
	}
	return o.Store.Do(ctx, func(tx *store.Tx) error {
		for _, who := range to.ids() {
			d := delivery{who, l.Subject, says[!to.outside(who)], l.Ref, l.Step, l.Dates, l.At, l.Files}
			if err := tx.OweOnce(deliveryID(id, who), oweLetter, d); err != nil {
				return err
			}
		}
		return nil
	})
}

// deliveryID is the name of a letter to one person, and so its Message-ID.
func deliveryID(letter string, who dars.PersonID) string {
	if who == "" {
		return letter + ".office"
	}
	return letter + "." + string(who)
}

// deliver hands a letter over. One for somebody who has no address any more goes to
// the office itself, which will know how to reach them.
func (o *Office) deliver(ctx context.Context, id string, d delivery) error {
	to := o.Info.Email
	if d.Who != "" {
		err := o.Store.View(ctx, func(tx *store.Tx) error {
			p, err := store.Get[dars.Person](tx, d.Who)
			if err == nil && p.Email != "" {
				to = p.Email
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	files, err := o.attached(d.Files)
	if err != nil {
		return err
	}
	return o.Works.Mail.Send(ctx, Letter{ID: id, To: to, Subject: d.Subject, Body: d.Body, Ref: d.Ref, Step: d.Step, Dates: d.Dates, Files: files, At: d.At})
}

// copyLetter keeps a letter as its readers get it.
func (o *Office) copyLetter(ctx context.Context, id string, l letter) error {
	to, says, err := o.worded(ctx, l)
	if err != nil {
		return err
	}
	return o.keepLetter(ctx, id, to.addresses(o.Info.Email), l, says[l.For == ""])
}

// worded is a letter in the office's words, for its own people (true) and for others
// (false), and who reads it.
func (o *Office) worded(ctx context.Context, l letter) (to readers, says map[bool]string, err error) {
	var everybody []*dars.Person
	err = o.Store.View(ctx, func(tx *store.Tx) (err error) {
		if everybody, err = store.Find[dars.Person](tx); err == nil {
			to, l, err = reached(tx, l, everybody)
		}
		return err
	})
	says = map[bool]string{}
	for _, inside := range []bool{true, false} {
		if err == nil {
			says[inside], err = o.Works.Papers.Mail(dars.MailFacts{Subject: l.Subject, Body: l.byName(everybody, inside)})
		}
	}
	return to, says, err
}
