package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"darsd/dars"
	"darsd/transfer/vault"
)

func scopeOf(name string) dars.ReleaseID {
	if parts := strings.Split(name, "/"); parts[0] == "releases" {
		return dars.ReleaseID(parts[1])
	}
	return vault.Office
}

// filled is a vault with some of everything.
func filled(t *testing.T, from vault.Source) (dir string, want map[string]string) {
	t.Helper()
	dir = t.TempDir()
	v, err := openWith(dir, from)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	want = map[string]string{"lists/a": "numbers", "papers/b": "words", "releases/REL-000001/1/a": "rows", "releases/REL-000002/1/a": "more rows"}
	for name, content := range want {
		if err := v.WriteFile(scopeOf(name), name, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.WriteFile("REL-000003", "releases/REL-000003/1/a", []byte("gone")); err != nil {
		t.Fatal(err)
	}
	if err := v.Destroy("REL-000003"); err != nil {
		t.Fatal(err)
	}
	if _, err := v.PseudonymKey(aCase, true); err != nil {
		t.Fatal(err)
	}
	return dir, want
}

// opens lists the sealed keys that an identity opens.
func opens(t *testing.T, dir string, id age.Identity) (names []string) {
	t.Helper()
	keys, err := filepath.Glob(filepath.Join(dir, "keys/*/*.key"))
	if err != nil || len(keys) == 0 {
		t.Fatal(keys, err)
	}
	for _, file := range append(keys, filepath.Join(dir, "keys/office-files.key")) {
		if _, err := age.Decrypt(bytes.NewReader(must(os.ReadFile(file))), id); err == nil {
			names = append(names, filepath.Base(file))
		}
	}
	return names
}

func TestRotate(t *testing.T) {
	oldID, oldFile := identity(t)
	newID, newFile := identity(t)
	dir, want := filled(t, oldFile)
	bodies := map[string]string{}
	for name := range want {
		bodies[name] = string(must(os.ReadFile(filepath.Join(dir, "vault", name))))
	}
	v := must(openWith(dir, oldFile))
	defer v.Close()
	signer := v.SigningKey()

	if err := v.Rotate(oldFile); err == nil || !strings.Contains(err.Error(), "is the one in use") {
		t.Errorf("to itself: %v", err)
	}
	second := must(openWith(dir, oldFile))
	if err := v.Rotate(newFile); err == nil || !strings.Contains(err.Error(), "another program has the vault open") {
		t.Errorf("while it is open elsewhere: %v", err)
	}
	reads(t, v, want)
	reads(t, second, want)
	second.Close()
	if err := v.Rotate(newFile); err != nil {
		t.Fatal(err)
	}
	if v.Master() != newID.Recipient().String() {
		t.Errorf("the master is %s", v.Master())
	}
	reads(t, v, want)
	for name, body := range bodies {
		if string(must(os.ReadFile(filepath.Join(dir, "vault", name)))) != body {
			t.Errorf("%s was written anew", name)
		}
	}
	if got := opens(t, dir, oldID); len(got) != 0 {
		t.Errorf("the old identity still opens %v", got)
	}
	if err := v.WriteFile("REL-000004", "releases/REL-000004/1/a", []byte("new")); err != nil {
		t.Error(err)
	}
	want["releases/REL-000004/1/a"] = "new"
	v.Close()

	if _, err := openWith(dir, oldFile); err == nil || !strings.Contains(err.Error(), "are sealed to "+newID.Recipient().String()) {
		t.Errorf("with the old one: %v", err)
	}
	v = must(openWith(dir, newFile))
	defer v.Close()
	reads(t, v, want)
	if !v.SigningKey().Equal(signer) {
		t.Error("another signing key")
	}
	if _, err := v.Open("REL-000003", "releases/REL-000003/1/a"); err == nil {
		t.Error("a purged release is back")
	}

	// To the vault's own identity, to another one, and out of the house again.
	for _, to := range []vault.Source{{}, {}, oldFile} {
		if err := v.Rotate(to); err != nil {
			t.Fatal(err)
		}
		name := v.Master()
		reads(t, v, want)
		v.Close()
		if v = must(openWith(dir, to)); v.Master() != name {
			t.Errorf("the master is %s and was %s", v.Master(), name)
		}
		reads(t, v, want)
		if _, err := os.Lstat(filepath.Join(dir, "keys/office.age")); (err == nil) != (to.Kind == vault.FromKeys) {
			t.Errorf("keys/office.age after a change to %s: %v", to, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "keys/rotation")); len(left) > 0 {
			t.Error("keys/rotation is left")
		}
	}
	v.Close()
}

// A power cut, as far as a test can make one: the program is gone at this moment.
type powerCut struct{}

// cut rotates in a copy of a data directory and loses power after n steps. It
// reports whether there were as many.
func cut(t *testing.T, dir string, from, to vault.Source, n int) (copied, after string) {
	t.Helper()
	copied = t.TempDir()
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		to := filepath.Join(copied, strings.TrimPrefix(name, dir))
		if err != nil || e.IsDir() {
			return errors.Join(err, os.MkdirAll(to, 0o700))
		}
		return os.WriteFile(to, must(os.ReadFile(name)), 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	v, err := openWith(copied, from)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	v.Watch(func(step string) {
		if n--; n < 0 {
			after = step
			panic(powerCut{})
		}
	})
	defer func() {
		if p := recover(); p != nil && p != (powerCut{}) {
			panic(p)
		}
	}()
	if err := v.Rotate(to); err != nil {
		t.Error(err)
	}
	return copied, after
}

func TestPowerCutDuringRotation(t *testing.T) {
	_, one := identity(t)
	_, two := identity(t)
	for name, way := range map[string]struct{ from, to vault.Source }{
		"elsewhere to elsewhere": {one, two},
		"keys to elsewhere":      {vault.Source{}, two},
		"elsewhere to keys":      {one, vault.Source{}},
		"keys to keys":           {vault.Source{}, vault.Source{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, want := filled(t, way.from)
			steps, before, after := 0, 0, 0
			for ; ; steps++ {
				copied, at := cut(t, dir, way.from, way.to, steps)
				if at == "" {
					break
				}
				// One of the two opens it; which, keys/office.pub says.
				v, err := openWith(copied, way.from)
				if err == nil {
					before++
					if name != "keys to keys" {
						if _, err := openWith(copied, way.to); err == nil {
							t.Errorf("after %q both open it", at)
						}
					}
				} else {
					if !strings.Contains(err.Error(), "sealed to") && !strings.Contains(err.Error(), "is missing") {
						t.Fatalf("after %q with the old one: %v", at, err)
					}
					if v, err = openWith(copied, way.to); err != nil {
						t.Fatalf("after %q neither opens it: %v", at, err)
					}
					after++
				}
				reads(t, v, want)
				// It has been tidied: nothing is left, and nobody else can open anything.
				scrubbed, err := v.Scrub(t.Context(), nil, func(name string, err error) { t.Errorf("after %q: %s: %v", at, name, err) })
				if err != nil || scrubbed.Files != len(want) {
					t.Errorf("after %q: %+v %v", at, scrubbed, err)
				}
				if left, _ := filepath.Glob(filepath.Join(copied, "keys/*.next")); len(left) > 0 {
					t.Errorf("after %q: %v", at, left)
				}
				for _, key := range append(must(filepath.Glob(filepath.Join(copied, "keys/releases/*.key"))), filepath.Join(copied, "keys/office-files.key")) {
					if n := bytes.Count(must(os.ReadFile(key)), []byte("-> X25519 ")); n != 1 {
						t.Errorf("after %q: %s is sealed to %d identities", at, key, n)
					}
				}
				if steps%5 == 0 { // one is slow, with all its syncs
					if err := v.Rotate(vault.Source{}); err != nil {
						t.Errorf("after %q it cannot be done again: %v", at, err)
					}
					reads(t, v, want)
				}
				v.Close()
			}
			if steps < 20 || before < 5 || after+before != steps || way.from.Kind != way.to.Kind && after < 5 {
				t.Errorf("%d steps: %d times the old one opened it and %d times the new one", steps, before, after)
			}
		})
	}
}

// While it is unfinished and others have the vault open, all goes on.
func TestUnfinishedRotationWhileOpenElsewhere(t *testing.T) {
	_, one := identity(t)
	_, two := identity(t)
	dir, want := filled(t, one)
	first, at := cut(t, dir, one, two, 8)
	if at == "" {
		t.Fatal("no power cut")
	}
	hold := must(os.Open(filepath.Join(first, "keys/office.lock"))) // another program, which opened it a moment before
	flockShared(t, hold)
	v, err := openWith(first, one)
	if err != nil {
		t.Fatal(err)
	}
	reads(t, v, want)
	told := 0
	v.Scrub(t.Context(), nil, func(name string, err error) {
		if told++; name != "keys/rotation" || !strings.Contains(err.Error(), "was not finished") {
			t.Errorf("%s: %v", name, err)
		}
	})
	if told != 1 {
		t.Errorf("the scrub told of %d things", told)
	}
	v.Close()
	hold.Close()
	v = must(openWith(first, one))
	defer v.Close()
	if s, err := v.Scrub(t.Context(), nil, func(name string, err error) { t.Errorf("%s: %v", name, err) }); err != nil || s.Bad != 0 {
		t.Error(s, err)
	}
}

func TestRotationIsRefusedWhenAKeyIsDamaged(t *testing.T) {
	oldID, oldFile := identity(t)
	_, newFile := identity(t)
	dir, _ := filled(t, oldFile)
	os.WriteFile(filepath.Join(dir, "keys/releases/REL-000002.key"), []byte("rubbish"), 0o600)
	v := must(openWith(dir, oldFile))
	defer v.Close()
	if err := v.Rotate(newFile); err == nil || !strings.Contains(err.Error(), "keys/releases/REL-000002.key") {
		t.Error(err)
	}
	if got := opens(t, dir, oldID); fmt.Sprint(got) != "["+aCase+".key REL-000001.key office-files.key]" {
		t.Errorf("the old identity opens %v", got)
	}
	if _, err := os.Lstat(filepath.Join(dir, "keys/rotation")); err == nil {
		t.Error("a rotation is under way")
	}
	if err := v.Destroy("REL-000002"); err != nil {
		t.Error(err)
	}
	if err := v.Rotate(newFile); err != nil {
		t.Error(err)
	}
}

// Reading goes on in this program while the master is changed.
func TestRotateWhileReading(t *testing.T) {
	_, a := identity(t)
	dir, want := filled(t, a)
	v := must(openWith(dir, a))
	defer v.Close()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		var err error
		for ctx.Err() == nil && err == nil {
			var f *vault.File
			if f, err = v.Open("REL-000001", "releases/REL-000001/1/a"); err == nil {
				_, err = io.ReadAll(f.Reader())
				err = errors.Join(err, f.Close())
			}
		}
		done <- err
	}()
	for range 5 {
		if err := v.Rotate(vault.Source{}); err != nil {
			t.Error(err)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	reads(t, v, want)
}
