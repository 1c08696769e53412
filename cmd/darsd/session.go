package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"darsd/configs"
	"darsd/dars"
	"darsd/office"
)

// A session is one run of the command table: by somebody at a local shell, who
// says who they are, or over SSH, where a key has said it.
type session struct {
	env *env

	house  *house       // open; a local session opens it when it is needed
	mine   bool         // and closes it
	person *dars.Person // over SSH: whose key it was

	act dars.Act // who acts, when and by which door, when that is known

	data, config, as, at, reason string
	json                         bool
}

// A call is one command that is being carried out.
type call struct {
	*house
	ctx  context.Context
	act  dars.Act
	who  *dars.Person
	args []string
	env  *env
	json bool
	s    *session
}

// Where an office is, if nobody says. Only who links the program sets them: a package
// for an operating system has its own places (packaging/deb.sh).
var (
	usualData   = "./darsd-data"
	usualConfig = "" // of the office in usualData; "" for darsd.yaml there, as in every other
	version     = "" // of the package; else that of the commit, as far as it is known
)

// local is the whole table, as the local program has it.
func local(s *session) *cobra.Command {
	root := desk(s)
	root.AddCommand(serveCommand(s), demoCommand(s), initCommand(s), runDueCommand(s), forecastCommand(s), doctorCommand(s), wordingCommand(s), publishCommand(s),
		backupCommands(s), restoreCommand(s), storeCommands(s), masterKeyCommands(s), generateCommand(s))
	root.PersistentPreRun = func(*cobra.Command, []string) {
		if s.config == "" && s.data == usualData {
			s.config = usualConfig
		}
	}
	root.Version = program()
	root.SetVersionTemplate("darsd {{.Version}}\n")
	root.Flags().Bool("version", false, "print which darsd this is")
	f := root.PersistentFlags()
	f.StringVar(&s.data, "data", usualData, "the data directory")
	f.StringVar(&s.config, "config", "", "the configuration, if it is not darsd.yaml in the data directory")
	f.StringVar(&s.as, "as", "", "the login of the person who acts")
	f.StringVar(&s.at, "at", "", "the time it is, in a rehearsal: 2016-04-01, or 2016-04-01T09:30")
	return root
}

// desk is the table that everybody shares: at a local shell and over SSH.
func desk(s *session) *cobra.Command {
	root := group("darsd", "A data release office in one program",
		todoCommand(s), statusCommand(s), processCommand(s), verifyCommand(s),
		orgCommands(s), personCommands(s), contractCommands(s), applicationCommands(s), decisionCommands(s), agreementCommands(s),
		objectionsCommands(s), cohortCommands(s), releaseCommands(s), guardCommands(s), queryCommands(s), receiptCommands(s), certificateCommands(s),
		calendarCommands(s), quoteCommand(s), invoiceCommand(s), searchCommand(s), registerCommands(s), caseCommands(s), scrubCommand(s), hostKeyCommands(s), mailCommands(s), sealCommand(s), auditCommands(s), sanctionCommands(s), complaintCommands(s), incidentCommands(s), recallCommands(s), eraseCommand(s), reportCommands(s), disclosureCommands(s), logCommands(s))
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetUsageTemplate(strings.NewReplacer("FlagUsages |", fmt.Sprintf("FlagUsagesWrapped %d |", screenWidth),
		"for more information about a command", "to know more of one").Replace(root.UsageTemplate()))
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		if said, _, ok := strings.Cut(err.Error(), ": strconv."); ok {
			err = errors.New(said + ": a whole number is wanted, such as 12")
		}
		return misuse{fmt.Errorf("%w; see darsd help %s", err, strings.TrimPrefix(c.CommandPath(), "darsd "))}
	})
	root.PersistentFlags().BoolVar(&s.json, "json", false, "print JSON")
	root.PersistentFlags().StringVar(&s.reason, "reason", "", "why, where a reason is asked for")
	return root
}

// do makes a command that acts: somebody stands behind it, and what the act owes
// is done before the command ends.
func (s *session) do(use, about string, args cobra.PositionalArgs, act func(*call) error) *cobra.Command {
	return s.command(use, about, args, func(c *call) error { return c.acting(act) })
}

// acting is the part of a command that acts; one that may also only look has
// others.
func (c *call) acting(act func(*call) error) error {
	if err := c.mayAct(); err != nil {
		return err
	}
	if err := c.clockStands(c.ctx); err != nil {
		return err
	}
	before, err := c.head(c.ctx)
	if err != nil {
		return err
	}
	if err := act(c); err != nil {
		return err
	}
	return c.workAfter(c.ctx, before, c.env)
}

// workAfter does what is owed after an event. What fails stays owed, and is said.
func (h *house) workAfter(ctx context.Context, event int64, e *env) error {
	patience, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	work := h.WorkAfter
	if h.clock != nil && h.cfg.Mail.SMTP != "" {
		work = h.PapersAfter // the daemon has a worker for letters
	}
	if err := work(patience, event, time.Now); err != nil {
		h.Log.Error("still owed", "err", err)
		says := "some of what follows is still owed and will be tried again (darsd doctor)"
		var last interface{ Permanent() bool }
		if errors.As(err, &last) && last.Permanent() {
			says = "a mail server refused a letter for good; what else is still owed is tried again (darsd doctor)"
		}
		fmt.Fprintf(e.stderr, "darsd: done, but %s\n", says)
	}
	return ctx.Err()
}

// look makes a command that only reads.
func (s *session) look(use, about string, args cobra.PositionalArgs, act func(*call) error) *cobra.Command {
	return s.command(use, about, args, act)
}

// inspect makes a command that looks at the house itself. At a local shell, which
// can read its files anyway, nobody is asked who they are.
func (s *session) inspect(use, about string, act func(*call) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: about, Args: exactly(0), RunE: func(cmd *cobra.Command, args []string) error {
		c, err := s.open(cmd.Context(), args)
		if err != nil {
			return err
		}
		return act(c)
	}}
}

func (s *session) command(use, about string, args cobra.PositionalArgs, act func(*call) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: about, Args: args, RunE: func(cmd *cobra.Command, args []string) error {
		c, err := s.call(cmd.Context(), args)
		if err != nil {
			return err
		}
		return act(c)
	}}
}

// open opens the house, if it is not open.
func (s *session) open(ctx context.Context, args []string) (*call, error) {
	if s.house == nil {
		h, err := open(ctx, s.data, s.config, s.env.stderr)
		if err != nil {
			return nil, err
		}
		s.house, s.mine = h, true
		if isTerminal(s.env.stderr) {
			h.screen = s.env.stderr
		}
	}
	return &call{house: s.house, who: s.person, ctx: ctx, args: args, env: s.env, json: s.json, s: s}, nil
}

// call opens the house, and finds out who acts and when.
func (s *session) call(ctx context.Context, args []string) (*call, error) {
	c, err := s.open(ctx, args)
	if err != nil {
		return nil, err
	}
	at, err := s.house.when(ctx, s.at)
	if err != nil {
		return nil, err
	}
	c.act = dars.Act{At: at, Why: s.reason}
	if s.person != nil {
		c.act.Who, c.act.Via = s.person.ID, dars.SSH
		s.act = c.act
		return c, nil
	}
	err = c.whoAtConsole(s.as)
	s.act = c.act
	return c, err
}

// whoAtConsole finds the person for whom a local shell speaks: the one it names,
// or the one whose login is the user's.
func (c *call) whoAtConsole(as string) error {
	switch {
	case c.rehearsal:
		c.act.Via = dars.Rehearsal
	case c.cfg.Console == configs.Full:
		c.act.Via = dars.Console
	default:
		c.act.Via = dars.BreakGlass
	}
	login := as
	if login == "" {
		if u, err := user.Current(); err == nil {
			login = cmp.Or(c.env.getenv("DARSD_AS"), u.Username)
		}
	}
	p, err := office.Desk{Office: c.Office}.Person(c.ctx, login)
	if err != nil {
		if as == "" {
			return misuse{errors.New("say who acts with --as LOGIN")}
		}
		return err
	}
	c.who, c.act.Who = p, p.ID
	return nil
}

// mayAct refuses a local shell that may only look, or that speaks for somebody who has left.
// An operator is excepted: who was the last one is let in again that way.
func (c *call) mayAct() error {
	if c.s.person == nil && c.who.Left != "" && !c.who.Has(dars.Operator) {
		return dars.Refuse("left", c.act.Who, "%s has left on %s and acts no more: say with --as who you are", c.act.Who, c.who.Left)
	}
	if c.s.person == nil && c.cfg.Console == configs.ReadOnly && !c.rehearsal {
		return dars.Refuse("read-only", c.act.Who, "the console of this office is read-only: sign in over SSH with your own key")
	}
	return nil
}

func (s *session) close() {
	if s.mine {
		s.house.flushRefusals()
		s.house.close()
	}
}

// say prints what was done: an object, or a line.
func (c *call) say(object any, format string, args ...any) error {
	if c.json {
		return c.print(object)
	}
	fmt.Fprintln(c.env.stdout, dars.Legible(fmt.Sprintf(format, args...)))
	return nil
}

func (c *call) print(object any) error {
	e := json.NewEncoder(c.env.stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(object)
}

// items prints a list: as {"items": [...]}, or as a table with those columns.
func items[T any](c *call, all []T, header string, row func(T) []any) error {
	if all == nil {
		all = []T{}
	}
	if c.json {
		return c.print(map[string]any{"items": all})
	}
	if len(all) == 0 {
		fmt.Fprintln(c.env.stdout, "nothing")
		return nil
	}
	t := table{strings.Fields(header)}
	for _, one := range all {
		var cells []string
		for _, cell := range row(one) {
			cells = append(cells, cmp.Or(fmt.Sprint(cell), "-"))
		}
		t = append(t, cells)
	}
	return t.write(c.env.stdout)
}

// facts prints label and value, a line each.
func (c *call) facts(object any, pairs ...any) error {
	if c.json {
		return c.print(object)
	}
	var t table
	for i := 0; i+1 < len(pairs); i += 2 {
		t = append(t, []string{fmt.Sprint(pairs[i]), cmp.Or(strings.Trim(fmt.Sprint(pairs[i+1]), "[]"), "-")})
	}
	return t.write(c.env.stdout)
}

// names is the login of each person, for screens; the log has only P-nnnnnn. Each is
// looked up when it is first asked for: an office may know thousands.
func (c *call) names() func(dars.PersonID) string {
	logins := map[dars.PersonID]string{}
	return func(id dars.PersonID) string {
		if _, known := logins[id]; !known && id != "" {
			if p, err := get(c, string(id), func(p *dars.Person) dars.OrgCode { return p.Org }); err == nil {
				logins[id] = p.Login
			}
		}
		return cmp.Or(logins[id], string(id))
	}
}

// inName is who acted, and for whom: "lily for ivan".
func inName(names func(dars.PersonID) string, by, of dars.PersonID) string {
	if of == "" || of == by {
		return names(by)
	}
	return names(by) + " for " + names(of)
}
