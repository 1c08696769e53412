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
}

func viewAccess(x *dars.Access) *accessView {
	if x == nil {
		return nil
	}
	return &accessView{x, x.ReviewDue()}
}

// accessFacts are the same as label and value.
func (c *call) accessFacts(x *accessView) (facts []any) {
	if x == nil {
		return nil
	}
	names := c.names()
	facts = append(facts, "licences", fmt.Sprintf("%d, %d of them granted", x.Licences, len(x.Current())))
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
