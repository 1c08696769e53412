package dars

import (
	"maps"
	"slices"
)

// What is withheld of a case is left out of the register too: of the rows of its releases,
// of the names of its organisations, and of what registers from before say of it. Where
// nothing is withheld everything stays as it is, letter by letter.

// outOfWords is a text without the words that somebody has withheld.
func (u Unsaid) outOfWords(text string) string {
	if len(u.Words) == 0 || text == "" {
		return text
	}
	f := foldedText(text)
	for _, w := range u.Words {
		f = w.outOf(f)
	}
	return f.text
}

// OutOfRow is a row of the register without them.
func (u Unsaid) OutOfRow(r PublicRelease) PublicRelease {
	if len(u.Words) == 0 {
		return r
	}
	for _, text := range []*string{&r.Org, &r.Dataset, &r.Data, &r.Sensitivity, &r.LegalBasis, &r.Duty, &r.Purpose, &r.Frequency, &r.Study, &r.OptOuts, &r.Month} {
		*text = u.outOfWords(*text)
	}
	r.Corrections = u.outOfCorrections(r.Corrections)
	return r
}

// OutOfEntry is what was published of a release without them: what it is held against has
// them no more.
func (u Unsaid) OutOfEntry(e *RegisterEntry) *RegisterEntry {
	if len(u.Words) == 0 {
		return e
	}
	without := *e
	without.Rows = maps.Clone(e.Rows)
	for id, row := range without.Rows {
		without.Rows[id] = u.outOfFields(row)
	}
	return &without
}

// outOfImported is an agreement of a register without them.
func (u Unsaid) outOfImported(g *ImportedAgreement) *ImportedAgreement {
	if len(u.Words) == 0 {
		return g
	}
	without := *g
	without.Title, without.Orgs = u.outOfWords(g.Title), slices.Clone(g.Orgs)
	for i := range without.Orgs {
		without.Orgs[i] = u.outOfWords(without.Orgs[i])
	}
	without.Statements, without.Datasets = u.outOfRows(g.Statements), u.outOfRows(g.Datasets)
	without.Corrections = u.outOfCorrections(g.Corrections)
	return &without
}

func (u Unsaid) outOfRows(rows []map[string]string) (all []map[string]string) {
	for _, r := range rows {
		all = append(all, u.outOfFields(r))
	}
	return all
}

func (u Unsaid) outOfFields(fields map[string]string) map[string]string {
	fields = maps.Clone(fields)
	for name, text := range fields {
		fields[name] = u.outOfWords(text)
	}
	return fields
}

func (u Unsaid) outOfCorrections(all []Correction) []Correction {
	all = slices.Clone(all)
	for i := range all {
		all[i].Was, all[i].Is = u.outOfFields(all[i].Was), u.outOfFields(all[i].Is)
	}
	return all
}

// Unsaying puts names in the place of codes, but for what is withheld of a case.
func (n Naming) Unsaying(u Unsaid) Naming {
	if len(u.Words) == 0 {
		return n
	}
	return Naming{Org: func(code OrgCode) string { return u.outOfWords(n.Org(code)) }, Dataset: n.Dataset}
}
