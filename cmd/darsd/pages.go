package main

import (
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"darsd/office"
)

// A pageOf is what a command is asked to show of a paper that came back, instead of
// doing what it does: the picture of one page, for whoever is to say what it shows.
type pageOf struct {
	page int
	out  string
}

// flags adds --page and --out to a command.
func (p *pageOf) flags(c *cobra.Command) {
	c.Flags().IntVar(&p.page, "page", 0, "only write the picture of this page of what came back (with --out)")
	c.Flags().StringVar(&p.out, "out", "", "the file for it; - is standard output")
}

// asked reports whether a page is to be shown.
func (p *pageOf) asked() (bool, error) {
	switch {
	case p.page == 0 && p.out == "":
		return false, nil
	case p.page < 1:
		return false, misuse{errors.New("say with --page which page, from 1")}
	case p.out == "":
		return false, misuse{errors.New("say with --out into which file the picture goes; - is standard output")}
	}
	return true, nil
}

// show writes the picture of a page of what came back last about something, and notes
// that it was looked at.
func (p *pageOf) show(c *call, ref string, kinds ...string) error {
	if c.s.person != nil && p.out != "-" {
		return misuse{errors.New("over SSH the picture comes on standard output: say --out - and redirect it")}
	}
	desk := office.Desk{Office: c.Office}
	paper, err := desk.Returned(c.ctx, c.act, ref, kinds...)
	if err != nil {
		return err
	}
	picture, err := desk.Page(c.ctx, paper, p.page)
	if err != nil {
		return err
	}
	look, about, _ := strings.Cut(office.Look(paper), " ")
	if err := c.looked(look, about); err != nil {
		return err
	}
	if p.out == "-" {
		_, err = c.env.stdout.Write(picture)
		return err
	}
	if err := os.WriteFile(p.out, picture, 0o600); err != nil {
		return err
	}
	return c.say(map[string]any{"ref": ref, "page": p.page, "out": p.out, "bytes": len(picture)}, "page %d of %s is in %s", p.page, ref, p.out)
}

// lookOrDo makes a command that acts, or shows a page where one is asked for.
func (s *session) lookOrDo(use, about string, ref func(*call) (string, error), act func(*call) error) *cobra.Command {
	var p pageOf
	c := s.look(use, about, exactly(1), func(c *call) error {
		asked, err := p.asked()
		switch {
		case err != nil:
			return err
		case !asked:
			return c.acting(act)
		}
		id, err := ref(c)
		if err != nil {
			return err
		}
		return p.show(c, id, office.SignedCopyPaper)
	})
	p.flags(c)
	return c
}
