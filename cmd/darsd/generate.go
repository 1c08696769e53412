package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"darsd/configs"
)

// generateCommand writes what a package for an operating system carries beside the
// program: man pages, completion for shells, and the configuration with every
// default. All of it comes from the table of commands and from the configuration's
// own remarks, so that nothing is said twice.
func generateCommand(s *session) *cobra.Command {
	var day string
	pages := map[string]func(*cobra.Command, io.Writer) error{
		"darsd.1": func(root *cobra.Command, w io.Writer) error { return manual(w, root, day) },
		"darsd.yaml.5": func(_ *cobra.Command, w io.Writer) error {
			return settingsManual(w, configs.Starter(configs.BreakGlass), day)
		},
		"darsd.yaml": func(_ *cobra.Command, w io.Writer) error {
			_, err := io.WriteString(w, configs.Starter(configs.BreakGlass))
			return err
		},
		"darsd.bash": func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"darsd.zsh":  (*cobra.Command).GenZshCompletion,
		"darsd.fish": func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) },
	}
	names := strings.Join(slices.Sorted(maps.Keys(pages)), ", ")
	c := &cobra.Command{Use: "generate FILE", Short: "write what packages carry: " + names, Args: exactly(1), Hidden: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			write := pages[args[0]]
			if write == nil {
				return misuse{fmt.Errorf("there is no %q: there are %s", args[0], names)}
			}
			return write(cmd.Root(), s.env.stdout)
		}}
	c.Flags().StringVar(&day, "day", "", "the day that man pages bear")
	return c
}
