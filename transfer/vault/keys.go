package vault

import (
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
