package documents

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"

	"darsd/dars"
)

const (
	maxForm  = 512 << 10 // bytes of a form; the longest real ones have some 100 kB
	maxDepth = 40        // of brackets and the like
	maxBlank = 400       // line ends with nothing between them
)

// ReadCertificate reads a certificate of destruction that was filled in.
func ReadCertificate(text []byte) (form dars.CertificateForm, err error) {
	if err := readForm(text, &form); err != nil {
		return dars.CertificateForm{}, dars.Refuse("form-unreadable", "certificate", "the certificate: %v", err)
	}
	return form, nil
}

// readForm is strict: a misspelt name is an error that shows its line, not an
// answer that is lost.
func readForm(text []byte, into any) (err error) {
	// The parser was not written for strangers' text.
	defer func() {
		if broken := recover(); broken != nil {
			err = errors.New("it is no YAML that we can read")
		}
	}()
	if text, err = harmless(text); err != nil {
		return err
	}
	tokens := lexer.Tokenize(string(text))
	for _, judge := range []func(token.Tokens) error{plain, numbers} {
		var broken brokenLine
		if err := judge(tokens); errors.As(err, &broken) {
			return fmt.Errorf("line %d: %w", broken.line, err)
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	switch err := decoder.Decode(into); {
	case errors.Is(err, io.EOF):
		return errors.New("it is empty")
	case err != nil:
		return oneLine(err)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return errors.New("there is more than one form in it, separated by ---")
	}
	return nil
}

// blank reports whether lines are empty in such a number that the parser, which
// copies a text for each empty line at its end, would take minutes.
func blank(text []byte) bool {
	ends := 0
	for _, c := range text {
		switch c {
		case '\n', '\r':
			if ends++; ends > maxBlank {
				return true
			}
		case ' ', '\t':
		default:
			ends = 0
		}
	}
	return false
}

// plain refuses what forms do not need and what does harm: one part repeated in
// others, which can grow without end; and brackets in brackets, which can exhaust
// the parser so that the program dies.
func plain(tokens token.Tokens) error {
	depth, line, dashes := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, dashes = t.Position.Line, 0
		}
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType, token.DirectiveType:
			return brokenLine{line, fmt.Sprintf("%q is not for forms; a text that begins like that stands in quotes", short(t.Value))}
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType:
			dashes++
		}
		if depth > maxDepth || dashes > maxDepth {
			return brokenLine{line, "there are too many brackets or hyphens in each other"}
		}
	}
	return nil
}

// numbers refuses those that YAML would change.
func numbers(tokens token.Tokens) error {
	for _, t := range tokens {
		switch t.Type {
		case token.IntegerType, token.FloatType, token.OctetIntegerType, token.HexIntegerType, token.BinaryIntegerType:
			if t.Type != token.IntegerType && t.Type != token.FloatType || strings.Contains(t.Value, "_") {
				return brokenLine{t.Position.Line, fmt.Sprintf(`write "%s" in quotes: without them it is read as another number`, short(t.Value))}
			}
		}
	}
	return nil
}

// oneLine puts the parser's words into a sentence: it would draw the place.
func oneLine(err error) error {
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

func short(s string) string {
	if letters := []rune(s); len(letters) > 80 {
		return string(letters[:80]) + "…"
	}
	return s
}
