package dars

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An ImportedAgreement is one that a published register names, and that this office
// did not make. No paper of it is here, and nobody to write to: when it lapses, a
// person asks what became of the data.
type ImportedAgreement struct {
	ID           string              `json:"id"` // as it is written here, or as it stands, where it is a local reference
	Stem         string              `json:"ref"`
	Version      string              `json:"version"` // "v1.4"; "" if it has none
	Orgs         []string            `json:"orgs"`    // names, as they stand
	Title        string              `json:"title"`
	Start        Day                 `json:"start"`
	End          Day                 `json:"end"` // inclusive; "" if the register does not say
	State        AgreementState      `json:"state"`
	Statements   []map[string]string `json:"statements"` // of its purposes, by field, or by header where it is none of RegisterHeaders
	Datasets     []map[string]string `json:"datasets"`
	Editions     []string            `json:"editions"` // that name it
	Corrections  []Correction        `json:"corrections"`
	SupersededBy string              `json:"superseded_by,omitempty"`
	Settled      *Settling           `json:"settled,omitempty"`

	ContradictedBy string `json:"contradicted_by,omitempty"` // the edition that says that it went on after it was settled
}

// A Settling says what a person has found out about the data of an agreement that
// lapsed.
type Settling struct {
	By  PersonID `json:"by"`
	On  Day      `json:"on"`
	Why string   `json:"why"`
}

// A Correction is that something is said otherwise than it was published before: by an
// edition that was imported, or of a release of our own.
type Correction struct {
	On      Day               `json:"on"`
	Edition string            `json:"edition,omitempty"` // of a register
	Act     string            `json:"act,omitempty"`     // of the office, by which it came: "release withdraw"
	Was     map[string]string `json:"was"`               // by field; "row" of a release whose row is there no more
	Is      map[string]string `json:"is,omitempty"`      // instead; of what was imported before it was noted, nothing
}

// ImportedLife is every step of an agreement of a register.
var ImportedLife = Life[AgreementState]{
	InForce:          {AgreementExpired, Superseded},
	AgreementExpired: {InForce, Superseded, Closed}, // in force again where a correction says so
	Superseded:       {InForce},
	Closed:           {InForce}, // where a person says that an edition is right which contradicts it
}

func (g *ImportedAgreement) Card() Card {
	k := append(byWords(append(slices.Clone(g.Orgs), g.Title)...), By("case", g.Stem))
	if g.State == InForce && g.End != "" {
		k = append(k, By("ends", g.End))
	}
	if g.ContradictedBy != "" {
		k = append(k, By("contradicted", g.ContradictedBy))
	}
	for _, name := range g.Orgs {
		k = append(k, keys("party", PartyNames(name)...)...)
	}
	for _, name := range g.Controllers() {
		k = append(k, keys("controls", append(partsOf(name), PartyNames(name)...)...)...)
	}
	return Card{"imported agreement", g.ID, string(g.State), append(k, keys("edition", g.Editions...)...)}
}

// Controllers are the names of who controls it, as they stand. Several stand in one cell,
// with semicolons or line ends between them.
func (g *ImportedAgreement) Controllers() (names []string) {
	for _, s := range g.Statements {
		for _, name := range strings.FieldsFunc(s["controllers"], func(r rune) bool { return r == ';' || r == '\n' }) {
			if name = strings.TrimSpace(name); name != "" {
				names = with(names, name)
			}
		}
	}
	return names
}

// partsOf are the forms of the names into which commas part one: a comma may stand
// between two names as well as in one.
func partsOf(name string) (forms []string) {
	if parts := strings.Split(name, ","); len(parts) > 1 {
		for _, part := range parts {
			forms = append(forms, PartyName(part))
		}
	}
	return forms
}

// StateOn is its state as the dates have it on a day.
func (g *ImportedAgreement) StateOn(on Day) AgreementState {
	if g.State == InForce && g.End != "" && on > g.End {
		return AgreementExpired
	}
	return g.State
}

// Expire ends it on the day after its last.
func (g *ImportedAgreement) Expire(on Day) (err error) {
	if g.End == "" || on <= g.End {
		return Refuse("too-early", g.ID, "agreement %s is in force until %s", g.ID, cmp.Or(string(g.End), "a day that its register does not say"))
	}
	g.State, err = ImportedLife.Step(g, g.State, AgreementExpired)
	return err
}

// Settle says what became of the data of one that lapsed; or that this is so all the
// same, where an edition has said since that it went on.
func (g *ImportedAgreement) Settle(a Act, on Day) error {
	if a.Why == "" {
		return Refuse("no-reason", g.ID, "agreement %s: say with --reason what became of the data", g.ID)
	}
	if g.ContradictedBy == "" {
		to, err := ImportedLife.Step(g, g.StateOn(on), Closed)
		if err != nil {
			return err
		}
		g.State = to
	}
	g.ContradictedBy, g.Settled = "", &Settling{a.Who, on, a.Why}
	return nil
}

// Reopen says that an edition is right by which it went on after it was settled: it is
// in force until the day that the edition says, or ended then.
func (g *ImportedAgreement) Reopen(a Act, on Day) error {
	switch {
	case g.ContradictedBy == "":
		return Refuse("wrong-step", g.ID, "agreement %s: no edition says that it went on after it was settled", g.ID)
	case a.Why == "":
		return Refuse("no-reason", g.ID, "agreement %s: say with --reason how you know that it went on until %s", g.ID, g.End)
	}
	to, err := ImportedLife.Step(g, g.State, InForce)
	if err != nil {
		return err
	}
	g.State, g.Settled, g.ContradictedBy = to, nil, ""
	g.State = g.StateOn(on)
	return nil
}

// Learn takes in what an edition says of it. What the edition does not speak of stays, and
// what a person has settled: that it went on after that is noted, for one to decide.
func (g *ImportedAgreement) Learn(says *ImportedAgreement, edition string, on Day) (corrected bool) {
	k := Correction{On: on, Edition: edition, Was: map[string]string{}, Is: map[string]string{}}
	g.Statements = k.learn("statements", g.Statements, says.Statements)
	g.Datasets = k.learn("datasets", g.Datasets, says.Datasets)
	g.Editions = with(g.Editions, edition)
	if len(k.Was) > 0 {
		g.Corrections = append(g.Corrections, k)
	}
	for _, org := range says.Orgs {
		g.Orgs = with(g.Orgs, org)
	}
	if end := cmp.Or(says.End, g.End); end != g.End {
		g.End = end
		switch {
		case g.State == AgreementExpired && end >= on:
			g.State = InForce
		case g.State == Closed && g.Settled != nil && end >= g.Settled.On:
			g.ContradictedBy = edition
		case g.State == Closed:
			g.ContradictedBy = ""
		}
	}
	g.Start, g.Title = cmp.Or(says.Start, g.Start), cmp.Or(says.Title, g.Title)
	return len(k.Was) > 0
}

// learn are the rows that an edition has instead of those that were known, and notes what
// those said before: field by field, where it is one row.
func (k *Correction) learn(name string, known, says []map[string]string) []map[string]string {
	switch same := slices.EqualFunc(known, says, maps.Equal); {
	case len(says) == 0 || same:
		return known
	case len(known) == 1 && len(says) == 1:
		for field := range both(known[0], says[0]) {
			if known[0][field] != says[0][field] {
				k.Was[field], k.Is[field] = known[0][field], says[0][field]
			}
		}
	case len(known) > 0:
		k.Was[name] = fmt.Sprintf("%d rows, which the log has", len(known))
	}
	return says
}

func both(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// Follow marks every version of an agreement but the newest as superseded: two versions
// of one are never in force together (domain 17).
func Follow(versions []*ImportedAgreement, on Day) {
	if len(versions) == 0 {
		return
	}
	newest := slices.MaxFunc(versions, func(a, b *ImportedAgreement) int { return slices.Compare(a.number(), b.number()) })
	for _, g := range versions {
		switch {
		case g == newest && g.State == Superseded:
			g.State, g.SupersededBy = InForce, ""
		case g != newest && is(g.State, InForce, AgreementExpired, Superseded):
			g.State, g.SupersededBy = Superseded, newest.ID
		}
		g.State = g.StateOn(on)
	}
}

// number is its version, to compare.
func (g *ImportedAgreement) number() (n []int) {
	major, minor, _ := strings.Cut(strings.TrimPrefix(g.Version, "v"), ".")
	for _, digits := range []string{major, minor} {
		i, err := strconv.Atoi(digits)
		if err != nil {
			i = -1
		}
		n = append(n, i)
	}
	return n
}

// An ImportedRelease is one row of a published register: a file that left, or, with
// another row id than FILE…, a release without a file.
type ImportedRelease struct {
	ID          string            `json:"id"`  // a file's own, or the row's within its edition
	Row         string            `json:"row"` // its row id, as it stands
	Agreement   string            `json:"agreement"`
	Org         string            `json:"org"` // a name, as it stands
	Dataset     string            `json:"dataset"`
	Objections  Treatment         `json:"objections"` // "" if the register does not say it so that it is understood
	Said        map[string]string `json:"said"`       // by field, or by header where it is none of RegisterHeaders
	Columns     []string          `json:"-"`          // of the sheet that it was read from: under those it says nothing else
	Amendment   bool              `json:"amendment,omitempty"`
	Editions    []string          `json:"editions"` // that have the row
	Corrections []Correction      `json:"corrections"`
}

func (r *ImportedRelease) Card() Card {
	k := []Key{By("row", strings.ToUpper(r.Row)), By("agreement", r.Agreement), By("org", r.Org), By("dataset", r.Dataset), By("objections", r.Objections)}
	k = append(k, keys("party", PartyNames(r.Org)...)...)
	state := "released"
	if len(r.Editions) == 0 {
		state = "gone"
	}
	return Card{"imported release", r.ID, state, append(k, keys("edition", r.Editions...)...)}
}

// Disclosed is what the guard knows of it: neither its period nor by what its rows can
// be found elsewhere, so that it counts as lying over any other of the dataset.
func (r *ImportedRelease) Disclosed() Disclosure {
	return Disclosure{Ref: r.ID, Agreement: AgreementID(r.Agreement), Orgs: []OrgCode{OrgCode(r.Org)}, Dataset: r.Dataset, Treatment: r.Objections}
}

// Learn takes in what an edition says of it. What the edition has no column for stays.
func (r *ImportedRelease) Learn(says *ImportedRelease, edition string, on Day) (corrected bool) {
	k := Correction{On: on, Edition: edition, Was: map[string]string{}, Is: map[string]string{}}
	for field, now := range says.Said {
		if before := r.Said[field]; before != now {
			k.Was[field], k.Is[field], r.Said[field] = before, now, now
		}
	}
	for _, field := range says.Columns {
		if before := r.Said[field]; before != "" && says.Said[field] == "" {
			k.Was[field], k.Is[field] = before, ""
			delete(r.Said, field)
		}
	}
	if len(r.Editions) == 0 {
		k.Was["state"], k.Is["state"] = RowGone, RowReleased
	}
	if len(k.Was) > 0 {
		r.Corrections = append(r.Corrections, k)
	}
	// To rules, an answer that was given once is not unsaid by an empty cell.
	if r.Agreement, r.Org, r.Dataset = says.Agreement, says.Org, says.Dataset; says.Said["opt_outs"] != "" {
		r.Objections = says.Objections
	}
	r.Editions = with(r.Editions, edition)
	return len(k.Was) > 0
}

// Leave notes that an edition has its row no more. What was known of it stays.
func (r *ImportedRelease) Leave(edition string, on Day) {
	r.Editions = slices.DeleteFunc(slices.Clone(r.Editions), func(e string) bool { return e == edition })
	r.Corrections = append(r.Corrections, Correction{On: on, Edition: edition, Was: map[string]string{"row": r.Row}})
}

// with is a list that has an item, once.
func with(all []string, one string) []string {
	if slices.Contains(all, one) {
		return all
	}
	return append(slices.Clone(all), one)
}

var fileRow = regexp.MustCompile(`(?i)^FILE(\d{1,7})$`)

// ParseFile reads the id of a physical file, as registers write it.
func ParseFile(row string) (FileID, bool) {
	m := fileRow.FindStringSubmatch(strings.TrimSpace(row))
	if m == nil {
		return "", false
	}
	n, _ := strconv.Atoi(m[1]) // seven digits
	return FileID(fmt.Sprintf("FILE%07d", n)), true
}

// Later is the higher of two file ids: longer ones follow those of seven digits.
func Later(a, b FileID) FileID {
	if len(a) > len(b) || len(a) == len(b) && a > b {
		return a
	}
	return b
}

// A RegisterEdition is one publication of a register, with each time that it was read.
type RegisterEdition struct {
	ID       string       `json:"id"` // "2017-09-to-2017-11"
	State    string       `json:"state"`
	TopFile  FileID       `json:"top_file,omitempty"` // the highest: our own go on from there
	Readings []ImportDone `json:"readings"`           // the last is being taken in, or is what holds
}

// States of an edition.
const (
	Importing = "importing" // some of its rows are here
	Imported  = "imported"
)

func (e *RegisterEdition) Card() Card {
	var k []Key
	if e.TopFile != "" {
		k = keys("file", e.TopFile)
	}
	for _, r := range e.Readings {
		k = append(k, By("sha256", r.SHA256))
	}
	return Card{"register edition", e.ID, e.State, k}
}

// An ImportDone is what came of reading an edition.
type ImportDone struct {
	SHA256     string `json:"sha256"`
	On         Day    `json:"on"`
	RowsRead   int    `json:"rows_read"`
	Releases   int    `json:"releases"`
	Agreements int    `json:"agreements"`
	Amendments int    `json:"amendments"` // releases that earlier editions had left out
	OwnClass   int    `json:"own_class"`  // rows of releases to police, courts and other bodies
	Own        int    `json:"own"`        // rows that say releases of this office, which stand as they are
	Corrected  int    `json:"corrected"`  // that are said otherwise than before
	Gone       int    `json:"gone"`       // releases of which the row is there no more

	Contradicted []string   `json:"contradicted"` // agreements that went on, it says, after they were settled
	Alike        [][]string `json:"alike"`        // names that are perhaps of one organisation
}

// Unread are rows that were not understood, as they stand: some of one reading.
type Unread struct {
	ID      string      `json:"id"`
	Edition string      `json:"edition"`
	SHA256  string      `json:"sha256"` // of the reading
	Rows    []UnreadRow `json:"rows"`
}

func (u *Unread) Card() Card {
	return Card{"unread rows", u.ID, "kept", []Key{By("edition", u.Edition), By("sha256", u.SHA256)}}
}

// An UnreadRow is one row that was not understood, or not in all.
type UnreadRow struct {
	Sheet  string   `json:"sheet"`
	Row    int      `json:"row"`
	Reason string   `json:"reason,omitempty"` // none of prose, which is only kept
	Cells  []string `json:"cells"`
}

// RegisterRead is what was understood of an edition.
type RegisterRead struct {
	Edition    string // its name, as far as its title or its files say
	SHA256     string
	RowsRead   int
	OwnClass   int  // rows of it
	Whole      bool // it has a table of releases: what is not there is gone
	Agreements []*ImportedAgreement
	Releases   []*ImportedRelease
	Tracing    []TracingCount
	Unread     []UnreadRow
}

// An ImportedCount is what a report says of all editions together.
type ImportedCount struct {
	Editions   int `json:"editions"`
	Agreements int `json:"agreements"`
	Lapsed     int `json:"lapsed"` // agreements of whose data nobody has said what became
	Releases   int `json:"releases"`
	NotUpheld  int `json:"not_upheld"` // releases without objections applied
}

// Fields are those that were corrected, in order of name.
func (c Correction) Fields() []string { return slices.Sorted(maps.Keys(c.Was)) }
