package vault_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"

	"darsd/transfer/vault"
)

const aCase = "DARS-NIC-000001-B1C2D"

func TestPseudonymKey(t *testing.T) {
	v, dir := fresh(t)
	if key, err := v.PseudonymKey(aCase, false); !errors.Is(err, fs.ErrNotExist) || key != nil {
		t.Errorf("before there is one: %x %v", key, err)
	}
	key, err := v.PseudonymKey(aCase, true)
	if err != nil || len(key) != 32 || bytes.Equal(key, make([]byte, 32)) {
		t.Fatalf("made: %x %v", key, err)
	}
	for _, create := range []bool{true, false} {
		if again, err := v.PseudonymKey(aCase, create); err != nil || !bytes.Equal(again, key) {
			t.Errorf("asked again: %x %v", again, err)
		}
	}
	other, err := v.PseudonymKey("DARS-NIC-000002-C1D2F", true)
	if err != nil || bytes.Equal(other, key) {
		t.Errorf("of another case: %x %v", other, err)
	}
	if again, err := must(open(dir)).PseudonymKey(aCase, false); err != nil || !bytes.Equal(again, key) {
		t.Errorf("opened anew: %x %v", again, err)
	}
	stored := must(os.ReadFile(filepath.Join(dir, "keys/pseudonyms", aCase+".key")))
	if bytes.Contains(stored, key) {
		t.Error("it lies there in the clear")
	}
	for _, bad := range []string{"", "../office", "a/b", "DARS NIC", strings.Repeat("x", 65)} {
		if _, err := v.PseudonymKey(bad, true); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// A key that is there and cannot be used is damage: a new one in its place would
// give the same persons other pseudonyms.
func TestDamagedPseudonymKey(t *testing.T) {
	v, dir := fresh(t)
	file := filepath.Join(dir, "keys/pseudonyms", aCase+".key")
	must(v.PseudonymKey(aCase, true))
	id := must(age.ParseIdentities(bytes.NewReader(must(os.ReadFile(filepath.Join(dir, "keys/office.age"))))))[0].(*age.X25519Identity)
	var half bytes.Buffer
	w := must(age.Encrypt(&half, id.Recipient()))
	w.Write([]byte("sixteen bytes..."))
	w.Close()
	for name, content := range map[string][]byte{"noise": []byte("noise"), "empty": {}, "half a key": half.Bytes()} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if key, err := v.PseudonymKey(aCase, true); err == nil || key != nil {
			t.Errorf("%s: %x %v", name, key, err)
		}
		told := ""
		if _, err := v.Scrub(t.Context(), nil, func(name string, err error) { told += name }); err != nil || told != "keys/pseudonyms/"+aCase+".key" {
			t.Errorf("%s: a scrub tells %q, %v", name, told, err)
		}
	}
}

func TestPseudonymKeyOutlivesPurgeAndRotation(t *testing.T) {
	_, from := identity(t)
	_, to := identity(t)
	dir, _ := filled(t, from)
	v := must(openWith(dir, from))
	defer v.Close()
	key := must(v.PseudonymKey(aCase, false))
	if err := v.Destroy("REL-000001"); err != nil {
		t.Fatal(err)
	}
	for _, to := range []vault.Source{to, {}} {
		if err := v.Rotate(to); err != nil {
			t.Fatal(err)
		}
		if again, err := v.PseudonymKey(aCase, false); err != nil || !bytes.Equal(again, key) {
			t.Errorf("after a change to %s: %x %v", to, again, err)
		}
	}
	if scrubbed, err := v.Scrub(t.Context(), nil, func(name string, err error) { t.Errorf("%s: %v", name, err) }); err != nil || scrubbed.Bad != 0 {
		t.Error(scrubbed, err)
	}
}

// Programs and goroutines that want the key at the same moment all get one.
func TestPseudonymKeyIsMadeOnce(t *testing.T) {
	v, dir := fresh(t)
	const many = 8
	keys := make([]string, many+3)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			<-start
			key, err := v.PseudonymKey(aCase, true)
			if err != nil {
				t.Error(err)
			}
			keys[i] = string(key)
		})
	}
	for i := range 3 {
		all.Go(func() {
			<-start
			out, err := elsewhere(t, "pseudonyms", dir, "").Output()
			if err != nil {
				t.Error(err)
			}
			key, err := hex.DecodeString(string(out))
			if err != nil {
				t.Error(err)
			}
			keys[many+i] = string(key)
		})
	}
	close(start)
	all.Wait()
	for i, key := range keys {
		if key != keys[0] || len(key) != 32 {
			t.Errorf("number %d got another key", i)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "keys/pseudonyms/*")); len(left) != 1 {
		t.Errorf("there lie %v", left)
	}
}
