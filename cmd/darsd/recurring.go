package main

import (
	"fmt"
	"strings"

	"darsd/dars"
	"darsd/office"
)

// Releases that recur, as people and programs are told of them.

// nextShown is how many of those to come stand on the screen; JSON has them all.
const nextShown = 3

// scheduleFacts are what was planned last, and what comes next.
func scheduleFacts(g *dars.Agreement) (facts []any) {
	if n := len(g.Instalments); n > 0 {
		last := g.Instalments[n-1]
		facts = append(facts, "planned last", fmt.Sprintf("%s for %s, as %s", last.Dataset, last.Period, last.Release))
	}
	wanted := g.Wanted()
	for _, one := range wanted[:min(nextShown, len(wanted))] {
		facts = append(facts, "planned next", fmt.Sprintf("%s for %s, from %s on", one.Dataset, one.Period, one.On))
	}
	if more := len(wanted) - nextShown; more > 0 {
		facts = append(facts, "", fmt.Sprintf("and %d more", more))
	}
	return facts
}

// rolling says how many years of a dataset are held at a time, if not all.
func rolling(d dars.DatasetRequest) string {
	if d.RollingYears == 0 {
		return ""
	}
	return fmt.Sprintf("the last %d final years are held", d.RollingYears)
}

// comingNext tells a recipient what is planned next.
func comingNext(s *office.Shelf) string {
	if len(s.Coming) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\nPlanned next:\n")
	for _, c := range s.Coming {
		fmt.Fprintf(&b, "    %s for %s under %s, made after %s\n", c.Dataset, c.Period, c.Agreement, c.On.Add(-1).Long())
	}
	return b.String()
}

// comingView is the same in status.json.
type comingView struct {
	Agreement dars.AgreementID `json:"agreement"`
	Dataset   string           `json:"dataset"`
	Period    string           `json:"period"`
	On        dars.Day         `json:"on"` // from when it can be made
}

func comingIn(s *office.Shelf) []comingView {
	all := []comingView{}
	for _, c := range s.Coming {
		all = append(all, comingView{c.Agreement, c.Dataset, c.Period, c.On})
	}
	return all
}
