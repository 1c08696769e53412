package documents

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"

	"github.com/klauspost/compress/zlib"
)

// A file is a PDF as its numbered objects. The drawing library cannot write all
// that a paper needs to last, so what it has written is taken apart, completed
// and put together again.
type file struct {
	objects    [][]byte // by number; the first is none
	pages      []int    // the objects of the pages
	root, info int
}

// resources is the object in which the library lists what pages use.
const resources = 2

var errShape = errors.New("it is not a file as Press writes them")

// apart reads a file that Press wrote. It reads no others: those of strangers are
// for [Reader].
func apart(pdf []byte) (*file, error) {
	_, tail, found := cutLast(pdf, "startxref\n")
	if !found {
		return nil, errShape
	}
	start, _, _ := strings.Cut(string(tail), "\n")
	from, err := strconv.Atoi(start)
	if err != nil || from <= 0 || from >= len(pdf) {
		return nil, errShape
	}
	table := string(pdf[from:])
	ends := append(offsets(table), from)
	f := &file{objects: make([][]byte, len(ends))}
	slices.Sort(ends)
	for i, begin := range ends[:len(ends)-1] {
		if begin > ends[i+1] || ends[i+1] > len(pdf) {
			return nil, errShape
		}
		head, body, found := bytes.Cut(pdf[begin:ends[i+1]], []byte(" 0 obj\n"))
		number, err := strconv.Atoi(string(head))
		body, _, ended := cutLast(body, "endobj")
		if !found || !ended || err != nil || number < 1 || number >= len(f.objects) {
			return nil, errShape
		}
		f.objects[number] = bytes.TrimRight(body, "\n")
	}
	return f, f.find(table)
}

func cutLast(b []byte, mark string) (before, after []byte, found bool) {
	i := bytes.LastIndex(b, []byte(mark))
	if i < 0 {
		return b, nil, false
	}
	return b[:i], b[i+len(mark):], true
}

var (
	inUse   = regexp.MustCompile(`(?m)^(\d{10}) \d{5} n`)
	kids    = regexp.MustCompile(`/Kids \[([^\]]*)\]`)
	trailer = regexp.MustCompile(`/(Root|Info) (\d+) 0 R`)
	refs    = regexp.MustCompile(`(\d+) 0 R`)
)

// offsets reads where each object begins, out of the table.
func offsets(table string) (all []int) {
	for _, m := range inUse.FindAllStringSubmatch(table, -1) {
		at, _ := strconv.Atoi(m[1])
		all = append(all, at)
	}
	return all
}

// find finds the objects that everything hangs from.
func (f *file) find(table string) error {
	for _, m := range trailer.FindAllStringSubmatch(table, -1) {
		n, _ := strconv.Atoi(m[2])
		if m[1] == "Root" {
			f.root = n
		} else {
			f.info = n
		}
	}
	if len(f.objects) < 2 || f.root == 0 || f.info == 0 || max(f.root, f.info) >= len(f.objects) {
		return errShape
	}
	list := kids.FindSubmatch(f.objects[1])
	if list == nil {
		return errShape
	}
	for _, m := range refs.FindAllSubmatch(list[1], -1) {
		n, _ := strconv.Atoi(string(m[1]))
		if n >= len(f.objects) || !bytes.HasPrefix(f.objects[n], []byte("<</Type /Page\n")) {
			return errShape
		}
		f.pages = append(f.pages, n)
	}
	return nil
}

// noFonts is what the library says of the fonts that it was given none of.
var noFonts = []byte("/Font <<\n")

// useFonts lets all pages use fonts.
func (f *file) useFonts(fonts string) error {
	if !bytes.Contains(f.objects[resources], noFonts) {
		return errShape
	}
	f.objects[resources] = bytes.Replace(f.objects[resources], noFonts, append(noFonts[:len(noFonts):len(noFonts)], fonts...), 1)
	return nil
}

// packPages compresses what is drawn on each page: the object behind its own.
func (f *file) packPages() error {
	for _, n := range f.pages {
		_, content, begun := bytes.Cut(f.objects[n+1], []byte("stream\n"))
		content, ended := bytes.CutSuffix(content, []byte("\nendstream"))
		if !begun || !ended {
			return errShape
		}
		packed := deflate(content)
		f.set(n+1, "<</Filter /FlateDecode /Length %d>>\nstream\n%s\nendstream", len(packed), packed)
	}
	return nil
}

// numberPages lets a screen reader find the structure of a page by its number, and go through
// the page in the order of the structure.
func (f *file) numberPages() {
	for i, n := range f.pages {
		f.objects[n] = withEntry(f.objects[n], fmt.Sprintf("/StructParents %d /Tabs /S", i))
	}
}

// add adds an object and returns its number.
func (f *file) add(format string, a ...any) int {
	f.objects = append(f.objects, fmt.Appendf(nil, format, a...))
	return len(f.objects) - 1
}

// set gives an object another body.
func (f *file) set(number int, format string, a ...any) {
	f.objects[number] = fmt.Appendf(nil, format, a...)
}

// stream adds a stream as it is.
func (f *file) stream(dict string, data []byte) int {
	return f.add("<<%s /Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}

// packed adds a stream compressed.
func (f *file) packed(dict string, data []byte) int {
	return f.stream(dict+" /Filter /FlateDecode", deflate(data))
}

// packers are used again: one takes a megabyte.
var packers = sync.Pool{New: func() any { return zlib.NewWriter(nil) }}

func deflate(data []byte) []byte {
	w := packers.Get().(*zlib.Writer)
	defer packers.Put(w)
	var b bytes.Buffer
	w.Reset(&b)
	w.Write(data) // into memory: it cannot fail
	w.Close()
	return b.Bytes()
}

// bytes puts the file together. Its identifier is the hash of all before it: the
// same paper has the same one.
func (f *file) bytes(version string) []byte {
	size := 0
	for _, body := range f.objects {
		size += len(body) + 50
	}
	b := make([]byte, 0, size+200)
	b = fmt.Appendf(b, "%%PDF-%s\n%%\xe2\xe3\xcf\xd3\n", version) // the second line says that it is no text
	table := fmt.Appendf(nil, "xref\n0 %d\n0000000000 65535 f \n", len(f.objects))
	for i, body := range f.objects[1:] {
		table = fmt.Appendf(table, "%010d 00000 n \n", len(b))
		b = append(append(fmt.Appendf(b, "%d 0 obj\n", i+1), body...), "\nendobj\n"...)
	}
	at, id := len(b), sha256.Sum256(b)
	return fmt.Appendf(append(b, table...), "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R /ID [<%x> <%x>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(f.objects), f.root, f.info, id[:16], id[:16], at)
}

// text writes a text string: ASCII as it is, all else as UTF-16.
func text(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0 {
		return "(" + strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(s) + ")"
	}
	b := []byte{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return "<" + hex.EncodeToString(b) + ">"
}
