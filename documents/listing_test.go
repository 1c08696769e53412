package documents

import (
	"fmt"
	"strings"
	"testing"

	"darsd/dars"
)

// auditFound is the report of an audit before anything was followed up.
func auditFound() AuditReport {
	return AuditReport{
		Ref: "AUD-000001", Organisation: "University of Northshire", Address: "Senate House, 4 College Road, Northshire NS1 2AB",
		Agreement: "DARS-NIC-000001-B1C2D-v1.0", Subject: "Admissions for asthma in children and young people, 2001 to 2015", Contract: "CON-000001-X0X0X",
		Auditors: []string{"Idris Bello", "Maeve O’Hara"}, From: "2017-06-12", To: "2017-06-14", How: "by remote means", Why: "certificate CERT-000001, due by 14 April 2017, has not come",
		Data:       []AuditedData{{"Hospital Episode Statistics Admitted Patient Care (HES_APC)", "Anonymised - ICO code compliant", "April 2001 to March 2004, yearly (200199 to 200399)"}, {"Hospital Episode Statistics Accident and Emergency (HES_AE)", "Anonymised - ICO code compliant", "201599"}},
		Processors: []string{"Instytut Danych Łódź–Plymouth"},
		Scope: []AuditArea{
			{"Information transfer", "Receipts of two files; who may collect", "As agreed"},
			{"Access control", "Accounts of the server against the list of analysts", "1 finding"},
			{"Data use and benefits", "Outputs since the start, and their small numbers", "As agreed"},
			{"Risk management", "Register of risks; assessment of the impact on privacy", "1 finding"},
			{"Operational management and control", "Backups; processors", "1 finding"},
			{"Data destruction", "Procedures; the certificate that has not come", "1 finding"},
		},
		Findings: []AuditFinding{
			{1, "Major nonconformity", "Operational management and control", "A cloud provider holds backups of both files, and neither the application nor the agreement names it.", "Agreement, section 5", "Contract of the provider of 3 May 2016; console of the backups, seen on 13 June 2017", "open", ""},
			{2, "Minor nonconformity", "Access control", "Two analysts who had left kept their accounts for 11 and 19 weeks.", "Contract, clause 3.2", "List of accounts against the list of staff", "open", ""},
			{3, "Minor nonconformity", "Data destruction", "The procedure for destruction names no one who confirms it.", "Contract, clause 7.1", "Procedure IG-14, version 2", "open", ""},
			{4, "Observation", "Risk management", "The register of risks has not been looked at for 14 months.", "", "Register of risks", "open", ""},
		},
		Before:  AuditRisk{"high", "Copies of record-level data lie with somebody whom no agreement binds, and nobody can say for how long.", "2017-06-14"},
		Opinion: "The University keeps the data with care where it keeps them itself. It did not know where its backups are.\n\nUntil the copies with the cloud provider are destroyed or agreed, nothing more should be released to it.",
		Lead:    auditor, On: "2017-06-28",
	}
}

// auditFollowed is the same when its evidence was looked at.
func auditFollowed() AuditReport {
	r := auditFound()
	r.Response, r.Responded = "We accept the findings. The backups were moved in 2016 by our supplier without our knowledge.\r\n~ They will be destroyed.\r\n~ The supplier has confirmed in writing that no other copy exists.", "2017-07-07"
	r.Actions = []AuditAction{
		{1, "Destroy the backups with the cloud provider, and return the certificate of destruction for them", "Head of Information Governance", "2017-07-31", "2017-07-27", "done"},
		{2, "Close accounts on the day on which somebody leaves, and show the list each quarter", "IT service manager", "2017-08-31", "2017-08-30", "done"},
		{3, "Name in IG-14 who confirms a destruction", "Head of Information Governance", "2017-08-31", "", "overdue"},
		{4, "Look at the register of risks every six months", "Senior Information Risk Owner", "2017-12-31", "", "agreed"},
	}
	r.FollowUp = []AuditEvidence{
		{1, "Certificate CERT-000002 and the provider’s log of erasure", "2017-07-28", "closes the finding"},
		{2, "Lists of accounts and of staff, 30 August 2017", "2017-08-30", "closes the finding"},
		{3, "Draft of IG-14, version 3", "2017-09-01", "does not close the finding"},
	}
	r.Findings[0].State, r.Findings[0].Closed = "closed", "on 2 August 2017"
	r.Findings[1].State, r.Findings[1].Closed = "closed", "on 1 September 2017"
	r.After = AuditRisk{"low", "No copy is left with anybody who is not bound. What is open cannot lead to a disclosure by itself.", "2017-09-04"}
	r.On, r.ForPublic = "2017-09-05", true
	return r
}

func auditClean() AuditReport {
	r := auditFound()
	r.Findings, r.Agreement, r.Subject, r.Data, r.Processors = nil, "", "", nil, nil
	for i := range r.Scope {
		r.Scope[i].Result = "As agreed"
	}
	r.Before, r.Opinion, r.Response, r.Responded = AuditRisk{"low", "Nothing was found that could harm anybody.", "2017-06-14"}, "The University does what it has undertaken.", "We thank the auditors.", "2017-07-01"
	return r
}

// listings is one report of each kind.
func listings() map[string]Listing {
	all := map[string]Listing{
		"expiry-outlook": {Charts: []Chart{{"Agreements by the month in which they end", []Bar{{"ended", 2, true}, {"April", 4, false}, {"May", 11, false}, {"June", 7, false}, {"later", 203, false}}}},
			Tables: []Listed{{"Agreements that end", []string{"Agreement", "Organisation", "Ends", "Days left", "Renewal"}, [][]any{
				{"DARS-NIC-000001-B1C2D-v1.0", "University of Northshire", dars.Day("2017-04-30"), 30, "Submitted"}, {"DARS-NIC-000002-C3D4F-v2.0", "St Cuthbert’s NHS Foundation Trust", dars.Day("2017-05-31"), 61, "None"}}},
				{"Contracts that end", []string{"Contract", "Organisation", "Ends", "Days left"}, nil}}},
		"overdue-certificates": {Charts: []Chart{{"Certificates by how late they are", []Bar{{"1 to 28 days", 3, true}, {"29 to 56 days", 1, true}, {"more than 56 days", 0, true}}}},
			Tables: []Listed{{"Overdue certificates", []string{"Certificate", "Agreement", "Organisation", "Due", "Days overdue", "Letters sent", "Audit"}, [][]any{
				{"CERT-000001", "DARS-NIC-000001-B1C2D-v1.0", "University of Northshire", dars.Day("2017-02-14"), 45, 3, "AUD-000001"}, {"CERT-000002", "DARS-NIC-000002-C3D4F-v2.0", "St Cuthbert’s NHS Foundation Trust", dars.Day("2017-03-14"), 17, 1, ""}}}}},
		"who-holds-what": {Figures: []Figure{{"Organisations", "2, with 60 files"}}, Charts: []Chart{{"Files held, by dataset", []Bar{{"HES_APC", 44, false}, {"HES_AE", 16, false}}}}},
		"objections-upheld": {From: "2016-04-01", Charts: []Chart{{"Releases by what was done", []Bar{{"applied", 41, false}, {"not applied", 3, true}}}},
			Tables: []Listed{{"Releases", []string{"Release", "Agreement", "Dataset", "Objections", "Reason", "List", "List of", "Rows withheld share"}, [][]any{
				{"REL-000001", "DARS-NIC-000001-B1C2D-v1.0", "HES_APC", "Applied", "", 12, dars.Day("2016-04-18"), "2.1 %"}, {"REL-000002", "DARS-NIC-000002-C3D4F-v2.0", "HES_AE", "Not applied", "N_STATUTORY", 12, dars.Day("2016-04-18"), ""}}}}},
		"audit-findings": {Charts: []Chart{{"Findings by class", []Bar{{"major nonconformity", 1, true}, {"minor nonconformity", 2, true}, {"observation", 1, false}}}, {"Actions", []Bar{{"done", 2, false}, {"open", 1, false}, {"overdue", 1, true}}}},
			Tables: []Listed{{"Findings and actions", []string{"Audit", "Organisation", "Finding", "Class", "Action", "Whose", "Due", "State"}, [][]any{
				{"AUD-000001", "University of Northshire", 1, "Major nonconformity", "Destroy the backups with the cloud provider, and return the certificate of destruction for them", "Head of Information Governance", dars.Day("2017-07-31"), "Done"}}}}},
		"service-levels": {From: "2016-04-01", Charts: []Chart{{"Median in working days", []Bar{{"14 days", 11, false}, {"30 days", 27, false}, {"60 days", 64, true}}}},
			Tables: []Listed{{"By service level", []string{"Class", "Applications", "Median", "90th percentile", "In time", "With the applicant, median"}, [][]any{
				{"14 days", 12, 11, 14, "12 of 12", 3}, {"30 days", 31, 27, 36, "24 of 31", 9}, {"60 days", 18, 64, 102, "8 of 18", 41}}}}},
		"sanctions": {Charts: []Chart{{"Steps in force", []Bar{{"warning", 2, true}, {"hold", 1, true}, {"suspension", 0, true}, {"termination", 0, true}}}},
			Tables: []Listed{{"Sanctions", []string{"Sanction", "Organisation", "Step", "Since", "Why", "Appeal"}, [][]any{{"SAN-000001", "Instytut Danych Łódź–Plymouth", "Hold on new releases", dars.Day("2017-04-28"), "Data were found on a laptop that was not encrypted.", "Dismissed"}}}}},
		"console-use": {From: "2017-03-01", Charts: []Chart{{"Acts by person", []Bar{{"P-000002", 1, true}, {"P-000003", 1, true}}}},
			Tables: []Listed{{"Acts", []string{"Reference", "Day", "Act", "Person", "Reason"}, [][]any{{"GLASS-000001", dars.Day("2017-03-20"), "release sign-off", "P-000003", "The SFTP server would not start after the update, and the release was promised for that day."}}}}},
		"refused-acts": {From: "2017-03-01", Charts: []Chart{{"Refusals by rule", []Bar{{"same-person", 4, false}, {"no-power", 2, false}, {"certificate-overdue", 9, true}}}},
			Tables: []Listed{{"Refused acts", []string{"When", "Act", "Person", "Rule", "Sentence"}, [][]any{{dars.Day("2017-03-20"), "release check", "P-000003", "same-person", "release REL-000007: P-000003 has acted on it and cannot also make it checked"}}}}},
	}
	for i := range 60 {
		l := all["who-holds-what"]
		if i == 0 {
			l.Tables = []Listed{{Title: "Files held", Columns: []string{"Organisation", "Agreement", "Until", "Dataset", "File", "Bytes", "Certificate"}}}
		}
		l.Tables[0].Rows = append(l.Tables[0].Rows, []any{[]string{"University of Northshire", "St Cuthbert’s NHS Foundation Trust"}[i%2], "DARS-NIC-000001-B1C2D-v1.0", dars.Day("2017-03-31"), "HES_APC", fmt.Sprintf("FILE%07d", i+1), 18_742_001 + 7*i, ""})
		all["who-holds-what"] = l
	}
	for kind, l := range all {
		l.Kind, l.Ref, l.AsAt, l.On = kind, "RPT-000012", "2017-03-31", "2017-04-01"
		l.Data, l.Checkpoint = "event 4,120 of 31 March 2017", "412 of 31 March 2017, 9f86d081"
		all[kind] = l
	}
	return all
}

// Every kind of report has a paper of its own and a spreadsheet, with a chart; and no
// other is drawn.
func TestEveryKindOfReport(t *testing.T) {
	p, all := press(false), listings()
	for _, kind := range dars.Codes(ListingKinds) {
		l, ok := all[kind]
		if !ok {
			t.Fatalf("nobody has tried %s", kind)
		}
		text := p.listing(l).WriteText()
		for _, want := range []string{"Chart: " + l.Charts[0].Title, "From the data of", "As at", l.Tables[0].Columns[0]} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q:\n%s", kind, want, text)
			}
		}
		if _, err := p.Listing(l); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if sheet, err := p.ListingSheets(l); err != nil || len(sheet) == 0 {
			t.Errorf("the spreadsheet of %s: %v", kind, err)
		}
	}
	if _, err := p.Listing(Listing{Kind: "horoscope"}); err == nil || !strings.Contains(err.Error(), "expiry-outlook") {
		t.Errorf("a report of no kind: %v", err)
	}
	short := all["sanctions"]
	short.Tables = []Listed{{"T", []string{"A", "B"}, [][]any{{"only one"}}}}
	if _, err := p.Listing(short); err == nil {
		t.Error("a row without all its cells is drawn")
	}
}
