package documents

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"darsd/dars"
)

// Small pieces of wording that several papers share.

func yesNo(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}

// until adds the day on which something ends, where one is known.
func until(what string, ends dars.Day) string {
	if what == "" || ends == "" {
		return what
	}
	return fmt.Sprintf("%s (until %s)", what, ends.Long())
}

// prefixed puts a label before what is known, and nothing before nothing.
func prefixed(label, what string) string {
	if what == "" {
		return ""
	}
	return label + what
}

// joined leaves out what is not known.
func joined(between string, parts ...string) string {
	return strings.Join(nonEmpty(parts...), between)
}

func nonEmpty(all ...string) (some []string) {
	for _, s := range all {
		if s != "" {
			some = append(some, s)
		}
	}
	return some
}

func year(d dars.Day) string { return string(d[:min(4, len(d))]) }

// words writes a state or a code as papers do: "signed off".
func words[S ~string](state S) string { return strings.ReplaceAll(string(state), "-", " ") }

// capital begins a text with a capital letter.
func capital(s string) string {
	_, first := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:first]) + s[first:]
}

// parties are the organisations that a paper names.
type parties map[dars.OrgCode]*dars.Organisation

// name is an organisation as papers call it. One that nobody handed over is
// called by its code: a paper is not refused for that.
func (p parties) name(code dars.OrgCode) string {
	if o := p[code]; o != nil && o.Name != "" {
		return o.Name
	}
	return string(code)
}

// whole says all that a paper must about a party.
func (p parties) whole(code dars.OrgCode) string {
	o := p[code]
	if o == nil {
		return string(code)
	}
	return joined("\n", fmt.Sprintf("%s (organisation code %s)", o.Name, o.Code), o.Address,
		prefixed("ICO registration ", until(o.ICO, o.ICOExpires)), prefixed("Security assurance: ", until(o.Security, o.SecurityExpires)))
}

func (p parties) all(codes []dars.OrgCode) string {
	var each []string
	for _, code := range codes {
		each = append(each, p.whole(code))
	}
	return strings.Join(each, "\n")
}

// people names persons, with their addresses of mail.
func people(known map[dars.PersonID]*dars.Person, ids ...dars.PersonID) string {
	var each []string
	for _, id := range ids {
		who := string(id)
		if p := known[id]; p != nil {
			who = joined(", ", cmp.Or(p.Name, string(id)), p.Email)
		}
		each = append(each, who)
	}
	return strings.Join(nonEmpty(each...), "\n")
}

// dataset names a dataset with its code, as both are used.
func dataset(c dars.Catalogue, code string) string {
	if known, err := c.Dataset(code); err == nil && known.Name != "" {
		return known.Name + " (" + code + ")"
	}
	return code
}

var dayWithin = regexp.MustCompile(`\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b`)

// inFull writes the days in a sentence of the program's as papers do.
func inFull(s string) string {
	return dayWithin.ReplaceAllStringFunc(s, func(d string) string {
		if _, err := time.Parse(time.DateOnly, d); err != nil {
			return d
		}
		return dars.Day(d).Long()
	})
}

// unbroken writes a text that is not to be broken over two lines, such as a number
// of a telephone.
func unbroken(s string) string { return strings.ReplaceAll(line(s), " ", "\u00a0") }

// ended puts a full stop behind what is known.
func ended(s string) string {
	if s == "" {
		return ""
	}
	return s + "."
}
