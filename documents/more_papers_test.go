package documents

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"darsd/dars"
)

// The facts of the papers beside the first ones.

func policy() dars.Policy {
	return dars.Policy{DownloadWindowDays: 14, CertificateDays: 14, AuditAfterDays: 56, VAT: dars.NoVAT}
}

func renewalFacts() dars.AgreementFacts {
	f := agreementFacts()
	before, was := *f.Agreement, f.Application.Form
	f.Previous = &before
	now := *f.Agreement
	now.ID, now.Version, now.Kind, now.Start, now.End, now.Issued = "DARS-NIC-000001-B1C2D-v2.0", "v2.0", "renewal", "2017-04-01", "2019-03-31", "2017-03-10"
	app := application(dars.Approved)
	app.Major, app.Kind = 2, "renewal"
	app.Form.Kind, app.Form.Previous, app.Form.Start, app.Form.End = "renewal", app.Stem, now.Start, now.End
	app.Form.Processors = nil
	app.Form.Datasets = append([]dars.DatasetRequest{}, app.Form.Datasets...)
	app.Form.Datasets[1].Periods = []string{"201599", "201699"}
	app.Form.Purpose.Objective = strings.Replace(app.Form.Purpose.Objective, "~ the effect of the 2008 guidance,", "~ the effect of the guidance of 2008 and of 2016,", 1)
	app.Form.Purpose.Yielded = "One paper (2017), quoted in the commissioners’ plan for 2018."
	now.Datasets, now.Processors = app.Form.Datasets, nil
	f.Agreement, f.Application, f.Changes = &now, app, dars.Diff(&was, &app.Form)
	return f
}

// An amendment takes the place of the agreement before on the day on which it is signed,
// where its term has begun before: its paper names no day that has passed.
func TestAnAmendmentIsNotInForceBeforeItIsSigned(t *testing.T) {
	for name, tt := range map[string]struct {
		start dars.Day
		says  string
		row   bool
	}{
		"its term begins later": {"2017-04-01", "From 1 April 2017, or when it is signed by everybody if that is later, it takes the place", false},
		"its term has begun":    {"2016-03-01", "When it is signed by everybody it takes the place", true},
	} {
		t.Run(name, func(t *testing.T) {
			f := renewalFacts()
			f.Agreement.Start = tt.start
			text := strings.Join(strings.Fields(press(false).agreement(f).WriteText()), " ")
			if !strings.Contains(text, tt.says) || strings.Contains(text, "The day on which the last party has signed it") != tt.row {
				t.Errorf("it says %s", text)
			}
		})
	}
}

// longFacts have what people paste into forms: 33,000 letters in one field, in
// every kind of list, with signs that no font has and words that fit no line.
func longFacts() dars.AgreementFacts {
	f := agreementFacts()
	app := application(dars.Approved)
	one := "Emergency admission is largely avoidable, and its rate differs threefold between districts of similar need; we ask how much of that is explained by care, by air and by housing.\r\n"
	app.Form.Purpose.Objective = strings.Repeat(one+"\t\uf0b7 a bullet of a word processor, \u200bwith 😀 and Ελληνικά, кириллица\r\n~ another\r\n\r\n", 33000/250) + "\r\n" + strings.Repeat("https://data.example/a_very_long_address-without-any-blank/", 6) + "\r\n" + strings.Repeat("x", 300)
	app.Form.Purpose.Processing = strings.Repeat(one, 180) // one paragraph
	f.Application = app
	return f
}

func deletionFacts(on dars.Day) dars.DeletionFacts {
	f := certificateFacts()
	return dars.DeletionFacts{Certificate: f.Certificate, Agreement: f.Agreement, Organisations: f.Organisations, People: f.People, Policy: policy(), From: compliance, On: on}
}

// renewedFacts are those of a certificate of which a later version covers one file.
func renewedFacts(on dars.Day) dars.DeletionFacts {
	f := deletionFacts(on)
	f.Kept = dars.MayKeep([]dars.Holding{{File: "FILE0000001", Under: "DARS-NIC-000001-B1C2D-v2.0"}})
	return f
}

func withdrawnFacts() dars.DeletionFacts {
	f := deletionFacts("2016-06-01")
	f.Certificate.Release, f.Certificate.Issued, f.Certificate.Due = "REL-000001", "2016-06-01", "2016-06-15"
	return f
}

func held() *dars.Organisation {
	o := *organisations()["8HX22"]
	o.State, o.HoldReason = dars.OrgOnHold, "Data were found on a laptop that was not encrypted.\n\nIt was not reported for eleven days."
	return &o
}

func audit() *dars.Audit {
	return &dars.Audit{ID: "AUD-000001", Org: "8J001", Agreement: "DARS-NIC-000001-B1C2D-v1.0", Trigger: "EXPIRED_NO_CERT",
		Reason: "certificate CERT-000001, due by 2017-04-14, has not come", Triggered: "2017-05-26", State: dars.Notified,
		Scope: []string{"TRANSFER", "ACCESS", "DESTRUCTION"}, Notified: "2017-05-29", From: "2017-06-12", To: "2017-06-14"}
}

func chargesAsked(fixed bool) dars.ChargeFacts {
	app := application(dars.Approved)
	q, err := dars.PublishedPrices[0].Quote(dars.Asked{Kind: "new", Start: "2019-04-01", End: "2021-04-30", Datasets: app.Form.Datasets}, "2019-01-25")
	if err != nil {
		panic(err)
	}
	f := dars.ChargeFacts{Application: app, Organisation: organisations()["8J001"], Quote: q, Fixed: fixed, VAT: dars.NoVAT, On: "2019-02-01"}
	if fixed {
		f.Agreed = &dars.CaseQuote{Quote: q, On: "2019-01-28", Order: "PO-88123"}
	}
	return f
}

// invoiced is an invoice that the clock has made of the same charges.
func invoiced(on dars.Occasion) dars.ChargeFacts {
	f := chargesAsked(true)
	f.Invoice = &dars.Invoice{ID: "INV-000007", Order: "PO-88123", Occasion: on, Agreement: "DARS-NIC-000001-B1C2D-v1.0", On: f.On, PayBy: "2019-03-03"}
	switch on {
	case dars.OnDelivery:
		f.Invoice.Release = "REL-000001"
		f.Quote = f.Quote.AtDelivery().With(930_00, &dars.Release{ID: "REL-000001", Published: "2019-01-31"})
	case dars.OnReview:
		f.Quote = f.Quote.AtReview(1, "2020-04-01")
	}
	return f
}

// stated are the charges of a case of which one release was delivered and asked for,
// another was delivered since, and an invoice was made void.
func stated() dars.ChargeFacts {
	f := chargesAsked(true)
	first := invoiced(dars.OnDelivery).Invoice
	first.Owed = invoiced(dars.OnDelivery).Quote
	gone := *first
	gone.ID, gone.State, gone.Voided = "INV-000006", dars.InvoiceVoid, &dars.Voided{Replaced: first.ID}
	f.Entries = dars.Account{Quote: f.Quote, Invoices: []*dars.Invoice{&gone, first},
		Agreement: &dars.Agreement{Start: "2019-04-01", End: "2021-04-30"},
		Releases:  []*dars.Release{{ID: "REL-000001", Kind: "extract", Published: "2019-01-31", Invoice: first.ID}, {ID: "REL-000002", Kind: "extract", Published: "2019-01-31"}}}.Statement()
	return f
}

// taxed are the same as an office states them that adds the tax and has an account.
func taxed(f dars.ChargeFacts) dars.ChargeFacts {
	f.VAT = dars.VAT{Rate: 0.2, Number: "GB 123 4567 89"}
	f.PayTo = []string{"Example Bank, 1 Threadneedle Street, London", "Account name: Data Release Office", "Sort code 00-00-00, account 12345678"}
	return f
}

// credited is an invoice that was made void.
func credited() dars.ChargeFacts {
	f := taxed(invoiced(dars.OnDelivery))
	f.Invoice.State = dars.InvoiceVoid
	f.Invoice.VAT, f.Invoice.Owed = f.VAT, f.Quote
	f.Invoice.Voided = &dars.Voided{By: "P-000002", On: "2019-02-11", Why: "The purchase order on it was closed in January; the University has given another.", Credit: "CRN-000001", Replaced: "INV-000008"}
	f.Credit, f.On = &dars.CreditNote{ID: "CRN-000001", Invoice: "INV-000007", Credits: f.Invoice.ToPay(), On: "2019-02-11"}, "2019-02-11"
	return f
}

func formFacts() dars.FormFacts {
	app := application(dars.Submitted)
	app.Form.Contact, app.Form.ContactID, app.Form.Recipients = "", "P-000011", []dars.PersonID{"P-000011", "P-000012"}
	app.Form.Summary, app.Form.Uses = "How care, air and housing bear on admissions of children for asthma.", []string{"RESEARCH", "SERVICE_EVALUATION"}
	app.Form.Applicant = &dars.Workplace{JobTitle: "Reader in epidemiology", Department: "Population Health"}
	app.Form.Basis = "JOINT"
	app.Form.Parties = []dars.Party{{Code: "8J001", Type: "ACADEMIC", Country: "England", ICO: &dars.Registration{Number: "Z1234567", Name: "University of Northshire", Expires: "2017-01-31"},
		Security: []dars.Assurance{{Kind: "IGT", Code: "8J001", Version: "13", Score: 84, Expires: "2017-03-31"}}}}
	app.Form.Funder = &dars.Backer{Name: "National Institute for Health Research", Award: "14/23/17"}
	app.Form.GDPR = &dars.GDPR{Article6: []string{"6(1)(e)"}, Article9: []string{"9(2)(j)"}}
	app.Form.Ethics = &dars.Ethics{Needed: true, Committee: "London – Bloomsbury", Reference: "14/LO/1234", Approved: "2014-07-01"}
	app.Form.Purpose.Serves = []dars.Aim{{Aim: "HEALTH_CARE", How: "Commissioners can choose the model of care that keeps children well."}}
	app.Form.Purpose.OutputsDue = []dars.Target{{What: "First paper", By: "2017-03-31"}}
	app.Form.Conditions = []string{"Results are shown to the patients’ panel before they are published."}
	return dars.FormFacts{Application: app, Catalogue: catalogue(), Organisations: organisations(), People: everybody()}
}

// directorFacts are of a letter on what the director decides: the same data for
// longer.
func directorFacts(state dars.ApplicationState) dars.LetterFacts {
	f := letterFacts(state)
	app := f.Application
	app.Major, app.Kind, app.Submitted = 2, "extension", "2017-01-09"
	app.Clock = dars.SLA{Class: 14, Started: "2017-01-12", Due: "2017-02-01"}
	app.Routed = &dars.Route{Name: dars.ExceptionRoute, Against: "DARS-NIC-000001-B1C2D-v1.0",
		Why: "it asks only to hold the same non-identifiable data longer than agreement DARS-NIC-000001-B1C2D-v1.0, so the director decides"}
	app.Decisions = []dars.Decision{{Step: "assessed", Outcome: "assessed", By: "P-000003", On: "2017-01-16"}, {Step: "director", Outcome: string(state), By: "P-000006", On: "2017-01-20"}}
	if state == dars.Declined {
		app.Decisions[1].For, app.Decisions[1].By = "P-000006", "P-000005" // a delegate
		app.Decisions[1].Note = "The benefits of the first term have not been reported."
	}
	f.On = "2017-01-20"
	return f
}

func recallFacts() dars.RecallFacts {
	f := certificateFacts()
	return dars.RecallFacts{From: compliance, Recall: "RCL-000001", Agreement: f.Agreement, Organisation: organisations()["8J001"], People: f.People, Files: f.Certificate.Files,
		Defect:   "In the files of two years the column LSOA01 holds the postcode of the person, where it should hold a small area.\n\nWe found it on 2 June 2016, when a recipient asked why its values are so many.",
		AnswerBy: "2016-06-09", On: "2016-06-03"}
}

// formFactsAgain are of an application that was referred back, and came in again.
func formFactsAgain() dars.FormFacts {
	f := formFacts()
	app := f.Application
	app.Minor, app.Submitted, app.State = 1, "2016-02-01", dars.Accepted
	app.Review = dars.Review{LegalBasis: true, Security: true, Feasibility: true, Purpose: true, By: "P-000002", Notes: map[string]string{"SECURITY": "The renewal has come."}}
	app.Decisions = []dars.Decision{{Step: "referred-back", Outcome: "referred-back", By: "P-000002", On: "2016-01-22", Codes: []string{"SECURITY"},
		Note: "The security assurance of the processor has ended. Send the renewal, or leave the processor out."}}
	return f
}

// Whoever changes the words of a paper for the public raises its version in editions, or
// two papers that differ would say that they are the same; -update then notes the new one.
func TestEditionsOfPublicPapers(t *testing.T) {
	p, on := press(false), dars.Day("2026-04-01")
	var b strings.Builder
	for _, d := range []*Doc{p.priceList(dars.PublishedPrices[2], on), p.blankApplication(on), p.checklist(on), p.blankCertificate(on),
		p.certificateGuide(policy(), on), p.agreementGuide(policy(), on), p.securityNotes(on)} {
		sum := sha256.Sum256([]byte(d.WriteText()))
		fmt.Fprintf(&b, "%s %s %x\n", d.ref, d.version, sum[:8])
	}
	golden(t, "editions.txt", []byte(b.String()))
}

// Who slept until an agreement's last day does not write of no days.
func TestReminderOfTheLastDay(t *testing.T) {
	for on, want := range map[dars.Day]string{"2017-03-01": "on 31 March 2017, in 30 days.", "2017-03-30": "in 1 day.", "2017-03-31": "on 31 March 2017, today."} {
		f := dars.ReminderFacts{Agreement: agreementFacts().Agreement, Organisation: organisations()["8J001"], Policy: policy(), From: officer, On: on}
		if text := press(false).reminder(f).WriteText(); !strings.Contains(text, want) {
			t.Errorf("on %s it says\n%s", on, text)
		}
	}
}
