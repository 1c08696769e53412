package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"

	"darsd/dars"
	"darsd/transfer/extract"
)

// compete does a contestant's job: files are the source, the list, and what to
// write.
func compete(name string, files []string) error {
	source, list, out := files[0], files[1], files[2]
	switch name {
	case "darsd":
		return ours(source, list, out, false)
	case "darsd, whole package":
		return ours(source, list, out, true)
	case "encoding/csv":
		return standard(source, list, out)
	case "copying the file":
		return nothing(source, out, 1)
	case "reading it, writing as much":
		return nothing(source, out, 0.3)
	}
	return fmt.Errorf("%s is nobody", name)
}

func ours(source, list, out string, whole bool) error {
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
	if !whole {
		job.Create = func(string) (io.WriteCloser, error) { return os.Create(out) }
		_, err = extract.Rows(context.Background(), job)
		return err
	}
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	job.Output.Compression = "zstd"
	job.Key = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	job.Create = func(name string) (io.WriteCloser, error) {
		file, err := os.Create(out + "." + filepath.Base(name))
		if err != nil {
			return nil, err
		}
		secret, err := age.Encrypt(file, identity.Recipient())
		return sealed{secret, file}, err
	}
	_, err = extract.Pack(context.Background(), job)
	made, _ := filepath.Glob(out + ".*")
	for _, name := range made {
		os.Remove(name)
	}
	return err
}

// sealed is a file that is encrypted while it is written.
type sealed struct {
	io.WriteCloser
	file *os.File
}

func (s sealed) Close() error {
	if err := s.WriteCloser.Close(); err != nil {
		return err
	}
	return s.file.Close()
}

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
	block := make([]byte, 1<<20)
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
