package dars

// An Override is the decision of two people that objections are treated otherwise in
// a dataset than the matrix has it, or that one which the matrix leaves to people is
// decided. It is of one version of a case. Before its agreement is issued it goes onto
// the paper; afterwards it holds for releases that are planned later.
type Override struct {
	ID        OverrideID     `json:"id"`
	Stem      string         `json:"ref"`
	Version   AgreementID    `json:"version"` // the agreement that the version has, or will have
	Term      ObjectionsTerm `json:"term"`
	Reason    string         `json:"reason"` // of the case officer
	State     OverrideState  `json:"state"`
	Hands     Hands          `json:"hands"`
	Proposed  Day            `json:"proposed"`
	Confirmed Day            `json:"confirmed,omitempty"`
	Word      string         `json:"word,omitempty"` // of the one who confirmed it
}

// An OverrideState is where an override is in its life.
type OverrideState string

const (
	OverrideProposed  OverrideState = "proposed"
	OverrideConfirmed OverrideState = "confirmed"
	OverrideReplaced  OverrideState = "replaced" // by a later one for the same dataset
)

// OverrideLife is every step of an override.
//
//	proposed ──▶ confirmed ──▶ replaced
//	   └────────────────────────▶│
var OverrideLife = Life[OverrideState]{
	OverrideProposed:  {OverrideConfirmed, OverrideReplaced},
	OverrideConfirmed: {OverrideReplaced},
}

func (v *Override) Card() Card {
	return Card{"override", string(v.ID), string(v.State), []Key{By("case", v.Stem), By("version", v.Version), By("dataset", v.Term.Dataset)}}
}

func (v *Override) Handed() (string, Hands) { return v.Stem, v.Hands }

// Propose is a case officer's word that objections should be treated otherwise than
// they are in what is asked for. Nothing changes by it.
func (v *Override) Propose(a Act, asked DatasetRequest, now ObjectionsTerm, policy string, on Day) error {
	to, known := treatmentOf(v.Term.Reason)
	switch {
	case !known:
		return Refuse("no-such-reason", v.Version, "%s: there is no reason %q for how objections are treated; there are %s", v.Version, v.Term.Reason, join(Codes(ObjectionReasons)))
	case v.Term.Treatment != to:
		return Refuse("no-such-reason", v.Version, "%s: %s is a reason for %s, not for %s", v.Version, v.Term.Reason, to, v.Term.Treatment)
	case a.Why == "":
		return Refuse("no-reason", v.Version, "%s: say with --reason what shows that objections should be treated so in %s", v.Version, v.Term.Dataset)
	case v.Term.Treatment == now.Treatment && v.Term.Reason == now.Reason && now.By != "undecided":
		return Refuse("known", v.Version, "%s: objections are %s in %s already, for that reason", v.Version, now.Treatment, now.Dataset)
	}
	if err := v.possible(policy, asked); err != nil {
		return err
	}
	hands, err := Hands{}.Add(a, string(OverrideProposed), string(v.ID))
	if err != nil {
		return err
	}
	v.Hands, v.State, v.Proposed, v.Reason = hands, OverrideProposed, on, a.Why
	return nil
}

// possible refuses what the office's policy does not leave to people, and a reason that
// cannot be true of what is asked for.
func (v *Override) possible(policy string, asked DatasetRequest) error {
	if !stands(v.Term.Reason, asked) {
		return Refuse("reason-unfit", v.Version, "%s: %s cannot be the reason in %s, which is asked for as %s by %s", v.Version, v.Term.Reason, asked.Code, asked.Identifiability, asked.Gateway)
	}
	if policy != UpholdByMatrix && v.Term.Treatment == NotUpheld {
		return Refuse("uphold-always", v.Version, "%s: this office upholds objections in every release (policy.uphold: always)", v.Version)
	}
	return nil
}

// Confirm is another person's word, with which it holds.
func (v *Override) Confirm(a Act, asked DatasetRequest, policy string, on Day) error {
	to, err := OverrideLife.Step(v, v.State, OverrideConfirmed)
	if err != nil {
		return err
	}
	if a.Why == "" {
		return Refuse("no-reason", v.ID, "override %s: say with --reason what you have looked at", v.ID)
	}
	if err := v.possible(policy, asked); err != nil {
		return err
	}
	hands, err := v.Hands.Add(a, string(to), string(v.ID))
	if err != nil {
		return err
	}
	v.Hands, v.State, v.Confirmed, v.Word = hands, to, on, a.Why
	return nil
}

// Lasts reports whether the override holds for later versions of its case as well: one
// that upholds objections does, until another takes its place. Not to uphold them is
// decided anew for each version.
func (v *Override) Lasts() bool { return v.State == OverrideConfirmed && v.Term.Treatment == Uphold }

// Replace notes that a later one counts.
func (v *Override) Replace() (err error) {
	v.State, err = OverrideLife.Step(v, v.State, OverrideReplaced)
	return err
}
