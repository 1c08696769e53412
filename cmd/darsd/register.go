package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
	"darsd/register"
)

// registerCommands take in what an office published before it had this program.
func registerCommands(s *session) *cobra.Command {
	return group("register", "published registers: what was released before",
		importCommand(s),
		s.look("editions", "print the editions that were imported", exactly(0), func(c *call) error {
			all, err := office.Imported[dars.RegisterEdition](c.ctx, office.Desk{Office: c.Office}, c.act.Who)
			if err != nil {
				return err
			}
			return items(c, all, "EDITION STATE RELEASES AGREEMENTS READINGS", func(e *dars.RegisterEdition) []any {
				last := e.Readings[len(e.Readings)-1]
				return []any{e.ID, e.State, last.Releases + last.Amendments, last.Agreements, len(e.Readings)}
			})
		}),
		listImportedCommand(s),
		s.look("show ROW", "print an imported release, by its row id", exactly(1), func(c *call) error {
			all, err := office.Imported[dars.ImportedRelease](c.ctx, office.Desk{Office: c.Office}, c.act.Who, dars.By("row", strings.ToUpper(c.args[0])))
			if err != nil {
				return err
			}
			if len(all) == 0 {
				return dars.Refuse("not-found", c.args[0], "there is no row %s in a register", c.args[0])
			}
			return c.rowsInFull(all)
		}),
		s.look("unread EDITION", "print the rows of an edition that were not understood", exactly(1), func(c *call) error {
			rows, err := office.Desk{Office: c.Office}.ReadBefore(c.ctx, c.act.Who, c.args[0])
			if err != nil {
				return err
			}
			return items(c, rows, "SHEET ROW REASON CELLS", func(r dars.UnreadRow) []any {
				return []any{r.Sheet, r.Row, brief(r.Reason), brief(strings.Join(r.Cells, " | "))}
			})
		}),
		s.do("settle AGREEMENT", "say what became of the data of one that lapsed (--reason)", exactly(1), func(c *call) error {
			return c.told(office.Register{Office: c.Office}.Settle(c.ctx, c.act, c.args[0]), "%s is closed", c.args[0])
		}),
		s.do("reopen AGREEMENT", "say that one that was settled went on, as an edition has it (--reason)", exactly(1), func(c *call) error {
			return c.told(office.Register{Office: c.Office}.Reopen(c.ctx, c.act, c.args[0]), "%s went on after it was settled", c.args[0])
		}),
		withholdCommand(s), discloseCommand(s), withheldCommand(s), tracingCommands(s), verifyRegisterCommand(s),
	)
}

// importView is what came of an import, as JSON.
type importView struct {
	Edition string `json:"edition"`
	dars.ImportDone
	NotUnderstood []unreadView `json:"not_understood"`
}

type unreadView struct {
	Sheet  string `json:"sheet"`
	Row    int    `json:"row"`
	Reason string `json:"reason"`
}

// importMemory, in bytes, is about where an import begins to tidy up behind itself. Of
// 100,000 rows it needs 250 MB, and took 560 before it looked.
const importMemory = 400 << 20

func importCommand(s *session) *cobra.Command {
	var edition string
	cmd := s.do("import FILE...", "take in an edition: a workbook, or CSV files", atLeast(1), func(c *call) error {
		if c.s.person == nil { // this process does nothing else
			debug.SetMemoryLimit(min(debug.SetMemoryLimit(-1), importMemory))
		}
		var files []register.File
		for _, name := range c.args {
			f, err := c.registerFile(name)
			if err != nil {
				return err
			}
			files = append(files, f)
		}
		read := register.Understand(register.NewHeaders(c.cfg.Register.Headers), files)
		id, done, err := office.Register{Office: c.Office}.Import(c.ctx, c.act, read, edition)
		if err != nil {
			return err
		}
		done.Contradicted, done.Alike = append([]string{}, done.Contradicted...), append([][]string{}, done.Alike...)
		v := importView{id, done, []unreadView{}}
		for _, r := range read.Unread {
			if r.Reason != "" {
				v.NotUnderstood = append(v.NotUnderstood, unreadView{r.Sheet, r.Row, r.Reason})
			}
		}
		if c.json {
			return c.print(v)
		}
		fmt.Fprintf(c.env.stdout, "%s: %d rows say %d releases, %d more that earlier editions left out, and %d agreements; %d rows count requests for tracing, and %d were not understood\n",
			v.Edition, v.RowsRead, v.Releases, v.Amendments, v.Agreements, v.OwnClass, len(v.NotUnderstood))
		if v.Corrected+v.Gone > 0 {
			fmt.Fprintf(c.env.stdout, "%d are said otherwise than before, and %d releases stand in it no more\n", v.Corrected, v.Gone)
		}
		for _, ref := range v.Contradicted {
			fmt.Fprintln(c.env.stdout, dars.Legible(fmt.Sprintf("%s was settled, and went on after that as this edition has it: darsd todo", ref)))
		}
		for _, names := range v.Alike {
			fmt.Fprintln(c.env.stdout, dars.Legible(fmt.Sprintf("perhaps one organisation, to be joined with darsd org same: %s", strings.Join(names, "; "))))
		}
		for _, r := range v.NotUnderstood {
			fmt.Fprintln(c.env.stdout, dars.Legible(fmt.Sprintf("%s, row %d: %s", r.Sheet, r.Row, r.Reason)))
		}
		return nil
	})
	cmd.Flags().StringVar(&edition, "edition", "", "which edition it is (found out by its rows, its title or its name)")
	cmd.Long = `Take in an edition of a published register: the workbook, or its sheets as CSV
files. Every row that was not understood is named, and kept as it stands. The
same file again changes nothing; a corrected one leaves dated corrections.`
	return cmd
}

// registerFile opens a file that a command names.
func (c *call) registerFile(name string) (register.File, error) {
	open, err := c.input(name)
	if err != nil {
		return register.File{}, err
	}
	from, err := open()
	if err != nil {
		return register.File{}, err
	}
	defer from.Close()
	f, err := register.Open(strings.ReplaceAll(name, `\`, "/"), io.Reader(from))
	if err != nil {
		return f, dars.Refuse("unreadable", name, "%v", err)
	}
	return f, nil
}

func listImportedCommand(s *session) *cobra.Command {
	var edition, agreement string
	cmd := s.look("list", "print imported releases (--edition, --agreement)", exactly(0), func(c *call) error {
		var keys []dars.Key
		if edition != "" {
			keys = append(keys, dars.By("edition", edition))
		}
		if agreement != "" {
			keys = append(keys, dars.By("agreement", agreement))
		}
		all, err := office.Imported[dars.ImportedRelease](c.ctx, office.Desk{Office: c.Office}, c.act.Who, keys...)
		if err != nil {
			return err
		}
		return c.rows(all)
	})
	cmd.Flags().StringVar(&edition, "edition", "", "of this edition alone")
	cmd.Flags().StringVar(&agreement, "agreement", "", "under this agreement alone")
	return cmd
}

func (c *call) rows(all []*dars.ImportedRelease) error {
	return items(c, all, "ROW ORGANISATION DATASET AGREEMENT OBJECTIONS EDITIONS", func(r *dars.ImportedRelease) []any {
		return []any{r.Row, r.Org, r.Dataset, r.Agreement, cmp.Or(string(r.Objections), "not said"), strings.Join(r.Editions, ", ")}
	})
}

// rowsInFull is rows with what was said before they were corrected.
func (c *call) rowsInFull(all []*dars.ImportedRelease) error {
	if err := c.rows(all); err != nil || c.json {
		return err
	}
	for _, r := range all {
		for _, k := range r.Corrections {
			for _, field := range k.Fields() {
				fmt.Fprintln(c.env.stdout, dars.Legible(fmt.Sprintf("%s, corrected on %s by edition %s: %s was %q", r.ID, k.On, k.Edition, field, k.Was[field])))
			}
		}
	}
	return nil
}

func tracingCommands(s *session) *cobra.Command {
	var n dars.TracingCount
	add := s.do("add MONTH BODY", "count what a body asked in a month", exactly(2), func(c *call) error {
		n.Body = c.args[1]
		return c.told(office.Register{Office: c.Office}.CountTracing(c.ctx, c.act, c.args[0], n), "%s, %s: %d requests are counted", c.args[0], n.Body, n.Received)
	})
	f := add.Flags()
	f.IntVar(&n.Received, "received", 0, "requests that came")
	f.IntVar(&n.Rejected, "rejected", 0, "of them, rejected")
	f.IntVar(&n.Traced, "traced", 0, "of them, approved and traced")
	f.IntVar(&n.Untraced, "untraced", 0, "of them, approved and not traced")
	type line struct {
		Period string `json:"period"`
		dars.TracingCount
	}
	return group("tracing", "requests of police, courts and other bodies", add,
		s.look("list", "print what is counted", exactly(0), func(c *call) error {
			all, err := office.Imported[dars.Tracing](c.ctx, office.Desk{Office: c.Office}, c.act.Who)
			if err != nil {
				return err
			}
			var lines []line
			for _, t := range all {
				for _, n := range t.Counts {
					lines = append(lines, line{t.ID, n})
				}
			}
			return items(c, lines, "PERIOD BODY RECEIVED REJECTED TRACED UNTRACED", func(l line) []any {
				return []any{l.Period, l.Body, l.Received, l.Rejected, l.Traced, l.Untraced}
			})
		}))
}
