package main

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// storyScan prints pages of a paper and scans them into another: pictures of them in
// grey, with 150 dots to the inch, in the order that is asked for.
func storyScan(ts *testscript.TestScript, neg bool, args []string) {
	wants(ts, neg, false, args, 3, "scan IN.pdf OUT.pdf PAGE...")
	dir := filepath.Join(ts.Getenv("WORK"), "scanner")
	ts.Check(os.MkdirAll(dir, 0o700))
	var b bytes.Buffer
	var at []int
	object := func(format string, args ...any) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n", len(at))
		fmt.Fprintf(&b, format+"\nendobj\n", args...)
	}
	b.WriteString("%PDF-1.4\n")
	object("<</Type/Catalog/Pages 2 0 R>>")
	var kids string
	for i := range args[2:] {
		kids += fmt.Sprintf("%d 0 R ", 3+3*i)
	}
	object("<</Type/Pages/Kids[%s]/Count %d>>", kids, len(args)-2)
	for _, page := range args[2:] {
		name := filepath.Join(dir, "page")
		ts.Check(exec.Command("pdftoppm", "-r", "150", "-gray", "-jpeg", "-singlefile", "-f", page, "-l", page, ts.MkAbs(args[0]), name).Run())
		picture, err := os.ReadFile(name + ".jpg")
		ts.Check(err)
		shape, _, err := image.DecodeConfig(bytes.NewReader(picture))
		ts.Check(err)
		n := len(at) + 1
		object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</XObject<</P %d 0 R>>>>>>", n+1, n+2)
		const place = "595 0 0 842 0 0 cm /P Do"
		object("<</Length %d>>\nstream\n%s\nendstream", len(place), place)
		colours := "/DeviceGray"
		if bytes.Contains(picture[:min(len(picture), 700)], []byte{0xff, 0xc0, 0, 17}) { // three colours
			colours = "/DeviceRGB"
		}
		object("<</Subtype/Image/Width %d/Height %d/ColorSpace%s/BitsPerComponent 8/Filter/DCTDecode/Length %d>>\nstream\n%s\nendstream", shape.Width, shape.Height, colours, len(picture), picture)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, table)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o600))
}
