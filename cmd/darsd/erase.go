package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/mail"
	"darsd/office"
	"darsd/store"
)

func eraseCommand(s *session) *cobra.Command {
	var by office.Decided
	var plan bool
	erase := s.do("erase LOGIN", "erase who somebody was who has left (--reason)", exactly(1), func(c *call) error {
		o := office.Parties{Office: c.Office}
		if plan {
			e, err := o.ErasePlan(c.ctx, c.act, c.args[0])
			if err != nil {
				return err
			}
			return c.erasure(e, fmt.Sprintf("person %s would be erased, and %d letters that lie here to or about them", e.Person, e.Letters))
		}
		e, err := o.Erase(c.ctx, c.act, c.args[0], by)
		if err != nil {
			return err
		}
		return c.erasure(e, fmt.Sprintf("%s: person %s is erased, and %d letters that lay here to or about them", e.ID, e.Person, e.Letters))
	})
	f := erase.Flags()
	f.BoolVar(&plan, "plan", false, "print what would be erased, kept, and decided by you, and erase nothing")
	f.StringSliceVar(&by.Strike, "strike", nil, "in this record a word of the name alone is theirs: erase it there too")
	f.BoolVar(&by.Leave, "leave-rest", false, "in all other records a word of the name alone is not theirs")
	return erase
}

// erasure prints what was erased, what is kept, and what a person has to see to.
func (c *call) erasure(e *dars.Erasure, says string) error {
	if c.json {
		return c.print(e)
	}
	if err := c.say(nil, "%s", says); err != nil {
		return err
	}
	for _, ref := range e.Also {
		fmt.Fprintf(c.env.stdout, "  and the name in %s\n", dars.Legible(ref))
	}
	for _, one := range e.Alone {
		if !one.Struck {
			fmt.Fprintf(c.env.stdout, "a word of the name stands alone in %s, %d times, and stays: a person says whether it means them\n", dars.Legible(one.Ref), one.Times)
		}
	}
	fmt.Fprintln(c.env.stdout, "kept:")
	for _, k := range e.Kept {
		fmt.Fprintf(c.env.stdout, "  %d %s\n", k.N, dars.Meaning(dars.KeptForLaw, k.What))
	}
	for _, file := range e.Left {
		fmt.Fprintf(c.env.stdout, "see to it yourself: %s names them\n", dars.Legible(file))
	}
	return nil
}

// naming finds letters in outgoing-mail/ that are to somebody or hold some words, and
// what else in the data directory holds these and is no secret: the configuration, and
// what came in by folder. What is encrypted is the office's record, and so is the log.
// What only has a word of the name, or one that is somebody else's too, is named as well:
// a person looks at it.
func (h *house) naming(who dars.PersonID, words store.Words) (letters, left []string, err error) {
	names := func(text string) bool { return words.Stand(text).Facts > 0 }
	mayName := func(text string) bool {
		n := words.Stand(text)
		return n.Facts+n.Shared+n.Lone > 0
	}
	err = fs.WalkDir(h.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // it was taken away meanwhile
		case err != nil:
			return err
		case d.IsDir() && (name == "vault" || name == "keys" || name == "sources" || name == "checkpoints"):
			return fs.SkipDir
		case !d.Type().IsRegular() || strings.HasPrefix(name, "darsd.db"):
			return nil
		}
		content, err := h.root.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case path.Dir(name) == "outgoing-mail":
			if strings.HasSuffix(name, "."+string(who)+".eml") || mail.Names(content, names) {
				letters = append(letters, name)
			}
		case mayName(string(content)), mayName(name):
			left = append(left, name)
		}
		return nil
	})
	return letters, left, err
}

// forget removes letters that lie to be taken away, and all of somebody's submit/.
func (h *house) forget(who dars.PersonID, letters []string) error {
	var errs []error
	for _, name := range letters {
		if err := h.root.Remove(name); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, h.vault.RemoveAll("trays/"+string(who)))...)
}
