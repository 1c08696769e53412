package documents

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"darsd/dars"
)

// Submission is an application as it was submitted, in the sections of the form.
func (p Press) Submission(f dars.FormFacts) ([]byte, error) { return p.issue(p.application(f)) }

func (p Press) application(f dars.FormFacts) *Doc {
	app := f.Application
	d := p.New("Application for data", app.Form.Title, app.Stem+"-"+app.Version(), app.Submitted)
	d.mark = "application"
	d.Worded("application", applicationWords{app.Version(), app.Submitted})

	d.Fact("Received", "%s", app.Submitted.Long())
	d.Fact("Version", "%s", app.Version())
	d.Paras("opening")
	t := told{d, parties(f.Organisations), f.Catalogue}
	form := reflect.ValueOf(app.Form)
	for _, part := range formParts() {
		d.Part(part.number, part.title)
		before := len(d.blocks)
		for _, key := range part.fields {
			switch key {
			case "contact": // who they are is known by now
				d.Fact(label(key), "%s", people(f.People, app.Form.ContactID))
			case "collectors":
				d.Fact("May collect the data", "%s", people(f.People, app.Form.Recipients...))
			default:
				field := formField(key)
				t.value(field, form.Field(field.Index))
			}
		}
		if len(d.blocks) == before {
			d.Para("Nothing stated.")
		}
	}
	officeNotes(d, app)
	return d
}

// officeNotes is what the office has told the applicant of this application: why it
// was referred back, and what its review has found. None of it was submitted.
func officeNotes(d *Doc, app *dars.Application) {
	back := slices.DeleteFunc(dars.Stood(app.Decisions), func(s dars.Decision) bool { return s.Step != "referred-back" })
	reviewed := app.Review.By != "" && app.State != dars.Submitted // before that it is not told
	if len(back) == 0 && !reviewed {
		return
	}
	d.Heading("Notes of the office")
	d.Paras("notes")
	for _, b := range back {
		var areas []string
		for _, code := range b.Codes {
			areas = append(areas, dars.Meaning(dars.ReviewAreas, code))
		}
		d.Subheading("Referred back on " + b.On.Long() + prefixed(": ", strings.Join(areas, ", ")))
		d.Text(cmp.Or(b.Note, app.Review.Note, "See what was noted on each part."))
	}
	if reviewed {
		d.Subheading("The initial review of this version")
		d.reviewed(app.Review)
	}
}

type applicationWords struct {
	Version   string
	Submitted dars.Day
}

// A told puts what a form says on paper, field by field.
type told struct {
	*Doc
	of        parties
	catalogue dars.Catalogue
}

// longText is how many letters stand in paragraphs of their own, and not beside a
// label.
const longText = 300

func (t told) value(f dars.FormField, v reflect.Value) {
	switch {
	case v.Kind() == reflect.Pointer:
		if !v.IsNil() {
			t.value(f, v.Elem())
		}
	case v.Kind() == reflect.Struct && f.Name != "purpose":
		t.group(label(f.Name), v)
	case v.Kind() == reflect.Struct:
		t.fields(v)
	case v.Kind() == reflect.Slice && v.Type().Elem().Implements(reflect.TypeFor[fmt.Stringer]()) && v.Type().Elem().Kind() == reflect.Struct:
		t.lines(f, v)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		for i := range v.Len() {
			t.group(t.titled(f.Name, v.Index(i)), v.Index(i))
		}
	case v.IsZero() && f.Optional && v.Kind() != reflect.Bool:
	default:
		t.text(f, t.said(f, v))
	}
}

// group is a struct with a heading of its own.
func (t told) group(title string, v reflect.Value) {
	if v.IsZero() {
		return
	}
	t.Subheading(title)
	t.fields(v)
}

func (t told) fields(v reflect.Value) {
	for _, f := range dars.FormFields(v.Type()) {
		one := v.Field(f.Index)
		if one.Kind() == reflect.Slice && one.Type().Elem().Kind() == reflect.Struct {
			t.lines(f, one)
			continue
		}
		if one.Kind() == reflect.Pointer && !one.IsNil() || one.Kind() == reflect.Struct {
			t.text(f, t.onOneLine(reflect.Indirect(one)))
			continue
		}
		t.value(f, one)
	}
}

// lines is a list within a group: a line for each of its items.
func (t told) lines(f dars.FormField, v reflect.Value) {
	var all []string
	for i := range v.Len() {
		all = append(all, t.onOneLine(v.Index(i)))
	}
	if len(all) > 0 {
		t.Fact(label(f.Name), "%s", strings.Join(all, "\n"))
	}
}

// onOneLine is a small struct, such as a registration, on one line.
func (t told) onOneLine(v reflect.Value) string {
	if self, ok := v.Interface().(fmt.Stringer); ok {
		return self.String()
	}
	var all []string
	for _, f := range dars.FormFields(v.Type()) {
		one := v.Field(f.Index)
		switch {
		case one.IsZero() || one.Kind() == reflect.Struct:
		case len(all) == 0:
			all = append(all, t.said(f, one)) // which it is known by
		default:
			all = append(all, strings.ToLower(label(f.Name))+" "+t.said(f, one))
		}
	}
	return strings.Join(all, "; ")
}

func (t told) text(f dars.FormField, said string) {
	if len(said) > longText || t.isLong(f.Name) {
		t.Subheading(label(f.Name))
		t.Text(said)
		return
	}
	t.Fact(label(f.Name), "%s", said)
}

// isLong reports whether a field is for a text, however short this one is.
func (t told) isLong(name string) bool {
	switch name {
	case "objective", "processing", "outputs", "benefits", "yielded":
		return true
	}
	return false
}

// said is a value in words.
func (t told) said(f dars.FormField, v reflect.Value) string {
	switch {
	case v.Kind() == reflect.Bool:
		return yesNo(v.Bool())
	case f.Name == "periods":
		return periods(v.Interface().([]string))
	case v.Kind() == reflect.Slice:
		var all []string
		for i := range v.Len() {
			all = append(all, t.said(f, v.Index(i)))
		}
		between := ", "
		if v.Type().Elem() == reflect.TypeFor[dars.OrgCode]() || f.Name == "special_conditions" || f.Name == "held" {
			between = "\n"
		}
		return strings.Join(all, between)
	case v.Type() == reflect.TypeFor[dars.Day]():
		return dars.Day(v.String()).Long()
	case v.Type() == reflect.TypeFor[dars.OrgCode]():
		if code := dars.OrgCode(v.String()); t.of[code] != nil {
			return fmt.Sprintf("%s (%s)", t.of.name(code), code)
		}
	case f.Codes != nil:
		return dars.Meaning(f.Codes, v.String())
	}
	return fmt.Sprint(v.Interface())
}

// titled is the heading of one item of a list.
func (t told) titled(list string, v reflect.Value) string {
	switch item := v.Interface().(type) {
	case dars.DatasetRequest:
		return "Dataset: " + dataset(t.catalogue, item.Code)
	case dars.Party:
		return t.of.name(item.Code)
	case dars.LegalBasis:
		return "Legal basis: " + dars.Meaning(dars.Gateways, item.Gateway)
	case dars.Evidence:
		return "Evidence: " + item.File
	}
	return label(list)
}
