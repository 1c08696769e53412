package main

import (
	"cmp"
	"fmt"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/documents"
	"darsd/office"
)

// benefitsCommand records what came of the data, or prints the form for that, or what
// the public is told of it.
func benefitsCommand(s *session) *cobra.Command {
	var template bool
	command := s.command("benefits AGREEMENT [FILE]", "record or print what came of the data (--template)", between(1, 2), func(c *call) error {
		id, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
		switch {
		case err != nil:
			return err
		case template:
			return c.benefitForm(id)
		case len(c.args) < 2:
			return c.publicBenefits(id)
		case c.s.person != nil && c.args[1] != "-":
			if err := toldByName(id, c.args[1]); err != nil {
				return err
			}
			return c.acting(func(c *call) error { return c.fromTray(c.args[1]) })
		}
		return c.acting(func(c *call) error { return c.recordBenefits(id) })
	})
	command.Flags().BoolVar(&template, "template", false, "print the form, with the benefits that were stated")
	return command
}

// toldByName refuses a file in submit/ whose name does not say that it tells of an
// agreement: there the name decides as what a file is read.
func toldByName(id dars.AgreementID, name string) error {
	own, _, _, err := dars.ParseCase(string(id))
	if err != nil {
		return err
	}
	file := strings.ToLower(path.Base(name))
	of, told := strings.CutSuffix(strings.TrimSuffix(file, path.Ext(file)), "-benefits")
	if stem, _, _, err := dars.ParseCase(of); err == nil && told && stem == own {
		return nil
	}
	return dars.Refuse("bad-name", name, "%s is not read as what came of the data under %s: put it into submit/ as %s-benefits.yaml, or give it to darsd agreement benefits %[3]s - on standard input", name, id, own)
}

func (c *call) recordBenefits(id dars.AgreementID) error {
	name, text, err := c.whole(c.args[1])
	if err != nil {
		return err
	}
	r, err := office.Benefits{Office: c.Office}.Record(c.ctx, c.act, id, name, text)
	if err != nil {
		return err
	}
	return c.say(r, "%s: what came of the data under %s is recorded", r.ID, id)
}

// publicBenefits prints what the public is told.
func (c *call) publicBenefits(id dars.AgreementID) error {
	g, err := get(c, string(id), orgOfAgreement)
	if err != nil {
		return err
	}
	told, err := office.Desk{Office: c.Office}.Public(c.ctx, g, c.Calendar.Day(c.act.At))
	if err != nil {
		return err
	}
	facts := []any{"agreement", told.Agreement}
	for _, d := range told.Due {
		facts = append(facts, d.State, fmt.Sprintf("%s: %s", d.Due, oneLine(d.Words())))
	}
	for _, r := range told.Reported {
		facts = append(facts, reportFacts(r)...)
	}
	return c.facts(told, facts...)
}

func (c *call) benefitForm(id dars.AgreementID) error {
	g, err := get(c, string(id), orgOfAgreement)
	if err != nil {
		return err
	}
	stated, err := office.Desk{Office: c.Office}.StatedBenefits(c.ctx, g)
	if err != nil {
		return err
	}
	_, err = c.env.stdout.Write(documents.BenefitForm(g, stated))
	return err
}

// benefitsOf adds to an agreement what accounts of benefits are owed and given.
func (c *call) benefitsOf(g *dars.Agreement, v *agreementView) error {
	due, reports, err := office.Desk{Office: c.Office}.Benefits(c.ctx, g)
	if err != nil {
		return err
	}
	on := c.Calendar.Day(c.act.At)
	for _, d := range due {
		v.Obligations = append(v.Obligations, obligationView{Kind: "benefits", Ref: cmp.Or(string(d.Met), string(g.ID)), Due: d.Due, State: d.StateOn(on), Text: benefitText(d)})
	}
	v.Benefits = append([]*dars.BenefitReport{}, reports...)
	return nil
}

func benefitText(d dars.BenefitDue) string {
	switch d.Why {
	case dars.YearReleased:
		return "a year after the first release"
	case dars.RenewalApplied:
		return "since a renewal was applied for"
	}
	return d.What
}

// benefitFacts are the same on screen.
func benefitFacts(v agreementView) (facts []any) {
	for _, o := range v.Obligations {
		if o.Kind == "benefits" {
			facts = append(facts, "benefits", fmt.Sprintf("%s, %s, %s: %s", o.State, o.Due, o.Ref, oneLine(o.Text)))
		}
	}
	for _, r := range v.Benefits {
		facts = append(facts, reportFacts(r.Public())...)
	}
	return facts
}

func reportFacts(r dars.PublicReport) (facts []any) {
	for _, out := range r.Outputs {
		facts = append(facts, string(r.ID), fmt.Sprintf("output of %s: %s %s", out.Date, oneLine(out.Title), out.Link))
	}
	for _, b := range r.Benefits {
		facts = append(facts, string(r.ID), fmt.Sprintf("%s: %s", dars.Meaning(dars.Outcomes, b.Outcome), oneLine(b.What)))
	}
	if r.NoneYet != "" {
		facts = append(facts, string(r.ID), "none yet: "+oneLine(r.NoneYet))
	}
	return facts
}
