package dars

import "time"

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
