package main

import (
	"os"
	"strings"
	"testing"

	"darsd/dars"
)

// Every command of docs/backup.md is played, in order, with the folders of a test in the
// place of its own. Where it moves to a server, there must be one (TEST_POSTGRES).
func TestTheBackupPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/backup.md")
	if err != nil {
		t.Fatal(err)
	}
	d := begin(t, "published")
	d.collectedElsewhere(t, "receipts/FILE0000001.receipt.json")
	inTest := strings.NewReplacer("/srv/darsd", d.path("office"), "/srv/again", d.path("again"), "/backup/", d.path("backups/"), "/media/safe/", d.path("safe/"), "compare receipts", "compare "+d.path("receipts"))
	played := 0
	for line := range strings.SplitSeq(string(text), "\n") {
		command, ok := strings.CutPrefix(line, "    darsd ")
		if !ok {
			continue
		}
		played++
		words := strings.Fields(inTest.Replace(command))
		if at := len(words) - 1; strings.HasPrefix(words[at], "postgres://") {
			if os.Getenv("TEST_POSTGRES") == "" {
				continue
			}
			words[at] = emptyPostgres(t)
		}
		_, said, status := asked(t.Context(), words...)
		if lost := strings.Contains(command, "restore compare"); lost && (status != refused || !strings.Contains(said, "is not known")) || !lost && status != done {
			t.Fatalf("darsd %s: exit status %d: %s", command, status, said)
		}
		if at := len(words) - 1; strings.HasPrefix(words[at], "postgres://") {
			d.settle(t, words[at])
		}
	}
	if played < 10 {
		t.Errorf("%d commands were played", played)
	}
}

// collectedElsewhere leaves a receipt of this office of which it knows nothing.
func (d *stage) collectedElsewhere(t *testing.T, name string) {
	t.Helper()
	h, err := open(t.Context(), d.path("office"), "", d.env.stderr)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	text, err := h.signedReceipt(&dars.Receipt{ID: "RCP-000099", File: "FILE0000001", Release: "REL-000001", Person: "P-000017", Sent: 10, Confirmed: 10})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(d.path("receipts"), 0o700); err != nil {
		t.Fatal(err)
	}
	d.write(t, name, text)
}
