package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/documents"
	"darsd/office"
)

//go:embed application.yaml
var applicationTemplate string

// templateCommand prints a form to fill in: an empty one, or one that a case has
// had, as the beginning of its next version.
func templateCommand(s *session) *cobra.Command {
	var from, kind string
	c := &cobra.Command{Use: "template", Short: "print an application.yaml to fill in", Args: exactly(0)}
	c.Flags().StringVar(&from, "from", "", "a case whose last form it begins from")
	c.Flags().StringVar(&kind, "kind", dars.Renewal, "what the next version of that case is to be: amendment, renewal, extension or retention-only")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if from == "" {
			_, err := io.WriteString(s.env.stdout, applicationTemplate) // it takes no office
			return err
		}
		if kind == dars.NewCase || !slices.Contains(dars.Codes(dars.Kinds), kind) {
			return misuse{errors.New("--kind is amendment, renewal, extension or retention-only")}
		}
		call, err := s.call(cmd.Context(), nil)
		if err != nil {
			return err
		}
		before, err := call.submitted(from)
		if err != nil {
			return err
		}
		text, err := carriedForward(before, kind)
		if err == nil {
			_, err = s.env.stdout.Write(text)
		}
		return err
	}
	return c
}

// schemaCommand prints what a form may look like, for editors.
func schemaCommand(s *session) *cobra.Command {
	return &cobra.Command{Use: "schema", Short: "print the JSON Schema of application.yaml, for editors", Args: exactly(0), RunE: func(*cobra.Command, []string) error {
		_, err := s.env.stdout.Write(documents.Schema())
		return err
	}}
}

// submitted is a form as it came in. Who looks at it is noted.
func (c *call) submitted(ref string) (office.Submitted, error) {
	found, err := office.Desk{Office: c.Office}.Submitted(c.ctx, c.act.Who, ref)
	if err != nil {
		return found, err
	}
	return found, c.looked("application", string(found.Application.ID()))
}

// carriedForward is a form as it was written, with its remarks, made the
// beginning of another version. Only what says which version it is differs; one
// that was referred back is mended as what it is.
func carriedForward(s office.Submitted, kind string) ([]byte, error) {
	p := s.Application
	if !p.Ended() {
		return s.Text, nil
	}
	text, err := withoutKeys(s.Text, "kind", "previous")
	if err != nil {
		return nil, fmt.Errorf("the form of %s: %w", p.ID(), err)
	}
	return fmt.Appendf(nil, "# From %s %s. Change what is to change, and hand in the folder.\nkind: %s\nprevious: %s\n%s", p.Stem, s.Version, kind, p.Stem, text), nil
}

// withoutKeys leaves out some fields at the top of a form. One that is written in
// braces as a whole is written out on lines.
func withoutKeys(text []byte, keys ...string) ([]byte, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	file, err := parser.ParseBytes(text, parser.ParseComments)
	if err != nil || len(file.Docs) == 0 {
		return text, err
	}
	fields, ok := file.Docs[0].Body.(*ast.MappingNode)
	if !ok {
		return text, nil
	}
	if fields.IsFlowStyle {
		fields.SetIsFlowStyle(false)
		fields.Values = slices.DeleteFunc(fields.Values, func(f *ast.MappingValueNode) bool { return slices.Contains(keys, f.Key.GetToken().Value) })
		return append([]byte(fields.String()), '\n'), nil
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	for i, f := range fields.Values {
		if !slices.Contains(keys, f.Key.GetToken().Value) {
			continue
		}
		next := len(lines) + 1
		if i+1 < len(fields.Values) {
			next = fields.Values[i+1].Key.GetToken().Position.Line
		}
		for n := f.Key.GetToken().Position.Line; n < next; n++ {
			if n == f.Key.GetToken().Position.Line || !bytes.HasPrefix(lines[n-1], []byte("#")) {
				lines[n-1] = nil
			}
		}
	}
	return bytes.Join(lines, nil), nil
}

// checkCommand is the checklist before an application is handed in.
func checkCommand(s *session) *cobra.Command {
	var of string
	c := s.look("check DIR", "say all that would be refused, without handing it in", exactly(1), func(c *call) error {
		files, err := c.files(c.args[0])
		if err != nil {
			return err
		}
		in := office.Arrived{Folder: "submit", Name: filepath.Base(c.args[0]), Dir: true, Files: files}
		list, err := office.Applications{Office: c.Office}.Checklist(c.ctx, c.act, in, of)
		if err != nil {
			return err
		}
		return c.checked(list)
	})
	c.Flags().StringVar(&of, "of", "", "the case of which it is the next version")
	return c
}

// checked prints a checklist, and refuses if something stands in the way.
func (c *call) checked(list office.Checklist) error {
	no := wouldRefuse(c.args[0], list)
	if c.json {
		said := struct {
			office.Checklist
			Refused string `json:"refused,omitempty"`
			Rule    string `json:"rule,omitempty"`
			Ref     string `json:"ref,omitempty"`
		}{Checklist: list}
		if no != nil {
			said.Refused, said.Rule, said.Ref = no.Sentence, no.Rule, no.Ref
		}
		if err := c.print(said); err != nil || no == nil {
			return err
		}
		return printed{no}
	}
	for _, part := range []struct {
		title string
		all   []dars.Mistake
	}{{"Refused when it is handed in", list.Wrong}, {"Refused later on its way", list.Later}, {"What a reviewer will ask about", list.Warnings}} {
		if len(part.all) > 0 {
			t := table{}
			for _, m := range part.all {
				where := "-"
				if m.Line > 0 {
					where = fmt.Sprintf("line %d", m.Line)
				}
				t = append(t, []string{where, strings.TrimPrefix(m.Field+": ", ": ") + m.Says})
			}
			fmt.Fprintf(c.env.stdout, "%s:\n", part.title)
			if err := t.write(c.env.stdout); err != nil {
				return err
			}
		}
	}
	if no != nil {
		return no
	}
	fmt.Fprintln(c.env.stdout, "nothing would be refused")
	return nil
}

// wouldRefuse is the refusal that a checklist comes to, or nil. Its rule is that of what
// is refused first.
func wouldRefuse(name string, list office.Checklist) *dars.Refusal {
	all := append(append([]dars.Mistake{}, list.Wrong...), list.Later...)
	if len(all) == 0 {
		return nil
	}
	first := list.Wrong
	if len(first) == 0 {
		first = list.Later
	}
	rule := first[0].Rule
	for _, m := range first {
		if m.Rule != rule {
			rule = "bad-form"
		}
	}
	things := "things are"
	if len(all) == 1 {
		things = "thing is"
	}
	return &dars.Refusal{Rule: rule, Ref: name, Sentence: fmt.Sprintf("%d %s wrong with the application in %s: %s", len(all), things, name, firstOf(all))}
}

// firstOf names the first mistake, for those who read one sentence.
func firstOf(all []dars.Mistake) string {
	said := all[0].String()
	if len(all) > 1 {
		said += "; and so on, as listed"
	}
	return said
}

// diffCommand says what differs between two versions of an application, or of
// two applications.
func diffCommand(s *session) *cobra.Command {
	return s.look("diff APPLICATION [APPLICATION]", "say what differs from another version, or the one before", between(1, 2), func(c *call) error {
		is, err := c.submitted(c.args[len(c.args)-1])
		if err != nil {
			return err
		}
		was, err := c.earlier(is)
		if err != nil {
			return err
		}
		changes := dars.Diff(&was.Form, &is.Form)
		if c.json {
			return c.print(map[string]any{"ref": is.Application.Stem, "from": was.Version, "to": is.Version, "items": append([]dars.Change{}, changes...)})
		}
		if len(changes) == 0 {
			fmt.Fprintln(c.env.stdout, "nothing")
			return nil
		}
		return writeChanges(c.env.stdout, changes)
	})
}

// earlier is the version to compare with: the one that was named first, or the
// one before.
func (c *call) earlier(is office.Submitted) (office.Submitted, error) {
	if len(c.args) == 2 {
		return c.submitted(c.args[0])
	}
	p := is.Application
	for i, sub := range p.Submissions {
		if i > 0 && sub.Version == is.Version {
			return c.submitted(p.Stem + "-" + p.Submissions[i-1].Version)
		}
	}
	if p.Major > 1 {
		return c.submitted(fmt.Sprintf("%s-v%d", p.Stem, p.Major-1))
	}
	return office.Submitted{}, dars.Refuse("not-found", p.ID(), "%s %s is the first version: name another to compare it with", p.Stem, is.Version)
}

// writeChanges prints each field that differs. Of a long text it prints what is
// not the same, with a few words around it.
func writeChanges(w io.Writer, changes []dars.Change) error {
	for _, ch := range changes {
		was, is := differing(ch.Was, ch.Is)
		t := table{}
		if ch.Was != "" {
			t = append(t, []string{"  was", was})
		}
		if ch.Is != "" {
			t = append(t, []string{"  is", is})
		}
		if _, err := fmt.Fprintln(w, ch.Field); err != nil {
			return err
		}
		if err := t.write(w); err != nil {
			return err
		}
	}
	return nil
}

// differing cuts two texts to the words in which they differ, with some before
// and behind.
func differing(was, is string) (string, string) {
	const around = 6
	a, b := strings.Fields(was), strings.Fields(is)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	from, left := max(head-around, 0), max(tail-around, 0)
	cut := func(words []string) string {
		said := strings.Join(words[from:len(words)-left], " ")
		if from > 0 {
			said = "… " + said
		}
		if left > 0 {
			said += " …"
		}
		return said
	}
	return cut(a), cut(b)
}

// printed is a refusal whose JSON is printed already, with more in it.
type printed struct{ *dars.Refusal }

func (p printed) Unwrap() error { return p.Refusal }
