package office

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"darsd/dars"
	"darsd/store"
)

// What is owed after an act. The kinds of work are these; each is done again
// without harm.
const (
	oweMail    = "mail"        // is parted into letters
	oweLetter  = "letter"      // to one person
	oweCopy    = "letter copy" // for the papers of its case
	oweRoutine = "routine"     // put by for the digest of its readers
	oweDraw    = "paper"
	owePurge   = "purge"
	oweRep     = "report"
	oweOrdered = "report order"
	oweCheck   = "checkpoint"
	oweCohort  = "cohort purge" // of a recipient's file, when its case has ended
	oweTrial   = "late trial"   // of a list on a release; may take hours
	oweRebuild = "late rebuild" // of a release; likewise
	oweErase   = "erase"        // outside the database, and what is left in it of deleted rows
)

// drawing is a paper that is owed.
type drawing struct {
	Kind  string    `json:"kind"`
	About string    `json:"about"`
	At    time.Time `json:"at"`

	By      dars.PersonID  `json:"by,omitempty"`      // who did what it tells of
	Meeting dars.MeetingID `json:"meeting,omitempty"` // of which it tells
}

func owePaper(tx *store.Tx, a dars.Act, kind, about string) error {
	return tx.Owe(oweDraw, drawing{Kind: kind, About: about, At: a.At.UTC(), By: a.Who})
}

// Work does what is owed and due, piece by piece, until nothing is left or ctx
// is cancelled. What fails stays owed and is tried again later, after a pause
// that grows; Work says what failed. now is the machine's clock.
func (o *Office) Work(ctx context.Context, now func() time.Time) error {
	return o.workBut(ctx, now)
}

// QuickWork is Work without what may take hours, and without handing letters over:
// a mail server may take its time.
func (o *Office) QuickWork(ctx context.Context, now func() time.Time) error {
	return o.workBut(ctx, now, oweTrial, oweRebuild, oweErase, oweLetter)
}

// SlowWork is Work without handing letters over.
func (o *Office) SlowWork(ctx context.Context, now func() time.Time) error {
	return o.workBut(ctx, now, oweLetter)
}

// PostWork hands letters over, and does nothing else.
func (o *Office) PostWork(ctx context.Context, now func() time.Time) error {
	return o.workBut(ctx, now, oweMail, oweCopy, oweDraw, owePurge, oweRep, oweOrdered, oweCheck, oweCohort, oweErase, oweTrial, oweRebuild)
}

func (o *Office) workBut(ctx context.Context, now func() time.Time, but ...string) error {
	var failed []error
	for ctx.Err() == nil {
		w, err := o.Store.Claim(ctx, now(), lease, but...)
		if err != nil {
			return err
		}
		if w == nil {
			break
		}
		if err := o.held(ctx, w, now); err != nil {
			failed = append(failed, fmt.Errorf("%s after event %d: %w", w.What, w.Seq, err))
			if err := o.putOff(context.WithoutCancel(ctx), w, err, now()); err != nil {
				return err
			}
			continue
		}
		if err := o.Store.Done(context.WithoutCancel(ctx), w, now()); err != nil {
			return err
		}
	}
	return errors.Join(failed...)
}

// putOff notes why work failed. It is tried again after a pause that grows, unless
// whoever failed says that it was the last word, or when to come again.
func (o *Office) putOff(ctx context.Context, w *store.Owed, why error, now time.Time) error {
	var last interface{ Permanent() bool }
	if errors.As(why, &last) && last.Permanent() {
		return o.Store.GiveUp(ctx, w, why)
	}
	var rests interface{ NotBefore() time.Time }
	if errors.As(why, &rests) {
		return o.Store.Fail(ctx, w, why, rests.NotBefore())
	}
	return o.Store.Fail(ctx, w, why, now.Add(min(time.Minute<<min(w.Tries, 10), 12*time.Hour)))
}

// lease is for how long a worker has a piece of work without a sign of life. One
// that dies is followed within that time, however long the work takes.
const lease = 30 * time.Second

// held does a piece of work, and renews the lease on it meanwhile. A worker that
// has lost its lease stops: somebody else is at it.
func (o *Office) held(ctx context.Context, w *store.Owed, now func() time.Time) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		tick := time.NewTicker(lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if held, err := o.Store.Renew(ctx, w, now().Add(lease)); err == nil && !held {
				stop(errors.New("the lease was lost"))
			}
		}
	}()
	return o.work(ctx, w)
}

// WorkAfter does what is owed, and waits for what is owed after an event and that
// somebody else, such as the daemon, has taken on: whoever acted can then rely on
// it. It gives up waiting with ctx.
func (o *Office) WorkAfter(ctx context.Context, event int64, now func() time.Time) error {
	return o.workAfter(ctx, event, now)
}

// PapersAfter is WorkAfter without handing letters over: somebody else does that, and
// whoever acted does not wait for a mail server.
func (o *Office) PapersAfter(ctx context.Context, event int64, now func() time.Time) error {
	return o.workAfter(ctx, event, now, oweLetter)
}

func (o *Office) workAfter(ctx context.Context, event int64, now func() time.Time, but ...string) error {
	pause := time.NewTicker(20 * time.Millisecond)
	defer pause.Stop()
	for {
		if err := o.workBut(ctx, now, but...); err != nil {
			return err
		}
		var left int
		err := o.Store.View(ctx, func(tx *store.Tx) (err error) {
			left, err = tx.Untried(event, but...)
			return err
		})
		if err != nil || left == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d pieces of work are still being done by another program", left)
		case <-pause.C:
		}
	}
}

func (o *Office) work(ctx context.Context, w *store.Owed) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	switch w.What {
	case oweMail:
		return read(w, func(l letter) error { return o.post(ctx, w.ID, l) })
	case oweLetter:
		return read(w, func(d delivery) error { return o.deliver(ctx, w.ID, d) })
	case oweCopy:
		return read(w, func(l letter) error { return o.copyLetter(ctx, w.ID, l) })
	case oweDraw:
		return read(w, func(d drawing) error { return o.draw(ctx, d) })
	case owePurge:
		return read(w, func(r dars.ReleaseID) error { return o.Works.Vault.Purge(r) })
	case oweRep:
		return read(w, func(r dars.ReportID) error { return o.print(ctx, r) })
	case oweOrdered:
		return read(w, func(r ordered) error { return o.issue(ctx, r) })
	case oweCheck:
		return read(w, func(at time.Time) error { return o.Works.Checkpoint(ctx, at) })
	case oweCohort:
		return read(w, func(c dars.CohortID) error { return Cohorts{o}.remove(ctx, c) })
	case oweTrial:
		return read(w, func(t lateTrial) error { return Releases{o}.try(ctx, t) })
	case oweErase:
		return read(w, func(e erasing) error { return o.erased(ctx, e) })
	case oweRebuild:
		return read(w, func(b lateRebuild) error { return Releases{o}.remake(ctx, b) })
	}
	return fmt.Errorf("this program does not know how to do %q", w.What)
}

func read[T any](w *store.Owed, do func(T) error) error {
	var body T
	if err := json.Unmarshal(w.Body, &body); err != nil {
		return err
	}
	return do(body)
}

// draw makes a paper from what its noun says now, keeps it in the vault and
// files it.
func (o *Office) draw(ctx context.Context, d drawing) error {
	filed, name, org, pdf, err := o.paper(ctx, d)
	if err != nil || filed {
		return err
	}
	p := dars.Paper{Kind: d.Kind, About: d.About, Name: name, For: org, Day: o.Calendar.Day(d.At), Vault: "papers/" + name}
	return o.file(ctx, dars.Act{Who: dars.ByClock, At: d.At, Via: dars.Clock}, p, pdf)
}

// file keeps a paper in the vault, and then says so in the log.
func (o *Office) file(ctx context.Context, a dars.Act, p dars.Paper, content []byte) error {
	sum := sha256.Sum256(content)
	p.SHA256, p.Bytes = hex.EncodeToString(sum[:]), int64(len(content))
	if err := o.Works.Vault.Write("", p.Vault, bytes.NewReader(content)); err != nil {
		return err
	}
	return o.Store.Do(ctx, func(tx *store.Tx) error {
		// Filing follows the act that owed the paper, perhaps long after: the log's
		// clock does not go back for it.
		newest, err := tx.Newest()
		if err != nil {
			return err
		}
		if newest.After(a.At) {
			a.At = newest
		}
		return o.filed(tx, a, &p)
	})
}

// filed notes a paper that lies in the vault, once for what it is about.
func (o *Office) filed(tx *store.Tx, a dars.Act, p *dars.Paper) error {
	same, err := store.Find[dars.Paper](tx, dars.By("about", p.About), dars.By("kind", p.Kind), dars.By("sha256", p.SHA256))
	if err != nil {
		return err
	}
	if len(same) > 0 {
		p.ID = same[0].ID
		return nil
	}
	ref, err := number(tx, "paper", "PAP-")
	if err != nil {
		return err
	}
	p.ID = dars.PaperID(ref)
	return tx.Save(a, "filed", p)
}

// paper draws what is owed, unless it is filed already.
func (o *Office) paper(ctx context.Context, d drawing) (filed bool, name string, org dars.OrgCode, content []byte, err error) {
	var draw func() ([]byte, error)
	err = o.Store.View(ctx, func(tx *store.Tx) (err error) {
		switch d.Kind {
		case "contract":
			var f dars.ContractFacts
			if f, err = contractFacts(tx, d.About); err == nil {
				name, org = "Framework-Contract-"+d.About+".pdf", f.Contract.Org
				draw = func() ([]byte, error) { return o.Works.Papers.Contract(f) }
			}
		case "agreement":
			var f dars.AgreementFacts
			if f, err = o.agreementFacts(tx, d.About); err == nil {
				name, org = "Data-Sharing-Agreement-"+d.About+".pdf", f.Agreement.Org
				draw = func() ([]byte, error) { return o.Works.Papers.Agreement(f) }
			}
		case "letter":
			var f dars.LetterFacts
			if f, err = o.letterFacts(tx, d); err == nil {
				name, org = fmt.Sprintf("Decision-%s%s.pdf", f.Application.Stem, "-"+f.Application.Version()), f.Application.Form.Organisation
				draw = func() ([]byte, error) { return o.Works.Papers.DecisionLetter(f) }
			}
		case "minutes":
			var f dars.MeetingFacts
			if f, err = o.meetingFacts(tx, d.About, o.Calendar.Day(d.At)); err == nil {
				name = "Minutes-" + d.About + "-" + f.Meeting.Minutes() + ".pdf"
				draw = func() ([]byte, error) { return o.Works.Papers.Minutes(f) }
			}
		case "certificate", "certificate-form":
			var f dars.CertificateFacts
			if f, err = certificateFacts(tx, d.About); err == nil {
				name, org = d.About+".pdf", f.Certificate.Org
				draw = func() ([]byte, error) { return o.Works.Papers.Certificate(f) }
				if d.Kind == "certificate-form" {
					name = d.About + ".yaml"
					draw = func() ([]byte, error) { return o.Works.Papers.CertificateForm(f) }
				}
			}
		default:
			name, org, draw, err = o.letterPaper(tx, d)
		}
		if err != nil {
			return err
		}
		same, err := store.Find[dars.Paper](tx, dars.By("about", d.About), dars.By("kind", d.Kind))
		filed = slices.ContainsFunc(same, func(p *dars.Paper) bool { return p.Name == name })
		return err
	})
	if err != nil || filed {
		return filed, name, org, nil, err
	}
	content, err = draw()
	return false, name, org, content, err
}

func contractFacts(tx *store.Tx, ref string) (f dars.ContractFacts, err error) {
	if f.Contract, err = store.Get[dars.Contract](tx, ref); err == nil {
		f.Organisation, err = store.Get[dars.Organisation](tx, f.Contract.Org)
	}
	return f, err
}

func (o *Office) letterFacts(tx *store.Tx, d drawing) (f dars.LetterFacts, err error) {
	f.On = o.Calendar.Day(d.At)
	if f.Application, err = store.Get[dars.Application](tx, d.About); err == nil {
		f.Organisation, err = store.Get[dars.Organisation](tx, f.Application.Form.Organisation)
	}
	if err != nil {
		return f, err
	}
	who := []dars.PersonID{f.Application.Form.ContactID}
	if decided := f.Application.Decided(); decided != nil {
		who = append(who, decided.By, decided.For)
	}
	for _, d := range f.Application.Decisions {
		if d.Step == "referred-back" {
			who = append(who, d.By)
		}
	}
	f.People, err = people(tx, who...)
	return f, err
}

func (o *Office) agreementFacts(tx *store.Tx, ref string) (f dars.AgreementFacts, err error) {
	f = dars.AgreementFacts{Catalogue: o.Catalogue, Fingerprint: o.Works.Endpoint().Fingerprint(), Policy: o.Policy}
	if f.Agreement, err = store.Get[dars.Agreement](tx, ref); err != nil {
		return f, err
	}
	if f.Application, err = store.Get[dars.Application](tx, f.Agreement.Application); err != nil {
		return f, err
	}
	if f.Organisations, err = organisations(tx, append(parties(f.Agreement), f.Agreement.Org)...); err != nil {
		return f, err
	}
	if f.People, err = people(tx, append(slices.Clone(f.Agreement.Recipients), f.Agreement.Contact)...); err != nil {
		return f, err
	}
	if f.Agreed, err = agreedQuote(tx, f.Application); err != nil {
		return f, err
	}
	if f.Agreed != nil {
		f.Charges = &f.Agreed.Quote
	}
	f.Previous, f.Changes, err = previous(tx, f.Agreement, f.Application)
	return f, err
}

func certificateFacts(tx *store.Tx, ref string) (f dars.CertificateFacts, err error) {
	if f.Certificate, err = store.Get[dars.Certificate](tx, ref); err != nil {
		return f, err
	}
	if f.Agreement, err = store.Get[dars.Agreement](tx, f.Certificate.Agreement); err != nil {
		return f, err
	}
	var who []dars.PersonID
	for _, file := range f.Certificate.Files {
		for _, s := range file.Sent {
			who = append(who, s.Person)
		}
	}
	if f.Organisations, err = organisations(tx, append(parties(f.Agreement), f.Agreement.Org)...); err != nil {
		return f, err
	}
	f.People, err = people(tx, who...)
	return f, err
}

// parties are the controllers, processors and sub-licensees of an agreement.
func parties(g *dars.Agreement) []dars.OrgCode { return g.Holders() }

func organisations(tx *store.Tx, codes ...dars.OrgCode) (map[dars.OrgCode]*dars.Organisation, error) {
	return getAll[dars.Organisation](tx, codes...)
}

func people(tx *store.Tx, ids ...dars.PersonID) (map[dars.PersonID]*dars.Person, error) {
	return getAll[dars.Person](tx, ids...)
}

func getAll[T any, P store.Noun[T], ID ~string](tx *store.Tx, ids ...ID) (map[ID]P, error) {
	all := map[ID]P{}
	for _, id := range ids {
		if id == "" || all[id] != nil {
			continue
		}
		n, err := store.Get[T, P](tx, id)
		if err != nil {
			return nil, err
		}
		all[id] = n
	}
	return all, nil
}

// Signed is the newest event after which a checkpoint was owed and has been signed; 0
// when there is none.
func (o Desk) Signed(ctx context.Context) (event int64, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) (err error) {
		event, err = tx.LastDone(oweCheck)
		return err
	})
	return event, err
}
