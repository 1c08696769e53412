package office

import (
	"context"
	"maps"
	"strings"
	"time"

	"darsd/dars"
	"darsd/store"
)

// Public is the wing for everybody: what the office publishes, made from what it holds
// and never typed. Nobody is asked who they are, and nothing here names a person.
type Public struct{ *Office }

// Register is every row of the register, in its order.
func (o Public) Register(ctx context.Context) (rows []dars.PublicRelease, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		rows, err = o.register(stored(tx))
		return err
	})
	return rows, err
}

// Logged is the register as the log alone says it: what is stored is not looked at.
func (o Public) Logged(ctx context.Context) (rows []dars.PublicRelease, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		seq, err := tx.Before(forEver)
		if err != nil {
			return err
		}
		rows, err = o.register(logged(tx, seq))
		return err
	})
	return rows, err
}

// forEver is after every event.
var forEver = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// A lender lends every noun of which the register is made, kind by kind.
type lender struct {
	organisations func(func(*dars.Organisation) error) error
	agreements    func(func(*dars.Agreement) error) error
	releases      func(func(*dars.Release) error) error
	imported      func(func(*dars.ImportedRelease) error) error
	entries       func(func(*dars.RegisterEntry) error) error
	withheld      func(func(*dars.Withholding) error) error
}

func stored(tx *store.Tx) lender {
	return lender{
		func(one func(*dars.Organisation) error) error { return store.Each(tx, one) },
		func(one func(*dars.Agreement) error) error { return store.Each(tx, one) },
		func(one func(*dars.Release) error) error { return store.Each(tx, one) },
		func(one func(*dars.ImportedRelease) error) error { return store.Each(tx, one) },
		func(one func(*dars.RegisterEntry) error) error { return store.Each(tx, one) },
		func(one func(*dars.Withholding) error) error { return store.Each(tx, one) },
	}
}

func logged(tx *store.Tx, seq int64) lender {
	return lender{
		func(one func(*dars.Organisation) error) error { return lendLogged(tx, seq, one) },
		func(one func(*dars.Agreement) error) error { return lendLogged(tx, seq, one) },
		func(one func(*dars.Release) error) error { return lendLogged(tx, seq, one) },
		func(one func(*dars.ImportedRelease) error) error { return lendLogged(tx, seq, one) },
		func(one func(*dars.RegisterEntry) error) error { return lendLogged(tx, seq, one) },
		func(one func(*dars.Withholding) error) error { return lendLogged(tx, seq, one) },
	}
}

func lendLogged[T any, P store.Noun[T]](tx *store.Tx, seq int64, one func(P) error) error {
	all, err := store.AsOf[T, P](tx, seq)
	for _, n := range all {
		if err := one(n); err != nil {
			return err
		}
	}
	return err
}

func (o Public) register(from lender) (rows []dars.PublicRelease, err error) {
	agreements := map[dars.AgreementID]*dars.Agreement{}
	if err := from.agreements(func(g *dars.Agreement) error { agreements[g.ID] = g; return nil }); err != nil {
		return nil, err
	}
	look, err := o.naming(from)
	if err != nil {
		return nil, err
	}
	corrections := map[string][]dars.Correction{} // by row
	err = from.entries(func(e *dars.RegisterEntry) error { maps.Copy(corrections, e.Corrections); return nil })
	if err != nil {
		return nil, err
	}
	unsaid, err := unsaidByCase(from)
	if err != nil {
		return nil, err
	}
	once := words{}
	err = from.releases(func(r *dars.Release) error {
		g := agreements[r.Agreement]
		if g == nil {
			return nil // log verify says it
		}
		for _, row := range r.Public(dars.ReleasedUnder{Agreement: g, Org: look.Org(g.Org), Dataset: look.Dataset(r.Dataset)}) {
			row.Corrections = append(row.Corrections, corrections[row.ID]...)
			rows = append(rows, once.row(unsaid[g.Stem].OutOfRow(row)))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = from.imported(func(r *dars.ImportedRelease) error {
		rows = append(rows, once.row(unsaid[dars.CaseOf(r.Agreement)].OutOfRow(r.Public())))
		return nil
	})
	dars.SortPublic(rows)
	return rows, err
}

// words keeps each text once that many rows have: a register says the same names a
// hundred thousand times.
type words map[string]string

func (w words) once(text *string) {
	if known, ok := w[*text]; ok {
		*text = known
		return
	}
	w[*text] = *text
}

func (w words) row(r dars.PublicRelease) dars.PublicRelease {
	for _, text := range []*string{&r.Org, &r.Dataset, &r.Data, &r.Sensitivity, &r.LegalBasis, &r.Duty, &r.Purpose, &r.Frequency, &r.Agreement, &r.OptOuts, &r.Month, &r.Reason} {
		w.once(text)
	}
	return r
}

// naming puts names in the place of the codes of organisations and datasets.
func (o *Office) naming(from lender) (dars.Naming, error) {
	orgs := map[dars.OrgCode]string{}
	err := from.organisations(func(g *dars.Organisation) error { orgs[g.Code] = g.Name; return nil })
	return dars.Naming{
		Org: func(code dars.OrgCode) string {
			if name := orgs[code]; name != "" {
				return name
			}
			return string(code)
		},
		Dataset: func(code string) string {
			if d, err := o.Catalogue.Dataset(code); err == nil && d.Name != "" {
				return d.Name
			}
			return code
		},
	}, err
}

// Agreement is one version of an agreement; a stem alone means the version in force, or
// else the newest. Until the office has signed it there is none for the public.
func (o Public) Agreement(ctx context.Context, ref string, at time.Time) (a dars.PublicAgreement, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		if a, err = o.agreement(tx, ref, o.Calendar.Day(at)); !absent(err) {
			return err
		}
		g, wrong := imported(tx, importedRef(ref))
		if absent(wrong) {
			return err
		}
		if err = wrong; err != nil {
			return err
		}
		unsaid, err := unsaidOfCase(oneByOne(tx), g.Stem)
		if err != nil {
			return err
		}
		a = g.Page(o.Calendar.Day(at), unsaid)
		versions, err := store.Find[dars.ImportedAgreement](tx, dars.By("case", g.Stem))
		for _, other := range versions {
			if other.ID != g.ID {
				a.Versions = append(a.Versions, other.Brief(o.Calendar.Day(at)))
			}
		}
		dars.SortVersions(a.Versions)
		return err
	})
	return a, err
}

// imported is an agreement of a register, by its own reference or its stem's newest.
func imported(tx *store.Tx, ref string) (*dars.ImportedAgreement, error) {
	versions, err := store.Find[dars.ImportedAgreement](tx, dars.By("case", ref))
	if err != nil {
		return nil, err
	}
	for _, g := range versions {
		if g.State != dars.Superseded {
			return g, nil
		}
	}
	return store.Get[dars.ImportedAgreement](tx, ref)
}

func (o Public) agreement(tx *store.Tx, ref string, on dars.Day) (a dars.PublicAgreement, err error) {
	none := dars.Refuse("not-found", ref, "there is no agreement %.60s", ref)
	stem, major, minor, err := dars.ParseCase(ref)
	if err != nil {
		return a, none
	}
	all, err := store.Find[dars.Agreement](tx, dars.By("case", stem))
	if err != nil {
		return a, err
	}
	var found *dars.Agreement
	for _, g := range all {
		other := major != "" && !strings.HasPrefix(g.Version+".", "v"+major+".") || minor != "" && g.Version != "v"+major+"."+minor
		if g.CountersignedBy == "" || other {
			continue
		}
		if found == nil || g.State == dars.InForce || found.State != dars.InForce && g.Start > found.Start {
			found = g
		}
	}
	if found == nil {
		return a, none
	}
	look, err := o.naming(stored(tx))
	if err != nil {
		return a, err
	}
	if a, err = o.page(tx, found, on, look, oneByOne(tx)); err != nil {
		return a, err
	}
	for _, g := range all {
		if g != found && g.CountersignedBy != "" {
			a.Versions = append(a.Versions, g.Brief(on))
		}
	}
	dars.SortVersions(a.Versions)
	return a, nil
}

// page is one agreement as everybody may read it.
func (o Public) page(tx *store.Tx, g *dars.Agreement, on dars.Day, look dars.Naming, who knowing) (a dars.PublicAgreement, err error) {
	around, err := around(tx, g)
	if err != nil {
		return a, err
	}
	unsaid, err := unsaidOf(who, around.Application, g)
	return g.Page(on, o.Policy.Uphold, around, look, unsaid), err
}

// around is what stands around an agreement.
func around(tx *store.Tx, g *dars.Agreement) (a dars.AgreementAround, err error) {
	if a.Application, err = store.Get[dars.Application](tx, g.Application); err != nil {
		return a, err
	}
	if a.Due, a.Reports, err = benefitsDue(tx, g); err != nil {
		return a, err
	}
	if a.Audits, err = store.Find[dars.Audit](tx, dars.By("agreement", g.ID)); err != nil {
		return a, err
	}
	if g.Certificate != "" {
		a.Certificate, err = store.Get[dars.Certificate](tx, g.Certificate)
	}
	return a, err
}

// Objectors is how many people the newest list of objections names, as it may be
// published, and of which day that list is; "" if there is none.
func (o Public) Objectors(ctx context.Context) (people string, asAt dars.Day, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		lists, err := store.Find[dars.List](tx)
		if n := len(lists); err == nil && n > 0 {
			people, asAt = dars.PeopleCount(lists[n-1].Numbers), lists[n-1].AsAt
		}
		return err
	})
	return people, asAt, err
}
