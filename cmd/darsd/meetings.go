package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

// meetingCommand calls a meeting, shows one, or lists them.
func meetingCommand(s *session) *cobra.Command {
	return s.command("meeting [DAY|MEETING]", "call a meeting of DAAG on a day, show one, or print all", between(0, 1), func(c *call) error {
		switch {
		case len(c.args) == 0:
			return c.listMeetings()
		case strings.HasPrefix(c.args[0], "MEET-"):
			return c.showMeeting(c.args[0])
		}
		if _, err := dars.ParseDay(c.args[0]); err != nil {
			return misuse{fmt.Errorf("%q is neither a day nor a meeting such as MEET-000001", c.args[0])}
		}
		return c.acting(func(c *call) error {
			id, err := committee(c).Call(c.ctx, c.act, dars.Day(c.args[0]))
			if err != nil {
				return err
			}
			return c.say(map[string]any{"id": id, "on": c.args[0]}, "%s is called for %s", id, c.args[0])
		})
	})
}

func (c *call) listMeetings() error {
	all, err := list(c, onlyTheOffice[*dars.Meeting])
	if err != nil {
		return err
	}
	return items(c, all, "MEETING ON STATE ITEMS PRESENT", func(m *dars.Meeting) []any {
		return []any{m.ID, m.On, m.State, len(m.Agenda), len(m.Present)}
	})
}

func (c *call) showMeeting(id string) error {
	m, err := get(c, id, onlyTheOffice[*dars.Meeting])
	if err != nil {
		return err
	}
	if c.json {
		return c.print(m)
	}
	names := c.names()
	s := sheet{w: c.env.stdout}
	facts := []string{"meeting", string(m.ID), "on", string(m.On), "state", string(m.State), "why", m.Why, "quorum", fmt.Sprintf("%d members, %d of them lay", m.Quorum.Members, m.Quorum.Lay),
		"minutes agreed at", string(m.AgreedAt)}
	for _, v := range m.Moved {
		facts = append(facts, "moved", fmt.Sprintf("from %s to %s: %s", v.From, v.To, oneLine(v.Why)))
	}
	s.facts(facts...)
	var lines []string
	for _, a := range m.Present {
		lines = append(lines, fmt.Sprintf("%s, %s", names(a.Person), a.Kind))
	}
	s.lines("present", lines)
	lines = nil
	for n, i := range m.Agenda {
		said := "no outcome"
		if i.Outcome != "" {
			said = fmt.Sprintf("%s, by %d members", i.Outcome, len(i.Took))
		}
		lines = append(lines, fmt.Sprintf("%d. %s, presented by %s: %s", n+1, i.Application, names(i.Presented), said))
		for _, k := range i.Conflicts {
			lines = append(lines, fmt.Sprintf("%s has a conflict of interest: %s", names(k.Person), k.Why))
		}
	}
	s.lines("agenda", lines)
	lines = nil
	for _, k := range m.Cleared {
		lines = append(lines, fmt.Sprintf("%s, caveat %d: %s", k.Application, k.Action, k.Text))
	}
	s.lines("cleared out of committee", lines)
	return s.err
}

// moveCommand puts a meeting on another day, cancelCommand ends it.
func moveCommand(s *session) *cobra.Command {
	return s.do("move MEETING DAY", "put a meeting on another day (--reason)", exactly(2), func(c *call) error {
		return c.told(committee(c).Move(c.ctx, c.act, dars.MeetingID(c.args[0]), dars.Day(c.args[1])), "%s is moved to %s", c.args[0], c.args[1])
	})
}

func cancelCommand(s *session) *cobra.Command {
	return s.do("cancel MEETING", "cancel a meeting from which nothing has come (--reason)", exactly(1), func(c *call) error {
		return c.told(committee(c).Cancel(c.ctx, c.act, dars.MeetingID(c.args[0])), "%s is cancelled", c.args[0])
	})
}

func attendCommand(s *session) *cobra.Command {
	var kind string
	var absent bool
	cmd := s.do("attend MEETING LOGIN", "note that a member is there (--kind), or was not (--absent)", exactly(2), func(c *call) error {
		switch {
		case absent && kind != "":
			return misuse{errors.New("say one thing: --kind, or --absent for somebody who was not there")}
		case absent:
			return c.told(committee(c).Absent(c.ctx, c.act, dars.MeetingID(c.args[0]), c.args[1]), "%s is not at %s", c.args[1], c.args[0])
		}
		err := committee(c).Attend(c.ctx, c.act, dars.MeetingID(c.args[0]), c.args[1], dars.MemberKind(kind))
		return c.told(err, "%s is at %s, as %s", c.args[1], c.args[0], kind)
	})
	cmd.Flags().StringVar(&kind, "kind", "", "chair, professional, lay or patient")
	cmd.Flags().BoolVar(&absent, "absent", false, "it was noted wrongly, with --reason: before anything rests on it")
	return cmd
}

func conflictCommand(s *session) *cobra.Command {
	return s.do("conflict MEETING APPLICATION [LOGIN]", "note who takes no part in an item, and why (--reason)", between(2, 3), func(c *call) error {
		login := ""
		if len(c.args) == 3 {
			login = c.args[2]
		}
		return c.told(committee(c).Conflict(c.ctx, c.act, dars.MeetingID(c.args[0]), c.args[1], login), "%s: the conflict of interest in %s is noted", c.args[0], c.args[1])
	})
}

func agendaCommand(s *session) *cobra.Command {
	return s.look("agenda MEETING", "write the pack for a meeting as a PDF", exactly(1), func(c *call) error {
		if err := c.lookedAtMeeting(c.args[0]); err != nil {
			return err
		}
		return c.paper(committee(c).Agenda(c.ctx, c.act, dars.MeetingID(c.args[0])))
	})
}

// lookedAtMeeting notes that somebody reads the papers of a meeting, and with them each
// case that is on them.
func (c *call) lookedAtMeeting(id string) error {
	m, err := get(c, id, onlyTheOffice[*dars.Meeting])
	if err != nil {
		return err
	}
	for _, i := range m.Agenda {
		if err := c.looked("application", string(i.Application)); err != nil {
			return err
		}
	}
	for _, k := range m.Cleared {
		if err := c.looked("application", string(k.Application)); err != nil {
			return err
		}
	}
	return nil
}

// minutesCommand writes the minutes, agrees or prints them.
func minutesCommand(s *session) *cobra.Command {
	var other string
	var agree, pdf bool
	cmd := s.command("minutes MEETING", "write a meeting's minutes, agree them at the next, or print them", exactly(1), func(c *call) error {
		id := dars.MeetingID(c.args[0])
		switch {
		case agree && (pdf || other != "") || pdf && other != "":
			return misuse{errors.New("say one thing: --agree, --pdf, or --other for what else was said")}
		case pdf:
			if err := c.lookedAtMeeting(c.args[0]); err != nil {
				return err
			}
			return c.paper(committee(c).PrintMinutes(c.ctx, c.act, id))
		case agree:
			return c.acting(func(c *call) error {
				return c.told(committee(c).Agree(c.ctx, c.act, id), "the minutes of %s are agreed", id)
			})
		}
		return c.acting(func(c *call) error {
			return c.told(committee(c).Minutes(c.ctx, c.act, id, other), "the minutes of %s are written", id)
		})
	})
	f := cmd.Flags()
	f.StringVar(&other, "other", "", "other business, in words")
	f.BoolVar(&agree, "agree", false, "the open meeting agrees them")
	f.BoolVar(&pdf, "pdf", false, "write them as a PDF")
	return cmd
}

// delegateCommand lets somebody act in a role of another.
func delegateCommand(s *session) *cobra.Command {
	var to, role, from, until string
	var end bool
	cmd := s.do("delegate LOGIN", "let another act in a role of theirs between two days", exactly(1), func(c *call) error {
		if to == "" || role == "" {
			return misuse{errors.New("say to whom and which role: --to LOGIN --role ROLE")}
		}
		wing := office.Parties{Office: c.Office}
		if end {
			return c.told(wing.EndDelegation(c.ctx, c.act, c.args[0], to, dars.Role(role)), "%s does not act as %s for %s any more", to, role, c.args[0])
		}
		err := wing.Delegate(c.ctx, c.act, c.args[0], to, dars.Role(role), dars.Day(from), dars.Day(until))
		return c.told(err, "%s may act as %s for %s from %s until %s", to, role, c.args[0], from, until)
	})
	f := cmd.Flags()
	f.StringVar(&to, "to", "", "who may act")
	f.StringVar(&role, "role", "", "in which role")
	f.StringVar(&from, "from", "", "the first day")
	f.StringVar(&until, "until", "", "the last day")
	f.BoolVar(&end, "end", false, "end it at once")
	return cmd
}
