package documents

import (
	"bytes"
	"crypto/md5"
	_ "embed"
	"encoding/xml"
	"fmt"
	"strings"
	"text/template"
)

// A standard is what a file is built to, so that it can be read in fifty years:
// a part of ISO 19005 and a level of it.
type standard struct {
	part    int
	level   string
	version string // of PDF
}

var (
	// lasting is how papers are kept: PDF/A-3a, with tags and files attached.
	lasting = standard{3, "A", "1.7"}
	// checked is PDF/A-1b, for which there is a checker that is not ours.
	checked = standard{1, "B", "1.4"}
	// fillable is plain PDF, tagged: a form that is filled in is no longer what it was
	// when it was drawn, and what lasts is what the office takes out of it.
	fillable = standard{version: "1.7"}
)

// An attachment is a file within a paper: its facts for machines.
type attachment struct {
	name, mime, description string
	data                    []byte
}

// Attach puts the facts of a paper into it, for programs to read.
func (d *Doc) Attach(name, mime, description string, data []byte) {
	d.attached = append(d.attached, attachment{name, mime, description, data})
}

// archive completes the pages to a file that lasts: metadata, colours, structure,
// bookmarks and attachments.
func (d *Doc) archive(f *file, s *sheets, owners [][]*tag, to standard) []byte {
	f.numberPages()
	var catalog strings.Builder
	fmt.Fprintf(&catalog, "<</Type /Catalog /Pages 1 0 R /Lang (en-GB) /ViewerPreferences <</DisplayDocTitle true>>")
	fmt.Fprintf(&catalog, " /Metadata %d 0 R", f.stream("/Type /Metadata /Subtype /XML", d.metadata(to)))
	if to != fillable {
		fmt.Fprintf(&catalog, " /OutputIntents [<</Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB IEC61966-2.1) /Info (sRGB IEC61966-2.1) /DestOutputProfile %d 0 R>>]", f.stream("/N 3 /Filter /FlateDecode", colours()))
	}
	var fields []field // elsewhere there is room for a pen
	if to == fillable {
		fields = s.fields
		catalog.WriteString(f.form(fields))
	}
	fmt.Fprintf(&catalog, " /StructTreeRoot %d 0 R /MarkInfo <</Marked true>>", f.structure(s.root, owners, fields))
	if outline := f.outline(s.bookmarks); outline > 0 {
		fmt.Fprintf(&catalog, " /Outlines %d 0 R /PageMode /UseOutlines", outline)
	}
	if to.part >= 3 {
		catalog.WriteString(f.attach(d.attached, d.stamp()))
	}
	f.set(f.root, "%s>>", catalog.String())
	f.set(f.info, "<</Title %s /Subject %s /Author %s%s /Creator (darsd) /Producer (darsd) /CreationDate (%s) /ModDate (%s)>>",
		text(d.name()), text(d.title), text(d.office.Name), d.keywords(), d.stamp(), d.stamp())
	return f.bytes(to.version)
}

// keywords say in whose words the paper is, where they are not all ours.
func (d *Doc) keywords() string {
	if d.changed() == "" {
		return ""
	}
	return " /Keywords " + text(d.changed())
}

// name is the paper's title in the window of a viewer.
func (d *Doc) name() string { return line(d.ref + " " + d.kind) }

// stamp is the paper's date as PDF writes one.
func (d *Doc) stamp() string { return "D:" + strings.ReplaceAll(string(d.date), "-", "") + "000000Z" }

// The metadata say what the file's own dictionary says, again, as XMP, and which
// standard it is built to.
//
//go:embed metadata.xml
var metadataXML string

var metadataTemplate = template.Must(template.New("metadata").Parse(metadataXML))

func (d *Doc) metadata(to standard) []byte {
	var b bytes.Buffer
	facts := map[string]any{"Title": xmlText(d.name()), "Subject": xmlText(d.title), "Author": xmlText(d.office.Name),
		"At": string(d.date) + "T00:00:00Z", "Keywords": xmlText(d.changed()), "Part": to.part, "Level": to.level}
	if err := metadataTemplate.Execute(&b, facts); err != nil {
		panic(err) // of our own template; PDF recovers
	}
	return b.Bytes()
}

func xmlText(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic(err) // into memory: it cannot fail
	}
	return b.String()
}

// attach writes files into the file, and returns what the catalogue says of them.
func (f *file) attach(all []attachment, stamp string) string {
	if len(all) == 0 {
		return ""
	}
	var names, list strings.Builder
	for _, a := range all {
		sum := md5.Sum(a.data) // what the format asks for; nothing rests on it
		body := f.packed(fmt.Sprintf("/Type /EmbeddedFile /Subtype /%s /Params <</Size %d /CheckSum <%x> /ModDate (%s)>>",
			strings.ReplaceAll(a.mime, "/", "#2F"), len(a.data), sum, stamp), a.data)
		spec := f.add("<</Type /Filespec /F %s /UF %s /Desc %s /AFRelationship /Data /EF <</F %d 0 R /UF %d 0 R>>>>",
			text(a.name), text(a.name), text(a.description), body, body)
		fmt.Fprintf(&names, "%s %d 0 R ", text(a.name), spec)
		fmt.Fprintf(&list, "%d 0 R ", spec)
	}
	return fmt.Sprintf(" /Names <</EmbeddedFiles <</Names [%s]>>>> /AF [%s]", names.String(), list.String())
}

// A bookmark is a heading in the margin of a viewer.
type bookmark struct {
	title string
	deep  int // 0 for a heading, 1 for one below it
	page  int
	y     float64 // mm from the top
}

// outline writes the bookmarks, and returns the root of their tree, or 0 when a
// paper is too short to need any.
func (f *file) outline(marks []bookmark) int {
	if len(marks) < 3 {
		return 0
	}
	root := f.add("")
	base := len(f.objects)
	for range marks {
		f.add("")
	}
	f.set(root, "<</Type /Outlines %s>>", f.level(marks, 0, len(marks), root, base))
	return root
}

// level writes the bookmarks from one index to another of which the first is one
// of the top, and returns what their parent says of them.
func (f *file) level(marks []bookmark, from, to, parent, base int) string {
	var tops []int
	for i := from; i < to; i++ {
		if i == from || marks[i].deep <= marks[from].deep {
			tops = append(tops, i)
		}
	}
	for n, i := range tops {
		m, after := marks[i], to
		said := fmt.Sprintf("<</Title %s /Parent %d 0 R /Dest [%d 0 R /XYZ null %.1f null]", text(m.title), parent, f.pages[m.page], (pageHigh-m.y)*pointsPerMM)
		if n > 0 {
			said += fmt.Sprintf(" /Prev %d 0 R", base+tops[n-1])
		}
		if n+1 < len(tops) {
			after = tops[n+1]
			said += fmt.Sprintf(" /Next %d 0 R", base+after)
		}
		if i+1 < after {
			below := f.level(marks, i+1, after, base+i, base)
			said += " " + strings.Replace(below, "/Count ", "/Count -", 1) // closed at first
		}
		f.set(base+i, "%s>>", said)
	}
	return fmt.Sprintf("/First %d 0 R /Last %d 0 R /Count %d", base+tops[0], base+tops[len(tops)-1], len(tops))
}
