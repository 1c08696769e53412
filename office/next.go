package office

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// A Next is something that comes next of a noun: what somebody is to do, or what the
// clock will do if nobody acts.
type Next struct {
	What  string   `json:"what"`
	On    dars.Day `json:"on,omitempty"` // by which somebody is to do it, or on which the clock does
	Whose string   `json:"whose"`        // turn it is
}

// TheClock is whose turn it is where nobody need act.
const TheClock = "the clock"

// roles are whose turn an act is.
func roles(act string) string {
	var words []string
	for _, r := range dars.Powers[act] {
		words = append(words, string(r))
	}
	return strings.Join(words, " or ")
}

// byRole is an act that waits for somebody of the office.
func byRole(act, ref string, on dars.Day) Next {
	return Next{"darsd " + act + " " + ref, on, roles(act)}
}

// NextOf is what comes next of a release, as its own facts have it. Without more it is
// over.
func NextOf(r *dars.Release) (next []Next) {
	switch {
	case r.IsFrozen():
		next = append(next, byRole("release resume", string(r.ID)+", or withdraw", ""))
	case r.Access.Open():
		next = append(next, byRole("release usage", string(r.ID), r.Access.ReviewDue()))
	case releaseActs[r.State] != "":
		next = append(next, byRole(releaseActs[r.State], string(r.ID), ""))
	case r.IsTrying():
		next = append(next, Next{fmt.Sprintf("objections list version %d is tried on it", r.Late.Trying), "", TheClock})
	case r.State == dars.Published:
		next = append(next, Next{"collect it", r.WindowEnds, "recipients"})
	}
	if slices.Contains([]dars.ReleaseState{dars.Published, dars.Collected}, r.State) {
		next = append(next, Next{"our copy is purged", r.WindowEnds.Add(1), TheClock})
	}
	return next
}

// NextOfRelease is the same with the certificates that its files stand on.
func (o Desk) NextOfRelease(ctx context.Context, r *dars.Release) (next []Next, err error) {
	next = NextOf(r)
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		seen := map[dars.CertificateID]bool{}
		for _, f := range r.Files {
			all, err := store.Find[dars.Certificate](tx, dars.By("file", f.ID))
			if err != nil {
				return err
			}
			for _, c := range all {
				if !seen[c.ID] {
					next = append(next, nextOfCertificate(c)...)
				}
				seen[c.ID] = true
			}
		}
		return nil
	})
	return soonest(next), err
}

func nextOfCertificate(c *dars.Certificate) []Next {
	switch c.State {
	case dars.CertReceived:
		return []Next{byRole("certificate accept", string(c.ID), c.ExamineBy())}
	case dars.CertInterim:
		return []Next{{fmt.Sprintf("the last backup goes, and %s is final", c.ID), c.BackupEnd.Add(1), TheClock}}
	case dars.CertAccepted:
		return nil
	}
	return []Next{{"return the certificate of destruction " + string(c.ID), c.Due, string(c.Org)}}
}

// NextOfAgreement is what comes next of an agreement: what somebody is to do, the next
// letter of each of its ladders, and its end.
func (o Desk) NextOfAgreement(ctx context.Context, g *dars.Agreement, on dars.Day) (next []Next, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		for _, b := range g.Obligations.Open() {
			next = append(next, Next{fmt.Sprintf("obligation %d, before %s: %s", b.N, b.Stage, oneLine(b.Text)), b.Due, string(g.Org)})
		}
		next = append(next, signatures(g)...)
		certificates, err := openCertificates(tx, g)
		if err != nil {
			return err
		}
		for _, c := range certificates {
			next = append(next, nextOfCertificate(c)...)
		}
		letters, err := Clock(o).nextLetters(tx, g, on)
		next = append(next, letters...)
		return err
	})
	return soonest(next), err
}

// signatures are what an agreement waits for until it is in force, and its end then.
func signatures(g *dars.Agreement) []Next {
	switch {
	case g.State == dars.AgreementIssued && g.Copy == nil:
		var unsigned []string
		for _, org := range g.Unsigned() {
			unsigned = append(unsigned, string(org))
		}
		return []Next{{"sign it, and put the signed copy into submit/", "", strings.Join(unsigned, " and ")}}
	case g.State == dars.AgreementIssued:
		return []Next{byRole("agreement confirm", string(g.ID), "")}
	case g.State == dars.AgreementSigned:
		return []Next{byRole("agreement countersign", string(g.ID), "")}
	case g.State == dars.CounterSigned:
		return []Next{{"it begins", g.Start, TheClock}}
	case g.State == dars.InForce:
		return []Next{{"it ends", g.End.Add(1), TheClock}}
	}
	return nil
}

// nextLetters are the next steps of a noun's ladders, each with whom it goes to.
func (o Clock) nextLetters(tx *store.Tx, n dars.Dated, on dars.Day) (next []Next, err error) {
	steps, err := o.steps(tx)
	if err != nil {
		return nil, err
	}
	for _, d := range n.Deadlines() {
		for _, r := range dars.Ahead(steps.of(d), *n.Climbed()) {
			day := max(r.On, on)
			if d.Until != "" && day > d.Until {
				continue
			}
			stands, err := o.stands(tx, n, Duty{Ladder: d.Ladder, Item: d.Item, Due: day})
			if err != nil {
				return nil, err
			}
			if stands {
				whom := names(o.Policy.Ladders[d.Ladder].Who(r.Days))
				next = append(next, Next{fmt.Sprintf("letter %s to %s, about %s", r.Name, whom, d.Day.Long()), day, TheClock})
			}
			break
		}
	}
	return next, nil
}

// soonest puts first what is due first; what has no day is due now.
func soonest(next []Next) []Next {
	slices.SortStableFunc(next, func(a, b Next) int { return cmp.Compare(a.On, b.On) })
	return next
}
