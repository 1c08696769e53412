package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"

	"github.com/spf13/cobra"

	"darsd/office"
	"darsd/transfer/extract"
)

func dryRunCommand(s *session) *cobra.Command {
	var dataset string
	var periods []string
	c := s.do("dry-run AGREEMENT", "give the recipient the package without rows, to try their loader", exactly(1), func(c *call) error {
		if dataset == "" {
			return misuse{errors.New("say which dataset with --dataset")}
		}
		agreement, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		p, err := office.Releases{Office: c.Office}.DryRun(c.ctx, c.act, agreement, dataset, periods)
		if err != nil {
			return err
		}
		return c.say(map[string]any{"id": p.ID, "name": p.Name, "bytes": p.Bytes, "sha256": p.SHA256}, "%s lies under papers/ as %s", p.ID, p.Name)
	})
	c.Flags().StringVar(&dataset, "dataset", "", "the dataset's code")
	c.Flags().StringSliceVar(&periods, "period", nil, "a period; may be given several times (all that are agreed)")
	return c
}

// Empty makes the package of a release as it would be, with no row, as a ZIP file. Of the
// sources only the headers are read.
func (p packer) Empty(ctx context.Context, o office.Packing) ([]byte, error) {
	made := files{}
	d, terms := o.Dataset, o.Terms
	d.Format.Compression = "" // what header gives is unpacked
	terms.Cohort = nil        // nobody is looked for
	job := extract.Job{Dataset: d, Columns: terms.Fields, Nameless: terms.Identifiability != "IDENT", From: terms.From, To: terms.To, Terms: terms,
		Open: func(name string) (io.ReadCloser, error) {
			if !d.Format.Header && (d.Index == nil || name != d.Index.File) {
				return io.NopCloser(bytes.NewReader(nil)), nil
			}
			return header(name)
		},
		Create:     made.create,
		Quarantine: func() (io.WriteCloser, error) { return made.create("quarantine") },
		Info: []extract.Info{
			{Label: "Source-Organization", Value: p.Info.Name},
			{Label: "External-Identifier", Value: "dry-run"},
			{Label: "External-Description", Value: fmt.Sprintf("Dry run, without rows: %s under agreement %s", d.Name, o.Agreement.ID)},
		},
		Key:        p.vault.SigningKey(),
		Pseudonyms: make([]byte, 32), // no row is there to have one
	}
	for _, f := range o.Release.Files {
		job.Files = append(job.Files, extract.File{ID: f.ID, Period: f.Period, Name: path.Base(f.Path)})
	}
	var err error
	if job.Output, err = output(terms.Output); err != nil {
		return nil, err
	}
	if job.Tables, err = tables(o); err != nil {
		return nil, err
	}
	if _, err := extract.Pack(ctx, job); err != nil {
		return nil, err
	}
	return made.zip("dry-run")
}

// header opens the first line of a source or an index.
func header(name string) (io.ReadCloser, error) {
	f, err := source(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	line, err := extract.Header(f)
	return io.NopCloser(bytes.NewReader(line)), err
}

// files are those of a package that is small enough to be kept in memory.
type files map[string]*bytes.Buffer

func (f files) create(name string) (io.WriteCloser, error) {
	b := new(bytes.Buffer)
	f[name] = b
	return kept{b}, nil
}

type kept struct{ io.Writer }

func (kept) Close() error { return nil }

// zip is all of them in a folder. The same files give the same bytes.
func (f files) zip(folder string) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(f)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: path.Join(folder, name), Method: zip.Deflate})
		if err != nil {
			return nil, err
		}
		if _, err := f[name].WriteTo(w); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
