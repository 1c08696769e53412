package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/disclosure"
	"darsd/office"
)

// The query desk: whoever has system access asks for tables. A request is names and
// codes that are looked up in the catalogue; nothing that anybody writes is ever run.

func orgOfQuery(q *dars.Query) dars.OrgCode { return q.Org }

func queryCommands(s *session) *cobra.Command {
	return group("query", "tables for those who have system access",
		queryDatasetsCommand(s), queryCodesCommand(s), queryAskCommand(s), queryListCommand(s), queryShowCommand(s))
}

func (c *call) queries() office.Queries { return office.Queries{Office: c.Office} }

// A queryable dataset is one that somebody may ask about, as JSON.
type queryable struct {
	Agreement dars.AgreementID `json:"agreement"`
	Dataset   string           `json:"dataset"`
	Name      string           `json:"name"`
	Periods   []string         `json:"periods"`
	Groupings []string         `json:"groupings"`
	Closed    string           `json:"closed,omitempty"` // why nobody may ask today
}

func queryDatasetsCommand(s *session) *cobra.Command {
	return s.command("datasets", "list what you may ask about, and under which agreement", exactly(0), func(c *call) error {
		all, err := c.queryable()
		if err != nil {
			return err
		}
		return items(c, all, "AGREEMENT DATASET PERIODS GROUPINGS CLOSED", func(q queryable) []any {
			return []any{q.Agreement, q.Dataset, strings.Join(q.Periods, " "), strings.Join(q.Groupings, " "), q.Closed}
		})
	})
}

func (c *call) queryable() (all []queryable, err error) {
	open, err := c.queries().Open(c.ctx, c.act)
	if err != nil {
		return nil, err
	}
	for _, o := range open {
		d, err := c.Catalogue.Dataset(o.Terms.Code)
		if err != nil {
			return nil, err
		}
		q := queryable{o.Agreement.ID, d.Code, d.Name, []string{}, []string{}, o.Closed}
		for _, f := range agreedPeriods(d, o.Agreement, o.Terms).Files {
			q.Periods = append(q.Periods, f.Period)
		}
		for _, g := range d.Groupings {
			if slices.Contains(approved(d, o.Terms), g.Field) {
				q.Groupings = append(q.Groupings, g.Code)
			}
		}
		q.Groupings = append(q.Groupings, dars.PeriodGrouping)
		all = append(all, q)
	}
	return all, nil
}

func queryCodesCommand(s *session) *cobra.Command {
	return s.command("codes DATASET [GROUPING]", "list the groupings of a dataset, or the groups of one", between(1, 2), func(c *call) error {
		all, err := c.queryable()
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(q queryable) bool { return q.Dataset == c.args[0] })
		if at < 0 {
			return dars.Refuse("no-access", c.args[0], "you have no access to a dataset %s: see darsd query datasets", dars.Legible(c.args[0]))
		}
		d, err := c.Catalogue.Dataset(all[at].Dataset)
		if err != nil {
			return err
		}
		if len(c.args) == 1 {
			groupings := slices.DeleteFunc(slices.Clone(d.Groupings), func(g dars.Grouping) bool { return !slices.Contains(all[at].Groupings, g.Code) })
			return items(c, groupings, "GROUPING COLUMN GROUPS TITLE", func(g dars.Grouping) []any { return []any{g.Code, g.Field, len(g.Names()), g.Title} })
		}
		g, ok := d.Grouping(c.args[1])
		if !ok || !slices.Contains(all[at].Groupings, g.Code) {
			return dars.Refuse("no-grouping", c.args[0], "%s has no grouping %q that you may use: it has %s", d.Code, dars.Legible(c.args[1]), strings.Join(all[at].Groupings, ", "))
		}
		return items(c, g.Names(), "GROUP", func(name string) []any { return []any{name} })
	})
}

func queryAskCommand(s *session) *cobra.Command {
	var r disclosure.Request
	var where []string
	cmd := s.command("ask AGREEMENT [-]", "ask for a table (- reads the request as JSON)", between(1, 2), func(c *call) error {
		request, err := c.request(r, where)
		if err != nil {
			return err
		}
		return c.acting(func(c *call) error {
			agreement, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
			if err != nil {
				return err
			}
			q, err := c.queries().Ask(c.ctx, c.act, agreement, request)
			if err != nil {
				return err
			}
			return c.showAnswer(q)
		})
	})
	f := cmd.Flags()
	f.StringVar(&r.Dataset, "dataset", "", "the dataset's code")
	f.StringSliceVar(&r.Periods, "period", nil, "a period; may be given several times")
	f.StringVar((*string)(&r.Count), "count", string(disclosure.Persons), "what is counted: persons or records")
	f.StringVar((*string)(&r.Measure.Kind), "measure", string(disclosure.Counts), "count, percentage, mean or median")
	f.StringVar(&r.Measure.Field, "of", "", "the column of a mean or median")
	f.StringSliceVar(&r.By, "by", nil, "a grouping that divides the table; up to three")
	f.StringArrayVar(&where, "where", nil, "GROUPING=GROUP[|GROUP]... that is counted; may be given several times")
	return cmd
}

// request is what is asked for, by the options or in JSON.
func (c *call) request(r disclosure.Request, where []string) ([]byte, error) {
	if len(c.args) == 2 {
		if c.args[1] != "-" {
			return nil, misuse{errors.New("usage: darsd query ask AGREEMENT --dataset CODE --period P --by GROUPING, or darsd query ask AGREEMENT - with the request as JSON")}
		}
		return io.ReadAll(io.LimitReader(c.env.stdin, mostRequest+1))
	}
	r.Where = map[string][]string{}
	for _, w := range where {
		grouping, groups, ok := strings.Cut(w, "=")
		if !ok {
			return nil, misuse{fmt.Errorf("--where %q is not GROUPING=GROUP", dars.Legible(w))}
		}
		r.Where[grouping] = append(r.Where[grouping], strings.Split(groups, "|")...)
	}
	return json.Marshal(r)
}

func queryListCommand(s *session) *cobra.Command {
	return s.command("list", "list the questions that were asked, and what became of them", exactly(0), func(c *call) error {
		all, err := list(c, orgOfQuery)
		if err != nil {
			return err
		}
		if !c.who.Inside() {
			all = slices.DeleteFunc(all, func(q *dars.Query) bool { return q.By != c.who.ID })
		}
		names := c.names()
		return items(c, all, "QUERY ON BY AGREEMENT DATASET STATE WHY", func(q *dars.Query) []any {
			why := ""
			if q.Refused != nil {
				why = q.Refused.Rule
			}
			return []any{q.ID, q.Asked, names(q.By), q.Agreement, q.Dataset, q.State, why}
		})
	})
}

func queryShowCommand(s *session) *cobra.Command {
	return s.command("show QUERY", "print the answer to a question of yours", exactly(1), func(c *call) error {
		q, err := get(c, c.args[0], orgOfQuery)
		if err != nil {
			return err
		}
		if err := c.queries().MayRead(c.ctx, c.act, q); err != nil {
			return err
		}
		if q.State != dars.QueryAnswered {
			why := "it was being counted when the program ended; ask again"
			if q.Refused != nil {
				why = q.Refused.Sentence
			}
			return c.say(q, "%s is %s: %s", q.ID, q.State, why)
		}
		return c.showAnswer(q)
	})
}

// An answered question as JSON: the question, and the table as CSV.
type answeredView struct {
	*dars.Query
	CSV string `json:"csv"`
}

func (c *call) showAnswer(q *dars.Query) error {
	read := func(ending string) (string, error) {
		f, err := c.Works.Vault.Read("", q.Vault(ending))
		if err != nil {
			return "", err
		}
		defer f.Close()
		text, err := io.ReadAll(f)
		return string(text), err
	}
	if c.json {
		csv, err := read("csv")
		if err != nil {
			return err
		}
		return c.print(answeredView{q, csv})
	}
	text, err := read("txt")
	if err != nil {
		return err
	}
	fmt.Fprintf(c.env.stdout, "%s\n\n%s", q.ID, text)
	return nil
}
