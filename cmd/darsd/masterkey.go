package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"darsd/office"
	"darsd/transfer/vault"
)

// masterKeyCommands are about the identity that opens the office's keys. They are for
// a local shell alone: whoever sits there can read the keys' files anyway.
func masterKeyCommands(s *session) *cobra.Command {
	making := &cobra.Command{Use: "make", Short: "print a new identity, to be kept where vault.identity will say", Args: exactly(0), RunE: func(*cobra.Command, []string) error {
		text, err := vault.NewIdentity()
		if err != nil {
			return err
		}
		_, err = s.env.stdout.Write(text)
		return err
	}}
	return group("master-key", "what opens the keys of everything else", making,
		s.inspect("show", "say which identity opens the keys, and where it lies", func(c *call) error {
			from, err := vault.ParseSource(c.cfg.Vault.Identity)
			if err != nil {
				return err
			}
			return c.facts(map[string]any{"public": c.vault.Master(), "from": from.String()}, "public half", c.vault.Master(), "comes from", from)
		}),
		rotateMaster(s))
}

func rotateMaster(s *session) *cobra.Command {
	var setting string
	c := s.do("rotate", "open all keys with another identity (--to, --reason)", exactly(0), func(c *call) error {
		wing := office.Parties{Office: c.Office}
		if err := wing.MayRotateMaster(c.ctx, c.act); err != nil {
			return err
		}
		to, err := vault.ParseSource(setting)
		if err != nil {
			return misuse{fmt.Errorf("--to: %w", err)}
		}
		_, unlock, err := c.lock()
		if err != nil {
			return err
		}
		defer unlock()
		if err := c.vault.Rotate(to); err != nil {
			return err
		}
		if err := wing.MasterRotated(c.ctx, c.act, c.vault.Master()); err != nil {
			return err
		}
		said := fmt.Sprintf("The master key is %s now, from %s", c.vault.Master(), to)
		if setting != c.cfg.Vault.Identity {
			said += fmt.Sprintf("\nSay so in %s before darsd serve:\n\nvault:\n  identity: %q", c.config, setting)
		}
		return c.say(map[string]any{"public": c.vault.Master(), "from": to.String()}, "%s", said)
	})
	c.Flags().StringVar(&setting, "to", "", "where the new one comes from, as in vault.identity; without it the program makes one, in keys/office.age")
	return c
}
