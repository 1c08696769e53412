package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
	"darsd/transfer/extract"
)

// Cohort reads a recipient's file. That nobody is in it is for the office to say.
func (r reader) Cohort(in io.Reader, d dars.Dataset, c dars.Cohort) (dars.CohortCount, string, error) {
	_, report, err := extract.ReadCohort(in, d.CohortNumbers(c), c.Column)
	var no *dars.Refusal
	if errors.As(err, &no) && no.Rule == "cohort-empty" {
		err = nil
	}
	return dars.CohortCount{Lines: report.Given, Numbers: report.Valid, NHSNumbers: report.NHSNumbers,
		InvalidN: report.InvalidCount, Invalid: badLines(report.Invalid),
		RepeatedN: report.DuplicateCount, Repeated: badLines(report.Duplicates)}, report.SHA256, err
}

func badLines(lines []extract.BadLine) []dars.BadLine {
	all := []dars.BadLine{}
	for _, l := range lines {
		all = append(all, dars.BadLine(l))
	}
	return all
}

// cohort reads from the vault whom a release is for, and counts who of those for
// whom earlier ones were made is not in it any more. Nil: it is for everybody.
func (p packer) cohort(o office.Packing) (now *extract.Cohort, left []dars.CohortLeft, err error) {
	if o.Cohort == nil {
		return nil, nil, nil
	}
	terms := *o.Terms.Cohort
	err = p.readCohort(o.Cohort, func(in io.Reader) (err error) {
		var report extract.CohortReport
		now, report, err = extract.ReadCohort(in, o.Dataset.CohortNumbers(terms), terms.Column)
		if err == nil && report.SHA256 != o.Cohort.SHA256 {
			err = dars.Refuse("cohort-altered", o.Cohort.ID, "the file of cohort %s is not the one that was handed in: nothing is packaged with it; see darsd log verify", o.Cohort.ID)
		}
		return err
	})
	for _, before := range o.Earlier {
		if err != nil {
			break
		}
		err = p.readCohort(before.CohortList, func(in io.Reader) error {
			n, err := now.Left(in, terms.Column)
			left = append(left, dars.CohortLeft{List: before.ID, Version: before.Version, Persons: n, Releases: before.Releases})
			return err
		})
	}
	return now, left, err
}

func (p packer) readCohort(c *dars.CohortList, read func(io.Reader) error) error {
	f, err := p.Works.Vault.Read("", c.Vault)
	if err != nil {
		return err
	}
	defer f.Close()
	return read(f)
}

func orgOfCohort(c *dars.CohortList) dars.OrgCode { return c.Org }

func cohortCommands(s *session) *cobra.Command {
	var agreement, dataset string
	submit := s.do("submit FILE", "hand in whom you ask for; - reads it", exactly(1), func(c *call) error {
		if c.s.person != nil && c.args[0] != "-" {
			return c.fromTray(c.args[0])
		}
		open, err := c.input(c.args[0])
		if err != nil {
			return err
		}
		got, err := office.Cohorts{Office: c.Office}.HandIn(c.ctx, c.act, open, agreement, dataset)
		if err != nil {
			return err
		}
		return c.say(viewCohort(got), "%s is version %d of the cohort for %s under agreement %s: %s", got.ID, got.Version, got.Dataset, got.Agreement, got.Counted())
	})
	submit.Flags().StringVar(&agreement, "agreement", "", "the agreement or its case, if you have more than one that asks for a cohort")
	submit.Flags().StringVar(&dataset, "dataset", "", "the dataset's code, likewise")
	return group("cohort", "the persons whom recipients ask for",
		submit,
		s.look("list", "print all versions", exactly(0), func(c *call) error {
			all, err := list(c, orgOfCohort)
			if err != nil {
				return err
			}
			var views []cohortView
			for _, one := range all {
				views = append(views, viewCohort(one))
			}
			return items(c, views, "COHORT AGREEMENT DATASET VERSION NUMBERS INVALID REPEATED", func(v cohortView) []any {
				return []any{v.ID, v.Agreement, v.Dataset, v.Version, v.Numbers, v.InvalidN, v.RepeatedN}
			})
		}),
		s.look("show COHORT", "print what was counted in one", exactly(1), func(c *call) error {
			one, err := get(c, c.args[0], orgOfCohort)
			if err != nil {
				return err
			}
			facts := []any{"cohort", one.ID, "agreement", one.Agreement, "dataset", one.Dataset, "version", one.Version, "from", c.names()(one.From),
				"received", one.At.In(c.Calendar.Zone).Format("2006-01-02 15:04"), "sha256", one.SHA256,
				"each line", one.Kind, "lines", one.Lines, "persons taken in", one.Numbers, "not valid", one.InvalidN, "repeated", one.RepeatedN}
			for _, bad := range append(one.Invalid, one.Repeated...) {
				facts = append(facts, fmt.Sprintf("line %d", bad.Line), bad.Reason)
			}
			return c.facts(viewCohort(one), facts...)
		}),
	)
}

// cohortView is a version of a cohort as JSON.
type cohortView struct {
	ID        dars.CohortID    `json:"id"`
	Agreement dars.AgreementID `json:"agreement"`
	Dataset   string           `json:"dataset"`
	Version   int              `json:"version"`
	SHA256    string           `json:"sha256"`
	From      dars.PersonID    `json:"from"`
	At        time.Time        `json:"at"`
	Kind      string           `json:"kind"`
	Destroyed dars.Day         `json:"destroyed,omitempty"`
	dars.CohortCount
}

func viewCohort(c *dars.CohortList) cohortView {
	return cohortView{c.ID, c.Agreement, c.Dataset, c.Version, c.SHA256, c.From, c.At, c.Kind, c.Destroyed, c.CohortCount}
}

// plannedView is a release that was planned as JSON.
type plannedView struct {
	ID     dars.ReleaseID   `json:"id"`
	Cohort *dars.CohortUsed `json:"cohort,omitempty"`
}

// usedCohort names the version that a release is made with.
func usedCohort(c *dars.CohortUsed) string {
	return fmt.Sprintf("cohort version %d (%s, %d persons)", c.Version, c.List, c.Numbers)
}

// cohortFacts say for whom a release was made and, to the office, how many of them
// have a row. That nobody has one is most likely a file of other identifiers.
func cohortFacts(v releaseView) (facts []any) {
	if v.Cohort == nil {
		return nil
	}
	facts = append(facts, "made for", usedCohort(v.Cohort))
	for _, l := range v.Cohort.Left {
		facts = append(facts, "", fmt.Sprintf("%d of version %d have left it: what was sent of them in %s is to be destroyed", l.Persons, l.Version, joined(l.Releases)))
	}
	if v.CohortFound != nil && v.Objections.Treatment != "" {
		facts = append(facts, "of them found", foundOf(*v.CohortFound, v.Cohort))
	}
	return facts
}

func foundOf(found int64, c *dars.CohortUsed) string {
	said := fmt.Sprintf("%d of %d persons", found, c.Numbers)
	if found == 0 {
		said += ": NOBODY. Check that the recipient's file holds the kind of identifier that the agreement names"
	}
	return said
}

// joined lists names for a sentence.
func joined[S ~string](names []S) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(names), " ", ", "), "[]")
}
