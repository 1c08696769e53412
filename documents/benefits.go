package documents

import (
	"fmt"
	"strings"

	"darsd/dars"
)

// ReadBenefits reads what a recipient writes of the benefits of data. What it says
// is judged elsewhere.
func ReadBenefits(text []byte) (form dars.BenefitForm, err error) {
	lines, wrong := readForm(text, &form, maxItems)
	if len(wrong) > 0 {
		return dars.BenefitForm{}, dars.RefuseMistakes("benefits", "the form", wrong)
	}
	form.Lines = lines
	return form, nil
}

// BenefitForm is the form to fill in: the benefits that were stated stand in it
// already. What ReadBenefits reads is what this writes, filled in.
func BenefitForm(g *dars.Agreement, stated []dars.Target) []byte {
	var b strings.Builder
	say := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	say("# What came of the data under agreement %s", g.ID)
	say("#")
	say("# Fill this in and put it into submit/ over SFTP as %s-benefits.yaml. It will", g.Stem)
	say("# be published. It names no patient, and nobody who could be one. Take out what")
	say("# does not apply; copy what there are several of.")
	say("agreement: %s", g.ID)
	say("")
	say("# Kinds of outputs:")
	codesBelow(say, dars.OutputKinds)
	say("outputs:")
	say("  - title: %-30s # what can be looked at", `""`)
	say("    kind: %-31s # a code from the list above", `""`)
	say("    date: %-31s # the day on which it came out, as in 2026-03-31", `""`)
	say("    link: %-31s # where it stands on the web", `""`)
	say("")
	say("# Outcomes:")
	codesBelow(say, dars.Outcomes)
	say("# What is achieved, or partly, needs measure and evidence; what is not, why; what")
	say("# is still to come, the day on which it is expected.")
	say("benefits:")
	if len(stated) == 0 {
		stated = []dars.Target{{}}
	}
	for _, t := range stated {
		say("  - what: %s", quoted(t.What))
		if t.By != "" {
			say("    by: %s", t.By)
		}
		for _, field := range []string{"outcome", "measure", "why", "expected"} {
			say(`    %s: ""`, field)
		}
		say("    evidence: []")
	}
	say("")
	say("# Where there is nothing to tell at all: why.")
	say(`none_yet: ""`)
	return []byte(b.String())
}

func codesBelow(say func(string, ...any), codes []dars.Code) {
	for _, c := range codes {
		say("#   %-14s %s", c.Code, c.Meaning)
	}
}
