package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"darsd/dars"
)

func demoCommand(s *session) *cobra.Command {
	var once, fresh, goOn, script bool
	dir := "darsd-demo"
	c := &cobra.Command{Use: "demo", Short: "play an office from an application to a certified deletion", Args: exactly(0), RunE: func(cmd *cobra.Command, _ []string) error {
		if script {
			_, err := io.WriteString(s.env.stdout, demoScript())
			return err
		}
		return playDemo(cmd.Context(), s.env, dir, once, fresh, goOn)
	}}
	f := c.Flags()
	f.StringVar(&dir, "dir", dir, "where to play it")
	f.BoolVar(&once, "once", false, "leave when the story is told, instead of serving on")
	f.BoolVar(&fresh, "fresh", false, "begin anew where there is one already")
	f.BoolVar(&goOn, "continue", false, "go on with the one that is there")
	f.BoolVar(&script, "script", false, "print the shell commands that do the same by hand")
	c.AddCommand(demoHands()...)
	return c
}

// demoHands are what people's hands do in the demo, for its script: a pen on
// paper, a form filled in, an office set up.
func demoHands() []*cobra.Command {
	hand := func(use, about string, n int, do func(args []string) error) *cobra.Command {
		return &cobra.Command{Use: use, Short: about, Args: exactly(n), Hidden: true, RunE: func(_ *cobra.Command, args []string) error { return do(args) }}
	}
	return []*cobra.Command{
		hand("prepare DIR", "make the demo's sources and configuration", 1, func(a []string) error { return prepareDemo(a[0]) }),
		hand("pen IN OUT NAME", "write a name on the last page of a PDF", 3, func(a []string) error { return penOn(a[0], a[1], a[2]) }),
		hand("fill IN OUT DAY NAME", "fill in a certificate of destruction", 4, func(a []string) error {
			return fillCertificate(a[0], a[1], dars.Day(a[2]), a[3])
		}),
	}
}

// A deed is one thing that a person does in the demo: done here, or as a line of
// shell.
type deed interface {
	do(ctx context.Context, d *stage) error
	shell() string
}

// A scene is a step of the story: what happens, what people do for it, and where
// to look afterwards.
type scene struct {
	says  string
	look  string // below the demo's directory
	early bool   // before the daemon runs
	deeds []deed
}

// A stage is where the demo plays: the office's data directory, and a home for
// each person.
type stage struct {
	dir     string
	env     *env
	address string // of the SFTP endpoint
	host    ssh.PublicKey
}

func (d *stage) path(name string) string { return filepath.Join(d.dir, filepath.FromSlash(name)) }

// playDemo plays the story with the same wiring as serve, and then serves.
func playDemo(ctx context.Context, e *env, dir string, once, fresh, goOn bool) error {
	if _, err := os.Stat(filepath.Join(dir, "office")); err == nil && !fresh && !goOn {
		return misuse{fmt.Errorf("there is a demo in %s already: go on with it (--continue), or begin anew (--fresh)", dir)}
	}
	if fresh && goOn {
		return misuse{errors.New("--fresh begins anew and --continue goes on: say one of them")}
	}
	if fresh {
		if err := clearDemo(dir); err != nil {
			return err
		}
	}
	d := &stage{dir: dir, env: e}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	scenes := demoScenes()
	played := d.played()
	began := time.Now()
	for ; played < len(scenes) && scenes[played].early; played++ {
		if err := d.play(ctx, played, scenes[played]); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended, err := d.open(ctx)
	if err != nil {
		return err
	}
	for ; played < len(scenes); played++ {
		if err := d.play(ctx, played, scenes[played]); err != nil {
			stop()
			return errors.Join(err, <-ended)
		}
	}
	fmt.Fprintf(e.stdout, "\nThe story took %s. Everything lies in %s: a rehearsal, in which nothing is real.\n", time.Since(began).Round(time.Second), dir)
	if once {
		stop()
		return <-ended
	}
	d.invite()
	return <-ended
}

// clearDemo removes a demo, and nothing else: only what looks like one.
func clearDemo(dir string) error {
	names := []string{"office", "people", "played", "known_hosts", "demo.yaml"}
	for _, s := range demoScenes() {
		for _, d := range s.deeds {
			if c, ok := d.(command); ok && c.out != "" {
				names = append(names, c.out)
			}
		}
	}
	for _, name := range names {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// open starts the daemon, and waits until it serves.
func (d *stage) open(ctx context.Context) (ended chan error, err error) {
	logs, err := os.OpenFile(d.path("office/serve.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	h, err := open(ctx, d.path("office"), "", logs)
	if err != nil {
		return nil, err
	}
	start, err := h.when(ctx, "")
	if err != nil {
		return nil, err
	}
	ended = make(chan error, 1)
	ready := make(chan string, 1)
	go func() {
		err := h.serve(ctx, serving{start: start, ready: func(address string) { ready <- address }})
		h.close() // before anybody hears that it has ended, and leaves
		ended <- errors.Join(err, logs.Close())
	}()
	select {
	case d.address = <-ready:
	case err := <-ended:
		return nil, err
	}
	keys, _ := h.keyring.all()
	d.host = keys[0].PublicKey()
	var lines []string
	for _, k := range keys {
		lines = append(lines, knownhosts.Line([]string{d.address}, k.PublicKey()))
	}
	return ended, os.WriteFile(d.path("known_hosts"), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

// play does what people do in a scene, and tells it in a line.
func (d *stage) play(ctx context.Context, n int, s scene) error {
	for _, deed := range s.deeds {
		if err := deed.do(ctx, d); err != nil {
			return fmt.Errorf("demo, step %d (%s): %w", n+1, s.says, err)
		}
	}
	fmt.Fprintf(d.env.stdout, "%2d. %s → %s\n", n+1, s.says, d.path(s.look))
	return os.WriteFile(d.path("played"), []byte(strconv.Itoa(n+1)), 0o600)
}

// played is how many scenes have been.
func (d *stage) played() int {
	text, _ := os.ReadFile(d.path("played"))
	n, _ := strconv.Atoi(string(text))
	return n
}

// invite tells how to look for oneself.
func (d *stage) invite() {
	_, port, _ := net.SplitHostPort(d.address)
	options := fmt.Sprintf("-i %s -o IdentitiesOnly=yes -o UserKnownHostsFile=%s", d.path("people/nora/id_ed25519"), d.path("known_hosts"))
	fmt.Fprintf(d.env.stdout, `
The demo goes on serving until you press Ctrl-C. Agreement %[1]s is in force. Fetch what it gives you:

    sftp -P %[2]s %[3]s -r nora@127.0.0.1:collect/%[1]s .

Ask at the desk, as the same person:

    ssh -p %[2]s %[3]s nora@127.0.0.1 status

`, demoThird, port, options)
}

// A command is one line of darsd, said by somebody at some time.
type command struct {
	as, at string
	args   []string
	out    string // where its output goes, if anywhere
	no     bool   // it is to be refused
}

func (c command) argv(data string) []string {
	args := []string{"--data", data}
	if c.as != "" {
		args = append(args, "--as", c.as)
	}
	if c.at != "" {
		args = append(args, "--at", c.at)
	}
	return append(args, c.args...)
}

func (c command) do(ctx context.Context, d *stage) error {
	var out, errs bytes.Buffer
	args := c.argv(d.path("office"))
	for i, a := range args {
		if rest, ok := strings.CutPrefix(a, "$D/"); ok {
			args[i] = d.path(rest)
		}
	}
	status := run(ctx, &env{strings.NewReader(""), &out, &errs, func(string) string { return "" }}, args)
	if c.no && status == refused {
		return nil
	}
	if c.no || status != done {
		return fmt.Errorf("darsd %s: exit status %d: %s", strings.Join(c.args, " "), status, strings.TrimSpace(errs.String()))
	}
	if c.out == "" {
		return nil
	}
	return os.WriteFile(d.path(c.out), out.Bytes(), 0o600)
}

func (c command) shell() string {
	var b strings.Builder
	if c.no {
		b.WriteString("refused ")
	}
	b.WriteString("darsd")
	for _, a := range c.argv("")[2:] {
		b.WriteString(" " + quote(a))
	}
	if c.out != "" {
		b.WriteString(" > " + quote("$D/"+c.out))
	}
	return b.String()
}

// quote writes a word for a shell; $D in it is the demo's directory.
func quote(word string) string {
	if strings.HasPrefix(word, "$D") {
		return `"` + word + `"`
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@", r)
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
