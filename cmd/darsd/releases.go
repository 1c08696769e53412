package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
	"darsd/transfer/extract"
)

func objectionsCommands(s *session) *cobra.Command {
	var asAt string
	load := s.do("load FILE", "load a version of the objections list (--as-at DATE)", exactly(1), func(c *call) error {
		day, err := dars.ParseDay(asAt)
		if err != nil {
			return misuse{fmt.Errorf("--as-at: %w", err)}
		}
		open, err := c.input(c.args[0])
		if err != nil {
			return err
		}
		l, err := office.Objections{Office: c.Office}.Load(c.ctx, c.act, open, day)
		if err != nil {
			return err
		}
		return c.say(viewList(l), "%d is the version loaded: %s, as at %s, %d numbers, %d bad lines%s", l.Version, l.ID, l.AsAt, l.Numbers, l.InvalidN, unused(l))
	})
	load.Flags().StringVar(&asAt, "as-at", "", "the day as at which the list is")
	return group("objections", "the list of those who object",
		load,
		s.do("confirm VERSION", "say that a version beyond a limit is good all the same (--reason)", exactly(1), func(c *call) error {
			version, err := strconv.Atoi(c.args[0])
			if err != nil {
				return misuse{fmt.Errorf("%q is no version: darsd objections list prints them", c.args[0])}
			}
			return c.told(office.Objections{Office: c.Office}.Confirm(c.ctx, c.act, version), "version %d is confirmed and used", version)
		}),
		s.look("list", "print all versions", exactly(0), func(c *call) error {
			all, err := list(c, onlyTheOffice[*dars.List])
			if err != nil {
				return err
			}
			var views []listView
			for _, l := range all {
				views = append(views, viewList(l))
			}
			return items(c, views, "VERSION AS-AT LOADED NUMBERS BAD USABLE", func(l listView) []any {
				return []any{l.Version, l.AsAt, l.LoadedAt, l.Numbers, l.InvalidCount, l.Usable}
			})
		}),
		s.look("show VERSION", "print a version, with its bad lines", exactly(1), func(c *call) error {
			all, err := list(c, onlyTheOffice[*dars.List])
			if err != nil {
				return err
			}
			i := slices.IndexFunc(all, func(l *dars.List) bool {
				return fmt.Sprint(l.Version) == c.args[0] || string(l.ID) == c.args[0]
			})
			if i < 0 {
				return dars.Refuse("not-found", c.args[0], "there is no objections list %s", c.args[0])
			}
			l := viewList(all[i])
			facts := []any{"version", l.Version, "as at", l.AsAt, "loaded", l.LoadedAt, "sha256", l.SHA256, "numbers", l.Numbers, "usable", l.Usable, "why not", l.WhyNot, "bad lines", l.InvalidCount}
			for _, b := range l.Invalid {
				facts = append(facts, fmt.Sprintf("line %d", b.Line), b.Reason)
			}
			return c.facts(l, facts...)
		}),
	)
}

// unused says that a version is not used, and why.
func unused(l *dars.List) string {
	if l.Usable {
		return ""
	}
	return "; it is NOT used until compliance has confirmed it: " + l.WhyNot
}

// listView is a version of the objections list as JSON.
type listView struct {
	Version      int            `json:"version"`
	ID           dars.ListID    `json:"id"`
	AsAt         dars.Day       `json:"as_at"`
	LoadedAt     dars.Day       `json:"loaded_at"`
	SHA256       string         `json:"sha256"`
	Numbers      int            `json:"numbers"`
	Invalid      []dars.BadLine `json:"invalid"`
	InvalidCount int            `json:"invalid_count"`
	Usable       bool           `json:"usable"`
	WhyNot       string         `json:"why_not"`
}

func viewList(l *dars.List) listView {
	why := l.WhyNot
	if l.Usable {
		why = ""
	}
	return listView{l.Version, l.ID, l.AsAt, l.LoadedOn, l.SHA256, l.Numbers, l.Invalid, l.InvalidN, l.Usable, why}
}

// input opens a file that a command names, as often as is asked: a local file, or
// standard input, which is all that there is over SSH.
func (c *call) input(name string) (func() (io.ReadCloser, error), error) {
	if name == "-" {
		all, err := io.ReadAll(io.LimitReader(c.env.stdin, office.Largest+1))
		if err == nil && len(all) > office.Largest {
			err = dars.Refuse("too-large", "standard input", "more than 64 MiB on standard input: drop the file into its folder instead")
		}
		return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(string(all))), nil }, err
	}
	if c.s.person != nil {
		return nil, misuse{fmt.Errorf("over SSH name - and send the file on standard input: ssh … < %s", name)}
	}
	if _, err := os.Stat(name); err != nil {
		return nil, misuse{err}
	}
	return func() (io.ReadCloser, error) { return os.Open(name) }, nil
}

func releaseCommands(s *session) *cobra.Command {
	wing := func(c *call) office.Releases { return office.Releases{Office: c.Office} }
	var dataset string
	var periods []string
	plan := s.do("plan AGREEMENT [PERIOD...]", "plan a release of one dataset (--dataset, --period)", atLeast(1), func(c *call) error {
		if dataset == "" {
			return misuse{fmt.Errorf("name the dataset with --dataset")}
		}
		agreement, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		id, err := wing(c).Plan(c.ctx, c.act, agreement, dataset, append(periods, c.args[1:]...))
		if err != nil {
			return err
		}
		r, err := office.Get(c.ctx, office.Desk{Office: c.Office}, c.act.Who, string(id), onlyTheOffice[*dars.Release])
		if err != nil {
			return err
		}
		if r.Cohort != nil {
			return c.say(plannedView{id, r.Cohort}, "%s is planned under %s, with %s", id, agreement, usedCohort(r.Cohort))
		}
		return c.say(plannedView{ID: id}, "%s is planned under %s", id, agreement)
	})
	plan.Flags().StringVar(&dataset, "dataset", "", "the dataset's code")
	plan.Flags().StringSliceVar(&periods, "period", nil, "a period; may be given several times (all that are agreed)")
	var until string
	extend := s.do("extend RELEASE", "let it be collected for longer (--until DATE)", exactly(1), func(c *call) error {
		day, err := dars.ParseDay(until)
		if err != nil {
			return misuse{fmt.Errorf("--until: %w", err)}
		}
		return c.told(wing(c).Extend(c.ctx, c.act, dars.ReleaseID(c.args[0]), day), "%s can be collected until %s", c.args[0], day)
	})
	extend.Flags().StringVar(&until, "until", "", "the last day")
	step := func(use, about, said string, act func(office.Releases, context.Context, dars.Act, dars.ReleaseID) error) *cobra.Command {
		return s.do(use, about, exactly(1), func(c *call) error {
			return c.told(act(wing(c), c.ctx, c.act, dars.ReleaseID(c.args[0])), said, c.args[0])
		})
	}
	var notUpheld bool
	signOff := s.do("sign-off RELEASE", "let it leave; neither its producer nor its checker", exactly(1), func(c *call) error {
		sign := wing(c).SignOff
		if notUpheld {
			sign = wing(c).SignOffNotUpheld
		}
		return c.told(sign(c.ctx, c.act, dars.ReleaseID(c.args[0])), "%s is signed off", c.args[0])
	})
	signOff.Flags().BoolVar(&notUpheld, "confirm-not-upheld", false, "though objections of patients are not upheld in it, for the reason that it states")
	return group("release", "what leaves the office", append(accessCommands(s),
		plan,
		step("produce RELEASE", "package it, with objections treated as was agreed", "%s is produced and waits for a checker", office.Releases.Produce),
		step("check RELEASE", "say that you have checked it; not its producer", "%s is checked and waits for a signer", office.Releases.Check),
		signOff,
		step("publish RELEASE", "let its recipients collect it", "%s is published", office.Releases.Publish),
		step("withdraw RELEASE", "take it back (--reason)", "%s is withdrawn", office.Releases.Withdraw),
		resumeCommand(s),
		extend,
		s.do("reissue RELEASE", "plan it again for those who missed it; a new one, made anew", exactly(1), func(c *call) error {
			id, err := wing(c).Reissue(c.ctx, c.act, dars.ReleaseID(c.args[0]))
			if err != nil {
				return err
			}
			return c.say(map[string]any{"id": id, "reissues": c.args[0]}, "%s is planned, and issues %s again", id, c.args[0])
		}),
		s.look("show RELEASE", "print a release, and what of it was sent", exactly(1), func(c *call) error {
			v, err := c.releaseView(c.args[0])
			if err != nil {
				return err
			}
			names := c.names()
			took := func(step dars.ReleaseState) string { h := v.hand(step); return inName(names, h.By, h.For) }
			facts := []any{"release", v.ID, "agreement", v.Agreement, "dataset", v.Dataset, "periods", v.Periods, "state", v.State,
				"produced by", took(dars.Produced), "checked by", took(dars.Checked), "signed off by", took(dars.SignedOff), "can be collected until", v.WindowEnds}
			facts = append(facts, c.upheldFacts(v)...)
			facts = append(facts, "despite", some(v.Despite)) // the guard was overridden
			facts = append(facts, c.accessFacts(v.Access)...)
			facts = append(facts, cohortFacts(v)...)
			if v.RowsIn != nil && v.ProducedBy != "" {
				facts = append(facts, "rows", fmt.Sprintf("%d in, %d outside what was agreed, %d withheld, %d of nobody known, %d out", *v.RowsIn, *v.RowsOutside, *v.RowsWithheld, *v.RowsUnmatched, v.RowsOut),
					"persons", fmt.Sprintf("%d withheld, %d without a valid NHS number", *v.PersonsWithheld, *v.PersonsUnmatched))
			}
			facts = append(facts, v.Asked.facts()...)
			if v.RowsQuarantined != nil && *v.RowsQuarantined > 0 {
				facts = append(facts, "rows put aside", fmt.Sprintf("%d that could not be read: darsd release quarantine %s", *v.RowsQuarantined, v.ID))
			}
			facts = append(facts, c.lateFacts(v)...)
			for _, f := range v.Files {
				facts = append(facts, string(f.ID), fmt.Sprintf("%s, %d bytes, %d rows", f.Path, f.Bytes, f.Rows))
				if n := f.Counts; n != nil && n.PersonsCounted {
					facts = append(facts, "", fmt.Sprintf("%d persons withheld, %d without a valid NHS number", n.PersonsWithheld, n.PersonsUnmatched))
				}
				for _, p := range f.Sent {
					facts = append(facts, "", fmt.Sprintf("%s: %d bytes sent, %d confirmed %s", names(p.Person), p.Bytes, p.Confirmed, p.Receipt))
				}
			}
			facts = append(facts, v.Check.facts()...)
			if err := c.facts(v, facts...); err != nil || c.json || v.Check == nil {
				return err
			}
			fmt.Fprintln(c.env.stdout)
			return v.Check.columns().write(c.env.stdout)
		}),
		pageCommand(s), dryRunCommand(s),
		s.do("quarantine RELEASE", "print the rows that could not be read and were put aside", exactly(1), func(c *call) error {
			rows, err := wing(c).Quarantine(c.ctx, c.act, dars.ReleaseID(c.args[0]))
			if err != nil {
				return err
			}
			defer rows.Close()
			if err := c.looked("release quarantine", c.args[0]); err != nil {
				return err
			}
			_, err = io.Copy(c.env.stdout, rows)
			return err
		}),
		s.do("trace FILE", "say for which case a file with pseudonyms was made", exactly(1), func(c *call) error {
			stems, err := wing(c).Cases(c.ctx, c.act)
			if err != nil {
				return err
			}
			found, err := c.trace(c.args[0], stems)
			if err != nil {
				return err
			}
			return items(c, found, "CASE KIND PSEUDONYMS", func(t tracedView) []any { return []any{t.Case, t.Kind, t.Pseudonyms} })
		}),
		s.look("list", "print all releases", exactly(0), func(c *call) error {
			all, err := c.releases()
			if err != nil {
				return err
			}
			return items(c, all, "RELEASE AGREEMENT DATASET PERIODS STATE UNTIL", func(r *dars.Release) []any {
				return []any{r.ID, r.Agreement, r.Dataset, strings.Join(r.Periods, ","), r.State, r.WindowEnds}
			})
		}),
	)...)
}

// tracedView is how many pseudonyms of a file were made for a case. It names nobody.
type tracedView struct {
	Case       string `json:"case"`
	Kind       string `json:"kind"`
	Pseudonyms int    `json:"pseudonyms"`
}

// enough of a file that was found, in bytes: one row tells, and a file may be large.
const enough = 1 << 20

// trace tries the keys of cases on the pseudonyms at the beginning of a file.
func (c *call) trace(name string, stems []string) (found []tracedView, err error) {
	open, err := c.input(name)
	if err != nil {
		return nil, err
	}
	f, err := open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, sum, err := beginning(f)
	if err != nil {
		return nil, err
	}
	// Who asks the keys of all cases, and about which file: not what stands in it.
	if err := c.looked("release trace", "sha256:"+sum); err != nil {
		return nil, err
	}
	keys := map[string][]byte{}
	for _, stem := range stems {
		key, err := c.vault.PseudonymKey(stem, false)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it has had no pseudonyms
		}
		if err != nil {
			return nil, err
		}
		keys[stem] = key
	}
	traces, err := extract.TracePseudonyms(text, keys, c.Catalogue.Kinds())
	for _, t := range traces {
		i := slices.IndexFunc(found, func(v tracedView) bool { return v.Case == t.Stem && v.Kind == t.Kind })
		if i < 0 {
			i, found = len(found), append(found, tracedView{Case: t.Stem, Kind: t.Kind})
		}
		found[i].Pseudonyms++
	}
	slices.SortFunc(found, func(a, b tracedView) int { return strings.Compare(a.Case+a.Kind, b.Case+b.Kind) })
	return found, err
}

// beginning is enough of a file, and the SHA-256 of all of it.
func beginning(f io.Reader) (text []byte, sum string, err error) {
	h := sha256.New()
	all := io.TeeReader(f, h)
	if text, err = io.ReadAll(io.LimitReader(all, enough)); err == nil {
		_, err = io.Copy(io.Discard, all)
	}
	return text, hex.EncodeToString(h.Sum(nil)), err
}

// releases lists those that the caller may see: an outsider, what is or was there
// to be collected under an agreement of theirs.
func (c *call) releases() (mine []*dars.Release, err error) {
	if c.who.Inside() {
		return list(c, onlyTheOffice[*dars.Release])
	}
	agreements, err := office.Desk{Office: c.Office}.Agreements(c.ctx, c.act.Who)
	if err != nil {
		return nil, err
	}
	for _, g := range agreements {
		all, err := list(c, func(*dars.Release) dars.OrgCode { return c.who.Org }, dars.By("agreement", g.ID))
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			if r.Published != "" || r.Access != nil {
				mine = append(mine, r)
			}
		}
	}
	slices.SortFunc(mine, func(a, b *dars.Release) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return mine, nil
}

// release is one of those, without the others where they are all the office has.
func (c *call) release(ref string) (*dars.Release, error) {
	if c.who.Inside() {
		return get(c, ref, onlyTheOffice[*dars.Release])
	}
	all, err := c.releases()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(r *dars.Release) bool { return string(r.ID) == ref })
	if i < 0 {
		return nil, dars.Refuse("not-found", ref, "there is no release %s", ref)
	}
	return all[i], nil
}

// releaseView is a release as JSON. The figures of what was withheld are for the
// office alone: a small one tells of somebody.
type releaseView struct {
	ID               dars.ReleaseID    `json:"id"`
	Kind             string            `json:"kind"`
	Agreement        dars.AgreementID  `json:"agreement"`
	Version          string            `json:"version"`
	Dataset          string            `json:"dataset"`
	Periods          []string          `json:"periods"`
	State            dars.ReleaseState `json:"state"`
	hand             func(dars.ReleaseState) dars.Hand
	ProducedBy       dars.PersonID    `json:"produced_by"`
	CheckedBy        dars.PersonID    `json:"checked_by"`
	SignedOffBy      dars.PersonID    `json:"signed_off_by"`
	Objections       upheldView       `json:"objections"`
	Cohort           *dars.CohortUsed `json:"cohort,omitempty"`
	RowsIn           *int64           `json:"rows_in,omitempty"`
	RowsQuarantined  *int64           `json:"rows_quarantined,omitempty"`
	RowsOutside      *int64           `json:"rows_outside,omitempty"`
	RowsWithheld     *int64           `json:"rows_withheld,omitempty"`
	RowsOut          int64            `json:"rows_out"`
	PersonsWithheld  *int64           `json:"persons_withheld,omitempty"`
	PersonsUnmatched *int64           `json:"persons_unmatched,omitempty"`
	RowsUnmatched    *int64           `json:"rows_unmatched,omitempty"`
	CohortFound      *int64           `json:"cohort_found,omitempty"`
	Asked            askedView        `json:"asked,omitzero"`
	Sources          []dars.Source    `json:"sources,omitempty"`
	Replaces         []dars.ReleaseID `json:"replaces"`
	ReplacedBy       dars.ReleaseID   `json:"replaced_by"`
	Despite          []dars.GuardID   `json:"despite,omitempty"`
	Access           *accessView      `json:"access,omitempty"`
	Check            *checkView       `json:"check,omitempty"`
	Late             *lateView        `json:"late,omitempty"`
	Rebuilds         *dars.Rebuild    `json:"rebuilds,omitempty"`
	WindowEnds       dars.Day         `json:"window_ends"`
	Files            []fileView       `json:"files"`
}

type upheldView struct {
	dars.Upheld
	Age *int `json:"list_age_days,omitempty"`
}

type fileView struct {
	ID     dars.FileID      `json:"id"`
	Path   string           `json:"path"`
	Bytes  int64            `json:"bytes"`
	SHA512 string           `json:"sha512"`
	Rows   int64            `json:"rows"`
	Counts *dars.FileCounts `json:"counts,omitempty"`
	Sent   []sentView       `json:"sent"`
}

type sentView struct {
	Person    dars.PersonID  `json:"person"`
	Bytes     int64          `json:"bytes"`
	Confirmed int64          `json:"confirmed"`
	Complete  bool           `json:"complete"`
	Receipt   dars.ReceiptID `json:"receipt"`
}

func (c *call) releaseView(ref string) (v releaseView, err error) {
	r, err := c.release(ref)
	if err != nil {
		return v, err
	}
	g, err := get(c, string(r.Agreement), func(*dars.Agreement) dars.OrgCode { return c.who.Org }) // whose release it is has been asked
	if err != nil {
		return v, err
	}
	collects := c.who.Inside() || slices.Contains(g.Recipients, c.who.ID)
	v = releaseView{ID: r.ID, Kind: r.Kind, Agreement: r.Agreement, Version: g.Version, Dataset: r.Dataset, Periods: r.Periods, State: r.State,
		hand: r.Hand, ProducedBy: r.By(dars.Produced), CheckedBy: r.By(dars.Checked), SignedOffBy: r.By(dars.SignedOff), Objections: upheldView{Upheld: r.Objections}, Cohort: r.Cohort,
		RowsOut: r.Counts.RowsOut, Replaces: append([]dars.ReleaseID{}, r.Replaces...), ReplacedBy: r.ReplacedBy, Despite: r.Despite, Late: viewLate(r, c.who.Inside()), Rebuilds: r.Rebuilds, WindowEnds: r.WindowEnds, Files: []fileView{}}
	if v.Access, err = c.viewAccess(r); err != nil {
		return v, err
	}
	if r.Objections.ListDate != "" {
		age := c.Calendar.Day(c.act.At).Since(r.Objections.ListDate)
		v.Objections.Age = &age
	}
	if c.who.Inside() {
		n := r.Counts
		v.RowsIn, v.RowsQuarantined, v.RowsOutside, v.RowsWithheld, v.PersonsWithheld, v.PersonsUnmatched, v.RowsUnmatched = &n.RowsIn, &n.RowsQuarantined, &n.RowsOutside, &n.RowsWithheld, &n.PersonsWithheld, &n.PersonsUnmatched, &n.RowsUnmatched
		v.Asked, v.Sources = askedView{n.Asked}, r.Sources
		if v.Check, err = c.checkView(r); err != nil {
			return v, err
		}
		if r.Cohort != nil {
			v.CohortFound = &n.CohortFound
		}
	}
	pages, err := list(c, func(p *dars.Collection) dars.OrgCode { return p.Org }, dars.By("release", r.ID))
	for _, f := range r.Files {
		file := fileView{ID: f.ID, Path: f.Path, Bytes: f.Bytes, SHA512: f.SHA512, Rows: f.Rows, Sent: []sentView{}}
		if c.who.Inside() && f.Counts != (dars.FileCounts{}) {
			file.Counts = &f.Counts
		}
		if !collects {
			file.SHA512 = "" // it tells whether somebody has this file
		}
		for _, p := range pages {
			if p.File == f.ID {
				file.Sent = append(file.Sent, sentView{p.Person, p.Sent().Bytes(), p.Answered.Bytes(), p.Word() == dars.Complete, p.Receipt})
			}
		}
		v.Files = append(v.Files, file)
	}
	return v, err
}

// attested is when the person gave their word that they have all of it.
func attested(r *dars.Receipt) string {
	if r.Attested.IsZero() {
		return ""
	}
	return r.Attested.Format("2006-01-02 15:04 MST")
}

func receiptCommands(s *session) *cobra.Command {
	mine := func(c *call) ([]*dars.Receipt, error) {
		if c.who.Inside() {
			return list(c, onlyTheOffice[*dars.Receipt])
		}
		return list(c, func(*dars.Receipt) dars.OrgCode { return c.who.Org }, dars.By("person", c.act.Who))
	}
	var signed bool
	show := s.look("show RECEIPT", "print a receipt", exactly(1), func(c *call) error {
		all, err := mine(c)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(r *dars.Receipt) bool { return string(r.ID) == c.args[0] })
		if i < 0 {
			return dars.Refuse("not-found", c.args[0], "there is no receipt %s", c.args[0])
		}
		r := all[i]
		if signed {
			text, err := c.signedReceipt(r)
			if err == nil {
				_, err = fmt.Fprintln(c.env.stdout, string(text))
			}
			return err
		}
		return c.facts(r, "receipt", r.ID, "file", r.File, "path", r.Path, "person", c.names()(r.Person), "key", r.Key, "word", r.Word,
			"confirmed", fmt.Sprintf("%d of %d bytes", r.Confirmed, r.Size), "sent", r.Sent, "sha512", r.SHA512, "by their word", attested(r))
	})
	show.Flags().BoolVar(&signed, "signed", false, "as JSON with the office's signature, for darsd verify")
	return group("receipt", "receipts for what was collected",
		s.look("list", "print all receipts", exactly(0), func(c *call) error {
			all, err := mine(c)
			if err != nil {
				return err
			}
			names := c.names()
			return items(c, all, "RECEIPT FILE PERSON WORD CONFIRMED OF", func(r *dars.Receipt) []any {
				return []any{r.ID, r.File, names(r.Person), r.Word, r.Confirmed, r.Size}
			})
		}),
		show,
		s.do("confirm FILE SUM", "say that you have all of a file; SUM is its SHA-512 or SHA-256", exactly(2), func(c *call) error {
			id, err := office.Ledger{Office: c.Office}.Attest(c.ctx, c.act, dars.FileID(c.args[0]), c.args[1])
			if err != nil {
				return err
			}
			return c.say(map[string]any{"id": id, "file": c.args[0]}, "%s says that you have all of %s, by your word", id, c.args[0])
		}),
	)
}
