package office

import (
	"darsd/dars"
	"darsd/store"
)

// answering are the roles in which letters that the law or an agreement asks for are
// sent, by the kind of paper, and how papers call them.
var answering = map[string]struct {
	role dars.Role
	name string
}{
	"reminder":           {dars.CaseOfficer, "Case officer"},
	"chase":              {dars.Compliance, "Compliance"},
	"destruction-notice": {dars.Compliance, "Compliance"},
	"certificate-query":  {dars.Compliance, "Compliance"},
	"hold":               {dars.Compliance, "Compliance"},
	"hold-ended":         {dars.Compliance, "Compliance"},
	"audit":              {dars.Auditor, "Audit"},
	"audit-report":       {dars.Auditor, "Audit"},
	"audit-follow-up":    {dars.Auditor, "Audit"},

	"sanction-warning":     {dars.Compliance, "Compliance"},
	"sanction-hold":        {dars.Compliance, "Compliance"},
	"sanction-suspension":  {dars.Compliance, "Compliance"},
	"sanction-termination": {dars.Compliance, "Compliance"},
	"sanction-lifted":      {dars.Compliance, "Compliance"},
	"outcome":              {dars.Secretary, "Secretary of the Data Access Advisory Group"},
}

// sender is who answers for a paper: who did what it tells of, if that is somebody who
// has the role; else the case's officer, or whoever has held the role longest. What the
// clock has done somebody answers for as well. Where nobody has the role it stands alone.
func (o *Office) sender(tx *store.Tx, d drawing, officer dars.PersonID) (dars.Sender, error) {
	in := answering[d.Kind]
	s := dars.Sender{Role: in.name}
	staff, err := store.Find[dars.Person](tx, dars.By("org", dars.TheOffice))
	if err != nil {
		return s, err
	}
	on := o.Calendar.Day(d.At)
	for _, wanted := range []dars.PersonID{d.By, officer, ""} {
		for _, p := range staff {
			if (wanted == "" || p.ID == wanted) && !p.Gone() && p.With(on).Has(in.role) {
				s.Name = p.Name
				return s, nil
			}
		}
	}
	return s, nil
}
