package office

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"darsd/dars"
	"darsd/store"
)

// A Sum is what a file of the vault was when it was kept. What is empty is not
// known.
type Sum struct{ SHA256, SHA512 string }

// Kept is every file of the vault of which the log says what it is, by its name
// there: packages that are not purged, tables, lists, cohorts and papers.
func (o Desk) Kept(ctx context.Context) (kept map[string]Sum, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		kept, err = Kept(tx)
		return err
	})
	return kept, err
}

// Kept is the same as of the moment of a transaction.
func Kept(tx *store.Tx) (map[string]Sum, error) {
	kept := map[string]Sum{}
	lists, err := store.Find[dars.List](tx)
	if err != nil {
		return nil, err
	}
	for _, l := range lists {
		kept[l.Vault] = Sum{SHA256: l.SHA256}
	}
	cohorts, err := store.Find[dars.CohortList](tx)
	if err != nil {
		return nil, err
	}
	for _, c := range cohorts {
		if c.Destroyed != "" {
			continue
		}
		kept[c.Vault] = Sum{SHA256: c.SHA256}
	}
	papers, err := store.Find[dars.Paper](tx)
	if err != nil {
		return nil, err
	}
	for _, p := range papers {
		kept[p.Vault] = Sum{SHA256: p.SHA256}
	}
	queries, err := store.Find[dars.Query](tx, dars.By("state", dars.QueryAnswered))
	if err != nil {
		return nil, err
	}
	for _, q := range queries {
		kept[q.Vault("csv")], kept[q.Vault("txt")], kept[q.Vault("signs")] = Sum{SHA256: q.Table.SHA256}, Sum{}, Sum{}
	}
	releases, err := store.Find[dars.Release](tx)
	for _, r := range releases {
		if r.Tabulation != nil && r.Tabulation.Made != nil {
			kept[TableSigns(r.ID, r.Attempt)] = Sum{}
		}
		for _, f := range r.Package() {
			kept[path.Join(PackageDir(r.ID, r.Attempt), f.Path)] = Sum{f.SHA256, f.SHA512}
		}
	}
	return kept, err
}

// Purging are the releases whose files are still to go: their purge is owed.
func (o Desk) Purging(ctx context.Context) (releases map[dars.ReleaseID]bool, err error) {
	releases = map[dars.ReleaseID]bool{}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		owed, err := tx.Outstanding()
		for i := range owed {
			if owed[i].What == owePurge && err == nil {
				err = read(&owed[i], func(r dars.ReleaseID) error {
					releases[r] = true
					return nil
				})
			}
		}
		return err
	})
	return releases, err
}

// PackageDir is where an attempt at a release lies in the vault.
func PackageDir(r dars.ReleaseID, attempt string) string {
	return path.Join("releases", string(r), attempt)
}

// Quarantine is where rows lie that could not be read while an attempt was packed:
// beside the package and no part of it, so that it goes when the package goes.
func Quarantine(r dars.ReleaseID, attempt string) string {
	return path.Join(PackageDir(r, attempt), "quarantine.csv")
}

// LastScrub is the end of the day of the last scrub, or of the office's first day.
func (o Desk) LastScrub(ctx context.Context) (at time.Time, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		all, err := store.Find[dars.Scrub](tx)
		if err != nil {
			return err
		}
		if n := len(all); n > 0 {
			at = o.Calendar.End(all[n-1].On)
			return nil
		}
		at, err = o.founded(tx)
		return err
	})
	return at, err
}

// founded is the end of the office's first day.
func (o *Office) founded(tx *store.Tx) (time.Time, error) {
	h, err := store.Get[dars.House](tx, "house")
	if err != nil {
		return time.Time{}, err
	}
	return o.Calendar.End(h.Since), nil
}

// Scrubbed notes a reading of the vault, and writes to the operators if something
// is damaged.
func (o Clock) Scrubbed(ctx context.Context, a dars.Act, s dars.Scrub) (id string, err error) {
	err = o.do(ctx, a, "scrub", func(tx *store.Tx, _ *dars.Person) error {
		if s.ID, err = number(tx, "scrub", "SCRUB-"); err != nil {
			return err
		}
		id, s.On = s.ID, o.today(a)
		if err := tx.Save(a, "scrub", &s); err != nil || len(s.Damaged) == 0 {
			return err
		}
		return write(tx, a, letter{Roles: []dars.Role{dars.Operator, dars.Compliance},
			Subject: fmt.Sprintf("%s: %d files of the vault are damaged", s.ID, len(s.Damaged)),
			Body:    fmt.Sprintf("The vault has been read through (%d files). This is damaged:\n\n%s\n\nBring it back from the backup.\n", s.Files, strings.Join(s.Damaged, "\n"))})
	})
	return id, err
}
