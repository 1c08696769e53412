package main

import (
	"context"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

func agreementCommands(s *session) *cobra.Command {
	wing := func(c *call) office.Agreements { return office.Agreements{Office: c.Office} }
	var start, end string
	issue := s.do("issue APPLICATION", "draw up the agreement of an approved application", exactly(1), func(c *call) error {
		for _, day := range []string{start, end} {
			if _, err := dars.ParseDay(day); day != "" && err != nil {
				return misuse{err}
			}
		}
		id, err := wing(c).Issue(c.ctx, c.act, c.args[0], dars.Day(start), dars.Day(end))
		if err != nil {
			return err
		}
		return c.say(map[string]any{"id": id}, "%s is issued for signature", id)
	})
	issue.Flags().StringVar(&start, "start", "", "its first day (as applied for)")
	issue.Flags().StringVar(&end, "end", "", "its last day (as applied for)")
	var copy bool
	print := s.look("print AGREEMENT", "write its PDF to standard output", exactly(1), func(c *call) error {
		id, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		if err := c.looked("paper of agreement", string(id)); err != nil {
			return err
		}
		return wing(c).Print(c.ctx, c.act, id, copy, c.env.stdout)
	})
	print.Flags().BoolVar(&copy, "copy", false, "the signed copy that came back")
	var remove bool
	collector := s.do("collector AGREEMENT LOGIN", "let one more person collect under it (--remove: no longer)", exactly(2), func(c *call) error {
		id, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		if remove {
			return c.told(wing(c).RemoveCollector(c.ctx, c.act, id, c.args[1]), "%s may no longer collect under %s", c.args[1], id)
		}
		return c.told(wing(c).AddCollector(c.ctx, c.act, id, c.args[1]), "%s may collect under %s", c.args[1], id)
	})
	collector.Flags().BoolVar(&remove, "remove", false, "no longer, at once")
	return group("agreement", "Data Sharing Agreements", append(overrideCommands(s),
		issue, print, collector,
		onAgreement(s, "confirm AGREEMENT", "say that the copy that came back is signed; two people must", "%s: you have confirmed the signed copy", office.Agreements.Confirm),
		onAgreement(s, "countersign AGREEMENT", "sign it for the office", "%s is signed by all", office.Agreements.Countersign),
		onAgreement(s, "terminate AGREEMENT", "end it before its time (--reason)", "%s is terminated", office.Agreements.Terminate),
		s.look("show AGREEMENT", "print an agreement", exactly(1), func(c *call) error {
			id, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
			if err != nil {
				return err
			}
			g, err := get(c, string(id), orgOfAgreement)
			if err != nil {
				return err
			}
			v := c.agreementView(g)
			facts := []any{"agreement", g.ID, "title", g.Title, "organisation", g.Org, "state", g.State, "start", g.Start, "end", g.End, "certificate", g.Certificate}
			for _, k := range v.Controllers {
				facts = append(facts, "controller", string(k.Org)+" signed on "+string(orDash(k.SignedOn)))
			}
			for _, d := range g.Datasets {
				facts = append(facts, "dataset", []any{d.Code, d.Periods, dars.Meaning(dars.Identifiabilities, d.Identifiability)})
			}
			facts = append(facts, objectionsFacts(v.Objections)...)
			return c.facts(v, facts...)
		}),
		s.look("list", "print all agreements", exactly(0), func(c *call) error {
			all, err := list(c, orgOfAgreement)
			if err != nil {
				return err
			}
			return items(c, all, "AGREEMENT ORG STATE START END", func(g *dars.Agreement) []any { return []any{g.ID, g.Org, g.State, g.Start, g.End} })
		}),
	)...)
}

// onAgreement is the form of the acts on one agreement.
func onAgreement(s *session, use, about, said string, act func(office.Agreements, context.Context, dars.Act, dars.AgreementID) error) *cobra.Command {
	return s.do(use, about, exactly(1), func(c *call) error {
		id, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		return c.told(act(office.Agreements{Office: c.Office}, c.ctx, c.act, id), said, id)
	})
}

// agreementView is an agreement as JSON.
type agreementView struct {
	ID          dars.AgreementID      `json:"id"`
	Ref         string                `json:"ref"`
	Version     string                `json:"version"`
	State       dars.AgreementState   `json:"state"`
	Title       string                `json:"title"`
	Org         dars.OrgCode          `json:"org"`
	Start       dars.Day              `json:"start"`
	End         dars.Day              `json:"end"`
	Contract    dars.ContractID       `json:"contract"`
	Controllers []signingView         `json:"controllers"`
	Processors  []dars.OrgCode        `json:"processors"`
	Datasets    []dars.DatasetRequest `json:"datasets"`
	Objections  []termView            `json:"objections"`
	Recipients  []dars.PersonID       `json:"recipients"`
	Copy        *dars.SignedCopy      `json:"copy,omitempty"`
	ConfirmedBy []dars.PersonID       `json:"confirmed_by"`
	Obligations []obligationView      `json:"obligations"`
}

type signingView struct {
	Org      dars.OrgCode    `json:"org"`
	Contract dars.ContractID `json:"contract"`
	SignedBy []dars.PersonID `json:"signed_by"`
	SignedOn dars.Day        `json:"signed_on,omitempty"`
}

type obligationView struct {
	Kind  string   `json:"kind"`
	Ref   string   `json:"ref"`
	Due   dars.Day `json:"due,omitempty"`
	State string   `json:"state"`
}

func (c *call) agreementView(g *dars.Agreement) agreementView {
	v := agreementView{ID: g.ID, Ref: g.Stem, Version: g.Version, State: g.State, Title: g.Title, Org: g.Org, Start: g.Start, End: g.End,
		Processors: append([]dars.OrgCode{}, g.Processors...), Datasets: g.Datasets, Objections: c.objectionsOf(g), Recipients: g.Recipients, Copy: g.Copy,
		ConfirmedBy: append([]dars.PersonID{}, g.ConfirmedBy...), Obligations: []obligationView{}}
	for _, k := range g.Controllers {
		v.Contract = k.Contract
		v.Controllers = append(v.Controllers, signingView{k.Org, k.Contract, v.ConfirmedBy, k.SignedOn})
	}
	if g.Certificate != "" {
		if k, err := get(c, string(g.Certificate), orgOfCertificate); err == nil {
			v.Obligations = append(v.Obligations, obligationView{"certificate", string(k.ID), k.Due, string(k.State)})
		}
	}
	return v
}

func orDash[S ~string](day S) S {
	if day == "" {
		return "-"
	}
	return day
}
