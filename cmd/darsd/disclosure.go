package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/disclosure"
)

func disclosureCommands(s *session) *cobra.Command {
	return group("disclosure", "tables that must tell of no person", attackCommand(s))
}

// attackCommand needs no office: it knows what the public knows.
func attackCommand(s *session) *cobra.Command {
	var code string
	c := &cobra.Command{Use: "attack TABLE", Short: "try to work out what a published table (CSV) suppressed", Args: exactly(1), RunE: func(cmd *cobra.Command, args []string) error {
		if s.person != nil {
			return misuse{fmt.Errorf("attack looks at files on your own machine: run it there")}
		}
		rules, err := disclosure.RulesCalled(code)
		if err != nil {
			return err
		}
		file, err := os.Open(args[0])
		if err != nil {
			return misuse{err}
		}
		defer file.Close()
		table, err := disclosure.ReadCSV(file, args[0], rules)
		if err != nil {
			return err
		}
		call := &call{env: s.env, json: s.json, s: s, ctx: cmd.Context()}
		return call.attack(args[0], table)
	}}
	c.Flags().StringVar(&code, "rules", disclosure.RuleSets[len(disclosure.RuleSets)-1].Code, "the rule set by which it was made")
	return c
}

// An attackedTable is what an attack found, as programs read it.
type attackedTable struct {
	Rules      string      `json:"rules"`
	Suppressed int         `json:"suppressed"`
	Leaks      []workedOut `json:"leaks"`
	Unproven   []workedOut `json:"unproven"` // with three dimensions: not shown to be safe, nor not to be
}

// A workedOut entry is one that can be narrowed to few numbers.
type workedOut struct {
	Place []string `json:"place"`
	Low   int      `json:"low"`
	High  int      `json:"high"`
}

func (c *call) attack(name string, table *disclosure.Published) error {
	known, err := table.Attack()
	if err != nil {
		return err
	}
	found := attackedTable{Rules: table.Rules.Code, Suppressed: len(known), Leaks: []workedOut{}, Unproven: []workedOut{}}
	for _, k := range known {
		out := workedOut{table.Shape.Label(k.Entry), k.Span.Low, k.Span.High}
		switch {
		case k.Span.Values() < table.Rules.MinValues:
			found.Leaks = append(found.Leaks, out)
		case k.Leaks(table.Rules.MinValues):
			found.Unproven = append(found.Unproven, out)
		}
	}
	if len(found.Leaks)+len(found.Unproven) == 0 {
		return c.say(found, "%s stands: each of its %d suppressed counts can still be %d numbers or more", name, len(known), table.Rules.MinValues)
	}
	if err := c.sayLeaks(found); err != nil {
		return err
	}
	return printed{&dars.Refusal{Rule: "leaks", Ref: name, Sentence: fmt.Sprintf(
		"%s leaks: of its %d suppressed counts %d can be worked out to fewer than %d numbers, and %d could not be shown to be safe",
		name, len(known), len(found.Leaks), table.Rules.MinValues, len(found.Unproven))}}
}

func (c *call) sayLeaks(found attackedTable) error {
	if c.json {
		return c.print(found)
	}
	lines := table{{"SUPPRESSED", "CAN ONLY BE"}}
	for _, w := range found.Leaks {
		span := fmt.Sprintf("%d to %d", w.Low, w.High)
		if w.Low == w.High {
			span = fmt.Sprint(w.Low)
		}
		lines = append(lines, []string{strings.Join(w.Place, " · "), span})
	}
	for _, w := range found.Unproven {
		lines = append(lines, []string{strings.Join(w.Place, " · "), "not shown to be safe"})
	}
	return lines.write(c.env.stdout)
}
