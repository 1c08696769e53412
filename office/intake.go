package office

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"darsd/dars"
	"darsd/store"
)

// Largest is the most that a paper or form may weigh; lists are streamed and may
// be larger.
const Largest = 64 << 20

// Take takes in what lies in a watched folder or in somebody's submit/, and says
// what became of it. The same bytes from the same hand are taken in once: again,
// they get the same verdict. A fault of the office's own is none: the verdict has
// no word then, and Take is to be asked again.
func (o Intake) Take(ctx context.Context, a dars.Act, in Arrived) dars.Verdict {
	v := dars.Verdict{File: in.Name, SHA256: in.SHA256, Kind: kindOf(in), MissingPages: []int{}, Signatures: []string{}}
	said := v
	seen, err := o.unknown(ctx, a, in)
	if err == nil {
		err = o.scanned(ctx, in)
	}
	if err == nil {
		err = o.take(ctx, a, in, &said, func(tx *store.Tx) error { return note(tx, a, in, seen, said) })
	}
	var no *dars.Refusal
	if errors.As(err, &no) {
		counted := said.Cohort
		said = v
		said.Cohort = counted
		said.Verdict, said.Code, said.Reason, said.Mistakes = dars.VerdictRejected, no.Rule, no.Sentence, no.Mistakes
		err = o.Store.Do(ctx, func(tx *store.Tx) error { return note(tx, a, in, seen, said) })
	}
	var before *taken
	switch {
	case err == nil:
		return said
	case errors.As(err, &before):
		before.verdict.File = in.Name
		return before.verdict
	}
	o.Log.Error("cannot take in; it will be tried again", "folder", in.Folder, "sha256", in.SHA256, "err", err)
	v.Code = "fault"
	return v
}

// take hands what came in to the wing that it is for. keep notes the verdict in
// the transaction of the wing's act: what was taken in is never taken in again, by
// another program at the same time or by this one after a crash.
func (o Intake) take(ctx context.Context, a dars.Act, in Arrived, v *dars.Verdict, keep func(*store.Tx) error) error {
	switch v.Kind {
	case "application":
		if in.Folder == "submit" && !in.Dir {
			return dars.Refuse("not-a-folder", in.Name, "%s lies by itself: put application.yaml and the papers that it names into a folder of their own, such as applications/STUDY", in.Name)
		}
		_, err := Applications(o).Submit(ctx, a, in, again(in.Name), func(tx *store.Tx, p *dars.Application) error {
			v.Verdict, v.Ref, v.Version, v.Reason = dars.VerdictAccepted, p.Stem, p.Version(), "the application is received as "+p.Stem+" "+p.Version()
			return keep(tx)
		})
		return err
	case "agreement":
		pdf, err := copyIn(in)
		if err != nil {
			return err
		}
		if taken, err := o.takeSigned(ctx, a, in, pdf, v, keep); taken || err != nil {
			return err
		}
		return o.takeCopy(ctx, a, in, pdf, v, keep)
	case "certificate":
		text, err := copyIn(in)
		if err != nil {
			return err
		}
		_, err = Deletion(o).Receive(ctx, a, in, text, func(tx *store.Tx, c *dars.Certificate) error {
			v.Verdict, v.Ref = dars.VerdictWaiting, string(c.ID)
			v.Reason = "certificate " + string(c.ID) + " is received; it waits for compliance to accept it. Not covered yet: " + orNone(c.Missing())
			if c.Printed != nil && c.Printed.SHA256 == in.SHA256 {
				v.Reason = "certificate " + string(c.ID) + " is received on paper; it waits for somebody of the office to type in what it says"
				return keep(tx)
			}
			if c.State == dars.CertQueried {
				v.Code, v.Mistakes = "certificate-queried", c.Points
				v.Reason = "certificate " + string(c.ID) + " is queried, and waits for you to mend it. " + c.Told()
			}
			return keep(tx)
		})
		return err
	case "cohort":
		if in.Dir {
			return dars.Refuse("not-a-file", in.Name, "%s is a folder; send the file itself", in.Name)
		}
		open := func() (io.ReadCloser, error) { return in.Files.Open(in.Name) }
		_, err := Cohorts(o).take(ctx, a, open, cohortFor{name: in.Name}, &v.Cohort, func(tx *store.Tx, c *dars.CohortList) error {
			v.Verdict, v.Ref, v.Version = dars.VerdictAccepted, string(c.ID), fmt.Sprint(c.Version)
			v.Reason = fmt.Sprintf("it is version %d of the cohort for %s under agreement %s: %s", c.Version, c.Dataset, c.Agreement, c.Counted())
			return keep(tx)
		})
		return err
	case "objections":
		if in.Dir {
			return dars.Refuse("not-a-file", in.Name, "%s is a folder; drop the list itself", in.Name)
		}
		day := dateInName.FindString(in.Name)
		asAt, err := dars.ParseDay(day)
		if err != nil {
			return dars.Refuse("no-date", in.Name, "the name %s does not say as at which day the list is: put the date in it, such as objections-2026-03-31.txt", in.Name)
		}
		open := func() (io.ReadCloser, error) { return in.Files.Open(in.Name) }
		_, err = Objections(o).Load(ctx, a, open, asAt, func(tx *store.Tx, l *dars.List) error {
			v.Verdict, v.Ref, v.Version, v.Reason = dars.VerdictAccepted, string(l.ID), string(l.AsAt), "the objections list is loaded as "+string(l.ID)
			if !l.Usable {
				v.Verdict, v.Reason = dars.VerdictWaiting, fmt.Sprintf("the objections list is kept as %s and not used until compliance confirms it: %s", l.ID, l.WhyNot)
			}
			return keep(tx)
		})
		return err
	}
	if _, is := replyIn(in.Name); is && in.Folder == "submit" {
		return o.takeReply(ctx, a, in, v, keep)
	}
	return unknownArrival(in.Name)
}

// unknownArrival refuses what nobody has asked for.
func unknownArrival(name string) error {
	return dars.Refuse("not-known", name, "%s is nothing that belongs here: an application is a folder with application.yaml, a signed agreement is a PDF or a scan, a certificate is CERT-nnnnnn.yaml or CERT-nnnnnn.pdf, a cohort a .csv or .txt where an agreement asks for one, and README.txt names the rest", name)
}

var (
	dateInName        = regexp.MustCompile(`\d{4}-\d{2}-\d{2}`)
	certificateInName = regexp.MustCompile(`(?i)^CERT-\d{6}\b.*\.(pdf|jpe?g|png|tiff?)$`)

	caseInName = regexp.MustCompile(`(?i)\b(?:DARS-)?NIC-\d{4,7}-[0-9BCDFGHJKLMNPQRSTVWXYZ]{5}`)
)

// again is the case in the name of an application's folder, if it has one: the
// application is a new version of that case.
func again(name string) string {
	stem, _, _, _ := dars.ParseCase(caseInName.FindString(name)) // "" is none
	return stem
}

// kindOf says what an arrival is: by its folder, or in submit/ by its shape.
func kindOf(in Arrived) string {
	switch in.Folder {
	case "applications":
		return "application"
	case "signed-agreements":
		return "agreement"
	case "certificates":
		return "certificate"
	case "objections":
		return "objections"
	}
	r, replies := replyIn(in.Name)
	switch ending := strings.ToLower(path.Ext(in.Name)); {
	case in.Dir && !strings.HasPrefix(in.Name, dars.ApplicationsTray+"/") && picturesIn(in.Files):
		return "agreement"
	case in.Dir || strings.HasPrefix(in.Name, dars.ApplicationsTray+"/"):
		return "application"
	case replies:
		return r.kind
	case certificateInName.MatchString(in.Name):
		return "certificate"
	case ending == ".pdf" || dars.NamedAsPicture(in.Name):
		return "agreement"
	case ending == ".yaml" || ending == ".yml":
		return "certificate"
	case slices.Contains([]string{".csv", ".txt", ".tsv", ".psv"}, ending):
		return "cohort"
	}
	return ""
}

// whole reads a file that must fit into memory.
func whole(in Arrived) ([]byte, error) {
	if in.Dir {
		return nil, dars.Refuse("not-a-file", in.Name, "%s is a folder; drop the file itself", in.Name)
	}
	f, err := in.Files.Open(in.Name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := io.ReadAll(io.LimitReader(f, Largest+1))
	if err == nil && len(all) > Largest {
		err = dars.Refuse("too-large", in.Name, "%s is larger than 64 MiB: scan it again with less detail, or send it in parts", in.Name)
	}
	return all, err
}

// taken is the error that something has been taken in before, and the verdict on
// it then.
type taken struct{ verdict dars.Verdict }

func (t *taken) Error() string { return "it has been taken in before as " + t.verdict.Ref }

// unknown counts how often the same bytes were taken in before from the same hand,
// and its error is taken if that still stands.
func (o Intake) unknown(ctx context.Context, a dars.Act, in Arrived) (seen int, err error) {
	err = o.Store.View(ctx, func(tx *store.Tx) error {
		all, err := before(tx, a, in)
		if err != nil {
			return err
		}
		for _, n := range slices.Backward(all) {
			if o.stands(tx, a, n.Verdict, in) {
				return &taken{n.Verdict}
			}
		}
		seen = len(all)
		return nil
	})
	return seen, err
}

// before lists when the same bytes were taken in from the same hand. What was
// rejected is not among them, and may be tried again: what refused it may be
// mended.
func before(tx *store.Tx, a dars.Act, in Arrived) ([]*dars.Arrival, error) {
	all, err := store.Find[dars.Arrival](tx, dars.By("sha256", in.SHA256), dars.By("from", a.Who))
	return slices.DeleteFunc(all, func(n *dars.Arrival) bool {
		return n.Folder != in.Folder || n.Verdict.Verdict == dars.VerdictRejected
	}), err
}

// stands reports whether what was taken in then is what would be taken in now. An
// application that was referred back or is over, or a certificate that was sent back,
// may be handed in again as it was; and the same objections as at another day are another
// list. A cohort may go back to what it was, or be another agreement's.
func (o Intake) stands(tx *store.Tx, a dars.Act, v dars.Verdict, in Arrived) bool {
	if v.Kind != kindOf(in) { // the same words may answer two things
		return false
	}
	switch v.Kind {
	case "application":
		p, err := atWork(tx, strings.TrimSuffix(v.Ref+"-"+v.Version, "-"))
		of := again(in.Name)
		return err == nil && p.Stands() && (of == "" || of == p.Stem)
	case "certificate":
		c, err := store.Get[dars.Certificate](tx, v.Ref)
		return err == nil && c.State != dars.CertQueried && c.State != dars.CertRejected
	case "agreement":
		if v.Verdict == dars.VerdictAccepted { // signed digitally, which nobody had to confirm
			return true
		}
		if c, err := store.Get[dars.Contract](tx, v.Ref); err == nil {
			return c.Copy != nil && c.Copy.SHA256 == in.SHA256 && c.State == dars.ContractIssued
		}
		g, err := store.Get[dars.Agreement](tx, v.Ref+"-"+v.Version)
		return err == nil && g.Copy != nil && g.Copy.SHA256 == in.SHA256 && g.State == dars.AgreementIssued
	case "cohort":
		who, err := actor(tx, a)
		if err != nil {
			return false
		}
		asked, err := Cohorts(o).asked(tx, who, o.today(a), cohortFor{name: in.Name})
		if err != nil {
			return false
		}
		newest, err := newestCohort(tx, asked.agreement.ID, asked.terms.Code)
		return err == nil && newest != nil && string(newest.ID) == v.Ref
	case "objections":
		return v.Version == dateInName.FindString(in.Name)
	}
	return repliedTo(tx, v, in)
}

// note keeps the verdict, unless somebody else has taken the same in meanwhile.
func note(tx *store.Tx, a dars.Act, in Arrived, seen int, v dars.Verdict) error {
	all, err := before(tx, a, in)
	if err != nil {
		return err
	}
	if len(all) > seen {
		return &taken{all[len(all)-1].Verdict}
	}
	ref, err := number(tx, "arrival", "ARR-")
	if err != nil {
		return err
	}
	// People write the numbers of patients into names of files: none is kept.
	v.Mistakes = nil
	v.Reason, v.File = strings.ReplaceAll(v.Reason, in.Name, "the file"), ""
	return tx.Save(a, "arrived", &dars.Arrival{ID: ref, Folder: in.Folder, From: a.Who, At: a.At.UTC(), Verdict: v})
}

// One is a file that came in by itself.
func One(folder, name, sha256 string, files fs.FS) Arrived {
	return Arrived{Folder: folder, Name: name, Files: files, SHA256: sha256}
}

// At is the act of a folder at an instant.
func At(from dars.PersonID, at time.Time) dars.Act {
	return dars.Act{Who: from, At: at, Via: dars.Folder}
}

// An Arrived is something that came in: a file, or a folder of files.
type Arrived struct {
	Folder string // which watched folder, or "submit"
	Name   string
	Dir    bool
	Files  fs.FS
	SHA256 string
}
