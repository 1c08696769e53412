package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"darsd/dars"
	"darsd/store"
)

// judge looks at what the year has come to.
func (s *soak) judge(ctx context.Context) {
	for _, look := range []struct {
		what string
		at   func(context.Context) error
	}{
		{"the log", func(ctx context.Context) error {
			_, err := s.command(ctx, "--as", "olive", "log", "verify")
			return err
		}},
		{"the vault", func(ctx context.Context) error { _, err := s.command(ctx, "--as", "olive", "scrub"); return err }},
		{"the doctor", func(ctx context.Context) error { _, err := s.command(ctx, "doctor"); return err }},
		{"the ledger", s.ledger},
		{"what lies about", s.leftovers},
		{"the letters", s.letters},
	} {
		s.say("looking at %s", look.what)
		if err := look.at(ctx); err != nil {
			s.finds("%s: %v", look.what, err)
		}
	}
}

// ledger holds the office's own account against what the clients have.
func (s *soak) ledger(ctx context.Context) error {
	pages := map[string]*dars.Collection{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		return store.Each(tx, func(c *dars.Collection) error {
			pages[dars.CollectionRef(c.File, c.Person)] = c
			return nil
		})
	})
	if err != nil {
		return err
	}
	for _, has := range s.left {
		ref := dars.CollectionRef(has.file, has.who.id)
		page := pages[ref]
		delete(pages, ref)
		if page == nil {
			if has.has.Bytes() > 0 {
				s.finds("%s has %d bytes of %s, and the ledger knows nothing of it", has.who.login, has.has.Bytes(), has.file)
			}
			continue
		}
		if page.Sent().Both(has.has).Bytes() != has.has.Bytes() {
			s.finds("%s has %v of %s, and the ledger says that %v was sent", has.who.login, has.has, has.file, page.Sent())
		}
		if page.Answered.Both(has.has).Bytes() != page.Answered.Bytes() {
			s.finds("%s has %v of %s, and the ledger says that %v was confirmed", has.who.login, has.has, has.file, page.Answered)
		}
		if r := has.of; has.whole && page.Answered.Whole(page.Size) && (r.confirmed == "" || has.on < r.confirmed) {
			r.confirmed = has.on
		}
		s.count("pages of the ledger held against a client's disk", 1)
	}
	for ref, page := range pages {
		if page.Answered.Bytes() > 0 {
			s.finds("the ledger says that %v of %s was confirmed, and no client has any", page.Answered, ref)
		}
	}
	return nil
}

// leftovers looks for what should not be there when nobody is at work.
func (s *soak) leftovers(ctx context.Context) error {
	for _, pattern := range []string{"folders/*/.claimed/*", "folders/*/.*.tmp", "vault/*/*.tmp", "outgoing-mail/*.tmp", "outgoing-mail/.*", "*.tmp"} {
		found, err := filepath.Glob(filepath.Join(s.office(), pattern))
		if err != nil {
			return err
		}
		for _, name := range found {
			s.finds("left behind: %s", name)
		}
	}
	for _, folder := range []string{"applications", "signed-agreements", "certificates", "objections"} {
		entries, err := os.ReadDir(filepath.Join(s.office(), "folders", folder))
		if err != nil {
			return err
		}
		for _, e := range entries {
			if name := e.Name(); name != "accepted" && name != "rejected" && !strings.HasPrefix(name, ".") {
				s.finds("left in the folder %s: %s", folder, name)
			}
		}
	}
	return s.store.View(ctx, func(tx *store.Tx) error {
		owed, err := tx.Outstanding()
		for _, o := range owed {
			s.finds("still owed: %s %s", o.What, o.Body)
		}
		return err
	})
}
