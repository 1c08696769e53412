package dars

// A Verdict is what the office says about a file that came in by a folder or
// by submit/. It lies beside where the file was, for programs and for people.
type Verdict struct {
	File         string      `json:"file"`
	SHA256       string      `json:"sha256"`
	Kind         string      `json:"kind"` // application, agreement, certificate, objections
	Ref          string      `json:"ref"`
	Version      string      `json:"version"`
	Verdict      VerdictWord `json:"verdict"`
	Code         string      `json:"code"`   // the rule that refused, or "" if none did
	Reason       string      `json:"reason"` // the sentence for a person
	MissingPages []int       `json:"missing_pages"`
	Signatures   []string    `json:"signatures"`
}

// A VerdictWord is the outcome of taking in a file.
type VerdictWord string

const (
	VerdictAccepted VerdictWord = "accepted" // taken in, and it counts
	VerdictWaiting  VerdictWord = "waiting"  // taken in; people are to confirm it
	VerdictRejected VerdictWord = "rejected" // not taken in; kept in rejected/ for a while
)
