package dars

// A MasterKey notes from when the office's master identity is another one: it opens the
// keys that open all else. The identity itself is known to nobody here; that it was
// changed, and why, is part of the log.
type MasterKey struct {
	ID     string `json:"id"`     // "MASTER-000001"
	Public string `json:"public"` // the public half: "age1..."
	Since  Day    `json:"since"`
	Reason string `json:"reason"` // why the one before was changed
}

func (k *MasterKey) Card() Card {
	return Card{"master key", k.ID, "used", keys("public", k.Public)}
}
