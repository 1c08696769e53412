package web

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"darsd/dars"
)

// The dashboard is that of today, or of any day that has been: the log is read again for
// such a day, which takes a while. So one is made at a time, few wait, and what was made
// is kept with the edition.

// A queue is to one thing at a time.
type queue struct {
	turn    chan struct{}
	waiting *atomic.Int32
}

func newQueue() queue { return queue{make(chan struct{}, 1), new(atomic.Int32)} }

// mostWaiting is how many wait for their turn at most.
const mostWaiting = 8

// enter waits for the turn. leave is called when it is over.
func (q queue) enter(ctx context.Context) (leave func(), err error) {
	if q.waiting.Add(1) > mostWaiting {
		q.waiting.Add(-1)
		return nil, dars.Refuse("busy", "dashboard", "too many ask for days of the past: come back in a few seconds")
	}
	defer q.waiting.Add(-1)
	select {
	case q.turn <- struct{}{}:
		return func() { <-q.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// pasts are dashboards of days of the past.
type pasts struct {
	sync.Mutex
	days map[dars.Day]dars.Dashboard
}

// mostPasts is how many are kept.
const mostPasts = 200

func (p *pasts) get(on dars.Day) (dars.Dashboard, bool) {
	p.Lock()
	defer p.Unlock()
	d, ok := p.days[on]
	return d, ok
}

func (p *pasts) put(on dars.Day, d dars.Dashboard) {
	p.Lock()
	defer p.Unlock()
	if p.days == nil || len(p.days) >= mostPasts {
		p.days = map[dars.Day]dars.Dashboard{}
	}
	p.days[on] = d
}

// dashboardOf is that of today, or of the day that is asked for.
func (v views) dashboardOf(e *Edition, r *http.Request) (d dars.Dashboard, err error) {
	at := heardOf(r.URL.Query(), "at")
	on, err := dars.ParseDay(at)
	switch {
	case at == "" || err == nil && on == e.Today:
		return e.Dashboard, nil
	case err != nil || on > e.Today:
		return d, dars.Refuse("no-day", "dashboard", "at: say a day that has been, such as 2026-03-31")
	}
	if d, ok := e.past.get(on); ok {
		return d, nil
	}
	leave, err := v.past.enter(r.Context())
	if err != nil {
		return d, err
	}
	defer leave()
	if d, ok := e.past.get(on); ok { // made while we waited
		return d, nil
	}
	ctx, stop := context.WithTimeout(r.Context(), patience)
	defer stop()
	if d, err = v.Office.Dashboard(ctx, on, e.Today, e.Rows); err == nil {
		e.past.put(on, d)
	}
	return d, err
}

// patience is how long something is made for strangers.
const patience = time.Minute

// A dashboardView is the first page, or that of a day of the past.
type dashboardView struct {
	dars.Dashboard
	Past  bool
	Query string // of its downloads
	Names []string
}

// Of is the address of one series in some form.
func (d dashboardView) Of(form, series string) string {
	asked := url.Values{"series": {series}}
	if d.Past {
		asked.Set("at", string(d.AsAt))
	}
	return "/dashboard." + form + "?" + asked.Encode()
}

func (v views) dashboard(e *Edition, r *http.Request) (view, error) {
	d, err := v.dashboardOf(e, r)
	shows := dashboardView{Dashboard: d, Names: seriesNames}
	title := "How we are doing"
	if d.AsAt != e.Dashboard.AsAt && err == nil {
		shows.Past, shows.Query, title = true, "?at="+string(d.AsAt), "How we were doing on "+d.AsAt.Long()
	}
	return view{template: "dashboard", title: title, shows: shows}, err
}

// figures are the dashboard's, of today or of the day that is asked for; of one series,
// if one is asked for.
func (v views) figures(f figuresForm) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d, err := v.dashboardOf(v.Edition(), r)
		if err != nil {
			v.refuse(w, r, err)
			return
		}
		p, err := newPage(f.kind, func(to io.Writer) error { return f.write(to, d, heardOf(r.URL.Query(), "series")) })
		if err != nil {
			v.refuse(w, r, err)
			return
		}
		if f.ending != "" {
			p.name = "dashboard-" + string(d.AsAt) + "." + f.ending
		}
		p.give(w, r)
	}
}

// A figuresForm is one in which figures are downloaded: what it is, how its name ends if
// it is kept as a file, and how it is written.
type figuresForm struct {
	kind, ending string
	write        func(to io.Writer, d dars.Dashboard, series string) error
}

var (
	figuresJSON = figuresForm{kindJSON, "", writeFigures}
	figuresCSV  = figuresForm{kindCSV, "csv", writeFigureTable}
)

func writeFigures(to io.Writer, d dars.Dashboard, series string) error {
	if series == "" {
		return json.NewEncoder(to).Encode(d)
	}
	return json.NewEncoder(to).Encode(seriesFile{d.AsAt, append([]figure{}, seriesOf(d, series)...)})
}

// A seriesFile is one series of the dashboard for programs.
type seriesFile struct {
	AsAt  dars.Day `json:"as_at"`
	Items []figure `json:"items"`
}
