package dars

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// An Organisation is who contracts with the office, or works for one that does.
type Organisation struct {
	Code            OrgCode  `json:"code"`
	Name            string   `json:"name"`
	Address         string   `json:"address,omitempty"`
	ICO             string   `json:"ico,omitempty"` // registration with the Information Commissioner
	ICOExpires      Day      `json:"ico_expires,omitempty"`
	Security        string   `json:"security,omitempty"` // DSPT, IG Toolkit, ISO 27001 or SLSP, with its outcome
	SecurityExpires Day      `json:"security_expires,omitempty"`
	State           OrgState `json:"state"`
	HoldReason      string   `json:"hold_reason,omitempty"`

	Sanctions []SanctionID `json:"sanctions,omitempty"` // that stop releases to it
	HeldFor   SanctionID   `json:"held_for,omitempty"`  // the first of them, unless it was on hold by hand before

	Steps []Step `json:"steps,omitempty"` // of its ladders, done
}

// An OrgState says whether an organisation may receive data.
type OrgState string

const (
	OrgActive OrgState = "active"
	OrgOnHold OrgState = "on-hold" // a sanction: nothing is released to it
)

// OrgLife is every step of an organisation.
var OrgLife = Life[OrgState]{
	OrgActive: {OrgOnHold},
	OrgOnHold: {OrgActive},
}

func (o *Organisation) Card() Card {
	return Card{"organisation", string(o.Code), string(o.State), byWords(o.Name)}
}

// Hold is the sanction that stops every release to an organisation, at once and
// on open sessions too.
func (o *Organisation) Hold(a Act) (err error) {
	if a.Why == "" {
		return Refuse("no-reason", o.Code, "organisation %s: say why with --reason", o.Code)
	}
	o.State, err = OrgLife.Step(o, o.State, OrgOnHold)
	if err == nil {
		o.HoldReason = a.Why
	}
	return err
}

// ReleaseHold ends a hold. That of a sanction ends with the sanction.
func (o *Organisation) ReleaseHold(Act) (err error) {
	if len(o.Sanctions) > 0 {
		return Refuse("sanctioned", o.Code, "organisation %s is on hold by sanction %s: that ends when it is lifted, with darsd sanction lift %s, or when an appeal is upheld", o.Code, o.Sanctions[0], o.Sanctions[0])
	}
	if o.State, err = OrgLife.Step(o, o.State, OrgActive); err == nil {
		o.HoldReason = ""
	}
	return err
}

// A Person acts: one of the office, or of an organisation. Name and login stand
// in the person's own facts and nowhere else.
type Person struct {
	ID    PersonID    `json:"id"`
	Org   OrgCode     `json:"org"`
	Login string      `json:"login"`
	Name  string      `json:"name"`
	Email string      `json:"email,omitempty"`
	Roles []Role      `json:"roles"`
	Keys  []PersonKey `json:"keys"`

	Left   Day `json:"left,omitempty"`   // since when they are nobody here any more
	Erased Day `json:"erased,omitempty"` // since when nobody is known by this number

	Delegations []Delegation `json:"delegations,omitempty"` // roles of others in which they may act

	Networks []netip.Prefix `json:"networks,omitempty"` // from where alone they may come in; anywhere if none
}

// A PersonKey is an SSH key that proves who somebody is.
type PersonKey struct {
	Fingerprint string   `json:"fingerprint"` // "SHA256:…"
	Public      string   `json:"public"`      // as in authorized_keys
	AddedBy     PersonID `json:"added_by"`
	AddedFor    PersonID `json:"added_for,omitempty"` // whose delegate that was
	AddedVia    Door     `json:"added_via"`
	ConfirmedBy PersonID `json:"confirmed_by,omitempty"`
	RevokedBy   PersonID `json:"revoked_by,omitempty"`
}

func (p *Person) Card() Card {
	k := append(keys("org", p.Org), By("login", p.Login))
	k = append(k, byWords(p.Name, p.Login)...)
	for _, key := range p.Keys {
		k = append(k, By("key", key.Fingerprint))
		if key.ConfirmedBy == "" && key.RevokedBy == "" {
			k = append(k, By("key state", "unconfirmed"))
		}
	}
	return Card{"person", string(p.ID), "active", k}
}

// Has reports whether the person has one of some roles.
func (p *Person) Has(some ...Role) bool {
	return slices.ContainsFunc(p.Roles, func(r Role) bool { return slices.Contains(some, r) })
}

// Inside reports whether the person is of the office.
func (p *Person) Inside() bool { return p.Org == TheOffice }

// AddKey gives the person a key. A recipient's is usable when a second person
// has confirmed it, since it is what stands between a stranger and the data;
// one of the office's people is, at once.
func (p *Person) AddKey(a Act, fingerprint, public string) error {
	if p.Erased != "" {
		return Refuse("erased", p.ID, "person %s was erased on %s, and does not come back: enter them anew", p.ID, p.Erased)
	}
	if k := p.key(fingerprint); k != nil && k.RevokedBy != "" {
		return Refuse("key-revoked", p.ID, "the key %s of person %s was revoked and does not come back: make a new one", fingerprint, p.ID)
	}
	if p.key(fingerprint) != nil {
		return Refuse("key-known", p.ID, "person %s has the key %s already", p.ID, fingerprint)
	}
	k := PersonKey{Fingerprint: fingerprint, Public: public, AddedBy: a.Who, AddedFor: a.For, AddedVia: a.Via}
	if p.Inside() {
		k.ConfirmedBy, p.Left = a.Who, ""
	}
	p.Keys = append(p.Keys, k)
	return nil
}

// ConfirmKey is the second person's word that a key is the person's own, heard
// by another way than it came; or the person's own word, given over SSH with a key
// that is good already.
func (p *Person) ConfirmKey(a Act, fingerprint string) error {
	k := p.key(fingerprint)
	switch {
	case a.Who == p.ID && a.Via != SSH:
		return Refuse("no-power", p.ID, "person %s can confirm a key of their own only over SSH, with an older one", p.ID)
	case k == nil || k.RevokedBy != "":
		return Refuse("no-key", p.ID, "person %s has no key %s to confirm", p.ID, fingerprint)
	case a.Of(k.AddedBy), a.Of(k.AddedFor):
		return Refuse("same-person", p.ID, "the key %s of person %s was added by %s; somebody else must confirm it", fingerprint, p.ID, k.AddedBy)
	case k.AddedVia.Anybody() && a.Via.Anybody():
		return Refuse("console-twice", p.ID, "the key %s of person %s was added from the console; it is confirmed over SSH, by somebody with a key of their own", fingerprint, p.ID)
	case k.ConfirmedBy != "":
		return Refuse("wrong-step", p.ID, "the key %s of person %s is confirmed already", fingerprint, p.ID)
	}
	k.ConfirmedBy, p.Left = a.Who, ""
	return nil
}

// RevokeKey ends a key, at once and on open sessions too. One that the office
// does not know may come in a certificate: it is noted, and stays out.
func (p *Person) RevokeKey(a Act, fingerprint string) error {
	k := p.key(fingerprint)
	switch {
	case k != nil && k.RevokedBy != "":
		return Refuse("no-key", p.ID, "the key %s of person %s was revoked already", fingerprint, p.ID)
	case k == nil && !strings.HasPrefix(fingerprint, "SHA256:"):
		return Refuse("no-key", p.ID, "person %s has no key %s to revoke", p.ID, fingerprint)
	case k == nil:
		p.Keys = append(p.Keys, PersonKey{Fingerprint: fingerprint, AddedBy: a.Who, AddedVia: a.Via, RevokedBy: a.Who})
		return nil
	}
	k.RevokedBy = a.Who
	return nil
}

// Leave ends every key of somebody who has left, and lets no certificate speak
// for them either. A new key, which takes two people, brings them back.
func (p *Person) Leave(a Act, on Day) error {
	if p.Left != "" {
		return Refuse("left", p.ID, "person %s has left on %s already", p.ID, p.Left)
	}
	for i := range p.Keys {
		if p.Keys[i].RevokedBy == "" {
			p.Keys[i].RevokedBy = a.Who
		}
	}
	p.Left = on
	return nil
}

// Gone reports whether nobody can be reached in this person any more: they have left,
// or every key that they had is revoked.
func (p *Person) Gone() bool {
	return p.Left != "" || len(p.Keys) > 0 && !slices.ContainsFunc(p.Keys, func(k PersonKey) bool { return k.RevokedBy == "" })
}

// Usable reports whether a key lets the person in.
func (p *Person) Usable(fingerprint string) bool {
	k := p.key(fingerprint)
	return k != nil && k.ConfirmedBy != "" && k.RevokedBy == ""
}

// SignsIn reports whether any key lets the person in.
func (p *Person) SignsIn() bool {
	return slices.ContainsFunc(p.Keys, func(k PersonKey) bool { return p.Usable(k.Fingerprint) })
}

func (p *Person) key(fingerprint string) *PersonKey {
	i := slices.IndexFunc(p.Keys, func(k PersonKey) bool { return k.Fingerprint == fingerprint })
	if i < 0 {
		return nil
	}
	return &p.Keys[i]
}

// A Role is what somebody may be trusted with.
type Role string

const (
	Applicant   Role = "applicant"
	Collector   Role = "collector" // may fetch the data
	Controller  Role = "controller"
	CaseOfficer Role = "case-officer"
	IAO         Role = "iao"
	Secretary   Role = "secretary"
	Member      Role = "member"
	Director    Role = "director"
	SIRO        Role = "siro"
	Signatory   Role = "signatory"
	Producer    Role = "producer"
	Checker     Role = "checker"
	Signer      Role = "signer"
	Compliance  Role = "compliance"
	Auditor     Role = "auditor"
	Operator    Role = "operator"
)

// OutsideRoles and InsideRoles are what a person may be given.
func OutsideRoles() []Role { return []Role{Applicant, Collector, Controller} }
func InsideRoles() []Role {
	return []Role{CaseOfficer, IAO, Secretary, Member, Director, SIRO, Signatory, Producer, Checker, Signer, Compliance, Auditor, Operator}
}

// CheckRoles refuses roles that a person of that organisation cannot have.
func CheckRoles(org OrgCode, roles []Role) error {
	all := OutsideRoles()
	if org == TheOffice {
		all = InsideRoles()
	}
	for _, r := range roles {
		if !slices.Contains(all, r) {
			return Refuse("no-role", r, "%q is not a role for a person of %s: choose among %s", r, org, fmt.Sprint(all))
		}
	}
	return nil
}
