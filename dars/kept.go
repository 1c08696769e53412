package dars

import (
	"slices"
	"strings"
)

// nothingKept are the words with which people say that nothing is kept.
var nothingKept = []string{"", "none", "nothing", "no", "nil", "n/a", "na", "not applicable"}

// inWords looks at what a certificate says in words, beside its lines. What it says is
// not repeated: it stands on the paper that came in, and not in the log.
func (p *inspection) inWords() {
	s := p.form.Signed
	if kept := strings.ToLower(strings.Trim(s.Kept, " .-–—\t\r\n")); !slices.Contains(nothingKept, kept) {
		p.say("data-kept", "signed.kept", "data is kept, it says: a copy may be kept only under a later agreement, named in held_under; destroy any other, and leave this empty")
	}
	for _, f := range []struct{ field, text string }{
		{"kept", s.Kept}, {"media", s.Media}, {"verified", s.Verified}, {"contractor", s.Contractor}, {"witness", s.Witness}, {"performed_post", s.PerformedPost},
	} {
		if rule, says := foul(f.text); rule != "" {
			p.say(rule, "signed."+f.field, "%s", says)
		}
	}
	if s.PerformedOn == "" {
		return
	}
	switch _, err := ParseDay(string(s.PerformedOn)); {
	case err != nil:
		p.say("bad-form", "signed.performed_on", "%q is not a date such as 2026-03-31", written(string(s.PerformedOn)))
	case s.PerformedOn > p.on:
		p.say("impossible-date", "signed.performed_on", "%s is in the future: today is %s", s.PerformedOn, p.on)
	}
}
