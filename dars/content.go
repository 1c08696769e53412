package dars

import (
	"archive/zip"
	"bytes"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// Contents are the kinds of files that the office takes as evidence, each with
// the endings of names that claim it.
var Contents = []struct {
	Type    string
	Endings []string
}{
	{"PDF", []string{".pdf"}},
	{"PNG", []string{".png"}},
	{"JPEG", []string{".jpg", ".jpeg"}},
	{"TIFF", []string{".tif", ".tiff"}},
	{"DOCX", []string{".docx"}},
	{"XLSX", []string{".xlsx"}},
	{"text", []string{".txt", ".text", ".md", ".csv"}},
}

// TypeOf says what a file is by its content, or refuses one that is nothing that
// an officer can be asked to open, or that its name says is something else.
func TypeOf(name string, content []byte) (string, error) {
	is, why := sniff(content)
	if why != "" {
		return "", Refuse("bad-evidence", name, "%s %s: send a PDF, a picture (PNG, JPEG or TIFF), DOCX, XLSX or plain text", name, why)
	}
	ending := strings.ToLower(path.Ext(name))
	for _, c := range Contents {
		if c.Type == is && (ending == "" || slices.Contains(c.Endings, ending)) {
			return is, nil
		}
	}
	return "", Refuse("bad-evidence", name, "%s is %s by its content, and its name says otherwise: give it the name of what it is", name, is)
}

// marks are how files begin: those of a kind that is taken, and those that are
// none, with what to say of them.
var marks = []struct{ begin, is, why string }{
	{"%PDF-", "PDF", ""},
	{"\x89PNG\r\n\x1a\n", "PNG", ""},
	{"\xff\xd8\xff", "JPEG", ""},
	{"II*\x00", "TIFF", ""},
	{"MM\x00*", "TIFF", ""},
	{"MZ", "", "is a program"},
	{"\x7fELF", "", "is a program"},
	{"\xcf\xfa\xed\xfe", "", "is a program"},
	{"\xca\xfe\xba\xbe", "", "is a program"},
	{"#!", "", "is a program"},
	{"\xd0\xcf\x11\xe0", "", "is of an old office program, whose files can hold programs"},
}

// sniff says what some content is, or why it is nothing that is taken.
func sniff(content []byte) (is, why string) {
	if len(content) == 0 {
		return "", "is empty"
	}
	for _, m := range marks {
		if bytes.HasPrefix(content, []byte(m.begin)) {
			return m.is, m.why
		}
	}
	if bytes.HasPrefix(content, []byte("PK\x03\x04")) {
		return office(content)
	}
	if plain(content) {
		return "text", ""
	}
	return "", "is of no kind that the office knows"
}

// office tells the two kinds of documents that are zip archives from others, and
// from those that hold programs.
func office(content []byte) (is, why string) {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return "", "is a damaged archive"
	}
	why = "is an archive"
	for _, f := range z.File {
		switch {
		case strings.Contains(strings.ToLower(f.Name), "vbaproject"):
			return "", "holds a program"
		case f.Name == "word/document.xml":
			is, why = "DOCX", ""
		case f.Name == "xl/workbook.xml":
			is, why = "XLSX", ""
		}
	}
	return is, why
}

// plain reports whether content is text: of UTF-8 or of an older Western
// encoding, with no characters that control a machine.
func plain(content []byte) bool {
	for _, c := range content {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' || c == 0x7f {
			return false
		}
	}
	if utf8.Valid(content) {
		return true
	}
	odd := 0
	for _, c := range content {
		if c >= 0x80 {
			odd++
		}
	}
	return odd*4 < len(content) // some accents and quotation marks, not a cipher
}
