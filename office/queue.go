package office

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"darsd/dars"
	"darsd/store"
)

// A Waiting is a letter on its way, for who sees to the mail. It does not say what
// the letter says: that is between its readers and whoever wrote it.
type Waiting struct {
	ID      string     `json:"id"`
	State   string     `json:"state"`
	To      []string   `json:"to"`      // logins; none: the office itself
	Address string     `json:"address"` // "" until there is a letter for each of them
	Subject string     `json:"subject"`
	Ref     string     `json:"ref"`
	Step    string     `json:"step"`
	At      time.Time  `json:"at"` // it was written
	Tries   int        `json:"tries"`
	Next    *time.Time `json:"next"` // it is tried again; null: at once, or not of itself
	Failed  string     `json:"failed"`
}

// What becomes of a letter.
const (
	LetterWaits   = "waiting" // to be sent, for the first time or again
	LetterRoutine = "routine" // it goes with the next digest
	LetterRefused = "refused" // for good, by a mail server
	LetterHeld    = "held"    // nobody has tried to send it: perhaps it went out before the office was restored
	LetterSent    = "sent"
)

// Queue lists the letters that are on their way, oldest first, and if asked also
// those that are sent.
func (o Post) Queue(ctx context.Context, a dars.Act, sent bool) (all []Waiting, err error) {
	all = []Waiting{}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		if _, err := o.allowed(tx, a, "mail list"); err != nil {
			return err
		}
		work, err := tx.Owing(sent, oweMail, oweLetter, oweRoutine)
		if err != nil {
			return err
		}
		everybody, err := store.Find[dars.Person](tx)
		if err != nil {
			return err
		}
		for _, w := range work {
			if !w.Done.IsZero() && w.What != oweLetter {
				continue // it went on as letters
			}
			one, err := o.waiting(w, everybody)
			if err != nil {
				return err
			}
			all = append(all, one)
		}
		return nil
	})
	return all, err
}

func (o Post) waiting(w store.Owed, everybody []*dars.Person) (l Waiting, err error) {
	var d letter
	if err := json.Unmarshal(w.Body, &d); err != nil {
		return l, err
	}
	l = Waiting{ID: w.ID, State: LetterWaits, To: []string{}, Subject: d.Subject, Ref: d.Ref, Step: d.Step, At: d.At, Tries: w.Tries, Failed: w.Failed}
	switch {
	case !w.Done.IsZero():
		l.State = LetterSent
	case w.Never && w.Failed == "":
		l.State = LetterRoutine
	case w.Never && w.Tries == 0:
		l.State = LetterHeld
	case w.Never:
		l.State = LetterRefused
	case !w.Next.IsZero():
		l.Next = &w.Next
	}
	if w.What == oweLetter {
		l.Address = o.Info.Email
		var one delivery
		if err := json.Unmarshal(w.Body, &one); err != nil {
			return l, err
		}
		d.To = []dars.PersonID{one.Who}
	}
	for _, p := range readersOf(d, everybody) {
		l.To = append(l.To, p.Login)
		if w.What == oweLetter && p.Email != "" {
			l.Address = p.Email
		}
	}
	return l, nil
}

// Show is one letter.
func (o Post) Show(ctx context.Context, a dars.Act, id string) (l Waiting, err error) {
	all, err := o.Queue(ctx, a, true)
	if err != nil {
		return l, err
	}
	i := slices.IndexFunc(all, func(l Waiting) bool { return l.ID == id })
	if i < 0 {
		return l, dars.Refuse("not-found", id, "there is no letter %s", id)
	}
	return all[i], nil
}

// Retry makes letters that failed due at once, also those that a server refused: all
// of them, or one. Where somebody's address was wrong, mend it first.
func (o Post) Retry(ctx context.Context, a dars.Act, id string) (n int, err error) {
	err = o.do(ctx, a, "mail retry", func(tx *store.Tx, _ *dars.Person) error {
		work, err := tx.Owing(false, oweMail, oweLetter)
		if err != nil {
			return err
		}
		for _, w := range work {
			if id != "" && w.ID != id {
				continue
			}
			again, err := tx.Again(w.ID)
			if err != nil {
				return err
			}
			if again {
				n++
			}
		}
		if id != "" && n == 0 {
			return dars.Refuse("not-failed", id, "there is no letter %s that failed and waits; darsd mail list shows which do", id)
		}
		return nil
	})
	return n, err
}

// A Backlog is how the mail stands: what could not be sent so far.
type Backlog struct {
	Waiting int       `json:"waiting"`
	Since   time.Time `json:"since,omitzero"` // the oldest of those was written
	Routine int       `json:"routine"`
	Refused int       `json:"refused"`
	Held    int       `json:"held"`
}

// Backlog counts, for the doctor.
func (o Post) Backlog(ctx context.Context) (b Backlog, err error) {
	all, err := o.Queue(ctx, dars.Act{Who: dars.ByClock, Via: dars.Clock}, false)
	for _, l := range all {
		switch l.State {
		case LetterRoutine:
			b.Routine++
		case LetterRefused:
			b.Refused++
		case LetterHeld:
			b.Held++
		default:
			if b.Waiting++; b.Since.IsZero() || l.At.Before(b.Since) {
				b.Since = l.At
			}
		}
	}
	return b, err
}
