package main

import (
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

func complaintCommands(s *session) *cobra.Command {
	return group("complaint", "complaints and feedback, of the office and of recipients",
		addComplaintCommand(s),
		s.do("answer COMPLAINT OUTCOME TEXT", "answer it: "+strings.Join(dars.Codes(dars.ComplaintOutcomes), ", "), exactly(3), func(c *call) error {
			audit, err := office.Complaints{Office: c.Office}.Answer(c.ctx, c.act, dars.ComplaintID(c.args[0]), c.args[1], c.args[2])
			if audit != "" {
				return c.told(err, "%s is answered, and audit %s is triggered", c.args[0], audit)
			}
			return c.told(err, "%s is answered", c.args[0])
		}),
		s.look("show COMPLAINT", "print a complaint and its answer", exactly(1), (*call).showComplaint),
		s.look("list", "print all complaints and feedback, and how many", exactly(0), (*call).listComplaints),
	)
}

func addComplaintCommand(s *session) *cobra.Command {
	var k dars.Complaint
	var received string
	cmd := s.do("add TEXT", "record one, without the name of who it is from", exactly(1), func(c *call) error {
		if err := days(received); err != nil {
			return err
		}
		k.Text, k.Received = c.args[0], dars.Day(received)
		id, due, err := office.Complaints{Office: c.Office}.Add(c.ctx, c.act, k)
		if err != nil {
			return err
		}
		return c.say(map[string]any{"id": id, "due": due}, "%s is to be answered by %s", id, due)
	})
	f := cmd.Flags()
	f.StringVar(&k.Kind, "kind", "COMPLAINT", strings.Join(dars.Codes(dars.ComplaintKinds), ", "))
	f.StringVar(&k.From, "from", "", strings.Join(dars.Codes(dars.ComplainantClasses), ", "))
	f.StringVar(&k.About, "about", "", strings.Join(dars.Codes(dars.ComplaintSubjects), ", "))
	f.StringVar((*string)(&k.Org), "org", "", "the recipient it tells of")
	f.StringVar((*string)(&k.Agreement), "agreement", "", "the agreement it tells of")
	f.StringVar(&received, "received", "", "the day it came (today)")
	return cmd
}

func (c *call) showComplaint() error {
	k, err := get(c, c.args[0], onlyTheOffice[*dars.Complaint])
	if err != nil || c.json {
		if err == nil {
			err = c.print(k)
		}
		return err
	}
	s := sheet{w: c.env.stdout}
	s.facts("complaint", string(k.ID), "kind", dars.Meaning(dars.ComplaintKinds, k.Kind), "from", dars.Meaning(dars.ComplainantClasses, k.From),
		"about", dars.Meaning(dars.ComplaintSubjects, k.About), "organisation", string(k.Org), "agreement", string(k.Agreement), "state", string(k.State),
		"received", string(k.Received), "answer by", string(k.Due), "answered", string(k.Answered), "outcome", outcome(k), "audit", string(k.Audit))
	s.text("WHAT IT SAYS", k.Text)
	s.text("THE ANSWER", k.Answer)
	return s.err
}

func outcome(k *dars.Complaint) string {
	if k.Outcome == "" {
		return ""
	}
	return dars.Meaning(dars.ComplaintOutcomes, k.Outcome)
}

func (c *call) listComplaints() error {
	all, err := list(c, onlyTheOffice[*dars.Complaint])
	if err != nil {
		return err
	}
	on := c.Calendar.Day(c.act.At)
	n := dars.CountComplaints(all, on)
	if c.json {
		if all == nil {
			all = []*dars.Complaint{}
		}
		return c.print(map[string]any{"items": all, "count": n})
	}
	err = items(c, all, "COMPLAINT KIND FROM ABOUT ORG STATE RECEIVED DUE ANSWERED", func(k *dars.Complaint) []any {
		return []any{k.ID, k.Kind, k.From, k.About, k.Org, k.State, k.Received, k.Due, k.Answered}
	})
	if err == nil && len(all) > 0 {
		s := sheet{w: c.env.stdout}
		s.print("\n%d came: %d open, %d of them late; %d answered, %d of them in time, %d upheld\n", n.Received, n.Open, n.Late, n.Answered, n.InTime, n.Upheld)
		err = s.err
	}
	return err
}
