package extract

import (
	"cmp"
	"strings"

	"darsd/dars"
)

// dataPackage describes the data as https://datapackage.org has it: any tool
// that knows the format can read the files with their types and their codes
// for missing values.
type dataPackage struct {
	Profile   string     `json:"profile"`
	Name      string     `json:"name"`
	Title     string     `json:"title"`
	Resources []resource `json:"resources"`
}

type resource struct {
	Profile   string     `json:"profile"`
	Name      string     `json:"name"`
	Title     string     `json:"title"`
	Path      string     `json:"path"`
	Format    string     `json:"format"`
	Mediatype string     `json:"mediatype"`
	Encoding  string     `json:"encoding,omitempty"`
	Packed    string     `json:"compression,omitempty"` // gz or zst
	Encrypted string     `json:"encryption,omitempty"`  // age
	Bytes     int64      `json:"bytes"`
	Hash      string     `json:"hash"`
	Rows      int64      `json:"rows"` // without the header
	Dialect   csvDialect `json:"dialect"`
	Schema    schema     `json:"schema"`
}

type csvDialect struct {
	Delimiter   string `json:"delimiter"`
	QuoteChar   string `json:"quoteChar"` // "": a quote is a character like any other
	DoubleQuote bool   `json:"doubleQuote"`
	Header      bool   `json:"header"`
}

type schema struct {
	Fields        []schemaField `json:"fields"`
	MissingValues []string      `json:"missingValues"`
}

type schemaField struct {
	Name          string   `json:"name"`
	Title         string   `json:"title,omitempty"`
	Type          string   `json:"type"`
	Description   string   `json:"description,omitempty"`
	MissingValues []string `json:"missingValues,omitempty"`
}

// Profiles of the standard.
const (
	tabular         = "tabular-data-package"
	tabularResource = "tabular-data-resource"
	untabular       = "data-resource" // no rows: for people to read
)

func describe(job Job, result *Result) dataPackage {
	d, out := job.Dataset, job.leaving()
	p := dataPackage{Profile: tabular, Name: slug(d.Code), Title: cmp.Or(d.Name, d.Code), Resources: []resource{}}
	for _, f := range result.Files {
		r := resource{
			Profile:   tabularResource,
			Name:      slug(cmp.Or(string(f.ID), f.Period)),
			Title:     p.Title + " " + f.Period,
			Path:      f.Path,
			Format:    "csv",
			Mediatype: "text/csv",
			Encoding:  f.encoding(),
			Bytes:     f.Bytes,
			Hash:      "sha512:" + f.SHA512,
			Rows:      f.RowsOut,
			Packed:    map[string]string{"gzip": "gz", "zstd": "zst"}[job.Output.Compression],
			Dialect:   csvDialect{Delimiter: string(rune(out.delimiter)), Header: d.Format.Header},
			Schema:    schema{Fields: []schemaField{}, MissingValues: []string{""}},
		}
		if job.Output.Recipients.Any() {
			r.Encrypted = "age"
		}
		if out.quoted {
			r.Dialect.QuoteChar, r.Dialect.DoubleQuote = `"`, true
		}
		for _, name := range f.columns {
			field := describeField(d, name)
			for _, c := range job.Terms.Columns {
				if c.Name() == name {
					field = describeColumn(d, c)
				}
			}
			r.Schema.Fields = append(r.Schema.Fields, field)
		}
		p.Resources = append(p.Resources, r)
	}
	return p
}

func describeField(d dars.Dataset, name string) schemaField {
	known, ok := d.Field(name)
	f := schemaField{Name: name, Title: known.Title, Type: cmp.Or(known.Type, "string")}
	if len(known.Missing) > 0 {
		f.MissingValues = append([]string{""}, known.Missing...)
	}
	var words []string
	if !ok {
		words = append(words, "Not described in the office's catalogue.")
	}
	if name == d.Person {
		words = append(words, "Says whose the row is.")
	}
	if name == d.Date {
		words = append(words, "Dates the row.")
	}
	if known.Identifying {
		words = append(words, "Identifying: names or nearly names a person.")
	}
	if known.Sensitive {
		words = append(words, "Sensitive.")
	}
	if len(known.Missing) > 0 {
		words = append(words, "Not known, or not applicable: "+strings.Join(known.Missing, ", ")+".")
	}
	f.Description = strings.Join(words, " ")
	return f
}

// describeColumn is describeField for a column as the agreement asks for it.
func describeColumn(d dars.Dataset, c dars.Column) schemaField {
	f := describeField(d, c.Field)
	f.Name = c.Name()
	if c.Derive == "" {
		if c.As != "" {
			f.Description = strings.TrimSpace("In the source: " + c.Field + ". " + f.Description)
		}
		return f
	}
	from, _ := d.Field(c.Field)
	title := cmp.Or(from.Title, c.Field)
	made := schemaField{Name: c.Name(), Title: dars.Meaning(dars.Derivations, c.Derive), Type: "string"}
	switch c.Derive {
	case "pseudonym":
		made.Title = title + ", as a pseudonym"
		made.MissingValues = f.MissingValues // they leave as they are
		made.Description = "32 letters in the place of a value: the same for equal values in all files of this case, and another in every other case. Small and capital letters mean the same."
	case "age", "age-band":
		if c.Derive == "age" {
			made.Type = "integer"
		}
		made.Description = "In whole years, one more from the birthday on; " + ageSource(from.Holds, c) + "."
	case "birth-month":
		made.Description = "MMYYYY, from " + c.Field + "."
	case "birth-year":
		made.Type, made.Description = "integer", "YYYY, from "+c.Field+"."
	case "postcode-district":
		made.Description = "The part of a postcode before the space, from " + c.Field + "."
	case "area":
		made.Description = "From " + c.Field + ", by the table " + c.Table + " of the office."
	}
	if c.Derive != "pseudonym" {
		made.Description += " Empty where nothing follows from the value."
	}
	if from.Sensitive {
		made.Description += " Sensitive."
	}
	return made
}

// ageSource says in words where an age comes from.
func ageSource(holds string, c dars.Column) string {
	if holds == "age" {
		return "from " + c.Field + ", where 7001 to 7007 are babies"
	}
	return "from " + c.Field + " at " + c.At
}

// slug is a name as data packages have them: small letters, digits, - . and _.
func slug(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '.', c == '_':
			return c
		}
		return '-'
	}, strings.ToLower(name))
}
