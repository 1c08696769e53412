package extract

import (
	"cmp"
	"crypto/ed25519"
	"errors"
	"slices"
)

// A Sheet is a file of a package that holds no rows of a source, but what was counted
// of them: a table.
type Sheet struct {
	File
	Text    []byte
	Title   string
	Columns []SheetColumn // of CSV with a header; none: it is text for people to read
	Rows    int64         // without the header
}

// A SheetColumn is a column of a table.
type SheetColumn struct {
	Name, Title, Type, Description string
	Missing                        []string // what stands where there is no value
}

// PackSheets makes a package of what was counted, as Pack makes one of rows: with the
// same manifests, signature and tag files. The result holds no evidence of rows: that
// is with whoever counted them.
func PackSheets(job Job, sheets []Sheet) (*Result, error) {
	if len(job.Key) != ed25519.PrivateKeySize {
		return nil, errors.New("packaging: there is no key to sign with")
	}
	d := job.Dataset
	result := &Result{Columns: []string{}, Undescribed: []string{}, Tags: []Written{}}
	described := dataPackage{Profile: tabular, Name: slug(d.Code), Title: cmp.Or(d.Name, d.Code), Resources: []resource{}}
	for _, s := range sheets {
		written, err := writeFile(job, "data/"+s.Name, s.Text)
		if err != nil {
			return nil, err
		}
		result.Files = append(result.Files, Packed{ID: s.ID, Period: s.Period, Written: written, RowsOut: s.Rows})
		described.Resources = append(described.Resources, s.described(written))
		for _, c := range s.Columns {
			result.Columns = append(result.Columns, c.Name)
		}
	}
	return result, writeBag(job, result, described)
}

// described is a sheet as a resource of the data package.
func (s Sheet) described(w Written) resource {
	r := resource{Profile: untabular, Name: slug(string(s.ID)), Title: s.Title, Path: w.Path, Format: "txt", Mediatype: "text/plain", Encoding: "utf-8", Bytes: w.Bytes, Hash: "sha512:" + w.SHA512,
		Schema: schema{Fields: []schemaField{}, MissingValues: []string{""}}}
	if len(s.Columns) == 0 {
		return r
	}
	r.Profile, r.Format, r.Mediatype, r.Rows = tabularResource, "csv", "text/csv", s.Rows
	r.Dialect = csvDialect{Delimiter: ",", QuoteChar: `"`, DoubleQuote: true, Header: true}
	for _, c := range s.Columns {
		f := schemaField{Name: c.Name, Title: c.Title, Type: c.Type, Description: c.Description}
		if len(c.Missing) > 0 {
			f.MissingValues = slices.Concat([]string{""}, c.Missing)
		}
		r.Schema.Fields = append(r.Schema.Fields, f)
	}
	return r
}
