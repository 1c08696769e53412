package dars

import "slices"

// What a recipient may hold no longer although the agreement goes on: a publication has
// replaced it, or has put its year out of those that may be held. A certificate of
// destruction is asked for just those files of which a byte was sent.

// ReplacedDays is how long a recipient may keep it: six weeks (domain 2.6).
const ReplacedDays = 42

// A DestructionCause is why files are to be destroyed while their agreement is in force.
type DestructionCause string

const (
	CauseReplaced    DestructionCause = "replaced"     // newer files took their place
	CauseYearDropped DestructionCause = "year-dropped" // a year came, and theirs is no longer among those that may be held
	CauseCohortLeft  DestructionCause = "cohort-left"  // persons in them have left the recipient's own cohort
)

// DestructionCauses are the same, as what a release has done by its publication.
var DestructionCauses = []Code{
	{string(CauseReplaced), "replaces files that were sent before"},
	{string(CauseYearDropped), "brings a new year, and the oldest may be held no longer"},
	{string(CauseCohortLeft), "is for a newer version of the recipient's cohort, which persons have left"},
}

// Overtakes reports whether the data of a period take the place of those of another:
// it is the same period, or the same year to a later month.
func Overtakes(period, other string) bool {
	year, month, ok := yearTo(period)
	before, to, known := yearTo(other)
	return period == other || ok && known && year == before && month > to
}

// Drops reports whether the data of a period may no longer be held when those of another
// have come: the terms allow so many years, and this is one more. A year counts once it
// is final.
func (r DatasetRequest) Drops(period, come string) bool {
	year, _, ok := yearTo(period)
	newest, month, known := yearTo(come)
	return r.RollingYears > 0 && ok && known && month == finalMonth && year <= newest-r.RollingYears
}

// Overtakes reports whether a release takes the place of another of the same case and
// dataset.
func (r *Release) Overtakes(before *Release) bool {
	return slices.ContainsFunc(before.Periods, r.overtakes)
}

func (r *Release) overtakes(period string) bool {
	return slices.ContainsFunc(r.Periods, func(p string) bool { return Overtakes(p, period) })
}

// NotOvertaken refuses a release whose recipients can have a later month of the same
// year: that and the older file, subtracted, would tell of single persons.
func (r *Release) NotOvertaken(by *Release) error {
	for _, p := range r.Periods {
		for _, later := range by.Periods {
			if p != later && Overtakes(later, p) && by.State != ReleaseWithdrawn {
				return Refuse("overtaken", by.ID, "release %s of %s is for %s, which holds all of %s: nothing older follows it", by.ID, r.Dataset, later, p)
			}
		}
	}
	return nil
}

// Ends is why a release, published under some terms, has a file of another destroyed;
// "" if it may be kept.
func (r *Release) Ends(before *Release, f FileID, terms DatasetRequest) DestructionCause {
	i := slices.IndexFunc(before.Files, func(one ReleaseFile) bool { return one.ID == f })
	switch {
	case i < 0 || before.ID == r.ID || before.Dataset != r.Dataset:
		return ""
	case r.overtakes(before.Files[i].Period):
		return CauseReplaced
	case slices.ContainsFunc(r.Periods, func(come string) bool { return terms.Drops(before.Files[i].Period, come) }):
		return CauseYearDropped
	}
	return ""
}

// InPart reports whether a certificate asks for what files hold of some persons, and
// not for the files.
func (c *Certificate) InPart() bool { return c.Cause == CauseCohortLeft }

// Under reports whether a certificate is for some files while their agreement goes on:
// none of them may be kept under a later version.
func (c *Certificate) Under() bool { return c.Release != "" || c.Cause != "" }
