package web_test

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/dars"
	"darsd/register"
)

// No download has a cell that a spreadsheet runs, and none loses a sign of what it says.
func TestNoDownloadIsArmed(t *testing.T) {
	h := open(t, 40)
	says := map[string][]string{ // texts that are read from it as they are
		"/register.csv":     {`=HYPERLINK("http://example.org")`},
		"/agreements.csv":   {"=cmd|' /C calc'!A0; Leeds", "-1 is where it begins.\nAsk [withheld: personal data, section 40] of it."},
		"/datasets.csv":     {"Admissions"},
		"/data-uses.csv":    {"-1 is where it begins.\nAsk [withheld: personal data, section 40] of it.", "A fund; of Leeds"},
		"/applications.csv": {"@SUM(1) asked by [withheld: personal data, section 40]"},
		"/dashboard.csv":    {"stages"},
	}
	for address, texts := range says {
		t.Run(address, func(t *testing.T) {
			body := ask(h, "GET", address).Body.String()
			raw, err := csv.NewReader(strings.NewReader(body)).ReadAll()
			if err != nil || len(raw) < 2 {
				t.Fatalf("%d rows: %v", len(raw), err)
			}
			for _, row := range raw[1:] {
				for _, c := range row {
					if c != "" && strings.ContainsAny(string([]rune(c)[0]), "=+-@\t\r\n＝＋－＠") {
						t.Errorf("a spreadsheet runs %q", c)
					}
				}
			}
			f, err := register.Open("a.csv", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range texts {
				if !slices.ContainsFunc(f.Sheets[0].Rows, func(r register.Row) bool { return slices.Contains(r.Cells, text) }) {
					t.Errorf("nothing in it reads %q:\n%s", text, body)
				}
			}
		})
	}
}

// An entry of the Data Use Register has every field of the specification, and those that
// it asks for are filled.
func TestDataUses(t *testing.T) {
	h := open(t, 40)
	cells, err := csv.NewReader(ask(h, "GET", "/data-uses.csv").Body).ReadAll()
	if err != nil || len(cells) != 2 || len(cells[0]) != 31 {
		t.Fatalf("%d rows of %d: %v", len(cells), len(cells[0]), err)
	}
	for i, head := range cells[0] {
		if strings.HasSuffix(head, "*") && cells[1][i] == "" {
			t.Errorf("%s is empty", head)
		}
	}
	var file struct{ Items []map[string]string }
	if err := json.Unmarshal(ask(h, "GET", "/data-uses.json").Body.Bytes(), &file); err != nil || len(file.Items) != 1 {
		t.Fatalf("%d items: %v", len(file.Items), err)
	}
	for field, want := range map[string]string{
		"project_id": "DARS-NIC-000001-X0X0X-v1.0", "organisation_sector": "Academic Institute", "applicant_names": dars.NameWithheld, "latest_approval_date": "2025-12-01",
		"data_sensitivity_level": "Personally Identifiable", "legal_basis_article_6": "6(1)(e) Public task", "national_data_opt_out": "Yes", "request_frequency": "Recurring", "release_access_date": "2026-01-01", "access_type": "Release",
	} {
		if got := file.Items[0][field]; got != want {
			t.Errorf("%s is %q, not %q", field, got, want)
		}
	}
}

// silent is an office whose agreement does not say its datasets.
type silent struct{ desk }

func (s silent) Agreements(ctx context.Context, at time.Time, one func(dars.PublicAgreement) error) error {
	return s.desk.Agreements(ctx, at, func(a dars.PublicAgreement) error { a.Datasets = nil; return one(a) })
}

// The datasets of an agreement that does not say them are those that were released.
func TestDataUsesOfWhatWasReleased(t *testing.T) {
	s := server(t)
	s.Office = silent{}
	s.Publish(edition(rows(4)))
	var file struct{ Items []map[string]string }
	if err := json.Unmarshal(ask(s.Handler(), "GET", "/data-uses.json").Body.Bytes(), &file); err != nil || len(file.Items) != 1 || file.Items[0]["datasets"] != "Admissions" {
		t.Errorf("%+v, %v", file.Items, err)
	}
}

// The spreadsheet has the three sheets of the national one, and its releases are those
// that were signed.
func TestTheSpreadsheetHasThreeSheets(t *testing.T) {
	h := open(t, 40)
	f, err := register.Open("register.xlsx", ask(h, "GET", "/register.xlsx").Body)
	if err != nil || len(f.Sheets) != 3 {
		t.Fatalf("%d sheets: %v", len(f.Sheets), err)
	}
	for i, want := range []struct {
		name string
		rows int
	}{{"DataReleases", 41}, {"Agreements", 2}, {"Datasets", 2}} {
		if s := f.Sheets[i]; s.Name != want.name || len(s.Rows) != want.rows {
			t.Errorf("sheet %d is %s with %d rows, not %s with %d", i+1, s.Name, len(s.Rows), want.name, want.rows)
		}
	}
}

// Whoever asks how, the bytes are the same: packed or not, whole or found; and who has
// them already is told so.
func TestTheSameBytesHoweverAsked(t *testing.T) {
	h := open(t, 120)
	for _, address := range []string{"/", "/register?page=2", "/register.csv", "/register.json", "/register.xlsx", "/register.atom", "/agreements.json", "/applications"} {
		t.Run(address, func(t *testing.T) {
			plain := ask(h, "GET", address)
			packed := ask(h, "GET", address, "Accept-Encoding", "br, gzip;q=0.8")
			var content io.Reader = packed.Body
			if packed.Header().Get("Content-Encoding") == "gzip" {
				var err error
				if content, err = gzip.NewReader(packed.Body); err != nil {
					t.Fatal(err)
				}
			} else if address != "/register.xlsx" {
				t.Error("it does not come packed")
			}
			if text, err := io.ReadAll(content); err != nil || string(text) != plain.Body.String() {
				t.Errorf("packed it says something else: %v", err)
			}
			if ask(h, "GET", address, "Accept-Encoding", "gzip;q=0").Header().Get("Content-Encoding") != "" {
				t.Error("it comes packed to who does not take it so")
			}
			head := ask(h, "HEAD", address)
			if head.Body.Len() > 0 || head.Header().Get("Content-Length") != plain.Header().Get("Content-Length") {
				t.Errorf("HEAD says %v", head.Header())
			}
			tag := plain.Header().Get("ETag")
			for _, has := range []string{tag, `"other", W/` + strings.TrimPrefix(tag, "W/"), "*"} {
				if w := ask(h, "GET", address, "If-None-Match", has); w.Code != 304 || w.Body.Len() > 0 {
					t.Errorf("who has %s is answered %d with %d bytes", has, w.Code, w.Body.Len())
				}
			}
			if w := ask(h, "GET", address, "If-None-Match", `"other"`); w.Code != 200 {
				t.Errorf("who has another is answered %d", w.Code)
			}
		})
	}
}

// A register without a release is as it was published, too.
func TestAnEmptyRegisterIsAsPublished(t *testing.T) {
	h := site(t, edition(nil))
	f, err := register.Open("register.csv", ask(h, "GET", "/register.csv").Body)
	if err != nil {
		t.Fatal(err)
	}
	if held, err := register.Against(f, ask(h, "GET", "/register.sums").Body.Bytes()); err != nil || !held.Good() || held.Rows != 0 {
		t.Errorf("%+v, %v", held, err)
	}
}

// Letters with accents of their own, signs that nobody sees, line ends and long texts are
// not taken for another row when a download is held against what was signed.
func TestOddLettersAreAsPublished(t *testing.T) {
	all := rows(6)
	for i, text := range []string{"Universite\u0301 de Paris", "zero\u200bwidth\u00adsigns", "two\r\nlines\rand\ttabs", "_x0041_ is typed", strings.Repeat("long 𝄞 ", 2000), "\ufeff '=quoted ＝1+1"} {
		all[i].Org = text
	}
	h := site(t, edition(all))
	sums := ask(h, "GET", "/register.sums").Body.Bytes()
	for _, form := range []string{"csv", "xlsx"} {
		f, err := register.Open("register."+form, ask(h, "GET", "/register."+form).Body)
		if err != nil {
			t.Fatal(err)
		}
		held, err := register.Against(f, sums)
		if err != nil || !held.Good() || held.Rows != 6 {
			t.Errorf("%s is not what was published: %+v, %v", form, held, err)
		}
	}
}
