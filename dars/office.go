package dars

import "time"

// An Office is the custodian, as its papers name it.
type Office struct {
	Name      string `yaml:"name" json:"name"`
	Address   string `yaml:"address" json:"address"`
	Telephone string `yaml:"telephone" json:"telephone"`
	Email     string `yaml:"email" json:"email"`
	TimeZone  string `yaml:"timezone" json:"timezone"`
}

// A House is the office's data directory itself. A rehearsal's cannot become a
// real one: this noun has no way to change.
type House struct {
	Rehearsal bool `json:"rehearsal"`
	Since     Day  `json:"since"`
}

func (h *House) Card() Card {
	state := "real"
	if h.Rehearsal {
		state = "rehearsal"
	}
	return Card{"house", "house", state, nil}
}

// A GlassBroken is one act that a local shell did in somebody's name where that
// is for emergencies only, with the reason given.
type GlassBroken struct {
	ID     string    `json:"id"` // "GLASS-000001"
	Act    string    `json:"act"`
	Person PersonID  `json:"person"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

func (g *GlassBroken) Card() Card {
	return Card{"break-glass", g.ID, "noted", keys("person", g.Person)}
}
