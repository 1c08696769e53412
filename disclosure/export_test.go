package disclosure

// Show is how the rules alone show a count.
func Show(r RuleSet, c Count) Shown { return r.show(c.N, c.Persons) }
