package vault

import (
	"io/fs"
	"os"
	"sync"
	"time"

	"filippo.io/age"
)

const (
	maxOpened = 64          // releases whose keys are remembered at once
	openedFor = time.Minute // how long one is remembered
)

// Opened keys are those of releases that were unsealed a moment ago: to unseal
// one costs as much as to send a hundred kilobytes, and a release may have
// thousands of small files.
//
// A key is remembered for the key file that it came from, and the file is looked
// at each time: when another program has destroyed it, sealed it anew or let
// others read it, what was remembered is forgotten. The library age has no way to
// wipe an identity; so what is forgotten is let go, and none stays for longer than
// openedFor, used or not.
type opened struct {
	mu   sync.Mutex
	keys map[string]*openedKey // by name of the file
}

type openedKey struct {
	ids  []*age.X25519Identity
	file fs.FileInfo
	end  *time.Timer
}

// get returns the identities that were in a key file, if it is still the same.
func (o *opened) get(name string, file fs.FileInfo) []*age.X25519Identity {
	o.mu.Lock()
	defer o.mu.Unlock()
	k := o.keys[name]
	if k == nil {
		return nil
	}
	if !same(k.file, file) {
		o.drop(name, k)
		return nil
	}
	return k.ids
}

// same reports whether a file is the one that it was, as far as can be told
// without reading it.
func same(was, is fs.FileInfo) bool {
	return is != nil && os.SameFile(was, is) && was.Size() == is.Size() && was.Mode() == is.Mode() && was.ModTime().Equal(is.ModTime())
}

// put remembers what was in a key file, as that was before it was read. Of too
// many, any one goes.
func (o *opened) put(name string, file fs.FileInfo, ids []*age.X25519Identity) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if k := o.keys[name]; k != nil {
		o.drop(name, k)
	}
	for other, k := range o.keys {
		if len(o.keys) < maxOpened {
			break
		}
		o.drop(other, k)
	}
	if o.keys == nil {
		o.keys = map[string]*openedKey{}
	}
	k := &openedKey{ids: ids, file: file}
	k.end = time.AfterFunc(openedFor, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.drop(name, k)
	})
	o.keys[name] = k
}

// forget lets go of what was in a key file.
func (o *opened) forget(name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if k := o.keys[name]; k != nil {
		o.drop(name, k)
	}
}

// forgetAll lets go of everything.
func (o *opened) forgetAll() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for name, k := range o.keys {
		o.drop(name, k)
	}
}

// drop lets go of one key, unless another has its place. Called with mu held.
func (o *opened) drop(name string, k *openedKey) {
	if o.keys[name] == k {
		k.end.Stop()
		delete(o.keys, name)
	}
}
