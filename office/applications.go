package office

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// Submit takes in an application: a folder with application.yaml and the
// evidence that it names. One that was referred back is submitted again under
// its reference.
func (o Applications) Submit(ctx context.Context, a dars.Act, in Arrived, again string, then ...func(*store.Tx, *dars.Application) error) (id dars.ApplicationID, err error) {
	form, text, brought, err := o.read(in)
	if err != nil {
		return "", err
	}
	for _, b := range append([]broughtFile{text}, brought...) {
		if err := o.Works.Vault.Write("", received(b.SHA256), strings.NewReader(b.content)); err != nil {
			return "", err
		}
	}
	err = o.do(ctx, a, "application submit", func(tx *store.Tx, who *dars.Person) error {
		if err := o.known(tx, who, &form, o.today(a)); err != nil {
			return err
		}
		if err := o.applicationsOpen(tx, form, o.today(a)); err != nil {
			return err
		}
		p, err := o.enter(tx, a, who, form, again)
		if err != nil {
			return err
		}
		id = p.ID()
		p.TakeEvidence(a, filesOf(brought), o.today(a))
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
		return write(tx, a, letter{
			To: []dars.PersonID{form.ContactID}, Roles: []dars.Role{dars.CaseOfficer},
			Subject: fmt.Sprintf("%s %s: application received", p.Stem, p.Version()),
			Body:    fmt.Sprintf("The application %q has been received as %s %s.\n\nIts initial review looks at the legal basis, security, technical feasibility and purpose. The service-level clock starts when it has passed.\n", form.Title, p.Stem, p.Version()),
		})
	})
	return id, err
}

// applicationsOpen refuses applications of an organisation that still owes a
// certificate of destruction on the day its audit is triggered.
func (o Applications) applicationsOpen(tx *store.Tx, form dars.Form, on dars.Day) error {
	for _, code := range append(slices.Clone(form.Controllers), form.Organisation) {
		certs, err := store.Find[dars.Certificate](tx, dars.By("holder", code))
		if err != nil {
			return err
		}
		for _, c := range certs {
			g, err := store.Get[dars.Agreement](tx, c.Agreement)
			if err != nil {
				return err
			}
			if c.Overdue(on) && on >= c.Since(g).Add(o.Policy.AuditAfterDays) {
				return dars.Refuse("applications-blocked", c.ID, "%s owes the certificate of destruction %s since %s: nothing new is taken in from it", code, c.ID, c.Due)
			}
		}
	}
	return nil
}

// enter makes the application, or the next minor version of one that was
// referred back.
func (o Applications) enter(tx *store.Tx, a dars.Act, who *dars.Person, form dars.Form, again string) (*dars.Application, error) {
	if again != "" {
		p, err := resolve(tx, again)
		if err != nil {
			return nil, err
		}
		if err := ownCase(who, p.Form.Organisation, "application", again); err != nil {
			return nil, err
		}
		if p.Form.Organisation != form.Organisation {
			return nil, dars.Refuse("other-organisation", p.ID(), "application %s is of %s, not of %s", p.ID(), p.Form.Organisation, form.Organisation)
		}
		return p, p.Resubmit(a, form, o.today(a))
	}
	last, err := tx.LastKey("application", "case")
	if err != nil {
		return nil, err
	}
	return &dars.Application{
		Stem: dars.CaseStem(next(last, "DARS-NIC-")), Major: 1, Kind: "new", State: dars.Submitted,
		Form: form, Submitted: o.today(a), By: a.Who, AssessedBy: []dars.PersonID{}, Decisions: []dars.Decision{}, Evidence: []dars.EvidenceFile{}, Actions: []dars.Action{},
	}, nil
}

// read reads the form and the files that it names.
func (o Applications) read(in Arrived) (form dars.Form, text broughtFile, brought []broughtFile, err error) {
	content, err := fs.ReadFile(in.Files, "application.yaml")
	if err != nil {
		return form, text, nil, dars.Refuse("no-form", in.Name, "there is no application.yaml in %s (darsd application template prints one)", in.Name)
	}
	if form, err = o.Works.Reader.Application(content); err != nil {
		return form, text, nil, dars.Refuse("bad-form", in.Name, "application.yaml: %v", err)
	}
	if wrong := form.Check(o.Catalogue); len(wrong) > 0 {
		return form, text, nil, dars.Refuse("bad-form", in.Name, "application.yaml: %s", strings.Join(wrong, "; "))
	}
	sum := sha256.Sum256(content)
	text = broughtFile{dars.EvidenceFile{File: "application.yaml", Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}, string(content)}
	brought, err = evidenceOf(in, &form)
	return form, text, brought, err
}

// filesOf are the facts of files without their content.
func filesOf(brought []broughtFile) (files []dars.EvidenceFile) {
	for _, b := range brought {
		files = append(files, b.EvidenceFile)
	}
	return files
}

// known refuses a form that names people or organisations whom the office does
// not know, and puts their references in.
func (o Applications) known(tx *store.Tx, who *dars.Person, form *dars.Form, on dars.Day) error {
	if err := ownCase(who, form.Organisation, "organisation", string(form.Organisation)); err != nil {
		return dars.Refuse("other-organisation", form.Organisation, "an application is submitted by the organisation it is for: %s is not yours", form.Organisation)
	}
	for _, code := range slices.Concat([]dars.OrgCode{form.Organisation}, form.Controllers, form.Processors) {
		if _, err := store.Get[dars.Organisation](tx, code); err != nil {
			return err
		}
	}
	contact, err := byLogin(tx, form.Contact)
	if err != nil {
		return err
	}
	if !slices.Contains(slices.Concat([]dars.OrgCode{form.Organisation}, form.Controllers, form.Processors), contact.Org) {
		return dars.Refuse("no-contact", form.Contact, "%s is not of %s or of a controller or processor that the application names, and cannot be its contact", form.Contact, form.Organisation)
	}
	form.ContactID, form.Recipients = contact.ID, nil
	for _, login := range form.Collectors {
		p, err := byLogin(tx, login)
		if err != nil {
			return err
		}
		if !p.Has(dars.Collector) || p.Org != form.Organisation && !slices.Contains(form.Controllers, p.Org) && !slices.Contains(form.Processors, p.Org) {
			return dars.Refuse("no-collector", login, "%s is not a collector of %s or of a controller or processor that the application names", login, form.Organisation)
		}
		form.Recipients = append(form.Recipients, p.ID)
	}
	return nil
}

// Review notes the initial review.
func (o Applications) Review(ctx context.Context, a dars.Act, ref string, r dars.Review) error {
	return o.step(ctx, a, "application review", ref, func(_ *store.Tx, p *dars.Application) error { return p.Reviewed(a, r) })
}

// Accept lets an application in and starts its clock. Record-level data need a
// framework contract in force with every controller.
func (o Applications) Accept(ctx context.Context, a dars.Act, ref string) error {
	return o.step(ctx, a, "application accept", ref, func(tx *store.Tx, p *dars.Application) error {
		if route, _ := p.Route(); route != "aggregate" {
			for _, c := range p.Form.Controllers {
				if _, err := contractInForce(tx, c, o.today(a)); err != nil {
					return err
				}
			}
		}
		c, err := o.calendar(tx, "")
		if err != nil {
			return err
		}
		if err := p.Accept(a, c, o.today(a)); err != nil {
			return err
		}
		return assured(tx, slices.Concat([]dars.OrgCode{p.Form.Organisation}, p.Form.Controllers, p.Form.Processors), o.today(a))
	})
}

// ReferBack returns an application to the applicant, with a list of what is needed.
func (o Applications) ReferBack(ctx context.Context, a dars.Act, ref string) error {
	return o.step(ctx, a, "application refer-back", ref, func(tx *store.Tx, p *dars.Application) error {
		return p.ReferBack(a, o.today(a))
	}, func(tx *store.Tx, p *dars.Application) error {
		return write(tx, a, letter{To: []dars.PersonID{p.Form.ContactID},
			Subject: fmt.Sprintf("%s: application referred back", p.Stem),
			Body:    fmt.Sprintf("Your application %q is referred back.\n\n%sMend it and submit it again under %s.\n", p.Form.Title, needed(p, a.Why, o.today(a)), p.Stem)})
	})
}

// needed is the part of a letter that says why an application comes back, and what
// is asked for.
func needed(p *dars.Application, why string, on dars.Day) string {
	var b strings.Builder
	if why != "" {
		fmt.Fprintf(&b, "%s\n\n", why)
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
		p, err := resolve(tx, ref)
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

// resolve finds an application by its stem, which means its newest version, or
// with a version.
func resolve(tx *store.Tx, ref string) (*dars.Application, error) {
	stem, major, minor, err := dars.ParseCase(ref)
	if err != nil {
		return nil, err
	}
	all, err := store.Find[dars.Application](tx, dars.By("case", stem))
	if err != nil {
		return nil, err
	}
	var found *dars.Application
	for _, p := range all {
		if (major == "" || fmt.Sprint(p.Major) == major) && (found == nil || p.Major > found.Major) {
			found = p
		}
	}
	if found == nil {
		return nil, dars.Refuse("not-found", ref, "there is no application %s", ref)
	}
	if minor != "" && fmt.Sprint(found.Minor) != minor {
		return nil, dars.Refuse("other-version", ref, "%s is at %s: look at it again before you act on it", found.Stem, found.Version())
	}
	return found, nil
}

// Assess is the word of the information asset owner of each dataset that is
// asked for.
func (o Committee) Assess(ctx context.Context, a dars.Act, ref string) error {
	return o.step(ctx, a, "decision assess", ref, func(tx *store.Tx, p *dars.Application) error {
		owners, err := o.owners(tx, a, p)
		if err != nil {
			return err
		}
		return p.Assess(a, owners, o.today(a))
	})
}

// PreReview is the secretary's look before the committee's.
func (o Committee) PreReview(ctx context.Context, a dars.Act, ref string) error {
	return o.step(ctx, a, "decision pre-review", ref, func(_ *store.Tx, p *dars.Application) error { return p.PreReview(a, o.today(a)) })
}

// Present puts an application before DAAG.
func (o Committee) Present(ctx context.Context, a dars.Act, ref string) error {
	return o.step(ctx, a, "decision present", ref, func(tx *store.Tx, p *dars.Application) error {
		if _, err := o.owners(tx, a, p); err != nil {
			return err
		}
		return p.Present(a, o.today(a))
	})
}

// Outcome notes what DAAG said.
func (o Committee) Outcome(ctx context.Context, a dars.Act, ref string, outcome dars.ApplicationState) error {
	return o.step(ctx, a, "decision outcome", ref, func(_ *store.Tx, p *dars.Application) error {
		return p.Outcome(a, outcome, o.today(a))
	}, func(tx *store.Tx, p *dars.Application) error {
		if outcome == dars.Rejected {
			return o.tell(tx, a, p)
		}
		return nil
	})
}

// SIRO is the decision. Its letter goes out with it.
func (o Committee) SIRO(ctx context.Context, a dars.Act, ref string, approve bool) error {
	return o.step(ctx, a, "decision siro", ref, func(_ *store.Tx, p *dars.Application) error {
		return p.SIRO(a, approve, o.today(a))
	}, func(tx *store.Tx, p *dars.Application) error { return o.tell(tx, a, p) })
}

// tell writes the letter that tells a decision.
func (o Committee) tell(tx *store.Tx, a dars.Act, p *dars.Application) error {
	if err := owePaper(tx, a, "letter", string(p.ID())); err != nil {
		return err
	}
	return write(tx, a, letter{To: []dars.PersonID{p.Form.ContactID},
		Subject: fmt.Sprintf("%s %s: %s", p.Stem, p.Version(), p.State),
		Body:    fmt.Sprintf("Your application %q (%s %s) is %s.\n\nThe letter lies under papers/ in your SFTP folder.\n", p.Form.Title, p.Stem, p.Version(), p.State)})
}

// owners returns the information asset owners of what is asked for, or refuses who
// is none of them.
func (o Committee) owners(tx *store.Tx, a dars.Act, p *dars.Application) (owners []dars.PersonID, err error) {
	for _, d := range p.Form.Datasets {
		known, err := o.Catalogue.Dataset(d.Code)
		if err != nil {
			return nil, err
		}
		owner, err := byLogin(tx, known.IAO)
		if err != nil {
			return nil, fmt.Errorf("the owner of %s: %w", d.Code, err)
		}
		owners = append(owners, owner.ID)
	}
	if !slices.Contains(owners, a.Who) {
		return nil, dars.Refuse("not-owner", p.ID(), "what application %s asks for belongs to %s: its owners assess and present it", p.ID(), strings.Trim(fmt.Sprint(owners), "[]"))
	}
	return owners, nil
}
