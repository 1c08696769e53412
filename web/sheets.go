package web

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"darsd/dars"
	"darsd/register"
)

// A sheet is a download: what it is, its name, and how it is written.
type sheet struct {
	kind, ending string
	write        func(w io.Writer, e *Edition, rows []dars.PublicRelease) error
}

const (
	kindCSV  = "text/csv; charset=utf-8; header=present"
	kindJSON = "application/json"
	kindXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// The register, or what was found in it, in the national layout and for programs.
var (
	registerCSV = sheet{kindCSV, "csv", func(w io.Writer, _ *Edition, rows []dars.PublicRelease) error {
		return register.WriteCSV(w, rows)
	}}
	registerJSON = sheet{kindJSON, "json", func(w io.Writer, e *Edition, rows []dars.PublicRelease) error {
		return writeItems(w, e.At, func(item func(any) error) error {
			for i := range rows {
				if err := item(&rows[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}}
)

// sheet gives the whole register, which is made once for the edition, or writes what was
// found in it for who asks.
func (v views) sheet(s sheet) http.HandlerFunc {
	all := v.whole(func(_ context.Context, e *Edition) (*page, error) {
		p, err := newPage(s.kind, func(w io.Writer) error { return s.write(w, e, e.Rows) })
		p.name = "register-" + string(e.Today) + "." + s.ending
		return p, err
	})
	return func(w http.ResponseWriter, r *http.Request) {
		e := v.Edition()
		places := e.search(queryOf(r))
		if places == nil {
			all(w, r)
			return
		}
		download(w, s.kind, "register-"+string(e.Today)+"."+s.ending)
		if r.Method == http.MethodHead {
			return
		}
		if err := s.write(w, e, e.of(places)); err != nil {
			v.Log.Debug("a download was broken off", "err", err)
		}
	}
}

// wholes are the downloads of an edition that hold all of something, by address.
type wholes struct {
	sync.Mutex
	all map[string]*making
}

// A making is a download that is being made, or was.
type making struct {
	sync.Mutex
	page *page
}

func (s *wholes) of(address string) *making {
	s.Lock()
	defer s.Unlock()
	if s.all == nil {
		s.all = map[string]*making{}
	}
	if s.all[address] == nil {
		s.all[address] = new(making)
	}
	return s.all[address]
}

// whole gives a download that is made once for an edition: who asks meanwhile waits for
// it. It is made to its end, whoever breaks off.
func (v views) whole(write func(context.Context, *Edition) (*page, error)) http.HandlerFunc {
	made := func(ctx context.Context, e *Edition, address string) (*page, error) {
		m := e.whole.of(address)
		m.Lock()
		defer m.Unlock()
		if m.page != nil {
			return m.page, nil
		}
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer stop()
		p, err := write(ctx, e)
		if err == nil {
			m.page = p
		}
		return p, err
	}
	return func(w http.ResponseWriter, r *http.Request) {
		p, err := made(r.Context(), v.Edition(), r.URL.Path)
		if err != nil {
			v.refuse(w, r, err)
			return
		}
		p.give(w, r)
	}
}

// writeItems writes a list for programs, item by item.
func writeItems(w io.Writer, at time.Time, each func(item func(any) error) error) error {
	if err := moment(w, fmt.Appendf(nil, `{"as_at":%q,"items":[`, at.UTC().Format(time.RFC3339))); err != nil {
		return err
	}
	out, some := json.NewEncoder(w), false
	err := each(func(one any) error {
		if some {
			if _, err := io.WriteString(w, ","); err != nil {
				return err
			}
		}
		some = true
		return out.Encode(one)
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, "]}\n")
	return err
}

// csvPage makes a table: no spreadsheet runs a cell of it.
func csvPage(e *Edition, name string, heads []string, each func(row func([]string) error) error) (*page, error) {
	p, err := newPage(kindCSV, func(w io.Writer) error {
		c := csv.NewWriter(w)
		c.UseCRLF = true
		c.Write(heads)
		if err := each(func(cells []string) error { return c.Write(register.Guarded(cells)) }); err != nil {
			return err
		}
		c.Flush()
		return c.Error()
	})
	p.name = name + "-" + string(e.Today) + ".csv"
	return p, err
}

func jsonPage(e *Edition, name string, each func(item func(any) error) error) (*page, error) {
	p, err := newPage(kindJSON, func(w io.Writer) error { return writeItems(w, e.At, each) })
	p.name = name + "-" + string(e.Today) + ".json"
	return p, err
}
