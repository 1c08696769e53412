package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/tlog"

	"darsd/dars"
	"darsd/office"
	"darsd/scheduler"
	"darsd/store"
	"darsd/transfer/intake"
)

func logCommands(s *session) *cobra.Command {
	var from int64
	var access, refused bool
	show := s.look("show [KIND REF]", "print the log, of one noun, or what was read or refused", nil, func(c *call) error {
		switch {
		case access && refused:
			return misuse{errors.New("say --access or --refused")}
		case access:
			return c.showAccess()
		case refused:
			return c.showRefused()
		}
		if len(c.args) != 0 && len(c.args) != 2 {
			return misuse{errors.New("usage: darsd log show [KIND REF]")}
		}
		if !c.who.Inside() {
			return dars.Refuse("no-power", c.act.Who, "the log is for people of the office")
		}
		kind, ref := "", ""
		if len(c.args) == 2 {
			kind, ref = c.args[0], c.args[1]
		}
		var all []store.Event
		err := c.Store.View(c.ctx, func(tx *store.Tx) (err error) {
			all, err = tx.Events(kind, ref, from, 10_000)
			return err
		})
		if err != nil {
			return err
		}
		names := c.names()
		// Which noun it is the reference says; the door stands in the JSON.
		return items(c, all, "SEQ AT BY ACT REF TO", func(e store.Event) []any {
			return []any{e.Seq, e.At.In(c.Calendar.Zone).Format("2006-01-02T15:04"), names(e.By), e.Act, e.Ref, e.To}
		})
	})
	var file string
	verify := s.inspect("verify", "hold all that is kept against the log", func(c *call) error {
		return c.verifyLog(file)
	})
	verify.Flags().StringVar(&file, "checkpoint", "", "a checkpoint that was kept elsewhere")
	show.Flags().BoolVar(&access, "access", false, "who read what: all of it, or of one case")
	show.Flags().BoolVar(&refused, "refused", false, "whom a rule refused what: all of it, or of one person, rule or reference")
	show.Flags().Int64Var(&from, "from", 0, "the number of the first event")
	return group("log", "the log of everything that happened",
		show,
		verify,
		s.inspect("checkpoint", "sign what the log is now, to be kept elsewhere", func(c *call) error {
			if err := c.mayVerify(); err != nil {
				return err
			}
			name, err := c.checkpoint(c.ctx, c.now())
			if err != nil {
				return err
			}
			text, err := c.root.ReadFile(name)
			if err != nil {
				return err
			}
			return c.say(map[string]string{"file": name, "checkpoint": string(text)}, "%s\n\n%s", name, text)
		}),
	)
}

// mayVerify refuses somebody who came over SSH without the power to.
func (c *call) mayVerify() error {
	if c.who == nil {
		return nil
	}
	return c.who.May("log verify")
}

// verifyLog names everything that is not as the log says, and says whether the log
// is still the one of which checkpoints were signed.
func (c *call) verifyLog(file string) error {
	if err := c.mayVerify(); err != nil {
		return err
	}
	signed, wrong, err := c.checkpoints(c.ctx)
	if err != nil {
		return err
	}
	if file != "" {
		kept, err := c.keptCheckpoint(file)
		if err != nil {
			return err
		}
		signed = append(signed, kept)
	}
	head, more, err := c.heldLog(signed)
	if err != nil {
		return err
	}
	wrong = slices.Concat(wrong, more, lines(office.Objections{Office: c.Office}.VerifyLists(c.ctx)))
	slices.Sort(wrong)
	if wrong = slices.Compact(wrong); len(wrong) > 0 {
		if !c.json {
			for _, w := range wrong {
				fmt.Fprintln(c.env.stdout, w)
			}
		}
		said := fmt.Sprintf("%d things are not as the log says", len(wrong))
		if len(wrong) == 1 {
			said = "one thing is not as the log says"
		}
		return dars.Refuse("log-altered", "log", "%s: %s", said, strings.Join(wrong, "; "))
	}
	return c.say(map[string]any{"events": head.N, "head": head.Hash.String(), "checkpoints": len(signed), "no_facts_in": store.NoFacts()},
		"%d events, and every noun, ledger page, list and paper is as they say\ncheckpoints: %d, and the log is the one of which each was signed\nhead of the tree: %s\ntables that hold no fact, and are not covered: %s",
		head.N, len(signed), head.Hash, strings.Join(store.NoFacts(), ", "))
}

// heldLog holds the log against checkpoints, and all that is stored against the log: what
// is not as it should be, line by line.
func (c *call) heldLog(signed []store.Checkpoint) (head tlog.Tree, wrong []string, err error) {
	heads, altered, err := c.heldAgainst(signed)
	if err != nil {
		return head, nil, err
	}
	head, err = c.Store.Verify(c.ctx, heads...)
	return head, append(altered, lines(err)...), nil
}

// keptCheckpoint reads a checkpoint that was kept elsewhere.
func (c *call) keptCheckpoint(file string) (kept store.Checkpoint, err error) {
	open, err := c.input(file)
	if err != nil {
		return kept, err
	}
	f, err := open()
	if err != nil {
		return kept, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 1<<16))
	if err != nil {
		return kept, err
	}
	if kept, err = store.OpenCheckpoint(text, c.vault.SigningKey().Public().(ed25519.PublicKey)); err != nil {
		err = dars.Refuse("bad-checkpoint", file, "%s: %v", file, err)
	}
	return kept, err
}

// lines takes errors that were joined apart.
func lines(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

func processCommand(s *session) *cobra.Command {
	var roles, codes, objections bool
	c := &cobra.Command{Use: "process", Short: "print the process: every life, who may do what, the codes", Args: exactly(0)}
	c.Flags().BoolVar(&roles, "roles", false, "who may do what")
	c.Flags().BoolVar(&codes, "codes", false, "the codes that forms use")
	c.Flags().BoolVar(&objections, "objections", false, "whose objections are upheld")
	c.RunE = func(*cobra.Command, []string) error {
		call := &call{env: s.env, json: s.json}
		switch {
		case roles:
			type power struct {
				Act   string      `json:"act"`
				Roles []dars.Role `json:"roles"`
			}
			var all []power
			for act, who := range dars.Powers {
				all = append(all, power{act, who})
			}
			slices.SortFunc(all, func(a, b power) int { return strings.Compare(a.Act, b.Act) })
			return items(call, all, "ACT ROLES", func(p power) []any { return []any{p.Act, strings.Trim(fmt.Sprint(p.Roles), "[]")} })
		case objections:
			return call.printMatrix()
		case codes:
			type code struct {
				List    string `json:"list"`
				Code    string `json:"code"`
				Meaning string `json:"meaning"`
			}
			var all []code
			lists := append(slices.Clone(dars.CodeLists), dars.CodeList{Name: "evidence", Codes: dars.EvidenceKinds}, dars.CodeList{Name: "review", Codes: dars.ReviewAreas},
				dars.CodeList{Name: "method", Codes: dars.Methods},
				dars.CodeList{Name: "derive", Codes: dars.Derivations}, dars.CodeList{Name: "holds", Codes: dars.Holdings},
				dars.CodeList{Name: "pause", Codes: dars.PauseReasons}, dars.CodeList{Name: "charge", Codes: dars.ChargeItems},
				dars.CodeList{Name: "objections", Codes: dars.ObjectionReasons}, dars.CodeList{Name: "oddity", Codes: dars.Oddities},
				dars.CodeList{Name: "undo", Codes: dars.Slips}, dars.CodeList{Name: "gateway-dates", Codes: dars.GatewayDates()})
			for _, l := range lists {
				for _, k := range l.Codes {
					all = append(all, code{l.Name, k.Code, k.Meaning})
				}
			}
			return items(call, all, "LIST CODE MEANING", func(k code) []any { return []any{k.List, k.Code, k.Meaning} })
		}
		type step struct {
			Noun string `json:"noun"`
			From string `json:"from"`
			To   string `json:"to"`
		}
		var all []step
		for _, t := range dars.Process() {
			for _, row := range t.Steps {
				all = append(all, step{t.Noun, row[0], row[1]})
			}
		}
		return items(call, all, "NOUN FROM TO", func(s step) []any { return []any{s.Noun, s.From, s.To} })
	}
	return c
}

// waits says what is to be done, and with what.
func waits(t office.Todo) string {
	if strings.Contains(t.Act, t.Ref) {
		return t.Act
	}
	return t.Ref + ": " + t.Act
}

func todoCommand(s *session) *cobra.Command {
	return s.look("todo", "print what waits for you, by what is due first", exactly(0), func(c *call) error {
		all, err := office.Desk{Office: c.Office}.Todo(c.ctx, c.act.Who, c.act.At)
		if err != nil {
			return err
		}
		return items(c, all, "DUE SINCE DO", func(t office.Todo) []any { return []any{t.Due, t.Since, waits(t)} })
	})
}

func doctorCommand(s *session) *cobra.Command {
	var retry bool
	var today string
	doctor := s.inspect("doctor", "say how the office stands, and what is wrong with it", func(c *call) error {
		if today != "" {
			if err := c.dayIsRight(today); err != nil {
				return err
			}
		}
		if retry {
			if _, err := c.Store.Retry(c.ctx); err != nil {
				return err
			}
			c.Work(c.ctx, time.Now) // what fails again is told below
		}
		wrong := c.ailing()
		var owed []store.Owed
		err := c.Store.View(c.ctx, func(tx *store.Tx) (err error) {
			owed, err = tx.Outstanding()
			return err
		})
		if err != nil {
			return err
		}
		backlog, post, refused, err := c.mailStands(c.ctx)
		if err != nil {
			return err
		}
		wrong = append(wrong, refused...)
		for _, w := range owed {
			if w.Failed != "" && !w.Never {
				wrong = append(wrong, fmt.Sprintf("%s after event %d is still owed (tried %d times): %s", w.What, w.Seq, w.Tries, w.Failed))
			}
		}
		if err := c.clockStands(c.ctx); err != nil {
			wrong = append(wrong, err.Error())
		}
		stands, err := c.stands()
		if err != nil {
			return err
		}
		wrong = append(wrong, stands.damaged...)
		if address := c.cfg.Intake.Scanner; address != "" {
			if err := (intake.Scanner{Address: address}).Ping(c.ctx); err != nil {
				wrong = append(wrong, "intake.scanner: nothing that comes in is taken in: "+err.Error())
			}
		}
		_, untrusted := c.trusted()
		for _, err := range untrusted {
			wrong = append(wrong, err.Error())
		}
		console := string(c.cfg.Console)
		if c.rehearsal {
			console += ", and this is a rehearsal"
		}
		facts := []any{"data directory", c.dir, "console", console, "events", stands.events, "free on its disk", fmt.Sprintf("%d MB", stands.free>>20),
			"objections list", stands.list, "last scrub", stands.scrub, "last checkpoint", stands.checkpoint,
			"still owed", len(owed), "mail", post}
		back := c.restored()
		if back != nil {
			facts = append(facts, "restored", fmt.Sprintf("from the backup of %s, of %d events", back.From.Format(time.RFC3339), back.Events))
		}
		err = c.facts(map[string]any{"rehearsal": c.rehearsal, "console": c.cfg.Console, "events": stands.events, "free_bytes": stands.free,
			"objections_list": stands.list, "last_scrub": stands.scrub, "last_checkpoint": stands.checkpoint, "owed": len(owed), "mail": backlog, "restored": back, "wrong": wrong}, facts...)
		if !c.json {
			for _, w := range wrong {
				fmt.Fprintf(c.env.stdout, "wrong: %s\n", w)
			}
		}
		if err == nil && len(wrong) > 0 {
			err = misuse{fmt.Errorf("%d things are wrong", len(wrong))}
		}
		return err
	})
	doctor.Flags().StringVar(&today, "today", "", "your word that the machine's clock is right, where it is doubted: today's date")
	doctor.Flags().BoolVar(&retry, "retry", false, "first try again all that is owed and failed")
	return doctor
}

// A standing is how an office stands, for its operator.
type standing struct {
	events                  int64
	free                    int64 // bytes
	list, scrub, checkpoint string
	damaged                 []string
}

func (h *house) stands() (s standing, err error) {
	ctx := context.Background()
	if s.events, err = h.head(ctx); err != nil {
		return s, err
	}
	if s.free, err = h.vault.Free(); err != nil {
		return s, err
	}
	err = h.Store.View(ctx, func(tx *store.Tx) error {
		lists, err := store.Find[dars.List](tx)
		if err != nil {
			return err
		}
		if n := len(lists); n > 0 {
			l := lists[n-1]
			s.list = fmt.Sprintf("version %d as at %s, %d numbers", l.Version, l.AsAt, l.Numbers)
			if err := l.Fit(h.Calendar.Day(h.now()), h.Policy.MaxAgeDays); err != nil {
				s.list += "; nothing is packaged with it: " + err.Error()
			}
		}
		scrubs, err := store.Find[dars.Scrub](tx)
		if n := len(scrubs); n > 0 {
			last := scrubs[n-1]
			s.scrub, s.damaged = fmt.Sprintf("%s on %s, %d files, %d damaged", last.ID, last.On, last.Files, len(last.Damaged)), last.Damaged
		}
		return err
	})
	if err != nil {
		return s, err
	}
	signed, wrong, err := h.checkpoints(ctx)
	s.damaged = append(s.damaged, wrong...)
	if n := len(signed); n > 0 {
		s.checkpoint = fmt.Sprintf("%s, of %d events", signed[n-1].At.Format(time.RFC3339), signed[n-1].Tree.N)
	}
	return s, err
}

// ailing lists what of the configuration cannot work.
func (h *house) ailing() []string {
	wrong := h.miswordings()
	if seal, err := h.seal(); err != nil {
		wrong = append(wrong, err.Error())
	} else if ends := sealEnds(seal, h.now()); ends != "" {
		wrong = append(wrong, ends)
	}
	if free, err := h.vault.Free(); err == nil && free < spare {
		wrong = append(wrong, fmt.Sprintf("the disk of the data directory has %d MB free: make room, or nothing is packaged", free>>20))
	}
	check := func(what string, err error) {
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %v", what, err))
		}
	}
	for name, line := range h.cfg.Schedule {
		_, err := scheduler.Every(line, h.Calendar.Zone)
		check("schedule."+name, err)
	}
	for _, d := range h.cfg.Datasets {
		for _, f := range d.Files {
			check(fmt.Sprintf("datasets %s: period %s", d.Code, f.Period), readable(f.Path))
		}
		if d.Index != nil {
			check(fmt.Sprintf("datasets %s: index", d.Code), readable(d.Index.File))
		}
	}
	return wrong
}
