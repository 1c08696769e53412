package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"darsd/dars"
	"darsd/store"
)

// judge looks at what the year has come to.
func (s *soak) judge(ctx context.Context) {
	for _, look := range []struct {
		what string
		at   func(context.Context) error
	}{
		{"what lies about", s.leftovers},
		{"the log", func(ctx context.Context) error {
			_, err := s.command(ctx, "--as", "olive", "log", "verify")
			return err
		}},
		{"the vault", func(ctx context.Context) error { _, err := s.command(ctx, "--as", "olive", "scrub"); return err }},
		{"the doctor", func(ctx context.Context) error { _, err := s.command(ctx, "doctor"); return err }},
		{"the ledger", s.ledger},
		{"the letters", s.letters},
		{"what the daemon held", s.grown},
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

// leftovers looks for what should not be there when nobody is at work. What the dead had
// begun is swept by the next daemon after a day: here each such file is made two days old.
func (s *soak) leftovers(ctx context.Context) error {
	past, begun := time.Now().AddDate(0, 0, -2), 0
	err := filepath.WalkDir(s.office(), func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && (strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), ".tmp")) {
			begun++
			err = os.Chtimes(name, past, past)
		}
		return err
	})
	if err != nil {
		return err
	}
	s.count("beginnings of files that the dead have left, and that were swept", begun)
	if _, err := s.serve(ctx, ""); err != nil {
		return err
	}
	if err := s.settles(ctx); err != nil {
		return err
	}
	if err := s.stop(); err != nil {
		return err
	}
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
	owed, err := s.owed(ctx)
	for _, o := range owed {
		s.finds("still owed: %s %s %s", o.What, o.Body, o.Failed)
	}
	return err
}

func (s *soak) owed(ctx context.Context) (all []store.Owed, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		all, err = tx.Outstanding()
		return err
	})
	return all, err
}

// settles waits until nothing is owed, and what was begun and left is swept.
func (s *soak) settles(ctx context.Context) error {
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		owed, err := s.owed(ctx)
		if err != nil {
			return err
		}
		if begun, _ := filepath.Glob(filepath.Join(s.office(), "outgoing-mail", ".tmp-*")); len(owed)+len(begun) == 0 {
			return nil
		}
	}
	return nil
}

// grown looks whether the one daemon of a year in which nothing was killed holds more and
// more: between the end of its second month and the last.
func (s *soak) grown(context.Context) error {
	if s.kills > 0 || len(s.growth) < 4 {
		return nil
	}
	from, to := s.growth[1], s.growth[len(s.growth)-1]
	for _, held := range []struct {
		what         string
		before, more int64
		now          int64
	}{{"descriptors", from.files, 20, to.files}, {"goroutines", from.routines, 40, to.routines}, {"MB of heap", from.heap, 64, to.heap}, {"MB of memory", from.memory, 128, to.memory}} {
		if held.now > held.before+held.before/2+held.more {
			s.finds("the daemon held %d %s on %s, and %d on %s", held.before, held.what, from.on, held.now, to.on)
		}
	}
	return nil
}
