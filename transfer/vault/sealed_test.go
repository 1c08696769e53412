package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"

	"darsd/transfer/vault"
)

// writeAge puts one of the office's own files into a vault as earlier releases
// did: it is a file of age.
func writeAge(_ *vault.Vault, dir, name string, plain []byte) error {
	identities := func(text []byte, err error) []age.Identity {
		return must(age.ParseIdentities(bytes.NewReader(must(text, err))))
	}
	master := identities(os.ReadFile(filepath.Join(dir, "keys/office.age")))
	key := must(age.Decrypt(bytes.NewReader(must(os.ReadFile(filepath.Join(dir, "keys/office-files.key")))), master...))
	var text, sealed bytes.Buffer
	if _, err := text.ReadFrom(key); err != nil {
		return err
	}
	own := identities(text.Bytes(), nil)[0].(*age.X25519Identity)
	w, err := age.Encrypt(&sealed, own.Recipient())
	if err != nil {
		return err
	}
	if _, err := w.Write(plain); err != nil {
		return err
	}
	on := filepath.Join(dir, "vault", name)
	return errors.Join(w.Close(), os.MkdirAll(filepath.Dir(on), 0o700), os.WriteFile(on, sealed.Bytes(), 0o600))
}

func TestWhatEarlierReleasesKeptIsRead(t *testing.T) {
	v, dir := fresh(t)
	rnd := rand.NewChaCha8([32]byte{3})
	for _, size := range []int{0, 1, 64<<10 - 1, 64 << 10, 64<<10 + 1, 300_000} {
		name, plain := fmt.Sprint("lists/", size), make([]byte, size)
		rnd.Read(plain)
		if err := writeAge(v, dir, name, plain); err != nil {
			t.Fatal(err)
		}
		if got, err := v.ReadFile(vault.Office, name); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: %d came, %v", size, len(got), err)
		}
	}
	s, err := v.Scrub(context.Background(), nil, func(name string, err error) { t.Error(name, err) })
	if err != nil || s.Files != 6 {
		t.Errorf("scrubbed %d files: %v", s.Files, err)
	}
}

// Whoever can write to the disk must not have a file read by the other cipher,
// nor take one file, or a part of it, for another.
func TestFilesAreNotTakenForOthers(t *testing.T) {
	const piece = 64<<10 + 16
	v, dir := fresh(t)
	on := func(name string) string { return filepath.Join(dir, "vault/lists", name) }
	stored := map[string][]byte{}
	for i, name := range []string{"a", "b"} {
		if err := v.WriteFile(vault.Office, "lists/"+name, bytes.Repeat([]byte{byte(i)}, 4*64<<10)); err != nil {
			t.Fatal(err)
		}
		stored[name] = must(os.ReadFile(on(name)))
	}
	if err := writeAge(v, dir, "lists/old", make([]byte, 4*64<<10)); err != nil {
		t.Fatal(err)
	}
	stored["old"] = must(os.ReadFile(on("old")))
	begins := len(stored["a"]) - 4*piece
	part := func(name string, i int) []byte { return stored[name][begins+i*piece:][:piece] }
	for name, bad := range map[string][]byte{
		"without its first line":           bytes.TrimPrefix(stored["a"], []byte(vault.Format)),
		"an older one, with a first line":  append([]byte(vault.Format), stored["old"]...),
		"two pieces in each other's place": bytes.Join([][]byte{stored["a"][:begins], part("a", 1), part("a", 0), part("a", 2), part("a", 3)}, nil),
		"a piece of another file":          bytes.Join([][]byte{stored["a"][:begins], part("b", 0), part("a", 1), part("a", 2), part("a", 3)}, nil),
		"the content of another file":      append(bytes.Clone(stored["a"][:begins]), stored["b"][begins:]...),
		"without its last piece":           stored["a"][:begins+3*piece],
		"with its last piece twice":        append(bytes.Clone(stored["a"]), part("a", 3)...),
		"nothing but what it begins with":  stored["a"][:begins],
		"with the mark of a last piece":    append(bytes.Clone(stored["a"]), make([]byte, 16)...),
		"nothing but its first line":       []byte(vault.Format),
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(on("bad"), bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if got, err := v.ReadFile(vault.Office, "lists/bad"); err == nil {
				t.Errorf("%d bytes were read", len(got))
			}
		})
	}
}
