package documents

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"darsd/dars"
)

// listings is one report of each kind.
func listings() map[string]dars.Figures {
	on := dars.Day("2017-03-31")
	bars := func(title, by, of string, labels ...string) dars.FigureChart {
		c := dars.FigureChart{Title: title, By: by, Series: []string{of}}
		for i, label := range labels {
			c.Points = append(c.Points, dars.FigurePoint{Label: label, Values: []int{[]int{4, 11, 7, 203}[i%4]}, Alarm: i == 0})
		}
		return c
	}
	lines := func(title string, series ...string) dars.FigureChart {
		c := dars.FigureChart{Title: title, Lines: true, By: "Month", Series: series}
		for i := range 12 {
			p := dars.FigurePoint{Label: on.AddMonths(i - 11).Month()}
			for j := range series {
				p.Values = append(p.Values, (i*7+j*5)%12)
			}
			c.Points = append(c.Points, p)
		}
		return c
	}
	held := dars.FigureTable{Title: "Held, by agreement", Columns: []string{"Agreement", "Holders", "Datasets", "State", "Ends", "Files", "Bytes sent"}}
	for i := range 60 {
		held.Rows = append(held.Rows, []any{fmt.Sprintf("DARS-NIC-%06d-B1C2D-v1.0", i+1), "RA1, RB2", "HES_APC, HES_AE", "in-force", on, 12, 18_742_001 + 7*i})
	}
	all := map[string]dars.Figures{
		"expiry": {Charts: []dars.FigureChart{bars("Agreements that end, by month", "Month", "Agreements", "Mar 2017", "Apr 2017", "May 2017", "Jun 2017"), lines("Agreements still in force after each month, if none is renewed", "Agreements")},
			Tables: []dars.FigureTable{{Title: "Agreements in force", Columns: []string{"Agreement", "Organisation", "Name", "Ends", "Days left"}, Rows: [][]any{
				{"DARS-NIC-000001-B1C2D-v1.0", "RA1", "University of Northshire", dars.Day("2017-04-30"), 30}, {"DARS-NIC-000002-C3D4F-v2.0", "RB2", "St Cuthbert’s NHS Foundation Trust", dars.Day("2017-05-31"), 61}}},
				{Title: "Framework contracts in force", Columns: []string{"Contract", "Organisation", "Name", "Ends", "Days left"}}}},
		"certificates": {Charts: []dars.FigureChart{bars("Certificates outstanding, by how late they are", "How late", "Certificates", "not yet due", "1 to 28 days late", "29 to 56 days", "more than 56 days")},
			Tables: []dars.FigureTable{{Title: "Certificates outstanding", Columns: []string{"Certificate", "Agreement", "Organisation", "State", "Due", "Days late", "Letters", "Audit"}, Rows: [][]any{
				{"CERT-000001", "DARS-NIC-000001-B1C2D-v1.0", "University of Northshire (RA1)", "issued", dars.Day("2017-02-14"), 45, 3, "AUD-000001"}}}}},
		"holdings": {Charts: []dars.FigureChart{bars("Files held, by dataset", "Dataset", "Files", "HES_APC", "HES_AE")}, Tables: []dars.FigureTable{held}},
		"objections": {From: "2016-04-01", Charts: []dars.FigureChart{lines("Releases, by month", "Objections applied", "Not applied")},
			Tables: []dars.FigureTable{{Title: "Releases", Columns: []string{"Release", "Agreement", "Dataset", "Released", "Objections", "Reason", "List", "List of"}, Rows: [][]any{
				{"REL-000001", "DARS-NIC-000001-B1C2D-v1.0", "HES_APC", dars.Day("2016-04-20"), "upheld", "", 12, dars.Day("2016-04-18")}, {"REL-000002", "DARS-NIC-000002-C3D4F-v2.0", "HES_AE", dars.Day("2016-05-20"), "not-upheld", "N_STATUTORY", 12, dars.Day("2016-04-18")}}}}},
		"audits": {From: "2016-04-01", Charts: []dars.FigureChart{bars("Findings, by class", "Class", "Findings", "AGREEMENT", "ORGANISATION", "FOLLOW_UP", "OBSERVATION")},
			Tables: []dars.FigureTable{{Title: "Actions", Columns: []string{"Audit", "Action", "Finding", "What", "Owner", "Due", "State", "Days late"}, Rows: [][]any{
				{"AUD-000001", 1, 1, "Destroy the backups with the cloud provider, and return the certificate of destruction for them", "P-000012", dars.Day("2017-07-31"), "open", 0}}}}},
		"service-levels": {From: "2016-04-01", Charts: []dars.FigureChart{bars("Working days that finished cases took, without waiting for others", "Service level", "Working days", "14 days, median", "14 days, 90th", "30 days, median"), lines("Cases accepted and finished, by month", "Accepted", "Finished")},
			Tables: []dars.FigureTable{{Title: "Finished in the period, by service level", Columns: []string{"Class", "Working days", "Finished", "Within", "Median", "90th percentile", "With the applicant, median", "With the applicant, 90th", "With an outside body, median", "With an outside body, 90th"}, Rows: [][]any{
				{"standard", 14, 12, 12, 11, 14, 3, 8, 0, 0}, {"medium", 30, 31, 24, 27, 36, 9, 21, 0, 14}, {"complex", 60, 18, 8, 64, 102, 41, 77, 12, 30}}}}},
		"sanctions": {From: "2016-04-01", Charts: []dars.FigureChart{bars("Sanctions that stand, by step", "Step", "Sanctions", "warning", "hold", "suspension", "termination")},
			Tables: []dars.FigureTable{{Title: "Sanctions", Columns: []string{"Sanction", "Organisation", "Agreement", "Step", "Since", "Why", "Appeal", "Lifted"}, Rows: [][]any{{"SAN-000001", "Instytut Danych Łódź–Plymouth (RC3)", "DARS-NIC-000001-B1C2D-v1.0", "hold", dars.Day("2017-03-28"), "data are at a processor or place that was not declared", "dismissed", dars.Day("")}}}}},
		"console": {From: "2016-04-01", Charts: []dars.FigureChart{lines("Acts from a local shell, by month", "Break-glass", "Console")},
			Tables: []dars.FigureTable{{Title: "Break-glass", Columns: []string{"Reference", "On", "Act", "Person", "Why"}, Rows: [][]any{{"GLASS-000001", dars.Day("2017-03-20"), "release sign-off", "P-000003", "The SFTP server would not start after the update, and the release was promised for that day."}}}}},
		"refused": {From: "2016-04-01", Charts: []dars.FigureChart{lines("Refused, by month", "Acts", "Sign-ins"), bars("Refused, by rule", "Rule", "Times", "same-person", "no-power", "certificate-overdue")},
			Tables: []dars.FigureTable{{Title: "Refused, by day", Columns: []string{"Day", "Person", "Act", "Rule", "Door", "Times"}, Rows: [][]any{{dars.Day("2017-03-20"), "P-000003", "release check", "same-person", "ssh", 4}, {dars.Day("2017-03-19"), "nobody", "sign in", "no-entry", "ssh", 10_000}}}}},
		"recalls": {Charts: []dars.FigureChart{bars("Files called back", "Answer", "Files", "answered for", "not answered for")},
			Tables: []dars.FigureTable{{Title: "Notices not answered", Columns: []string{"Recall", "Agreement", "Asked", "Files", "Answer by", "Days late"}, Rows: [][]any{{"RCL-000001", "DARS-NIC-000001-B1C2D-v1.0", "RA1, RB2", 3, dars.Day("2017-03-28"), 3}}}}},
	}
	for _, k := range dars.FigureKinds() {
		f := all[k.Code]
		f.Kind, f.Title, f.Means, f.AsAt = k.Code, k.Title, k.Means, on
		f.Log, f.Data = dars.LogHead{Events: 4120, Hash: "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="}, "list of objections 12 as at 18 April 2016, 1234567 numbers"
		f.Facts = []dars.FigureFact{{Label: "Agreements in force", Says: "225: 4 end within 30 days, 15 within 90, 22 within 180"}}
		all[k.Code] = f
	}
	return all
}

// Every kind of report has a paper and a spreadsheet, with charts and the figures behind
// them, and says what it rests on. Made again they are the same bytes.
func TestEveryKindOfReport(t *testing.T) {
	p := press(false)
	for _, k := range dars.FigureKinds() {
		f := listings()[k.Code]
		text := p.figures(f).WriteText()
		for _, want := range []string{"Chart: " + f.Charts[0].Title, "-- " + f.Charts[0].Title, "Events in the log then   4,120", f.Log.Hash, "As at the end of", f.Tables[0].Columns[0]} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q:\n%s", k.Code, want, text)
			}
		}
		for name, write := range map[string]func(dars.Figures) ([]byte, error){"paper": p.Figures, "spreadsheet": p.FigureSheets} {
			one, err := write(f)
			if err != nil {
				t.Fatalf("the %s of %s: %v", name, k.Code, err)
			}
			if two, err := write(listings()[k.Code]); err != nil || !bytes.Equal(one, two) {
				t.Errorf("the %s of %s is another the second time: %v", name, k.Code, err)
			}
		}
	}
	for name, spoil := range map[string]func(*dars.Figures){
		"a row without all its cells":     func(f *dars.Figures) { f.Tables[0].Rows = [][]any{{"only one"}} },
		"a point without all its figures": func(f *dars.Figures) { f.Charts[0].Points[1].Values = nil },
	} {
		f := listings()["sanctions"]
		spoil(&f)
		if _, err := p.Figures(f); err == nil {
			t.Errorf("%s is drawn", name)
		}
	}
}

// A scale has at most five parts, and reaches what is to be seen.
func TestScales(t *testing.T) {
	for most, want := range map[int]int{1: 1, 5: 1, 6: 2, 10: 2, 11: 5, 25: 5, 26: 10, 203: 50, 1_000_000: 200_000} {
		if got := scaleStep(most); got != want {
			t.Errorf("to %d by %d, want %d", most, got, want)
		}
	}
}
