package dars

// CameOnPaper notes that a certificate came back printed, or with its fields made part
// of its pages: a picture, whose values nobody guesses. A person of the office types
// them in beside it, and compliance looks at both.
func (c *Certificate) CameOnPaper(copy SignedCopy) error {
	if _, err := CertificateLife.Step(c, c.State, CertReceived); err != nil {
		return err
	}
	if len(copy.MissingPages) > 0 {
		return Refuse("pages-missing", c.ID, "certificate %s lacks the pages %s: send all of it, or fill in the form on a screen and send it as it was saved", c.ID, pageList(copy.MissingPages))
	}
	c.Printed = &copy
	return nil
}

// Typed refuses somebody of the office who fills in a certificate that its sender has
// not sent on paper.
func (c *Certificate) Typed() error {
	if c.Printed == nil {
		return Refuse("not-printed", c.ID, "certificate %s has not come back on paper: whoever holds the data fills it in", c.ID)
	}
	return nil
}

// ToType reports whether what came on paper waits for somebody to type it in.
func (c *Certificate) ToType() bool {
	return c.Printed != nil && is(c.State, CertIssued, CertQueried, CertRejected)
}
