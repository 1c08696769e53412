package dars

import (
	"cmp"
	"fmt"
	"slices"
)

// Tracing is what the office has told bodies outside health of where people are, in a
// month or in the months of an edition: requests of police, courts and others to its
// National Back Office. It is counted apart: no data set leaves by it.
type Tracing struct {
	ID          string         `json:"id"` // "2017-12", or an edition
	Counts      []TracingCount `json:"counts"`
	Corrections []Correction   `json:"corrections"`
}

func (t *Tracing) Card() Card { return Card{"tracing", t.ID, "counted", nil} }

// A TracingCount is the requests of one body.
type TracingCount struct {
	Body     string `json:"body"`
	Received int    `json:"received"`
	Rejected int    `json:"rejected"`
	Traced   int    `json:"traced"`
	Untraced int    `json:"untraced"`
}

// Check refuses counts that do not add up.
func (c TracingCount) Check(ref string) error {
	if c.Body == "" || min(c.Received, c.Rejected, c.Traced, c.Untraced) < 0 || c.Received != c.Rejected+c.Traced+c.Untraced {
		return Refuse("does-not-add-up", ref, "%s: of %d requests %d were rejected, %d traced and %d not traced, which does not add up", cmp.Or(c.Body, "nobody"), c.Received, c.Rejected, c.Traced, c.Untraced)
	}
	return nil
}

// Count enters the requests of a body. One that is entered already is corrected, for a
// reason.
func (t *Tracing) Count(a Act, c TracingCount, on Day) error {
	if err := c.Check(t.ID); err != nil {
		return err
	}
	i := slices.IndexFunc(t.Counts, func(o TracingCount) bool { return o.Body == c.Body })
	switch {
	case i < 0:
		t.Counts = append(t.Counts, c)
	case t.Counts[i] == c:
	case a.Why == "":
		return Refuse("known", t.ID, "the requests of %s in %s are entered already: to correct them, say why with --reason", c.Body, t.ID)
	default:
		was := t.Counts[i]
		t.Counts = slices.Clone(t.Counts)
		t.Counts[i] = c
		t.Corrections = append(t.Corrections, Correction{On: on, Edition: t.ID, Was: map[string]string{c.Body: was.brief()}, Is: map[string]string{c.Body: c.brief()}})
	}
	return nil
}

// Import takes in what a corrected edition counts.
func (t *Tracing) Import(says []TracingCount, on Day) (corrected bool) {
	k := Correction{On: on, Edition: t.ID, Was: map[string]string{}, Is: map[string]string{}}
	for _, c := range t.Counts {
		if !slices.Contains(says, c) {
			k.Was[c.Body] = c.brief()
		}
	}
	for _, c := range says {
		if !slices.Contains(t.Counts, c) {
			k.Is[c.Body] = c.brief()
		}
	}
	if t.Counts = says; len(k.Was) > 0 {
		t.Corrections = append(t.Corrections, k)
	}
	return len(k.Was) > 0
}

// brief is the counts in order, as corrections note them.
func (c TracingCount) brief() string {
	return fmt.Sprintf("%d received, %d rejected, %d traced, %d not traced", c.Received, c.Rejected, c.Traced, c.Untraced)
}
