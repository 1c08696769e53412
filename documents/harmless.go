package documents

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/goccy/go-yaml/token"
)

// What a form holds at most. A real one with a thousand places and texts of
// 33,000 characters is far below each; the largest that is let in takes the
// parser about a second.
const (
	MaxForm  = 512 << 10 // bytes; the longest real ones have some 100 kB
	maxParts = 30_000    // names, values, colons, hyphens, remarks
	maxKeys  = 200       // names in one group: the parser compares each with all
	maxDepth = 40        // of brackets and the like
	maxBlank = 20 << 30  // letters that the parser copies for empty lines
)

// harmless is the text without the mark that Windows editors put before it, if
// the parser can be let near it.
func harmless(text []byte) ([]byte, error) {
	if len(text) > MaxForm {
		return nil, fmt.Errorf("it has more than %d bytes, which is the most that a form may have: what is longer goes into papers of its own", MaxForm)
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if err := encoded(text); err != nil {
		return nil, err
	}
	if blank(text) {
		return nil, errors.New("there are hundreds of empty lines in it, one below the other: leave them out")
	}
	return text, nil
}

// otherPrograms are how documents begin that people take for text: of Word, old and
// new, PDF and rich text.
var otherPrograms = []string{"PK\x03\x04", "\xd0\xcf\x11\xe0", "%PDF-", `{\rtf`}

// encoded refuses what is not UTF-8. To guess what it is would put wrong letters
// into somebody's words.
func encoded(text []byte) error {
	if slices.ContainsFunc(otherPrograms, func(begin string) bool { return bytes.HasPrefix(text, []byte(begin)) }) {
		return errors.New("it is no plain text but a document, such as Word and other programs write: copy what it says into the blank form with a plain text editor")
	}
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) || bytes.Count(text, []byte{0}) > len(text)/4 {
		return errors.New("it is saved as UTF-16: save it as UTF-8")
	}
	if utf8.Valid(text) {
		return nil
	}
	for line, rest := 1, text; ; line++ {
		this, more, _ := bytes.Cut(rest, []byte("\n"))
		if !utf8.Valid(this) {
			return brokenLine{line, "it holds a letter that is not written in UTF-8, and perhaps in Windows-1252: save the form as UTF-8"}
		}
		rest = more
	}
}

// blank reports whether lines are empty in such a number that the parser, which
// copies a text over and over for the empty lines within it, would take minutes:
// four in one place cost sixteen copies.
func blank(text []byte) bool {
	ends, copies := 0, 0
	for i, c := range text {
		switch {
		case c == '\n' || c == '\r' && !bytes.HasPrefix(text[i+1:], []byte("\n")):
			if ends++; ends > 2 {
				copies += 2*(ends-2) - 1
			}
			if copies*len(text) > maxBlank {
				return true
			}
		case c != ' ' && c != '\t' && c != '\r':
			ends = 0
		}
	}
	return false
}

// plain refuses what forms do not need and what does harm: one part repeated in
// others, which can grow without end; brackets in brackets, which can exhaust
// the parser so that the program dies; and parts in a number that takes it
// minutes.
func plain(tokens token.Tokens) error {
	depth, line, dashes := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, dashes = t.Position.Line, 0
		}
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType, token.DirectiveType, token.MappingKeyType:
			return strangeMark{brokenLine{line, fmt.Sprintf("%q is not for forms: put a text that begins like that in quotes", short(t.Value))}}
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType:
			dashes++
		}
		if depth > maxDepth || dashes > maxDepth {
			return brokenLine{line, "there are too many brackets or hyphens in each other: write each item on a line of its own"}
		}
	}
	if len(tokens) > maxParts {
		return fmt.Errorf("it has more than %d names, values and marks, which is more than any form needs: look whether it is the file that you meant", maxParts)
	}
	return crowded(tokens)
}

// A strangeMark is a mark that forms do without. The parts of a form that have none
// can be read all the same.
type strangeMark struct{ brokenLine }

func (s strangeMark) Unwrap() error { return s.brokenLine }

// crowded refuses a group of very many names. Where a group begins and ends is
// seen by how far its names are indented, or by its braces.
func crowded(tokens token.Tokens) error {
	type group struct{ column, keys int }
	var open []group
	braces := 0
	for i, t := range tokens {
		column := t.Position.Column
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			braces++
			open = append(open, group{column: -1})
		case token.MappingEndType, token.SequenceEndType:
			if braces > 0 {
				braces--
				open = open[:len(open)-1]
			}
		case token.SequenceEntryType:
			for braces == 0 && len(open) > 0 && open[len(open)-1].column > column {
				open = open[:len(open)-1]
			}
		case token.MappingValueType:
			if braces == 0 {
				if i > 0 {
					column = tokens[i-1].Position.Column
				}
				for len(open) > 0 && open[len(open)-1].column > column {
					open = open[:len(open)-1]
				}
				if len(open) == 0 || open[len(open)-1].column < column {
					open = append(open, group{column: column})
				}
			}
			top := &open[len(open)-1]
			if top.keys++; top.keys > maxKeys {
				return brokenLine{t.Position.Line, fmt.Sprintf("there are more than %d names in one group, which is more than any form needs: look whether its lines are indented as in the blank form", maxKeys)}
			}
		}
	}
	return nil
}
