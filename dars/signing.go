package dars

import "slices"

// A Signing is one controller's part of an agreement: two officers say that they
// have seen its signature, or it signed digitally.
type Signing struct {
	Org         OrgCode    `json:"org"`
	Contract    ContractID `json:"contract"`
	ConfirmedBy []PersonID `json:"confirmed_by,omitempty"`
	SignedOn    Day        `json:"signed_on,omitempty"`
	Certificate string     `json:"certificate,omitempty"` // SHA-256, hex, of whose key signed, if that was digitally
}

// A SignedCopy is the paper that came back.
type SignedCopy struct {
	Paper        PaperID `json:"paper"`
	SHA256       string  `json:"sha256"`
	Received     Day     `json:"received"`
	MissingPages []int   `json:"missing_pages"`
}

// Whole reports whether it has every page.
func (c *SignedCopy) Whole() bool { return c != nil && len(c.MissingPages) == 0 }

// Lacks says which of its pages did not come.
func (c *SignedCopy) Lacks() string { return "it lacks the pages " + pageList(c.MissingPages) }

// stays refuses a copy that lacks pages where a whole one waits: it would take that
// one's place, and with it what officers have seen.
func (c *SignedCopy) stays(next SignedCopy, ref string) error {
	if !c.Whole() || next.Whole() {
		return nil
	}
	return Refuse("whole-copy", ref, "%s: a signed copy with all pages is here already, and this one lacks the pages %s: that one stays; if this one is to take its place, send all pages of it in one file", ref, pageList(next.MissingPages))
}

// Is reports whether what came in is this copy, to the byte.
func (c *SignedCopy) Is(sha256 string) bool { return c != nil && c.SHA256 == sha256 }

// Unsigned are the controllers whose signed copy is missing.
func (g *Agreement) Unsigned() (missing []OrgCode) {
	for _, c := range g.Controllers {
		if c.SignedOn == "" {
			missing = append(missing, c.Org)
		}
	}
	return missing
}

// CopyReceived notes that a signed copy came back. It proposes; two people decide
// with Confirm. Who was seen to have signed before need not sign again; whoever
// was seen by one officer only is looked at anew.
func (g *Agreement) CopyReceived(copy SignedCopy) error {
	if g.State != AgreementIssued {
		return Refuse("wrong-step", g.ID, "agreement %s is %s and waits for no signed copy", g.ID, g.State)
	}
	if err := g.Copy.stays(copy, string(g.ID)); err != nil {
		return err
	}
	g.Copy, g.Controllers, g.ConfirmedBy = &copy, slices.Clone(g.Controllers), []PersonID{}
	for i, c := range g.Controllers {
		if c.SignedOn == "" {
			g.Controllers[i].ConfirmedBy = nil
		}
		g.confirmed(g.Controllers[i].ConfirmedBy...)
	}
	g.Hands = slices.DeleteFunc(slices.Clone(g.Hands), func(h Hand) bool { return !slices.Contains(g.ConfirmedBy, h.By) })
	return nil
}

// confirmed adds to those who have confirmed a signature.
func (g *Agreement) confirmed(people ...PersonID) {
	for _, p := range people {
		if !slices.Contains(g.ConfirmedBy, p) {
			g.ConfirmedBy = append(g.ConfirmedBy, p)
		}
	}
}

// Confirm is one case officer's word that the copy is the agreement that was
// issued, and is signed by some controllers; by all who had not signed yet, if
// none is named. When two officers have said so of each, it is signed.
func (g *Agreement) Confirm(a Act, on Day, signed ...OrgCode) error {
	if _, err := AgreementLife.Step(g, g.State, AgreementSigned); err != nil {
		return err
	}
	if g.Copy == nil {
		return Refuse("no-copy", g.ID, "no signed copy of agreement %s has come back: drop it into folders/signed-agreements", g.ID)
	}
	if !g.Copy.Whole() {
		return Refuse("pages-missing", g.ID, "the signed copy of agreement %s lacks the pages %s: ask for the whole of it", g.ID, pageList(g.Copy.MissingPages))
	}
	if len(signed) == 0 {
		signed = g.Unsigned()
	}
	trial := *g
	trial.Controllers = slices.Clone(g.Controllers)
	for _, org := range signed {
		if err := trial.confirm(a, org, on); err != nil {
			return err
		}
	}
	if err := trial.hand(a); err != nil {
		return err
	}
	if len(trial.Unsigned()) == 0 {
		trial.State = AgreementSigned
	}
	*g = trial
	return nil
}

// confirm is Confirm for one controller.
func (g *Agreement) confirm(a Act, org OrgCode, on Day) error {
	i := slices.IndexFunc(g.Controllers, func(c Signing) bool { return c.Org == org })
	if i < 0 {
		return Refuse("not-a-party", g.ID, "%s is no controller of agreement %s", org, g.ID)
	}
	c := &g.Controllers[i]
	switch {
	case c.SignedOn != "":
		return Refuse("wrong-step", g.ID, "agreement %s: two officers have seen the signature of %s already", g.ID, org)
	case slices.Contains(c.ConfirmedBy, a.Who):
		return Refuse("same-person", g.ID, "agreement %s: %s has confirmed the signature of %s already; somebody else must, too", g.ID, a.Who, org)
	}
	if c.ConfirmedBy = append(slices.Clone(c.ConfirmedBy), a.Who); len(c.ConfirmedBy) == 2 {
		c.SignedOn = on
	}
	return nil
}

// hand notes who confirms. An officer may do so for several controllers, one copy
// after the other, and for each of them it takes two.
func (g *Agreement) hand(a Act) error {
	others := slices.DeleteFunc(slices.Clone(g.Hands), func(h Hand) bool { return h.By == a.Who && h.Step == "confirmed" })
	hands, err := others.Add(a, "confirmed", string(g.ID))
	if err != nil {
		return err
	}
	g.Hands, g.ConfirmedBy = append(slices.Clone(g.Hands), hands[len(hands)-1]), slices.Clone(g.ConfirmedBy)
	g.confirmed(a.Who)
	return nil
}
