package web_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"darsd/dars"
	"darsd/documents"
	"darsd/register"
	"darsd/web"
)

// desk is an office that has one agreement and one application for everybody.
type desk struct{}

func (desk) Agreement(_ context.Context, ref string, _ time.Time) (dars.PublicAgreement, error) {
	if ref == "fault" {
		return dars.PublicAgreement{}, errors.New("the database is gone")
	}
	if ref != "DARS-NIC-000001-X0X0X-v1.0" {
		return dars.PublicAgreement{}, dars.Refuse("not-found", ref, "there is none")
	}
	return dars.PublicAgreement{ID: "DARS-NIC-000001-X0X0X-v1.0", Ref: "DARS-NIC-000001-X0X0X", Title: "Readmissions <b>& more</b>", Org: "Leeds", State: dars.InForce, Start: "2026-01-01", End: "2026-12-31",
		Datasets: []dars.PublicDataset{{Name: "Admissions", Data: "Identifiable", Objections: "Upheld", Fields: []string{"SEX"}, Periods: []string{"201999"}}}}, nil
}

func (desk) Application(_ context.Context, ref string) (dars.PublicApplication, error) {
	if ref == "panic" {
		panic("a fault")
	}
	return dars.PublicApplication{ID: "DARS-NIC-000001-X0X0X-v1", Ref: "DARS-NIC-000001-X0X0X", Title: "Readmissions", State: dars.Declined,
		Decisions: []dars.PublicDecision{{Step: "outcome", Outcome: "rejected", On: "2026-02-01", Reason: "not enough", Members: 5, Lay: 2}}}, nil
}

func (desk) Dashboard(_ context.Context, on, _ dars.Day, _ []dars.PublicRelease) (dars.Dashboard, error) {
	return dars.DashboardFacts{On: on}.Dashboard(), nil
}

// rows are so many releases.
func rows(n int) (all []dars.PublicRelease) {
	for i := range n {
		id := fmt.Sprintf("FILE%07d", i+1)
		r := dars.PublicRelease{ID: id, File: id, Org: "University of Leeds", Dataset: "Admissions", Agreement: "DARS-NIC-000001-X0X0X-v1.0", OptOuts: "Y", Objections: dars.Uphold, Released: dars.Day("2026-01-01").Add(i % 300), State: dars.RowReleased}
		if i%10 == 0 {
			r.Org, r.OptOuts, r.Objections = "=HYPERLINK(\"http://example.org\")", "N - consent", dars.NotUpheld
		}
		all = append(all, r)
	}
	dars.SortPublic(all)
	return all
}

// open is a site of so many releases.
func open(t testing.TB, n int) http.Handler {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	s := &web.Server{Office: desk{}, Press: documents.Press{Office: dars.Office{Name: "Office"}}, Info: dars.Office{Name: "Office", Email: "office@example.org"},
		Papers: fstest.MapFS{"checklist.pdf": {Data: []byte("%PDF-1.7")}}, PublicKey: []byte("ed25519 AAAA\n"), Now: time.Now, Log: log}
	h := s.Handler()
	all := rows(n)
	sums := register.Sums(all)
	s.Publish(&web.Edition{At: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), Today: "2026-11-22", Rows: all, Sums: sums, Checkpoint: []byte("a checkpoint\n"), Objectors: "1000000", ListAsAt: "2026-11-01",
		Dashboard: dars.DashboardFacts{On: "2026-11-22", Releases: all, Changes: []dars.StateChange{{On: "2026-01-02", Kind: "application", Ref: "A-v1", To: "submitted"}}}.Dashboard()})
	return h
}

func ask(h http.Handler, method, address string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, address, nil)
	r.RemoteAddr = "127.0.0.1:4000"
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPages(t *testing.T) {
	h := open(t, 120)
	for name, tt := range map[string]struct {
		address string
		status  int
		says    string
	}{
		"dashboard":                     {"/", 200, "Requests in each stage"},
		"register":                      {"/register", 200, "120 releases, page 1 of 3"},
		"its last page":                 {"/register?page=3", 200, "page 3 of 3"},
		"a page that is not":            {"/register?page=4", 404, "Page not found"},
		"search by organisation":        {"/register?q=university+leeds", 200, "108 of 120 releases"},
		"search by objections":          {"/register?objections=not-upheld", 200, "12 of 120 releases"},
		"search for nothing there":      {"/register?q=nobody", 200, "No release is as you say"},
		"hostile search":                {"/register?q=%3Cscript%3E", 200, "&lt;script&gt;"},
		"release":                       {"/register/releases/FILE0000002", 200, "University of Leeds"},
		"no such release":               {"/register/releases/FILE9999999", 404, "Page not found"},
		"agreement":                     {"/agreements/DARS-NIC-000001-X0X0X-v1.0", 200, "Readmissions &lt;b&gt;&amp; more&lt;/b&gt;"},
		"one that is not public":        {"/agreements/DARS-NIC-000002-X0X0X-v1.0", 404, "Page not found"},
		"a fault of the office":         {"/agreements/fault", 500, "There is a problem with the service"},
		"a panic ends one answer":       {"/applications/panic", 500, "a fault of the office"},
		"application with its lay vote": {"/applications/DARS-NIC-000001-X0X0X", 200, "5 members took part, 2 of them lay members. not enough"},
		"for patients":                  {"/objections", 200, "It names about 1000000 people"},
		"publications":                  {"/publications", 200, "Checklist"},
		"a publication":                 {"/publications/checklist.pdf", 200, "%PDF"},
		"no publication":                {"/publications/secret.txt", 404, ""},
		"checkpoint":                    {"/checkpoint", 200, "a checkpoint"},
		"key":                           {"/office.pub", 200, "ed25519"},
		"security.txt":                  {"/.well-known/security.txt", 200, "Contact: mailto:office@example.org"},
		"a day of the past":             {"/dashboard.json?at=2026-03-01", 200, `"as_at":"2026-03-01"`},
		"a day to come":                 {"/dashboard.json?at=2027-03-01", 400, "has been"},
		"no day":                        {"/dashboard.csv?at=yesterday", 400, "has been"},
		"figures":                       {"/dashboard.csv", 200, "2026-11-22,month,2026-01,application,1"},
		"feed":                          {"/register.atom", 200, "<feed xmlns="},
		"nowhere":                       {"/nowhere", 404, "Page not found"},
	} {
		t.Run(name, func(t *testing.T) {
			w := ask(h, "GET", tt.address)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("%s answers %d, without %q:\n%.3000s", tt.address, w.Code, tt.says, w.Body)
			}
			if len(w.Result().Cookies()) > 0 || !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
				t.Errorf("%s has cookies, or no policy: %v", tt.address, w.Header())
			}
			if body := w.Body.String(); strings.Contains(body, "<script") || strings.Contains(body, " style=") || strings.Contains(body, "javascript:") {
				t.Errorf("%s has something to run, or style of its own", tt.address)
			}
		})
	}
}

// A cell that a spreadsheet would run is text in every form, and is not changed by being
// read again.
func TestNoCellIsArmedOrCorrupted(t *testing.T) {
	h := open(t, 40)
	cells, err := csv.NewReader(ask(h, "GET", "/register.csv").Body).ReadAll()
	if err != nil || len(cells) != 41 {
		t.Fatalf("%d rows: %v", len(cells), err)
	}
	for _, row := range cells[1:] {
		for _, c := range row {
			if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
				t.Errorf("a spreadsheet runs %q", c)
			}
		}
	}
	for _, form := range []string{"csv", "xlsx"} {
		f, err := register.Open("register."+form, ask(h, "GET", "/register."+form).Body)
		if err != nil {
			t.Fatal(err)
		}
		held, err := register.Against(f, ask(h, "GET", "/register.sums").Body.Bytes())
		if err != nil || !held.Good() || held.Rows != 40 {
			t.Errorf("%s is not what was published: %+v, %v", form, held, err)
		}
	}
	var file struct{ Items []dars.PublicRelease }
	if err := json.Unmarshal(ask(h, "GET", "/register.json").Body.Bytes(), &file); err != nil || len(file.Items) != 40 {
		t.Fatalf("%d items: %v", len(file.Items), err)
	}
	if !slices.ContainsFunc(file.Items, func(r dars.PublicRelease) bool { return strings.HasPrefix(r.Org, "=HYPERLINK") }) {
		t.Error("JSON does not carry the text as it is")
	}
}

func TestVerifyNamesTheRowThatDiffers(t *testing.T) {
	h := open(t, 40)
	was, sums := ask(h, "GET", "/register.csv").Body.String(), ask(h, "GET", "/register.sums").Body.Bytes()
	lines := strings.SplitAfter(was, "\r\n")
	for name, tt := range map[string]struct {
		file                    string
		differs, missing, twice []string
	}{
		"as it was":        {was, nil, nil, nil},
		"in another order": {lines[0] + strings.Join(reversed(lines[1:]), ""), nil, nil, nil},
		"one cell edited":  {strings.Replace(was, "FILE0000004,University of Leeds", "FILE0000004,University of York", 1), []string{"FILE0000004"}, nil, nil},
		"one row gone":     {lines[0] + strings.Join(lines[2:], ""), nil, []string{strings.SplitN(lines[1], ",", 2)[0]}, nil},
		"one row twice":    {was + lines[1], nil, nil, []string{strings.SplitN(lines[1], ",", 2)[0]}},
		"one row new":      {was + strings.Replace(lines[2], "FILE", "FILE9", 1), []string{"FILE9" + strings.TrimPrefix(strings.SplitN(lines[2], ",", 2)[0], "FILE")}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := register.Open("r.csv", strings.NewReader(tt.file))
			if err != nil {
				t.Fatal(err)
			}
			held, err := register.Against(f, sums)
			if err != nil || !slices.Equal(held.Differs, tt.differs) || !slices.Equal(held.Missing, tt.missing) || !slices.Equal(held.Twice, tt.twice) {
				t.Errorf("%+v, %v", held, err)
			}
		})
	}
}

func reversed(all []string) []string {
	all = slices.Clone(all)
	slices.Reverse(all)
	return all
}

func TestOnlyReading(t *testing.T) {
	h := open(t, 1)
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH"} {
		if w := ask(h, method, "/register"); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s answers %d", method, w.Code)
		}
	}
	if w := ask(h, "HEAD", "/register"); w.Code != 200 || w.Body.Len() > 0 {
		t.Errorf("HEAD answers %d with %d bytes", w.Code, w.Body.Len())
	}
}

func TestNotModified(t *testing.T) {
	h := open(t, 1)
	first := ask(h, "GET", "/register")
	if w := ask(h, "GET", "/register", "If-None-Match", first.Header().Get("ETag")); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Errorf("the same page again: %d, %d bytes", w.Code, w.Body.Len())
	}
}

// One address that asks too often waits; others do not.
func TestTooOften(t *testing.T) {
	h := open(t, 1)
	last := 0
	for range 2000 {
		if last = ask(h, "GET", "/register", "X-Forwarded-For", "203.0.113.9").Code; last == http.StatusTooManyRequests {
			break
		}
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("2000 requests of one address: the last is answered %d", last)
	}
	if w := ask(h, "GET", "/register", "X-Forwarded-For", "203.0.113.9, 203.0.113.10"); w.Code != 200 {
		t.Errorf("another address is answered %d", w.Code)
	}
}

func TestBeforeTheFirstEdition(t *testing.T) {
	s := &web.Server{Office: desk{}, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	if w := ask(s.Handler(), "GET", "/"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("answers %d", w.Code)
	}
	if w := ask(s.Watch(), "GET", "/readyz"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("readyz answers %d", w.Code)
	}
	if w := ask(s.Watch(), "GET", "/healthz"); w.Code != 200 {
		t.Errorf("healthz answers %d", w.Code)
	}
}

// BenchmarkRegister asks for pages of a register of 100,000 releases, as many people do.
func BenchmarkRegister(b *testing.B) {
	h := open(b, 100_000)
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			w := ask(h, "GET", fmt.Sprintf("/register?page=%d", i%2000+1))
			if w.Code != 200 {
				b.Fatal(w.Code)
			}
			io.Copy(io.Discard, w.Body)
		}
	})
}
