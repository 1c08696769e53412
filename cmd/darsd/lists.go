package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
)

func objectionsCommands(s *session) *cobra.Command {
	var asAt string
	load := s.do("load FILE", "load a version of the objections list (--as-at DATE)", exactly(1), func(c *call) error {
		day, err := dars.ParseDay(asAt)
		if err != nil {
			return misuse{fmt.Errorf("--as-at: %w", err)}
		}
		open, err := c.input(c.args[0])
		if err != nil {
			return err
		}
		l, err := office.Objections{Office: c.Office}.Load(c.ctx, c.act, open, day)
		if err != nil {
			return err
		}
		return c.say(viewList(l), "%d is the version loaded: %s, as at %s, %d numbers, %d bad lines%s", l.Version, l.ID, l.AsAt, l.Numbers, l.InvalidN, unused(l))
	})
	load.Flags().StringVar(&asAt, "as-at", "", "the day as at which the list is")
	return group("objections", "the list of those who object",
		load,
		s.do("confirm VERSION", "say that a version beyond a limit is good all the same (--reason)", exactly(1), func(c *call) error {
			version, err := strconv.Atoi(c.args[0])
			if err != nil {
				return misuse{fmt.Errorf("%q is no version: darsd objections list prints them", c.args[0])}
			}
			return c.told(office.Objections{Office: c.Office}.Confirm(c.ctx, c.act, version), "version %d is confirmed and used", version)
		}),
		s.look("list", "print all versions", exactly(0), func(c *call) error {
			all, err := list(c, onlyTheOffice[*dars.List])
			if err != nil {
				return err
			}
			var views []listView
			for _, l := range all {
				views = append(views, viewList(l))
			}
			return items(c, views, "VERSION AS-AT LOADED NUMBERS BAD USABLE", func(l listView) []any {
				return []any{l.Version, l.AsAt, l.LoadedAt, l.Numbers, l.InvalidCount, l.Usable}
			})
		}),
		s.look("show VERSION", "print a version, with its bad lines", exactly(1), func(c *call) error {
			all, err := list(c, onlyTheOffice[*dars.List])
			if err != nil {
				return err
			}
			i := slices.IndexFunc(all, func(l *dars.List) bool {
				return fmt.Sprint(l.Version) == c.args[0] || string(l.ID) == c.args[0]
			})
			if i < 0 {
				return dars.Refuse("not-found", c.args[0], "there is no objections list %s", c.args[0])
			}
			l := viewList(all[i])
			facts := []any{"version", l.Version, "as at", l.AsAt, "loaded", l.LoadedAt, "sha256", l.SHA256, "numbers", l.Numbers, "usable", l.Usable, "why not", l.WhyNot, "bad lines", l.InvalidCount}
			for _, b := range l.Invalid {
				facts = append(facts, fmt.Sprintf("line %d", b.Line), b.Reason)
			}
			return c.facts(l, facts...)
		}),
	)
}

// unused says that a version is not used, and why.
func unused(l *dars.List) string {
	if l.Usable {
		return ""
	}
	return "; it is NOT used until compliance has confirmed it: " + l.WhyNot
}

// listView is a version of the objections list as JSON.
type listView struct {
	Version      int            `json:"version"`
	ID           dars.ListID    `json:"id"`
	AsAt         dars.Day       `json:"as_at"`
	LoadedAt     dars.Day       `json:"loaded_at"`
	SHA256       string         `json:"sha256"`
	Numbers      int            `json:"numbers"`
	Invalid      []dars.BadLine `json:"invalid"`
	InvalidCount int            `json:"invalid_count"`
	Usable       bool           `json:"usable"`
	WhyNot       string         `json:"why_not"`
}

func viewList(l *dars.List) listView {
	why := l.WhyNot
	if l.Usable {
		why = ""
	}
	return listView{l.Version, l.ID, l.AsAt, l.LoadedOn, l.SHA256, l.Numbers, l.Invalid, l.InvalidN, l.Usable, why}
}

// input opens a file that a command names, as often as is asked: a local file, or
// standard input, which is all that there is over SSH.
func (c *call) input(name string) (func() (io.ReadCloser, error), error) {
	if name == "-" {
		all, err := io.ReadAll(io.LimitReader(c.env.stdin, office.Largest+1))
		if err == nil && len(all) > office.Largest {
			err = dars.Refuse("too-large", "standard input", "more than 64 MiB on standard input: drop the file into its folder instead")
		}
		return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(string(all))), nil }, err
	}
	if c.s.person != nil {
		return nil, misuse{fmt.Errorf("over SSH name - and send the file on standard input: ssh … < %s", name)}
	}
	if _, err := os.Stat(name); err != nil {
		return nil, misuse{err}
	}
	return func() (io.ReadCloser, error) { return os.Open(name) }, nil
}
