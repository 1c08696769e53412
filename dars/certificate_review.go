package dars

// A certificate that came back and is as it should be has to be looked at by a
// person. While it lies there in time it holds nobody up who has done their part; but
// nothing is accounted for until it is accepted, so it does not lift a block for ever.

// ExaminationDays are the calendar days within which compliance looks at a certificate
// that came back whole: three weeks, which are 14 working days with a bank holiday.
const ExaminationDays = 21

// ExamineBy is the last day on which a certificate that came back whole is examined in
// time; "" if none waits for that. It counts from the first day on which one lay there
// since compliance answered last: sending it again wins no time.
func (c *Certificate) ExamineBy() Day {
	if c.State != CertReceived || c.Waits == "" || c.awaited() {
		return ""
	}
	return c.Waits.Add(ExaminationDays)
}

// Blocks reports whether nothing new is released to its holders on a day: it is
// overdue, or was due and has not been examined in time. The second is no fault of
// theirs: it blocks, and is not public.
func (c *Certificate) Blocks(on Day) bool {
	by := c.ExamineBy()
	return c.Overdue(on) || by != "" && on > max(by, c.Due)
}

// Holds refuses what a certificate blocks, in words that say whose turn it is.
func (c *Certificate) Holds(rule string, org OrgCode, what string) error {
	if by := c.ExamineBy(); by != "" {
		return Refuse(rule, c.ID, "the certificate of destruction %s of %s has come, and was to be examined by %s: %s until compliance has accepted it", c.ID, org, by, what)
	}
	return Refuse(rule, c.ID, "%s owes the certificate of destruction %s since %s: %s", org, c.ID, c.Due, what)
}
