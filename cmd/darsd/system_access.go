package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

// System access: named people who look at data in the office's own system.

func accessCommands(s *session) []*cobra.Command {
	wing := func(c *call) office.Releases { return office.Releases{Office: c.Office} }
	var dataset string
	var users []string
	var licences int
	grant := s.do("grant AGREEMENT", "let named people look at data in the office's system", exactly(1), func(c *call) error {
		if dataset == "" {
			return misuse{errors.New("say which dataset with --dataset, for whom with --user, and for how many with --licences")}
		}
		agreement, err := office.Desk{Office: c.Office}.Agreement(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		r, err := wing(c).Grant(c.ctx, c.act, agreement, dataset, users, licences)
		if err != nil {
			return err
		}
		if r.Access.Granted == "" {
			return c.say(map[string]any{"id": r.ID, "access": r.Access}, "%s waits for a signer, since objections of patients are not upheld in it: darsd release sign-off %[1]s --confirm-not-upheld; then grant it again", r.ID)
		}
		return c.say(map[string]any{"id": r.ID, "access": r.Access, "review_due": r.Access.ReviewDue()}, "%s: %d of %d licences for %s are granted; their use is reviewed by %s",
			r.ID, len(r.Access.Current()), r.Access.Licences, dataset, r.Access.ReviewDue())
	})
	grant.Flags().StringVar(&dataset, "dataset", "", "the dataset's code")
	grant.Flags().StringSliceVar(&users, "user", nil, "a login; may be given several times")
	grant.Flags().IntVar(&licences, "licences", 0, "for how many people at most (as before)")
	var note string
	usage := s.do("usage RELEASE", "note the yearly look at how system access is used (--note)", exactly(1), func(c *call) error {
		return c.told(wing(c).Usage(c.ctx, c.act, dars.ReleaseID(c.args[0]), note), "%s is reviewed, for another year", c.args[0])
	})
	usage.Flags().StringVar(&note, "note", "", "what was looked at, and found")
	var user string
	var all bool
	revoke := s.do("revoke RELEASE", "end system access, of one person or of all (--reason)", exactly(1), func(c *call) error {
		if (user == "") != all {
			return misuse{errors.New("say whose access ends: --user LOGIN, or --all")}
		}
		what := "the access of " + user
		if all {
			what = "all access"
		}
		return c.told(wing(c).Revoke(c.ctx, c.act, dars.ReleaseID(c.args[0]), user), "%s: %s has ended", c.args[0], what)
	})
	revoke.Flags().StringVar(&user, "user", "", "a login")
	revoke.Flags().BoolVar(&all, "all", false, "everybody's, for good")
	return []*cobra.Command{grant, usage, revoke}
}

// accessView is system access as JSON.
type accessView struct {
	*dars.Access
	ReviewDue dars.Day `json:"review_due,omitempty"`
	Suspended string   `json:"suspended,omitempty"` // why nobody may look today
}

func (c *call) viewAccess(r *dars.Release) (*accessView, error) {
	if r.Access == nil {
		return nil, nil
	}
	v := &accessView{Access: r.Access, ReviewDue: r.Access.ReviewDue()}
	if !r.Access.Open() {
		return v, nil
	}
	why, err := office.Desk{Office: c.Office}.Suspended(c.ctx, r, c.Calendar.Day(c.act.At))
	if why != nil {
		v.Suspended = why.Sentence
	}
	return v, err
}

// accessFacts are the same as label and value.
func (c *call) accessFacts(x *accessView) (facts []any) {
	if x == nil {
		return nil
	}
	names := c.names()
	if x.Suspended != "" {
		facts = append(facts, "suspended", x.Suspended)
	}
	facts = append(facts, "licences", fmt.Sprintf("%d, %d of them granted", x.Licences, len(x.Current())))
	for _, v := range x.Changed {
		facts = append(facts, "changed", fmt.Sprintf("from %d to %d licences on %s by %s: %s", v.From, v.To, v.On, names(v.By), v.Why))
	}
	label := "people"
	for _, u := range x.Users {
		line := fmt.Sprintf("%s since %s", names(u.Person), u.Granted)
		if u.Revoked != "" {
			line = fmt.Sprintf("%s from %s to %s: %s", names(u.Person), u.Granted, u.Revoked, u.Reason)
		}
		facts, label = append(facts, label, line), ""
	}
	label = "usage"
	for _, r := range x.Reviews {
		facts, label = append(facts, label, fmt.Sprintf("%s by %s: %s", r.On, names(r.By), r.Note)), ""
	}
	if x.ReviewDue != "" {
		facts = append(facts, "next review by", x.ReviewDue)
	}
	return facts
}
