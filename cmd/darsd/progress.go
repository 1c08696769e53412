package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"darsd/office"
	"darsd/transfer/extract"
)

const (
	logEvery = 10 * time.Second
	barEvery = time.Second / 5
)

// progress shows how far a package has come: a bar to who sits at a terminal, and
// otherwise a line of the log now and then, if it takes long. end leaves the
// terminal as it was.
func (p packer) progress(o office.Packing) (told func(extract.Progress), end func()) {
	if p.screen != nil {
		b := &bar{to: p.screen, about: string(o.Release.ID), began: time.Now()}
		return b.draw, b.wipe
	}
	last := time.Now()
	return func(now extract.Progress) {
		if time.Since(last) < logEvery {
			return
		}
		last = time.Now()
		p.Log.Info("packaging", "release", o.Release.ID, "read_mb", now.Read>>20, "of_mb", now.Total>>20, "rows", now.Rows)
	}, func() {}
}

// A bar is one line of a terminal, drawn again and again over itself.
type bar struct {
	to    io.Writer
	about string
	began time.Time
	drawn time.Time
}

func (b *bar) draw(p extract.Progress) {
	if time.Since(b.drawn) < barEvery {
		return
	}
	b.drawn = time.Now()
	fmt.Fprintf(b.to, "\r%s\x1b[K", barLine(b.about, p, time.Since(b.began)))
}

func (b *bar) wipe() {
	if !b.drawn.IsZero() {
		io.WriteString(b.to, "\r\x1b[K")
	}
}

// barWidth is in characters; with all that stands beside it a line keeps to 79.
const barWidth = 10

// barLine is for instance
//
//	REL-000001 #####.....  52 %  1204 of 2310 MB  8.1 M rows  410 MB/s  0:03 left
func barLine(about string, p extract.Progress, took time.Duration) string {
	perSecond := float64(p.Read) / max(took.Seconds(), 0.001)
	speed := fmt.Sprintf("%s rows  %.0f MB/s", short(p.Rows), perSecond/(1<<20))
	if p.Total <= 0 {
		return fmt.Sprintf("%s  %d MB  %s", about, p.Read>>20, speed)
	}
	read := min(p.Read, p.Total)
	full := int(barWidth * read / p.Total)
	unit, shift := "MB", 20
	if p.Total >= 100<<30 {
		unit, shift = "GB", 30
	}
	line := fmt.Sprintf("%s %s%s %3d %%  %d of %d %s  %s", about, strings.Repeat("#", full), strings.Repeat(".", barWidth-full),
		100*read/p.Total, read>>shift, p.Total>>shift, unit, speed)
	if read == 0 {
		return line // nobody can tell how long it takes
	}
	left := float64(p.Total-read) / perSecond
	return line + "  " + clockTime(time.Duration(left*float64(time.Second))) + " left"
}

// short writes a count of rows in five characters or less: 812, 8.1 k, 13.4 M.
func short(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f G", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f M", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.1f k", float64(n)/1e3)
	}
	return fmt.Sprint(n)
}

// clockTime writes how long something takes: 0:03, 12:40, 5:00:09.
func clockTime(d time.Duration) string {
	s := int(d.Seconds())
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// isTerminal reports whether somebody sits there who sees a line redrawn. The null
// device is one of characters too.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	null, errNull := os.Stat(os.DevNull)
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && errNull == nil && !os.SameFile(info, null)
}
