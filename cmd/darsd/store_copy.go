package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"darsd/configs"
	"darsd/dars"
	"darsd/store"
)

func storeCommands(s *session) *cobra.Command {
	var to string
	c := &cobra.Command{Use: "copy", Short: "move the office to another database, of either kind (--to ADDRESS)", Args: exactly(0), RunE: func(cmd *cobra.Command, _ []string) error {
		if to == "" {
			return misuse{errors.New("say where to, with --to postgres://… or --to FILE")}
		}
		if kind, _, server := strings.Cut(to, "://"); server && kind != "postgres" {
			return misuse{fmt.Errorf("%s:// is neither an address that begins with postgres:// nor a file", kind)}
		}
		return s.moveStore(cmd.Context(), to)
	}}
	c.Flags().StringVar(&to, "to", "", "the address of a PostgreSQL database, or a file (relative to the data directory)")
	return group("store", "the database of the office", c)
}

// moveStore needs no house, which could not be opened where the office has gone already.
func (s *session) moveStore(ctx context.Context, to string) error {
	h, unlock, err := s.unserved()
	if err != nil {
		return err
	}
	defer h.close()
	defer unlock()
	if !strings.HasPrefix(to, "postgres://") {
		if to, err = filepath.Abs(h.cfg.Path(to)); err != nil {
			return err
		}
	}
	from, err := store.OpenOfAnyStanding(ctx, h.cfg.Database)
	if err != nil {
		return err
	}
	defer from.Close()
	held, err := from.MoveTo(ctx, to)
	if err != nil {
		return err
	}
	c := &call{env: s.env, json: s.json}
	return c.say(map[string]any{"database": store.Address(to), "events": held.Tree.N, "head": held.Tree.Hash.String()},
		"the office is in %s now: %d events, and all is as they say\nhead of the tree: %s\nWrite the address into %s, under database, before anything else is done:\n    database: %s",
		store.Address(to), held.Tree.N, held.Tree.Hash, h.config, strconv.Quote(store.Address(to)))
}

// unserved is a data directory that no daemon serves, with nothing in it opened.
func (s *session) unserved() (h *house, unlock func(), err error) {
	if err := notAsRoot(s.data); err != nil {
		return nil, nil, err
	}
	h = &house{dir: s.data, config: s.config}
	if h.config == "" {
		h.config = filepath.Join(s.data, "darsd.yaml")
	}
	if h.cfg, err = configs.Load(h.config, s.data); err != nil {
		return nil, nil, misuse{err}
	}
	if h.root, err = os.OpenRoot(s.data); err != nil {
		return nil, nil, misuse{err}
	}
	if !h.cfg.Postgres() {
		if _, unlock, err = h.lock(); err != nil {
			h.close()
		}
		return h, unlock, err
	}
	if by := h.served(); by.PID > 0 && !errors.Is(syscall.Kill(by.PID, 0), syscall.ESRCH) {
		h.close()
		return nil, nil, dars.Refuse("served", "house", "a daemon serves %s: process %d, at %s; stop it first (or remove serve.json, if that process is another)", s.data, by.PID, by.SFTP)
	}
	return h, func() {}, nil
}

// cutShort is what a restore leaves in its folder until it is done.
const cutShort = "restore-unfinished"

// wasRestored refuses a data directory that was not restored to its end.
func wasRestored(data string) error {
	switch _, err := os.Lstat(filepath.Join(data, cutShort)); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil: // nobody can see whether it was
		return misuse{fmt.Errorf("%w%s", err, remedy(err))}
	}
	return misuse{errors.New("darsd restore was cut short in " + data + ": say it again as before")}
}
