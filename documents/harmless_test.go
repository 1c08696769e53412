package documents

import (
	"fmt"
	"strings"
	"testing"

	"darsd/dars"
)

// What would keep the parser busy for minutes never reaches it, and what is not
// UTF-8 is not guessed at.
func TestHarmless(t *testing.T) {
	keys := func(n int, indent string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "%s%d:\n", indent, i)
		}
		return b.String()
	}
	paragraph := " " + strings.Repeat("x", 40) + "\n"
	tests := map[string]struct{ text, want string }{
		"80,000 names":               {keys(80_000, ""), "which is the most that a form may have"},
		"75,000 names":               {keys(75_000, ""), "it has more than 30000 names"},
		"300 names":                  {keys(300, ""), "line 201: there are more than 200 names in one group"},
		"300 names within":           {"purpose:\n" + keys(300, "  "), "line 202: there are more than 200 names"},
		"300 names in braces":        {"purpose: {" + strings.ReplaceAll(keys(300, ""), "\n", " x,\n") + "}", "line 201: there are more than 200 names"},
		"groups that are larger":     {strings.Repeat("- a:\n"+keys(250, "   "), 2), "line 202: there are more than 200 names"},
		"a question mark":            {"? title\n: x\n", `line 1: "?" is not for forms`},
		"empty lines in many lots":   {"title: |\n" + strings.Repeat(paragraph, 10_000) + strings.Repeat(" x\n"+strings.Repeat("\n", 390), 12), "hundreds of empty lines"},
		"the same as a Mac once had": {"title: |\n" + strings.Repeat(" x"+strings.Repeat("\r", 399)+"\n", 1200), "hundreds of empty lines"},
		"a document of Word":         {"PK\x03\x04\x14\x00\x06\x00", "it is no plain text but a document, such as Word and other programs write: copy what it says into the blank form"},
		"a PDF":                      {"%PDF-1.7\n", "it is no plain text but a document"},
		"Windows-1252":               {"title: x\nsummary: caf\xe9 \x96 one\n", "line 2: it holds a letter that is not written in UTF-8"},
		"UTF-16":                     {"\xff\xfet\x00i\x00t\x00l\x00e\x00", "it is saved as UTF-16: save it as UTF-8"},
		"UTF-16 without its mark":    {"t\x00i\x00t\x00l\x00e\x00:\x00", "it is saved as UTF-16: save it as UTF-8"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			read := ReadApplication([]byte(tt.text))
			if len(read.Wrong) != 1 || !read.Broken || !strings.HasPrefix(read.Wrong[0].String(), strings.TrimSuffix(tt.want, "…")) && !strings.Contains(read.Wrong[0].String(), tt.want) {
				t.Errorf("%.300v, want one mistake with %q", read.Wrong, tt.want)
			}
			if _, err := ReadCertificate([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("as a certificate: %.300v, want %q", err, tt.want)
			}
		})
	}
}

// A form as large as forms get is let in.
func TestALargeFormIsLetIn(t *testing.T) {
	text := "summary: |\n" + strings.Repeat("  "+strings.Repeat("word ", 20)+"\n\n\n", 330) +
		"locations:\n" + strings.Repeat("  - address: Leeds\n    country: England\n    organisation: RA1\n    use: STORAGE\n", 999)
	var read dars.Draft
	for range 2 {
		read = ReadApplication([]byte(text))
	}
	if len(read.Wrong) > 0 || len(read.Form.Locations) != 999 {
		t.Errorf("%.300v, %d places", read.Wrong, len(read.Form.Locations))
	}
}
