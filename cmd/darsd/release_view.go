package main

import (
	"slices"
	"strings"

	"darsd/dars"
	"darsd/office"
)

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
	Because          string            `json:"withdrawn_because,omitempty"` // for the office alone
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
	Index            string           `json:"index_sha256,omitempty"`
	Replaces         []dars.ReleaseID `json:"replaces"`
	ReplacedBy       dars.ReleaseID   `json:"replaced_by"`
	Despite          []dars.GuardID   `json:"despite,omitempty"`
	Access           *accessView      `json:"access,omitempty"`
	Table            *tableView       `json:"table,omitempty"`
	Check            *checkView       `json:"check,omitempty"`
	Late             *lateView        `json:"late,omitempty"`
	Rebuilds         *dars.Rebuild    `json:"rebuilds,omitempty"`
	WindowEnds       dars.Day         `json:"window_ends"`
	Files            []fileView       `json:"files"`
	Next             []office.Next    `json:"next"` // what comes next, whose turn it is, and when
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
		RowsOut: r.Counts.RowsOut, Replaces: append([]dars.ReleaseID{}, r.Replaces...), ReplacedBy: r.ReplacedBy, Despite: r.Despite, Table: viewTable(r.Tabulation), Late: viewLate(r, c.who.Inside()), Rebuilds: r.Rebuilds, WindowEnds: r.WindowEnds, Files: []fileView{}}
	if v.Access, err = c.viewAccess(r); err != nil {
		return v, err
	}
	if r.Objections.ListDate != "" {
		age := c.Calendar.Day(c.act.At).Since(r.Objections.ListDate)
		v.Objections.Age = &age
	}
	if c.who.Inside() {
		n := r.Counts
		v.Because = r.Because
		v.RowsIn, v.RowsQuarantined, v.RowsOutside, v.RowsWithheld, v.PersonsWithheld, v.PersonsUnmatched, v.RowsUnmatched = &n.RowsIn, &n.RowsQuarantined, &n.RowsOutside, &n.RowsWithheld, &n.PersonsWithheld, &n.PersonsUnmatched, &n.RowsUnmatched
		v.Asked, v.Sources, v.Index = askedView{n.Asked}, r.Sources, r.Index
		if v.Check, err = c.checkView(r); err != nil {
			return v, err
		}
		if r.Cohort != nil {
			v.CohortFound = &n.CohortFound
		}
	}
	next, err := office.Desk{Office: c.Office}.NextOfRelease(c.ctx, r)
	if err != nil {
		return v, err
	}
	v.Next = append([]office.Next{}, next...)
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
