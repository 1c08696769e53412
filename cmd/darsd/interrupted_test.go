package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// Whoever interrupts the making of a package leaves nothing of it behind, and when
// it is made again it is the one that it would have been.
func TestInterruptedPackage(t *testing.T) {
	t.Parallel()
	produce := []string{"--as", "priya", "--at", "2016-03-08T10:00", "release", "produce", "REL-000001"}
	made := func(d *stage) (files []dars.ReleaseFile, tags []dars.PackageFile) {
		t.Helper()
		d.ask(t, produce...)
		h, err := open(t.Context(), d.path("office"), "", d.env.stderr)
		if err != nil {
			t.Fatal(err)
		}
		defer h.close()
		r, err := office.Get(t.Context(), office.Desk{Office: h.Office}, dars.ByClock, "REL-000001", onlyTheOffice[*dars.Release])
		if err != nil {
			t.Fatal(err)
		}
		return r.Files, r.Tags
	}
	planned := func() *stage {
		t.Helper()
		d := begin(t, "agreed")
		d.ask(t, "--as", "carol", "--at", "2016-03-08T09:00", "release", "plan", demoFirst, "--dataset", "ADMISSIONS")
		return d
	}
	files, tags := made(planned())

	d := planned()
	source, aside := d.path("office/sources/admissions.csv"), d.path("aside.csv")
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Rename(source, aside), syscall.Mkfifo(source, 0o600)); err != nil {
		t.Fatal(err)
	}
	// The source has no end, and the command is interrupted while it is read.
	ctx, interrupt := context.WithCancel(t.Context())
	fed := make(chan error, 1)
	go func() {
		pipe, err := os.OpenFile(source, os.O_WRONLY, 0)
		if err != nil {
			fed <- err
			return
		}
		defer pipe.Close()
		_, err = pipe.Write(text)
		_, rows, _ := strings.Cut(string(text), "\n")
		for n := 0; err == nil; n++ {
			if n == 1000 {
				interrupt()
			}
			_, err = pipe.WriteString(rows)
		}
		fed <- err
	}()
	_, errs, status := asked(ctx, append([]string{"--data", d.path("office")}, produce...)...)
	if status != refused || !strings.Contains(errs, "release REL-000001 was interrupted, and nothing is kept of its package: produce it again") {
		t.Errorf("interrupted: exit status %d: %s", status, errs)
	}
	if err := <-fed; !errors.Is(err, syscall.EPIPE) {
		t.Errorf("the source ended with %v", err)
	}
	err = filepath.WalkDir(d.path("office/vault/releases"), func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			err = fmt.Errorf("%s is left behind", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}

	if err := errors.Join(os.Remove(source), os.Rename(aside, source)); err != nil {
		t.Fatal(err)
	}
	if f, g := made(d); !reflect.DeepEqual(f, files) || !reflect.DeepEqual(g, tags) {
		t.Errorf("made again it is\n%+v %+v\nnot\n%+v %+v", f, g, files, tags)
	}
}
