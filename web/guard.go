package web

import (
	"net/http"
	"time"
)

// guarded is what stands before every page: who asks too often or wants more than to
// read is turned away, and a panic ends one answer.
func (s *Server) guarded(next http.Handler, v views) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		seen := &observed{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			if fault := recover(); fault != nil && fault != http.ErrAbortHandler {
				s.Log.Error("a page failed", "path", r.URL.Path, "err", fault)
				if !seen.wrote {
					http.Error(seen, "a fault of the office's own", http.StatusInternalServerError)
				}
			}
			s.metrics.count(seen.status, time.Since(started))
		}()
		shield(seen.Header())
		if r.ContentLength != 0 { // nobody reads a body: what follows it is no request
			seen.Header().Set("Connection", "close")
		}
		who, counted := asker(r)
		switch {
		case s.Edition() == nil: // nor a page to say so
			seen.Header().Set("Retry-After", "5")
			http.Error(seen, "the first edition is being made: come back in a few seconds", http.StatusServiceUnavailable)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			seen.Header().Set("Allow", "GET, HEAD")
			v.fail(seen, r, http.StatusMethodNotAllowed)
		case counted && !s.limit.allows(who, weight(r)):
			seen.Header().Set("Retry-After", "5")
			v.fail(seen, r, http.StatusTooManyRequests)
		default:
			next.ServeHTTP(seen, r)
		}
	})
}

// shield tells browsers that nothing here is run, framed, or sent elsewhere.
func shield(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), interest-cohort=()")
}

// observed notes what was answered.
type observed struct {
	http.ResponseWriter
	status int
	wrote  bool
}

func (o *observed) WriteHeader(status int) {
	o.status, o.wrote = status, true
	o.ResponseWriter.WriteHeader(status)
}

func (o *observed) Write(p []byte) (int, error) {
	o.wrote = true
	return o.ResponseWriter.Write(p)
}
