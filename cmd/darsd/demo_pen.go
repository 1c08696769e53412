package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
)

// penOn writes a name on the last page of one of our own PDFs, as a pen does on
// paper: what was there stays, byte for byte, and the name is added behind it as
// the format's own kind of addition (an incremental update).
func penOn(in, out, name string) error {
	pdf, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	signed, err := addName(pdf, name)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	return os.WriteFile(out, signed, 0o600)
}

var (
	lastPage  = regexp.MustCompile(`(?s)(\d+) 0 obj\s*<<\s*/Type /Page\s.*?/Contents (\d+) 0 R[^>[]*>>\s*endobj`)
	trailerOf = regexp.MustCompile(`(?s)trailer\s*<<(.*?)>>\s*startxref\s*(\d+)`)
	sizeOf    = regexp.MustCompile(`/Size (\d+)`)
	prevOf    = regexp.MustCompile(`/Prev \d+`)
)

func addName(pdf []byte, name string) ([]byte, error) {
	pages := lastPage.FindAllSubmatch(pdf, -1)
	trailers := trailerOf.FindAllSubmatch(pdf, -1)
	if len(pages) == 0 || len(trailers) == 0 {
		return nil, errors.New("this is none of our own PDFs")
	}
	page, trailer := pages[len(pages)-1], trailers[len(trailers)-1]
	size, err := strconv.Atoi(string(sizeOf.FindSubmatch(trailer[1])[1]))
	if err != nil {
		return nil, err
	}
	ink := fmt.Sprintf("q 0.1 0.1 0.5 rg BT /Pen 20 Tf 1 0 0.2 1 80 722 Tm (%s) Tj ET Q", regexp.MustCompile(`[()\\]`).ReplaceAllString(name, ""))
	// The page again, with a stamp on it beside what it had.
	again := bytes.Replace(page[0], []byte("/Contents "), fmt.Appendf(nil, "/Annots [%d 0 R] /Contents ", size), 1)
	var b bytes.Buffer
	b.Write(pdf)
	offsets := map[int]int{}
	object := func(n int, text string) { offsets[n] = b.Len(); fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n, text) }
	number, _ := strconv.Atoi(string(page[1]))
	offsets[number] = b.Len()
	b.Write(again)
	b.WriteByte('\n')
	object(size, fmt.Sprintf("<< /Type /Annot /Subtype /Stamp /Rect [70 710 330 750] /F 4 /Contents (%s) /AP << /N %d 0 R >> >>", name, size+1))
	object(size+1, fmt.Sprintf("<< /Type /XObject /Subtype /Form /BBox [70 710 330 750] /Resources << /Font << /Pen << /Type /Font /Subtype /Type1 /BaseFont /Times-Italic >> >> >> /Length %d >>\nstream\n%s\nendstream", len(ink), ink))
	start := b.Len()
	fmt.Fprintf(&b, "xref\n%d 1\n%010d 00000 n \n%d 2\n", number, offsets[number], size)
	for n := size; n < size+2; n++ {
		fmt.Fprintf(&b, "%010d 00000 n \n", offsets[n])
	}
	fmt.Fprintf(&b, "trailer\n<<%s/Prev %s\n>>\nstartxref\n%d\n%%%%EOF\n", sizeOf.ReplaceAll(prevOf.ReplaceAll(trailer[1], nil), fmt.Appendf(nil, "/Size %d", size+2)), trailer[2], start)
	return b.Bytes(), nil
}
