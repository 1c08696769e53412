package dars

import (
	"cmp"
	"slices"
	"strings"
)

// A DataUse is one entry of a Data Use Register as the UK Health Data Research Alliance
// has specified it (version 2 of 19 January 2022): an agreement, told as five safes.
type DataUse struct {
	*PublicAgreement
	Released Day // of what was released under it, the first; "": nothing, or its day is not known
}

// A DataUseColumn is one field of it.
type DataUseColumn struct {
	Header string
	Field  string // its name for programs
	Of     func(DataUse) string
}

// DataUseColumns are all, with the headers and in the order of the template that the
// Health Data Research Gateway takes in; an asterisk marks those that it asks for.
var DataUseColumns = []DataUseColumn{
	{"Project ID", "project_id", func(u DataUse) string { return string(u.ID) }},
	{"Organisation name*", "organisation_name", func(u DataUse) string { return u.Org }},
	{"Organisation ID", "organisation_id", func(u DataUse) string { return string(u.OrgCode) }},
	{"Organisation sector", "organisation_sector", func(u DataUse) string { return sectors[u.OrgType] }},
	{"Applicant name(s)", "applicant_names", func(DataUse) string { return NameWithheld }},
	{"Applicant ID", "applicant_id", func(DataUse) string { return NameWithheld }},
	{"Funders/ Sponsors", "funders_sponsors", func(u DataUse) string { return inList(u.Backing.Funders) }},
	{"DEA accredited researcher?", "dea_accredited_researcher", func(DataUse) string { return "" }},
	{"Sub-licence arrangements (if any)?", "sub_licence_arrangements", DataUse.sublicence},
	{"Project title*", "project_title", func(u DataUse) string { return cmp.Or(u.Title, string(u.ID)) }},
	{"Lay summary*", "lay_summary", func(u DataUse) string { return firstWords(cmp.Or(u.Purpose.Summary, u.Purpose.Objective), mostSummary) }},
	{"Public benefit statement*", "public_benefit_statement", func(u DataUse) string { return u.Purpose.Benefits }},
	{"Request category type", "request_category_type", func(DataUse) string { return "" }},
	{"Technical summary", "technical_summary", func(u DataUse) string { return u.Purpose.Processing }},
	{"Other approval committees", "other_approval_committees", func(u DataUse) string { return inList(u.Backing.Approvals) }},
	{"Project start date", "project_start_date", func(u DataUse) string { return string(u.Start) }},
	{"Project end date", "project_end_date", func(u DataUse) string { return string(u.End) }},
	{"Latest approval date*", "latest_approval_date", func(u DataUse) string { return string(u.Approved) }},
	{"Dataset(s) name*", "datasets", DataUse.datasets},
	{"Data sensitivity level", "data_sensitivity_level", DataUse.sensitivity},
	{"Legal basis for provision of data under Article 6", "legal_basis_article_6", func(u DataUse) string { return strings.Join(u.Backing.Article6, "; ") }},
	{"Lawful conditions for provision of data under Article 9", "lawful_conditions_article_9", func(u DataUse) string { return strings.Join(u.Backing.Article9, "; ") }},
	{"Common Law Duty of Confidentiality", "common_law_duty", DataUse.duty},
	{"National data opt-out applied?", "national_data_opt_out", DataUse.optOut},
	{"Request frequency", "request_frequency", DataUse.frequency},
	{"For linked datasets, specify how the linkage will take place", "linkage", func(DataUse) string { return "" }},
	{"Description of the confidential data being used", "confidential_data", DataUse.confidential},
	{"Release/Access date", "release_access_date", func(u DataUse) string { return string(u.Released) }},
	{"Access type*", "access_type", DataUse.access},
	{"How has data been processed to enhance privacy?", "privacy_enhancement", func(u DataUse) string { return each(u.Datasets, func(d PublicDataset) string { return d.Data }) }},
	{"Link to research outputs", "research_outputs", DataUse.outputs},
}

// mostSummary is how many words a lay summary has.
const mostSummary = 300

// sectors are those of the specification, by type of organisation; other types have
// none.
var sectors = map[string]string{
	"Academic": "Academic Institute", "Research": "Academic Institute", "Local Authority": "Local authority",
	"NHS Trust": "CQC Registered Health or/and Social Care provider", "Hospital": "CQC Registered Health or/and Social Care provider",
	"Private Healthcare": "Independent Sector Organisation", "Independent Sector Healthcare Provider": "Independent Sector Organisation", "Charity": "Independent Sector Organisation",
	"Commercial": "Commercial", "Supplier": "Commercial", "Consultancy": "Commercial", "SME": "Commercial",
	"Clinical Commissioning Group": "Government Agency (Health and Adult Social Care)", "Commissioning Support Unit": "Government Agency (Health and Adult Social Care)",
	"Area Team": "Government Agency (Health and Adult Social Care)", "NHS England region": "Government Agency (Health and Adult Social Care)",
	"Agency/Public Body": "Government Agency (Health and Adult Social Care)", "Ministerial Department": "Government Agency (Other)",
}

// Cells are the entry in the order of its columns.
func (u DataUse) Cells() []string {
	cells := make([]string, len(DataUseColumns))
	for i, c := range DataUseColumns {
		cells[i] = c.Of(u)
	}
	return cells
}

// Fields are the entry for programs, by the names of its columns.
func (u DataUse) Fields() map[string]string {
	all := map[string]string{}
	for _, c := range DataUseColumns {
		all[c.Field] = c.Of(u)
	}
	return all
}

// inList are names in one cell, which are parted at commas when it is read.
func inList(names []string) string {
	names = slices.Clone(names)
	for i := range names {
		names[i] = strings.ReplaceAll(names[i], ",", ";")
	}
	return strings.Join(names, ", ")
}

// firstWords are so many words of a text, with its line ends if it has no more.
func firstWords(text string, most int) string {
	if words := strings.Fields(text); len(words) > most {
		return strings.Join(words[:most], " ") + " …"
	}
	return text
}

// each is what the datasets say, each thing once.
func each(datasets []PublicDataset, say func(PublicDataset) string) string {
	said := []string{}
	for _, d := range datasets {
		if one := say(d); one != "" {
			said = with(said, one)
		}
	}
	return strings.Join(said, "; ")
}

func (u DataUse) sublicence() string {
	switch strings.ToLower(u.Sublicenses) {
	case "":
		return ""
	case "no", "n":
		return "No"
	}
	return "Yes"
}

func (u DataUse) datasets() string {
	names := []string{}
	for _, d := range u.Datasets {
		names = with(names, cmp.Or(d.Name, d.Code))
	}
	return inList(names)
}

// levels are how plainly data tell who people are, the plainest first, and the words by
// which registers say it.
var levels = []struct{ level, says string }{
	{"Personally Identifiable", "identifiable"}, {"De-Personalised", "anonymised"}, {"Anonymous", "aggregated"},
}

// sensitivity is that of the plainest of the datasets.
func (u DataUse) sensitivity() string {
	for _, l := range levels {
		if slices.ContainsFunc(u.Datasets, func(d PublicDataset) bool { return strings.HasPrefix(strings.ToLower(d.Data), l.says) }) {
			return l.level
		}
	}
	return ""
}

func (u DataUse) duty() string {
	return each(u.Datasets, func(d PublicDataset) string {
		switch d.Duty {
		case "":
			return ""
		case Meaning(CommonLaws, "NONE"):
			return "Not applicable"
		case Meaning(CommonLaws, "S251"):
			return "Section 251 NHS Act 2006"
		case Meaning(CommonLaws, "CONSENT"):
			return "Consent"
		}
		return "Other"
	})
}

// optOut is Yes where objections are upheld in every dataset.
func (u DataUse) optOut() string {
	said := each(u.Datasets, func(d PublicDataset) string { return d.Objections })
	switch {
	case said == "":
		return ""
	case said == "Upheld":
		return "Yes"
	}
	return "No"
}

func (u DataUse) frequency() string {
	once := Meaning(Frequencies, "ONE_OFF")
	said := each(u.Datasets, func(d PublicDataset) string {
		if d.Frequency == "" || strings.EqualFold(d.Frequency, once) {
			return d.Frequency
		}
		return "Recurring"
	})
	switch {
	case strings.Contains(said, "Recurring"):
		return "Recurring"
	case said != "":
		return "One-off"
	}
	return ""
}

func (u DataUse) confidential() string {
	return each(u.Datasets, func(d PublicDataset) string {
		said := cmp.Or(d.Name, d.Code)
		if len(d.Periods) > 0 {
			said += " (" + strings.Join(d.Periods, ", ") + ")"
		}
		return strings.Join(slices.DeleteFunc([]string{said, d.Data, d.Sensitivity}, func(s string) bool { return s == "" }), ", ")
	})
}

// access is TRE where nothing leaves: people look at the data in the office's own
// system.
func (u DataUse) access() string {
	within := func(d PublicDataset) bool {
		return strings.EqualFold(d.Frequency, Meaning(Frequencies, "SYSTEM_ACCESS"))
	}
	if len(u.Datasets) > 0 && !slices.ContainsFunc(u.Datasets, func(d PublicDataset) bool { return !within(d) }) {
		return "TRE"
	}
	return "Release"
}

func (u DataUse) outputs() string {
	links := []string{}
	for _, r := range u.Benefits.Reported {
		for _, one := range r.Outputs {
			if one.Link != "" {
				links = with(links, one.Link)
			}
		}
	}
	return inList(links)
}
