package dars

import (
	"slices"
	"time"
)

// A Contract is the framework under which an organisation may have agreements
// (a Data Sharing Framework Contract): signed once, and then it rolls.
type Contract struct {
	ID              ContractID    `json:"id"`
	Org             OrgCode       `json:"org"`
	State           ContractState `json:"state"`
	Issued          Day           `json:"issued"`
	Start           Day           `json:"start"`
	End             Day           `json:"end"`
	ConfirmedBy     []PersonID    `json:"confirmed_by"` // two saw the signed copy
	Hands           Hands         `json:"hands"`
	CountersignedBy PersonID      `json:"countersigned_by,omitempty"`
}

// A ContractState is where a contract is in its life.
type ContractState string

const (
	ContractIssued     ContractState = "issued"
	ContractSigned     ContractState = "signed"
	ContractInForce    ContractState = "in-force"
	ContractExpired    ContractState = "expired"
	ContractTerminated ContractState = "terminated"
)

// ContractLife is every step of a framework contract.
var ContractLife = Life[ContractState]{
	ContractIssued:  {ContractSigned, ContractTerminated},
	ContractSigned:  {ContractInForce, ContractTerminated},
	ContractInForce: {ContractExpired, ContractTerminated},
}

func (c *Contract) Card() Card {
	return Card{"contract", string(c.ID), string(c.State), keys("org", c.Org)}
}

// Confirm is one case officer's word that the organisation signed. The second
// one's makes the contract signed.
func (c *Contract) Confirm(a Act) error {
	if _, err := ContractLife.Step(c, c.State, ContractSigned); err != nil {
		return err
	}
	hands, err := c.Hands.Add(a, "confirmed", string(c.ID))
	if err != nil {
		return err
	}
	c.Hands, c.ConfirmedBy = hands, append(c.ConfirmedBy, a.Who)
	if len(c.ConfirmedBy) == 2 {
		c.State = ContractSigned
	}
	return nil
}

// Countersign is the office's own signature, and puts the contract in force
// from its start.
func (c *Contract) Countersign(a Act) error {
	to, err := ContractLife.Step(c, c.State, ContractInForce)
	if err != nil {
		return err
	}
	hands, err := c.Hands.Add(a, "countersigned", string(c.ID))
	if err != nil {
		return err
	}
	c.Hands, c.State, c.CountersignedBy = hands, to, a.Who
	return nil
}

// Expire ends a contract on the day after its last.
func (c *Contract) Expire(on Day) (err error) {
	if c.State == ContractInForce && on <= c.End {
		return Refuse("too-early", c.ID, "contract %s is in force until %s", c.ID, c.End)
	}
	c.State, err = ContractLife.Step(c, c.State, ContractExpired)
	return err
}

// InForce reports whether agreements may stand on the contract on a day.
func (c *Contract) InForce(on Day) bool {
	return c.State == ContractInForce && c.Start <= on && on <= c.End
}

// Hands are those who took the steps that need different people.
type Hands []Hand

// A Hand is one person's part in such steps.
type Hand struct {
	Step string    `json:"step"`
	By   PersonID  `json:"by"`
	Via  Door      `json:"via"`
	At   time.Time `json:"at,omitzero"`
}

// Add lets somebody take one more of the steps that need different people. A
// console can say it is anybody, so at most one of the steps may come from one;
// the others come over SSH, where a key proves who it is.
func (h Hands) Add(a Act, step, ref string) (Hands, error) {
	for _, other := range h {
		if other.By == a.Who && other.Step == step {
			return h, Refuse("same-person", ref, "%s: %s has %s it already; somebody else must, too", ref, a.Who, step)
		}
		if other.By == a.Who {
			return h, Refuse("same-person", ref, "%s: %s had a hand in it already (%s), and the step to %s needs somebody else", ref, a.Who, other.Step, step)
		}
		if other.Via.Anybody() && a.Via.Anybody() {
			return h, Refuse("console-twice", ref, "%s: one step that needs different people has come from the console already; sign in over SSH with your own key for this one", ref)
		}
	}
	return append(slices.Clone(h), Hand{step, a.Who, a.Via, a.At.UTC()}), nil
}

// Anybody reports whether the door does not prove who somebody is.
func (d Door) Anybody() bool { return d == Console || d == BreakGlass }

// Handled is a noun of a case with steps that need different people.
type Handled interface {
	Noun
	Handed() (caseStem string, hands Hands)
}

func (p *Application) Handed() (string, Hands) { return p.Stem, p.Hands }
func (g *Agreement) Handed() (string, Hands)   { return g.Stem, g.Hands }
func (r *Release) Handed() (string, Hands) {
	stem, _, _, _ := ParseCase(string(r.Agreement)) // our own reference
	return stem, r.Hands
}

// AtConsole counts the steps that came from a door which proves nobody.
func (h Hands) AtConsole() (n int) {
	for _, hand := range h {
		if hand.Via.Anybody() {
			n++
		}
	}
	return n
}
