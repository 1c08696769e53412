package dars

import (
	"maps"
	"slices"
)

// RegisterHeaders are the headers under which published registers have had each fact,
// from 2014 to today (domain 11.1). An office adds those of its own editions under
// register.headers in its configuration.
//
// Case, blanks and punctuation do not count, and of a header of three words or more
// what follows does not either: an explanation often does.
var RegisterHeaders = map[string][]string{
	"row":             {"RowID", "Row ID", "File Reference", "File Ref", "File ID", "Release ID"},
	"org":             {"Organisation Name", "Organisation", "Organization Name", "Organization", "Applicant Organisation", "Name of Organisation", "Data Recipient", "Recipient", "Customer"},
	"dataset":         {"Dataset", "Data set", "Dataset Name", "Dataset Provided", "Name of Dataset", "Data Released", "us"}, // the last is what the edition of autumn 2017 says
	"identifiability": {"Data provided to customer", "Type of Data Provided", "Type of Data", "Identifiability"},
	"sensitivity":     {"Sensitive or Non-Sensitive", "Sensitive", "Sensitivity"},
	"legal_basis":     {"Legal Basis for Provision of Data", "Legal Basis"},
	"duty":            {"Common Law Duty of Confidentiality", "Duty of Confidentiality"},
	"purpose":         {"Purpose"},
	"frequency":       {"One off release or Ongoing releases", "One off or Ongoing", "Frequency"},
	"agreement":       {"NIC Number", "NIC", "NIC Ref", "NIC Reference", "Reference Number", "RefNumber", "Reference", "Agreement", "Agreement Reference", "DSA Reference", "DARS Reference"},
	"study":           {"MR Number", "MR Number (where relevant)", "MRIS Number"},
	"opt_outs":        {"Patient Opt-Outs applied", "Opt-Outs applied", "Patient Objections applied", "Objections applied", "National Data Opt-Outs applied", "Opt-Outs"},
	"month":           {"Month File Released", "Month Released", "Month of Release", "Release Month", "Date Released", "Release Date"},
	"title":           {"Application Title", "Agreement Title", "Project Title", "Title"},
	"org_type":        {"Applicant Organisation Type", "Organisation Type"},
	"controllers":     {"Data Controller(s)", "Data Controllers", "Data Controller", "Controllers"},
	"controllership":  {"Sole/Joint Data Controller", "Sole or Joint Data Controller"},
	"start":           {"DSA Start Date", "Agreement Start Date", "Start Date", "Start"},
	"end":             {"DSA End Date", "Agreement End Date", "End Date", "Expiry Date", "End"},
	"sublicensing":    {"Does Sublicensing Apply", "Does Sub-licensing Apply", "Sublicensing"},
	"commercial":      {"For Commercial Purposes", "Commercial Purposes"},
	"objective":       {"Objective for Processing", "Objective"},
	"processing":      {"Processing Activities", "ProcessingActivities"},
	"outputs":         {"Expected Output", "Expected Outputs", "ExpectedOutput"},
	"benefits":        {"Expected Measurable Benefits", "Expected Benefits", "ExpectedBenefits"},
	"yielded":         {"Yielded Benefits"},
}

// RegisterFields are the facts that a register may have, in order of name.
func RegisterFields() []string { return slices.Sorted(maps.Keys(RegisterHeaders)) }
