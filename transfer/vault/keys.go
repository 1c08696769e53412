package vault

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"strings"

	"filippo.io/age"

	"darsd/dars"
)

const (
	masterKey   = "office.age"
	masterName  = "office.pub"
	officeFiles = "office-files.key"
	signingKey  = "office-ed25519"
)

// ErrDestroyed is met when a file is asked for whose release has been purged.
var ErrDestroyed = errors.New("its key has been destroyed")

// Master is the public half of the master identity, by which people and logs
// know it.
func (v *Vault) Master() string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.master.Recipient().String()
}

// officeKeys reads the office's keys, and makes them for an empty vault. The
// name of the master is written last: where it stands, all others have been made.
func (v *Vault) officeKeys(from Source) error {
	name, err := v.masterName()
	if err != nil {
		return err
	}
	if from.Kind == FromKeys {
		v.master, err = v.ownMaster(name)
	} else {
		v.master, err = from.identity(v.data)
	}
	if err != nil {
		return err
	}
	ours := v.master.Recipient().String()
	if name != "" && name != ours {
		return fmt.Errorf("the identity from %s is %s, and the keys of this vault are sealed to %s: give it that one, or say in the configuration where that one is", from, ours, name)
	}
	if name == "" {
		if err := v.fits(from); err != nil {
			return err
		}
	}
	if err := v.officeFilesKey(name == ""); err != nil {
		return err
	}
	if err := v.readSigner(); err != nil {
		return err
	}
	if name != "" {
		return nil
	}
	if err := putNew(v.keys, masterName, []byte(ours+"\n")); !errors.Is(err, fs.ErrExist) {
		return err
	}
	if name, err = v.masterName(); err == nil && name != ours {
		err = fmt.Errorf("another program has made this vault at this moment, with another master identity: %s", name)
	}
	return err
}

// masterName is the public half of the identity that keys are sealed to, or ""
// while nobody has written it down.
func (v *Vault) masterName() (string, error) {
	text, err := v.keys.ReadFile(masterName)
	return strings.TrimSpace(string(text)), ignoreGone(err)
}

// ownMaster reads the identity that the vault keeps itself.
func (v *Vault) ownMaster(name string) (*age.X25519Identity, error) {
	// A rotation that was cut off may have written down the new name, and left
	// the new identity beside the old one.
	for _, file := range []string{nextMaster, masterKey} {
		text, err := readKey(v.keys, file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		id := parseMaster(text)
		if id != nil && (file == masterKey || id.Recipient().String() == name) {
			return id, nil
		}
		if file == masterKey {
			return nil, fmt.Errorf("keys/%s: not one X25519 identity of age", masterKey)
		}
	}
	if name != "" {
		return nil, fmt.Errorf("keys/%s is missing, and the vault is not empty: put back the identity %s, or say in the configuration where it comes from", masterKey, name)
	}
	text, err := v.key(masterKey, func() ([]byte, error) {
		_, text, err := newMaster()
		return text, err
	})
	if err != nil {
		return nil, err
	}
	id := parseMaster(text)
	if id == nil {
		return nil, fmt.Errorf("keys/%s: not one X25519 identity of age", masterKey)
	}
	return id, nil
}

// NewIdentity makes a master identity, as text to be kept where a Source finds it.
func NewIdentity() ([]byte, error) {
	_, text, err := newMaster()
	return text, err
}

func newMaster() (*age.X25519Identity, []byte, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, nil, err
	}
	return id, fmt.Appendf(nil, "# The office's master identity: with keys/ it opens every file in vault/. Keep a copy elsewhere.\n# public key: %s\n%s\n", id.Recipient(), id), nil
}

// fits tries the identity on the first thing that it must open, where an older
// program has not written down whose the vault is.
func (v *Vault) fits(from Source) error {
	try := func(root *os.Root, name string) (sealed, fits bool) {
		f, err := root.Open(name)
		if err != nil {
			return false, false
		}
		defer f.Close()
		at, err := header(f)
		if err != nil {
			return false, false
		}
		_, err = age.Decrypt(io.NewSectionReader(f, at, math.MaxInt64-at), v.master)
		var no *age.NoIdentityMatchError
		return err == nil || errors.As(err, &no), err == nil
	}
	refuse := fmt.Errorf("the identity from %s (%s) does not open what is in the vault: give it the one that it was made with", from, v.master.Recipient())
	names, err := v.sealedKeys()
	if err != nil {
		return err
	}
	for _, name := range names {
		if sealed, fits := try(v.keys, name); sealed && !fits {
			return refuse
		} else if fits {
			return nil
		}
	}
	return fs.WalkDir(v.files.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return ignoreGone(err)
		case name == "releases":
			return fs.SkipDir
		case !e.Type().IsRegular() || strings.HasPrefix(e.Name(), tempPrefix):
			return nil
		}
		if sealed, fits := try(v.files, name); sealed && !fits {
			return refuse
		} else if fits {
			return fs.SkipAll
		}
		return nil
	})
}

// officeFilesKey reads the identity of the office's own files, and makes it when
// the vault is new. Older programs sealed those files to the master itself, so in
// a vault of theirs that identity is kept beside the new one, for reading: no file
// has to be written anew. (Such files stay sealed to their first master, whatever
// comes after it.)
func (v *Vault) officeFilesKey(create bool) (err error) {
	v.office, err = v.unseal(officeFiles)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !create {
		return fmt.Errorf("keys/%s is missing: put it back from a copy, since a new one opens nothing that is there", officeFiles)
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	text := id.String() + "\n"
	used, err := v.used()
	if err != nil {
		return err
	}
	if used {
		text += v.master.String() + "\n"
	}
	sealed, err := seal([]byte(text), v.master.Recipient())
	if err != nil {
		return err
	}
	if err := putNew(v.keys, officeFiles, sealed); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	v.office, err = v.unseal(officeFiles) // ours, or that of a program that was quicker
	return err
}

func (v *Vault) readSigner() error {
	text, err := v.key(signingKey, func() ([]byte, error) {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(private)
		if err != nil {
			return nil, err
		}
		return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
	})
	if err != nil {
		return err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return fmt.Errorf("keys/%s: not a PEM file", signingKey)
	}
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return fmt.Errorf("keys/%s: %w", signingKey, err)
	}
	var ok bool
	if v.signer, ok = private.(ed25519.PrivateKey); !ok {
		return fmt.Errorf("keys/%s: not an Ed25519 key", signingKey)
	}
	return nil
}

// key reads a key of the office. It makes one only while there is nothing that
// an earlier one could have sealed or signed.
func (v *Vault) key(name string, generate func() ([]byte, error)) ([]byte, error) {
	text, err := readKey(v.keys, name)
	if !errors.Is(err, fs.ErrNotExist) {
		return text, err
	}
	used, err := v.used()
	if err != nil {
		return nil, err
	}
	if used {
		// Another program may have made the key, and used it, since we looked.
		if text, err = readKey(v.keys, name); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("keys/%s is missing, and the vault is not empty: put the key back from a copy, since a new one opens nothing that is there", name)
		}
		return text, err
	}
	if text, err = generate(); err != nil {
		return nil, err
	}
	if err := putNew(v.keys, name, text); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return readKey(v.keys, name) // ours, or that of a program that was quicker
}

// used reports whether there is any file, or any key of a release or a case.
func (v *Vault) used() (bool, error) {
	for _, root := range []*os.Root{v.files, v.keys} {
		found := false
		err := fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
			if err != nil {
				return ignoreGone(err)
			}
			if !e.IsDir() && (root == v.files || path.Dir(name) != ".") && !strings.HasPrefix(e.Name(), tempPrefix) {
				found = true
				return fs.SkipAll
			}
			return nil
		})
		if found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// identities returns the keys of a scope: the first is for writing, all are for
// reading. For a release it is made when it is first wanted for writing.
func (v *Vault) identities(scope dars.ReleaseID, create bool) ([]*age.X25519Identity, error) {
	if scope == Office {
		return v.office, nil
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	ids, err := v.unsealOnce(releaseKey(scope))
	if errors.Is(err, fs.ErrNotExist) {
		if v.destroyed(scope) {
			return nil, fmt.Errorf("release %s: %w", scope, ErrDestroyed)
		}
		if !create {
			// Not fs.ErrNotExist: a file without its key is damage, not absence.
			return nil, fmt.Errorf("release %s: keys/%s is missing", scope, releaseKey(scope))
		}
		ids, err = v.newReleaseKey(scope)
	}
	return ids, err
}

func (v *Vault) newReleaseKey(r dars.ReleaseID) ([]*age.X25519Identity, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	sealed, err := seal([]byte(id.String()), v.master.Recipient())
	if err != nil {
		return nil, err
	}
	if err := putNew(v.keys, releaseKey(r), sealed); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	// Destroy leaves its mark before it deletes the key. Looked at in the other
	// order here, one of the two is always seen.
	if v.destroyed(r) {
		return nil, errors.Join(fmt.Errorf("release %s: %w", r, ErrDestroyed), ignoreGone(v.keys.Remove(releaseKey(r))))
	}
	return v.unseal(releaseKey(r)) // of two programs, the first one's
}

// Destroy purges a release: its key first, after which no copy of its files can
// be read, and then the files. It is for good: the release gets no other key.
// Again it does nothing. Backups hold the key until they expire.
func (v *Vault) Destroy(r dars.ReleaseID) (err error) {
	defer tell(&err)
	if !plain(string(r)) {
		return fmt.Errorf("%q is no release: %w", r, fs.ErrInvalid)
	}
	if err := v.destroyKey(r); err != nil {
		return err
	}
	return v.RemoveAll(releaseDir(r))
}

func (v *Vault) destroyKey(r dars.ReleaseID) error {
	v.mu.RLock() // or a rotation would put back what it has just read
	defer v.mu.RUnlock()
	if err := putNew(v.keys, mark(r), nil); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	err := ignoreGone(v.keys.Remove(releaseKey(r)))
	v.opened.forget(releaseKey(r))
	if err != nil {
		return err
	}
	// A program that died while it wrote the key may have left it under the name
	// of the unfinished one.
	lie, err := fs.ReadDir(v.keys.FS(), "releases")
	if err != nil {
		return err
	}
	for _, e := range lie {
		if strings.HasPrefix(e.Name(), unfinished(releaseKey(r))) {
			if err := ignoreGone(v.keys.Remove("releases/" + e.Name())); err != nil {
				return err
			}
		}
	}
	return syncDir(v.keys, "releases")
}

func (v *Vault) destroyed(r dars.ReleaseID) bool {
	_, err := v.keys.Lstat(mark(r))
	return err == nil
}

func releaseKey(r dars.ReleaseID) string { return "releases/" + string(r) + ".key" }
func mark(r dars.ReleaseID) string       { return "releases/" + string(r) + ".destroyed" }

// sealedKeys lists the keys that are sealed to the master.
func (v *Vault) sealedKeys() (names []string, err error) {
	if _, err := v.keys.Lstat(officeFiles); err == nil {
		names = append(names, officeFiles)
	}
	for _, dir := range []string{"releases", pseudonymKeys} {
		lie, err := fs.ReadDir(v.keys.FS(), dir)
		if dir == pseudonymKeys {
			err = ignoreGone(err)
		}
		if err != nil {
			return nil, err
		}
		for _, e := range lie {
			if strings.HasSuffix(e.Name(), ".key") && !strings.HasPrefix(e.Name(), tempPrefix) {
				names = append(names, dir+"/"+e.Name())
			}
		}
	}
	return names, nil
}

// unsealOnce is unseal, but for a key that was unsealed a moment ago.
func (v *Vault) unsealOnce(name string) ([]*age.X25519Identity, error) {
	file, err := v.keys.Stat(name)
	if err != nil {
		v.opened.forget(name)
		return nil, err
	}
	if ids := v.opened.get(name, file); ids != nil {
		return ids, nil
	}
	ids, err := v.unseal(name)
	if err != nil {
		return nil, err
	}
	v.opened.put(name, file, ids)
	if _, err := v.keys.Stat(name); err != nil {
		v.opened.forget(name) // it was destroyed meanwhile
	}
	return ids, nil
}

// unseal reads a key that is sealed to the master: one identity, or for the
// office's own files perhaps two.
func (v *Vault) unseal(name string) ([]*age.X25519Identity, error) {
	text, err := v.unsealText(name)
	if err != nil {
		return nil, err
	}
	parsed, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("keys/%s: no identity of age is sealed in it", name) // err may tell some of it
	}
	var ids []*age.X25519Identity
	for _, one := range parsed {
		id, ok := one.(*age.X25519Identity)
		if !ok {
			return nil, fmt.Errorf("keys/%s: not an X25519 identity of age", name)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (v *Vault) unsealText(name string) ([]byte, error) {
	sealed, err := readKey(v.keys, name)
	if err != nil {
		return nil, err
	}
	plain, err := age.Decrypt(bytes.NewReader(sealed), v.master)
	if err != nil {
		return nil, fmt.Errorf("keys/%s: %w", name, whoseKey(err))
	}
	text, err := io.ReadAll(plain)
	if err != nil {
		return nil, fmt.Errorf("keys/%s: %w", name, err)
	}
	return text, nil
}

func seal(text []byte, to ...age.Recipient) ([]byte, error) {
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to...)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

func asIdentities(ids []*age.X25519Identity) (all []age.Identity) {
	for _, id := range ids {
		all = append(all, id)
	}
	return all
}

// readKey refuses a key that other accounts of the machine can read: it may be
// known to anybody by now.
func readKey(keys *os.Root, name string) ([]byte, error) {
	info, err := keys.Stat(name)
	if err != nil {
		return nil, err
	}
	shown := path.Join(path.Base(keys.Name()), name)
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", shown)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others (%s): say chmod 600, if nobody has", shown, info.Mode())
	}
	return keys.ReadFile(name)
}

// putNew writes a key that is not there yet, whole or not at all: of several
// programs at once, one succeeds and the others get fs.ErrExist.
func putNew(keys *os.Root, name string, content []byte) error {
	temp, err := putAside(keys, name, content)
	if err != nil {
		return err
	}
	defer keys.Remove(temp)
	// A link, because a rename replaces what is there without a word.
	if err := keys.Link(temp, name); err != nil {
		return err
	}
	return syncDir(keys, path.Dir(name))
}

// putAside writes what is to become a key, beside it.
func putAside(keys *os.Root, name string, content []byte) (temp string, err error) {
	temp = path.Join(path.Dir(name), unfinished(name)+rand.Text())
	f, err := keys.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		keys.Remove(temp)
		return "", err
	}
	return temp, nil
}

// unfinished begins the names of a key that is being written. They tell which,
// so that they can be destroyed with it.
func unfinished(key string) string { return tempPrefix + path.Base(key) + "." }

// whoseKey says in words what age says of a file sealed to somebody else.
func whoseKey(err error) error {
	var no *age.NoIdentityMatchError
	if errors.As(err, &no) {
		return errors.New("sealed to another key: it does not belong to these keys/")
	}
	return err
}
