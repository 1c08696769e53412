package dars

import "slices"

// An Appeal is what a recipient says against a step of a sanction. The step stands until
// the appeal is decided, by somebody who took no part in it, and nothing higher is done
// meanwhile.
type Appeal struct {
	N       int           `json:"n"`
	Against SanctionState `json:"against"`
	Text    string        `json:"text"`
	On      Day           `json:"on"`
	By      PersonID      `json:"by"`
	Due     Day           `json:"due"` // by which it is decided
	Outcome string        `json:"outcome,omitempty"`
	Why     string        `json:"why,omitempty"`
	Decided Day           `json:"decided,omitempty"`
	Judge   PersonID      `json:"judge,omitempty"`
}

// What may come of an appeal.
const (
	AppealUpheld    = "upheld"    // the sanction is lifted
	AppealDismissed = "dismissed" // it stands, and its days count from then on
)

// AppealDays is how many working days a recipient has to appeal, and the office to
// decide, as the letters say.
const AppealDays = 20

// Appeal notes an appeal against the newest step.
func (s *Sanction) Appeal(a Act, text string, due, on Day) (n int, err error) {
	if !s.Stands() {
		return 0, Refuse("wrong-step", s.ID, "sanction %s is %s: there is nothing to appeal against", s.ID, s.State)
	}
	step := s.Taken[len(s.Taken)-1]
	for _, ap := range s.Appeals {
		if ap.Against == step.State {
			return 0, Refuse("appealed", s.ID, "the %s of sanction %s was appealed against on %s", step.State, s.ID, ap.On)
		}
	}
	if on > step.AppealUntil {
		return 0, Refuse("too-late", s.ID, "the %s of sanction %s could be appealed against until %s", step.State, s.ID, step.AppealUntil)
	}
	if err := CheckText(string(s.ID), "the appeal", text); err != nil {
		return 0, err
	}
	n = len(s.Appeals) + 1
	s.Appeals = append(slices.Clone(s.Appeals), Appeal{N: n, Against: step.State, Text: text, On: on, By: a.Who, Due: due})
	return n, nil
}

// Appealed reports whether the newest step was appealed against.
func (s *Sanction) Appealed() bool {
	return slices.ContainsFunc(s.Appeals, func(ap Appeal) bool { return ap.Against == s.State })
}

// OpenAppeal is the appeal that waits to be decided, or nil.
func (s *Sanction) OpenAppeal() *Appeal {
	for i, ap := range s.Appeals {
		if ap.Decided == "" && s.Stands() {
			return &s.Appeals[i]
		}
	}
	return nil
}

// Decide is the answer to an appeal, by somebody who took no part in the sanction.
func (s *Sanction) Decide(a Act, outcome string, on Day) error {
	open := s.OpenAppeal()
	switch {
	case open == nil:
		return Refuse("no-appeal", s.ID, "sanction %s has no appeal that waits to be decided", s.ID)
	case outcome != AppealUpheld && outcome != AppealDismissed:
		return Refuse("no-outcome", s.ID, "%q is no outcome of an appeal: say upheld or dismissed", outcome)
	case a.Of(open.By):
		return Refuse("same-person", s.ID, "the appeal of sanction %s was noted by %s; somebody else decides it", s.ID, open.By)
	case slices.ContainsFunc(s.Taken, func(t SanctionStep) bool { return a.Of(t.By) }):
		return Refuse("same-person", s.ID, "%s took part in sanction %s; somebody else decides the appeal", a.Who, s.ID)
	}
	if err := CheckText(string(s.ID), "the reason (--reason)", a.Why); err != nil {
		return err
	}
	trial := *s
	if outcome == AppealUpheld {
		if err := trial.Lift(a, on); err != nil {
			return err
		}
	}
	trial.Appeals = slices.Clone(s.Appeals)
	decided := &trial.Appeals[open.N-1]
	decided.Outcome, decided.Why, decided.Decided, decided.Judge = outcome, a.Why, on, a.Who
	*s = trial
	return nil
}

func (s *Sanction) Climbed() *[]Step { return &s.Steps }

// Deadlines are the day by which an appeal is to be decided.
func (s *Sanction) Deadlines() (all []Deadline) {
	if open := s.OpenAppeal(); open != nil {
		all = append(all, Deadline{Ladder: LadderAppeal, Day: open.Due, From: open.On})
	}
	return all
}
