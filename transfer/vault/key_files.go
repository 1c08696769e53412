package vault

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"filippo.io/age"
)

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
