package documents

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"

	"github.com/ledongthuc/pdf"
	"golang.org/x/image/ccitt"
)

// unreadable are the forms of pictures that nothing here reads, by their names.
var unreadable = map[string]string{"JPXDecode": "JPEG 2000", "JBIG2Decode": "JBIG2", "Crypt": "an encrypted form"}

// picture reads one of the paper's pictures (ISO 32000-1, 8.9.5). One that stands for
// ink alone is black on white.
func (s *scanner) picture(v pdf.Value) (image.Image, error) {
	w, h := int(v.Key("Width").Int64()), int(v.Key("Height").Int64())
	if w < 1 || h < 1 || w > maxSamples/h {
		return nil, fmt.Errorf("it has %d by %d dots", w, h)
	}
	if s.encrypted {
		return nil, errors.New("the paper is encrypted")
	}
	data, err := packed(s.paper, v)
	if err != nil {
		return nil, err
	}
	data, left, err := unpack(data, filtersOf(v))
	if err != nil {
		return nil, err
	}
	if len(left) == 0 {
		return samples(data, v, w, h)
	}
	switch f := left[0]; f.name {
	case "DCTDecode":
		return photograph(data)
	case "CCITTFaxDecode":
		return fax(data, f.parms, v, w, h)
	default:
		name := unreadable[f.name]
		if name == "" {
			name = "an unknown form"
		}
		return nil, fmt.Errorf("it is in %s, which this program does not read", name)
	}
}

// photograph reads JPEG.
func photograph(data []byte) (image.Image, error) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if c.Width < 1 || c.Height < 1 || c.Width > maxSamples/c.Height {
		return nil, fmt.Errorf("it has %d by %d dots", c.Width, c.Height)
	}
	return jpeg.Decode(bytes.NewReader(data))
}

// fax reads what fax machines and most copiers write: Group 4, and Group 3 in one
// dimension with an end of line behind each (ITU-T T.6 and T.4).
func fax(data []byte, parms, v pdf.Value, w, h int) (image.Image, error) {
	form := ccitt.Group4
	switch k := parms.Key("K").Int64(); {
	case k > 0:
		return nil, errors.New("it is a fax in Group 3 with two dimensions, which this program does not read")
	case k == 0:
		form = ccitt.Group3
	}
	if columns := orElse(parms.Key("Columns"), 1728); columns != w {
		return nil, fmt.Errorf("it has %d columns and rows of %d", w, columns)
	}
	out := image.NewGray(image.Rect(0, 0, w, h))
	for i := range out.Pix {
		out.Pix[i] = 255
	}
	options := ccitt.Options{Invert: parms.Key("BlackIs1").Bool(), Align: parms.Key("EncodedByteAlign").Bool()}
	// A fax that breaks off still shows what came before.
	err := ccitt.DecodeIntoGray(out, bytes.NewReader(data), ccitt.MSB, form, &options)
	if inverted(v) {
		for i := range out.Pix {
			out.Pix[i] = ^out.Pix[i]
		}
	}
	switch {
	case err != nil && allWhite(out) && form == ccitt.Group3:
		return nil, errors.New("it is a fax in Group 3 of a kind that this program does not read")
	case err != nil && allWhite(out):
		return nil, err
	}
	return out, nil
}

// inverted reports whether the lowest value of a picture is its lightest.
func inverted(v pdf.Value) bool {
	d := v.Key("Decode")
	return d.Len() >= 2 && d.Index(0).Float64() > d.Index(1).Float64()
}

func allWhite(g *image.Gray) bool {
	for _, v := range g.Pix {
		if v != 255 {
			return false
		}
	}
	return true
}

// samples reads a picture that is packed like any data: rows of numbers.
func samples(data []byte, v pdf.Value, w, h int) (image.Image, error) {
	bits := orElse(v.Key("BitsPerComponent"), 8)
	if v.Key("ImageMask").Bool() {
		bits = 1
	}
	in, err := coloursOf(v.Key("ColorSpace"), bits)
	if err != nil {
		return nil, err
	}
	if bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16 || w*h > maxSamples/in.n {
		return nil, fmt.Errorf("it has %d bits", bits)
	}
	wide := (w*in.n*bits + 7) / 8
	out := image.NewGray(image.Rect(0, 0, w, h))
	var coloured *image.RGBA
	if in.n == 3 && bits == 8 && maxSamples/4 > w*h {
		coloured = image.NewRGBA(out.Rect)
	}
	flip := inverted(v)
	for y := range h {
		row := make([]byte, wide)
		if y*wide < len(data) {
			copy(row, data[y*wide:])
		} else {
			break
		}
		if flip {
			for i := range row {
				row[i] = ^row[i]
			}
		}
		if coloured != nil {
			for x := range w {
				coloured.SetRGBA(x, y, color.RGBA{row[3*x], row[3*x+1], row[3*x+2], 255})
			}
			continue
		}
		to := out.Pix[y*out.Stride:]
		for x := range w {
			to[x] = in.light(row, x*in.n, bits)
		}
	}
	if coloured != nil {
		return coloured, nil
	}
	return out, nil
}

// A colouring says how numbers become light.
type colouring struct {
	n       int // numbers for each dot
	dark    bool
	palette []uint8 // how light each number is; nil: as it says
}

// light is how light a dot is, of which the first number is the i-th of a row.
func (k colouring) light(row []byte, i, bits int) uint8 {
	if k.palette != nil {
		n := bitsAt(row, i, bits)
		if n >= len(k.palette) {
			return 255
		}
		return k.palette[n]
	}
	var sum int
	for j := range k.n {
		n := bitsAt(row, i+j, bits)
		if bits < 8 {
			n = n * 255 / (1<<bits - 1)
		}
		sum += n
	}
	switch {
	case k.n == 4: // cyan, magenta, yellow, black
		return uint8(max(255-sum, 0))
	case k.dark:
		return uint8(255 - sum/k.n)
	}
	return uint8(sum / k.n)
}

// bitsAt is one number of a row, to eight bits if it has more.
func bitsAt(row []byte, i, bits int) int {
	switch bits {
	case 8:
		return int(row[i])
	case 16:
		return int(row[2*i])
	}
	at := i * bits
	return int(row[at/8]) >> (8 - bits - at%8) & (1<<bits - 1)
}

// coloursOf reads a colour space (8.6).
func coloursOf(space pdf.Value, bits int) (colouring, error) {
	name := space.Name()
	if space.Kind() == pdf.Array {
		name = space.Index(0).Name()
	}
	switch name {
	case "", "DeviceGray", "CalGray", "G":
		return colouring{n: 1}, nil
	case "DeviceRGB", "CalRGB", "RGB":
		return colouring{n: 3}, nil
	case "DeviceCMYK", "CMYK":
		return colouring{n: 4}, nil
	case "ICCBased":
		if n := space.Index(1).Key("N").Int64(); n == 1 || n == 3 || n == 4 {
			return colouring{n: int(n)}, nil
		}
	case "Separation":
		return colouring{n: 1, dark: true}, nil
	case "Indexed", "I":
		base, err := coloursOf(space.Index(1), 8)
		if err != nil || base.palette != nil || bits > 8 {
			return colouring{}, errors.New("its palette is none")
		}
		table := []byte(space.Index(3).RawString())
		if space.Index(3).Kind() == pdf.Stream {
			table = streamOf(space.Index(3))
		}
		k := colouring{n: 1, palette: []uint8{}}
		for i := 0; (i+1)*base.n <= len(table) && i < 256; i++ {
			k.palette = append(k.palette, base.light(table, i*base.n, 8))
		}
		return k, nil
	}
	return colouring{}, fmt.Errorf("it has colours (%s) that this program does not know", short(name))
}

// streamOf is a short stream of text or numbers, as far as the library reads it.
func streamOf(v pdf.Value) []byte {
	var b bytes.Buffer
	from := v.Reader()
	defer from.Close()
	for b.Len() < 1<<16 {
		var part [1024]byte
		n, err := from.Read(part[:])
		b.Write(part[:n])
		if err != nil {
			break
		}
	}
	return b.Bytes()
}

// greyOf is a picture without its colours. Of JPEG the light stands apart already.
func greyOf(picture image.Image) *image.Gray {
	switch p := picture.(type) {
	case *image.Gray:
		return upright(p)
	case *image.YCbCr:
		return &image.Gray{Pix: p.Y, Stride: p.YStride, Rect: image.Rect(0, 0, p.Rect.Dx(), p.Rect.Dy())}
	case *image.RGBA:
		out := image.NewGray(image.Rect(0, 0, p.Rect.Dx(), p.Rect.Dy()))
		for y := range out.Rect.Dy() {
			from := p.Pix[y*p.Stride:]
			to := out.Pix[y*out.Stride : (y+1)*out.Stride]
			for x := range to {
				to[x] = uint8((299*uint32(from[4*x]) + 587*uint32(from[4*x+1]) + 114*uint32(from[4*x+2])) / 1000)
			}
		}
		return out
	}
	out := image.NewGray(image.Rect(0, 0, picture.Bounds().Dx(), picture.Bounds().Dy()))
	if p, ok := picture.(*image.Paletted); ok {
		light := make([]uint8, 256)
		for i, c := range p.Palette {
			light[i] = color.GrayModel.Convert(c).(color.Gray).Y
		}
		for y := range out.Rect.Dy() {
			for x, n := range p.Pix[y*p.Stride:][:out.Rect.Dx()] {
				out.Pix[y*out.Stride+x] = light[n]
			}
		}
		return out
	}
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src) // what is not seen is paper
	draw.Draw(out, out.Rect, picture, picture.Bounds().Min, draw.Over)
	return out
}
