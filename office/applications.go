package office

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Submit takes in an application: a folder with application.yaml and the
// evidence that it names. of is the case that it belongs to, if it is not a new
// one: one that was referred back is submitted again, and of one that was decided
// it is the next version. The form may name the case itself, under previous.
func (o Applications) Submit(ctx context.Context, a dars.Act, in Arrived, of string, then ...func(*store.Tx, *dars.Application) error) (id dars.ApplicationID, err error) {
	id, _, err = o.HandIn(ctx, a, in, of, then...)
	return id, err
}

// HandIn is Submit, and says whether the same form with the same papers was in already:
// handed in twice, by whatever door, it is one application.
func (o Applications) HandIn(ctx context.Context, a dars.Act, in Arrived, of string, then ...func(*store.Tx, *dars.Application) error) (id dars.ApplicationID, again bool, err error) {
	draft, text, brought, wrong, err := o.read(in, of, o.today(a))
	if err != nil {
		return "", false, err
	}
	if len(wrong) > 0 {
		return "", false, o.refused(ctx, a, in, &draft, of, wrong)
	}
	form := &draft.Form
	unknown := false
	for _, b := range append([]broughtFile{text}, brought...) {
		if err := o.Works.Vault.Write("", received(b.SHA256), strings.NewReader(b.content)); err != nil {
			return "", false, err
		}
	}
	err = o.do(ctx, a, "application submit", func(tx *store.Tx, who *dars.Person) error {
		wrong, err := o.known(tx, who, form)
		if err != nil {
			return err
		}
		if err := dars.RefuseMistakes(in.Name, dars.TheForm, draft.Placed(wrong)); err != nil {
			unknown = true
			return err
		}
		same, err := cameAlready(tx, form.Organisation, hashes(text, brought), of)
		if err != nil {
			return err
		}
		if again = same != nil; again {
			id = same.ID()
			return also(tx, same, then)
		}
		if err := o.applicationsOpen(tx, *form, o.today(a)); err != nil {
			return err
		}
		p, before, err := o.enter(tx, a, who, &draft, of)
		if err != nil {
			return err
		}
		id = p.ID()
		p.TakeEvidence(a, filesOf(brought), o.today(a))
		p.Received(a, hashes(text, brought), o.today(a))
		if before != nil {
			p.Mended(a, before, form, o.today(a))
		}
		if err := keep(tx, a, "application submit", p, then...); err != nil {
			return err
		}
		papers := []*dars.Paper{text.paper(a, string(id), o.today(a))}
		papers[0].Kind = "application"
		for _, b := range brought {
			papers = append(papers, b.paper(a, string(id), o.today(a)))
		}
		for _, paper := range papers {
			if err := o.filed(tx, a, paper); err != nil {
				return err
			}
		}
		if err := owePaper(tx, a, "application-paper", string(id)); err != nil {
			return err
		}
		if err := o.accounts(tx, a, p.Stem); err != nil {
			return err
		}
		return write(tx, a, letter{
			To: []dars.PersonID{form.ContactID}, Roles: []dars.Role{dars.CaseOfficer},
			Subject: fmt.Sprintf("%s %s: application received", p.Stem, p.Version()),
			Body:    fmt.Sprintf("The application %q has been received as %s %s.%s\n\nIts initial review looks at the legal basis, security, technical feasibility and purpose. The service-level clock starts when it has passed.\n", form.Title, p.Stem, p.Version(), mended(p)),
		})
	})
	if unknown {
		return "", false, o.refused(ctx, a, in, &draft, of, nil)
	}
	return id, again, err
}

// refused refuses for what is wrong with a form, and for what the office's records
// say of it: who mends the one is told the other in the same breath.
func (o Applications) refused(ctx context.Context, a dars.Act, in Arrived, d *dars.Draft, of string, wrong []dars.Mistake) error {
	list := Checklist{Wrong: wrong}
	if !d.Broken {
		if err := o.Store.View(ctx, func(tx *store.Tx) error { return o.ask(tx, a, d, of, &list) }); err != nil {
			return err
		}
	}
	return dars.RefuseMistakes(in.Name, dars.TheForm, told(d, list.Wrong))
}

// mended is a sentence on what differs from the version that was referred back.
func mended(p *dars.Application) string {
	newest := p.Submissions[len(p.Submissions)-1]
	switch {
	case len(p.Submissions) == 1 || p.Minor == 0:
		return ""
	case len(newest.Changed) == 0:
		return "\n\nIts form is the same as the one that was referred back."
	}
	return fmt.Sprintf("\n\nChanged since it was referred back: %s (darsd application diff %s).", strings.Join(newest.Changed, ", "), p.Stem)
}

// applicationsOpen refuses applications of an organisation that still owes a
// certificate of destruction on the day its audit is triggered, or is suspended by a
// sanction.
func (o Applications) applicationsOpen(tx *store.Tx, form dars.Form, on dars.Day) error {
	if err := unsanctioned(tx, dars.StopApplications, append(slices.Clone(form.Controllers), form.Organisation)...); err != nil {
		return err
	}
	for _, code := range append(slices.Clone(form.Controllers), form.Organisation) {
		certs, err := store.Find[dars.Certificate](tx, dars.By("holder", code))
		if err != nil {
			return err
		}
		for _, c := range certs {
			if c.Blocks(on) && on >= c.Counts().Add(o.Policy.AuditAfterDays) {
				return c.Holds("applications-blocked", code, "nothing new is taken in from it")
			}
		}
	}
	return nil
}

// enter makes the application: a new one, the next minor version of one that was
// referred back, whose form was the one before, or the next major version of its
// case.
func (o Applications) enter(tx *store.Tx, a dars.Act, who *dars.Person, d *dars.Draft, of string) (p *dars.Application, before *dars.Form, err error) {
	p, wrong, err := o.place(tx, who, d, of, o.today(a))
	if err != nil {
		return nil, nil, err
	}
	if err := dars.RefuseMistakes(cmp.Or(of, d.Form.Previous), dars.TheForm, d.Placed(wrong)); err != nil {
		return nil, nil, err
	}
	if p.State != "" {
		was := p.Form
		return p, &was, p.Resubmit(a, d.Form, o.today(a))
	}
	if p.Stem == "" {
		last, err := tx.LastKey("application", "case")
		if err != nil {
			return nil, nil, err
		}
		n, err := nextNumber(tx, "application", last)
		if err != nil {
			return nil, nil, err
		}
		p.Stem = dars.CaseStem(n)
	}
	p.State, p.Form, p.Submitted, p.By = dars.Submitted, d.Form, o.today(a), a.Who
	p.AssessedBy, p.Decisions, p.Evidence, p.Actions = []dars.PersonID{}, []dars.Decision{}, []dars.EvidenceFile{}, []dars.Action{}
	return p, nil, nil
}

// place finds where an application belongs: the one that it is submitted again
// for, which has a state; or an empty one, with the case and version that it
// would get. What is wrong with its place is told as mistakes of the form.
func (o Applications) place(tx *store.Tx, who *dars.Person, d *dars.Draft, of string, on dars.Day) (*dars.Application, []dars.Mistake, error) {
	form := &d.Form
	kind := cmp.Or(form.Kind, dars.NewCase)
	ref := cmp.Or(of, form.Previous)
	if ref == "" {
		return &dars.Application{Major: 1, Kind: kind}, nil, nil
	}
	versions, err := caseOf(tx, ref)
	if err != nil {
		return nil, nil, err
	}
	newest := slices.MaxFunc(versions, func(a, b *dars.Application) int { return cmp.Compare(a.Major, b.Major) })
	if err := ownCase(who, newest.Form.Organisation, "application", ref); err != nil {
		return nil, nil, err
	}
	if newest.Form.Organisation != form.Organisation {
		return nil, nil, dars.Refuse("other-organisation", newest.ID(), "application %s is of %s, not of %s: name a case of the organisation that applies, or none", newest.ID(), newest.Form.Organisation, form.Organisation)
	}
	if newest.State == dars.ReferredBack || kind == dars.NewCase {
		if newest.Ended() {
			return nil, nil, dars.Refuse("wrong-step", newest.ID(), "application %s is %s and is not submitted again: its next version says kind: renewal, amendment, extension or retention-only, as darsd application template --from %s --kind renewal prints it", newest.ID(), newest.State, newest.Stem)
		}
		if newest.Kind != kind {
			return nil, nil, dars.Refuse("other-kind", newest.ID(), "application %s is %s, and this form says kind: %s: say the same, or withdraw the one and apply for the other", newest.ID(), newest.Kind, kind)
		}
		return newest, nil, nil
	}
	major, err := dars.Next(newest.Stem, versions)
	if err != nil {
		return nil, nil, err
	}
	if r, err := newestRestoration(tx); err != nil {
		return nil, nil, err
	} else if r != nil {
		major += r.Lost(newest.Submitted, o.Calendar)
	}
	agreements, err := store.Find[dars.Agreement](tx, dars.By("case", newest.Stem))
	if err != nil {
		return nil, nil, err
	}
	return &dars.Application{Stem: newest.Stem, Major: major, Kind: kind}, form.Follows(agreements, on), nil
}

// caseOf is every application of a case, as forms name it: perhaps by its number
// alone.
func caseOf(tx *store.Tx, ref string) ([]*dars.Application, error) {
	if _, err := dars.ParseReference(ref); err != nil {
		return nil, err
	}
	versions, err := store.Find[dars.Application](tx, dars.By("case", caseNamed(ref)))
	if err == nil && len(versions) == 0 {
		err = notHere(tx, ref)
	}
	return versions, err
}

// notHere refuses a case of which there is no application. One that a register names
// has none for good: there is nothing here to be renewed.
func notHere(tx *store.Tx, ref string) error {
	imported, err := store.Find[dars.ImportedAgreement](tx, dars.By("case", caseNamed(ref)))
	switch {
	case err != nil:
		return err
	case len(imported) > 0:
		return dars.Refuse("not-found", ref, "%s was agreed before applications were kept here: apply anew (kind: new, without previous), and say in the purpose what it goes on from", ref)
	}
	return dars.Refuse("not-found", ref, "there is no application %s", ref)
}

// read reads the form and the files that it names, and says what is wrong with
// them: everything but what the office's records would say.
func (o Applications) read(in Arrived, of string, on dars.Day) (draft dars.Draft, text broughtFile, brought []broughtFile, wrong []dars.Mistake, err error) {
	content, err := formIn(in)
	if err != nil {
		return draft, text, nil, nil, err
	}
	draft = o.Works.Reader.Application(content)
	if form := &draft.Form; form.Kind != "" && form.Kind != dars.NewCase {
		form.Previous = cmp.Or(form.Previous, of)
	}
	sum := sha256.Sum256(content)
	text = broughtFile{dars.EvidenceFile{File: dars.TheForm, Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}, string(content)}
	brought, bad, err := evidenceOf(in, &draft)
	wrong = draft.Check(o.Catalogue)
	if !draft.Broken {
		wrong = append(wrong, draft.Form.CheckTerm(on)...)
		wrong = append(wrong, draft.Form.CheckGateways(on)...)
	}
	return draft, text, brought, append(wrong, bad...), err
}

// Review notes the initial review.
func (o Applications) Review(ctx context.Context, a dars.Act, ref string, r dars.Review) error {
	return o.step(ctx, a, "application review", ref, func(tx *store.Tx, p *dars.Application) error { return p.Reviewed(inName(tx, a), r, o.today(a)) })
}

// Accept lets an application in and starts its clock. Record-level data need a
// framework contract in force with every controller.
func (o Applications) Accept(ctx context.Context, a dars.Act, ref string) error {
	return o.step(ctx, a, "application accept", ref, func(tx *store.Tx, p *dars.Application) error {
		if dars.RecordLevel(p.Form.Datasets) {
			for _, c := range p.Form.Controllers {
				if _, err := contractInForce(tx, c, o.today(a)); err != nil {
					return err
				}
			}
		}
		if err := o.compare(tx, a, p); err != nil {
			return err
		}
		c, err := o.calendar(tx, "")
		if err != nil {
			return err
		}
		if err := p.Accept(inName(tx, a), c, o.today(a)); err != nil {
			return err
		}
		if list, err := dars.PricesOn(o.Policy.PriceLists(), o.today(a)); err == nil { // else nothing can be charged yet
			p.Prices = &list
		}
		if err := o.grounded(tx, p, o.today(a)); err != nil {
			return err
		}
		return o.agreesWithRecord(tx, p)
	})
}

// agreesWithRecord refuses a form that says of an organisation what the office's record
// contradicts.
func (o *Office) agreesWithRecord(tx *store.Tx, p *dars.Application) error {
	for _, code := range p.Form.All() {
		org, err := store.Get[dars.Organisation](tx, code)
		if err != nil {
			return err
		}
		for _, m := range p.Form.Contradicts(org, dars.Inside) {
			return dars.Refuse(m.Rule, p.ID(), "application %s: %s", p.ID(), m.Says)
		}
	}
	return nil
}

// ReferBack returns an application to the applicant, with a list of what is needed.
func (o Applications) ReferBack(ctx context.Context, a dars.Act, ref string) error {
	return o.step(ctx, a, "application refer-back", ref, func(tx *store.Tx, p *dars.Application) error {
		return p.ReferBack(inName(tx, a), o.today(a))
	}, func(tx *store.Tx, p *dars.Application) error {
		return write(tx, a, letter{To: []dars.PersonID{p.Form.ContactID}, For: p.Form.Organisation,
			Subject: fmt.Sprintf("%s: application referred back", p.Stem),
			Body:    fmt.Sprintf("Your application %q is referred back.\n\n%sMend it and submit it again under %s.\n", p.Form.Title, needed(p, a.Why, o.today(a)), p.Stem)})
	})
}

// needed is the part of a letter that says why an application comes back, and what
// is asked for.
func needed(p *dars.Application, why string, on dars.Day) string {
	var b strings.Builder
	if why != "" {
		fmt.Fprintf(&b, "%s\n\n", quoted(why))
	}
	if list := p.Needed(on); len(list) > 0 {
		fmt.Fprintf(&b, "What is needed:\n\n    %s\n\n", strings.Join(list, "\n    "))
	}
	return b.String()
}

// Withdraw is the applicant's own end of it.
func (o Applications) Withdraw(ctx context.Context, a dars.Act, ref string) error {
	return o.withdraw(ctx, a, ref)
}

func (o Applications) withdraw(ctx context.Context, a dars.Act, ref string, then ...func(*store.Tx, *dars.Application) error) error {
	return o.step(ctx, a, "application withdraw", ref, func(_ *store.Tx, p *dars.Application) error { return p.Withdraw(a, o.today(a)) }, then...)
}

// step lets one application take a step.
func (o *Office) step(ctx context.Context, a dars.Act, act, ref string, decide func(*store.Tx, *dars.Application) error, then ...func(*store.Tx, *dars.Application) error) error {
	return o.do(ctx, a, act, func(tx *store.Tx, who *dars.Person) error {
		p, err := atWork(tx, ref)
		if err != nil {
			return err
		}
		if err := ownCase(who, p.Form.Organisation, "application", ref); err != nil {
			return err
		}
		if err := decide(tx, p); err != nil {
			return err
		}
		return keep(tx, a, act, p, then...)
	})
}
