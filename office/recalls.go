package office

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Incidents is the wing for what is wrong with data that were released, and for calling
// them back.
//
//	incident ──▶ plan, as often as wanted ──▶ recall: frozen and told in one act
//	                                             ──▶ answers, file by file ──▶ closed
type Incidents struct{ *Office }

// Add records an incident.
func (o Incidents) Add(ctx context.Context, a dars.Act, i dars.Incident) (id dars.IncidentID, err error) {
	err = o.do(ctx, a, "incident add", func(tx *store.Tx, who *dars.Person) error {
		i.Recorded, i.By, i.State = o.today(a), who.ID, dars.IncidentRecorded
		if i.Found == "" {
			i.Found = i.Recorded
		}
		if i.Says == "" {
			i.Says = dars.Meaning(dars.IncidentKindCodes(), i.Kind)
		}
		if err := i.Check(); err != nil {
			return err
		}
		ref, err := number(tx, "incident", "INC-")
		if err != nil {
			return err
		}
		i.ID, id = dars.IncidentID(ref), dars.IncidentID(ref)
		return keep(tx, a, "incident add", &i)
	})
	return id, err
}

// Close says that nothing is called back for an incident, and why.
func (o Incidents) Close(ctx context.Context, a dars.Act, id dars.IncidentID) error {
	return one(ctx, o.Office, a, "incident close", id, func(a dars.Act, i *dars.Incident) error { return i.Close(a) })
}

// Start calls back what an incident affects, once. What that is is found again in the
// same act: what was published since somebody looked at the plan is among it. From then
// on nobody collects or publishes it, handles that are open are cut, and every holder is
// told.
func (o Incidents) Start(ctx context.Context, a dars.Act, id dars.IncidentID) (r *dars.Recall, notices []*dars.RecallNotice, err error) {
	err = o.do(ctx, a, "recall start", func(tx *store.Tx, who *dars.Person) error {
		i, err := store.Get[dars.Incident](tx, id)
		if err != nil {
			return err
		}
		ref, err := number(tx, "recall", "RCL-")
		if err != nil {
			return err
		}
		on := o.today(a)
		r = &dars.Recall{ID: dars.RecallID(ref), Incident: i.ID, State: dars.RecallStarted, Started: on, By: who.ID, AnswerBy: on.Add(dars.RecallDays)}
		if err := i.Called(r.ID); err != nil {
			return err
		}
		if notices, err = o.affected(tx, i, on); err != nil {
			return err
		}
		if len(notices) == 0 {
			return dars.Refuse("nothing-affected", id, "incident %s affects no release, here or in a register: look at what it says (%s), or close it with darsd incident close %s", id, i.Brief(), id)
		}
		if err := keep(tx, a, "recall start", i); err != nil {
			return err
		}
		if err := keep(tx, a, "recall start", r); err != nil {
			return err
		}
		for _, n := range notices {
			if err := o.send(tx, a, i, r, n); err != nil {
				return err
			}
		}
		return o.tellCompliance(tx, a, i, r, notices)
	})
	return r, notices, err
}

// send keeps a notice and tells whoever may hold something of it. Of an agreement that a
// register names nobody is known here: compliance writes to them.
func (o Incidents) send(tx *store.Tx, a dars.Act, i *dars.Incident, r *dars.Recall, n *dars.RecallNotice) (err error) {
	n.Send(r)
	var g *dars.Agreement
	if !n.Register {
		if g, err = store.Get[dars.Agreement](tx, n.Agreement); err != nil {
			return err
		}
		if n.Told, err = o.toTell(tx, g, n); err != nil {
			return err
		}
	}
	if err := tx.Save(a, "recall start", n); err != nil || n.Register || !n.Left() {
		return err
	}
	for _, p := range n.Parties {
		if len(n.SentTo(dars.OrgCode(p.Org))) == 0 {
			continue // nobody has any of it
		}
		if err := owePaper(tx, a, "recall-notice", n.ID+"/"+p.Org); err != nil {
			return err
		}
	}
	return write(tx, a, letter{To: n.Told, Subject: fmt.Sprintf("%s: recall %s: stop using what is listed, and answer by %s", g.ID, r.ID, r.AnswerBy.Long()),
		Body: fmt.Sprintf("There is a defect in what was released under agreement %s:\n\n%s\n\nStop using it now, pass none of it on, and set every copy apart. It can no longer be collected. The notice under papers/ names each file.\n\n%s\n\nTell us of each file by %s what became of it, at every holder: %s.\n\n    darsd recall answer %s FILE... --set-apart | --destroyed | --processed-and-cannot --reason \"…\"\n",
			g.ID, quoted(i.Says), strings.Join(calledBack(n), "\n"), r.AnswerBy.Long(), partyCodes(n), r.ID)})
}

// calledBack lists the files of a notice for people.
func calledBack(n *dars.RecallNotice) (lines []string) {
	for _, f := range n.Files {
		line := "    " + f.File + " " + f.Path
		if len(f.Open()) == 0 {
			line += ": needs no answer (" + dars.Meaning(dars.RecallAnswers, f.Answers[0].Answer) + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

func partyCodes(n *dars.RecallNotice) string {
	var codes []string
	for _, p := range n.Parties {
		codes = append(codes, p.Org)
	}
	return strings.Join(codes, ", ")
}

// toTell are those of every holder whom the office can write to: the contacts and the
// recipients of the agreement and of the versions after it, and where an organisation has
// none among these, all its people.
func (o *Office) toTell(tx *store.Tx, g *dars.Agreement, n *dars.RecallNotice) (to []dars.PersonID, err error) {
	versions, err := store.Find[dars.Agreement](tx, dars.By("case", g.Stem))
	if err != nil {
		return nil, err
	}
	to = addressees(g)
	for _, v := range versions {
		if v.Later(g) && v.CountersignedBy != "" {
			to = append(to, addressees(v)...)
		}
	}
	for _, f := range n.Files {
		for _, s := range f.Sent {
			to = append(to, s.Person)
		}
	}
	slices.Sort(to)
	to = slices.Compact(to)
	told, err := people(tx, to...)
	if err != nil {
		return nil, err
	}
	reached := map[string]bool{}
	for _, one := range told {
		reached[string(one.Org)] = reached[string(one.Org)] || !one.Gone()
	}
	for _, p := range n.Parties {
		if reached[p.Org] {
			continue
		}
		theirs, err := store.Find[dars.Person](tx, dars.By("org", p.Org))
		if err != nil {
			return nil, err
		}
		for _, one := range theirs {
			if !one.Gone() {
				to = append(to, one.ID)
			}
		}
	}
	slices.Sort(to)
	return slices.Compact(to), nil
}

// tellCompliance says what was called back, and whom they have to write to themselves.
func (o Incidents) tellCompliance(tx *store.Tx, a dars.Act, i *dars.Incident, r *dars.Recall, notices []*dars.RecallNotice) error {
	p := dars.Plan(i, r, notices, r.Started)
	body := fmt.Sprintf("Recall %s of incident %s is started. It is of %d releases and %d files under %d agreements, at %d organisations; %d files still need an answer, by %s.\n\n    darsd recall show %s\n",
		r.ID, i.ID, len(p.Releases), len(p.Files), len(notices), len(p.Organisations), p.Progress["open"], r.AnswerBy.Long(), r.ID)
	unreached := 0
	for _, n := range notices {
		if n.Register || len(n.Told) == 0 {
			unreached++
		}
	}
	if unreached > 0 {
		body += fmt.Sprintf("\nOf %d agreements nobody is known here, since registers name no people: write to their organisations yourselves, and enter what they answer.\n", unreached)
	}
	return write(tx, a, letter{Roles: []dars.Role{dars.Compliance, dars.SIRO}, Subject: fmt.Sprintf("%s: recall of %d files", r.ID, len(p.Files)), Body: body})
}

// recalled is the notice that keeps everybody from a release, or nil.
func recalled(tx *store.Tx, id dars.ReleaseID) (*dars.RecallNotice, error) {
	all, err := store.Find[dars.RecallNotice](tx, dars.By("release", id))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// notRecalled refuses a release that is called back.
func notRecalled(tx *store.Tx, id dars.ReleaseID) error {
	n, err := recalled(tx, id)
	if err != nil || n == nil {
		return err
	}
	return dars.Refuse("recalled", id, "release %s is called back by %s because of a defect: set apart what you have of it, and answer for each file", id, n.Recall)
}

// answeredFor refuses something in the place of a release that is called back, until
// everybody has said what became of what was sent of it.
func answeredFor(tx *store.Tx, before dars.ReleaseID) error {
	all, err := store.Find[dars.RecallNotice](tx, dars.By("release", before))
	i := slices.IndexFunc(all, func(n *dars.RecallNotice) bool { return !n.Frees(before) })
	if err != nil || i < 0 {
		return err
	}
	return dars.Refuse("recalled", before, "release %s covers the same period and is called back by %s: until every holder has answered for its files nothing takes its place, or the two subtracted could tell of single persons", before, all[i].Recall)
}

// Answer takes in what became of a file at a holder: from compliance for anybody, and
// from others for their own organisation. Without a holder compliance answers for all
// who have not.
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
		if r.State != dars.RecallStarted {
			return dars.Refuse("wrong-step", r.ID, "recall %s was closed on %s", r.ID, r.Closed)
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
		p = dars.Plan(i, r, notices, o.today(a))
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
		slices.Reverse(recalls)
		for _, one := range recalls {
			r, i, notices, err := recallOf(tx, one.ID)
			if err != nil {
				return err
			}
			all = append(all, dars.Plan(i, r, notices, on).Public(i))
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
