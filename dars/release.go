package dars

import (
	"fmt"
	"slices"
)

// A Release is what leaves the office at one time under one agreement: one
// dataset, one or more periods, a file for each. Three people stand behind it.
type Release struct {
	ID         ReleaseID     `json:"id"`
	Kind       string        `json:"kind"` // see ReleaseKinds
	Agreement  AgreementID   `json:"agreement"`
	Dataset    string        `json:"dataset"`
	Periods    []string      `json:"periods"`
	State      ReleaseState  `json:"state"`
	Hands      Hands         `json:"hands"`
	Attempt    string        `json:"attempt,omitempty"` // its folder in the vault
	Objections Upheld        `json:"objections"`
	Counts     ReleaseCounts `json:"counts"`
	Sources    []Source      `json:"sources,omitempty"` // that it was made from: the office's evidence
	Index      string        `json:"index,omitempty"`   // the SHA-256 of the source that says whose rows are whose; "": its rows say it, or nobody knows
	Files      []ReleaseFile `json:"files"`
	Tags       []PackageFile `json:"tags"` // the package's other files
	Published  Day           `json:"published,omitempty"`
	WindowEnds Day           `json:"window_ends,omitempty"` // the last day to collect it
	Planned    Day           `json:"planned"`
	Reissues   ReleaseID     `json:"reissues,omitempty"` // the one that was missed
	Cohort     *CohortUsed   `json:"cohort,omitempty"`   // whom the recipient has named
	Replaces   []ReleaseID   `json:"replaces"`
	ReplacedBy ReleaseID     `json:"replaced_by,omitempty"`
	Late       *Late         `json:"late,omitempty"`     // objections that came when it was published
	Rebuilds   *Rebuild      `json:"rebuilds,omitempty"` // the one that was withdrawn for them
	Access     *Access       `json:"access,omitempty"`   // of system access: who may use what
	Tabulation *Tabulation   `json:"tabulation,omitempty"`
	Seen       *Examination  `json:"seen,omitempty"`              // what a pass over its files has shown
	Steps      []Step        `json:"steps,omitempty"`             // of its ladders, done
	Invoice    InvoiceID     `json:"invoice,omitempty"`           // that asks for its charges
	Despite    []GuardID     `json:"despite,omitempty"`           // what lets it stand beside others that its recipients have
	Because    string        `json:"withdrawn_because,omitempty"` // in the office's words: for itself
}

// A ReleaseState is where a release is in its life.
type ReleaseState string

const (
	Planned          ReleaseState = "planned"
	Produced         ReleaseState = "produced"
	Checked          ReleaseState = "checked"
	SignedOff        ReleaseState = "signed-off"
	Published        ReleaseState = "published"
	Collected        ReleaseState = "collected" // every file confirmed complete for one person
	Purged           ReleaseState = "purged"    // our own copy is gone
	ReleaseWithdrawn ReleaseState = "withdrawn"
)

// ReleaseLife is every step of a release:
//
//	planned ──▶ produced ──▶ checked ──▶ signed-off ──▶ published ──▶ collected ──▶ purged
//	   │            │            │            │             ├───────────────────────▶│
//	   └────────────┴────────────┴────────────┴─────────────┴──▶ withdrawn
//
// While it can be collected it may stand frozen beside that: see [LateLife].
var ReleaseLife = Life[ReleaseState]{
	Planned:   {Produced, ReleaseWithdrawn},
	Produced:  {Checked, ReleaseWithdrawn},
	Checked:   {SignedOff, ReleaseWithdrawn},
	SignedOff: {Published, ReleaseWithdrawn},
	Published: {Collected, Purged, ReleaseWithdrawn},
	Collected: {Purged, ReleaseWithdrawn},
}

// Upheld says how patients' objections were treated in a release.
type Upheld struct {
	Treatment   Treatment `json:"treatment"`
	Reason      string    `json:"reason"`                 // a code of ObjectionReasons
	ConfirmedBy PersonID  `json:"confirmed_by,omitempty"` // the signer who let it leave without
	List        ListID    `json:"list,omitempty"`         // the newest; of one that is not upheld, where there was one
	ListVersion int       `json:"list_version,omitempty"`
	ListDate    Day       `json:"list_date,omitempty"`
	ListSHA256  string    `json:"list_sha256,omitempty"`

	Against *ListSeen `json:"against,omitempty"` // the newest when it was confirmed that they are not upheld
}

// A ListSeen is the version of the objections list that somebody's word stands against.
type ListSeen struct {
	Version int    `json:"list_version"`
	Date    Day    `json:"list_date"`
	SHA256  string `json:"list_sha256"`
}

// ReleaseCounts are the figures behind a release. Those of withheld rows and
// persons are the office's evidence and never leave it: small ones would tell of
// somebody.
type ReleaseCounts struct {
	RowsIn           int64 `json:"rows_in"`
	RowsQuarantined  int64 `json:"rows_quarantined,omitempty"` // could not be read, and were put aside
	RowsOutside      int64 `json:"rows_outside"`               // of the agreed dates and filters
	RowsWithheld     int64 `json:"rows_withheld"`
	RowsUnmatched    int64 `json:"rows_unmatched"`
	RowsOut          int64 `json:"rows_out"`
	PersonsWithheld  int64 `json:"persons_withheld"`
	PersonsUnmatched int64 `json:"persons_unmatched"`
	CohortFound      int64 `json:"cohort_found,omitempty"` // persons of the recipient's cohort who have a row, objectors among them

	Asked *AskedCounts `json:"asked,omitempty"`
}

// AskedCounts says of the rows outside what was agreed by what each was left out,
// and where nothing could be derived. A row is counted once, by the first that
// leaves it out: dates, filters in the order of the agreement, the cohort.
type AskedCounts struct {
	Dates     int64         `json:"dates"`
	Filters   []FilterCount `json:"filters"`
	Cohort    *FilterCount  `json:"cohort,omitempty"`
	Underived []Underived   `json:"underived"`
}

// A FilterCount is what one filter of an agreement has left out.
type FilterCount struct {
	Fields  []string `json:"fields"`
	Missing int64    `json:"missing"` // rows: they say nothing, or nothing that can be read
	Others  int64    `json:"others"`  // rows: they say something else
}

// Underived counts the rows of which the field says something, and nothing could be
// made of it.
type Underived struct {
	Column string `json:"column"`
	Rows   int64  `json:"rows"`
}

// FileCounts is where the rows of one file went; what is left is Rows.
type FileCounts struct {
	RowsIn          int64 `json:"rows_in"`
	RowsQuarantined int64 `json:"rows_quarantined"`
	RowsOutside     int64 `json:"rows_outside"`
	RowsWithheld    int64 `json:"rows_withheld"`
	RowsUnmatched   int64 `json:"rows_unmatched"`

	// Distinct persons, where they were counted file by file.
	PersonsWithheld  int64 `json:"persons_withheld,omitempty"`
	PersonsUnmatched int64 `json:"persons_unmatched,omitempty"`
	PersonsCounted   bool  `json:"persons_counted,omitempty"`
}

// A PackageFile is one file of a package, with the sums that clients ask for.
type PackageFile struct {
	Path   string `json:"path"` // in the package: "data/FILE0000001_NIC000001_HES_APC_200199.csv"
	Bytes  int64  `json:"bytes"`
	SHA512 string `json:"sha512,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	SHA1   string `json:"sha1,omitempty"`
	MD5    string `json:"md5,omitempty"`
}

// A ReleaseFile is one period's data: the file that the ledger counts.
type ReleaseFile struct {
	ID     FileID `json:"id"`
	Period string `json:"period"`
	PackageFile
	Repeats FileID     `json:"repeats,omitempty"` // of which it says the same, for people to read
	Rows    int64      `json:"rows"`
	Counts  FileCounts `json:"counts,omitzero"` // the office's evidence, as ReleaseCounts are
}

func (r *Release) Card() Card {
	k := append(keys("agreement", r.Agreement), By("dataset", r.Dataset))
	for _, f := range r.Files {
		k = append(k, By("file", f.ID))
	}
	if r.IsFrozen() {
		k = append(k, By("late", Frozen))
	}
	return Card{"release", string(r.ID), string(r.State), k}
}

// FileName is a file's name in the package: the file, the case, the dataset and
// the period (domain 7.2).
func FileName(id FileID, stem, dataset, period string, f Format) string {
	ending := "txt"
	if f.Delimiter == "," {
		ending = "csv"
	}
	return fmt.Sprintf("%s_%s_%s_%s.%s", id, NICNumber(stem), dataset, period, ending)
}

// A Package is what production has made, to be kept on the release.
type Package struct {
	Attempt string
	Upheld  Upheld
	Counts  ReleaseCounts
	Sources []Source
	Index   string // the SHA-256 of the one of them that says whose rows are whose
	Files   []ReleaseFile
	Tags    []PackageFile
	Left    []CohortLeft // who is in the cohort no more
	Seen    *Examination
	Table   *TableMade // of a tabulation
}

// Produce takes the package in.
func (r *Release) Produce(a Act, p Package) error {
	if err := r.take(a, Produced); err != nil {
		return err
	}
	r.Attempt, r.Objections, r.Counts, r.Sources, r.Index, r.Files, r.Tags, r.Seen = p.Attempt, p.Upheld, p.Counts, p.Sources, p.Index, p.Files, p.Tags, p.Seen
	if r.Cohort != nil {
		used := *r.Cohort
		used.Left, r.Cohort = p.Left, &used
	}
	if r.Tabulation != nil {
		made := *r.Tabulation
		made.Made, r.Tabulation = p.Table, &made
	}
	return nil
}

// Check says that a second person has looked at what was produced.
func (r *Release) Check(a Act) error { return r.take(a, Checked) }

// SignOff says that a third lets it leave. Where objections are not upheld that has to
// be said in so many words, with SignOffNotUpheld.
func (r *Release) SignOff(a Act) error {
	if r.Treated() == NotUpheld {
		return Refuse("not-confirmed", r.ID, "release %s: objections of patients are not upheld in it, because of %s (%s): if that is right, sign it off with --confirm-not-upheld",
			r.ID, r.Objections.Reason, Meaning(ObjectionReasons, r.Objections.Reason))
	}
	return r.take(a, SignedOff)
}

// MadeWith refuses a release in which objections were upheld by another list than the
// newest.
func (r *Release) MadeWith(newest *List) error {
	if r.Treated() != Uphold || r.Objections.List == newest.ID {
		return nil
	}
	return Refuse("list-changed", r.ID, "release %s was produced with objections list version %d, and version %d has come since: withdraw it and plan it again", r.ID, r.Objections.ListVersion, newest.Version)
}

// Publish lets its recipients collect it, for the days of the window and never
// after the last day on which its agreement stands.
func (r *Release) Publish(_ Act, on Day, window int, last Day) error {
	if err := r.step(Published); err != nil {
		return err
	}
	r.Published, r.WindowEnds = on, Earliest(on.Add(window-1), last)
	return nil
}

// Extend moves the window's last day, at most to the last one on which its agreement
// stands.
func (r *Release) Extend(_ Act, until, last Day) error {
	switch {
	case !is(r.State, Published, Collected):
		return Refuse("wrong-step", r.ID, "release %s is %s and has no window to extend", r.ID, r.State)
	case until > last:
		return Refuse("after-end", r.ID, "release %s: its agreement ends on %s, or a framework contract under it", r.ID, last)
	case until <= r.WindowEnds:
		return Refuse("not-later", r.ID, "release %s can be collected until %s already", r.ID, r.WindowEnds)
	}
	r.WindowEnds = until
	return nil
}

// Reissuable refuses a release that cannot be issued again: it was never
// published, can still be collected, or has been replaced since.
func (r *Release) Reissuable(on Day) error {
	switch {
	case r.Published == "":
		return Refuse("not-published", r.ID, "release %s is %s and was never published: there is nothing to issue again", r.ID, r.State)
	case r.Open(on):
		return Refuse("still-open", r.ID, "release %s can be collected until %s: darsd release extend %s --until DATE gives longer", r.ID, r.WindowEnds, r.ID)
	case r.ReplacedBy != "":
		return Refuse("replaced", r.ID, "release %s was replaced by %s", r.ID, r.ReplacedBy)
	}
	return nil
}

// Withdraw takes it back: nobody may collect it any more. Of a frozen one that is
// purged there is nothing here to take back, but what was sent is.
func (r *Release) Withdraw(a Act) error {
	if a.Why == "" {
		return Refuse("no-reason", r.ID, "release %s: say why with --reason", r.ID)
	}
	if r.Access != nil {
		return Refuse("system-access", r.ID, "release %s is system access, which is taken back with darsd release revoke %s --all", r.ID, r.ID)
	}
	frozen := r.IsFrozen()
	if !frozen || r.State != Purged {
		if err := r.step(ReleaseWithdrawn); err != nil {
			return err
		}
	}
	r.Because = a.Why
	if frozen {
		return r.decideAgainst(a)
	}
	return nil
}

// Collect notes that one person has every file, confirmed.
func (r *Release) Collect() error { return r.step(Collected) }

// Purge notes that the office's own copy is gone.
func (r *Release) Purge() error { return r.step(Purged) }

// Open reports whether it may be collected on a day, as far as its own window
// goes; the agreement has its say too.
func (r *Release) Open(on Day) bool {
	return is(r.State, Published, Collected) && on <= r.WindowEnds
}

// Withdrawable reports whether it still lies or may still be made: its agreement's
// end takes it back.
func (r *Release) Withdrawable() bool { return is(r.State, Planned, Produced, Checked, SignedOff) }

// Ready reports whether its package is made and has not left.
func (r *Release) Ready() bool {
	return is(r.State, Produced, Checked, SignedOff) && r.Attempt != "" && len(r.Files) > 0
}

// By returns who took a step, or "".
func (r *Release) By(step ReleaseState) PersonID { return r.Hand(step).By }

// Hand is the part of who took a step; nobody's, if it was not taken.
func (r *Release) Hand(step ReleaseState) Hand {
	i := slices.IndexFunc(r.Hands, func(h Hand) bool { return h.Step == string(step) })
	if i < 0 {
		return Hand{}
	}
	return r.Hands[i]
}

// Package is every file that the office still keeps of the release.
func (r *Release) Package() (all []PackageFile) {
	if r.Attempt == "" || is(r.State, Purged, ReleaseWithdrawn) {
		return nil
	}
	for _, f := range r.Files {
		all = append(all, f.PackageFile)
	}
	return append(all, r.Tags...)
}

// take lets somebody do one of the three steps that need three people.
func (r *Release) take(a Act, to ReleaseState) error {
	if _, err := ReleaseLife.Step(r, r.State, to); err != nil {
		return err
	}
	hands, err := r.Hands.Add(a, string(to), string(r.ID))
	if err != nil {
		return err
	}
	r.Hands, r.State = hands, to
	return nil
}

func (r *Release) step(to ReleaseState) (err error) {
	r.State, err = ReleaseLife.Step(r, r.State, to)
	return err
}
