package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"darsd/dars"
)

// A tar is read as its sender meant it, and refused in a sentence where it holds
// more than an application does.
func TestUntar(t *testing.T) {
	many := func(n int, name string) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf(name, i))
		}
		return all
	}
	tests := map[string]struct {
		names []string
		rule  string // that refuses, if any
	}{
		"a folder":                {[]string{"one/application.yaml", "one/cag.txt"}, ""},
		"what is in it":           {[]string{"./application.yaml", "./cag.txt"}, ""},
		"from a Mac":              {[]string{"._one", "one/._application.yaml", "one/application.yaml", "one/.DS_Store", ".DS_Store", "__MACOSX/one/x"}, ""},
		"hundreds of papers":      {append(many(900, "one/%d.txt"), "one/application.yaml"), ""},
		"empty files without end": {many(3000, "one/%d"), "too-many"},
		"folders without end":     {many(3000, "one/%d/"), "too-many"},
		"a name that is a book":   {[]string{"one/application.yaml", strings.Repeat("x", 5000)}, "long-name"},
		"two of one name":         {[]string{"one/application.yaml", "one/cag.txt", "./one/cag.txt"}, "twice"},
		"a name that leaves it":   {[]string{"../application.yaml"}, "not-a-file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			w := tar.NewWriter(&b)
			for _, n := range tt.names {
				h := &tar.Header{Name: n, Mode: 0o600, Typeflag: tar.TypeReg}
				if strings.HasSuffix(n, "/") {
					h.Typeflag = tar.TypeDir
				}
				if err := w.WriteHeader(h); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			files, err := untar(&b)
			var no *dars.Refusal
			if errors.As(err, &no) != (tt.rule != "") || no != nil && no.Rule != tt.rule {
				t.Fatalf("%v, want %q", err, tt.rule)
			}
			if err != nil {
				return
			}
			in, err := inFolder(files)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := fs.Stat(in, "application.yaml"); err != nil {
				t.Error(err)
			}
		})
	}
}
