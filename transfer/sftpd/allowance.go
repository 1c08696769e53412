package sftpd

import (
	"cmp"
	"fmt"
	"sync"
	"time"

	"darsd/dars"
)

// Uploads are the limits on submit/. They are a person's, whatever the number of
// their connections; of several daemons that serve one data directory each counts
// for itself what is being written. What is zero is as said here.
type Uploads struct {
	FileBytes int64 // of one file; 1 GiB
	Bytes     int64 // of what lies in a person's submit/ and of what is being written; 4 GiB
	Entries   int   // files and folders in it; 10,000
	Open      int   // files being written at once; 64
	OpenHere  int   // of these on one connection; 16

	// What may be begun in an hour, so that a script that runs in circles does not
	// fill the office. The hour begins with the first file.
	HourlyFiles int   // files and folders; 2,000
	HourlyBytes int64 // 20 GiB
}

func (l Uploads) withDefaults() Uploads {
	return Uploads{
		FileBytes:   cmp.Or(l.FileBytes, 1<<30),
		Bytes:       cmp.Or(l.Bytes, 4<<30),
		Entries:     cmp.Or(l.Entries, 10_000),
		Open:        cmp.Or(l.Open, 64),
		OpenHere:    cmp.Or(l.OpenHere, 16),
		HourlyFiles: cmp.Or(l.HourlyFiles, 2_000),
		HourlyBytes: cmp.Or(l.HourlyBytes, 20<<30),
	}
}

// A limit is met by something that would go beyond it. Its user is told the
// number.
type limit struct{ sentence string }

func (l *limit) Error() string { return l.sentence }

func over(sentence string, args ...any) error { return &limit{fmt.Sprintf(sentence, args...)} }

// reserve is how much of the quota a file takes at a time at most, so that the
// tray is not counted for each WRITE.
const reserve = 4 << 20

// An allowance is what one person has of the limits.
//
// A file that is being written has its part of the quota from before its bytes
// come until after it lies in the tray: for a moment it is counted twice, and
// never not at all.
type allowance struct {
	limits Uploads

	mu    sync.Mutex
	open  int   // files being written
	bytes int64 // reserved for them
	hour  time.Time
	files int   // begun since then
	grown int64 // bytes begun since then
}

// allowance is that of a person. It is kept as long as the server.
func (s *Server) allowance(who dars.PersonID) *allowance {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.allowances == nil {
		s.allowances = map[dars.PersonID]*allowance{}
	}
	a := s.allowances[who]
	if a == nil {
		a = &allowance{limits: s.Uploads.withDefaults()}
		s.allowances[who] = a
	}
	return a
}

// begin takes a place for one more file that is being written.
func (a *allowance) begin(t Tray, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open >= a.limits.Open {
		return over("at most %d files can be written at once", a.limits.Open)
	}
	if err := a.another(t, now); err != nil {
		return err
	}
	a.open++
	return nil
}

// folder has a folder made, if there may be one more.
func (a *allowance) folder(t Tray, now time.Time, mkdir func() error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.another(t, now); err != nil {
		return err
	}
	return mkdir()
}

// another counts one more file or folder. Each file that is being written may
// become one more, also where it replaces another: if it is broken off it is kept
// beside that.
func (a *allowance) another(t Tray, now time.Time) error {
	_, entries, err := contents(t)
	if err != nil {
		return err
	}
	if entries+a.open >= a.limits.Entries {
		return over("submit may hold at most %d files and folders: remove some of them first", a.limits.Entries)
	}
	a.turn(now)
	if a.files >= a.limits.HourlyFiles {
		return over("at most %d files and folders can be sent in an hour: go on after %s", a.limits.HourlyFiles, a.next())
	}
	a.files++
	return nil
}

// A share is what one file has of its person's quota.
type share struct {
	bytes  int64 // reserved
	hourly int64 // of these counted in an hour
	hour   time.Time
}

// grow reserves what a file needs to be so long, and perhaps some more. What it
// began with counts against the quota, as it lies there twice, and not against the
// hour.
func (a *allowance) grow(t Tray, s *share, size int64, begun bool, now time.Time) error {
	if size <= s.bytes {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	lies, _, err := contents(t)
	if err != nil {
		return err
	}
	a.turn(now)
	quota, hourly := a.limits.Bytes-lies-a.bytes, a.limits.HourlyBytes-a.grown
	need := size - s.bytes
	take := max(need, min(reserve, quota/64, hourly/64)) // the nearer the end, the less that others may want
	if begun {
		take, hourly = need, need
	}
	switch {
	case take > quota:
		return over("submit may hold at most %d bytes, with what is being written: remove something first", a.limits.Bytes)
	case take > hourly:
		return over("at most %d bytes can be sent in an hour: go on after %s", a.limits.HourlyBytes, a.next())
	}
	s.bytes += take
	a.bytes += take
	if !begun {
		if s.hour != a.hour {
			s.hour, s.hourly = a.hour, 0
		}
		s.hourly += take
		a.grown += take
	}
	return nil
}

// end gives back the place of a file, and what it had reserved and not used.
func (a *allowance) end(s *share, size int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open--
	a.bytes -= s.bytes
	if s.hour == a.hour {
		a.grown -= min(s.hourly, max(s.bytes-size, 0))
	}
}

// turn begins another hour when one is over.
func (a *allowance) turn(now time.Time) {
	if a.hour.IsZero() || now.Sub(a.hour) >= time.Hour || now.Before(a.hour) {
		a.hour, a.files, a.grown = now, 0, 0
	}
}

func (a *allowance) next() string { return a.hour.Add(time.Hour).UTC().Format("15:04 UTC") }

// left is what a person has of the quota, and how much of it is free.
func (a *allowance) left(t Tray) (bytes int64, entries int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	lies, number, err := contents(t)
	return max(a.limits.Bytes-lies-a.bytes, 0), max(a.limits.Entries-number-a.open, 0), err
}

// contents counts what lies in a tray.
func contents(t Tray) (bytes int64, entries int, err error) {
	all, err := t.List()
	for _, u := range all {
		bytes += u.Size
	}
	return bytes, len(all), err
}
