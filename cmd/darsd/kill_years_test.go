package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

// TestKillYears lives three years of an office with agreements of all lengths, and ends
// the program with SIGKILL at some of its writes on the way. Whoever goes on comes to the
// same: each thing happened once and on its day, and each letter was written once, as if
// nothing had been killed. DARSD_YEAR_KILLS says how often it is killed, DARSD_SEED where.
func TestKillYears(t *testing.T) {
	if testing.Short() {
		t.Skip("killing takes seconds")
	}
	t.Parallel()
	canTrace(t)
	kills, rnd := asNumber(t, "DARSD_YEAR_KILLS", 8), rand.New(rand.NewPCG(uint64(asNumber(t, "DARSD_SEED", 1)), 0))
	whole := begin(t, "published")
	whole.settled(t, 12)
	killed := begin(t, "published")
	killed.settled(t, 12)
	run := []string{"run-due", "--until", "2019-03-01T12:00"}
	whole.ask(t, run...)

	self, err := exec.LookPath("darsd")
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < kills; n++ {
		// Each time it comes some hundred writes further.
		line := append([]string{"-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", fmt.Sprintf("inject=pwrite64:signal=KILL:when=%d", 1+rnd.IntN(900)), self, "--data", killed.path("office")}, run...)
		if out, err := exec.CommandContext(t.Context(), "strace", line...).CombinedOutput(); !wasKilled(err) {
			t.Fatalf("it lived through its kill number %d: %v\n%s", n+1, err, out)
		}
		// The dead had what it was at for half a minute. That it has passed is all that
		// is changed here.
		db := killed.database(t)
		if _, err := db.Exec("UPDATE owed SET until = 0"); err != nil {
			t.Fatal(err)
		}
		db.Close()
	}
	killed.ask(t, run...)
	killed.ask(t, "--as", "olive", "log", "verify")
	for what, of := range map[string]func(*testing.T, *stage) []string{"log": lived, "mail": mailed} {
		want, got := of(t, whole), of(t, killed)
		if missing, extra := less(want, got), less(got, want); len(missing)+len(extra) > 0 || len(want) < 60 {
			t.Errorf("of %d in the %s, missing: %q\ntoo much: %q", len(want), what, missing, extra)
		}
	}
}

// settled gives an office agreements of the university that end in the next years, under
// half of which something was sent.
func (d *stage) settled(t *testing.T, agreements int) {
	t.Helper()
	h, err := open(t.Context(), d.path("office"), "", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	nora, err := office.Desk{Office: h.Office}.Person(t.Context(), "nora")
	if err != nil {
		t.Fatal(err)
	}
	at, err := h.newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rnd, act := rand.New(rand.NewPCG(3, 3)), dars.Act{Who: dars.ByClock, At: at}
	err = h.Store.Do(t.Context(), func(tx *store.Tx) error {
		for i := range agreements {
			stem := dars.CaseStem(500 + i)
			id, terms := dars.AgreementID(stem+"-v1.0"), []dars.DatasetRequest{{Code: "ADMISSIONS", Periods: []string{"201499"}}}
			all := []dars.Noun{
				&dars.Application{Stem: stem, Major: 1, State: dars.Approved, Form: dars.Form{Title: fmt.Sprint("Study ", i), Organisation: nora.Org, ContactID: nora.ID, Datasets: terms}},
				&dars.Agreement{ID: id, Stem: stem, Version: "v1.0", Application: dars.ApplicationID(stem + "-v1"), Title: fmt.Sprint("Study ", i), Org: nora.Org, Contact: nora.ID, Recipients: []dars.PersonID{nora.ID},
					Controllers: []dars.Signing{{Org: nora.Org}}, State: dars.InForce, Start: "2016-01-01", End: dars.Day("2016-04-01").Add(rnd.IntN(900)), Datasets: terms}}
			if i%2 == 0 {
				file := dars.FileID(fmt.Sprintf("FILE%07d", 900+i))
				r := &dars.Release{ID: dars.ReleaseID(fmt.Sprintf("REL-%06d", 900+i)), Agreement: id, Dataset: "ADMISSIONS", State: dars.Purged, Published: "2016-01-05", Files: []dars.ReleaseFile{{ID: file, Period: "201499"}}}
				all = append(all, r, &dars.Collection{File: file, Release: r.ID, Agreement: id, Person: nora.ID, Org: nora.Org, Size: 100, Closed: dars.Ranges{{From: 0, To: 100}}, First: at, Last: at})
			}
			for _, n := range all {
				if err := tx.Save(act, "made", n); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// lived is what happened to the nouns that the clock looks at, and when.
func lived(t *testing.T, d *stage) (all []string) {
	t.Helper()
	h, err := open(t.Context(), d.path("office"), "", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	kinds := []string{"agreement", "application", "audit", "certificate", "contract", "organisation", "release", "report"}
	err = h.Store.View(t.Context(), func(tx *store.Tx) error {
		events, err := tx.Events("", "", 0, 1<<20)
		for _, e := range events {
			if slices.Contains(kinds, e.Kind) {
				all = append(all, fmt.Sprint(e.At.Format(time.RFC3339), " ", e.Act, " ", e.Kind, " ", e.Ref, " ", e.From, " ", e.To))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// mailed are the letters that lie in the folder: when, to whom, about what.
func mailed(t *testing.T, d *stage) (all []string) {
	t.Helper()
	names, err := filepath.Glob(d.path("office/outgoing-mail/*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := mail.ReadMessage(f)
		f.Close()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, m.Header.Get("Date")+" "+m.Header.Get("To")+" "+m.Header.Get("Subject"))
	}
	slices.Sort(all)
	return all
}
