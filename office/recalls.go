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
		return keep(tx, a, "incident add", &i, func(tx *store.Tx, i *dars.Incident) error { return o.looksAt(tx, a, i) })
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
		if part := n.Part(p.Org); part == nil || part.Unanswered == 0 {
			continue // nobody of theirs has any of it
		}
		if err := owePaper(tx, a, "recall-notice", n.ID+"/"+p.Org); err != nil {
			return err
		}
	}
	dates, err := o.shutBy(tx, n, r.Started)
	if err != nil {
		return err
	}
	subject, body := askedOfHolders(n, r)
	return write(tx, a, letter{To: n.Told, Dates: dates, Subject: fmt.Sprintf("%s: recall %s: %s", g.ID, r.ID, subject),
		Body: fmt.Sprintf("There is a defect in what was released under agreement %s:\n\n%s\n\n%s", g.ID, quoted(i.Says), body)})
}

// shutBy are the last days to collect what a notice calls back, which calendars lose.
func (o *Office) shutBy(tx *store.Tx, n *dars.RecallNotice, on dars.Day) (dates []dars.Date, err error) {
	for _, one := range n.Releases {
		r, err := store.Get[dars.Release](tx, one.ID)
		if err != nil {
			return nil, err
		}
		if r.Open(on) {
			dates = append(dates, gone(collectDate(r))...)
		}
	}
	return dates, nil
}

// askedOfHolders says what the holders of something that is called back are to do. Of what
// was only looked at, and of what is accounted for, there is nothing to set apart.
func askedOfHolders(n *dars.RecallNotice, r *dars.Recall) (subject, body string) {
	switch {
	case len(n.Files) == 0:
		return "stop using what you have seen", "It can no longer be looked at. Stop using now what you have taken out of our system with that access, and pass none of it on. We write to you what is to become of it.\n"
	case n.Unanswered == 0:
		return "it can no longer be collected", fmt.Sprintf("It can no longer be collected, and no answer is needed of you: by our record nobody has any of it.\n\n%s\n\nIf you find a copy all the same, stop using it, set it apart, and write to us.\n", strings.Join(calledBack(n), "\n"))
	}
	return fmt.Sprintf("stop using what is listed, and answer by %s", r.AnswerBy.Long()), fmt.Sprintf("Stop using it now, pass none of it on, and set every copy apart. It can no longer be collected. The notice under papers/ names each file.\n\n%s\n\nTell us of each file by %s what became of it, at every holder: %s. What you still have is set apart, until we have agreed with you what becomes of it; what was destroyed before this letter, or is since then as agreed, is destroyed.\n\n    darsd recall answer %s FILE... --set-apart | --destroyed | --processed-and-cannot --reason \"…\"\n",
		strings.Join(calledBack(n), "\n"), r.AnswerBy.Long(), partyCodes(n), r.ID)
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
// recipients of the agreement and of the versions after it, whoever may look with system
// access, and where an organisation has none among these, all its people.
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
	for _, one := range n.Releases {
		r, err := store.Get[dars.Release](tx, one.ID)
		if err != nil {
			return nil, err
		}
		if r.Access != nil {
			to = append(to, r.Access.Current()...)
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
	p := dars.RecallOf(i, r, notices, r.Started)
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

// notRecalled refuses a release that is called back. Whoever has some of it answers; what
// has not left is withdrawn, and planned anew from what was mended.
func notRecalled(tx *store.Tx, r *dars.Release) error {
	n, err := recalled(tx, r.ID)
	switch {
	case err != nil || n == nil:
		return err
	case r.Access != nil:
		return dars.Refuse("recalled", r.ID, "system access %s is called back by %s because of a defect: nobody looks with it any more; it is ended with darsd release revoke %[1]s, and another is granted when what is wrong is mended and the recall is closed", r.ID, n.Recall)
	case r.Given() == "":
		return dars.Refuse("recalled", r.ID, "recall %s affects release %s, which has not left: withdraw it with darsd release withdraw %[2]s, and plan it again when what is wrong is mended", n.Recall, r.ID)
	}
	return dars.Refuse("recalled", r.ID, "release %s is called back by %s because of a defect: set apart what you have of it, and answer for each file", r.ID, n.Recall)
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
