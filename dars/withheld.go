package dars

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What stands in a text that is published, where something stood that is not: that it
// is withheld, and the ground. What an outsider writes in this form is told apart.
const (
	withheldBefore = "[withheld: "
	withheldAfter  = "]"
	notWithheld    = "(withheld: "
)

// NameWithheld stands where the name or the address of a person stood.
const NameWithheld = withheldBefore + personalData + withheldAfter

// personalData is the ground on which names are withheld, which nobody need decide.
const personalData = "personal data, section 40"

// Exemptions are the grounds on which words of a case are withheld: those of the Freedom of
// Information Act 2000 that applications for data have met, with their sections.
var Exemptions = []Code{
	{"PERSONAL_DATA", personalData},
	{"COMMERCIAL", "commercial interests, section 43"},
	{"LAW_ENFORCEMENT", "security or law enforcement, section 31"},
	{"IN_CONFIDENCE", "information given in confidence, section 41"},
}

// Unsaid is what the published texts of a case do not say: people, by all that they are
// known by, and the words that somebody has withheld.
type Unsaid struct {
	Names []string
	Words []*Withholding
}

// OutOf is a text without it; where it stood, the text says that it is withheld, and on
// which ground.
func (u Unsaid) OutOf(text string) string {
	text = strings.ReplaceAll(text, withheldBefore, notWithheld)
	for _, w := range u.Words {
		text = w.outOf(text)
	}
	return Withheld(text, u.Names)
}

// OutOfAll is the same of several texts.
func (u Unsaid) OutOfAll(texts []string) []string {
	texts = slices.Clone(texts)
	for i := range texts {
		texts[i] = u.OutOf(texts[i])
	}
	return texts
}

// A Passage is a part of a published text: words, or that some are withheld.
type Passage struct {
	Words  string
	Ground string // for which the words are withheld; "": they are there
}

// Passages are the parts of a published text.
func Passages(text string) (all []Passage) {
	for text != "" {
		before, rest, found := strings.Cut(text, withheldBefore)
		ground, after, closed := strings.Cut(rest, withheldAfter)
		if !found || !closed {
			return append(all, Passage{Words: text})
		}
		if before != "" {
			all = append(all, Passage{Words: before})
		}
		all, text = append(all, Passage{Ground: ground}), after
	}
	return all
}

// contacts are addresses of mail and numbers of telephones, whosever they are.
var contacts = regexp.MustCompile(`[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+|(?:\+44[\s\p{Z}().-]*(?:\(0\))?|\b0)[\s\p{Z}(]*[1-9](?:[\s\p{Z}().-]*[0-9]){8,9}\b`)

// Withheld is a text without the names of some people, however they are written, and
// without anybody's address of mail or number; it says where they stood.
func Withheld(text string, names []string) string {
	for _, name := range names {
		if len(name) >= shortestName {
			text = unnamed(text, name)
		}
	}
	return contacts.ReplaceAllString(text, NameWithheld)
}

// shortestName is how many letters a name has that can be told from a word.
const shortestName = 5

// unnamed is a text without one name. Most texts do not have its last word at all.
func unnamed(text, name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
	if len(words) == 0 || !foldContains(text, words[len(words)-1]) {
		return text
	}
	return replaced(text, nameForms(words), NameWithheld)
}

// blanks part two words of a text.
const blanks = `[\s\p{Z}]+`

// replaced is a text with something else wherever whole words of it have a form.
func replaced(text string, form *regexp.Regexp, by string) string {
	out, from := strings.Builder{}, 0
	for _, at := range form.FindAllStringIndex(text, -1) {
		if !inWord(text, at[0], at[1]) {
			out.WriteString(text[from:at[0]])
			out.WriteString(by)
			from = at[1]
		}
	}
	return out.String() + text[from:]
}

// nameForms are the ways in which people write a name: whole, the last word first, with
// initials, or after a title.
func nameForms(words []string) *regexp.Regexp {
	const gap, title = blanks, `(?:Dr|Doctor|Prof|Professor|Mr|Mrs|Ms|Miss|Mx|Sir|Dame|Lord|Lady|Baroness)\.?`
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = regexp.QuoteMeta(w)
	}
	forms := []string{strings.Join(quoted, gap)}
	if n := len(words); n > 1 {
		first, last := quoted[0], quoted[n-1]
		letter, _ := utf8.DecodeRuneInString(words[0])
		initial := regexp.QuoteMeta(string(letter))
		others := `(?:` + gap + `\p{L}[\p{L}.'-]*){0,3}?` + gap // names between the first and the last
		forms = append(forms, first+others+last, last+`,?`+gap+first, initial+`\.?(?:[\s\p{Z}]*\p{L}\.)*[\s\p{Z}]*`+last,
			last+`,?`+gap+initial+`\b\.?`, title+gap+`(?:\p{L}[\p{L}.'-]*`+gap+`){0,3}?`+last)
	}
	return regexp.MustCompile(`(?i)` + strings.Join(forms, "|"))
}

// inWord reports whether a part of a text begins or ends within a word.
func inWord(text string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	after, _ := utf8.DecodeRuneInString(text[to:])
	return unicode.IsLetter(before) || unicode.IsLetter(after)
}

// foldContains reports whether a text has a word, in whatever letters.
func foldContains(text, word string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(word))
}
