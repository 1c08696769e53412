package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"filippo.io/age"

	"darsd/dars"
)

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

func mark(r dars.ReleaseID) string { return "releases/" + string(r) + ".destroyed" }
