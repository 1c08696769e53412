package office

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"darsd/dars"
	"darsd/store"
)

// How patients' objections are treated under an agreement: by policy, by the matrix,
// or as two people have decided.

// objectionsTerms is how objections are treated in each dataset of a version of a case,
// for the agreement that is issued for it.
func (o *Office) objectionsTerms(tx *store.Tx, p *dars.Application, datasets []dars.DatasetRequest) (terms []dars.ObjectionsTerm, err error) {
	for _, d := range datasets {
		term, err := o.objectionsTerm(tx, p, d)
		if err != nil {
			return nil, err
		}
		terms = append(terms, term)
	}
	return terms, nil
}

// objectionsTerm is what two people have decided for the version, or for an earlier one
// if it lasts; else what policy and matrix say.
func (o *Office) objectionsTerm(tx *store.Tx, p *dars.Application, d dars.DatasetRequest) (term dars.ObjectionsTerm, err error) {
	decided, err := store.Find[dars.Override](tx, dars.By("case", p.Stem), dars.By("dataset", d.Code), dars.By("state", dars.OverrideConfirmed))
	if err != nil {
		return term, err
	}
	term = dars.TermOf(o.Policy.Uphold, d)
	for _, v := range decided { // the newest is the last
		if v.Version == versionOf(p) {
			return v.Term, nil
		}
		if v.Lasts() {
			term = v.Term
		}
	}
	return term, nil
}

// treatment says how objections would be treated in each dataset if the version were
// approved now, and which other treatment is proposed and waits for a second person.
func (o *Office) treatment(tx *store.Tx, p *dars.Application) (string, error) {
	terms, err := o.objectionsTerms(tx, p, p.Form.Datasets)
	if err != nil {
		return "", err
	}
	waiting, err := store.Find[dars.Override](tx, dars.By("version", versionOf(p)), dars.By("state", dars.OverrideProposed))
	if err != nil {
		return "", err
	}
	var lines []string
	for _, t := range terms {
		line := fmt.Sprintf("%s: %s (%s)", t.Dataset, said(t.Treatment), grounds(t))
		for _, v := range waiting {
			if v.Term.Dataset == t.Dataset {
				line += fmt.Sprintf(", and %s proposes %s (%s)", v.ID, said(v.Term.Treatment), v.Term.Reason)
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ") + ".", nil
}

// grounds are whose decision a treatment is, and why.
func grounds(t dars.ObjectionsTerm) string {
	switch t.By {
	case "always":
		return "this office upholds them in every release"
	case "undecided":
		return "the matrix leaves it to two people to say otherwise"
	case "matrix":
		return t.Reason + ", by the matrix"
	}
	return t.Reason + ", by " + t.By
}

// versionOf is the agreement that a version of an application has, or will have.
func versionOf(p *dars.Application) dars.AgreementID {
	return dars.AgreementID(p.Stem + "-" + p.Version())
}

// Override proposes that objections be treated otherwise in a dataset of a case: of the
// version that a reference means. Somebody else confirms it.
func (o Agreements) Override(ctx context.Context, a dars.Act, ref string, to dars.ObjectionsTerm) (id dars.OverrideID, err error) {
	err = o.do(ctx, a, "agreement objections", func(tx *store.Tx, _ *dars.Person) error {
		p, err := atWork(tx, ref)
		if err != nil {
			return err
		}
		v := &dars.Override{Stem: p.Stem, Version: versionOf(p), Term: to}
		g, asked, err := o.overridable(tx, p, v)
		if err != nil {
			return err
		}
		now, err := o.objectionsTerm(tx, p, asked)
		if g != nil {
			now = g.Treats(o.Policy.Uphold, asked.Code)
		}
		if err != nil {
			return err
		}
		next, err := number(tx, "override", "OVR-")
		if err != nil {
			return err
		}
		v.ID, v.Term.By = dars.OverrideID(next), next
		if err := v.Propose(inName(tx, a), asked, now, o.Policy.Uphold, o.today(a)); err != nil {
			return err
		}
		if err := o.replaceOverrides(tx, a, v, dars.OverrideProposed); err != nil {
			return err
		}
		id = v.ID
		if err := keep(tx, a, "agreement objections", v); err != nil {
			return err
		}
		return write(tx, a, letter{Roles: []dars.Role{dars.SIRO, dars.Compliance},
			Subject: fmt.Sprintf("%s: objections in %s to be %s", v.ID, to.Dataset, to.Treatment),
			Body: fmt.Sprintf("It is proposed that objections of patients be %s in what is released of %s under %s: %s.\n\n%s\n\n%s\n\nOne of you decides:\n\n    darsd agreement objections-confirm %s --reason \"…\"\n",
				to.Treatment, to.Dataset, v.Version, to.Why(), quoted(to.Reason), quoted(v.Reason), v.ID)})
	})
	return id, err
}

// overridable returns the agreement of a version, or nil before it is issued, and what
// is asked for of the dataset. It refuses where nothing can be released any more.
func (o *Office) overridable(tx *store.Tx, p *dars.Application, v *dars.Override) (g *dars.Agreement, asked dars.DatasetRequest, err error) {
	datasets := p.Form.Datasets
	issued, err := store.Find[dars.Agreement](tx, dars.By("case", v.Stem))
	if err != nil {
		return nil, asked, err
	}
	if i := slices.IndexFunc(issued, func(g *dars.Agreement) bool { return g.ID == v.Version }); i >= 0 {
		g = issued[i]
		datasets = g.Datasets
	}
	switch {
	case g != nil && g.Over():
		return nil, asked, dars.Refuse("wrong-step", g.ID, "agreement %s is %s: nothing is released under it", g.ID, g.State)
	case g == nil && slices.Contains([]dars.ApplicationState{dars.Rejected, dars.Declined, dars.TakenBack}, p.State):
		return nil, asked, dars.Refuse("wrong-step", p.ID(), "application %s is %s: nothing is released for it", p.ID(), p.State)
	}
	i := slices.IndexFunc(datasets, func(d dars.DatasetRequest) bool { return d.Code == v.Term.Dataset })
	if i < 0 {
		return nil, asked, dars.Refuse("not-agreed", v.Version, "%s does not ask for the dataset %s", v.Version, v.Term.Dataset)
	}
	return g, datasets[i], nil
}

// replaceOverrides puts those of the same dataset and version aside that another takes
// the place of.
func (o *Office) replaceOverrides(tx *store.Tx, a dars.Act, v *dars.Override, state dars.OverrideState) error {
	before, err := store.Find[dars.Override](tx, dars.By("version", v.Version), dars.By("dataset", v.Term.Dataset), dars.By("state", state))
	if err != nil {
		return err
	}
	for _, old := range before {
		if old.ID == v.ID {
			continue
		}
		if err := old.Replace(); err != nil {
			return err
		}
		if err := tx.Save(a, "override replaced", old); err != nil {
			return err
		}
	}
	return nil
}

// ConfirmOverride is the second person's word, by which the override holds: on the
// paper of an agreement that is still to be issued, and else for releases that are
// planned from now on.
func (o Agreements) ConfirmOverride(ctx context.Context, a dars.Act, id dars.OverrideID) error {
	return o.do(ctx, a, "agreement objections-confirm", func(tx *store.Tx, _ *dars.Person) error {
		v, err := store.Get[dars.Override](tx, id)
		if err != nil {
			return err
		}
		p, err := atWork(tx, string(v.Version))
		if err != nil {
			return err
		}
		g, asked, err := o.overridable(tx, p, v)
		if err != nil {
			return err
		}
		if err := v.Confirm(inName(tx, a), asked, o.Policy.Uphold, o.today(a)); err != nil {
			return err
		}
		if err := o.replaceOverrides(tx, a, v, dars.OverrideConfirmed); err != nil {
			return err
		}
		if err := keep(tx, a, "agreement objections-confirm", v); err != nil || g == nil {
			return err
		}
		g.Treat(v.Term)
		if err := tx.Save(a, "agreement objections-confirm", g); err != nil {
			return err
		}
		return write(tx, a, letter{To: []dars.PersonID{g.Contact},
			Subject: fmt.Sprintf("%s: objections of patients", g.ID),
			Body: fmt.Sprintf("In what is released of %s under agreement %s from now on, objections of patients are %s: %s. Each release says so.\n",
				v.Term.Dataset, g.ID, said(v.Term.Treatment), v.Term.Why())})
	})
}

// said is a treatment in a sentence.
func said(t dars.Treatment) string {
	if t == dars.NotUpheld {
		return "not upheld"
	}
	return "upheld"
}

// A holding is what is out there of what was released under an agreement. Both are
// looked up when they are first asked for, once for all of its releases.
type holding struct {
	tx   *store.Tx
	sent func() ([]dars.SentFile, error)
	kept func() ([]dars.SentFile, error) // under a later version: held, and not destroyed
}

func (o *Office) holding(tx *store.Tx, g *dars.Agreement) holding {
	return holding{
		tx:   tx,
		sent: sync.OnceValues(func() ([]dars.SentFile, error) { return o.sentUnder(tx, g) }),
		kept: sync.OnceValues(func() (files []dars.SentFile, err error) {
			versions, err := store.Find[dars.Agreement](tx, dars.By("case", g.Stem))
			for _, later := range versions {
				some, err := keptUnder(tx, later)
				if err != nil {
					return nil, err
				}
				files = append(files, some...)
			}
			return files, err
		}),
	}
}

// has reports whether somebody has a byte of a release, or may yet.
func (h holding) has(r *dars.Release) (bool, error) {
	if slices.Contains([]dars.ReleaseState{dars.Published, dars.Collected}, r.State) || r.Access.Open() {
		return true, nil
	}
	if r.Access != nil {
		return r.Access.Granted != "", nil
	}
	if r.Published == "" {
		return false, nil
	}
	if !r.Rules().Returned { // no account is kept of who has it still
		return anySent(h.tx, r)
	}
	for _, files := range []func() ([]dars.SentFile, error){h.sent, h.kept} {
		some, err := files()
		if err != nil || slices.ContainsFunc(some, func(f dars.SentFile) bool { return f.Release == r.ID }) {
			return err == nil, err
		}
	}
	return false, nil
}

// reasonNot is why objections are not upheld in a release, or "".
func reasonNot(r *dars.Release) string {
	if r.Treated() == dars.NotUpheld {
		return r.Objections.Reason
	}
	return ""
}

// SignOffNotUpheld is a third person's word that a release may leave in which
// objections are not upheld: as its agreement has it on that day, and against the
// newest list that could be used.
func (o Releases) SignOffNotUpheld(ctx context.Context, a dars.Act, id dars.ReleaseID) error {
	return o.do(ctx, a, "release sign-off", func(tx *store.Tx, _ *dars.Person) error {
		r, err := store.Get[dars.Release](tx, id)
		if err != nil {
			return err
		}
		g, err := store.Get[dars.Agreement](tx, r.Agreement)
		if err != nil {
			return err
		}
		if err := notStopped(tx, r, g); err != nil {
			return err
		}
		newest, err := usableList(tx)
		if err != nil {
			return err
		}
		if err := r.SignOffNotUpheld(inName(tx, a), g.Treats(o.Policy.Uphold, r.Dataset), newest); err != nil {
			return err
		}
		return keep(tx, a, "release sign-off", r)
	})
}

// listFor returns the list of objections that a release is made with, or refuses. One
// in which they are not upheld needs none: the newest that could be used, or nil, is
// noted as what was so then.
func (o *Office) listFor(tx *store.Tx, r *dars.Release, on dars.Day) (*dars.List, error) {
	if r.Treated() == dars.NotUpheld {
		return usableList(tx)
	}
	return o.fitList(tx, on)
}
