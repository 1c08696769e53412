package office

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Guard is the differencing guard: see dars/guard.go for its rule.
type Guard struct{ *Office }

// A GuardAnswer is what the guard says of a release that somebody would plan.
type GuardAnswer struct {
	dars.GuardItem
	Says string `json:"says"`
}

// Check says beside what a dataset must not be released under an agreement now, for
// some periods or for all that are agreed.
func (o Guard) Check(ctx context.Context, a dars.Act, agreement dars.AgreementID, dataset string, periods []string) (answers []GuardAnswer, err error) {
	var pairs []dars.GuardPair
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		if _, err := o.allowed(tx, a, "guard check"); err != nil {
			return err
		}
		g, r, err := o.wouldBe(tx, agreement, dataset, periods)
		if err != nil {
			return err
		}
		pairs, err = o.beside(tx, g, r)
		if err != nil {
			return err
		}
		for _, p := range pairs {
			item := dars.GuardItem{Org: g.Org, Dataset: dataset, Agreements: []dars.AgreementID{p.Finding.Beside.Agreement}, Releases: []string{p.Finding.Beside.Ref},
				Case: p.Case, Why: []dars.GuardWhy{p.Why}, Within: []dars.AgreementID{}, People: dars.UncountedPeople, Pairs: []dars.GuardPair{p}, Counting: p.Countable()}
			if item.Overrides, err = overriding(tx, p); err != nil {
				return err
			}
			answers = append(answers, GuardAnswer{item, p.Finding.String()})
		}
		late, err := overdue(tx, g, dataset, o.today(a))
		answers = append(answers, late...)
		return err
	})
	for i := range answers {
		if err == nil {
			err = o.count(ctx, &answers[i].GuardItem)
		}
	}
	return answers, err
}

// All says what recipients have that should not stand beside one another.
func (o Guard) All(ctx context.Context, a dars.Act) (items []dars.GuardItem, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		if _, err := o.allowed(tx, a, "guard check"); err != nil {
			return err
		}
		agreements, err := store.Find[dars.Agreement](tx)
		if err != nil {
			return err
		}
		parties, err := partiesByName(tx)
		if err != nil {
			return err
		}
		all, err := o.importedAll(tx, parties)
		if err != nil {
			return err
		}
		for _, g := range agreements {
			some, err := o.disclosed(tx, g, "")
			if err != nil {
				return err
			}
			for _, d := range some {
				for i, org := range d.Orgs {
					d.Orgs[i] = cmp.Or(parties["code "+string(org)], org)
				}
				all = append(all, d)
			}
		}
		slices.SortStableFunc(all, func(a, b dars.Disclosure) int { return strings.Compare(a.Ref, b.Ref) })
		items = dars.Survey(all)
		for i := range items {
			for _, p := range items[i].Pairs {
				ids, err := overriding(tx, p)
				if err != nil {
					return err
				}
				items[i].Overrides = append(items[i].Overrides, ids...)
			}
		}
		return nil
	})
	for i := range items {
		if err == nil {
			err = o.count(ctx, &items[i])
		}
	}
	return items, err
}

// Override is one of two words that let a dataset be released beside something the
// recipient has; the second confirms what the first has proposed. Where it is merely
// not known whether they differ, one word is enough.
func (o Guard) Override(ctx context.Context, a dars.Act, agreement dars.AgreementID, dataset string, periods []string, beside string) (v *dars.GuardOverride, err error) {
	err = o.do(ctx, a, "guard override", func(tx *store.Tx, who *dars.Person) error {
		g, r, err := o.wouldBe(tx, agreement, dataset, periods)
		if err != nil {
			return err
		}
		pairs, err := o.beside(tx, g, r)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(pairs, func(p dars.GuardPair) bool { return p.Beside.Ref == beside })
		if i < 0 {
			return dars.Refuse("nothing-to-override", g.ID, "the guard has nothing against %s of %s under %s beside %s: see darsd guard check %s --dataset %s",
				dataset, strings.Join(r.Periods, ", "), g.ID, beside, g.ID, dataset)
		}
		found := pairs[i]
		known, err := overriding(tx, found)
		if err != nil {
			return err
		}
		if len(known) > 0 {
			return dars.Refuse("known", known[0], "%s lets %s be released beside %s already", known[0], dataset, beside)
		}
		proposed, err := store.Find[dars.GuardOverride](tx, dars.By("agreement", g.ID), dars.By("dataset", dataset), dars.By("beside", beside), dars.By("state", dars.OverrideProposed))
		if err != nil {
			return err
		}
		for _, v = range proposed {
			if v.Case == found.Case && v.Why == found.Why && slices.Equal(v.Periods, r.Periods) {
				if err := v.Confirm(inName(tx, a), who, o.today(a)); err != nil {
					return err
				}
				return o.overridden(tx, a, v)
			}
		}
		ref, err := number(tx, "guard override", "GRD-")
		if err != nil {
			return err
		}
		v = &dars.GuardOverride{ID: dars.GuardID(ref), Stem: g.Stem, Agreement: g.ID, Dataset: dataset, Periods: r.Periods, Beside: beside, Case: found.Case, Why: found.Why}
		if err := v.Propose(inName(tx, a), who, o.today(a)); err != nil {
			return err
		}
		return o.overridden(tx, a, v)
	})
	return v, err
}

// overridden keeps a word, and tells those who may say the other, or must know.
func (o Guard) overridden(tx *store.Tx, a dars.Act, v *dars.GuardOverride) error {
	if err := keep(tx, a, "guard override", v); err != nil {
		return err
	}
	l := letter{Roles: []dars.Role{dars.SIRO, dars.Compliance, dars.CaseOfficer},
		Subject: fmt.Sprintf("%s: %s may be released beside %s", v.ID, v.Dataset, v.Beside),
		Body:    fmt.Sprintf("Under %s, %s of %s may be released although the recipient has %s (case %s: %s).\n\n%s\n", v.Agreement, v.Dataset, strings.Join(v.Periods, ", "), v.Beside, v.Case, dars.Meaning(dars.GuardReasons, string(v.Why)), v.Reason)}
	if v.State == dars.OverrideProposed {
		l.Roles, l.Subject = []dars.Role{dars.SIRO, dars.Compliance}, fmt.Sprintf("%s: %s to be released beside %s", v.ID, v.Dataset, v.Beside)
		l.Body = fmt.Sprintf("It is proposed that %s of %s be released under %s although the recipient has %s (case %s: %s).\n\n%s\n\nThe other of the SIRO and compliance decides:\n\n    darsd guard override %[3]s --dataset %[1]s --period %[8]s --beside %[4]s --reason \"…\"\n",
			v.Dataset, strings.Join(v.Periods, ", "), v.Agreement, v.Beside, v.Case, dars.Meaning(dars.GuardReasons, string(v.Why)), v.Reason, strings.Join(v.Periods, ","))
	}
	return write(tx, a, l)
}

// guard refuses a release that, beside something its recipients have, would tell of
// people, unless that is overridden; the release then names by what.
func (o *Office) guard(tx *store.Tx, g *dars.Agreement, r *dars.Release) error {
	pairs, err := o.beside(tx, g, r)
	if err != nil {
		return err
	}
	r.Despite = nil
	for _, p := range pairs {
		ids, err := overriding(tx, p)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return o.refuseBeside(tx, g, r, p)
		}
		r.Despite = append(r.Despite, ids...)
	}
	return nil
}

// refuseBeside is the refusal, with what is to be done in its place.
func (o *Office) refuseBeside(tx *store.Tx, g *dars.Agreement, r *dars.Release, p dars.GuardPair) error {
	if p.Why == dars.NotAccounted {
		before, err := store.Get[dars.Release](tx, p.Beside.Ref)
		if err != nil {
			return err
		}
		if err := standsInTheWay(tx, before); err != nil {
			return err
		}
	}
	what := p.Finding.String()
	if p.Why == dars.OtherTreatment && p.Case == dars.Differs {
		what = fmt.Sprintf("case (b): it was released before as %s under agreement %s with objections %s, and here they would be %s: the two subtracted would name whoever objected",
			p.Beside.Ref, p.Beside.Agreement, said(p.Beside.Treatment), said(p.Treatment))
	}
	way := "the SIRO and compliance may override it"
	if p.Case == dars.Unknown {
		way = "the SIRO or compliance may record why that is no matter"
	}
	return dars.Refuse(string(p.Why), g.ID, "%s of %s under agreement %s: %s; %s, with darsd guard override %[3]s --dataset %[1]s --period %[6]s --beside %[7]s",
		r.Dataset, strings.Join(r.Periods, ", "), g.ID, what, way, strings.Join(r.Periods, ","), p.Beside.Ref)
}

// overriding are the overrides that let a pair stand.
func overriding(tx *store.Tx, p dars.GuardPair) (ids []dars.GuardID, err error) {
	ids = []dars.GuardID{}
	all, err := store.Find[dars.GuardOverride](tx, dars.By("agreement", p.Agreement), dars.By("dataset", p.Dataset), dars.By("beside", p.Beside.Ref))
	for _, v := range all {
		if v.Covers(p.Disclosure, p.Finding) {
			ids = append(ids, v.ID)
		}
	}
	return ids, err
}

// despite are the overrides by which a release left, as they are published.
func despite(tx *store.Tx, r *dars.Release) (lines []dars.GuardLine, err error) {
	for _, id := range r.Despite {
		v, err := store.Get[dars.GuardOverride](tx, id)
		if err != nil {
			return nil, err
		}
		lines = append(lines, dars.GuardLine{Override: v.ID, Beside: v.Beside, Case: v.Case, Reason: v.Reason})
	}
	return lines, nil
}

// guarded are overrides of the guard that wait for their second word.
func (l *waiting) guarded() error {
	all, err := store.Find[dars.GuardOverride](l.tx, dars.By("state", dars.OverrideProposed))
	for _, v := range all {
		if l.who.May("guard override") == nil && v.Hands[0].By != l.who.ID {
			l.all = append(l.all, Todo{"guard override", string(v.ID), fmt.Sprintf("darsd guard override %s --dataset %s --period %s --beside %s", v.Agreement, v.Dataset, strings.Join(v.Periods, ","), v.Beside), v.Proposed, ""})
		}
	}
	return err
}
