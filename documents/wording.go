package documents

import (
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"text/template"
	syntax "text/template/parse"

	"darsd/dars"
)

// The words of papers stand in words/, one file for each paper, in pieces that
// have names. A paper's function chooses pieces and puts them in order; which
// facts its pieces may name is settled by the type it gives them (see books).
//
// In a piece an empty line ends a paragraph, and a line end is a space. A fact is
// written as papers write it: a day in full, a number with commas, a list with
// "and" before its last.
//
//go:embed words/*.txt
var ourWords embed.FS

// A Wording is what the papers of an office say, and what they look like: our
// words, with the office's own in the place of some.
type Wording struct {
	letterhead Letterhead
	books      map[string]*template.Template // the pieces of each paper
	own        map[string][]string           // of each paper, the names of those that are the office's
	sum        string                        // SHA-256 of the office's files
	broken     error                         // why nothing can be drawn with it
}

// Ours is the wording of an office that has none of its own.
func Ours() *Wording {
	w := &Wording{letterhead: plainHead(), books: map[string]*template.Template{}, own: map[string][]string{}}
	for _, b := range books() {
		text, err := ourWords.ReadFile("words/" + b.name + ".txt")
		if err != nil {
			panic(err) // it is in the program
		}
		pieces, wrong := b.read(b.name+".txt", string(text))
		if len(wrong) > 0 {
			panic(errors.Join(wrong...)) // a test reads them all
		}
		w.books[b.name] = pieces
	}
	return w
}

// ours is read once: nothing changes it.
var ours = sync.OnceValue(Ours)

// ReadWording is our wording with what stands in an office's folder in the place
// of ours: files as in words/ with single pieces, and letterhead.yaml. What does
// not fit is told, each with its file and its line; such a wording draws nothing,
// so that no paper leaves in words that nobody chose.
func ReadWording(folder fs.FS) (*Wording, []error) {
	w := Ours()
	sum := sha256.New()
	entries, err := fs.ReadDir(folder, ".")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return w.unfit(err)
	}
	var wrong []error
	for _, e := range entries {
		if e.IsDir() || strings.HasPrefix(e.Name(), ".") || e.Name() == "README.txt" {
			continue
		}
		text, err := readSmall(folder, e.Name())
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		fmt.Fprintf(sum, "%s %d\n%s", e.Name(), len(text), text)
		switch {
		case e.Name() == letterheadFile:
			wrong = append(wrong, w.letterhead.read(folder, text)...)
		case path.Ext(e.Name()) == ".txt":
			wrong = append(wrong, w.take(e.Name(), string(text))...)
		}
		w.sum = fmt.Sprintf("%x", sum.Sum(nil))
	}
	if len(wrong) > 0 {
		return w.unfit(wrong...)
	}
	return w, nil
}

func (w *Wording) unfit(wrong ...error) (*Wording, []error) {
	w.broken = fmt.Errorf("the office's own wording does not fit: %w", errors.Join(wrong...))
	return w, wrong
}

// take puts the office's pieces of one paper in the place of ours.
func (w *Wording) take(file, text string) []error {
	name := strings.TrimSuffix(file, ".txt")
	i := slices.IndexFunc(books(), func(b book) bool { return b.name == name })
	if i < 0 {
		return []error{fmt.Errorf("%s: there is no paper %q%s", file, name, near(name, slices.Sorted(maps.Keys(w.books))))}
	}
	b := books()[i]
	theirs, wrong := b.read(file, text)
	if len(wrong) > 0 {
		return wrong
	}
	ours := w.books[name]
	for _, t := range pieces(theirs) {
		wrong = append(wrong, b.fits(file, t, ours)...)
		if _, err := ours.AddParseTree(t.Name(), t.Tree); err != nil {
			wrong = append(wrong, err)
		}
		w.own[name] = append(w.own[name], t.Name())
	}
	return wrong
}

// Own lists the pieces that an office says in its own words, "paper: piece".
func (w *Wording) Own() (all []string) {
	for _, name := range slices.Sorted(maps.Keys(w.own)) {
		for _, piece := range w.own[name] {
			all = append(all, name+": "+piece)
		}
	}
	return all
}

// Lacking tells of papers that an office says nearly all in its own words: which
// pieces are ours all the same. They have come since it took ours to begin from, and
// somebody should read them.
func (w *Wording) Lacking() (all []string) {
	for _, name := range slices.Sorted(maps.Keys(w.own)) {
		every := pieces(w.books[name])
		var ours []string
		for _, p := range every {
			if !slices.Contains(w.own[name], p.Name()) {
				ours = append(ours, fmt.Sprintf("%q", p.Name()))
			}
		}
		if n := len(ours); n > 0 && 4*n <= len(every) {
			all = append(all, fmt.Sprintf("%s.txt: the paper says %s in our words and all else in the office's: read it with darsd wording %s, and put it into the file as it is to be", name, both(ours), name))
		}
	}
	return all
}

// Sum is the SHA-256 of the office's files, "" if it has none.
func (w *Wording) Sum() string { return w.sum }

// read takes a file of pieces apart.
func (b book) read(file, text string) (*template.Template, []error) {
	t, err := template.New(file).Option("missingkey=error").Funcs(template.FuncMap{"plural": plural, sayFact: inWords}).Parse(text)
	if err != nil {
		return nil, []error{placed(file, err)}
	}
	var wrong []error
	if t.Tree != nil {
		for _, n := range t.Root.Nodes {
			if blank, ok := n.(*syntax.TextNode); ok && strings.TrimSpace(string(blank.Text)) == "" {
				continue
			}
			before := text[:n.Position()]
			before += text[len(before) : len(text)-len(strings.TrimLeft(text[len(before):], " \t\r\n"))]
			wrong = append(wrong, fmt.Errorf(`%s, line %d: words stand outside of a piece: write {{define "NAME"}} before them and {{end}} after`, file, 1+strings.Count(before, "\n")))
		}
	}
	for _, piece := range pieces(t) {
		wild := append(b.knows(file, piece), b.tame(file, piece)...)
		inParagraphs(piece.Root)
		if len(wild) == 0 {
			wild = b.rehearse(file, piece)
		}
		wrong = append(wrong, wild...)
	}
	return t, wrong
}

// pieces are those of a file, by name.
func pieces(t *template.Template) (all []*template.Template) {
	for _, p := range t.Templates() {
		if p.Name() != t.Name() && p.Tree != nil {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b *template.Template) int { return strings.Compare(a.Name(), b.Name()) })
	return all
}

const (
	paragraphEnd = "\x1e" // nothing that a fact says contains it
	sayFact      = "inWords"
)

var (
	emptyLine = regexp.MustCompile(`\n[ \t\r]*\n\s*`)
	lineEnd   = regexp.MustCompile(`[ \t\r]*\n[ \t]*`)
)

// inParagraphs makes line ends and empty lines of our words what they stand for,
// before any fact is among them: what a stranger wrote ends no paragraph and so
// begins no clause. Each fact goes through inWords.
func inParagraphs(n syntax.Node) {
	switch n := n.(type) {
	case *syntax.ListNode:
		if n == nil {
			return
		}
		for _, each := range n.Nodes {
			inParagraphs(each)
		}
	case *syntax.TextNode:
		n.Text = lineEnd.ReplaceAll(emptyLine.ReplaceAll(n.Text, []byte(paragraphEnd)), []byte(" "))
	case *syntax.ActionNode:
		if len(n.Pipe.Decl) == 0 {
			n.Pipe.Cmds = append(n.Pipe.Cmds, &syntax.CommandNode{NodeType: syntax.NodeCommand, Pos: n.Pos, Args: []syntax.Node{syntax.NewIdentifier(sayFact).SetPos(n.Pos)}})
		}
	case *syntax.IfNode:
		inParagraphs(n.List)
		inParagraphs(n.ElseList)
	case *syntax.RangeNode:
		inParagraphs(n.List)
		inParagraphs(n.ElseList)
	case *syntax.WithNode:
		inParagraphs(n.List)
		inParagraphs(n.ElseList)
	}
}

// inWords writes a fact as papers do.
func inWords(fact any) string {
	said := ""
	switch f := fact.(type) {
	case dars.Day:
		said = f.Long()
	case int:
		said = count(int64(f))
	case int64:
		said = count(f)
	case []string:
		said = both(f)
	default:
		said = fmt.Sprint(f)
	}
	return strings.ReplaceAll(said, paragraphEnd, "")
}

// both joins names as a sentence does: "a, b and c".
func both(all []string) string {
	if n := len(all); n > 1 {
		return strings.Join(all[:n-1], ", ") + " and " + all[n-1]
	}
	return strings.Join(all, "")
}

// plural is a number of things: "1 day", "12 days".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(int64(n)) + " " + many
}

// Worded gives a paper its words: the pieces of a book, and the facts that they
// name.
func (d *Doc) Worded(name string, facts any) {
	d.book, d.facts = name, facts
	if d.pieces = d.wording.books[name]; d.pieces == nil {
		panic("there is no paper " + name) // a mistake of ours, which every test of the paper sees
	}
	if d.version != "" && len(d.wording.own[name]) > 0 {
		d.version += ownWords
	}
}

// Paras adds a piece, a paragraph for each of its own.
func (d *Doc) Paras(piece string) { d.each(piece, d.Para) }

// Clauses adds a piece, a numbered clause for each of its paragraphs.
func (d *Doc) Clauses(piece string) { d.each(piece, d.Clause) }

// Bullets adds a piece, an item for each of its paragraphs.
func (d *Doc) Bullets(piece string) { d.each(piece, d.Bullet) }

// Warn adds a piece in a box.
func (d *Doc) Warn(piece string) { d.each(piece, d.Notice) }

func (d *Doc) each(piece string, add func(string, ...any)) {
	for _, p := range d.paragraphs(piece) {
		add("%s", p)
	}
}

// says is a piece of one paragraph, for where a value stands.
func (d *Doc) says(piece string) string { return strings.Join(d.paragraphs(piece), " ") }

// can reports whether a paper has words for something.
func (d *Doc) can(piece string) bool { return d.pieces.Lookup(piece) != nil }

func (d *Doc) paragraphs(piece string) []string {
	said, err := saying(d.pieces, piece, d.facts)
	if err != nil {
		d.broken = errors.Join(d.broken, fmt.Errorf("the piece %q of %s: %w", piece, d.book, err))
		return nil
	}
	d.said = append(d.said, piece)
	var all []string
	for p := range strings.SplitSeq(said, paragraphEnd) {
		if p = strings.TrimSpace(p); p != "" {
			all = append(all, p)
		}
	}
	return all
}

// changed says which of a paper's words are the office's own, for its metadata;
// "" if none are.
func (d *Doc) changed() string {
	var own []string
	for _, piece := range d.wording.own[d.book] {
		if slices.Contains(d.said, piece) {
			own = append(own, piece)
		}
	}
	if len(own) == 0 {
		return ""
	}
	return fmt.Sprintf("office wording %s: %s", d.wording.sum, strings.Join(own, ", "))
}

// Books are the names of the papers that have words.
func Books() (all []string) {
	for _, b := range books() {
		all = append(all, b.name)
	}
	slices.Sort(all)
	return all
}

// OurWords is the file of a paper's words, to begin one's own from.
func OurWords(book string) []byte {
	text, err := ourWords.ReadFile("words/" + book + ".txt")
	if err != nil {
		return nil
	}
	return text
}
