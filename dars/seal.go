package dars

// A SealUsed notes from when the office has sealed its papers with a certificate. Its
// key is a file; that it was made, and why it was exchanged, is part of the log.
type SealUsed struct {
	ID          string `json:"id"`          // "SEAL-000001"
	Certificate string `json:"certificate"` // its SHA-256, hex
	Since       Day    `json:"since"`
	Reason      string `json:"reason"` // why the one before was exchanged
}

func (s *SealUsed) Card() Card {
	return Card{"seal", s.ID, "used", keys("certificate", s.Certificate)}
}
