package office

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// Load takes in a version of the objections list. The file is kept, encrypted,
// as it came: a package is made from it, and the log can be held against it.
func (o Objections) Load(ctx context.Context, a dars.Act, open func() (io.ReadCloser, error), asAt dars.Day, then ...func(*store.Tx, *dars.List) error) (l *dars.List, err error) {
	l = &dars.List{AsAt: asAt, LoadedOn: o.today(a), LoadedBy: a.Who, LoadedVia: a.Via, Invalid: []dars.BadLine{}}
	if err := o.readList(open, l); err != nil {
		return nil, err
	}
	// Nothing is kept of a list that cannot be taken in.
	if err := o.Store.View(ctx, func(tx *store.Tx) error {
		if _, err := o.allowed(tx, a, "objections load"); err != nil {
			return err
		}
		return o.follow(tx, a, l)
	}); err != nil {
		return nil, err
	}
	f, err := open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	l.Vault = "objections/" + l.SHA256
	if err := o.Works.Vault.Write("", l.Vault, f); err != nil {
		return nil, err
	}
	return l, o.do(ctx, a, "objections load", func(tx *store.Tx, _ *dars.Person) error {
		if err := o.follow(tx, a, l); err != nil {
			return err
		}
		l.LoadedFor = inName(tx, a).For
		if err := keep(tx, a, "objections load", l, then...); err != nil {
			return err
		}
		if l.Usable {
			return o.oweTrials(tx, a, l)
		}
		return write(tx, a, letter{Roles: []dars.Role{dars.Compliance, dars.Producer},
			Subject: fmt.Sprintf("Objections list version %d is not used: %s", l.Version, l.WhyNot),
			Body:    fmt.Sprintf("Objections list version %d, as at %s, has been kept and is not used: %s. Until compliance has confirmed it, or a better one is loaded, nothing is packaged or published.\n\n    darsd objections confirm %d --reason \"…\"\n", l.Version, l.AsAt.Long(), l.WhyNot, l.Version)})
	})
}

// Confirm is compliance's word that a list beyond a limit is good all the same.
func (o Objections) Confirm(ctx context.Context, a dars.Act, version int) error {
	return o.do(ctx, a, "objections confirm", func(tx *store.Tx, _ *dars.Person) error {
		l, err := store.Get[dars.List](tx, dars.ListName(version))
		if err != nil {
			return err
		}
		newest, err := newestList(tx)
		if err != nil {
			return err
		}
		if newest.ID != l.ID {
			return dars.Refuse("wrong-step", l.ID, "objections list version %d was replaced by version %d: only the newest one counts", l.Version, newest.Version)
		}
		if err := l.Confirm(inName(tx, a), o.today(a)); err != nil {
			return err
		}
		if err := tx.Save(a, "objections confirm", l); err != nil {
			return err
		}
		return o.oweTrials(tx, a, l)
	})
}

func (o Objections) readList(open func() (io.ReadCloser, error), l *dars.List) error {
	f, err := open()
	if err != nil {
		return err
	}
	defer f.Close()
	numbers, invalid, n, sum, err := o.Works.Reader.List(f)
	if err != nil {
		return err
	}
	l.Numbers, l.InvalidN, l.SHA256, l.Invalid = numbers, n, sum, append(l.Invalid, invalid...)
	return nil
}

// follow names the list after the newest one, or refuses it.
func (o Objections) follow(tx *store.Tx, a dars.Act, l *dars.List) error {
	newest, err := newestList(tx)
	if err != nil {
		return err
	}
	last := ""
	if newest != nil {
		last = string(newest.ID)
	}
	if l.Version, err = nextNumber(tx, "objections list", last); err != nil {
		return err
	}
	l.ID = dars.ListName(l.Version)
	if err := l.Follow(newest, o.today(a)); err != nil {
		return err
	}
	before, err := usableList(tx)
	if err != nil {
		return err
	}
	l.Judge(before, o.Limits)
	return nil
}

// usableList returns the newest list that could be used, or nil: what a new one is
// held against.
func usableList(tx *store.Tx) (*dars.List, error) {
	all, err := store.Find[dars.List](tx, dars.By("state", "usable"))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[len(all)-1], nil
}

// newestList returns the list that counts, or nil.
func newestList(tx *store.Tx) (*dars.List, error) {
	all, err := store.Find[dars.List](tx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return slices.MaxFunc(all, func(a, b *dars.List) int { return cmp.Compare(a.Version, b.Version) }), nil
}

// fitList returns the list that packages are made with on a day, or refuses.
func (o *Office) fitList(tx *store.Tx, on dars.Day) (*dars.List, error) {
	l, err := newestList(tx)
	if err != nil {
		return nil, err
	}
	if l == nil {
		return nil, dars.NoList()
	}
	return l, l.Fit(on, o.Policy.MaxAgeDays)
}

// VerifyLists holds each list's file in the vault, and each cohort's, table's and paper's,
// against what the log says of it. Its error names all that differ.
func (o Objections) VerifyLists(ctx context.Context) error {
	type kept struct{ what, vault, sum string }
	var all []kept
	err := o.Store.View(ctx, func(tx *store.Tx) error {
		lists, err := store.Find[dars.List](tx)
		if err != nil {
			return err
		}
		for _, l := range lists {
			all = append(all, kept{"objections list " + string(l.ID), l.Vault, l.SHA256})
		}
		cohorts, err := store.Find[dars.CohortList](tx)
		if err != nil {
			return err
		}
		for _, c := range cohorts {
			if c.Destroyed != "" {
				continue
			}
			all = append(all, kept{"cohort " + string(c.ID), c.Vault, c.SHA256})
		}
		answered, err := store.Find[dars.Query](tx, dars.By("state", dars.QueryAnswered))
		if err != nil {
			return err
		}
		for _, q := range answered {
			all = append(all, kept{"query " + string(q.ID), q.Vault("csv"), q.Table.SHA256})
		}
		papers, err := store.Find[dars.Paper](tx)
		for _, p := range papers {
			all = append(all, kept{"paper " + string(p.ID), p.Vault, p.SHA256})
		}
		return err
	})
	wrong := []error{err}
	for _, k := range all {
		wrong = append(wrong, o.verifyFile(k.what, k.vault, k.sum))
	}
	return errors.Join(wrong...)
}

func (o *Office) verifyFile(what, vault, sum string) error {
	f, err := o.Works.Vault.Read("", vault)
	if err != nil {
		return dars.Refuse("damaged", what, "%s: its file in the vault cannot be read: %v", what, err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return dars.Refuse("damaged", what, "%s: its file in the vault is damaged: %v", what, err)
	}
	if hex.EncodeToString(h.Sum(nil)) != sum {
		return dars.Refuse("damaged", what, "%s: its file in the vault is not the one that the log knows", what)
	}
	return nil
}
