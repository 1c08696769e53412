package dars

// An Audit looks at whether a recipient keeps to its contract and agreement.
type Audit struct {
	ID        AuditID     `json:"id"`
	Org       OrgCode     `json:"org"`
	Agreement AgreementID `json:"agreement,omitempty"`
	Trigger   string      `json:"trigger"` // EXPIRED_NO_CERT, ROUTINE, INCIDENT, ...
	Reason    string      `json:"reason"`
	Triggered Day         `json:"triggered"`
	State     AuditState  `json:"state"`
}

// An AuditState is where an audit is in its life.
type AuditState string

const (
	Triggered   AuditState = "triggered"
	Notified    AuditState = "notified"
	InProgress  AuditState = "in-progress"
	Reported    AuditState = "reported"
	Actions     AuditState = "actions"
	FollowedUp  AuditState = "followed-up"
	AuditClosed AuditState = "closed"
)

// AuditLife is every step of an audit.
var AuditLife = Life[AuditState]{
	Triggered:  {Notified},
	Notified:   {InProgress},
	InProgress: {Reported},
	Reported:   {Actions, AuditClosed},
	Actions:    {FollowedUp},
	FollowedUp: {Actions, AuditClosed},
}

func (a *Audit) Card() Card {
	return Card{"audit", string(a.ID), string(a.State), []Key{By("org", a.Org), By("agreement", a.Agreement)}}
}
