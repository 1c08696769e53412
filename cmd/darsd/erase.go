package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/mail"
	"darsd/office"
)

func eraseCommand(s *session) *cobra.Command {
	return s.do("erase LOGIN", "erase who somebody was who has left (--reason)", exactly(1), func(c *call) error {
		e, err := office.Parties{Office: c.Office}.Erase(c.ctx, c.act, c.args[0])
		if err != nil {
			return err
		}
		if c.json {
			return c.print(e)
		}
		if err := c.say(nil, "%s: person %s is erased, and %d letters that lay here to or about them", e.ID, e.Person, e.Letters); err != nil {
			return err
		}
		for _, ref := range e.Also {
			fmt.Fprintf(c.env.stdout, "  and the name in %s\n", dars.Legible(ref))
		}
		fmt.Fprintln(c.env.stdout, "kept:")
		for _, k := range e.Kept {
			fmt.Fprintf(c.env.stdout, "  %d %s\n", k.N, dars.Meaning(dars.KeptForLaw, k.What))
		}
		for _, file := range e.Left {
			fmt.Fprintf(c.env.stdout, "see to it yourself: %s names them\n", dars.Legible(file))
		}
		return nil
	})
}

// naming finds letters in outgoing-mail/ that are to somebody or hold some words, and
// what else in the data directory holds these and is no secret: the configuration, and
// what came in by folder. What is encrypted is the office's record, and so is the log.
func (h *house) naming(who dars.PersonID, words []string) (letters, left []string, err error) {
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
			if strings.HasSuffix(name, "."+string(who)+".eml") || mail.Names(content, words) {
				letters = append(letters, name)
			}
		case holdsAny(content, words), holdsAny([]byte(name), words):
			left = append(left, name)
		}
		return nil
	})
	return letters, left, err
}

func holdsAny(content []byte, words []string) bool {
	content = bytes.ToLower(content)
	for _, w := range words {
		if w != "" && bytes.Contains(content, []byte(strings.ToLower(w))) {
			return true
		}
	}
	return false
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
