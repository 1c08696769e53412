package vault_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"darsd/dars"
	"darsd/transfer/vault"
)

// A key that is remembered opens nothing that its file would not.
func TestRememberedKey(t *testing.T) {
	const name = "releases/REL-000001/1/a"
	tests := map[string]struct {
		happens func(t *testing.T, v *vault.Vault, key string)
		opens   bool
		gone    bool // and nobody remembers it
	}{
		"nothing":                    {func(*testing.T, *vault.Vault, string) {}, true, false},
		"purged":                     {func(t *testing.T, v *vault.Vault, _ string) { try(t, v.Destroy("REL-000001")) }, false, true},
		"deleted by another program": {func(t *testing.T, _ *vault.Vault, key string) { try(t, os.Remove(key)) }, false, true},
		"readable by others":         {func(t *testing.T, _ *vault.Vault, key string) { try(t, os.Chmod(key, 0o644)) }, false, true},
		"another in its place": {func(t *testing.T, v *vault.Vault, key string) {
			try(t, v.WriteFile("REL-000002", "releases/REL-000002/1/a", nil))
			try(t, os.Rename(filepath.Join(filepath.Dir(key), "REL-000002.key"), key))
		}, false, false},
		"master changed": {func(t *testing.T, v *vault.Vault, _ string) { try(t, v.Rotate(vault.Source{})) }, true, false},
		// That this is not seen shows that the key is not unsealed again.
		"damaged without a trace": {func(t *testing.T, _ *vault.Vault, key string) {
			info := must(os.Stat(key))
			try(t, os.WriteFile(key, bytes.Repeat([]byte("x"), int(info.Size())), 0o600))
			try(t, os.Chtimes(key, time.Time{}, info.ModTime()))
		}, true, false},
	}
	for what, tt := range tests {
		t.Run(what, func(t *testing.T) {
			v, dir := fresh(t)
			try(t, v.WriteFile("REL-000001", name, []byte("a row")))
			stored := must(os.ReadFile(filepath.Join(dir, "vault", name)))
			must(v.ReadFile("REL-000001", name))
			if n := v.Remembered(); n != 1 {
				t.Fatalf("%d keys are remembered", n)
			}
			tt.happens(t, v, filepath.Join(dir, "keys/releases/REL-000001.key"))
			try(t, os.MkdirAll(filepath.Join(dir, "vault/releases/REL-000001/1"), 0o700))
			try(t, os.WriteFile(filepath.Join(dir, "vault", name), stored, 0o600)) // a copy, if it was purged
			if _, err := v.ReadFile("REL-000001", name); (err == nil) != tt.opens || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("opened: %v", err)
			}
			if n := v.Remembered(); tt.gone && n != 0 {
				t.Errorf("%d keys are remembered", n)
			}
		})
	}
}

func try(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestKeysAreForgotten(t *testing.T) {
	v, _ := fresh(t)
	for i := range vault.MaxRemembered + 10 {
		r := dars.ReleaseID(fmt.Sprintf("REL-%06d", i+1))
		name := fmt.Sprintf("releases/%s/1/a", r)
		try(t, v.WriteFile(r, name, []byte("a row")))
		must(v.ReadFile(r, name))
	}
	if n := v.Remembered(); n != vault.MaxRemembered {
		t.Errorf("%d keys are remembered", n)
	}
	v.Close()
	if n := v.Remembered(); n != 0 {
		t.Errorf("%d keys are remembered of a vault that is closed", n)
	}
	synctest.Test(t, func(t *testing.T) {
		v, _ := fresh(t)
		try(t, v.WriteFile("REL-000001", "releases/REL-000001/1/a", []byte("a row")))
		for range 70 {
			must(v.ReadFile("REL-000001", "releases/REL-000001/1/a"))
			time.Sleep(time.Second)
		}
		if n := v.Remembered(); n != 1 {
			t.Errorf("%d keys are remembered while they are used", n)
		}
		time.Sleep(2 * time.Minute)
		if n := v.Remembered(); n != 0 {
			t.Errorf("%d keys are remembered for longer than a minute", n)
		}
	})
}

// Whoever opens a file while its release is purged leaves no key behind.
func TestPurgedWhileOpened(t *testing.T) {
	v, _ := fresh(t)
	for i := range 30 {
		r := dars.ReleaseID(fmt.Sprintf("REL-%06d", i+1))
		name := fmt.Sprintf("releases/%s/1/a", r)
		try(t, v.WriteFile(r, name, []byte("a row")))
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 5 {
					if f, err := v.Open(r, name); err == nil {
						f.Close()
					}
				}
			})
		}
		all.Go(func() {
			if err := v.Destroy(r); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		if n := v.Remembered(); n != 0 {
			t.Fatalf("%d keys are remembered", n)
		}
	}
}
