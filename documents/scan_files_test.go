package documents

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/png"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/tiff"

	"darsd/dars"
)

// What scanners and telephones write is read as it is: each page is known by its code.
func TestCopiesThatComeAsPictures(t *testing.T) {
	clean, want := printed(t, 150, 2)
	in := func(kind draw.Image) image.Image {
		draw.Draw(kind, kind.Bounds(), clean[0], image.Point{}, draw.Src)
		return kind
	}
	box := clean[0].Rect
	for name, tt := range map[string]struct {
		file []byte
		form dars.CopyForm
		want []PageCode
	}{
		"JPEG":                   {asJPEG(clean[0]), dars.CopyJPEG, want[:1]},
		"JPEG, in colour":        {asJPEG(inColour(clean[0])), dars.CopyJPEG, want[:1]},
		"PNG":                    {asPNG(clean[0]), dars.CopyPNG, want[:1]},
		"PNG of two colours":     {asPNG(in(image.NewPaletted(box, color.Palette{color.White, color.Black}))), dars.CopyPNG, want[:1]},
		"PNG of some colours":    {asPNG(in(image.NewPaletted(box, palette.Plan9))), dars.CopyPNG, want[:1]},
		"PNG of ink alone":       {asPNG(inkAlone(clean[0])), dars.CopyPNG, want[:1]},
		"PNG, deep":              {asPNG(in(image.NewRGBA64(box))), dars.CopyPNG, want[:1]},
		"TIFF":                   {asTIFF(in(image.NewGray(box)), tiff.Uncompressed), dars.CopyTIFF, want[:1]},
		"TIFF, deflated":         {asTIFF(in(image.NewRGBA(box)), tiff.Deflate), dars.CopyTIFF, want[:1]},
		"TIFF of two pages":      {pagesAsTIFF(clean, binary.LittleEndian), dars.CopyTIFF, want},
		"the other way round":    {pagesAsTIFF(clean, binary.BigEndian), dars.CopyTIFF, want},
		"several in one":         {inBundle(asJPEG(clean[1]), asPNG(clean[0])), dars.CopyBundle, []PageCode{want[1], want[0]}},
		"one of them of several": {inBundle(pagesAsTIFF(clean, binary.LittleEndian)), dars.CopyBundle, want},
	} {
		t.Run(name, func(t *testing.T) {
			if form := dars.CopyFormOf(tt.file); form != tt.form {
				t.Errorf("it is taken for %q, want %q", form, tt.form)
			}
			r := read(t, tt.file)
			var got []PageCode
			for page := range r.Pages {
				got = append(got, r.codesOn(page)...)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("read %v, %v, want %v", got, r.Unread, tt.want)
			}
			picture, err := reader().Page(t.Context(), tt.file, r.Pages)
			if err != nil {
				t.Fatal(err)
			}
			if shape, _, err := image.DecodeConfig(bytes.NewReader(picture)); err != nil || shape.Width != box.Dx() || shape.Height != box.Dy() {
				t.Errorf("the last page is shown as %d by %d: %v", shape.Width, shape.Height, err)
			}
		})
	}
}

// What cannot be read of a picture is said so that its sender can do something.
func TestPicturesThatCannotBeRead(t *testing.T) {
	page := image.NewGray(image.Rect(0, 0, 8, 8))
	large := asPNG(page)
	copy(large[16:], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65,536 by 65,536
	binary.BigEndian.PutUint32(large[29:], crc32.ChecksumIEEE(large[12:29]))
	within := pagesAsTIFF([]*image.Gray{page}, binary.LittleEndian)
	within[bytes.Index(within, []byte{3, 1, 3, 0})+8] = 7 // its way of being packed
	for name, tt := range map[string]struct {
		file []byte
		says string
	}{
		"too large":          {large, "65536 by 65536 dots"},
		"broken off":         {asPNG(page)[:40], "EOF"},
		"a JPEG in a TIFF":   {within, "a JPEG within a TIFF"},
		"no JPEG behind all": {[]byte("\xff\xd8\xff\xd9"), "JPEG"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(t, tt.file).Reference()
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, want %q", err, tt.says)
			}
		})
	}
	for name, file := range map[string][]byte{"a text in a bundle": inBundle([]byte("hello")), "a bundle in a bundle": inBundle(inBundle(asPNG(page)))} {
		if _, err := reader().Read(t.Context(), file); ruleOf(err) != "paper-unreadable" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever a picture holds, there is an answer.
func FuzzPictureFile(f *testing.F) {
	page := image.NewGray(image.Rect(0, 0, 16, 16))
	f.Add(asPNG(page))
	f.Add(asJPEG(page))
	f.Add(pagesAsTIFF([]*image.Gray{page, page}, binary.BigEndian))
	f.Add(asTIFF(page, tiff.Deflate))
	f.Add(inBundle(asPNG(page), asJPEG(page)))
	f.Fuzz(func(t *testing.T, file []byte) {
		form := dars.CopyFormOf(file)
		if form == "" || form == dars.CopyPDF {
			return
		}
		for _, asked := range []asking{{}, {Page: 1}} {
			if r, err := readPictures(bytes.Clone(file), form, asked); err == nil && len(r.codesOn(0)) > 0 {
				t.Errorf("it says %v", r.Codes)
			}
		}
	})
}

func asPNG(picture image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func asTIFF(picture image.Image, packed tiff.CompressionType) []byte {
	var b bytes.Buffer
	if err := tiff.Encode(&b, picture, &tiff.Options{Compression: packed}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// inkAlone is a page of which only the ink is there, on nothing.
func inkAlone(g *image.Gray) image.Image {
	out := image.NewNRGBA(g.Rect)
	for i, v := range g.Pix {
		out.Pix[4*i+3] = 255 - v
	}
	return out
}

// inBundle is what the office makes of a folder of pictures.
func inBundle(pictures ...[]byte) []byte {
	var b bytes.Buffer
	to := tar.NewWriter(&b)
	for i, p := range pictures {
		if err := to.WriteHeader(&tar.Header{Name: fmt.Sprintf("page %d.jpg", i+1), Mode: 0o600, Size: int64(len(p))}); err != nil {
			panic(err)
		}
		to.Write(p)
	}
	to.Close()
	return b.Bytes()
}

// pagesAsTIFF is one file of several pages, each as it is.
func pagesAsTIFF(pages []*image.Gray, order binary.AppendByteOrder) []byte {
	b := []byte("II*\x00\x00\x00\x00\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*\x00\x00\x00\x00")
	}
	next := 4 // where it stands where the next page's directory is
	for _, g := range pages {
		dots := len(b)
		b = append(b, g.Pix...)
		if len(b)%2 == 1 {
			b = append(b, 0)
		}
		copy(b[next:], order.AppendUint32(nil, uint32(len(b))))
		tags := [][2]uint32{{256, uint32(g.Rect.Dx())}, {257, uint32(g.Rect.Dy())}, {258, 8}, {259, 1}, {262, 1}, {273, uint32(dots)}, {277, 1}, {278, uint32(g.Rect.Dy())}, {279, uint32(len(g.Pix))}}
		b = order.AppendUint16(b, uint16(len(tags)))
		for _, tag := range tags {
			kind := uint16(4)
			if tag[0] == 258 || tag[0] == 259 || tag[0] == 262 || tag[0] == 277 {
				kind = 3
			}
			b = order.AppendUint16(order.AppendUint16(b, uint16(tag[0])), kind)
			b = order.AppendUint32(b, 1)
			if kind == 3 {
				b = order.AppendUint16(order.AppendUint16(b, uint16(tag[1])), 0)
			} else {
				b = order.AppendUint32(b, tag[1])
			}
		}
		next = len(b)
		b = order.AppendUint32(b, 0)
	}
	return b
}
