package web

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"sync"
	"time"
)

// metrics count what was answered, for those who watch over the machine.
type metrics struct {
	sync.Mutex
	answers map[int]int
	seconds float64
}

func (m *metrics) count(status int, took time.Duration) {
	m.Lock()
	defer m.Unlock()
	if m.answers == nil {
		m.answers = map[int]int{}
	}
	m.answers[status]++
	m.seconds += took.Seconds()
}

// ServeMetrics answers those who watch, on a listener of their own, until ctx is
// cancelled: /healthz that the program runs, /readyz that it has something to show, and
// /metrics in the words of Prometheus.
func (s *Server) ServeMetrics(ctx context.Context, ln net.Listener) error {
	return serve(ctx, ln, s.Watch(), s.Log)
}

// Watch is those addresses.
func (s *Server) Watch() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	m.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if s.Edition() == nil {
			http.Error(w, "the first edition is being made", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	m.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		s.tell(w)
	})
	return m
}

func (s *Server) tell(w http.ResponseWriter) {
	s.metrics.Lock()
	fmt.Fprintln(w, "# HELP darsd_web_answers_total Answers of the public pages by status.\n# TYPE darsd_web_answers_total counter")
	total := 0
	for status := 100; status < 600; status++ {
		if n := s.metrics.answers[status]; n > 0 {
			fmt.Fprintf(w, "darsd_web_answers_total{code=\"%d\"} %d\n", status, n)
			total += n
		}
	}
	fmt.Fprintf(w, "# HELP darsd_web_answer_seconds How long answers took.\n# TYPE darsd_web_answer_seconds summary\ndarsd_web_answer_seconds_sum %g\ndarsd_web_answer_seconds_count %d\n", s.metrics.seconds, total)
	s.metrics.Unlock()
	var heap runtime.MemStats
	runtime.ReadMemStats(&heap)
	fmt.Fprintf(w, "# HELP go_goroutines Goroutines that there are.\n# TYPE go_goroutines gauge\ngo_goroutines %d\n", runtime.NumGoroutine())
	fmt.Fprintf(w, "# HELP go_memstats_heap_alloc_bytes Bytes of the heap that are in use.\n# TYPE go_memstats_heap_alloc_bytes gauge\ngo_memstats_heap_alloc_bytes %d\n", heap.HeapAlloc)
	e := s.Edition()
	if e == nil {
		return
	}
	fmt.Fprintf(w, "# HELP darsd_register_rows Rows of the published register.\n# TYPE darsd_register_rows gauge\ndarsd_register_rows %d\n", len(e.Rows))
	fmt.Fprintf(w, "# HELP darsd_published_timestamp_seconds When the pages were made.\n# TYPE darsd_published_timestamp_seconds gauge\ndarsd_published_timestamp_seconds %d\n", e.At.Unix())
	fmt.Fprintln(w, "# HELP darsd_requests Requests by stage.\n# TYPE darsd_requests gauge")
	for _, f := range e.Dashboard.Stages {
		fmt.Fprintf(w, "darsd_requests{stage=%q} %d\n", f.Stage, f.Requests)
	}
	fmt.Fprintf(w, "# HELP darsd_deletion_overdue Agreements whose certificate of destruction is overdue.\n# TYPE darsd_deletion_overdue gauge\ndarsd_deletion_overdue %d\n", e.Dashboard.Deletion.Overdue)
}
