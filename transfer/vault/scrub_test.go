package vault_test

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"darsd/transfer/vault"
)

func TestScrub(t *testing.T) {
	dir, content := filled(t, vault.Source{})
	content["lists/big"] = strings.Repeat("0123456789", 100_000)
	content["lists/empty"] = ""
	content["lists/swapped"], content["lists/with"] = "one", "other"
	content["lists/gone"] = "gone"
	v := must(open(dir))
	defer v.Close()
	kept := map[string]vault.Sum{}
	var bytes int64
	for name, text := range content {
		if err := v.WriteFile(scopeOf(name), name, []byte(text)); err != nil {
			t.Fatal(err)
		}
		kept[name] = vault.Sum{SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(text)))}
		if scopeOf(name) != vault.Office {
			kept[name] = vault.Sum{SHA512: fmt.Sprintf("%X", sha512.Sum512([]byte(text)))}
		}
		bytes += int64(len(text))
	}
	kept["lists/empty"] = vault.Sum{} // only that it is there
	if err := v.Tray("P-000001").Put("Jane Doe.pdf", []byte("x"), time.Now()); err != nil {
		t.Fatal(err)
	}
	unfinished := must(v.Create(vault.Office, "lists/unfinished"))
	defer unfinished.Close()

	scrub := func() map[string]string {
		t.Helper()
		told := map[string]string{}
		s, err := v.Scrub(t.Context(), kept, func(name string, err error) { told[name] += err.Error() })
		if err != nil || s.Bad != len(told) || s.Files < len(content)-1 {
			t.Errorf("%+v %v, and told of %d", s, err, len(told))
		}
		return told
	}
	if told := scrub(); len(told) > 0 {
		t.Fatal(told)
	}
	if s, err := v.Scrub(t.Context(), nil, nil); err != nil || s.Bytes < bytes {
		t.Errorf("%+v %v, of %d bytes", s, err, bytes)
	}

	on := func(name string) string { return filepath.Join(dir, "vault", name) }
	flip := func(name string, at int) {
		text := must(os.ReadFile(on(name)))
		text[at] ^= 1
		os.WriteFile(on(name), text, 0o600)
	}
	flip("lists/big", 700_000)
	flip("papers/b", 10)
	os.Rename(on("lists/with"), on("lists/swapped"))
	os.Remove(on("lists/gone"))
	os.Truncate(on("releases/REL-000001/1/a"), 100)
	os.MkdirAll(on("releases/REL-000003/1"), 0o700) // purged, and brought back by somebody
	os.WriteFile(on("releases/REL-000003/1/a"), must(os.ReadFile(on("releases/REL-000002/1/a"))), 0o600)
	os.WriteFile(on("releases/notes.txt"), []byte("x"), 0o600)
	os.Symlink("/etc/passwd", on("lists/link"))
	syscall.Mkfifo(on("lists/pipe"), 0o600)
	os.WriteFile(filepath.Join(dir, "keys/releases/REL-000002.key"), []byte("rubbish"), 0o600)

	says := map[string]string{
		"lists/big":                    "lists/big is damaged at byte 655360 of 1000000",
		"papers/b":                     "papers/b cannot be opened",
		"lists/swapped":                "lists/swapped is not the file that was kept: its SHA-256 is d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa and was",
		"lists/with":                   "lists/with is missing",
		"lists/gone":                   "lists/gone is missing",
		"releases/REL-000001/1/a":      "releases/REL-000001/1/a cannot be opened",
		"releases/REL-000002/1/a":      "releases/REL-000002/1/a cannot be opened",
		"releases/REL-000003/1/a":      "lies there although its release has been purged",
		"releases/notes.txt":           "releases/notes.txt is nothing that the vault keeps",
		"lists/link":                   "lists/link is no file",
		"lists/pipe":                   "lists/pipe is no file",
		"keys/releases/REL-000002.key": "the key cannot be used",
	}
	told := scrub()
	for name, want := range says {
		if !strings.Contains(told[name], want) {
			t.Errorf("%s: %q", name, told[name])
		}
	}
	if len(told) != len(says) {
		t.Errorf("told of %v", slices.Sorted(maps.Keys(told)))
	}
	v.Scrub(t.Context(), kept, func(name string, err error) {
		missing := strings.Contains(err.Error(), "is missing")
		if errors.Is(err, fs.ErrNotExist) != missing || errors.Is(err, vault.ErrDestroyed) != strings.Contains(err.Error(), "purged") {
			t.Errorf("a program would misunderstand %v", err)
		}
	})
}

func TestScrubCanBeStoppedAndHoldsNoMemory(t *testing.T) {
	v, _ := fresh(t)
	w := must(v.Create(vault.Office, "lists/big"))
	defer w.Close()
	piece := make([]byte, 1<<20)
	for range 64 {
		w.Write(piece)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if s, err := v.Scrub(t.Context(), map[string]vault.Sum{"lists/big": {SHA256: "0"}}, func(string, error) {}); err != nil || s.Bytes != 64<<20 || s.Bad != 1 {
		t.Errorf("%+v %v", s, err)
	}
	runtime.ReadMemStats(&after)
	if held := after.Sys - before.Sys; held > 16<<20 {
		t.Errorf("a scrub of 64 MiB took %d bytes from the system", held)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if s, err := v.Scrub(ctx, nil, func(name string, err error) { t.Errorf("%s: %v", name, err) }); !errors.Is(err, context.Canceled) || s.Files > 0 {
		t.Errorf("%+v %v", s, err)
	}
}
