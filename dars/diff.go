package dars

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A Submission is one version of an application as it came in. What it said is
// kept in the vault under its hash.
type Submission struct {
	Version string            `json:"version"` // "v1.0"
	On      Day               `json:"on"`
	By      PersonID          `json:"by"`
	Files   map[string]string `json:"files"`             // the SHA-256 of each, by name: application.yaml and the evidence
	Changed []string          `json:"changed,omitempty"` // fields that differ from what was referred back
}

// TheForm is the name of the file that a form stands in.
const TheForm = "application.yaml"

// Received keeps what this version of the application came in as.
func (p *Application) Received(a Act, files map[string]string, on Day) {
	p.Submissions = append(p.Submissions, Submission{Version: p.Version(), On: on, By: a.Who, Files: files})
}

// Mended notes on the newest submission which fields differ from what was referred
// back. Where the substance does, the evidence is looked at again.
func (p *Application) Mended(a Act, was, is *Form, on Day) {
	newest := &p.Submissions[len(p.Submissions)-1]
	for _, c := range Diff(was.withoutLogins(), is.withoutLogins()) {
		newest.Changed = append(newest.Changed, c.Field)
	}
	p.lookAgain(a, newest.Changed, on)
}

// withoutLogins is the form as its noun keeps it: people stand in it by number alone.
func (f *Form) withoutLogins() *Form {
	kept := *f
	kept.Contact, kept.Collectors = "", nil
	return &kept
}

// Submission returns what a version came in as, such as "v1.0"; the newest for "".
func (p *Application) Submission(version string) (Submission, error) {
	for _, s := range slices.Backward(p.Submissions) {
		if version == "" || s.Version == version {
			return s, nil
		}
	}
	return Submission{}, Refuse("not-found", p.ID(), "the form of %s %s is not kept: darsd application show %s prints what is", p.Stem, version, p.Stem)
}

// A Change is one field that two versions of a form do not have in common.
type Change struct {
	Field string `json:"field"`
	Was   string `json:"was,omitempty"` // "" if it was not there
	Is    string `json:"is,omitempty"`  // "" if it is not there any more
}

// Diff lists what differs between two forms, in the order of the form. Items of a
// list that have a name of their own, such as datasets, are told apart by it, so
// that another order is no change.
func Diff(was, is *Form) (changes []Change) {
	var before, after leaves
	before.group("", reflect.ValueOf(was).Elem())
	after.group("", reflect.ValueOf(is).Elem())
	old, now := before.byField(), after.byField()
	for _, l := range after {
		if old[l.field] != l.value {
			changes = append(changes, Change{l.field, old[l.field], l.value})
		}
	}
	for _, l := range before {
		if _, ok := now[l.field]; !ok {
			changes = append(changes, Change{l.field, l.value, ""})
		}
	}
	return changes
}

// leaves are the single values of a form, by field.
type leaves []leaf

type leaf struct{ field, value string }

func (l leaves) byField() map[string]string {
	all := make(map[string]string, len(l))
	for _, one := range l {
		all[one.field] = one.value
	}
	return all
}

func (l *leaves) group(at string, v reflect.Value) {
	for _, f := range FormFields(v.Type()) {
		l.value(strings.TrimPrefix(at+"."+f.Name, "."), v.Field(f.Index))
	}
	switch of := v.Interface().(type) {
	case Evidence:
		l.text(at+".sha256", of.SHA256) // of the file, which nobody writes
	case Form:
		if of.Contact == "" && of.Collectors == nil {
			l.text("contact", string(of.ContactID))
			l.value("collectors", reflect.ValueOf(of.Recipients))
		}
	}
}

func (l *leaves) text(field, value string) {
	if value != "" {
		*l = append(*l, leaf{field, value})
	}
}

func (l *leaves) value(at string, v reflect.Value) {
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		l.value(at, v.Elem())
	case v.Kind() == reflect.Struct:
		l.group(at, v)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		seen := map[string]int{}
		for i := range v.Len() {
			name := label(v.Index(i))
			if seen[name]++; seen[name] > 1 {
				name = fmt.Sprintf("%s, %d", name, seen[name])
			}
			l.value(fmt.Sprintf("%s[%s]", at, name), v.Index(i))
		}
	case v.Kind() == reflect.Slice && v.Len() > 0:
		var all []string
		for i := range v.Len() {
			all = append(all, v.Index(i).String())
		}
		*l = append(*l, leaf{at, strings.Join(all, ", ")})
	case v.Kind() != reflect.Slice && v.Kind() != reflect.Pointer && !v.IsZero():
		*l = append(*l, leaf{at, fmt.Sprint(v.Interface())})
	}
}

// label is what an item of a list is known by: a code, a name, an address.
func label(item reflect.Value) string {
	for _, name := range []string{"Code", "Gateway", "Aim", "Kind", "Address", "What", "Field"} {
		if f := item.FieldByName(name); f.IsValid() && f.Kind() == reflect.String && f.String() != "" {
			return shortened(strings.Join(strings.Fields(f.String()), " "))
		}
	}
	if f := item.FieldByName("Fields"); f.IsValid() && f.Len() > 0 {
		return shortened(f.Index(0).String())
	}
	return ""
}
