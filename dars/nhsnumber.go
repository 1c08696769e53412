package dars

import (
	"strings"
	"unicode"
)

// An NHSNumber is the nine significant digits and the check digit of a valid
// NHS number. The zero value is no number.
type NHSNumber uint64

// ParseNHSNumber reads a number as people and spreadsheets spell it: ten digits,
// of any script's decimal digits, with spaces, hyphens or points between, quotation
// marks, an apostrophe or a comma around, ".0" behind. It returns why a text is
// none; a reason never repeats the text.
//
// It reads as much as it can, because an objection that is not understood is an
// objection that is not upheld.
//
// The check is modulus 11 (domain 6): weights 10 to 2 on the first nine digits,
// 11 less the remainder is the tenth; 11 stands for 0, and a stem that gives 10
// is never issued. Ten equal digits pass the sum and are refused all the same,
// but for ten nines, which are of the range reserved for tests.
func ParseNHSNumber(text string) (NHSNumber, string) {
	if n, ok := parsePlain(text); ok {
		return n, ""
	}
	var digits [10]byte
	n, after := 0, false // after: behind a decimal point that may only bring zeros
	for _, c := range strings.ToValidUTF8(strings.TrimSpace(text), "?") {
		d, isDigit := decimal(c)
		switch {
		case isDigit && after && d == 0:
		case isDigit && n == 10:
			return 0, "more than ten digits"
		case isDigit:
			digits[n] = d
			n++
		case c == '.' && n == 10:
			after = true
		case separator(c):
		default:
			return 0, "a character that is no digit"
		}
	}
	switch {
	case n == 0:
		return 0, "empty"
	case n < 10:
		return 0, "fewer than ten digits"
	}
	return check(digits)
}

// parsePlain is the common case, ten ASCII digits and no more: sources have
// millions of them.
func parsePlain(text string) (NHSNumber, bool) {
	if len(text) != 10 {
		return 0, false
	}
	var digits [10]byte
	for i := range digits {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
		digits[i] = text[i] - '0'
	}
	n, why := check(digits)
	return n, why == ""
}

// check applies modulus 11.
func check(digits [10]byte) (n NHSNumber, why string) {
	sum, same := 0, true
	for i, d := range digits {
		if i < 9 {
			sum += int(d) * (10 - i)
		}
		same = same && d == digits[0]
		n = n*10 + NHSNumber(d)
	}
	if same && digits[0] != 9 {
		return 0, "ten equal digits"
	}
	if (11-sum%11)%11 != int(digits[9]) {
		return 0, "the check digit is wrong (modulus 11)"
	}
	return n, ""
}

// decimal returns the value of a decimal digit of any script: Unicode keeps each
// script's ten in a row.
func decimal(c rune) (value byte, ok bool) {
	if c < 0x80 {
		return byte(c - '0'), c >= '0' && c <= '9'
	}
	if !unicode.Is(unicode.Nd, c) {
		return 0, false
	}
	zero := c
	for unicode.Is(unicode.Nd, zero-1) && c-zero < 10 {
		zero--
	}
	return byte(c - zero), c-zero < 10
}

// separator reports whether a character may stand between or around the digits.
func separator(c rune) bool {
	return unicode.IsSpace(c) || unicode.Is(unicode.Pd, c) || unicode.Is(unicode.Cf, c) || strings.ContainsRune("\u2212'\"`\u2018\u2019\u201c\u201d,;.=", c)
}
