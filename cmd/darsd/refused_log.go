package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"

	"darsd/dars"
)

// refusedLog has a line for each act that a rule refused: whose, which, by which rule and
// when. It lies beside the database, since a refusal changes nothing of the office. A line
// is there before the refusal is told, so it outlives a program that is killed; it is not
// synced, so a power cut may take the last seconds. When it has grown it becomes
// refusedBefore, and what was there goes.
const (
	refusedLog    = "refused.log"
	refusedBefore = "refused.1.log"
)

// mostOfRefusedLog is how long either file becomes. At the most that one program tells of,
// twenty of each of a thousand kinds in an hour, both together hold eight hours; those of
// an office, years.
const mostOfRefusedLog = 12 << 20

// noteRefused writes one line. Who is refused is not kept waiting for a disk that is full.
func (h *house) noteRefused(one dars.RefusedAct) {
	if err := h.appendRefused(one, mostOfRefusedLog); err != nil {
		h.Log.Warn("a refused act was not noted", "err", err)
	}
}

// appendRefused writes one line. Programs that share the directory take turns. Where a file
// was put aside, the next one begins with how much was written before it.
func (h *house) appendRefused(one dars.RefusedAct, most int64) error {
	line, err := json.Marshal(one)
	if err != nil {
		return err
	}
	f, err := h.turnAtRefused(os.O_CREATE|os.O_APPEND|os.O_WRONLY, most)
	if err != nil {
		return err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return err
	} else if info.Size() == 0 {
		head, err := h.refusedSoFar()
		if err != nil {
			return err
		}
		line = append(head, line...)
	}
	_, err = f.Write(append(line, '\n'))
	return err
}

// turnAtRefused opens the file that is written to, when nobody else has it.
func (h *house) turnAtRefused(flag int, most int64) (*os.File, error) {
	for {
		f, err := h.root.OpenFile(refusedLog, flag, 0o600)
		if err != nil {
			return nil, err
		}
		full, err := h.lockRefused(f, most)
		if err == nil && !full {
			return f, nil
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
	}
}

// lockRefused takes a turn, which ends as the file is closed. One that is full is put aside,
// unless another program has.
func (h *house) lockRefused(f *os.File, most int64) (full bool, err error) {
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return false, err
	}
	mine, err := f.Stat()
	if err != nil {
		return false, err
	}
	named, err := h.root.Stat(refusedLog)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(mine, named) {
		return true, nil
	}
	if err != nil || mine.Size() < most {
		return false, err
	}
	return true, h.root.Rename(refusedLog, refusedBefore)
}

// showRefused prints the refused acts: all of them, or those of one person, rule or
// reference.
func (c *call) showRefused() error {
	if len(c.args) > 1 {
		return misuse{errors.New("usage: darsd log show --refused [LOGIN, RULE or REF]")}
	}
	if err := c.who.May("log refused"); err != nil {
		return err
	}
	all, unread, err := c.refusedActs()
	if err != nil {
		return err
	}
	names := c.names()
	if len(c.args) == 1 {
		all = slices.DeleteFunc(all, func(r dars.RefusedAct) bool {
			return !slices.Contains([]string{string(r.By), names(r.By), r.Rule, r.Ref}, c.args[0])
		})
	}
	if unread > 0 {
		fmt.Fprintf(c.env.stderr, "darsd: %d lines of the log of refused acts cannot be read\n", unread)
	}
	return items(c, all, "AT BY VIA ACT RULE REF TIMES", func(r dars.RefusedAct) []any {
		return []any{r.At.In(c.Calendar.Zone).Format("2006-01-02T15:04"), names(r.By), r.Via, r.Act, r.Rule, r.Ref, r.Times}
	})
}

// refusedActs reads both files, the older first. A line that a power cut has spoilt is
// counted.
func (h *house) refusedActs() (all []dars.RefusedAct, unread int, err error) {
	for _, name := range []string{refusedBefore, refusedLog} {
		f, err := h.root.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			var r struct {
				refusedHead
				dars.RefusedAct
			}
			switch {
			case json.Unmarshal(lines.Bytes(), &r) != nil:
				unread++
			case r.After == 0:
				all = append(all, r.RefusedAct)
			}
		}
		if err := errors.Join(lines.Err(), f.Close()); err != nil {
			return nil, 0, err
		}
	}
	return all, unread, nil
}
