package dars

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A CertificateForm is what comes back of a certificate: CERT-nnnnnn.yaml, or the
// same read off the paper.
type CertificateForm struct {
	Certificate CertificateID `yaml:"certificate"`
	Agreement   AgreementID   `yaml:"agreement"`
	All         []Destruction `yaml:"all,omitempty"` // for whatever has no answer of its own in items
	Items       []Destruction `yaml:"items,omitempty"`
	Signed      Declaration   `yaml:"signed"`

	Lines  map[string]int    `yaml:"-" json:"-"` // on which each field stands; nil where nobody knows
	Called map[string]string `yaml:"-" json:"-"` // what a form in a PDF calls a field; a text calls it by its name
	Doubts []string          `yaml:"-" json:"-"` // of a form in a PDF: where what is seen is not, or may not be, what is stored
}

// A Destruction is one copy of one file at one holder, and its end; or under which
// later version of the case it is kept. Under "all" it has no file, and may have no
// holder: it is then for each of them.
type Destruction struct {
	File        FileID  `yaml:"file,omitempty" json:"file"`
	Holder      OrgCode `yaml:"holder,omitempty" json:"holder"`
	Copy        string  `yaml:"copy,omitempty" json:"copy"` // a code of Copies; none is "live"
	Medium      string  `yaml:"medium,omitempty" json:"medium,omitempty"`
	Serial      string  `yaml:"serial,omitempty" json:"-"` // of the medium: stands on the paper that came in, not in the log
	Method      string  `yaml:"method,omitempty" json:"method"`
	DestroyedOn Day     `yaml:"destroyed_on,omitempty" json:"destroyed_on"`
	BackupUntil Day     `yaml:"backup_until,omitempty" json:"backup_until"` // the day the last backup goes
	HeldUnder   string  `yaml:"held_under,omitempty" json:"held_under,omitempty"`
	By          string  `yaml:"by,omitempty" json:"-"` // who did it, if not the one who signs as having performed it
	Covered     bool    `yaml:"-" json:"covered"`
}

// A Declaration is who signs that no copy remains, and who destroyed them: two people.
// Names stand on the paper that came in, not in the log.
type Declaration struct {
	Name        string `yaml:"name" json:"-"`
	Post        string `yaml:"post" json:"post"`
	Date        Day    `yaml:"date" json:"date"`
	Destroyed   bool   `yaml:"no_copy_remains" json:"no_copy_remains"`
	PerformedBy string `yaml:"performed_by" json:"-"`
	Witness     string `yaml:"witness,omitempty" json:"-"`
	Contractor  string `yaml:"contractor,omitempty" json:"-"` // and the number of its certificate

	PerformedPost string `yaml:"performed_post,omitempty" json:"-"` // of whoever destroyed them
	PerformedOn   Day    `yaml:"performed_on,omitempty" json:"-"`   // the day on which they signed
	Media         string `yaml:"media,omitempty" json:"-"`          // media and serial numbers, in words
	Verified      string `yaml:"verified,omitempty" json:"-"`       // how it was verified, and by whom
	Kept          string `yaml:"kept,omitempty" json:"-"`           // data that is kept, in words: a point to mend
}

// A Holding is a file that a later version of the case lets its parties keep, and
// the releases under that version which hold the same.
type Holding struct {
	File     FileID
	Under    AgreementID
	Releases []ReleaseID
	Holders  []OrgCode
}

// MayKeep says what of a certificate's files may be kept, and how those who keep them say
// so; "" if nothing may.
func MayKeep(held []Holding) string {
	if len(held) == 0 {
		return ""
	}
	var files []string
	for _, h := range held {
		files = append(files, string(h.File))
	}
	return fmt.Sprintf("What %s covers may be kept by those who are a party to it: %s. Who keeps one says so in the certificate, with held_under: %[1]s in the place of method and destroyed_on, or with that reference in the place of the method in the PDF form.",
		held[0].Under, strings.Join(files, ", "))
}

// holding is what lets a holder keep what an item says is kept, or nil.
func holding(held []Holding, i Destruction) *Holding {
	at := slices.IndexFunc(held, func(h Holding) bool {
		named := i.HeldUnder != "" && (string(h.Under) == i.HeldUnder || slices.Contains(h.Releases, ReleaseID(i.HeldUnder)))
		return named && h.File == i.File && slices.Contains(h.Holders, i.Holder)
	})
	if at < 0 {
		return nil
	}
	return &held[at]
}

// open reports whether nothing is said yet of how a copy ended.
func (d Destruction) open() bool {
	return d.Medium == "" && d.Method == "" && d.DestroyedOn == "" && d.BackupUntil == "" && d.HeldUnder == ""
}

// live reports whether it is of the copy that is in use, which must be accounted
// for. Further copies are welcome; they stand for no live one.
func (d Destruction) live() bool { return cmp.Or(d.Copy, "live") == "live" }

// An answer is what a form says of one copy, and the field that says so.
type answer struct {
	Destruction
	field string
}

// loggable is a declaration without what cannot stand in the log.
func (d Declaration) loggable() Declaration {
	if rule, _ := foul(d.Post); rule != "" {
		d.Post = ""
	}
	if _, err := ParseDay(string(d.Date)); err != nil {
		d.Date = ""
	}
	return d
}

// answers are what a form says of each copy: what has a line of its own, and for
// the rest what is said for all. A copy of which nothing is said is left open.
func (f CertificateForm) answers(c *Certificate) (all []answer) {
	for i, item := range f.Items {
		all = append(all, f.whole(answer{item, fmt.Sprintf("items[%d]", i)}))
	}
	told := map[string]bool{} // of which copies in use something is said
	for _, a := range all {
		if a.live() {
			told[string(a.File)+" "+string(a.Holder)] = true
		}
	}
	for _, e := range c.Expected() {
		if !told[string(e.File)+" "+string(e.Holder)] {
			all = append(all, f.whole(answer{e, "items"}))
		}
	}
	for i := range all {
		all[i].Copy = cmp.Or(all[i].Copy, "live")
	}
	return all
}

// whole fills in an open answer with what is said for all.
func (f CertificateForm) whole(a answer) answer {
	if !a.open() {
		return a
	}
	for i, every := range f.All {
		if !every.open() && (every.Holder == "" || every.Holder == a.Holder) {
			every.File, every.Holder, every.Copy = a.File, a.Holder, a.Copy
			return answer{every, fmt.Sprintf("all[%d]", i)}
		}
	}
	return a
}

// keepable reports whether an answer can stand in the log: it says nothing in words
// that the office does not know.
func (a answer) keepable(c *Certificate) bool {
	known := func(list []Code, word string) bool { return word == "" || slices.Contains(Codes(list), word) }
	_, day := ParseDay(string(cmp.Or(a.DestroyedOn, c.Issued)))
	_, until := ParseDay(string(cmp.Or(a.BackupUntil, c.Issued)))
	return c.file(a.File) != nil && slices.Contains(c.Holders, a.Holder) && day == nil && until == nil &&
		known(Copies, a.Copy) && known(Media, a.Medium) && known(Methods, a.Method) && (a.HeldUnder == "" || refName(a.HeldUnder))
}

// refName reports whether a text is written as a reference of ours is.
func refName(text string) bool {
	return len(text) < 40 && (strings.HasPrefix(text, "DARS-NIC-") || strings.HasPrefix(text, "REL-")) && !namesPatient(text)
}

func (c *Certificate) file(id FileID) *SentFile {
	i := slices.IndexFunc(c.Files, func(f SentFile) bool { return f.File == id })
	if i < 0 {
		return nil
	}
	return &c.Files[i]
}

// sentTo is the last day on which some of the file went to a holder. One that was
// sent nothing has it from others: it may have ended there as soon as the first of
// them had theirs.
func (f SentFile) sentTo(holder OrgCode) (last Day) {
	var others []Day
	for _, s := range f.Sent {
		if s.Org == holder || s.Org == "" {
			last = max(last, s.Last)
		}
		others = append(others, s.Last)
	}
	if last == "" && len(others) > 0 {
		last = slices.Min(others)
	}
	return last
}
