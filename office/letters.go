package office

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"darsd/dars"
	"darsd/store"
)

// caseIn is the case that a letter is about, or the enquiry, by the reference with
// which its subject begins; "" if it is about none.
func caseIn(tx *store.Tx, subject string) (stem string, err error) {
	ref, _, _ := strings.Cut(subject, " ")
	ref = strings.TrimSuffix(ref, ":")
	switch {
	case strings.HasPrefix(ref, "REL-"):
		var r *dars.Release
		if r, err = store.Get[dars.Release](tx, ref); err == nil {
			ref = string(r.Agreement)
		}
	case strings.HasPrefix(ref, "ENQ-"):
		return ref, nil // it comes before any case
	case strings.HasPrefix(ref, "AUD-"):
		var u *dars.Audit
		if u, err = store.Get[dars.Audit](tx, ref); err == nil {
			ref = string(u.Agreement)
		}
	case strings.HasPrefix(ref, "SAN-"):
		var s *dars.Sanction
		if s, err = store.Get[dars.Sanction](tx, ref); err == nil {
			ref = string(s.Agreement)
		}
	case strings.HasPrefix(ref, "CERT-"):
		var c *dars.Certificate
		if c, err = store.Get[dars.Certificate](tx, ref); err == nil {
			ref = string(c.Agreement)
		}
	}
	var no *dars.Refusal
	if err != nil && !errors.As(err, &no) {
		return "", err
	}
	if stem, _, _, err = dars.ParseCase(ref); err != nil {
		return "", nil
	}
	return stem, nil
}

// keepLetter keeps a copy of a letter with the papers of its case, for the office,
// and for who it says besides.
func (o *Office) keepLetter(ctx context.Context, id string, to []string, l letter, body string) error {
	text := fmt.Sprintf("To: %s\nDate: %s\nSubject: %s\n\n%s", strings.Join(to, ", "), l.At.In(o.Calendar.Zone).Format(time.RFC1123Z), l.Subject, body)
	on := o.Calendar.Day(l.At)
	// One subject may go to several people in letters of their own.
	readers := sha256.Sum256([]byte(strings.Join(to, " ")))
	name := FileName(fmt.Sprintf("Letter-%s-%s-%x.txt", on, l.Subject, readers[:3]))
	p := dars.Paper{Kind: "mail", About: l.Case, Name: name, For: l.For, Day: on, Vault: "papers/letter-" + id, Subject: l.Subject}
	return o.file(ctx, dars.Act{Who: dars.ByClock, At: l.At, Via: dars.Clock}, p, []byte(text))
}
