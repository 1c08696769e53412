package dars

import (
	"fmt"
	"slices"
	"strings"
)

// A Treatment is what is done about patients' objections in what is released of a
// dataset.
type Treatment string

const (
	Uphold    Treatment = "upheld"     // the records of whoever has objected are left out
	NotUpheld Treatment = "not-upheld" // they stay, for a coded reason
)

// UpholdByMatrix is the policy that lets an agreement say that objections are not
// upheld. Any other policy upholds them in every release.
const UpholdByMatrix = "by-matrix"

// ObjectionReasons say why objections are upheld or not (domain 16). Registers
// print their meaning.
var ObjectionReasons = []Code{
	{"Y_UPHELD", "Objections are upheld"},
	{"N_NOT_IDENTIFIABLE", "The data do not identify anybody"},
	{"N_STATUTORY", "The law requires or permits the disclosure whether or not patients object"},
	{"N_CONSENT", "Every patient in the data has consented to this use"},
	{"N_DEATHS_LA", "Registrations of deaths, for a local authority"},
	{"N_BIRTHS", "Registrations of births"},
	{"N_NOT_PATIENTS", "The data are not about patients"},
	{"N_SPECIFIC_EXEMPTION", "The policy on objections exempts this use by name"},
	{"N_CAG_DISAPPLIED", "The Confidentiality Advisory Group has advised that objections do not apply to this use"},
	{"N_DIRECT_CARE", "The data are for the care of the patients themselves"},
	{"N_PUBLIC_INTEREST", "An overriding public interest, for which the test is on record"},
	{"N_COURT_ORDER", "A court has ordered the disclosure"},
}

// treatmentOf is the treatment that a reason is a reason for.
func treatmentOf(reason string) (Treatment, bool) {
	switch {
	case !slices.Contains(Codes(ObjectionReasons), reason):
		return "", false
	case strings.HasPrefix(reason, "N_"):
		return NotUpheld, true
	}
	return Uphold, true
}

// A Ground is the data of which a reason for not upholding objections can be true, by
// how far they identify people and by the gateway they leave by; empty is any.
type Ground struct {
	Reason          string   `json:"reason"`
	Identifiability []string `json:"identifiability"`
	Gateways        []string `json:"gateways"`
}

// statutes are the gateways of which the law, and not a decision of the office, may say
// that data leave whether or not patients object.
var statutes = []string{"COPI_REG3", "HSCA261_4", "HSCA261_5D", "SRSA39", "SRSA42_4", "SRSA45C", "HA2009_36", "NAA1983", "HSCA_SCH12"}

// Grounds are where a reason may stand (domain 5.2). One that is not among them may
// stand anywhere: what it rests on is a paper that two people have looked at.
var Grounds = []Ground{
	{"N_NOT_IDENTIFIABLE", []string{"PSEUDO_ICO", "AGG_SUPPRESSED", "AGG_UNSUPPRESSED"}, nil},
	{"N_CONSENT", nil, []string{"HSCA261_2C"}},
	{"N_STATUTORY", nil, statutes},
	{"N_DEATHS_LA", nil, []string{"HSCA261_5D", "SRSA42_4"}},
	{"N_BIRTHS", nil, []string{"HSCA261_5D", "SRSA42_4"}},
	{"N_CAG_DISAPPLIED", nil, []string{"HSCA261_7", "NHSA251_REG2", "NHSA251_REG5"}},
}

// stands reports whether a reason can be true of what is asked for.
func stands(reason string, d DatasetRequest) bool {
	for _, g := range Grounds {
		if g.Reason == reason {
			return among(g.Identifiability, d.Identifiability) && among(g.Gateways, d.Gateway)
		}
	}
	return true
}

// among reports whether a code is one of some; of none at all is any.
func among(codes []string, code string) bool { return len(codes) == 0 || slices.Contains(codes, code) }

// A MatrixRow says how objections are treated in data of some kinds that leave by
// some legal gateways.
type MatrixRow struct {
	Identifiability []string  `json:"identifiability"` // empty: any other
	Gateways        []string  `json:"gateways"`        // empty: any other
	Treatment       Treatment `json:"treatment"`
	Reason          string    `json:"reason"`
	Decide          bool      `json:"decide"` // upheld until two people have said otherwise
	Because         string    `json:"because"`
}

// Matrix is whose objections are upheld (domain 5.2 and 16): the first row that
// fits counts. What is in no other row is upheld until people decide.
var Matrix = []MatrixRow{
	{[]string{"PSEUDO_ICO", "AGG_SUPPRESSED", "AGG_UNSUPPRESSED"}, nil, NotUpheld, "N_NOT_IDENTIFIABLE", false,
		"no confidential information about a patient leaves"},
	{[]string{"IDENT"}, []string{"HSCA261_7", "NHSA251_REG2", "NHSA251_REG5"}, Uphold, "Y_UPHELD", false,
		"support under section 251 rests on it, unless the Confidentiality Advisory Group disapplies it"},
	{[]string{"IDENT"}, []string{"HSCA261_2C"}, NotUpheld, "N_CONSENT", false,
		"the patients themselves have agreed to this use"},
	{[]string{"IDENT"}, []string{"COPI_REG3"}, NotUpheld, "N_STATUTORY", false,
		"communicable disease and other risks to public health"},
	{[]string{"IDENT"}, []string{"HSCA261_5D"}, Uphold, "Y_UPHELD", true,
		"as the recipient's statute has it; registrations of deaths for a local authority are not upheld"},
	{[]string{"IDENT"}, []string{"SRSA39", "SRSA42_4", "SRSA45C", "HSCA261_4", "HA2009_36", "NAA1983", "HSCA_SCH12"}, Uphold, "Y_UPHELD", true,
		"as the statute has it"},
	{nil, nil, Uphold, "Y_UPHELD", true,
		"the gateway is not one for data that identify people, or is not known"},
}

// GatewaysToPeople are the gateways by which data that identify people may leave:
// those that a row of the matrix names for them.
func GatewaysToPeople() (gateways []string) {
	for _, row := range Matrix {
		if slices.Contains(row.Identifiability, "IDENT") {
			gateways = append(gateways, row.Gateways...)
		}
	}
	return gateways
}

// wayOut tells of identifiable data that are asked for by a gateway which is not for
// them; "" otherwise.
func (d DatasetRequest) wayOut() string {
	if d.Identifiability != "IDENT" || !slices.Contains(Codes(Gateways), d.Gateway) || slices.Contains(GatewaysToPeople(), d.Gateway) {
		return ""
	}
	return fmt.Sprintf("%s of %s is not for data that identify people: ask for less plain data, or name one that is, with its evidence: %s", d.Gateway, d.Code, strings.Join(GatewaysToPeople(), ", "))
}

// ByMatrix is the row of the matrix that a request falls under. Of a mixture of
// consent and section 251 support nobody but people can say whose record is which:
// that is left to them, as what no row names.
func ByMatrix(d DatasetRequest) MatrixRow {
	left := Matrix[len(Matrix)-1]
	i := slices.IndexFunc(Matrix, func(row MatrixRow) bool { return row.fits(d) })
	if i < 0 || Matrix[i].Reason == "N_CONSENT" && strings.Contains(d.CommonLaw, "S251") {
		return left
	}
	return Matrix[i]
}

func (m MatrixRow) fits(d DatasetRequest) bool {
	return among(m.Identifiability, d.Identifiability) && among(m.Gateways, d.Gateway)
}

// An ObjectionsTerm is what an agreement says of patients' objections for one
// dataset.
type ObjectionsTerm struct {
	Dataset   string    `json:"dataset"`
	Treatment Treatment `json:"treatment"`
	Reason    string    `json:"reason"` // a code of ObjectionReasons
	By        string    `json:"by"`     // always (the policy), matrix, undecided, or the override: "OVR-000001"
}

// Why is the reason in words.
func (t ObjectionsTerm) Why() string { return Meaning(ObjectionReasons, t.Reason) }

// TermOf is how objections are treated in what is asked for, unless people decide
// otherwise.
func TermOf(policy string, d DatasetRequest) ObjectionsTerm {
	if policy != UpholdByMatrix {
		return ObjectionsTerm{d.Code, Uphold, "Y_UPHELD", "always"}
	}
	row := ByMatrix(d)
	by := "matrix"
	if row.Decide {
		by = "undecided"
	}
	return ObjectionsTerm{d.Code, row.Treatment, row.Reason, by}
}

// Treats returns how objections are treated in a dataset under the agreement, by a
// policy. Where nothing says so they are upheld.
func (g *Agreement) Treats(policy, dataset string) ObjectionsTerm {
	i := slices.IndexFunc(g.Objections, func(t ObjectionsTerm) bool { return t.Dataset == dataset })
	if i < 0 || policy != UpholdByMatrix {
		return ObjectionsTerm{dataset, Uphold, "Y_UPHELD", "always"}
	}
	return g.Objections[i]
}

// Treat sets how objections are treated in a dataset from now on.
func (g *Agreement) Treat(t ObjectionsTerm) {
	terms := slices.DeleteFunc(slices.Clone(g.Objections), func(old ObjectionsTerm) bool { return old.Dataset == t.Dataset })
	g.Objections = append(terms, t)
	slices.SortFunc(g.Objections, func(a, b ObjectionsTerm) int { return strings.Compare(a.Dataset, b.Dataset) })
}

// Treated reports how objections are treated in the release: upheld, if nothing
// says otherwise.
func (r *Release) Treated() Treatment {
	if r.Objections.Treatment == NotUpheld {
		return NotUpheld
	}
	return Uphold
}

// Agreed refuses a release in which objections are not upheld though the agreement,
// by now, upholds them or has another reason. One that upholds them may go on.
func (r *Release) Agreed(t ObjectionsTerm) error {
	if r.Treated() == Uphold || t.Treatment == NotUpheld && t.Reason == r.Objections.Reason {
		return nil
	}
	return Refuse("treatment-changed", r.ID, "release %s was planned with objections not upheld (%s), and the agreement no longer says so: withdraw it and plan it again", r.ID, r.Objections.Reason)
}

// SignOffNotUpheld is a signer's word that a release may leave in which the objections
// of patients are not upheld: they have read the reason. It stands against what the
// agreement says then, and against the newest list that could be used, or nil where
// there is none: those on it are whose objections it passes over.
func (r *Release) SignOffNotUpheld(a Act, agreed ObjectionsTerm, newest *List) error {
	if r.Treated() == Uphold {
		return Refuse("upheld", r.ID, "release %s: objections are upheld in it, so there is nothing to confirm: sign it off without --confirm-not-upheld", r.ID)
	}
	if err := r.Agreed(agreed); err != nil {
		return err
	}
	if err := r.sign(a); err != nil {
		return err
	}
	r.Objections.ConfirmedBy, r.Objections.Against = a.Who, newest.seen()
	return nil
}

// seen names a list for whom it was laid before, if there is one.
func (l *List) seen() *ListSeen {
	if l == nil {
		return nil
	}
	return &ListSeen{l.Version, l.AsAt, l.SHA256}
}

// Confirmed refuses to publish a release in which objections are not upheld without
// a signer's word that names its reason.
func (r *Release) Confirmed() error {
	switch to, known := treatmentOf(r.Objections.Reason); {
	case r.Treated() == Uphold:
		return nil
	case !known || to != NotUpheld:
		return Refuse("no-such-reason", r.ID, "release %s: objections are not upheld in it, and %q is no reason for that: withdraw it and plan it again", r.ID, r.Objections.Reason)
	case r.Objections.ConfirmedBy == "" || r.Objections.ConfirmedBy != r.By(SignedOff):
		return Refuse("not-confirmed", r.ID, "release %s: objections are not upheld in it, and nobody has confirmed that at its sign-off: withdraw it and plan it again", r.ID)
	}
	return nil
}
