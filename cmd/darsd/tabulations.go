package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"

	"github.com/goccy/go-yaml"

	"darsd/dars"
	"darsd/disclosure"
	"darsd/office"
	"darsd/transfer/extract"
	"darsd/transfer/vault"
)

// A tabulation is packaged as an extract is, and what lies under data/ is a table: as
// CSV, and as people read it.

// packTable makes the package of a tabulation.
func (p packer) packTable(ctx context.Context, o office.Packing) (made dars.Package, err error) {
	from := &sources{ctx: ctx}
	defer func() { made.Sources, err = from.seen, cmp.Or(err, from.err) }()
	progress, end := p.progress(o)
	defer end()
	c, err := tabler{packer: p}.counting(o.Table.TableAsked, o.List, o.Table.Earlier)
	if err != nil {
		return made, err
	}
	c.job.Open, c.job.Quarantine, c.job.Size, c.job.Progress = from.open, p.aside(o), size, progress
	shown, counted, err := c.table(ctx)
	if err != nil {
		return made, err
	}
	if counted, err = c.evidence(ctx, counted, o.Release.Periods); err != nil {
		return made, err
	}
	printed, err := printedTable(shown, o.Dataset, o.List)
	if err != nil {
		return made, err
	}
	if err := p.vault.WriteFile(vault.Office, office.TableSigns(o.Release.ID, o.Attempt), printed.Signs); err != nil {
		return made, err
	}
	table := printed.Noted(shown.Rules.Code)
	o.Release, o.Terms = withTable(o.Release, &table), c.job.Terms // as the package says: no column leaves
	upheld := objectionsIn(o)
	result, err := extract.PackSheets(p.bag(o, upheld), sheets(o, shown, printed))
	if err != nil {
		return made, err
	}
	made = dars.Package{Attempt: o.Attempt, Upheld: upheld, Counts: countsOf(c.job.Terms, counted), Files: filesOf(result), Tags: tagsOf(result), Table: &table,
		Seen: &dars.Examination{Columns: []dars.ColumnLeft{}, Odd: []dars.Oddity{}}}
	for i, f := range o.Release.Files {
		made.Files[i].Repeats = f.Repeats
	}
	return made, nil
}

// withTable is a release as if its table had been taken in.
func withTable(r *dars.Release, made *dars.TableMade) *dars.Release {
	with, table := *r, *r.Tabulation
	table.Made, with.Tabulation = made, &table
	return &with
}

// evidence is where the rows of a table's own periods went. Those of earlier tables
// were read with them where it is held against these.
func (c *tableCount) evidence(ctx context.Context, counted *extract.Result, periods []string) (*extract.Result, error) {
	if len(c.question.Read()) == len(periods) {
		return counted, nil
	}
	job := c.job
	job.Files, job.Columns, job.Quarantine = periodFiles(periods), []string{c.dataset.Person}, nil
	return extract.Count(ctx, job)
}

// sheets are the files of a tabulation, in the order in which its release names them.
func sheets(o office.Packing, shown *disclosure.Published, printed office.TableMade) (all []extract.Sheet) {
	says := fmt.Sprintf("%s, release %s under agreement %s\n%s.\n\n", o.Dataset.Name, o.Release.ID, o.Agreement.ID, o.Release.Tabulation.Says)
	for _, f := range o.Release.Files {
		s := extract.Sheet{File: extract.File{ID: f.ID, Period: f.Period, Name: path.Base(f.Path)}, Title: o.Release.Tabulation.Says, Text: slices.Concat([]byte(says), printed.Text)}
		if f.Repeats == "" {
			s.Text, s.Rows, s.Columns = printed.CSV, int64(len(shown.Shown)), sheetColumns(o.Dataset, shown)
		}
		all = append(all, s)
	}
	return all
}

// sheetColumns are those of a table as CSV, with what stands where there is no number.
func sheetColumns(d dars.Dataset, p *disclosure.Published) (columns []extract.SheetColumn) {
	for _, dimension := range p.Shape {
		c := extract.SheetColumn{Name: dimension.Name, Type: "string", Description: "One line for each group; " + disclosure.Total + " is all of them together."}
		if g, ok := d.Grouping(dimension.Name); ok {
			c.Title, c.Description = g.Title, "Groups of "+g.Field+". "+c.Description
		}
		columns = append(columns, c)
	}
	about := fmt.Sprintf("By the rules %s (%s). * stands for 1 to %d persons, .. for what is withheld so that no * can be worked out, - where there is nothing to take a mean of.", p.Rules.Code, p.Rules.Title, p.Rules.Small)
	return append(columns, extract.SheetColumn{Name: p.Heading(), Type: "number", Description: about, Missing: []string{"*", "..", "-"}})
}

// describedTable is what release.json says of a table.
type describedTable struct {
	Request    json.RawMessage `json:"request"`
	Says       string          `json:"says"`
	Rules      string          `json:"rules"`
	Title      string          `json:"rules_title"`
	Cells      int             `json:"cells"` // with totals
	Suppressed int             `json:"suppressed"`
	Withheld   int             `json:"withheld"`
}

func describeTable(t *dars.Tabulation) *describedTable {
	if t == nil {
		return nil
	}
	rules, _ := disclosure.RulesCalled(t.Made.Rules) // by which it was just made
	return &describedTable{t.Request, t.Says, rules.Code, rules.Title, t.Made.Cells, t.Made.Suppressed, t.Made.Withheld}
}

// planTable plans a tabulation of a request that lies in a file.
func (c *call) planTable(file, dataset string, periods []string) error {
	if file == "" {
		return misuse{errors.New("a tabulation is planned with --request FILE: what is counted, by what, of which periods")}
	}
	if len(periods) > 0 {
		return misuse{errors.New("the request of a tabulation names its periods: leave them out here")}
	}
	request, err := c.requestFile(file)
	if err != nil {
		return err
	}
	if dataset != "" && dataset != request.Dataset {
		return misuse{fmt.Errorf("--dataset is %s and the request is of %q", dataset, dars.Legible(request.Dataset))}
	}
	text, err := json.Marshal(request)
	if err != nil {
		return err
	}
	agreement, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
	if err != nil {
		return err
	}
	id, err := c.releaseWing().Tabulate(c.ctx, c.act, agreement, text)
	if err != nil {
		return err
	}
	r, err := get(c, string(id), onlyTheOffice[*dars.Release])
	if err != nil {
		return err
	}
	return c.say(map[string]any{"id": id, "says": r.Tabulation.Says}, "%s is planned under %s: %s", id, agreement, r.Tabulation.Says)
}

// requestFile reads a request in YAML, of which JSON is a part; - reads it from
// standard input.
func (c *call) requestFile(name string) (r disclosure.Request, err error) {
	open, err := c.input(name)
	if err != nil {
		return r, err
	}
	in, err := open()
	if err != nil {
		return r, err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, mostRequest+1))
	if err != nil {
		return r, err
	}
	if len(text) > mostRequest {
		return r, dars.Refuse("bad-request", name, "the request is longer than 64 KiB")
	}
	if err := yaml.UnmarshalWithOptions(text, &r, yaml.Strict()); err != nil {
		return r, dars.Refuse("bad-request", name, "%s cannot be read: it is no YAML with dataset, periods, count, measure (kind, field), by and where, and nothing else", name)
	}
	return r, nil
}

// A tableView is the table of a release as JSON.
type tableView struct {
	Says    string          `json:"says"`
	Request json.RawMessage `json:"request"`
	Made    *dars.TableMade `json:"made,omitempty"`
}

func viewTable(t *dars.Tabulation) *tableView {
	if t == nil {
		return nil
	}
	return &tableView{t.Says, t.Request, t.Made}
}

// facts are the same as label and value.
func (v *tableView) facts() []any {
	switch {
	case v == nil:
		return nil
	case v.Made == nil:
		return []any{"table", v.Says}
	}
	return []any{"table", v.Says, "rules", v.Made.Rules, "blanked", v.Made.Blanked()}
}

// shownTable is the table that a checker looks at.
func (c *call) shownTable(r *dars.Release) (string, error) {
	if !c.mayOpen(r) {
		return "", nil
	}
	file, err := c.openRows(r)
	if file == nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	return string(text), err
}
