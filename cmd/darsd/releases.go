package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

func releaseCommands(s *session) *cobra.Command {
	return group("release", "what leaves the office", append(accessCommands(s),
		planCommand(s),
		onRelease(s, "produce RELEASE", "package it, with objections treated as was agreed", "%s is produced and waits for a checker", office.Releases.Produce),
		onRelease(s, "check RELEASE", "say that you have checked it; not its producer", "%s is checked and waits for a signer", office.Releases.Check),
		signOffCommand(s),
		onRelease(s, "publish RELEASE", "let its recipients collect it", "%s is published", office.Releases.Publish),
		onRelease(s, "withdraw RELEASE", "take it back (--reason)", "%s is withdrawn", office.Releases.Withdraw),
		resumeCommand(s),
		extendCommand(s),
		s.do("reissue RELEASE", "plan it again for those who missed it; a new one, made anew", exactly(1), (*call).reissue),
		s.look("show RELEASE", "print a release, and what of it was sent", exactly(1), (*call).showRelease),
		pageCommand(s), dryRunCommand(s),
		s.do("quarantine RELEASE", "print the rows that could not be read and were put aside", exactly(1), (*call).printQuarantine),
		s.do("trace FILE", "say for which case a file with pseudonyms was made", exactly(1), (*call).traceFile),
		s.look("list", "print all releases", exactly(0), (*call).listReleases),
	)...)
}

// releaseWing is where releases are acted on.
func (c *call) releaseWing() office.Releases { return office.Releases{Office: c.Office} }

// onRelease makes a command for one step of a release.
func onRelease(s *session, use, about, said string, act func(office.Releases, context.Context, dars.Act, dars.ReleaseID) error) *cobra.Command {
	return s.do(use, about, exactly(1), func(c *call) error {
		return c.told(act(c.releaseWing(), c.ctx, c.act, dars.ReleaseID(c.args[0])), said, c.args[0])
	})
}

func planCommand(s *session) *cobra.Command {
	var dataset, kind, request string
	var periods []string
	plan := s.do("plan AGREEMENT [PERIOD...]", "plan a release of one dataset (--dataset, --period)", atLeast(1), func(c *call) error {
		switch kind {
		case dars.KindTabulation:
			return c.planTable(request, dataset, append(periods, c.args[1:]...))
		case dars.KindExtract:
		default:
			return misuse{fmt.Errorf("--kind is %s or %s, not %q; system access is granted with darsd release grant", dars.KindExtract, dars.KindTabulation, dars.Legible(kind))}
		}
		if dataset == "" {
			return misuse{fmt.Errorf("name the dataset with --dataset")}
		}
		return c.plan(dataset, append(periods, c.args[1:]...))
	})
	plan.Flags().StringVar(&dataset, "dataset", "", "the dataset's code")
	plan.Flags().StringVar(&kind, "kind", dars.KindExtract, "extract, or tabulation: a table that tells of groups only")
	plan.Flags().StringVar(&request, "request", "", "of a tabulation: a file that says what is counted (YAML or JSON; - reads it)")
	plan.Flags().StringSliceVar(&periods, "period", nil, "a period; may be given several times (all that are agreed)")
	return plan
}

func (c *call) plan(dataset string, periods []string) error {
	agreement, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
	if err != nil {
		return err
	}
	id, err := c.releaseWing().Plan(c.ctx, c.act, agreement, dataset, periods)
	if err != nil {
		return err
	}
	r, err := office.Get(c.ctx, office.Desk{Office: c.Office}, c.act.Who, string(id), onlyTheOffice[*dars.Release])
	if err != nil {
		return err
	}
	if r.Cohort != nil {
		return c.say(plannedView{id, r.Cohort}, "%s is planned under %s, with %s", id, agreement, usedCohort(r.Cohort))
	}
	return c.say(plannedView{ID: id}, "%s is planned under %s", id, agreement)
}

func signOffCommand(s *session) *cobra.Command {
	var notUpheld bool
	signOff := s.do("sign-off RELEASE", "let it leave; neither its producer nor its checker", exactly(1), func(c *call) error {
		sign := c.releaseWing().SignOff
		if notUpheld {
			sign = c.releaseWing().SignOffNotUpheld
		}
		return c.told(sign(c.ctx, c.act, dars.ReleaseID(c.args[0])), "%s is signed off", c.args[0])
	})
	signOff.Flags().BoolVar(&notUpheld, "confirm-not-upheld", false, "though objections of patients are not upheld in it, for the reason that it states")
	return signOff
}

func extendCommand(s *session) *cobra.Command {
	var until string
	extend := s.do("extend RELEASE", "let it be collected for longer (--until DATE)", exactly(1), func(c *call) error {
		day, err := dars.ParseDay(until)
		if err != nil {
			return misuse{fmt.Errorf("--until: %w", err)}
		}
		return c.told(c.releaseWing().Extend(c.ctx, c.act, dars.ReleaseID(c.args[0]), day), "the last day to collect %s is %s", c.args[0], day)
	})
	extend.Flags().StringVar(&until, "until", "", "the last day")
	return extend
}

func (c *call) reissue() error {
	id, err := c.releaseWing().Reissue(c.ctx, c.act, dars.ReleaseID(c.args[0]))
	if err != nil {
		return err
	}
	return c.say(map[string]any{"id": id, "reissues": c.args[0]}, "%s is planned, and issues %s again", id, c.args[0])
}

func (c *call) showRelease() error {
	v, err := c.releaseView(c.args[0])
	if err != nil {
		return err
	}
	facts := slices.Concat(c.stepFacts(v), c.upheldFacts(v),
		[]any{"despite", some(v.Despite)}, // the guard was overridden
		c.accessFacts(v.Access), v.Table.facts(), cohortFacts(v), rowFacts(v), v.Asked.facts(), asideFacts(v),
		c.lateFacts(v), c.sentFacts(v), nextFacts(v.Next, c.Calendar.Day(c.act.At)), v.Check.facts())
	if err := c.facts(v, facts...); err != nil || c.json || v.Check == nil {
		return err
	}
	fmt.Fprintln(c.env.stdout)
	return v.Check.write(c.env.stdout)
}

// stepFacts say what it is, and who has done what.
func (c *call) stepFacts(v releaseView) []any {
	names := c.names()
	took := func(step dars.ReleaseState) string { h := v.hand(step); return inName(names, h.By, h.For) }
	return []any{"release", v.ID, "kind", v.Kind, "agreement", v.Agreement, "dataset", v.Dataset, "periods", v.Periods, "state", v.State, "because", v.Because,
		"produced by", took(dars.Produced), "checked by", took(dars.Checked), "signed off by", took(dars.SignedOff), "can be collected until", v.WindowEnds}
}

// rowFacts count what became of the rows, for the office alone.
func rowFacts(v releaseView) []any {
	if v.RowsIn == nil || v.ProducedBy == "" {
		return nil
	}
	return []any{
		"rows", fmt.Sprintf("%d in, %d outside what was agreed, %d withheld, %d of nobody known, %d out", *v.RowsIn, *v.RowsOutside, *v.RowsWithheld, *v.RowsUnmatched, v.RowsOut),
		"persons", fmt.Sprintf("%d withheld, %d without a valid NHS number", *v.PersonsWithheld, *v.PersonsUnmatched),
	}
}

// asideFacts count the rows that could not be read.
func asideFacts(v releaseView) []any {
	if v.RowsQuarantined == nil || *v.RowsQuarantined == 0 {
		return nil
	}
	return []any{"rows put aside", fmt.Sprintf("%d that could not be read: darsd release quarantine %s", *v.RowsQuarantined, v.ID)}
}

// sentFacts say of each file what of it was sent to whom.
func (c *call) sentFacts(v releaseView) (facts []any) {
	names := c.names()
	for _, f := range v.Files {
		facts = append(facts, string(f.ID), fmt.Sprintf("%s, %d bytes, %d rows", f.Path, f.Bytes, f.Rows))
		if n := f.Counts; n != nil && n.PersonsCounted {
			facts = append(facts, "", fmt.Sprintf("%d persons withheld, %d without a valid NHS number", n.PersonsWithheld, n.PersonsUnmatched))
		}
		for _, p := range f.Sent {
			facts = append(facts, "", fmt.Sprintf("%s: %d bytes sent, %d confirmed %s", names(p.Person), p.Bytes, p.Confirmed, p.Receipt))
		}
	}
	return facts
}

func (c *call) printQuarantine() error {
	rows, err := c.releaseWing().Quarantine(c.ctx, c.act, dars.ReleaseID(c.args[0]))
	if err != nil {
		return err
	}
	defer rows.Close()
	if err := c.looked("release quarantine", c.args[0]); err != nil {
		return err
	}
	_, err = io.Copy(c.env.stdout, rows)
	return err
}

func (c *call) traceFile() error {
	stems, err := c.releaseWing().Cases(c.ctx, c.act)
	if err != nil {
		return err
	}
	found, err := c.trace(c.args[0], stems)
	if err != nil {
		return err
	}
	return items(c, found, "CASE KIND PSEUDONYMS", func(t tracedView) []any { return []any{t.Case, t.Kind, t.Pseudonyms} })
}

func (c *call) listReleases() error {
	all, err := c.releases()
	if err != nil {
		return err
	}
	lines := []releaseLine{}
	for _, r := range all {
		lines = append(lines, releaseLine{r, append([]office.Next{}, office.NextOf(r)...)})
	}
	return items(c, lines, "RELEASE AGREEMENT DATASET PERIODS STATE NEXT", func(l releaseLine) []any {
		r := l.Release
		return []any{r.ID, r.Agreement, r.Dataset, strings.Join(r.Periods, ","), r.State, l.turn()}
	})
}
