package documents

import "darsd/dars"

// objectionsOfPatients is the section of an agreement that says whose objections are
// applied.
func objectionsOfPatients(d *Doc, f dars.AgreementFacts) {
	d.Section("Objections of patients")
	var upheld, not []dars.ObjectionsTerm
	for _, r := range f.Agreement.Datasets {
		if t := f.Agreement.Treats(f.Policy.Uphold, r.Code); t.Treatment == dars.NotUpheld {
			not = append(not, t)
		} else {
			upheld = append(upheld, t)
		}
	}
	if len(upheld) > 0 || len(not) == 0 {
		d.Paras("objections of patients")
	}
	if len(not) == 0 {
		return
	}
	d.Paras("objections that are not applied")
	for _, t := range not {
		d.Bullet("%s: %s (%s).", dataset(f.Catalogue, t.Dataset), t.Why(), t.Reason)
	}
	d.Paras("no comparing")
}
