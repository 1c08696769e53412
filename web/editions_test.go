package web_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"darsd/dars"
	"darsd/register"
)

// Whoever has a page from before is told that it is the same, as long as it says the same:
// a new edition, an hour later, makes no other page of it. What says something else is
// another.
func TestWhatSaysTheSameIsTheSamePage(t *testing.T) {
	s := server(t)
	s.Publish(edition(rows(60)))
	h := s.Handler()
	tags := map[string]string{}
	for _, address := range append(every, "/register.xlsx", "/register.sums", "/publications/checklist.pdf", "/register?page=2", "/dashboard.json?at=2026-03-01") {
		w := ask(h, "GET", address)
		if tags[address] = w.Header().Get("ETag"); tags[address] == "" && address != "/.well-known/security.txt" && address != "/robots.txt" {
			t.Errorf("%s has no ETag", address)
		}
	}
	later := edition(rows(60))
	later.At = later.At.Add(time.Hour)
	s.Publish(later)
	for address, tag := range tags {
		if w := ask(h, "GET", address, "If-None-Match", tag); tag != "" && w.Code != http.StatusNotModified {
			t.Errorf("%s is answered %d in the next edition, with %s after %s", address, w.Code, w.Header().Get("ETag"), tag)
		}
	}
	all := rows(60)
	all[5].Org = "another"
	s.Publish(edition(all))
	for _, address := range []string{"/register", "/register.csv", "/register.json", "/register.xlsx", "/register.atom", "/register.sums", "/register/releases/" + all[5].ID} {
		if w := ask(h, "GET", address, "If-None-Match", tags[address]); w.Code != http.StatusOK {
			t.Errorf("%s says something else, and is answered %d", address, w.Code)
		}
	}
}

// A correction stands on the page of its row, in JSON and in the feed, where the row comes
// first; the list of releases says that it was corrected.
func TestCorrectionsAreSeen(t *testing.T) {
	all := rows(300)
	last := &all[299]
	last.Corrections = []dars.Correction{{On: "2026-11-20", Act: "release withdraw", Was: map[string]string{"opt_outs": "N - <consent>"}, Is: map[string]string{"opt_outs": "Y"}}, {On: "2026-11-21", Edition: "2017", Was: map[string]string{"month": "Jul-19"}}, {On: "2026-11-21", Edition: "2018", Was: map[string]string{"data": "all"}, Is: map[string]string{"data": ""}}}
	h := site(t, edition(all))
	for address, says := range map[string][]string{
		"/register/releases/" + last.ID: {"20 November 2026, by the act “release withdraw”: opt outs was “N - &lt;consent&gt;” and is “Y”", "21 November 2026, by edition 2017 of a register: month was “Jul-19”</li>", " was “all” and is empty</li>"},
		"/register.json":                {`"act":"release withdraw","was":{"opt_outs":"N - \u003cconsent\u003e"},"is":{"opt_outs":"Y"}`},
		"/register?page=6":              {"govuk-tag--yellow\">corrected<"},
	} {
		body := ask(h, "GET", address).Body.String()
		for _, text := range says {
			if !strings.Contains(body, text) {
				t.Errorf("%s does not say %s", address, text)
			}
		}
	}
	var feed struct {
		Updated string `xml:"updated"`
		Entries []struct {
			ID      string `xml:"id"`
			Updated string `xml:"updated"`
			Summary string `xml:"summary"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal(ask(h, "GET", "/register.atom").Body.Bytes(), &feed); err != nil || len(feed.Entries) != 100 {
		t.Fatalf("%d entries: %v", len(feed.Entries), err)
	}
	first := feed.Entries[0]
	if first.ID != "urn:darsd:release:"+last.ID || first.Updated != "2026-11-21T00:00:00Z" || feed.Updated != first.Updated || !strings.Contains(first.Summary, "Corrected on 2026-11-20: opt outs was “N - <consent>” and is “Y”.") {
		t.Errorf("the feed begins, at %s, with %+v", feed.Updated, first)
	}
}

// long is an agreement with very much of everything.
func long() dars.PublicAgreement {
	a := dars.PublicAgreement{ID: "DARS-NIC-000003-X0X0X-v1.0", Ref: "DARS-NIC-000003-X0X0X", Version: "v1.0", Title: "Readmissions after operations on the hip, by hospital and by region", Org: "University of Leeds", State: dars.InForce, Start: "2026-01-01", End: "2026-12-31", Joint: true, Controllers: []string{"University of Leeds", "Leeds Teaching Hospitals NHS Trust"}}
	for i := range 40 {
		a.Processors = append(a.Processors, fmt.Sprintf("Processor number %d of the University Hospitals Trust", i+1))
	}
	for i := range 30 {
		a.Versions = append(a.Versions, dars.PublicVersion{ID: dars.AgreementID(fmt.Sprintf("%s-v%d.0", a.Ref, i+2)), Version: fmt.Sprintf("v%d.0", i+2), State: dars.Superseded, Start: "2026-01-01", End: "2026-12-31"})
	}
	a.Datasets = []dars.PublicDataset{{Name: "Admissions", Data: "Identifiable", Sensitivity: "Sensitive", Objections: "Upheld", Fields: []string{"SEX", "AVERYLONGNAMEOFAFIELDTHATHASNOBLANKINIT_0123456789"}, Periods: []string{"201999"}}}
	a.Purpose.Objective = "The data are kept at [withheld: security or law enforcement, section 31] and nowhere else."
	a.Purpose.Processing = strings.Repeat(strings.Repeat("The data are linked and looked at. ", 20)+"\n", 43)
	return a
}

// Of an agreement that says very much the page shows the beginning of each thing; the rest
// is there when somebody asks for it, and its releases have pages of their own.
func TestALongAgreementIsFolded(t *testing.T) {
	all := rows(200)
	for i := range all {
		all[i].Agreement = "DARS-NIC-000003-X0X0X-v1.0"
	}
	h := site(t, edition(all))
	body := ask(h, "GET", "/agreements/DARS-NIC-000003-X0X0X-v1.0").Body.String()
	for _, text := range []string{"and 32 more", "and 25 more", "Read on: 40 more paragraphs", "All 200 releases under this agreement", "Processor number 40 of", "-v31.0"} {
		if !strings.Contains(body, text) {
			t.Errorf("it does not say %q", text)
		}
	}
	if n := strings.Count(body, "/register/releases/"); n != 20 {
		t.Errorf("it lists %d releases", n)
	}
	w := ask(h, "GET", "/register?agreement=DARS-NIC-000003-X0X0X-v1.0&page=2&objections=not-upheld")
	if w.Code != 404 { // twenty of them are on one page
		t.Errorf("a page that is not is answered %d", w.Code)
	}
	w = ask(h, "GET", "/register?agreement=DARS-NIC-000003-X0X0X-v1.0&page=4")
	for _, text := range []string{"200 releases, page 4 of 4", "Only those under", `agreement=DARS-NIC-000003-X0X0X-v1.0&amp;page=3`, `name="agreement" value="DARS-NIC-000003-X0X0X-v1.0"`, "/register.csv?agreement="} {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("its releases do not say %q", text)
		}
	}
	if w := ask(h, "GET", "/register?agreement=DARS-NIC-000003-X0X0X-v1"); !strings.Contains(w.Body.String(), "No release is as you say") {
		t.Error("an agreement whose name begins the same is taken for it")
	}
}

// A text of one paragraph is folded at the end of a sentence, and nothing of it is lost.
func TestALongParagraphIsFolded(t *testing.T) {
	a := long()
	a.Purpose.Processing = strings.Repeat("The data are kept at [withheld: commercial interests, section 43]. ", 500)
	s := server(t)
	s.Office = one{a: a}
	s.Publish(edition(nil))
	body := ask(s.Handler(), "GET", "/agreements/"+string(a.ID)).Body.String()
	if n := strings.Count(body, "section 43</span>"); n != 500 || !strings.Contains(body, "Read on: 1 more paragraph<") {
		t.Errorf("%d of 500 sentences are there", n)
	}
}

// one is an office of one agreement.
type one struct {
	desk
	a dars.PublicAgreement
}

func (o one) Agreement(context.Context, string, time.Time) (dars.PublicAgreement, error) {
	return o.a, nil
}

// The Data Use Register as a spreadsheet says what it says as a table.
func TestDataUsesAsASpreadsheet(t *testing.T) {
	h := open(t, 40)
	book, err := register.Open("data-uses.xlsx", ask(h, "GET", "/data-uses.xlsx").Body)
	if err != nil || len(book.Sheets) != 1 {
		t.Fatalf("%+v, %v", book.Sheets, err)
	}
	table, err := register.Open("data-uses.csv", ask(h, "GET", "/data-uses.csv").Body)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range table.Sheets[0].Rows {
		other := book.Sheets[0].Rows[i].Cells
		other = append(other, make([]string, len(row.Cells)-len(other))...) // empty ones at the end are not written
		if !slices.Equal(row.Cells, other) {
			t.Errorf("row %d: %q, and %q", i+1, row.Cells, other)
		}
	}
	var file struct{ Items []map[string]string }
	if err := json.Unmarshal(ask(h, "GET", "/data-uses.json").Body.Bytes(), &file); err != nil || len(file.Items) != len(table.Sheets[0].Rows)-1 {
		t.Errorf("%d items, %v", len(file.Items), err)
	}
}
