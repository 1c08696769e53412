package documents

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"text/template"
	syntax "text/template/parse"
)

// A piece says a few facts of one paper. It is no program: what could run without end,
// or fill a paper without end, is refused when the piece is read, with its line; and
// what it says is limited however that comes about.

// tameFuncs are the functions that a piece may use. Others write whatever width they are
// told, or fail only when a paper is drawn.
var tameFuncs = map[string]bool{"plural": true, "and": true, "or": true, "not": true, "eq": true, "ne": true, "lt": true, "le": true, "gt": true, "ge": true, "len": true}

const (
	maxNamed = 500     // times that one piece names facts
	maxSaid  = 1 << 20 // bytes that one piece says: a form has less
)

// tame says where a piece does more than to say facts. Its dot is of the book's type,
// whose lists alone it may go through, one at a time.
func (b book) tame(file string, t *template.Template) []error {
	l := leash{reading: reading{file: file, tree: t.Tree, top: b.facts}}
	l.node(t.Root, b.facts, false)
	if l.named > maxNamed {
		l.say(t.Root, "the piece %q names facts %d times, and at most %d times is said in one piece", t.Name(), l.named, maxNamed)
	}
	return l.wrong
}

// A leash goes through a piece and holds what it does.
type leash struct {
	reading
	named int
}

func (l *leash) say(n syntax.Node, format string, args ...any) {
	l.wrong = append(l.wrong, fmt.Errorf("%s: "+format, append([]any{at(l.file, l.tree, n)}, args...)...))
}

func (l *leash) node(n syntax.Node, dot reflect.Type, listed bool) {
	switch n := n.(type) {
	case *syntax.ListNode:
		if n == nil {
			return
		}
		for _, each := range n.Nodes {
			l.node(each, dot, listed)
		}
	case *syntax.ActionNode:
		l.named++
		l.pipe(n.Pipe)
	case *syntax.IfNode:
		l.branch(n.BranchNode, dot, dot, listed)
	case *syntax.WithNode:
		l.branch(n.BranchNode, dot, l.typeOf(n.Pipe, dot), listed)
	case *syntax.RangeNode:
		each := l.typeOf(n.Pipe, dot)
		switch {
		case listed:
			l.say(n, "a list is gone through within another")
		case each == nil || each.Kind() != reflect.Slice:
			l.say(n, "{{range}} goes through a list of facts, and %s is none", n.Pipe)
		default:
			each = each.Elem()
		}
		l.branch(n.BranchNode, dot, each, true)
	}
}

func (l *leash) branch(n syntax.BranchNode, dot, within reflect.Type, listed bool) {
	l.pipe(n.Pipe)
	l.node(n.List, within, listed)
	l.node(n.ElseList, dot, listed)
}

func (l *leash) pipe(p *syntax.PipeNode) {
	if p == nil {
		return
	}
	for _, c := range p.Cmds {
		for _, arg := range c.Args {
			switch arg := arg.(type) {
			case *syntax.PipeNode:
				l.pipe(arg)
			case *syntax.IdentifierNode:
				if !tameFuncs[arg.Ident] {
					l.say(arg, "the function %q is not for the words of papers; there are %s", arg.Ident, both(slices.Sorted(maps.Keys(tameFuncs))))
				}
			}
		}
	}
}

// rehearse says a piece of no facts, so that what cannot be said at all is found before
// a paper needs it.
func (b book) rehearse(file string, t *template.Template) []error {
	err := t.Execute(&limited{io.Discard, maxSaid}, reflect.Zero(b.facts).Interface())
	if err == nil || errors.Is(err, errTooLong) {
		return nil
	}
	return []error{placed(file, err)}
}

// limited writes so many bytes, and no more.
type limited struct {
	to   io.Writer
	left int
}

var errTooLong = fmt.Errorf("it says more than %d kB, and no paper is that long", maxSaid>>10)

func (w *limited) Write(some []byte) (int, error) {
	if len(some) > w.left {
		return 0, errTooLong
	}
	w.left -= len(some)
	return w.to.Write(some)
}

// saying is what a piece says of some facts.
func saying(pieces *template.Template, piece string, facts any) (string, error) {
	var b strings.Builder
	err := pieces.ExecuteTemplate(&limited{&b, maxSaid}, piece, facts)
	if errors.Is(err, errTooLong) {
		err = errTooLong
	}
	return b.String(), err
}
