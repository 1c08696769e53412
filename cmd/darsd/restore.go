package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"darsd/configs"
	"darsd/dars"
	"darsd/office"
	"darsd/store"
)

func restoreCommand(s *session) *cobra.Command {
	var r restoring
	c := &cobra.Command{Use: "restore", Short: "make an office from a backup, where there is none (--from DIR)", Args: exactly(0), RunE: func(cmd *cobra.Command, _ []string) error {
		if r.from == "" {
			return misuse{errors.New("say from which backup, with --from DIR; --data DIR is where the office is to be")}
		}
		r.data = s.data
		m, err := r.restore(cmd.Context())
		if err != nil {
			return err
		}
		said := fmt.Sprintf("%s holds the office after event %d, as it was at %s", r.data, m.Events, m.At.Format("2006-01-02T15:04:05Z"))
		if !m.Rehearsal && time.Since(m.At) < 0 {
			said += "\nThe backup is of a later time than it is by this machine's clock: see that the clock is right"
		}
		if r.held > 0 {
			said += fmt.Sprintf("\n%d letters that were not sent by then wait until an operator has looked at them: darsd mail list, darsd mail retry", r.held)
		}
		if r.keys == "" {
			said += fmt.Sprintf("\nIts keys are not there: put them into %s", filepath.Join(r.data, "keys"))
		}
		c := &call{env: s.env, json: s.json}
		return c.say(map[string]any{"data": r.data, "events": m.Events, "head": m.Head, "at": m.At, "letters_held": r.held, "keys": r.keys != ""},
			"%s\nhead of the tree: %s\nBefore anybody is let in: darsd log verify (with a --checkpoint that was kept elsewhere), darsd scrub, darsd restore compare RECEIPT...", said, m.Head)
	}}
	c.Flags().StringVar(&r.from, "from", "", "the backup")
	c.Flags().StringVar(&r.keys, "keys", "", "what darsd backup keys has written")
	c.Flags().StringVar(&r.database, "database", "", "the address of an empty PostgreSQL database; else it is a file in the data directory")
	c.AddCommand(restoreCompareCommand(s))
	return c
}

// A restoring makes a data directory from a backup. All is written before the
// configuration is, without which there is no office; the note that it is under way goes
// last. Whoever is cut off says it again.
type restoring struct {
	from, data, keys, database string
	at                         time.Time       // when the office is brought back, by its own clock
	held                       int64           // letters
	purged                     map[string]bool // releases
}

// A restoreNote is the file that says that a restore is under way.
type restoreNote struct {
	From     string `json:"from"`
	Database string `json:"database"` // without its password
	Whole    bool   `json:"whole"`    // but for letting the database go
	Held     int64  `json:"held"`
}

func (r *restoring) restore(ctx context.Context) (*manifest, error) {
	m, err := soundBackup(r.from)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(notAsRoot(r.data), r.fit(m)); err != nil {
		return nil, err
	}
	note, err := r.begun()
	if err != nil {
		return nil, err
	}
	r.held = note.Held
	if !note.Whole {
		if err := r.clear(); err != nil {
			return nil, err
		}
		if err := r.fill(ctx, m, note); err != nil {
			return nil, err
		}
	}
	s, err := store.OpenOfAnyStanding(ctx, r.name())
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := s.LetGo(ctx); err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(r.data, cutShort)); err != nil {
		return nil, err
	}
	return m, syncFolder(r.data)
}

// name is the database that is filled.
func (r *restoring) name() string {
	if r.database != "" {
		return r.database
	}
	return filepath.Join(r.data, "darsd.db")
}

// fit refuses keys of another office, and what the disk has no room for.
func (r *restoring) fit(m *manifest) error {
	if r.database != "" && !strings.HasPrefix(r.database, "postgres://") {
		return misuse{errors.New("--database is the address of a PostgreSQL database, such as postgres://darsd@db.example/office; without it the database is a file in the data directory")}
	}
	if r.keys != "" {
		name, err := os.ReadFile(filepath.Join(r.keys, "office.pub"))
		if err != nil {
			return misuse{fmt.Errorf("--keys: %w", err)}
		}
		// The master identity may have been changed since, and opens the same files.
		if _, err := os.Stat(filepath.Join(r.keys, "office-files.key")); err != nil || len(name) == 0 {
			return misuse{fmt.Errorf("--keys: %s holds no office's keys", r.keys)}
		}
	}
	return roomFor(filepath.Clean(r.data), m.Bytes)
}

// begun finds out whether there is room for an office, or the beginning of this one.
func (r *restoring) begun() (note restoreNote, err error) {
	text, err := os.ReadFile(filepath.Join(r.data, cutShort))
	if err == nil {
		if json.Unmarshal(text, &note) != nil || note.Database == "" {
			note = restoreNote{}
		}
		if note.Whole && note.Database != store.Address(r.name()) {
			return note, dars.Refuse("not-empty", r.data, "an office was restored to %s, whose database is %s: say that one again", r.data, note.Database)
		}
		return note, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return note, err
	}
	lies, err := os.ReadDir(r.data)
	// A note may have been cut off before it had its name.
	if slices.ContainsFunc(lies, func(e os.DirEntry) bool { return !strings.HasPrefix(e.Name(), notNoted) }) {
		return note, dars.Refuse("not-empty", r.data, "%s is not empty: an office is restored into a folder that is not there yet (--data DIR)", r.data)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return note, misuse{err}
	}
	return note, nil
}

// clear notes that a restore is under way, and removes what one before has left.
func (r *restoring) clear() error {
	if r.database != "" {
		if err := store.Vacant(context.Background(), r.database); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(r.data, 0o700); err != nil {
		return err
	}
	if err := r.note(restoreNote{From: r.from, Database: store.Address(r.name())}); err != nil {
		return err
	}
	lies, err := os.ReadDir(r.data)
	for _, e := range lies {
		if e.Name() != cutShort {
			err = errors.Join(err, os.RemoveAll(filepath.Join(r.data, e.Name())))
		}
	}
	return err
}

const notNoted = "." + cutShort + "-"

// note writes the file that says so, whole or not at all.
func (r *restoring) note(n restoreNote) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(r.data, notNoted+"*")
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(r.data, cutShort))
	}
	return errors.Join(err, syncFolder(r.data))
}

// A restored office says so in its data directory.
type restored struct {
	From   time.Time `json:"from"` // the moment of the backup
	At     time.Time `json:"at"`
	Events int64     `json:"events"`
	Head   string    `json:"head"`
	Held   int64     `json:"letters_held"`
}

const restoredName = "restored.json"

// fill writes database, files and configuration.
func (r *restoring) fill(ctx context.Context, m *manifest, note restoreNote) error {
	from, err := os.OpenRoot(r.from)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenRoot(r.data)
	if err != nil {
		return err
	}
	defer to.Close()
	if err := r.fillDatabase(ctx, from, m); err != nil {
		return err
	}
	for _, f := range m.Files {
		name, ok := strings.CutPrefix(f.Path, "files/")
		if f.Path == databaseName || name == "darsd.yaml" {
			continue
		}
		if !ok {
			name = f.Path // of vault/
		}
		if err := f.copyTo(ctx, from, to, name); err != nil {
			return err
		}
	}
	if err := r.fillKeys(ctx, to, m); err != nil {
		return err
	}
	about, err := json.MarshalIndent(restored{m.At, r.at, m.Events, m.Head, r.held}, "", "  ")
	if err != nil {
		return err
	}
	if _, err := putInto(ctx, to, restoredName, strings.NewReader(string(about)+"\n")); err != nil {
		return err
	}
	text, err := from.ReadFile("files/darsd.yaml")
	if err != nil {
		return err
	}
	database := "darsd.db"
	if r.database != "" {
		database = r.database
	}
	if _, err := putInto(ctx, to, "darsd.yaml", strings.NewReader(withDatabase(string(text), database))); err != nil {
		return err
	}
	if cfg, err := configs.Load(filepath.Join(r.data, "darsd.yaml"), r.data); err != nil {
		return misuse{err}
	} else if cfg.Database != cfg.Path(database) && cfg.Database != database {
		return misuse{fmt.Errorf("the configuration in %s says database in a way that could not be changed: it would be %s", r.from, store.Address(cfg.Database))}
	}
	if err := syncFolders(to); err != nil {
		return err
	}
	note.From, note.Database, note.Whole, note.Held = r.from, store.Address(r.name()), true, r.held
	return r.note(note)
}

// fillDatabase fills it, and puts by what may have been sent since.
func (r *restoring) fillDatabase(ctx context.Context, from *os.Root, m *manifest) error {
	return rowsOf(from, func(rows io.Reader) error {
		s, held, err := store.Fill(ctx, r.name(), rows, func(tx *store.Tx) (err error) {
			if r.purged, err = purgedIn(tx); err != nil {
				return err
			}
			if r.held, err = office.HoldLetters(tx, fmt.Sprintf("the office was restored from its backup of %s: perhaps this was sent after that", m.At.Format(time.RFC3339))); err != nil {
				return err
			}
			r.at = time.Now().UTC()
			if newest, err := tx.Newest(); err != nil {
				return err
			} else if m.Rehearsal || r.at.Before(newest) {
				r.at = later(m.At, newest) // a rehearsal's clock is not the machine's, and never goes back
			}
			return office.Restored(tx, dars.Restoration{From: m.At, At: r.at, Events: m.Events, Head: m.Head})
		})
		if err != nil {
			return err
		}
		defer s.Close()
		if held.Tree.N != m.Events || held.Tree.Hash.String() != m.Head {
			return fmt.Errorf("the database has %d events and the head %s", held.Tree.N, held.Tree.Hash)
		}
		return nil
	})
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// fillKeys brings the keys, or else only the name of the identity that is missing, so
// that nobody takes this for an office that has no keys yet.
func (r *restoring) fillKeys(ctx context.Context, to *os.Root, m *manifest) error {
	if r.keys == "" {
		_, err := putInto(ctx, to, "keys/office.pub", strings.NewReader(m.Master+"\n"))
		return err
	}
	keys, err := os.OpenRoot(r.keys)
	if err != nil {
		return err
	}
	defer keys.Close()
	return fs.WalkDir(keys.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		// The keys may be of a day before the release was purged.
		if release, ok := strings.CutPrefix(name, "releases/"); ok && r.purged[strings.TrimSuffix(release, ".key")] {
			return nil
		}
		f, err := keys.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = putInto(ctx, to, "keys/"+name, f)
		return err
	})
}

// copyTo copies a file of a backup, and checks once more what it is.
func (f madeFile) copyTo(ctx context.Context, from, to *os.Root, name string) error {
	open, err := from.Open(f.Path)
	if err != nil {
		return err
	}
	defer open.Close()
	made, err := putInto(ctx, to, name, open)
	if err == nil && made.SHA256 != f.SHA256 {
		err = fmt.Errorf("%s changed while it was copied", f.Path)
	}
	return err
}

// purgedIn are the releases of which no key may come back.
func purgedIn(tx *store.Tx) (map[string]bool, error) {
	all, err := store.Find[dars.Release](tx, dars.By("state", dars.Purged))
	purged := map[string]bool{}
	for _, r := range all {
		purged[string(r.ID)] = true
	}
	return purged, err
}

// restored is what this office says of that, or nil.
func (h *house) restored() *restored {
	text, err := h.root.ReadFile(restoredName)
	r := &restored{}
	if err != nil || json.Unmarshal(text, r) != nil {
		return nil
	}
	return r
}
