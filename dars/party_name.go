package dars

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Registers name organisations in words, and one of them in several: "The University of
// Leeds", "UNIVERSITY OF LEEDS", "Univ. of Leeds (E1234)". For the guard those are one,
// or a second spelling would hide what a recipient already has.

// abbreviated are words that stand for others in names of organisations.
var abbreviated = map[string]string{
	"&": "and", "univ": "university", "ltd": "limited", "inc": "incorporated", "co": "company", "hosp": "hospital", "dept": "department", "st": "saint",
	"ft": "foundation trust", "nhsft": "nhs foundation trust", "ccg": "clinical commissioning group", "csu": "commissioning support unit", "dh": "department of health",
}

// odsInName is the code of an organisation behind its name, in brackets. Codes have a
// digit, or are of three capital letters as those of trusts are.
var odsInName = regexp.MustCompile(`^(.*\S)\s*[(\[]\s*([A-Z][A-Z0-9]{2,7})\s*[)\]]\s*$`)

// PartyNames are the forms by which an organisation of a register is found: that of its
// name without what differs between spellings, and its code, where that stands behind it.
func PartyNames(name string) (forms []string) {
	if m := odsInName.FindStringSubmatch(name); m != nil && (len(m[2]) == 3 || strings.ContainsAny(m[2], "0123456789")) {
		forms, name = append(forms, "code "+m[2]), m[1]
	}
	return append(forms, PartyName(name))
}

// PartyNames are the forms by which a register may name the organisation.
func (o *Organisation) PartyNames() []string {
	return []string{"code " + string(o.Code), PartyName(o.Name)}
}

// PartyName is a name of an organisation without what differs between spellings: capital
// letters, stops, an article in front, and words that are written short.
func PartyName(name string) string {
	letters := strings.Map(func(r rune) rune {
		switch {
		case r == '&' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127:
			return r
		case r == '\'' || r == '.':
			return -1 // St. George's is St Georges
		}
		return ' '
	}, strings.ToLower(strings.NewReplacer("’", "'", "&", " & ", "\u00a0", " ").Replace(name)))
	words := strings.Fields(letters)
	for i, w := range words {
		if whole, ok := abbreviated[w]; ok {
			words[i] = whole
		}
	}
	if len(words) > 1 && words[0] == "the" {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

// formWords are words of a name that say of what form an organisation is, or that people
// leave out.
var formWords = []string{"limited", "plc", "llp", "company", "incorporated", "corporation", "nhs", "foundation", "trust", "the", "of", "and", "for"}

// PartyCore is what is left of a name of an organisation without words of form, accents
// and blanks: names of one core are perhaps of one organisation, and perhaps not. It is
// for people to look at, and never joins two by itself.
func PartyCore(name string) string {
	words := slices.DeleteFunc(strings.Fields(Folded(PartyName(name))), func(w string) bool { return slices.Contains(formWords, w) })
	return cmp.Or(strings.Join(words, ""), PartyName(name))
}
