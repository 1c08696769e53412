package main

import (
	"fmt"

	"darsd/dars"
	"darsd/office"
)

// nextFacts say what comes next: when, what, and whose turn it is.
func nextFacts(next []office.Next) (facts []any) {
	for _, n := range next {
		when := "now"
		if n.On != "" {
			when = string(n.On)
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

// cells are the day and whose turn it is, of what comes first.
func (l releaseLine) cells() []any {
	if len(l.Next) == 0 {
		return []any{"", "", ""}
	}
	n := l.Next[0]
	return []any{n.What, n.On, n.Whose}
}
