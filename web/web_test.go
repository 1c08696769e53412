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
	"regexp"
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
	if ref == "DARS-NIC-000003-X0X0X-v1.0" {
		return long(), nil
	}
	if ref != "DARS-NIC-000001-X0X0X-v1.0" {
		return dars.PublicAgreement{}, dars.Refuse("not-found", ref, "there is none")
	}
	return dars.PublicAgreement{ID: "DARS-NIC-000001-X0X0X-v1.0", Ref: "DARS-NIC-000001-X0X0X", Title: "Readmissions <b>& more</b>", Org: "Leeds", State: dars.InForce, Start: "2026-01-01", End: "2026-12-31",
		OrgType: "Academic", Controllers: []string{"=cmd|' /C calc'!A0", "Leeds"}, Approved: "2025-12-01", Backing: dars.PublicBacking{Article6: []string{"6(1)(e) Public task"}, Funders: []string{"A fund, of Leeds"}},
		Purpose: dars.PublicPurpose{Objective: "-1 is where it begins.\nAsk " + dars.NameWithheld + " of it.", Benefits: "Fewer come back."}, Conditions: []string{"Not for " + dars.NameWithheld},
		Datasets: []dars.PublicDataset{{Name: "Admissions", Data: "Identifiable", Objections: "Upheld", Frequency: "Ongoing", Fields: []string{"SEX"}, Periods: []string{"201999"}}},
		Audits:   []dars.PublicAudit{{ID: "AUD-000001", Triggered: "2026-02-01", State: dars.AuditClosed}}}, nil
}

func (d desk) Agreements(ctx context.Context, at time.Time, one func(dars.PublicAgreement) error) error {
	a, err := d.Agreement(ctx, "DARS-NIC-000001-X0X0X-v1.0", at)
	if err == nil {
		err = one(a)
	}
	return err
}

func (desk) Application(_ context.Context, ref string) (dars.PublicApplication, error) {
	if ref == "panic" {
		panic("a fault")
	}
	return dars.PublicApplication{ID: "DARS-NIC-000001-X0X0X-v1", Ref: "DARS-NIC-000001-X0X0X", Title: "Readmissions", State: dars.Declined,
		Decisions: []dars.PublicDecision{{Step: "outcome", Outcome: "rejected", On: "2026-02-01", Reason: "not enough", Members: 5, Lay: 2}, {Step: "siro", Outcome: "declined", On: "2026-02-02", Reason: dars.NameWithheld + " has not said why"}}}, nil
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

// cases are so many applications, some of them declined and withdrawn.
func cases(n int) (all []dars.PublicCase) {
	for i := range n {
		id := fmt.Sprintf("DARS-NIC-%06d-X0X0X", i+1)
		c := dars.PublicCase{ID: dars.ApplicationID(id + "-v1"), Ref: id, Version: "v1.0", Title: "Readmissions", Kind: "New", Org: "University of Leeds", Datasets: []string{"Admissions"}, State: dars.Approved, Stage: dars.AtAccess, Accepted: dars.Day("2026-01-01").Add(i)}
		switch i % 10 {
		case 3:
			c.State, c.Stage, c.Title = dars.Declined, dars.AtNone, "@SUM(1) asked by "+dars.NameWithheld
		case 5:
			c.State, c.Stage = dars.TakenBack, dars.AtNone
		}
		all = append(all, c)
	}
	dars.SortCases(all)
	return all
}

// An edition has something of everything.
func edition(all []dars.PublicRelease) *web.Edition {
	return &web.Edition{At: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), Today: "2026-11-22", Rows: all, Sums: register.Sums(all), Checkpoint: []byte("a checkpoint\n"), Objectors: "1000000", ListAsAt: "2026-11-01",
		Cases: cases(70),
		Audits: []dars.AuditRecord{{ID: "AUD-000001", Org: "University of Leeds", Agreement: "DARS-NIC-000001-X0X0X-v1.0", Trigger: "routine", Scope: []string{"access control"}, State: dars.AuditClosed, Notified: "2026-02-01", Reported: "2026-03-01", Closed: "2026-05-01", Risk: "medium", Accepted: "yes", Actions: 2, Done: 2,
			Findings: []dars.FindingSum{{Class: "AGREEMENT", Means: "nonconformity with the agreement or contract", Count: 2}, {Class: "OBSERVATION", Means: "observation"}}}},
		Sanctions: []dars.SanctionRecord{{ID: "SAN-000001", Org: "<b>Leeds</b>", Audit: "AUD-000001", Because: "data were passed on without leave", State: "hold", Means: "nothing new is released", Steps: []dars.SanctionRecordStep{{Step: "hold", On: "2026-03-02", Appealed: "2026-03-03", Outcome: dars.AppealDismissed, Decided: "2026-03-09"}}}},
		Recalls:   []dars.PublicRecall{{ID: "RCL-000001", Defect: "a column holds what it should not", Says: "Asked by " + dars.NameWithheld, From: "2026-01-01", Datasets: []string{"Admissions"}, Started: "2026-04-01", AnswerBy: "2026-04-08", State: dars.RecallStarted, Agreements: 1, Organisations: 2, Releases: 3, Files: 4, Answers: map[string]int{"destroyed": 3, "unanswered": 1}}},
		Dashboard: dars.DashboardFacts{On: "2026-11-22", Releases: all, Changes: []dars.StateChange{{On: "2026-01-02", Kind: "application", Ref: "A-v1", To: "submitted"}}}.Dashboard()}
}

// server is one that shows nothing yet.
func server(t testing.TB) *web.Server {
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	return &web.Server{Office: desk{}, Press: documents.Press{Office: dars.Office{Name: "Office"}}, Info: dars.Office{Name: "Office", Email: "office@example.org"},
		Papers: fstest.MapFS{"checklist.pdf": {Data: []byte("%PDF-1.7")}}, PublicKey: []byte("ed25519 AAAA\n"), Now: time.Now, Log: log}
}

// open is a site of so many releases.
func open(t testing.TB, n int) http.Handler {
	t.Helper()
	return site(t, edition(rows(n)))
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
		"for patients":                  {"/objections", 200, "It names about 1,000,000 people"},
		"publications":                  {"/publications", 200, "Checklist"},
		"a publication":                 {"/publications/checklist.pdf", 200, "%PDF"},
		"no publication":                {"/publications/secret.txt", 404, ""},
		"checkpoint":                    {"/checkpoint", 200, "a checkpoint"},
		"key":                           {"/office.pub", 200, "ed25519"},
		"security.txt":                  {"/.well-known/security.txt", 200, "Contact: mailto:office@example.org"},
		"a day of the past":             {"/dashboard.json?at=2026-03-01", 200, `"as_at":"2026-03-01"`},
		"a day to come":                 {"/dashboard.json?at=2027-03-01", 400, `"rule":"no-day"`},
		"no day":                        {"/dashboard.csv?at=yesterday", 400, "has been"},
		"figures":                       {"/dashboard.csv", 200, "2026-11-22,months,2026-01,application,1"},
		"one series":                    {"/dashboard.csv?series=findings", 200, "measure,figure\n2026-11-22,findings,"},
		"one series for programs":       {"/dashboard.json?series=deletion", 200, `{"as_at":"2026-11-22","items":[{"series":"deletion","of":"","measure":"awaited","figure":0}`},
		"no such series":                {"/dashboard.json?series=people", 200, `"items":[]`},
		"the page of a day of the past": {"/?at=2026-03-01", 200, "How we were doing on 1 March 2026"},
		"and its downloads":             {"/?at=2026-03-01", 200, `/dashboard.csv?at=2026-03-01&amp;series=stages`},
		"the page of today":             {"/?at=2026-11-22", 200, "How we are doing"},
		"the page of a day to come":     {"/?at=2026-11-23", 400, "has been"},
		"the first day there is":        {"/?at=0001-01-01", 200, "How we were doing on"},
		"applications":                  {"/applications", 200, "70 applications, page 1 of 2"},
		"their last page":               {"/applications?page=2", 200, "page 2 of 2"},
		"a page of them that is not":    {"/applications?page=1000000000", 404, "Page not found"},
		"declined ones stay":            {"/applications?state=declined", 200, "7 of 70 applications"},
		"and those withdrawn":           {"/applications?state=withdrawn", 200, "7 of 70 applications"},
		"an application by its number":  {"/applications?q=NIC-000042", 200, "1 of 70 applications"},
		"a title with a name":           {"/applications?q=000004-", 200, "asked by <span class=\"office-withheld\">Withheld: personal data, section 40</span>"},
		"a reason with a name":          {"/applications/DARS-NIC-000001-X0X0X", 200, "Withheld: personal data, section 40</span> has not said why"},
		"audits":                        {"/audits", 200, "2 of 2 done"},
		"findings":                      {"/findings", 200, "Nonconformity with the agreement or contract"},
		"sanctions":                     {"/sanctions", 200, "&lt;b&gt;Leeds&lt;/b&gt;"},
		"recalls":                       {"/recalls", 200, "4 files of 3 releases, under 1 agreement of 2 organisations"},
		"who recalled is not said":      {"/recalls", 200, "Withheld: personal data"},
		"oversight for programs":        {"/oversight.json", 200, `"sanctions":[{"id":"SAN-000001"`},
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

// However a proxy writes the address of who asks, it is counted.
func TestTooOftenThroughAnyProxy(t *testing.T) {
	for _, wrote := range []string{"203.0.113.9", "198.51.100.1, 203.0.113.9:51234", "[2001:db8::9]:51234", "[2001:db8::9]", "2001:db8::9", "::ffff:203.0.113.9"} {
		h, last := open(t, 1), 0
		for range 2000 {
			if last = ask(h, "GET", "/register", "X-Forwarded-For", wrote).Code; last == http.StatusTooManyRequests {
				break
			}
		}
		if last != http.StatusTooManyRequests {
			t.Errorf("2000 requests of %s: the last is answered %d", wrote, last)
		}
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
	if said := ask(s.Watch(), "GET", "/metrics").Body.String(); !regexp.MustCompile(`(?m)^go_goroutines [1-9]`).MatchString(said) || !regexp.MustCompile(`(?m)^go_memstats_heap_alloc_bytes [1-9]`).MatchString(said) {
		t.Errorf("what the program holds is not told: %s", said)
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
