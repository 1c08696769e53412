package dars

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Which days of a noun matter so that somebody is told before, or after, as its own
// facts have it. Whether somebody else's facts make a letter idle (a later version,
// the next contract, an organisation in no case) is for the office to find out.

func (c *Contract) Climbed() *[]Step     { return &c.Steps }
func (g *Agreement) Climbed() *[]Step    { return &g.Steps }
func (c *Certificate) Climbed() *[]Step  { return &c.Steps }
func (o *Organisation) Climbed() *[]Step { return &o.Steps }
func (p *Application) Climbed() *[]Step  { return &p.Steps }
func (r *Release) Climbed() *[]Step      { return &r.Steps }

func (c *Contract) Deadlines() (all []Deadline) {
	if is(c.State, ContractInForce) {
		all = append(all, Deadline{Ladder: LadderContract, Day: c.End, From: c.Start, Until: c.End})
	}
	return all
}

// Deadlines are its end, the days by which its obligations are to be met, those from
// which a release that recurs is wanted, its annual reviews, and the days on which
// benefits are asked for, also when it has ended.
func (g *Agreement) Deadlines() (all []Deadline) {
	all = g.accountDeadlines()
	if g.Over() {
		return all
	}
	for _, o := range g.Obligations {
		if o.State == ObligationOpen && o.Due != "" {
			all = append(all, Deadline{Ladder: LadderObligation, Item: strconv.Itoa(o.N), Day: o.Due, From: o.On})
		}
	}
	if g.State != InForce {
		return all
	}
	all = append(all, Deadline{Ladder: LadderAgreement, Day: g.End, From: g.Start, Until: g.End})
	all = append(all, g.instalmentDeadlines()...)
	return append(all, g.reviewDeadlines()...)
}

// Deadlines are the day from which it is missed, while it is, the day by which one that
// came is to be examined, and the day on which the last backup goes.
func (c *Certificate) Deadlines() (all []Deadline) {
	if c.Outstanding() {
		all = append(all, Deadline{Ladder: LadderCertificate, Day: c.Counts(), From: c.Counts()})
	}
	if by := c.ExamineBy(); by != "" {
		all = append(all, Deadline{Ladder: LadderExamination, Day: by, From: c.Waits})
	}
	if c.State == CertInterim {
		all = append(all, Deadline{Ladder: LadderBackup, Day: c.BackupEnd, From: c.Received, Until: c.BackupEnd})
	}
	return all
}

func (o *Organisation) Deadlines() (all []Deadline) {
	if o.SecurityExpires != "" {
		all = append(all, Deadline{Ladder: LadderSecurity, Day: o.SecurityExpires, Until: old(o.SecurityExpires)})
	}
	if o.ICOExpires != "" {
		all = append(all, Deadline{Ladder: LadderICO, Day: o.ICOExpires, Until: old(o.ICOExpires)})
	}
	return all
}

// old is the day after which nobody is told of what has ended, who has not been told
// before.
func old(ended Day) Day { return ended.AddMonths(12) }

// Deadlines are the last days of the papers it rests on, and the days by which its
// actions and caveats are to be done.
func (p *Application) Deadlines() (all []Deadline) {
	if p.ended() && p.State != Approved {
		return nil
	}
	for _, f := range p.Evidence {
		if f.Left == "" && f.State() == EvidenceSeen && p.RestsOn(f.Kind) && f.Until() != "" && !p.Replaced(f) {
			all = append(all, Deadline{Ladder: LadderEvidence, Item: strconv.Itoa(f.N), Day: f.Until(), From: f.Received, Until: old(f.Until())})
		}
	}
	for _, t := range p.Actions {
		if t.State == ActionOpen && (!p.ended() || t.Caveat) {
			all = append(all, Deadline{Ladder: t.Ladder(), Item: strconv.Itoa(t.N), Day: t.Due, From: t.On})
		}
	}
	return all
}

// Replaced reports whether a later paper of the same kind has come.
func (p *Application) Replaced(f EvidenceFile) bool {
	return slices.ContainsFunc(p.Evidence[f.N:], func(later EvidenceFile) bool {
		return later.Left == "" && later.Kind == f.Kind && later.State() != EvidenceRefused && (later.Until() == "" || later.Until() > f.Until() || f.State() == EvidenceRefused)
	})
}

// Deadlines are the end of its window, while nobody has collected it.
func (r *Release) Deadlines() (all []Deadline) {
	if r.State == Published && !r.IsFrozen() {
		all = append(all, Deadline{Ladder: LadderWindow, Day: r.WindowEnds, From: r.Published, Until: r.WindowEnds})
	}
	return all
}

// CheckLadders says what is wrong with an office's ladders, each with the way out.
func CheckLadders(l Ladders) (wrong []error) {
	whole := l.Over(DefaultLadders())
	for _, kind := range slices.Sorted(maps.Keys(l)) {
		say := func(field, format string, args ...any) {
			wrong = append(wrong, fmt.Errorf("policy.ladders."+kind+"."+field+": "+format, args...))
		}
		if !slices.Contains(Codes(LadderKinds), kind) {
			wrong = append(wrong, fmt.Errorf("policy.ladders.%s: there is no such ladder; there are %s", kind, join(Codes(LadderKinds))))
			continue
		}
		if !ordered(l[kind].Before, func(a, b int) bool { return a > b }) {
			say("before", "%v are not days in order, from the longest before the day to the shortest, such as [90, 30, 0]", l[kind].Before)
		}
		if !ordered(l[kind].After, func(a, b int) bool { return a < b }) || slices.Contains(l[kind].After, 0) {
			say("after", "%v are not days in order, from the first after the day to the last, such as [14, 28]", l[kind].After)
		}
		checkAddressees(l[kind].To, func(format string, args ...any) { say("to", format, args...) })
		for _, h := range l[kind].Higher {
			checkAddressees(h.To, func(format string, args ...any) { say("higher.to", format, args...) })
		}
		own := whole[kind]
		if i := slices.IndexFunc(own.Before, func(days int) bool { return len(own.Who(-days)) == 0 }); i >= 0 {
			say("before", "what is sent %d days before goes to nobody: name somebody in to, or take the step away", own.Before[i])
		}
		if i := slices.IndexFunc(own.After, func(days int) bool { return len(own.Who(days)) == 0 }); i >= 0 {
			say("after", "what is sent %d days after goes to nobody: name somebody in to, or take the step away", own.After[i])
		}
	}
	return wrong
}

func ordered(days []int, before func(a, b int) bool) bool {
	for i, n := range days {
		if n < 0 || i > 0 && !before(days[i-1], n) {
			return false
		}
	}
	return true
}

func checkAddressees(to []Addressee, say func(string, ...any)) {
	for _, a := range to {
		if !slices.Contains(Addressees(), a) {
			say("nobody is called %q: choose among %s", a, join(Addressees()))
		}
	}
}
