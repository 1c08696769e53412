package office

import (
	"context"
	"fmt"

	"darsd/dars"
	"darsd/store"
)

// Oblige notes what is to be done before an agreement goes beyond a stage, and tells
// the contact.
func (o Agreements) Oblige(ctx context.Context, a dars.Act, id dars.AgreementID, what dars.Obligation) (n int, err error) {
	err = one(ctx, o.Office, a, "agreement oblige", id, func(g *dars.Agreement) (err error) {
		n, err = g.Oblige(a, what, o.today(a))
		return err
	}, func(tx *store.Tx, g *dars.Agreement) error {
		return write(tx, a, letter{To: []dars.PersonID{g.Contact},
			Subject: fmt.Sprintf("%s: something is to be done before %s", g.ID, what.Stage),
			Body:    fmt.Sprintf("Agreement %s does not go beyond %s until this is done:\n\n%s\n\nTell us when it is.\n", g.ID, what.Stage, what.Text)})
	})
	return n, err
}

// Meet says that an obligation is met. An agreement that waited for it is in force
// at once.
func (o Agreements) Meet(ctx context.Context, a dars.Act, id dars.AgreementID, n int) error {
	return one(ctx, o.Office, a, "agreement met", id,
		func(g *dars.Agreement) error { return g.Meet(a, n, o.today(a)) },
		func(tx *store.Tx, g *dars.Agreement) error { return o.beginIfDue(tx, a, g.ID) })
}
