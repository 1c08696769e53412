package dars

import (
	"fmt"
	"strings"
	"time"
)

// A CohortList is one version of the persons whom a recipient asks for under an
// agreement, from a file of its own. A newer one replaces it whole. The recipient
// may change it between refreshes, because it knows whom it added; who has left it
// is to be destroyed (see [CohortLeft]).
type CohortList struct {
	ID        CohortID    `json:"id"`
	Agreement AgreementID `json:"agreement"`
	Org       OrgCode     `json:"org"` // the agreement's: nobody else's data is made with it
	Dataset   string      `json:"dataset"`
	Version   int         `json:"version"` // from 1, for this agreement and dataset
	From      PersonID    `json:"from"`
	At        time.Time   `json:"at"`
	SHA256    string      `json:"sha256"`              // of the file as it came
	Vault     string      `json:"vault"`               // where the file lies
	Kind      string      `json:"kind"`                // of its identifiers: "NHS number", or "value of" a field
	Destroyed Day         `json:"destroyed,omitempty"` // the file, with the end of the case
	CohortCount
}

// A CohortCount is what was found in a recipient's file. It names lines and never
// what stands there.
type CohortCount struct {
	Lines      int       `json:"lines"`   // that say something, without the header
	Numbers    int       `json:"numbers"` // distinct, and valid: NHS numbers, or whatever the agreement goes by
	InvalidN   int       `json:"invalid_count"`
	NHSNumbers int       `json:"nhs_numbers,omitempty"` // where it is to hold identifiers of another kind: lines that say a valid NHS number all the same
	Invalid    []BadLine `json:"invalid"`               // the first thousand
	RepeatedN  int       `json:"repeated_count"`
	Repeated   []BadLine `json:"repeated"` // likewise: lines that say again what another has said
}

func (c CohortCount) String() string {
	said := fmt.Sprintf("%d lines, %d persons taken in", c.Lines, c.Numbers)
	if c.InvalidN > 0 {
		said += fmt.Sprintf(", %d not valid (%s)", c.InvalidN, SomeLines(c.Invalid, c.InvalidN))
	}
	if c.RepeatedN > 0 {
		said += fmt.Sprintf(", %d repeated", c.RepeatedN)
	}
	return said
}

// Counted is what was found in it, and of what kind.
func (c *CohortList) Counted() string { return c.CohortCount.String() + "; each line is one " + c.Kind }

// told is how many lines a sentence names.
const told = 5

// SomeLines names the first of the lines that are bad, of so many in all.
func SomeLines(bad []BadLine, all int) string {
	var said []string
	for _, b := range bad[:min(told, len(bad))] {
		said = append(said, fmt.Sprintf("line %d: %s", b.Line, b.Reason))
	}
	if more := all - len(said); more > 0 {
		said = append(said, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(said, "; ")
}

func (c *CohortList) Card() Card {
	return Card{"cohort", string(c.ID), "received", []Key{By("agreement", c.Agreement), By("org", c.Org), By("dataset", c.Dataset), By("sha256", c.SHA256)}}
}

// Follow makes it the version after the newest one, or refuses a file that cannot
// be one: most likely it is another file than was meant.
func (c *CohortList) Follow(newest *CohortList, limits Limits) error {
	switch {
	case c.Numbers == 0:
		return Refuse("cohort-empty", c.Agreement, "the cohort for %s holds not one valid number (%s); each line is to be one %s", c.Dataset, SomeLines(c.Invalid, c.InvalidN), c.Kind)
	case c.otherKind():
		return Refuse("cohort-kind", c.Agreement, "%d of the %d lines of the cohort for %s are NHS numbers, and each is to be one %s: hand in those; or, if you know your persons by NHS number, ask the office to amend the agreement (cohort: nhs_numbers: true)", c.NHSNumbers, c.Lines, c.Dataset, c.Kind)
	case c.InvalidN >= LimitFloor && float64(c.InvalidN) > limits.MaxInvalid*float64(c.Lines):
		return Refuse("cohort-invalid", c.Agreement, "%d of the %d lines of the cohort for %s are not valid (%s): mend them, each to one %s, and hand it in again", c.InvalidN, c.Lines, c.Dataset, SomeLines(c.Invalid, c.InvalidN), c.Kind)
	case newest == nil:
		c.Version = 1
	case newest.SHA256 == c.SHA256:
		return Refuse("cohort-known", c.Agreement, "this file is version %d of the cohort for %s already, and in force", newest.Version, c.Dataset)
	default:
		c.Version = newest.Version + 1
	}
	return nil
}

// otherKind reports whether a file is of NHS numbers where it was to be of something
// else. One identifier of ten digits in eleven has the check digit by chance, and not
// nine in ten.
func (c *CohortList) otherKind() bool {
	return c.NHSNumbers >= fewNumbers && 10*c.NHSNumbers >= 9*c.Lines
}

const fewNumbers = 3

// CohortName names the nth cohort that came in.
func CohortName(n int) CohortID { return CohortID(fmt.Sprintf("COH-%06d", n)) }

// A CohortUsed is the version of a cohort with which a release is made.
type CohortUsed struct {
	List    CohortID     `json:"id"`
	Version int          `json:"version"`
	SHA256  string       `json:"sha256"`
	Numbers int          `json:"numbers"`
	Left    []CohortLeft `json:"left,omitempty"`
}

// Used is how a release names it.
func (c *CohortList) Used() *CohortUsed {
	return &CohortUsed{c.ID, c.Version, c.SHA256, c.Numbers, nil}
}

// A CohortLeft says how many persons of an earlier version are in the new one no
// more. The recipient holds releases that were made with it: what they hold of these
// persons is to be destroyed.
type CohortLeft struct {
	List     CohortID    `json:"id"`
	Version  int         `json:"version"`
	Persons  int         `json:"persons"`
	Releases []ReleaseID `json:"releases"`
}

// fewPersons is up to how many persons are too few to be counted in a letter.
const fewPersons = 7

// Many is how many persons have left, as a letter says it.
func (l CohortLeft) Many() string {
	if l.Persons <= fewPersons {
		return fmt.Sprintf("%d persons or fewer", fewPersons)
	}
	return fmt.Sprintf("%d persons", l.Persons)
}

// A CohortMade is a cohort and the releases made with it that the recipient holds.
type CohortMade struct {
	*CohortList
	Releases []ReleaseID
}

// NoCohort is the refusal where a release is for a recipient's cohort and none has
// been handed in.
func NoCohort(g *Agreement, d Dataset, c Cohort) error {
	return Refuse("no-cohort", g.ID, "agreement %s has %s for a cohort of the recipient's, and none has been handed in: the recipient puts a file with %s into submit/, or sends it with ssh … cohort submit - --agreement %s --dataset %s",
		g.ID, d.Code, d.CohortLines(c), g.Stem, d.Code)
}

// CohortLines is what the lines of a recipient's file say, in words.
func (d Dataset) CohortLines(c Cohort) string {
	what := d.CohortKind(c)
	if c.Column != "" {
		return fmt.Sprintf("a header, and the %s in the column %s", what, c.Column)
	}
	return "one " + what + " a line"
}

// CohortKind is which identifier a recipient's file is to hold.
func (d Dataset) CohortKind(c Cohort) string {
	if d.CohortNumbers(c) {
		return "NHS number"
	}
	return "value of " + c.Field
}

// CohortNumbers reports whether a cohort is of NHS numbers: they are checked, and
// found however they are spelt. Others are looked for as they are.
func (d Dataset) CohortNumbers(c Cohort) bool {
	f, _ := d.Field(c.Field)
	return c.NHSNumbers || f.Holds == "nhs-number" || d.Index == nil && c.Field == d.Person
}

// MayHandIn reports whether a person is of those whom the agreement lets name a
// cohort: who collects under it, and the people of who applied and of its
// controllers.
func (g *Agreement) MayHandIn(p *Person) bool {
	for _, c := range g.Controllers {
		if c.Org == p.Org {
			return true
		}
	}
	return p.Org == g.Org || is(p.ID, g.Recipients...)
}
