package office

import (
	"context"
	"io"
	"slices"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// A Dossier is all that the office keeps of a case, at one moment.
type Dossier struct {
	Case   string
	Nouns  []dars.Noun // applications, agreements, releases, certificates, notes, verdicts, ...
	Papers []*dars.Paper
	Events []store.Event // of each of them, in order

	Meetings []dars.MeetingFacts // what of each is about the case; their events tell of other cases, too
}

// Dossier gathers a case, for the Information Commissioner or for an answer under
// freedom of information.
func (o Desk) Dossier(ctx context.Context, a dars.Act, ref string) (d *Dossier, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		if _, err := o.allowed(tx, a, "case export"); err != nil {
			return err
		}
		p, err := toRead(tx, ref)
		if err != nil {
			return err
		}
		d = &Dossier{Case: p.Stem}
		if err := d.gather(tx); err != nil {
			return err
		}
		d.Meetings, err = o.extracts(tx, p.Stem, o.today(a))
		return err
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

func (d *Dossier) gather(tx *store.Tx) error {
	about := []string{d.Case}
	var err error
	applications := under[dars.Application](tx, d, &err, dars.By("case", d.Case))
	for _, p := range applications {
		about = append(about, string(p.ID()))
	}
	for _, g := range under[dars.Agreement](tx, d, &err, dars.By("case", d.Case)) {
		about = append(about, string(g.ID))
		for _, c := range g.Controllers {
			about = append(about, string(c.Contract))
			d.add(tx, &err, "contract", string(c.Contract))
		}
		for _, r := range under[dars.Release](tx, d, &err, dars.By("agreement", g.ID)) {
			about = append(about, string(r.ID))
			under[dars.Receipt](tx, d, &err, dars.By("release", r.ID))
		}
		under[dars.Collection](tx, d, &err, dars.By("agreement", g.ID))
		for _, c := range under[dars.Certificate](tx, d, &err, dars.By("agreement", g.ID)) {
			about = append(about, string(c.ID))
		}
		for _, u := range under[dars.Audit](tx, d, &err, dars.By("agreement", g.ID)) {
			about = append(about, string(u.ID))
		}
	}
	under[dars.BenefitReport](tx, d, &err, dars.By("case", d.Case))
	under[dars.CaseQuote](tx, d, &err, dars.By("case", d.Case))
	for _, v := range under[dars.Invoice](tx, d, &err, dars.By("case", d.Case)) {
		about = append(about, string(v.ID))
	}
	for _, c := range under[dars.CreditNote](tx, d, &err, dars.By("case", d.Case)) {
		about = append(about, string(c.ID))
	}
	under[dars.Override](tx, d, &err, dars.By("case", d.Case))
	under[dars.Note](tx, d, &err, dars.By("case", d.Case))
	for _, e := range under[dars.Enquiry](tx, d, &err, dars.By("case", d.Case)) {
		about = append(about, string(e.ID))
	}
	if err != nil {
		return err
	}
	if err := d.verdicts(tx, about); err != nil {
		return err
	}
	for _, ref := range about {
		papers, err := store.Find[dars.Paper](tx, dars.By("about", ref))
		if err != nil {
			return err
		}
		for _, p := range papers {
			if !slices.ContainsFunc(d.Papers, func(q *dars.Paper) bool { return q.ID == p.ID }) {
				d.Papers, d.Nouns = append(d.Papers, p), append(d.Nouns, p)
			}
		}
	}
	return d.events(tx)
}

// verdicts are those on what came in for the case.
func (d *Dossier) verdicts(tx *store.Tx, about []string) error {
	for _, ref := range about {
		arrivals, err := store.Find[dars.Arrival](tx, dars.By("about", ref))
		if err != nil {
			return err
		}
		for _, a := range arrivals {
			d.Nouns = append(d.Nouns, a)
		}
	}
	return nil
}

func (d *Dossier) events(tx *store.Tx) error {
	for _, n := range d.Nouns {
		c := n.Card()
		events, err := tx.Events(c.Kind, c.Ref, 0, 1<<30)
		if err != nil {
			return err
		}
		d.Events = append(d.Events, events...)
	}
	slices.SortFunc(d.Events, func(a, b store.Event) int { return int(a.Seq - b.Seq) })
	return nil
}

// under adds the nouns that a key finds, and returns them.
func under[T any, P store.Noun[T]](tx *store.Tx, d *Dossier, err *error, k dars.Key) []P {
	if *err != nil {
		return nil
	}
	var found []P
	found, *err = store.Find[T, P](tx, k)
	for _, n := range found {
		d.Nouns = append(d.Nouns, n)
	}
	return found
}

// add adds one noun, once.
func (d *Dossier) add(tx *store.Tx, err *error, kind, ref string) {
	there := slices.ContainsFunc(d.Nouns, func(n dars.Noun) bool { return n.Card().Kind == kind && n.Card().Ref == ref })
	if *err != nil || there || ref == "" {
		return
	}
	var n dars.Noun
	if n, *err = tx.GetAny(kind, ref); *err == nil {
		d.Nouns = append(d.Nouns, n)
	}
}

// OpenPaper opens a paper of a dossier.
func (o Desk) OpenPaper(p *dars.Paper) (io.ReadCloser, error) {
	return o.Works.Vault.Read("", p.Vault)
}

// Minutes draws what the minutes of a meeting say of the case of a dossier, or
// nothing where they are not written.
func (o Desk) Minutes(f dars.MeetingFacts) ([]byte, error) {
	if f.Meeting.Minuted == "" {
		return nil, nil
	}
	return o.Works.Papers.Minutes(f)
}

// FileName is a name that is safe in a folder, whatever an outsider called a file.
func FileName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(".-_", r):
			return r
		}
		return '_'
	}, name)
	return strings.TrimLeft(name, ".")
}
