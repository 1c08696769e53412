package dars

import "slices"

// A Contract is the framework under which an organisation may have agreements
// (a Data Sharing Framework Contract): signed once, and then it rolls.
type Contract struct {
	ID              ContractID    `json:"id"`
	Org             OrgCode       `json:"org"`
	State           ContractState `json:"state"`
	Copy            *SignedCopy   `json:"copy,omitempty"` // what came back, if it came by folder or by SFTP
	Issued          Day           `json:"issued"`
	Start           Day           `json:"start"`
	End             Day           `json:"end"`
	ConfirmedBy     []PersonID    `json:"confirmed_by"` // two saw the signed copy
	Hands           Hands         `json:"hands"`
	CountersignedBy PersonID      `json:"countersigned_by,omitempty"`
	Renews          ContractID    `json:"renews,omitempty"`      // the one that it follows
	Ended           Day           `json:"ended,omitempty"`       // its last day in force
	Why             string        `json:"why,omitempty"`         // it was terminated
	Steps           []Step        `json:"steps,omitempty"`       // of its ladder, done
	Certificate     string        `json:"certificate,omitempty"` // SHA-256, hex, of whose key signed for the organisation, if that was digitally
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
	k := keys("org", c.Org)
	if c.State == ContractInForce {
		k = append(k, By("ends", c.End))
	}
	return Card{"contract", string(c.ID), string(c.State), k}
}

// Confirm is one case officer's word that the organisation signed. The second
// one's makes the contract signed.
func (c *Contract) Confirm(a Act) error {
	if _, err := ContractLife.Step(c, c.State, ContractSigned); err != nil {
		return err
	}
	if c.Copy != nil && !c.Copy.Whole() {
		return Refuse("pages-missing", c.ID, "the signed copy of contract %s lacks the pages %s: ask for the whole of it", c.ID, pageList(c.Copy.MissingPages))
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

// Covered is the last day of those that contracts of one organisation cover without a gap
// from a day on, and the day before that if none does.
func Covered(all []*Contract, from Day) Day {
	last := from.Add(-1)
	for {
		i := slices.IndexFunc(all, func(c *Contract) bool { return c.InForce(last.Add(1)) })
		if i < 0 {
			return last
		}
		last = all[i].End
	}
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
