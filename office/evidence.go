package office

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// A broughtFile is a piece of evidence that came in, before an act has taken it.
type broughtFile struct {
	dars.EvidenceFile
	content string
}

// paper is how it is filed.
func (b broughtFile) paper(a dars.Act, about string, on dars.Day) *dars.Paper {
	return &dars.Paper{Kind: "evidence", About: about, Name: path.Base(b.File), SHA256: b.SHA256, Bytes: b.Bytes, Day: on, From: a.Who, Vault: received(b.SHA256)}
}

// received is where the vault keeps what came in, by its sum.
func received(sha256 string) string { return "received/" + sha256 }

// bring looks at what a piece of evidence is, by its content.
func bring(e dars.Evidence, content []byte) (broughtFile, error) {
	// Outsiders wrote these two; people write the numbers of patients into names.
	for what, text := range map[string]string{"the name of a file of evidence": e.File, "the reference of " + e.Kind: e.Ref} {
		if err := dars.CheckText("evidence", what, text); err != nil && text != "" {
			return broughtFile{}, err
		}
	}
	kind, err := dars.TypeOf(path.Base(e.File), content)
	if err != nil {
		return broughtFile{}, err
	}
	sum := sha256.Sum256(content)
	return broughtFile{dars.EvidenceFile{Kind: dars.KindOfEvidence(e.Kind), File: e.File, Ref: e.Ref, Approved: e.Approved, Renew: e.Renew, Expires: e.Expires,
		Type: kind, Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}, string(content)}, nil
}

// evidenceOf reads the files that a form names, and says what is wrong with them.
func evidenceOf(in Arrived, draft *dars.Draft) (brought []broughtFile, wrong []dars.Mistake, err error) {
	draft.Form.Evidence = slices.Clone(draft.Form.Evidence) // hashes are put in
	for i, e := range draft.Form.Evidence {
		if e.File == "" {
			continue // told already
		}
		field := fmt.Sprintf("evidence[%d].file", i)
		say := func(rule, format string, args ...any) {
			wrong = append(wrong, dars.Mistake{Line: draft.Line(field), Field: field, Says: fmt.Sprintf(format, args...), Rule: rule})
		}
		if !fs.ValidPath(e.File) {
			say("bad-form", "%q is not the name of a file beside application.yaml", e.File)
			continue
		}
		info, err := fs.Stat(in.Files, e.File)
		if err != nil || !info.Mode().IsRegular() {
			say("no-evidence", "there is no file %s beside application.yaml", e.File)
			continue
		}
		if info.Size() > Largest {
			say("too-large", "%s is larger than 64 MiB: scan it again with less detail, or send it in parts", e.File)
			continue
		}
		content, err := fs.ReadFile(in.Files, e.File)
		if err != nil {
			return nil, nil, err
		}
		b, err := bring(e, content)
		if err != nil {
			say("bad-evidence", "%v", err)
			continue
		}
		draft.Form.Evidence[i].SHA256 = b.SHA256
		brought = append(brought, b)
	}
	return brought, wrong, nil
}

// AddEvidence takes in one paper for an application by itself: what was asked for,
// or what was renewed while its agreement runs.
func (o Applications) AddEvidence(ctx context.Context, a dars.Act, ref string, e dars.Evidence, content []byte, then ...func(*store.Tx, *dars.Application) error) (n int, err error) {
	if k := dars.KindOfEvidence(e.Kind); k == "OTHER" && !strings.EqualFold(e.Kind, "other") {
		return 0, dars.Refuse("no-kind", ref, "say which kind of evidence it is: one of %s", strings.Join(dars.Codes(dars.EvidenceKinds), ", "))
	}
	b, err := bring(e, content)
	if err != nil {
		return 0, err
	}
	if err := o.mayReach(ctx, a, "application add", ref); err != nil {
		return 0, err
	}
	if err := o.Works.Vault.Write("", received(b.SHA256), strings.NewReader(b.content)); err != nil {
		return 0, err
	}
	err = o.step(ctx, a, "application add", ref, func(tx *store.Tx, p *dars.Application) error {
		if n, err = p.AddEvidence(a, b.EvidenceFile, o.today(a)); err != nil {
			return err
		}
		return o.filed(tx, a, b.paper(a, string(p.ID()), o.today(a)))
	}, append(then, func(tx *store.Tx, p *dars.Application) error {
		return write(tx, a, letter{Routine: "application add", Roles: []dars.Role{dars.CaseOfficer},
			Subject: fmt.Sprintf("%s: evidence added", p.Stem),
			Body: fmt.Sprintf("Evidence file %d has come in for %s %s: %s, %s.\n\nSomebody who did not hand it in is to look at it:\n\n    darsd application evidence %s --file %d --seen\n",
				n, p.Stem, p.Version(), dars.Meaning(dars.EvidenceKinds, b.Kind), b.File, p.Stem, n)})
	})...)
	return n, err
}

// mayReach refuses at once, before anything is written, whoever may not do
// something with an application.
func (o Applications) mayReach(ctx context.Context, a dars.Act, act, ref string) error {
	return o.Store.View(ctx, func(tx *store.Tx) error {
		who, err := o.allowed(tx, a, act)
		if err != nil {
			return err
		}
		p, err := atWork(tx, ref)
		if err != nil {
			return err
		}
		return ownCase(who, p.Form.Organisation, "application", ref)
	})
}

// Look notes what an officer says of a piece of evidence. The applicant is told
// of a refusal.
func (o Applications) Look(ctx context.Context, a dars.Act, ref string, n int, said dars.EvidenceState, read dars.Reading) error {
	return o.step(ctx, a, "application evidence", ref, func(tx *store.Tx, p *dars.Application) error {
		return p.Look(inName(tx, a), n, said, read, o.today(a))
	}, func(tx *store.Tx, p *dars.Application) error {
		if said != dars.EvidenceRefused {
			return nil
		}
		f, err := p.EvidenceFile(n)
		if err != nil {
			return err
		}
		return write(tx, a, letter{To: []dars.PersonID{p.Form.ContactID},
			Subject: fmt.Sprintf("%s: evidence refused", p.Stem),
			Body: fmt.Sprintf("The %s that you sent for %q (%s) is refused:\n\n%s\n\nSend another one: put it into submit/ as %s-evidence-%s.pdf, or\n\n    ssh … application evidence %[3]s --add - --kind %[6]s < FILE\n",
				dars.Meaning(dars.EvidenceKinds, f.Kind), p.Form.Title, p.ID(), quoted(a.Why), p.ID(), f.Kind)})
	})
}

// OpenEvidence opens a piece of evidence, for people of the office.
func (o Applications) OpenEvidence(ctx context.Context, a dars.Act, ref string, n int) (f *dars.EvidenceFile, content io.ReadCloser, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		who, err := actor(tx, a)
		if err != nil {
			return err
		}
		p, err := atWork(tx, ref)
		if err != nil {
			return err
		}
		if err := ownCase(who, p.Form.Organisation, "application", ref); err != nil {
			return err
		}
		if !who.Inside() {
			return dars.Refuse("no-power", p.ID(), "evidence is opened by people of the office; you have what you sent")
		}
		f, err = p.EvidenceFile(n)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	content, err = o.Works.Vault.Read("", received(f.SHA256))
	return f, content, err
}

// evidenced refuses a release under an agreement when what it rests on holds no
// more.
func (o *Office) evidenced(tx *store.Tx, g *dars.Agreement, terms dars.DatasetRequest, on dars.Day) error {
	p, err := store.Get[dars.Application](tx, g.Application)
	if err != nil {
		return err
	}
	return o.rests(tx, p, []dars.DatasetRequest{terms}, append(parties(g), g.Org), on)
}

// grounded refuses a step of an application when what it rests on holds no more.
func (o *Office) grounded(tx *store.Tx, p *dars.Application, on dars.Day) error {
	return o.rests(tx, p, p.Form.Datasets, p.Form.All(), on)
}

// rests refuses an application when, on a day, the evidence that some of its
// datasets need is wanting, or some of its organisations may not hold data.
func (o *Office) rests(tx *store.Tx, p *dars.Application, datasets []dars.DatasetRequest, orgs []dars.OrgCode, on dars.Day) error {
	if wanting := p.EvidenceWanting(datasets, on); len(wanting) > 0 {
		return dars.Refuse("evidence", p.ID(), "application %s does not stand on what it needs: %s: add the paper that holds with darsd application evidence %[1]s --add FILE --kind KIND, and have it seen", p.ID(), strings.Join(wanting, "; "))
	}
	for _, code := range orgs {
		org, err := store.Get[dars.Organisation](tx, code)
		if err != nil {
			return err
		}
		standing := p.Form.Standing(org)
		wrong := standing.Ended(code, on, dars.Inside)
		if o.needsStanding(p) {
			wrong = append(wrong, standing.Missing(code, dars.Inside)...)
		}
		if len(wrong) > 0 {
			return dars.Refuse(wrong[0].Rule, code, "%s", wrong[0].Says)
		}
	}
	return nil
}

// needsStanding reports whether everybody who will hold the data must be known to
// be registered and secure: record-level data need it, unless policy says otherwise.
func (o *Office) needsStanding(p *dars.Application) bool {
	route, _ := p.Route()
	return route != "aggregate" && o.Policy.Unassured != dars.AcceptUnassured
}

// RenewStanding enters the renewed registration or security of an organisation.
func (o Parties) RenewStanding(ctx context.Context, a dars.Act, code dars.OrgCode, renewed dars.Standing) error {
	return one(ctx, o.Office, a, "org assure", code, func(a dars.Act, g *dars.Organisation) error { return g.RenewStanding(a, renewed, o.today(a)) })
}
