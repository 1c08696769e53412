package dars

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// VAT is what an office says of value added tax on its charges: a rate that is added,
// or why none is. What a body charges for such work may lie outside the scope of the
// tax; that is the office's to settle, and so are the words.
type VAT struct {
	Rate   float64 `yaml:"rate" json:"rate,omitempty"`     // a share of every amount
	Number string  `yaml:"number" json:"number,omitempty"` // of the office's registration, which an invoice with the tax names
	Says   string  `yaml:"says" json:"says,omitempty"`     // where the rate is none
}

// NoVAT is what holds where an office has settled nothing else.
var NoVAT = VAT{Says: "These charges are outside the scope of VAT."}

// On is the tax on an amount, to the nearest penny.
func (v VAT) On(amount Pence) Pence {
	const whole = 10_000 // hundredths of a per cent
	return (amount*Pence(math.Round(v.Rate*whole)) + whole/2) / whole
}

// With is an amount with the tax.
func (v VAT) With(amount Pence) Pence { return amount + v.On(amount) }

// String says what is added, or in the office's words why nothing is.
func (v VAT) String() string {
	if v.Rate == 0 {
		return v.Says
	}
	return "VAT at " + v.Percent()
}

// Percent is the rate as papers write it: "20%".
func (v VAT) Percent() string {
	return strconv.FormatFloat(math.Round(v.Rate*10_000)/100, 'f', -1, 64) + "%"
}

var vatNumber = regexp.MustCompile(`^GB([0-9]{9}|[0-9]{12}|GD[0-9]{3}|HA[0-9]{3})$`)

// CheckPaying says what is wrong with what an office says of the tax, and of how it is
// to be paid.
func CheckPaying(v VAT, payTo []string) (wrong []error) {
	say := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("policy."+format, args...))
	}
	switch number := strings.ReplaceAll(v.Number, " ", ""); {
	case v.Rate > 1:
		say("vat.rate: %s is more than the amount itself: use a rate such as 20%%", v.Percent())
	case number != "" && !vatNumber.MatchString(number):
		say("vat.number: %q is not the number of a registration such as GB 123 4567 89", v.Number)
	case v.Rate > 0 && number == "":
		say("vat.number: an invoice with VAT names the office's registration: give its number, such as GB 123 4567 89")
	case v.Rate == 0 && strings.TrimSpace(v.Says) == "":
		say(`vat.says: say in the office's own words why no VAT is added, such as "These charges are outside the scope of VAT."`)
	}
	const mostLines, mostLetters = 8, 100
	if len(payTo) > mostLines {
		say("pay_to: %d lines are too many, use %d at most", len(payTo), mostLines)
	}
	for i, line := range payTo {
		if strings.TrimSpace(line) == "" || strings.ContainsAny(line, "\r\n") || len([]rune(line)) > mostLetters {
			say("pay_to: line %d: each is one line of 1 to %d letters, such as Account 12345678", i+1, mostLetters)
		}
	}
	return wrong
}
