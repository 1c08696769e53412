package office_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"darsd/configs"
	"darsd/dars"
	"darsd/office"
	"darsd/scheduler"
	"darsd/store"
)

// BenchmarkForecast foresees a year of an office of fifty thousand agreements, each
// with its application and a release of which something was sent.
func BenchmarkForecast(b *testing.B) {
	s, err := store.Open(b.Context(), b.TempDir()+"/forecast.db")
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	o := &office.Office{Store: s, Calendar: configs.Default("").Calendar(), Catalogue: catalogue, Policy: policy}
	from := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	if err := s.Do(b.Context(), func(tx *store.Tx) error { return crowd(tx, 50_000, "2026-03-02") }); err != nil {
		b.Fatal(err)
	}
	six, err := scheduler.Every("0 6 * * *", o.Calendar.Zone)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		lines := 0
		err := office.Clock{Office: o}.Foresee(b.Context(), from, func(f *office.Forecast) error {
			run := scheduler.Duties(f.Due, f.Do, func(*office.Done) { lines++ })
			return scheduler.Live(b.Context(), from, from.AddDate(1, 0, 0), scheduler.Job{Name: "duties", Next: six, Run: run})
		})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(lines), "lines")
	}
}

// crowd fills a store with agreements in force of some thousand organisations.
func crowd(tx *store.Tx, agreements int, on dars.Day) error {
	rnd := rand.New(rand.NewPCG(1, 1))
	act := dars.Act{Who: dars.ByClock, At: time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)}
	var all []dars.Noun
	organisations := agreements/20 + 1
	for i := range organisations {
		org := dars.OrgCode(fmt.Sprintf("R%05d", i))
		all = append(all, &dars.Organisation{Code: org, Name: fmt.Sprint("Trust ", i), State: dars.OrgActive, ICO: "Z1", ICOExpires: on.Add(rnd.IntN(400)), Security: "DSPT", SecurityExpires: on.Add(rnd.IntN(400))},
			&dars.Person{ID: dars.PersonID(fmt.Sprintf("P-%06d", i+10)), Org: org, Login: fmt.Sprint("r", i), Roles: []dars.Role{dars.Collector}},
			&dars.Contract{ID: dars.ContractName(i + 1), Org: org, State: dars.ContractInForce, Start: on.Add(-900), End: on.Add(100 + rnd.IntN(3000))})
	}
	for i := range agreements {
		who := rnd.IntN(organisations)
		stem, org, person := dars.CaseStem(i+1), dars.OrgCode(fmt.Sprintf("R%05d", who)), dars.PersonID(fmt.Sprintf("P-%06d", who+10))
		id, start := dars.AgreementID(stem+"-v1.0"), on.Add(-rnd.IntN(365))
		r := &dars.Release{ID: dars.ReleaseID(fmt.Sprintf("REL-%06d", i+1)), Agreement: id, Dataset: "HES_APC", State: dars.Purged, Published: start,
			Files: []dars.ReleaseFile{{ID: dars.FileID(fmt.Sprintf("FILE%07d", i+1)), Period: "200199"}}}
		all = append(all, r,
			&dars.Application{Stem: stem, Major: 1, State: dars.Approved, Form: dars.Form{Title: fmt.Sprint("Study ", i), Organisation: org, Purpose: dars.Purpose{Objective: strings.Repeat("purpose ", 300)},
				Datasets: []dars.DatasetRequest{{Code: "HES_APC", Periods: []string{"200199"}, Gateway: "NHSA251_REG5"}}}},
			&dars.Agreement{ID: id, Stem: stem, Version: "v1.0", Application: dars.ApplicationID(stem + "-v1"), Title: fmt.Sprint("Study ", i), Org: org, Contact: person, Recipients: []dars.PersonID{person},
				Controllers: []dars.Signing{{Org: org}}, State: dars.InForce, Start: start, End: start.AddMonths(12 + rnd.IntN(24)), Datasets: []dars.DatasetRequest{{Code: "HES_APC", Periods: []string{"200199"}}}},
			&dars.Collection{File: r.Files[0].ID, Release: r.ID, Agreement: id, Person: person, Org: org, Size: 100, Closed: dars.Ranges{{From: 0, To: 100}}, First: act.At, Last: act.At})
	}
	for _, n := range all {
		if err := tx.Save(act, "made", n); err != nil {
			return err
		}
	}
	return nil
}
