package register

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"darsd/dars"
)

// An understanding is what has been made of the sheets so far.
type understanding struct {
	dars.RegisterRead
	headers    Headers
	agreements map[string]*dars.ImportedAgreement
	releases   map[string]*dars.ImportedRelease
	where      map[string]place // a release stands
	file       string           // that is being read
}

// A place is where a row stands.
type place struct {
	file, sheet string
	row         int
	fields      []string // of its columns
}

// Understand makes of the sheets of an edition's files what they say.
func Understand(h Headers, files []File) dars.RegisterRead {
	u := &understanding{headers: h, agreements: map[string]*dars.ImportedAgreement{}, releases: map[string]*dars.ImportedRelease{}, where: map[string]place{}}
	u.SHA256, u.Edition = SumOf(files), nameOf(files)
	for _, f := range files {
		u.file = f.Name
		for _, s := range f.Sheets {
			u.sheet(s)
		}
	}
	for _, g := range u.agreements {
		g.Statements, g.Datasets = inOrder(g.Statements), inOrder(g.Datasets)
	}
	for _, id := range sorted(u.agreements) {
		u.Agreements = append(u.Agreements, u.agreements[id])
	}
	for _, id := range sorted(u.releases) {
		u.Releases = append(u.Releases, u.releases[id])
	}
	return u.RegisterRead
}

// inOrder is some rows, each once, in an order that does not depend on where they stood.
func inOrder(rows []map[string]string) []map[string]string {
	slices.SortFunc(rows, func(a, b map[string]string) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return slices.CompactFunc(rows, maps.Equal)
}

// A reader takes in one row, or says why it cannot.
type reader = func(u *understanding, at place, said map[string]string) (reason string)

// sheet finds out what a sheet is by the headers it has, and reads its rows.
func (u *understanding) sheet(s Sheet) {
	if counts, rows, ok := tracing(s); ok {
		u.tracing(s, counts, rows)
		return
	}
	head, cols := u.head(s)
	if cols.known() < 2 {
		u.prose(s)
		return
	}
	read, fields := u.reader(s, cols), cols.fields()
	for i, row := range s.Rows {
		switch said := cols.facts(row); {
		case len(said) == 0: // an empty row says nothing
		case i < head:
			u.keep(s, row, "")
		case i > head && u.isHead(row): // of the next page, or of another table
			cols = u.headers.columns(row)
			read, fields = u.reader(s, cols), cols.fields()
			u.keep(s, row, "")
		case i > head:
			u.RowsRead++
			reason := row.Flaw
			if reason == "" {
				reason = cmp.Or(read(u, place{u.file, s.Name, row.N, fields}, said), doubt(said))
			}
			if reason != "" {
				u.keep(s, row, reason)
			}
		}
	}
}

// reader says what a table is about, by its columns.
func (u *understanding) reader(s Sheet, cols columns) reader {
	amendments := strings.HasPrefix(plain(s.Name), "amendment")
	switch {
	case cols.has("row") && !amendments:
		u.Whole = true
		return (*understanding).release
	case amendments:
		return (*understanding).amendment
	case cols.has("agreement") && cols.has("objective", "processing", "title", "start", "end", "controllers", "purpose") && !cols.has("dataset"):
		return (*understanding).agreement
	case cols.has("agreement") && cols.has("dataset") && !cols.has("org"):
		return (*understanding).terms
	}
	return func(*understanding, place, map[string]string) string {
		return "its sheet has no column for a row id: " + strings.Join(cols, ", ")
	}
}

// isHead reports whether a row within a table is one of headers.
func (u *understanding) isHead(row Row) bool {
	known := u.headers.columns(row).known()
	return known >= 3 && 2*known > filled(row)
}

// head finds the row of headers: titles may stand above it.
func (u *understanding) head(s Sheet) (at int, cols columns) {
	for i, row := range s.Rows[:min(len(s.Rows), 20)] {
		if c := u.headers.columns(row); c.known() > cols.known() {
			at, cols = i, c
		}
	}
	return at, cols
}

// prose keeps a sheet that is no table. One that looks like a table, of which no
// header is known, is told row by row: it may be the register itself.
func (u *understanding) prose(s Sheet) {
	explains := regexp.MustCompile(`^(read ?me|title|further explanation|explanation|contents|notes|cover|about)`).MatchString(plain(s.Name))
	wide := 0
	for _, row := range s.Rows {
		if filled(row) > 1 {
			wide++
		}
	}
	for i, row := range s.Rows {
		switch {
		case strings.TrimSpace(strings.Join(row.Cells, "")) == "":
		case explains || wide < 2 || i == 0:
			u.keep(s, row, "")
		default:
			u.RowsRead++
			u.keep(s, row, "no header of its sheet is known: name them under register.headers in the configuration")
		}
	}
}

// filled counts the cells of a row that say something.
func filled(row Row) (n int) {
	for _, cell := range row.Cells {
		if clean(cell) != "" {
			n++
		}
	}
	return n
}

// keep keeps a row as it stands, for a reason if it was not understood.
func (u *understanding) keep(s Sheet, row Row, reason string) {
	var cells []string
	for _, c := range row.Cells {
		cells = append(cells, strings.ReplaceAll(strings.ToValidUTF8(c, "\ufffd"), "\x00", "\ufffd"))
	}
	u.Unread = append(u.Unread, dars.UnreadRow{Sheet: clean(s.Name), Row: row.N, Reason: reason, Cells: cells})
}

// mostCell is how many letters a cell of a spreadsheet holds; what is longer was cut.
const mostCell = 32767

// doubt says what is wrong with a cell of a row that can be read all the same.
func doubt(said map[string]string) string {
	for _, field := range sorted(said) {
		if len(said[field]) >= mostCell-2 && utf8.RuneCountInString(said[field]) >= mostCell-2 { // blanks at its end are gone
			return fmt.Sprintf("what it says under %s was cut, at %d letters, before it came here; the rest of the row is taken in", field, mostCell)
		}
		if strings.ContainsRune(said[field], utf8.RuneError) {
			return fmt.Sprintf("what it says under %s has letters that cannot be read; the rest of the row is taken in", field)
		}
	}
	return ""
}

// name is a fact that something is called by: "" if it is no name, but too long, an
// error or a formula of a spreadsheet.
func name(said map[string]string, field string) string {
	text := strings.Join(strings.Fields(said[field]), " ")
	if len(text) > 300 || strings.HasPrefix(text, "=") || strings.HasPrefix(text, "#") {
		return ""
	}
	return text
}

// lacking is why a row is not understood that has no name for one of some facts.
func lacking(said map[string]string, fields ...string) string {
	for _, f := range fields {
		switch {
		case said[f] == "":
			return "it does not say the " + called[f]
		case name(said, f) == "":
			return fmt.Sprintf("%.40q is no %s", said[f], called[f])
		}
	}
	return ""
}

var called = map[string]string{"row": "row id", "org": "organisation", "dataset": "dataset", "agreement": "agreement (NIC number)"}

// referenced gives a row without a NIC number its study number: older rows have that.
func referenced(said map[string]string) {
	if said["agreement"] == "" && said["study"] != "" {
		said["agreement"] = said["study"]
	}
}

// release reads a row of the table of releases.
func (u *understanding) release(at place, said map[string]string) (reason string) {
	if reason := lacking(said, "row"); reason != "" {
		return reason
	}
	return u.put(name(said, "row"), at, said, false)
}

// amendment reads a release that earlier editions had left out. Where it has no row id
// it is named by what it says, so that it is the same wherever it stands.
func (u *understanding) amendment(at place, said map[string]string) (reason string) {
	referenced(said)
	if reason := lacking(said, "org", "dataset", "agreement"); reason != "" {
		return reason
	}
	row := name(said, "row")
	if row == "" {
		row = fmt.Sprintf("amendment: %s, %s", name(said, "agreement"), name(said, "dataset"))
	}
	return u.put(row, at, said, true)
}

func (u *understanding) put(row string, at place, said map[string]string, amendment bool) (reason string) {
	referenced(said)
	if reason := lacking(said, "org", "dataset", "agreement"); reason != "" {
		return reason
	}
	id := "row " + row
	if file, ok := dars.ParseFile(row); ok {
		id = string(file)
	} else if strings.HasPrefix(strings.ToUpper(row), "FILE") {
		return fmt.Sprintf("%.40q is no number of a file, which has up to seven digits", row)
	}
	if first := u.releases[id]; first != nil {
		if u.where[id].file != at.file && maps.Equal(first.Said, said) {
			return "" // the workbook and its sheets as CSV files
		}
		return fmt.Sprintf("its row id %s stands in row %d of %s already", row, u.where[id].row, u.where[id].sheet)
	}
	ref, _, _ := reference(name(said, "agreement"))
	r := &dars.ImportedRelease{ID: id, Row: row, Agreement: ref, Org: name(said, "org"), Dataset: name(said, "dataset"), Objections: answer(said["opt_outs"]),
		Said: said, Columns: at.fields, Amendment: amendment, Editions: []string{}, Corrections: []dars.Correction{}}
	u.releases[id], u.where[id] = r, at
	u.about(said, r.Org)
	if r.Objections == "" {
		return fmt.Sprintf("whether objections were applied is not understood of %.60q; the rest of the row is taken in", said["opt_outs"])
	}
	return ""
}

// agreement reads a row of the agreements, or of their purposes.
func (u *understanding) agreement(_ place, said map[string]string) (reason string) {
	if reason := lacking(said, "agreement"); reason != "" {
		return reason
	}
	g := u.about(said, name(said, "org"))
	g.Statements = append(g.Statements, said)
	g.Title = max(g.Title, name(said, "title"))
	for field, into := range map[string]*dars.Day{"start": &g.Start, "end": &g.End} {
		day, ok := date(said[field])
		switch {
		case said[field] == "":
		case !ok:
			reason = fmt.Sprintf("%.40q under %s is no date that is understood; the rest of the row is taken in", said[field], field)
		case *into != "" && *into != day:
			reason = fmt.Sprintf("it says another %s date than another row of agreement %s; the later one is taken in", field, g.ID)
			*into = max(*into, day)
		default:
			*into = day
		}
	}
	return reason
}

// terms reads a row that says on which terms a dataset is released under an agreement.
func (u *understanding) terms(_ place, said map[string]string) (reason string) {
	if reason := lacking(said, "agreement", "dataset"); reason != "" {
		return reason
	}
	g := u.about(said, "")
	delete(said, "agreement")
	g.Datasets = append(g.Datasets, said)
	return ""
}

// about is the agreement that a row is about.
func (u *understanding) about(said map[string]string, org string) *dars.ImportedAgreement {
	id, stem, version := reference(name(said, "agreement"))
	g := u.agreements[id]
	if g == nil {
		g = &dars.ImportedAgreement{ID: id, Stem: stem, Version: version, Orgs: []string{}, State: dars.InForce, Statements: []map[string]string{}, Datasets: []map[string]string{}, Editions: []string{}, Corrections: []dars.Correction{}}
		u.agreements[id] = g
	}
	if org != "" && !slices.Contains(g.Orgs, org) {
		g.Orgs = append(g.Orgs, org)
		slices.Sort(g.Orgs)
	}
	return g
}

// reference takes a NIC number apart. A local one, such as CASEMIX_MONITOR, stays as it
// stands and has no version.
func reference(text string) (id, stem, version string) {
	stem, major, minor, err := dars.ParseCase(text)
	switch {
	case err != nil:
		return text, text, ""
	case major == "":
		return stem, stem, ""
	case minor == "":
		version = "v" + major
	default:
		version = "v" + major + "." + minor
	}
	return stem + "-" + version, stem, version
}

// answers are the words with which an answer begins to whether objections were applied.
var answers = map[string]dars.Treatment{
	"y": dars.Uphold, "yes": dars.Uphold, "upheld": dars.Uphold, "applied": dars.Uphold, "true": dars.Uphold,
	"n": dars.NotUpheld, "no": dars.NotUpheld, "not": dars.NotUpheld, "false": dars.NotUpheld,
}

// noAnswer is what begins like one and says that nobody knows, or both: "not recorded",
// "Y/N". With a stop between them the first word is the answer: "No: data are …".
var noAnswer = regexp.MustCompile(`^not? (known|recorded|stated|specified|provided|available|determined|yet|sure|information|record|answer|response|data)\b|^(y|yes) ?(/|or|and) ?no?\b|^no? ?(/|or|and) ?(y|yes)\b`)

// answer is what was answered to that: with one letter, or with a sentence that begins
// with yes or no.
func answer(text string) dars.Treatment {
	if noAnswer.MatchString(strings.ToLower(strings.Join(strings.Fields(clean(text)), " "))) {
		return ""
	}
	first, _, _ := strings.Cut(plain(text), " ")
	return answers[first]
}

// date reads a day as registers write it, or as a spreadsheet counts it: from the end
// of 1899.
func date(text string) (dars.Day, bool) {
	if n, err := strconv.ParseFloat(text, 64); err == nil && n > 20000 && n < 80000 {
		return dars.Day("1899-12-30").Add(int(n)), true
	}
	text = strings.TrimSuffix(strings.TrimSuffix(text, " 00:00:00"), "T00:00:00")
	for _, layout := range []string{time.DateOnly, time.DateTime, "2/1/2006", "2-1-2006", "2.1.2006", "2/1/06", "2 Jan 2006", "2 January 2006", "2-Jan-2006", "2-Jan-06", "Jan 2, 2006"} {
		if t, err := time.Parse(layout, text); err == nil {
			return dars.Day(t.Format(time.DateOnly)), true
		}
	}
	return "", false
}

var (
	monthWord = regexp.MustCompile(`\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b`)
	yearWord  = regexp.MustCompile(`\b20\d\d\b`)
	dayDigits = regexp.MustCompile(`\b(20\d\d)(0[1-9]|1[0-2])\d\d\b`)
)

// nameOf is the months of an edition, as its title says them or its files' names do;
// else the first file's own name.
func nameOf(files []File) string {
	var titles []string
	for _, f := range files {
		for _, s := range f.Sheets {
			for _, row := range s.Rows[:min(len(s.Rows), 3)] {
				if filled(row) == 1 { // a title, and no headers
					titles = append(titles, strings.Join(row.Cells, " "))
				}
			}
		}
	}
	for _, f := range files {
		titles = append(titles, f.Name)
	}
	for _, t := range titles {
		if months := monthsIn(t); months != "" && len(t) < 300 {
			return months
		}
	}
	if len(files) == 0 {
		return ""
	}
	return strings.ReplaceAll(plain(strings.TrimSuffix(files[0].Name, path.Ext(files[0].Name))), " ", "-")
}

// monthsIn finds the months that a title names: "September to November 2017" is
// "2017-09-to-2017-11".
func monthsIn(title string) string {
	title = plain(title)
	var months []string
	for _, m := range dayDigits.FindAllStringSubmatch(title, -1) {
		months = append(months, m[1]+"-"+m[2])
	}
	years, words := yearWord.FindAllString(title, -1), monthWord.FindAllStringSubmatch(title, -1)
	if len(months) == 0 && len(years) > 0 {
		for i, w := range words {
			t, err := time.Parse("Jan", strings.ToUpper(w[1][:1])+w[1][1:])
			if err != nil {
				return ""
			}
			year := years[0]
			if i == len(words)-1 {
				year = years[len(years)-1]
			}
			months = append(months, year+"-"+t.Format("01"))
		}
	}
	switch n := len(months); {
	case n == 0:
		return ""
	case months[0] == months[n-1]:
		return months[0]
	default:
		return months[0] + "-to-" + months[n-1]
	}
}
