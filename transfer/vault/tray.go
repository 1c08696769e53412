package vault

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"

	"darsd/dars"
)

// A Tray is what one person has put into submit/, until it is taken in. Each
// person has a name space of their own: nobody learns from a name being taken
// what others have sent.
//
//	vault/trays/P-000001/index   what lies here, under which names, encrypted
//	vault/trays/P-000001/RANDOM  the content of one file, encrypted
//	vault/trays/P-000001/lock    empty: held while the index is changed
//	vault/trays/P-000001/taking  empty: held while something is taken in
//
// The names are inside the index, because people write the names of patients
// into names of files; and so a rename, of a folder too, is one step. Other
// programs change it as well, so each time it is looked whether it is still what
// was read last.
//
// Errors are fs.ErrNotExist, fs.ErrExist and fs.ErrPermission, as a client of a
// file system expects them; anything else is a fault.
type Tray struct {
	vault *Vault
	who   dars.PersonID
}

// An Upload is one file or folder in a tray.
type Upload struct {
	Name     string // a slash path
	Size     int64  // as it was sent
	Modified time.Time
	Dir      bool
}

// Tray returns the tray of a person. It is made when something is put in.
func (v *Vault) Tray(who dars.PersonID) *Tray { return &Tray{v, who} }

// Trays lists the people who have something in their tray.
func (v *Vault) Trays() (people []dars.PersonID, err error) {
	entries, err := v.List("trays")
	for _, e := range entries {
		if _, err := v.files.Lstat(path.Join("trays", e.Name, "index")); err == nil {
			people = append(people, dars.PersonID(e.Name))
		}
	}
	return people, err
}

// List returns everything in the tray, in order of name.
func (t *Tray) List() (list []Upload, err error) {
	x, err := t.read()
	if err != nil {
		return nil, err
	}
	return slices.Clone(x.list), nil
}

// Put keeps a file, in the place of one of that name.
func (t *Tray) Put(name string, content []byte, modified time.Time) error {
	return t.change(func(x *index) error {
		if err := x.place(name); err != nil {
			return err
		}
		if x.Entries[name].Dir {
			return pathError(name, fs.ErrExist)
		}
		id := rand.Text()
		if err := t.vault.WriteFile(Office, t.path(id), content); err != nil {
			return err
		}
		x.Entries[name] = entry{ID: id, Size: int64(len(content)), Modified: modified.UTC()}
		return nil
	})
}

// Touch changes when a file or folder says that it was modified.
func (t *Tray) Touch(name string, modified time.Time) error {
	return t.change(func(x *index) error {
		e, ok := x.Entries[name]
		if !ok {
			return pathError(name, fs.ErrNotExist)
		}
		e.Modified = modified.UTC()
		x.Entries[name] = e
		return nil
	})
}

// Rename gives a file or folder another name. As with posix-rename, a file
// replaces a file and a folder an empty folder.
func (t *Tray) Rename(from, to string) error {
	return t.change(func(x *index) error {
		moved, ok := x.Entries[from]
		if !ok {
			return pathError(from, fs.ErrNotExist)
		}
		if from == to {
			return nil
		}
		if err := x.place(to); err != nil {
			return err
		}
		if strings.HasPrefix(to, from+"/") {
			return pathError(to, fs.ErrPermission)
		}
		old, there := x.Entries[to]
		if there && (old.Dir != moved.Dir || len(x.under(to)) > 0) {
			return pathError(to, fs.ErrExist)
		}
		for _, name := range x.under(from) {
			moved := to + strings.TrimPrefix(name, from)
			if err := checkName(moved); err != nil {
				return err
			}
			x.Entries[moved] = x.Entries[name]
			delete(x.Entries, name)
		}
		x.Entries[to] = moved
		delete(x.Entries, from)
		return nil
	})
}

// Remove deletes a file.
func (t *Tray) Remove(name string) error {
	return t.change(func(x *index) error {
		e, ok := x.Entries[name]
		switch {
		case !ok:
			return pathError(name, fs.ErrNotExist)
		case e.Dir:
			return pathError(name, fs.ErrPermission)
		}
		delete(x.Entries, name)
		return nil
	})
}

// Mkdir makes a folder.
func (t *Tray) Mkdir(name string) error {
	return t.change(func(x *index) error {
		if err := x.place(name); err != nil {
			return err
		}
		if _, there := x.Entries[name]; there {
			return pathError(name, fs.ErrExist)
		}
		x.Entries[name] = entry{Dir: true, Modified: time.Now().UTC()}
		return nil
	})
}

// Rmdir deletes an empty folder.
func (t *Tray) Rmdir(name string) error {
	return t.change(func(x *index) error {
		e, ok := x.Entries[name]
		switch {
		case !ok:
			return pathError(name, fs.ErrNotExist)
		case !e.Dir:
			return pathError(name, fs.ErrPermission)
		case len(x.under(name)) > 0:
			return pathError(name, fs.ErrExist)
		}
		delete(x.Entries, name)
		return nil
	})
}

// Read returns the content of a file.
func (t *Tray) Read(name string) ([]byte, error) {
	f, err := t.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f.Reader())
}

func (t *Tray) open(name string) (*File, error) {
	for try := 0; ; try++ {
		x, err := t.read()
		if err != nil {
			return nil, err
		}
		e, ok := x.Entries[name]
		switch {
		case !ok:
			return nil, pathError(name, fs.ErrNotExist)
		case e.Dir:
			return nil, pathError(name, fs.ErrPermission)
		}
		f, err := t.vault.Open(Office, t.path(e.ID))
		if errors.Is(err, fs.ErrNotExist) && try < 10 {
			continue // replaced since the index was read
		}
		return f, err
	}
}

// An index is what a tray holds.
type index struct {
	Entries map[string]entry `json:"entries"`          // what the person sees, by slash path
	Claims  map[string]claim `json:"claims,omitempty"` // what is being taken in, by its claim

	head []byte   // how the file begins that it was read from: no two files begin alike
	list []Upload // the entries as they were read, in order of name
}

type entry struct {
	ID       string    `json:"id,omitempty"` // of the file with the content: another at each Put
	Dir      bool      `json:"dir,omitempty"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
}

// A claim is what was in a tray under one name.
type claim struct {
	Name    string           `json:"name"`
	Entries map[string]entry `json:"entries"` // with Name itself
}

// place refuses a name under which nothing can be put.
func (x *index) place(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if dir := path.Dir(name); dir != "." && !x.Entries[dir].Dir {
		return pathError(name, fs.ErrNotExist)
	}
	return nil
}

// under lists what lies in a folder, at any depth.
func (x *index) under(dir string) (names []string) {
	for name := range x.Entries {
		if strings.HasPrefix(name, dir+"/") {
			names = append(names, name)
		}
	}
	return names
}

// checkName refuses names that would be trouble later, in a verdict, a letter or
// the file system of whoever unpacks them.
func checkName(name string) error {
	parts := strings.Split(name, "/")
	tooLong := func(part string) bool { return len(part) > 255 }
	if !fs.ValidPath(name) || name == "." || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) ||
		len(parts) > 8 || slices.ContainsFunc(parts, tooLong) {
		return pathError(name, fs.ErrPermission)
	}
	return nil
}

func pathError(name string, err error) error {
	return &fs.PathError{Op: "submit", Path: strconv.Quote(name), Err: err}
}

// change alters the index, one program at a time. What is in no index after it
// is deleted: the content that was replaced, or what a crash left behind.
func (t *Tray) change(alter func(*index) error) (err error) {
	defer tell(&err)
	if err := t.make(); err != nil {
		return err
	}
	release, err := t.lock("lock")
	if err != nil {
		return err
	}
	defer release()

	x, err := t.read()
	if err != nil {
		return err
	}
	before := x.contents()
	x = &index{Entries: maps.Clone(x.Entries), Claims: maps.Clone(x.Claims)}
	if err := alter(x); err != nil {
		return err
	}
	if err := t.write(x); err != nil {
		return err
	}
	t.remember(x) // nobody else writes it while it is locked
	after := x.contents()
	for id := range before {
		if !after[id] {
			if err := ignoreGone(t.vault.files.Remove(t.path(id))); err != nil {
				return err
			}
		}
	}
	return nil
}

// make makes the place for the tray, if there is none yet.
func (t *Tray) make() error {
	if !plain(string(t.who)) {
		return fmt.Errorf("tray of %q: %w", t.who, fs.ErrPermission)
	}
	return mkdirAll(t.vault.files, t.dir())
}

// contents are the ids of all files that an index speaks of.
func (x *index) contents() map[string]bool {
	ids := map[string]bool{}
	add := func(entries map[string]entry) {
		for _, e := range entries {
			if !e.Dir {
				ids[e.ID] = true
			}
		}
	}
	add(x.Entries)
	for _, c := range x.Claims {
		add(c.Entries)
	}
	return ids
}

// read returns the index, which is not to be changed: others have it too.
func (t *Tray) read() (*index, error) {
	if !plain(string(t.who)) {
		return nil, fmt.Errorf("tray of %q: %w", t.who, fs.ErrPermission)
	}
	if last, ok := t.vault.indexes.Load(t.who); ok && t.unchanged(last.(*index)) {
		return last.(*index), nil
	}
	x := &index{Entries: map[string]entry{}, Claims: map[string]claim{}}
	f, err := t.vault.Open(Office, t.path("index"))
	if errors.Is(err, fs.ErrNotExist) {
		t.vault.indexes.Delete(t.who)
		return x, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(f.Reader())
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, x); err != nil {
		return nil, fmt.Errorf("tray of %s: %w", t.who, err)
	}
	head, err := beginning(f.stored)
	if err != nil {
		return nil, err
	}
	t.keep(x, head)
	return x, nil
}

// remember has what was just written as if it had been read.
func (t *Tray) remember(x *index) {
	f, err := t.vault.files.Open(t.path("index"))
	if err != nil {
		return // there is none: then it is read as any other
	}
	defer f.Close()
	if head, err := beginning(f); err == nil {
		t.keep(x, head)
	}
}

func (t *Tray) keep(x *index, head []byte) {
	x.head = head
	for name, e := range x.Entries {
		x.list = append(x.list, Upload{name, e.Size, e.Modified, e.Dir})
	}
	slices.SortFunc(x.list, func(a, b Upload) int { return cmp.Compare(a.Name, b.Name) })
	t.vault.indexes.Store(t.who, x)
}

// unchanged reports whether the index is still the file that was read. Neither
// its time nor its number on the disk would tell: both may be those of the file
// before the last.
func (t *Tray) unchanged(x *index) bool {
	f, err := t.vault.files.Open(t.path("index"))
	if err != nil {
		return false
	}
	defer f.Close()
	head, err := beginning(f)
	return err == nil && bytes.Equal(head, x.head)
}

// beginning is the header of a file of age with one recipient, or a little more:
// the key in it is another one in every file.
func beginning(f *os.File) ([]byte, error) {
	head := make([]byte, 200)
	n, err := f.ReadAt(head, 0)
	if err == io.EOF {
		err = nil
	}
	return head[:n], err
}

func (t *Tray) write(x *index) error {
	if len(x.Entries) == 0 && len(x.Claims) == 0 {
		return ignoreGone(t.vault.Remove(t.path("index")))
	}
	text, err := json.Marshal(x)
	if err != nil {
		return err
	}
	return t.vault.WriteFile(Office, t.path("index"), text)
}

// lock waits until nobody else, in this program or another, holds it. A program
// that dies lets go.
func (t *Tray) lock(name string) (release func(), err error) {
	f, err := t.vault.files.OpenFile(t.path(name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(f, syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock the tray of %s: %w", t.who, err)
	}
	return func() { f.Close() }, nil
}

func (t *Tray) dir() string             { return "trays/" + string(t.who) }
func (t *Tray) path(name string) string { return path.Join(t.dir(), name) }
