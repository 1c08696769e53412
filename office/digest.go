package office

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"darsd/dars"
	"darsd/store"
)

// Digest writes everybody one letter of what is routine and ripe: written before the
// hour for digests that has come. Somebody who has had one today is not written to
// again; what is left then goes tomorrow. It is one act, so that whoever races for it
// finds nothing left.
func (o Clock) Digest(ctx context.Context, due time.Time, ripe func(written time.Time) bool) error {
	return o.Store.Do(ctx, func(tx *store.Tx) error {
		put, err := tx.Owing(false, oweRoutine)
		if err != nil || len(put) == 0 {
			return err
		}
		everybody, err := store.Find[dars.Person](tx)
		if err != nil {
			return err
		}
		day := o.Calendar.Day(due)
		pages := map[dars.PersonID][]letter{}
		for _, w := range put {
			var l letter
			if err := json.Unmarshal(w.Body, &l); err != nil {
				return err
			}
			if !ripe(l.At) {
				continue
			}
			readers, l, err := reached(tx, l, everybody)
			if err != nil {
				return err
			}
			to := readers.ids()
			told, err := toldToday(tx, day, to)
			if err != nil {
				return err
			}
			if told {
				continue
			}
			for _, who := range to {
				pages[who] = append(pages[who], l)
			}
			if err := tx.Collected(w.ID, due); err != nil {
				return err
			}
		}
		for who, letters := range pages {
			d, err := o.digest(due, who, letters, everybody)
			if err != nil {
				return err
			}
			if err := tx.OweOnce(digestID(day, who), oweLetter, d); err != nil {
				return err
			}
		}
		return nil
	})
}

// digestID names the one digest of a person and day.
func digestID(day dars.Day, who dars.PersonID) string {
	return deliveryID("digest-"+string(day), who)
}

// toldToday reports whether one of some readers has had today's digest.
func toldToday(tx *store.Tx, day dars.Day, to []dars.PersonID) (bool, error) {
	for _, who := range to {
		if told, err := tx.Noted(digestID(day, who)); told || err != nil {
			return told, err
		}
	}
	return false, nil
}

// digest puts letters together. One alone is that letter.
func (o Clock) digest(due time.Time, who dars.PersonID, letters []letter, everybody []*dars.Person) (d delivery, err error) {
	slices.SortStableFunc(letters, func(a, b letter) int { return a.At.Compare(b.At) })
	d = delivery{Who: who, Step: "digest", At: due.UTC()}
	f := dars.DigestFacts{On: o.Calendar.Day(due)}
	for _, l := range letters {
		f.Letters = append(f.Letters, dars.MailFacts{Subject: l.Subject, Body: strings.TrimSpace(l.byName(everybody, !readers(everybody).outside(who)))})
		d.Dates = append(d.Dates, l.Dates...)
	}
	if len(letters) == 1 {
		d.Subject, d.Ref, d.Step = letters[0].Subject, letters[0].Ref, letters[0].Step
		d.Body, err = o.Works.Papers.Mail(f.Letters[0])
	} else {
		d.Subject, d.Body, err = o.Works.Papers.Digest(f)
	}
	if err != nil {
		return d, fmt.Errorf("digest for %s: %w", who, err)
	}
	return d, nil
}
