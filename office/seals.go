package office

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"darsd/dars"
	"darsd/store"
)

// MayRotateSeal refuses who may not, or who gives no reason. The key is a file, which
// is changed before the log can say so.
func (o Parties) MayRotateSeal(ctx context.Context, a dars.Act) error {
	return o.Store.View(ctx, func(tx *store.Tx) error {
		_, err := o.allowed(tx, a, "seal rotate")
		if err == nil && a.Why == "" {
			err = dars.Refuse("no-reason", "seal", "say why the seal is exchanged with --reason: the log keeps it")
		}
		return err
	})
}

// SealRotated notes that papers are sealed with another certificate from now on.
func (o Parties) SealRotated(ctx context.Context, a dars.Act, certificate string) error {
	return o.do(ctx, a, "seal rotate", func(tx *store.Tx, _ *dars.Person) error {
		ref, err := number(tx, "seal", "SEAL-")
		if err != nil {
			return err
		}
		return tx.Save(a, "seal rotate", &dars.SealUsed{ID: ref, Certificate: certificate, Since: o.today(a), Reason: a.Why})
	})
}

// Published keeps a paper for the public as the office has issued it: verify then
// knows it, also when another has taken its place.
func (o Clock) Published(ctx context.Context, name string, content []byte, at time.Time) error {
	kept := fmt.Sprintf("papers/public-%x-%s", sha256.Sum256(content), name)
	p := dars.Paper{Kind: "publication", About: string(dars.TheOffice), Name: name, Day: o.Calendar.Day(at), Vault: kept}
	return o.file(ctx, dars.Act{Who: dars.ByClock, At: at, Via: dars.Clock}, p, content)
}

// Issued finds the paper that has a content, by its SHA-256; nil, if there is none.
func (o Desk) Issued(ctx context.Context, sha256 string) (paper *dars.Paper, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		same, err := store.Find[dars.Paper](tx, dars.By("sha256", sha256))
		for _, p := range same {
			if paper == nil || paper.From != "" && p.From == "" { // what is ours, before what came in with the same bytes
				paper = p
			}
		}
		return err
	})
	return paper, err
}

// IssuedLike finds a paper of the office's that has so many bytes and of which same
// says that it is the one; nil, if there is none. It looks through the vault.
func (o Desk) IssuedLike(ctx context.Context, size int64, same func(content []byte) bool) (*dars.Paper, error) {
	var all []*dars.Paper
	err := o.Store.View(ctx, func(tx *store.Tx) (err error) {
		all, err = store.Find[dars.Paper](tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if p.From != "" || p.Bytes != size {
			continue
		}
		var content bytes.Buffer
		if err := o.pour(p, &content); err != nil {
			return nil, err
		}
		if same(content.Bytes()) {
			return p, nil
		}
	}
	return nil, nil
}
