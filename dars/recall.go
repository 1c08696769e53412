package dars

import (
	"slices"
	"strings"
)

// A Recall calls back every file that an incident affects. Under each agreement its
// holders have a notice of their own, and answer file by file; nobody collects what is
// called back, from the moment in which the recall is started.
type Recall struct {
	ID       RecallID    `json:"id"`
	Incident IncidentID  `json:"incident"`
	State    RecallState `json:"state"`
	Started  Day         `json:"started"`
	By       PersonID    `json:"by"`
	AnswerBy Day         `json:"answer_by"`
	Closed   Day         `json:"closed,omitempty"`
	Outcome  string      `json:"outcome,omitempty"` // what came of it, in words for the public
}

// A RecallState is where a recall is in its life.
type RecallState string

const (
	RecallStarted RecallState = "started"
	RecallClosed  RecallState = "closed"
)

// RecallLife is every step of a recall.
var RecallLife = Life[RecallState]{RecallStarted: {RecallClosed}}

// RecallDays is how long holders have to answer: a week, since what is wrong may be
// used meanwhile.
const RecallDays = 7

func (r *Recall) Card() Card {
	return Card{"recall", string(r.ID), string(r.State), []Key{By("incident", r.Incident)}}
}

// Close ends it when every file is answered for, and says what came of it. With files
// unanswered that is a decision.
func (r *Recall) Close(a Act, on Day, unanswered int, despite bool) (err error) {
	to, err := RecallLife.Step(r, r.State, RecallClosed)
	switch {
	case err != nil:
		return err
	case a.Why == "":
		return Refuse("no-reason", r.ID, "recall %s: say with --reason what came of it, in words for the public", r.ID)
	case unanswered > 0 && !despite:
		return Refuse("unanswered", r.ID, "recall %s: of %d files nobody has said yet what became of them; to close it all the same, say --despite-unanswered", r.ID, unanswered)
	}
	r.State, r.Closed, r.Outcome = to, on, a.Why
	return nil
}

// A RecallNotice is what is called back under one agreement, from whom, and what they
// have answered. It freezes its releases for good: what is mended is made anew.
type RecallNotice struct {
	ID         string            `json:"id"` // "RCL-000001/DARS-NIC-000001-B1C2D-v1.0"
	Recall     RecallID          `json:"recall"`
	Agreement  string            `json:"agreement"`
	Register   bool              `json:"register,omitempty"` // of an agreement that a register names: nobody of theirs is known here
	Parties    []RecallParty     `json:"parties"`
	PassedOn   string            `json:"passed_on,omitempty"` // what the agreement or the register says of sub-licences, in words
	Releases   []RecalledRelease `json:"releases"`
	Files      []RecalledFile    `json:"files"`
	Told       []PersonID        `json:"told,omitempty"`
	AnswerBy   Day               `json:"answer_by,omitempty"`
	Unanswered int               `json:"unanswered"` // files

	Steps []Step `json:"steps,omitempty"` // of its ladder, done
}

// A RecallParty is an organisation that may have some of what is called back.
type RecallParty struct {
	Org  string `json:"org"` // its code, or its name as a register has it
	Name string `json:"name"`
	As   string `json:"as"` // a code of PartyRoles
}

// PartyRoles are what organisations are in an agreement, the first that fits.
var PartyRoles = []Code{
	{"controller", "controls the data"}, {"processor", "processes them for a controller"}, {"sub-licensee", "is passed them by a controller"}, {"applicant", "applied for them"}, {"collector", "collected them"}, {"recipient", "is named by a register"},
}

// A RecalledRelease is a release that an incident affects.
type RecalledRelease struct {
	ID      string `json:"id"`
	Dataset string `json:"dataset"`
	State   string `json:"state"`          // when it was found
	Given   Day    `json:"given"`          // "" of one that has not left, or where a register does not say
	Sure    bool   `json:"sure"`           // that it is affected; else nobody can tell
	Users   int    `json:"users,omitzero"` // of system access, who may look no more
}

// A RecalledFile is one file of it, who may hold it, and what they have answered.
type RecalledFile struct {
	File    string         `json:"file"` // a file id, or a row of a register
	Release string         `json:"release"`
	Dataset string         `json:"dataset"`
	Period  string         `json:"period,omitempty"`
	Path    string         `json:"path,omitempty"`
	Size    int64          `json:"bytes"`
	Sent    []SentTo       `json:"sent"`
	Holders []string       `json:"holders"`
	Answers []RecallAnswer `json:"answers"`
}

// A RecallAnswer is what became of a file at a holder. Without a holder it is the
// office's own knowledge, and stands for everybody.
type RecallAnswer struct {
	Holder string   `json:"holder,omitempty"`
	Answer string   `json:"answer"` // a code of RecallAnswers
	On     Day      `json:"on"`
	By     PersonID `json:"by,omitempty"`
	Note   string   `json:"note,omitempty"`
}

// What can have become of a file. The first two are the office's own knowledge.
const (
	NeverCollected = "never-collected"
	Certified      = "certified"
	Destroyed      = "destroyed"
	ProcessedInto  = "processed-and-cannot"
	SetApart       = "set-apart"
)

// RecallAnswers are the same, in words.
var RecallAnswers = []Code{
	{NeverCollected, "no byte of it was sent to anybody"},
	{Certified, "a certificate of destruction that was accepted before accounts for it"},
	{Destroyed, "every copy is destroyed"},
	{ProcessedInto, "it was processed into something from which it cannot be taken out again"},
	{SetApart, "every copy is set apart, and nobody reads it: what becomes of it is still to be said"},
}

func (n *RecallNotice) Card() Card {
	state := "answered"
	if n.Unanswered > 0 {
		state = "asked"
	}
	k := []Key{By("recall", n.Recall), By("agreement", n.Agreement)}
	for _, p := range n.Parties {
		k = append(k, By("party", p.Org))
	}
	for _, f := range n.Files {
		k = append(k, By("file", f.File))
	}
	if !n.Register {
		for _, r := range n.Releases {
			k = append(k, By("release", r.ID))
		}
	}
	return Card{"recall notice", n.ID, state, k}
}

// Send makes a notice that was planned one of a recall.
func (n *RecallNotice) Send(r *Recall) {
	n.ID, n.Recall, n.AnswerBy = string(r.ID)+"/"+n.Agreement, r.ID, r.AnswerBy
	n.count()
}

func (n *RecallNotice) count() {
	n.Unanswered = 0
	for _, f := range n.Files {
		if len(f.Open()) > 0 {
			n.Unanswered++
		}
	}
}

// Open are the holders of a file who have not said what became of it for good.
func (f RecalledFile) Open() (open []string) {
	if i := f.answered(""); i >= 0 {
		return nil
	}
	for _, h := range f.Holders {
		if i := f.answered(h); i < 0 || f.Answers[i].Answer == SetApart {
			open = append(open, h)
		}
	}
	return open
}

// Owes reports whether a holder, or anybody where none is named, has still to say what
// became of a file.
func (n *RecallNotice) Owes(file, holder string) bool {
	return slices.ContainsFunc(n.Files, func(f RecalledFile) bool {
		open := f.Open()
		return f.File == file && len(open) > 0 && (holder == "" || slices.Contains(open, holder))
	})
}

func (f RecalledFile) answered(holder string) int {
	return slices.IndexFunc(f.Answers, func(a RecallAnswer) bool { return a.Holder == holder })
}

// Frees are the releases of a notice for which everybody has said what became of what
// was sent: something else may take their place.
func (n *RecallNotice) Frees(r ReleaseID) bool {
	return !slices.ContainsFunc(n.Files, func(f RecalledFile) bool { return f.Release == string(r) && len(f.Open()) > 0 })
}

// Left reports whether any of it was let out.
func (n *RecallNotice) Left() bool {
	return slices.ContainsFunc(n.Releases, func(r RecalledRelease) bool { return r.Given != "" })
}

// Part is what of a notice is for one organisation, without what others have answered
// and to whom of theirs it was sent; nil, if it has no part in it.
func (n *RecallNotice) Part(org string) *RecallNotice {
	part := *n
	of := func(holder string) bool { return holder != org }
	if part.Parties = slices.DeleteFunc(slices.Clone(n.Parties), func(p RecallParty) bool { return of(p.Org) }); len(part.Parties) == 0 {
		return nil
	}
	part.Files = []RecalledFile{}
	for _, f := range n.Files {
		if f.Holders = slices.DeleteFunc(slices.Clone(f.Holders), of); len(f.Holders) == 0 {
			continue
		}
		f.Answers = slices.DeleteFunc(slices.Clone(f.Answers), func(a RecallAnswer) bool { return a.Holder != "" && of(a.Holder) })
		f.Sent = slices.DeleteFunc(slices.Clone(f.Sent), func(s SentTo) bool { return of(string(s.Org)) })
		part.Files = append(part.Files, f)
	}
	part.count()
	return &part
}

// SentTo are the files of a notice that were sent to an organisation's own people; where
// none were, as with a processor, all that were sent to anybody.
func (n *RecallNotice) SentTo(org OrgCode) (files []SentFile) {
	var all []SentFile
	for _, f := range n.Files {
		if len(f.Sent) == 0 {
			continue
		}
		sent := SentFile{File: FileID(f.File), Release: ReleaseID(f.Release), Path: f.Path, Size: f.Size, Sent: f.Sent}
		all = append(all, sent)
		if slices.ContainsFunc(f.Sent, func(s SentTo) bool { return s.Org == org }) {
			files = append(files, sent)
		}
	}
	if len(files) == 0 {
		return all
	}
	return files
}

// Answer takes in what became of a file at a holder; without one, at every holder that
// has not said so. A later answer of one takes the place of an earlier.
func (n *RecallNotice) Answer(a Act, file, holder, answer string, on Day) error {
	i := slices.IndexFunc(n.Files, func(f RecalledFile) bool { return f.File == file })
	if i < 0 {
		return Refuse("not-found", file, "file %s is not called back by %s", file, n.Recall)
	}
	f := n.Files[i]
	f.Answers = slices.Clone(f.Answers)
	holders := []string{holder}
	switch {
	case !is(answer, Destroyed, ProcessedInto, SetApart):
		return Refuse("no-answer", file, "%.40q is no answer of a holder: %s is", answer, join([]string{Destroyed, ProcessedInto, SetApart}))
	case f.answered("") >= 0:
		known := f.Answers[f.answered("")].Answer
		return Refuse("needs-none", file, "file %s needs no answer: %s", file, Meaning(RecallAnswers, known))
	case answer == ProcessedInto && a.Why == "":
		return Refuse("no-reason", file, "file %s: say with --reason into what it was processed", file)
	case holder == "":
		if holders = f.Open(); len(holders) == 0 {
			return Refuse("answered", file, "everybody has answered for file %s: to correct it, say of whom with --holder", file)
		}
	case !slices.Contains(f.Holders, holder):
		return Refuse("not-a-holder", file, "%.60s is not among those who may have file %s: %s", holder, file, strings.Join(f.Holders, ", "))
	}
	for _, h := range holders {
		said := RecallAnswer{Holder: h, Answer: answer, On: on, By: a.Who, Note: a.Why}
		if at := f.answered(h); at >= 0 {
			f.Answers[at] = said
		} else {
			f.Answers = append(f.Answers, said)
		}
	}
	n.Files = slices.Clone(n.Files)
	n.Files[i] = f
	n.count()
	return nil
}

// Known notes what the office knows of a file itself: that no byte of it was sent, or
// that it is accounted for already.
func (f *RecalledFile) Known(answer, note string, on Day) {
	f.Answers = append(f.Answers, RecallAnswer{Answer: answer, On: on, Note: note})
}
