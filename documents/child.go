package documents

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf16"

	"github.com/ledongthuc/pdf"

	"darsd/dars"
	"darsd/documents/signed"
)

// What a child may use for one paper.
const (
	maxMemory    = 3 << 30 // bytes of address space, on top of what it starts with
	maxSeconds   = 15      // of the processor
	maxReadPages = 2000
	maxText      = 8 << 20 // bytes, of all pages together
	maxForms     = 6       // forms within forms
	maxPagesDeep = 32      // branches of the tree of pages
)

// Child reads one paper, a PDF or pictures of its pages, from its input and writes what it says to its output. It
// is run in a process of its own, started by [Reader.Read]; the program's
// command for it is one line. It limits itself before it reads anything.
func Child(in io.Reader, out io.Writer) int {
	if err := limit(); err != nil {
		return 3
	}
	if _, err := io.WriteString(out, greeting); err != nil {
		return 3
	}
	var said statement
	asked, paper, err := question(in)
	if err == nil {
		said.Reading, err = parse(paper, asked)
	}
	if err != nil {
		said.Reading, said.Wrong = Reading{}, firstWords(err.Error())
	}
	if json.NewEncoder(out).Encode(said) != nil {
		return 3
	}
	return 0
}

// An asking is the line before the paper that says what is wanted.
type asking struct {
	Page int `json:"page,omitempty"` // the page whose picture is wanted; 0: what the paper says
}

func question(in io.Reader) (asked asking, paper []byte, err error) {
	all, err := io.ReadAll(io.LimitReader(in, maxPaper+1024))
	if err != nil {
		return asked, nil, err
	}
	line, paper, _ := bytes.Cut(all, []byte("\n"))
	return asked, paper, json.Unmarshal(line, &asked)
}

// limit takes from the process what a paper never needs. The kernel then ends
// it, whatever the paper makes the library do.
func limit() error {
	debug.SetMemoryLimit(1 << 30) // collect early, long before the address space ends
	now, err := addressSpace()
	if err != nil {
		return err
	}
	for which, most := range map[int]uint64{
		syscall.RLIMIT_AS:     now + maxMemory,
		syscall.RLIMIT_CPU:    maxSeconds,
		syscall.RLIMIT_NOFILE: maxFiles,
		syscall.RLIMIT_FSIZE:  maxFile,
		syscall.RLIMIT_CORE:   0, // a dump would hold the paper
	} {
		if err := syscall.Setrlimit(which, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
			return fmt.Errorf("limit %d: %w", which, err)
		}
	}
	return confine()
}

// addressSpace is what the process has taken so far: little, but terabytes when
// it is built to look for races.
func addressSpace() (uint64, error) {
	stat, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	var pages uint64
	if _, err := fmt.Sscan(string(stat), &pages); err != nil {
		return 0, err
	}
	return pages * uint64(os.Getpagesize()), nil
}

// firstWords shortens what the library says, which may hold parts of the paper.
func firstWords(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return short(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(s, "")))
}

// parse returns what is asked of a paper. The library reports what it does not like by
// panicking.
func parse(paper []byte, asked asking) (r Reading, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			r, err = Reading{}, fmt.Errorf("%v", broken)
		}
	}()
	if form := dars.CopyFormOf(paper); form != dars.CopyPDF && form != "" {
		return readPictures(paper, form, asked)
	}
	r.Signed = signed.Read(paper)
	paper = tidy(paper)
	file, err := pdf.NewReader(bytes.NewReader(paper), int64(len(paper)))
	if err != nil {
		return r, err
	}
	pages, err := pagesOf(file)
	if err != nil {
		return Reading{}, err
	}
	r.Pages = len(pages)
	s := scanner{paper: paper, encrypted: !file.Trailer().Key("Encrypt").IsNull()}
	if asked.Page > 0 {
		if asked.Page > r.Pages {
			return r, nil // which says how many there are
		}
		if r.Picture, err = s.page(pages[asked.Page-1]); err != nil {
			r.Unread = []string{firstWords(err.Error())}
		}
		return r, nil
	}
	left := maxText
	for _, page := range pages {
		text := pageText(page, left)
		left -= len(text)
		if left <= 0 {
			return Reading{}, errors.New("it has more text than a paper")
		}
		r.Text = append(r.Text, text)
	}
	if r.Answers, err = answers(file.Trailer().Key("Root").Key("AcroForm")); err != nil {
		return Reading{}, err
	}
	r.Scan = s.scan(pages)
	return r, nil
}

// pagesOf goes through the tree of pages. The library does so anew for each page, and
// without end where the tree is a ring.
func pagesOf(file *pdf.Reader) (all []pdf.Page, err error) {
	if says := file.NumPage(); says < 1 || says > maxReadPages {
		return nil, fmt.Errorf("it says that it has %d pages", says)
	}
	seen := 0
	var walk func(v pdf.Value, deep int) bool
	walk = func(v pdf.Value, deep int) bool {
		if seen++; seen > 2*maxReadPages || deep > maxPagesDeep {
			return false
		}
		if v.Key("Type").Name() == "Page" {
			all = append(all, pdf.Page{V: v})
			return true
		}
		kids := v.Key("Kids")
		for i := range kids.Len() {
			if !walk(kids.Index(i), deep+1) {
				return false
			}
		}
		return true
	}
	whole := walk(file.Trailer().Key("Root").Key("Pages"), 0)
	switch {
	case !whole:
		return nil, errors.New("its pages are a ring, or more than a paper has")
	case len(all) < 1 || len(all) > maxReadPages:
		return nil, fmt.Errorf("it has %d pages", len(all))
	}
	return all, nil
}

// tidy takes off what stands around a PDF, and names a version that the library
// knows: it refuses PDF 2.0, which some signing programs write, by its first
// line alone.
func tidy(paper []byte) []byte {
	paper = bytes.Clone(paper[max(bytes.Index(paper, []byte("%PDF-")), 0):])
	if end := bytes.LastIndex(paper, []byte("%%EOF")); end >= 0 {
		paper = paper[:end+len("%%EOF")]
	}
	if len(paper) > 9 && (bytes.HasPrefix(paper, []byte("%PDF-1.")) || bytes.HasPrefix(paper, []byte("%PDF-2."))) {
		copy(paper, "%PDF-1.7")
		if paper[8] == ' ' || paper[8] == '\t' {
			paper[8] = '\n'
		}
	}
	return paper
}

// pageText is the text of a page in the order in which it is drawn. A page that
// cannot be read has none: one picture in an odd form must not spoil the rest.
func pageText(p pdf.Page, most int) (text string) {
	c := &collector{most: most}
	defer func() {
		if recover() != nil {
			text = c.text.String()
		}
	}()
	if !p.V.IsNull() {
		c.contents(p.V.Key("Contents"), inherited(p.V, "Resources"), 0)
	}
	return strings.ToValidUTF8(c.text.String(), "")
}

// collector gathers the text of one page. The library has the same, but it
// reads only the low byte of each letter of such fonts, joins the parts of a
// page without a space, and looks into no form, where programs that sign or
// stamp a paper often put what was on the page.
type collector struct {
	text strings.Builder
	most int
}

func (c *collector) contents(v, resources pdf.Value, depth int) {
	if v.Kind() == pdf.Array {
		for i := range v.Len() {
			c.stream(v.Index(i), resources, depth)
		}
		return
	}
	c.stream(v, resources, depth)
}

func (c *collector) stream(v, resources pdf.Value, depth int) {
	if v.Kind() != pdf.Stream || depth > maxForms {
		return
	}
	decode := func(s string) string { return s }
	decoders := map[string]func(string) string{}
	pdf.Interpret(v, func(stack *pdf.Stack, op string) {
		args := popAll(stack)
		if c.text.Len() > c.most {
			panic("too much text")
		}
		switch op {
		case "BT", "ET", "T*", "Td", "TD", "Tm":
			c.separate(op, args)
		case "Tf":
			if len(args) == 2 {
				name := args[0].Name()
				if decoders[name] == nil {
					decoders[name] = decoder(resources.Key("Font").Key(name))
				}
				decode = decoders[name]
			}
		case "Tj", "'", `"`:
			if op != "Tj" {
				c.text.WriteByte('\n')
			}
			if len(args) > 0 {
				c.text.WriteString(decode(args[len(args)-1].RawString()))
			}
		case "TJ":
			if len(args) > 0 {
				c.parts(args[0], decode)
			}
		case "Do":
			if len(args) > 0 {
				c.form(resources.Key("XObject").Key(args[0].Name()), resources, depth)
			}
		}
	})
}

// separate puts a line end where the text moves to another line.
func (c *collector) separate(op string, args []pdf.Value) {
	if (op == "Td" || op == "TD") && len(args) == 2 && args[1].Float64() == 0 {
		return // along the line: many programs set each letter like that
	}
	c.text.WriteByte('\n')
}

// parts are pieces of a line with gaps between. A wide gap is a space.
func (c *collector) parts(v pdf.Value, decode func(string) string) {
	for i := range v.Len() {
		switch part := v.Index(i); part.Kind() {
		case pdf.String:
			c.text.WriteString(decode(part.RawString()))
		case pdf.Integer, pdf.Real:
			if part.Float64() < -180 {
				c.text.WriteByte(' ')
			}
		}
	}
}

func (c *collector) form(v, around pdf.Value, depth int) {
	if v.Key("Subtype").Name() != "Form" {
		return
	}
	resources := v.Key("Resources")
	if resources.IsNull() {
		resources = around
	}
	c.text.WriteByte('\n')
	c.stream(v, resources, depth+1)
	c.text.WriteByte('\n')
}

// decoder returns how a font's codes are read. The fonts of some programs use Unicode
// itself for codes and say so in one range, which the library reads wrongly.
func decoder(v pdf.Value) func(string) string {
	if v.Key("Encoding").Name() == "Identity-H" && v.Key("ToUnicode").Kind() == pdf.Stream {
		var head [1024]byte
		n, _ := io.ReadFull(v.Key("ToUnicode").Reader(), head[:])
		if bytes.Contains(head[:n], []byte("<0000> <FFFF> <0000>")) {
			return utf16Text
		}
	}
	font := pdf.Font{V: v}
	encoding := font.Encoder()
	return func(s string) string { return encoding.Decode(s) }
}

func utf16Text(s string) string {
	codes := make([]uint16, 0, len(s)/2)
	for i := 0; i+1 < len(s); i += 2 {
		codes = append(codes, uint16(s[i])<<8|uint16(s[i+1]))
	}
	return string(utf16.Decode(codes))
}

// popAll takes what stands before an operator, in order.
func popAll(stack *pdf.Stack) []pdf.Value {
	args := make([]pdf.Value, stack.Len())
	for i := len(args) - 1; i >= 0; i-- {
		args[i] = stack.Pop()
	}
	return args
}
