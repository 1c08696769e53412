package dars

import (
	"cmp"
	"strconv"
)

// An agreement that runs for years is looked at each year, on its anniversary: what is
// held under it, for what and where, and whether that is still as agreed.

// An AnnualReview is one that is done.
type AnnualReview struct {
	Year int      `json:"year"` // 1 is the first anniversary
	Due  Day      `json:"due"`
	On   Day      `json:"on"` // it was done
	By   PersonID `json:"by"`
	Note string   `json:"note"` // what was found
}

// ReviewNotice is from how many days before its day an annual review can be done.
const ReviewNotice = 60

// anniversaries are the annual reviews of an agreement: each year's day while it runs.
func (g *Agreement) anniversaries() (all []AnnualReview) {
	for year := 1; ; year++ {
		day := g.Start.AddMonths(12 * year)
		if day > g.End {
			return all
		}
		all = append(all, AnnualReview{Year: year, Due: day})
	}
}

// reviewed is the last year of which the review is done; one stands for those before it
// that nobody did.
func (g *Agreement) reviewed() (year int) {
	for _, r := range g.Reviews {
		year = max(year, r.Year)
	}
	return year
}

// ReviewDue is the newest annual review that can be done on a day, or nil.
func (g *Agreement) ReviewDue(on Day) (newest *AnnualReview) {
	if !g.InForceOn(on) {
		return nil
	}
	for _, r := range g.anniversaries() {
		if r.Year > g.reviewed() && r.Due.Add(-ReviewNotice) <= on {
			newest = &r
		}
	}
	return newest
}

// ReviewDone notes that the annual review which is due on a day is done, and what was
// found.
func (g *Agreement) ReviewDone(a Act, note string, on Day) (*AnnualReview, error) {
	if err := g.Allows(on); err != nil {
		return nil, err
	}
	r := g.ReviewDue(on)
	if r == nil {
		next := cmp.Or(g.nextReview(), "none is left before it ends on "+string(g.End))
		return nil, Refuse("nothing-due", g.ID, "agreement %s has no annual review to be done today: %s", g.ID, next)
	}
	if err := CheckText(string(g.ID), "what the annual review has found", note); err != nil {
		return nil, err
	}
	r.On, r.By, r.Note = on, a.Who, note
	g.Reviews = append(g.Reviews[:len(g.Reviews):len(g.Reviews)], *r)
	return r, nil
}

// nextReview says from when on the next annual review can be done.
func (g *Agreement) nextReview() string {
	for _, r := range g.anniversaries() {
		if r.Year > g.reviewed() {
			return "the next can be done from " + string(r.Due.Add(-ReviewNotice)) + " on"
		}
	}
	return ""
}

// reviewDeadlines are the annual reviews that are not done, each until the next.
func (g *Agreement) reviewDeadlines() (all []Deadline) {
	done := g.reviewed()
	for _, r := range g.anniversaries() {
		if r.Year > done {
			next := g.Start.AddMonths(12 * (r.Year + 1))
			all = append(all, Deadline{Ladder: LadderReview, Item: strconv.Itoa(r.Year), Day: r.Due, From: g.Start, Until: min(g.End, next.Add(-1))})
		}
	}
	return all
}
