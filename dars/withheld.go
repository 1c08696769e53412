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
	f := foldedText(strings.ReplaceAll(text, withheldBefore, notWithheld))
	for _, w := range u.Words {
		f = w.outOf(f)
	}
	return f.withheld(u.Names)
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
func Withheld(text string, names []string) string { return foldedText(text).withheld(names) }

func (f foldText) withheld(names []string) string {
	for _, name := range names {
		if len(name) >= shortestName {
			f = f.unnamed(name)
		}
	}
	return contacts.ReplaceAllString(f.text, NameWithheld)
}

// shortestName is how many letters a name has that can be told from a word.
const shortestName = 5

// unnamed is a text without one name. Most texts do not have its last word at all.
func (f foldText) unnamed(name string) foldText {
	var words []string
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == ',' }) {
		if w = Folded(w); w != "" {
			words = append(words, w)
		}
	}
	if len(words) == 0 || !strings.Contains(f.plain, words[len(words)-1]) {
		return f
	}
	return f.replaced(nameForms(words), NameWithheld)
}

// nameForms are the ways in which people write a name: whole, the last word first, with
// initials, or after a title. They are looked for in a folded text.
func nameForms(words []string) *regexp.Regexp {
	const title = `(?:dr|doctor|prof|professor|mr|mrs|ms|miss|mx|sir|dame|lord|lady|baroness)`
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = regexp.QuoteMeta(w)
	}
	forms := []string{strings.Join(quoted, " ")}
	if n := len(words); n > 1 {
		first, last := quoted[0], quoted[n-1]
		letter, _ := utf8.DecodeRuneInString(words[0])
		initial := regexp.QuoteMeta(string(letter))
		const others = `(?: \p{L}+){0,4}?` // names between
		forms = append(forms, first+others+" "+last, last+`,? ?`+first, initial+`(?: \p{L})* ?`+last, last+`,? ?`+initial, title+others+" "+last)
	}
	return regexp.MustCompile(strings.Join(forms, "|"))
}

// A foldText is a text, and what it is as names are compared: in that something is looked
// for, so that it is found in every spelling.
type foldText struct {
	text, plain string
	letters     []Letter
}

func foldedText(text string) foldText {
	letters := Spelt(text)
	return foldText{text, joined(letters), letters}
}

// replaced is a text with something else wherever whole words of it have a form.
func (f foldText) replaced(form *regexp.Regexp, by string) foldText {
	var out strings.Builder
	done, from := 0, 0 // of the text, and of the plain one
	for from < len(f.plain) {
		at := form.FindStringIndex(f.plain[from:])
		if at == nil {
			break
		}
		at[0], at[1] = at[0]+from, at[1]+from
		if inWord(f.plain, at[0], at[1]) {
			_, size := utf8.DecodeRuneInString(f.plain[at[0]:])
			from = at[0] + size
			continue
		}
		begins, ends := f.stands(at[0], at[1])
		out.WriteString(f.text[done:max(done, begins)])
		out.WriteString(by)
		done, from = ends, at[1]
	}
	if done == 0 {
		return f
	}
	return foldedText(out.String() + f.text[done:])
}

// stands is where a part of the plain text stands in the text; the full stop of an initial
// that ends it is a part too.
func (f foldText) stands(from, to int) (begins, ends int) {
	first := utf8.RuneCountInString(f.plain[:from])
	last := first + utf8.RuneCountInString(f.plain[from:to]) - 1
	begins, ends = f.letters[first].From, f.letters[last].To
	if last > first && f.letters[last-1].Rune == ' ' && strings.HasPrefix(f.text[ends:], ".") {
		ends++
	}
	return begins, ends
}

// inWord reports whether a part of a text begins or ends within a word.
func inWord(text string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	after, _ := utf8.DecodeRuneInString(text[to:])
	return unicode.IsLetter(before) || unicode.IsLetter(after)
}
