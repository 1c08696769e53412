package vault

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
)

// pseudonymKeySize is in bytes.
const pseudonymKeySize = 32

// PseudonymKey returns the key with which the persons of one case are given
// pseudonyms: 32 bytes, for ever the same for a stem such as
// DARS-NIC-000001-B1C2D. It belongs to the stem, so renewals keep it; a purge
// leaves it, since somebody may still ask whose file was found.
//
// With create it is made where there is none; of several programs at once, all
// get the first one's. Without, the error is an fs.ErrNotExist. So whoever knows
// that pseudonyms have left under the stem asks without: a new key would give the
// same persons other names.
func (v *Vault) PseudonymKey(stem string, create bool) (key []byte, err error) {
	defer tell(&err)
	if !plain(stem) {
		return nil, fmt.Errorf("%q is no reference of a case: %w", stem, fs.ErrInvalid)
	}
	v.mu.RLock() // or a rotation would miss a key that is made meanwhile
	defer v.mu.RUnlock()
	name := pseudonymKey(stem)
	key, err = v.unsealPseudonyms(name)
	if !create || !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := mkdirAll(v.keys, pseudonymKeys); err != nil {
		return nil, err
	}
	key = make([]byte, pseudonymKeySize)
	rand.Read(key)
	sealed, err := seal(key, v.master.Recipient())
	if err != nil {
		return nil, err
	}
	if err := putNew(v.keys, name, sealed); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return v.unsealPseudonyms(name) // of two programs, the first one's
}

// unsealPseudonyms reads a key and makes sure that it is one: half a key would
// give pseudonyms too.
func (v *Vault) unsealPseudonyms(name string) ([]byte, error) {
	key, err := v.unsealText(name)
	if err == nil && len(key) != pseudonymKeySize {
		err = fmt.Errorf("keys/%s: no key of %d bytes is sealed in it", name, pseudonymKeySize)
	}
	if err != nil {
		return nil, err
	}
	return key, nil
}

// pseudonymKeys is the folder under keys/. An older vault has none.
const pseudonymKeys = "pseudonyms"

func pseudonymKey(stem string) string { return pseudonymKeys + "/" + stem + ".key" }
