package office

import (
	"context"
	"fmt"

	"darsd/dars"
	"darsd/store"
)

// Note writes down something about a case: for the office alone, or of a
// discussion with the applicant. A wrong one is corrected by a later one.
func (o Applications) Note(ctx context.Context, a dars.Act, ref string, kind dars.NoteKind, text string, corrects dars.NoteID) (id dars.NoteID, err error) {
	decide := func(tx *store.Tx, _ *dars.Person) error {
		p, err := atWork(tx, ref)
		if err != nil {
			return err
		}
		if err := dars.CheckText(string(p.ID()), "the note", text); err != nil {
			return err
		}
		if corrects != "" {
			if was, err := store.Get[dars.Note](tx, corrects); err != nil || was.Case != p.Stem {
				return refuseUnless(notARefusal(err), "not-found", string(corrects), "there is no note %s on %s", corrects, p.Stem)
			}
		}
		last, err := number(tx, "note", "NOTE-")
		if err != nil {
			return err
		}
		id = dars.NoteID(last)
		return tx.Save(a, "noted", &dars.Note{ID: id, Case: p.Stem, About: p.ID(), Org: p.Form.Organisation, Kind: kind, Text: text, Corrects: corrects, By: a.Who, On: o.today(a)})
	}
	if kind == dars.Discussion {
		err = o.do(ctx, a, "application discuss", decide)
		return id, err
	}
	err = o.do(ctx, a, "application note", decide)
	return id, err
}

// AddAction leaves something to do, for the applicant or for somebody of the
// office, who is told.
func (o Applications) AddAction(ctx context.Context, a dars.Act, ref, owner string, due dars.Day, text string) (n int, err error) {
	err = o.do(ctx, a, "application action", func(tx *store.Tx, _ *dars.Person) error {
		p, err := atWork(tx, ref)
		if err != nil {
			return err
		}
		to := dars.TheApplicant
		tell := p.Form.ContactID
		if owner != string(dars.TheApplicant) {
			who, err := byLogin(tx, owner)
			if err != nil {
				return err
			}
			if !who.Inside() {
				return dars.Refuse("not-owner", owner, "%s is not of the office: what the applicant is to do has the owner %s", owner, dars.TheApplicant)
			}
			to, tell = who.ID, who.ID
		}
		if n, err = p.AddAction(a, to, due, text, o.today(a)); err != nil {
			return err
		}
		how := fmt.Sprintf("Answer it when it is done: put a text file into submit/, named %s-action-%d.txt, or\n\n    ssh … application action %s --answer %d --text '...'\n", p.Stem, n, p.Stem, n)
		return keep(tx, a, "application action", p, func(tx *store.Tx, p *dars.Application) error {
			return write(tx, a, letter{To: []dars.PersonID{tell},
				Subject: fmt.Sprintf("%s: action %d, by %s", p.Stem, n, due.Long()), Dates: []dars.Date{actionDate(p, n)},
				Body: fmt.Sprintf("For the application %q (%s), by %s:\n\n%s\n\n%s", p.Form.Title, p.Stem, due.Long(), quoted(text), how)})
		})
	})
	return n, err
}

// AnswerAction is the word of who owns an action. The officer in charge is told.
func (o Applications) AnswerAction(ctx context.Context, a dars.Act, ref string, n int, text string, then ...func(*store.Tx, *dars.Application) error) error {
	return o.do(ctx, a, "application answered", func(tx *store.Tx, who *dars.Person) error {
		p, err := atWork(tx, ref)
		if err != nil {
			return err
		}
		if err := ownCase(who, p.Form.Organisation, "application", ref); err != nil {
			return err
		}
		if err := p.AnswerAction(a, who, n, text, o.today(a)); err != nil {
			return err
		}
		return keep(tx, a, "application answered", p, append(then, func(tx *store.Tx, p *dars.Application) error {
			l := letter{Routine: "application answered", Subject: fmt.Sprintf("%s: action %d is answered", p.Stem, n),
				Body: fmt.Sprintf("Action %d of %s is answered:\n\n%s\n\nIf that will do:\n\n    darsd application action %s --done %d --reason '...'\n", n, p.Stem, quoted(text), p.Stem, n)}
			if p.Officer != "" {
				l.To = []dars.PersonID{p.Officer}
			} else {
				l.Roles = []dars.Role{dars.CaseOfficer}
			}
			return write(tx, a, l)
		})...)
	})
}

// CloseAction is an officer's word that an action is done.
func (o Applications) CloseAction(ctx context.Context, a dars.Act, ref string, n int) error {
	return o.step(ctx, a, "application action", ref, func(_ *store.Tx, p *dars.Application) error {
		return p.CloseAction(a, n, o.today(a))
	}, func(tx *store.Tx, p *dars.Application) error {
		l := letter{Routine: "action done", To: []dars.PersonID{p.Actions[n-1].Owner}, Step: "action done", Dates: gone(actionDate(p, n)),
			Subject: fmt.Sprintf("%s: action %d is done", p.Stem, n),
			Body:    fmt.Sprintf("Action %d of the application %q (%s) is done. Nothing more is asked of you for it.\n", n, p.Form.Title, p.Stem)}
		switch p.Actions[n-1].Owner {
		case a.Who:
			return nil
		case dars.TheApplicant:
			l.To, l.For = []dars.PersonID{p.Form.ContactID}, p.Form.Organisation
		}
		return write(tx, a, l)
	})
}

// ReopenAction takes that back, or sends an answer back to the applicant.
func (o Applications) ReopenAction(ctx context.Context, a dars.Act, ref string, n int) error {
	return o.step(ctx, a, "application action", ref, func(_ *store.Tx, p *dars.Application) error {
		return p.ReopenAction(a, n, o.today(a))
	}, func(tx *store.Tx, p *dars.Application) error {
		if p.Actions[n-1].Owner != dars.TheApplicant {
			return nil
		}
		return write(tx, a, letter{To: []dars.PersonID{p.Form.ContactID}, For: p.Form.Organisation,
			Subject: fmt.Sprintf("%s: action %d is open again", p.Stem, n), Dates: []dars.Date{actionDate(p, n)},
			Body: fmt.Sprintf("Action %d of your application %q (%s) is open again, by %s:\n\n%s\n\nWhy:\n\n%s\n", n, p.Form.Title, p.Stem, p.Actions[n-1].Due.Long(), quoted(p.Actions[n-1].Text), quoted(a.Why))})
	})
}

// Reassign puts another case officer in charge, who is told.
func (o Applications) Reassign(ctx context.Context, a dars.Act, ref, login string) error {
	return o.step(ctx, a, "application reassign", ref, func(tx *store.Tx, p *dars.Application) error {
		to, err := byLogin(tx, login)
		if err != nil {
			return err
		}
		return p.Reassign(a, to)
	}, func(tx *store.Tx, p *dars.Application) error {
		return write(tx, a, letter{Routine: "application reassign", To: []dars.PersonID{p.Officer},
			Subject: fmt.Sprintf("%s: you are in charge", p.Stem),
			Body:    fmt.Sprintf("You are in charge of the application %q (%s) from today.\n\n%s\n", p.Form.Title, p.Stem, quoted(a.Why))})
	})
}

// Enquire keeps a question that may come before an application. Somebody from
// outside asks for their own organisation; what the office hears by telephone or
// by post, an officer writes in, and says who asked.
func (o Applications) Enquire(ctx context.Context, a dars.Act, e dars.Enquiry, then ...func(*store.Tx, *dars.Enquiry) error) (id dars.EnquiryID, err error) {
	err = o.do(ctx, a, "application enquiry", func(tx *store.Tx, who *dars.Person) error {
		if !who.Inside() {
			e.Org, e.Who = who.Org, string(who.ID)
		}
		for what, text := range map[string]string{"the enquiry": e.Text, "who asks (--who)": e.Who} {
			if err := dars.CheckText("enquiry", what, text); err != nil {
				return err
			}
		}
		if e.Org != "" {
			if _, err := store.Get[dars.Organisation](tx, e.Org); err != nil {
				return err
			}
		}
		ref, err := number(tx, "enquiry", "ENQ-")
		if err != nil {
			return err
		}
		e.ID, id = dars.EnquiryID(ref), dars.EnquiryID(ref)
		e.State, e.From, e.On, e.Answers = dars.EnquiryOpen, a.Who, o.today(a), []dars.Reply{}
		if err := keep(tx, a, "application enquiry", &e, then...); err != nil {
			return err
		}
		return write(tx, a, letter{Routine: "application enquiry", Roles: []dars.Role{dars.CaseOfficer}, Names: []dars.PersonID{e.From},
			Subject: fmt.Sprintf("%s: an enquiry", id),
			Body:    fmt.Sprintf("%s asks:\n\n%s\n\nAnswer it:\n\n    darsd application enquiry %s --answer '...'\n", oneLine(e.Who), quoted(e.Text), id)})
	})
	return id, err
}

// AnswerEnquiry tells the enquirer something: by mail, if the office knows them.
func (o Applications) AnswerEnquiry(ctx context.Context, a dars.Act, id dars.EnquiryID, text string) error {
	return one(ctx, o.Office, a, "application answer", id, func(a dars.Act, e *dars.Enquiry) error { return e.Answer(a, text, o.today(a)) },
		func(tx *store.Tx, e *dars.Enquiry) error {
			asker, err := store.Get[dars.Person](tx, e.From)
			if err != nil || asker.Inside() {
				return err // an officer wrote it in, and passes the answer on
			}
			return write(tx, a, letter{To: []dars.PersonID{e.From}, For: e.Org,
				Subject: fmt.Sprintf("%s: an answer to your enquiry", e.ID),
				Body:    fmt.Sprintf("You asked:\n\n%s\n\nOur answer:\n\n%s\n", quoted(e.Text), quoted(text))})
		})
}

// EnquiryBecame says which application came of an enquiry.
func (o Applications) EnquiryBecame(ctx context.Context, a dars.Act, id dars.EnquiryID, ref string) error {
	return o.do(ctx, a, "application enquiry", func(tx *store.Tx, who *dars.Person) error {
		e, err := store.Get[dars.Enquiry](tx, id)
		if err != nil {
			return err
		}
		if err := ownCase(who, e.Org, "enquiry", string(id)); err != nil {
			return err
		}
		p, err := atWork(tx, ref)
		if err != nil {
			return err
		}
		if err := ownCase(who, p.Form.Organisation, "application", ref); err != nil {
			return err
		}
		if err := e.Became(p); err != nil {
			return err
		}
		return tx.Save(a, "application enquiry", e)
	})
}

// notARefusal is an error unless it is a rule's no.
func notARefusal(err error) error {
	if _, no := err.(*dars.Refusal); no {
		return nil
	}
	return err
}
