package main

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"darsd/dars"
	"darsd/store"
)

func backupVerifyCommand(s *session) *cobra.Command {
	return &cobra.Command{Use: "verify DIR", Short: "read a backup to its end, without an office and without keys", Args: exactly(1), RunE: func(cmd *cobra.Command, args []string) error {
		m, err := soundBackup(args[0])
		if err != nil {
			return err
		}
		c := &call{env: s.env, json: s.json}
		return c.say(m, "%s is whole: the office after event %d, as it was at %s, %d files, %d MB\nhead of the tree: %s",
			args[0], m.Events, m.At.Format("2006-01-02T15:04:05Z"), len(m.Files), m.Bytes>>20, m.Head)
	}}
}

// soundBackup reads what a backup says of itself, and holds all of it against that.
func soundBackup(dir string) (*manifest, error) {
	m, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if wrong := m.wrong(root); len(wrong) > 0 {
		return nil, dars.Refuse("backup-damaged", dir, "%s is damaged, and nothing is restored from it: %s", dir, strings.Join(wrong, "; "))
	}
	return m, nil
}

func readManifest(dir string) (*manifest, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, dars.Refuse("no-backup", dir, "%s is no backup: there is no %s in it, which is written when all else is there", dir, manifestName)
	}
	if err != nil {
		return nil, err
	}
	m := &manifest{}
	switch err := json.Unmarshal(text, m); {
	case err != nil || m.Form == 0:
		return nil, dars.Refuse("no-backup", dir, "%s is no backup: %s does not say what it is", dir, manifestName)
	case m.Form > backupForm:
		return nil, dars.Refuse("newer", dir, "%s is of a newer darsd: use that program", dir)
	}
	return m, nil
}

// wrong names everything of a backup that is not as it says.
func (m *manifest) wrong(root *os.Root) (wrong []string) {
	known := map[string]bool{manifestName: true}
	for _, f := range m.Files {
		known[f.Path] = true
		if err := f.check(root); err != nil {
			wrong = append(wrong, err.Error())
		}
	}
	err := fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && !known[name] {
			wrong = append(wrong, name+" is not of this backup")
		}
		return err
	})
	if err != nil {
		return append(wrong, err.Error())
	}
	if len(wrong) > 0 {
		return wrong
	}
	if err := m.checkDatabase(root); err != nil {
		wrong = append(wrong, fmt.Sprintf("%s: %v", databaseName, err))
	}
	return wrong
}

// check reads a file, and compares it with what was written.
func (f madeFile) check(root *os.Root) error {
	if info, err := root.Lstat(f.Path); err != nil || !info.Mode().IsRegular() {
		return fmt.Errorf("%s is missing", f.Path)
	}
	open, err := root.Open(f.Path)
	if err != nil {
		return err
	}
	defer open.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, open)
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", f.Path, err)
	}
	if n != f.Bytes || hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
		return fmt.Errorf("%s is not what was written", f.Path)
	}
	return nil
}

// checkDatabase reads the rows to their end, and hashes their log.
func (m *manifest) checkDatabase(root *os.Root) error {
	held := store.Snapshot{}
	err := rowsOf(root, func(rows io.Reader) (err error) {
		held, err = store.ReadSnapshot(rows, nil)
		return err
	})
	if err == nil && (held.Tree.N != m.Events || held.Tree.Hash.String() != m.Head) {
		err = fmt.Errorf("its log has %d events and the head %s", held.Tree.N, held.Tree.Hash)
	}
	return err
}

// rowsOf reads the rows of a backup.
func rowsOf(root *os.Root, read func(io.Reader) error) error {
	f, err := root.Open(databaseName)
	if err != nil {
		return err
	}
	defer f.Close()
	packed, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	return read(packed)
}
