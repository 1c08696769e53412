package documents

import (
	"reflect"
	"strings"

	"darsd/dars"
)

// BlankApplication is the form to read before one applies, and to fill in by hand
// by whoever must. It is put together from the form itself.
func (p Press) BlankApplication(on dars.Day) ([]byte, error) { return p.blankApplication(on).PDF() }

func (p Press) blankApplication(on dars.Day) *Doc {
	d := p.forEverybody("Application for data", "The form, with what each field is for", "FORM-APPLICATION", on)
	d.Worded("blank", blankWords{p.returnTo()})

	d.Paras("opening")
	form := reflect.TypeFor[dars.Form]()
	for _, part := range formParts() {
		d.Part(part.number, part.title)
		var rows [][]string
		for _, key := range part.fields {
			f := formField(key)
			rows = append(rows, blankRows(f, form.Field(f.Index).Type)...)
		}
		d.Table([]Col{{Name: "Field", Share: 34}, {Name: "What it is for", Share: 66}, {Name: "Your answer", Share: 66, Fill: true}}, rows)
	}
	d.Heading("Declaration")
	d.Paras("declaration")
	d.Sign(Signature{For: "the applicant"})
	d.Heading("Lists to choose from")
	for _, list := range dars.CodeLists {
		if len(list.Codes) <= fewCodes {
			continue
		}
		d.Subheading(label(strings.ReplaceAll(list.Name, "-", "_")))
		var rows [][]string
		for _, c := range list.Codes {
			rows = append(rows, []string{c.Code, c.Meaning})
		}
		d.Table([]Col{{Name: "Code", Share: 40}, {Name: "Meaning", Share: 126}}, rows)
	}
	return d
}

type blankWords struct{ Return string }

// fewCodes is how many answers stand beside their question.
const fewCodes = 7

// blankRows are the rows of a field: one, or one for each field within it.
func blankRows(f dars.FormField, kind reflect.Type) (rows [][]string) {
	for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice {
		kind = kind.Elem()
	}
	if kind.Kind() != reflect.Struct {
		return [][]string{{label(f.Name), purposeOf(f), ""}}
	}
	for _, within := range dars.FormFields(kind) {
		name := label(within.Name)
		if f.Name != "purpose" {
			name = label(f.Name) + ": " + name
		}
		rows = append(rows, []string{name, purposeOf(within), ""})
	}
	return rows
}

// purposeOf is what a field is for, with the answers that there are.
func purposeOf(f dars.FormField) string {
	if f.Codes == nil {
		return f.About
	}
	if len(f.Codes) > fewCodes {
		return joined(" ", f.About, "See the list at the end.")
	}
	var all []string
	for _, c := range f.Codes {
		all = append(all, "☐ "+c.Meaning)
	}
	return joined("\n", f.About, strings.Join(all, "\n"))
}
