// Package web is the office's public pages: the dashboard and the register, for
// everybody, with nothing that has to be run in a browser, no cookies and no names.
//
// What is published is an [Edition]: it is handed to the [Server] whole, and every page
// and download is made from it. Single agreements and applications are asked of the
// office when somebody looks at one. Strangers ask: everything is bounded.
package web

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"darsd/dars"
	"darsd/documents"
)

// An Office is the little that the pages ask of the office beside the edition. A
// reference that is unknown, or not public, is refused with "not-found".
type Office interface {
	Agreement(ctx context.Context, ref string, at time.Time) (dars.PublicAgreement, error)
	Agreements(ctx context.Context, at time.Time, one func(dars.PublicAgreement) error) error
	Application(ctx context.Context, ref string) (dars.PublicApplication, error)
	Dashboard(ctx context.Context, on, today dars.Day, rows []dars.PublicRelease) (dars.Dashboard, error)
}

// A Server gives the pages.
type Server struct {
	Office    Office
	Press     documents.Press // for spreadsheets
	Info      dars.Office
	Rehearsal bool
	Papers    fs.FS  // the publications
	PublicKey []byte // of the office, as SSH writes it: to check what is signed
	Now       func() time.Time
	Log       *slog.Logger

	edition atomic.Pointer[Edition]
	past    queue // to dashboards of the past: the log is read again for each
	metrics metrics
	limit   limiter
}

//go:embed templates/*.html
var templates embed.FS

//go:embed assets
var assets embed.FS

// Publish lets everybody read an edition from now on.
func (s *Server) Publish(e *Edition) { s.edition.Store(e.index()) }

// Edition is what everybody reads now; nil before the first.
func (s *Server) Edition() *Edition { return s.edition.Load() }

// How fast one address may ask, and for how long it may take.
const (
	perSecond   = 30
	atOnce      = 120
	mostHeaders = 16 << 10
)

// Serve answers on a listener until ctx is cancelled.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	return serve(ctx, ln, s.Handler(), s.Log)
}

func serve(ctx context.Context, ln net.Listener, h http.Handler, log *slog.Logger) error {
	srv := &http.Server{Handler: h, DisableGeneralOptionsHandler: true, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 2 * time.Minute,
		IdleTimeout: time.Minute, MaxHeaderBytes: mostHeaders, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	ln = &door{Listener: ln, most: mostOpen, mostFrom: mostOpenFrom}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		patience, done := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer done()
		if srv.Shutdown(patience) != nil {
			srv.Close()
		}
	})
	err := srv.Serve(ln)
	if !stop() {
		<-stopped
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Handler is all addresses there are.
func (s *Server) Handler() http.Handler {
	s.past = newQueue()
	s.limit = limiter{perSecond: perSecond, atOnce: atOnce, now: s.Now}
	words := template.Must(template.New("").Funcs(helpers).ParseFS(templates, "templates/*.html"))
	v := views{s, words}
	m := http.NewServeMux()
	for address, handle := range map[string]http.HandlerFunc{
		"/{$}":                       v.kept(v.dashboard),
		"/dashboard.json":            v.figures(figuresJSON),
		"/dashboard.csv":             v.figures(figuresCSV),
		"/register":                  v.kept(v.register),
		"/register.csv":              v.sheet(registerCSV),
		"/register.json":             v.sheet(registerJSON),
		"/register.xlsx":             v.whole(v.workbook),
		"/register.sums":             v.text(func(e *Edition) []byte { return e.Sums }),
		"/register.atom":             v.kept(v.registerAtom),
		"/register/releases/{id...}": v.kept(v.release),
		"/agreements.csv":            v.whole(v.agreementsCSV),
		"/agreements.json":           v.whole(v.agreementsJSON),
		"/datasets.csv":              v.whole(v.datasetsCSV),
		"/data-uses.csv":             v.whole(v.dataUsesCSV),
		"/data-uses.json":            v.whole(v.dataUsesJSON),
		"/data-uses.xlsx":            v.whole(v.dataUsesWorkbook),
		"/agreements/{ref...}":       v.kept(v.agreement),
		"/applications":              v.kept(v.applications),
		"/applications.csv":          v.whole(v.applicationsCSV),
		"/applications.json":         v.whole(v.applicationsJSON),
		"/applications/{ref...}":     v.kept(v.application),
		"/audits":                    v.kept(v.audits),
		"/findings":                  v.kept(v.findings),
		"/sanctions":                 v.kept(v.sanctions),
		"/recalls":                   v.kept(v.recalls),
		"/oversight.json":            v.whole(v.oversightJSON),
		"/objections":                v.kept(v.objections),
		"/publications":              v.kept(v.publications),
		"/publications/{name}":       v.paper,
		"/checkpoint":                v.text(func(e *Edition) []byte { return e.Checkpoint }),
		"/office.pub":                v.text(func(*Edition) []byte { return v.PublicKey }),
		"/accessibility":             v.kept(v.accessibility),
		"/.well-known/security.txt":  v.security,
		"/robots.txt":                v.robots,
		"/assets/{name}":             v.asset(),
		"/":                          func(w http.ResponseWriter, r *http.Request) { v.fail(w, r, http.StatusNotFound) },
	} {
		m.HandleFunc(address, handle)
	}
	return s.guarded(m, v)
}

// views are the pages.
type views struct {
	*Server
	words *template.Template
}

// A view is what a page says: the template, its title, and what the template shows.
type view struct {
	template string
	title    string
	shows    any
	kind     string // its Content-Type, if it is no page of HTML
	content  []byte // then
}

// kept gives a page, made once for the edition. find says no with a refusal.
func (v views) kept(find func(e *Edition, r *http.Request) (view, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		e := v.Edition()
		address, searched := addressOf(r)
		shelf := &e.pages
		if searched {
			shelf = &e.searched
		}
		p := shelf.get(address)
		if p == nil {
			shown, err := find(e, r)
			if err != nil {
				v.refuse(w, r, err)
				return
			}
			if p, err = v.made(e, shown); err != nil {
				v.refuse(w, r, err)
				return
			}
			shelf.put(address, p)
		}
		p.give(w, r)
	}
}

// asks are what an address may ask of a page; whatever else stands in it is not heard.
var asks = []string{"q", "dataset", "objections", "year", "agreement", "state", "page", "at"}

// addressOf is the name of a page, one for all spellings of what it asks; and whether
// somebody looks for something: such pages are as many as people think of.
func addressOf(r *http.Request) (address string, searched bool) {
	if r.URL.RawQuery == "" {
		return r.URL.Path, false
	}
	heard, said := url.Values{}, r.URL.Query()
	for _, name := range asks {
		if value := heardOf(said, name); value != "" {
			heard.Set(name, value)
			searched = searched || name != "page" && name != "at"
		}
	}
	return r.URL.Path + "?" + heard.Encode(), searched
}

// longest is how much of what somebody asks for is heard.
const longest = 200

// heardOf is what is said under a name, as far as it is heard: without what turns text
// around, for it is said again on the page.
func heardOf(said url.Values, name string) string {
	text := said.Get(name)
	if len(text) > longest {
		text = text[:longest]
	}
	return strings.TrimSpace(dars.Legible(strings.ToValidUTF8(text, "")))
}

// made draws a page.
func (v views) made(e *Edition, shown view) (*page, error) {
	if shown.kind != "" {
		return textPage(shown.kind, shown.content), nil
	}
	around := frame{shown.title, v.Info, v.Rehearsal, e, shown.template, shown.shows}
	return newPage("text/html; charset=utf-8", func(w io.Writer) error {
		if err := v.words.ExecuteTemplate(w, shown.template, around); err != nil {
			return err
		}
		var end bytes.Buffer
		if err := v.words.ExecuteTemplate(&end, "published", around); err != nil {
			return err
		}
		return moment(w, end.Bytes())
	})
}

// A frame is what stands around every page.
type frame struct {
	Title     string
	Office    dars.Office
	Rehearsal bool
	Edition   *Edition
	Name      string // of the template
	Shows     any
}

// refuse answers what could not be found, or that something is wrong.
func (v views) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var no *dars.Refusal
	switch {
	case errors.As(err, &no) && no.Rule == "not-found":
		v.fail(w, r, http.StatusNotFound)
	case errors.As(err, &no) && no.Rule == "busy":
		w.Header().Set("Retry-After", "5")
		v.fail(w, r, http.StatusServiceUnavailable)
	case errors.As(err, &no) && path.Ext(r.URL.Path) == ".json":
		w.Header().Set("Content-Type", kindJSON)
		w.WriteHeader(http.StatusBadRequest)
		json.NewEncoder(w).Encode(map[string]string{"refused": no.Sentence, "rule": no.Rule, "ref": no.Ref})
	case errors.As(err, &no):
		v.fail(w, r, http.StatusBadRequest)
	default:
		if r.Context().Err() == nil {
			v.Log.Error("a page failed", "path", r.URL.Path, "err", err)
		}
		v.fail(w, r, http.StatusInternalServerError)
	}
}

// failures are what the pages say when there is nothing to show.
var failures = map[int]string{
	http.StatusNotFound:            "Page not found",
	http.StatusMethodNotAllowed:    "These pages can only be read",
	http.StatusTooManyRequests:     "Too many requests from one address",
	http.StatusBadRequest:          "This cannot be shown",
	http.StatusServiceUnavailable:  "Try again in a few seconds",
	http.StatusInternalServerError: "There is a problem with the service",
}

// fail gives the page that says so, which is made once for the edition: who asks too often
// is not given work.
func (v views) fail(w http.ResponseWriter, r *http.Request, status int) {
	e, address := v.Edition(), "failure "+itoa(status) // no address of a page
	p := e.pages.get(address)
	if p == nil {
		var err error
		if p, err = v.made(e, view{template: "failure", title: failures[status], shows: status}); err != nil {
			http.Error(w, failures[status], status)
			return
		}
		e.pages.put(address, p)
	}
	w.Header().Set("Content-Type", p.kind)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		p.send(w, false)
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
