package dars

import "slices"

// An Agreement is a Data Sharing Agreement: what may be released to whom, why,
// and until when.
type Agreement struct {
	ID          AgreementID      `json:"id"`
	Stem        string           `json:"ref"`
	Version     string           `json:"version"` // "v1.0", of the application that was approved
	Application ApplicationID    `json:"application"`
	Title       string           `json:"title"`
	Kind        string           `json:"kind,omitempty"` // of the application that was approved
	Org         OrgCode          `json:"org"`            // who applied
	Contact     PersonID         `json:"contact"`        // whom the office writes to
	Recipients  []PersonID       `json:"recipients"`     // who may collect
	Controllers []Signing        `json:"controllers"`
	Processors  []OrgCode        `json:"processors"`
	Sublicensed []OrgCode        `json:"sublicensees,omitempty"` // to whom its controllers may pass data on
	Datasets    []DatasetRequest `json:"datasets"`               // as they were approved
	Objections  []ObjectionsTerm `json:"objections,omitempty"`   // how they are treated; what is not here is upheld
	Start       Day              `json:"start"`
	End         Day              `json:"end"` // inclusive
	Issued      Day              `json:"issued"`
	State       AgreementState   `json:"state"`

	Copy            *SignedCopy   `json:"copy,omitempty"` // what came back
	ConfirmedBy     []PersonID    `json:"confirmed_by"`
	Hands           Hands         `json:"hands"`
	CountersignedBy PersonID      `json:"countersigned_by,omitempty"`
	Steps           []Step        `json:"steps"` // of its ladders, done
	Certificate     CertificateID `json:"certificate,omitempty"`
	Began           Day           `json:"began,omitempty"` // the first day it was in force; "" on old ones: see InForceFrom
	Ended           Day           `json:"ended,omitempty"` // the last day it was in force
	SupersededBy    AgreementID   `json:"superseded_by,omitempty"`

	Obligations Obligations    `json:"obligations,omitempty"`
	Instalments []Instalment   `json:"instalments,omitempty"` // of its schedule, those that are planned
	Accounts    []BenefitDue   `json:"accounts,omitempty"`    // of benefits, that it owes or has given
	Reviews     []AnnualReview `json:"reviews,omitempty"`     // that are done, of those due each year
	Invoiced    []int          `json:"invoiced,omitempty"`    // years whose annual review is charged; 0 is the term itself
}

// An AgreementState is where an agreement is in its life.
type AgreementState string

const (
	AgreementIssued  AgreementState = "issued"
	AgreementSigned  AgreementState = "signed"
	CounterSigned    AgreementState = "counter-signed" // by the office; its start is to come
	InForce          AgreementState = "in-force"
	AgreementExpired AgreementState = "expired"
	Terminated       AgreementState = "terminated"
	Superseded       AgreementState = "superseded"
	DeletionDue      AgreementState = "deletion-due"
	Closed           AgreementState = "closed"
)

// AgreementLife is every step of an agreement.
//
//	issued ──▶ signed ──▶ counter-signed ──▶ in-force ──▶ expired ────▶ deletion-due ──▶ closed
//	                           └──────────────────────────▶┘
//	                                            ├──────▶ terminated ──▶┘
//	                                            └──────▶ superseded ──▶┘
var AgreementLife = Life[AgreementState]{
	AgreementIssued:  {AgreementSigned, Terminated},
	AgreementSigned:  {CounterSigned, Terminated},
	CounterSigned:    {InForce, AgreementExpired, Terminated},
	InForce:          {AgreementExpired, Terminated, Superseded},
	AgreementExpired: {DeletionDue, Closed},
	Terminated:       {DeletionDue, Closed},
	Superseded:       {DeletionDue, Closed},
	DeletionDue:      {Closed},
}

func (g *Agreement) Card() Card {
	k := append(keys("recipient", g.Recipients...), By("case", g.Stem), By("org", g.Org))
	k = append(k, byWords(g.Title)...)
	for _, c := range g.Controllers {
		k = append(k, By("controller", c.Org), By("contract", c.Contract))
	}
	if len(g.Obligations.Open()) > 0 {
		k = append(k, By("obligations", ObligationOpen))
	}
	k = append(k, keys("processor", g.Processors...)...)
	k = append(k, keys("sublicensee", g.Sublicensed...)...)
	return Card{"agreement", string(g.ID), string(g.State), append(k, g.ahead()...)}
}

// ahead is what an agreement is found by that has something ahead of it: the day on
// which it ends, that of the next release of its schedule, and that from which on its
// next annual review can be done.
func (g *Agreement) ahead() (k []Key) {
	k = []Key{By("application", g.Application)}
	if g.Over() {
		return k
	}
	k = append(k, By("ends", g.End))
	if wanted := g.Wanted(); len(wanted) > 0 {
		k = append(k, By("wanted", wanted[0].On))
	}
	if from := g.reviewFrom(); from != "" {
		k = append(k, By("review", from))
	}
	return k
}

// AddCollector lets one more person collect what is released under the
// agreement: a second one beside the first, or the successor of one who left.
func (g *Agreement) AddCollector(a Act, p *Person) error {
	switch {
	case a.Why == "":
		return Refuse("no-reason", g.ID, "agreement %s: say why with --reason", g.ID)
	case !is(g.State, AgreementIssued, AgreementSigned, CounterSigned, InForce):
		return Refuse("wrong-step", g.ID, "agreement %s is %s: nothing is collected under it", g.ID, g.State)
	case slices.Contains(g.Recipients, p.ID):
		return Refuse("known", g.ID, "person %s may collect under agreement %s already", p.ID, g.ID)
	case !p.Has(Collector):
		return Refuse("no-role", g.ID, "person %s is no collector", p.ID)
	case !g.Serves(p.Org):
		return Refuse("not-a-party", g.ID, "person %s is of %s, to which nothing is given under agreement %s", p.ID, p.Org, g.ID)
	}
	g.Recipients = append(g.Recipients, p.ID)
	return nil
}

// RemoveCollector ends that, at once and on open sessions too. What the person
// has collected is still to be accounted for.
func (g *Agreement) RemoveCollector(_ Act, p *Person) error {
	i := slices.Index(g.Recipients, p.ID)
	if i < 0 {
		return Refuse("not-found", g.ID, "person %s does not collect under agreement %s", p.ID, g.ID)
	}
	g.Recipients = slices.Delete(slices.Clone(g.Recipients), i, i+1)
	return nil
}

// InForceOn reports whether data may be released and collected on a day. The
// dates decide, whether or not the clock's own duties have run yet.
func (g *Agreement) InForceOn(on Day) bool {
	return g.State == InForce && g.Start <= on && on <= g.End
}

// StateOn is its state as the dates have it on a day: one that ended yesterday is
// expired, whether or not the clock's own duties have run yet.
func (g *Agreement) StateOn(on Day) AgreementState {
	if g.State == InForce && on > g.End {
		return AgreementExpired
	}
	return g.State
}

// Over reports whether it has ended, or will never begin.
func (g *Agreement) Over() bool {
	return !is(g.State, AgreementIssued, AgreementSigned, CounterSigned, InForce)
}

// Allows refuses a release on a day on which the agreement is not in force.
func (g *Agreement) Allows(on Day) error {
	switch {
	case g.InForceOn(on):
		return nil
	case g.State == InForce && on < g.Start:
		return Refuse("not-in-force", g.ID, "agreement %s begins on %s", g.ID, g.Start)
	case g.State == InForce:
		return Refuse("not-in-force", g.ID, "agreement %s ended on %s", g.ID, g.End)
	case g.State == Superseded:
		return Refuse("not-in-force", g.ID, "agreement %s is superseded: %s is the one in its place", g.ID, g.SupersededBy)
	}
	return Refuse("not-in-force", g.ID, "agreement %s is %s, not in force", g.ID, g.State)
}

// Dataset returns the terms for a dataset, or refuses one that was not approved.
func (g *Agreement) Dataset(code string) (DatasetRequest, error) {
	i := slices.IndexFunc(g.Datasets, func(d DatasetRequest) bool { return d.Code == code })
	if i < 0 {
		return DatasetRequest{}, Refuse("not-agreed", g.ID, "agreement %s does not cover the dataset %s", g.ID, code)
	}
	return g.Datasets[i], nil
}

// Countersign is the office's own signature. From its start the agreement is in
// force, unless an obligation stands in the way.
func (g *Agreement) Countersign(a Act, on Day) error {
	if on > g.End {
		return Refuse("not-in-force", g.ID, "agreement %s ended on %s before it was signed: issue it anew with later dates", g.ID, g.End)
	}
	to, err := AgreementLife.Step(g, g.State, CounterSigned)
	if err != nil {
		return err
	}
	hands, err := g.Hands.Add(a, "countersigned", string(g.ID))
	if err != nil {
		return err
	}
	g.Hands, g.State, g.CountersignedBy = hands, to, a.Who
	if !g.Startable(on) {
		return nil
	}
	err = g.Begin(on)
	g.Began = on // what its term says before that day was not agreed by everybody
	return err
}

// Startable reports whether a counter-signed agreement is to be in force on a day.
func (g *Agreement) Startable(on Day) bool {
	return g.State == CounterSigned && g.Start <= on && on <= g.End && g.Blocked(StageInForce) == nil
}

// Begin puts a counter-signed agreement in force. It is so from its start date, or from
// the day on which the last was met that stood in its way: the dates decide, though the
// clock may come to it later.
func (g *Agreement) Begin(on Day) (err error) {
	if on < g.Start {
		return Refuse("too-early", g.ID, "agreement %s begins on %s", g.ID, g.Start)
	}
	if g.State == CounterSigned {
		if err := g.Blocked(StageInForce); err != nil {
			return err
		}
	}
	if g.State, err = AgreementLife.Step(g, g.State, InForce); err == nil {
		g.Began = max(g.Start, g.Obligations.lastMet(StageInForce))
	}
	return err
}

// Terminate ends it before its time, with a reason. One that waited to begin has ended
// on the day before its first at the latest.
func (g *Agreement) Terminate(a Act, on Day) error {
	if a.Why == "" {
		return Refuse("no-reason", g.ID, "agreement %s: say why with --reason", g.ID)
	}
	to, err := AgreementLife.Step(g, g.State, Terminated)
	if err != nil {
		return err
	}
	if g.Ended = on; g.State == CounterSigned {
		g.Ended = min(on, g.Start.Add(-1))
	}
	g.State = to
	return nil
}

// Expire ends an agreement on the day after its last. One that never came into force,
// since something stood in its way, has ended on the day before its first.
func (g *Agreement) Expire(on Day) (err error) {
	if on <= g.End {
		return Refuse("too-early", g.ID, "agreement %s is in force until %s", g.ID, g.End)
	}
	was := g.State
	if g.State, err = AgreementLife.Step(g, was, AgreementExpired); err != nil {
		return err
	}
	if g.Ended = g.End; was == CounterSigned {
		g.Ended = g.Start.Add(-1)
	}
	return nil
}

// OweDeletion asks for what was released to be destroyed, by a certificate.
func (g *Agreement) OweDeletion(c CertificateID) (err error) {
	if g.State, err = AgreementLife.Step(g, g.State, DeletionDue); err == nil {
		g.Certificate = c
	}
	return err
}

// Close ends the case: nothing was ever sent, or all that was is destroyed.
func (g *Agreement) Close() (err error) {
	g.State, err = AgreementLife.Step(g, g.State, Closed)
	return err
}
