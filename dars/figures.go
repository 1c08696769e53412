package dars

import (
	"cmp"
	"slices"
	"strings"
)

// Figures is one question of compliance and its answer, as the office was at the end of
// a day. It is made from the log up to then and from nothing else, so that it says the
// same whenever it is made.
type Figures struct {
	Kind  string   `json:"kind"` // a code of FigureKinds
	Means string   `json:"means"`
	AsAt  Day      `json:"as_at"`
	Log   LogHead  `json:"log"`
	Heads []string `json:"heads"`
	Rows  [][]any  `json:"rows"` // of texts, whole numbers, days, and yes or no
}

// A LogHead is what the log was: so many events, and the hash that checkpoints are
// signed for.
type LogHead struct {
	Events int64  `json:"events"`
	Hash   string `json:"hash"`
}

// FigureKinds are the questions.
var FigureKinds = []Code{
	{"expiry", "agreements in force, by the day on which they end"},
	{"certificates", "certificates of destruction that are outstanding"},
	{"holdings", "who holds what: files of which a byte was sent, by agreement"},
	{"objections", "how patients' objections were treated in what was released"},
	{"service-levels", "working days from acceptance to first access, and with the applicant"},
	{"audits", "audits that are not closed"},
	{"sanctions", "organisations to which nothing is released"},
	{"console", "acts from a local shell in somebody's name"},
	{"recalls", "recalls, and how far they have come"},
}

// A Moment is the office as it was on a day: all that figures are made from.
type Moment struct {
	On            Day
	Organisations []*Organisation
	Agreements    []*Agreement
	Certificates  []*Certificate
	Releases      []*Release
	Collections   []*Collection
	Audits        []*Audit
	Glass         []*GlassBroken
	Recalls       []*Recall
	Notices       []*RecallNotice
	Levels        []LevelFigure
	Day           func(*GlassBroken) Day // in the office's zone
}

// Figures answers a question of a kind.
func (s Moment) Figures(kind string) (Figures, error) {
	f := Figures{Kind: kind, Means: Meaning(FigureKinds, kind), AsAt: s.On, Rows: [][]any{}}
	tables := map[string]func() ([]string, [][]any){
		"expiry": s.expiry, "certificates": s.outstanding, "holdings": s.holdings, "objections": s.objections, "service-levels": s.levels,
		"audits": s.audits, "sanctions": s.sanctions, "console": s.console, "recalls": s.recalls,
	}
	if tables[kind] == nil {
		return f, Refuse("no-report", kind, "there is no report %.40q: there is compliance, and %s", kind, join(Codes(FigureKinds)))
	}
	heads, rows := tables[kind]()
	f.Heads, f.Rows = heads, append(f.Rows, rows...)
	return f, nil
}

func (s Moment) expiry() (heads []string, rows [][]any) {
	for _, g := range s.Agreements {
		if g.InForceOn(s.On) {
			rows = append(rows, []any{string(g.ID), string(g.Org), s.name(g.Org), g.End, g.End.Since(s.On)})
		}
	}
	slices.SortStableFunc(rows, func(a, b []any) int { return cmp.Compare(a[3].(Day), b[3].(Day)) })
	return []string{"Agreement", "Organisation", "Name", "Ends", "Days left"}, rows
}

func (s Moment) outstanding() (heads []string, rows [][]any) {
	for _, c := range s.Certificates {
		if c.State != CertAccepted {
			rows = append(rows, []any{string(c.ID), string(c.Agreement), string(c.Org), string(c.State), c.Due, c.DaysOver(s.On)})
		}
	}
	return []string{"Certificate", "Agreement", "Organisation", "State", "Due", "Days overdue"}, rows
}

func (s Moment) holdings() (heads []string, rows [][]any) {
	sent, bytes := map[AgreementID]map[FileID]bool{}, map[AgreementID]int64{}
	for _, c := range s.Collections {
		if n := c.Sent().Bytes(); n > 0 {
			if sent[c.Agreement] == nil {
				sent[c.Agreement] = map[FileID]bool{}
			}
			sent[c.Agreement][c.File] = true
			bytes[c.Agreement] += n
		}
	}
	for _, g := range s.Agreements {
		if len(sent[g.ID]) == 0 || g.State == Closed {
			continue
		}
		var holders, datasets []string
		for _, h := range g.Holders() {
			holders = append(holders, string(h))
		}
		for _, d := range g.Datasets {
			datasets = append(datasets, d.Code)
		}
		rows = append(rows, []any{string(g.ID), strings.Join(holders, ", "), strings.Join(datasets, ", "), string(g.StateOn(s.On)), g.End, len(sent[g.ID]), int(bytes[g.ID])})
	}
	return []string{"Agreement", "Holders", "Datasets", "State", "Ends", "Files", "Bytes sent"}, rows
}

func (s Moment) objections() (heads []string, rows [][]any) {
	for _, r := range s.Releases {
		if r.Given() != "" {
			rows = append(rows, []any{string(r.ID), string(r.Agreement), r.Dataset, r.Given(), string(r.Treated()), r.Objections.Reason, r.Objections.ListVersion, r.Objections.ListDate})
		}
	}
	return []string{"Release", "Agreement", "Dataset", "Released", "Objections", "Reason", "List", "List of"}, rows
}

func (s Moment) levels() (heads []string, rows [][]any) {
	for _, l := range s.Levels {
		rows = append(rows, []any{l.Name, l.Days, l.Finished, l.Within, l.Median, l.Ninetieth, l.PausedMedian, l.Paused90, l.Running, l.Late})
	}
	return []string{"Class", "Working days", "Finished", "Within", "Median", "90th percentile", "With the applicant, median", "With the applicant, 90th percentile", "Running", "Late"}, rows
}

func (s Moment) audits() (heads []string, rows [][]any) {
	for _, u := range s.Audits {
		if u.State != AuditClosed {
			rows = append(rows, []any{string(u.ID), string(u.Org), string(u.Agreement), u.Trigger, u.Triggered, string(u.State)})
		}
	}
	return []string{"Audit", "Organisation", "Agreement", "Trigger", "Since", "State"}, rows
}

func (s Moment) sanctions() (heads []string, rows [][]any) {
	for _, o := range s.Organisations {
		if o.State == OrgOnHold {
			rows = append(rows, []any{string(o.Code), o.Name, o.HoldReason})
		}
	}
	return []string{"Organisation", "Name", "Why"}, rows
}

func (s Moment) console() (heads []string, rows [][]any) {
	for _, g := range s.Glass {
		rows = append(rows, []any{g.ID, s.Day(g), g.Act, string(g.Person), g.Reason})
	}
	return []string{"Reference", "On", "Act", "Person", "Why"}, rows
}

func (s Moment) recalls() (heads []string, rows [][]any) {
	for _, r := range s.Recalls {
		files, open := 0, 0
		for _, n := range s.Notices {
			if n.Recall == r.ID {
				files, open = files+len(n.Files), open+n.Unanswered
			}
		}
		rows = append(rows, []any{string(r.ID), string(r.Incident), string(r.State), r.Started, r.AnswerBy, files, open, r.Closed})
	}
	return []string{"Recall", "Incident", "State", "Started", "Answer by", "Files", "Unanswered", "Closed"}, rows
}

func (s Moment) name(code OrgCode) string {
	for _, o := range s.Organisations {
		if o.Code == code {
			return o.Name
		}
	}
	return ""
}
