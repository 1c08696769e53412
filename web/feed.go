package web

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"darsd/dars"
)

// A feed is a register for readers of news (RFC 4287).
type feed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Entries []feedEntry `xml:"entry"`
}

type feedEntry struct {
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Link    feedLink `xml:"link"`
	Summary string   `xml:"summary"`
}

type feedLink struct {
	Href string `xml:"href,attr"`
}

// mostEntries is how many releases a feed tells of: those that were released, or corrected,
// last.
const mostEntries = 100

func (v views) registerAtom(e *Edition, _ *http.Request) (view, error) {
	f := feed{ID: "urn:darsd:register", Title: v.Info.Name + ": releases of data", Updated: stampOf(firstRegisters), Author: v.Info.Name}
	for _, i := range e.lastUpdated(mostEntries) {
		r := &e.Rows[i]
		f.Entries = append(f.Entries, feedEntry{"urn:darsd:release:" + escapePath(r.ID), r.Dataset + " to " + r.Org, stampOf(updated(r)),
			feedLink{"/register/releases/" + escapePath(r.ID)}, strings.Join(append([]string{released(r)}, correctionsOf(r)...), " ")})
	}
	if len(f.Entries) > 0 {
		f.Updated = f.Entries[0].Updated
	}
	text, err := xml.MarshalIndent(f, "", " ")
	return view{kind: "application/atom+xml; charset=utf-8", content: append([]byte(xml.Header), text...)}, err
}

// lastUpdated are the places of so many rows, the last updated first.
func (e *Edition) lastUpdated(most int) []int {
	places := make([]int, len(e.Rows))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(updated(&e.Rows[b]), updated(&e.Rows[a])) })
	return places[:min(most, len(places))]
}

// firstRegisters is when the first registers came out: the day of a row that tells none.
const firstRegisters dars.Day = "2014-04-01"

// updated is the day on which a row came to say what it says, as far as it tells.
func updated(r *dars.PublicRelease) dars.Day {
	day := r.Released
	for _, k := range r.Corrections {
		day = max(day, k.On)
	}
	if month, err := time.Parse("Jan-06", r.Month); day == "" && err == nil {
		day = dars.Day(month.Format(time.DateOnly))
	}
	return cmp.Or(day, firstRegisters)
}

func stampOf(day dars.Day) string { return string(day) + "T00:00:00Z" }

// released says in a sentence what a row says.
func released(r *dars.PublicRelease) string {
	return fmt.Sprintf("%s, under agreement %s. Patient objections applied: %s.", cmp.Or(r.Data, "Data"), r.Agreement, cmp.Or(r.OptOuts, "not said"))
}

// correctionsOf says in a sentence each what was corrected in a row.
func correctionsOf(r *dars.PublicRelease) (all []string) {
	for _, k := range r.Corrections {
		for _, field := range k.Fields() {
			all = append(all, fmt.Sprintf("Corrected on %s: %s was %s%s.", k.On, fieldWords(field), cellWords(k.Was[field]), insteadOf(k, field)))
		}
	}
	return all
}

// insteadOf is what a correction says now, if that was noted.
func insteadOf(k dars.Correction, field string) string {
	if k.Is == nil {
		return ""
	}
	return " and is " + cellWords(k.Is[field])
}

// cellWords is what a cell says, in a sentence about it.
func cellWords(text string) string {
	if text == "" {
		return "empty"
	}
	return "“" + text + "”"
}
