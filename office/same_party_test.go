package office_test

import (
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// hospital is a row of a register that released hospital episodes to somebody.
func hospital(row, to, answer string, said ...string) map[string]string {
	return released(row, answer, append([]string{"Organisation Name", to, "Dataset", "Hospital Episodes"}, said...)...)
}

// Two names that PartyName does not bring together are one organisation when somebody
// has said so: for the guard, in worklists, and until it is taken back.
func TestTwoNamesOfOneOrganisation(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		g := h.agreement()
		h.imports(edition("May 2017", hospital("FILE0000101", "Infirmary of the North", "N"), hospital("FILE0000102", "Northern Infirmary (NIN)", "N"),
			hospital("FILE0000103", "Leeds University", "Y"), hospital("FILE0000104", "UNIV. OF LEEDS", "N")))
		parties, guard := office.Parties{Office: h.first()}, office.Guard{Office: h.first()}
		besides := func() (refs []string) {
			answers, err := guard.Check(ctx, h.by("connie"), g, "HES_APC", []string{"200199"})
			h.must(err)
			for _, a := range answers {
				refs = append(refs, a.Releases...)
			}
			return refs
		}
		surveyed := func() (orgs []string) {
			items, err := guard.All(ctx, h.by("connie"))
			h.must(err)
			for _, item := range items {
				orgs = append(orgs, string(item.Org))
			}
			return orgs
		}
		same := func(name, other string) dars.SameID {
			s, err := parties.Same(ctx, h.by("carol"), name, other)
			h.must(err)
			return s.ID
		}
		if len(besides())+len(surveyed()) > 0 {
			t.Fatalf("before anybody has said it the guard finds %v, %v", besides(), surveyed())
		}
		same("Leeds University", "The University of Leeds.")
		north, south := same("RA1", "Infirmary of the North"), same("INFIRMARY OF THE NORTH", "Northern Infirmary")
		if got := besides(); !slices.Equal(got, []string{"FILE0000101", "FILE0000102"}) {
			t.Errorf("beside what RA1 is called elsewhere the guard finds %v", got)
		}
		_, err := office.Releases{Office: h.first()}.Plan(ctx, h.by("carol"), g, "HES_APC", []string{"200199"})
		ruled(t, err, "other-treatment")
		if got := surveyed(); !slices.Equal(got, []string{"Leeds University"}) {
			t.Errorf("everywhere the guard finds %v", got)
		}
		said, err := office.Desk{Office: h.first()}.Names(ctx, h.people["carol"], "RA1")
		if err != nil || len(said) != 2 {
			t.Errorf("of RA1 is said %+v, %v", said, err)
		}

		for names, rule := range map[[2]string]string{{"Northern Infirmary", "RA1"}: "known", {"RA2", "RA2"}: "known", {"RA2", "Nobody's infirmary"}: "not-found"} {
			_, err := parties.Same(ctx, h.by("carol"), names[0], names[1])
			ruled(t, err, rule)
		}
		a := h.by("carol")
		a.Why = ""
		_, err = parties.Same(ctx, a, "RA1", "Leeds University")
		ruled(t, err, "no-reason")
		ruled(t, parties.Apart(ctx, h.by("carol"), south), "no-power")

		if done := h.race(20, "wrong-step", func(i int, o *office.Office) error {
			return office.Parties{Office: o}.Apart(ctx, h.by("connie"), north)
		}); done != 1 {
			t.Errorf("it was taken back %d times", done)
		}
		if got := besides(); len(got) > 0 {
			t.Errorf("when it is taken back the guard finds %v", got)
		}
		if done := h.race(20, "known", func(i int, o *office.Office) error {
			_, err := office.Parties{Office: o}.Same(ctx, h.by("carol"), "Northern Infirmary", "RA1")
			return err
		}); done != 1 || len(besides()) != 2 {
			t.Errorf("it was said %d times, and the guard finds %v", done, besides())
		}
		h.must(h.first().Work(ctx, h.noon))
		_, err = office.Releases{Office: h.first()}.Plan(ctx, h.by("carol"), g, "HES_APC", []string{"200199"})
		ruled(t, err, "other-treatment")
		h.sound()
	})
}

// An organisation that was entered here under two codes is one recipient.
func TestTwoCodesOfOneOrganisation(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		had := weekly(h)
		h.contract("RA2", "2028-03-31")
		f := h.form()
		f.Processors = []dars.OrgCode{"RA2"}
		h.must(office.Parties{Office: h.first()}.AddOrganisation(ctx, h.by("carol"), dars.Organisation{Code: "RA3", Name: "Trust of old", ICO: "Z1234567", Security: "DSPT"}))
		h.contract("RA3", "2028-03-31")
		g := get[dars.Agreement](h, string(had.Agreement))
		if !slices.Contains(g.Holders(), "RA1") {
			t.Fatalf("%s is of %v", g.ID, g.Holders())
		}
		h.add("rosa", "RA3", dars.Applicant, dars.Collector)
		f = h.form()
		f.Organisation, f.Contact, f.Controllers, f.Collectors = "RA3", "rosa", []dars.OrgCode{"RA3"}, []string{"rosa"}
		id, err := office.Applications{Office: h.first()}.Submit(ctx, h.by("rosa"), h.folder(f), "")
		h.must(err)
		h.decided(string(id))
		other, err := office.Agreements{Office: h.first()}.Issue(ctx, h.by("carol"), string(id), "", "")
		h.must(err)
		check := func() int {
			answers, err := office.Guard{Office: h.first()}.Check(ctx, h.by("connie"), other, "HES_APC", nil)
			h.must(err)
			return len(answers)
		}
		if n := check(); n != 0 {
			t.Fatalf("of two organisations the guard finds %d", n)
		}
		_, err = office.Parties{Office: h.first()}.Same(ctx, h.by("connie"), "RA3", "RA1")
		h.must(err)
		if n := check(); n != 1 {
			t.Errorf("of one organisation the guard finds %d", n)
		}
	})
}

// Who controls an agreement of a register has what was released under it, however the
// names stand in their cell.
func TestControllersOfRegistersHaveWhatWasReleased(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		g := h.agreement()
		refs := []string{"DARS-NIC-10001-B1C2D-v1.0", "DARS-NIC-10002-B1C2D-v1.0", "DARS-NIC-10003-B1C2D-v1.0", "DARS-NIC-10004-B1C2D-v1.0"}
		cells := []string{"Somebody; TRUST RA1", "Somebody\nTrust RA1", "Somebody, Trust RA1", "Trust RA12; Trust"}
		var rows []map[string]string
		for i, ref := range refs {
			rows = append(rows, hospital("FILE000020"+string(rune('1'+i)), "Somebody", "N", "NIC Number", ref))
			controlled := agreedUntil(ref, "2030-01-01")
			controlled["Data Controller(s)"] = cells[i]
			rows = append(rows, controlled)
		}
		h.imports(edition("May 2017", rows...))
		answers, err := office.Guard{Office: h.first()}.Check(t.Context(), h.by("connie"), g, "HES_APC", []string{"200199"})
		h.must(err)
		var beside []string
		for _, a := range answers {
			beside = append(beside, a.Releases...)
		}
		if strings.Join(beside, " ") != "FILE0000201 FILE0000202 FILE0000203" {
			t.Errorf("RA1 has %v", beside)
		}
	})
}

// A worklist asks one organisation once, by the name that it has here.
func TestWorklistsNameOneOrganisation(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		one, two := agreedUntil(ofAnother, "2026-01-01"), agreedUntil(ofAnother, "2026-01-01")
		one["Applicant Organisation"], two["Applicant Organisation"] = "Infirmary of the North", "Northern Infirmary"
		h.imports(edition("May 2017", one, two))
		for _, other := range []string{"Infirmary of the North", "Northern Infirmary"} {
			_, err := office.Parties{Office: h.first()}.Same(t.Context(), h.by("connie"), "RA1", other)
			h.must(err)
		}
		if !slices.ContainsFunc(h.todo("connie"), func(act string) bool { return strings.Contains(act, "ask RA1 what became") }) {
			t.Errorf("compliance is told %q", h.todo("connie"))
		}
	})
}
