package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"darsd/documents"
)

// misfit refuses to go on with words of the office's own that do not fit: no paper
// could be drawn.
func (h *house) misfit() error {
	if len(h.misfits) == 0 {
		return nil
	}
	return misuse{fmt.Errorf("the office's own wording, in %s, does not fit:\n%w", h.cfg.Wording, errors.Join(h.misfits...))}
}

// miswordings are what the doctor says of the office's own wording: what does not
// fit, and what it has not in its own words though all else is.
func (h *house) miswordings() []string {
	wrong := []string{}
	for _, err := range h.misfits {
		wrong = append(wrong, "wording: "+err.Error())
	}
	for _, said := range h.press.Wording.Lacking() {
		wrong = append(wrong, "wording: "+said)
	}
	return wrong
}

// wordingCommand shows what papers say, for an office that would say some of it
// otherwise.
func wordingCommand(s *session) *cobra.Command {
	return &cobra.Command{Use: "wording [PAPER]", Short: "print what a paper says, in pieces", Args: between(0, 1), RunE: func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			fmt.Fprintln(s.env.stdout, strings.Join(documents.Books(), "\n"))
			return nil
		}
		if !slices.Contains(documents.Books(), args[0]) {
			return misuse{fmt.Errorf("there is no paper %q; there are %s", args[0], strings.Join(documents.Books(), ", "))}
		}
		_, err := s.env.stdout.Write(documents.OurWords(args[0]))
		return err
	}}
}
