package dars

import "slices"

// A DigitalSignature is one that was found good, by a certificate that the office
// accepts for an organisation.
type DigitalSignature struct {
	Org         OrgCode `json:"org"`
	Certificate string  `json:"certificate"` // SHA-256 of it, hex
}

// SignedDigitally notes a copy that came back signed digitally. Such a signature is the
// controller's own act: nobody needs to have seen it. Who has signed before, on this
// copy or on another, has signed.
func (g *Agreement) SignedDigitally(copy SignedCopy, by ...DigitalSignature) error {
	trial := *g
	if err := trial.CopyReceived(copy); err != nil {
		return err
	}
	news := false
	for _, s := range by {
		i := slices.IndexFunc(trial.Controllers, func(c Signing) bool { return c.Org == s.Org })
		if i < 0 {
			return Refuse("not-a-party", g.ID, "%s is no controller of agreement %s", s.Org, g.ID)
		}
		if c := &trial.Controllers[i]; c.SignedOn == "" {
			c.SignedOn, c.Certificate, news = copy.Received, s.Certificate, true
		}
	}
	if !news {
		return Refuse("known", g.ID, "agreement %s: all who have signed this copy had signed before: it still lacks %v", g.ID, g.Unsigned())
	}
	if len(trial.Unsigned()) == 0 {
		trial.State = AgreementSigned
	}
	*g = trial
	return nil
}

// SignedDigitally notes that the organisation has signed its contract digitally.
func (c *Contract) SignedDigitally(by DigitalSignature) error {
	if by.Org != c.Org {
		return Refuse("not-a-party", c.ID, "%s is no party to contract %s", by.Org, c.ID)
	}
	to, err := ContractLife.Step(c, c.State, ContractSigned)
	if err != nil {
		return err
	}
	c.State, c.Certificate = to, by.Certificate
	return nil
}
