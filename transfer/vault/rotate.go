package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"syscall"

	"filippo.io/age"
)

// The master identity is changed in these steps, each of which survives a loss
// of power, and none of which touches a file of the vault:
//
//	keys/rotation is written      a rotation is under way
//	keys/office.age.next          the new identity, if the vault is to keep it itself
//	every sealed key              sealed to both identities
//	keys/office.pub               the new name: from here on the new identity counts
//	keys/office.age               the new identity, or nothing
//	every sealed key              sealed to that identity alone
//	keys/rotation is removed
//
// Up to the fifth line the old identity opens everything and the new one is
// refused; from then on it is the other way round. Whoever opens the vault after
// a rotation was cut off does the rest: back to the old identity, or on to the
// new one, as keys/office.pub says.
const (
	rotating   = "rotation"
	nextMaster = "office.age.next"
)

// Rotate changes the master identity to that of a source; for keys/office.age it
// makes a new one. It needs the vault for itself: a program that goes on with the
// old identity could open nothing any more, so while another has it open, Rotate
// refuses.
//
// Whoever has both the old identity and a copy of keys/ from before can still
// open what lay there then: old backups of keys/ are to be destroyed, and the old
// identity is to be kept as long as any of them is to be of use.
func (v *Vault) Rotate(to Source) (err error) {
	defer tell(&err)
	v.mu.Lock()
	defer v.mu.Unlock()
	defer v.opened.forgetAll()
	stay, err := v.alone()
	if err != nil {
		return fmt.Errorf("change the master identity: %w", err)
	}
	defer stay()
	next, text, err := v.nextMaster(to)
	if err != nil {
		return fmt.Errorf("change the master identity: %w", err)
	}
	old := v.master.Recipient()
	if next.Recipient().String() == old.String() {
		return fmt.Errorf("change the master identity: that from %s is the one in use (%s)", to, old)
	}
	names, err := v.sealedKeys()
	for _, name := range names {
		if err == nil {
			_, err = v.unsealText(name)
		}
	}
	if err != nil {
		return fmt.Errorf("the master identity is not changed, since not every key opens: bring it back from a backup, or purge its release (%w)", err)
	}

	if err := v.put(rotating, fmt.Appendf(nil, "from %s\nto %s\n", old, next.Recipient())); err != nil {
		return v.goBack(err)
	}
	if to.Kind == FromKeys {
		if err := v.put(nextMaster, text); err != nil {
			return v.goBack(err)
		}
	}
	if err := v.reseal(old, next.Recipient()); err != nil {
		return v.goBack(err)
	}
	if err := v.put(masterName, []byte(next.Recipient().String()+"\n")); err != nil {
		// Perhaps it stands there all the same, and would not after a loss of power:
		// the keys stay sealed to both until the vault is opened again.
		if name, _ := v.masterName(); name == next.Recipient().String() {
			v.master = next
		}
		return fmt.Errorf("change the master identity: %w", err)
	}
	v.master = next
	if err := v.settle(); err != nil {
		return fmt.Errorf("the master identity is %s now, and the old one still opens some keys: %w", next.Recipient(), err)
	}
	return nil
}

func (v *Vault) nextMaster(to Source) (next *age.X25519Identity, text []byte, err error) {
	if to.Kind == FromKeys {
		return newMaster()
	}
	next, err = to.identity(v.data)
	return next, nil, err
}

// goBack leaves all as it was before a rotation that could not be done. Where
// that fails too, as on a full disk, it is done when the vault is next opened.
func (v *Vault) goBack(why error) error {
	if err := v.settle(); err != nil {
		return fmt.Errorf("the master identity is not changed: %w; all keys still open with it, and the rest is tidied up when darsd starts again (%w)", why, err)
	}
	return fmt.Errorf("the master identity is not changed: %w", why)
}

// finishRotation ends one that was cut off. Nothing is lost while it cannot: all
// keys open with the identity that counts, and a scrub says that another opens
// them as well.
func (v *Vault) finishRotation() {
	if _, err := v.keys.Lstat(rotating); err != nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	stay, err := v.alone()
	if err != nil {
		return // another program has the vault open
	}
	defer stay()
	v.settle()
}

// settle seals every key to the identity that counts, and to no other, and
// removes what is left of the rotation.
func (v *Vault) settle() error {
	if err := v.reseal(v.master.Recipient()); err != nil {
		return err
	}
	ours := v.master.Recipient().String()
	for _, file := range []string{nextMaster, masterKey} {
		text, err := readKey(v.keys, file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		id := parseMaster(text)
		switch counts := id != nil && id.Recipient().String() == ours; {
		case counts && file == masterKey:
		case counts:
			if err := v.keys.Rename(nextMaster, masterKey); err != nil {
				return err
			}
			v.step("renamed " + nextMaster)
		default:
			if err := v.keys.Remove(file); err != nil {
				return err
			}
			v.step("removed " + file)
		}
	}
	if err := syncDir(v.keys, "."); err != nil {
		return err
	}
	if err := ignoreGone(v.keys.Remove(rotating)); err != nil {
		return err
	}
	v.step("removed " + rotating)
	return syncDir(v.keys, ".")
}

// reseal seals every key anew. One that cannot be opened is an error, and the
// others are done all the same.
func (v *Vault) reseal(to ...*age.X25519Recipient) error {
	var recipients []age.Recipient
	for _, r := range to {
		recipients = append(recipients, r)
	}
	names, err := v.sealedKeys()
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names {
		text, err := v.unsealText(name)
		if err == nil {
			if text, err = seal(text, recipients...); err == nil {
				err = v.put(name, text)
			}
		}
		errs = append(errs, err)
	}
	return errors.Join(append(errs, syncDir(v.keys, "releases"), ignoreGone(syncDir(v.keys, pseudonymKeys)), syncDir(v.keys, "."))...)
}

// put writes a key in the place of the one of that name.
func (v *Vault) put(name string, content []byte) error {
	v.step("before " + name)
	temp, err := putAside(v.keys, name, content)
	if err != nil {
		return err
	}
	v.step("aside " + name)
	if err := v.keys.Rename(temp, name); err != nil {
		return errors.Join(err, v.keys.Remove(temp))
	}
	v.step("put " + name)
	if path.Dir(name) != "." {
		return nil // reseal syncs their folders once for all
	}
	return syncDir(v.keys, ".")
}

// lockFile is held shared by every program that has the vault open, and alone by
// one that changes the master identity.
const lockFile = "office.lock"

// join waits until nobody changes the master identity.
func (v *Vault) join() error {
	f, err := v.keys.OpenFile(lockFile, os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, syscall.EROFS) {
		if f, err = v.keys.Open(lockFile); errors.Is(err, fs.ErrNotExist) {
			return nil // nothing can be changed here
		}
	}
	if err != nil {
		return err
	}
	v.lock = f
	if err := flock(f, syscall.LOCK_SH); err != nil {
		return fmt.Errorf("lock keys/%s: %w", lockFile, err)
	}
	return nil
}

// errShared says that the vault is open elsewhere too.
var errShared = errors.New("another program has the vault open: stop darsd serve and all other commands of this data directory, and say it again")

// alone makes sure that no other program has the vault open. The system gives up
// a shared lock before it gives the other, so somebody may have come in between,
// and even have changed the master.
func (v *Vault) alone() (stay func(), err error) {
	if v.lock == nil {
		return nil, &os.PathError{Op: "lock", Path: "keys", Err: syscall.EROFS}
	}
	stay = func() { flock(v.lock, syscall.LOCK_SH) }
	if err := flock(v.lock, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		stay()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errShared
		}
		return nil, err
	}
	name, err := v.masterName()
	if err == nil && name != v.master.Recipient().String() {
		err = fmt.Errorf("another program has just changed it to %s: start this one again", name)
	}
	if err != nil {
		stay()
		return nil, err
	}
	return stay, nil
}

func flock(f *os.File, how int) error {
	for {
		if err := syscall.Flock(int(f.Fd()), how); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
