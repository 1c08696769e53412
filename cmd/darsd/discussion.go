package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

func orgOfNote(n *dars.Note) dars.OrgCode       { return n.For() }
func orgOfEnquiry(e *dars.Enquiry) dars.OrgCode { return e.Org }

// enquiryCommand takes down, answers and prints enquiries.
func enquiryCommand(s *session) *cobra.Command {
	var e dars.Enquiry
	var answer, application string
	wing := func(c *call) office.Applications { return office.Applications{Office: c.Office} }
	cmd := s.command("enquiry [ENQUIRY]", "take down an enquiry, answer it, or print them", nil, func(c *call) error {
		if len(c.args) > 1 {
			return misuse{errors.New("usage: darsd application enquiry [ENQUIRY]")}
		}
		switch {
		case len(c.args) == 0 && (answer != "" || application != ""):
			return misuse{errors.New("say which enquiry: darsd application enquiry ENQ-000001, and then what of it")}
		case len(c.args) == 0 && e.Text != "":
			return c.acting(func(c *call) error {
				id, err := wing(c).Enquire(c.ctx, c.act, e)
				if err != nil {
					return err
				}
				return c.say(map[string]any{"id": id}, "%s is the enquiry's number; it waits for an answer", id)
			})
		case len(c.args) == 0:
			return c.listEnquiries()
		case answer != "" && application != "" || e.Text != "":
			return misuse{errors.New("say one thing of it: --answer TEXT, or --application APPLICATION that came of it")}
		case answer != "":
			return c.acting(func(c *call) error {
				return c.told(wing(c).AnswerEnquiry(c.ctx, c.act, dars.EnquiryID(c.args[0]), answer), "%s is answered", c.args[0])
			})
		case application != "":
			return c.acting(func(c *call) error {
				return c.told(wing(c).EnquiryBecame(c.ctx, c.act, dars.EnquiryID(c.args[0]), application), "%s became %s", c.args[0], application)
			})
		}
		return c.showEnquiry()
	})
	f := cmd.Flags()
	f.StringVar(&e.Text, "text", "", "what is asked")
	f.StringVar(&e.Who, "who", "", "who asks, where an officer writes it in")
	f.StringVar((*string)(&e.Org), "org", "", "the organisation that asks, if the office knows it")
	f.StringVar(&answer, "answer", "", "what they are told")
	f.StringVar(&application, "application", "", "the application that came of it")
	return cmd
}

func (c *call) listEnquiries() error {
	all, err := list(c, orgOfEnquiry)
	if err != nil {
		return err
	}
	names := c.names()
	return items(c, all, "ENQUIRY ON STATE WHO APPLICATION TEXT", func(e *dars.Enquiry) []any {
		return []any{e.ID, e.On, e.State, names(dars.PersonID(e.Who)), e.Application, brief(e.Text)}
	})
}

func (c *call) showEnquiry() error {
	e, err := get(c, c.args[0], orgOfEnquiry)
	if err != nil {
		return err
	}
	names := c.names()
	facts := []any{"enquiry", e.ID, "state", e.State, "who", names(dars.PersonID(e.Who)), "organisation", e.Org, "on", e.On, "asks", oneLine(e.Text)}
	for _, r := range e.Answers {
		facts = append(facts, "answer of "+string(r.On), oneLine(r.Text))
	}
	return c.facts(e, append(facts, "application", e.Application)...)
}

// noteCommands write down what was said of a case: with the applicant, or among
// the office's own.
func noteCommands(s *session) []*cobra.Command {
	return []*cobra.Command{
		noteCommand(s, "discuss APPLICATION", "write down a discussion with the applicant (--note), or print all", "note", dars.Discussion),
		noteCommand(s, "note APPLICATION", "write down something for the office alone (--text), or print all", "text", dars.OwnNote),
	}
}

func noteCommand(s *session, use, about, flag string, kind dars.NoteKind) *cobra.Command {
	var text, corrects string
	cmd := s.command(use, about, exactly(1), func(c *call) error {
		if text == "" && corrects != "" {
			return misuse{fmt.Errorf("say what is right with --%s", flag)}
		}
		if text != "" {
			return c.acting(func(c *call) error {
				id, err := office.Applications{Office: c.Office}.Note(c.ctx, c.act, c.args[0], kind, text, dars.NoteID(corrects))
				if err != nil {
					return err
				}
				return c.say(map[string]any{"id": id}, "%s is noted on %s", id, c.args[0])
			})
		}
		p, err := office.Desk{Office: c.Office}.Application(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		if err := c.looked("application", string(p.ID())); err != nil {
			return err
		}
		all, err := list(c, orgOfNote, dars.By("case", p.Stem))
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(n *dars.Note) bool { return n.Kind != kind })
		names := c.names()
		return items(c, all, "NOTE ON BY CORRECTS TEXT", func(n *dars.Note) []any { return []any{n.ID, n.On, names(n.By), n.Corrects, oneLine(n.Text)} })
	})
	cmd.Flags().StringVar(&text, flag, "", "what is to be written down")
	cmd.Flags().StringVar(&corrects, "corrects", "", "the earlier note that this one puts right")
	return cmd
}

// actionCommand leaves something to do, and says what became of it.
func actionCommand(s *session) *cobra.Command {
	var owner, due, text string
	var done, reopen, answer int
	wing := func(c *call) office.Applications { return office.Applications{Office: c.Office} }
	cmd := s.command("action APPLICATION", "leave something to do, answer it, close it, or print all", exactly(1), func(c *call) error {
		given := 0
		for _, n := range []int{done, reopen, answer} {
			if n != 0 {
				given++
			}
		}
		switch {
		case given > 1 || given == 1 && (owner != "" || due != "") || (done != 0 || reopen != 0) && text != "":
			return misuse{errors.New("say one thing: --owner, --due and --text for a new one, --answer N with --text, --done N or --reopen N with --reason")}
		case answer != 0:
			return c.acting(func(c *call) error {
				return c.told(wing(c).AnswerAction(c.ctx, c.act, c.args[0], answer, text), "action %d of %s is answered; an officer looks at it", answer, c.args[0])
			})
		case done != 0:
			return c.acting(func(c *call) error {
				return c.told(wing(c).CloseAction(c.ctx, c.act, c.args[0], done), "action %d of %s is done", done, c.args[0])
			})
		case reopen != 0:
			return c.acting(func(c *call) error {
				return c.told(wing(c).ReopenAction(c.ctx, c.act, c.args[0], reopen), "action %d of %s is open again", reopen, c.args[0])
			})
		case owner != "" || due != "" || text != "":
			if owner == "" {
				return misuse{errors.New("say whose it is: --owner applicant, or --owner LOGIN for one of the office")}
			}
			return c.acting(func(c *call) error {
				n, err := wing(c).AddAction(c.ctx, c.act, c.args[0], owner, dars.Day(due), text)
				return c.told(err, "%d is the action's number on %s, due %s", n, c.args[0], due)
			})
		}
		return c.listActions()
	})
	f := cmd.Flags()
	f.StringVar(&owner, "owner", "", "whose it is: applicant, or the login of one of the office")
	f.StringVar(&due, "due", "", "the day by which it is done")
	f.StringVar(&text, "text", "", "what is to be done; or what you answer")
	f.IntVar(&answer, "answer", 0, "answer your action of this number (--text)")
	f.IntVar(&done, "done", 0, "say that this one is done, or needed no more (--reason)")
	f.IntVar(&reopen, "reopen", 0, "open this one again (--reason)")
	return cmd
}

func (c *call) listActions() error {
	p, err := office.Desk{Office: c.Office}.AtWork(c.ctx, c.act.Who, c.args[0])
	if err != nil {
		return err
	}
	if err := c.looked("application", string(p.ID())); err != nil {
		return err
	}
	names := c.names()
	return items(c, p.Actions, "N STATE DUE OWNER TEXT ANSWER", func(t dars.Action) []any {
		answer := ""
		if k := len(t.Answers); k > 0 {
			answer = fmt.Sprintf("%s: %s", t.Answers[k-1].On, t.Answers[k-1].Text)
		}
		return []any{t.N, t.State, t.Due, names(t.Owner), oneLine(t.Text), oneLine(answer)}
	})
}
