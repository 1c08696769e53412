package dars

import (
	"strings"
	"time"
)

// An Arrival is something that came in by a watched folder or by submit/, with
// the verdict on it. The same bytes through the same door again are the same
// arrival.
type Arrival struct {
	ID      string    `json:"id"` // "ARR-000001"
	Folder  string    `json:"folder"`
	From    PersonID  `json:"from"`
	At      time.Time `json:"at"`
	Verdict Verdict   `json:"verdict"`
}

func (a *Arrival) Card() Card {
	return Card{"arrival", a.ID, string(a.Verdict.Verdict), []Key{By("sha256", a.Verdict.SHA256), By("from", a.From), By("about", a.Verdict.Ref)}}
}

// ApplicationsTray is the folder in submit/ in which each folder is an application.
const ApplicationsTray = "applications"

// Arriving is the part of a path in submit/ that is taken in as one: the first name
// of it, and in ApplicationsTray the first two.
func Arriving(name string) string {
	first, rest, deeper := strings.Cut(name, "/")
	if first != ApplicationsTray || !deeper {
		return first
	}
	second, _, _ := strings.Cut(rest, "/")
	return first + "/" + second
}
