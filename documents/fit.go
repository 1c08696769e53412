package documents

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"text/template"
	syntax "text/template/parse"

	"darsd/dars"
)

// A book is the pieces of one paper: which facts they may name, and which of them
// an office may say otherwise but never leave out.
type book struct {
	name  string
	facts reflect.Type
	must  []string
}

// knows says where a piece names what is not among the facts of its paper.
func (b book) knows(file string, t *template.Template) (wrong []error) {
	r := reading{file: file, tree: t.Tree, top: b.facts}
	r.node(t.Root, b.facts)
	return r.wrong
}

// fits says what is wrong with an office's piece in the place of ours.
func (b book) fits(file string, theirs *template.Template, ours *template.Template) (wrong []error) {
	before := ours.Lookup(theirs.Name())
	if before == nil {
		var names []string
		for _, p := range pieces(ours) {
			names = append(names, p.Name())
		}
		return []error{fmt.Errorf("%s: there is no piece %q of the paper %s%s", at(file, theirs.Tree, theirs.Root), theirs.Name(), b.name, near(theirs.Name(), names))}
	}
	if !slices.Contains(b.must, theirs.Name()) {
		return nil
	}
	if !slices.ContainsFunc(theirs.Root.Nodes, speaks) {
		return []error{fmt.Errorf("%s: the piece %q may be said otherwise, but must say something in every case", at(file, theirs.Tree, theirs.Root), theirs.Name())}
	}
	named := map[string]bool{}
	factsOf(theirs.Root, named)
	must := map[string]bool{}
	factsOf(before.Root, must)
	for _, fact := range slices.Sorted(maps.Keys(must)) {
		if !named[fact] {
			wrong = append(wrong, fmt.Errorf("%s: the piece %q must name {{.%s}}, as ours does", at(file, theirs.Tree, theirs.Root), theirs.Name(), fact))
		}
	}
	return wrong
}

// speaks reports whether a part of a piece has words that always stand.
func speaks(n syntax.Node) bool {
	text, ok := n.(*syntax.TextNode)
	return ok && strings.Trim(string(text.Text), " \t\r\n"+paragraphEnd) != ""
}

// factsOf gathers the facts that a piece names, wherever they stand.
func factsOf(n syntax.Node, into map[string]bool) {
	r := reading{named: into}
	r.node(n, nil)
}

// A reading goes through a piece before anybody says it: text/template itself
// looks for a fact only when it comes to it.
type reading struct {
	file  string
	tree  *syntax.Tree
	top   reflect.Type
	named map[string]bool
	wrong []error
}

// node looks at a part of a piece in which the dot is of a type; nil, if that is
// not known.
func (r *reading) node(n syntax.Node, dot reflect.Type) {
	switch n := n.(type) {
	case *syntax.ListNode:
		if n == nil {
			return
		}
		for _, each := range n.Nodes {
			r.node(each, dot)
		}
	case *syntax.ActionNode:
		r.pipe(n.Pipe, dot)
	case *syntax.IfNode:
		r.branch(n.BranchNode, dot, dot)
	case *syntax.WithNode:
		r.branch(n.BranchNode, dot, r.typeOf(n.Pipe, dot))
	case *syntax.RangeNode:
		each := r.typeOf(n.Pipe, dot)
		if each != nil && each.Kind() == reflect.Slice {
			each = each.Elem()
		}
		r.branch(n.BranchNode, dot, each)
	case *syntax.TemplateNode:
		r.wrong = append(r.wrong, fmt.Errorf("%s: a piece cannot stand in another", at(r.file, r.tree, n)))
	}
}

func (r *reading) branch(n syntax.BranchNode, dot, within reflect.Type) {
	r.pipe(n.Pipe, dot)
	r.node(n.List, within)
	r.node(n.ElseList, dot)
}

func (r *reading) pipe(p *syntax.PipeNode, dot reflect.Type) {
	if p == nil {
		return
	}
	for _, c := range p.Cmds {
		for _, arg := range c.Args {
			switch arg := arg.(type) {
			case *syntax.PipeNode:
				r.pipe(arg, dot)
			case *syntax.FieldNode:
				r.fact(arg, arg.Ident, dot)
			case *syntax.VariableNode:
				if arg.Ident[0] == "$" {
					r.fact(arg, arg.Ident[1:], r.top)
				}
			}
		}
	}
}

// fact follows a name such as .End through the types.
func (r *reading) fact(n syntax.Node, names []string, from reflect.Type) {
	if r.named != nil && len(names) > 0 {
		r.named[strings.Join(names, ".")] = true
		return
	}
	for _, name := range names {
		if from == nil || from.Kind() != reflect.Struct {
			r.wrong = append(r.wrong, fmt.Errorf("%s: there is no fact {{.%s}} here", at(r.file, r.tree, n), strings.Join(names, ".")))
			return
		}
		field, ok := from.FieldByName(name)
		if !ok {
			r.wrong = append(r.wrong, fmt.Errorf("%s: there is no fact {{.%s}} here%s", at(r.file, r.tree, n), strings.Join(names, "."), near(name, fieldNames(from))))
			return
		}
		from = field.Type
	}
}

// typeOf is that of a pipe which is one fact; nil for others.
func (r *reading) typeOf(p *syntax.PipeNode, dot reflect.Type) reflect.Type {
	if len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		return nil
	}
	field, ok := p.Cmds[0].Args[0].(*syntax.FieldNode)
	if !ok {
		return nil
	}
	for _, name := range field.Ident {
		if dot == nil || dot.Kind() != reflect.Struct {
			return nil
		}
		f, found := dot.FieldByName(name)
		if !found {
			return nil
		}
		dot = f.Type
	}
	return dot
}

func fieldNames(of reflect.Type) (all []string) {
	for i := range of.NumField() {
		all = append(all, of.Field(i).Name)
	}
	return all
}

// near is what was probably meant, or all that there is.
func near(said string, known []string) string {
	if meant := dars.Nearest(said, known); meant != "" {
		return fmt.Sprintf("; did you mean %s?", meant)
	}
	return "; there are " + strings.Join(known, ", ")
}

// at is the file and the line of a part of a piece.
func at(file string, tree *syntax.Tree, n syntax.Node) string {
	where, _ := tree.ErrorContext(n)
	if m := lineIn.FindStringSubmatch(where); m != nil {
		return file + ", line " + m[1]
	}
	return file
}

var (
	lineIn   = regexp.MustCompile(`:(\d+)(?::\d+)?$`)
	parseErr = regexp.MustCompile(`^template: [^:]+:(\d+)(?::\d+)?: (.*)$`)
)

// placed puts the words of the template's parser into a sentence with the line.
func placed(file string, err error) error {
	if m := parseErr.FindStringSubmatch(line(err.Error())); m != nil {
		return fmt.Errorf("%s, line %s: %s", file, m[1], m[2])
	}
	return fmt.Errorf("%s: %s", file, line(err.Error()))
}

const maxWords = 1 << 20 // bytes of a file of the office's wording

// readSmall reads a file of the office's, if it is no larger than such files are.
func readSmall(folder fs.FS, name string) ([]byte, error) {
	f, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxWords+1))
	if err == nil && len(text) > maxWords {
		err = fmt.Errorf("%s: it is larger than %d kB", name, maxWords>>10)
	}
	return text, err
}
