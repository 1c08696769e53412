package main

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"darsd/dars"
)

// Many programs write lines at once, and the file is put aside again and again: no line is
// torn or doubled, the newest are there, and both files stay within their bounds.
func TestTheLogOfRefusedActsIsBounded(t *testing.T) {
	const writers, lines, most = 8, 100, 32 << 10
	dir := t.TempDir()
	var all sync.WaitGroup
	for w := range writers {
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { root.Close() })
		h := &house{root: root}
		all.Go(func() {
			for n := range lines {
				one := dars.RefusedAct{At: time.Unix(int64(n), 0).UTC(), By: dars.PersonID("P-" + strconv.Itoa(w)), Via: dars.SSH, Act: "release check", Rule: "same-person", Ref: "REL-000001", Times: 1}
				if err := h.appendRefused(one, most); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	h := &house{root: root}
	kept, unread, err := h.refusedActs()
	if err != nil || unread != 0 {
		t.Fatalf("%d lines cannot be read: %v", unread, err)
	}
	last, seen := map[dars.PersonID]int64{}, map[string]bool{}
	for _, r := range kept {
		at := r.At.Unix()
		if was, is := last[r.By]; is && at != was+1 {
			t.Fatalf("after line %d of %s comes %d", was, r.By, at)
		}
		last[r.By] = at
		key := string(r.By) + " " + r.At.String()
		if seen[key] {
			t.Fatalf("%s stands twice", key)
		}
		seen[key] = true
	}
	if len(kept) == writers*lines || len(kept) < 200 {
		t.Errorf("%d of %d lines are kept: it was never put aside, or too much is gone", len(kept), writers*lines)
	}
	for _, name := range []string{refusedLog, refusedBefore} {
		if info, err := os.Stat(filepath.Join(dir, name)); errors.Is(err, os.ErrNotExist) && name == refusedLog {
			continue // was put aside by the last line
		} else if err != nil || info.Size() > most+1000 || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, refusedLog), []byte(`{"at":"2026-0`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, unread, err := h.refusedActs(); err != nil || unread != 1 {
		t.Errorf("a line that a power cut has spoilt: %d, %v", unread, err)
	}
}
