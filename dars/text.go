package dars

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// foul says why a text cannot stand where others read it, whoever wrote it: a
// rule and a sentence, or two empty ones. It never repeats the text.
func foul(text string) (rule, says string) {
	if !utf8.ValidString(text) {
		return "bad-text", "it holds characters that are no text: write it as plain text"
	}
	for i, r := range text {
		if commands(r) && !(r == '\r' && strings.HasPrefix(text[i:], "\r\n")) {
			return "bad-text", fmt.Sprintf("it holds U+%04X, which is no text but commands a screen: leave it out", r)
		}
	}
	if namesPatient(text) {
		return "patient-number", "it holds what may be a patient's NHS number: write it without"
	}
	return "", ""
}

// CheckLine refuses what cannot stand in a short text such as the number of an
// order: what commands a screen, and a patient's number.
func CheckLine(ref, what, text string) error {
	if rule, says := foul(text); rule != "" {
		return Refuse(rule, ref, "%s: %s", what, says)
	}
	return nil
}

// commands reports whether a character is one that commands a screen or turns
// text around.
func commands(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
}

// Legible is a text without what commands a screen or turns text around.
func Legible(text string) string {
	return strings.Map(func(r rune) rune {
		if commands(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// namesPatient reports whether a text holds ten digits, in one group or as NHS
// numbers are spelt, 3-3-4, that are a valid NHS number.
func namesPatient(text string) bool {
	joins := func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '.' }
	for _, run := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsDigit(r) && !joins(r) }) {
		groups := strings.FieldsFunc(run, joins)
		for i, g := range groups {
			if validNumber(g) || i+2 < len(groups) && digits(g) == 3 && digits(groups[i+1]) == 3 && digits(groups[i+2]) == 4 && validNumber(g+groups[i+1]+groups[i+2]) {
				return true
			}
		}
	}
	return false
}

func digits(group string) int { return utf8.RuneCountInString(group) }

func validNumber(group string) bool {
	_, why := ParseNHSNumber(group)
	return digits(group) == 10 && why == ""
}
