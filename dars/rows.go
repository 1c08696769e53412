package dars

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// What is done to the rows of a dataset before they leave, as an agreement may
// ask it beyond fields and dates. An agreement that says none of it gets its
// fields in the order of the source, as they are.

// A Column is one column that leaves: a field of the dataset as it is, or what is
// derived from one. The field itself need not leave.
type Column struct {
	Field  string `yaml:"field" json:"field"`
	As     string `yaml:"as,omitempty" json:"as,omitempty"`         // the name it leaves under, if not the field's
	Derive string `yaml:"derive,omitempty" json:"derive,omitempty"` // a code of Derivations; empty: the field as it is
	At     string `yaml:"at,omitempty" json:"at,omitempty"`         // of an age: a day, or the field with the day
	Bands  string `yaml:"bands,omitempty" json:"bands,omitempty"`   // of an age band: "0-4,5-9,90+", in years
	Table  string `yaml:"table,omitempty" json:"table,omitempty"`   // of an area: the name of a table of the dataset
}

// Name is what the column is called where it leaves.
func (c Column) Name() string {
	if c.As != "" {
		return c.As
	}
	return c.Field
}

// A RowFilter keeps the rows whose fields say one of a few things, or with Not
// those that say none of them. A row in which they say nothing is left out either
// way, because nobody can tell.
type RowFilter struct {
	Fields   []string `yaml:"fields" json:"fields"`                         // any of them; "DIAG_01..DIAG_20" is all from the one to the other
	Prefixes []string `yaml:"prefixes,omitempty" json:"prefixes,omitempty"` // a code begins with one of these: J45
	Codes    []string `yaml:"codes,omitempty" json:"codes,omitempty"`       // a code is one of these: E06000001
	Ages     string   `yaml:"ages,omitempty" json:"ages,omitempty"`         // an age is in one of these bands: "0-17,65+"
	At       string   `yaml:"at,omitempty" json:"at,omitempty"`             // of ages from a date of birth: a day, or the field with the day
	Not      bool     `yaml:"not,omitempty" json:"not,omitempty"`
}

// A Cohort says that only persons come whom the recipient has named in a file of
// its own, which it hands in under submit/.
type Cohort struct {
	Field  string `yaml:"field" json:"field"`                       // of the dataset: its values are looked for
	Column string `yaml:"column,omitempty" json:"column,omitempty"` // of the recipient's file, if that has a header

	// The recipient knows its persons by NHS number; the dataset's index says whose
	// rows are theirs.
	NHSNumbers bool `yaml:"nhs_numbers,omitempty" json:"nhs_numbers,omitempty"`
}

// An Output is how the data files are written, where that is not as in the source.
type Output struct {
	Delimiter   string   `yaml:"delimiter,omitempty" json:"delimiter,omitempty"`     // one character, such as "," or "|"
	Compression string   `yaml:"compression,omitempty" json:"compression,omitempty"` // none, gzip or zstd
	EncryptTo   []string `yaml:"encrypt_to,omitempty" json:"encrypt_to,omitempty"`   // the recipient's public keys of age or SSH
}

// An AreaTable gives areas for codes: a file of the office with a header and
// commas, from postcodes to districts, say.
type AreaTable struct {
	Name string `yaml:"name" json:"name"`
	File string `yaml:"file" json:"file"`
	From string `yaml:"from" json:"from"` // its column with the codes
	To   string `yaml:"to" json:"to"`     // its column with the areas
}

// Holdings are what a field may hold, where something can be derived from it or a
// person is looked for in it. The catalogue says it under holds.
var Holdings = []Code{
	{"nhs-number", "NHS number"},
	{"birth-date", "Date of birth"},
	{"birth-month", "Month and year of birth, MMYYYY"},
	{"age", "Age in years; 7001 to 7007 are babies"},
	{"postcode", "Postcode"},
	{"area", "Code of an area"},
}

// Derivations are what can leave in the place of a field.
var Derivations = []Code{
	{"pseudonym", "Pseudonym of the case"},
	{"age", "Age in whole years"},
	{"age-band", "Age band"},
	{"birth-month", "Month and year of birth"},
	{"birth-year", "Year of birth"},
	{"postcode-district", "Postcode district"},
	{"area", "Area, by a table of the office"},
}

// derivedFrom says what a field must hold for something to be derived from it. A
// pseudonym is of any field that has a kind of pseudonyms.
var derivedFrom = map[string][]string{
	"age":               {"birth-date", "age"},
	"age-band":          {"birth-date", "age"},
	"birth-month":       {"birth-date"},
	"birth-year":        {"birth-date", "birth-month"},
	"postcode-district": {"postcode"},
	"area":              {"postcode", "area"},
}

// Table returns a table of areas by its name.
func (d Dataset) Table(name string) (AreaTable, bool) {
	i := slices.IndexFunc(d.Tables, func(t AreaTable) bool { return t.Name == name })
	if i < 0 {
		return AreaTable{}, false
	}
	return d.Tables[i], true
}

// Span is the fields that a text names: one, or all from one to another as they
// stand in the list ("DIAG_01..DIAG_20"). Nil: the list has no such fields.
func Span(names []string, text string) []string {
	first, last, isSpan := strings.Cut(text, "..")
	if !isSpan {
		last = first
	}
	from, to := slices.Index(names, first), slices.Index(names, last)
	if from < 0 || to < from {
		return nil
	}
	return names[from : to+1]
}

// Pseudonymised reports whether persons, or anything else, leave under pseudonyms of
// the case.
func (r DatasetRequest) Pseudonymised() bool {
	return slices.ContainsFunc(r.Columns, func(c Column) bool { return c.Derive == "pseudonym" })
}

// FileName is [FileName] with what the agreement asks of the file: another
// delimiter, compression, encryption to its recipients.
func (r DatasetRequest) FileName(id FileID, stem, period string, source Format) string {
	if r.Output == nil {
		return FileName(id, stem, r.Code, period, source)
	}
	if r.Output.Delimiter != "" {
		source.Delimiter = r.Output.Delimiter
	}
	name := FileName(id, stem, r.Code, period, source)
	switch r.Output.Compression {
	case "gzip":
		name += ".gz"
	case "zstd":
		name += ".zst"
	}
	if len(r.Output.EncryptTo) > 0 {
		name += ".age"
	}
	return name
}

// Kinds is every kind of pseudonyms in the catalogue.
func (c Catalogue) Kinds() (all []string) {
	for _, d := range c {
		for _, f := range d.Fields {
			if f.Pseudonym != "" && !slices.Contains(all, f.Pseudonym) {
				all = append(all, f.Pseudonym)
			}
		}
	}
	return all
}

// CheckRows says what is wrong with what is to be done to the rows of a dataset,
// each with the field's name and a way out. The names begin with at.
func (r DatasetRequest) CheckRows(at string, known Dataset) []string {
	c := rowCheck{at: at, request: r, known: known}
	c.columns()
	for i, f := range r.Rows {
		c.filter(fmt.Sprintf(".rows[%d]", i), f)
	}
	if r.Cohort != nil {
		c.cohort(".cohort", *r.Cohort)
	}
	if r.Output != nil {
		c.output(".output", *r.Output)
	}
	return c.wrong
}

// A rowCheck is a request for rows while it is looked at.
type rowCheck struct {
	at      string
	request DatasetRequest
	known   Dataset
	wrong   []string
}

func (c *rowCheck) say(format string, args ...any) {
	c.wrong = append(c.wrong, c.at+fmt.Sprintf(format, args...))
}

// field returns a field of the dataset by its name, or says that there is none.
func (c *rowCheck) field(at, name string) (Field, bool) {
	f, ok := c.known.Field(name)
	switch {
	case name == "":
		c.say("%s: name a field of %s", at, c.known.Code)
	case !ok:
		c.say("%s: %s has no field %s in the catalogue", at, c.known.Code, name)
	}
	return f, ok
}

func (c *rowCheck) columns() {
	r := c.request
	if len(r.Columns) > 0 && len(r.Fields) > 0 {
		c.say(".columns: say fields or columns, not both: columns are in their order, and name fields too")
	}
	var names []string
	for i, column := range r.Columns {
		c.column(fmt.Sprintf(".columns[%d]", i), column)
		names = append(names, strings.ToLower(column.Name()))
		if slices.Contains(names[:i], names[i]) && names[i] != "" {
			c.say(".columns[%d]: two columns would be called %s: give one another name under as", i, column.Name())
		}
	}
}

func (c *rowCheck) column(at string, column Column) {
	f, ok := c.field(at+".field", column.Field)
	if strings.ContainsAny(column.As, "\",|\t\r\n") {
		c.say("%s.as: a name has no quotes, commas, bars, tabs or line ends", at)
	}
	if !ok {
		return
	}
	needs, isKnown := derivedFrom[column.Derive]
	switch {
	case column.Derive == "":
		if (f.Identifying || c.known.Index == nil && f.Name == c.known.Person) && c.request.Identifiability != "IDENT" {
			c.say("%s.field: %s tells who a person is, which %s does not allow: derive something from it, such as a pseudonym", at, f.Name, c.request.Identifiability)
		}
	case column.Derive == "pseudonym":
		if f.Pseudonym == "" {
			c.say("%s.derive: the catalogue gives %s no kind of pseudonyms (fields, pseudonym): the office must say which values mean the same", at, f.Name)
		}
	case !isKnown:
		c.say("%s.derive: %q is not one of %s", at, column.Derive, strings.Join(Codes(Derivations), ", "))
	case !slices.Contains(needs, f.Holds):
		c.say("%s.derive: %s is derived from a field that holds %s, and the catalogue does not say so of %s (fields, holds)", at, column.Derive, strings.Join(needs, " or "), f.Name)
	}

	isAge := column.Derive == "age" || column.Derive == "age-band"
	switch {
	case isAge && !slices.Contains(needs, f.Holds): // told already
	case isAge && f.Holds == "birth-date":
		c.day(at+".at", column.At)
	case column.At != "":
		c.say("%s.at: only an age that is reckoned from a date of birth is at a day: leave it out", at)
	}
	if _, err := ParseBands(column.Bands); column.Derive == "age-band" && err != nil {
		c.say("%s.bands: %v", at, err)
	} else if column.Derive != "age-band" && column.Bands != "" {
		c.say("%s.bands: only an age-band has bands: leave them out", at)
	}
	if _, ok := c.known.Table(column.Table); column.Derive == "area" && !ok {
		c.say("%s.table: %s has no table %q in the catalogue (tables)", at, c.known.Code, column.Table)
	} else if column.Derive != "area" && column.Table != "" {
		c.say("%s.table: only an area is looked up in a table: leave it out", at)
	}
}

// day takes a day, or a field that holds days.
func (c *rowCheck) day(at, text string) {
	if _, err := ParseDay(text); err == nil {
		return
	}
	f, ok := c.known.Field(text)
	switch {
	case text == "":
		c.say("%s: say at which day: a date such as 2026-03-31, or a field with dates", at)
	case !ok:
		c.say("%s: %q is no day such as 2026-03-31, and %s has no such field in the catalogue", at, text, c.known.Code)
	case f.Type != "date":
		c.say("%s: the catalogue does not say that %s holds dates (type: date)", at, text)
	}
}

func (c *rowCheck) filter(at string, f RowFilter) {
	var all []string
	for _, known := range c.known.Fields {
		all = append(all, known.Name)
	}
	if len(f.Fields) == 0 {
		c.say("%s.fields: name at least one", at)
	}
	for _, name := range f.Fields {
		if Span(all, name) == nil {
			c.say("%s.fields: %s has no field %s in the catalogue", at, c.known.Code, name)
		}
	}
	for _, code := range append(slices.Clone(f.Prefixes), f.Codes...) {
		if strings.TrimSpace(code) != code || code == "" {
			c.say("%s: %q is no code: write it without spaces around", at, code)
		}
	}
	switch codes := len(f.Prefixes)+len(f.Codes) > 0; {
	case codes && f.Ages != "":
		c.say("%s: say codes or ages, and put the others into a filter of their own", at)
	case !codes && f.Ages == "":
		c.say("%s: say prefixes, codes or ages", at)
	case f.Ages != "":
		c.ages(at, f)
	case f.At != "":
		c.say("%s.at: only ages are at a day: leave it out", at)
	}
}

func (c *rowCheck) ages(at string, f RowFilter) {
	if _, err := ParseBands(f.Ages); err != nil {
		c.say("%s.ages: %v", at, err)
	}
	if len(f.Fields) != 1 {
		c.say("%s.fields: one field gives the age", at)
		return
	}
	switch field, ok := c.known.Field(f.Fields[0]); {
	case !ok: // told already
	case field.Holds == "birth-date":
		c.day(at+".at", f.At)
	case field.Holds != "age":
		c.say("%s.fields: an age comes from a field that holds birth-date or age, and the catalogue does not say so of %s (fields, holds)", at, field.Name)
	case f.At != "":
		c.say("%s.at: %s holds an age already: leave it out", at, field.Name)
	}
}

func (c *rowCheck) cohort(at string, cohort Cohort) {
	f, ok := c.field(at+".field", cohort.Field)
	if ok && f.Holds != "nhs-number" && f.Name != c.known.Person && f.Pseudonym == "" {
		c.say("%s.field: %s is not the person of a row, holds no NHS number and has no kind of pseudonyms: a cohort is of persons", at, f.Name)
	}
	if cohort.NHSNumbers && (c.known.Index == nil || cohort.Field != c.known.Person) {
		c.say("%s.nhs_numbers: only an index says which rows a number has, and of %s it knows the person of a row alone: leave it out", at, c.known.Code)
	}
}

func (c *rowCheck) output(at string, o Output) {
	if o.Delimiter != "" && (len(o.Delimiter) != 1 || strings.ContainsAny(o.Delimiter, "\"\r\n") || o.Delimiter[0] >= 0x80 || letterOrDigit(o.Delimiter[0])) {
		c.say(`%s.delimiter: %q is not one character in quotes, such as "," or "|"`, at, o.Delimiter)
	}
	if !slices.Contains([]string{"", "none", "gzip", "zstd"}, o.Compression) {
		c.say("%s.compression: %q is not one of none, gzip, zstd", at, o.Compression)
	}
	for i, key := range o.EncryptTo {
		if !strings.HasPrefix(key, "age1") && !strings.HasPrefix(key, "ssh-ed25519 ") && !strings.HasPrefix(key, "ssh-rsa ") {
			c.say("%s.encrypt_to[%d]: is no public key of age (age1…) or of SSH (ssh-ed25519 … or ssh-rsa …)", at, i)
		}
	}
}

func letterOrDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// maxAge is in years: nobody has been older.
const maxAge = 130

// A Band is ages in whole years that leave as one value.
type Band struct {
	From, To int // both inside; To is maxAge where the last band is open
	Name     string
}

// ParseBands reads age bands such as "0-4,5-9,10-17,18,19-89,90+": in order,
// without overlap, the last perhaps open. Ages between bands belong to none.
func ParseBands(text string) (bands []Band, err error) {
	next := 0
	for part := range strings.SplitSeq(text, ",") {
		band := Band{Name: strings.TrimSpace(part), To: maxAge}
		from, to, isRange := strings.Cut(band.Name, "-")
		from, open := strings.CutSuffix(from, "+")
		if open && isRange {
			from = "" // no number, so refused below
		}
		var errs [2]error
		band.From, errs[0] = years(from)
		switch {
		case isRange:
			band.To, errs[1] = years(to)
		case !open:
			band.To = band.From
		}
		switch {
		case errs[0] != nil || errs[1] != nil:
			return nil, fmt.Errorf(`%q is no band: write them as "0-4,5-9,90+"`, band.Name)
		case band.To < band.From:
			return nil, fmt.Errorf("the band %s ends before it begins", band.Name)
		case band.From < next:
			return nil, fmt.Errorf("the band %s begins before the one before it has ended", band.Name)
		}
		bands, next = append(bands, band), band.To+1
	}
	return bands, nil
}

// years reads an age in whole years, written in digits alone.
func years(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxAge || strings.HasPrefix(text, "+") {
		return 0, fmt.Errorf("%q is no age", text)
	}
	return n, nil
}

// checkHoldings says what is wrong with what the catalogue marks for rows.
func (d Dataset) checkHoldings(say func(string, ...any)) {
	for _, f := range d.Fields {
		if f.Holds != "" && !slices.Contains(Codes(Holdings), f.Holds) {
			say("fields %s: holds: %q is not one of %s", f.Name, f.Holds, strings.Join(Codes(Holdings), ", "))
		}
		for i, code := range f.Codes {
			if code == "" || strings.TrimSpace(code) != code || slices.Contains(f.Codes[:i], code) {
				say("fields %s: codes: %q: write each code once, in quotes and without spaces around", f.Name, code)
			}
		}
		if strings.TrimSpace(f.Pseudonym) != f.Pseudonym {
			say("fields %s: pseudonym: write the kind without spaces around, such as person", f.Name)
		}
	}
	var names []string
	for _, t := range d.Tables {
		if t.Name == "" || t.File == "" || t.From == "" || t.To == "" {
			say("tables: name, file, from and to are all needed")
		}
		if slices.Contains(names, t.Name) {
			say("tables: %s is listed twice", t.Name)
		}
		names = append(names, t.Name)
	}
}
