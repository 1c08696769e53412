package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/disclosure"
	"darsd/office"
	"darsd/transfer/extract"
)

// tabler makes tables that tell of groups only: disclosure says what may be asked and
// what may be seen, the packaging kernel counts.
type tabler struct {
	packer
	turn chan struct{} // holds something while a question is answered
}

// Turn waits until no other question is answered.
func (t tabler) Turn(ctx context.Context) (end func(), err error) {
	select {
	case t.turn <- struct{}{}:
		return func() { <-t.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// mostRequest is how many bytes a request may have.
const mostRequest = 64 << 10

// Read understands a request in JSON.
func (t tabler) Read(text []byte, g *dars.Agreement, on dars.Day) (asked office.TableAsked, err error) {
	if len(text) > mostRequest {
		return asked, dars.Refuse("bad-request", g.ID, "the request is longer than 64 KiB")
	}
	var r disclosure.Request
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	if err := in.Decode(&r); err != nil {
		return asked, dars.Refuse("bad-request", g.ID, "the request cannot be read: it is no JSON with dataset, periods, count, measure, by and where; see darsd help query ask")
	}
	if err := plain(r, g.ID); err != nil {
		return asked, err
	}
	terms, err := g.Dataset(r.Dataset)
	if err != nil {
		return asked, err
	}
	if terms.Cohort != nil {
		return asked, dars.Refuse("limited-rows", g.ID, "agreement %s covers those persons of %s alone whom the recipient has named, and a table of them would tell of them: ask the office for an extract", g.ID, r.Dataset)
	}
	d, err := t.Catalogue.Dataset(r.Dataset)
	if err != nil {
		return asked, err
	}
	r = orDefaults(r)
	if err := r.Check(agreedPeriods(d, g, terms), approved(d, terms)); err != nil {
		return asked, err
	}
	asked = office.TableAsked{Dataset: r.Dataset, Periods: r.Canonical().Periods, Says: r.Canonical().String(), Rules: disclosure.RulesOn(on).Code, Terms: terms}
	if asked.Request, err = json.Marshal(r.Canonical()); err != nil {
		return asked, err
	}
	p := r.Population("").Drawn(d, r.By)
	p.Rows = rowsCovered(terms)
	asked.Population, err = json.Marshal(p)
	return asked, err
}

// rowsCovered is a code for which rows of a dataset an agreement covers; "": all.
func rowsCovered(terms dars.DatasetRequest) string {
	if terms.From == "" && terms.To == "" && len(terms.Rows) == 0 {
		return ""
	}
	text, _ := json.Marshal([]any{terms.From, terms.To, terms.Rows}) // words and lists of words
	return string(text)
}

// plain refuses a request that would be repeated where it is noted why it was refused,
// and must not be.
func plain(r disclosure.Request, g dars.AgreementID) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if len(r.Dataset) > mostName {
		return dars.Refuse("bad-request", g, "no dataset has so long a code")
	}
	return dars.CheckLine(string(g), "the request", string(text))
}

// mostName is how many bytes the code of a dataset may have.
const mostName = 100

// orDefaults is a request in which what most people want need not be said.
func orDefaults(r disclosure.Request) disclosure.Request {
	r.Count = cmp.Or(r.Count, disclosure.Persons)
	r.Measure.Kind = cmp.Or(r.Measure.Kind, disclosure.Counts)
	return r
}

// approved are the columns that an agreement covers as they are.
func approved(d dars.Dataset, terms dars.DatasetRequest) (names []string) {
	if len(terms.Fields) > 0 {
		return terms.Fields
	}
	for _, c := range terms.Columns {
		if c.Derive == "" {
			names = append(names, c.Field)
		}
	}
	if terms.Columns != nil {
		return names
	}
	for _, f := range d.Fields {
		names = append(names, f.Name)
	}
	return names
}

// agreedPeriods is a dataset as an agreement covers it.
func agreedPeriods(d dars.Dataset, g *dars.Agreement, terms dars.DatasetRequest) dars.Dataset {
	d.Files = slices.DeleteFunc(slices.Clone(d.Files), func(f dars.SourceFile) bool { return !g.Agrees(terms, f.Period) })
	return d
}

// Make counts a table. No error of it tells of a row.
func (t tabler) Make(ctx context.Context, asked office.TableAsked, list *dars.List, earlier []office.EarlierTable) (made office.TableMade, err error) {
	c, err := t.counting(asked, list, earlier)
	if err != nil {
		return made, err
	}
	shown, _, err := c.table(ctx)
	if err != nil {
		return made, err
	}
	return printedTable(shown, c.dataset, list)
}

// A tableCount is one question on its way to a table.
type tableCount struct {
	tabler
	dataset  dars.Dataset
	rules    disclosure.RuleSet
	request  disclosure.Request
	question *disclosure.Question
	had      []disclosure.Answer // that the recipient has already
	list     *dars.List
	lists    map[string]*dars.List // by which this and earlier answers are given
	job      extract.Job           // which rows are read, and how
}

// counting makes a question ready that was understood.
func (t tabler) counting(asked office.TableAsked, list *dars.List, earlier []office.EarlierTable) (*tableCount, error) {
	var r disclosure.Request
	if err := json.Unmarshal(asked.Request, &r); err != nil {
		return nil, err
	}
	rules, err := disclosure.RulesCalled(asked.Rules)
	if err != nil {
		return nil, err
	}
	d, err := t.Catalogue.Dataset(asked.Dataset)
	if err != nil {
		return nil, err
	}
	limits := dars.DatasetRequest{From: asked.Terms.From, To: asked.Terms.To, Rows: asked.Terms.Rows}
	c := &tableCount{tabler: t, dataset: d, rules: rules, list: list, lists: map[string]*dars.List{string(list.ID): list},
		job: extract.Job{Dataset: d, Uphold: true, From: limits.From, To: limits.To, Terms: limits, IndexCoverage: t.Policy.IndexCoverage, Open: source}}
	populations, had, err := c.earlier(earlier, rowsCovered(asked.Terms))
	if err != nil {
		return nil, err
	}
	c.request, c.had = r, had
	c.question = disclosure.Ask(r, d, rules, string(list.ID), populations)
	return c, nil
}

// earlier are whom earlier answers were about, and the answers themselves, as far as
// they were ever finished. Of two that were made of other rows nobody can say by whom
// they differ.
func (c *tableCount) earlier(tables []office.EarlierTable, rows string) (whom []disclosure.Population, had []disclosure.Answer, err error) {
	for _, e := range tables {
		var p disclosure.Population
		if err := json.Unmarshal(e.Population, &p); err != nil {
			return nil, nil, err
		}
		if p.Rows != rows {
			return nil, nil, dars.Refuse("other-rows", c.dataset.Code, "this table and one that was answered before are of other dates or filters of %s, as their agreements have it, and nobody can say whether the two together would tell of few: ask for it under the agreement of the earlier one", c.dataset.Code)
		}
		p.List = string(e.List.ID)
		if err := p.Holds(c.dataset); err != nil {
			return nil, nil, err
		}
		c.lists[p.List] = e.List
		whom = append(whom, p)
		if e.Signs == nil {
			continue
		}
		a, err := c.answer(e, p)
		if err != nil {
			return nil, nil, err
		}
		if a != nil {
			had = append(had, *a)
		}
	}
	return whom, had, nil
}

// answer is an earlier one as it was published; nil: it is divided by groups that have
// changed since, and has no count in common with any of today's.
func (c *tableCount) answer(e office.EarlierTable, p disclosure.Population) (*disclosure.Answer, error) {
	var r disclosure.Request
	if err := json.Unmarshal(e.Request, &r); err != nil {
		return nil, err
	}
	if !p.Divided(r.By, c.dataset) {
		return nil, nil
	}
	rules, err := disclosure.RulesCalled(e.Rules)
	if err != nil {
		return nil, err
	}
	a, err := disclosure.Had(r, c.dataset, rules, e.Signs)
	return &a, err
}

// table counts, and controls what may be seen, alone and beside what was answered
// before. counted says what was read.
func (c *tableCount) table(ctx context.Context) (shown *disclosure.Published, counted *extract.Result, err error) {
	table, counted, err := c.count(ctx)
	if err != nil {
		return nil, nil, err
	}
	if shown, err = c.rules.Control(table); err != nil {
		return nil, nil, err
	}
	return shown, counted, disclosure.Beside(disclosure.Answer{Request: c.request, Published: shown}, c.had, c.dataset)
}

// count reads the records, once more where the first reading could not tell whether the
// answer would, beside an earlier one, tell of few.
func (c *tableCount) count(ctx context.Context) (_ *disclosure.Table, counted *extract.Result, err error) {
	if c.job.Objections, err = c.objections(c.list); err != nil {
		return nil, nil, err
	}
	var before []*extract.Objections
	for _, name := range c.question.Earlier() {
		o, err := c.objections(c.lists[name])
		if err != nil {
			return nil, nil, err
		}
		before = append(before, o)
	}
	c.job.Files = periodFiles(c.question.Read())
	for {
		read, err := extract.Tabulate(ctx, c.job, extract.Tabulation{
			Groupings: c.question.Groupings(), Periods: c.question.Periods(), Number: c.question.Number(), Earlier: before,
			Counter: func() extract.Counter { return recordReader{c.question.Reader()} },
		})
		if err != nil {
			return nil, nil, err
		}
		counted, c.job.Quarantine = cmp.Or(counted, read), nil
		found, more := c.question.Close()
		switch {
		case found >= 0:
			return nil, nil, dars.Refuse("too-close", c.dataset.Code, "this table is about nearly the same people as one that was answered before, and the two together would tell of those few who differ: ask for other groups, or for more of them at once")
		case !more:
			table, err := c.question.Table()
			return table, counted, err
		}
	}
}

// periodFiles are periods as they are read.
func periodFiles(periods []string) (files []extract.File) {
	for _, period := range periods {
		files = append(files, extract.File{Period: period, Name: period})
	}
	return files
}

// recordReader is told of rows as records.
type recordReader struct{ *disclosure.Reader }

func (r recordReader) Add(row *extract.Counted) { r.Reader.Add((*disclosure.Record)(row)) }

// printedTable is a table for programs and for people.
func printedTable(p *disclosure.Published, d dars.Dataset, list *dars.List) (made office.TableMade, err error) {
	var text, lines bytes.Buffer
	if err := p.WriteCSV(&lines); err != nil {
		return made, err
	}
	fmt.Fprintf(&text, "%s: %s\n\n", d.Name, p.Heading())
	rows := table{}
	var head []string
	for _, dimension := range p.Shape {
		head = append(head, strings.ToUpper(dimension.Name))
	}
	rows = append(rows, append(head, strings.ToUpper(p.Heading())))
	for entry, shown := range p.Shown {
		rows = append(rows, append(p.Shape.Label(entry), p.Cell(entry)))
		switch shown.As {
		case disclosure.Suppressed:
			made.Suppressed++
		case disclosure.Withheld:
			made.Withheld++
		}
	}
	if err := rows.write(&text); err != nil {
		return made, err
	}
	fmt.Fprintf(&text, "\n%s\n\nBy the rules %s (%s). Objections of patients are upheld: list of %s.\n", legend(p.Rules), p.Rules.Code, p.Rules.Title, list.AsAt.Long())
	made.CSV, made.Text, made.Signs, made.Cells = lines.Bytes(), text.Bytes(), p.Signs(), len(p.Shown)
	return made, nil
}

// legend says what the signs mean.
func legend(r disclosure.RuleSet) string {
	says := fmt.Sprintf("*   1 to %d persons\n..  withheld, so that no * can be worked out\n-   there is nothing to take a mean of", r.Small)
	if r.Nearest > 1 {
		says += fmt.Sprintf("\nOther counts are rounded to the nearest %d, and totals with them: they need not add up.", r.Nearest)
	}
	return says
}
