package documents

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"

	"darsd/dars"
)

// A chapter of a form is one name at its left edge, with all that is indented under
// it.
type chapter struct {
	line int // on which it begins, from 1
	name string
	text string
}

// chapters takes a form apart, if it is written on lines. What cannot be read in one
// part then hides nothing of the others.
func chapters(text string) (all []chapter) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		switch {
		case strings.ContainsAny(line[:1], "{[}]"):
			return nil
		case !strings.ContainsAny(line[:1], " \t\r\n#-\"'") || len(all) == 0:
			all = append(all, chapter{line: n, name: firstWord(line)})
		}
		all[len(all)-1].text += line
	}
	return all
}

func firstWord(line string) string {
	return short(strings.TrimLeft(line, " -")[:max(strings.IndexAny(strings.TrimLeft(line, " -")+" ", ": \r\n"), 0)])
}

// salvaged reads what can be read of a form that as a whole is no YAML: part by
// part, with all that is wrong in each of the others.
func salvaged(text []byte, whole error) dars.Draft {
	all := chapters(string(text))
	if len(all) == 0 {
		return brokenDraft(whole)
	}
	r := drafter{Draft: dars.Draft{Lines: map[string]int{"": 1}}}
	began := map[string]int{}
	for _, p := range all {
		body, err := p.body()
		fields, isGroup := body.(*ast.MappingNode)
		switch first := began[p.name]; {
		case errors.Is(err, errEmpty):
			continue
		case first > 0:
			r.Wrong = append(r.Wrong, dars.Mistake{Line: p.line, Field: p.name, Rule: badForm, Says: fmt.Sprintf("it stands on line %d already: leave one of the two out", first)})
			continue
		case err == nil && isGroup:
			r.above = p.line - 1
			r.group("", reflect.ValueOf(&r.Form).Elem(), fields)
		default:
			r.Wrong = append(r.Wrong, p.mistakes(err)...)
		}
		began[p.name] = p.line
	}
	if len(r.Wrong) == 0 || len(r.Lines) == 1 && (len(all) == 1 || errors.As(whole, new(strangeMark))) {
		return brokenDraft(whole)
	}
	return r.Draft
}

// body is the part as YAML, if the parser can be let near it.
func (p chapter) body() (ast.Node, error) {
	if err := plain(lexer.Tokenize(p.text)); err != nil {
		return nil, err
	}
	return onlyBody([]byte(p.text))
}

// mistakes are what is wrong in a part that cannot be read: by its lines, or else
// in the parser's words.
func (p chapter) mistakes(err error) (wrong []dars.Mistake) {
	say := func(line int, says string) {
		wrong = append(wrong, dars.Mistake{Line: line, Field: p.name, Says: says, Rule: badForm})
	}
	for _, f := range suspects(strings.Split(strings.ReplaceAll(p.text, "\r\n", "\n"), "\n")) {
		says := f.says
		if f.name != "" && f.name != p.name {
			says = f.name + ": " + says
		}
		say(p.line+f.at, says)
	}
	if len(wrong) == 0 {
		line, says := 1, "no value can be read here: write a name, a colon, a blank and the value"
		if err != nil {
			line, says = lineOf(err)
		}
		say(p.line+max(line, 1)-1, says)
	}
	return wrong
}

// A suspect is a line that is no YAML, and how it is mended.
type suspect struct {
	at         int // lines below the first
	name, says string
}

var (
	fieldLine = regexp.MustCompile(`^(?:- +)*([A-Za-z_][A-Za-z0-9_]*) *:(?:\s+(.*))?$`)
	itemLine  = regexp.MustCompile(`^(?:- +)+(.*)$`)
	blockMark = regexp.MustCompile(`^[|>][-+0-9]*(?:\s+#.*)?$`)
)

// suspects looks for the usual slips of the pen, line by line.
func suspects(lines []string) (all []suspect) {
	within := -1 // the indent of a name whose text stands on the lines below
	deepest := 0 // the indent of the last name
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		indent := len(lines[i]) - len(strings.TrimLeft(lines[i], " \t"))
		if line == "" || within >= 0 && indent > within {
			continue
		}
		within = -1
		if strings.Contains(lines[i][:indent], "\t") {
			all = append(all, suspect{i, strings.Trim(firstWord(line), "{[-"), "a line begins with a tab: indent with blanks"})
			continue
		}
		name, value := "", line
		switch m := fieldLine.FindStringSubmatch(line); {
		case m != nil:
			name, value, deepest = m[1], strings.TrimSpace(m[2]), indent
		case itemLine.MatchString(line):
			value = itemLine.FindStringSubmatch(line)[1]
		case line[0] == '#' || strings.ContainsAny(line[:1], "[]{}\"'"):
			continue
		case indent <= deepest:
			all = append(all, suspect{i, firstWord(line), fmt.Sprintf("behind the name a colon and a blank are missing: write %s: and then the value", firstWord(line))})
			continue
		default:
			continue // the rest of a text
		}
		if blockMark.MatchString(value) {
			within = indent
			continue
		}
		if value == "" {
			continue
		}
		if quote := value[:1]; quote == `"` || quote == "'" {
			last, says := inQuotes(lines, i, indent, quote, value)
			if says != "" {
				all = append(all, suspect{i, name, says})
			}
			i = last
			continue
		}
		if says := slip(value); says != "" {
			all = append(all, suspect{i, name, says})
		}
	}
	return all
}

// inQuotes looks for the end of a text in quotes, on its line or on those below that
// belong to it.
func inQuotes(lines []string, i, indent int, quote, value string) (last int, says string) {
	rest := value[1:]
	for last = i; ; {
		rest = strings.NewReplacer(`\\`, "", `\"`, "", "''", "").Replace(rest)
		if _, behind, closed := strings.Cut(rest, quote); closed {
			if behind = strings.TrimSpace(behind); behind != "" && behind[0] != '#' && behind[0] != ',' {
				return last, "more stands behind the closing quotation mark: put the whole text in quotes, with other marks within it"
			}
			return last, ""
		}
		next := last + 1
		if next >= len(lines) || strings.TrimSpace(lines[next]) != "" && len(lines[next])-len(strings.TrimLeft(lines[next], " ")) <= indent {
			return i, "the quotation mark that opens here is never closed: put one at the end of the text"
		}
		last, rest = next, lines[next]
	}
}

// slip says what is wrong with a value without quotes, or nothing.
func slip(value string) string {
	text, _, _ := strings.Cut(value, " #")
	switch {
	case strings.ContainsAny(value[:1], "@`%"):
		return fmt.Sprintf("put the value in quotes: it cannot begin with %s", value[:1])
	case value[0] == '|' || value[0] == '>':
		return fmt.Sprintf("behind %s nothing stands on the same line: write the text on the lines below, indented, or put it in quotes", value[:1])
	case strings.ContainsAny(value[:1], "[{"):
		return ""
	case strings.Contains(text, ": ") || strings.HasSuffix(strings.TrimSpace(text), ":"):
		return "put the value in quotes: a colon followed by a space ends a name"
	}
	return ""
}

var twiceDefined = regexp.MustCompile(`mapping key "(.*)" already defined`)

// inPlainWords are the parser's words for the usual mistakes, as a person would
// say them.
func inPlainWords(said string) string {
	switch twice := twiceDefined.FindStringSubmatch(said); {
	case twice != nil:
		return fmt.Sprintf("%s stands here a second time: leave one of the two out", short(twice[1]))
	case strings.Contains(said, "'\t'"):
		return "a line begins with a tab: indent with blanks"
	case strings.Contains(said, "could not find end character"):
		return "the quotation mark that opens here is never closed: put one at the end of the text"
	}
	return line(said)
}

// remarks warns of what may have been meant as text and was read as a remark: in
// "Good #1 of 3" all from the # on.
func remarks(text []byte, d *dars.Draft) (odd []dars.Mistake) {
	fields := map[int]string{}
	for field, line := range d.Lines {
		fields[line] = cmp.Or(max(field, fields[line]), field)
	}
	tokens := lexer.Tokenize(string(text))
	for i, t := range tokens {
		if i == 0 || t.Type != token.CommentType || t.Value == "" || strings.ContainsAny(t.Value[:1], " \t#-=!") {
			continue
		}
		if before := tokens[i-1]; before.Type == token.StringType && before.Position.Line == t.Position.Line {
			odd = append(odd, dars.Mistake{Line: t.Position.Line, Field: fields[t.Position.Line], Rule: "remark",
				Says: fmt.Sprintf("what follows # is read as a remark, and is lost: put the value in quotes if %q belongs to it", short("#"+t.Value))})
		}
	}
	return odd
}
