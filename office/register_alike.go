package office

import (
	"context"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// alike finds names of this edition that are perhaps of one organisation with others that
// are known here: with one of this edition, of an earlier one, or with one of our own
// organisations, which is named by its code. Nothing is joined by that: a person does,
// with darsd org same.
func (i *importing) alike(ctx context.Context, _ dars.Act) error {
	return i.Store.View(ctx, func(tx *store.Tx) error {
		s := suspects{tx: tx, as: map[string]spelling{}, here: map[string]bool{}}
		for _, r := range i.read.Releases {
			s.add(spelling{r.Org, r.Org}, true)
		}
		for _, g := range i.read.Agreements {
			for _, name := range g.Orgs {
				s.add(spelling{name, name}, true)
			}
		}
		if err := s.known(); err != nil {
			return err
		}
		var err error
		i.done.Alike, err = s.groups()
		return err
	})
}

// suspects are names of organisations, by the form that does without what differs between
// spellings.
type suspects struct {
	tx   *store.Tx
	as   map[string]spelling
	here map[string]bool // forms that this edition has
}

// A spelling is a name as it stands, and by what darsd org same takes it: our own
// organisations by their code.
type spelling struct{ name, as string }

func (s *suspects) add(one spelling, here bool) {
	forms := dars.PartyNames(one.name)
	form := forms[len(forms)-1]
	if s.as[form].as == "" || !here {
		s.as[form] = one
	}
	s.here[form] = s.here[form] || here
}

// known adds the names of other editions, and of our own organisations.
func (s *suspects) known() error {
	for _, kind := range []string{"imported release", "imported agreement"} {
		forms, err := s.tx.Values(kind, "party")
		if err != nil {
			return err
		}
		for _, form := range forms {
			if !strings.HasPrefix(form, "code ") && s.as[form].as == "" {
				s.as[form] = spelling{form, form}
			}
		}
	}
	return store.Each(s.tx, func(org *dars.Organisation) error {
		s.add(spelling{org.Name, string(org.Code)}, false)
		return nil
	})
}

// groups are those of one core that nobody has said to be one, or to be several.
func (s *suspects) groups() (all [][]string, err error) {
	all = [][]string{}
	cores := map[string][]string{}
	for form := range s.as {
		core := dars.PartyCore(form)
		cores[core] = append(cores[core], form)
	}
	parties, err := partiesByName(s.tx)
	if err != nil {
		return nil, err
	}
	for _, forms := range cores {
		if len(forms) < 2 || !slices.ContainsFunc(forms, func(form string) bool { return s.here[form] }) {
			continue
		}
		var names []string
		var ones []dars.OrgCode
		for _, form := range forms {
			if one := parties.Of(s.as[form].name); !slices.Contains(ones, one) {
				ones, names = append(ones, one), append(names, s.as[form].as)
			}
		}
		apart, err := s.apart(forms)
		if err != nil {
			return nil, err
		}
		if len(names) > 1 && !apart {
			slices.Sort(names)
			all = append(all, names)
		}
	}
	slices.SortFunc(all, slices.Compare)
	return all, nil
}

// apart reports whether somebody has looked at two names alone, and said that they are
// of two organisations.
func (s *suspects) apart(forms []string) (bool, error) {
	if len(forms) > 2 {
		return false, nil
	}
	said, err := store.Find[dars.SameParty](s.tx, dars.By("party", forms[0]), dars.By("state", dars.TwoParties))
	return slices.ContainsFunc(said, func(p *dars.SameParty) bool { return slices.Contains(p.Forms, forms[1]) }), err
}
