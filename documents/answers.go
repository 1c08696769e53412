package documents

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ledongthuc/pdf"

	"darsd/dars"
)

// Limits of what is read of a form.
const (
	maxFields     = 20_000
	maxFieldsDeep = 16
	maxAnswers    = 1 << 20 // bytes, of all values together
)

// An Answer is what a field of a form holds. It is a proposal: what is stored can
// differ from what is seen on the page, so a person looks at both.
type Answer struct {
	Name  string `json:"name"`
	Value string `json:"value"` // of a box: "Yes" if it is ticked, and shows it
}

// answers walks the fields of a form (ISO 32000-1, 12.7.3). A form that carries its
// answers a second time (XFA) is refused: nobody could tell which are meant.
func answers(form pdf.Value) (all []Answer, err error) {
	if form.IsNull() {
		return nil, nil
	}
	if !form.Key("XFA").IsNull() {
		return nil, errors.New("it is a form of a kind (XFA) that holds its answers twice")
	}
	w := walker{names: map[string]bool{}}
	w.fields(form.Key("Fields"), "", "", 0)
	return w.all, w.err
}

type walker struct {
	all   []Answer
	names map[string]bool
	seen  int // fields
	bytes int
	err   error
}

// fields walks a list; what a field inherits is its name and its type.
func (w *walker) fields(list pdf.Value, name, kind string, deep int) {
	if deep > maxFieldsDeep {
		w.err = errors.New("its fields stand too deep in each other")
	}
	for i := range list.Len() {
		if w.seen++; w.seen > maxFields {
			w.err = fmt.Errorf("it has more than %d fields", maxFields)
		}
		if w.err != nil {
			return
		}
		w.field(list.Index(i), name, kind, deep)
	}
}

func (w *walker) field(f pdf.Value, name, kind string, deep int) {
	if part := f.Key("T"); !part.IsNull() {
		name = strings.TrimPrefix(name+"."+part.Text(), ".")
	}
	if own := f.Key("FT").Name(); own != "" {
		kind = own
	}
	if kids := f.Key("Kids"); kids.Len() > 0 && !kids.Index(0).Key("T").IsNull() {
		w.fields(kids, name, kind, deep+1)
		return
	}
	if kind == "Sig" || name == "" {
		return
	}
	value := f.Key("V").Text()
	if kind == "Btn" {
		if value = f.Key("V").Name(); value == "Off" || value != f.Key("AS").Name() {
			value = "" // it is ticked if it says so and is seen to
		}
	}
	if w.bytes += len(name) + len(value); w.bytes > maxAnswers {
		w.err = errors.New("its answers are too long")
		return
	}
	if w.names[name] {
		w.err = fmt.Errorf("its field %s stands there twice", short(name))
		return
	}
	w.names[name] = true
	w.all = append(w.all, Answer{name, strings.TrimSpace(dars.Legible(value))})
}

// Certificate is what a certificate of destruction says that was filled in as a form.
// One that was printed, or whose fields were made part of its pages, says nothing here.
func (r Reading) Certificate() (form dars.CertificateForm, err error) {
	said := map[string]string{}
	for _, a := range r.Answers {
		said[a.Name] = a.Value
	}
	if said["certificate"] == "" {
		return form, dars.Refuse("no-answers", "certificate", "the PDF has no fields that were filled in: fill in the form on a screen and send it as it was saved, or send the CERT-nnnnnn.yaml that came with it")
	}
	form.Certificate, form.Agreement = dars.CertificateID(said["certificate"]), dars.AgreementID(said["agreement"])
	for _, a := range r.Answers {
		copy, is := strings.CutSuffix(a.Name, " method")
		if !is {
			continue
		}
		d := dars.Destruction{Medium: said[copy+" medium"], Method: a.Value, DestroyedOn: dars.Day(said[copy+" destroyed_on"]), BackupUntil: dars.Day(said[copy+" backup_until"])}
		if strings.HasPrefix(a.Value, "DARS-") || strings.HasPrefix(a.Value, "REL-") { // in the place of the method
			d.Method, d.HeldUnder = "", a.Value
		}
		if which := strings.Fields(copy); len(which) == 3 {
			d.File, d.Holder, d.Copy = dars.FileID(which[0]), dars.OrgCode(which[1]), which[2]
		} else {
			d.File, d.Holder, d.Copy = dars.FileID(said[copy+" file"]), dars.OrgCode(said[copy+" holder"]), said[copy+" copy"]
			if d == (dars.Destruction{}) {
				continue // a line for a further copy that was not needed
			}
		}
		form.Items = append(form.Items, d)
	}
	form.Signed = dars.Declaration{PerformedBy: said["performed_by name"], Name: said["signed name"], Post: said["signed role"],
		Contractor: said["contractor"], Date: dars.Day(said["signed date"]), Destroyed: said["no_copy_remains"] != ""}
	return form, nil
}
