package dars

import "time"

// A Restoration notes that the office was brought back from a backup. What it did between
// the moment of the backup and that day it does not know, but papers and files of those
// days are out in the world: so no reference that they may bear is given again.
type Restoration struct {
	ID      string         `json:"id"` // "RST-000001"
	From    time.Time      `json:"from"`
	At      time.Time      `json:"at"`
	Events  int64          `json:"events"` // of the log in the backup
	Head    string         `json:"head"`
	Skipped map[string]int `json:"skipped"` // by what is counted, the number above which it goes on
}

func (r *Restoration) Card() Card {
	return Card{"restoration", r.ID, "restored", nil}
}

// Skip notes that references of a kind, of which the backup has so many, go on further
// up: at least a thousand for each day begun since the backup, and a hundredth of all
// that were ever given. An office that is brought back twice from one backup, on two
// days, then gives no reference twice either.
func (r *Restoration) Skip(kind string, highest int) {
	if r.Skipped == nil {
		r.Skipped = map[string]int{}
	}
	r.Skipped[kind] = highest + r.days()*max(1000, highest/100)
}

// Above is the number above which references of a kind go on. Of what was counted
// nowhere in the backup some may have been given since.
func (r *Restoration) Above(kind string) int {
	if n, counted := r.Skipped[kind]; counted {
		return n
	}
	return r.days() * 1000
}

// days are those begun between the backup and the restoration.
func (r *Restoration) days() int { return int(max(0, r.At.Sub(r.From))/(24*time.Hour)) + 1 }

// Lost is how many versions of a case, of which the newest that is known was submitted on
// a day, are passed over: ten for each day begun since the backup.
func (r *Restoration) Lost(newest Day, c Calendar) int {
	if newest > c.Day(r.From) {
		return 0
	}
	return 10 * r.days()
}
