package office_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
	"darsd/register"
	"darsd/store"
)

const ofAnother = "DARS-NIC-12345-B1C2D-v1.0"

// released is a row of a register.
func released(row, answer string, said ...string) map[string]string {
	r := map[string]string{"RowID": row, "Organisation Name": "A TRUST", "Dataset": "HES", "NIC Number": ofAnother, "Patient Opt-Outs Applied": answer}
	for i := 0; i+1 < len(said); i += 2 {
		r[said[i]] = said[i+1]
	}
	return r
}

// agreedUntil is a row of a register's agreements.
func agreedUntil(ref string, end dars.Day) map[string]string {
	return map[string]string{"Reference Number": ref, "Application Title": "Asthma", "Applicant Organisation": "A TRUST", "DSA End Date": string(end)}
}

// edition is a register of some rows.
func edition(name string, rows ...map[string]string) dars.RegisterRead {
	var files []register.File
	for _, of := range []struct{ sheet, column string }{{"releases", "RowID"}, {"agreements", "Application Title"}} {
		var table [][]string
		for _, r := range rows {
			if _, ok := r[of.column]; !ok {
				continue
			}
			columns := slices.Sorted(maps.Keys(r))
			if table == nil {
				table = append(table, columns)
			}
			var cells []string
			for _, c := range table[0] {
				cells = append(cells, r[c])
			}
			table = append(table, cells)
		}
		if table == nil {
			continue
		}
		var b bytes.Buffer
		if err := csv.NewWriter(&b).WriteAll(table); err != nil {
			panic(err)
		}
		f, err := register.Open(name+" "+of.sheet+".csv", &b)
		if err != nil {
			panic(err)
		}
		files = append(files, f)
	}
	return register.Understand(register.NewHeaders(nil), files)
}

// imports takes an edition in and says what came of it.
func (h *house) imports(read dars.RegisterRead) (string, dars.ImportDone) {
	h.t.Helper()
	id, done, err := office.Register{Office: h.first()}.Import(h.t.Context(), h.by("connie"), read, "")
	h.must(err)
	return id, done
}

func (h *house) events() (n int64) {
	h.t.Helper()
	h.must(h.first().Store.View(h.t.Context(), func(tx *store.Tx) (err error) {
		n, err = tx.Head()
		return err
	}))
	return n
}

func (h *house) importedReleases() []*dars.ImportedRelease {
	h.t.Helper()
	all, err := office.Imported[dars.ImportedRelease](h.t.Context(), office.Desk{Office: h.first()}, h.people["connie"])
	h.must(err)
	return all
}

// theRegister reads the published register from some of its files.
func theRegister(pattern string) (read dars.RegisterRead, err error) {
	names, err := filepath.Glob(filepath.Join(os.Getenv("DARSD_TESTDATA"), "register-2017", pattern))
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("there is no %s", pattern)
	}
	var all []register.File
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			return read, err
		}
		f, err := register.Open(name, bytes.NewReader(content))
		if err != nil {
			return read, err
		}
		all = append(all, f)
	}
	return register.Understand(register.NewHeaders(nil), all), err
}

// theBook is the register as it was published, in one file.
var theBook = sync.OnceValues(func() (dars.RegisterRead, error) { return theRegister("*.xlsx") })

// registered is an office that has taken the published register in whole.
var registered = &stage{from: firstDay, deeds: func(h *house) {
	book, err := theBook()
	h.must(err)
	begun := time.Now()
	id, done := h.imports(book)
	h.t.Logf("%d rows in %s", done.RowsRead, time.Since(begun).Round(time.Millisecond))
	if !isTheRegister(id, done) {
		h.t.Fatalf("%s came to %+v", id, done)
	}
}}

func isTheRegister(id string, done dars.ImportDone) bool {
	return id == "2017-09-to-2017-11" && done.Releases == 5776 && done.Agreements == 568 && done.Amendments == 12 && done.OwnClass == 4
}

// hasTheRegister skips a test where the published register is not here to read.
func hasTheRegister(t *testing.T) (dir string) {
	t.Helper()
	dir = os.Getenv("DARSD_TESTDATA")
	if dir == "" && os.Getenv("DARSD_REQUIRE_ALL") == "1" {
		t.Fatal("DARSD_TESTDATA is not set")
	}
	if dir == "" {
		t.Skip("DARSD_TESTDATA is not set: the published register is not here to read")
	}
	return dir
}

// The published register is taken in whole; a second time it changes nothing, and so do
// its sheets as CSV files.
func TestThePublishedRegisterIsTakenIn(t *testing.T) {
	hasTheRegister(t)
	book, err := theBook()
	if err != nil {
		t.Fatal(err)
	}
	sheets, err := theRegister("sheets/*.csv")
	if err != nil {
		t.Fatal(err)
	}
	registered.each(t, func(t *testing.T, h *house) {
		before := h.events()
		id, done := h.imports(book)
		if !isTheRegister(id, done) || h.events() != before {
			t.Errorf("the same bytes again came to %s, %+v, with %d events", id, done, h.events()-before)
		}
		as := func() map[string]dars.ImportedRelease {
			all := map[string]dars.ImportedRelease{}
			for _, r := range h.importedReleases() {
				all[r.Row] = *r
			}
			return all
		}
		was := as()
		if again, as := h.imports(sheets); again != id || as.Corrected != 0 || as.Gone != 0 {
			t.Errorf("the sheets apart came to %s, %+v", again, as)
		}
		if !reflect.DeepEqual(as(), was) || len(was) != 5788 {
			t.Errorf("the sheets apart have changed something of %d releases", len(was))
		}
		for _, r := range book.Releases {
			got := was[r.Row]
			got.ID, got.Editions, got.Columns = r.ID, r.Editions, r.Columns
			if !reflect.DeepEqual(got, *r) {
				t.Fatalf("row %s is kept as %+v", r.Row, got)
			}
		}
		// Released both with and without objectors: 67 pairs of organisation and dataset,
		// 31 of them under one agreement (domain 17).
		items, err := office.Guard{Office: h.first()}.All(t.Context(), h.by("connie"))
		h.must(err)
		within := 0
		for _, item := range items {
			if len(item.Within) > 0 {
				within++
			}
		}
		if len(items) != 67 || within != 31 {
			t.Errorf("the guard finds %d pairs, %d under one agreement", len(items), within)
		}
		if _, err := h.first().Store.Verify(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// What is planned is laid beside what a register says its recipient has, by name.
func TestTheGuardKnowsImportedReleases(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		g := h.agreement()
		known, err := h.first().Catalogue.Dataset("HES_APC")
		h.must(err)
		name := get[dars.Organisation](h, "RA1").Name
		had := &dars.ImportedRelease{ID: "FILE0012064", Row: "FILE0012064", Agreement: "DARS-NIC-17875-X7K1V-v1.4", Org: strings.ToUpper(name), Dataset: strings.ToUpper(known.Name), Objections: dars.NotUpheld, Said: map[string]string{}, Editions: []string{"2017"}}
		h.must(h.first().Store.Do(t.Context(), func(tx *store.Tx) error {
			return tx.Save(office.At(dars.ByClock, h.noon()), "register import", had)
		}))
		ctx, plan := t.Context(), func() error {
			_, err := office.Releases{Office: h.first()}.Plan(t.Context(), h.by("carol"), g, "HES_APC", []string{"200199"})
			return err
		}
		ruled(t, plan(), "other-treatment")
		_, err = office.Guard{Office: h.first()}.Override(ctx, h.by("connie"), g, "HES_APC", []string{"200199"}, "FILE0012064")
		h.must(err)
		h.must(plan())
	})
}

// A corrected edition changes what it says otherwise, with the day and what was said
// before; another edition's rows of the same id are others.
func TestCorrectionsAreDated(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id, _ := h.imports(edition("May 2017", released("FILE0000007", "Y"), released("OTHER0001", "N"), released("OTHER0002", "N"), released("OTHER0003", "N")))
		h.today = "2026-03-09"
		again, done := h.imports(edition("corrected", released("FILE0000007", "Y"), released("OTHER0001", "Y"), released("OTHER0002", "N")))
		if again != id || done.Corrected != 1 || done.Gone != 1 {
			t.Errorf("a correction of %s is taken in as %s: %+v", id, again, done)
		}
		if part, done := h.imports(edition("a part", released("OTHER0002", "N"))); part != id || done.Gone != 0 {
			t.Errorf("of a part of %s, which is taken for %s, %d releases are gone", id, part, done.Gone)
		}
		h.imports(edition("August 2017", released("OTHER0001", "N", "Dataset", "DIDS"), released("OTHER0002", "N", "Dataset", "DIDS")))
		got := map[string]*dars.ImportedRelease{}
		for _, r := range h.importedReleases() {
			got[r.ID] = r
		}
		if len(got) != 6 || got["2017-08/OTHER0001"] == nil {
			t.Errorf("there are %v", slices.Sorted(maps.Keys(got)))
		}
		r, gone := got[id+"/OTHER0001"], got[id+"/OTHER0003"]
		if r.Objections != dars.Uphold || len(r.Corrections) != 1 || r.Corrections[0].On != h.today || r.Corrections[0].Was["opt_outs"] != "N" {
			t.Errorf("the corrected row is %+v", r)
		}
		if len(gone.Editions) != 0 || gone.Corrections[0].Was["row"] != "OTHER0003" || gone.Card().State != "gone" {
			t.Errorf("the row that is there no more is %+v", gone)
		}
	})
}

// Two files of one name may be of two editions. What an edition has is not taken for
// gone because another has its name.
func TestANameIsNotTakenTwice(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		register := office.Register{Office: h.first()}
		first, second := edition("register", released("FILE0000007", "Y"), released("OTHER0001", "N")), edition("register", released("FILE0000008", "Y"), released("OTHER0001", "N", "Dataset", "DIDS"))
		h.imports(first)
		before := h.events()
		_, _, err := register.Import(t.Context(), h.by("connie"), second, "")
		if ruled(t, err, "which-edition"); h.events() != before {
			t.Error("a refusal left a trace")
		}
		_, _, err = register.Import(t.Context(), h.by("connie"), second, "June 2017")
		h.must(err)
		for _, r := range h.importedReleases() {
			if len(r.Editions) != 1 || len(r.Corrections) > 0 {
				t.Errorf("%s stands in %v, corrected %v", r.ID, r.Editions, r.Corrections)
			}
		}
		if n := len(h.importedReleases()); n != 4 {
			t.Errorf("there are %d releases", n)
		}

		counts := []dars.TracingCount{{Body: "Police", Received: 2, Rejected: 1, Traced: 1}, {Body: "NCA"}}
		h.imports(dars.RegisterRead{Edition: "2017-05", SHA256: "a", Tracing: counts})
		h.imports(dars.RegisterRead{Edition: "nbo", SHA256: "b", Tracing: []dars.TracingCount{counts[1], counts[0]}})
		if n := len(all[dars.Tracing](h)); n != 1 {
			t.Errorf("the same requests are counted %d times", n)
		}
	})
}

// An answer that a corrected edition leaves out stays as it was known.
func TestWhatAnEditionLeavesOutStays(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.imports(edition("May 2017", released("FILE0000007", "Y"), released("OTHER0001", "N")))
		h.imports(edition("May 2017", released("FILE0000007", ""), released("OTHER0001", "perhaps")))
		for _, r := range h.importedReleases() {
			if want := map[string]dars.Treatment{"FILE0000007": dars.Uphold}[r.Row]; r.Objections != want {
				t.Errorf("in %s objections are %q", r.Row, r.Objections)
			}
		}
	})
}

// A deadline is a context that ends after so many looks at it.
type deadline struct {
	context.Context
	left *atomic.Int64
	over chan struct{}
}

func until(ctx context.Context, looks int64) deadline {
	d := deadline{ctx, new(atomic.Int64), make(chan struct{})}
	d.left.Store(looks)
	close(d.over)
	return d
}

func (d deadline) Done() <-chan struct{} {
	if d.left.Add(-1) < 0 {
		return d.over
	}
	return d.Context.Done()
}

func (d deadline) Err() error {
	if d.left.Load() < 0 {
		return context.Canceled
	}
	return d.Context.Err()
}

// An import that was cut short is said again, and ends as it would have.
func TestAnImportThatWasCutShort(t *testing.T) {
	var rows []map[string]string
	for i := range 700 {
		rows = append(rows, released(fmt.Sprintf("OTHER%04d", i), "N"))
	}
	rows = append(rows, released("no file", "perhaps"))
	read := edition("May 2017", rows...)
	each(t, func(t *testing.T, h *house) {
		cut := 0
		for _, statements := range []int64{200, 2000, 4000, 6000} {
			_, _, err := office.Register{Office: h.first()}.Import(until(t.Context(), statements), h.by("connie"), read, "")
			if err != nil {
				cut++
			}
		}
		if cut == 0 || len(h.importedReleases()) == 701 {
			t.Fatalf("%d imports were cut short, and %d releases are here", cut, len(h.importedReleases()))
		}
		var wg sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			wg.Go(func() {
				_, _, errs[i] = office.Register{Office: h.both[i%2]}.Import(t.Context(), h.by("connie"), read, "")
			})
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if n := len(h.importedReleases()); n != 701 {
			t.Errorf("six imports at once have brought %d releases", n)
		}
		before := h.events()
		h.imports(read)
		if h.events() != before {
			t.Error("and a seventh left an event")
		}
		unread, err := office.Desk{Office: h.first()}.ReadBefore(t.Context(), h.people["connie"], "2017-05")
		if err != nil || len(unread) != 1 || !slices.Contains(unread[0].Cells, "perhaps") {
			t.Errorf("what was not understood is %+v, %v", unread, err)
		}
	})
}

// Our own file ids go on above those of registers. A row with one of ours is refused,
// unless it says the same release.
func TestFileIDsAreNeverUsedAgain(t *testing.T) {
	agreed.each(t, func(t *testing.T, h *house) {
		id := h.agreement()
		own := h.published(id)
		file, before := string(own.Files[0].ID), h.events()
		_, _, err := office.Register{Office: h.first()}.Import(t.Context(), h.by("connie"), edition("May 2017", released(file, "Y"), released("FILE0004711", "Y")), "")
		var no *dars.Refusal
		if !errors.As(err, &no) || no.Rule != "own-file" || no.Ref != file || h.events() != before {
			t.Errorf("a register that has our %s: %v, with %d events", file, err, h.events()-before)
		}
		ours := func(answer string, said ...string) map[string]string {
			return released(file, answer, append([]string{"NIC Number", string(id), "Dataset", "HES_APC", "Organisation Name", "TRUST RA1"}, said...)...)
		}
		for name, row := range map[string]map[string]string{
			"objections not upheld": ours("N"), "to another": ours("Y", "Organisation Name", "A TRUST"), "another dataset": ours("Y", "Dataset", "Mortality"), "another version": ours("Y", "NIC Number", ofAnother),
		} {
			_, _, err := office.Register{Office: h.first()}.Import(t.Context(), h.by("connie"), edition("May 2017", row, released("FILE0004711", "Y")), "")
			if ruled(t, err, "own-file"); h.events() != before {
				t.Errorf("%s: a refusal left a trace", name)
			}
		}
		_, done := h.imports(edition("May 2017", ours("Y - upheld"), released("FILE0004711", "Y")))
		if done.Own != 1 || done.Releases != 1 {
			t.Errorf("of our own and another's row came %+v", done)
		}
		next, err := office.Releases{Office: h.first()}.Plan(t.Context(), h.by("carol"), id, "HES_APC", nil)
		h.must(err)
		if got := get[dars.Release](h, string(next)).Files[0].ID; got != "FILE0004712" {
			t.Errorf("our next file is %s", got)
		}
	})
}

// An agreement that a register says has ended waits for compliance, until somebody has
// found out what became of the data. A later version takes its place.
func TestImportedAgreementsLapse(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := office.Register{Office: h.first()}
		h.imports(edition("May 2017", agreedUntil(ofAnother, "2026-03-10"), agreedUntil("CASEMIX_MONITOR", "2020-01-01"),
			agreedUntil("DARS-NIC-777-", ""), agreedUntil("NIC-54321-B1C2D-v9.1", "2019-01-01"), agreedUntil("NIC-54321-B1C2D-v10.0", "2030-01-01")))
		waits := func(ref string) bool {
			return slices.ContainsFunc(h.todo("connie"), func(act string) bool { return strings.Contains(act, "register settle "+ref) })
		}
		state := func(ref string) dars.AgreementState { return get[dars.ImportedAgreement](h, ref).State }
		if !waits("CASEMIX_MONITOR") || waits(ofAnother) || state("DARS-NIC-54321-B1C2D-v9.1") != dars.Superseded || state("DARS-NIC-54321-B1C2D-v10.0") != dars.InForce {
			t.Errorf("on the day of the import compliance is asked to %q", h.todo("connie"))
		}
		if slices.ContainsFunc(h.todo("carol"), func(act string) bool { return strings.Contains(act, "register settle") }) {
			t.Error("a case officer is asked to settle what only compliance can")
		}
		var no *dars.Refusal
		if err := o.Settle(t.Context(), h.by("connie"), ofAnother); !errors.As(err, &no) || no.Rule != "wrong-step" {
			t.Errorf("one that is in force is settled: %v", err)
		}
		h.today = "2026-03-11"
		h.lives(office.Clock{Office: h.first()}, h.today)
		if state(ofAnother) != dars.AgreementExpired || !waits(ofAnother) {
			t.Errorf("on the day after its last it is %s", state(ofAnother))
		}
		h.must(o.Settle(t.Context(), h.by("connie"), ofAnother))
		if state(ofAnother) != dars.Closed || waits(ofAnother) {
			t.Errorf("settled, it is %s", state(ofAnother))
		}
		hits, err := office.Desk{Office: h.first()}.Search(t.Context(), h.people["connie"], []string{"asthma", "trust"})
		h.must(err)
		if len(hits) != 5 {
			t.Errorf("of five agreements search finds %v", hits)
		}
		if hits, err = (office.Desk{Office: h.first()}).Search(t.Context(), h.people["rita"], []string{"asthma"}); err != nil || len(hits) != 0 {
			t.Errorf("an outsider finds %v, %v", hits, err)
		}
		// A correction says that it goes on, and a person that this is so.
		h.imports(edition("corrected", agreedUntil(ofAnother, "2027-01-01"), released("OTHER0001", "Y")))
		h.must(o.Reopen(t.Context(), h.by("connie"), ofAnother))
		if g := get[dars.ImportedAgreement](h, ofAnother); g.State != dars.InForce || len(g.Corrections) != 1 || g.Corrections[0].Was["end"] != "2026-03-10" {
			t.Errorf("corrected, it is %+v", g)
		}
		id, made, err := office.Clock{Office: h.first()}.Report(t.Context(), dars.Act{Who: dars.ByClock, At: h.noon(), Via: dars.Clock})
		h.must(err)
		if c := get[dars.Report](h, string(id)).Facts.Imported; !made || c == nil || c.Agreements != 5 || c.Lapsed != 1 || c.Editions != 2 {
			t.Errorf("the report counts %+v", c)
		}
	})
}

// What ends soon is listed by its last day, of the office and of registers; outsiders
// see their own.
func TestAgreementsThatEndSoon(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.imports(edition("May 2017", agreedUntil(ofAnother, "2026-03-10"), agreedUntil("CASEMIX_MONITOR", "2020-01-01"), agreedUntil("DARS-NIC-777-", "")))
		h.contract("RA1", "2028-03-31")
		ours := h.agreed(h.form())
		ending := func(login string, to dars.Day) (refs []string) {
			own, imported, err := office.Desk{Office: h.first()}.Ending(t.Context(), h.people[login], h.today, to)
			h.must(err)
			for _, g := range own {
				refs = append(refs, string(g.ID))
			}
			for _, g := range imported {
				refs = append(refs, g.ID)
			}
			return refs
		}
		end := get[dars.Agreement](h, string(ours)).End
		if got := ending("carol", "2026-03-10"); !slices.Equal(got, []string{ofAnother}) {
			t.Errorf("by its last day %q end", got)
		}
		if got := ending("carol", "2026-03-09"); len(got) != 0 {
			t.Errorf("by the day before %q end", got)
		}
		if got := ending("rita", end); !slices.Equal(got, []string{string(ours)}) {
			t.Errorf("an outsider sees %q end", got)
		}
	})
}

func TestTracingIsCounted(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := office.Register{Office: h.first()}
		a := h.by("connie")
		a.Why = ""
		police := dars.TracingCount{Body: "Police", Received: 5, Rejected: 1, Traced: 3, Untraced: 1}
		wrong := police
		wrong.Traced = 2
		for name, tt := range map[string]struct {
			month string
			c     dars.TracingCount
			rule  string
		}{
			"does not add up": {"2026-01", wrong, "does-not-add-up"},
			"to come":         {"2026-04", police, "in-future"},
			"no month":        {"January", police, "no-month"},
		} {
			var no *dars.Refusal
			if err := o.CountTracing(t.Context(), a, tt.month, tt.c); !errors.As(err, &no) || no.Rule != tt.rule {
				t.Errorf("%s: %v", name, err)
			}
		}
		h.must(o.CountTracing(t.Context(), a, "2026-01", police))
		more := dars.TracingCount{Body: "Police", Received: 6, Rejected: 2, Traced: 3, Untraced: 1}
		var no *dars.Refusal
		if err := o.CountTracing(t.Context(), a, "2026-01", more); !errors.As(err, &no) || no.Rule != "known" {
			t.Errorf("it is counted twice: %v", err)
		}
		h.must(o.CountTracing(t.Context(), h.by("connie"), "2026-01", more))
		if got := get[dars.Tracing](h, "2026-01"); len(got.Counts) != 1 || got.Counts[0] != more || len(got.Corrections) != 1 {
			t.Errorf("it is counted as %+v", got)
		}
	})
}

func TestWhatARegisterNamesIsAppliedForAnew(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.imports(edition("May 2017", agreedUntil(ofAnother, "2016-12-31")))
		in := h.folder(h.next(dars.Renewal, strings.TrimSuffix(ofAnother, "-v1.0")))
		_, err := office.Applications{Office: h.first()}.Submit(t.Context(), h.by("rita"), in, "")
		if ruled(t, err, "not-found"); !strings.Contains(err.Error(), "apply anew") {
			t.Errorf("a renewal of what only a register names is refused with %v", err)
		}
	})
}
