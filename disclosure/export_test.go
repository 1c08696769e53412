package disclosure

// Show is how the rules alone show a count.
func Show(r RuleSet, c Count) Shown { return r.show(c.N, c.Persons) }

// A Room is how much a question may keep.
type Room struct{ Pairs, Tallies, Combinations, Followed int }

// Narrow leaves a question so much room; of nought, all that it has.
func Narrow(q *Question, to Room) {
	if to.Pairs > 0 {
		q.room.pairs = int64(to.Pairs)
	}
	if to.Tallies > 0 {
		q.room.tallies = int64(to.Tallies)
	}
	if to.Combinations > 0 {
		q.room.combinations = to.Combinations
	}
	if to.Followed > 0 {
		q.room.followed = to.Followed
	}
}
