package dars

import (
	"cmp"
	"slices"
)

// A BenefitReport says what came of the data that were released under an agreement.
// It is kept for publication: recipients of public data owe the public an account
// (domain 1.3, 5d).
type BenefitReport struct {
	ID        BenefitID      `json:"id"`
	Agreement AgreementID    `json:"agreement"`
	Stem      string         `json:"ref"`
	Org       OrgCode        `json:"org"`
	On        Day            `json:"on"`
	From      PersonID       `json:"from"`
	Outputs   []PublicOutput `json:"outputs"`
	Benefits  []Benefit      `json:"benefits"`
	NoneYet   string         `json:"none_yet,omitempty"`
}

func (r *BenefitReport) Card() Card {
	return Card{"benefits", string(r.ID), "recorded", []Key{By("org", r.Org), By("agreement", r.Agreement), By("case", r.Stem)}}
}

// A PublicOutput is something that was made with the data and can be looked at.
type PublicOutput struct {
	Title string `yaml:"title" json:"title"`
	Kind  string `yaml:"kind" json:"kind"` // a code of OutputKinds
	Date  Day    `yaml:"date" json:"date"`
	Link  string `yaml:"link,omitempty" json:"link,omitempty"`
}

// A Benefit is what health or social care has gained, or not yet. Of one that the
// application has stated, What and By are as they stand there.
type Benefit struct {
	What     string   `yaml:"what" json:"what"`
	By       Day      `yaml:"by,omitempty" json:"by,omitempty"`
	Outcome  string   `yaml:"outcome" json:"outcome"`                     // a code of Outcomes
	Measure  string   `yaml:"measure,omitempty" json:"measure,omitempty"` // what was measured
	Why      string   `yaml:"why,omitempty" json:"why,omitempty"`         // of what was not achieved
	Expected Day      `yaml:"expected,omitempty" json:"expected,omitempty"`
	Evidence []string `yaml:"evidence,omitempty" json:"evidence,omitempty"` // addresses on the web
}

// OutputKinds are what can be made with data.
var OutputKinds = []Code{
	{"PAPER", "Paper in a journal"},
	{"REPORT", "Report"},
	{"TOOL", "Tool or dashboard"},
	{"GUIDANCE", "Guidance or policy"},
	{"TALK", "Talk or poster"},
	{"OTHER", "Something else"},
}

// Outcomes are what can become of a benefit that was stated.
var Outcomes = []Code{
	{"ACHIEVED", "Achieved"},
	{"PARTLY", "Achieved in part; the rest is expected"},
	{"NOT_YET", "Not yet; it is expected"},
	{"NOT_ACHIEVED", "Not achieved, and not expected any more"},
}

// final reports whether nothing more is to come of it.
func (b Benefit) final() bool { return b.Outcome == "ACHIEVED" || b.Outcome == "NOT_ACHIEVED" }

// A BenefitDue is an account of benefits that is asked for on a day.
type BenefitDue struct {
	Why  string    `json:"why"`            // target, first-release or renewal
	N    int       `json:"n,omitempty"`    // of the benefits that were stated, from 1
	What string    `json:"what,omitempty"` // the benefit, as it was stated
	Due  Day       `json:"due"`
	Met  BenefitID `json:"met,omitempty"` // by the report that gives it
}

// Why an account of benefits is asked for.
const (
	TargetReached  = "target"        // the day by which a benefit was to come
	YearReleased   = "first-release" // twelve months after the first release
	RenewalApplied = "renewal"       // the day on which a renewal was applied for
)

// benefitGrace is how many days before it is due a general account may come.
const benefitGrace = 90

// BenefitsDue lists what accounts of benefits an agreement owes, by what is due
// first: of each benefit that was stated with a day, on that day; twelve months
// after the first release; and when its renewal is applied for. A benefit that is
// said not to have come yet is asked for again on the day that was then named.
// released and renewed are "" where that has not been. Versions and reports are those
// of the case. A version that never began owes none, and one that a later one follows,
// in its place or after its end, leaves them to that: each is asked for once.
func (g *Agreement) BenefitsDue(versions []*Agreement, stated []Target, released, renewed Day, reports []*BenefitReport) (all []BenefitDue) {
	if !g.HasBegun() || g.Renewed(versions) {
		return nil
	}
	reports = slices.SortedStableFunc(slices.Values(reports), func(a, b *BenefitReport) int {
		return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(a.ID, b.ID))
	})
	for i, t := range stated {
		if t.By != "" {
			d := t.due(reports)
			d.N = i + 1
			all = append(all, d)
		}
	}
	if released != "" {
		all = append(all, general(YearReleased, released.AddMonths(12), reports))
	}
	if renewed != "" {
		all = append(all, general(RenewalApplied, renewed, reports))
	}
	slices.SortStableFunc(all, func(a, b BenefitDue) int { return cmp.Compare(a.Due, b.Due) })
	return all
}

// due is what is owed of one benefit, after what was reported of it.
func (t Target) due(reports []*BenefitReport) BenefitDue {
	d := BenefitDue{Why: TargetReached, What: t.What, Due: t.By}
	for _, r := range reports {
		for _, b := range r.Benefits {
			switch {
			case b.What != t.What || b.By != t.By:
			case b.final():
				d.Met = r.ID
			default:
				d.Due, d.Met = b.Expected, ""
			}
		}
	}
	return d
}

// general is an account that is due for no one benefit: any report gives it, from
// some time before.
func general(why string, due Day, reports []*BenefitReport) BenefitDue {
	d := BenefitDue{Why: why, Due: due}
	for _, r := range reports {
		if d.Met == "" && r.On >= due.Add(-benefitGrace) {
			d.Met = r.ID
		}
	}
	return d
}
