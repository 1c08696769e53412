package office

import (
	"fmt"

	"darsd/dars"
	"darsd/store"
)

// breakGlass notes an act of a local shell in somebody's name, and tells
// compliance.
func breakGlass(tx *store.Tx, a dars.Act, act string) error {
	ref, err := number(tx, "break-glass", "GLASS-")
	if err != nil {
		return err
	}
	if err := tx.Save(a, act, &dars.GlassBroken{ID: ref, Act: act, Person: a.Who, Reason: a.Why, At: a.At.UTC()}); err != nil {
		return err
	}
	return write(tx, a, letter{Roles: []dars.Role{dars.Compliance}, Names: []dars.PersonID{a.Who},
		Subject: fmt.Sprintf("%s: %s from a local shell as %s", ref, act, a.Who),
		Body:    fmt.Sprintf("A local shell did %q in the name of %s:\n\n%s\n", act, a.Who, quoted(a.Why))})
}

// oneConsole refuses a second step from a console among all those of a case that
// need different people: a console can say it is anybody.
func oneConsole(tx *store.Tx, a dars.Act, n dars.Noun) error {
	h, ok := n.(dars.Handled)
	if !ok || !a.Via.Anybody() {
		return nil
	}
	stem, hands := h.Handed()
	if len(hands) == 0 || hands[len(hands)-1].By != a.Who || hands[len(hands)-1].Via != a.Via {
		return nil // this was no such step
	}
	all, err := ofCase(tx, stem)
	if err != nil {
		return err
	}
	steps := hands.AtConsole()
	for _, other := range all {
		if other.Card().Ref != n.Card().Ref || other.Card().Kind != n.Card().Kind {
			_, theirs := other.Handed()
			steps += theirs.AtConsole()
		}
	}
	if steps > 1 {
		return dars.Refuse("console-twice", stem, "%s: one step of this case that needs different people has come from the console already; sign in over SSH with your own key for this one", n.Card().Ref)
	}
	return nil
}

// ofCase returns what of a case has steps that need different people.
func ofCase(tx *store.Tx, stem string) (all []dars.Handled, err error) {
	applications, err := store.Find[dars.Application](tx, dars.By("case", stem))
	if err != nil {
		return nil, err
	}
	for _, p := range applications {
		all = append(all, p)
	}
	overrides, err := store.Find[dars.Override](tx, dars.By("case", stem))
	if err != nil {
		return nil, err
	}
	for _, v := range overrides {
		all = append(all, v)
	}
	guarded, err := store.Find[dars.GuardOverride](tx, dars.By("case", stem))
	if err != nil {
		return nil, err
	}
	for _, v := range guarded {
		all = append(all, v)
	}
	agreements, err := store.Find[dars.Agreement](tx, dars.By("case", stem))
	if err != nil {
		return nil, err
	}
	for _, g := range agreements {
		releases, err := store.Find[dars.Release](tx, dars.By("agreement", g.ID))
		if err != nil {
			return nil, err
		}
		all = append(all, g)
		for _, r := range releases {
			all = append(all, r)
		}
	}
	return all, nil
}
