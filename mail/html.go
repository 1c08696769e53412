package mail

import (
	"bytes"
	"html/template"
	"strings"
)

// A letter in HTML says what its text says, in the same order, and no more: one
// column, the reader's own letters and size, headings and paragraphs that a screen
// reader finds. It fetches nothing, so nobody learns that it was opened, and holds
// no link that an outsider could have written.
var sheet = template.Must(template.New("letter").Parse(`<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{.Subject}}</title>
</head>
<body style="margin:0 auto;padding:1em;max-width:42em;font-family:sans-serif;line-height:1.45;color:#1a1a1a;background:#ffffff">
{{with .Name}}<p style="font-weight:bold;color:{{$.Colour}}">{{.}}</p>
{{end}}<h1 style="font-size:1.3em">{{.Subject}}</h1>
{{range .Blocks}}{{if .Code}}<pre style="white-space:pre-wrap;padding:.6em;background:#f3f3f3">{{.Text}}</pre>
{{else if .Quote}}<blockquote dir="auto" style="white-space:pre-line;margin:1em 0;padding-left:.8em;border-left:3px solid #767676">{{.Text}}</blockquote>
{{else if .Heading}}<h2 style="font-size:1.1em;margin-top:1.6em">{{.Text}}</h2>
{{else if .Small}}<p dir="auto" style="white-space:pre-line;border-top:1px solid #767676;padding-top:.6em;color:#4a4a4a">{{.Text}}</p>
{{else}}<p dir="auto" style="white-space:pre-line">{{.Text}}</p>
{{end}}{{end}}{{with .Footer}}<p style="font-size:.9em;color:#4a4a4a">{{.}}</p>
{{end}}</body>
</html>
`))

// A block of a letter: a paragraph, or a heading, lines that are to be typed as they
// stand, what somebody else wrote, the signature.
type block struct {
	Text                        string
	Heading, Code, Quote, Small bool
}

// signatureMark is the line above a signature (RFC 3676, 4.3).
const signatureMark = "\n-- \n"

// plainColour is that of an office that has chosen none.
const plainColour = "#00305c"

func (s Stationery) html(about, text string) []byte {
	colour := s.Colour
	if colour == "" {
		colour = plainColour
	}
	var b bytes.Buffer
	err := sheet.Execute(&b, struct {
		Name, Subject, Footer string
		Colour                string
		Blocks                []block
	}{oneLine(s.Name), oneLine(about), oneLine(s.Footer), colour, blocks(text)})
	if err != nil {
		panic(err) // a sheet and facts of ours
	}
	return b.Bytes()
}

// blocks takes a text apart at its empty lines.
func blocks(text string) (all []block) {
	signature := ""
	if i := strings.LastIndex(text, signatureMark); i >= 0 {
		text, signature = text[:i], text[i+len(signatureMark):]
	}
	var lines []string
	end := func() {
		if len(lines) == 0 {
			return
		}
		all, lines = append(all, blockOf(lines)), nil
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, " \t\n"); line == "" {
			end()
			continue
		}
		if len(lines) > 0 && isQuoted(line) != isQuoted(lines[0]) {
			end()
		}
		lines = append(lines, line)
	}
	end()
	if signature = strings.TrimSpace(signature); signature != "" {
		all = append(all, block{Text: signature, Small: true})
	}
	return all
}

// blockOf tells by how lines stand what they are.
func blockOf(lines []string) block {
	if isQuoted(lines[0]) {
		for i, l := range lines {
			lines[i] = strings.TrimPrefix(l[1:], " ")
		}
		return block{Text: strings.Join(lines, "\n"), Quote: true}
	}
	if len(lines) == 2 && len(lines[1]) >= 3 && strings.Trim(lines[1], "-") == "" {
		return block{Text: lines[0], Heading: true}
	}
	b := block{Text: strings.Join(lines, "\n"), Code: true}
	for _, l := range lines {
		b.Code = b.Code && strings.HasPrefix(l, "    ")
	}
	if b.Code {
		b.Text = strings.TrimPrefix(strings.ReplaceAll(b.Text, "\n    ", "\n"), "    ")
	}
	return b
}

// isQuoted reports whether a line is somebody else's, as plain text shows it. What it
// looks like beside that means nothing.
func isQuoted(line string) bool { return strings.HasPrefix(line, ">") }
