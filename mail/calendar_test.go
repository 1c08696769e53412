package mail_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"darsd/dars"
	"darsd/mail"
)

// wellFormed checks a calendar line by line: how long each is, that no character is
// cut in two, and that every part that begins ends.
func wellFormed(t testing.TB, calendar string) (unfolded []string) {
	t.Helper()
	for line := range strings.SplitSeq(strings.TrimSuffix(calendar, "\r\n"), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
			t.Errorf("not a line of a calendar: %q", line)
		}
		if more, folded := strings.CutPrefix(line, " "); folded && len(unfolded) > 0 {
			unfolded[len(unfolded)-1] += more
			continue
		}
		unfolded = append(unfolded, line)
	}
	var open []string
	for _, line := range unfolded {
		name, value, ok := strings.Cut(line, ":")
		switch {
		case !ok:
			t.Errorf("a line without a value: %q", line)
		case name == "BEGIN":
			open = append(open, value)
		case name == "END":
			if len(open) == 0 || open[len(open)-1] != value {
				t.Fatalf("%s ends in %v", value, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 || strings.Count(calendar, "BEGIN:VCALENDAR") < 1 {
		t.Errorf("open are %v in\n%s", open, calendar)
	}
	return unfolded
}

func dates() []dars.Date {
	return []dars.Date{
		{ID: "REL-000001", Summary: "Last day to collect REL-000001; bring a \\ and, perhaps, Zürich " + strings.Repeat("ü", 100), On: "2026-12-31", Sequence: 3},
		{ID: "NIC-1-action-2", Summary: "two\r\nlines\nEND:VEVENT", On: "2028-02-29", Gone: true},
	}
}

func TestCalendar(t *testing.T) {
	at := time.Date(2026, 3, 31, 23, 30, 0, 0, time.UTC)
	text := string(mail.Calendar{Domain: "example.org", From: "office@example.org", Name: "The Office", Method: mail.Publish}.Text(at, dates()))
	lines := strings.Join(wellFormed(t, text), "\n")
	for _, want := range []string{
		"METHOD:PUBLISH", "UID:REL-000001@example.org", "DTSTART;VALUE=DATE:20261231\nDTEND;VALUE=DATE:20270101", "SEQUENCE:3", "DTSTAMP:20260331T233000Z",
		`SUMMARY:Last day to collect REL-000001\; bring a \\ and\, perhaps\, Zürich ` + strings.Repeat("ü", 100),
		"SUMMARY:two lines END:VEVENT", "DTEND;VALUE=DATE:20280301", "STATUS:CANCELLED", "ORGANIZER:mailto:office@example.org",
	} {
		if !strings.Contains(lines, want) {
			t.Errorf("it does not say %q:\n%s", want, lines)
		}
	}
	if n := strings.Count(lines, "STATUS:"); n != 1 {
		t.Errorf("%d dates have a status", n)
	}
	if fetched := string(mail.Calendar{Domain: "example.org"}.Text(at, nil)); strings.Contains(fetched, "METHOD") || strings.Contains(fetched, "ORGANIZER") {
		t.Errorf("one that is fetched says\n%s", fetched)
	}
}

// What we write, a parser that is not ours reads.
func TestAnotherProgramReadsTheCalendar(t *testing.T) {
	const python = "/usr/bin/python3" // Debian's, which has Debian's packages
	if err := exec.Command(python, "-c", "import icalendar").Run(); err != nil {
		if os.Getenv("DARSD_REQUIRE_ALL") == "1" {
			t.Fatal("python3-icalendar is not here")
		}
		t.Skip("python3-icalendar is not here")
	}
	cmd := exec.Command(python, "-c", `
import icalendar, json, sys
c = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
print(json.dumps([[str(e["UID"]), str(e["SUMMARY"]), e["DTSTART"].dt.isoformat(), e["DTEND"].dt.isoformat(), int(e["SEQUENCE"]), str(e.get("STATUS", ""))] for e in c.walk("VEVENT")]))
`)
	cmd.Stdin = strings.NewReader(string(mail.Calendar{Domain: "example.org", Name: "x"}.Text(time.Unix(0, 0), dates())))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var got [][]any
	if err := json.Unmarshal(out, &got); err != nil || len(got) != 2 {
		t.Fatalf("%v: %s", err, out)
	}
	if d := got[0]; d[0] != "REL-000001@example.org" || d[1] != dates()[0].Summary || d[2] != "2026-12-31" || d[3] != "2027-01-01" || d[4] != 3.0 || d[5] != "" {
		t.Errorf("the first is %v", d)
	}
	if d := got[1]; d[1] != "two lines END:VEVENT" || d[2] != "2028-02-29" || d[5] != "CANCELLED" {
		t.Errorf("the second is %v", d)
	}
}
