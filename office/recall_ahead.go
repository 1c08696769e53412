package office

import (
	"fmt"

	"darsd/dars"
	"darsd/store"
)

// A notice of a recall names what there was when it was started. What would begin after
// that asks here first: access to what is wrong is granted to nobody, and the program
// plans nothing of it unasked, until the recall is closed. A person who plans a release
// meanwhile says by that that what it is made from is mended.

// underRecall is the first recall under way whose incident affects a release that has not
// left, or nil. The release need not be kept yet.
func (o *Office) underRecall(tx *store.Tx, r *dars.Release, on dars.Day) (*dars.Recall, error) {
	started, err := store.Find[dars.Recall](tx, dars.By("state", dars.RecallStarted))
	for _, c := range started {
		i, err := store.Get[dars.Incident](tx, c.Incident)
		if err != nil {
			return nil, err
		}
		g, err := o.gather(tx, i, on)
		if err != nil {
			return nil, err
		}
		if _, _, touched, _, err := g.touches(r); err != nil || touched {
			return c, err
		}
	}
	return nil, err
}

// notUnderRecall refuses what would begin while a recall is under way that affects it.
func (o *Office) notUnderRecall(tx *store.Tx, r *dars.Release, on dars.Day) error {
	c, err := o.underRecall(tx, r, on)
	if err != nil || c == nil {
		return err
	}
	return dars.Refuse("recalled", r.Agreement, "recall %s is of what %s would be given under agreement %s: it waits until the recall is closed", c.ID, r.Dataset, r.Agreement)
}

// plannedUnasked is a release as the program plans it, at which nobody has looked.
func (o *Office) plannedUnasked(tx *store.Tx, a dars.Act, agreement dars.AgreementID, dataset string, periods []string) (*dars.Release, error) {
	r, err := o.planned(tx, a, agreement, dataset, periods)
	if err != nil {
		return nil, err
	}
	return r, o.notUnderRecall(tx, r, o.today(a))
}

// heldUnplanned says by which recall an instalment is kept from being planned, or "".
func (o *Office) heldUnplanned(tx *store.Tx, g *dars.Agreement, one dars.Instalment, on dars.Day) (string, error) {
	c, err := o.underRecall(tx, &dars.Release{Kind: dars.KindExtract, Agreement: g.ID, Dataset: one.Dataset, Periods: []string{one.Period}, State: dars.Planned,
		Objections: dars.Upheld{Treatment: g.Treats(o.Policy.Uphold, one.Dataset).Treatment}}, on)
	if err != nil || c == nil {
		return "", err
	}
	return fmt.Sprintf("recall %s is of what it would be made from; when that is mended, darsd release plan %s --dataset %s --period %s", c.ID, g.ID, one.Dataset, one.Period), nil
}
