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
	Renews          ContractID    `json:"renews,omitempty"` // the one that it follows
	Ended           Day           `json:"ended,omitempty"`  // its last day in force
	Why             string        `json:"why,omitempty"`    // it was terminated
	Steps           []Step        `json:"steps,omitempty"`  // of its ladder, done
}

// A ContractState is where a contract is in its life.
type ContractState string

const (
	ContractIssued     ContractState = "issued"
	ContractSigned     ContractState = "signed"         // by the organisation
	ContractAgreed     ContractState = "counter-signed" // by both; its start is to come
	ContractInForce    ContractState = "in-force"
	ContractExpired    ContractState = "expired"
	ContractTerminated ContractState = "terminated"
)

// ContractLife is every step of a framework contract.
//
//	issued ──▶ signed ──▶ counter-signed ──▶ in-force ──▶ expired
//	  └──────────┴──────────────┴───────────────┴──▶ terminated
var ContractLife = Life[ContractState]{
	ContractIssued:  {ContractSigned, ContractTerminated},
	ContractSigned:  {ContractAgreed, ContractTerminated},
	ContractAgreed:  {ContractInForce, ContractTerminated},
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

// Countersign is the office's own signature. From its start the contract is in
// force.
func (c *Contract) Countersign(a Act, on Day) error {
	if on > c.End {
		return Refuse("not-in-force", c.ID, "contract %s ended on %s before it was signed: issue another", c.ID, c.End)
	}
	to, err := ContractLife.Step(c, c.State, ContractAgreed)
	if err != nil {
		return err
	}
	hands, err := c.Hands.Add(a, "countersigned", string(c.ID))
	if err != nil {
		return err
	}
	c.Hands, c.State, c.CountersignedBy = hands, to, a.Who
	if c.Start <= on {
		return c.Begin(on)
	}
	return nil
}

// Begin puts a contract that both have signed in force on its start date.
func (c *Contract) Begin(on Day) (err error) {
	if c.State == ContractAgreed && on < c.Start {
		return Refuse("too-early", c.ID, "contract %s begins on %s", c.ID, c.Start)
	}
	c.State, err = ContractLife.Step(c, c.State, ContractInForce)
	return err
}

// Expire ends a contract on the day after its last.
func (c *Contract) Expire(on Day) (err error) {
	if c.State == ContractInForce && on <= c.End {
		return Refuse("too-early", c.ID, "contract %s is in force until %s", c.ID, c.End)
	}
	if c.State, err = ContractLife.Step(c, c.State, ContractExpired); err == nil {
		c.Ended = c.End
	}
	return err
}

// Follows reports whether it takes the place of another when that one ends, so that
// what stands on that one goes on.
func (c *Contract) Follows(other *Contract) bool {
	return c.ID != other.ID && is(c.State, ContractAgreed, ContractInForce) && c.Start <= other.End.Add(1) && c.End > other.End
}

// Terminate ends it before its time, with a reason; at once, agreements with it.
func (c *Contract) Terminate(a Act, on Day) error {
	if a.Why == "" {
		return Refuse("no-reason", c.ID, "contract %s: say why with --reason", c.ID)
	}
	was := c.State
	to, err := ContractLife.Step(c, was, ContractTerminated)
	if err != nil {
		return err
	}
	if c.State, c.Why = to, a.Why; was == ContractInForce {
		c.Ended = on
	}
	return nil
}

// InForce reports whether agreements may stand on the contract on a day. The dates
// decide, whether or not the clock's own duties have run yet.
func (c *Contract) InForce(on Day) bool {
	return is(c.State, ContractAgreed, ContractInForce) && c.Start <= on && on <= c.End
}

// Renewable refuses a renewal of a contract that is not signed or was terminated,
// or that one of some others renews already.
func (c *Contract) Renewable(others []*Contract) error {
	if !is(c.State, ContractAgreed, ContractInForce, ContractExpired) {
		return Refuse("wrong-step", c.ID, "contract %s is %s, and there is nothing to renew: darsd contract issue %s draws up another", c.ID, c.State, c.Org)
	}
	for _, other := range others {
		if other.Renews == c.ID && other.State != ContractTerminated {
			return Refuse("known", c.ID, "contract %s renews %s already, and is %s", other.ID, c.ID, other.State)
		}
	}
	return nil
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
