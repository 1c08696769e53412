package dars

import (
	"encoding/json"
	"slices"
)

// An Erasure is that what the office knew of a person as a person is gone: name, login,
// address, keys. Everybody else's record of them is by number, and stays.
type Erasure struct {
	ID      ErasureID `json:"id"`
	Person  PersonID  `json:"person"`
	On      Day       `json:"on"`
	By      PersonID  `json:"by"`
	Why     string    `json:"why"`
	Also    []string  `json:"also"`    // other nouns in which the words stood, and stand no more
	Alone   []Alone   `json:"alone"`   // nouns in which a word of the name stood without the rest of it
	Letters int       `json:"letters"` // that lay to be taken away by mail, and were removed
	Kept    []Kept    `json:"kept"`
	Left    []string  `json:"left"` // files outside the database in which the words stand: for a person to see to
}

// An Alone is a noun in which a word of somebody's name stood alone. Whether it meant them
// no program can tell: a person has said so, or that it stays.
type Alone struct {
	Ref    string `json:"ref"`
	Times  int    `json:"times"`
	Struck bool   `json:"struck"`
}

// Kept is something that is kept although somebody is erased, and how much of it.
type Kept struct {
	What string `json:"what"` // a code of KeptForLaw
	N    int    `json:"n"`
}

// What is kept of somebody who is erased.
const (
	KeptSteps        = "steps"
	KeptDeliveries   = "deliveries"
	KeptFingerprints = "fingerprints"
	KeptPapers       = "papers"
	KeptReading      = "reading"
	KeptNamesakes    = "namesakes"
)

// KeptForLaw says what is kept, and by what right: it tells who answered for a release
// of patients' data, and to whom it went, and that is owed to the patients in it.
var KeptForLaw = []Code{
	{KeptSteps, "which steps they took, by number: whoever decides on patients' data answers for it"},
	{KeptDeliveries, "what was sent to them and from where they fetched it, by number: nobody may be unable to say where data went"},
	{KeptFingerprints, "the fingerprints of their keys: receipts were given to whoever had them"},
	{KeptPapers, "papers that may name them, encrypted: contracts, agreements, certificates, minutes and letters of a case are records of the office"},
	{KeptNamesakes, "texts of others with a name that somebody else here has too: they may be about either"},
	{KeptReading, "the access log, by number: who has read which case is kept for those whom it is about"},
}

func (e *Erasure) Card() Card {
	return Card{"erasure", string(e.ID), "done", keys("person", e.Person)}
}

// Erase takes away what is known of a person as a person. They must have left: who can
// still sign in is needed by name.
func (p *Person) Erase(a Act, on Day) error {
	switch {
	case p.Erased != "":
		return Refuse("wrong-step", p.ID, "person %s was erased on %s", p.ID, p.Erased)
	case a.Who == p.ID:
		return Refuse("same-person", p.ID, "person %s cannot erase themselves: somebody else of compliance does", p.ID)
	case a.Why == "":
		return Refuse("no-reason", p.ID, "person %s: say with --reason who has asked for it, and when; without their name", p.ID)
	case p.Left == "" && slices.ContainsFunc(p.Keys, func(k PersonKey) bool { return k.RevokedBy == "" }), p.Left == "" && len(p.Keys) == 0 && len(p.Roles) > 0:
		return Refuse("not-left", p.ID, "person %s can still sign in, and is known by name until they leave: darsd person key-revoke --all comes first", p.ID)
	}
	p.Login, p.Name, p.Email, p.Roles, p.Networks, p.Delegations = erasedLogin(p.ID), string(p.ID), "", []Role{}, nil, nil
	p.Keys = slices.Clone(p.Keys)
	for i := range p.Keys {
		p.Keys[i].Public = ""
		if p.Keys[i].RevokedBy == "" {
			p.Keys[i].RevokedBy = a.Who
		}
	}
	if p.Left == "" {
		p.Left = on
	}
	p.Erased = on
	return nil
}

// erasedLogin is by what somebody is found whose login is gone. No login that is given
// to anybody begins so.
func erasedLogin(id PersonID) string { return "erased-" + string(id) }

// A Past is what the log said of a noun before words were struck out of it: its changes
// without the words, each under the number of its event. The events have their own no
// more; reports of past days are made from these.
type Past struct {
	Of      string       `json:"of"` // "audit/AUD-000001"
	Changes []PastChange `json:"changes"`
}

// A PastChange is what one event changed.
type PastChange struct {
	Seq    int64           `json:"seq"`
	Change json.RawMessage `json:"change"`
}

func (p *Past) Card() Card { return Card{"past", p.Of, "struck", nil} }
