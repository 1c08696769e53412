package main

import (
	"io"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// publicPages is what everybody reads of an office: each page and download, by address,
// without the moment of its edition.
func publicPages(t *testing.T, data string) map[string]string {
	t.Helper()
	h, err := open(t.Context(), data, "", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	s, err := openSite(h)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	pages, handler := map[string]string{}, s.server.Handler()
	if err := s.edition(t.Context()); err != nil {
		t.Fatal(err)
	}
	moment := regexp.MustCompile(`"as_at":"[^"]*T[^"]*"|Published [^,]*, [0-9:]* UTC`)
	for left := []string{"/", "/?at=2016-03-01", "/dashboard.json", "/dashboard.csv", "/register", "/register?q=asthma", "/register.csv", "/register.json", "/register.atom", "/register.sums", "/agreements.csv", "/agreements.json",
		"/datasets.csv", "/data-uses.csv", "/data-uses.json", "/applications", "/applications.json", "/audits", "/findings", "/sanctions", "/recalls", "/oversight.json", "/objections", "/publications"}; len(left) > 0; left = left[1:] {
		if _, known := pages[left[0]]; known {
			continue
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", left[0], nil))
		if w.Code != 200 {
			t.Errorf("%s is answered %d", left[0], w.Code)
		}
		body := moment.ReplaceAllString(w.Body.String(), "")
		pages[left[0]] = body
		for _, link := range regexp.MustCompile(`href="(/(register/releases|agreements|applications)/[^"#?]*)"`).FindAllStringSubmatch(body, -1) {
			left = append(left, link[1])
		}
	}
	return pages
}

// Every page says the same on PostgreSQL as on SQLite, and so does a correction that was
// made there.
func TestPagesOnEitherDatabase(t *testing.T) {
	t.Parallel()
	server := emptyPostgres(t)
	d := begin(t, "published")
	onSQLite := publicPages(t, d.path("office"))
	d.ask(t, "store", "copy", "--to", server)
	d.settle(t, server)
	onPostgres := publicPages(t, d.path("office"))
	if len(onSQLite) < 28 || len(onPostgres) != len(onSQLite) {
		t.Errorf("%d pages on SQLite, %d on PostgreSQL", len(onSQLite), len(onPostgres))
	}
	for address, body := range onSQLite {
		if onPostgres[address] != body {
			t.Errorf("%s says on PostgreSQL\n%s\nand on SQLite\n%s", address, onPostgres[address], body)
		}
	}
	d.ask(t, "release", "withdraw", "REL-000001", "--as", "carol", "--reason", "the wrong year")
	if page := publicPages(t, d.path("office"))["/register/releases/FILE0000001"]; !strings.Contains(page, "by the act “release withdraw”: state was “released” and is “withdrawn”") {
		t.Errorf("no correction on the page of the release: %s", page)
	}
}
