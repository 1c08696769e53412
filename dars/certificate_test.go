package dars_test

import (
	"slices"
	"testing"

	"darsd/dars"
)

// issued is a certificate for one file at one holder, as it goes out.
func issued() *dars.Certificate {
	return &dars.Certificate{ID: "CERT-000001", Agreement: "DARS-NIC-000001-B1C2D-v1.0", Org: "RA1", State: dars.CertIssued,
		Files:   []dars.SentFile{{File: "FILE0000001", Made: "2026-01-10", Sent: []dars.SentTo{{Person: "P-000005", Bytes: 1, Last: "2026-01-20"}, {Person: "P-000006", Bytes: 1, Last: "2026-02-20"}}}},
		Holders: []dars.OrgCode{"RA1"}, Issued: "2026-03-01", Ended: "2026-03-01", Due: "2026-03-14", Items: []dars.Destruction{}, Steps: []dars.Step{}}
}

// filledIn is its form as it should come back.
func filledIn() dars.CertificateForm {
	return dars.CertificateForm{Certificate: "CERT-000001", Agreement: "DARS-NIC-000001-B1C2D-v1.0",
		Items:  []dars.Destruction{{File: "FILE0000001", Holder: "RA1", Copy: "live", Medium: "HDD", Method: "CLEAR_SECURE_ERASE", DestroyedOn: "2026-03-01"}},
		Signed: dars.Declaration{Name: "Rita Recipient", Post: "Data Manager", Date: "2026-03-02", Destroyed: true, PerformedBy: "Ian Infrastructure"}}
}

func TestWhatACertificateDoesNotCover(t *testing.T) {
	c := issued()
	c.Files = append(c.Files, dars.SentFile{File: "FILE0000002", Sent: []dars.SentTo{{Person: "P-000005", Bytes: 1, Last: "2026-02-01"}}})
	c.Holders = []dars.OrgCode{"RA1", "RA2"}
	if n := len(c.Expected()); n != 4 {
		t.Errorf("%d items are expected of two files at two holders", n)
	}
	form := filledIn()
	form.Items = append(form.Items, dars.Destruction{File: "FILE0000002", Holder: "RA1", Copy: "live"}) // left open
	ruled(t, c.Receive(by("P-000009"), form, "2026-03-02", nil), "")
	want := []string{"FILE0000001 at RA2", "FILE0000002 at RA1", "FILE0000002 at RA2"}
	if got := c.Missing(); !slices.Equal(got, want) || len(c.Points) != 3 {
		t.Errorf("missing are %v, want %v; points are %v", got, want, c.Points)
	}
	was := facts(t, c)
	ruled(t, c.Accept(by("P-000001"), "2026-03-02", nil), "certificate-gaps")
	if got := facts(t, c); got != was {
		t.Errorf("a refusal left a trace: %s", got)
	}
	ruled(t, c.Query(dars.Act{Who: "P-000001"}), "no-reason")
	ruled(t, c.QueryPoints(), "")
	ruled(t, c.QueryPoints(), "wrong-step")
	form = filledIn()
	for _, w := range []struct {
		file   dars.FileID
		holder dars.OrgCode
	}{{"FILE0000001", "RA2"}, {"FILE0000002", "RA1"}, {"FILE0000002", "RA2"}} {
		form.Items = append(form.Items, dars.Destruction{File: w.file, Holder: w.holder, Copy: "live", Medium: "HDD", Method: "SHRED", DestroyedOn: "2026-03-02"})
	}
	ruled(t, c.Receive(by("P-000009"), form, "2026-03-03", nil), "")
	if c.Note != "" || len(c.Missing()) != 0 {
		t.Errorf("after its return: %q, missing %v", c.Note, c.Missing())
	}
	ruled(t, c.Accept(by("P-000009"), "2026-03-03", nil), "same-person")
	ruled(t, c.Accept(by("P-000001"), "2026-03-03", nil), "")
	if c.State != dars.CertAccepted || c.Outstanding() {
		t.Errorf("it is %s", c.State)
	}
}

func TestACertificateIsInterimWhileABackupLives(t *testing.T) {
	tests := map[string]struct {
		backup dars.Day
		want   dars.CertificateState
	}{
		"no backup":                     {"", dars.CertAccepted},
		"a backup that went yesterday":  {"2026-03-01", dars.CertAccepted},
		"a backup that goes today":      {"2026-03-02", dars.CertInterim},
		"a backup that goes next month": {"2026-04-02", dars.CertInterim},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, form := issued(), filledIn()
			form.Items[0].BackupUntil = tt.backup
			ruled(t, c.Receive(by("P-000009"), form, "2026-03-02", nil), "")
			ruled(t, c.Accept(by("P-000001"), "2026-03-02", nil), "")
			if c.State != tt.want || (c.BackupEnd != "") != (tt.want == dars.CertInterim) {
				t.Errorf("it is %s until %q, want %s", c.State, c.BackupEnd, tt.want)
			}
		})
	}
}

// covered fills in every item of a certificate.
func covered(c *dars.Certificate) *dars.Certificate {
	c.Items = c.Expected()
	for i := range c.Items {
		c.Items[i].Covered = true
	}
	return c
}

// A form with nothing filled in, only signed, is no certificate.
func TestOneThatCoversNothingStaysOverdue(t *testing.T) {
	c := issued()
	c.State = dars.CertReceived
	if !c.Overdue(c.Due.Add(1)) {
		t.Error("it is not overdue")
	}
	if _, climbed, err := chases(14).Climb(c, dars.LadderCertificate, "", dars.Calendar{}, "2026-05-01"); err != nil || len(climbed) != 2 {
		t.Errorf("it is chased by %v, %v", climbed, err)
	}
}

func TestOverdueIsTheDayAfter(t *testing.T) {
	late := map[dars.CertificateState]bool{dars.CertIssued: true, dars.CertQueried: true, dars.CertRejected: true,
		dars.CertReceived: false, dars.CertInterim: false, dars.CertAccepted: false}
	for state, want := range late {
		c := covered(issued())
		c.State = state
		if c.Overdue(c.Due) {
			t.Errorf("one that is %s is overdue on the day it is due", state)
		}
		if got := c.Overdue(c.Due.Add(1)); got != want {
			t.Errorf("one that is %s, the day after: overdue %t, want %t", state, got, want)
		}
	}
}

// One that came back whole lifts the block while it can be examined in time, and not
// for ever. Sending it again wins no time; an answer of compliance does.
func TestAnUnexaminedCertificateBlocksAgain(t *testing.T) {
	const came, by = dars.Day("2026-03-10"), dars.Day("2026-03-31")
	again := func(c *dars.Certificate, on dars.Day) error {
		form := filledIn()
		form.Signed.Date = on
		return c.Receive(dars.Act{Who: "P-000009"}, form, on, nil)
	}
	tests := map[string]struct {
		then   func(*testing.T, *dars.Certificate)
		by     dars.Day
		blocks map[dars.Day]bool
	}{
		"nobody looks": {func(*testing.T, *dars.Certificate) {}, by, map[dars.Day]bool{"2026-03-20": false, by: false, by.Add(1): true, "2030-01-01": true}},
		"it is sent again": {func(t *testing.T, c *dars.Certificate) { ruled(t, again(c, "2026-03-30"), "") }, by,
			map[dars.Day]bool{by: false, by.Add(1): true}},
		"something wrong is sent, and it again": {func(t *testing.T, c *dars.Certificate) {
			ruled(t, c.Receive(dars.Act{Why: "why", Who: "P-000009"}, dars.CertificateForm{Agreement: c.Agreement}, "2026-03-29", nil), "")
			ruled(t, c.QueryPoints(), "")
			ruled(t, again(c, "2026-03-30"), "")
		}, by, map[dars.Day]bool{by: false, by.Add(1): true}},
		"compliance asks": {func(t *testing.T, c *dars.Certificate) { ruled(t, c.Query(dars.Act{Why: "why", Who: "P-000001"}), "") }, "",
			map[dars.Day]bool{"2026-03-20": true}},
		"compliance asks, and it comes again": {func(t *testing.T, c *dars.Certificate) {
			ruled(t, c.Query(dars.Act{Why: "why", Who: "P-000001"}), "")
			ruled(t, again(c, "2026-03-30"), "")
		}, "2026-04-20", map[dars.Day]bool{by.Add(1): false, "2026-04-20": false, "2026-04-21": true}},
		"it is accepted": {func(t *testing.T, c *dars.Certificate) {
			ruled(t, c.Accept(dars.Act{Why: "why", Who: "P-000001"}, "2026-03-30", nil), "")
		}, "",
			map[dars.Day]bool{by.Add(1): false, "2030-01-01": false}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := issued()
			ruled(t, again(c, came), "")
			tt.then(t, c)
			if got := c.ExamineBy(); got != tt.by {
				t.Errorf("it is to be examined by %q, want %q", got, tt.by)
			}
			for on, want := range tt.blocks {
				if got := c.Blocks(on); got != want {
					t.Errorf("on %s it blocks: %t", on, got)
				}
				if c.State == dars.CertReceived && c.Overdue(on) {
					t.Errorf("on %s it is published as overdue, and it has come", on)
				}
			}
		})
	}
}

// While it waits for compliance, they are written to.
func TestComplianceIsChasedForWhatHasCome(t *testing.T) {
	c := issued()
	ruled(t, c.Receive(by("P-000009"), filledIn(), "2026-03-02", nil), "")
	policy := dars.Policy{AuditAfterDays: 56, Ladders: dars.DefaultLadders()}
	_, climbed, err := policy.Climb(c, dars.LadderExamination, "", dars.Calendar{}, "2026-03-23")
	if err != nil || len(climbed) != 2 || climbed[1].Name != "examination-reminder-0" {
		t.Errorf("the steps are %+v, %v", climbed, err)
	}
}

// Where the office asks late, the days count from when it asked.
func TestDaysCountFromWhenItWasAskedFor(t *testing.T) {
	for issuedOn, want := range map[dars.Day]dars.Day{"2026-03-01": "2026-03-01", "2026-03-02": "2026-03-01", "2026-03-03": "2026-03-03", "2026-07-01": "2026-07-01"} {
		c := &dars.Certificate{State: dars.CertIssued, Ended: "2026-03-01", Issued: issuedOn}
		if got := c.Counts(); got != want || c.Deadlines()[0].Day != want {
			t.Errorf("asked for on %s, it counts from %s, want %s", issuedOn, got, want)
		}
	}
}
