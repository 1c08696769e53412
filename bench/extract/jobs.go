package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/transfer/extract"
	"darsd/transfer/vault"
)

// An extra is what a job of ours does besides the plain one.
type extra struct {
	gzip, zstd bool
	pseudonyms bool // the person leaves as a pseudonym beside the twelve columns
	vault      bool // four digests are taken of the file, and it goes into a vault, which encrypts it
}

// own are the jobs that are ours alone.
var own = map[string]extra{
	"darsd":                    {},
	"darsd, gzip":              {gzip: true},
	"darsd, pseudonyms":        {pseudonyms: true},
	"darsd, encrypted, hashes": {vault: true},
	"darsd, whole package":     {zstd: true, pseudonyms: true, vault: true},
}

// compete does a contestant's job: files are the source, the list, and what to
// write.
func compete(name string, files []string) error {
	source, list, out := files[0], files[1], files[2]
	if with, ok := own[name]; ok {
		return ours(source, list, out, with)
	}
	switch name {
	case "encoding/csv":
		return standard(source, list, out)
	case "copying the file":
		return nothing(source, out, 1)
	case "reading it, writing as much":
		return nothing(source, out, 0.3)
	}
	return fmt.Errorf("%s is nobody", name)
}

func ours(source, list, out string, with extra) error {
	file, err := os.Open(list)
	if err != nil {
		return err
	}
	defer file.Close()
	objections, _, err := extract.ReadList(file)
	if err != nil {
		return err
	}
	job := extract.Job{
		Dataset: dars.Dataset{
			Code: "BENCH", Person: person, Unmatched: dars.ReleaseRow,
			Format: dars.Format{Delimiter: ",", Quoted: true, Header: true},
			Files:  []dars.SourceFile{{Period: "200199", Path: source}},
		},
		Files:   []extract.File{{ID: "FILE0000001", Period: "200199", Name: "out.csv"}},
		Columns: keep, Objections: objections, Uphold: true,
		Open: func(path string) (io.ReadCloser, error) { return os.Open(path) },
	}
	switch {
	case with.gzip:
		job.Output.Compression = "gzip"
	case with.zstd:
		job.Output.Compression = "zstd"
	}
	if with.pseudonyms {
		pseudonymous(&job)
	}
	if with.vault {
		return pack(job, out)
	}
	job.Create = func(string) (io.WriteCloser, error) { return os.Create(out) }
	_, err = extract.Rows(context.Background(), job)
	return err
}

// pseudonymous lets the person leave as a pseudonym, before the twelve columns.
func pseudonymous(job *extract.Job) {
	for _, name := range columns {
		job.Dataset.Fields = append(job.Dataset.Fields, dars.Field{Name: name})
		if f := &job.Dataset.Fields[len(job.Dataset.Fields)-1]; name == person {
			f.Holds, f.Pseudonym, f.Identifying = "nhs-number", "person", true
		}
	}
	job.Columns = nil
	job.Terms.Columns = []dars.Column{{Field: person, As: "PERSON", Derive: "pseudonym"}}
	for _, name := range keep {
		job.Terms.Columns = append(job.Terms.Columns, dars.Column{Field: name})
	}
	job.Pseudonyms = make([]byte, 32)
}

// pack makes a whole package in a vault, which encrypts it.
func pack(job extract.Job, dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	files, err := vault.Open(root)
	if err != nil {
		return err
	}
	defer files.Close()

	job.Key = files.SigningKey()
	job.Create = func(name string) (io.WriteCloser, error) {
		w, err := files.Create("REL-000001", "releases/REL-000001/1/"+name)
		return committing{w}, err
	}
	_, err = extract.Pack(context.Background(), job)
	return err
}

// committing keeps a file of the vault when it is closed.
type committing struct{ *vault.Writer }

func (c committing) Close() error { return c.Commit() }
func (c committing) Abort() error { return c.Writer.Close() }

// standard does the plain job with the standard library, as well as it can be
// done with it.
func standard(source, list, out string) error {
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	gone := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		gone[strings.TrimSpace(line)] = true
	}
	from, err := os.Open(source)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.Create(out)
	if err != nil {
		return err
	}
	defer to.Close()
	r, w := csv.NewReader(from), csv.NewWriter(to)
	r.ReuseRecord = true
	var places []int
	for _, name := range keep {
		places = append(places, slices.Index(columns, name))
	}
	whose, row := slices.Index(columns, person), make([]string, len(keep))
	for n := 0; ; n++ {
		rec, err := r.Read()
		if err == io.EOF {
			w.Flush()
			return w.Error()
		}
		if err != nil {
			return err
		}
		if n > 0 && gone[rec[whose]] {
			continue
		}
		for i, place := range places {
			row[i] = rec[place]
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
}

// nothing reads the source and writes a share of it, and does no work.
func nothing(source, out string, share float64) error {
	from, err := os.Open(source)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.Create(out)
	if err != nil {
		return err
	}
	defer to.Close()
	block := make([]byte, 256<<10)
	for {
		n, err := from.Read(block)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := to.Write(block[:int(float64(n)*share)]); err != nil {
			return err
		}
	}
}

// An answer stands for a set of rows, in whatever order they are.
type answer struct {
	rows int
	sum  [2]uint64
}

func read(path string) (a answer, err error) {
	file, err := os.Open(path)
	if err != nil {
		return a, err
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.ReuseRecord = true
	var line bytes.Buffer
	for {
		row, err := r.Read()
		if err == io.EOF {
			a.rows-- // the header
			return a, nil
		}
		if err != nil {
			return a, err
		}
		line.Reset()
		for _, field := range row {
			line.WriteString(field)
			line.WriteByte(0)
		}
		hash := sha256.Sum256(line.Bytes())
		a.rows++
		a.sum[0] += binary.LittleEndian.Uint64(hash[:])
		a.sum[1] += binary.LittleEndian.Uint64(hash[8:])
	}
}
