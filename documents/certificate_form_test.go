package documents

import (
	"fmt"
	"strings"
	"testing"

	"darsd/dars"
)

// queriedFacts are of a certificate that came back with three points.
func queriedFacts() dars.DeletionFacts {
	f := deletionFacts("2017-04-12")
	c := *f.Certificate
	c.State, c.Received, c.Queries = dars.CertQueried, "2017-04-12", 1
	c.Points = []dars.Mistake{
		{Line: 31, Field: "items[0].method", Says: "FILE0000001 at 8J001: DEGAUSS does not destroy data on SSD: what does is " + strings.Join(dars.MethodsFor["SSD"], ", "), Rule: "impossible-method"},
		{Line: 40, Field: "items", Says: "FILE0000002 at RA1 is not accounted for: say how and when it was destroyed, or in held_under under which later agreement it is kept", Rule: "not-covered"},
		{Field: "signed.performed_by", Says: "whoever destroyed the data cannot also be the one who signs in signed.name: have another sign", Rule: "same-person"},
	}
	f.Certificate = &c
	return f
}

// Three hundred files at three holders are answered with one answer for each holder;
// a file that ended otherwise has a line of its own, and is named by it.
func TestACertificateOfManyFiles(t *testing.T) {
	facts := certificateFacts()
	c := facts.Certificate
	one := c.Files[0]
	c.Files = nil
	for n := range 300 {
		one.File = dars.FileID(fmt.Sprintf("FILE%07d", n+1))
		c.Files = append(c.Files, one)
	}
	text := string(press(false).certificateForm(facts))
	text = strings.NewReplacer(`method: ""`, "method: CRYPTO_ERASE", `destroyed_on: ""`, "destroyed_on: 2017-04-10",
		`performed_by: ""`, "performed_by: K. Njoroge", `name: ""`, "name: Prof. L. Meyer", `post: ""`, "post: SIRO",
		`date: ""`, "date: 2017-04-11", "no_copy_remains: false", "no_copy_remains: true",
		`{ file: FILE0000007, holder: "RA1", copy: live }`, `{ file: FILE0000007, holder: "RA1", copy: live, medium: SSD, method: DEGAUSS, destroyed_on: 2017-04-10 }`).Replace(text)
	form, err := ReadCertificate([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	c.State = dars.CertIssued
	if err := c.Receive(dars.Act{Who: "P-000011"}, form, "2017-04-12", nil); err != nil {
		t.Fatal(err)
	}
	if len(c.Points) != 1 || c.Points[0].Rule != "impossible-method" || len(c.Items) != 900 || len(c.Missing()) != 1 {
		t.Fatalf("the points are %v, and %d of %d copies are not covered", c.Points, len(c.Missing()), len(c.Items))
	}
	if line := strings.Split(text, "\n")[c.Points[0].Line-1]; !strings.Contains(line, "DEGAUSS, destroyed_on") {
		t.Errorf("the point is on line %d: %s", c.Points[0].Line, line)
	}
}

// What is misspelt is named with its line, all of it at once.
func TestACertificateThatCannotBeRead(t *testing.T) {
	_, err := ReadCertificate([]byte("certificate: CERT-000001\nitems:\n  - { file: FILE0000001, metod: SHRED }\nsigned:\n  no_copy_remains: \"yes\"\n"))
	if err == nil || !strings.Contains(err.Error(), "line 3: items[0].metod: there is no such field; did you mean method?") || !strings.Contains(err.Error(), `line 5: signed.no_copy_remains: "yes" is neither true nor false`) {
		t.Errorf("%v", err)
	}
}

// The form of benefits that we send out can be sent back: filled in it is a report,
// and whatever is stated in it stays within its line.
func TestBenefitFormIsReadBack(t *testing.T) {
	g := &dars.Agreement{ID: "DARS-NIC-000001-B1C2D-v1.0", Stem: "DARS-NIC-000001-B1C2D"}
	stated := []dars.Target{{What: "Fewer readmissions: a \"tenth\"\nnone_yet: x", By: "2017-03-31"}}
	text := string(BenefitForm(g, stated))
	form, err := ReadBenefits([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(form.Benefits) != 1 || form.Benefits[0].By != "2017-03-31" || form.NoneYet != "" || len(form.Outputs) != 1 {
		t.Fatalf("%+v", form)
	}
	if _, err := form.Report(dars.Act{Who: "P-000011"}, g, stated, "2017-04-01"); err == nil {
		t.Error("empty, it is a report")
	}
	text = strings.NewReplacer(`title: ""`, "title: A paper", `kind: ""`, "kind: PAPER", `date: ""`, "date: 2017-01-01", `outcome: ""`, "outcome: ACHIEVED",
		`measure: ""`, "measure: a tenth fewer", "evidence: []", "evidence: [https://example.org/a]").Replace(string(BenefitForm(g, []dars.Target{{What: "Fewer readmissions", By: "2017-03-31"}})))
	if form, err = ReadBenefits([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if _, err := form.Report(dars.Act{Who: "P-000011"}, g, []dars.Target{{What: "Fewer readmissions", By: "2017-03-31"}}, "2017-04-01"); err != nil {
		t.Error(err)
	}
}
