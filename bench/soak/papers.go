package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pkg/sftp"

	"darsd/dars"
)

// newList drops the list of objections of a day into its folder, and beside it what is
// none: one without a day in its name, and one older than the newest.
func (s *soak) newList(ctx context.Context, d dars.Day) error {
	var numbers []string
	for n := range s.objectors(d) {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	text := strings.Join(numbers, "\n") + "\n"
	v, err := s.drop(ctx, "objections", fmt.Sprintf("objections-%s.txt", d), text)
	if err != nil {
		return err
	}
	if v.Verdict != dars.VerdictAccepted {
		s.finds("the list of objections of %s was not taken: %s", d, v.Reason)
	}
	for _, wrong := range []string{fmt.Sprintf("no-day-in-the-name-%s.txt", strings.ReplaceAll(string(d), "-", "")), fmt.Sprintf("old-2015-%s.txt", d[5:])} {
		v, err := s.drop(ctx, "objections", wrong, text)
		if err != nil {
			return err
		}
		if v.Verdict != dars.VerdictRejected {
			s.finds("%s was not rejected but %s: %s", wrong, v.Verdict, v.Reason)
		}
	}
	return nil
}

// drop puts a file into a watched folder, and waits for what the office says of it.
func (s *soak) drop(ctx context.Context, folder, name, text string) (v dars.Verdict, err error) {
	draft := s.path("drafts-" + name)
	if err := os.WriteFile(draft, []byte(text), 0o600); err != nil {
		return v, err
	}
	return s.dropped(ctx, folder, name, draft)
}

// dropped moves a file or a folder into a watched folder, and waits for the verdict.
func (s *soak) dropped(ctx context.Context, folder, name, draft string) (v dars.Verdict, err error) {
	dir := filepath.Join(s.office(), "folders", folder)
	if err := os.Rename(draft, filepath.Join(dir, name)); err != nil {
		return v, err
	}
	s.count("papers dropped into folders", 1)
	for end := time.Now().Add(10 * time.Minute); time.Now().Before(end); {
		for _, where := range []string{"accepted", "rejected"} {
			said, err := os.ReadFile(filepath.Join(dir, where, name+".verdict.json"))
			if err != nil {
				continue
			}
			if v = readVerdict(said); v.Verdict != "" {
				s.count("papers "+string(v.Verdict), 1)
				return v, nil
			}
		}
		select {
		case <-ctx.Done():
			return v, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	s.finds("there is no verdict on %s in the folder %s after ten minutes", name, folder)
	return v, nil
}

// readVerdict reads what the office says of what was handed in.
func readVerdict(text []byte) (v dars.Verdict) {
	if json.Unmarshal(text, &v) != nil {
		return dars.Verdict{}
	}
	return v
}

// fetch reads one paper over SFTP; nil, if it is not there after a while: papers are
// drawn behind the act that owes them.
func (s *soak) fetch(ctx context.Context, login, name string) (text []byte, err error) {
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		err = s.session(ctx, login, func(c *sftp.Client) error {
			f, err := c.Open(name)
			if err != nil {
				return err
			}
			defer f.Close()
			var b strings.Builder
			if _, err := f.WriteTo(&b); err != nil {
				return err
			}
			text = []byte(b.String())
			return nil
		})
		if err == nil || ctx.Err() != nil {
			return text, ctx.Err()
		}
	}
	return nil, nil
}

// runDueCutShort kills run-due in the middle of its work.
func (s *soak) runDueCutShort(ctx context.Context, until string, lot *rand.Rand) error {
	c := exec.CommandContext(ctx, s.darsd, "--data", s.office(), "run-due", "--until", until)
	if err := c.Start(); err != nil {
		return err
	}
	timer := time.AfterFunc(time.Duration(lot.Float64()*float64(400*time.Millisecond)), func() { c.Process.Kill() })
	defer timer.Stop()
	if err := c.Wait(); err != nil {
		s.count("commands killed", 1)
		return s.leasesEnd(ctx)
	}
	return nil
}
