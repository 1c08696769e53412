package sftpd

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestHoldings(t *testing.T) {
	began := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	day := func(d int) time.Time { return time.Date(2026, 2, d, 0, 0, 0, 0, time.UTC) }
	h := arrange([]Entry{
		{Path: "collect/b/2.csv", Modified: day(2)},
		{Path: "collect/b-note.txt", Modified: day(9)},
		{Path: "README.txt", Modified: day(1), Size: 5},
		{Path: "collect/b/deep/3.csv", Modified: day(3)},
		{Path: "collect/b/1.csv", Modified: day(1)},
		{Path: "collect/b/1.csv", Size: 99}, // again: the first counts
		{Path: "papers/x", Modified: day(4)},
		{Path: "papers/x-y", Modified: day(4)},
		{Path: "papers/x/in a file", Modified: day(8)},
		{Path: "papers/x/in/a/file", Modified: day(8)},
		{Path: "submit"}, {Path: "submit/forged"}, {Path: "collect"}, {Path: "../out"}, {Path: "/root"}, {Path: "."}, {Path: ""},
	}, began)
	for dir, want := range map[string]string{
		"":               "README.txt collect/ papers/ receipts/ submit/",
		"collect":        "b/ b-note.txt",
		"collect/b":      "1.csv 2.csv deep/",
		"collect/b/deep": "3.csv",
		"papers":         "x x-y",
		"receipts":       "",
		"submit":         "",
	} {
		var all []string
		for _, n := range h.below(dir) {
			found := h.find(strings.TrimPrefix(dir+"/"+n.name, "/"))
			if found == nil || fmt.Sprint(*found) != fmt.Sprint(*n) {
				t.Errorf("%s in %q is listed as %+v and found as %+v", n.name, dir, n, found)
			}
			name := n.name
			if n.IsDir() {
				name += "/"
			}
			all = append(all, name)
		}
		if got := strings.Join(all, " "); got != want {
			t.Errorf("in %q: %s, want %s", dir, got, want)
		}
	}
	for path, want := range map[string]time.Time{
		"": began, "collect": day(9), "collect/b": day(3), "collect/b/deep": day(3), "papers": day(4), "receipts": began, "submit": began, "collect/b/1.csv": day(1),
	} {
		if n := h.find(path); n == nil || !n.modified.Equal(want) {
			t.Errorf("%q: %+v, want %s", path, n, want)
		}
	}
	for _, path := range []string{"collect/", "collect/c", "coll", "papers/x/in", "papers/x/in a file", "submit/forged", "collect/b/1.csv/", "..", "."} {
		if n := h.find(path); n != nil {
			t.Errorf("%q is there: %+v", path, n)
		}
	}
	if h.find("submit").mode != modeSubmit || h.find("README.txt").size != 5 {
		t.Error("not as the office says")
	}
}
