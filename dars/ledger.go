package dars

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Collection is the ledger's page for one person and one file: which bytes
// left for that person, and which of them the person's side has confirmed.
//
// Certificates and recall go by what was sent: a file of which one byte left
// must be accounted for. Receipts go by what was confirmed.
type Collection struct {
	File        FileID            `json:"file"`
	Release     ReleaseID         `json:"release"`
	Agreement   AgreementID       `json:"agreement"`
	Person      PersonID          `json:"person"`
	Org         OrgCode           `json:"org"`
	Size        int64             `json:"size"`
	Closed      Ranges            `json:"sent"`     // by handles that are closed
	Open        map[string]Ranges `json:"reserved"` // by handle: may have left already; after a crash it stands
	Answered    Ranges            `json:"confirmed"`
	First       time.Time         `json:"first"`
	Last        time.Time         `json:"last"`
	Key         string            `json:"key"`                   // fingerprint, of the last handle
	Certificate string            `json:"certificate,omitempty"` // that came with the key
	Client      string            `json:"client,omitempty"`
	Address     string            `json:"address,omitempty"`
	Receipt     ReceiptID         `json:"receipt,omitempty"`

	Attested time.Time `json:"attested,omitzero"` // when the person gave their word, and the file's sum, that they have it whole
}

// CollectionRef names the ledger's page of a person and a file.
func CollectionRef(f FileID, p PersonID) string { return fmt.Sprintf("%s/%s", f, p) }

func (c *Collection) Card() Card {
	state := string(c.Word())
	if len(c.Open) > 0 {
		state = "sending" // what is reserved may not all leave
	}
	return Card{"collection", CollectionRef(c.File, c.Person), state,
		[]Key{By("file", c.File), By("release", c.Release), By("agreement", c.Agreement), By("person", c.Person), By("org", c.Org)}}
}

// Sent is never less than what left.
func (c *Collection) Sent() Ranges {
	all := c.Closed.Add()
	for _, handle := range slices.Sorted(maps.Keys(c.Open)) {
		all = all.Add(c.Open[handle]...)
	}
	return all
}

// Reserve says that bytes are about to leave through a handle.
func (c *Collection) Reserve(handle string, r Range, at time.Time) {
	if c.Open == nil {
		c.Open = map[string]Ranges{}
	}
	if c.First.IsZero() {
		c.First = at.UTC()
	}
	c.Open[handle], c.Last = c.Open[handle].Add(r), at.UTC()
}

// Confirm notes what the person's side has answered for while a handle is open.
func (c *Collection) Confirm(some Ranges) { c.Answered = c.Answered.Add(some.Both(c.Sent())...) }

// Attest is the person's own word that they have all of a file: what lay between
// the last answer and a line that broke nobody else can know. They show the sum
// of what they have.
func (c *Collection) Attest(a Act, f PackageFile, sum string) error {
	switch {
	case !c.Sent().Whole(c.Size):
		return Refuse("not-sent", c.File, "of file %s %d of %d bytes were sent to you: fetch the rest first", c.File, c.Sent().Bytes(), c.Size)
	case c.Word() == Complete || !c.Attested.IsZero():
		return Refuse("complete", c.File, "it is known already that you have all of file %s", c.File)
	case !strings.EqualFold(sum, f.SHA512) && !strings.EqualFold(sum, f.SHA256):
		return Refuse("wrong-sum", c.File, "that is not the SHA-512 or SHA-256 of file %s: what you have is not what was sent; fetch it again", c.File)
	}
	c.Attested = a.At.UTC()
	return nil
}

// Whole reports whether the person has the file: their side has answered for all
// of it, or they have given their word.
func (c *Collection) Whole() bool { return c.Word() == Complete || !c.Attested.IsZero() }

// Settle cuts a handle's reservation back to what went out.
func (c *Collection) Settle(handle string, sent, confirmed Ranges, at time.Time) {
	delete(c.Open, handle)
	c.Closed, c.Answered, c.Last = c.Closed.Add(sent...), c.Answered.Add(confirmed.Both(sent)...), at.UTC()
}

// A ReceiptWord is which of three things a receipt says.
type ReceiptWord string

const (
	NothingSent ReceiptWord = "nothing"
	Partial     ReceiptWord = "partial"
	SentInFull  ReceiptWord = "sent-in-full" // some bytes are unconfirmed
	Complete    ReceiptWord = "complete"     // all are confirmed
)

// Word says how far the person has come.
func (c *Collection) Word() ReceiptWord {
	switch {
	case len(c.Sent()) == 0:
		return NothingSent
	case c.Answered.Whole(c.Size):
		return Complete
	case c.Sent().Whole(c.Size):
		return SentInFull
	}
	return Partial
}

// A Receipt is the office's signed word to a recipient on what of a file the
// recipient's side has confirmed. There is one for each person and file, and it
// grows.
type Receipt struct {
	ID          ReceiptID   `json:"id"`
	File        FileID      `json:"file"`
	Path        string      `json:"path"`
	SHA512      string      `json:"sha512"`
	Size        int64       `json:"size"`
	Release     ReleaseID   `json:"release"`
	Agreement   AgreementID `json:"agreement"`
	Person      PersonID    `json:"person"`
	Key         string      `json:"key"` // the last that was used; so are certificate, client and address
	Certificate string      `json:"certificate,omitempty"`
	Client      string      `json:"client,omitempty"`
	Address     string      `json:"address,omitempty"`
	Word        ReceiptWord `json:"word"`
	Sent        int64       `json:"sent"`
	Ranges      Ranges      `json:"ranges"` // confirmed
	Confirmed   int64       `json:"confirmed"`
	First       time.Time   `json:"first"`             // when the first byte was about to leave
	At          time.Time   `json:"at"`                // when the last handle was closed
	Attested    time.Time   `json:"attested,omitzero"` // when the person gave their word that they have all of it
}

func (r *Receipt) Card() Card {
	return Card{"receipt", string(r.ID), string(r.Word),
		[]Key{By("file", r.File), By("person", r.Person), By("release", r.Release)}}
}

// Tell brings a receipt up to what the ledger says.
func (r *Receipt) Tell(c *Collection) {
	r.Key, r.Certificate, r.Client, r.Address = c.Key, c.Certificate, c.Client, c.Address
	r.First, r.At, r.Attested = c.First, c.Last, c.Attested
	r.Word, r.Sent, r.Ranges, r.Confirmed = c.Word(), c.Sent().Bytes(), c.Answered.Add(), c.Answered.Bytes()
}
