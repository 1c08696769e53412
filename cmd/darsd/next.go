package main

import (
	"fmt"

	"darsd/dars"
	"darsd/office"
)

// nextFacts say what comes next: when, what, and whose turn it is.
func nextFacts(next []office.Next, today dars.Day) (facts []any) {
	for _, n := range next {
		when := string(n.On)
		switch {
		case n.On == "":
			when = "now"
		case n.On < today:
			when = "overdue since " + when
		}
		facts = append(facts, "next", fmt.Sprintf("%s: %s (%s)", when, n.What, n.Whose))
	}
	return facts
}

// releaseLine is a release in a list, with what comes next of it.
type releaseLine struct {
	*dars.Release
	Next []office.Next `json:"next"`
}

// turn says in a cell whose turn it is, and until when.
func (l releaseLine) turn() string {
	switch {
	case len(l.Next) == 0:
		return ""
	case l.Next[0].On == "":
		return l.Next[0].Whose
	}
	return fmt.Sprintf("%s by %s", l.Next[0].Whose, l.Next[0].On)
}
