package dars

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// A Visitor is who somebody at the door says they are, and what they show for
// it. That they hold the key has been proved to the door, or is about to be.
type Visitor struct {
	Login       string
	Key         string          // fingerprint, "SHA256:…"
	Certificate *KeyCertificate // that they show for the key; nil for a bare one
	From        netip.Addr      // where they come from
}

// A KeyCertificate is an authority's word that a key is somebody's, for a time.
type KeyCertificate struct {
	Authority   string // fingerprint of the authority's key
	ID          string // what the authority calls it
	Serial      uint64
	Principals  []string // the logins it is for
	From, Until time.Time
}

// String names it as receipts do, in one line; it is "" for none. The ID is the
// authority's text, and may be anything.
func (k *KeyCertificate) String() string {
	if k == nil {
		return ""
	}
	id := strings.ToValidUTF8(k.ID[:min(len(k.ID), 64)], "")
	return fmt.Sprintf("%q, serial %d, of %s", id, k.Serial, k.Authority)
}

// An Authority certifies the keys of people of some organisations: a
// university's, for its own. Nobody need add each key then; that the person is
// known to the office, and to which organisation they belong, stays the office's
// to say.
type Authority struct {
	Fingerprint   string
	Organisations []OrgCode
}

// LetIn refuses whoever may not come in as this person. Whoever shows a key that
// the office does not know for theirs learns nothing: they hear the same as one
// who has made up the login.
func (p *Person) LetIn(v Visitor, trusted []Authority) error {
	k := p.key(v.Key)
	switch {
	case p.ID == "" || p.Login != v.Login:
		return noEntry()
	case p.Left != "" && v.Certificate != nil:
		return noEntry()
	case k != nil && k.RevokedBy != "":
		return Refuse("key-revoked", p.ID, "the key you signed in with is no longer good")
	case v.Certificate == nil && !p.Usable(v.Key):
		return noEntry()
	case v.Certificate != nil && (!vouchedFor(p.Org, v.Certificate.Authority, trusted) || !slices.Contains(v.Certificate.Principals, p.Login)):
		return noEntry()
	case !p.comesFrom(v.From):
		return Refuse("wrong-network", p.ID, "you may come in from %s, and this is %s: ask the office to add it", networks(p.Networks), v.From)
	}
	return nil
}

func noEntry() error { return Refuse("no-entry", "", "permission denied") }

func vouchedFor(org OrgCode, authority string, trusted []Authority) bool {
	return slices.ContainsFunc(trusted, func(a Authority) bool {
		return a.Fingerprint == authority && slices.Contains(a.Organisations, org)
	})
}

func (p *Person) comesFrom(from netip.Addr) bool {
	return len(p.Networks) == 0 || slices.ContainsFunc(p.Networks, func(n netip.Prefix) bool { return n.Contains(from.Unmap()) })
}

// SetNetworks says from where alone the person may come in; from anywhere, if
// there are none.
func (p *Person) SetNetworks(all []netip.Prefix) error {
	p.Networks = nil
	for _, n := range all {
		n = netip.PrefixFrom(n.Addr().Unmap(), n.Bits()).Masked()
		if !n.IsValid() {
			return Refuse("bad-network", p.ID, "that is not a network such as 192.0.2.0/24")
		}
		if !slices.Contains(p.Networks, n) {
			p.Networks = append(p.Networks, n)
		}
	}
	return nil
}

func networks(all []netip.Prefix) string {
	var words []string
	for _, n := range all {
		words = append(words, n.String())
	}
	return strings.Join(words, " or ")
}
