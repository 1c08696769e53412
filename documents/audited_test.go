package documents

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
