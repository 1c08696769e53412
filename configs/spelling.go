package configs

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"darsd/dars"
)

// read fills c with what a text says, and returns all that is no setting, or
// not of its setting's kind. The error is for a text that is no YAML.
func read(text []byte, c *Config) (wrong []error, err error) {
	file, err := parser.ParseBytes(bytes.TrimPrefix(text, []byte("\ufeff")), 0)
	if err != nil {
		return nil, located(err)
	}
	if len(file.Docs) > 1 {
		return nil, errors.New("there are several documents in one file: leave out the lines with ---")
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil, nil // nothing but comments
	}
	var s speller
	body := s.value("", reflect.TypeFor[Config](), file.Docs[0].Body)
	if body == nil {
		return s.wrong, nil
	}
	return s.wrong, located(yaml.NodeToValue(body, c, yaml.Strict(), yaml.CustomUnmarshaler(unmarshalShare), yaml.CustomUnmarshaler(unmarshalSize), yaml.CustomUnmarshaler(unmarshalPence)))
}

// A speller goes through what was written beside the settings that there are.
// The decoder would stop at the first mistake, and take much that is none of its
// business for granted: 1.5 days are one day to it, and a telephone number that
// begins with 0 is octal.
type speller struct{ wrong []error }

// value returns what a node says for a setting of a type, or nil if that is
// nothing or wrong: then the default stands, so that the rest can be checked.
func (s *speller) value(setting string, kind reflect.Type, node ast.Node) ast.Node {
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	switch n := node.(type) {
	case *ast.NullNode:
		return nil
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		return s.refuse(node, setting, "&, * and ! have no meaning here: write the value out, or in quotes if it begins so")
	case *ast.MappingNode:
		if kind.Kind() != reflect.Struct && kind.Kind() != reflect.Map {
			return s.refuse(node, setting, "settings stand where %s belongs", expected(kind))
		}
		return s.settings(setting, kind, n)
	case *ast.SequenceNode:
		if kind.Kind() != reflect.Slice {
			return s.refuse(node, setting, "a list stands where %s belongs", expected(kind))
		}
		var kept []ast.Node
		for _, item := range n.Values {
			if item = s.value(setting, kind.Elem(), item); item != nil {
				kept = append(kept, item)
			}
		}
		n.Values = kept
		return n
	}
	return s.scalar(setting, kind, node)
}

// moved are settings that there were, and what to write in their place.
var moved = map[string]string{
	"policy.reminders": "policy: {ladders: {agreement: {before: [90, 30]}}}",
	"policy.chases":    "policy: {ladders: {certificate: {after: [14, 28]}}}",
}

// settings goes through the keys of a mapping.
func (s *speller) settings(parent string, kind reflect.Type, node *ast.MappingNode) ast.Node {
	known, names := fields(kind)
	var kept []*ast.MappingValueNode
	for _, entry := range node.Values {
		key := entry.Key.GetToken().Value
		setting := strings.TrimPrefix(parent+"."+key, ".")
		elem, ok := known[key]
		if kind.Kind() == reflect.Map {
			elem, ok = kind.Elem(), true
		}
		if elem == reflect.TypeFor[dars.Pence]() {
			names = dars.Codes(dars.ChargeItems)
			ok = slices.Contains(names, key)
		}
		if now := moved[setting]; !ok && now != "" {
			s.refuse(entry.Key, setting, "this is written elsewhere now: %s", now)
			continue
		}
		if !ok {
			s.refuse(entry.Key, setting, "there is no such setting; there are %s", strings.Join(names, ", "))
			continue
		}
		if entry.Value = s.value(setting, elem, entry.Value); entry.Value != nil {
			kept = append(kept, entry)
		}
	}
	node.Values = kept
	return node
}

// scalar checks a single value.
func (s *speller) scalar(setting string, kind reflect.Type, node ast.Node) ast.Node {
	tok := node.GetToken()
	_, isText := node.(*ast.StringNode)
	quoted := isText && (tok.Type == token.SingleQuoteType || tok.Type == token.DoubleQuoteType)
	literal, isBlock := node.(*ast.LiteralNode)
	switch {
	case kind == reflect.TypeFor[time.Duration]():
		if _, err := time.ParseDuration(tok.Value); err != nil {
			return s.refuse(node, setting, "%q is not a length of time such as 60s or 2m", tok.Value)
		}
	case kind == reflect.TypeFor[Size]():
		if _, err := parseSize(tok.Value); err != nil {
			return s.refuse(node, setting, "%w", err)
		}
	case kind == reflect.TypeFor[dars.Pence]():
		if _, err := dars.ParsePence(tok.Value); err != nil {
			return s.refuse(node, setting, "%w", err)
		}
	case setting == "policy.prices.from":
		if _, err := dars.ParseDay(tok.Value); err != nil {
			return s.refuse(node, setting, "%w", err)
		}
	case kind.Kind() == reflect.String && inQuotes(setting):
		if !quoted {
			s.refuse(node, setting, "%s is not in quotes, and YAML may read it as something else: write %q", tok.Value, tok.Value)
			return ast.String(token.DoubleQuote(tok.Value, tok.Origin, tok.Position))
		}
	case kind.Kind() == reflect.String && isBlock:
		return ast.String(token.DoubleQuote(strings.TrimSpace(literal.Value.Value), tok.Origin, tok.Position))
	case kind.Kind() == reflect.String && !isText:
		// A number or a yes is a text here, as it was written: 0113 496 0000.
		return ast.String(token.DoubleQuote(tok.Value, tok.Origin, tok.Position))
	case kind.Kind() == reflect.String:
	case kind.Kind() == reflect.Bool:
		if _, ok := node.(*ast.BoolNode); !ok {
			return s.refuse(node, setting, "%q is neither true nor false, without quotes", tok.Value)
		}
	case kind.Kind() == reflect.Int:
		if n, err := strconv.Atoi(tok.Value); err != nil || isText || strconv.Itoa(n) != tok.Value {
			return s.refuse(node, setting, "%q is not a whole number such as 14, without quotes", tok.Value)
		}
	case kind.Kind() == reflect.Float64:
		if _, err := parseShare(tok.Value); err != nil {
			return s.refuse(node, setting, "%w", err)
		}
	default:
		return s.refuse(node, setting, "%q stands where %s belongs", tok.Value, expected(kind))
	}
	return node
}

// inQuotes reports whether a setting is to be written in quotes, always: YAML
// reads the period 0102 as the octal number 66, and the delimiter | as the
// beginning of a block of text.
func inQuotes(setting string) bool {
	return setting == "datasets.files.period" || setting == "datasets.format.delimiter"
}

// refuse notes what is wrong with a setting, and where it stands.
func (s *speller) refuse(node ast.Node, setting, sentence string, args ...any) ast.Node {
	at := node.GetToken().Position
	if setting == "" {
		setting = "the file"
	}
	s.wrong = append(s.wrong, fmt.Errorf("line %d, column %d: %s: "+sentence,
		append([]any{at.Line, at.Column, setting}, args...)...))
	return nil
}

// fields returns the types of a struct's settings by their names, and the names
// in order.
func fields(kind reflect.Type) (known map[string]reflect.Type, names []string) {
	known = map[string]reflect.Type{}
	if kind.Kind() != reflect.Struct {
		return known, nil
	}
	for i := range kind.NumField() {
		field := kind.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case options == "inline":
			inner, in := fields(field.Type)
			for _, name := range in {
				known[name] = inner[name]
			}
			names = append(names, in...)
		case name != "":
			known[name] = field.Type
			names = append(names, name)
		}
	}
	return known, names
}

// expected says in words what is written for a setting of a type.
func expected(kind reflect.Type) string {
	switch kind.Kind() {
	case reflect.Struct, reflect.Map:
		return "a group of settings"
	case reflect.Slice:
		return "a list"
	}
	return "a single value"
}

// parseShare reads 1%, 1 % or 0.01.
func parseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		share /= 100
	}
	// A bare 25 would be 25 times as much, and surely means a quarter.
	if err != nil || !(share >= 0) || share > 1 && !percent || share > 100 {
		return 0, fmt.Errorf("%q is not a share such as 1%% or 0.01", text)
	}
	return share, nil
}

func unmarshalShare(share *float64, text []byte) (err error) {
	*share, err = parseShare(strings.Trim(strings.TrimSpace(string(text)), `"'`))
	return err
}

// parseSize reads 500MB, 4 GB or a plain number of bytes.
func parseSize(text string) (Size, error) {
	units := []struct {
		name  string
		bytes int64
	}{{"TB", 1 << 40}, {"GB", 1 << 30}, {"MB", 1 << 20}, {"kB", 1 << 10}, {"KB", 1 << 10}, {"B", 1}, {"", 1}}
	for _, u := range units {
		number, is := strings.CutSuffix(text, u.name)
		if !is {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
		if err != nil || n < 0 || n > math.MaxInt64/u.bytes {
			break
		}
		return Size(n * u.bytes), nil
	}
	return 0, fmt.Errorf("%q is not a size such as 500MB or 4GB", text)
}

func unmarshalSize(size *Size, text []byte) (err error) {
	*size, err = parseSize(strings.Trim(strings.TrimSpace(string(text)), `"'`))
	return err
}

func unmarshalPence(amount *dars.Pence, text []byte) (err error) {
	*amount, err = dars.ParsePence(strings.Trim(strings.TrimSpace(string(text)), `"'`))
	return err
}

// located is an error of the YAML package without the excerpt of the file, which
// might hold what does not belong in a log.
func located(err error) error {
	var in yaml.Error
	if !errors.As(err, &in) {
		return err
	}
	if tok := in.GetToken(); tok != nil {
		said := in.GetMessage()
		if strings.Contains(said, "'\t'") {
			said = "there is a tab: lines begin with spaces, two for each step inwards"
		}
		return fmt.Errorf("line %d, column %d: %s", tok.Position.Line, tok.Position.Column, said)
	}
	return errors.New(in.GetMessage())
}
