package documents

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

const crest = `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org" width="60mm" viewBox="0 0 100 40" inkscape:version="1">
  <title>Crest of the office</title>
  <defs id="d1"/>
  <g fill="#00305c" transform="translate(10,0)">
    <rect width="20" height="40"/>
    <path style="fill:#ff0000;stroke:none" d="M30,0h10v20q0 20-10,20z" fill-rule="evenodd"/>
    <circle cx="60" cy="20" r="10" transform="rotate(45 60 20) scale(1)"/>
  </g>
  <polygon points="80,0 100,0 100,40" fill="#0a0"/>
  <path fill="none" d="M0 0L1 1"/>
</svg>`

// letterheadWith is a paper under a letterhead with a logo.
func letterheadWith(t *testing.T, name string, logo []byte) ([]byte, []error) {
	t.Helper()
	w, wrong := ReadWording(fstest.MapFS{"letterhead.yaml": {Data: []byte("logo: " + name + "\n")}, name: {Data: logo}})
	if len(wrong) > 0 {
		return nil, wrong
	}
	p := press(false)
	p.Wording = w
	pdf, err := p.Contract(contractFacts())
	if err != nil {
		t.Fatal(err)
	}
	keep(t, "letterhead-"+filepath.Ext(name)[1:], pdf)
	for _, fault := range faults(pdf, lasting) {
		t.Error(fault)
	}
	return pdf, nil
}

// A drawing is drawn as outlines, in its colours and at its places.
func TestALogoOfOutlines(t *testing.T) {
	pdf, wrong := letterheadWith(t, "crest.svg", []byte(crest))
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	if bytes.Contains(pdf, []byte("/Subtype /Image")) {
		t.Error("it is a picture of pixels")
	}
	page := rendered(t, pdf)
	const left, top, scale = pageWide - right - 40, top - 4, 0.4
	for name, at := range map[string]struct {
		x, y float64
		want color.RGBA
	}{
		"the rectangle":    {20, 20, color.RGBA{0x00, 0x30, 0x5c, 255}},
		"the path":         {44, 10, color.RGBA{0xff, 0, 0, 255}},
		"beside its bend":  {49.6, 39.6, color.RGBA{255, 255, 255, 255}},
		"the circle":       {70, 20, color.RGBA{0x00, 0x30, 0x5c, 255}},
		"beside it":        {61, 11, color.RGBA{255, 255, 255, 255}},
		"the polygon":      {98, 10, color.RGBA{0, 0xaa, 0, 255}},
		"what has no fill": {1, 1, color.RGBA{255, 255, 255, 255}},
	} {
		r, g, b, _ := page.At(int(10*(left+at.x*scale)), int(10*(top+at.y*scale))).RGBA()
		got := color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}
		if got != at.want {
			t.Errorf("%s is %v, not %v", name, got, at.want)
		}
	}
}

// rendered is the first page, ten pixels to the mm.
func rendered(t *testing.T, pdf []byte) image.Image {
	t.Helper()
	if _, err := exec.LookPath("pdftoppm"); err != nil {
		skip(t, "there is no pdftoppm (poppler-utils)")
	}
	file := filepath.Join(t.TempDir(), "paper.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "pdftoppm", "-r", "254", "-f", "1", "-l", "1", "-png", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	page, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// What is not drawn as it would be seen elsewhere is refused, with its line.
func TestALogoThatIsNotDrawn(t *testing.T) {
	tests := map[string]struct{ old, new, want string }{
		"words":                   {"<polygon", "<text>Office</text><polygon", "line 10: <text> is not drawn"},
		"a picture in it":         {"<polygon", `<image href="x.png"/><polygon`, "<image> is not drawn"},
		"a use of another":        {"<polygon", `<use href="#d1"/><polygon`, "<use> is not drawn"},
		"a style sheet":           {`<defs id="d1"/>`, "<defs><style>path{fill:red}</style></defs>", "<style> is not drawn"},
		"a class":                 {"<polygon", `<polygon class="a"`, `class="a" is not drawn`},
		"a gradient":              {`fill="#0a0"`, `fill="url(#g)"`, "take a plain colour"},
		"a colour by name":        {`fill="#0a0"`, `fill="green"`, "take a plain colour"},
		"a stroke":                {`fill="#0a0"`, `stroke="#0a0"`, "make outlines of strokes"},
		"what is seen through":    {`fill="#0a0"`, `fill-opacity="0.5"`, "seen through"},
		"a clip":                  {`fill="#0a0"`, `clip-path="url(#c)"`, "clip-path"},
		"what is hidden":          {`fill="#0a0"`, `display="none"`, "display"},
		"an arc":                  {"q0 20-10,20", "a10 10 0 0 0 10,20", "make curves of them"},
		"a skew":                  {"translate(10,0)", "skewX(10)", "is not read"},
		"round corners":           {`<rect width`, `<rect rx="2" width`, "round corners"},
		"too few numbers":         {"q0 20-10,20", "q0 20-10", "numbers"},
		"no number":               {`cx="60"`, `cx="six"`, "is no number"},
		"a number without end":    {`cx="60"`, `cx="1e300"`, "is no number"},
		"no path":                 {"M30,0h10", "30,0h10", "is no path"},
		"entities":                {"<?xml", `<!DOCTYPE svg [<!ENTITY a "b">]><?xml`, "document type"},
		"no size":                 {`width="60mm" viewBox="0 0 100 40"`, "", "viewBox"},
		"a view of nothing":       {"0 0 100 40", "0 0 0 40", "viewBox"},
		"it breaks off":           {"</svg>", "", "unexpected EOF"},
		"no drawing":              {"<svg", "<html", "<html> stands where it cannot"},
		"a drawing in a drawing":  {"<polygon", "<svg/><polygon", "<svg> stands where it cannot"},
		"nothing is in it":        {crest, `<svg viewBox="0 0 1 1"/>`, "nothing in it"},
		"groups without end":      {"<polygon", strings.Repeat("<g>", 60) + "<polygon", "deep"},
		"more steps than a crest": {"M30,0h10", "M30,0h10" + strings.Repeat("h1", maxSegments), "simpler"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(crest, tt.old, tt.new, 1)
			if bad == crest {
				t.Fatal("nothing was spoilt")
			}
			_, wrong := letterheadWith(t, "crest.svg", []byte(bad))
			if len(wrong) != 1 || !strings.Contains(wrong[0].Error(), tt.want) || !strings.HasPrefix(wrong[0].Error(), "letterhead.yaml: logo: crest.svg: ") {
				t.Errorf("said %v, want %q", wrong, tt.want)
			}
		})
	}
}

// Whatever is in a file that calls itself a drawing, it is drawn or refused.
func FuzzLogo(f *testing.F) {
	f.Add([]byte(crest))
	f.Add([]byte(`<svg viewBox="0 0 9 9"><path d="m1-1.5.5e1 2 3zh2v1s1 2 3 4t1 2"/></svg>`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := readSVG(text)
		if err == nil && (far(d.wide) || far(d.high) || len(d.shapes) == 0) {
			t.Errorf("%+v", d)
		}
	})
}

// Each way of writing the same outline comes to the same.
func TestStepsOfAPath(t *testing.T) {
	const square = "M1 1L3 1L3 3L1 3Z"
	want, err := steps(square)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"M1,1 3,1 3,3 1,3z", "m1 1h2v2h-2z", "M1 1H3V3H1Z", "m1 1 2 0 0 2-2 0z", " M1.0e0,1.\n3 1 3 3 1 3 z ", "M1 1l2,0,0,2-2,0z"} {
		got, err := steps(d)
		if err != nil || len(got) != len(want) {
			t.Errorf("%q: %v %v", d, got, err)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%q: step %d is %v, not %v", d, i, got[i], want[i])
			}
		}
	}
	smooth, err := steps("M0 0C0 1 1 2 2 2S4 1 4 0M0 0Q1 1 2 0T4 0")
	if err != nil || smooth[2].to[0] != (spot{3, 2}) || smooth[5].to[0].y >= 0 {
		t.Errorf("%v %v", smooth, err)
	}
}

// A photograph is a logo too.
func TestALogoOfPixels(t *testing.T) {
	picture := image.NewRGBA(image.Rect(0, 0, 80, 40))
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, nil); err != nil {
		t.Fatal(err)
	}
	if pdf, wrong := letterheadWith(t, "logo.jpg", out.Bytes()); len(wrong) > 0 || !bytes.Contains(pdf, []byte("/Subtype /Image")) {
		t.Error(wrong)
	}
}
