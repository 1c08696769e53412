package vault

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"darsd/dars"
)

// A Sum is what a file was when it was kept, as its noun says. What is empty is
// not compared.
type Sum struct{ SHA256, SHA512 string }

// Scrubbed counts what a scrub has read.
type Scrubbed struct {
	Files int
	Bytes int64 // of content
	Bad   int   // how often damage was told
}

// Scrub reads every file of the vault to its end, and tells each of what is
// damaged: what cannot be decrypted, what is not what was kept (kept names the
// files of which that is known, by their names in the vault), what is missing
// (errors.Is fs.ErrNotExist), and what lies there although its release has been
// purged (ErrDestroyed). Keys are looked at too, as keys/….
//
// The sentence names the file. What was removed since kept was put together is
// told as missing: whoever asked looks again. An error is returned only when the
// scrub did not come to its end, as when ctx is cancelled.
func (v *Vault) Scrub(ctx context.Context, kept map[string]Sum, each func(name string, err error)) (s Scrubbed, err error) {
	defer tell(&err)
	damaged := func(name string, err error) {
		s.Bad++
		each(name, err)
	}
	if err := v.scrubKeys(ctx, damaged); err != nil {
		return s, err
	}
	seen := map[string]bool{}
	err = fs.WalkDir(v.files.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, fs.ErrNotExist):
			return nil // gone since it was listed
		case err != nil:
			damaged(name, fmt.Errorf("%s cannot be looked at: %w", name, inWords(err)))
			return nil
		case e.IsDir() || strings.HasPrefix(e.Name(), tempPrefix) || isLock(name):
			return nil
		}
		seen[name] = true
		if !e.Type().IsRegular() { // opening a pipe would wait for ever
			damaged(name, fmt.Errorf("%s is no file: find out who has put it there", name))
			return nil
		}
		want, wanted := kept[name]
		n, err := v.scrub(ctx, name, want)
		s.Files, s.Bytes = s.Files+1, s.Bytes+n
		if err != nil && ctx.Err() != nil {
			return ctx.Err()
		}
		if _, gone := v.files.Lstat(name); err != nil && (wanted || !errors.Is(gone, fs.ErrNotExist)) {
			damaged(name, err)
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		if !seen[name] {
			damaged(name, fmt.Errorf("%s is missing: bring it back from a backup (%w)", name, fs.ErrNotExist))
		}
	}
	return s, nil
}

// scrub reads one file, in pieces, and compares what it holds.
func (v *Vault) scrub(ctx context.Context, name string, want Sum) (n int64, err error) {
	f, err := v.Open(scopeOf(name), name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, fmt.Errorf("%s is missing: bring it back from a backup (%w)", name, fs.ErrNotExist)
	case errors.Is(err, ErrDestroyed):
		return 0, fmt.Errorf("%s lies there although its release has been purged: purge the release again (%w)", name, err)
	case errors.Is(err, fs.ErrInvalid):
		return 0, fmt.Errorf("%s is nothing that the vault keeps: find out who has put it there (%w)", name, err)
	case err != nil:
		return 0, fmt.Errorf("%s cannot be opened: bring it back from a backup (%w)", name, err)
	}
	defer f.Close()
	sums := []struct {
		word, want string
		hash.Hash
	}{{"SHA-256", want.SHA256, sha256.New()}, {"SHA-512", want.SHA512, sha512.New()}}
	buffer := new([sealedSize]byte)
	for n < f.Size() {
		if ctx.Err() != nil {
			return n, ctx.Err()
		}
		piece, err := f.sealed.open(n/pieceSize, buffer)
		if err != nil {
			return n, fmt.Errorf("%s is damaged at byte %d of %d: bring it back from a backup (%w)", name, n, f.Size(), inWords(err))
		}
		for _, sum := range sums {
			if sum.want != "" {
				sum.Write(piece)
			}
		}
		n += int64(len(piece))
	}
	for _, sum := range sums {
		if have := hex.EncodeToString(sum.Sum(nil)); sum.want != "" && !strings.EqualFold(have, sum.want) {
			return n, fmt.Errorf("%s is not the file that was kept: its %s is %s and was %s; bring it back from a backup", name, sum.word, have, sum.want)
		}
	}
	return n, nil
}

// scrubKeys looks at what opens the files. (Without the office's own keys the
// vault would not be open.)
func (v *Vault) scrubKeys(ctx context.Context, damaged func(string, error)) error {
	if _, err := v.keys.Lstat(rotating); err == nil {
		damaged("keys/"+rotating, errors.New("a change of the master identity was not finished: the other identity opens keys as well; end all other programs of this data directory and start darsd again"))
	}
	names, err := v.sealedKeys()
	if err != nil {
		return err
	}
	for _, name := range names {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		v.mu.RLock()
		var err error
		if strings.HasPrefix(name, pseudonymKeys+"/") {
			_, err = v.unsealPseudonyms(name)
		} else {
			_, err = v.unseal(name)
		}
		v.mu.RUnlock()
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			damaged("keys/"+name, fmt.Errorf("the key cannot be used: bring it back from a backup, or all that it opens is lost (%w)", err))
		}
	}
	return nil
}

// scopeOf is whose a file is, by where it lies.
func scopeOf(name string) dars.ReleaseID {
	if rest, ok := strings.CutPrefix(name, "releases/"); ok {
		release, _, _ := strings.Cut(rest, "/")
		return dars.ReleaseID(release)
	}
	return Office
}

// isLock knows the two files of a tray that hold nothing.
func isLock(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(name, "trays/") && strings.Count(name, "/") == 2 && (base == "lock" || base == "taking")
}
