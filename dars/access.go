package dars

import "slices"

// System access is a kind of release: named people of a recipient look at data in the
// office's own system, and no file leaves (domain 7.10). There is one for each dataset
// of an agreement.

// AccessLife is every step of system access:
//
//	agreed ──▶ granted ──▶ reviewed ──▶ withdrawn
//	   │          │            ↺            ▲
//	   └──────────┴─────────────────────────┘
var AccessLife = Life[ReleaseState]{
	AccessAgreed:   {AccessGranted, ReleaseWithdrawn},
	AccessGranted:  {AccessReviewed, ReleaseWithdrawn},
	AccessReviewed: {AccessReviewed, ReleaseWithdrawn},
}

const (
	AccessAgreed   ReleaseState = "agreed"   // an agreement in force says so; nobody is named yet
	AccessGranted  ReleaseState = "granted"  // to people by name
	AccessReviewed ReleaseState = "reviewed" // their use of it was looked at, this year or before
)

// reviewMonths is how often the use of system access is looked at.
const reviewMonths = 12

// Access is who may look at a dataset.
type Access struct {
	Licences int             `json:"licences"` // so many people at most
	Changed  []LicenceChange `json:"changed,omitempty"`
	Users    []AccessUser    `json:"users"`
	Granted  Day             `json:"granted,omitempty"`
	Reviews  []UsageReview   `json:"reviews"`
	Reminded Day             `json:"reminded,omitempty"` // that its use is to be looked at
	Ended    Day             `json:"ended,omitempty"`
}

// A LicenceChange is a number of licences that was agreed later.
type LicenceChange struct {
	From int      `json:"from"`
	To   int      `json:"to"`
	On   Day      `json:"on"`
	By   PersonID `json:"by"`
	Why  string   `json:"why"`
}

// An AccessUser is one named person, and since when.
type AccessUser struct {
	Person  PersonID `json:"person"`
	Granted Day      `json:"granted"`
	Revoked Day      `json:"revoked,omitempty"`
	Reason  string   `json:"reason,omitempty"` // why it was
}

// A UsageReview is what was found when somebody looked at how access is used.
type UsageReview struct {
	On   Day      `json:"on"`
	By   PersonID `json:"by"`
	Note string   `json:"note"`
}

// Open reports whether anybody may look.
func (x *Access) Open() bool {
	return x != nil && x.Ended == "" && len(x.Current()) > 0
}

// Current are those who may look now.
func (x *Access) Current() (all []PersonID) {
	for _, u := range x.Users {
		if u.Revoked == "" {
			all = append(all, u.Person)
		}
	}
	return all
}

// Given is the day on which the release was published, or access first granted.
func (r *Release) Given() Day {
	if r.Access != nil {
		return r.Access.Granted
	}
	return r.Published
}

// ReviewDue is the day by which its use is looked at next.
func (x *Access) ReviewDue() Day {
	if x.Granted == "" || x.Ended != "" {
		return ""
	}
	if n := len(x.Reviews); n > 0 {
		return x.Reviews[n-1].On.AddMonths(reviewMonths)
	}
	return x.Granted.AddMonths(reviewMonths)
}

// reviewNotice is how many days before it is due a review of usage is asked for.
const reviewNotice = 30

// ReviewAsked is the day from which its next review is asked for, or "".
func (x *Access) ReviewAsked() Day {
	due := x.ReviewDue()
	if due == "" {
		return ""
	}
	return due.Add(-reviewNotice)
}

// ReminderDue is the day from which somebody is to be told of the next review, or "" when
// they have been.
func (x *Access) ReminderDue() Day {
	if asked := x.ReviewAsked(); x.Reminded < asked {
		return asked
	}
	return ""
}

// RemindOfReview notes that somebody was told that its use is to be looked at.
func (r *Release) RemindOfReview(on Day) error {
	if r.Access == nil {
		return notAccess(r)
	}
	if due := r.Access.ReminderDue(); due == "" || on < due {
		return Refuse("nothing-due", r.ID, "release %s has no reminder due", r.ID)
	}
	x := r.access()
	x.Reminded, r.Access = on, x
	return nil
}

// SystemAccess refuses where a dataset is not, or is only, looked at in the office's
// system. asked says which of the two is wanted.
func (d DatasetRequest) SystemAccess(g AgreementID, asked bool) error {
	switch agreed := d.Frequency == "SYSTEM_ACCESS"; {
	case agreed == asked:
		return nil
	case agreed:
		return Refuse("system-access", g, "agreement %s lets named people look at %s and nothing leave: darsd release grant %s --dataset %s --user LOGIN --licences N", g, d.Code, g, d.Code)
	}
	return Refuse("not-agreed", g, "agreement %s has files of %s and no system access: it is agreed as a frequency of SYSTEM_ACCESS", g, d.Code)
}

// Await notes who asks for system access in which objections of patients are not
// upheld: a signer confirms that before anybody may look.
func (r *Release) Await(a Act, licences int) error {
	hands, err := r.Hands.Add(a, string(AccessAgreed), string(r.ID))
	if err != nil {
		return err
	}
	x := r.access()
	x.Licences, r.Hands, r.Access = licences, hands, x
	return nil
}

// sign is a signer's step: of a package the last before it leaves, of system access
// the one before anybody may look.
func (r *Release) sign(a Act) error {
	if r.Access == nil {
		return r.take(a, SignedOff)
	}
	if r.State != AccessAgreed {
		return Refuse("wrong-step", r.ID, "system access %s is %s: it is confirmed before anybody may look", r.ID, r.State)
	}
	hands, err := r.Hands.Add(a, string(SignedOff), string(r.ID))
	if err != nil {
		return err
	}
	r.Hands = hands
	return nil
}

// Grant lets named people look, at most as many as there are licences. With licences
// of 0 their number stays as it is; another number than before needs a reason.
func (r *Release) Grant(a Act, licences int, users []PersonID, on Day) error {
	x := r.access()
	if was := x.Licences; licences > 0 && licences != was {
		if x.Granted != "" && a.Why == "" {
			return Refuse("no-reason", r.ID, "release %s: %d licences are agreed: say with --reason why they are %d from now on", r.ID, was, licences)
		}
		if x.Granted != "" {
			x.Changed = append(slices.Clone(x.Changed), LicenceChange{was, licences, on, a.Who, a.Why})
		}
		x.Licences = licences
	}
	if due := x.ReviewDue(); len(users) > 0 && due != "" && due < on {
		return Refuse("review-overdue", r.ID, "release %s: how it is used was to be looked at by %s, and nobody new is let in before: darsd release usage %s --note", r.ID, due, r.ID)
	}
	for i, id := range users {
		if slices.Contains(x.Current(), id) || slices.Contains(users[:i], id) {
			return Refuse("known", r.ID, "person %s has access to %s already", id, r.Dataset)
		}
	}
	if now, more := len(x.Current()), len(users); now+more > x.Licences {
		return Refuse("no-licence", r.ID, "release %s: there are %d licences, %d people have access and %d more are named: say --licences with what was agreed, or revoke some", r.ID, x.Licences, now, more)
	}
	switch {
	case r.State == AccessAgreed && len(users) == 0:
		return Refuse("nobody-named", r.ID, "system access to %s is for people by name: name them with --user", r.Dataset)
	case r.State == AccessAgreed:
		if err := r.stepAccess(AccessGranted); err != nil {
			return err
		}
		x.Granted = on
	case !is(r.State, AccessGranted, AccessReviewed):
		return Refuse("wrong-step", r.ID, "system access %s is %s and is granted to nobody", r.ID, r.State)
	}
	for _, id := range users {
		x.Users = append(x.Users, AccessUser{Person: id, Granted: on})
	}
	r.Access = x
	return nil
}

// Review notes what was found when its use was looked at.
func (r *Release) Review(a Act, note string, on Day) error {
	if r.Access == nil {
		return notAccess(r)
	}
	if note == "" {
		return Refuse("no-note", r.ID, "release %s: say with --note what you have looked at and found", r.ID)
	}
	if err := r.stepAccess(AccessReviewed); err != nil {
		return err
	}
	x := r.access()
	x.Reviews = append(x.Reviews, UsageReview{on, a.Who, note})
	r.Access = x
	return nil
}

// Revoke ends somebody's access; the others keep theirs.
func (r *Release) Revoke(a Act, who PersonID, on Day) error {
	switch {
	case r.Access == nil:
		return notAccess(r)
	case a.Why == "":
		return Refuse("no-reason", r.ID, "release %s: say why with --reason", r.ID)
	}
	x := r.access()
	i := slices.IndexFunc(x.Users, func(u AccessUser) bool { return u.Person == who && u.Revoked == "" })
	if i < 0 {
		return Refuse("not-found", r.ID, "person %s has no access under %s", who, r.ID)
	}
	x.Users[i].Revoked, x.Users[i].Reason = on, a.Why
	r.Access = x
	return nil
}

// EndAccess ends everybody's access, for good.
func (r *Release) EndAccess(a Act, on Day) error {
	switch {
	case r.Access == nil:
		return notAccess(r)
	case a.Why == "":
		return Refuse("no-reason", r.ID, "release %s: say why with --reason", r.ID)
	}
	if err := r.stepAccess(ReleaseWithdrawn); err != nil {
		return err
	}
	x := r.access()
	for i := range x.Users {
		if x.Users[i].Revoked == "" {
			x.Users[i].Revoked, x.Users[i].Reason = on, a.Why
		}
	}
	x.Ended, r.Access, r.Because = on, x, a.Why
	return nil
}

func (r *Release) stepAccess(to ReleaseState) (err error) {
	r.State, err = AccessLife.Step(r, r.State, to)
	return err
}

// access is a copy to change.
func (r *Release) access() *Access {
	x := &Access{Users: []AccessUser{}, Reviews: []UsageReview{}}
	if r.Access != nil {
		*x = *r.Access
		x.Users, x.Reviews = append([]AccessUser{}, x.Users...), append([]UsageReview{}, x.Reviews...)
	}
	return x
}

func notAccess(r *Release) error {
	return Refuse("no-access", r.ID, "release %s is files that are collected, and no system access", r.ID)
}
