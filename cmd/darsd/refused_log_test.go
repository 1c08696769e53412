package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"darsd/dars"
	"darsd/store"
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

// Whoever takes a line out of the log of refused acts, in either of its files, is told of
// by each checkpoint that had it. What was put aside twice is gone, and no fault.
func TestTheLogOfRefusedActsIsHeldAgainstCheckpoints(t *testing.T) {
	const line = `{"at":"2026-03-02T12:00:00Z","by":"P-000007","via":"ssh","act":"release check","rule":"same-person","times":1}` + "\n"
	full := strings.Repeat(line, mostOfRefusedLog/len(line)+1)
	taken := func(name, old, new string) func(*testing.T, *house) {
		return func(t *testing.T, h *house) {
			text, err := h.root.ReadFile(name)
			if err != nil || !strings.Contains(string(text), old) {
				t.Fatalf("%s does not hold %q: %v", name, old, err)
			}
			if err := h.root.WriteFile(name, []byte(strings.Replace(string(text), old, new, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	gone := func(names ...string) func(*testing.T, *house) {
		return func(t *testing.T, h *house) {
			for _, name := range names {
				if err := h.root.Remove(name); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	tests := map[string]struct {
		fills int // how often the file is put aside after the first checkpoint
		spoil func(*testing.T, *house)
		says  string // "" for nothing
	}{
		"nothing":                      {0, func(*testing.T, *house) {}, ""},
		"more is refused":              {0, taken(refusedLog, line, line+line), ""},
		"a line is taken out":          {0, taken(refusedLog, line, ""), "its 333 bytes after byte 0 are not those of which a checkpoint was signed on 2026-03-02"},
		"a line is altered":            {0, taken(refusedLog, "000007", "000008"), "its 111 bytes after byte 0"},
		"all of it":                    {0, gone(refusedLog), "are not those of which"},
		"it was put aside":             {1, func(*testing.T, *house) {}, ""},
		"a line of what was put aside": {1, taken(refusedBefore, line, ""), "after byte"},
		"a line of it, and where the next begins": {1, func(t *testing.T, h *house) {
			before, _ := h.root.Stat(refusedBefore)
			taken(refusedBefore, line, "")(t, h)
			taken(refusedLog, fmt.Sprint(before.Size()), fmt.Sprint(before.Size()-int64(len(line))))(t, h)
		}, "are not those of which"},
		"what was put aside":     {1, gone(refusedBefore), "there is no refused.1.log"},
		"both":                   {1, gone(refusedBefore, refusedLog), "are not those of which"},
		"it was put aside twice": {2, func(*testing.T, *house) {}, ""},
		"it is as if it had been": {0, func(t *testing.T, h *house) {
			if err := errors.Join(h.root.WriteFile(refusedBefore, []byte(`{"after":20000000}`+"\n"), 0o600), h.root.WriteFile(refusedLog, []byte(`{"after":20000019}`+"\n"), 0o600)); err != nil {
				t.Fatal(err)
			}
		}, "shorter than when it was put aside"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root, err := os.OpenRoot(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			defer root.Close()
			h := &house{root: root}
			var signed []store.Checkpoint
			write := func(text string) {
				f, err := root.OpenFile(refusedLog, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
				if err == nil {
					_, err = f.WriteString(text)
					err = errors.Join(err, f.Close())
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			sign := func() {
				is, err := h.refusedNow()
				if err != nil {
					t.Fatal(err)
				}
				signed = append(signed, store.Checkpoint{At: time.Date(2026, 3, 2, 12, len(signed), 0, 0, time.UTC), Refused: is})
			}
			for range 3 {
				write(line)
				sign()
			}
			one := dars.RefusedAct{At: time.Unix(1, 0).UTC(), By: "P-000007", Via: dars.SSH, Act: "release check", Rule: "same-person", Times: 1}
			for range tt.fills {
				write(full)
				if err := h.appendRefused(one, mostOfRefusedLog); err != nil {
					t.Fatal(err)
				}
				sign()
			}
			tt.spoil(t, h)
			wrong, err := h.refusedAgainst(signed)
			if said := strings.Join(wrong, "; "); err != nil || (said != "") != (tt.says != "") || !strings.Contains(said, tt.says) {
				t.Errorf("it says %q, %v", said, err)
			}
		})
	}
}
