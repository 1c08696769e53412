package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"darsd/dars"
	"darsd/office"
	"darsd/transfer/sftpd"
)

// A keyring is the host keys as they are in the house's keys/, and the next ones
// where they are prepared. The daemon takes it up again when somebody has changed
// them.
type keyring struct {
	mu            sync.Mutex
	current, next []ssh.Signer
	told          *dars.HostKeys // what the log said when they were last taken up
}

// read takes up what is in the directory.
func (k *keyring) read(dir *os.Root) error {
	current, err := sftpd.HostKeys(dir)
	if err != nil {
		return err
	}
	next, err := sftpd.NextHostKeys(dir)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.current, k.next = current, next
	return nil
}

// all are the current keys, the one that papers name first, and the next.
func (k *keyring) all() (current, next []ssh.Signer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.current, k.next
}

// news reports whether the log says something else than the last time.
func (k *keyring) news(said *dars.HostKeys) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	was := k.told
	k.told = said
	return was == nil && !k.are(said) || was != nil && !(slices.Equal(was.Current, said.Current) && slices.Equal(was.Next, said.Next))
}

// are reports whether they are those of the log. Called with mu held.
func (k *keyring) are(said *dars.HostKeys) bool {
	return slices.Equal(fingerprints(k.current), said.Current) && slices.Equal(fingerprints(k.next), said.Next)
}

func fingerprints(keys []ssh.Signer) []string {
	all := []string{}
	for _, k := range keys {
		all = append(all, ssh.FingerprintSHA256(k.PublicKey()))
	}
	return all
}

// keysChanged has the endpoint take up the host keys, if somebody has changed
// them.
func (h *house) keysChanged(ctx context.Context, endpoint *sftpd.Server) {
	said, err := office.Parties{Office: h.Office}.HostKeys(ctx)
	if err != nil || said == nil {
		return
	}
	if !h.keyring.news(said) {
		return
	}
	if err := h.keys(); err != nil {
		h.Log.Error("the host keys were not taken up again", "err", err)
		return
	}
	current, next := h.keyring.all()
	endpoint.SetHostKeys(current, next)
	h.Log.Info("the host keys were taken up again", "current", fingerprints(current), "next", fingerprints(next))
}

func hostKeyCommands(s *session) *cobra.Command {
	return group("host-key", "the keys by which clients know this office",
		s.look("show", "print the host keys, as known_hosts lines", exactly(0), func(c *call) error {
			current, next := c.keyring.all()
			if c.json {
				return c.print(map[string]any{"current": fingerprints(current), "next": fingerprints(next), "known_hosts": c.endpoint().KnownHosts()})
			}
			facts := []any{}
			for _, f := range fingerprints(current) {
				facts = append(facts, "current", f)
			}
			for _, f := range fingerprints(next) {
				facts = append(facts, "next", f)
			}
			if err := c.facts(nil, facts...); err != nil {
				return err
			}
			return c.say(nil, "\n%s", strings.TrimSuffix(c.endpoint().KnownHosts(), "\n"))
		}),
		s.do("prepare", "make the next ones; clients are told of them from now on", exactly(0), func(c *call) error {
			return c.changeKeys(office.Parties.HostKeysPrepared, "the next host keys are made: clients that come learn them; switch in some weeks", func(dir *os.Root) error {
				_, err := sftpd.PrepareHostKeys(dir)
				return err
			})
		}),
		s.do("switch", "make the next ones the current ones", exactly(0), func(c *call) error {
			return c.changeKeys(office.Parties.HostKeysSwitched, "the host keys are changed; the old ones are kept beside them", func(dir *os.Root) error {
				_, err := sftpd.SwitchHostKeys(dir, c.act.At)
				if errors.Is(err, fs.ErrNotExist) && c.unsaid() {
					return nil // the files were changed and it could not be noted
				}
				if errors.Is(err, fs.ErrNotExist) {
					return dars.Refuse("not-prepared", "host-keys", "no next host keys are prepared: darsd host-key prepare, and give clients some weeks to learn them")
				}
				return err
			})
		}),
	)
}

// unsaid reports whether the log says that the keys are changing, and the files
// that they have changed.
func (c *call) unsaid() bool {
	said, err := office.Parties{Office: c.Office}.HostKeys(c.ctx)
	_, next := c.keyring.all()
	return err == nil && said != nil && len(said.Next) > 0 && len(next) == 0
}

// changeKeys changes the keys in their directory, and says so in the log.
func (c *call) changeKeys(note func(office.Parties, context.Context, dars.Act, dars.HostKeys) error, said string, change func(*os.Root) error) error {
	wing := office.Parties{Office: c.Office}
	if err := wing.MayChangeHostKeys(c.ctx, c.act); err != nil {
		return err
	}
	dir, err := c.root.OpenRoot("keys")
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := change(dir); err != nil {
		return err
	}
	ring := &keyring{}
	if err := ring.read(dir); err != nil {
		return err
	}
	keys := dars.HostKeys{Current: fingerprints(ring.current), Next: fingerprints(ring.next)}
	if err := note(wing, c.ctx, c.act, keys); err != nil {
		return err
	}
	return c.say(keys, "%s", said)
}
