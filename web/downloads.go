package web

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// download says what follows, and under which name it is kept.
func download(w http.ResponseWriter, kind, name string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-cache")
	keepAs(w.Header(), name)
}

func keepAs(h http.Header, name string) {
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
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
		packed[name] = textPage(kind, content)
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
