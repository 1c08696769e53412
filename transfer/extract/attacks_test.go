package extract_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/transfer/extract"
)

// A bagOnDisk is a package in a folder, which somebody changes.
type bagOnDisk struct {
	t   *testing.T
	dir string
}

// onDisk lays a package of two data files into a folder.
func onDisk(t *testing.T) bagOnDisk {
	t.Helper()
	d := visits()
	d.Files = append(d.Files, dars.SourceFile{Period: "200299", Path: "later.csv"})
	bag, _, err := pack(t, d, shelf{"visits.csv": []byte(head + "1," + ann + ",2001-04-01,x\n2," + bob + ",,\n"), "later.csv": []byte(head + "7," + cat + ",2002-04-01,y\n")}, func(j *extract.Job) {
		j.Files = append(j.Files, extract.File{ID: "FILE0000002", Period: "200299", Name: "FILE0000002_NIC12345_VISITS_200299.csv"})
		j.Release = func(r *extract.Result) any {
			return map[string]any{"release": "REL-000001", "objections": map[string]any{"applied": true, "list_date": "2026-03-29", "list_sha256": strings.Repeat("0", 64)}}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	b := bagOnDisk{t, t.TempDir()}
	for name, text := range bag {
		b.write(name, text)
	}
	return b
}

func (b bagOnDisk) path(name string) string { return filepath.Join(b.dir, filepath.FromSlash(name)) }

func (b bagOnDisk) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b bagOnDisk) read(name string) []byte {
	b.t.Helper()
	text, err := os.ReadFile(b.path(name))
	b.must(err)
	return text
}

func (b bagOnDisk) write(name string, text []byte) {
	b.t.Helper()
	b.must(os.MkdirAll(filepath.Dir(b.path(name)), 0o700))
	b.must(os.WriteFile(b.path(name), text, 0o600))
}

func (b bagOnDisk) replace(name, old, new string) {
	b.t.Helper()
	text := b.read(name)
	if !bytes.Contains(text, []byte(old)) {
		b.t.Fatalf("%s does not hold %q", name, old)
	}
	b.write(name, bytes.ReplaceAll(text, []byte(old), []byte(new)))
}

func (b bagOnDisk) rename(from, to string) {
	b.t.Helper()
	b.must(os.MkdirAll(filepath.Dir(b.path(to)), 0o700))
	b.must(os.Rename(b.path(from), b.path(to)))
}

const (
	firstFile  = dataFile
	secondFile = "data/FILE0000002_NIC12345_VISITS_200299.csv"
)

// Whatever is done to a package that was signed, the report names the file and says
// in words what is wrong with it.
func TestAttackedPackages(t *testing.T) {
	stranger := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize))
	tests := map[string]struct {
		attack func(bagOnDisk)
		says   []string // each in some problem; none: the package is valid
	}{
		"none":           {func(bagOnDisk) {}, nil},
		"a digest":       {func(b bagOnDisk) { b.write("manifest-sha512.txt", flip(b.read("manifest-sha512.txt"), 3)) }, []string{"manifest-sha512.txt: its sha512 is not the one in tagmanifest-sha512.txt", firstFile + ": its sha512 is not the one in manifest-sha512.txt"}},
		"a tag's digest": {func(b bagOnDisk) { b.write("tagmanifest-sha512.txt", flip(b.read("tagmanifest-sha512.txt"), 3)) }, []string{"tagmanifest-sha512.txt.sig: it is not this key's signature of tagmanifest-sha512.txt", "bagit.txt: its sha512 is not the one in tagmanifest-sha512.txt"}},
		"the signature": {func(b bagOnDisk) {
			b.write("tagmanifest-sha512.txt.sig", flip(b.read("tagmanifest-sha512.txt.sig"), 5))
		}, []string{"tagmanifest-sha512.txt.sig: it is not this key's signature"}},
		"a signature of something else": {func(b bagOnDisk) {
			b.write("tagmanifest-sha512.txt.sig", []byte(base64.StdEncoding.EncodeToString(ed25519.Sign(stranger, []byte("x")))))
		}, []string{"tagmanifest-sha512.txt.sig: it is not this key's signature"}},
		"a count of rows":          {func(b bagOnDisk) { b.replace("datapackage.json", `"rows": 1`, `"rows": 2`) }, []string{"datapackage.json: its sha512 is not the one in tagmanifest-sha512.txt"}},
		"the schema":               {func(b bagOnDisk) { b.replace("datapackage.json", `"name": "note"`, `"name": "nope"`) }, []string{"datapackage.json: its sha512 is not"}},
		"the objections statement": {func(b bagOnDisk) { b.replace("release.json", "true", "false") }, []string{"release.json: its sha512 is not"}},
		"the sum of bytes":         {func(b bagOnDisk) { b.replace("bag-info.txt", "Payload-Oxum: ", "Payload-Oxum: 1") }, []string{"bag-info.txt: its sha512 is not"}},
		"the note":                 {func(b bagOnDisk) { b.write("release-note.pdf", nil) }, []string{"release-note.pdf: its sha512 is not"}},
		"a file more":              {func(b bagOnDisk) { b.write("data/more.csv", []byte("x\n")) }, []string{"data/more.csv: it is not named in manifest-sha512.txt"}},
		"a file more, deep":        {func(b bagOnDisk) { b.write("data/a/b/.hidden", nil) }, []string{"data/a/b/.hidden: it is not named in manifest-sha512.txt"}},
		"a hidden file more":       {func(b bagOnDisk) { b.write(".DS_Store", nil) }, []string{".DS_Store: it is not the office's: tagmanifest-sha512.txt does not name it"}},
		"a file less":              {func(b bagOnDisk) { b.must(os.Remove(b.path(secondFile))) }, []string{secondFile + ": manifest-sha512.txt names it, and it is missing"}},
		"a file by another name": {func(b bagOnDisk) { b.rename(secondFile, "data/other.csv") }, []string{
			secondFile + ": manifest-sha512.txt names it, and it is missing", "data/other.csv: it is not named in manifest-sha512.txt"}},
		"a name in capitals": {func(b bagOnDisk) { b.rename(secondFile, strings.ToUpper(secondFile[:len("data/FILE0000002_NIC")])+"X") }, []string{secondFile + ": manifest-sha512.txt names it, and it is missing"}},
		"the data elsewhere": {func(b bagOnDisk) { b.rename("data", "Data") }, []string{"data: there is no folder of that name", firstFile + ": manifest-sha512.txt names it, and it is missing"}},
		"two files swapped": {func(b bagOnDisk) {
			b.rename(firstFile, "x")
			b.rename(secondFile, firstFile)
			b.rename("x", secondFile)
		}, []string{firstFile + ": its sha512 is not the one in manifest-sha512.txt", secondFile + ": its sha512 is not the one in manifest-sha512.txt"}},
		"a file cut short":  {func(b bagOnDisk) { b.must(os.Truncate(b.path(firstFile), 10)) }, []string{firstFile + ": its sha512 is not", "bag-info.txt: it says that the data are"}},
		"a file of nothing": {func(b bagOnDisk) { b.must(os.Truncate(b.path(firstFile), 0)) }, []string{firstFile + ": its sha512 is not"}},
		"a byte of a file":  {func(b bagOnDisk) { b.write(firstFile, flip(b.read(firstFile), 20)) }, []string{firstFile + ": its sha512 is not"}},
		"a link for a file": {func(b bagOnDisk) {
			b.rename(firstFile, "../"+filepath.Base(b.dir)+".moved")
			b.must(os.Symlink(b.dir+".moved", b.path(firstFile)))
		}, []string{firstFile + ": it is no file but a link or a device", firstFile + ": manifest-sha512.txt names it, and it is missing"}},
		"a link beside":    {func(b bagOnDisk) { b.must(os.Symlink("/etc/passwd", b.path("data/link"))) }, []string{"data/link: it is no file but a link or a device"}},
		"a link in a loop": {func(b bagOnDisk) { b.must(os.Symlink(".", b.path("data/loop"))) }, []string{"data/loop: it is no file but a link or a device"}},
		"a link for the data": {func(b bagOnDisk) {
			b.rename("data", "../"+filepath.Base(b.dir)+".data")
			b.must(os.Symlink(b.dir+".data", b.path("data")))
		}, []string{"data: it is no file but a link or a device"}},
		"a folder for a file": {func(b bagOnDisk) {
			b.must(os.Remove(b.path(firstFile)))
			b.must(os.Mkdir(b.path(firstFile), 0o700))
		}, []string{firstFile + ": manifest-sha512.txt names it, and it is missing"}},
		"signed by another office": {func(b bagOnDisk) {
			b.write("office.pub", []byte("ed25519 "+base64.StdEncoding.EncodeToString(stranger.Public().(ed25519.PublicKey))+"\n"))
			b.relist()
			b.sign(stranger)
		}, []string{"office.pub: it is not the key that was given", "tagmanifest-sha512.txt.sig: it is not this key's signature"}},
		"signed by another office, with our key beside": {func(b bagOnDisk) { b.sign(stranger) }, []string{"tagmanifest-sha512.txt.sig: it is not this key's signature"}},
		"manifests with CRLF": {func(b bagOnDisk) {
			b.replace("manifest-sha512.txt", "\n", "\r\n")
			b.replace("tagmanifest-sha512.txt", "\n", "\r\n")
		}, []string{"manifest-sha512.txt: its sha512 is not", "tagmanifest-sha512.txt.sig: it is not this key's signature"}},
		"data with CRLF":    {func(b bagOnDisk) { b.replace(firstFile, "\n", "\r\n") }, []string{firstFile + ": its sha512 is not"}},
		"paths of Windows":  {func(b bagOnDisk) { b.replace("manifest-sha512.txt", "data/", `data\`) }, []string{"manifest-sha512.txt: entry 1 names a path outside the package", firstFile + ": it is not named in manifest-sha512.txt"}},
		"a path of a drive": {func(b bagOnDisk) { b.replace("manifest-sha512.txt", "data/", `C:\data\`) }, []string{"manifest-sha512.txt: entry 1 names a path outside the package"}},
		"a path up":         {func(b bagOnDisk) { b.replace("manifest-sha512.txt", "data/", "data/../data/") }, []string{"manifest-sha512.txt: entry 1 names a path outside the package"}},
		"another algorithm": {func(b bagOnDisk) { b.rename("manifest-sha512.txt", "manifest-sha3.txt") }, []string{"manifest-sha3.txt: the digest sha3 is not known", "manifest-sha512.txt: tagmanifest-sha512.txt names it, and it is missing"}},
		"a weaker manifest": {func(b bagOnDisk) {
			b.write(firstFile, flip(b.read(firstFile), 20))
			b.must(os.Remove(b.path("manifest-sha512.txt")))
			b.write("manifest-md5.txt", nil)
		}, []string{firstFile + ": it is not named in manifest-md5.txt", "manifest-md5.txt: it is not the office's: tagmanifest-sha512.txt does not name it", "manifest-sha512.txt: tagmanifest-sha512.txt names it, and it is missing"}},
		"files to be fetched": {func(b bagOnDisk) { b.write("fetch.txt", []byte("https://example.org/x 1 data/x\n")) }, []string{"fetch.txt: it is not the office's: tagmanifest-sha512.txt does not name it"}},
		"no bag at all":       {func(b bagOnDisk) { b.must(os.RemoveAll(b.dir)); b.must(os.Mkdir(b.dir, 0o700)) }, []string{".: this is no package"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := onDisk(t)
			t.Cleanup(func() { os.RemoveAll(b.dir + ".data"); os.Remove(b.dir + ".moved") })
			tt.attack(b)
			report, err := extract.Verify(os.DirFS(b.dir), office.Public().(ed25519.PublicKey))
			if err != nil {
				t.Fatal(err)
			}
			for _, words := range tt.says {
				if !slices.ContainsFunc(report.Problems, func(p extract.Problem) bool { return strings.HasPrefix(p.String(), words) }) {
					t.Errorf("nothing begins: %s\nin %v", words, report.Problems)
				}
			}
			if report.Valid != (tt.says == nil) {
				t.Errorf("valid is %v: %v", report.Valid, report.Problems)
			}
			for _, p := range report.Problems {
				if strings.ContainsAny(p.What, "\n;") || p.What == "" || strings.Contains(p.What, b.dir) {
					t.Errorf("that is not one sentence: %q", p.What)
				}
			}
		})
	}
}

func flip(text []byte, at int) []byte {
	text = bytes.Clone(text)
	if text[at] == 'a' {
		text[at] = 'b'
	} else {
		text[at] = 'a'
	}
	return text
}

// relist names the tag files as they are now.
func (b bagOnDisk) relist() {
	b.t.Helper()
	var lines []byte
	for line := range strings.Lines(string(b.read("tagmanifest-sha512.txt"))) {
		name := strings.TrimSpace(line[128:])
		lines = fmt.Appendf(lines, "%x  %s\n", sha512.Sum512(b.read(name)), name)
	}
	b.write("tagmanifest-sha512.txt", lines)
}

func (b bagOnDisk) sign(key ed25519.PrivateKey) {
	b.t.Helper()
	b.write("tagmanifest-sha512.txt.sig", []byte(base64.StdEncoding.EncodeToString(ed25519.Sign(key, b.read("tagmanifest-sha512.txt")))+"\n"))
}
