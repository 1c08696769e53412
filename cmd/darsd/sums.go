package main

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"darsd/dars"
)

// A sum is a digest that clients ask for over SSH, to check what they have
// collected or put without fetching it. Those of a release's files were taken
// when it was packaged.
type sum struct {
	name   string
	stored func(dars.PackageFile) string
	make   func() hash.Hash
}

func sums() []sum {
	return []sum{
		{"md5", func(f dars.PackageFile) string { return f.MD5 }, md5.New},
		{"sha1", func(f dars.PackageFile) string { return f.SHA1 }, sha1.New},
		{"sha256", func(f dars.PackageFile) string { return f.SHA256 }, sha256.New},
		{"sha512", func(f dars.PackageFile) string { return f.SHA512 }, sha512.New},
	}
}

// A sumCommand is one of the ways in which clients ask for sums: md5sum PATH…,
// md5 -r PATH, rclone md5sum PATH, rclone hashsum MD5 PATH. Without a path it is
// the sum of standard input: rclone tries with an empty one whether a command
// does what it should.
type sumCommand struct {
	sum
	paths []string
}

// asSumCommand reads a command line as one of those.
func asSumCommand(argv []string) (c sumCommand, is bool) {
	for _, s := range sums() {
		c.sum = s
		for _, words := range [][]string{{s.name + "sum"}, {s.name, "-r"}, {"rclone", s.name + "sum"}, {"rclone", "hashsum", s.name}} {
			if len(argv) >= len(words) && slices.EqualFunc(argv[:len(words)], words, strings.EqualFold) {
				c.paths = slices.DeleteFunc(slices.Clone(argv[len(words):]), func(word string) bool { return word == "--" || word == "-b" })
				return c, true
			}
		}
	}
	return c, false
}

// run prints the sums, in the form of md5sum.
func (c sumCommand) run(ctx context.Context, k counter, who dars.PersonID, in io.Reader, out, errw io.Writer) (status int) {
	if len(c.paths) == 0 {
		h := c.make()
		if _, err := io.Copy(h, in); err != nil {
			return faulty
		}
		fmt.Fprintf(out, "%s  -\n", hex.EncodeToString(h.Sum(nil)))
		return done
	}
	for _, name := range c.paths {
		digest, err := k.sumOf(ctx, who, c.sum, name)
		if err != nil {
			// What is not there and what is somebody else's sound the same.
			fmt.Fprintf(errw, "%ssum: %s: No such file\n", c.name, printable(name))
			status = refused
			continue
		}
		fmt.Fprintf(out, "%s  %s\n", digest, name)
	}
	return status
}

// sumOf is the digest of a file in somebody's own tree.
func (k counter) sumOf(ctx context.Context, who dars.PersonID, s sum, name string) (string, error) {
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	if upload, in := strings.CutPrefix(name, "submit/"); in {
		files, err := k.vault.Tray(who).FS()
		if err != nil {
			return "", err
		}
		f, err := files.Open(upload)
		if err != nil {
			return "", err
		}
		defer f.Close()
		return digestOf(f, s)
	}
	shelf, err := k.desk().Shelf(ctx, who, k.clock())
	if err != nil {
		return "", err
	}
	for _, r := range shelf.Open {
		rest, in := strings.CutPrefix(name, r.Path()+"/")
		if !in {
			continue
		}
		for _, f := range r.Package() {
			if f.Path == rest && s.stored(f) != "" {
				return s.stored(f), nil
			}
		}
	}
	entries, err := k.Root(ctx, who)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		if e.Path != name {
			continue
		}
		content, err := k.Open(ctx, who, e)
		if err != nil {
			return "", err
		}
		defer content.Close()
		return digestOf(io.NewSectionReader(content, 0, e.Size), s)
	}
	return "", fs.ErrNotExist
}

func digestOf(r io.Reader, s sum) (string, error) {
	h := s.make()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// shellProbe is what rclone says to find out whether there is a Unix shell: one
// would leave the second part as it is, cmd.exe the first. It is told what it
// takes for Unix, since it quotes names as Unix does then.
const shellProbe = "${ShellId}%ComSpec%"

func isShellProbe(argv []string) bool {
	return len(argv) == 2 && argv[0] == "echo" && argv[1] == shellProbe
}

func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, text)
}

func hexSHA256(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
