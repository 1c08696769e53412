package office

import (
	"context"
	"fmt"
	"io"

	"darsd/dars"
	"darsd/store"
)

// A Submitted is one version of an application as it came in.
type Submitted struct {
	Application *dars.Application
	Version     string // "v1.0"
	Text        []byte // application.yaml, as it was written
	Form        dars.Form
}

// Submitted returns a version of an application as it came in: the one that the
// reference names, else the newest.
func (o Desk) Submitted(ctx context.Context, who dars.PersonID, ref string) (s Submitted, err error) {
	named, err := dars.ParseReference(ref)
	if err != nil {
		return s, err
	}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		p, err := actor(tx, dars.Act{Who: who})
		if err != nil {
			return err
		}
		versions, err := caseOf(tx, ref)
		if err != nil {
			return err
		}
		for _, v := range versions {
			if (named.Major == "" || fmt.Sprint(v.Major) == named.Major) && (s.Application == nil || v.Major > s.Application.Major) {
				s.Application = v
			}
		}
		if s.Application == nil {
			return dars.Refuse("not-found", ref, "there is no application %s", ref)
		}
		return ownCase(p, s.Application.Form.Organisation, "application", ref)
	})
	if err != nil {
		return s, err
	}
	if named.Minor != "" {
		s.Version = fmt.Sprintf("v%s.%s", named.Major, named.Minor)
	}
	sub, err := s.Application.Submission(s.Version)
	if err != nil {
		return s, err
	}
	s.Version = sub.Version
	return s, o.reread(&s, sub)
}

// reread reads a form again from the vault. Its logins stand only there.
func (o Desk) reread(s *Submitted, sub dars.Submission) (err error) {
	f, err := o.Works.Vault.Read("", "received/"+sub.Files[dars.TheForm])
	if err != nil {
		return fmt.Errorf("the form of %s %s: %w", s.Application.Stem, s.Version, err)
	}
	defer f.Close()
	if s.Text, err = io.ReadAll(f); err != nil {
		return err
	}
	s.Form = o.Works.Reader.Application(s.Text).Form
	for i, e := range s.Form.Evidence {
		s.Form.Evidence[i].SHA256 = sub.Files[e.File]
	}
	return nil
}
