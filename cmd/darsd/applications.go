package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/documents"
	"darsd/office"
)

func applicationCommands(s *session) *cobra.Command {
	wing := func(c *call) office.Applications { return office.Applications{Office: c.Office} }
	root := group("application", "applications for data",
		templateCommand(s), schemaCommand(s), datasetsCommand(s), checkCommand(s), diffCommand(s), routeCommand(s),
		submitCommand(s), initialReviewCommand(s), evidenceCommand(s), enquiryCommand(s), actionCommand(s),
		s.do("accept APPLICATION", "let in one that passed the initial review; its clock starts", exactly(1), func(c *call) error {
			return c.told(wing(c).Accept(c.ctx, c.act, c.args[0]), "%s is accepted", c.args[0])
		}),
		s.do("reassign APPLICATION LOGIN", "put another case officer in charge (--reason)", exactly(2), func(c *call) error {
			return c.told(wing(c).Reassign(c.ctx, c.act, c.args[0], c.args[1]), "%s is in charge of %s", c.args[1], c.args[0])
		}),
		s.do("refer-back APPLICATION", "return it to the applicant, with what the review noted (--reason)", exactly(1), func(c *call) error {
			return c.told(wing(c).ReferBack(c.ctx, c.act, c.args[0]), "%s is referred back", c.args[0])
		}),
		s.do("withdraw APPLICATION", "take it back", exactly(1), func(c *call) error {
			return c.told(wing(c).Withdraw(c.ctx, c.act, c.args[0]), "%s is withdrawn", c.args[0])
		}),
		s.do("undo APPLICATION ACT", "undo accept, refer-back, withdraw, pause or resume (--reason)", exactly(2), func(c *call) error {
			return c.told(wing(c).Undo(c.ctx, c.act, c.args[0], c.args[1]), "%s of %s is undone", dars.Meaning(dars.Slips, c.args[1]), c.args[0])
		}),
		s.look("show APPLICATION", "print an application", exactly(1), func(c *call) error {
			p, err := office.Desk{Office: c.Office}.Application(c.ctx, c.act.Who, c.args[0])
			if err != nil {
				return err
			}
			if err := c.looked("application", string(p.ID())); err != nil {
				return err
			}
			return c.showApplication(p)
		}),
		s.look("list", "print all applications", exactly(0), func(c *call) error {
			all, err := list(c, orgOfApplication)
			if err != nil {
				return err
			}
			return items(c, all, "APPLICATION VERSION KIND ORG STATE TITLE", func(p *dars.Application) []any {
				return []any{p.Stem, p.Version(), p.Kind, p.Form.Organisation, p.State, p.Form.Title}
			})
		}),
	)
	root.AddCommand(clockCommands(s)...)
	root.AddCommand(noteCommands(s)...)
	return root
}

func submitCommand(s *session) *cobra.Command {
	var of string
	cmd := s.do("submit DIR", "hand in an application's folder; - reads a tar", exactly(1), func(c *call) error {
		if of != "" && c.s.person != nil && c.args[0] != "-" {
			return misuse{errors.New("what lies in submit/ names its case itself: in the form under previous, or in the name of its folder")}
		}
		in, err := c.folder(c.args[0])
		if err != nil {
			return err
		}
		if in.taken != nil {
			return c.verdict(*in.taken)
		}
		id, again, err := office.Applications{Office: c.Office}.HandIn(c.ctx, c.act, in.Arrived, of)
		if err != nil {
			return err
		}
		p, err := office.Desk{Office: c.Office}.Application(c.ctx, c.act.Who, string(id))
		if err != nil {
			return err
		}
		said := "is submitted"
		if again {
			said = fmt.Sprintf("is %s: the same form and papers came in on %s, and are one application", strings.ReplaceAll(string(p.State), "-", " "), p.Submitted)
		}
		return c.say(map[string]any{"ref": p.Stem, "version": p.Version(), "state": p.State, "again": again}, "%s %s %s", p.Stem, p.Version(), said)
	})
	cmd.Flags().StringVar(&of, "again", "", "the case that was referred back, and is mended by this")
	cmd.Flags().StringVar(&of, "of", "", "the case of which this is the next version: an amendment, a renewal, an extension")
	cmd.MarkFlagsMutuallyExclusive("again", "of")
	return cmd
}

func initialReviewCommand(s *session) *cobra.Command {
	var r dars.Review
	var notes, fails []string
	cmd := s.do("review APPLICATION", "note what the review found; what is not named stays", exactly(1), func(c *call) error {
		var err error
		if !r.LegalBasis && !r.Security && !r.Feasibility && !r.Purpose && len(fails)+len(notes) == 0 {
			return misuse{errors.New("say what passes, with --legal-basis, --security, --feasibility or --purpose, or what does not, with --fails AREA or --note AREA=TEXT")}
		}
		if r.Fails, err = areas(fails); err != nil {
			return err
		}
		if r.Notes, err = notesOn(notes); err != nil {
			return err
		}
		r.Note = c.act.Why
		err = office.Applications{Office: c.Office}.Review(c.ctx, c.act, c.args[0], r)
		if err != nil {
			return err
		}
		p, err := office.Desk{Office: c.Office}.AtWork(c.ctx, c.act.Who, c.args[0])
		if err != nil {
			return err
		}
		said := "passes the initial review"
		if !p.Review.Passed() {
			said = "does not pass the initial review: refer it back"
		}
		return c.told(nil, "%s %s", c.args[0], said)
	})
	cmd.Flags().BoolVar(&r.LegalBasis, "legal-basis", false, "there is a legal basis for what is asked")
	cmd.Flags().BoolVar(&r.Security, "security", false, "the data will be handled and stored securely")
	cmd.Flags().BoolVar(&r.Feasibility, "feasibility", false, "it can be done")
	cmd.Flags().StringArrayVar(&notes, "note", nil, "AREA=TEXT, what to say of one of the four; may be given several times")
	cmd.Flags().StringArrayVar(&fails, "fails", nil, "AREA that does not pass, though it did before; may be given several times")
	cmd.Flags().BoolVar(&r.Purpose, "purpose", false, "the purpose is health or social care, and not solely commercial")
	return cmd
}

// notesOn reads AREA=TEXT.
func notesOn(given []string) (map[string]string, error) {
	notes := map[string]string{}
	for _, one := range given {
		area, text, ok := strings.Cut(one, "=")
		code := dars.ReviewArea(area)
		if !ok || code == "" {
			return nil, misuse{fmt.Errorf("--note %q: write AREA=TEXT, where AREA is legal-basis, security, feasibility or purpose", one)}
		}
		notes[code] = text
	}
	return notes, nil
}

// areas reads the names of areas of the review.
func areas(given []string) (codes []string, err error) {
	for _, one := range given {
		code := dars.ReviewArea(one)
		if code == "" {
			return nil, misuse{fmt.Errorf("--fails %q: it is legal-basis, security, feasibility or purpose", one)}
		}
		codes = append(codes, code)
	}
	return codes, nil
}

// caseFacts are who is in charge, what the review found, how the evidence stands
// and what is left to do.
func (c *call) caseFacts(p *dars.Application, names func(dars.PersonID) string) (facts []string) {
	if c.who.Inside() && p.Officer != "" {
		facts = append(facts, "in charge", names(p.Officer))
	}
	if p.Review.By != "" {
		failed := p.Review.Failed()
		for _, area := range dars.ReviewAreas {
			passed := "passes"
			if slices.Contains(failed, area.Code) {
				passed = "does not pass"
			}
			facts = append(facts, area.Meaning, oneLine(passed+" "+p.Review.Notes[area.Code]))
		}
	}
	for _, f := range p.Evidence {
		if f.Left == "" {
			facts = append(facts, fmt.Sprintf("evidence file %d", f.N), fmt.Sprintf("%s, %s, %s", dars.Meaning(dars.EvidenceKinds, f.Kind), f.File, f.State()))
		}
	}
	for _, t := range p.Actions {
		facts = append(facts, fmt.Sprintf("action %d", t.N), fmt.Sprintf("%s, %s, due %s: %s", t.State, names(t.Owner), t.Due, oneLine(t.Text)))
	}
	return facts
}

// A handedIn is what a command names as its input: local files, a stream, or
// something in the caller's own submit/, which is taken in as ever.
type handedIn struct {
	office.Arrived
	taken *dars.Verdict
}

// folder opens what DIR means for handing in: on the local machine a folder; over
// SSH something in the caller's submit/, which is taken in as ever; and "-"
// anywhere a tar on standard input.
func (c *call) folder(name string) (in handedIn, err error) {
	if c.s.person != nil && name != "-" {
		v, err := c.trays(nil).Submit(c.ctx, c.act.Who, name)
		in.taken = &v
		return in, err
	}
	in.Arrived = office.Arrived{Folder: "submit", Name: filepath.Base(name), Dir: true}
	in.Files, err = c.files(name)
	return in, err
}

// files opens what DIR means for looking at.
func (c *call) files(name string) (fs.FS, error) {
	switch {
	case name == "-":
		in := bufio.NewReader(c.env.stdin)
		if !isTar(in) { // then it is the form alone
			text, err := io.ReadAll(io.LimitReader(in, documents.MaxForm+1))
			return fstest.MapFS{"application.yaml": {Data: text}}, err
		}
		files, err := untar(in)
		if err != nil {
			return nil, err
		}
		return inFolder(files)
	case c.s.person == nil:
		// A folder that somebody sent may hold links to what lies outside it.
		dir, err := os.OpenRoot(name)
		if err != nil {
			return nil, dars.Refuse("no-form", name, "there is no folder %s: name the one that application.yaml lies in", name)
		}
		return dir.FS(), nil
	}
	mine, err := c.vault.Tray(c.act.Who).FS()
	if err != nil {
		return nil, err
	}
	if !fs.ValidPath(name) {
		return nil, dars.Refuse("not-found", name, "there is no %s in submit/", name)
	}
	if filed := path.Join(dars.ApplicationsTray, name); !lies(mine, name) && lies(mine, filed) {
		name = filed
	}
	return fs.Sub(mine, name)
}

func lies(files fs.FS, name string) bool {
	_, err := fs.Stat(files, name)
	return err == nil
}

// fromTray takes in something in the caller's own submit/ at once.
func (c *call) fromTray(name string) error {
	v, err := c.trays(nil).Submit(c.ctx, c.act.Who, name)
	if err != nil {
		return err
	}
	return c.verdict(v)
}

// verdict prints what became of something that was taken in from submit/.
func (c *call) verdict(v dars.Verdict) error {
	if v.Verdict == dars.VerdictRejected {
		return dars.Refuse(v.Code, v.Ref, "%s", v.Reason)
	}
	return c.say(v, "%s %s: %s", v.Ref, v.Version, v.Reason)
}
