package mail

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"darsd/dars"
)

// A Calendar is a file of dates as calendar programs take it (RFC 5545).
type Calendar struct {
	Domain string // of the office, in which the IDs are its own
	From   string // whose dates they are: an address
	Name   string
	Method string // Publish, Cancel; "" for a file that is fetched and not sent
}

// What is to be done with the dates of a calendar that is sent (RFC 5546).
const (
	Publish = "PUBLISH"
	Cancel  = "CANCEL"
)

// Text is the calendar at a moment. Each date is a whole day, which takes nobody's
// time.
func (c Calendar) Text(at time.Time, dates []dars.Date) []byte {
	var b bytes.Buffer
	add := func(name, value string) { fold(&b, name+":"+value) }
	add("BEGIN", "VCALENDAR")
	add("VERSION", "2.0")
	add("PRODID", "-//darsd//"+escaped(c.Name)+"//EN")
	if c.Method != "" {
		add("METHOD", c.Method)
	}
	for _, d := range dates {
		add("BEGIN", "VEVENT")
		add("UID", escaped(d.ID+"@"+c.Domain))
		add("DTSTAMP", at.UTC().Format("20060102T150405Z"))
		add("DTSTART;VALUE=DATE", compact(d.On))
		add("DTEND;VALUE=DATE", compact(d.On.Add(1))) // the first day after it
		add("SUMMARY", escaped(oneLine(d.Summary)))
		add("SEQUENCE", fmt.Sprint(d.Sequence))
		add("TRANSP", "TRANSPARENT")
		if c.Method != "" {
			add("ORGANIZER", "mailto:"+escaped(c.From)) // RFC 5546 asks for one
		}
		if d.Gone {
			add("STATUS", "CANCELLED")
		}
		add("END", "VEVENT")
	}
	add("END", "VCALENDAR")
	return b.Bytes()
}

func compact(d dars.Day) string { return strings.ReplaceAll(string(d), "-", "") }

// escaped is a text as a value (RFC 5545, 3.3.11).
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(strings.TrimRight(plain(text), "\n"))
}

// maxLine is how long a line of a calendar may be, in octets without its end (RFC
// 5545, 3.1).
const maxLine = 75

// fold writes a line in pieces, none of which cuts a character in two.
func fold(b *bytes.Buffer, line string) {
	room := maxLine
	for len(line) > room {
		cut := room
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		b.WriteString(line[:cut] + "\r\n ")
		line, room = line[cut:], maxLine-1 // the space counts
	}
	b.WriteString(line + "\r\n")
}

// sorted parts the dates that are due from those that no longer are; of one that is
// named twice, the later word stands.
func sorted(dates []dars.Date) (due, gone []dars.Date) {
	last := map[string]dars.Date{}
	var order []string
	for _, d := range dates {
		if was, ok := last[d.ID]; !ok {
			order = append(order, d.ID)
		} else if was.Sequence > d.Sequence {
			continue
		}
		last[d.ID] = d
	}
	slices.Sort(order)
	for _, id := range order {
		if d := last[id]; d.Gone {
			gone = append(gone, d)
		} else {
			due = append(due, d)
		}
	}
	return due, gone
}
