package documents

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A page of ours reaches us in many forms of picture; each is read.
func TestPicturesOfAllForms(t *testing.T) {
	clean, want := printed(t, 150, 1)
	page := clean[0]
	w, h := page.Rect.Dx(), page.Rect.Dy()
	size := fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d", w, h)
	bits := packedBits(page, false)
	tests := map[string]struct {
		head string
		data []byte
		says string // why it cannot be read
	}{
		"JPEG, grey":         {size + "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode", asJPEG(page), ""},
		"JPEG, in colour":    {size + "/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode", asJPEG(inColour(page)), ""},
		"JPEG in Flate":      {size + "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter[/FlateDecode/DCTDecode]/DecodeParms[null null]", deflated(asJPEG(page)), ""},
		"JPEG in ASCII":      {size + "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter[/ASCII85Decode/DCTDecode]", inASCII(asJPEG(page)), ""},
		"Flate, grey":        {size + "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode", deflated(page.Pix), ""},
		"as it is":           {size + "/ColorSpace[/CalGray<<>>]/BitsPerComponent 8", page.Pix, ""},
		"Flate, with PNG":    {size + fmt.Sprintf("/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns %d>>", w), deflated(predicted(page)), ""},
		"one bit":            {size + "/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/FlateDecode", deflated(bits), ""},
		"one bit, reversed":  {size + "/ColorSpace/DeviceGray/BitsPerComponent 1/Decode[1 0]/Filter/FlateDecode", deflated(packedBits(page, true)), ""},
		"a palette":          {size + "/ColorSpace[/Indexed/DeviceRGB 1<000000FFFFFF>]/BitsPerComponent 1/Filter/FlateDecode", deflated(bits), ""},
		"ink alone":          {size + "/ImageMask true/Filter/FlateDecode", deflated(bits), ""},
		"runs":               {size + "/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/RunLengthDecode", inRuns(bits), ""},
		"JPEG 2000":          {size + "/Filter/JPXDecode", []byte("jP"), "it is in JPEG 2000, which this program does not read"},
		"JBIG2":              {size + "/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/JBIG2Decode", []byte("x"), "it is in JBIG2, which this program does not read"},
		"fax, Group 3":       {size + fmt.Sprintf("/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/CCITTFaxDecode/DecodeParms<</K 0/Columns %d>>", w), []byte("x"), "Group 3 of a kind"},
		"fax of two kinds":   {size + "/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/CCITTFaxDecode/DecodeParms<</K 4>>", []byte("x"), "Group 3 with two dimensions"},
		"JPEG that is none":  {size + "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode", []byte("x"), "EOF"},
		"a bomb":             {"/Type/XObject/Subtype/Image/Width 60000/Height 60000/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode", deflated(nil), "60000 by 60000 dots"},
		"colours of no kind": {size + "/ColorSpace/Pattern/BitsPerComponent 8", page.Pix, "(Pattern)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := read(t, scanned(picturePage{head: tt.head, data: tt.data}))
			switch {
			case tt.says == "" && !slices.Equal(r.codesOn(0), want):
				t.Errorf("read %v, %v, want %v", r.codesOn(0), r.Unread, want)
			case tt.says != "" && !strings.Contains(r.Unread[0], tt.says):
				t.Errorf("it says %q, want %q", r.Unread[0], tt.says)
			}
		})
	}
}

// What lies on a page is put together: turned, mirrored by nobody, in strips, two pages
// on a sheet, or beside a mask.
func TestPagesArePutTogether(t *testing.T) {
	clean, want := printed(t, 150, 2)
	w, h := clean[0].Rect.Dx(), clean[0].Rect.Dy()
	strip := func(g *image.Gray, from, to int) picturePage {
		part := image.NewGray(image.Rect(0, 0, w, to-from))
		draw.Draw(part, part.Rect, g, image.Pt(0, from), draw.Src)
		return greyPicture(part, fmt.Sprintf("595 0 0 %d 0 %d", (to-from)*842/h, 842-to*842/h))
	}
	cut := h - 150 // through the code
	tests := map[string]struct {
		pictures []picturePage
		page     string
		want     []PageCode
	}{
		"in strips":          {[]picturePage{strip(clean[0], 0, cut), strip(clean[0], cut, h)}, "", want[:1]},
		"two on a sheet":     {[]picturePage{greyPicture(clean[0], "421 0 0 595 0 0"), greyPicture(clean[1], "421 0 0 595 421 0")}, "/MediaBox[0 0 842 595]", want},
		"lying on its side":  {[]picturePage{greyPicture(clean[0], "0 842 -595 0 595 0")}, "/Rotate 90", want[:1]},
		"a part of the page": {[]picturePage{greyPicture(clean[0], "480 0 0 680 50 80")}, "", want[:1]},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := read(t, scannedAs(tt.page, tt.pictures...))
			got := r.codesOn(0)
			slices.SortFunc(got, func(a, b PageCode) int { return a.Page - b.Page })
			if !slices.Equal(got, tt.want) {
				t.Errorf("read %v, %v, want %v", got, r.Unread, tt.want)
			}
		})
	}
}

// What fax machines and copiers write, as another program makes it.
func TestFaxesAreRead(t *testing.T) {
	const convert = "/usr/bin/convert" // some machines have another one
	if _, err := exec.LookPath(convert); err != nil {
		skip(t, "ImageMagick is not installed (imagemagick)")
	}
	clean, want := printed(t, 150, 1)
	w, h := clean[0].Rect.Dx(), clean[0].Rect.Dy()
	in := filepath.Join(t.TempDir(), "page.jpg")
	if err := os.WriteFile(in, asJPEG(clean[0]), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, how := range map[string][]string{
		"Group 4":           {"-compress", "Group4"},
		"Group 4, reversed": {"-negate", "-compress", "Group4"},
		"Group 4, askew":    {"-background", "white", "-rotate", "1", "-gravity", "center", "-extent", fmt.Sprintf("%dx%d", w, h), "-compress", "Group4"},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "fax.tiff")
			said(t, convert, slices.Concat([]string{in, "-threshold", "60%", "-define", "tiff:rows-per-strip=9999"}, how, []string{out})...)
			file, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			data, light := onlyStrip(t, file)
			parms := "/K -1"
			if light != (name == "Group 4, reversed") {
				parms += "/BlackIs1 true"
			}
			head := fmt.Sprintf("/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/CCITTFaxDecode/DecodeParms<<%s/Columns %[1]d>>", w, h, parms)
			if r := read(t, scanned(picturePage{head: head, data: data})); !slices.Equal(r.codesOn(0), want) {
				t.Errorf("read %v, %v, want %v", r.Codes, r.Unread, want)
			}
		})
	}
}

// onlyStrip is the data of a TIFF file with one strip; light says that its 0 is black.
func onlyStrip(t *testing.T, file []byte) (data []byte, light bool) {
	t.Helper()
	order := binary.ByteOrder(binary.LittleEndian)
	if file[0] == 'M' {
		order = binary.BigEndian
	}
	entries := file[order.Uint32(file[4:]):]
	tag := map[uint16]uint32{}
	for i := range int(order.Uint16(entries)) {
		e := entries[2+12*i:]
		tag[order.Uint16(e)] = order.Uint32(e[8:])
		if order.Uint16(e[2:]) == 3 {
			tag[order.Uint16(e)] = uint32(order.Uint16(e[8:]))
		}
	}
	at, size := tag[273], tag[279]
	return file[at : at+size], tag[262] == 1
}

// Printed into a PDF again, a code is drawn. Letters that became shapes do not matter.
func TestDrawnCodesAreRead(t *testing.T) {
	pdf, err := press(true).Agreement(agreementFacts())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(in, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	tool(t, "pdftocairo", "-pdf", in, out)
	again, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for name, paper := range map[string][]byte{"ours": pdf, "printed again": again} {
		found, err := read(t, paper).Reference()
		if err != nil || found.Words == "" || len(found.Missing()) > 0 || !found.Rehearsal {
			t.Errorf("%s: %+v, missing %v, %v", name, found, found.Missing(), err)
		}
	}
}

// Pages come in any order, and once more; what is missing is named, and what belongs
// to another paper is refused.
func TestReferenceByCodes(t *testing.T) {
	const a, b = "DARS-NIC-000001-B1C2D-V1.0", "DARS-NIC-000002-C3D4F-V1.0"
	tests := map[string]struct {
		codes   [][]string
		rule    string
		missing []int
	}{
		"shuffled":          {[][]string{{a + " 3/3 9F86D081"}, {a + " 1/3 9F86D081"}, {a + " 2/3 9F86D081"}}, "", []int{}},
		"two on a sheet":    {[][]string{{a + " 1/3 9F86D081", a + " 2/3 9F86D081"}, {a + " 3/3 9F86D081"}}, "", []int{}},
		"one missing":       {[][]string{{a + " 1/3 9F86D081"}, {a + " 3/3 9F86D081"}}, "", []int{2}},
		"one unreadable":    {[][]string{{a + " 1/2 9F86D081"}, {}}, "", []int{2}},
		"the same twice":    {[][]string{{a + " 1/1 9F86D081"}, {a + " 1/1 9F86D081"}}, "", []int{}},
		"another reference": {[][]string{{a + " 1/2 9F86D081"}, {b + " 2/2 9F86D081"}}, "several-references", nil},
		"another version":   {[][]string{{a + " 1/2 9F86D081"}, {"DARS-NIC-000001-B1C2D-V1.1 2/2 9F86D081"}}, "several-references", nil},
		"other words":       {[][]string{{a + " 1/2 9F86D081"}, {a + " 2/2 9F86D082"}}, "other-words", nil},
		"other pages":       {[][]string{{a + " 1/2 9F86D081"}, {a + " 2/3 9F86D081"}}, "pages-differ", nil},
		"a letter among it": {[][]string{{a + " 1/1 9F86D081"}, {a + " LETTER 1/1 60303AE2"}}, "foreign-page", nil},
		"a letter alone":    {[][]string{{a + " LETTER 1/1 60303AE2"}}, "no-reference", nil},
		"nothing of ours":   {[][]string{{"https://example.org/pay"}, {}}, "no-reference", nil},
		"more than pages":   {[][]string{{a + " 1/1 9F86D081"}, {}, {b + " 1/1 9F86D081"}}, "", []int{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			text := make([]string, min(len(tt.codes), 2))
			if name == "shuffled" {
				text = make([]string, 3)
			}
			found, err := Reading{Pages: len(text), Text: text, Scan: Scan{Codes: tt.codes}}.Reference()
			if ruleOf(err) != tt.rule {
				t.Fatalf("refused by %q (%v), want %q", ruleOf(err), err, tt.rule)
			}
			if err == nil && (found.Paper() != "DARS-NIC-000001-B1C2D-v1.0" || found.Words != "9f86d081" || !slices.Equal(found.Missing(), tt.missing)) {
				t.Errorf("found %+v, missing %v, want %v", found, found.Missing(), tt.missing)
			}
		})
	}
}

// A page is shown to whoever is to say what is on it, as it is meant to be seen.
func TestThePictureOfAPage(t *testing.T) {
	clean, _ := printed(t, 100, 1)
	w, h := clean[0].Rect.Dx(), clean[0].Rect.Dy()
	turnedPage := greyPicture(clean[0], "842 0 0 595 0 0")
	drawnPage, err := press(false).Contract(contractFacts())
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		paper      []byte
		page       int
		wide, high int
		rule       string
	}{
		"a scan":         {scanned(greyPicture(clean[0], "595 0 0 842 0 0")), 1, w, h, ""},
		"turned":         {scannedAs("/MediaBox[0 0 842 595]/Rotate 90", turnedPage), 1, 595 * 150 / 72, 842 * 150 / 72, ""},
		"no such page":   {scanned(greyPicture(clean[0], "595 0 0 842 0 0")), 2, 0, 0, "no-page"},
		"page nought":    {scanned(greyPicture(clean[0], "595 0 0 842 0 0")), 0, 0, 0, "no-page"},
		"drawn":          {drawnPage, 1, 0, 0, "no-picture"},
		"cannot be read": {scanned(picturePage{head: "/Subtype/Image/Width 10/Height 10/Filter/JBIG2Decode", data: []byte("x")}), 1, 0, 0, "no-picture"},
	} {
		t.Run(name, func(t *testing.T) {
			picture, err := reader().Page(t.Context(), tt.paper, tt.page)
			if ruleOf(err) != tt.rule || err != nil && tt.rule == "" {
				t.Fatalf("%v, want %q", err, tt.rule)
			}
			if err != nil {
				return
			}
			if shape, kind, err := image.DecodeConfig(bytes.NewReader(picture)); err != nil || shape.Width != tt.wide || shape.Height != tt.high {
				t.Errorf("%d by %d (%s, %v), want %d by %d", shape.Width, shape.Height, kind, err, tt.wide, tt.high)
			}
		})
	}
}

// Whatever a picture holds, there is an answer, and it is no code of somebody else's.
func FuzzPicture(f *testing.F) {
	f.Add("/Width 8/Height 8/ColorSpace/DeviceGray/BitsPerComponent 1", []byte("12345678"))
	f.Add("/Width 80/Height 8/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 80>>", []byte("\x26\xa0\x12"))
	f.Add("/Width 3/Height 3/ColorSpace[/Indexed/DeviceRGB 1<00>]/BitsPerComponent 4/Filter[/RunLengthDecode/LZWDecode]", []byte("\x80"))
	f.Add("/Width 3/Height 3/ColorSpace/DeviceRGB/BitsPerComponent 16/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 3/Colors 3>>", deflated([]byte("aaaaaaaaaaaaaaaaaaaaaaaaaaaa")))
	f.Fuzz(func(t *testing.T, head string, data []byte) {
		r, err := parse(scanned(picturePage{head: "/Subtype/Image" + head, data: data}), asking{})
		if err == nil && len(r.codesOn(0)) > 0 {
			t.Errorf("it says %v", r.Codes)
		}
	})
}

// What looking for a code costs, for each page: by the clock, and of a processor where
// others are at work too.
func BenchmarkCodes(b *testing.B) {
	for _, dpi := range []int{100, 150, 200, 300} {
		clean, want := printed(b, dpi, 1)
		r := rand.New(rand.NewPCG(1, 2))
		for name, page := range map[string]*image.Gray{
			"upright": jpegged(clean[0], 60), "turned": jpegged(turned(clean[0], 3), 60), "noisy": jpegged(noisy(clean[0], r, 25), 50), "empty": noisy(image.NewGray(clean[0].Rect), r, 25),
		} {
			photo := asJPEG(page)
			b.Run(fmt.Sprintf("%d/%s", dpi, name), func(b *testing.B) {
				before := used()
				for b.Loop() {
					picture, err := photograph(photo)
					if err != nil {
						b.Fatal(err)
					}
					if found := codesIn(greyOf(picture)); name != "empty" && !slices.Equal(found, want) {
						b.Fatal(found)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/page")
				b.ReportMetric(float64((used()-before).Milliseconds())/float64(b.N), "cpu-ms/page")
			})
		}
	}
}

// A picturePage is a picture in a made paper, and where it stands: the whole page, if
// it does not say.
type picturePage struct {
	head string
	data []byte
	at   string
}

func scanned(p ...picturePage) []byte { return scannedAs("", p...) }

// scannedAs is a paper of one page with pictures on it.
func scannedAs(page string, pictures ...picturePage) []byte {
	if !strings.Contains(page, "MediaBox") {
		page += "/MediaBox[0 0 595 842]"
	}
	var names, draws strings.Builder
	objects := []string{"", ""}
	for i, p := range pictures {
		if p.at == "" {
			p.at = "595 0 0 842 0 0"
		}
		fmt.Fprintf(&names, "/P%d %d 0 R", i, len(objects)+3)
		fmt.Fprintf(&draws, "q %s cm /P%d Do Q ", p.at, i)
		objects = append(objects, fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", p.head, len(p.data), p.data))
	}
	objects[0] = fmt.Sprintf("<</Type/Page/Parent 2 0 R%s/Contents 4 0 R/Resources<</XObject<<%s>>>>>>", page, names.String())
	objects[1] = fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", draws.Len(), draws.String())
	return made("<</Type/Pages/Kids[3 0 R]/Count 1>>", objects...)
}

func greyPicture(g *image.Gray, at string) picturePage {
	return picturePage{fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode", g.Rect.Dx(), g.Rect.Dy()), asJPEG(g), at}
}

func asJPEG(picture image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: 70}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func inColour(g *image.Gray) image.Image {
	out := image.NewRGBA(g.Rect)
	for y := range g.Rect.Dy() {
		for x := range g.Rect.Dx() {
			v := g.GrayAt(x, y).Y
			out.SetRGBA(x, y, color.RGBA{v, v / 2, 255 - v/2, 255})
		}
	}
	draw.Draw(out, out.Rect, g, image.Point{}, draw.Src)
	return out
}

func deflated(data []byte) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.Bytes()
}

func inASCII(data []byte) []byte {
	out := make([]byte, ascii85.MaxEncodedLen(len(data)))
	return append(out[:ascii85.Encode(out, data)], "~>"...)
}

// predicted are rows as PNG filters them, each in another way.
func predicted(g *image.Gray) (out []byte) {
	w := g.Rect.Dx()
	above := make([]byte, w)
	for y := range g.Rect.Dy() {
		row := g.Pix[y*g.Stride : y*g.Stride+w]
		kind := byte(y % 5)
		out = append(out, kind)
		for i, v := range row {
			var left, corner byte
			if i > 0 {
				left, corner = row[i-1], above[i-1]
			}
			out = append(out, v-[]byte{0, left, above[i], byte((int(left) + int(above[i])) / 2), paeth(left, above[i], corner)}[kind])
		}
		above = row
	}
	return out
}

func packedBits(g *image.Gray, reversed bool) (out []byte) {
	for y := range g.Rect.Dy() {
		row := make([]byte, (g.Rect.Dx()+7)/8)
		for x := range g.Rect.Dx() {
			if (g.Pix[y*g.Stride+x] >= 150) != reversed {
				row[x/8] |= 0x80 >> (x % 8)
			}
		}
		out = append(out, row...)
	}
	return out
}

func inRuns(data []byte) (out []byte) {
	for len(data) > 0 {
		n := min(len(data), 128)
		out = append(append(out, byte(n-1)), data[:n]...)
		data = data[n:]
	}
	return append(out, 128)
}
