package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

func committee(c *call) office.Committee { return office.Committee{Office: c.Office} }

func decisionCommands(s *session) *cobra.Command {
	return group("decision", "the steps to a decision, and the meetings of DAAG",
		s.do("assess APPLICATION", "say as the owner of the data, or for them, that it may go on", exactly(1), func(c *call) error {
			return c.told(committee(c).Assess(c.ctx, c.act, c.args[0]), "%s is assessed", c.args[0])
		}),
		s.do("pre-review APPLICATION", "say that it is ready for the committee", exactly(1), func(c *call) error {
			return c.told(committee(c).PreReview(c.ctx, c.act, c.args[0]), "%s is pre-reviewed", c.args[0])
		}),
		s.do("present APPLICATION", "put it before DAAG: on the agenda of the open meeting", exactly(1), func(c *call) error {
			return c.told(committee(c).Present(c.ctx, c.act, c.args[0]), "%s is at DAAG", c.args[0])
		}),
		outcomeCommand(s), clearCommand(s), briefCommand(s),
		finalCommand(s, "siro", "decide as the SIRO (--approve or --decline)", office.Committee.SIRO),
		finalCommand(s, "director", "decide on an exception (--approve or --decline)", office.Committee.Director),
		meetingCommand(s), moveCommand(s), cancelCommand(s), attendCommand(s), conflictCommand(s), agendaCommand(s), minutesCommand(s),
	)
}

// outcomeCommand notes what DAAG said.
func outcomeCommand(s *session) *cobra.Command {
	var outcome string
	var actions, obligations []string
	cmd := s.do("outcome APPLICATION", "note what the meeting said (--outcome, and what it leaves)", exactly(1), func(c *call) error {
		points, err := c.points(actions, obligations)
		if err != nil {
			return err
		}
		said := dars.ApplicationState(outcome)
		if outcome == "withdrawn" { // by DAAG, to be presented again; the applicant's own end of it is another
			said = dars.Returned
		}
		return c.told(committee(c).Outcome(c.ctx, c.act, c.args[0], said, points...), "%s: %s", c.args[0], outcome)
	})
	f := cmd.Flags()
	f.StringVar(&outcome, "outcome", "", "recommended, recommended-with-caveats, deferred, withdrawn or rejected")
	f.StringArrayVar(&actions, "action", nil, "'OWNER DAY TEXT', what is to be done first; OWNER is applicant or a login; may be given several times")
	f.StringArrayVar(&obligations, "obligation", nil, "'STAGE OWNER DAY TEXT', a caveat that blocks a later stage: agreement-issue, in-force, release-plan or publish")
	return cmd
}

// points reads what an outcome leaves to do.
func (c *call) points(actions, obligations []string) (all []dars.Point, err error) {
	for i, text := range append(actions, obligations...) {
		words := strings.Fields(text)
		var p dars.Point
		if i >= len(actions) {
			if len(words) == 0 {
				return nil, misuse{fmt.Errorf("--obligation %q: write 'STAGE OWNER DAY TEXT'", text)}
			}
			p.Blocks, words = dars.Stage(words[0]), words[1:]
		}
		if len(words) < 3 {
			return nil, misuse{fmt.Errorf("%q: write OWNER DAY TEXT, such as 'applicant 2016-05-31 publish an amended privacy notice'", text)}
		}
		p.Owner, p.Due, p.Text = dars.TheApplicant, dars.Day(words[1]), strings.Join(words[2:], " ")
		if words[0] != string(dars.TheApplicant) {
			who, err := office.Desk{Office: c.Office}.Person(c.ctx, words[0])
			if err != nil {
				return nil, err
			}
			if !who.Inside() {
				return nil, dars.Refuse("not-owner", words[0], "%s is not of the office: what the applicant is to do has the owner %s", words[0], dars.TheApplicant)
			}
			p.Owner = who.ID
		}
		all = append(all, p)
	}
	return all, nil
}

// clearCommand clears a caveat out of committee.
func clearCommand(s *session) *cobra.Command {
	var n int
	cmd := s.do("clear APPLICATION", "clear a caveat (--action N); the secretary and the chair must", exactly(1), func(c *call) error {
		if err := committee(c).Clear(c.ctx, c.act, c.args[0], n); err != nil {
			return err
		}
		p, err := office.Desk{Office: c.Office}.Application(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		word := "waits for the other of secretary and chair"
		if p.Actions[n-1].State == dars.ActionDone {
			word = "is cleared"
		}
		return c.told(nil, "caveat %d of %s %s", n, c.args[0], word)
	})
	cmd.Flags().IntVar(&n, "action", 0, "the caveat's number, as application action lists it")
	return cmd
}

// A decision is the act of who decides in the end.
type decision func(o office.Committee, ctx context.Context, a dars.Act, ref string, approve bool) error

// finalCommand decides.
func finalCommand(s *session, verb, about string, decide decision) *cobra.Command {
	var approve, decline bool
	cmd := s.do(verb+" APPLICATION", about, exactly(1), func(c *call) error {
		if approve == decline {
			return misuse{errors.New("say --approve or --decline")}
		}
		word := "approved"
		if decline {
			word = "declined"
		}
		return c.told(decide(committee(c), c.ctx, c.act, c.args[0], approve), "%s is %s", c.args[0], word)
	})
	cmd.Flags().BoolVar(&approve, "approve", false, "it is approved")
	cmd.Flags().BoolVar(&decline, "decline", false, "it is declined")
	return cmd
}

// routeCommand prints the route, and each difference on which it rests.
func routeCommand(s *session) *cobra.Command {
	return s.look("route APPLICATION", "say by which way it is decided, and why", exactly(1), func(c *call) error {
		p, r, err := office.Desk{Office: c.Office}.Route(c.ctx, c.act, c.args[0])
		if err != nil {
			return err
		}
		if err := c.looked("application", string(p.ID())); err != nil {
			return err
		}
		if c.json {
			return c.print(struct {
				Ref     string `json:"ref"`
				Version string `json:"version"`
				dars.Route
			}{p.Stem, p.Version(), r})
		}
		sh := sheet{w: c.env.stdout}
		sh.facts("application", p.Stem+" "+p.Version(), "route", r.Name, "why", r.Why, "compared with", string(r.Against))
		for _, d := range r.Differences {
			word := "not of the exception"
			if d.Within {
				word = "of the exception"
			}
			was, is := differing(d.Was, d.Is)
			sh.print("\n%s\n", visible(d.Field))
			sh.facts("  was", was, "  is", is, "  "+word, d.Why)
		}
		return sh.err
	})
}

// briefCommand prints what whoever decides must know.
func briefCommand(s *session) *cobra.Command {
	var pdf bool
	cmd := s.look("brief APPLICATION", "print what whoever decides must know, on one page", exactly(1), func(c *call) error {
		b, err := office.Desk{Office: c.Office}.Brief(c.ctx, c.act, c.args[0])
		if err != nil {
			return err
		}
		if err := c.looked("application", b.Ref+"-"+strings.SplitN(b.Version, ".", 2)[0]); err != nil {
			return err
		}
		if pdf {
			return c.paper(c.press.Brief(b))
		}
		if c.json {
			return c.print(b)
		}
		return c.showBrief(b)
	})
	cmd.Flags().BoolVar(&pdf, "pdf", false, "write it as a PDF")
	return cmd
}

// paper writes a paper to standard output.
func (c *call) paper(pdf []byte, err error) error {
	if err == nil {
		_, err = c.env.stdout.Write(pdf)
	}
	return err
}

func (c *call) showBrief(b dars.Brief) error {
	names := c.names()
	s := sheet{w: c.env.stdout}
	s.facts("application", b.Ref+" "+b.Version, "kind", b.Kind, "title", b.Title, "organisation", fmt.Sprintf("%s %s", b.Org, b.OrgName), "state", string(b.State),
		"route", b.Route.Name+": "+b.Route.Why, "due", string(b.Due), "objections", b.Objections)
	if a := b.Advice; a != nil {
		s.facts("DAAG", fmt.Sprintf("%s on %s at %s; %d took part, %d of them lay. %s", a.Outcome, a.On, a.Meeting, a.Members, a.Lay, a.Note))
	}
	s.lines("asked for", b.Asks)
	var lines []string
	for _, t := range b.Caveats {
		lines = append(lines, together(" ", fmt.Sprintf("%d, %s, %s, due %s: %s", t.N, t.State, names(t.Owner), t.Due, t.Text), blocks(t)))
	}
	s.lines("caveats that are not cleared", lines)
	since := "nothing: this is the first version"
	if b.Since != "" {
		since = b.Since + ", " + b.SinceIs
	}
	s.section("changed since " + since)
	if s.err == nil {
		s.err = writeChanges(s.w, b.Changes)
	}
	lines = nil
	for _, v := range b.Attempts {
		lines = append(lines, fmt.Sprintf("%s: %s", v.Version, v.State))
	}
	s.lines("handed in since, and come to nothing", lines)
	lines = nil
	for _, e := range b.Ends {
		lines = append(lines, fmt.Sprintf("%s (%s): %s", e.What, e.Of, e.On))
	}
	s.lines("ended, or ends within the term", lines)
	lines = nil
	for _, h := range b.Holds {
		lines = append(lines, fmt.Sprintf("%s: %s, %s until %s, %d files sent", h.Agreement, comma(h.Datasets), h.State, h.End, h.Files))
	}
	s.lines("already held by these parties", lines)
	lines = nil
	for _, x := range b.Access {
		lines = append(lines, fmt.Sprintf("%s: %s under %s since %s, %d people of %d licences, reviewed by %s", x.Release, x.Dataset, x.Agreement, x.Since, x.People, x.Licences, x.ReviewDue))
	}
	s.lines("system access held by these parties", lines)
	lines = nil
	for _, a := range b.Audits {
		lines = append(lines, fmt.Sprintf("%s of %s: %s, %s since %s", a.Audit, a.Org, a.Trigger, a.State, a.Triggered))
	}
	s.lines("open audits and findings", lines)
	lines = nil
	for _, k := range b.Certificates {
		lines = append(lines, fmt.Sprintf("%s of %s, due %s, %d days overdue", k.Certificate, k.Org, k.Due, k.DaysOver))
	}
	s.lines("overdue certificates", lines)
	return s.err
}

// blocks says which stage waits for a caveat.
func blocks(t dars.Action) string {
	if t.Blocks == "" {
		return ""
	}
	return "(blocks " + string(t.Blocks) + ")"
}

// lines prints a section that is a list.
func (s *sheet) lines(title string, all []string) {
	s.section(title)
	if len(all) == 0 {
		s.print("  nothing\n")
	}
	for _, l := range all {
		for _, folded := range fold(visible(oneLine(l)), screenWidth-2) {
			s.print("  %s\n", folded)
		}
	}
}
