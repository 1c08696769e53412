package dars

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// The shape of a form: which fields there must be, and which values each takes.
// It is read off the tags of [Form], as the reader and the published schema do,
// so that the three cannot differ.

// A FormField is a field of a form, by its tags.
type FormField struct {
	Name     string // the key in YAML
	Index    int    // of the struct's field
	Optional bool
	Codes    []Code // what it may say, if that is a list
	Pattern  string // how it is written, if that matters
	About    string
}

// FormFields lists the fields of a struct of a form that people write.
func FormFields(kind reflect.Type) (all []FormField) {
	for i := range kind.NumField() {
		tag := kind.Field(i).Tag
		name, options, _ := strings.Cut(tag.Get("yaml"), ",")
		if name == "" || name == "-" {
			continue
		}
		all = append(all, FormField{name, i, options == "omitempty", CodesOf(tag.Get("codes")), tag.Get("pattern"), tag.Get("about")})
	}
	return all
}

// DayPattern is how a day is written.
const DayPattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`

// A shape is a form while its fields are looked at.
type shape struct{ wrong []Mistake }

func (s *shape) say(field, format string, args ...any) {
	s.wrong = append(s.wrong, Mistake{Field: field, Says: fmt.Sprintf(format, args...), Rule: badForm})
}

// group looks at the fields of one struct.
func (s *shape) group(at string, v reflect.Value) {
	for _, f := range FormFields(v.Type()) {
		field := strings.TrimPrefix(at+"."+f.Name, ".")
		s.value(field, v.Field(f.Index), f)
	}
}

func (s *shape) value(field string, v reflect.Value, f FormField) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			s.value(field, v.Elem(), f)
		}
	case reflect.Struct:
		s.group(field, v)
	case reflect.Slice:
		if v.Len() == 0 && !f.Optional {
			s.say(field, "name at least one%s", f.asked(": "))
		}
		each := f
		each.Optional = false
		for i := range v.Len() {
			s.value(fmt.Sprintf("%s[%d]", field, i), v.Index(i), each)
		}
	case reflect.String:
		s.text(field, v, f)
	}
}

func (s *shape) text(field string, v reflect.Value, f FormField) {
	text := v.String()
	if rule, says := foulField(f, text); rule != "" {
		s.wrong = append(s.wrong, Mistake{Field: field, Says: says, Rule: rule})
		return
	}
	switch {
	case strings.TrimSpace(text) == "":
		if !f.Optional {
			s.say(field, "is empty%s", wanted(f, v))
		}
	case f.Codes != nil && !slices.Contains(Codes(f.Codes), text):
		s.say(field, "%q is not one of %s%s", shortened(text), strings.Join(Codes(f.Codes), ", "), meant(text, Codes(f.Codes)))
	case f.Pattern != "" && !regexp.MustCompile(f.Pattern).MatchString(text):
		s.say(field, "%q is not written as it should be. %s", shortened(text), strings.TrimSuffix(f.About, "."))
	case v.Type() == reflect.TypeFor[Day]():
		if _, err := ParseDay(text); err != nil {
			s.say(field, "%q is not a date such as 2026-03-31", shortened(text))
		}
	}
}

// foulField looks at what others will read. Numbers that somebody else gave, such
// as that of an award, may be ten digits long, and nobody's NHS number.
func foulField(f FormField, text string) (rule, says string) {
	rule, says = foul(strings.ReplaceAll(text, "\r", "\n"))
	if rule == "patient-number" && slices.Contains([]string{"award", "certificate", "reference", "number"}, f.Name) {
		return "", ""
	}
	return rule, says
}

// wanted says what to write where nothing is.
func wanted(f FormField, v reflect.Value) string {
	switch {
	case f.Codes != nil:
		return ": say one of " + strings.Join(Codes(f.Codes), ", ")
	case v.Type() == reflect.TypeFor[Day]():
		return ": write a date such as 2026-03-31"
	}
	return f.asked(": write ")
}

// asked is what a field is for, as the end of a sentence; nothing, if the form does
// not say.
func (f FormField) asked(before string) string {
	about, _, _ := strings.Cut(strings.TrimSuffix(f.About, "."), ". ")
	if about == "" {
		return ""
	}
	if f.Pattern == "" { // which begins with letters to be written
		about = strings.ToLower(about[:1]) + about[1:]
	}
	return before + about
}

// shortened keeps what a stranger wrote from filling a sentence.
func shortened(text string) string {
	if letters := []rune(text); len(letters) > 60 {
		return string(letters[:60]) + "…"
	}
	return text
}

// meant is a guess at which of some words somebody meant.
func meant(text string, words []string) string {
	if near := Nearest(text, words); near != "" {
		return fmt.Sprintf("; did you mean %s?", near)
	}
	return ""
}

// instead says what might be written in place of a word that there is not: the one
// that was probably meant, or those that there are.
func instead(text string, words []string) string {
	switch near := meant(text, words); {
	case near != "":
		return near
	case len(words) == 0:
		return ""
	case len(words) > mostNamed:
		return fmt.Sprintf("; it has %s, and %d more", strings.Join(words[:mostNamed], ", "), len(words)-mostNamed)
	}
	return "; it has " + strings.Join(words, ", ")
}

// mostNamed is how many words a sentence names before it says how many more there are.
const mostNamed = 12

// Nearest returns the word that is most like a misspelt one, or "" if none is:
// about a third of its letters may differ.
func Nearest(text string, words []string) (near string) {
	if len(text) > 60 {
		return ""
	}
	best := (len(text)+1)/3 + 1
	fold := func(s string) string { return strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(s)) }
	for _, w := range words {
		if d := distance(fold(text), fold(w)); d < best {
			best, near = d, w
		}
	}
	return near
}

// distance counts the letters to insert, leave out or change to make one word of
// another (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
