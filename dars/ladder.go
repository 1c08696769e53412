package dars

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// A Ladder is when somebody is written to about a day that matters, and who. What
// is blocked or cut off on that day is no step of a ladder: it happens on the day.
type Ladder struct {
	Before []int       `yaml:"before"` // days before the day, from the longest
	After  []int       `yaml:"after"`  // days after it, while what was due has not come
	To     []Addressee `yaml:"to"`     // at every step
	Higher []Higher    `yaml:"higher"` // and besides, from a step on
}

// Higher is who is written to besides, from a step on.
type Higher struct {
	From int         `yaml:"from"` // days after the day; -30 is 30 days before it
	To   []Addressee `yaml:"to"`
}

// An Addressee is who is written to: one of those below, who differ from case to
// case, or a role of the office.
type Addressee string

const (
	ToContact    Addressee = "contact"    // of the agreement, or of the application
	ToRecipients Addressee = "recipients" // those who may collect
	ToOfficer    Addressee = "officer"    // in charge of the case; if nobody is, all case officers
	ToIAO        Addressee = "iao"        // of each dataset
	ToOwner      Addressee = "owner"      // of an action
)

// Addressees are all that a step may go to.
func Addressees() []Addressee {
	all := []Addressee{ToContact, ToRecipients, ToOfficer, ToOwner}
	for _, r := range InsideRoles() {
		all = append(all, Addressee(r))
	}
	return all
}

// Ladders are an office's, by what they are about.
type Ladders map[string]Ladder

// What ladders are about.
const (
	LadderContract    = "contract"
	LadderAgreement   = "agreement"
	LadderCertificate = "certificate"
	LadderExamination = "examination"
	LadderSecurity    = "security"
	LadderICO         = "ico"
	LadderEvidence    = "evidence"
	LadderCaveat      = "caveat"
	LadderAction      = "action"
	LadderObligation  = "obligation"
	LadderWindow      = "window"
	LadderBackup      = "backup"
	LadderReview      = "review"
	LadderInstalment  = "instalment"
	LadderBenefits    = "benefits"
	LadderAuditAnswer = "audit-answer"
	LadderAuditAction = "audit-action"
	LadderAppeal      = "appeal"
	LadderComplaint   = "complaint"
	LadderRecall      = "recall"
)

// LadderKinds are what ladders are about, in words.
var LadderKinds = []Code{
	{LadderContract, "the end of a framework contract that no other follows"},
	{LadderAgreement, "the end of an agreement that no later version follows"},
	{LadderCertificate, "a certificate of destruction that has not come, from the end of the agreement"},
	{LadderExamination, "the day by which a certificate of destruction that came back is to be examined"},
	{LadderSecurity, "the end of an organisation's security assurance"},
	{LadderICO, "the end of an organisation's registration with the Information Commissioner"},
	{LadderEvidence, "the end of a paper that a case rests on"},
	{LadderCaveat, "the day by which a caveat is to be met"},
	{LadderAction, "the day by which an action is to be done"},
	{LadderObligation, "the day by which an obligation of an agreement is to be met"},
	{LadderWindow, "the last day on which a release can be collected"},
	{LadderBackup, "the day on which the last backup of destroyed data goes"},
	{LadderInstalment, "a release that recurs and cannot be planned, from the day after its period"},
	{LadderReview, "each anniversary of an agreement that runs for years, until its review is done"},
	{LadderBenefits, "the day on which it is to be told what came of the data"},
	{LadderAuditAnswer, "the day by which the report of an audit is to be answered"},
	{LadderAuditAction, "the day by which an action of an audit is to be done"},
	{LadderAppeal, "the day by which an appeal against a sanction is to be decided"},
	{LadderComplaint, "the day by which a complaint is to be answered"},
	{LadderRecall, "the day by which holders are to say what became of files that are called back"},
}

// DefaultLadders are those of an office that says nothing else (domain 13).
func DefaultLadders() Ladders {
	paper := Ladder{Before: []int{60, 30, 14, 7, 0}, After: []int{14, 28}, To: []Addressee{ToContact}, Higher: []Higher{{0, []Addressee{ToOfficer}}, {28, []Addressee{Addressee(Compliance)}}}}
	return Ladders{
		LadderContract:    {Before: []int{180, 90, 60, 30, 14, 7, 0}, To: []Addressee{ToContact, ToOfficer}},
		LadderAgreement:   {Before: []int{180, 90, 60, 30, 14, 7, 0}, To: []Addressee{ToContact, ToRecipients}},
		LadderCertificate: {After: []int{15, 28, 42, 56, 90}, To: []Addressee{ToContact, ToRecipients, Addressee(Compliance)}, Higher: []Higher{{28, []Addressee{ToIAO}}, {90, []Addressee{Addressee(SIRO)}}}},
		LadderExamination: {Before: []int{7, 0}, After: []int{7, 14, 28}, To: []Addressee{Addressee(Compliance)}, Higher: []Higher{{14, []Addressee{Addressee(SIRO)}}}},
		LadderSecurity:    paper,
		LadderICO:         paper,
		LadderEvidence:    paper,
		LadderCaveat:      {Before: []int{14, 7, 0}, After: []int{14, 28, 42}, To: []Addressee{ToOwner}, Higher: []Higher{{14, []Addressee{ToOfficer}}, {42, []Addressee{ToIAO}}}},
		LadderAction:      {Before: []int{7, 0}, After: []int{14, 28}, To: []Addressee{ToOwner}, Higher: []Higher{{14, []Addressee{ToOfficer}}}},
		LadderObligation:  {Before: []int{14, 7, 0}, After: []int{14, 28, 42}, To: []Addressee{ToContact}, Higher: []Higher{{0, []Addressee{ToOfficer}}, {42, []Addressee{Addressee(Compliance)}}}},
		LadderWindow:      {Before: []int{7, 1}, To: []Addressee{ToRecipients}},
		LadderBackup:      {Before: []int{14}, To: []Addressee{ToContact}},
		LadderInstalment:  {Before: []int{0}, After: []int{14, 28, 42}, To: []Addressee{ToOfficer}, Higher: []Higher{{28, []Addressee{ToIAO}}}},
		LadderReview:      {Before: []int{60, 30, 0}, After: []int{14, 42}, To: []Addressee{ToContact, ToOfficer}, Higher: []Higher{{42, []Addressee{ToIAO}}}},
		LadderBenefits:    {Before: []int{30, 0}, After: []int{14, 28, 56}, To: []Addressee{ToContact}, Higher: []Higher{{14, []Addressee{ToOfficer}}, {28, []Addressee{ToIAO}}, {56, []Addressee{Addressee(Compliance)}}}},
		LadderAuditAnswer: {Before: []int{3, 0}, After: []int{7, 14, 28}, To: []Addressee{ToContact}, Higher: []Higher{{7, []Addressee{Addressee(Auditor)}}}},
		LadderAuditAction: {Before: []int{14, 7, 0}, After: []int{7, 28}, To: []Addressee{ToOwner, ToContact}, Higher: []Higher{{7, []Addressee{Addressee(Auditor)}}, {28, []Addressee{Addressee(Compliance)}}}},
		LadderAppeal:      {Before: []int{7, 0}, After: []int{1, 7, 14}, To: []Addressee{Addressee(SIRO)}, Higher: []Higher{{7, []Addressee{Addressee(Compliance)}}}},
		LadderComplaint:   {Before: []int{7, 2, 0}, After: []int{1, 7, 14}, To: []Addressee{Addressee(Compliance)}, Higher: []Higher{{1, []Addressee{Addressee(SIRO)}}}},
		LadderRecall:      {Before: []int{2, 0}, After: []int{1, 7, 14, 28}, To: []Addressee{ToContact, ToRecipients, Addressee(Compliance)}, Higher: []Higher{{7, []Addressee{ToIAO}}, {14, []Addressee{Addressee(SIRO)}}}},
	}
}

// Over are an office's own ladders, with what they leave out taken from others.
func (l Ladders) Over(others Ladders) Ladders {
	all := Ladders{}
	for kind, other := range others {
		own := l[kind]
		if own.Before == nil {
			own.Before = other.Before
		}
		if own.After == nil {
			own.After = other.After
		}
		if own.To == nil {
			own.To = other.To
		}
		if own.Higher == nil {
			own.Higher = other.Higher
		}
		all[kind] = own
	}
	return all
}

// Who is whom a step goes to, of so many days after the day; before it they are
// less than 0.
func (l Ladder) Who(step int) (to []Addressee) {
	to = slices.Clone(l.To)
	for _, h := range l.Higher {
		if h.From > step {
			continue
		}
		for _, a := range h.To {
			if !slices.Contains(to, a) {
				to = append(to, a)
			}
		}
	}
	return to
}

// A Deadline is a day of a noun that a ladder leads to.
type Deadline struct {
	Ladder string
	Item   string // which of several that the noun has; "" if it has one
	Day    Day
	From   Day // no step is due before it: nobody is told of what began too late for it
	Until  Day // the last day on which a step may be taken; "" if there is none
}

// A Dated noun has deadlines, and keeps the steps of their ladders that were taken.
// A noun becomes one by saying so: the rest follows.
type Dated interface {
	Noun
	Deadlines() []Deadline
	Climbed() *[]Step
}

// A Step of a ladder, such as "reminder-30", that is done.
type Step struct {
	Name string `json:"step"`
	Due  Day    `json:"due"`
	Done Day    `json:"done"`
}

// A Rung is a step of a ladder that may be due.
type Rung struct {
	Name string
	Days int // after the deadline's day; before it they are less than 0
	Due  Day
	On   Day // from when it is taken: messages wait for a working day, or go on the last one before if none is left
}

// AuditStep is the rung at which an audit is triggered because a certificate has
// not come.
const AuditStep = "audit"

// Rungs are all the steps towards and after a deadline, the lowest first.
func (p Policy) Rungs(d Deadline, c Calendar) (rungs []Rung) {
	add := func(word string, days int) {
		due := d.Day.Add(days)
		r := Rung{d.step(word, max(days, -days)), days, due, c.NextWorking(due)}
		if d.Until != "" && r.On > d.Until && due <= d.Until {
			r.On = max(d.From, c.lastWorking(due)) // afterwards it would be too late
		}
		if due >= d.From && (d.Until == "" || r.On <= d.Until) {
			rungs = append(rungs, r)
		}
	}
	for _, n := range p.Ladders[d.Ladder].Before {
		add("reminder", -n)
	}
	audited := d.Ladder == LadderCertificate
	for _, n := range p.Ladders[d.Ladder].After {
		if !audited || n != p.AuditAfterDays {
			add("chase", n)
		}
	}
	if audited {
		// An audit is no message, and waits for nothing. Its letter is the step's.
		due := d.Day.Add(p.AuditAfterDays)
		rungs = append(rungs, Rung{AuditStep, p.AuditAfterDays, due, due})
	}
	slices.SortStableFunc(rungs, func(a, b Rung) int { return cmp.Compare(a.Days, b.Days) })
	return rungs
}

// step names a step: "reminder-30", "ico-reminder-30", "action-2-chase-14".
func (d Deadline) step(word string, days int) string {
	name := word + "-" + strconv.Itoa(days)
	if d.Item != "" {
		name = d.Item + "-" + name
	}
	if d.Ladder == LadderAgreement || d.Ladder == LadderCertificate {
		return name // the noun says which
	}
	return d.Ladder + "-" + name
}

// Ahead are the rungs that are still to be climbed: above all that are done. A deadline
// that was moved has other rungs, of other days. An office may have changed its ladder
// since: what it has put in below a step that was taken is not taken after it, and an
// audit that was triggered is not triggered again.
func Ahead(rungs []Rung, done []Step) []Rung {
	ahead := rungs
	for i, r := range slices.Backward(rungs) {
		if slices.ContainsFunc(done, r.standsUnder) {
			ahead = rungs[i+1:]
			break
		}
	}
	audited := func(r Rung) bool {
		return r.Name == AuditStep && slices.ContainsFunc(done, func(s Step) bool { return s.Name == AuditStep })
	}
	if slices.ContainsFunc(ahead, audited) {
		return slices.DeleteFunc(slices.Clone(ahead), audited)
	}
	return ahead
}

// standsUnder reports whether a step is that of a rung, or a later one towards the same
// day.
func (r Rung) standsUnder(s Step) bool {
	switch {
	case s.Due < r.Due:
		return false
	case s.Due == r.Due && s.Name == r.Name:
		return true
	}
	of, days, named := counted(r.Name)
	if s.Name == AuditStep {
		return named && of == ""
	}
	other, stepped, known := counted(s.Name)
	return named && known && of == other && s.Due.Since(r.Due) == stepped-days
}

// counted parts the name of a step: of which deadline it is, and how many days after it.
// That of an audit does not say.
func counted(name string) (of string, days int, named bool) {
	i := strings.LastIndexByte(name, '-')
	n, err := strconv.Atoi(name[i+1:])
	if i < 0 || err != nil {
		return "", 0, false
	}
	if of, named = strings.CutSuffix(name[:i], "reminder"); named {
		return of, -n, true
	}
	of, named = strings.CutSuffix(name[:i], "chase")
	return of, n, named
}

// Reached returns the highest rung that is due on a day, and those below it: one
// letter stands for them all, since nobody wants the missed ones as well.
func Reached(ahead []Rung, on Day) (due Rung, missed []Rung) {
	var all []Rung
	for _, r := range ahead {
		if r.On <= on {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		return Rung{}, nil
	}
	return all[len(all)-1], all[:len(all)-1]
}

// Climb notes on a noun that the step of a ladder that is due on a day is taken, and
// the missed ones that it stands for. It returns all that it climbed, the highest
// last: a letter stands for those below, but a missed audit is to be triggered all
// the same.
func (p Policy) Climb(n Dated, ladder, item string, c Calendar, on Day) (d Deadline, climbed []Rung, err error) {
	for _, d := range n.Deadlines() {
		if d.Ladder != ladder || d.Item != item || d.Until != "" && on > d.Until {
			continue
		}
		rung, missed := Reached(Ahead(p.Rungs(d, c), *n.Climbed()), on)
		if rung.Name == "" {
			continue
		}
		climbed = append(missed, rung)
		for _, r := range climbed {
			*n.Climbed() = append(*n.Climbed(), Step{r.Name, r.Due, on})
		}
		return d, climbed, nil
	}
	card := n.Card()
	return d, nil, Refuse("nothing-due", card.Ref, "%s %s has nothing due of the ladder %q", card.Kind, card.Ref, ladder)
}
