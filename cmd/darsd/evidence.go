package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

// evidenceCommand lists the evidence of an application, gives it out to the
// office, takes in more, and notes what an officer says of it.
func evidenceCommand(s *session) *cobra.Command {
	var n int
	var out, add, kind, ref, approved, renew, expires string
	var seen, refuse, unseen bool
	wing := func(c *call) office.Applications { return office.Applications{Office: c.Office} }
	cmd := s.command("evidence APPLICATION", "list its evidence; fetch, check off or add a file", exactly(1), func(c *call) error {
		for _, d := range []string{approved, renew, expires} {
			if _, err := dars.ParseDay(d); d != "" && err != nil {
				return misuse{err}
			}
		}
		said, words, err := oneOf(map[dars.EvidenceState]bool{dars.EvidenceSeen: seen, dars.EvidenceRefused: refuse, dars.EvidenceUnseen: unseen})
		switch {
		case err != nil:
			return err
		case add != "" && (n != 0 || words > 0 || out != ""):
			return misuse{errors.New("--add takes in a file of its own: say --kind, --ref and --expires with it, and nothing else")}
		case add != "":
			return c.acting(func(c *call) error {
				content, name, err := c.read(add)
				if err != nil {
					return err
				}
				e := dars.Evidence{Kind: kind, File: name, Ref: ref, Approved: dars.Day(approved), Renew: dars.Day(renew), Expires: dars.Day(expires)}
				n, err := wing(c).AddEvidence(c.ctx, c.act, c.args[0], e, content)
				return c.told(err, "%d is the file's number in the evidence of %s; an officer looks at it", n, c.args[0])
			})
		case n == 0 && (words > 0 || out != ""):
			return misuse{errors.New("say which file with --file N: without one, all are listed")}
		case words > 0:
			return c.acting(func(c *call) error {
				read := dars.Reading{Kind: kind, Renew: dars.Day(renew), Expires: dars.Day(expires)}
				return c.told(wing(c).Look(c.ctx, c.act, c.args[0], n, said, read), "evidence file %d of %s is %s", n, c.args[0], said)
			})
		case n != 0:
			return c.giveOut(wing(c), n, out)
		}
		return c.listEvidence()
	})
	f := cmd.Flags()
	f.IntVar(&n, "file", 0, "the file of this number")
	f.StringVar(&out, "out", "", "write the file there; - is standard output")
	f.BoolVar(&seen, "seen", false, "you have seen it, and it is what it says")
	f.BoolVar(&refuse, "refuse", false, "it will not do (--reason)")
	f.BoolVar(&unseen, "unseen", false, "take back what was said of it (--reason)")
	f.StringVar(&add, "add", "", "take in one more file; - reads standard input")
	f.StringVar(&kind, "kind", "", "what kind of evidence it is: darsd process --codes lists them")
	f.StringVar(&ref, "ref", "", "the reference on it, such as 15/CAG/0123")
	f.StringVar(&approved, "approved", "", "the day since when it holds")
	f.StringVar(&renew, "renew", "", "the last day before it must be renewed")
	f.StringVar(&expires, "expires", "", "its last day, as it stands on the paper")
	return cmd
}

// oneOf is the one of some flags that was given, and how many were.
func oneOf[S ~string](flags map[S]bool) (given S, n int, err error) {
	for word, yes := range flags {
		if yes {
			given, n = word, n+1
		}
	}
	if n > 1 {
		err = misuse{errors.New("these say different things of the same: give one of them")}
	}
	return given, n, err
}

// read reads a small file that a command names, and the name it has: over SSH and
// with "-" it comes on standard input, and its content says what it is.
func (c *call) read(name string) (content []byte, called string, err error) {
	open, err := c.input(name)
	if err != nil {
		return nil, "", err
	}
	f, err := open()
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	content, err = io.ReadAll(io.LimitReader(f, office.Largest+1))
	if err == nil && len(content) > office.Largest {
		err = dars.Refuse("too-large", name, "%s is larger than 64 MiB: scan it again with less detail, or send it in parts", name)
	}
	if name == "-" {
		return content, "standard-input", err
	}
	return content, path.Base(name), err
}

// giveOut writes a file of evidence to where an officer asks for it.
func (c *call) giveOut(wing office.Applications, n int, out string) error {
	if out != "" && out != "-" && c.s.person != nil {
		return misuse{errors.New("over SSH a file comes on standard output: leave --out away, and send it to a file on your side with >")}
	}
	f, content, err := wing.OpenEvidence(c.ctx, c.act, c.args[0], n)
	if err != nil {
		return err
	}
	defer content.Close()
	if err := c.looked("evidence of", fmt.Sprintf("%s file %d", c.args[0], n)); err != nil {
		return err
	}
	if out == "" || out == "-" {
		_, err := io.Copy(c.env.stdout, content)
		return err
	}
	to, err := os.OpenFile(out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return misuse{err}
	}
	_, err = io.Copy(to, content)
	if err := errors.Join(err, to.Close()); err != nil {
		return err
	}
	return c.say(map[string]any{"file": out, "sha256": f.SHA256, "bytes": f.Bytes}, "%s is written: %s, %d bytes", out, f.Type, f.Bytes)
}

// evidenceView is a file of evidence as JSON.
type evidenceView struct {
	dars.EvidenceFile
	Meaning string             `json:"meaning"`
	State   dars.EvidenceState `json:"state"`
	Until   dars.Day           `json:"until,omitempty"`
	Lapsed  bool               `json:"lapsed"`
}

func (c *call) listEvidence() error {
	p, err := office.Desk{Office: c.Office}.AtWork(c.ctx, c.act.Who, c.args[0])
	if err != nil {
		return err
	}
	if err := c.looked("application", string(p.ID())); err != nil {
		return err
	}
	views := []evidenceView{}
	for _, f := range p.Evidence {
		views = append(views, evidenceView{f, dars.Meaning(dars.EvidenceKinds, f.Kind), f.State(), f.Until(), f.Lapsed(c.Calendar.Day(c.act.At))})
	}
	wanting := append([]string{}, p.EvidenceWanting(p.Form.Datasets, c.Calendar.Day(c.act.At))...)
	if c.json {
		return c.print(map[string]any{"items": views, "wanting": wanting})
	}
	err = items(c, views, "N KIND FILE TYPE BYTES SHA256 UNTIL STATE", func(v evidenceView) []any {
		until, state := string(v.Until), string(v.State)
		if v.Lapsed {
			until += " (lapsed)"
		}
		if v.Left != "" {
			state += ", named no more since " + v.Left
		}
		return []any{v.N, v.Kind, v.File, v.Type, v.Bytes, v.SHA256[:12], until, state}
	})
	names := c.names()
	for _, v := range views {
		for _, l := range v.Looks {
			by := ""
			if c.who.Inside() {
				by = " by " + names(l.By)
			}
			fmt.Fprintln(c.env.stdout, strings.TrimSuffix(fmt.Sprintf("file %d: %s%s on %s: %s", v.N, l.Said, by, l.On, oneLine(l.Why)), ": "))
		}
	}
	for _, w := range wanting {
		fmt.Fprintln(c.env.stdout, "wanting: "+w)
	}
	return err
}
