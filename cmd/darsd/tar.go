package main

import (
	"archive/tar"
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"testing/fstest"

	"darsd/dars"
	"darsd/office"
)

// What a tar that is handed in holds at most: a form and its evidence are some
// dozens of files.
const (
	maxEntries = 2000
	maxName    = 400 // bytes of a name with its folders
)

// isTar looks for the word that each tar has in its first header.
func isTar(in *bufio.Reader) bool {
	head, _ := in.Peek(512)
	return len(head) == 512 && string(head[257:262]) == "ustar"
}

// inFolder is what is in the one folder that a tar holds, if that is all it holds:
// tar -c NAME packs the folder, tar -c -C NAME . what is in it.
func inFolder(files fs.FS) (fs.FS, error) {
	top, err := fs.ReadDir(files, ".")
	if err != nil || len(top) != 1 || !top[0].IsDir() {
		return files, err
	}
	return fs.Sub(files, top[0].Name())
}

// untar reads a small tar into memory: names that leave it, anything that is no
// file, and more than an application has, are refused.
func untar(r io.Reader) (fs.FS, error) {
	files := fstest.MapFS{}
	var total int64
	// The names of a tar may be as long as its headers say: all that is read is
	// bounded, not only what is in the files.
	bounded := &io.LimitedReader{R: r, N: 2 * office.Largest}
	t := tar.NewReader(bounded)
	for entries := 0; ; entries++ {
		h, err := t.Next()
		switch {
		case errors.Is(err, io.EOF):
			return files, nil
		case bounded.N <= 0:
			return nil, dars.Refuse("too-large", "-", "the tar holds more than 64 MiB: send the form and what it names, and larger papers by themselves, with darsd application evidence --add")
		case err != nil:
			return nil, misuse{fmt.Errorf("standard input is no tar: %w", err)}
		case entries == maxEntries:
			return nil, dars.Refuse("too-many", "-", "the tar holds more than %d files: put in the form and the papers that it names", maxEntries)
		case len(h.Name) > maxName:
			return nil, dars.Refuse("long-name", "-", "the tar names a file with more than %d letters: give it a shorter name", maxName)
		}
		name := path.Clean(h.Name)
		switch h.Typeflag {
		case tar.TypeDir, tar.TypeXGlobalHeader:
			continue
		case tar.TypeReg:
		default:
			return nil, dars.Refuse("not-a-file", name, "%s in the tar is no file: pack the files themselves, and no links to them", name)
		}
		if ofAMac(name) {
			continue
		}
		if !fs.ValidPath(name) {
			return nil, dars.Refuse("not-a-file", name, "the tar names a file outside itself: pack the folder with tar -C FOLDER -cf - .")
		}
		if files[name] != nil {
			return nil, dars.Refuse("twice", name, "the tar holds %s twice, and nobody can tell which is meant: pack it once", name)
		}
		if total += h.Size; total > office.Largest {
			return nil, dars.Refuse("too-large", name, "the tar holds more than 64 MiB: send the form and what it names, and larger papers by themselves, with darsd application evidence --add")
		}
		content, err := io.ReadAll(t)
		if err != nil {
			return nil, misuse{fmt.Errorf("standard input is no tar: %w", err)}
		}
		files[name] = &fstest.MapFile{Data: content}
	}
}

// ofAMac reports whether a file is one that a Mac packs beside those that were
// meant: what it knows of each of them, and how their folder looks.
func ofAMac(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, "._") || base == ".DS_Store" || strings.HasPrefix(name, "__MACOSX/")
}
