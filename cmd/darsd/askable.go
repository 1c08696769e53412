package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
)

// An askable dataset is what a form may ask for of the catalogue: nothing of where it
// lies, or of how a row's person is found.
type askable struct {
	Code    string         `json:"code"`
	Name    string         `json:"name"`
	Periods []string       `json:"periods"`
	Fields  []askableField `json:"fields"`
}

type askableField struct {
	Name        string `json:"name"`
	Title       string `json:"title"`
	Type        string `json:"type"`
	Identifying bool   `json:"identifying"`
	Sensitive   bool   `json:"sensitive"`
}

func askableOf(d dars.Dataset) askable {
	a := askable{Code: d.Code, Name: d.Name, Periods: []string{}, Fields: []askableField{}}
	for _, f := range d.Files {
		a.Periods = append(a.Periods, f.Period)
	}
	for _, f := range d.Fields {
		a.Fields = append(a.Fields, askableField{f.Name, f.Title, f.Type, f.Identifying, f.Sensitive})
	}
	return a
}

// datasetsCommand prints what a form may ask for: who writes one sees here what the
// check will hold it to.
func datasetsCommand(s *session) *cobra.Command {
	return s.look("datasets [DATASET]", "print what can be asked for: datasets, periods, fields", atMost(1), func(c *call) error {
		if len(c.args) == 1 {
			d, err := c.Catalogue.Dataset(c.args[0])
			if err != nil {
				return err
			}
			a := askableOf(d)
			if c.json {
				return c.print(a)
			}
			return a.write(c.env.stdout, "")
		}
		var all []askable
		for _, d := range c.Catalogue {
			all = append(all, askableOf(d))
		}
		return items(c, all, "DATASET NAME PERIODS FIELDS", func(a askable) []any {
			return []any{a.Code, a.Name, strings.Join(a.Periods, ", "), len(a.Fields)}
		})
	})
}

// write prints a dataset as people read it, each line behind an indent.
func (a askable) write(w io.Writer, indent string) error {
	for _, l := range fold(fmt.Sprintf("%s  %s", a.Code, a.Name), screenWidth-len(indent)) {
		fmt.Fprintln(w, indent+l)
	}
	if len(a.Periods) > 0 {
		for _, l := range fold(`periods: "`+strings.Join(a.Periods, `", "`)+`"`, screenWidth-len(indent)-2) {
			fmt.Fprintln(w, indent+"  "+l)
		}
	}
	var t table
	for _, f := range a.Fields {
		t = append(t, []string{indent + "  " + f.Name, f.Title, f.Type, f.marks()})
	}
	return t.write(w)
}

// marks are what is to be said of a field before it is asked for.
func (f askableField) marks() string {
	var all []string
	if f.Identifying {
		all = append(all, "tells who a person is")
	}
	if f.Sensitive {
		all = append(all, "sensitive")
	}
	return strings.Join(all, ", ")
}

func atMost(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > n {
			return usage(c)
		}
		return nil
	}
}
