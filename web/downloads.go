package web

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"darsd/dars"
	"darsd/register"
)

// download says what follows, and under which name it is kept.
func download(w http.ResponseWriter, kind, name string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	w.Header().Set("Cache-Control", "no-cache")
}

// registerCSV is the register, or what was found in it, in the national layout.
func (v views) registerCSV(w http.ResponseWriter, r *http.Request) {
	e := v.Edition()
	download(w, "text/csv; charset=utf-8; header=present", "register-"+string(e.Today)+".csv")
	if r.Method == http.MethodHead {
		return
	}
	if err := register.WriteCSV(w, e.of(e.search(queryOf(r)))); err != nil {
		v.Log.Debug("a download was broken off", "err", err)
	}
}

// A registerFile is the register for programs.
type registerFile struct {
	AsAt  time.Time            `json:"as_at"`
	Items []dars.PublicRelease `json:"items"`
}

func (v views) registerJSON(w http.ResponseWriter, r *http.Request) {
	e := v.Edition()
	download(w, "application/json", "register-"+string(e.Today)+".json")
	if r.Method != http.MethodHead {
		json.NewEncoder(w).Encode(registerFile{e.At.UTC(), append([]dars.PublicRelease{}, e.of(e.search(queryOf(r)))...)})
	}
}

// registerXLSX is the whole register as a spreadsheet, made once for the edition.
func (v views) registerXLSX(w http.ResponseWriter, r *http.Request) {
	e := v.Edition()
	content, err := v.sheets(e)
	if err != nil {
		v.refuse(w, r, err)
		return
	}
	download(w, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "register-"+string(e.Today)+".xlsx")
	http.ServeContent(w, r, "", e.At, bytes.NewReader(content))
}

func (v views) sheets(e *Edition) ([]byte, error) {
	e.sheets.Lock()
	defer e.sheets.Unlock()
	if e.sheets.bytes != nil {
		return e.sheets.bytes, nil
	}
	book := v.Press.NewWorkbook("Register of releases", e.Today)
	rows := make([][]any, len(e.Rows))
	for i := range e.Rows {
		for _, cell := range e.Rows[i].Cells() {
			rows[i] = append(rows[i], cell)
		}
	}
	book.Sheet("DataReleases", register.Heads(), rows)
	var err error
	e.sheets.bytes, err = book.Bytes()
	return e.sheets.bytes, err
}

// registerSums are what the checkpoint's word on the register is about.
func (v views) registerSums(w http.ResponseWriter, r *http.Request) {
	e := v.Edition()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	http.ServeContent(w, r, "", e.At, bytes.NewReader(e.Sums))
}

// checkpoint is the signed word on the log and on the register.
func (v views) checkpoint(w http.ResponseWriter, r *http.Request) {
	e := v.Edition()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", e.At, bytes.NewReader(e.Checkpoint))
}

// publicKey is with what it is checked.
func (v views) publicKey(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	http.ServeContent(w, r, "", v.Edition().At, bytes.NewReader(v.PublicKey))
}

// A feed is a register for readers of news (RFC 4287).
type feed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Entries []feedEntry `xml:"entry"`
}

type feedEntry struct {
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Link    feedLink `xml:"link"`
	Summary string   `xml:"summary"`
}

type feedLink struct {
	Href string `xml:"href,attr"`
}

// mostEntries is how many releases a feed tells of.
const mostEntries = 100

func (v views) registerAtom(e *Edition, _ *http.Request) (view, error) {
	f := feed{ID: "urn:darsd:register", Title: v.Info.Name + ": releases of data", Updated: e.At.UTC().Format(time.RFC3339), Author: v.Info.Name}
	for _, r := range e.newest(mostEntries) {
		updated := e.At
		if day, err := time.Parse(time.DateOnly, string(r.Released)); err == nil {
			updated = day
		}
		f.Entries = append(f.Entries, feedEntry{"urn:darsd:release:" + escapePath(r.ID), r.Dataset + " to " + r.Org, updated.UTC().Format(time.RFC3339),
			feedLink{"/register/releases/" + escapePath(r.ID)}, fmt.Sprintf("%s, under agreement %s. Patient objections applied: %s", r.Data, r.Agreement, r.OptOuts)})
	}
	text, err := xml.MarshalIndent(f, "", " ")
	return view{kind: "application/atom+xml; charset=utf-8", content: append([]byte(xml.Header), text...)}, err
}

// figures are the dashboard's, of today or of the day that is asked for.
func (v views) figures(write func(http.ResponseWriter, dars.Dashboard)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		e := v.Edition()
		on, err := dars.ParseDay(r.URL.Query().Get("at"))
		switch {
		case r.URL.Query().Get("at") == "":
			write(w, e.Dashboard)
			return
		case err != nil || on > e.Today:
			v.refuse(w, r, dars.Refuse("no-day", "dashboard", "at: say a day that has been, such as 2026-03-31"))
			return
		}
		select {
		case v.past <- struct{}{}:
			defer func() { <-v.past }()
		case <-r.Context().Done():
			return
		}
		d, err := v.Office.Dashboard(r.Context(), on, e.Today, e.Rows)
		if err != nil {
			v.refuse(w, r, err)
			return
		}
		write(w, d)
	}
}

func asJSON(w http.ResponseWriter, d dars.Dashboard) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	json.NewEncoder(w).Encode(d)
}

// asCSV is every series of the dashboard: which, of what, the measure and its figure.
func asCSV(w http.ResponseWriter, d dars.Dashboard) {
	download(w, "text/csv; charset=utf-8; header=present", "dashboard-"+string(d.AsAt)+".csv")
	c := csv.NewWriter(w)
	c.Write([]string{"as_at", "series", "of", "measure", "figure"})
	for _, one := range series(d) {
		c.Write(register.Guarded(append([]string{string(d.AsAt)}, one...)))
	}
	c.Flush()
}

func series(d dars.Dashboard) (all [][]string) {
	say := func(series, of, measure string, figure any) {
		all = append(all, []string{series, of, measure, fmt.Sprint(figure)})
	}
	for _, s := range d.Stages {
		say("stage", string(s.Stage), "requests", s.Requests)
		say("stage", string(s.Stage), "share", s.Share)
	}
	for _, m := range d.Months {
		for _, f := range []struct {
			measure string
			figure  int
		}{{"received", m.Received}, {"decided", m.Decided}, {"files", m.Files}, {"application", m.Application}, {"approval", m.Approval}, {"access", m.Access}, {"deletion", m.Deletion}} {
			say("month", m.Month, f.measure, f.figure)
		}
	}
	for _, l := range d.Levels {
		for _, f := range []struct {
			measure string
			figure  any
		}{{"finished", l.Finished}, {"within", l.Within}, {"share", l.Share}, {"median", l.Median}, {"percentile_90", l.Ninetieth}, {"paused_median", l.PausedMedian}, {"paused_percentile_90", l.Paused90}, {"running", l.Running}, {"late", l.Late}} {
			say("service level", itoa(l.Days), f.measure, f.figure)
		}
	}
	say("releases", "", "files", d.Releases.Files)
	say("releases", "", "imported", d.Releases.Imported)
	say("releases", "", "upheld", d.Releases.Upheld)
	say("releases", "", "not_upheld", d.Releases.NotUpheld)
	say("releases", "", "unsaid", d.Releases.Unsaid)
	for _, r := range d.Releases.Reasons {
		say("not upheld", r.Means, "releases", r.Releases)
	}
	say("deletion", "", "awaited", d.Deletion.Awaited)
	say("deletion", "", "overdue", d.Deletion.Overdue)
	say("deletion", "", "settled", d.Deletion.Settled)
	say("audits", "", "open", d.Audits.Open)
	say("audits", "", "closed", d.Audits.Closed)
	say("complaints", "", "received", d.Complaints.Received)
	say("complaints", "", "open", d.Complaints.Open)
	say("complaints", "", "late", d.Complaints.Late)
	say("complaints", "", "answered", d.Complaints.Answered)
	say("complaints", "", "answered in time", d.Complaints.InTime)
	say("complaints", "", "upheld", d.Complaints.Upheld)
	for _, t := range d.Tracing {
		say("tracing "+t.Period, t.Body, "received", t.Received)
		say("tracing "+t.Period, t.Body, "rejected", t.Rejected)
		say("tracing "+t.Period, t.Body, "traced", t.Traced)
		say("tracing "+t.Period, t.Body, "untraced", t.Untraced)
	}
	return all
}

// paperNames are the publications that lie ready.
func (v views) paperNames() ([]string, error) {
	names, err := fs.Glob(v.Papers, "*.pdf")
	return sorted(names), err
}

func (v views) paper(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if path.Ext(name) != ".pdf" || strings.ContainsAny(name, `/\`) {
		v.fail(w, r, http.StatusNotFound)
		return
	}
	content, err := fs.ReadFile(v.Papers, name)
	if err != nil {
		v.fail(w, r, http.StatusNotFound)
		return
	}
	download(w, "application/pdf", name)
	http.ServeContent(w, r, "", v.Edition().At, bytes.NewReader(content))
}

// asset gives the style sheets, packed once.
func (v views) asset() http.HandlerFunc {
	packed := map[string]*page{}
	for name, kind := range map[string]string{"govuk-frontend.css": "text/css; charset=utf-8", "office.css": "text/css; charset=utf-8", "office.svg": "image/svg+xml", "govuk-frontend.LICENSE.txt": "text/plain; charset=utf-8"} {
		content, err := assets.ReadFile("assets/" + name)
		if err != nil {
			panic(err) // it is built in
		}
		packed[name] = newPage(kind, content)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		p := packed[r.PathValue("name")]
		if p == nil {
			v.fail(w, r, http.StatusNotFound)
			return
		}
		p.give(w, r)
	}
}

// security says whom to tell of a weakness (RFC 9116). It is good for a year from the
// edition.
func (v views) security(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, "Contact: mailto:%s\nExpires: %s\nPreferred-Languages: en\n", v.Info.Email, v.Edition().At.UTC().AddDate(0, 11, 0).Format("2006-01-02T00:00:00Z"))
}

func (v views) robots(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprint(w, "User-agent: *\nDisallow: /register?\n")
}
