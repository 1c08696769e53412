package documents

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// Each paper as words, so that a change of wording is read as one.
func TestPapers(t *testing.T) {
	for name, d := range papers(press(false)) {
		t.Run(name, func(t *testing.T) {
			golden(t, name+".txt", []byte(d.WriteText()))

			first, err := d.PDF()
			if err != nil {
				t.Fatal(err)
			}
			keep(t, name, first)
			second, err := papers(press(false))[name].PDF()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(first, second) {
				t.Error("two prints of one paper differ")
			}
		})
	}
	golden(t, "CERT-000001.yaml", press(false).certificateForm(certificateFacts()))
}

// The office's own door to each paper.
func TestPressPrints(t *testing.T) {
	p := press(false)
	for name, print := range map[string]func() ([]byte, error){
		"contract":    func() ([]byte, error) { return p.Contract(contractFacts()) },
		"agreement":   func() ([]byte, error) { return p.Agreement(agreementFacts()) },
		"letter":      func() ([]byte, error) { return p.DecisionLetter(letterFacts(dars.Approved)) },
		"certificate": func() ([]byte, error) { return p.Certificate(certificateFacts()) },
		"note":        func() ([]byte, error) { return p.ReleaseNote(noteFacts()) },
		"compliance":  func() ([]byte, error) { return p.ComplianceReport(report()) },
	} {
		pdf, err := print()
		if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A recipient must not learn how many persons objected: small numbers tell of
// somebody.
func TestReleaseNoteTellsNoCountOfThoseWithheld(t *testing.T) {
	text := press(false).note(noteFacts()).WriteText()
	for _, secret := range []string{"41017", "41,017", "40961", "40,961", "41016", "41,016", "55", "56"} {
		for _, word := range strings.Fields(text) {
			if strings.Trim(word, ".,:") == secret {
				t.Errorf("the note says %s", secret)
			}
		}
	}
}

// Many columns would be a grey block that nobody reads.
func TestReleaseNoteNamesFewColumns(t *testing.T) {
	for n, want := range map[int]string{
		0:   "The columns are named in datapackage.json beside this note.",
		1:   "Each file has one column: COLUMN.",
		2:   "Each file has 2 columns, in this order: COLUMN, COLUMN.",
		30:  "COLUMN, COLUMN.",
		31:  "Each file has 31 columns. They are named, in their order, in datapackage.json beside this note.",
		193: "Each file has 193 columns. They are named, in their order, in datapackage.json beside this note.",
	} {
		f := noteFacts()
		f.Columns = slices.Repeat([]string{"COLUMN"}, n)
		text := press(false).note(f).WriteText()
		if !strings.Contains(text, want) || n > 30 && strings.Contains(text, "COLUMN") {
			t.Errorf("%d columns:\n%s", n, text)
		}
	}
}

// A rehearsal's papers must never be taken for real ones.
func TestRehearsalIsOnEveryPage(t *testing.T) {
	pdf, err := press(true).Agreement(agreementFacts())
	if err != nil {
		t.Fatal(err)
	}
	keep(t, "rehearsal", pdf)
	for i, page := range read(t, pdf).Text {
		if n := strings.Count(page, "REHEARSAL"); n != 2 {
			t.Errorf("page %d says REHEARSAL %d times, want it across the page and at its foot", i+1, n)
		}
	}
}

// papers are all of them, by name.
func papers(p Press) map[string]*Doc {
	all := map[string]*Doc{
		"contract":               p.contract(contractFacts()),
		"agreement":              p.agreement(agreementFacts()),
		"letter-approved":        p.letter(letterFacts(dars.Approved)),
		"letter-declined":        p.letter(letterFacts(dars.Declined)),
		"outcome-recommended":    p.outcomeLetter(outcomeFacts(dars.Recommended)),
		"outcome-with-caveats":   p.outcomeLetter(outcomeFacts(dars.WithCaveats)),
		"outcome-deferred":       p.outcomeLetter(outcomeFacts(dars.Deferred)),
		"outcome-withdrawn":      p.outcomeLetter(outcomeFacts(dars.Returned)),
		"letter-rejected":        p.letter(letterFacts(dars.Rejected)),
		"letter-referred-back":   p.letter(letterFacts(dars.ReferredBack)),
		"certificate":            p.certificate(certificateFacts()),
		"release-note":           p.note(noteFacts()),
		"release-note-table":     p.note(tableFacts()),
		"checkers-page-table":    p.checkersPage(dars.CheckFacts{Release: tableFacts().Release, Agreement: tableFacts().Agreement, Dataset: catalogue()[0], On: "2016-04-25"}),
		"compliance":             p.compliance(report()),
		"agreement-charged":      p.agreement(chargedFacts()),
		"agreement-with-caveats": p.agreement(caveatedFacts()),
		"agreement-renewal":      p.agreement(renewalFacts()),
		"reminder":               p.reminder(dars.ReminderFacts{Agreement: agreementFacts().Agreement, Organisation: organisations()["8J001"], Policy: policy(), From: officer, On: "2017-03-01"}),
		"chase":                  p.chase(deletionFacts("2017-04-28")),
		"chase-renewed":          p.chase(renewedFacts("2017-04-28")),
		"certificate-query":      p.certificateQuery(queriedFacts()),
		"destruction-notice":     p.destruction(deletionFacts("2017-04-01")),
		"destruction-of-release": p.destruction(withdrawnFacts()),
		"hold":                   p.hold(dars.HoldFacts{Organisation: held(), From: compliance, On: "2017-04-28"}),
		"audit-letter":           p.auditLetter(dars.AuditFacts{Audit: audit(), Agreement: agreementFacts().Agreement, Organisation: organisations()["8J001"], From: auditor, On: "2017-05-29"}),
		"quote":                  p.quote(chargesAsked(false)),
		"statement":              p.statement(stated()),
		"statement-not-agreed":   p.statement(dars.ChargeFacts{Application: chargesAsked(false).Application, Organisation: organisations()["8J001"], Quote: chargesAsked(false).Quote, Entries: dars.Account{Quote: chargesAsked(false).Quote}.Statement(), VAT: dars.NoVAT, On: "2019-02-01"}),
		"invoice-taxed":          p.invoice(taxed(invoiced(dars.OnDelivery))),
		"credit-note":            p.creditNote(credited()),
		"invoice-delivery":       p.invoice(invoiced(dars.OnDelivery)),
		"invoice-review":         p.invoice(invoiced(dars.OnReview)),
		"application":            p.application(formFacts()),
		"application-form":       p.blankApplication("2026-04-01"),
		"checklist":              p.checklist("2026-04-01"),
		"price-list":             p.priceList(dars.PublishedPrices[2], "2026-04-01"),
		"blank-certificate":      p.blankCertificate("2026-04-01"),
		"certificate-guide":      p.certificateGuide(policy(), "2026-04-01"),
		"agreement-guide":        p.agreementGuide(policy(), "2026-04-01"),
		"security-notes":         p.securityNotes("2026-04-01"),
		"letter-director":        p.letter(directorFacts(dars.Approved)),
		"letter-director-no":     p.letter(directorFacts(dars.Declined)),
		"hold-ended":             p.holdEnded(dars.HoldFacts{Organisation: organisations()["8HX22"], From: compliance, On: "2017-06-12"}),
		"recall":                 p.recall(recallFacts()),
		"audit-report-of-noun":   p.auditReport(ReportOfAudit(auditedFacts())),
		"sanction-warning":       p.sanction(sanctionFacts(dars.Warned)),
		"sanction-hold":          p.sanction(sanctionFacts(dars.OnHold)),
		"sanction-suspension":    p.sanction(sanctionFacts(dars.Suspended)),
		"sanction-termination":   p.sanction(sanctionFacts(dars.EndedBySanction)),
		"sanction-ended":         p.sanction(sanctionFacts(dars.SanctionLifted)),
		"application-again":      p.application(formFactsAgain()),
		"agenda":                 p.agenda(meetingFacts()),
		"minutes":                p.minutes(meetingFacts()),
		"minutes-extract":        p.minutes(extractFacts()),
		"brief":                  p.brief(briefFacts()),
		"brief-of-a-new-one":     p.brief(dars.Brief{Ref: "DARS-NIC-000002-C3D4F", Version: "v1.0", Title: "A first request", Kind: "new", On: "2016-03-02"}),
		"checkers-page":          p.checkersPage(checkFacts()),
		"compliance-of-nothing":  p.compliance(&dars.Report{ID: "RPT-000001", Due: "2016-04-01"}),
		"audit-report":           p.auditReport(auditFound()),
		"audit-report-followed":  p.auditReport(auditFollowed()),
		"audit-report-clean":     p.auditReport(auditClean()),
	}
	for kind, l := range listings() {
		all["report-"+kind] = p.figures(l)
	}
	return all
}

// Who answers for letters.
var (
	officer    = dars.Sender{Name: "Carol Whitlock", Role: "Case officer"}
	compliance = dars.Sender{Name: "Marta Kowalczyk", Role: "Compliance"}
	auditor    = dars.Sender{Name: "Idris Bello", Role: "Audit"}
	secretary  = dars.Sender{Name: "Seren Price", Role: "Secretary of the Data Access Advisory Group"}
)

func press(rehearsal bool) Press {
	return Press{Office: dars.Office{
		Name: "Health and Social Care Information Centre", Address: "1 Trevelyan Square, Boar Lane, Leeds LS1 6AE",
		Telephone: "0300 303 5678", Email: "data.access@office.example", TimeZone: "Europe/London",
	}, Rehearsal: rehearsal}
}

func organisations() map[dars.OrgCode]*dars.Organisation {
	return map[dars.OrgCode]*dars.Organisation{
		"8J001": {Code: "8J001", Name: "University of Northshire", Address: "Senate House, 4 College Road, Northshire NS1 2AB",
			ICO: "Z1234567", ICOExpires: "2017-01-31", Security: "IG Toolkit v13, 84 %, satisfactory", SecurityExpires: "2017-03-31"},
		"RA1": {Code: "RA1", Name: "St Cuthbert’s NHS Foundation Trust", Address: "Cathedral Green, Northshire NS2 7QT",
			ICO: "Z7654321", ICOExpires: "2016-11-30", Security: "ISO 27001, certificate IS 612345", SecurityExpires: "2018-02-28"},
		"8HX22": {Code: "8HX22", Name: "Instytut Danych Łódź–Plymouth", Address: "ul. Piotrkowska 10, Łódź; and Plymouth PL1 1AA",
			ICO: "ZA123456", Security: "SLSP, reviewed"},
	}
}

func everybody() map[dars.PersonID]*dars.Person {
	return map[dars.PersonID]*dars.Person{
		"P-000011": {ID: "P-000011", Org: "8J001", Login: "amira", Name: "Dr Amira Haddad", Email: "amira@northshire.example"},
		"P-000012": {ID: "P-000012", Org: "8J001", Login: "tom", Name: "Tomás Ó Briain", Email: "tom@northshire.example"},
	}
}

func catalogue() dars.Catalogue {
	return dars.Catalogue{
		{Code: "HES_APC", Name: "Hospital Episode Statistics Admitted Patient Care"},
		{Code: "HES_AE", Name: "Hospital Episode Statistics Accident and Emergency"},
	}
}

func contractFacts() dars.ContractFacts {
	return dars.ContractFacts{
		Contract:     &dars.Contract{ID: "CON-000001-X0X0X", Org: "8J001", Issued: "2016-01-11", Start: "2016-02-01", End: "2019-01-31"},
		Organisation: organisations()["8J001"],
	}
}

func agreementFacts() dars.AgreementFacts {
	app := application(dars.Approved)
	return dars.AgreementFacts{
		Agreement: &dars.Agreement{
			ID: "DARS-NIC-000001-B1C2D-v1.0", Stem: "DARS-NIC-000001-B1C2D", Version: "v1.0", Title: app.Form.Title, Org: "8J001",
			Contact: "P-000011", Recipients: []dars.PersonID{"P-000011", "P-000012"},
			Controllers: []dars.Signing{{Org: "8J001", Contract: "CON-000001-X0X0X"}, {Org: "RA1", Contract: "CON-000002-B3D4F"}},
			Processors:  []dars.OrgCode{"8HX22"}, Datasets: app.Form.Datasets, Start: "2016-04-01", End: "2017-03-31", Issued: "2016-03-15",
		},
		Application: app, Catalogue: catalogue(), Organisations: organisations(), People: everybody(),
		Fingerprint: "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
		Policy:      dars.Policy{DownloadWindowDays: 14, CertificateDays: 14, AuditAfterDays: 56, VAT: dars.NoVAT},
	}
}

// chargedFacts are those of an agreement of two years and a month whose charges were
// agreed.
func chargedFacts() dars.AgreementFacts {
	f, c := agreementFacts(), chargesAsked(true)
	f.Agreement.Start, f.Agreement.End, f.Agreement.Issued = "2019-04-01", "2021-04-30", "2019-03-15"
	f.Application.Form.Start, f.Application.Form.End = f.Agreement.Start, f.Agreement.End
	f.Charges, f.Agreed = &c.Quote, c.Agreed
	return f
}

func application(state dars.ApplicationState) *dars.Application {
	app := &dars.Application{
		Stem: "DARS-NIC-000001-B1C2D", Major: 1, Kind: "new", State: state, Submitted: "2016-01-18",
		Review: dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true},
		Clock:  dars.SLA{Class: 60, Started: "2016-01-25", Due: "2016-04-20"},
		Form: dars.Form{
			Title: "Admissions for asthma in children and young people, 2001 to 2015", Organisation: "8J001",
			Controllers: []dars.OrgCode{"8J001", "RA1"}, Processors: []dars.OrgCode{"8HX22"},
			Locations: []dars.Location{{Address: "University of Northshire, Secure Data Hall, Senate House, NS1 2AB"}, {Address: "St Cuthbert’s NHS Foundation Trust, Server Room 2, NS2 7QT"}},
			Territory: "England and Wales", Start: "2016-04-01", End: "2017-03-31",
			Datasets: []dars.DatasetRequest{
				{Code: "HES_APC", Periods: []string{"200199", "200299", "201599"}, Identifiability: "PSEUDO_ICO", Gateway: "HSCA261_1_2BII", Sensitive: true,
					Fields: []string{"ENCRYPTED_HESID", "ADMIDATE", "DIAG_01", "DIAG_02", "SEX", "STARTAGE", "LSOA01"}, From: "2001-04-01", To: "2015-03-31", Frequency: "One-off"},
				{Code: "HES_AE", Periods: []string{"201599"}, Identifiability: "PSEUDO_ICO", Gateway: "HSCA261_1_2BII", Frequency: "Ongoing, annual"},
			},
			Purpose: dars.Purpose{
				Objective: "The aim is to find out whether the care of children with asthma changed admissions.\r\n\r\n" +
					strings.Repeat("Emergency admission for asthma is largely avoidable, and its rate differs threefold between districts of similar need. We ask how much of that is explained by primary care, by air quality and by housing — and what is not. ", 9) +
					"\r\n\r\nThe work is part of the wider programme “Breathing Space”; only what stands here is done with these data:\r\n~ rates by district and year,\r\n~ the effect of the 2008 guidance,\r\n~ a comparison of models of care.",
				Processing: "Data flow from the office to the University only.\r\n- They are stored on one server.\r\n- Analysts of substantive employment work on them there.\r\n\r\nNo linkage is made. No attempt is made to identify anybody.\r\n\r\n" + strings.Repeat("Each extract is checked, loaded into a database, and reduced to the variables that a given analysis needs. ", 22),
				Outputs:    "Two papers in journals (2017), a report to commissioners, and tables with small numbers suppressed.",
				Benefits:   "Commissioners learn which model of care keeps children out of hospital. If the best were everywhere, about 4,000 admissions a year would not happen.",
			},
			Evidence: []dars.Evidence{
				{Kind: "Ethics approval", File: "rec-letter.pdf", Ref: "14/LO/1234", Expires: "2018-06-30"},
				{Kind: "Protocol", File: "protocol-v3.docx"},
			},
		},
		Decisions: []dars.Decision{
			{Step: "assessed", Outcome: "assessed", By: "P-000003", On: "2016-02-02"},
			{Step: "pre-reviewed", Outcome: "pre-reviewed", By: "P-000004", On: "2016-02-16"},
			{Step: "presented", Outcome: "at-daag", By: "P-000003", On: "2016-03-01"},
		},
	}
	switch state {
	case dars.Approved, dars.Declined:
		app.Decisions = append(app.Decisions, dars.Decision{Step: "outcome", Outcome: "recommended", By: "P-000004", On: "2016-03-01"},
			dars.Decision{Step: "siro", Outcome: string(state), By: "P-000005", On: "2016-03-08"})
	case dars.ReferredBack:
		app.Clock, app.Review = dars.SLA{}, dars.Review{LegalBasis: true, Feasibility: true, Purpose: true, Notes: map[string]string{"SECURITY": "The processor’s assurance ended on 31 December 2015."}}
		app.Decisions = []dars.Decision{{Step: "referred-back", Outcome: "referred-back", By: "P-000002", On: "2016-01-22",
			Note: "The security assurance of the processor has ended. Send the renewal, or leave the processor out."}}
	default:
		app.Decisions = append(app.Decisions, dars.Decision{Step: "outcome", Outcome: string(state), By: "P-000004", On: "2016-03-01",
			Note: "The privacy notice of the Trust does not say that data are received for research.\n- Publish an amended notice.\n- Send us its address."})
	}
	return app
}

func letterFacts(state dars.ApplicationState) dars.LetterFacts {
	f := dars.LetterFacts{Application: application(state), Organisation: organisations()["8J001"], People: everybody(), On: "2016-03-08"}
	f.Application.Form.ContactID = "P-000011"
	f.People["P-000002"] = &dars.Person{ID: "P-000002", Name: "Carol Whitlock"}
	f.People["P-000005"] = &dars.Person{ID: "P-000005", Name: "Dr Siân Llewellyn"}
	f.People["P-000006"] = &dars.Person{ID: "P-000006", Name: "Oluwaseun Adeyemi"}
	return f
}

// caveatedFacts are of an agreement whose approval rests on two caveats, of which one
// is still to be met.
func caveatedFacts() dars.AgreementFacts {
	f := agreementFacts()
	said := outcomeFacts(dars.WithCaveats)
	f.Application.Actions = said.Left
	met := &f.Application.Actions[0]
	met.State, met.Answers = dars.ActionDone, []dars.Answer{{State: dars.ActionDone, Text: "cleared out of committee", On: "2016-03-04"}}
	return f
}

// outcomeFacts are of a meeting that left something to do, unless it recommends.
func outcomeFacts(said dars.ApplicationState) dars.OutcomeFacts {
	f := meetingFacts()
	app := application(said)
	d := app.Decisions[len(app.Decisions)-1]
	d.Meeting = f.Meeting.ID
	facts := dars.OutcomeFacts{From: secretary, Application: app, Organisation: organisations()["8J001"], Said: d, On: "2016-03-01"}
	switch said {
	case dars.WithCaveats:
		facts.Left = f.Applications[app.ID()].Actions
	case dars.Deferred, dars.Returned:
		facts.Left = []dars.Action{{N: 1, Text: "Publish an amended privacy notice", Owner: dars.TheApplicant, Due: "2016-04-01", Meeting: d.Meeting}}
	}
	return facts
}

func certificateFacts() dars.CertificateFacts {
	g := agreementFacts().Agreement
	g.Ended = g.End
	c := &dars.Certificate{ID: "CERT-000001", Agreement: g.ID, Org: "8J001", Issued: "2017-04-01", Due: "2017-04-14",
		Holders: []dars.OrgCode{"8J001", "RA1", "8HX22"}}
	for i, period := range []string{"200199", "200299"} {
		id := dars.FileID([]string{"FILE0000001", "FILE0000002"}[i])
		c.Files = append(c.Files, dars.SentFile{File: id, Release: "REL-000001", Size: 1_874_200_113,
			Path: "data/" + dars.FileName(id, g.Stem, "HES_APC", period, dars.Format{Delimiter: "|"}),
			Sent: []dars.SentTo{{Person: "P-000011", Bytes: 1_874_200_113, Last: "2016-05-03"}, {Person: "P-000012", Bytes: 16_777_216, Last: "2016-05-04"}}[:2-i]})
	}
	return dars.CertificateFacts{Certificate: c, Agreement: g, Organisations: organisations(), People: everybody()}
}

func noteFacts() dars.NoteFacts {
	g := agreementFacts().Agreement
	r := &dars.Release{ID: "REL-000001", Agreement: g.ID, Dataset: "HES_APC", Periods: []string{"200199"},
		Objections: dars.Upheld{Treatment: "upheld", ListVersion: 3, ListDate: "2016-04-20", ListSHA256: strings.Repeat("9f86d081", 8)},
		Counts:     dars.ReleaseCounts{RowsIn: 41017, RowsWithheld: 55, RowsUnmatched: 1, RowsOut: 40961, PersonsWithheld: 56},
		Files:      []dars.ReleaseFile{{ID: "FILE0000001", Period: "200199", Rows: 18_712_004, PackageFile: dars.PackageFile{Path: "data/FILE0000001_NIC000001_HES_APC_200199.txt", Bytes: 1_874_200_113}}},
	}
	return dars.NoteFacts{Release: r, Agreement: g, Dataset: catalogue()[0], On: "2016-04-25",
		Despite: []dars.GuardLine{{Override: "GRD-000001", Beside: "FILE0012064", Case: dars.Unknown, Reason: "what was released in 2015 was destroyed on receipt"}},
		Columns: []string{"ENCRYPTED_HESID", "ADMIDATE", "DIAG_01"}, Fingerprint: "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8"}
}

// tableFacts are of a tabulation.
func tableFacts() dars.NoteFacts {
	f := noteFacts()
	r := f.Release
	r.Kind, r.Seen = dars.KindTabulation, &dars.Examination{}
	r.Tabulate(dars.Tabulation{Says: "persons by age-5 and sex, of HES_APC 200199", Made: &dars.TableMade{Rules: "hes-1-5", Cells: 60, Suppressed: 12, Withheld: 5}}, f.Agreement.Stem, 1)
	r.Files[0].Rows, r.Files[0].Bytes, r.Files[1].Bytes = 60, 1_214, 2_881
	f.Despite, f.Columns = nil, []string{"age-5", "sex", "persons"}
	return f
}

func report() *dars.Report {
	f := dars.ReportFacts{
		Certificates: []dars.CertificateLine{
			{Certificate: "CERT-000001", Agreement: "DARS-NIC-000001-B1C2D-v1.0", Org: "8J001", Due: "2017-04-14", State: dars.CertIssued, DaysOver: 17},
			{Certificate: "CERT-000002", Agreement: "DARS-NIC-000002-C3D4F-v2.0", Org: "RA1", Due: "2017-05-14", State: dars.CertReceived},
		},
		Audits: []dars.AuditLine{{Audit: "AUD-000001", Org: "8HX22", Agreement: "DARS-NIC-000003-F5G6H-v1.0", Trigger: "EXPIRED_NO_CERT", Triggered: "2017-04-26", State: dars.Triggered}},
		Frozen: []dars.FrozenLine{
			{Release: "REL-000005", Agreement: "DARS-NIC-000002-C3D4F-v2.0", Since: "2017-04-25", Objected: true, List: 12},
			{Release: "REL-000006", Agreement: "DARS-NIC-000003-F5G6H-v1.0", Since: "2017-04-25", List: 12},
		},
		Releases: []dars.ReleaseLine{{Release: "REL-000007", Agreement: "DARS-NIC-000002-C3D4F-v2.0", Dataset: "HES_APC", Periods: []string{"201599"}, Published: "2017-04-20", State: dars.Collected, Treatment: "upheld", List: "OBJ-000012"}},
		Lists:    []dars.ListLine{{Version: 12, AsAt: "2017-04-18", Numbers: 1_203_417, Invalid: 12, Usable: true}},
		Glass: []dars.GlassLine{
			{ID: "GLASS-000001", Act: "signed off", Person: "P-000003", Reason: "The SFTP server would not start after the update, and the release was promised for that day.", On: "2017-04-20"},
			{ID: "GLASS-000002", Act: "accepted", Person: "P-000002", On: "2017-04-28", Reason: "The key was lost; a new one is on its way."},
		},
	}
	for i := range 60 {
		f.Agreements = append(f.Agreements, dars.HeldLine{Agreement: dars.AgreementID(dars.CaseStem(i+1) + "-v1.0"), Org: "8J001",
			OrgName: "University of Northshire", Datasets: []string{"HES_APC", "HES_AE"}[:1+i%2], End: dars.Day("2017-03-31").AddMonths(i % 9), State: dars.InForce, Files: i % 7})
	}
	return &dars.Report{ID: "RPT-000004", Name: "compliance", From: "2017-04-01", Due: "2017-05-01", Facts: f}
}

// golden compares got with a file, which -update rewrites.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: run with -update if this is right\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}

// keep puts a paper where DARSD_KEEP_PAPERS says, for people who want to look.
func keep(t *testing.T, name string, pdf []byte) {
	t.Helper()
	dir := os.Getenv("DARSD_KEEP_PAPERS")
	if dir == "" {
		return
	}
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, name+".pdf"), pdf, 0o644)); err != nil {
		t.Fatal(err)
	}
}

// Who may keep a table is told so in the agreement; of rows nothing is said of it.
func TestAgreementSaysThatATableMayBeKept(t *testing.T) {
	for identifiability, want := range map[string]bool{"AGG_SUPPRESSED": true, "AGG_UNSUPPRESSED": false, "IDENT": false} {
		f := agreementFacts()
		f.Agreement.Datasets = append([]dars.DatasetRequest{}, f.Agreement.Datasets...)
		f.Agreement.Datasets[0].Identifiability, f.Agreement.Datasets[0].Output = identifiability, nil
		if got := strings.Contains(press(false).agreement(f).WriteText(), "you may keep it when this agreement has ended"); got != want {
			t.Errorf("of %s it says that a table may be kept: %t", identifiability, got)
		}
	}
}
