package extract

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"darsd/dars"
)

// A package whose every byte is as it was signed may still say what is not so: a
// count of rows that are not there, a column of another name, or nothing about
// objections. This is asked last, and of packages with a datapackage.json: others'
// bags have none.

// A statement is what release.json says that can be held against the rest.
type statement struct {
	Objections *struct {
		Applied    *bool    `json:"applied"`
		Reason     string   `json:"reason"`
		ListDate   dars.Day `json:"list_date"`
		ListSHA256 string   `json:"list_sha256"`
	} `json:"objections"`
	Files []struct {
		Path   string `json:"path"`
		Rows   int64  `json:"rows"`
		SHA512 string `json:"sha512"`
	} `json:"files"`
}

// data reads the data, each file once: for its digests, and for its rows. What the
// package says of its contents is asked of one that is whole: where its tag files
// are not as they were signed nothing is looked into, and where its data are not,
// what was found in them is of no interest.
func (v *verification) data() error {
	var described *dataPackage
	if v.there[datapackage] && len(v.report.Problems) == 0 {
		described = new(dataPackage)
		if ok, err := v.object(datapackage, described); !ok {
			return err
		}
	}
	told := &verification{} // problems with the contents
	rows := map[string]int64{}
	for _, file := range v.files {
		if !payload(file) {
			continue
		}
		r, ok := resource{}, false
		if described != nil {
			if r, ok = described.of(file); !ok {
				told.problem(datapackage, "malformed", "it does not describe %s", file)
			}
		}
		var look func(io.Reader)
		if ok {
			rows[file] = r.Rows
			look = told.looking(r)
		}
		sum, err := v.once(file, look)
		if err != nil {
			return err
		}
		if ok && r.Hash != "sha512:"+sum {
			told.problem(datapackage, "malformed", "the hash it gives of %s is another file's", file)
		}
		if ok && r.Encrypted != "" {
			v.report.RowsByWord += r.Rows
		}
		v.report.Rows += rows[file]
	}
	if described == nil || len(v.report.Problems) > 0 {
		return nil
	}
	v.report.Problems = append(v.report.Problems, told.report.Problems...)
	for _, r := range described.Resources {
		if !payload(r.Path) || !v.there[r.Path] {
			v.problem(datapackage, "malformed", "it describes %s, which is not there", r.Path)
		}
	}
	return v.statement(rows)
}

// of is what a package says of a file.
func (d dataPackage) of(file string) (resource, bool) {
	i := slices.IndexFunc(d.Resources, func(r resource) bool { return r.Path == file })
	if i < 0 {
		return resource{}, false
	}
	return d.Resources[i], true
}

// object reads a tag file of JSON. That it is none is a problem, and false.
func (v *verification) object(name string, to any) (bool, error) {
	text, err := v.read(name)
	if err != nil || text == nil {
		return false, err
	}
	if err := json.Unmarshal(text, to); err != nil {
		v.problem(name, "malformed", "it cannot be read: %v", err)
		return false, nil
	}
	return true, nil
}

// looking holds a data file against its description. What is encrypted cannot be
// looked into: its recipient counts the rows. What is for people to read has none.
func (v *verification) looking(r resource) func(io.Reader) {
	switch {
	case r.Encrypted != "", r.Profile == untabular:
		return nil
	case len(r.Dialect.Delimiter) != 1 || strings.Contains("\"\r\n", r.Dialect.Delimiter):
		v.problem(datapackage, "malformed", "it does not say what stands between the fields of %s", r.Path)
		return nil
	}
	return func(file io.Reader) {
		in, err := unpackAs(file, r.Packed)
		if err == nil {
			defer in.Close()
			err = v.rows(r, in)
		}
		if err != nil {
			v.problem(r.Path, "malformed", "its rows cannot be read as %s says: %v", datapackage, err)
		}
	}
}

// rows counts those of a data file, and compares its columns.
func (v *verification) rows(r resource, in io.Reader) error {
	var columns []string
	for _, f := range r.Schema.Fields {
		columns = append(columns, f.Name)
	}
	all := newRecords(in, r.Dialect.Delimiter[0], r.Dialect.QuoteChar != "")
	n := int64(0)
	for first := r.Dialect.Header; ; first = false {
		row, err := all.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		switch {
		case first:
			there := (&Job{Dataset: dars.Dataset{Format: dars.Format{Encoding: r.Encoding}}}).names(row)
			if !slices.Equal(there, columns) {
				v.problem(r.Path, "malformed", "its columns are not those that %s describes", datapackage)
			}
			continue
		case len(row.ends) != len(columns):
			return fmt.Errorf("line %d has %d fields, and %d columns are described", all.line, len(row.ends), len(columns))
		}
		n++
	}
	if n != r.Rows {
		v.problem(r.Path, "malformed", "it has %d rows, and %s says %d", n, datapackage, r.Rows)
	}
	return nil
}

// unpackAs unpacks a data file of a package: gz, zst, or nothing.
func unpackAs(file io.Reader, packed string) (io.ReadCloser, error) {
	switch packed {
	case "":
		return io.NopCloser(file), nil
	case "gz":
		return gzip.NewReader(file)
	case "zst":
		z, err := zstd.NewReader(file, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	}
	return nil, fmt.Errorf("nobody knows how to unpack %q", packed)
}

var hexSHA256 = regexp.MustCompile(`^[0-9a-f]{64}$`)

// statement asks what release.json says of objections, and of the rows of each
// file.
func (v *verification) statement(rows map[string]int64) error {
	if !v.there[releaseJSON] {
		return nil // a package that says nothing of a release
	}
	var s statement
	if ok, err := v.object(releaseJSON, &s); !ok {
		return err
	}
	for _, f := range s.Files {
		if n, ok := rows[f.Path]; !ok || n != f.Rows {
			v.problem(releaseJSON, "malformed", "it says that %s has %d rows, and %s says otherwise", f.Path, f.Rows, datapackage)
		}
	}
	switch o := s.Objections; {
	case o == nil || o.Applied == nil:
		v.problem(releaseJSON, "malformed", "it does not say whether patients' objections were applied")
	case *o.Applied && (!isDay(o.ListDate) || !hexSHA256.MatchString(o.ListSHA256)):
		v.problem(releaseJSON, "malformed", "it says that patients' objections were applied, and not with which list")
	case *o.Applied:
		v.report.Objections = fmt.Sprintf("applied, with the list as at %s", o.ListDate)
	case o.Reason == "":
		v.problem(releaseJSON, "malformed", "it says that patients' objections were not applied, and not why")
	default:
		v.report.Objections = "not applied: " + visible(o.Reason)
	}
	return nil
}

func isDay(d dars.Day) bool {
	_, err := dars.ParseDay(string(d))
	return err == nil
}
