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
		d.Para("We apply the objections of patients before each release. The records of every person who has objected, and whose objection is on the list in force on the day the release is made, are removed as a whole. Each release states the date of that list and its hash. Some persons are therefore absent from the data; you do not try to find out who they are.")
	}
	if len(not) == 0 {
		return
	}
	d.Para("In these datasets objections are not applied. The reason stands in each release, and is published.")
	for _, t := range not {
		d.Bullet("%s: %s (%s).", dataset(f.Catalogue, t.Dataset), t.Why(), t.Reason)
	}
	d.Para("You do not compare what you receive with data in which objections are applied: the difference would name who has objected.")
}
