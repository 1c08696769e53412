package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

// The differencing guard: what must not be released beside what a recipient has.

func guardCommands(s *session) *cobra.Command {
	return group("guard", "what must not be released beside what a recipient has", guardCheckCommand(s), guardOverrideCommand(s))
}

func guardCheckCommand(s *session) *cobra.Command {
	var dataset string
	var periods []string
	var everything bool
	check := s.do("check [AGREEMENT]", "say beside what a dataset must not be released; --all: everywhere", between(0, 1), func(c *call) error {
		if everything == (len(c.args) == 1) || everything == (dataset != "") {
			return misuse{errors.New("say an agreement and --dataset, or --all")}
		}
		guard := office.Guard{Office: c.Office}
		if everything {
			all, err := guard.All(c.ctx, c.act)
			if err != nil {
				return err
			}
			return items(c, all, "ORG DATASET CASE PEOPLE AGREEMENTS RELEASES WHY", guardRow)
		}
		agreement, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		all, err := guard.Check(c.ctx, c.act, agreement, dataset, periods)
		if err != nil {
			return err
		}
		return items(c, all, "CASE PEOPLE BESIDE OVERRIDE SAYS", func(t office.GuardAnswer) []any {
			return []any{t.Case, t.People, some(t.Releases), some(t.Overrides), t.Says}
		})
	})
	f := check.Flags()
	f.StringVar(&dataset, "dataset", "", "the dataset's code")
	f.StringSliceVar(&periods, "period", nil, "a period; may be given several times (all that are agreed)")
	f.BoolVar(&everything, "all", false, "everything that any recipient has")
	return check
}

// guardRow is an item for people. A long list of releases is for programs.
func guardRow(t dars.GuardItem) []any {
	var why []string
	for _, w := range t.Why {
		why = append(why, string(w))
	}
	for _, id := range t.Overrides {
		why = append(why, "overridden by "+string(id))
	}
	return []any{t.Org, t.Dataset, t.Case, t.People, some(t.Agreements), some(t.Releases), strings.Join(why, ", ")}
}

// some names the first few of a list.
func some[S ~string](all []S) string {
	const few = 3
	var said []string
	for _, one := range all[:min(few, len(all))] {
		said = append(said, string(one))
	}
	if more := len(all) - few; more > 0 {
		said = append(said, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(said, ", ")
}

func guardOverrideCommand(s *session) *cobra.Command {
	var dataset, beside string
	var periods []string
	override := s.do("override AGREEMENT", "let it be released all the same (--reason, which is published)", exactly(1), func(c *call) error {
		if dataset == "" || beside == "" {
			return misuse{errors.New("say --dataset, and with --beside which release the guard names")}
		}
		agreement, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		v, err := office.Guard{Office: c.Office}.Override(c.ctx, c.act, agreement, dataset, periods, beside)
		if err != nil {
			return err
		}
		next := "it holds for what is planned from now on, and is published"
		if v.State == dars.OverrideProposed {
			next = "it waits for the other of the SIRO and compliance"
		}
		return c.say(map[string]any{"id": v.ID, "ref": agreement, "dataset": dataset, "beside": beside, "case": v.Case, "why": v.Why, "state": v.State},
			"%s is %s: %s beside %s, case (%s); %s", v.ID, v.State, dataset, beside, v.Case, next)
	})
	f := override.Flags()
	f.StringVar(&dataset, "dataset", "", "the dataset's code")
	f.StringSliceVar(&periods, "period", nil, "a period; may be given several times (all that are agreed)")
	f.StringVar(&beside, "beside", "", "the release that the guard names: REL-000007")
	return override
}
