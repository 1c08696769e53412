package office

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// Issue draws up the agreement of an approved application, for signature.
func (o Agreements) Issue(ctx context.Context, a dars.Act, application string, start, end dars.Day) (id dars.AgreementID, err error) {
	err = o.do(ctx, a, "agreement issue", func(tx *store.Tx, _ *dars.Person) error {
		p, err := atWork(tx, application)
		if err != nil {
			return err
		}
		if p.State != dars.Approved {
			return dars.Refuse("wrong-step", p.ID(), "application %s is %s; an agreement is issued for an approved one", p.ID(), p.State)
		}
		if err := o.grounded(tx, p, o.today(a)); err != nil {
			return err
		}
		if err := p.Unblocked(dars.StageIssue); err != nil {
			return err
		}
		if err := unsanctioned(tx, dars.StopApplications, append(slices.Clone(p.Form.Controllers), p.Form.Organisation)...); err != nil {
			return err
		}
		g := &dars.Agreement{
			ID: versionOf(p), Stem: p.Stem, Version: p.Version(), Application: p.ID(), Title: p.Form.Title, Kind: p.Kind,
			Org: p.Form.Organisation, Contact: p.Form.ContactID, Recipients: p.Form.Recipients, Processors: slices.Clone(p.Form.Processors), Sublicensed: slices.Clone(p.Form.Sublicensees),
			Datasets: p.Form.Datasets, Start: cmp.Or(start, p.Form.Start), End: cmp.Or(end, p.Form.End), Issued: o.today(a),
			State: dars.AgreementIssued, ConfirmedBy: []dars.PersonID{}, Steps: []dars.Step{},
		}
		if err := p.CheckTerm(o.Policy.Terms, g.Start, g.End, g.Issued); err != nil {
			return err
		}
		if _, err := store.Get[dars.Agreement](tx, g.ID); err == nil {
			return dars.Refuse("known", g.ID, "agreement %s is issued already", g.ID)
		}
		if g.Objections, err = o.objectionsTerms(tx, p, g.Datasets); err != nil {
			return err
		}
		for _, c := range p.Form.Controllers {
			signing := dars.Signing{Org: c}
			if dars.RecordLevel(g.Datasets) {
				contract, err := contractInForce(tx, c, o.today(a))
				if err != nil {
					return err
				}
				signing.Contract = contract.ID
			}
			g.Controllers = append(g.Controllers, signing)
		}
		id = g.ID
		if err := tx.Save(a, "agreement issue", g); err != nil {
			return err
		}
		if err := o.awaitSignature(tx, a, "agreement issue", g); err != nil {
			return err
		}
		if err := owePaper(tx, a, "agreement", string(id)); err != nil {
			return err
		}
		return write(tx, a, letter{To: []dars.PersonID{g.Contact},
			Subject: fmt.Sprintf("%s: Data Sharing Agreement for signature", g.ID),
			Body:    fmt.Sprintf("The Data Sharing Agreement %s lies under papers/ in your SFTP folder.\n\nHave every controller sign it, and put the signed copy, all pages, into submit/.\n", g.ID)})
	})
	return id, err
}

// TakeCopy takes in a signed copy. The copy says itself which agreement it is
// of; people then confirm what it shows.
func (o Agreements) TakeCopy(ctx context.Context, a dars.Act, in Arrived, pdf []byte, then ...func(*store.Tx, *dars.Agreement) error) (g *dars.Agreement, err error) {
	copy, err := o.returnedCopy(ctx, in, pdf)
	if err != nil {
		return nil, err
	}
	return o.take(ctx, a, in, pdf, copy, then...)
}

// take is TakeCopy of one that has been read.
func (o Agreements) take(ctx context.Context, a dars.Act, in Arrived, pdf []byte, copy dars.ReturnedCopy, then ...func(*store.Tx, *dars.Agreement) error) (g *dars.Agreement, err error) {
	ref := copy.Ref
	vault, err := o.kept(in, pdf)
	if err != nil {
		return nil, err
	}
	err = o.do(ctx, a, "agreement copy", func(tx *store.Tx, who *dars.Person) error {
		if g, err = store.Get[dars.Agreement](tx, ref); err == nil {
			err = ownCase(who, g.Org, "agreement", ref)
		}
		var no *dars.Refusal
		if errors.As(err, &no) {
			return dars.Refuse("no-agreement", ref, "%s says it is agreement %s, which this office has not issued to its sender", in.Name, ref)
		}
		if err != nil {
			return err
		}
		if g.State == dars.AgreementIssued && g.Copy.Is(in.SHA256) {
			return also(tx, g, then) // by another door as well: who has looked at it need not look again
		}
		p := o.copyPaper(a, in, SignedCopyPaper, ref, "signed-"+ref, pdf, vault)
		if err := g.CopyReceived(dars.SignedCopy{SHA256: in.SHA256, Received: o.today(a), MissingPages: append([]int{}, copy.Missing...)}); err != nil {
			return err
		}
		if err := o.filed(tx, a, p); err != nil {
			return err
		}
		g.Copy.Paper = p.ID
		if err := keep(tx, a, "agreement copy", g, then...); err != nil {
			return err
		}
		if err := o.signatureCame(tx, a, "agreement copy", g); err != nil {
			return err
		}
		if !g.Copy.Whole() {
			return o.tellLacking(tx, a, g)
		}
		return write(tx, a, letter{Routine: "agreement copy", Roles: []dars.Role{dars.CaseOfficer},
			Subject: fmt.Sprintf("%s: signed copy received", ref),
			Body:    fmt.Sprintf("A signed copy of agreement %s has come in (paper %s). Two of you are to look at it and confirm it:\n\n    darsd agreement print %s --copy > copy.pdf\n    darsd agreement confirm %s --page 1 --out page.jpg\n    darsd agreement confirm %s\n", ref, p.ID, ref, ref, ref)})
	})
	return g, err
}

// tellLacking asks for the pages that a signed copy lacks: nobody can confirm it. It may
// have come by post, so its sender has seen no verdict.
func (o Agreements) tellLacking(tx *store.Tx, a dars.Act, g *dars.Agreement) error {
	return write(tx, a, letter{To: []dars.PersonID{g.Contact}, Subject: fmt.Sprintf("%s: pages of the signed copy are missing", g.ID),
		Body: fmt.Sprintf("A signed copy of agreement %s has come in, and %s: it cannot be confirmed. Put the signed copy, all pages in one file, into submit/.\n", g.ID, g.Copy.Lacks())})
}

// Confirm is one officer's word that the copy is good, and signed by some
// controllers; by all who had not signed yet, if none is named. Until the copies
// of the others come the applicant is waited for.
func (o Agreements) Confirm(ctx context.Context, a dars.Act, id dars.AgreementID, signed ...dars.OrgCode) error {
	seen, err := o.seenCopies(ctx, a, string(id))
	if err != nil {
		return err
	}
	return one(ctx, o.Office, a, "agreement confirm", id,
		func(a dars.Act, g *dars.Agreement) error {
			if err := mustBeSeen(g.Copy, seen, "agreement", string(id)); err != nil {
				return err
			}
			return g.Confirm(a, o.today(a), signed...)
		},
		func(tx *store.Tx, g *dars.Agreement) error {
			missing := len(g.Unsigned())
			if missing == 0 || missing == len(g.Controllers) {
				return nil
			}
			return o.awaitSignature(tx, a, "agreement confirm", g)
		})
}

// Countersign is the office's signature. Each controller has a framework contract
// then, as at the issue. From its start the agreement is in force, and takes the
// place of the version before.
func (o Agreements) Countersign(ctx context.Context, a dars.Act, id dars.AgreementID) error {
	return o.do(ctx, a, "agreement countersign", func(tx *store.Tx, _ *dars.Person) error {
		g, err := store.Get[dars.Agreement](tx, id)
		if err != nil {
			return err
		}
		if err := g.Countersign(inName(tx, a), o.today(a)); err != nil {
			return err
		}
		if err := contracted(tx, g, o.today(a)); err != nil {
			return err
		}
		if err := unsanctioned(tx, dars.StopApplications, append(parties(g), g.Org)...); err != nil {
			return err
		}
		if err := caveated(tx, g, dars.StageInForce); err != nil {
			return err
		}
		if err := o.newest(tx, a, "agreement countersign", g); err != nil {
			return err
		}
		if err := keep(tx, a, "agreement countersign", g); err != nil {
			return err
		}
		err = write(tx, a, letter{To: []dars.PersonID{g.Contact},
			Subject: fmt.Sprintf("%s: agreement signed", g.ID),
			Body:    fmt.Sprintf("Agreement %s is signed by all parties. %s\n", g.ID, runs(g))})
		if err != nil || g.State != dars.InForce {
			return err
		}
		return o.begun(tx, a, g)
	})
}

// runs says from when to when an agreement is in force, as far as that is known.
func runs(g *dars.Agreement) string {
	if g.State == dars.InForce {
		return fmt.Sprintf("It is in force from %s to %s.", g.InForceFrom().Long(), g.End.Long())
	}
	if g.Blocked(dars.StageInForce) != nil {
		return fmt.Sprintf("Its term is from %s to %s. It comes into force when all is met that stands before that.", g.Start.Long(), g.End.Long())
	}
	return fmt.Sprintf("It comes into force on %s and ends on %s.", g.Start.Long(), g.End.Long())
}

// AddCollector lets one more person collect under an agreement. They are told
// what lies ready, and the contact that they may have it.
func (o Agreements) AddCollector(ctx context.Context, a dars.Act, id dars.AgreementID, login string) error {
	return o.collector(ctx, a, id, login, func(tx *store.Tx, g *dars.Agreement, p *dars.Person) error {
		if err := g.AddCollector(a, p); err != nil {
			return err
		}
		open, err := store.Find[dars.Release](tx, dars.By("agreement", g.ID))
		if err != nil {
			return err
		}
		for _, r := range open {
			if !r.Open(o.today(a)) {
				continue
			}
			known, err := o.Catalogue.Dataset(r.Dataset)
			if err == nil {
				err = Releases(o).notify(tx, a, r, g, known, p.ID)
			}
			if err != nil {
				return err
			}
		}
		return write(tx, a, letter{To: []dars.PersonID{g.Contact}, Names: []dars.PersonID{p.ID},
			Subject: fmt.Sprintf("%s: one more person may collect", g.ID),
			Body:    fmt.Sprintf("From now on %s may collect what is released under agreement %s. If you did not ask for that, tell us at once.\n", p.ID, g.ID)})
	})
}

// RemoveCollector ends that.
func (o Agreements) RemoveCollector(ctx context.Context, a dars.Act, id dars.AgreementID, login string) error {
	return o.collector(ctx, a, id, login, func(_ *store.Tx, g *dars.Agreement, p *dars.Person) error { return g.RemoveCollector(a, p) })
}

func (o Agreements) collector(ctx context.Context, a dars.Act, id dars.AgreementID, login string, change func(*store.Tx, *dars.Agreement, *dars.Person) error) error {
	return o.do(ctx, a, "agreement collector", func(tx *store.Tx, _ *dars.Person) error {
		g, err := store.Get[dars.Agreement](tx, id)
		if err != nil {
			return err
		}
		p, err := byLogin(tx, login)
		if err != nil {
			return err
		}
		if err := change(tx, g, p); err != nil {
			return err
		}
		return tx.Save(a, "agreement collector", g)
	})
}

// Terminate ends an agreement before its time. What was sent is to be destroyed,
// as at its end.
func (o Agreements) Terminate(ctx context.Context, a dars.Act, id dars.AgreementID) error {
	return o.do(ctx, a, "agreement terminate", func(tx *store.Tx, _ *dars.Person) error {
		g, err := store.Get[dars.Agreement](tx, id)
		if err != nil {
			return err
		}
		if err := g.Terminate(a, o.today(a)); err != nil {
			return err
		}
		return o.wind(tx, a, "agreement terminate", g)
	})
}

// Print writes the paper of an agreement: the one that was issued, or the signed
// copy that came back.
func (o Agreements) Print(ctx context.Context, a dars.Act, id dars.AgreementID, copy bool, to io.Writer) error {
	kind := "agreement"
	if copy {
		kind = SignedCopyPaper
	}
	var paper *dars.Paper
	err := o.Store.View(ctx, func(tx *store.Tx) error {
		who, err := actor(tx, a)
		if err != nil {
			return err
		}
		g, err := store.Get[dars.Agreement](tx, id)
		if err != nil {
			return err
		}
		if err := ownCase(who, g.Org, "agreement", string(id)); err != nil {
			return err
		}
		all, err := store.Find[dars.Paper](tx, dars.By("about", id), dars.By("kind", kind))
		if err == nil && len(all) == 0 {
			err = dars.Refuse("not-found", id, "there is no %s of agreement %s yet", kind, id)
		}
		if err == nil {
			paper = all[len(all)-1]
			if copy {
				paper, err = copyThatCounts(tx, string(id), paper)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return o.pour(paper, to)
}
