package main

import (
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/office"
	"darsd/store"
	"darsd/transfer/vault"
)

// A backup is a folder:
//
//	backup.json          what it is, with the sum of every other file: written last
//	database.jsonl.gz    all rows as of one moment (store.Snapshot)
//	vault/               the files that those rows name, encrypted as they lie
//	files/               configuration, words of the office's own, reports, checkpoints, the logs of reading and of refusals
//
// None of the keys is in it, nor anything that is not encrypted and may name a patient:
// sources, and what came in by folder and was not taken in yet.
const (
	manifestName = "backup.json"
	databaseName = "database.jsonl.gz"
	backupForm   = 1
)

// A manifest is what a backup says of itself.
type manifest struct {
	Form      int        `json:"darsd_backup"`
	Program   string     `json:"program"`
	Office    string     `json:"office"`
	Rehearsal bool       `json:"rehearsal"`
	At        time.Time  `json:"at"`
	Schema    int        `json:"schema"`
	Events    int64      `json:"events"`
	Head      string     `json:"head"`   // of the log
	Master    string     `json:"master"` // the public half of the identity that opens keys/
	Files     []madeFile `json:"files"`
	Bytes     int64      `json:"bytes"`
	Shared    int        `json:"shared"`  // of its files are an earlier backup's as well
	Gone      []string   `json:"gone"`    // purged while it was made
	Missing   []string   `json:"missing"` // from the vault, though the log names them
	NotIn     []string   `json:"not_in"`  // what is to be kept in another way
}

func backupCommands(s *session) *cobra.Command {
	var to, link string
	c := s.inspect("backup", "write a backup of the office, without its keys (--to DIR)", func(c *call) error {
		if to == "" {
			return misuse{errors.New("say where to, with --to DIR, which is made")}
		}
		m, err := c.backUp(c.ctx, to, link)
		if err != nil {
			return err
		}
		if len(m.Missing) > 0 {
			return dars.Refuse("damage", to, "%s is a backup, but %d files that the log names are not in the vault any more: darsd scrub names them; bring them back from an older backup", to, len(m.Missing))
		}
		shared := ""
		if link != "" {
			shared = fmt.Sprintf(", of which it shares %d with %s", m.Shared, link)
		}
		return c.say(m, "%s holds the office after event %d: %d files, %d MB%s\nhead of the tree: %s\nnot in it:\n  %s",
			to, m.Events, len(m.Files), m.Bytes>>20, shared, m.Head, strings.Join(m.NotIn, "\n  "))
	})
	c.Flags().StringVar(&to, "to", "", "the folder to be made")
	c.Flags().StringVar(&link, "link", "", "an earlier backup on the same disk, with which it is to share what has not changed")
	c.AddCommand(backupVerifyCommand(s), backupKeysCommand(s))
	return c
}

// backUp writes a backup, while others act and while the daemon serves. What has not
// changed since an earlier one it shares with that, if it is told of one.
func (h *house) backUp(ctx context.Context, to, link string) (*manifest, error) {
	if h.within(to) != "" {
		return nil, dars.Refuse("beside-data", to, "%s lies in the data directory, and would be lost with it: name a folder elsewhere, best on another disk", to)
	}
	before, err := h.earlierBackup(ctx, link)
	if err != nil {
		return nil, err
	}
	b, err := beginFolder(to)
	if err != nil {
		return nil, err
	}
	defer b.giveUp()
	m := &manifest{Form: backupForm, Program: program(), Office: h.Info.Name, Rehearsal: h.rehearsal, At: h.now().UTC(), Master: h.vault.Master(),
		Gone: []string{}, Missing: []string{}, NotIn: h.notInBackups()}
	var names []string
	err = h.Store.View(ctx, func(tx *store.Tx) error {
		if names, err = h.named(tx); err != nil {
			return err
		}
		if err := h.roomFor(ctx, filepath.Dir(b.to), names, before); err != nil {
			return err
		}
		held, err := b.snapshot(ctx, tx)
		m.Schema, m.Events, m.Head = held.Schema, held.Tree.N, held.Tree.Hash.String()
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		shared, err := h.shareOrCopy(ctx, b, "vault/"+name, before)
		if shared {
			m.Shared++
		}
		if errors.Is(err, fs.ErrNotExist) {
			m.Gone, err = append(m.Gone, name), nil
		}
		if err != nil {
			return nil, err
		}
	}
	if err := h.sortGone(ctx, m); err != nil {
		return nil, err
	}
	if err := h.copyFiles(ctx, b, m.Events); err != nil {
		return nil, err
	}
	m.Files = slices.SortedFunc(slices.Values(b.files), func(a, b madeFile) int { return strings.Compare(a.Path, b.Path) })
	for _, f := range m.Files {
		m.Bytes += f.Bytes
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := b.put(ctx, manifestName, strings.NewReader(string(text)+"\n")); err != nil {
		return nil, err
	}
	return m, b.finish()
}

// program is which one this is, as far as it knows.
func program() string {
	if info, ok := debug.ReadBuildInfo(); ok && version == "" {
		return info.Main.Version
	}
	return cmp.Or(version, "(unknown)")
}

// named are the files of the vault that a moment of the database names, in order. What
// lies in submit/ is not among them: whoever put it there puts it there again.
func (h *house) named(tx *store.Tx) ([]string, error) {
	kept, err := office.Kept(tx)
	if err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(kept))
	releases, err := store.Find[dars.Release](tx)
	for _, r := range releases {
		aside := office.Quarantine(r.ID, r.Attempt)
		if _, gone := h.root.Lstat("vault/" + aside); gone == nil && r.Attempt != "" {
			names = append(names, aside)
		}
	}
	return names, err
}

// roomFor refuses to begin where the disk has no room for so much.
func (h *house) roomFor(ctx context.Context, dir string, names []string, before *earlier) error {
	wanted, err := h.Store.Size(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		info, err := h.root.Lstat("vault/" + name)
		if err != nil {
			continue // it is told when it is to be copied
		}
		if _, lent := before.lends("vault/"+name, info); !lent {
			wanted += info.Size()
		}
	}
	return roomFor(dir, wanted)
}

// snapshot writes the rows of a moment.
func (m *making) snapshot(ctx context.Context, tx *store.Tx) (held store.Snapshot, err error) {
	out, in := io.Pipe()
	wrote := make(chan error, 1)
	go func() {
		err := m.put(ctx, databaseName, out)
		out.CloseWithError(err)
		wrote <- err
	}()
	packed := gzip.NewWriter(in)
	held, err = tx.Snapshot(packed)
	err = errors.Join(err, packed.Close())
	in.CloseWithError(err)
	return held, errors.Join(<-wrote, err)
}

// shareOrCopy puts a file of the vault into a backup, and reports whether it is an earlier
// one's as well.
func (h *house) shareOrCopy(ctx context.Context, b *making, name string, before *earlier) (shared bool, err error) {
	is, err := h.root.Lstat(name)
	if err != nil {
		return false, err
	}
	if f, lent := before.lends(name, is); lent {
		if shared, err = b.borrow(before, f); shared || err != nil {
			return shared, err
		}
	}
	return false, h.copyInto(ctx, b, name, name)
}

// copyInto puts a file of the data directory into a backup.
func (h *house) copyInto(ctx context.Context, b *making, from, as string) error {
	f, err := h.root.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	return b.put(ctx, as, f)
}

// sortGone tells what was purged since the moment of the backup from what is missing.
func (h *house) sortGone(ctx context.Context, m *manifest) error {
	if len(m.Gone) == 0 {
		return nil
	}
	desk := office.Desk{Office: h.Office}
	still, err := desk.Kept(ctx)
	if err != nil {
		return err
	}
	purging, err := desk.Purging(ctx)
	if err != nil {
		return err
	}
	gone := m.Gone
	m.Gone = []string{}
	for _, name := range gone {
		release, _, _ := strings.Cut(strings.TrimPrefix(name, "releases/"), "/")
		if _, kept := still[name]; kept && !purging[dars.ReleaseID(release)] {
			m.Missing = append(m.Missing, name)
		} else {
			m.Gone = append(m.Gone, name)
		}
	}
	return nil
}

// copyFiles puts what is no secret and lies beside the vault into a backup: each is
// named here, since nobody knows what else lies in a data directory.
func (h *house) copyFiles(ctx context.Context, b *making, events int64) error {
	text, err := os.ReadFile(h.config)
	if err != nil {
		return err
	}
	// The address of a server may hold a password, and whoever restores elsewhere must not
	// come upon the old database.
	if err := b.put(ctx, "files/darsd.yaml", strings.NewReader(withDatabase(string(text), "darsd.db"))); err != nil {
		return err
	}
	names := []string{accessLog, refusedLog, refusedBefore, "rehearsal-clock"}
	for _, dir := range []string{"reports", "checkpoints", publications, h.within(h.cfg.Wording)} {
		inside, err := h.filesOf(dir)
		if err != nil {
			return err
		}
		names = append(names, inside...)
	}
	for _, t := range h.cfg.Trust {
		names = append(names, h.within(h.cfg.Path(t.File)), h.within(h.cfg.Path(t.CRL)))
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if name == "" || isLater(name, events) {
			continue
		}
		if err := h.copyInto(ctx, b, name, "files/"+name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// within is a path in the data directory as seen from there; "" for one elsewhere.
func (h *house) within(name string) string {
	data, err := filepath.Abs(h.dir)
	if err != nil {
		return ""
	}
	if name, err = filepath.Abs(name); err != nil {
		return ""
	}
	below, err := filepath.Rel(data, name)
	if err != nil || below == "." || !filepath.IsLocal(below) {
		return ""
	}
	return filepath.ToSlash(below)
}

// filesOf are the files in a folder of the data directory, without beginnings of such.
func (h *house) filesOf(dir string) (names []string, err error) {
	if dir == "" {
		return nil, nil
	}
	err = fs.WalkDir(h.root.FS(), dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, name)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	return names, err
}

// isLater reports whether a file is a checkpoint of what happened after the moment of a
// backup: the log that is restored never was that one.
func isLater(name string, events int64) bool {
	if path.Dir(name) != "checkpoints" {
		return false
	}
	number, _, _ := strings.Cut(path.Base(name), "-")
	n, err := strconv.ParseInt(number, 10, 64)
	return err == nil && n > events
}

// notInBackups says what of this office a backup does not have, and what to do about it.
func (h *house) notInBackups() []string {
	not := []string{"keys/: darsd backup keys --to DIR writes them; keep them where no backup lies"}
	if source, err := vault.ParseSource(h.cfg.Vault.Identity); err == nil && source.Kind != vault.FromKeys {
		not = append(not, fmt.Sprintf("the master identity, from %s: keep a copy of it in a third place", source))
	}
	if h.cfg.Postgres() || h.within(h.cfg.Database) != "darsd.db" {
		not = append(not, "the address of the database: say another, or none, when you restore")
	}
	if n := len(h.cfg.Datasets); n > 0 {
		not = append(not, fmt.Sprintf("the sources of %d datasets: they are their owners' to keep", n))
	}
	if file := h.cfg.Mail.Credentials; file != "" {
		not = append(not, "mail.credentials: "+file)
	}
	if h.within(h.cfg.Wording) == "" {
		not = append(not, "wording: "+h.cfg.Wording)
	}
	return append(not, "folders/ and submit/: what has come in and was not taken in yet is asked for again", "outgoing-mail/: its letters are on their way")
}

var databaseLine = regexp.MustCompile(`(?m)^database:.*(\n|\z)`)

// withDatabase is a configuration with another database.
func withDatabase(text, database string) string {
	line := fmt.Sprintf("database: %s\n", strconv.Quote(database))
	if where := databaseLine.FindStringIndex(text); where != nil {
		return text[:where[0]] + line + databaseLine.ReplaceAllString(text[where[1]:], "")
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text + line
}
