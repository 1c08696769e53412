package office_test

import (
	"errors"
	"slices"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// Packaging takes long, and the world goes on. What was relied on is asked again
// at the end: a package that must not be is thrown away.
func TestProduceAsksAgain(t *testing.T) {
	other := errors.New("the disk is full")
	tests := map[string]struct {
		meanwhile func(h *house, p office.Packing)
		err       error  // of the packer
		rule      string // that refuses at the end, if any
		discarded bool
	}{
		"nothing happens":                   {nil, nil, "", false},
		"a newer list came":                 {func(h *house, _ office.Packing) { h.list("2026-03-02", 6) }, nil, "list-changed", true},
		"another list of the same day came": {func(h *house, _ office.Packing) { h.list("2026-03-01", 6) }, nil, "list-changed", true},
		"the agreement was terminated": {func(h *house, p office.Packing) {
			h.must(office.Agreements{Office: h.both[1]}.Terminate(h.t.Context(), h.by("carol"), p.Agreement.ID))
		}, nil, "wrong-step", true},
		"the organisation was put on hold": {func(h *house, _ office.Packing) {
			h.must(office.Parties{Office: h.both[1]}.Hold(h.t.Context(), h.by("connie"), "RA1"))
		}, nil, "on-hold", true},
		"the release was withdrawn": {func(h *house, p office.Packing) {
			h.must(office.Releases{Office: h.both[1]}.Withdraw(h.t.Context(), h.by("carol"), p.Release.ID))
		}, nil, "wrong-step", true},
		"somebody else was faster": {func(h *house, p office.Packing) {
			h.works.packed = nil
			h.must(office.Releases{Office: h.both[1]}.Produce(h.t.Context(), h.by("chris"), p.Release.ID))
		}, nil, "wrong-step", true},
		"the packer refuses":                      {nil, dars.Refuse("index-coverage", "HES_APC", "too few"), "index-coverage", true},
		"the packer fails, and nobody knows more": {nil, other, "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			agreed.each(t, func(t *testing.T, h *house) {
				o := office.Releases{Office: h.first()}
				id, err := o.Plan(t.Context(), h.by("carol"), h.agreement(), "HES_APC", nil)
				h.must(err)
				attempt := ""
				h.works.packErr = tt.err
				h.works.packed = func(p office.Packing) {
					attempt = p.Attempt
					if p.List.Version != 1 || len(p.Release.Files) != 2 || p.Terms.Gateway != "NHSA251_REG5" || p.On != h.today || p.Dataset.Code != "HES_APC" {
						t.Errorf("it packs %+v", p)
					}
					if tt.meanwhile != nil {
						tt.meanwhile(h, p)
					}
				}
				err = o.Produce(t.Context(), h.by("pat"), id)
				if tt.err == other {
					if !errors.Is(err, other) {
						t.Errorf("got %v", err)
					}
				} else {
					ruled(t, err, tt.rule)
				}
				if slices.Contains(h.works.discard, attempt) != tt.discarded || len(h.works.discard) > 1 {
					t.Errorf("discarded were %v, and the attempt was %s", h.works.discard, attempt)
				}
				r := get[dars.Release](h, string(id))
				if (r.Attempt == attempt) != (err == nil) || err != nil && r.By(dars.Produced) == h.people["pat"] {
					t.Errorf("after %v the release is %+v", err, r)
				}
				h.sound()
			})
		})
	}
}

func TestNothingIsPackagedThatMayNotBe(t *testing.T) {
	tests := map[string]struct {
		spoil func(h *house)
		login string
		id    dars.ReleaseID
		rule  string
	}{
		"without a list":                 {nil, "pat", "REL-000001", "no-list"},
		"with a list that is too old":    {func(h *house) { h.list("2026-02-08", 5) }, "pat", "REL-000001", "list-stale"},
		"by somebody who may not":        {func(h *house) { h.list("2026-03-01", 5) }, "carol", "REL-000001", "no-power"},
		"what is not planned":            {func(h *house) { h.list("2026-03-01", 5) }, "pat", "REL-000009", "not-found"},
		"after the agreement's end":      {func(h *house) { h.today = "2027-03-03"; h.list(h.today, 5) }, "pat", "REL-000001", "not-in-force"},
		"when the contract is over":      {func(h *house) { h.today = "2026-12-01"; h.list(h.today, 5) }, "pat", "REL-000001", "no-contract"},
		"on the contract's last day":     {func(h *house) { h.today = "2026-11-30"; h.list(h.today, 5) }, "pat", "REL-000001", ""},
		"with a list of 21 days, it may": {func(h *house) { h.list("2026-02-09", 5) }, "pat", "REL-000001", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.contract("RA1", "2026-11-30")
				o := office.Releases{Office: h.first()}
				_, err := o.Plan(t.Context(), h.by("carol"), h.agreed(h.form()), "HES_APC", nil)
				h.must(err)
				if tt.spoil != nil {
					tt.spoil(h)
				}
				packed := false
				h.works.packed = func(office.Packing) { packed = true }
				before := h.head()
				ruled(t, o.Produce(t.Context(), h.by(tt.login), tt.id), tt.rule)
				if tt.rule != "" && (packed || h.head() != before) {
					t.Errorf("it was packed: %t, and %d events tell of it", packed, h.head()-before)
				}
			})
		})
	}
}

func TestOnlyWhatWasAgreedIsPlanned(t *testing.T) {
	tests := map[string]struct {
		dataset string
		periods []string
		files   int
		rule    string
	}{
		"all that was agreed":    {"HES_APC", nil, 2, ""},
		"one period of it":       {"HES_APC", []string{"200299"}, 1, ""},
		"a period that was not":  {"HES_APC", []string{"200399"}, 0, "not-agreed"},
		"a period twice":         {"HES_APC", []string{"200199", "200199"}, 0, "not-agreed"},
		"a dataset that was not": {"HES_OP", nil, 0, "not-agreed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.contract("RA1", "2028-03-31")
				id, err := office.Releases{Office: h.first()}.Plan(t.Context(), h.by("carol"), h.agreed(h.form()), tt.dataset, tt.periods)
				ruled(t, err, tt.rule)
				if tt.rule == "" {
					if r := get[dars.Release](h, string(id)); len(r.Files) != tt.files {
						t.Errorf("its files are %+v", r.Files)
					}
				} else if n := len(all[dars.Release](h)); n != 0 {
					t.Errorf("%d releases are left", n)
				}
			})
		})
	}
}

// described gives the catalogue's dataset a field of persons, who may have
// pseudonyms.
func (h *house) described() {
	d := catalogue[0]
	d.Fields = []dars.Field{{Name: "ID", Pseudonym: "person"}}
	for _, o := range h.both {
		o.Catalogue = dars.Catalogue{d}
	}
}

// What may be agreed and cannot be made is refused before anybody waits for it;
// what can be made has the name that the agreement's words give it.
func TestWhatTheAgreementAsksOfAFile(t *testing.T) {
	keys := []string{"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kdt9w6d9s3z7hq0"}
	tests := map[string]struct {
		asks dars.DatasetRequest
		path string // of the first file
		rule string
	}{
		"nothing":           {dars.DatasetRequest{}, "data/FILE0000001_NIC000001_HES_APC_200199.csv", ""},
		"another delimiter": {dars.DatasetRequest{Output: &dars.Output{Delimiter: "|"}}, "data/FILE0000001_NIC000001_HES_APC_200199.txt", ""},
		"packed":            {dars.DatasetRequest{Output: &dars.Output{Compression: "zstd"}}, "data/FILE0000001_NIC000001_HES_APC_200199.csv.zst", ""},
		"a cohort":          {dars.DatasetRequest{Cohort: &dars.Cohort{Field: "ID"}}, "", "no-cohort"},
		"encrypted":         {dars.DatasetRequest{Output: &dars.Output{EncryptTo: keys}}, "data/FILE0000001_NIC000001_HES_APC_200199.csv.age", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.described()
				h.contract("RA1", "2028-03-31")
				f := h.form()
				f.Datasets[0].Output, f.Datasets[0].Cohort = tt.asks.Output, tt.asks.Cohort
				id, err := office.Releases{Office: h.first()}.Plan(t.Context(), h.by("carol"), h.agreed(f), "HES_APC", nil)
				ruled(t, err, tt.rule)
				if tt.rule == "" {
					if r := get[dars.Release](h, string(id)); r.Files[0].Path != tt.path {
						t.Errorf("the file is %s, not %s", r.Files[0].Path, tt.path)
					}
				}
			})
		})
	}
}

// The key of pseudonyms may be made as long as nothing has been made with one: not
// by a package without pseudonyms, nor by one that was withdrawn unseen.
func TestWhetherAKeyOfPseudonymsWasMade(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.described()
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		f := h.form()
		f.Datasets[0].Columns = []dars.Column{{Field: "ID", Derive: "pseudonym"}}
		g := h.agreed(f)
		o := office.Releases{Office: h.first()}
		var made []bool
		h.works.packed = func(p office.Packing) { made = append(made, p.KeyMade) }
		h.must(o.Withdraw(t.Context(), h.by("carol"), h.signedOff(g)))
		h.published(g)
		h.published(h.agreed(h.form())) // another case
		h.published(g)
		if !slices.Equal(made, []bool{false, false, false, true}) {
			t.Errorf("the packer was told %v", made)
		}
	})
}
