package dars

import (
	"fmt"
	"slices"
	"strings"
)

// The differencing guard: two releases that one recipient has, subtracted, may tell
// who somebody is. Before anything is planned, and again before it leaves, it is
// laid beside all that the recipient, its joint controllers and its processors have.

// A Disclosure is what the guard knows of one release, made here or read from a
// register.
type Disclosure struct {
	Ref         string      `json:"ref"` // "REL-000007", or a register's own: "FILE0012064"
	Agreement   AgreementID `json:"agreement"`
	Orgs        []OrgCode   `json:"orgs"` // who has it: all parties to the agreement
	Dataset     string      `json:"dataset"`
	Periods     []string    `json:"periods"` // nil: not known
	Treatment   Treatment   `json:"treatment"`
	List        ListSeen    `json:"list"`        // that was upheld; zero: not known
	Index       string      `json:"index"`       // the sum of what said whose rows are whose; "": not known yet, or the rows say it
	Rows        string      `json:"rows"`        // a code for the rows that were asked for; "": not known
	Cohort      string      `json:"cohort"`      // the sum of the recipient's own; "": everybody
	Columns     []string    `json:"columns"`     // nil: all
	Key         string      `json:"key"`         // the case whose pseudonyms are in it; "": there are none
	Identifiers []string    `json:"identifiers"` // that leave as they are; nil: nobody knows, the key neither
	Live        bool        `json:"live"`        // system access: it shows what is upheld on the day
	Owed        bool        `json:"owed"`        // objections came late, some was sent, and that is not accounted for
}

// A GuardCase is what the guard makes of a release beside another.
type GuardCase string

const (
	Apart       GuardCase = ""  // they have nothing in common by which they could be subtracted
	Replacement GuardCase = "a" // a plain refresh, or the same rows again
	Differs     GuardCase = "b" // refused, unless two people override it
	Unknown     GuardCase = "c" // refused, until somebody records why it is no matter
)

// A GuardWhy is by what two releases differ.
type GuardWhy string

const (
	OtherTreatment GuardWhy = "other-treatment"
	OlderList      GuardWhy = "older-list"
	OtherList      GuardWhy = "other-list"
	UnknownList    GuardWhy = "unknown-list"
	OtherIndex     GuardWhy = "other-index"
	OtherRows      GuardWhy = "other-rows"
	NotAccounted   GuardWhy = "not-accounted-for"

	DestructionOverdue GuardWhy = "destruction-overdue"
)

// GuardReasons are their meanings.
var GuardReasons = []Code{
	{string(OtherTreatment), "objections are treated otherwise: the two subtracted would name whoever objected"},
	{string(OlderList), "it is by an older objections list: the two subtracted would name whoever objected in between"},
	{string(OtherList), "it is by another objections list, and takes the other's place nowhere: the two subtracted would name whoever objected in between"},
	{string(UnknownList), "nobody knows by which objections list the other was made"},
	{string(OtherIndex), "it is by the same objections list and another index of whose rows are whose: the two subtracted would name who had objected, and could not be told"},
	{string(OtherRows), "other dates, filters or another cohort were asked for: the two subtracted would tell who is in the one alone"},
	{string(DestructionOverdue), "files were to be destroyed, because later ones took their place, and nobody has certified in time that they are"},
	{string(NotAccounted), "objections came after the other had left in part, and what was sent is not accounted for: the two subtracted would name whoever objected"},
}

// A Finding is one release beside one that the recipient has.
type Finding struct {
	Case   GuardCase  `json:"case"`
	Why    GuardWhy   `json:"why,omitempty"`
	Beside Disclosure `json:"beside"`
}

// Blocks reports whether the release must not be planned or leave.
func (f Finding) Blocks() bool { return f.Case == Differs || f.Case == Unknown }

// String names the other release and the case, and never a person.
func (f Finding) String() string {
	switch f.Case {
	case Apart:
		return fmt.Sprintf("it shares nothing with %s by which the two could be subtracted", f.Beside.Ref)
	case Replacement:
		return fmt.Sprintf("case (a): it may take the place of %s or stand beside it: the same rows, under one treatment, by a list that is no older", f.Beside.Ref)
	case Unknown:
		return fmt.Sprintf("case (c): %s under agreement %s counts as overlapping, because its period or its key is not known; %s", f.Beside.Ref, f.Beside.Agreement, Meaning(GuardReasons, string(f.Why)))
	}
	return fmt.Sprintf("case (b): beside %s under agreement %s, %s", f.Beside.Ref, f.Beside.Agreement, Meaning(GuardReasons, string(f.Why)))
}

// Against lays a release beside one that left before it. What is not known counts
// as shared.
func (d Disclosure) Against(had Disclosure) Finding {
	f := Finding{Beside: had}
	overlaps, surely := d.overlaps(had)
	if d.Ref == had.Ref || !overlaps {
		return f
	}
	linked, known := d.linked(had)
	f.Why = d.differs(had)
	switch {
	case !linked && f.Why != OtherTreatment: // of that, rows tell by what they say as well
	case f.Why == "":
		f.Case = Replacement
	case surely && known && f.Why != UnknownList:
		f.Case = Differs
	default:
		f.Case = Unknown
	}
	if f.Case == Apart {
		f.Why = ""
	}
	return f
}

// overlaps reports whether some organisation has rows of one dataset and period by
// both, and whether that is known or has to be supposed.
func (d Disclosure) overlaps(had Disclosure) (overlap, surely bool) {
	if d.Dataset != had.Dataset || !shared(d.Orgs, had.Orgs) {
		return false, true
	}
	if d.Periods == nil || had.Periods == nil {
		return true, false
	}
	return slices.ContainsFunc(d.Periods, func(p string) bool {
		return slices.ContainsFunc(had.Periods, func(q string) bool { return SamePeriod(p, q) })
	}), true
}

// SamePeriod reports whether two periods have rows in common. 202005 is the first
// five months of the year from April 2020, and 202099 all of it (domain 7.2): each
// counts from the year's beginning. Other names are compared as they are.
func SamePeriod(p, q string) bool {
	return p == q || cumulative(p) && cumulative(q) && p[:4] == q[:4]
}

func cumulative(p string) bool {
	return len(p) == 6 && strings.Trim(p, "0123456789") == "" && (p[4:] >= "01" && p[4:] <= "12" || p[4:] == "99")
}

// linked reports whether the rows of the one can be found in the other: by
// pseudonyms of one key, or by fields that leave as they are; and whether that is
// known or has to be supposed.
func (d Disclosure) linked(had Disclosure) (linked, known bool) {
	if d.Identifiers == nil || had.Identifiers == nil {
		return true, false
	}
	return d.Key != "" && d.Key == had.Key || shared(d.Identifiers, had.Identifiers), true
}

// differs says by what the rows of the one are not those of the other; "" where they
// are, or where the one is a plain refresh of the other.
func (d Disclosure) differs(had Disclosure) GuardWhy {
	sameCase := d.sameCase(had)
	switch {
	case had.Owed:
		return NotAccounted
	case d.Treatment != had.Treatment:
		return OtherTreatment
	case d.Live || had.Live:
		return ""
	case d.Rows != "" && had.Rows != "" && (d.Rows != had.Rows || !d.sameCohort(had)):
		return OtherRows
	case d.Treatment == NotUpheld || d.List.Date == "":
		return ""
	case had.List.Date == "" && sameCase:
		return "" // whatever it was, it is no newer
	case had.List.Date == "":
		return UnknownList
	case d.sameList(had) && (d.sameIndex(had) || sameCase && slices.Equal(d.Columns, had.Columns)):
		return ""
	case d.sameList(had):
		return OtherIndex
	case d.List.olderThan(had.List):
		return OlderList
	case sameCase && slices.Equal(d.Columns, had.Columns):
		return ""
	}
	return OtherList
}

func (d Disclosure) sameList(had Disclosure) bool {
	return d.List == had.List || d.List.SHA256 != "" && d.List.SHA256 == had.List.SHA256
}

// sameIndex reports whether both were told whose rows are whose by the same, as far as
// that is known: before a release is made it is not.
func (d Disclosure) sameIndex(had Disclosure) bool {
	return d.Index == "" || had.Index == "" || d.Index == had.Index
}

// sameCohort reports whether both are for everybody, or for whom the recipient has
// named. Within a case it may name others at each refresh, because it knows whom.
func (d Disclosure) sameCohort(had Disclosure) bool {
	return d.Cohort == had.Cohort || d.sameCase(had) && d.Cohort != "" && had.Cohort != ""
}

// sameCase reports whether both are under versions of one agreement.
func (d Disclosure) sameCase(had Disclosure) bool {
	return d.Agreement != "" && caseOf(d.Agreement) == caseOf(had.Agreement)
}

func caseOf(g AgreementID) string {
	if stem, _, _, err := ParseCase(string(g)); err == nil {
		return stem
	}
	return string(g) // of a register that writes them in a way of its own
}

func (l ListSeen) olderThan(o ListSeen) bool {
	return l.Date < o.Date || l.Date == o.Date && l.Version < o.Version
}

func shared[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(x T) bool { return slices.Contains(b, x) })
}

// Countable reports whether whom a pair tells of can be counted: they differ by
// objections alone, and the earlier is of no period that the later is not of.
func (p GuardPair) Countable() bool {
	d, had := p.Disclosure, p.Beside
	known := d.Treatment == NotUpheld || d.List.Date != ""
	return p.Case == Differs && !is(p.Why, OtherRows, OtherIndex) && known && !d.Live && !had.Live && d.Rows == had.Rows && d.Cohort == had.Cohort && without(had.Periods, d.Periods) == ""
}

// Disclosed is what of a dataset leaves, for the guard: its columns (nil: all), those
// by which rows can be found elsewhere, and the case of whose key pseudonyms are made.
// The person of a row is such a column, whatever the catalogue says of it, because it
// is the same for everybody.
func (r DatasetRequest) Disclosed(known Dataset, stem string) (columns, identifiers []string, key string) {
	identifiers = []string{}
	for _, name := range r.fieldsPlain(known) {
		if f, _ := known.Field(name); f.Identifying || name == known.Person {
			identifiers = append(identifiers, name)
		}
	}
	if r.Columns == nil && r.Fields == nil {
		identifiers = once(append(identifiers, known.Person))
	}
	if r.Pseudonymised() {
		key = stem
	}
	return r.leaving(), identifiers, key
}

// fieldsPlain are the fields that leave as they are.
func (r DatasetRequest) fieldsPlain(known Dataset) (names []string) {
	if r.Columns == nil {
		return r.fieldsAsked(known)
	}
	for _, c := range r.Columns {
		if c.Derive == "" {
			names = append(names, c.Field)
		}
	}
	return names
}
