package dars

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// A CopyForm is a form in which a signed copy comes back: how the name of such a file
// ends.
type CopyForm string

const (
	CopyPDF    CopyForm = ".pdf"
	CopyJPEG   CopyForm = ".jpg"
	CopyPNG    CopyForm = ".png"
	CopyTIFF   CopyForm = ".tiff" // of any number of pages
	CopyBundle CopyForm = ".tar"  // several pictures, put together by the office
)

// copyMarks are how files of those forms begin. A PDF may have something before it.
var copyMarks = []struct {
	form   CopyForm
	at     int
	begins string
}{
	{CopyJPEG, 0, "\xff\xd8\xff"},
	{CopyPNG, 0, "\x89PNG\r\n\x1a\n"},
	{CopyTIFF, 0, "II*\x00"},
	{CopyTIFF, 0, "MM\x00*"},
	{CopyBundle, 257, "ustar"},
}

// CopyFormOf tells the form of a file by its content, or "". One that two programs would
// take for two forms has none: one person would be shown another thing than the next.
func CopyFormOf(content []byte) (form CopyForm) {
	for _, m := range copyMarks {
		if len(content) > m.at && bytes.HasPrefix(content[m.at:], []byte(m.begins)) {
			form = m.form
		}
	}
	switch pdf := bytes.Contains(content[:min(len(content), 1024)], []byte("%PDF-")); {
	case pdf && form == "":
		return CopyPDF
	case pdf && form != CopyBundle: // of which the first page begins there
		return ""
	}
	return form
}

// IsPicture reports whether it is one picture, or several in one file.
func (f CopyForm) IsPicture() bool { return f == CopyJPEG || f == CopyPNG || f == CopyTIFF }

// pictureEndings are how the names of pictures end.
var pictureEndings = []string{".jpg", ".jpeg", ".png", ".tif", ".tiff"}

// NamedAsPicture reports whether a file has the name of a picture.
func NamedAsPicture(name string) bool {
	return slices.Contains(pictureEndings, strings.ToLower(path.Ext(name)))
}
