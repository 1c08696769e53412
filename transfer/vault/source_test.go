package vault_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"darsd/transfer/vault"
)

func TestParseSource(t *testing.T) {
	for setting, want := range map[string]vault.Source{
		"":                         {},
		"file:keys/office.age":     {},
		"file:/media/stick/a.age":  {Kind: vault.FromFile, Name: "/media/stick/a.age"},
		"file: elsewhere/a b.age":  {Kind: vault.FromFile, Name: "elsewhere/a b.age"},
		"credential:darsd-master":  {Kind: vault.FromCredential, Name: "darsd-master"},
		"command:/usr/bin/key":     {Kind: vault.FromCommand, Name: "/usr/bin/key", Args: []string{}},
		"command:/usr/bin/key a b": {Kind: vault.FromCommand, Name: "/usr/bin/key", Args: []string{"a", "b"}},
	} {
		got, err := vault.ParseSource(setting)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v", setting, got, err)
		}
	}
	for setting, says := range map[string]string{
		"/media/stick/a.age":            "is not file:PATH, credential:NAME or command:/PROGRAM",
		"file:":                         "followed by the file's name",
		"credential:":                   "no name of a systemd credential",
		"credential:../a":               "no name of a systemd credential",
		"command:key":                   "whole path of a program",
		"command:":                      "whole path of a program",
		`command:/bin/op read "a b"`:    "without a shell",
		"command:/bin/key | head -1":    "without a shell",
		"pkcs11:token=office":           "is no source",
		"file:AGE-SECRET-KEY-1QQQQQQQQ": "the identity itself stands in the configuration",
	} {
		_, err := vault.ParseSource(setting)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "QQQQ") {
			t.Errorf("%q: %v", setting, err)
		}
	}
	if s := must(vault.ParseSource("command:/bin/op read pin=1234")).String(); s != "command:/bin/op" {
		t.Errorf("shown as %s", s)
	}
}

// identity is a master identity, and a file of its own that holds it.
func identity(t *testing.T) (id *age.X25519Identity, from vault.Source) {
	t.Helper()
	id = must(age.GenerateX25519Identity())
	file := filepath.Join(t.TempDir(), "master.age")
	if err := os.WriteFile(file, []byte("# ours\n"+id.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return id, vault.Source{Kind: vault.FromFile, Name: file}
}

func openWith(dir string, from vault.Source) (*vault.Vault, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return vault.OpenWith(root, from)
}

// script is a program of three lines.
func script(t *testing.T, line string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"+line+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestMasterFromElsewhere(t *testing.T) {
	id, file := identity(t)
	credentials := t.TempDir()
	os.WriteFile(filepath.Join(credentials, "master"), []byte(id.String()), 0o440)
	t.Setenv("CREDENTIALS_DIRECTORY", credentials)
	runs := filepath.Join(t.TempDir(), "runs")
	program := script(t, "echo run >> "+runs+"; cat \"$1\"")
	inside := func(dir string) vault.Source {
		os.WriteFile(filepath.Join(dir, "mine.age"), []byte(id.String()), 0o600)
		return vault.Source{Kind: vault.FromFile, Name: "mine.age"}
	}
	for name, from := range map[string]func(dir string) vault.Source{
		"file":       func(string) vault.Source { return file },
		"relative":   inside,
		"credential": func(string) vault.Source { return must(vault.ParseSource("credential:master")) },
		"command":    func(string) vault.Source { return must(vault.ParseSource("command:" + program + " " + file.Name)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for range 2 {
				v, err := openWith(dir, from(dir))
				if err != nil {
					t.Fatal(err)
				}
				if v.Master() != id.Recipient().String() {
					t.Errorf("the master is %s", v.Master())
				}
				for range 10 {
					v.WriteFile(vault.Office, "lists/a", []byte("x"))
					v.WriteFile("REL-000001", "releases/REL-000001/a", []byte("x"))
				}
				if got, err := v.ReadFile("REL-000001", "releases/REL-000001/a"); err != nil || string(got) != "x" {
					t.Error(err)
				}
				v.Close()
			}
			if _, err := os.Lstat(filepath.Join(dir, "keys/office.age")); !errors.Is(err, fs.ErrNotExist) {
				t.Error("a master identity was made that nobody asked for")
			}
			for _, key := range []string{"office-files.key", "office.pub", "releases/REL-000001.key"} {
				if bytes.Contains(must(os.ReadFile(filepath.Join(dir, "keys", key))), []byte("AGE-SECRET-KEY")) {
					t.Errorf("keys/%s is not sealed", key)
				}
			}
			// Without the source, the program must not make a key of its own.
			_, err := open(dir)
			if err == nil || !strings.Contains(err.Error(), "put back the identity "+id.Recipient().String()) {
				t.Errorf("with none: %v", err)
			}
			if _, err := os.Lstat(filepath.Join(dir, "keys/office.age")); !errors.Is(err, fs.ErrNotExist) {
				t.Error("a new master identity was made")
			}
			// And another is refused at once.
			_, other := identity(t)
			if _, err := openWith(dir, other); err == nil || !strings.Contains(err.Error(), "are sealed to "+id.Recipient().String()) {
				t.Errorf("with another: %v", err)
			}
		})
	}
	if n := strings.Count(string(must(os.ReadFile(runs))), "run"); n != 2 {
		t.Errorf("opened twice, the program was run %d times", n)
	}
}

func TestSourceThatGivesNoIdentity(t *testing.T) {
	id, file := identity(t)
	secret := id.String()
	os.WriteFile(file.Name+".open", []byte(secret), 0o644)
	os.WriteFile(file.Name+".two", []byte(secret+"\n"+secret+"\n"), 0o600)
	os.WriteFile(file.Name+".cut", []byte(secret[:60]), 0o600)
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	for setting, says := range map[string]string{
		"file:" + file.Name + ".none": "no such file",
		"file:" + file.Name + ".open": "can be read by others",
		"file:" + file.Name + ".two":  "not one X25519 identity",
		"file:" + file.Name + ".cut":  "not one X25519 identity",
		"credential:master":           "LoadCredential=master:PATH",
		"command:" + script(t, "echo "+secret+"; echo "+secret+" >&2; exit 3"):       "exit status 3",
		"command:" + script(t, "echo "+secret[:50]+"; echo "+secret+" >&2"):          "not one X25519 identity",
		"command:" + script(t, "echo "+secret+"; sleep 60"):                          "longer than 500ms",
		"command:" + script(t, "sleep 60 & echo "+secret+"; exit 0"):                 "",
		"command:" + script(t, "while :; do echo "+secret+"; done"):                  "the program",
		"command:" + filepath.Join(t.TempDir(), "there-is-none"):                     "no such file",
		"file:" + filepath.Join(t.TempDir(), "there-is-no-folder", "or", "file.age"): "no such file",
	} {
		dir := t.TempDir()
		from := must(vault.ParseSource(setting))
		from.Limit = 500 * time.Millisecond
		began := time.Now()
		v, err := openWith(dir, from)
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s took %s", setting, took)
		}
		if says == "" { // what it leaves in the background is no reason to fail: the identity has come
			if err != nil {
				t.Fatalf("%s: %v", setting, err)
			}
			v.Close()
			continue
		}
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", setting, err)
			continue
		}
		if strings.Contains(err.Error(), secret[16:40]) {
			t.Errorf("the error tells the identity: %v", err)
		}
		if keys, _ := os.ReadDir(filepath.Join(dir, "keys")); len(keys) > 2 { // releases/ and the lock
			t.Errorf("%s: keys were made: %v", setting, keys)
		}
	}
}

// old makes a vault as programs before this one did: the office's own files are
// sealed to the master, whose name is written nowhere.
func old(t *testing.T) (dir string, master *age.X25519Identity) {
	t.Helper()
	v, dir := fresh(t)
	if err := v.WriteFile("REL-000001", "releases/REL-000001/1/a", []byte("a row")); err != nil {
		t.Fatal(err)
	}
	v.Close()
	ids := must(age.ParseIdentities(bytes.NewReader(must(os.ReadFile(filepath.Join(dir, "keys/office.age"))))))
	master = ids[0].(*age.X25519Identity)
	for _, newer := range []string{"office-files.key", "office.pub", "office.lock"} {
		if err := os.Remove(filepath.Join(dir, "keys", newer)); err != nil {
			t.Fatal(err)
		}
	}
	var sealed bytes.Buffer
	w := must(age.Encrypt(&sealed, master.Recipient()))
	w.Write([]byte("an old list"))
	w.Close()
	os.MkdirAll(filepath.Join(dir, "vault/lists"), 0o700)
	if err := os.WriteFile(filepath.Join(dir, "vault/lists/old"), sealed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, master
}

func reads(t *testing.T, v *vault.Vault, want map[string]string) {
	t.Helper()
	for name, content := range want {
		got, err := v.ReadFile(scopeOf(name), name)
		if err != nil || string(got) != content {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestAnOlderVaultStaysReadable(t *testing.T) {
	dir, master := old(t)
	want := map[string]string{"lists/old": "an old list", "releases/REL-000001/1/a": "a row"}
	_, other := identity(t)
	if _, err := openWith(dir, other); err == nil || !strings.Contains(err.Error(), "does not open what is in the vault") {
		t.Errorf("with another identity: %v", err)
	}
	os.RemoveAll(filepath.Join(dir, "keys/releases")) // so that only the list can tell
	os.RemoveAll(filepath.Join(dir, "vault/releases"))
	delete(want, "releases/REL-000001/1/a")
	if _, err := openWith(dir, other); err == nil || !strings.Contains(err.Error(), "does not open what is in the vault") {
		t.Errorf("with another identity, and no release: %v", err)
	}

	for i := range 3 {
		v, err := open(dir)
		if err != nil {
			t.Fatal(err)
		}
		reads(t, v, want)
		if err := v.WriteFile(vault.Office, "lists/new", []byte("a new list")); err != nil {
			t.Fatal(err)
		}
		want["lists/new"] = "a new list"
		reads(t, v, want)
		if i == 1 {
			if err := v.Rotate(vault.Source{}); err != nil {
				t.Fatal(err)
			}
			reads(t, v, want)
		}
		v.Close()
	}
	// What is new is not sealed to the master any more.
	stored := must(os.ReadFile(filepath.Join(dir, "vault/lists/new")))
	header, marked := bytes.CutPrefix(stored, []byte(vault.Format))
	var no *age.NoIdentityMatchError
	if _, err := age.Decrypt(bytes.NewReader(header), master); !marked || !errors.As(err, &no) {
		t.Errorf("a new file is sealed to the master itself: %v", err)
	}
}
