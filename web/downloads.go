package web

import (
	"bytes"
	"context"
	"crypto/sha256"
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

// text gives a text that lies ready with the edition.
func (v views) text(of func(*Edition) []byte) http.HandlerFunc {
	return v.whole(func(_ context.Context, e *Edition) (*page, error) {
		return textPage("text/plain; charset=utf-8", of(e)), nil
	})
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
	sum := sha256.New()
	sum.Write(content) // never fails
	w.Header().Set("ETag", `"`+tagOf(sum)+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
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
