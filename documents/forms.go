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
		return withLine(err)
	}
	tokens := lexer.Tokenize(string(text))
	for _, judge := range []func(token.Tokens) error{plain, numbers} {
		if err := judge(tokens); err != nil {
			return withLine(err)
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	switch err := decoder.Decode(into); {
	case errors.Is(err, io.EOF):
		return errors.New("it is empty")
	case err != nil:
		return parserSays(err)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return errors.New("there is more than one form in it, separated by ---")
	}
	return nil
}

// withLine says on which line it is, where that is known.
func withLine(err error) error {
	if line, says := lineOf(err); line > 0 {
		return fmt.Errorf("line %d: %s", line, says)
	}
	return err
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

func short(s string) string {
	s = dars.Legible(s)
	if letters := []rune(s); len(letters) > 80 {
		return string(letters[:80]) + "…"
	}
	return s
}
