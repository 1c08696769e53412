package documents

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// printed are pages of a paper of ours, at so many dots to the inch.
func printed(t testing.TB, dpi, pages int) (all []*image.Gray, want []PageCode) {
	t.Helper()
	d := papers(press(true))["agreement"]
	pdf, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	paper := filepath.Join(dir, "paper.pdf")
	if err := os.WriteFile(paper, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	tool(t, "pdftoppm", "-r", fmt.Sprint(dpi), "-l", fmt.Sprint(pages), "-gray", "-png", paper, filepath.Join(dir, "page"))
	files, err := filepath.Glob(filepath.Join(dir, "page-*.png"))
	if err != nil || len(files) != pages {
		t.Fatalf("%d pages: %v", len(files), err)
	}
	slices.Sort(files)
	for i, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		picture, err := png.Decode(f)
		if err != nil {
			t.Fatal(err)
		}
		code := d.code(len(layOut(d).pages))
		code.Page = i + 1
		grey := image.NewGray(picture.Bounds())
		draw.Draw(grey, grey.Rect, picture, grey.Rect.Min, draw.Src)
		all, want = append(all, grey), append(want, code)
	}
	return all, want
}

// spoilings are what happens to pages between a printer and the office.
var spoilings = map[string]func(*image.Gray, *rand.Rand) *image.Gray{
	"as it is":          func(g *image.Gray, _ *rand.Rand) *image.Gray { return g },
	"one bit":           func(g *image.Gray, _ *rand.Rand) *image.Gray { return oneBit(g, 150) },
	"one bit, dark":     func(g *image.Gray, r *rand.Rand) *image.Gray { return oneBit(turned(noisy(g, r, 15), 5), 200) },
	"one bit, askew":    func(g *image.Gray, r *rand.Rand) *image.Gray { return oneBit(turned(noisy(g, r, 25), 1), 150) },
	"JPEG 60":           func(g *image.Gray, _ *rand.Rand) *image.Gray { return jpegged(g, 60) },
	"JPEG 30":           func(g *image.Gray, _ *rand.Rand) *image.Gray { return jpegged(g, 30) },
	"turned 0.5":        func(g *image.Gray, _ *rand.Rand) *image.Gray { return turned(g, 0.5) },
	"turned 2":          func(g *image.Gray, _ *rand.Rand) *image.Gray { return turned(g, 2) },
	"turned 5":          func(g *image.Gray, _ *rand.Rand) *image.Gray { return turned(g, -5) },
	"turned 45":         func(g *image.Gray, _ *rand.Rand) *image.Gray { return turned(g, 45) },
	"on its side":       func(g *image.Gray, _ *rand.Rand) *image.Gray { return turned(g, 90) },
	"upside down":       func(g *image.Gray, _ *rand.Rand) *image.Gray { return turned(g, 180) },
	"noise 15":          func(g *image.Gray, r *rand.Rand) *image.Gray { return noisy(g, r, 15) },
	"noise 40":          func(g *image.Gray, r *rand.Rand) *image.Gray { return noisy(g, r, 40) },
	"turned, noisy, 30": func(g *image.Gray, r *rand.Rand) *image.Gray { return jpegged(noisy(turned(g, 2), r, 20), 30) },
	"blurred, and worse": func(g *image.Gray, r *rand.Rand) *image.Gray {
		return jpegged(noisy(turned(smoothed(smoothed(g)), 3), r, 20), 30)
	},
	"a photograph": func(g *image.Gray, r *rand.Rand) *image.Gray { return jpegged(noisy(photographed(g), r, 6), 75) },
}

func TestCodesAreReadFromSpoiltPages(t *testing.T) {
	for dpi, least := range map[int]float64{100: 0.9, 150: 1, 300: 1} {
		pages := map[int]int{100: 3, 150: 2, 300: 1}[dpi]
		t.Run(fmt.Sprint(dpi), func(t *testing.T) {
			clean, want := printed(t, dpi, pages)
			all, seen := 0, 0
			for name, spoil := range spoilings {
				r := rand.New(rand.NewPCG(1, uint64(dpi)))
				n := 0
				for i, page := range clean {
					if found := codesIn(spoil(page, r)); slices.Contains(found, want[i]) {
						n++
					} else if len(found) > 0 {
						t.Errorf("%s: page %d is read as %v", name, i+1, found)
					}
				}
				if n < pages {
					t.Logf("%s: %d of %d pages", name, n, pages)
				}
				all, seen = all+pages, seen+n
			}
			if share := float64(seen) / float64(all); share < least {
				t.Errorf("%d of %d pages are read, want %.0f %%", seen, all, least*100)
			}
		})
	}
}

func oneBit(g *image.Gray, level uint8) *image.Gray {
	out := image.NewGray(g.Rect)
	for i, v := range g.Pix {
		if v >= level {
			out.Pix[i] = 255
		}
	}
	return out
}

func jpegged(g *image.Gray, quality int) *image.Gray {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, g, &jpeg.Options{Quality: quality}); err != nil {
		panic(err)
	}
	picture, err := jpeg.Decode(&b)
	if err != nil {
		panic(err)
	}
	return picture.(*image.Gray)
}

func noisy(g *image.Gray, r *rand.Rand, deviation float64) *image.Gray {
	out := image.NewGray(g.Rect)
	for i, v := range g.Pix {
		out.Pix[i] = uint8(min(max(float64(v)+r.NormFloat64()*deviation, 0), 255))
	}
	return out
}

// turned is a page turned by degrees, on white.
func turned(g *image.Gray, degrees float64) *image.Gray {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	w, h := float64(g.Rect.Dx()), float64(g.Rect.Dy())
	wide, high := math.Abs(w*cos)+math.Abs(h*sin), math.Abs(w*sin)+math.Abs(h*cos)
	return drawnFrom(g, int(wide+0.5), int(high+0.5), func(x, y float64) (float64, float64) {
		x, y = x-wide/2, y-high/2
		return x*cos + y*sin + w/2, -x*sin + y*cos + h/2
	})
}

// photographed is a page seen from one side, with a shadow on it.
func photographed(g *image.Gray) *image.Gray {
	w, h := float64(g.Rect.Dx()), float64(g.Rect.Dy())
	out := drawnFrom(g, int(w*1.2), int(h*1.2), func(x, y float64) (float64, float64) {
		x, y = x-w*0.1, y-h*0.1
		far := 1 + 0.12*x/w + 0.08*y/h
		return x / far * 1.08, (y + 0.03*x) / far * 1.05
	})
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			light := 0.9 - 0.5*float64(x)/float64(out.Rect.Dx())
			out.Pix[y*out.Stride+x] = uint8(float64(out.Pix[y*out.Stride+x]) * light)
		}
	}
	return out
}

func drawnFrom(g *image.Gray, wide, high int, from func(x, y float64) (float64, float64)) *image.Gray {
	s := &shade{grey: g, wide: g.Rect.Dx(), high: g.Rect.Dy()}
	out := image.NewGray(image.Rect(0, 0, wide, high))
	for y := range high {
		for x := range wide {
			out.Pix[y*out.Stride+x] = uint8(s.at(from(float64(x)+0.5, float64(y)+0.5)) + 0.5)
		}
	}
	return out
}

// Grain is not looked at, and every page is, however bad.
func TestGrainIsNotLookedAt(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 4))
	for _, dpi := range []int{100, 150} {
		clean, _ := printed(t, dpi, 1)
		for name, spoil := range spoilings {
			if onlyGrain(reduced(spoil(clean[0], r), workingSide)) {
				t.Errorf("%s, with %d dots to the inch, is taken for grain", name, dpi)
			}
		}
		pale := image.NewGray(clean[0].Rect)
		for i, v := range clean[0].Pix {
			pale.Pix[i] = 200 + v/8
		}
		if onlyGrain(noisy(pale, r, 6)) {
			t.Errorf("a pale page, with %d dots to the inch, is taken for grain", dpi)
		}
		dark, mid := image.NewGray(clean[0].Rect), image.NewGray(clean[0].Rect)
		for i := range mid.Pix {
			mid.Pix[i] = 128
		}
		for name, page := range map[string]*image.Gray{
			"black": dark, "dark noise": noisy(dark, r, 25), "as JPEG": jpegged(noisy(dark, r, 25), 50), "grey": noisy(mid, r, 40), "of one bit": oneBit(noisy(mid, r, 40), 128),
		} {
			if !onlyGrain(page) {
				t.Errorf("%s, with %d dots to the inch, is looked at", name, dpi)
			}
		}
	}
}

// A picture that looks like nothing but codes costs no more than one of a page: they are
// tried so many times, and no more.
func TestLookingHasAnEnd(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	for name, tt := range map[string]struct {
		page  *image.Gray
		tries [2]int // least and most of one look
	}{
		"dark noise":  {noisy(image.NewGray(image.Rect(0, 0, 1240, 1754)), r, 25), [2]int{0, 8}},
		"coarse":      {doubled(doubled(noisy(oneBit(noisy(image.NewGray(image.Rect(0, 0, 310, 438)), r, 90), 60), r, 10))), [2]int{0, 8}},
		"empty codes": {emptyCodes(1240, 1754), [2]int{maxTries, maxTries}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShade(tt.page)
			found := s.codes()
			if len(found) > 0 || s.tries < tt.tries[0] || s.tries > tt.tries[1] {
				t.Errorf("%d tries, found %v; want from %d to %d", s.tries, found, tt.tries[0], tt.tries[1])
			}
		})
	}
}

// emptyCodes is a page full of codes that say nothing: corner marks with dots that take
// turns between each and the next, so that any three of them may be a code's.
func emptyCodes(wide, high int) *image.Gray {
	const dot, pitch = 4, 22
	page := image.NewGray(image.Rect(0, 0, wide, high))
	for y := range high {
		for x := range wide {
			u, v := x/dot%pitch, y/dot%pitch
			far := max(min(u, pitch-u), min(v, pitch-v))
			black := far <= 4 && far != 2 && far != 4
			if far > 4 {
				black = u%2 == 1 && (v == 3 || v == pitch-3) || v%2 == 1 && (u == 3 || u == pitch-3)
			}
			if !black {
				page.Pix[y*page.Stride+x] = 255
			}
		}
	}
	return page
}
