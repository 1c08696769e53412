package office

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Settle says what became of the data of an imported agreement that lapsed.
func (o Register) Settle(ctx context.Context, a dars.Act, ref string) error {
	id := importedRef(ref)
	return one(ctx, o.Office, a, "register settle", id, func(a dars.Act, g *dars.ImportedAgreement) error { return g.Settle(a, o.today(a)) })
}

// Reopen says that an imported agreement went on after it was settled, as an edition has
// it.
func (o Register) Reopen(ctx context.Context, a dars.Act, ref string) error {
	id := importedRef(ref)
	return one(ctx, o.Office, a, "register reopen", id, func(a dars.Act, g *dars.ImportedAgreement) error { return g.Reopen(a, o.today(a)) })
}

// importedRef is how a reference as people write it stands here.
func importedRef(ref string) string {
	stem, major, minor, err := dars.ParseCase(ref)
	switch {
	case err != nil:
		return strings.TrimSpace(ref)
	case major == "":
		return stem
	case minor == "":
		return stem + "-v" + major
	}
	return stem + "-v" + major + "." + minor
}

// lapseImported ends an imported agreement on the day after its last.
func (o Clock) lapseImported(tx *store.Tx, a dars.Act, d Duty) (result, error) {
	g, err := turn(tx, a, "register expire", d, func(g *dars.ImportedAgreement) error { return g.Expire(o.today(a)) })
	if err != nil {
		return result{}, err
	}
	return result{to: string(g.State), step: "expire"}, nil
}

// endOfImported is the day after the last of an imported agreement, if its register
// says it.
func endOfImported(g *dars.ImportedAgreement) dars.Day {
	if g.End == "" {
		return ""
	}
	return g.End.Add(1)
}

// imported adds the agreements of registers that lapsed. Nobody of theirs is known
// here, so a person asks.
func (l *waiting) imported() error {
	if !l.who.Inside() || l.who.May("register settle") != nil {
		return nil
	}
	if err := l.contradicted(); err != nil {
		return err
	}
	lapsed, err := in[dars.ImportedAgreement](l, dars.AgreementExpired)
	if err != nil || len(lapsed) == 0 {
		return err
	}
	parties, err := partiesByName(l.tx)
	for _, g := range lapsed {
		var whom []string
		for _, name := range g.Orgs {
			if party := string(parties.Of(name)); !slices.Contains(whom, party) {
				whom = append(whom, party)
			}
		}
		l.all = append(l.all, Todo{"imported agreement", g.ID, fmt.Sprintf("it ended on %s: ask %s what became of the data, then darsd register settle %s --reason", g.End, strings.Join(whom, " and "), g.ID), g.End.Add(1), ""})
	}
	return err
}

// contradicted adds the agreements that were settled, and that went on after that as a
// later edition has it: a person decides which of the two is right.
func (l *waiting) contradicted() error {
	all, err := store.Between[dars.ImportedAgreement](l.tx, "contradicted", "", "\U0010ffff")
	for _, g := range all {
		l.all = append(l.all, Todo{"imported agreement", g.ID, fmt.Sprintf("edition %s says that it ends on %s, and it was settled on %s: darsd register reopen %s --reason, or darsd register settle %[4]s --reason to leave it", g.ContradictedBy, g.End, g.Settled.On, g.ID), g.Settled.On, ""})
	}
	return err
}
