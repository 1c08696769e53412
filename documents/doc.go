// Package documents is paper out and paper in: it draws the papers of a data
// release office, and it reads what comes back.
//
// There is one file for each paper. A paper is first put together as a Doc,
// which is only words in order, and then drawn as a PDF by one function for all
// of them. Wording is therefore tested as text, where a reviewer can read a
// change of contract as a plain change of words, and drawing is tested once.
//
// Every page carries the paper's reference and "page 2 of 5" in its header, as
// text. That is how a signed copy that comes back is known: see [Reader].
//
// Papers that are issued are built to last (PDF/A-3a) and bear the office's [Seal].
// A form that people fill in, the certificate of destruction, is neither: it is plain
// tagged PDF without a seal. PDF/A knows no field that changes, and half of the
// programs that fill in forms write the whole file anew; a seal, even one that allows
// forms to be filled in, would then be shown as broken to people who did what they were
// asked to. What is filled in is a proposal that a person holds against the ledger, and
// whether an empty form is ours the office's own record says.
package documents

import (
	"cmp"
	"fmt"
	"strings"
	"text/template"

	"darsd/dars"
)

// A Press prints the papers of one office.
type Press struct {
	Office    dars.Office
	Rehearsal bool     // every page says so, across the page and at its foot
	Wording   *Wording // nil for ours

	// Seal is the office's, for papers that it issues; nil for what is only looked at.
	Seal func() (Seal, error)
}

// issue draws a paper that the office answers for, and puts its seal on it.
func (p Press) issue(d *Doc) ([]byte, error) {
	pdf, err := d.PDF()
	if err != nil || p.Seal == nil {
		return pdf, err
	}
	seal, err := p.Seal()
	if err != nil {
		return nil, err
	}
	return seal.Put(pdf)
}

// rehearsalWords stand on each page of a paper that is none.
const rehearsalWords = "REHEARSAL: this paper has no effect"

// A Doc is a paper as words in order. Build it from top to bottom. Whatever is
// added goes through clean: papers carry what strangers typed.
type Doc struct {
	kind     string // "Data Sharing Agreement"
	title    string // what this one is about
	ref      string // in the header of every page
	mark     string // there too, on a paper about something else that has this reference
	version  string // of a paper for the public: "version 2"
	date     dars.Day
	office   dars.Office
	rehearse bool
	wording  *Wording

	book   string // whose pieces it says
	pieces *template.Template
	facts  any
	said   []string // pieces
	broken error    // a piece that could not be said

	attached []attachment
	place    string    // the heading or field under which one is
	unshown  []unshown // letters that no font has, by place

	blocks  []block
	section int // the number of the last Section
	clause  int // and of the last Clause in it
}

// A block is one thing below the other on the page.
type block struct {
	kind kind
	text []string
	cols []Col
	rows [][]string
	sign Signature
	bars []Bar

	series []string // of a chart of lines
	points []dars.FigurePoint

	blank Blank     // of an entry or a tick
	cells [][]Blank // of a table
}

type kind int

const (
	heading    kind = iota // text[0]; a numbered one has its number in text[1]
	subheading             // text[0]
	para                   // text[0]
	clause                 // its number and its text
	bullet                 // text[0]
	fact                   // label and value
	notice                 // text[0], in a box
	table
	signature
	entry   // a label, and room to write beside it
	tick    // a box to be ticked, and text[0] beside it
	closing // for whom a letter is: the office, and the role of who answers for it
	chart   // text[0] is its title
)

// A Col is a column of a table.
type Col struct {
	Name  string
	Share int  // of the width, in proportion to the others
	Fill  bool // to be filled in by hand: its cells are high enough for that

	Figures bool // numbers and amounts, which end under one another
}

// A Signature is a block for one party to sign. What is already known is
// printed, and the rest is left to the pen.
type Signature struct {
	For  string // the party
	Name string
	Role string
	Date string

	Fields string // what the names of its fields begin with; "" if it has none
}

// New begins a paper.
func (p Press) New(kind, title, ref string, date dars.Day) *Doc {
	if p.Wording == nil {
		p.Wording = ours()
	}
	d := &Doc{
		wording: p.Wording,
		kind:    line(kind), ref: line(ref), date: date, rehearse: p.Rehearsal,
		office: dars.Office{
			Name: line(p.Office.Name), Address: line(p.Office.Address),
			Telephone: unbroken(p.Office.Telephone), Email: line(p.Office.Email),
		},
	}
	d.title = oneLine(d.enteredAt("the title", title))
	return d
}

// Heading begins a part of the paper.
func (d *Doc) Heading(s string) {
	d.place = line(s)
	d.blocks = append(d.blocks, block{kind: heading, text: []string{d.enteredLine(s), ""}})
}

// Section is a Heading with a number, for what people will quote.
func (d *Doc) Section(s string) {
	d.section, d.clause, d.place = d.section+1, 0, line(s)
	d.blocks = append(d.blocks, block{kind: heading, text: []string{d.enteredLine(s), fmt.Sprint(d.section)}})
}

// Part is a Heading with a number that is not ours to give, such as that of a
// section of the form.
func (d *Doc) Part(number, s string) {
	d.place = line(s)
	d.blocks = append(d.blocks, block{kind: heading, text: []string{d.enteredLine(s), d.enteredLine(number)}})
}

// Subheading begins a part of a part.
func (d *Doc) Subheading(s string) {
	d.place = line(s)
	d.add(subheading, d.enteredLine(s))
}

// Para adds a paragraph of our own words.
func (d *Doc) Para(format string, a ...any) { d.add(para, d.entered(fmt.Sprintf(format, a...))) }

// Clause adds a paragraph with a number within its section.
func (d *Doc) Clause(format string, a ...any) {
	d.clause++
	d.add(clause, fmt.Sprintf("%d.%d", d.section, d.clause), d.entered(fmt.Sprintf(format, a...)))
}

// Bullet adds an item of a list.
func (d *Doc) Bullet(format string, a ...any) { d.add(bullet, d.entered(fmt.Sprintf(format, a...))) }

// Notice adds a paragraph in a box, for what must not be missed.
func (d *Doc) Notice(format string, a ...any) { d.add(notice, d.entered(fmt.Sprintf(format, a...))) }

// Fact adds a row of a label and a value; a value that is empty shows a dash,
// so that nobody has to guess whether it was forgotten.
func (d *Doc) Fact(label, format string, a ...any) {
	value := strings.TrimSpace(d.enteredAt(line(label), fmt.Sprintf(format, a...)))
	if value == "" {
		value = "—"
	}
	d.add(fact, d.enteredLine(label), value)
}

// Entry adds a label and room to write beside it.
func (d *Doc) Entry(label string) { d.add(entry, d.enteredLine(label)) }

// Text adds what somebody else wrote, as long as it may be. An empty line ends
// a paragraph; lines that begin with a hyphen, an asterisk, a dot or a tilde
// are list items, as people make them in forms.
func (d *Doc) Text(s string) {
	if strings.TrimSpace(s) == "" {
		d.add(para, "None stated.")
		return
	}
	var run []string
	flush := func() {
		if len(run) > 0 {
			d.add(para, strings.Join(run, "\n"))
			run = nil
		}
	}
	for _, l := range strings.Split(d.entered(s), "\n") {
		l = strings.TrimSpace(l)
		item, ok := listItem(l)
		switch {
		case l == "":
			flush()
		case ok:
			flush()
			d.add(bullet, item)
		default:
			run = append(run, l)
		}
	}
	flush()
}

// listItem takes the mark off a line that is an item of a list.
func listItem(l string) (string, bool) {
	for _, mark := range []string{"- ", "* ", "• ", "~ ", "~", "•", "– "} {
		if rest, ok := strings.CutPrefix(l, mark); ok && strings.TrimSpace(rest) != "" {
			return strings.TrimSpace(rest), true
		}
	}
	return "", false
}

// Table adds a table. A row has a cell for each column.
func (d *Doc) Table(cols []Col, rows [][]string) {
	tidy := make([][]string, len(rows))
	for i, row := range rows {
		tidy[i] = make([]string, len(cols))
		for j := range min(len(row), len(cols)) {
			tidy[i][j] = strings.TrimSpace(d.enteredAt(cmp.Or(line(cols[j].Name), d.place), row[j]))
		}
	}
	d.blocks = append(d.blocks, block{kind: table, cols: cols, rows: tidy})
}

// Sign adds a block for a party to sign.
func (d *Doc) Sign(s Signature) {
	d.blocks = append(d.blocks, block{kind: signature,
		sign: Signature{d.enteredLine(s.For), d.enteredLine(s.Name), d.enteredLine(s.Role), d.enteredLine(s.Date), s.Fields}})
}

// Close ends a letter: it is the office's, and where one person has decided it names
// the role. Nobody signs it by hand.
func (d *Doc) Close(role string) { d.add(closing, "For "+d.office.Name, capital(d.enteredLine(role))) }

func (d *Doc) add(k kind, text ...string) { d.blocks = append(d.blocks, block{kind: k, text: text}) }

// WriteText returns the paper as plain text, for tests and for mail.
func (d *Doc) WriteText() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n%s\n%s\n%s\n", d.office.Name, strings.ToUpper(d.kind), d.title, joined(", ", d.ref, d.version), d.date.Long())
	if d.rehearse {
		fmt.Fprintln(&b, rehearsalWords)
	}
	var last kind = -1
	for _, bl := range d.whole() {
		if bl.kind != last || bl.kind == para || bl.kind == clause || bl.kind == signature || bl.kind == chart || bl.kind == closing {
			b.WriteByte('\n')
		}
		last = bl.kind
		bl.writeText(&b)
	}
	return b.String()
}

func (bl block) writeText(b *strings.Builder) {
	switch bl.kind {
	case heading:
		fmt.Fprintf(b, "%s\n", joined(" ", "==", bl.text[1], bl.text[0]))
	case subheading:
		fmt.Fprintf(b, "-- %s\n", bl.text[0])
	case para:
		fmt.Fprintln(b, bl.text[0])
	case clause:
		fmt.Fprintf(b, "%s  %s\n", bl.text[0], bl.text[1])
	case bullet:
		fmt.Fprintf(b, "  - %s\n", bl.text[0])
	case notice:
		fmt.Fprintf(b, "[ %s ]\n", bl.text[0])
	case fact:
		fmt.Fprintf(b, "  %-24s %s\n", bl.text[0], strings.ReplaceAll(bl.text[1], "\n", "\n"+strings.Repeat(" ", 27)))
	case entry:
		fmt.Fprintf(b, "  %-24s %s\n", bl.text[0], cmp.Or(bl.blank.Value, "____________________"))
	case tick:
		fmt.Fprintf(b, "[ ] %s\n", bl.text[0])
	case table:
		names := make([]string, len(bl.cols))
		for i, c := range bl.cols {
			names[i] = c.Name
		}
		for _, row := range append([][]string{names}, bl.rows...) {
			fmt.Fprintf(b, "| %s |\n", strings.ReplaceAll(strings.Join(row, " | "), "\n", " / "))
		}
	case chart:
		fmt.Fprintf(b, "Chart: %s\n  %s\n", bl.text[0], bl.figures())
	case closing:
		fmt.Fprintln(b, joined("\n", bl.text...))
	case signature:
		fmt.Fprintf(b, "Signed for %s\n  Signature: ____________________\n  Name: %s\n  Role: %s\n  Date: %s\n",
			bl.sign.For, bl.sign.Name, bl.sign.Role, bl.sign.Date)
	}
}
