package dars

import (
	"slices"
	"strings"
)

// A Code is a word of a list, with its meaning on paper.
type Code struct{ Code, Meaning string }

// Meaning returns what a code says on paper.
func Meaning(list []Code, code string) string {
	for _, c := range list {
		if c.Code == code {
			return c.Meaning
		}
	}
	return code
}

// Codes lists the codes themselves.
func Codes(list []Code) (all []string) {
	for _, c := range list {
		all = append(all, c.Code)
	}
	return all
}

// coded returns the code that a text is, or whose meaning it is: registers write
// "One-Off" where forms write ONE_OFF.
func coded(list []Code, text string) (code string, ok bool) {
	for _, c := range list {
		if c.Code == text || strings.EqualFold(c.Meaning, text) {
			return c.Code, true
		}
	}
	return text, false
}

// A CodeList is a list of codes under the name that forms, the schema and the
// manual know it by.
type CodeList struct {
	Name  string
	Codes []Code
}

// CodeLists is every list that an application uses. A field names its list in
// its tag, and the reader, the schema and the manual go by that.
var CodeLists = []CodeList{
	{"kind", Kinds},
	{"identifiability", Identifiabilities},
	{"gateway", Gateways},
	{"common-law", CommonLaws},
	{"frequency", Frequencies},
	{"interval", Intervals},
	{"territory", Territories},
	{"aim", Aims},
	{"use", Uses},
	{"benefits", BenefitTypes},
	{"org-type", OrgTypes},
	{"basis", ControllerBases},
	{"location-use", LocationUses},
	{"assurance", Assurances},
	{"outcome", DSPTOutcomes},
	{"article-6", Article6},
	{"article-9", Article9},
}

// CodesOf returns a list by its name.
func CodesOf(name string) []Code {
	i := slices.IndexFunc(CodeLists, func(l CodeList) bool { return l.Name == name })
	if i < 0 {
		return nil
	}
	return CodeLists[i].Codes
}

// Kinds are what an application asks of a case (domain 2.5).
var Kinds = []Code{
	{"new", "New application"},
	{"amendment", "Amendment of an agreement"},
	{"renewal", "Renewal of an agreement for another term"},
	{"extension", "Extension: the same data for longer"},
	{"retention-only", "Retention only: the same data are kept, and nothing else is done with them"},
}

// Identifiabilities are the kinds of data by how plainly they tell who people
// are (domain 16).
var Identifiabilities = []Code{
	{"IDENT", "Identifiable"},
	{"PSEUDO_ICO", "Anonymised - ICO code compliant"},
	{"AGG_SUPPRESSED", "Aggregated - small numbers suppressed"},
	{"AGG_UNSUPPRESSED", "Aggregated - small numbers not suppressed"},
}

// Gateways are the legal bases for dissemination (domain 16).
var Gateways = []Code{
	{"HSCA261_1_2BII", "Health and Social Care Act 2012 s261(1) and (2)(b)(ii)"},
	{"HSCA261_2A", "Health and Social Care Act 2012 s261(2)(a)"},
	{"HSCA261_2C", "Health and Social Care Act 2012 s261(2)(c) - consent"},
	{"HSCA261_4", "Health and Social Care Act 2012 s261(4)"},
	{"HSCA261_5D", "Health and Social Care Act 2012 s261(5)(d)"},
	{"HSCA261_7", "Health and Social Care Act 2012 s261(7) with s251 NHS Act 2006"},
	{"HSCA261_OTHER", "Health and Social Care Act 2012 s261 - other dissemination"},
	{"NHSA251_REG2", "s251 NHS Act 2006, Regulation 2 (cancer)"},
	{"NHSA251_REG5", "s251 NHS Act 2006, Regulation 5 (general medical purposes)"},
	{"COPI_REG3", "Control of Patient Information Regulations 2002, Regulation 3"},
	{"SRSA39", "Statistics and Registration Service Act 2007 s39 - approved researcher"},
	{"SRSA42_4", "Statistics and Registration Service Act 2007 s42(4) - births and deaths"},
	{"SRSA45C", "Statistics and Registration Service Act 2007 s45C"},
	{"HA2009_36", "Health Act 2009 s36"},
	{"NAA1983", "National Audit Act 1983"},
	{"HSCA_SCH12", "Health and Social Care Act 2012, Schedule 12, Part 9"},
}

// CommonLaws are the bases in the common law duty of confidentiality: the seven
// values that the register has had.
var CommonLaws = []Code{
	{"NONE", "None: not confidential"},
	{"S251", "Section 251 support"},
	{"CONSENT", "Consent (reasonable expectation)"},
	{"STATUTORY", "Statutory exemption"},
	{"S251+NONE", "Mixture of section 251 support and not confidential"},
	{"CONSENT+S251", "Mixture of consent and section 251 support"},
	{"CONSENT+NONE", "Mixture of consent and not confidential"},
}

// Frequencies are how often data are released (domain 16).
var Frequencies = []Code{
	{"ONE_OFF", "One-Off"},
	{"ONGOING", "Ongoing"},
	{"SYSTEM_ACCESS", "System Access"},
	{"ADHOC_FREQUENT", "Frequent Adhoc flow"},
}

// Intervals are those of an ongoing release.
var Intervals = []Code{
	{"MONTHLY", "Monthly"},
	{"QUARTERLY", "Quarterly"},
	{"ANNUAL", "Annual"},
}

// Aims are what data may be used for at all; a purpose names one of them at the
// least (Care Act 2014 s122; domain 1.3 E).
var Aims = []Code{
	{"HEALTH_CARE", "Provision of health care"},
	{"SOCIAL_CARE", "Provision of adult social care"},
	{"HEALTH_PROMOTION", "Promotion of health"},
}

// Uses are the kinds of work that the data are for.
var Uses = []Code{
	{"RESEARCH", "Research"},
	{"SERVICE_EVALUATION", "Service evaluation"},
	{"CLINICAL_AUDIT", "Clinical audit"},
	{"SURVEILLANCE", "Surveillance"},
	{"COMMISSIONING", "Commissioning"},
	{"OTHER", "Other"},
}

// BenefitTypes say how the benefits have been looked at before (domain 1.2, 5d i).
var BenefitTypes = []Code{
	{"CRN_PORTFOLIO", "On the Clinical Research Network portfolio"},
	{"AUTOMATICALLY_ELIGIBLE", "Automatically eligible"},
	{"NIHR_OTHER", "Other NIHR approval"},
	{"DRAFTED", "Drafted for this application"},
}

// OrgTypes are the register's own nineteen.
var OrgTypes = []Code{
	{"CCG", "Clinical Commissioning Group"},
	{"LOCAL_AUTHORITY", "Local Authority"},
	{"ACADEMIC", "Academic"},
	{"PUBLIC_BODY", "Agency/Public Body"},
	{"NETWORK", "Network"},
	{"NHS_TRUST", "NHS Trust"},
	{"SUPPLIER", "Supplier"},
	{"RESEARCH", "Research"},
	{"COMMERCIAL", "Commercial"},
	{"PRIVATE_HEALTHCARE", "Private Healthcare"},
	{"CSU", "Commissioning Support Unit"},
	{"MINISTERIAL_DEPARTMENT", "Ministerial Department"},
	{"CONSULTANCY", "Consultancy"},
	{"INDEPENDENT_PROVIDER", "Independent Sector Healthcare Provider"},
	{"CHARITY", "Charity"},
	{"HOSPITAL", "Hospital"},
	{"SME", "SME"},
	{"AREA_TEAM", "Area Team"},
	{"NHS_ENGLAND_REGION", "NHS England region"},
}

// ControllerBases say whether one organisation decides, or several together.
var ControllerBases = []Code{
	{"SOLE", "Sole data controller"},
	{"JOINT", "Joint data controller"},
}

// LocationUses are what happens at a place. Storage is processing too.
var LocationUses = []Code{
	{"PROCESSING", "Processing and storage"},
	{"STORAGE", "Storage only"},
}

// Assurances are the ways to show that data are handled securely (domain 1.3 I).
var Assurances = []Code{
	{"DSPT", "Data Security and Protection Toolkit"},
	{"IGT", "Information Governance Toolkit"},
	{"ISO27001", "ISO 27001 certificate"},
	{"SLSP", "System level security policy"},
}

// DSPTOutcomes are the outcomes of a toolkit return.
var DSPTOutcomes = []Code{
	{"EXCEEDED", "Standards Exceeded"},
	{"MET", "Standards Met"},
	{"NOT_MET_PLAN", "Standards Not Met, improvement plan agreed"},
	{"NOT_MET", "Standards Not Met"},
	{"BASELINE", "Baseline"},
}

// Article6 and Article9 are the conditions of the UK General Data Protection
// Regulation under which data are processed.
var (
	Article6 = []Code{
		{"6(1)(a)", "Consent"}, {"6(1)(b)", "Contract"}, {"6(1)(c)", "Legal obligation"},
		{"6(1)(d)", "Vital interests"}, {"6(1)(e)", "Public task"}, {"6(1)(f)", "Legitimate interests"},
	}
	Article9 = []Code{
		{"9(2)(a)", "Explicit consent"}, {"9(2)(b)", "Employment, social security and social protection"}, {"9(2)(c)", "Vital interests"},
		{"9(2)(d)", "Not-for-profit bodies"}, {"9(2)(e)", "Made public by the data subject"}, {"9(2)(f)", "Legal claims"},
		{"9(2)(g)", "Substantial public interest"}, {"9(2)(h)", "Health or social care"}, {"9(2)(i)", "Public health"},
		{"9(2)(j)", "Archiving, research and statistics"},
	}
)
