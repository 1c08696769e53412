package main

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"time"

	"github.com/spf13/cobra"
)

// publications is where the papers for the public lie.
const publications = "publications"

// publishCommand writes the papers for the public anew.
func publishCommand(s *session) *cobra.Command {
	return s.inspect("publish", "write the papers for the public into publications/", func(c *call) error {
		if err := c.misfit(); err != nil {
			return err
		}
		at, err := c.when(c.ctx, s.at)
		if err != nil {
			return err
		}
		written, err := c.publish(at)
		if err != nil {
			return err
		}
		return items(c, written, "WRITTEN", func(name string) []any { return []any{path.Join(publications, name)} })
	})
}

// publish writes those papers for the public whose content has changed: words,
// prices, or the form itself.
func (h *house) publish(at time.Time) (written []string, err error) {
	if err := h.root.MkdirAll(publications, 0o755); err != nil {
		return nil, err
	}
	for _, one := range h.Works.Papers.(press).Publications(h.Policy.PriceLists(), h.Policy, h.Calendar.Day(at)) {
		pdf, err := one.Print()
		if err != nil {
			return written, err
		}
		was, err := h.root.ReadFile(path.Join(publications, one.Name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return written, err
		}
		if bytes.Equal(was, pdf) {
			continue
		}
		if err := h.writeWhole(publications, one.Name, pdf); err != nil {
			return written, err
		}
		written = append(written, one.Name)
	}
	return written, nil
}
