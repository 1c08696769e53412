package documents

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"

	"darsd/dars"
)

const maxItems = 1000 // of one list in a form

// ReadApplication reads application.yaml as an applicant wrote it: what it says,
// on which line each field stands, and everything that could not be taken as it
// was written. What it says is judged elsewhere.
func ReadApplication(text []byte) (d dars.Draft) {
	// The parser was not written for strangers' text.
	defer func() {
		if broken := recover(); broken != nil {
			d = brokenDraft(errors.New("it is no YAML that we can read"))
		}
	}()
	text, err := harmless(text)
	if err == nil {
		err = plain(lexer.Tokenize(string(text)))
	}
	if errors.As(err, new(strangeMark)) {
		return salvaged(text, err)
	}
	if err != nil {
		return brokenDraft(err)
	}
	body, err := onlyBody(text)
	if errors.As(err, new(brokenLine)) {
		return salvaged(text, err)
	}
	if err != nil {
		return brokenDraft(err)
	}
	r := drafter{Draft: dars.Draft{Lines: map[string]int{"": 1}}}
	r.value("", reflect.ValueOf(&r.Form).Elem(), body)
	r.Odd = remarks(text, &r.Draft)
	if len(r.Lines) == 1 && len(r.Wrong) > 0 {
		r.Broken = true // nothing in it is of a form, so nothing is said to be missing
	}
	return r.Draft
}

func brokenDraft(err error) dars.Draft {
	line, says := lineOf(err)
	return dars.Draft{Broken: true, Wrong: []dars.Mistake{{Line: line, Says: says, Rule: badForm}}}
}

// badForm is the rule of what is written wrong, and of text that is no form.
const badForm = "bad-form"

// A brokenLine is what is wrong with a text as a whole, seen on one line.
type brokenLine struct {
	line int
	says string
}

func (b brokenLine) Error() string { return b.says }

func lineOf(err error) (line int, says string) {
	var b brokenLine
	if errors.As(err, &b) {
		return b.line, b.says
	}
	return 0, err.Error()
}

var errEmpty = errors.New("it is empty: fill in the blank form, and hand that in")

// onlyBody is the text as YAML, if it is one form.
func onlyBody(text []byte) (ast.Node, error) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, atLine(err)
	}
	file.Docs = slices.DeleteFunc(file.Docs, func(d *ast.DocumentNode) bool { return d.Body == nil || d.Body.Type() == ast.CommentType })
	switch len(file.Docs) {
	case 0:
		return nil, errEmpty
	case 1:
		return file.Docs[0].Body, nil
	}
	return nil, errors.New("there is more than one form in it, separated by ---: hand in each by itself")
}

// atLine puts the parser's words into a sentence: it would draw the place.
func atLine(err error) error {
	var where yaml.Error
	if !errors.As(err, &where) || where.GetToken() == nil {
		return errors.New(line(short(err.Error())))
	}
	return brokenLine{where.GetToken().Position.Line, inPlainWords(where.GetMessage())}
}

// A drafter goes through what was written beside the fields that there are. The
// decoder of the YAML package would stop at the first mistake, know no lines
// afterwards, and read 0102 as 66.
type drafter struct {
	dars.Draft
	above int // lines of the form above what is read
	most  int // items of one list, where that is not maxItems
}

// line is where a node stands in the form.
func (r *drafter) line(node ast.Node) int { return r.above + node.GetToken().Position.Line }

func (r *drafter) say(field string, at ast.Node, format string, args ...any) {
	r.Wrong = append(r.Wrong, dars.Mistake{Line: r.line(at), Field: field, Says: fmt.Sprintf(format, args...), Rule: badForm})
}

// value puts what a node says into a field, or notes why it cannot.
func (r *drafter) value(field string, into reflect.Value, node ast.Node) {
	if into.Kind() == reflect.Pointer {
		fresh := reflect.New(into.Type().Elem())
		if _, nothing := node.(*ast.NullNode); !nothing {
			into.Set(fresh)
		}
		r.value(field, fresh.Elem(), node)
		return
	}
	switch n := node.(type) {
	case *ast.NullNode: // as if it were left out
	case *ast.MappingNode:
		if into.Kind() != reflect.Struct {
			r.say(field, n, "a group of fields stands where %s belongs%s", wantedHere(into.Type()), hint(into.Type()))
			return
		}
		r.group(field, into, n)
	case *ast.SequenceNode:
		if into.Kind() != reflect.Slice {
			r.say(field, n, "a list stands where %s belongs%s", wantedHere(into.Type()), hint(into.Type()))
			return
		}
		r.list(field, into, n)
	default:
		r.scalar(field, into, node)
	}
}

func (r *drafter) group(parent string, into reflect.Value, node *ast.MappingNode) {
	known := dars.FormFields(into.Type())
	for _, entry := range node.Values {
		key := entry.Key.GetToken().Value
		field := strings.TrimPrefix(parent+"."+key, ".")
		i := slices.IndexFunc(known, func(f dars.FormField) bool { return f.Name == key })
		if i < 0 {
			r.say(strings.TrimPrefix(parent+"."+short(key), "."), entry.Key, "there is no such field%s", otherField(key, known))
			continue
		}
		r.Lines[field] = r.line(entry.Key)
		r.value(field, into.Field(known[i].Index), entry.Value)
	}
}

// otherField says which field was probably meant, or which there are.
func otherField(key string, known []dars.FormField) string {
	var names []string
	for _, f := range known {
		names = append(names, f.Name)
	}
	if near := dars.Nearest(key, names); near != "" {
		return fmt.Sprintf("; did you mean %s?", near)
	}
	return "; there are " + strings.Join(names, ", ")
}

func (r *drafter) list(field string, into reflect.Value, node *ast.SequenceNode) {
	if most := max(r.most, maxItems); len(node.Values) > most {
		r.say(field, node, "there are %d items in this list, and at most %d are read", len(node.Values), most)
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(node.Values), len(node.Values)))
	for i, item := range node.Values {
		at := fmt.Sprintf("%s[%d]", field, i)
		r.Lines[at] = r.above + firstLine(item)
		r.value(at, into.Index(i), item)
	}
}

// firstLine is where a node begins: a group's own token is the colon behind its
// first key.
func firstLine(node ast.Node) int {
	if group, ok := node.(*ast.MappingNode); ok && len(group.Values) > 0 && !group.IsFlowStyle {
		return group.Values[0].Key.GetToken().Position.Line
	}
	return node.GetToken().Position.Line
}

// scalar puts a single value into a field.
func (r *drafter) scalar(field string, into reflect.Value, node ast.Node) {
	text, isText := scalarText(node)
	if short, ok := into.Addr().Interface().(encoding.TextUnmarshaler); ok && isText {
		if err := short.UnmarshalText([]byte(text)); err != nil {
			r.say(field, node, "%v", err)
		}
		return
	}
	written := node.GetToken().Value
	switch into.Kind() {
	case reflect.String:
		switch {
		case isText:
			into.SetString(text)
		case !number(node) && into.Type() == reflect.TypeFor[dars.Day]():
			r.say(field, node, "%q is not a date such as 2026-03-31", short(written))
		case !number(node):
			r.say(field, node, `write "%s" in quotes: without them it is read as something else than a text`, short(written))
		case changed(written):
			r.say(field, node, `write "%s" in quotes: without them it is read as another number`, short(written))
		default:
			into.SetString(written)
		}
	case reflect.Bool:
		yes, ok := node.(*ast.BoolNode)
		if !ok {
			r.say(field, node, "%q is neither true nor false: write one of the two, without quotes", short(written))
			return
		}
		into.SetBool(yes.Value)
	case reflect.Int:
		n, err := strconv.Atoi(written)
		if err != nil || isText || strconv.Itoa(n) != written {
			r.say(field, node, "%q is not a whole number such as 82, written without quotes", short(written))
			return
		}
		into.SetInt(int64(n))
	default:
		r.say(field, node, "%q stands where %s belongs%s", short(written), wantedHere(into.Type()), hint(into.Type()))
	}
}

// scalarText is the text of a node, to the letter.
func scalarText(node ast.Node) (text string, ok bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	return "", false
}

func number(node ast.Node) bool {
	switch node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return true
	}
	return false
}

// changed reports whether YAML reads a number as another than stands there: 0102
// is octal to it.
func changed(written string) bool {
	digits := strings.TrimLeft(written, "+-")
	return strings.ContainsAny(digits, "_xobXOB") || len(digits) > 1 && digits[0] == '0' && digits[1] != '.' || strings.HasPrefix(digits, ".")
}

// wantedHere says in words what is written for a field of a type.
func wantedHere(kind reflect.Type) string {
	switch {
	case reflect.PointerTo(kind).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return "a text or a group of fields"
	case kind.Kind() == reflect.Struct:
		return "a group of fields"
	case kind.Kind() == reflect.Slice:
		return "a list"
	}
	return "a single value"
}

// hint shows how that is written.
func hint(kind reflect.Type) string {
	switch kind.Kind() {
	case reflect.Slice:
		return ", one item to a line, each with a hyphen before it, or in brackets: [A, B]"
	case reflect.Struct:
		var names []string
		for _, f := range dars.FormFields(kind) {
			if !f.Optional {
				names = append(names, f.Name)
			}
		}
		if len(names) > 0 {
			return " with " + strings.Join(names, ", ")
		}
	}
	return ""
}
