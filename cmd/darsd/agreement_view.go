package main

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

// agreementView is an agreement as JSON.
type agreementView struct {
	ID           dars.AgreementID      `json:"id"`
	Ref          string                `json:"ref"`
	Version      string                `json:"version"`
	State        dars.AgreementState   `json:"state"`
	Title        string                `json:"title"`
	Org          dars.OrgCode          `json:"org"`
	Start        dars.Day              `json:"start"`
	End          dars.Day              `json:"end"`
	InForceFrom  dars.Day              `json:"in_force_from,omitempty"` // its first day in force, once it has begun
	Contract     dars.ContractID       `json:"contract"`
	Controllers  []signingView         `json:"controllers"`
	Missing      []dars.OrgCode        `json:"missing"` // controllers whose signed copy is
	Processors   []dars.OrgCode        `json:"processors"`
	Sublicensees []dars.OrgCode        `json:"sublicensees"`
	Datasets     []dars.DatasetRequest `json:"datasets"`
	Objections   []termView            `json:"objections"`
	Recipients   []dars.PersonID       `json:"recipients"`
	Copy         *dars.SignedCopy      `json:"copy,omitempty"`
	ConfirmedBy  []dars.PersonID       `json:"confirmed_by"`
	Obligations  []obligationView      `json:"obligations"`
	Schedule     []dars.Instalment     `json:"schedule"` // releases that recur: those planned, and those to come
	SupersededBy dars.AgreementID      `json:"superseded_by,omitempty"`
	History      []dars.Version        `json:"history"`

	Benefits []*dars.BenefitReport `json:"benefits"` // of the case
	Reviews  []dars.AnnualReview   `json:"reviews"`  // that are done
	Next     []office.Next         `json:"next"`     // what comes next, whose turn it is, and when
}

type signingView struct {
	Org      dars.OrgCode    `json:"org"`
	Contract dars.ContractID `json:"contract"`
	SignedBy []dars.PersonID `json:"signed_by"`
	SignedOn dars.Day        `json:"signed_on,omitempty"`

	Certificate string `json:"certificate,omitempty"` // of whose key signed, if that was digitally: SHA-256
}

type obligationView struct {
	Kind  string     `json:"kind"`
	Ref   string     `json:"ref"`
	Due   dars.Day   `json:"due,omitempty"`
	State string     `json:"state"`
	N     int        `json:"n,omitempty"`
	Stage dars.Stage `json:"stage,omitempty"` // that it blocks
	Text  string     `json:"text,omitempty"`
}

func (c *call) agreementView(g *dars.Agreement) (v agreementView, err error) {
	v = agreementView{ID: g.ID, Ref: g.Stem, Version: g.Version, State: g.StateOn(c.Calendar.Day(c.act.At)), Title: g.Title, Org: g.Org, Start: g.Start, End: g.End,
		Processors: append([]dars.OrgCode{}, g.Processors...), Sublicensees: append([]dars.OrgCode{}, g.Sublicensed...), Datasets: g.Datasets, Objections: c.objectionsOf(g), Recipients: g.Recipients, Copy: g.Copy,
		ConfirmedBy: append([]dars.PersonID{}, g.ConfirmedBy...), Obligations: []obligationView{}, Missing: append([]dars.OrgCode{}, g.Unsigned()...), SupersededBy: g.SupersededBy, Schedule: append([]dars.Instalment{}, g.Schedule()...), Reviews: append([]dars.AnnualReview{}, g.Reviews...)}
	if g.HasBegun() {
		v.InForceFrom = g.InForceFrom()
	}
	for _, k := range g.Controllers {
		v.Contract = k.Contract
		v.Controllers = append(v.Controllers, signingView{k.Org, k.Contract, append([]dars.PersonID{}, k.ConfirmedBy...), k.SignedOn, k.Certificate})
	}
	desk := office.Desk{Office: c.Office}
	obligations, err := desk.Obligations(c.ctx, g)
	if err != nil {
		return v, err
	}
	for _, o := range obligations {
		v.Obligations = append(v.Obligations, obligationView{o.Kind, o.Ref, o.Due, string(o.State), o.N, o.Stage, o.Text})
	}
	if g.Certificate != "" {
		if k, err := get(c, string(g.Certificate), orgOfCertificate); err == nil {
			v.Obligations = append(v.Obligations, obligationView{Kind: "certificate", Ref: string(k.ID), Due: k.Due, State: string(k.State)})
		}
	}
	if err := c.benefitsOf(g, &v); err != nil {
		return v, err
	}
	next, err := desk.NextOfAgreement(c.ctx, g, c.Calendar.Day(c.act.At))
	if err != nil {
		return v, err
	}
	v.Next = append([]office.Next{}, next...)
	v.History, err = desk.History(c.ctx, c.act.Who, g.Stem)
	return v, err
}

// facts are the same on screen, a line each.
func (v agreementView) facts(g *dars.Agreement, today dars.Day) []any {
	facts := []any{"agreement", v.ID, "title", v.Title, "organisation", v.Org, "state", v.State, "start", v.Start, "end", v.End, "in force from", v.InForceFrom, "certificate", g.Certificate}
	for _, k := range v.Controllers {
		says := fmt.Sprintf("%s signed on %s", k.Org, k.SignedOn)
		switch {
		case k.SignedOn == "" && len(k.SignedBy) > 0:
			says = fmt.Sprintf("%s: one officer has seen its signature, and another is to", k.Org)
		case k.SignedOn == "":
			says = fmt.Sprintf("%s: its signed copy is missing", k.Org)
		}
		facts = append(facts, "controller", says)
	}
	for _, d := range v.Datasets {
		facts = append(facts, "dataset", []any{d.Code, d.Periods, dars.Meaning(dars.Identifiabilities, d.Identifiability)})
	}
	facts = append(facts, scheduleFacts(g)...)
	facts = append(facts, objectionsFacts(v.Objections)...)
	for _, o := range v.Obligations {
		if o.Text == "" || o.Kind == "benefits" {
			continue // the certificate, which stands above, and what stands below
		}
		until := ""
		if o.Due != "" {
			until = ", due " + string(o.Due)
		}
		word := "obligation"
		if o.Kind == "caveat" {
			word = "caveat of DAAG"
		}
		facts = append(facts, word, fmt.Sprintf("%d, before %s, %s%s: %s", o.N, cmp.Or(string(o.Stage), "the decision"), o.State, until, oneLine(o.Text)))
	}
	facts = append(facts, benefitFacts(v)...)
	facts = append(facts, reviewFacts(v.Reviews)...)
	facts = append(facts, nextFacts(v.Next, today)...)
	if len(v.History) < 2 {
		return facts
	}
	for _, one := range v.History {
		says := fmt.Sprintf("%s %s from %s to %s", one.Version, one.State, one.Start, cmp.Or(string(one.Ended), "now"))
		if one.Gap > 0 {
			says += fmt.Sprintf(", after a gap of %d days", one.Gap)
		}
		facts = append(facts, "history", says)
	}
	return facts
}

func confirmCommand(s *session) *cobra.Command {
	var signed []string
	named := func(c *call) (string, error) {
		id, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
		return string(id), err
	}
	c := s.lookOrDo("confirm AGREEMENT", "say that the copy that came back is signed; two people must", named, func(c *call) error {
		id, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		var orgs []dars.OrgCode
		for _, code := range signed {
			orgs = append(orgs, dars.OrgCode(code))
		}
		return c.told(office.Agreements{Office: c.Office}.Confirm(c.ctx, c.act, id, orgs...), "%s: you have confirmed the signed copy", id)
	})
	c.Flags().StringSliceVar(&signed, "controller", nil, "who has signed it (all who had not); may be given several times")
	return c
}

func obligeCommand(s *session) *cobra.Command {
	var stage, due string
	c := s.do("oblige AGREEMENT TEXT", "note what is to be done before a stage (--stage)", exactly(2), func(c *call) error {
		if stage == "" {
			return misuse{errors.New("say with --stage what it stands before: agreement-issue, in-force, release-plan or publish")}
		}
		id, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		n, err := office.Agreements{Office: c.Office}.Oblige(c.ctx, c.act, id, dars.Obligation{Stage: dars.Stage(stage), Text: c.args[1], Due: dars.Day(due)})
		if err != nil {
			return err
		}
		return c.say(map[string]any{"id": id, "n": n}, "%s has obligation %d: it does not go beyond %s until it is met", id, n, stage)
	})
	c.Flags().StringVar(&stage, "stage", "", "in-force, release-plan or publish")
	c.Flags().StringVar(&due, "due", "", "the day by which it is to be done")
	return c
}

func metCommand(s *session) *cobra.Command {
	return s.do("met AGREEMENT N", "say that an obligation that another noted is met (--reason)", exactly(2), func(c *call) error {
		n, err := strconv.Atoi(c.args[1])
		if err != nil {
			return misuse{fmt.Errorf("%q is no number of an obligation: darsd agreement show %s lists them", c.args[1], c.args[0])}
		}
		id, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		return c.told(office.Agreements{Office: c.Office}.Meet(c.ctx, c.act, id, n), "obligation %d of %s is met", n, id)
	})
}
