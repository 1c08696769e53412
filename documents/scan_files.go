package documents

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"slices"
	"strings"

	"golang.org/x/image/tiff"

	"darsd/dars"
)

// A leaf is one page of a copy that came as pictures, as scanners and telephones write
// them.
type leaf struct {
	file []byte
	form dars.CopyForm
	at   uint32 // where its directory stands, of a page in a TIFF
}

// readPictures returns what is asked of a copy that came as pictures.
func readPictures(file []byte, form dars.CopyForm, asked asking) (r Reading, err error) {
	leaves, err := leavesOf(file, form)
	if err != nil {
		return r, err
	}
	r.Pages = len(leaves)
	switch {
	case r.Pages < 1 || r.Pages > maxReadPages:
		return Reading{}, fmt.Errorf("it has %d pages", r.Pages)
	case asked.Page > r.Pages:
		return r, nil // which says how many there are
	case asked.Page > 0:
		if r.Picture, err = leaves[asked.Page-1].forEyes(); err != nil {
			r.Unread = []string{firstWords(err.Error())}
		}
		return r, nil
	}
	r.Text = make([]string, r.Pages)
	r.Scan = looked(r.Pages, func(n int) ([]PageCode, error) { return leaves[n].codes() })
	return r, nil
}

// leavesOf takes a copy apart into its pages.
func leavesOf(file []byte, form dars.CopyForm) (all []leaf, err error) {
	switch form {
	case dars.CopyTIFF:
		return pagesOfTIFF(file)
	case dars.CopyJPEG, dars.CopyPNG:
		return []leaf{{file: file, form: form}}, nil
	case dars.CopyBundle:
		return bundled(file)
	}
	return nil, errors.New("it is no picture")
}

// bundled takes apart the pictures that the office has put together.
func bundled(file []byte) (all []leaf, err error) {
	from := tar.NewReader(bytes.NewReader(file))
	for {
		head, err := from.Next()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		one, err := io.ReadAll(io.LimitReader(from, maxPaper+1))
		if err != nil || len(one) > maxPaper {
			return nil, errors.New("a picture in it cannot be read")
		}
		form := dars.CopyFormOf(one)
		if !form.IsPicture() {
			return nil, fmt.Errorf("%s is no picture", short(line(head.Name)))
		}
		leaves, err := leavesOf(one, form)
		if err != nil {
			return nil, err
		}
		if all = append(all, leaves...); len(all) > maxReadPages {
			return nil, fmt.Errorf("it has more than %d pages", maxReadPages)
		}
	}
}

// pagesOfTIFF follows the directories of a TIFF, one for each page (TIFF 6.0, 2).
func pagesOfTIFF(file []byte) (all []leaf, err error) {
	order := orderOf(file)
	if len(file) < 8 {
		return nil, errors.New("it breaks off")
	}
	var been []uint32
	for at := order.Uint32(file[4:]); at != 0; {
		if int64(at)+2 > int64(len(file)) || slices.Contains(been, at) || len(all) >= maxReadPages {
			return nil, errors.New("it does not say where its pages are")
		}
		been, all = append(been, at), append(all, leaf{file, dars.CopyTIFF, at})
		next := int64(at) + 2 + 12*int64(order.Uint16(file[at:]))
		if next+4 > int64(len(file)) {
			break // some leave out that there is no other
		}
		at = order.Uint32(file[next:])
	}
	return all, nil
}

func orderOf(tiff []byte) binary.ByteOrder {
	if bytes.HasPrefix(tiff, []byte("MM")) {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// codes are those of the page.
func (s leaf) codes() (found []PageCode, err error) {
	picture, err := s.decode()
	if err != nil {
		return nil, err
	}
	return codesIn(greyOf(picture)), nil
}

// forEyes is the page for a person.
func (s leaf) forEyes() ([]byte, error) {
	picture, err := s.decode()
	if err != nil {
		return nil, err
	}
	return forEyes(picture)
}

// decode reads the page.
func (s leaf) decode() (picture image.Image, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			picture, err = nil, fmt.Errorf("%v", broken)
		}
	}()
	config, decode := png.DecodeConfig, png.Decode
	switch s.form {
	case dars.CopyJPEG:
		return photograph(s.file)
	case dars.CopyTIFF: // the library reads the page with which a file begins
		orderOf(s.file).PutUint32(s.file[4:], s.at)
		config, decode = tiff.DecodeConfig, tiff.Decode
	}
	shape, err := config(bytes.NewReader(s.file))
	if err == nil {
		err = roomy(shape)
	}
	if err != nil {
		return nil, plainly(err)
	}
	picture, err = decode(bytes.NewReader(s.file))
	return picture, plainly(err)
}

// roomy refuses a picture that needs more memory than a page does: one in colour with 600
// dots to the inch of A3.
func roomy(c image.Config) error {
	each := 4 // bytes of a dot
	switch c.ColorModel {
	case color.GrayModel:
		each = 1
	case color.RGBA64Model, color.NRGBA64Model:
		each = 8
	}
	if c.Width < 1 || c.Height < 1 || c.Width > 4*maxSamples/each/c.Height {
		return fmt.Errorf("it has %d by %d dots", c.Width, c.Height)
	}
	return nil
}

// plainly is what the libraries say of a picture, so that its sender can do something.
func plainly(err error) error {
	if err == nil {
		return nil
	}
	if strings.Contains(err.Error(), "compression value 6") || strings.Contains(err.Error(), "compression value 7") {
		return errors.New("it is a JPEG within a TIFF, which this program does not read")
	}
	return err
}
