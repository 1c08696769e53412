package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

func reportCommands(s *session) *cobra.Command {
	var how written
	run := s.do("run KIND", "make a report now: compliance, or figures as at a day (--as-at)", exactly(1), func(c *call) error {
		if c.args[0] != "compliance" {
			return c.figures(c.args[0], how)
		}
		if how != (written{}) {
			return misuse{errors.New("the compliance report is of today, in all formats: for another day ask for its figures one by one, such as report run holdings --as-at DATE")}
		}
		id, made, err := office.Clock{Office: c.Office}.Report(c.ctx, c.act)
		if err != nil {
			return err
		}
		if !made {
			return c.say(map[string]any{"id": id, "made": false}, "%s is today's report already", id)
		}
		return c.say(map[string]any{"id": id, "made": true}, "%s is made; it lies under reports/", id)
	})
	f := run.Flags()
	f.StringVar((*string)(&how.asAt), "as-at", "", "as things were at the end of this day; today if it is left out")
	f.StringVar((*string)(&how.from), "from", "", "tell what happened from this day on; for twelve months if it is left out")
	f.StringVar(&how.format, "format", "", "pdf, xlsx, json or text; if it is left out, text here and the others into reports/")
	f.StringVar(&how.out, "out", "", "write it there, and not into reports/; - is standard output")
	return group("report", "reports for compliance",
		run,
		s.look("kinds", "print the reports there are besides compliance", exactly(0), func(c *call) error {
			return items(c, dars.FigureKinds(), "KIND MEANING", func(k dars.FigureKind) []any { return []any{k.Code, k.Means} })
		}),
		s.look("orders", "print the reports that are delivered, when, and to whom", exactly(0), func(c *call) error {
			return items(c, c.Orders, "REPORT EVERY WORKING-DAY PERIOD FORMATS TO", func(o dars.ReportOrder) []any {
				return []any{o.Kind, o.Every, max(o.WorkingDay, 1), o.Period, strings.Join(o.Written(), ","), joined(o.To)}
			})
		}),
		s.look("list", "print all reports", exactly(0), func(c *call) error {
			all, err := list(c, onlyTheOffice[*dars.Report])
			if err != nil {
				return err
			}
			return items(c, all, "REPORT NAME DUE SINCE", func(r *dars.Report) []any { return []any{r.ID, strings.ReplaceAll(r.Name, " ", "-"), r.Due, r.From} })
		}),
	)
}

// written is as at which day a report is made, of what period, and how and where to it is
// written.
type written struct {
	from, asAt  dars.Day
	format, out string
}

// figures makes a report as at a day. Without a format it is printed, and lies in all
// formats in reports/.
func (c *call) figures(kind string, how written) error {
	on := how.asAt
	if on == "" {
		on = c.Calendar.Day(c.act.At)
	}
	if _, err := dars.ParseDay(string(on)); err != nil {
		return misuse{fmt.Errorf("--as-at: %w", err)}
	}
	if _, err := dars.ParseDay(string(how.from)); err != nil && how.from != "" {
		return misuse{fmt.Errorf("--from: %w", err)}
	}
	if c.s.person != nil && how.out != "" && how.out != "-" {
		return misuse{errors.New("over SSH a report comes on standard output: say --out - and redirect it")}
	}
	f, err := office.Desk{Office: c.Office}.Figures(c.ctx, c.act, kind, how.from, on)
	if err != nil {
		return err
	}
	switch {
	case how.format == "text", how.format == "" && how.out != "":
		return c.textTo(f, cmp.Or(how.out, "-"))
	case how.format == "":
		for _, format := range dars.ReportFormats {
			if _, err := c.Put(f, format); err != nil {
				return err
			}
		}
		if c.json {
			return c.print(f)
		}
		return c.textTo(f, "-")
	case how.out == "":
		name, err := c.Put(f, how.format)
		if err != nil {
			return err
		}
		return c.say(map[string]any{"kind": f.Kind, "as_at": f.AsAt, "file": name}, "%s, as at the end of %s, lies in reports/%s", f.Title, f.AsAt, name)
	}
	content, err := c.Written(f, how.format)
	if err != nil {
		return err
	}
	return c.giveFigures(content, how.out)
}

// giveFigures writes a report to a file on this machine, or to standard output.
func (c *call) giveFigures(content []byte, out string) error {
	if out == "-" {
		_, err := c.env.stdout.Write(content)
		return err
	}
	return os.WriteFile(out, content, 0o600)
}

// textTo writes a report as a text for people: what matters, and its tables.
func (c *call) textTo(f dars.Figures, out string) error {
	var b strings.Builder
	since := ""
	if f.From != "" {
		since = "from " + string(f.From) + " "
	}
	fmt.Fprintf(&b, "%s, %sas at the end of %s, after event %d of the log\n\n", f.Means, since, f.AsAt, f.Log.Events)
	for _, x := range f.Facts {
		fmt.Fprintf(&b, "%s: %s\n", x.Label, x.Says)
	}
	for _, t := range f.Tables {
		fmt.Fprintf(&b, "\n%s\n\n", t.Title)
		if len(t.Rows) == 0 {
			b.WriteString("nothing\n")
			continue
		}
		var rows table
		for _, row := range append([][]any{heads(t.Columns)}, t.Rows...) {
			var cells []string
			for _, cell := range row {
				cells = append(cells, cmp.Or(dars.Legible(oneLine(fmt.Sprint(cell))), "-"))
			}
			rows = append(rows, cells)
		}
		if err := rows.write(&b); err != nil {
			return err
		}
	}
	return c.giveFigures([]byte(b.String()), out)
}

// heads are the names of columns as screens have them.
func heads(columns []string) (all []any) {
	for _, name := range columns {
		all = append(all, strings.ToUpper(strings.ReplaceAll(name, " ", "-")))
	}
	return all
}
