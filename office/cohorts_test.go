package office_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// forCohort is an agreement of RA1 for persons whom it names itself.
func (h *house) forCohort() dars.AgreementID {
	h.t.Helper()
	f := h.form()
	f.Datasets[0].Cohort = &dars.Cohort{Field: "ID"}
	return h.agreed(f)
}

// cohort is handed in over SSH by somebody.
func (h *house) cohort(o *office.Office, login, agreement, text string) (*dars.CohortList, error) {
	return office.Cohorts{Office: o}.HandIn(h.t.Context(), h.by(login), func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }, agreement, "")
}

func numbers(from, to int) (text string) {
	for n := from; n < to; n++ {
		text += fmt.Sprintf("%010d\n", n)
	}
	return text
}

func TestCohortThatIsHandedIn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.described()
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		take := func(login, name, text string) dars.Verdict {
			return office.Intake{Office: h.both[1]}.Take(t.Context(), office.At(h.people[login], h.noon()), paper("submit", name, text))
		}
		if v := take("rita", "cohort.csv", numbers(1, 4)); v.Code != "no-cohort-asked" {
			t.Errorf("nobody asked for it: %+v", v)
		}
		g := h.forCohort()
		todo, err := office.Desk{Office: h.first()}.Todo(t.Context(), h.people["ron"], h.noon())
		if h.must(err); len(todo) != 1 || !strings.Contains(todo[0].Act, "one NHS number a line into submit/") {
			t.Errorf("ron is asked for %+v", todo)
		}
		o := office.Releases{Office: h.first()}
		_, err = o.Plan(t.Context(), h.by("carol"), g, "HES_APC", nil)
		ruled(t, err, "no-cohort")

		// Another organisation's is nobody's.
		if v := take("ravi", string(g)+"-HES_APC.csv", numbers(1, 4)); v.Code != "no-cohort-asked" || v.Cohort != nil {
			t.Errorf("ravi hands in %+v", v)
		}
		_, err = h.cohort(h.first(), "ravi", string(g), numbers(1, 4))
		ruled(t, err, "no-cohort-asked")
		_, err = h.cohort(h.first(), "carol", string(g), numbers(1, 4))
		ruled(t, err, "no-power")

		// A file of something else is refused, and what was counted is told.
		if v := take("rita", "cohort.csv", strings.Repeat("4857 is a number\n", 12)+numbers(1, 4)); v.Code != "cohort-invalid" || v.Cohort == nil || v.Cohort.InvalidN != 12 || strings.Contains(v.Reason, "4857") {
			t.Errorf("the wrong file is %+v", v)
		}
		if n := len(all[dars.CohortList](h)); n != 0 {
			t.Errorf("%d cohorts are kept of those that were refused", n)
		}

		v := take("rita", "cohort.csv", "x\n"+numbers(1, 4))
		if v.Verdict != dars.VerdictAccepted || v.Ref != "COH-000001" || v.Kind != "cohort" || v.Cohort.Numbers != 3 || !strings.Contains(v.Reason, "4 lines, 3 persons taken in, 1 not valid (line 1: no number)") {
			t.Errorf("the cohort is %+v", v)
		}
		if again := take("rita", "again.txt", "x\n"+numbers(1, 4)); again.Ref != v.Ref || again.Verdict != v.Verdict {
			t.Errorf("again it is %+v", again)
		}
		_, err = h.cohort(h.first(), "ron", "", "x\n"+numbers(1, 4))
		ruled(t, err, "cohort-known")

		// With several agreements one says which is meant.
		second := h.forCohort()
		_, err = h.cohort(h.first(), "ron", "", numbers(1, 4))
		ruled(t, err, "which-cohort")
		if c, err := h.cohort(h.first(), "ron", string(second), "x\n"+numbers(1, 4)); err != nil || c.Version != 1 || c.Agreement != second {
			t.Errorf("it is %+v: %v", c, err)
		}
		if v := take("rita", get[dars.Agreement](h, string(second)).Stem+".csv", numbers(1, 9)); v.Ref != "COH-000003" || v.Version != "2" {
			t.Errorf("by its name it is %+v", v)
		}
		h.sound()
	})
}

func TestReleasesOfACohort(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.described()
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		g := h.forCohort()
		hand := func(text string) *dars.CohortList {
			t.Helper()
			c, err := h.cohort(h.first(), "rita", "", text)
			h.must(err)
			return c
		}
		var told []string
		h.works.packed = func(p office.Packing) {
			said := string(p.Cohort.ID)
			for _, e := range p.Earlier {
				said += fmt.Sprint(" after ", e.ID, e.Releases)
			}
			told = append(told, said)
		}
		o := office.Releases{Office: h.first()}
		plan := func() dars.ReleaseID {
			t.Helper()
			id, err := o.Plan(t.Context(), h.by("carol"), g, "HES_APC", nil)
			h.must(err)
			return id
		}

		first := hand(numbers(1, 100))
		one := h.published(g)
		if c := one.Cohort; c == nil || c.List != first.ID || c.SHA256 != first.SHA256 || c.Numbers != 99 {
			t.Errorf("the release is made with %+v", c)
		}

		// Between any two steps a newer one ends what was planned with the older.
		id, late := plan(), h.signedOff(g)
		hand(numbers(2, 100))
		ruled(t, o.Produce(t.Context(), h.by("pat"), id), "cohort-changed")
		ruled(t, o.Publish(t.Context(), h.by("pat"), late), "cohort-changed")
		id = plan()
		was := h.works.packed
		h.works.packed = func(p office.Packing) { was(p); hand(numbers(3, 100)) }
		ruled(t, o.Produce(t.Context(), h.by("pat"), id), "cohort-changed")
		if len(h.works.discard) != 1 {
			t.Errorf("%d attempts are discarded", len(h.works.discard))
		}
		h.works.packed = was

		// Nothing of the first was sent: nobody holds what is to be destroyed.
		h.signedOff(g)
		h.collect("rita", one.Files[0])
		h.signedOff(g)
		want := []string{"COH-000001", "COH-000001", "COH-000002", "COH-000003", "COH-000003 after COH-000001[REL-000001]"}
		if !slices.Equal(told, want) {
			t.Errorf("the packer was told %q, not %q", told, want)
		}
		h.sound()
	})
}

// However many hand in the same file at once, it is taken in once.
func TestOneCohortAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.described()
		h.contract("RA1", "2028-03-31")
		h.forCohort()
		done := h.race(20, "cohort-known", func(i int, o *office.Office) error {
			_, err := h.cohort(o, []string{"rita", "ron"}[i/2%2], "", numbers(1, 9))
			return err
		})
		if n := len(all[dars.CohortList](h)); done != 1 || n != 1 {
			t.Errorf("it was taken in %d times, and %d are kept", done, n)
		}
		done = h.race(20, "", func(i int, o *office.Office) error {
			_, err := h.cohort(o, "rita", "", numbers(1, 10+i))
			return err
		})
		versions := map[int]bool{}
		for _, c := range all[dars.CohortList](h) {
			versions[c.Version] = true
		}
		if done != 20 || len(versions) != 21 {
			t.Errorf("%d were taken in, as %d versions", done, len(versions))
		}
		h.sound()
	})
}

// A cohort serves the next version of its agreement too, while that asks for persons in
// the same way; and it goes with the last of them.
func TestACohortLivesWithItsCase(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.described()
		h.contract("RA1", "2028-03-31")
		h.list("2026-03-01", 5)
		g := h.forCohort()
		c, err := h.cohort(h.first(), "rita", "", numbers(1, 100))
		h.must(err)
		amended := func(id dars.AgreementID, by dars.Cohort) {
			h.must(h.first().Store.Do(t.Context(), func(tx *store.Tx) error {
				next, err := store.Get[dars.Agreement](tx, g)
				if err != nil {
					return err
				}
				next.ID, next.Datasets[0].Cohort = id, &by
				return tx.Save(h.by("carol"), "agreement issue", next)
			}))
		}
		o := office.Releases{Office: h.first()}
		amended("DARS-NIC-000001-AAAAA-v2.0", dars.Cohort{Field: "ID"})
		amended("DARS-NIC-000001-AAAAA-v3.0", dars.Cohort{Field: "ID", Column: "who"})
		id, err := o.Plan(t.Context(), h.by("carol"), "DARS-NIC-000001-AAAAA-v2.0", "HES_APC", nil)
		if h.must(err); h.release(id).Cohort.List != c.ID {
			t.Errorf("it is planned with %+v", h.release(id).Cohort)
		}
		_, err = o.Plan(t.Context(), h.by("carol"), "DARS-NIC-000001-AAAAA-v3.0", "HES_APC", nil)
		ruled(t, err, "no-cohort")

		ends := office.Agreements{Office: h.first()}
		for i, version := range []dars.AgreementID{g, "DARS-NIC-000001-AAAAA-v3.0", "DARS-NIC-000001-AAAAA-v2.0"} {
			h.must(ends.Terminate(t.Context(), h.by("carol"), version))
			h.must(h.first().Work(t.Context(), h.noon))
			gone := get[dars.CohortList](h, string(c.ID)).Destroyed != ""
			_, err := h.works.Read("", c.Vault)
			if last := i == 2; gone != last || (err != nil) != last {
				t.Errorf("after the end of %s its file is destroyed: %t, %v", version, gone, err)
			}
		}
		h.must(office.Objections{Office: h.first()}.VerifyLists(t.Context()))
		h.sound()
	})
}
