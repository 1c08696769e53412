package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path"
	"time"

	"github.com/spf13/cobra"

	"darsd/documents"
	"darsd/office"
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
		written, err := c.publish(c.ctx, at)
		if err != nil {
			return err
		}
		return items(c, written, "WRITTEN", func(name string) []any { return []any{path.Join(publications, name)} })
	})
}

// publish writes those papers for the public whose content has changed: words,
// prices, or the form itself. Each is sealed, but for a form, and the office has a
// record of it before anybody can see it.
func (h *house) publish(ctx context.Context, at time.Time) (written []string, err error) {
	if err := h.root.MkdirAll(publications, 0o755); err != nil {
		return nil, err
	}
	for _, one := range h.press.Publications(h.Policy.PriceLists(), h.Policy, h.Calendar.Day(at)) {
		pdf, err := one.Print()
		if err != nil {
			return written, err
		}
		was, err := h.root.ReadFile(path.Join(publications, one.Name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return written, err
		}
		if !one.Form {
			if pdf, err = h.sealAnew(was, pdf, at); err != nil {
				return written, err
			}
		}
		if bytes.Equal(was, pdf) {
			continue
		}
		if err := (office.Clock{Office: h.Office}).Published(ctx, one.Name, pdf, at); err != nil {
			return written, err
		}
		if err := writeWhole(h.root, publications, one.Name, pdf); err != nil {
			return written, err
		}
		written = append(written, one.Name)
	}
	return written, nil
}

// sealAnew seals a paper for the public, unless the one that lies there is the same
// and sealed with the certificate that is used now. No authority is asked for the time:
// the paper says from when it holds.
func (h *house) sealAnew(was, pdf []byte, at time.Time) ([]byte, error) {
	seal, err := h.seal()
	if err != nil {
		return nil, err
	}
	if there, err := documents.ReadSeal(was); err == nil && there.Added == 0 && bytes.HasPrefix(was, pdf) && there.Certificate.Equal(seal.Certificate) {
		return was, nil
	}
	seal.On = at
	return seal.Put(pdf)
}
