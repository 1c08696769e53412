package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"darsd/dars"
	"darsd/transfer/extract/artificial"
)

// The data that the office holds: a file of visits for each period, of people who do not
// exist. They are small; the process is what is tried.
const (
	dataset = "VISITS"
	people  = 2000
	rows    = 1500
	header  = "SEEN,WARD,DIAG\n" // of what leaves; the number stands before it in what the office holds
)

// periods are those that there are: one more than a long year needs.
func periods() (all []string) {
	for m := range 24 {
		all = append(all, period(m))
	}
	return all
}

// configuration is what the office is told.
func (s *soak) configuration() string {
	var b strings.Builder
	if s.postgres != "" {
		fmt.Fprintf(&b, "database: %q\n", s.postgres)
	}
	b.WriteString(`office: {name: Office that is tried, address: 1 Street, telephone: "01", email: office@office.example}
sftp: {listen: "127.0.0.1:0", quiet: 200ms, grace: 5s}
web: {listen: "127.0.0.1:0"}
metrics: {listen: "127.0.0.1:0"}
console: full
policy: {queries_a_day: 1000}
datasets:
  - code: ` + dataset + `
    name: Visits to the clinic
    iao: iris
    person: NHS
    date: SEEN
    unmatched: withhold
    format: {delimiter: ",", header: true}
    fields:
      - {name: NHS, title: NHS number, type: string, identifying: true}
      - {name: SEEN, title: Day, type: date}
      - {name: WARD, title: Ward, type: string}
      - {name: DIAG, title: Diagnosis, type: string}
    groupings:
      - code: ward
        title: Ward
        field: WARD
        groups: [{name: Ash, values: [Ash]}, {name: Birch, values: [Birch]}, {name: Cedar, values: [Cedar]}]
        rest: other
    files:
`)
	for _, p := range periods() {
		fmt.Fprintf(&b, "      - {period: %q, path: sources/visits-%s.csv, as_at: %s}\n", p, p, firstDay.Add(-60))
	}
	return b.String()
}

// number is that of a person.
func number(n int) string {
	for stem := uint64(943_000_000 + 7*n); ; stem++ {
		if whole, ok := artificial.NHSNumber(stem); ok {
			return fmt.Sprint(whole)
		}
	}
}

// source is what the office holds of a period: whose each row is, and what else it says.
func (s *soak) source(period string) (lines []string, whose []string) {
	lot := s.lot("source", period)
	for range rows {
		who := number(lot.IntN(people))
		lines = append(lines, fmt.Sprintf("%s-%02d-%02d,%s,%c%02d\n", period[:4], 1+lot.IntN(12), 1+lot.IntN(28),
			[]string{"Ash", "Birch", "Cedar", "Dogwood"}[lot.IntN(4)], 'A'+rune(lot.IntN(20)), lot.IntN(100)))
		whose = append(whose, who)
	}
	return lines, whose
}

func (s *soak) makeSources() error {
	dir := s.path("office/sources")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, p := range periods() {
		lines, whose := s.source(p)
		text := "NHS," + header
		for i, line := range lines {
			text += whose[i] + "," + line
		}
		if err := os.WriteFile(dir+"/visits-"+p+".csv", []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// objectors are those whom the list of a day names: in each month a few more, and those who
// came late.
func (s *soak) objectors(list dars.Day) map[string]bool {
	all := map[string]bool{}
	lot := s.lot("objectors")
	for range 40 + s.month(list) {
		all[number(lot.IntN(people))] = true
	}
	for m := range s.month(list) + 1 {
		if late := s.lateDay(m); late != "" && late <= list {
			for _, who := range s.latecomers(m) {
				all[who] = true
			}
		}
	}
	return all
}

// expected is what a recipient must get of a month's release that was made with the list of
// a day: the source without the rows of those who object.
func (s *soak) expected(month int, list dars.Day) []byte {
	lines, whose := s.source(period(month))
	objects := s.objectors(list)
	var b bytes.Buffer
	b.WriteString(header)
	for i, line := range lines {
		if !objects[whose[i]] {
			b.WriteString(line)
		}
	}
	return b.Bytes()
}

// asAt is the day of the list of objections that is the newest on a day: that of the month's
// beginning, or its late one.
func (s *soak) asAt(on dars.Day) dars.Day {
	if late := s.lateDay(s.month(on)); late != "" && late <= on {
		return late
	}
	return s.first.AddMonths(s.month(on))
}
