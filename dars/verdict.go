package dars

import (
	"path"
	"slices"
	"strings"
)

// A Verdict is what the office says about a file that came in by a folder or
// by submit/. It lies beside where the file was, for programs and for people.
type Verdict struct {
	File         string      `json:"file"`
	SHA256       string      `json:"sha256"`
	Kind         string      `json:"kind"` // application, agreement, certificate, objections, cohort
	Ref          string      `json:"ref"`
	Version      string      `json:"version"`
	Verdict      VerdictWord `json:"verdict"`
	Code         string      `json:"code"`   // the rule that refused, or "" if none did
	Reason       string      `json:"reason"` // the sentence for a person
	MissingPages []int       `json:"missing_pages"`
	Signatures   []string    `json:"signatures"`

	Mistakes []Mistake `json:"mistakes,omitempty"` // all that is wrong with a form

	Cohort *CohortCount `json:"cohort,omitempty"` // what was counted in one, taken in or not
}

// A VerdictWord is the outcome of taking in a file.
type VerdictWord string

const (
	VerdictAccepted VerdictWord = "accepted" // taken in, and it counts
	VerdictWaiting  VerdictWord = "waiting"  // taken in; people are to confirm it
	VerdictRejected VerdictWord = "rejected" // not taken in; kept in rejected/ for a while
)

// The two endings of a verdict's files, beside the name of what it is about.
const (
	VerdictObject   = ".verdict.json"
	VerdictSentence = ".verdict.txt"
)

// IsVerdict reports whether a file's name is that of a verdict, in whatever case
// it is written: some file systems do not tell.
func IsVerdict(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, VerdictObject) || strings.HasSuffix(name, VerdictSentence)
}

// IsPartial reports whether a name is one that clients give to a file which they
// have not written to its end. Such a file is never taken in.
func IsPartial(name string) bool {
	return slices.Contains([]string{".filepart", ".partial", ".part", ".tmp"}, strings.ToLower(path.Ext(name)))
}
