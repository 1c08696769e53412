package dars

import (
	"net/mail"
	"strings"
	"unicode"
)

// CheckName refuses a name or an address of whom the office writes to that does not
// fit one line. It would be more than a name in a letter, a list or a file.
func CheckName(ref, what, text string) error {
	broken := func(r rune) bool { return commands(r) || unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) }
	if strings.ContainsFunc(strings.ToValidUTF8(text, "\x00"), broken) {
		return Refuse("bad-text", ref, "%s holds a line break or a character that is no text: write it in one line", what)
	}
	return nil
}

// CheckEmail refuses what is no address for mail, such as ada@example.org (RFC 5322,
// 3.4.1), without a name before it. Nobody need have one.
func CheckEmail(ref, text string) error {
	if text == "" {
		return nil
	}
	if err := CheckName(ref, "the e-mail address", text); err != nil {
		return err
	}
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text {
		return Refuse("bad-email", ref, "the e-mail address is none: write it as name@example.org")
	}
	return nil
}
