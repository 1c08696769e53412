// Package vault keeps the files of the office encrypted at rest: packages that
// wait to be collected, lists, papers, evidence, and what people have put into
// submit/.
//
// It has two folders in the data directory. keys/ holds what opens files,
// vault/ holds the files:
//
//	keys/office.age                the master identity (age, X25519), unless it comes from elsewhere
//	keys/office.pub                its public half, so that a wrong one is known at once
//	keys/office-files.key          the identity of the office's own files, sealed to the master
//	keys/office-ed25519            what signs packages and receipts
//	keys/releases/REL-000001.key   the identity of one release, sealed to the master
//	keys/pseudonyms/STEM.key       what gives the persons of one case their pseudonyms, sealed to the master
//	vault/releases/REL-000001/...  files sealed to that release
//	vault/...                      all other files, sealed to the office's own
//
// So to destroy a release is to delete one small key, to change the master is
// to write small keys anew, and a copy of vault/ alone tells nobody anything but
// names and sizes. Every file is encrypted from its first byte, and is seen under
// its name only when it is whole.
package vault

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"

	"filippo.io/age"

	"darsd/dars"
)

// Office is the scope of files that belong to no release.
const Office dars.ReleaseID = ""

// A Vault is the encrypted files of one data directory. Several programs may
// have it open: nothing about a file is kept in memory, but for what lies in
// trays and for keys of releases, of which it is asked each time whether it is
// still so.
type Vault struct {
	data   *os.Root
	files  *os.Root // DATA/vault
	keys   *os.Root // DATA/keys
	lock   *os.File // shared by all who have the vault open; nil where the disk is read-only
	office []*age.X25519Identity
	signer ed25519.PrivateKey

	mu     sync.RWMutex // held for writing while the master is changed
	master *age.X25519Identity

	indexes sync.Map // *index of each tray, by dars.PersonID
	pieces  pieces   // that files are decrypted in
	opened  opened   // keys of releases

	step func(did string) // told of each step of a rotation, by tests
}

// Open opens the vault of a data directory whose master identity it keeps
// itself, and makes it when there is none.
func Open(data *os.Root) (*Vault, error) { return OpenWith(data, Source{}) }

// OpenWith opens the vault of a data directory with the master identity from a
// source, and makes it when there is none. An identity that does not open what is
// there is refused.
func OpenWith(data *os.Root, from Source) (_ *Vault, err error) {
	v := &Vault{step: func(string) {}}
	defer func() {
		if err != nil {
			v.Close()
			err = inWords(err)
		}
	}()
	if v.data, err = data.OpenRoot("."); err != nil {
		return nil, err
	}
	if v.files, err = folder(data, "vault"); err != nil {
		return nil, err
	}
	if v.keys, err = folder(data, "keys"); err != nil {
		return nil, err
	}
	if err := mkdirAll(v.keys, "releases"); err != nil {
		return nil, err
	}
	if err := v.join(); err != nil {
		return nil, err
	}
	if err := v.officeKeys(from); err != nil {
		return nil, err
	}
	v.finishRotation()
	return v, nil
}

// Close lets go of the folders. Open files stay readable until they are closed.
func (v *Vault) Close() error {
	v.opened.forgetAll()
	var errs []error
	for _, r := range []*os.Root{v.data, v.files, v.keys} {
		if r != nil {
			errs = append(errs, r.Close())
		}
	}
	if v.lock != nil {
		errs = append(errs, v.lock.Close())
	}
	return errors.Join(errs...)
}

// SigningKey is the office's own key for packages, receipts and checkpoints.
func (v *Vault) SigningKey() ed25519.PrivateKey { return v.signer }

// Create begins a file. Nobody sees it until Commit; a file of that name that
// is there already stays until then, and is replaced.
//
// The files of a release lie under releases/ID/, and nothing else does.
func (v *Vault) Create(scope dars.ReleaseID, name string) (_ *Writer, err error) {
	defer tell(&err)
	if err := in(scope, name); err != nil {
		return nil, err
	}
	ids, err := v.identities(scope, true)
	if err != nil {
		return nil, err
	}
	dir := path.Dir(name)
	if err := mkdirAll(v.files, dir); err != nil {
		return nil, err
	}
	temp := path.Join(dir, tempPrefix+rand.Text())
	f, err := v.files.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	w := &Writer{root: v.files, name: name, temp: temp, file: f}
	if w.sealed, err = newSealer(f, ids[0].Recipient()); err != nil {
		w.Close()
		return nil, fmt.Errorf("encrypt %s: %w", name, err)
	}
	return w, nil
}

// A Writer is a file that is being written.
type Writer struct {
	root       *os.Root
	name, temp string
	file       *os.File // nil once it is committed or given up
	sealed     *sealer
	bytes      int64
	err        error // of the first write that failed: what follows it would have a hole before
}

func (w *Writer) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.sealed.Write(p)
	w.bytes += int64(n)
	if err != nil {
		w.err = inWords(fmt.Errorf("write %s: %w", w.name, err))
	}
	return n, w.err
}

// Bytes counts what was written, before encryption.
func (w *Writer) Bytes() int64 { return w.bytes }

// Commit puts the file under its name. When it returns, the file survives a
// loss of power.
func (w *Writer) Commit() (err error) {
	defer tell(&err)
	if w.file == nil {
		return fmt.Errorf("commit %s: %w", w.name, fs.ErrClosed)
	}
	defer w.Close()
	err = w.err
	if err == nil {
		err = w.sealed.Close() // the last piece says that it is the last
	}
	if err == nil {
		err = w.file.Sync()
	}
	if err == nil {
		err = w.root.Rename(w.temp, w.name)
	}
	if err != nil {
		return fmt.Errorf("keep %s: %w", w.name, err)
	}
	w.temp = ""
	return syncDir(w.root, path.Dir(w.name))
}

// Close gives up a file that was not committed; after Commit it does nothing,
// so that it can be deferred.
func (w *Writer) Close() error {
	if w.file == nil {
		return nil
	}
	err := w.file.Close()
	w.file = nil
	w.err = fs.ErrClosed
	if w.temp != "" {
		err = errors.Join(err, w.root.Remove(w.temp))
	}
	return err
}

// WriteFile keeps a small file in one step.
func (v *Vault) WriteFile(scope dars.ReleaseID, name string, content []byte) error {
	w, err := v.Create(scope, name)
	if err != nil {
		return err
	}
	defer w.Close()
	if _, err := w.Write(content); err != nil {
		return err
	}
	return w.Commit()
}

// ReadFile returns the content of a small file.
func (v *Vault) ReadFile(scope dars.ReleaseID, name string) ([]byte, error) {
	f, err := v.Open(scope, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f.Reader())
}

// Remove deletes a file or an empty directory.
func (v *Vault) Remove(name string) (err error) {
	defer tell(&err)
	if err := check(name); err != nil {
		return err
	}
	if err := v.files.Remove(name); err != nil {
		return err
	}
	return syncDir(v.files, path.Dir(name))
}

// RemoveAll deletes a directory with all that is in it, such as an attempt
// that was given up. One that is not there is no error.
func (v *Vault) RemoveAll(dir string) (err error) {
	defer tell(&err)
	if err := check(dir); err != nil {
		return err
	}
	if err := v.files.RemoveAll(dir); err != nil {
		return err
	}
	err = syncDir(v.files, path.Dir(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// An Entry is one file or directory of the vault.
type Entry struct {
	Name     string
	Dir      bool
	Stored   int64 // bytes on disk; File.Size knows how many they stand for
	Modified time.Time
}

// List returns what lies in a directory, in order of name; "." is the vault.
// Where there is no such directory yet, nothing lies in it.
func (v *Vault) List(dir string) ([]Entry, error) {
	if dir != "." {
		if err := check(dir); err != nil {
			return nil, err
		}
	}
	found, err := fs.ReadDir(v.files.FS(), dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var list []Entry
	for _, e := range found {
		info, infoErr := e.Info()
		if infoErr != nil || strings.HasPrefix(e.Name(), tempPrefix) {
			continue // gone since, or not there yet
		}
		list = append(list, Entry{e.Name(), e.IsDir(), info.Size(), info.ModTime()})
	}
	return list, err
}

// Sweep deletes the beginnings of files and keys that a program which ended
// before an instant never finished.
func (v *Vault) Sweep(before time.Time) (err error) {
	defer tell(&err)
	for _, root := range []*os.Root{v.files, v.keys} {
		err := fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
			if err != nil || !strings.HasPrefix(path.Base(name), tempPrefix) {
				return ignoreGone(err)
			}
			info, err := e.Info()
			if err != nil || !info.ModTime().Before(before) {
				return ignoreGone(err)
			}
			return ignoreGone(root.Remove(name))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tempPrefix begins the names of files that are being written. It holds
// nothing of the file's own name, which may be as long as a name can be.
const tempPrefix = ".tmp-"

// check refuses what is no name of a file in the vault. os.Root keeps it from
// leading outside; this keeps it from being written into a log as two lines.
func check(name string) error {
	switch {
	case !fs.ValidPath(name) || name == ".":
		return fmt.Errorf("%q is no name in the vault: %w", name, fs.ErrInvalid)
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("%q has a control character in it: %w", name, fs.ErrInvalid)
	case slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool { return strings.HasPrefix(part, tempPrefix) }):
		return fmt.Errorf("%q begins as files do that are not finished: %w", name, fs.ErrInvalid)
	}
	return nil
}

// in refuses a name that is not of its scope: a file of a release that lay
// elsewhere would outlive the release.
func in(scope dars.ReleaseID, name string) error {
	if err := check(name); err != nil {
		return err
	}
	switch {
	case scope == Office && (name == "releases" || strings.HasPrefix(name, "releases/")):
		return fmt.Errorf("%s belongs to a release, and is not for the office's own key: %w", name, fs.ErrInvalid)
	case scope == Office:
		return nil
	case !plain(string(scope)):
		return fmt.Errorf("%q is no release: %w", scope, fs.ErrInvalid)
	case !strings.HasPrefix(name, releaseDir(scope)+"/"):
		return fmt.Errorf("%s is not under %s/: %w", name, releaseDir(scope), fs.ErrInvalid)
	}
	return nil
}

func releaseDir(r dars.ReleaseID) string { return "releases/" + string(r) }

// plain reports whether a text is an id such as REL-000001, fit for a file name.
func plain(id string) bool {
	return id != "" && len(id) <= 64 && !strings.ContainsFunc(id, func(c rune) bool {
		return !(c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-')
	})
}

func folder(data *os.Root, name string) (*os.Root, error) {
	if err := data.Mkdir(name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return data.OpenRoot(name)
}

// mkdirAll makes directories so that they survive a loss of power.
func mkdirAll(root *os.Root, dir string) error {
	if dir == "." {
		return nil
	}
	switch err := root.Mkdir(dir, 0o700); {
	case err == nil:
		return syncDir(root, path.Dir(dir))
	case errors.Is(err, fs.ErrExist):
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := mkdirAll(root, path.Dir(dir)); err != nil {
		return err
	}
	if err := root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(root, path.Dir(dir))
}

func syncDir(root *os.Root, dir string) error {
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	// Some shared file systems cannot sync a directory and say so.
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
