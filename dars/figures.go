package dars

import (
	"cmp"
	"fmt"
	"slices"
)

// Figures is one question of compliance and its answer, as the office was at the end of
// a day. It is made from the log up to then, so that it says the same whenever it is
// made; a paper, a spreadsheet and what programs read are three ways to write it. People
// stand in it by number: whoever is erased later is named by no report.
type Figures struct {
	Kind   string        `json:"kind"` // a code of FigureKinds
	Title  string        `json:"title"`
	Means  string        `json:"means"`
	AsAt   Day           `json:"as_at"`
	From   Day           `json:"from,omitempty"` // the first day of what happened; "" where it says only how things stood
	Log    LogHead       `json:"log"`
	Data   string        `json:"data"` // which version of what else it rests on
	Facts  []FigureFact  `json:"facts"`
	Charts []FigureChart `json:"charts"`
	Tables []FigureTable `json:"tables"` // the first is the answer; others say more
}

// A LogHead is what the log was: so many events, and the hash that checkpoints are
// signed for.
type LogHead struct {
	Events int64  `json:"events"`
	Hash   string `json:"hash"`
}

// A FigureFact is one figure that matters, and of what.
type FigureFact struct {
	Label string `json:"label"`
	Says  string `json:"says"`
}

// A FigureChart is counts to be seen at a glance: bars side by side, or lines over time.
// Each point has a count for each series; bars have one series.
type FigureChart struct {
	Title  string        `json:"title"`
	Lines  bool          `json:"lines"`
	By     string        `json:"by"` // what the points are: "Month"
	Series []string      `json:"series"`
	Points []FigurePoint `json:"points"`
}

// A FigurePoint is the counts at one place of a chart.
type FigurePoint struct {
	Label  string `json:"label"`
	Values []int  `json:"values"`
	Alarm  bool   `json:"alarm,omitempty"` // something is wrong with these
}

// Table is what a chart shows, to be read.
func (c FigureChart) Table() FigureTable {
	t := FigureTable{Title: c.Title, Columns: append([]string{c.By}, c.Series...), Rows: [][]any{}}
	for _, p := range c.Points {
		row := []any{p.Label}
		for _, v := range p.Values {
			row = append(row, v)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// A FigureTable is rows of texts, whole numbers, days, and yes or no.
type FigureTable struct {
	Title   string   `json:"title"`
	Columns []string `json:"columns"`
	Rows    [][]any  `json:"rows"`
}

// A FigureKind is one question that compliance asks.
type FigureKind struct {
	Code  string
	Title string
	Means string
	Span  bool // of what happened in a period, twelve months to the day if none is named; else only of how things stood on it
	make  func(Moment, *Figures)
}

// FigureKinds are all.
func FigureKinds() []FigureKind {
	return []FigureKind{
		{"expiry", "Expiry outlook", "agreements, contracts and assurances, by the day on which they end", false, Moment.expiry},
		{"certificates", "Certificates of destruction outstanding", "certificates of destruction that are outstanding, and how late they are", false, Moment.outstanding},
		{"holdings", "Who holds what", "who holds what: files of which a byte was sent, by agreement", false, Moment.holdings},
		{"objections", "Patients’ objections in what was released", "how patients' objections were treated in what was released", true, Moment.objections},
		{"service-levels", "Performance against service levels", "working days from acceptance to first access, and with the applicant", true, Moment.levels},
		{"audits", "Audits, findings and actions", "audits, what they found, and what is done about it", true, Moment.audits},
		{"sanctions", "Sanctions", "sanctions, appeals, and organisations to which nothing is released", true, Moment.sanctions},
		{"console", "Use of a local shell", "acts from a local shell in somebody's name", true, Moment.console},
		{"refused", "Refused acts", "acts that a rule refused: whose, which, by which door", true, Moment.refusals},
		{"recalls", "Recalls", "recalls, and how far they have come", false, Moment.recalls},
	}
}

// FigureCodes are the questions by their codes.
func FigureCodes() (all []string) {
	for _, k := range FigureKinds() {
		all = append(all, k.Code)
	}
	return all
}

// A Moment is the office as it was on a day: all that figures are made from.
type Moment struct {
	On            Day
	From          Day // the first day of a period; "": of what happened it tells for the twelve months to On
	Organisations []*Organisation
	Contracts     []*Contract
	Agreements    []*Agreement
	Certificates  []*Certificate
	Releases      []*Release
	Collections   []*Collection
	Lists         []*List
	Audits        []*Audit
	Sanctions     []*Sanction
	Glass         []*GlassBroken
	Shell         []ShellAct
	Refused       []Refused
	Recalls       []*Recall
	Notices       []*RecallNotice
	Service       DashboardFacts
	Calendar      Calendar // its zone: which day an instant was
}

// Figures answers a question of a kind.
func (s Moment) Figures(kind string) (Figures, error) {
	all := FigureKinds()
	i := slices.IndexFunc(all, func(k FigureKind) bool { return k.Code == kind })
	if i < 0 {
		return Figures{}, Refuse("no-report", kind, "there is no report %.40q: there is compliance, and %s", kind, join(FigureCodes()))
	}
	k := all[i]
	switch {
	case s.From != "" && !k.Span:
		return Figures{}, Refuse("no-period", kind, "the report %s says how things stood at the end of a day, and is of no period: leave --from out", kind)
	case s.From > s.On:
		return Figures{}, Refuse("no-period", kind, "a period that begins on %s does not end on %s", s.From, s.On)
	}
	f := Figures{Kind: k.Code, Title: k.Title, Means: k.Means, AsAt: s.On, Data: "nothing but the log", Facts: []FigureFact{}, Charts: []FigureChart{}, Tables: []FigureTable{}}
	if k.Span {
		f.From = cmp.Or(s.From, YearTo(s.On))
	}
	k.make(s, &f)
	return f, nil
}

func (f *Figures) fact(label, format string, args ...any) {
	f.Facts = append(f.Facts, FigureFact{label, fmt.Sprintf(format, args...)})
}

// bars adds a chart of one count for each label.
func (f *Figures) bars(title, by, of string, points ...FigurePoint) {
	f.Charts = append(f.Charts, FigureChart{Title: title, By: by, Series: []string{of}, Points: points})
}

// lines adds a chart over time.
func (f *Figures) lines(title string, series []string, points ...FigurePoint) {
	f.Charts = append(f.Charts, FigureChart{Title: title, Lines: true, By: "Month", Series: series, Points: points})
}

func (f *Figures) table(title string, columns []string, rows [][]any) {
	f.Tables = append(f.Tables, FigureTable{title, columns, append([][]any{}, rows...)})
}

// within reports whether a day is in the span of a report.
func (f *Figures) within(d Day) bool { return d != "" && f.From <= d && d <= f.AsAt }

// bar is a point of a chart of bars.
func bar(label string, n int, alarm bool) FigurePoint {
	return FigurePoint{Label: label, Values: []int{n}, Alarm: alarm && n > 0}
}

// YearTo is the first day of the twelve months that end on a day.
func YearTo(on Day) Day { return on.AddMonths(-12).Add(1) }

// months are the points of the months of a period: twelve for the twelve months to a day,
// and of a long period the newest.
func months(from, on Day, series int) (points []FigurePoint, at func(Day) []int) {
	first, index := from.month(), map[Day]int{}
	if from == YearTo(on) {
		first = on.month().AddMonths(-11)
	}
	for month := max(first, on.month().AddMonths(1-mostPoints)); month <= on; month = month.AddMonths(1) {
		index[month] = len(points)
		points = append(points, FigurePoint{Label: month.Month(), Values: make([]int, series)})
	}
	return points, func(d Day) []int {
		if i, in := index[d.month()]; in && from <= d && d <= on {
			return points[i].Values
		}
		return make([]int, series) // counts for nothing
	}
}

// mostPoints is how many months a line has whose points can be told apart.
const mostPoints = 36

// month is the first day of a day's month; "" of no day.
func (d Day) month() Day {
	if len(d) < len("2006-01") {
		return ""
	}
	return d[:len("2006-01")] + "-01"
}

// ranked are counts as bars, the most first; the least are put together.
func ranked(counts map[string]int, alarm bool) (points []FigurePoint) {
	for label, n := range counts {
		points = append(points, bar(label, n, alarm))
	}
	slices.SortFunc(points, func(a, b FigurePoint) int {
		return cmp.Or(cmp.Compare(b.Values[0], a.Values[0]), cmp.Compare(a.Label, b.Label))
	})
	if len(points) > mostBars {
		rest := 0
		for _, p := range points[mostBars-1:] {
			rest += p.Values[0]
		}
		points = append(points[:mostBars-1], bar("others", rest, alarm))
	}
	return points
}

// mostBars is how many bars stand side by side so that they can be told apart.
const mostBars = 7

// called is an organisation by name and code: "University of Northshire (8D101)".
func (s Moment) called(code OrgCode) string {
	if name := s.name(code); name != "" {
		return fmt.Sprintf("%s (%s)", name, code)
	}
	return string(code)
}

func (s Moment) name(code OrgCode) string {
	for _, o := range s.Organisations {
		if o.Code == code {
			return o.Name
		}
	}
	return ""
}
