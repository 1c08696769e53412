package documents

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// readHostile puts a file through the whole child, and returns the rule that refused it.
func readHostile(t *testing.T, name string, paper []byte) (rule string) {
	t.Helper()
	if !bytes.Contains(paper[:min(len(paper), 1024)], []byte("%PDF-")) {
		paper = append([]byte("%PDF-1.7\n"), paper...) // so that it gets past the door
	}
	r, err := reader().Read(t.Context(), paper)
	switch rule = ruleOf(err); {
	case err != nil && rule == "":
		t.Errorf("%s: %v, want an answer or a refusal", name, err)
	case err == nil && (len(r.Signed.Signatures) > 0 && r.Signed.Fault != ""):
		t.Errorf("%s: signatures with a fault: %+v", name, r.Signed)
	}
	return rule
}

// Files that were made to break readers, of a folder that DARSD_HOSTILE names (the
// script bench/hostile gathers some): each gets an answer, in time, and no child has
// more memory than it is given.
func TestHostileFolder(t *testing.T) {
	dir := os.Getenv("DARSD_HOSTILE")
	if dir == "" {
		t.Skip("DARSD_HOSTILE is not set: it names a folder of files")
	}
	verdicts, slowest, slowestName := map[string]int{}, time.Duration(0), ""
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		paper, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		began := time.Now()
		rule := readHostile(t, path, paper)
		verdicts[rule]++
		if rule == "paper-too-heavy" {
			t.Logf("%s: %s", path, rule)
		}
		if took := time.Since(began); took > slowest {
			slowest, slowestName = took, path
		}
		return nil
	})
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &used); err != nil {
		t.Fatal(err)
	}
	if err != nil || len(verdicts) == 0 {
		t.Fatalf("no files: %v", err)
	}
	if used.Maxrss<<10 > maxMemory {
		t.Errorf("a child had %d MiB", used.Maxrss>>10)
	}
	t.Logf("verdicts %v (\"\": read); slowest %v (%s); most memory of a child %d MiB", verdicts, slowest, slowestName, used.Maxrss>>10)
}

// Papers in which something is altered, the same each time, go through the whole child:
// there is an answer, and none is taken for a signed copy.
func TestAlteredPapers(t *testing.T) {
	papers := map[string][]byte{
		"drawn":   made("<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>", "<</Length 20>>\nstream\nBT (12 34) Tj ET 1 0 \nendstream"),
		"a bomb":  bomb(1),
		"a fax":   scanned(picturePage{head: "/Subtype/Image/Width 80/Height 8/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 80>>", data: []byte("\x26\xa0\x12")}),
		"colours": scanned(picturePage{head: "/Subtype/Image/Width 3/Height 3/ColorSpace[/Indexed/DeviceRGB 1<00>]/BitsPerComponent 4/Filter[/RunLengthDecode/LZWDecode]", data: []byte("\x80")}),
	}
	form, err := press(false).Certificate(certificateFacts())
	if err != nil {
		t.Fatal(err)
	}
	papers["a form"] = form
	if data := os.Getenv("DARSD_TESTDATA"); data != "" {
		for _, name := range smallest(t, filepath.Join(data, "pdf-ordinary"), 5) {
			paper, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			papers[filepath.Base(name)] = paper
		}
	}
	for name, paper := range papers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(7, uint64(len(paper))))
			for i := range 24 {
				readHostile(t, fmt.Sprintf("%s, the %dth", name, i+1), altered(paper, r))
			}
		})
	}
}

// smallest are the n smallest PDFs below a folder.
func smallest(t *testing.T, dir string, n int) (all []string) {
	t.Helper()
	sizes := map[string]int64{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".pdf" {
			return err
		}
		info, err := e.Info()
		if err == nil {
			sizes[path], all = info.Size(), append(all, path)
		}
		return err
	})
	if err != nil || len(all) < n {
		t.Fatalf("%d files: %v", len(all), err)
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Compare(sizes[a], sizes[b]) })
	return all[:n]
}

// altered is a file with one to eight of the faults that files have: bytes that are
// others, gone, or there twice; numbers that are large or less than nothing.
func altered(paper []byte, r *rand.Rand) []byte {
	paper = bytes.Clone(paper)
	for range 1 + r.IntN(8) {
		at := 9 + r.IntN(len(paper)-9)
		much := min(1+r.IntN(40), len(paper)-at)
		switch r.IntN(6) {
		case 0:
			paper[at] ^= 1 << r.IntN(8)
		case 1:
			paper = append(paper[:at:at], paper[at+much:]...)
		case 2:
			paper = append(paper[:at+much:at+much], paper[at:]...)
		case 3:
			from := r.IntN(len(paper) - much)
			copy(paper[at:at+much], paper[from:from+much])
		default:
			digit := bytes.IndexAny(paper[at:], "0123456789")
			if digit >= 0 {
				number := []string{"-1", "99999999", "2147483648", "0", "1e9"}[r.IntN(5)]
				paper = append(paper[:at+digit:at+digit], append([]byte(number), paper[at+digit+1:]...)...)
			}
		}
		if len(paper) < 20 {
			break
		}
	}
	return paper
}
