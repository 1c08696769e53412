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
	Shown Shown  `json:"shown,omitempty"`
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
	w := walker{names: map[string]bool{}, fonts: form.Key("DR")}
	w.fields(form.Key("Fields"), "", "", 0)
	return w.all, w.err
}

type walker struct {
	all   []Answer
	names map[string]bool
	seen  int       // fields
	fonts pdf.Value // that a field uses without naming them itself
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
	if value != "" && hidden(f) {
		w.err = fmt.Errorf("its field %s holds something and is hidden", short(name))
		return
	}
	a := Answer{Name: name, Value: strings.TrimSpace(dars.Legible(value))}
	if kind != "Btn" {
		a.Shown = shown(f, a.Value, w.fonts)
	}
	w.all = append(w.all, a)
}
