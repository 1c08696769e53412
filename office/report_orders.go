package office

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"darsd/dars"
	"darsd/store"
)

// Reports that were ordered are made and delivered by the clock: into the folder of
// reports, into the SFTP folders of those who may read them, and by mail. That one was
// made is a noun, and so it is made once; what follows is owed, and is safe to do again.

// An OrderedReport is one that is due: of which order, and as at which day.
type OrderedReport struct {
	Name string
	AsAt dars.Day
}

// Ordered lists the reports that are due on a day and not made, the oldest first. One
// that nobody made in its week or month is made late, for its own day.
func (o Clock) Ordered(ctx context.Context, due time.Time) (all []OrderedReport, err error) {
	if len(o.Orders) == 0 {
		return nil, nil
	}
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		c, err := o.calendar(tx, "")
		if err != nil {
			return err
		}
		began, err := o.founded(tx)
		if err != nil {
			return err
		}
		for _, order := range o.Orders {
			last, err := lastOrdered(tx, order.Name())
			if err != nil {
				return err
			}
			for _, asAt := range order.Owed(last, o.Calendar.Day(began.Add(-1)), o.Calendar.Day(due), c) {
				all = append(all, OrderedReport{order.Name(), asAt})
			}
		}
		return nil
	})
	return all, err
}

// lastOrdered is the day as at which the newest report of an order was made.
func lastOrdered(tx *store.Tx, name string) (last dars.Day, err error) {
	err = store.Each(tx, func(r *dars.Report) error {
		last = max(last, r.Due)
		return nil
	}, dars.By("name", name))
	return last, err
}

// Deliver makes one report that is due. One that somebody else has made meanwhile is
// nobody's business any more: it returns nil.
func (o Clock) Deliver(ctx context.Context, d OrderedReport, due time.Time) (done *Done, err error) {
	i := slices.IndexFunc(o.Orders, func(order dars.ReportOrder) bool { return order.Name() == d.Name })
	if i < 0 {
		return nil, fmt.Errorf("nobody has ordered a report %q", d.Name)
	}
	order, a := o.Orders[i], dars.Act{Who: dars.ByClock, At: due, Via: dars.Clock}
	err = o.Store.Do(ctx, func(tx *store.Tx) error {
		last, err := lastOrdered(tx, d.Name)
		if err != nil || last >= d.AsAt {
			return err
		}
		ref, err := number(tx, "report", "RPT-")
		if err != nil {
			return err
		}
		r := &dars.Report{ID: dars.ReportID(ref), Name: d.Name, From: order.From(d.AsAt), Due: d.AsAt,
			Ordered: &dars.ReportSent{Kind: order.Kind, Formats: order.Written(), To: order.To}}
		if err := tx.Save(a, "report run", r); err != nil {
			return err
		}
		done = &Done{due.UTC(), "report", ref, "made", "report " + d.Name, roleNames(order.To)}
		return tx.Owe(oweOrdered, ordered{r.ID, a.At.UTC()})
	})
	return done, err
}

func roleNames(to []dars.Role) string {
	var all []string
	for _, r := range to {
		all = append(all, string(r))
	}
	return strings.Join(all, ", ")
}

// ordered is a report that is still to be written and sent.
type ordered struct {
	ID dars.ReportID `json:"id"`
	At time.Time     `json:"at"`
}

// issue writes a report that was ordered, files it, and owes the letter that takes it to
// its readers. What was filed once is not filed again, and the letter has one name.
func (o *Office) issue(ctx context.Context, w ordered) error {
	var r *dars.Report
	var f dars.Figures
	err := o.Store.View(ctx, func(tx *store.Tx) (err error) {
		if r, err = store.Get[dars.Report](tx, w.ID); err == nil {
			f, err = o.figures(tx, r.Ordered.Kind, r.From, r.Due)
		}
		return err
	})
	if err != nil {
		return err
	}
	l := letter{Roles: r.Ordered.To, At: w.At, Ref: string(r.ID), Step: "report run",
		Subject: fmt.Sprintf("%s: %s as at %s", r.ID, f.Title, r.Due.Long()), Body: reportLetter(f)}
	for _, format := range r.Ordered.Formats {
		name := FigureFile(f, format)
		content, err := o.Written(f, format)
		if err == nil {
			err = o.Works.Reports(name, content)
		}
		if err != nil {
			return fmt.Errorf("%s as %s: %w", r.ID, format, err)
		}
		p := dars.Paper{Kind: "report", About: string(r.ID), Name: name, Day: r.Due, Vault: fmt.Sprintf("papers/%s-%s", r.ID, name)}
		if err := o.file(ctx, dars.Act{Who: dars.ByClock, At: w.At, Via: dars.Clock}, p, content); err != nil {
			return err
		}
		l.Files = append(l.Files, p.Vault)
	}
	if len(l.Roles) == 0 {
		return nil
	}
	return o.Store.Do(ctx, func(tx *store.Tx) error { return tx.OweOnce("report-"+string(r.ID), oweMail, l) })
}

// reportLetter is what stands in the letter: the figures that matter, and where the rest
// is.
func reportLetter(f dars.Figures) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, as at the end of %s:\n\n", f.Title, f.AsAt.Long())
	for _, x := range f.Facts {
		fmt.Fprintf(&b, "%s: %s\n\n", x.Label, x.Says)
	}
	since := ""
	if f.From != "" && f.From != dars.YearTo(f.AsAt) {
		since = fmt.Sprintf(" --from %s", f.From)
	}
	fmt.Fprintf(&b, "It is made from the log up to event %d, and says the same whenever it is made again:\n\n    darsd report run %s%s --as-at %s\n\nThe report lies in reports/ of your SFTP folder.\n", f.Log.Events, f.Kind, since, f.AsAt)
	return b.String()
}

// A LetterFile goes with a letter.
type LetterFile struct {
	Name    string
	Content []byte
}

// mostAttached is how much goes with a letter, in bytes: mail servers turn away more. A
// letter says where else its files lie.
const mostAttached = 8 << 20

// attached reads the files of a letter from the vault; none, if they are too large
// together.
func (o *Office) attached(files []string) (all []LetterFile, err error) {
	left := int64(mostAttached)
	for _, name := range files {
		content, err := o.fromVault(name, left+1)
		if err != nil {
			return nil, err
		}
		if left -= int64(len(content)); left < 0 {
			return nil, nil
		}
		_, plain, _ := strings.Cut(path.Base(name), "-") // "RPT-000012-expiry-…": without the reference
		_, plain, _ = strings.Cut(plain, "-")
		all = append(all, LetterFile{plain, content})
	}
	return all, nil
}

// fromVault reads a file of the office's, or so much of it.
func (o *Office) fromVault(name string, most int64) (content []byte, err error) {
	in, err := o.Works.Vault.Read("", name)
	if err != nil {
		return nil, err
	}
	content, err = io.ReadAll(io.LimitReader(in, most))
	return content, errors.Join(err, in.Close())
}

// reports are those that were delivered and that somebody may read, of the last two
// years.
func reports(tx *store.Tx, p *dars.Person, on dars.Day) ([]*dars.Paper, error) {
	if p.With(on).May("report read") != nil {
		return nil, nil
	}
	all, err := store.Find[dars.Paper](tx, dars.By("kind", "report"))
	return slices.DeleteFunc(all, func(r *dars.Paper) bool { return r.Day < on.AddMonths(-24) }), err
}
