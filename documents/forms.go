package documents

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"

	"darsd/dars"
)

// readForm reads a form that is no application into a struct: on which line each
// field stands, and everything that could not be taken as it was written. A list
// may have so many items.
func readForm(text []byte, into any, items int) (lines map[string]int, wrong []dars.Mistake) {
	// The parser was not written for strangers' text.
	defer func() {
		if broken := recover(); broken != nil {
			lines, wrong = nil, brokenDraft(errors.New("it is no YAML that we can read")).Wrong
		}
	}()
	text, err := harmless(text)
	if err == nil {
		err = plain(lexer.Tokenize(string(text)))
	}
	if err != nil {
		return nil, brokenDraft(err).Wrong
	}
	body, err := onlyBody(text)
	if err != nil {
		return nil, brokenDraft(err).Wrong
	}
	r := drafter{Draft: dars.Draft{Lines: map[string]int{"": 1}}, most: items}
	r.value("", reflect.ValueOf(into).Elem(), body)
	return r.Lines, r.Wrong
}

// parserSays puts the parser's words into a sentence: it would draw the place.
func parserSays(err error) error {
	var where yaml.Error
	if !errors.As(err, &where) || where.GetToken() == nil {
		return errors.New(line(short(err.Error())))
	}
	said := where.GetMessage()
	var kind *yaml.TypeError
	if errors.As(err, &kind) {
		said = fmt.Sprintf("%q is not what stands here: %s", short(where.GetToken().Value), wanted(kind))
	}
	return fmt.Errorf("line %d: %s", where.GetToken().Position.Line, line(said))
}

func wanted(e *yaml.TypeError) string {
	switch e.DstType.Kind().String() {
	case "string":
		return "a text is wanted"
	case "bool":
		return "true or false is wanted"
	case "slice":
		return "a list is wanted, one item to a line, each with a hyphen before it"
	case "struct":
		return "a group of fields is wanted"
	}
	return "another kind of value is wanted"
}

// short is what somebody wrote as a sentence can repeat it: some letters on one line.
func short(s string) string {
	s = oneLine(lineEnds.Replace(dars.Legible(s)))
	if letters := []rune(s); len(letters) > 80 {
		return string(letters[:80]) + "…"
	}
	return s
}
