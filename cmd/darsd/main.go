// Darsd is a data release office in one program: it takes a request for data
// from application to certified deletion, makes every paper on the way, delivers
// the data over SFTP, and leaves a proof at each step.
//
// The files here are the program's doors: a file for each group of commands, the
// house they all work in (house.go), the works that the office is given (reader.go,
// packing.go, works.go), what a person meets over SSH and SFTP (counter.go), and the daemon
// (serve.go).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	_ "time/tzdata" // days are Europe/London's wherever the program runs

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/documents"
	"darsd/office"
)

// An env is what a command may touch outside its arguments. Tests give their
// own.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
}

// Exit statuses.
const (
	done    = 0
	refused = 1 // a rule said no; nothing has changed
	misused = 2 // the command was called wrongly, or the configuration is wrong
	faulty  = 3
)

// misuse marks mistakes in how a command was called.
type misuse struct{ error }

func main() {
	if len(os.Args) == 2 && os.Args[1] == readPaper {
		os.Exit(documents.Child(os.Stdin, os.Stdout))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the default applies again: a second one kills.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, &env{os.Stdin, os.Stdout, os.Stderr, os.Getenv}, os.Args[1:]))
}

// run is the door of the command line: main, tests and the demo come through it.
// It returns the exit status.
func run(ctx context.Context, e *env, args []string) int {
	s := &session{env: e}
	return s.run(ctx, local(s), args)
}

// run carries out one command line with a tree of commands made for it alone.
func (s *session) run(ctx context.Context, root *cobra.Command, args []string) int {
	root.SetArgs(args)
	root.SetIn(s.env.stdin)
	root.SetOut(s.env.stdout)
	root.SetErr(s.env.stderr)
	defer s.close()
	given, err := root.ExecuteContextC(ctx)
	if err == nil {
		return done
	}
	s.count(given, err)
	return s.tell(err)
}

// tell says what went wrong, in one sentence, and how the program ends.
func (s *session) tell(err error) int {
	var no *dars.Refusal
	var wrong misuse
	if s.person != nil && !errors.As(err, &no) && !errors.As(err, &wrong) {
		// What went wrong inside is nobody's business over there.
		s.house.Log.Error("a command failed", "person", s.person.ID, "err", err)
		said := "this did not work because of a fault of the office's own; the operator has been told"
		if fullDisk(err) {
			said = "the office's disk is full, and nothing of this was kept: try again later; the operator has been told"
		}
		fmt.Fprintln(s.env.stderr, "darsd: "+said)
		return faulty
	}
	fmt.Fprintf(s.env.stderr, "darsd: %s%s\n", s.named(dars.Legible(err.Error())), remedy(err))
	switch {
	case errors.As(err, &no):
		s.list(no.Mistakes)
		if s.json && !errors.As(err, new(printed)) {
			json.NewEncoder(s.env.stdout).Encode(toldRefusal{s.named(no.Sentence), no.Rule, no.Ref, no.Mistakes})
		}
		return refused
	case errors.As(err, &wrong):
		return misused
	}
	return faulty
}

// A toldRefusal is a refusal as programs read it.
type toldRefusal struct {
	Refused  string         `json:"refused"`
	Rule     string         `json:"rule"`
	Ref      string         `json:"ref"`
	Mistakes []dars.Mistake `json:"mistakes,omitempty"`
}

// list prints each mistake of a form on its line, where there are several.
func (s *session) list(wrong []dars.Mistake) {
	if len(wrong) < 2 {
		return
	}
	for _, m := range wrong {
		fmt.Fprintf(s.env.stderr, "  %s\n", oneLine(s.named(m.String())))
	}
}

var personID = regexp.MustCompile(`\bP-\d{6}\b`)

// named puts logins in the place of P-nnnnnn: rules know people by number, and
// people of the office know one another by login. Outsiders learn no logins
// but their own.
func (s *session) named(sentence string) string {
	if s.person != nil && !s.person.Inside() {
		return strings.ReplaceAll(sentence, string(s.person.ID), s.person.Login)
	}
	if s.house == nil {
		return sentence
	}
	return personID.ReplaceAllStringFunc(sentence, func(id string) string {
		p, err := office.Get(context.Background(), office.Desk{Office: s.house.Office}, dars.ByClock, id, orgOfPerson)
		if err != nil {
			return id
		}
		return p.Login
	})
}

// group makes a command that only has commands below it. A misspelt one is told,
// with what was probably meant.
func group(name, about string, below ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: name, Short: about, Args: func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		said := fmt.Sprintf("there is no command %q", strings.TrimPrefix(c.CommandPath()+" "+args[0], "darsd "))
		if meant := c.SuggestionsFor(args[0]); len(meant) > 0 {
			said += fmt.Sprintf("; did you mean %q?", meant[0])
		}
		return misuse{errors.New(said)}
	}, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.SuggestionsMinimumDistance = 2
	c.Annotations = map[string]string{"group": name}
	c.AddCommand(below...)
	return c
}

// isGroup reports whether a command only has commands below it.
func isGroup(c *cobra.Command) bool { return c.Annotations["group"] != "" }

// exactly says how many arguments a command wants.
func exactly(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return usage(c)
		}
		return nil
	}
}

// usage says how a command is called, and where its flags are explained.
func usage(c *cobra.Command) error {
	return misuse{fmt.Errorf("usage: %s; see darsd help %s", c.UseLine(), strings.TrimPrefix(c.CommandPath(), "darsd "))}
}

// between says how many arguments a command wants at least and at most.
func between(least, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return usage(c)
		}
		return nil
	}
}

// atLeast says how many arguments a command wants, or more.
func atLeast(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < n {
			return usage(c)
		}
		return nil
	}
}
