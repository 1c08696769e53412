package documents

import (
	"reflect"
	"slices"
	"strings"

	"darsd/dars"
)

// A part is one section of the application, and which fields of the form it has.
// The numbers are those that the service's own form has had, and that minutes and
// standards quote (domain 1.2); one that has no field of its own is left out.
type part struct {
	number, title string
	fields        []string
}

// formParts are the sections in order; in each, what has fields of its own comes last. A test sees that each field of the form is
// in one of them.
func formParts() []part {
	return []part{
		{"1", "Summary and controllers", []string{"kind", "previous", "related", "title", "summary", "uses", "organisation", "contact", "controllers", "controller_basis", "applicant", "organisations"}},
		{"1b", "Processors", []string{"processors", "hosts"}},
		{"2", "Places and territory", []string{"locations", "territory", "territory_text"}},
		{"3a", "Data that you hold already", []string{"held"}},
		{"3b", "Data that you ask for", []string{"contact_patients", "datasets", "gateways", "gdpr"}},
		{"5", "Purpose", []string{"purpose"}},
		{"6", "Special conditions", []string{"special_conditions"}},
		{"7", "Ethics", []string{"ethics"}},
		{"8", "Period, sponsor and funding", []string{"start", "end", "sponsor", "funder"}},
		{"10", "Passing data on", []string{"sublicensing", "sublicensees"}},
		{"12", "Evidence", []string{"evidence"}},
		{"13", "Who will collect the data", []string{"collectors"}},
	}
}

// formField is a field of the form by its key.
func formField(key string) dars.FormField {
	all := dars.FormFields(reflect.TypeFor[dars.Form]())
	return all[slices.IndexFunc(all, func(f dars.FormField) bool { return f.Name == key })]
}

// labels of fields whose key alone would not say it on paper.
var fieldLabels = map[string]string{
	"ico": "ICO registration", "gdpr": "Data protection law", "from": "Dated from", "to": "Dated to", "gateway": "Legal basis", "gateways": "Legal bases",
	"territory_text": "Territory in words", "uses": "Kinds of work", "held": "Data held already", "minimised": "Why no less would do", "serves": "What it serves",
	"objective": "5a Objective for processing", "processing": "5b Processing activities", "outputs": "5c Outputs expected", "benefits": "5d Benefits expected",
	"yielded": "5d iii Benefits yielded", "commercial": "5e Commercial purpose", "commercial_detail": "5e What it is", "solely_commercial": "5e Solely commercial",
	"common_law": "Duty of confidentiality", "contact_patients": "Contact with patients", "sublicensing": "Passing data on", "sublicensees": "To whom", "hosts": "Of these, only host",
	"article_6": "Article 6", "article_9": "Article 9", "schedule_1": "Schedule 1 condition", "how": "How", "evidence": "Evidence", "organisations": "About each organisation",
	"previous": "Next version of", "related": "Related requests", "ref": "Reference", "for": "For", "code": "Code", "org_type": "Type of organisation",
}

// label is what a field is called on paper.
func label(key string) string {
	if said := fieldLabels[key]; said != "" {
		return said
	}
	return capital(strings.ReplaceAll(key, "_", " "))
}
