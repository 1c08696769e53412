package dars

// The kinds of release: what leaves.
const (
	KindExtract    = "extract"
	KindTabulation = "tabulation"
	KindAccess     = "system-access" // nothing leaves, and named people look
)

// KindRules are what the rules make of a kind of release.
type KindRules struct {
	// Upheld: objections are upheld in it, whatever the matrix says of its data.
	Upheld bool
	// Tried: a list of objections that comes when it is published is tried on it.
	Tried bool
	// Replaced: a later one of the same periods takes its place.
	Replaced bool
	// Returned: what was sent of it is to be destroyed in the end, and that certified.
	Returned bool
	// Disseminated: it is charged as a dissemination.
	Disseminated bool
}

// ReleaseKinds are the rules of each kind.
//
// A tabulation with small numbers suppressed tells of groups. It may be kept after its
// agreement has ended (domain 2.6), so nobody certifies that it is destroyed. Who
// objects after it was published is in it as one of many; made again without them it
// would, beside the one before, tell who they are. So it stands, and no other takes its
// place.
var ReleaseKinds = map[string]KindRules{
	KindExtract:    {Tried: true, Replaced: true, Returned: true, Disseminated: true},
	KindTabulation: {Upheld: true},
	KindAccess:     {},
}

// Rules are those of its kind.
func (r *Release) Rules() KindRules {
	if rules, ok := ReleaseKinds[r.Kind]; ok {
		return rules
	}
	return ReleaseKinds[KindExtract]
}

// AsKind refuses a kind of release of data that were agreed as another.
func (r DatasetRequest) AsKind(g AgreementID, kind string) error {
	aggregate := is(r.Identifiability, "AGG_SUPPRESSED", "AGG_UNSUPPRESSED")
	switch {
	case kind == KindExtract && aggregate:
		return Refuse("no-extract", g, "agreement %s has %s as a tabulation: plan it with darsd release plan %[1]s --kind tabulation --request FILE", g, r.Code)
	case kind == KindTabulation && r.Identifiability != "AGG_SUPPRESSED":
		return Refuse("no-tabulation", g, "agreement %s has %s as %s: a tabulation leaves where %s is agreed (AGG_SUPPRESSED)", g, r.Code, Meaning(Identifiabilities, r.Identifiability), Meaning(Identifiabilities, "AGG_SUPPRESSED"))
	case kind == KindTabulation && r.Output != nil:
		return Refuse("output", g, "agreement %s asks for files of %s of a form of their own, and a table leaves as CSV with commas and as text: agree it without output", g, r.Code)
	}
	return nil
}
