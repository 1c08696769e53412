package office

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// What comes of a recall: what holders answer, how far it has come, for the office, for
// them and for everybody, and the notice that each of them gets.

// Answer takes in what became of a file at a holder: from compliance for anybody, and
// from others for their own organisation. Without a holder compliance answers for all
// who have not. What nobody had said when a recall was closed is owed still: until then
// nothing takes the place of the file.
func (o Incidents) Answer(ctx context.Context, a dars.Act, id dars.RecallID, file, holder, answer string) (left []string, err error) {
	err = o.do(ctx, a, "recall answer", func(tx *store.Tx, who *dars.Person) error {
		r, err := store.Get[dars.Recall](tx, id)
		if err != nil {
			return err
		}
		found, err := store.Find[dars.RecallNotice](tx, dars.By("file", file), dars.By("recall", id))
		if err != nil {
			return err
		}
		unknown := dars.Refuse("not-found", file, "file %.60s is not called back by %s", file, id)
		if len(found) == 0 {
			return unknown
		}
		n := found[0]
		if !who.Inside() {
			if holder = string(who.Org); !slices.ContainsFunc(n.Parties, func(p dars.RecallParty) bool { return p.Org == holder }) {
				return unknown
			}
		}
		if r.State != dars.RecallStarted && !n.Owes(file, holder) {
			return dars.Refuse("wrong-step", r.ID, "recall %s was closed on %s, and nothing more is asked there for file %s", r.ID, r.Closed, file)
		}
		if a.Why != "" {
			if err := dars.CheckText(file, "the answer", a.Why); err != nil {
				return err
			}
		}
		if err := n.Answer(a, file, holder, answer, o.today(a)); err != nil {
			return err
		}
		for _, f := range n.Files {
			if f.File == file {
				left = f.Open()
			}
		}
		return keep(tx, a, "recall answer", n)
	})
	return left, err
}

// CloseRecall ends a recall, with what came of it.
func (o Incidents) CloseRecall(ctx context.Context, a dars.Act, id dars.RecallID, despite bool) error {
	return o.do(ctx, a, "recall close", func(tx *store.Tx, _ *dars.Person) error {
		r, err := store.Get[dars.Recall](tx, id)
		if err != nil {
			return err
		}
		open, err := store.Find[dars.RecallNotice](tx, dars.By("recall", id), dars.By("state", "asked"))
		if err != nil {
			return err
		}
		unanswered := 0
		for _, n := range open {
			unanswered += n.Unanswered
		}
		if err := r.Close(a, o.today(a), unanswered, despite); err != nil {
			return err
		}
		return keep(tx, a, "recall close", r)
	})
}

// Recall is how far a recall has come: for somebody outside, what is asked of their own
// organisation.
func (o Incidents) Recall(ctx context.Context, a dars.Act, id dars.RecallID) (p dars.RecallPlan, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		who, err := actor(tx, a)
		if err != nil {
			return err
		}
		r, i, notices, err := recallOf(tx, id)
		if err != nil {
			return err
		}
		if !who.Inside() {
			for at := range notices {
				notices[at] = notices[at].Part(string(who.Org))
			}
			notices = slices.DeleteFunc(notices, func(n *dars.RecallNotice) bool { return n == nil })
			if len(notices) == 0 {
				return dars.Refuse("not-found", id, "there is no recall %s", id)
			}
		}
		p = dars.RecallOf(i, r, notices, o.today(a))
		return nil
	})
	return p, err
}

func recallOf(tx *store.Tx, id dars.RecallID) (r *dars.Recall, i *dars.Incident, notices []*dars.RecallNotice, err error) {
	if r, err = store.Get[dars.Recall](tx, id); err != nil {
		return nil, nil, nil, err
	}
	if i, err = store.Get[dars.Incident](tx, r.Incident); err != nil {
		return nil, nil, nil, err
	}
	notices, err = store.Find[dars.RecallNotice](tx, dars.By("recall", id))
	return r, i, notices, err
}

// Recalls is what everybody may read of each recall, the newest first.
func (o Public) Recalls(ctx context.Context, on dars.Day) (all []dars.PublicRecall, err error) {
	all = []dars.PublicRecall{}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		recalls, err := store.Find[dars.Recall](tx)
		if err != nil {
			return err
		}
		names, err := allNames(tx)
		if err != nil {
			return err
		}
		slices.Reverse(recalls)
		for _, one := range recalls {
			r, i, notices, err := recallOf(tx, one.ID)
			if err != nil {
				return err
			}
			told := dars.RecallOf(i, r, notices, on).Public(i)
			told.Says, told.Outcome = dars.Withheld(told.Says, names), dars.Withheld(told.Outcome, names)
			all = append(all, told)
		}
		return nil
	})
	return all, err
}

// recallPaper is the notice to one organisation: of the files that were sent to its own
// people, or where none were, of all under the agreement.
func (o *Office) recallPaper(tx *store.Tx, d drawing, on dars.Day) (name string, org dars.OrgCode, draw func() ([]byte, error), err error) {
	cut := strings.LastIndex(d.About, "/")
	n, err := store.Get[dars.RecallNotice](tx, d.About[:max(cut, 0)])
	if err != nil {
		return "", "", nil, err
	}
	r, i, _, err := recallOf(tx, n.Recall)
	if err != nil {
		return "", "", nil, err
	}
	org = dars.OrgCode(d.About[cut+1:])
	f := dars.RecallFacts{Recall: string(n.Recall), Defect: i.Says, AnswerBy: r.AnswerBy, On: on, Files: n.SentTo(org)}
	if f.Agreement, err = store.Get[dars.Agreement](tx, n.Agreement); err != nil {
		return "", "", nil, err
	}
	if f.Organisation, err = store.Get[dars.Organisation](tx, org); err != nil {
		return "", "", nil, err
	}
	var who []dars.PersonID
	for _, file := range f.Files {
		for _, s := range file.Sent {
			who = append(who, s.Person)
		}
	}
	if f.People, err = people(tx, who...); err != nil {
		return "", "", nil, err
	}
	return fmt.Sprintf("Recall-%s-%s-%s.pdf", n.Recall, n.Agreement, org), org, func() ([]byte, error) { return o.Works.Papers.RecallNotice(f) }, nil
}

// recalls are those that wait for answers.
func (l *waiting) recalls() error {
	open, err := store.Find[dars.Recall](l.tx, dars.By("state", dars.RecallStarted))
	if err != nil || len(open) == 0 {
		return err
	}
	for _, r := range open {
		if l.who.Inside() {
			if l.who.May("recall close") == nil {
				l.all = append(l.all, Todo{"recall", string(r.ID), "darsd recall show " + string(r.ID), r.Started, r.AnswerBy})
			}
			continue
		}
		theirs, err := store.Find[dars.RecallNotice](l.tx, dars.By("recall", r.ID), dars.By("party", l.who.Org), dars.By("state", "asked"))
		if err != nil {
			return err
		}
		for _, n := range theirs {
			if part := n.Part(string(l.who.Org)); part != nil && part.Unanswered > 0 {
				l.all = append(l.all, Todo{"recall", string(r.ID), fmt.Sprintf("stop using what was released under %s, set it apart and answer for %d files: darsd recall show %s", n.Agreement, part.Unanswered, r.ID), r.Started, r.AnswerBy})
			}
		}
	}
	return nil
}

// calledBackHere are releases that are called back and have not left: they are withdrawn,
// and planned or granted anew from what was mended.
func (l *waiting) calledBackHere() error {
	if l.who.May("release withdraw") != nil {
		return nil
	}
	for _, state := range []dars.ReleaseState{dars.Planned, dars.Produced, dars.Checked, dars.SignedOff, dars.AccessAgreed} {
		all, err := store.NamedBy[dars.Release](l.tx, "recall notice", "release", dars.By("state", state))
		if err != nil {
			return err
		}
		for _, r := range all {
			n, err := recalled(l.tx, r.ID)
			if err != nil {
				return err
			}
			how := "withdraw"
			if r.Access != nil {
				how = "revoke"
			}
			l.all = append(l.all, Todo{"release", string(r.ID), fmt.Sprintf("it is called back by %s: darsd release %s %s", n.Recall, how, r.ID), r.Planned, ""})
		}
	}
	return nil
}

// incidents are those of which nobody has said whether anything is called back.
func (l *waiting) incidents() error {
	if l.who.May("recall start") != nil {
		return nil
	}
	all, err := store.Find[dars.Incident](l.tx, dars.By("state", dars.IncidentRecorded))
	for _, i := range all {
		l.all = append(l.all, Todo{"incident", string(i.ID), "darsd recall plan " + string(i.ID), i.Recorded, ""})
	}
	return err
}
