package main

import (
	"cmp"

	"darsd/dars"
	"darsd/office"
	"darsd/transfer/extract"
)

// description is release.json: what the package is, for programs. It never says
// how many were withheld: a small number would tell of somebody.
type description struct {
	Release    dars.ReleaseID    `json:"release"`
	Agreement  dars.AgreementID  `json:"agreement"`
	Version    string            `json:"version"`
	Dataset    string            `json:"dataset"`
	Periods    []string          `json:"periods"`
	Files      []describedFile   `json:"files"`
	Replaces   []dars.ReleaseID  `json:"replaces"`
	Despite    []dars.GuardLine  `json:"despite,omitempty"` // what the recipient has beside it, and why that is no matter
	Objections describedUpheld   `json:"objections"`
	Treatment  treatment         `json:"treatment"`
	Rules      map[string]string `json:"rules"`
	Table      *describedTable   `json:"table,omitempty"`
}

type describedFile struct {
	ID     dars.FileID `json:"id"`
	Path   string      `json:"path"`
	Period string      `json:"period"`
	Rows   int64       `json:"rows"`
	Bytes  int64       `json:"bytes"`
	SHA512 string      `json:"sha512"`
}

type describedUpheld struct {
	Applied    bool     `json:"applied"`
	Reason     string   `json:"reason"`
	Why        string   `json:"why,omitempty"` // they are not applied
	ListDate   dars.Day `json:"list_date,omitempty"`
	ListSHA256 string   `json:"list_sha256,omitempty"`
}

// published is what a package says of objections. Of a list that was not applied it
// says nothing.
func published(u dars.Upheld) describedUpheld {
	if u.Treatment != dars.Uphold {
		return describedUpheld{Reason: u.Reason, Why: dars.Meaning(dars.ObjectionReasons, u.Reason)}
	}
	return describedUpheld{Applied: true, Reason: u.Reason, ListDate: u.ListDate, ListSHA256: u.ListSHA256}
}

func (p packer) describe(o office.Packing, u dars.Upheld, r *extract.Result) description {
	d := description{Release: o.Release.ID, Agreement: o.Agreement.ID, Version: o.Agreement.Version, Dataset: o.Dataset.Code, Periods: o.Release.Periods,
		Treatment: treated(o), Table: describeTable(o.Release.Tabulation),
		Replaces: o.Release.Replaces, Despite: o.Despite, Objections: published(u),
		Rules: map[string]string{"set": ruleSet, "unmatched": string(o.Dataset.Unmatched), "malformed": string(cmp.Or(o.Dataset.Malformed, dars.StopRun)), "uphold": cmp.Or(p.Policy.Uphold, "always")}}
	for _, f := range r.Files {
		d.Files = append(d.Files, describedFile{f.ID, f.Path, f.Period, f.RowsOut, f.Bytes, f.SHA512})
	}
	return d
}
