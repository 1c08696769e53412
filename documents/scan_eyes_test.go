package documents

import (
	"bytes"
	"fmt"
	"image"
	"strings"
	"testing"
)

// What two people confirm is what the file shows: a page on which something lies that the
// picture does not have is shown by no picture.
func TestAPageIsShownAsItIs(t *testing.T) {
	const w, h = 210, 297
	white := image.NewGray(image.Rect(0, 0, w, h))
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	black := image.NewGray(white.Rect)
	grey := func(g *image.Gray, more string) string {
		return fmt.Sprintf("<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8%s/Length %d>>\nstream\n%s\nendstream", w, h, more, len(g.Pix), g.Pix)
	}
	const whole, patch = "q 595 0 0 842 0 0 cm /P Do Q ", "q 60 0 0 20 300 400 cm /B Do Q "
	for name, tt := range map[string]struct {
		draw, page, picture string
		more                []string // objects 7 and on
		says                string
		dark                bool // where the patch is
	}{
		"a scan":                        {draw: whole},
		"with the text under it":        {draw: "BT 3 Tr /F 9 Tf (word) Tj ET " + whole},
		"on white":                      {draw: "1 g 0 0 595 842 re f " + whole},
		"cut to the page":               {draw: "0 0 595 842 re W n " + whole},
		"words over it":                 {draw: whole + "BT /F 9 Tf (1,000) Tj ET", says: "letters are drawn on it"},
		"words below it":                {draw: "q 595 0 0 600 0 242 cm /P Do Q BT /F 9 Tf (and) Tj ET", says: "letters are drawn on it"},
		"a white bar over it":           {draw: whole + "1 g 100 100 90 12 re f", says: "something is drawn on it"},
		"a line through it":             {draw: whole + "100 100 m 200 100 l S", says: "something is drawn on it"},
		"a picture within":              {draw: whole + "BI /W 1 /H 1 /BPC 8 /CS /G ID 0 EI", says: "is drawn on it"},
		"a shading":                     {draw: whole + "/S sh", says: "something is drawn on it"},
		"a small picture over it":       {draw: whole + patch, dark: true},
		"the same under it":             {draw: patch + whole},
		"that is half seen":             {draw: "/H gs " + whole, says: "half seen"},
		"in a layer":                    {draw: "/OC /L BDC " + whole + "EMC", says: "switched off"},
		"a picture in a layer":          {draw: whole, picture: "/OC 7 0 R", more: []string{"<</Type/OCG/Name(x)>>"}, says: "switched off"},
		"cut to a part":                 {draw: "0 0 595 300 re W n " + whole, says: "cut off"},
		"cut to no rectangle":           {draw: "0 0 m 595 0 l 0 842 l W n " + whole, says: "cut off"},
		"cut to its own frame":          {draw: "q 100 100 300 400 re W n 300 0 0 400 100 100 cm /P Do Q"},
		"of which a part lies outside":  {draw: "q 1190 0 0 1684 0 0 cm /P Do Q"},
		"a note on it":                  {draw: whole, page: "/Annots[7 0 R]", more: []string{"<</Type/Annot/Subtype/FreeText/Rect[10 10 90 90]/Contents(no)>>"}, says: "a note, a stamp"},
		"signed with a finger":          {draw: whole, page: "/Annots[7 0 R]", more: []string{"<</Type/Annot/Subtype/Ink/Rect[10 10 90 90]>>"}, says: "a note, a stamp"},
		"a link on it":                  {draw: whole, page: "/Annots[7 0 R]", more: []string{"<</Type/Annot/Subtype/Link/Rect[10 10 90 90]>>"}},
		"a seal that is not seen":       {draw: whole, page: "/Annots[7 0 R]", more: []string{"<</Type/Annot/Subtype/Widget/FT/Sig/Rect[0 0 0 0]>>"}},
		"ink of a stencil":              {draw: whole + "q 0 g 60 0 0 20 300 400 cm /M Do Q", more: []string{"<</Subtype/Image/ImageMask true/Width 8/Height 1/Length 1>>\nstream\n\x00\nendstream"}, dark: true},
		"a stencil that lets none in":   {draw: whole + "q 0 g 60 0 0 20 300 400 cm /M Do Q", more: []string{"<</Subtype/Image/ImageMask true/Width 8/Height 1/Length 1>>\nstream\n\xff\nendstream"}},
		"a picture seen through a mask": {draw: whole + "q 60 0 0 20 300 400 cm /M Do Q", more: []string{"<</Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/SMask 8 0 R/Length 1>>\nstream\n\x00\nendstream", "<</Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>\nstream\n\xff\nendstream"}, dark: true},
		"colours that are not seen":     {draw: whole + "q 60 0 0 20 300 400 cm /M Do Q", more: []string{"<</Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Mask[0 0]/Length 1>>\nstream\n\x00\nendstream"}, says: "not to be seen"},
		"too much to follow":            {draw: whole + strings.Repeat("q Q ", maxDrawn/2+1), says: "more is drawn"},
	} {
		t.Run(name, func(t *testing.T) {
			resources := "/XObject<</P 5 0 R/B 6 0 R/M 7 0 R>>/ExtGState<</H<</ca 0.5>>>>"
			objects := append([]string{
				fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<%s>>%s>>", resources, tt.page),
				fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(tt.draw), tt.draw),
				grey(white, tt.picture), grey(black, ""),
			}, tt.more...)
			r, err := parse(made("<</Type/Pages/Kids[3 0 R]/Count 1>>", objects...), asking{Page: 1})
			if err != nil {
				t.Fatal(err)
			}
			if tt.says != "" {
				if len(r.Picture) > 0 || len(r.Unread) != 1 || !strings.Contains(r.Unread[0], tt.says) {
					t.Errorf("a picture of %d bytes, %q; want none, and %q", len(r.Picture), r.Unread, tt.says)
				}
				return
			}
			shown, _, err := image.Decode(bytes.NewReader(r.Picture))
			if err != nil {
				t.Fatalf("%v, %q", err, r.Unread)
			}
			at := shown.Bounds()
			if light, _, _, _ := shown.At(330*at.Dx()/595, (842-410)*at.Dy()/842).RGBA(); (light < 0x8000) != tt.dark {
				t.Errorf("where the patch is it is %x", light)
			}
		})
	}
}
