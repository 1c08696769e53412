package documents

import (
	"strings"
	"unicode"

	"github.com/ledongthuc/pdf"
)

// Shown says whether a field shows what it holds. What is stored is what a program
// reads, and how it looks is what a person sees: whoever makes the file can have the
// two differ (ISO 32000-1, 12.5.5).
type Shown string

const (
	ShownAsStored  Shown = ""
	ShownOtherwise Shown = "otherwise" // or not at all
	ShownUnknown   Shown = "unknown"   // it is drawn by the viewer, or as a picture
)

// Flags by which a field is not seen on a screen (ISO 32000-1, 12.5.3).
const (
	flagHidden = 1 << 1
	flagNoView = 1 << 5
)

// hidden reports whether a field, or one of the places where it stands, is not seen.
func hidden(f pdf.Value) bool {
	if f.Key("F").Int64()&(flagHidden|flagNoView) != 0 {
		return true
	}
	places := f.Key("Kids")
	for i := range places.Len() {
		if places.Index(i).Key("F").Int64()&(flagHidden|flagNoView) != 0 {
			return true
		}
	}
	return false
}

// shown compares what a field holds with the letters that it draws.
func shown(f pdf.Value, value string, fonts pdf.Value) Shown {
	places := []pdf.Value{f}
	if kids := f.Key("Kids"); kids.Len() > 0 {
		places = nil
		for i := range min(kids.Len(), maxReadPages) {
			places = append(places, kids.Index(i))
		}
	}
	worst := ShownAsStored
	for _, place := range places {
		switch drawnAt(place.Key("AP").Key("N"), value, fonts) {
		case ShownOtherwise:
			return ShownOtherwise
		case ShownUnknown:
			worst = ShownUnknown
		}
	}
	return worst
}

// drawnAt compares a value with one drawing of it, without its spaces: where lines
// are broken is up to who draws.
func drawnAt(drawing pdf.Value, value string, fonts pdf.Value) (said Shown) {
	defer func() {
		if recover() != nil {
			said = ShownUnknown
		}
	}()
	if drawing.Kind() != pdf.Stream {
		if value == "" {
			return ShownAsStored
		}
		return ShownUnknown
	}
	resources := drawing.Key("Resources")
	if resources.Key("Font").IsNull() {
		resources = fonts
	}
	c := &collector{most: maxAnswers}
	c.contents(drawing, resources, 0)
	drawn, stored := visible(c.text.String()), visible(value)
	switch {
	case drawn == stored:
		return ShownAsStored
	case strings.ContainsRune(drawn, unicode.ReplacementChar), drawn == "" && pictured(drawing):
		return ShownUnknown
	}
	return ShownOtherwise
}

// visible is a text without what leaves no ink.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}

// pictured reports whether something is drawn that is no letter.
func pictured(drawing pdf.Value) (found bool) {
	pdf.Interpret(drawing, func(stack *pdf.Stack, op string) {
		popAll(stack)
		switch op {
		case "f", "F", "f*", "S", "s", "B", "B*", "b", "b*", "Do", "sh", "EI":
			found = true
		}
	})
	return found
}
