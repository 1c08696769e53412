package dars

// Answers to a recall that are late are asked for again, step by step.

func (n *RecallNotice) Climbed() *[]Step { return &n.Steps }

// Deadlines are the day by which its holders are to answer, while some file is not
// answered for.
func (n *RecallNotice) Deadlines() (all []Deadline) {
	if n.Unanswered > 0 && n.AnswerBy != "" {
		all = append(all, Deadline{Ladder: LadderRecall, Day: n.AnswerBy})
	}
	return all
}
