package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

func incidentCommands(s *session) *cobra.Command {
	return group("incident", "what is wrong with data that were released",
		addIncidentCommand(s),
		s.do("close INCIDENT", "say that nothing is called back for it (--reason)", exactly(1), func(c *call) error {
			return c.told(office.Incidents{Office: c.Office}.Close(c.ctx, c.act, dars.IncidentID(c.args[0])), "%s is closed, and nothing is called back", c.args[0])
		}),
		s.look("kinds", "print the kinds of incident, and what each must say", exactly(0), func(c *call) error {
			return items(c, dars.IncidentKinds, "KIND SAYS MEANING", func(k dars.IncidentKind) []any {
				return []any{k.Code.Code, "--" + strings.Join(k.Needs, ",--"), k.Meaning}
			})
		}),
		s.look("show INCIDENT", "print an incident", exactly(1), func(c *call) error {
			i, err := get(c, c.args[0], onlyTheOffice[*dars.Incident])
			if err != nil {
				return err
			}
			return c.facts(i, "incident", i.ID, "kind", i.Kind, "about", i.Brief(), "state", i.State, "found", i.Found, "recorded", i.Recorded, "recall", i.Recall, "says", i.Says, "outcome", i.Outcome)
		}),
		s.look("list", "print all incidents", exactly(0), func(c *call) error {
			all, err := list(c, onlyTheOffice[*dars.Incident])
			if err != nil {
				return err
			}
			return items(c, all, "INCIDENT KIND STATE FOUND RECALL ABOUT", func(i *dars.Incident) []any {
				return []any{i.ID, i.Kind, i.State, i.Found, i.Recall, brief(i.Brief())}
			})
		}),
	)
}

func addIncidentCommand(s *session) *cobra.Command {
	var i dars.Incident
	var from, until, found string
	add := s.do("add --defect KIND", "record an incident", exactly(0), func(c *call) error {
		i.Scope.From, i.Scope.Until, i.Found = dars.Day(from), dars.Day(until), dars.Day(found)
		id, err := office.Incidents{Office: c.Office}.Add(c.ctx, c.act, i)
		if err != nil {
			return err
		}
		return c.say(map[string]any{"id": id}, "%s is recorded; see what it affects with darsd recall plan %s", id, id)
	})
	f := add.Flags()
	f.StringVar(&i.Kind, "defect", "", "what is wrong: see darsd incident kinds")
	f.StringVar(&from, "from", "", "only what was made or let out on this day or later")
	f.StringVar(&until, "until", "", "or on this day or earlier")
	f.StringSliceVar(&i.Scope.Datasets, "dataset", nil, "only of this dataset: its code, or its title as a register has it")
	f.StringSliceVar(&i.Scope.Columns, "column", nil, "only with this column, or with one made from it")
	f.StringSliceVar(&i.Scope.Periods, "period", nil, "only for this period")
	f.StringArrayVar(&i.Scope.Orgs, "org", nil, "only what this organisation may have: its code, or its name")
	f.StringSliceVar(&i.Scope.Agreements, "agreement", nil, "only under this agreement, or case")
	f.StringSliceVar(&i.Scope.Releases, "release", nil, "only this release, file, or row of a register")
	f.StringVar(&i.Says, "says", "", "what is wrong, in words for recipients and the public")
	f.StringVar(&found, "found", "", "the day on which somebody noticed, if not today")
	return add
}

func recallCommands(s *session) *cobra.Command {
	return group("recall", "calling files back because of a defect",
		s.look("plan INCIDENT", "print what an incident affects; nothing is called back yet", exactly(1), func(c *call) error {
			p, err := office.Incidents{Office: c.Office}.RecallPlan(c.ctx, c.act, dars.IncidentID(c.args[0]))
			if err != nil {
				return err
			}
			return c.recall(p)
		}),
		s.do("start INCIDENT", "call back what it affects: freeze it, and tell every holder", exactly(1), func(c *call) error {
			r, notices, err := office.Incidents{Office: c.Office}.Start(c.ctx, c.act, dars.IncidentID(c.args[0]))
			if err != nil {
				return err
			}
			files := 0
			for _, n := range notices {
				files += len(n.Files)
			}
			return c.say(map[string]any{"id": r.ID, "agreements": len(notices), "files": files, "answer_by": r.AnswerBy},
				"%s is started: %d files under %d agreements are called back, to be answered for by %s", r.ID, files, len(notices), r.AnswerBy)
		}),
		answerCommand(s), closeRecallCommand(s),
		s.look("show RECALL", "print how far a recall has come", exactly(1), func(c *call) error {
			p, err := office.Incidents{Office: c.Office}.Recall(c.ctx, c.act, dars.RecallID(c.args[0]))
			if err != nil {
				return err
			}
			return c.recall(p)
		}),
		s.look("public", "print what everybody may read of all recalls", exactly(0), func(c *call) error {
			all, err := office.Public{Office: c.Office}.Recalls(c.ctx, c.Calendar.Day(c.act.At))
			if err != nil {
				return err
			}
			return items(c, all, "RECALL STATE STARTED FILES ORGANISATIONS OPEN DEFECT", func(r dars.PublicRecall) []any {
				return []any{r.ID, r.State, r.Started, r.Files, r.Organisations, r.Answers["open"], r.Defect}
			})
		}),
		s.look("list", "print all recalls", exactly(0), func(c *call) error {
			all, err := list(c, onlyTheOffice[*dars.Recall])
			if err != nil {
				return err
			}
			return items(c, all, "RECALL INCIDENT STATE STARTED ANSWER-BY CLOSED", func(r *dars.Recall) []any {
				return []any{r.ID, r.Incident, r.State, r.Started, r.AnswerBy, r.Closed}
			})
		}),
	)
}

func answerCommand(s *session) *cobra.Command {
	said := map[string]*bool{}
	var holder string
	answer := s.do("answer RECALL FILE...", "say what became of files at a holder", atLeast(2), func(c *call) error {
		var words []string
		for _, word := range slices.Sorted(maps.Keys(said)) {
			if *said[word] {
				words = append(words, word)
			}
		}
		if len(words) != 1 {
			return misuse{fmt.Errorf("say one of --%s", strings.Join(slices.Sorted(maps.Keys(said)), ", --"))}
		}
		for _, file := range c.args[1:] {
			left, err := office.Incidents{Office: c.Office}.Answer(c.ctx, c.act, dars.RecallID(c.args[0]), file, holder, words[0])
			if err != nil {
				return err
			}
			says := "everybody has answered"
			if len(left) > 0 {
				says = "still to answer: " + strings.Join(left, ", ")
			}
			if err := c.say(map[string]any{"file": file, "answer": words[0], "open": append([]string{}, left...)}, "%s: %s", file, says); err != nil {
				return err
			}
		}
		return nil
	})
	for _, a := range dars.RecallAnswers {
		if a.Code != dars.NeverCollected && a.Code != dars.Certified { // the ledger and certificates say those
			said[a.Code] = answer.Flags().Bool(a.Code, false, a.Meaning)
		}
	}
	answer.Flags().StringVar(&holder, "holder", "", "at this organisation; else at all that have not answered")
	return answer
}

func closeRecallCommand(s *session) *cobra.Command {
	var despite bool
	end := s.do("close RECALL", "end a recall, with what came of it (--reason)", exactly(1), func(c *call) error {
		return c.told(office.Incidents{Office: c.Office}.CloseRecall(c.ctx, c.act, dars.RecallID(c.args[0]), despite), "%s is closed", c.args[0])
	})
	end.Flags().BoolVar(&despite, "despite-unanswered", false, "although some files are not answered for")
	return end
}

// recall prints what an incident affects, or how far a recall has come.
func (c *call) recall(p dars.RecallPlan) error {
	if c.json {
		return c.print(p)
	}
	facts := []any{"incident", p.Incident, "kind", p.Kind, "as at", p.AsAt}
	if r := p.Recall; r != nil {
		facts = append(facts, "recall", fmt.Sprintf("%s, %s", r.ID, r.State), "answer by", r.AnswerBy, "outcome", r.Outcome)
	}
	facts = append(facts, "releases", len(p.Releases), "files", len(p.Files), "people", len(p.People), "organisations", len(p.Organisations),
		"processors", strings.Join(p.Processors, ", "), "sub-licensees", strings.Join(p.Sublicensees, ", "), "sub-licences", len(p.Sublicences))
	for _, answer := range append([]string{"open"}, dars.Codes(dars.RecallAnswers)...) {
		if n := p.Progress[answer]; n > 0 {
			facts = append(facts, answer, n)
		}
	}
	if err := c.facts(nil, facts...); err != nil {
		return err
	}
	fmt.Fprintln(c.env.stdout)
	return items(c, p.Files, "FILE AGREEMENT DATASET SENT-TO STILL-TO-ANSWER ANSWERS", func(f dars.PlannedFile) []any {
		var answers []string
		for _, a := range f.Answers {
			answers = append(answers, strings.TrimPrefix(a.Holder+":"+a.Answer, ":"))
		}
		return []any{f.File, f.Agreement, f.Dataset, len(f.Sent), brief(strings.Join(f.Open, ", ")), strings.Join(answers, " ")}
	})
}
