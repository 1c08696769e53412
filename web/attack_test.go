package web_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"darsd/dars"
	"darsd/web"
)

// every is all addresses that give something.
var every = []string{"/", "/?at=2026-03-01", "/dashboard.json", "/dashboard.csv", "/register", "/register.csv", "/register.json", "/register.atom", "/register/releases/FILE0000001", "/agreements.csv", "/agreements.json", "/datasets.csv",
	"/data-uses.csv", "/data-uses.json", "/data-uses.xlsx", "/agreements/DARS-NIC-000001-X0X0X-v1.0", "/applications", "/applications.csv", "/applications.json", "/applications/DARS-NIC-000001-X0X0X", "/audits", "/findings", "/sanctions", "/recalls", "/oversight.json",
	"/objections", "/publications", "/checkpoint", "/office.pub", "/accessibility", "/.well-known/security.txt", "/robots.txt", "/assets/office.css"}

// What strangers send is answered, bounded, and never run or given back as it was.
func TestHostileAddresses(t *testing.T) {
	h := open(t, 120)
	long := strings.Repeat("a ", 1<<19)
	for address, status := range map[string]int{
		"/register?q=" + url.QueryEscape(long):                              200,
		"/register?q=" + strings.Repeat("%00%ff", 1000):                     200,
		"/register?page=1000000000":                                         404,
		"/register?page=99999999999999999999999":                            404,
		"/register?page=-9223372036854775808":                               200,
		"/register?page=1&page=2&page=" + strings.Repeat("3", 5000):         200,
		"/register?dataset=%22%3E%3Cscript%3Ealert(1)%3C/script%3E":         200,
		"/register?year=%27%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E":      200,
		"/applications?q=%3C/title%3E%3Cscript%3E&state=%22%3E%3Cscript%3E": 200,
		"/applications?page=0":                                              200,
		"/?at=0001-01-01":                                                   200,
		"/?at=9999-12-31":                                                   400,
		"/?at=2026-02-30":                                                   400,
		"/?at=%3Cscript%3E":                                                 400,
		"/dashboard.json?at=-1":                                             400,
		"/dashboard.csv?series=%3Dcmd":                                      200,
		"/register/releases/%3Cscript%3Ealert(1)%3C%2Fscript%3E":            404,
		"/register/releases/" + strings.Repeat("x", 10000):                  404,
		"/agreements/%3Cscript%3E":                                          404,
		"/agreements/":                                                      404,
		"/publications/..%2f..%2fdarsd.yaml":                                404,
		"/publications/%2e%2e%2f%2e%2e%2fetc%2fpasswd.pdf":                  404,
		"/assets/..%2fweb.go":                                               404,
		"/%00":                                                              404,
		"/register?%zz=%":                                                   200,
		"/register?q=;drop+table":                                           200,
		"/register?q=%E2%80%AEelpmaxe.live+ta+ksa":                          200,
	} {
		t.Run(fmt.Sprintf("%.60s", address), func(t *testing.T) {
			w := ask(h, "GET", address)
			if w.Code != status {
				t.Errorf("it is answered %d, not %d", w.Code, status)
			}
			low := strings.ToLower(w.Body.String())
			for _, bad := range []string{"<script", "<img", "onerror=alert(1)>", "javascript:", "\u202e"} {
				if strings.Contains(low, bad) {
					t.Errorf("the answer has %s in it", bad)
				}
			}
			if w.Body.Len() > 200_000 {
				t.Errorf("the answer has %d bytes", w.Body.Len())
			}
		})
	}
}

// Hostile text that stands in what the office holds is words on every page.
func TestNoTextIsRun(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>]]>{{.}}`
	e := edition(rows(3))
	for i := range e.Rows {
		r := &e.Rows[i]
		for _, text := range []*string{&r.Org, &r.Dataset, &r.Data, &r.Sensitivity, &r.LegalBasis, &r.Duty, &r.Purpose, &r.Frequency, &r.Agreement, &r.Study, &r.OptOuts, &r.Period, &r.Month, &r.Reason} {
			*text = evil
		}
		r.Editions, r.Corrections = []string{evil}, []dars.Correction{{On: "2026-01-01", Edition: evil, Was: map[string]string{evil: evil}}}
	}
	for i := range e.Cases {
		e.Cases[i].Title, e.Cases[i].Org, e.Cases[i].Datasets = evil, evil, []string{evil}
	}
	e.Audits[0].Org, e.Audits[0].Trigger, e.Sanctions[0].Because, e.Recalls[0].Says, e.Recalls[0].Outcome = evil, evil, evil, evil, evil
	h := site(t, e)
	tag := regexp.MustCompile(`(?i)<(script|img)|\son[a-z]+\s*=\s*["']?alert`)
	for _, address := range every {
		w := ask(h, "GET", address)
		if kind := w.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/html") && !strings.HasPrefix(kind, "application/atom") {
			continue
		}
		if found := tag.FindString(w.Body.String()); found != "" && !strings.Contains(found, "alert") || strings.Contains(w.Body.String(), "<script") {
			t.Errorf("%s gives %q as it is", address, found)
		}
	}
}

// Every answer has the policy under which nothing runs, and no cookie.
func TestEveryAnswerIsShielded(t *testing.T) {
	h := open(t, 3)
	for _, address := range append(every, "/nowhere", "/?at=tomorrow") {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			w := ask(h, method, address)
			policy := w.Header().Get("Content-Security-Policy")
			if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || w.Header().Get("X-Content-Type-Options") != "nosniff" || len(w.Result().Cookies()) > 0 {
				t.Errorf("%s %s: %v", method, address, w.Header())
			}
		}
	}
}

// Who asks for a part of something is given all of it, or that part: never something else.
func TestRanges(t *testing.T) {
	h := open(t, 40)
	for _, address := range []string{"/register", "/register.csv", "/register.xlsx", "/register.sums", "/checkpoint"} {
		whole := ask(h, "GET", address).Body.String()
		for _, part := range []string{"bytes=0-9", "bytes=-5", "bytes=5-", "bytes=0-0,2-3", "bytes=99999999-", "lines=1-2"} {
			w := ask(h, "GET", address, "Range", part)
			switch w.Code {
			case http.StatusOK:
				if w.Body.String() != whole {
					t.Errorf("%s, %s: something else is given", address, part)
				}
			case http.StatusPartialContent, http.StatusRequestedRangeNotSatisfiable:
				if w.Code == http.StatusPartialContent && !strings.Contains(w.Header().Get("Content-Type"), "multipart") && !strings.Contains(whole, w.Body.String()) {
					t.Errorf("%s, %s: it is no part of it", address, part)
				}
			default:
				t.Errorf("%s, %s: answered %d", address, part, w.Code)
			}
		}
	}
}

// Somebody who opens connections and says nothing, or sends a header without end, keeps
// nobody out, and is sent away.
func TestSilentConnections(t *testing.T) {
	s, _ := siteOf(t, edition(rows(3)))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, ln) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	var silent net.Conn
	for range 300 {
		if silent, err = net.Dial("tcp", ln.Addr().String()); err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		fmt.Fprint(silent, "GET /register HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	}
	answer, err := http.Get("http://" + ln.Addr().String() + "/register")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != 200 || !strings.Contains(string(text), "releases") {
		t.Errorf("another is answered %s: %v", answer.Status, err)
	}

	silent.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := io.ReadAll(silent); err != nil {
		t.Errorf("who says nothing more is not sent away: %v", err)
	}

	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go fmt.Fprintf(c, "GET /register?q=%s HTTP/1.1\r\nHost: x\r\n\r\n", strings.Repeat("a", 1<<20)) // the office stops reading
	c.SetReadDeadline(time.Now().Add(5 * time.Minute))
	first, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || !strings.Contains(first, "431") {
		t.Errorf("a million letters are answered %q: %v", first, err)
	}
}

// What asks about the server and about no page is answered like all else.
func TestOnlyReadingOfTheServer(t *testing.T) {
	s, _ := siteOf(t, edition(rows(1)))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, ln) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	for _, first := range []string{"OPTIONS * HTTP/1.1", "CONNECT 127.0.0.1:22 HTTP/1.1", "TRACE / HTTP/1.1"} {
		c, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "%s\r\nHost: x\r\nConnection: close\r\n\r\n", first)
		answer, err := io.ReadAll(c)
		c.Close()
		if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 405 ") || !strings.Contains(string(answer), "default-src 'none'") {
			t.Errorf("%s: %.200q, %v", first, answer, err)
		}
	}
}

// What is made anew for each who asks counts as more than what lies ready: so often is it
// given to one address at one moment.
func TestWhatIsDearIsRare(t *testing.T) {
	for address, most := range map[string]int{"/register.csv?q=leeds": 6, "/register.json?year=2026": 6, "/dashboard.json?at=2026-03-01": 6, "/?at=2026-03-01": 6, "/register?q=leeds": 24, "/register.csv": 120, "/": 120} {
		s, moment := server(t), time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
		s.Now = func() time.Time { return moment }
		s.Publish(edition(rows(3)))
		h := s.Handler()
		given := 0
		for range 200 {
			if ask(h, "GET", address, "X-Forwarded-For", "203.0.113.7").Code == 200 {
				given++
			}
		}
		if given != most {
			t.Errorf("%s is given %d times to one address, not %d", address, given, most)
		}
		if w := ask(h, "GET", address, "X-Forwarded-For", "203.0.113.8"); w.Code != 200 {
			t.Errorf("%s: another is answered %d", address, w.Code)
		}
	}
}

// siteOf is a site of an edition, and its pages.
func siteOf(t testing.TB, e *web.Edition) (*web.Server, http.Handler) {
	t.Helper()
	s := server(t)
	h := s.Handler()
	s.Publish(e)
	return s, h
}

func site(t testing.TB, e *web.Edition) http.Handler {
	_, h := siteOf(t, e)
	return h
}

// After a request with a body the connection ends: what stands behind it, as somebody in
// front may have read it, is no request.
func TestNothingIsReadBehindABody(t *testing.T) {
	s := httptest.NewServer(open(t, 1))
	defer s.Close()
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "POST /register HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /accessibility HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	said, _ := io.ReadAll(c) // until it is closed, however
	if n := strings.Count(string(said), "HTTP/1.1 "); n != 1 {
		t.Errorf("there are %d answers: %s", n, said)
	}
}
