package dars

import (
	"regexp"
	"time"
)

// A RefusedAct is an act that a rule refused: whose, which, by which rule, when. What was
// said or handed in is not in it. What one person is refused again and again within an
// hour stands by itself at first, and then in numbers.
type RefusedAct struct {
	At    time.Time `json:"at"` // of several, the last
	By    PersonID  `json:"by"` // or Nobody
	Via   Door      `json:"via"`
	Act   string    `json:"act"`           // the words of its command
	Rule  string    `json:"rule"`          // of the refusal
	Ref   string    `json:"ref,omitempty"` // what it was about, where that is a reference of ours
	Times int       `json:"times"`
}

// Refused is how often an act of somebody was refused by a rule within an hour. It is
// counted beside the log, which a refusal leaves as it was: a count that is lost is lost.
type Refused struct {
	Hour  time.Time // its beginning, in UTC
	Who   PersonID  // or Nobody
	Act   string    // the words of its command
	Rule  string    // of the refusal
	Via   Door
	Times int
}

// Nobody is who is refused whom the office does not know.
const Nobody PersonID = "nobody"

// Countable is an act or a rule as it is counted: ours are words of small letters, with three
// digits at most (sha512sum). What is not, an outsider may have thought up.
func Countable(word string) string {
	if !ownWords.MatchString(word) {
		return "other"
	}
	return word
}

// CountableRef is a reference of ours, or "": what somebody else thought up may name a
// person or be a patient's number. No shape has room for ten digits.
func CountableRef(ref string) string {
	if !ownRef.MatchString(ref) {
		return ""
	}
	return ref
}

var (
	ownWords = regexp.MustCompile(`^[a-z][a-z -]{0,30}(?:[0-9]{1,3}[a-z -]{0,8})?$`)
	ownRef   = regexp.MustCompile(`^(?:[A-Z][A-Z0-9]{1,6}|[A-Z]{1,9}-[0-9]{6,7}(?:-[A-Z0-9]{5})?|FILE[0-9]{7}|DARS-NIC-[0-9]{6}-[A-Z0-9]{5}(?:-v[0-9]{1,2}\.[0-9]{1,2})?)$`)
)
