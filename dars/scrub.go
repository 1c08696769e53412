package dars

// A Scrub is one reading of every file in the vault against what the log says of
// it.
type Scrub struct {
	ID      string   `json:"id"` // "SCRUB-000001"
	On      Day      `json:"on"`
	Files   int      `json:"files"`
	Bytes   int64    `json:"bytes"`
	Damaged []string `json:"damaged"` // a sentence each
}

func (s *Scrub) Card() Card {
	state := "clean"
	if len(s.Damaged) > 0 {
		state = "damage"
	}
	return Card{"scrub", s.ID, state, nil}
}
