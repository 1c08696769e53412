package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"darsd/dars"
	"darsd/office"
	"darsd/transfer/extract"
)

// examine goes once through what a package has become, for those who check it. What
// keeps it from that is said instead.
func (p packer) examine(ctx context.Context, o office.Packing, files []dars.ReleaseFile, columns []string) (*dars.Examination, error) {
	seen := &dars.Examination{Columns: dars.ColumnsLeft(o.Dataset, o.Terms, columns), Odd: []dars.Oddity{}}
	form, err := leavingAs(o.Dataset, o.Terms, seen.Columns)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		odd, err := p.examineFile(ctx, o, f, form)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if errors.Is(err, extract.ErrEncrypted) {
			seen.Unread = err.Error()
			break
		}
		if err != nil {
			return nil, fmt.Errorf("looking through %s: %w", f.Path, err)
		}
		seen.Odd = append(seen.Odd, odd...)
	}
	return seen, nil
}

func (p packer) examineFile(ctx context.Context, o office.Packing, f dars.ReleaseFile, form extract.Leaving) ([]dars.Oddity, error) {
	file, err := p.vault.Open(o.Release.ID, path.Join(office.PackageDir(o.Release.ID, o.Attempt), f.Path))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return extract.Examine(interruptible{ctx, file.Reader()}, form, f.ID, f.Period)
}

// interruptible is a reader that ends when nobody waits any more.
type interruptible struct {
	ctx  context.Context
	from io.Reader
}

func (r interruptible) Read(b []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.from.Read(b)
}

// leavingAs is how the files of a release are written.
func leavingAs(d dars.Dataset, t dars.DatasetRequest, columns []dars.ColumnLeft) (extract.Leaving, error) {
	out, err := output(t.Output)
	return extract.Leaving{Dataset: d, Output: out, Columns: columns}, err
}
