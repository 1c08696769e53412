package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"darsd/dars"
	"darsd/office"
)

// Whose database goes away under an open session is told that it lies with the office,
// not that they are unknown; and nothing of the fault.
func TestAFaultAtTheDeskIsNobodysFault(t *testing.T) {
	t.Parallel()
	d := begin(t, "published")
	h, err := open(t.Context(), d.path("office"), "", d.env.stderr)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	p, err := office.Desk{Office: h.Office}.Person(t.Context(), "nora")
	if err != nil {
		t.Fatal(err)
	}
	run := func(who dars.PersonID) (int, string) {
		var out, errs bytes.Buffer
		status := counter{house: h}.Run(context.Background(), who, dars.Visitor{}, []string{"status"}, strings.NewReader(""), &out, &errs)
		return status, errs.String()
	}
	if status, said := run("P-000999"); status != refused || !strings.Contains(said, "not known here any more") {
		t.Errorf("who is gone is told %q, status %d", said, status)
	}
	h.Store.Close()
	if status, said := run(p.ID); status != faulty || !strings.Contains(said, "a fault of the office's own") || strings.Contains(said, "sql") {
		t.Errorf("they are told %q, status %d", said, status)
	}
}

// What the machine refused is told with what an operator does about it.
func TestRemedies(t *testing.T) {
	tests := map[string]struct {
		err  error
		says string
	}{
		"a full disk":           {syscall.ENOSPC, "make room"},
		"a folder to read":      {syscall.EROFS, "Mount it for writing"},
		"a server that is gone": {syscall.ECONNREFUSED, "the server of the database does not answer"},
		"somebody else's":       {syscall.EACCES, "be that user"},
		"anything else":         {syscall.EINVAL, ""},
	}
	for name, tt := range tests {
		if said := remedy(fmt.Errorf("in the middle: %w", tt.err)); !strings.Contains(said, tt.says) || (said == "") != (tt.says == "") {
			t.Errorf("%s: it says %q", name, said)
		}
	}
}
