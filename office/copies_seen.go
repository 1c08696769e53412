package office

import (
	"context"
	"slices"

	"darsd/dars"
	"darsd/store"
)

// seenCopies are the copies of an agreement or a contract that whoever acts has looked at.
// It reads the access log, which may be long: no act waits for that.
func (o *Office) seenCopies(ctx context.Context, a dars.Act, ref string) (seen []dars.PaperID, err error) {
	if o.Works.Opened == nil {
		return nil, nil
	}
	var copies []*dars.Paper
	err = o.Store.View(ctx, func(tx *store.Tx) (err error) {
		copies, err = store.Find[dars.Paper](tx, dars.By("about", ref), dars.By("kind", SignedCopyPaper))
		return err
	})
	if err != nil || len(copies) < 2 {
		return nil, err // it cannot be another
	}
	for _, p := range copies {
		looked, err := o.Works.Opened(a.Who, Look(p))
		if err != nil {
			return nil, err
		}
		if looked {
			seen = append(seen, p.ID)
		}
	}
	return seen, nil
}

// mustBeSeen refuses whoever confirms a copy and has looked at others alone: it may have
// come since they looked.
func mustBeSeen(copy *dars.SignedCopy, seen []dars.PaperID, kind, ref string) error {
	if copy == nil || len(seen) == 0 || slices.Contains(seen, copy.Paper) {
		return nil
	}
	return dars.Refuse("not-looked", ref, "another signed copy of %s has come since you looked at one (%s; you have seen %s): look at it with darsd %s confirm %s --page 1 --out FILE, or as a whole", ref, copy.Paper, seen[len(seen)-1], kind, ref)
}
