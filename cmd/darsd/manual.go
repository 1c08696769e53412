package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"darsd/dars"
)

// A roff is a manual page as it is written: the language of man(7).
type roff struct{ strings.Builder }

// verbatim keeps words as they are: roff reads a backslash, a stop at the beginning of a
// line and a quotation mark in its own way, and prints a hyphen where a command has
// a minus.
func verbatim(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n.", "\n\\&.", "\n'", "\n\\&'").Replace("\n" + text)
	return text[1:]
}

// line writes a request with its arguments, each in quotation marks.
func (r *roff) line(request string, args ...string) {
	r.WriteString("." + request)
	for _, a := range args {
		fmt.Fprintf(r, ` "%s"`, strings.ReplaceAll(verbatim(a), `"`, `\(dq`))
	}
	r.WriteByte('\n')
}

// text writes a paragraph's words.
func (r *roff) text(words string) { r.WriteString(verbatim(words) + "\n") }

// item writes something by name, and what it is.
func (r *roff) item(name, what string) {
	r.line("TP")
	r.line("B", name)
	r.text(what)
}

// begin writes the head of a page. A page without a day is of no release.
func (r *roff) begin(name string, section int, day, what string) {
	manual := map[int]string{1: "User Commands", 5: "File Formats"}[section]
	fmt.Fprintf(r, ".TH %s %d %q darsd %q\n", strings.ToUpper(name), section, day, manual)
	r.line("SH", "NAME")
	r.WriteString(verbatim(name) + ` \- ` + verbatim(what) + "\n")
}

// statuses are the exit statuses of every command.
var statuses = []struct {
	status int
	means  string
}{
	{done, "done"},
	{refused, "refused by a rule; nothing has changed, and one sentence says why"},
	{misused, "called wrongly, or the configuration is wrong"},
	{faulty, "a fault"},
}

// manual writes darsd(1): every command of a table, with its options and the roles
// of which one is needed.
func manual(w io.Writer, root *cobra.Command, day string) error {
	var r roff
	r.begin(root.Name(), 1, day, strings.ToLower(root.Short[:1])+root.Short[1:])
	r.line("SH", "SYNOPSIS")
	r.line("B", root.Name())
	r.text("[OPTION...] COMMAND [ARGUMENT...]")
	r.line("SH", "DESCRIPTION")
	r.text("A custodian of health data takes requests for data with it from application to certified deletion.")
	r.text("People act over SSH, where a key says who they are: what is below goes behind the address, as in")
	r.line("BR", "ssh HOST todo", ".")
	r.text("Commands marked with * are for a local shell alone.")
	r.line("SH", "OPTIONS")
	r.text("These go with every command.")
	r.options(root.PersistentFlags())
	r.line("SH", "COMMANDS")
	everywhere := desk(&session{env: &env{getenv: func(string) string { return "" }}})
	for _, c := range root.Commands() {
		if !c.IsAvailableCommand() {
			continue
		}
		mark := ""
		if !has(everywhere, c.Name()) {
			mark = " *"
		}
		r.line("SS", c.CommandPath()+mark)
		r.commands(c)
	}
	r.line("SH", "EXIT STATUS")
	for _, e := range statuses {
		r.item(fmt.Sprint(e.status), e.means)
	}
	r.line("SH", "ENVIRONMENT")
	r.item("DARSD_AS", "who acts, where --as does not say")
	r.line("SH", "SEE ALSO")
	r.line("BR", "darsd.yaml", "(5)")
	_, err := io.WriteString(w, r.String())
	return err
}

func has(table *cobra.Command, name string) bool {
	return slices.ContainsFunc(table.Commands(), func(c *cobra.Command) bool { return c.Name() == name })
}

// commands writes a command, and all below it.
func (r *roff) commands(c *cobra.Command) {
	words := strings.TrimPrefix(c.CommandPath(), c.Root().Name()+" ")
	switch {
	case isGroup(c) && c.Parent() == c.Root():
		r.text(sentence(c.Short))
	default:
		r.item(words+strings.TrimPrefix(c.Use, c.Name()), sentence(c.Short))
		if roles := dars.Powers[words]; len(roles) > 0 {
			r.text("For: " + roleNames(roles) + ".")
		}
		if c.HasAvailableLocalFlags() {
			r.line("RS")
			r.options(c.LocalNonPersistentFlags())
			r.line("RE")
		}
	}
	for _, below := range c.Commands() {
		if below.IsAvailableCommand() {
			r.commands(below)
		}
	}
}

// options writes what may be said with a command.
func (r *roff) options(flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		value, what := pflag.UnquoteUsage(f)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" && f.DefValue != "0" {
			what += " (" + f.DefValue + ")"
		}
		r.item(strings.TrimSpace("--"+f.Name+" "+value), what)
	})
}

func roleNames(roles []dars.Role) string {
	var names []string
	for _, role := range roles {
		names = append(names, string(role))
	}
	return strings.Join(names, ", ")
}

func sentence(words string) string {
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:] + "."
}

// settingsManual writes darsd.yaml(5) from the configuration that a new office
// begins with: each setting stands there with its default and what it is for.
func settingsManual(w io.Writer, starter, day string) error {
	var r roff
	r.begin("darsd.yaml", 5, day, "the configuration of a data release office")
	for i, block := range strings.Split(strings.TrimSpace(starter), "\n\n") {
		remark, settings := cutRemark(block)
		if i == 0 {
			r.line("SH", "DESCRIPTION")
		} else {
			name, _, _ := strings.Cut(strings.TrimPrefix(settings, "# "), ":")
			r.line("SH", cmp.Or(name, "MORE"))
		}
		r.text(remark)
		if settings == "" {
			continue
		}
		r.line("PP")
		r.line("nf")
		for line := range strings.SplitSeq(settings, "\n") {
			r.text(line)
		}
		r.line("fi")
	}
	r.line("SH", "SEE ALSO")
	r.line("BR", "darsd", "(1)")
	_, err := io.WriteString(w, r.String())
	return err
}

// cutRemark parts what a block of the configuration says at its head from its
// settings. An example in remarks begins after an empty one.
func cutRemark(block string) (remark, settings string) {
	var words []string
	lines := strings.Split(block, "\n")
	for i, line := range lines {
		said, is := strings.CutPrefix(line, "# ")
		if !is {
			return strings.Join(words, "\n"), strings.TrimPrefix(strings.Join(lines[i:], "\n"), "#\n")
		}
		words = append(words, said)
	}
	return strings.Join(words, "\n"), ""
}
