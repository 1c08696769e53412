package vault_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"darsd/dars"
	"darsd/transfer/vault"
)

// TestMain lets the test program stand in for a second darsd.
func TestMain(m *testing.M) {
	switch dir := os.Getenv("VAULT_TEST_DIR"); os.Getenv("VAULT_TEST") {
	case "keys":
		fmt.Printf("%x", must(open(dir)).SigningKey().Seed())
	case "pseudonyms":
		fmt.Printf("%x", must(must(open(dir)).PseudonymKey(aCase, true)))
	case "release":
		v := must(open(dir))
		name := "releases/REL-000001/" + os.Getenv("VAULT_TEST_NAME")
		if err := v.WriteFile("REL-000001", name, []byte("made elsewhere")); err != nil {
			panic(err)
		}
	case "tray":
		for i := range 20 {
			if err := must(open(dir)).Tray("P-000001").Put(fmt.Sprint(os.Getenv("VAULT_TEST_NAME"), "-", i), nil, time.Now()); err != nil {
				panic(err)
			}
		}
	case "disk":
		fullDisk(dir)
	case "draft":
		d := must(must(open(dir)).Tray("P-000001").Begin("a"))
		for i := range int64(100) {
			must(d.WriteAt(bytes.Repeat([]byte("half"), 10_000), i*100_000))
		}
		os.Exit(7) // no Keep, no Close
	case "die":
		w := must(must(open(dir)).Create(vault.Office, "lists/OBJ-000001"))
		w.Write(bytes.Repeat([]byte("half"), 100_000))
		os.Exit(7) // no Commit, no Close
	default:
		os.Exit(m.Run())
	}
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

func open(dir string) (*vault.Vault, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return vault.Open(root)
}

// elsewhere runs a second program on the same data directory.
func elsewhere(t *testing.T, what, dir, name string) *exec.Cmd {
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", "VAULT_TEST="+what, "VAULT_TEST_DIR="+dir, "VAULT_TEST_NAME="+name)
	c.Stderr = t.Output()
	return c
}

func fresh(t testing.TB) (*vault.Vault, string) {
	t.Helper()
	dir := t.TempDir()
	v, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v, dir
}

func TestTwoProgramsMakeKeysAtOnce(t *testing.T) {
	for range 5 {
		dir := t.TempDir()
		var seeds [4]string
		var wg sync.WaitGroup
		for i := range seeds {
			wg.Go(func() {
				out, err := elsewhere(t, "keys", dir, "").Output()
				if err != nil {
					t.Error(err)
				}
				seeds[i] = string(out)
			})
		}
		wg.Wait()
		for _, s := range seeds {
			if s != seeds[0] || len(s) != 2*ed25519.SeedSize {
				t.Fatalf("the programs do not agree: %q", seeds)
			}
		}
		for i := range seeds {
			wg.Go(func() {
				if err := elsewhere(t, "release", dir, fmt.Sprint(i)).Run(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		v := must(open(dir))
		for i := range seeds {
			got, err := v.ReadFile("REL-000001", fmt.Sprint("releases/REL-000001/", i))
			if err != nil || string(got) != "made elsewhere" {
				t.Fatalf("file of program %d: %q, %v", i, got, err)
			}
		}
		v.Close()
	}
}

func TestModes(t *testing.T) {
	v, dir := fresh(t)
	if err := v.WriteFile("REL-000001", "releases/REL-000001/1/data/a.csv", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := v.Tray("P-000001").Put("a", nil, time.Now()); err != nil {
		t.Fatal(err)
	}
	seen := 0
	filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if name == dir {
			return err
		}
		info := must(e.Info())
		want := fs.FileMode(0o600)
		if e.IsDir() {
			want = 0o700
		}
		if seen++; info.Mode().Perm() != want {
			t.Errorf("%s is %s", name, info.Mode())
		}
		return err
	})
	if seen < 10 {
		t.Errorf("only %d files and folders", seen)
	}
}

func TestMissingKey(t *testing.T) {
	for _, key := range []string{"office.age", "office-ed25519", "office-files.key"} {
		v, dir := fresh(t)
		again := must(open(dir)) // an empty vault may be opened again
		if !again.SigningKey().Equal(v.SigningKey()) {
			t.Error("another signing key")
		}
		again.Close()
		if err := v.WriteFile(vault.Office, "lists/a", []byte("x")); err != nil {
			t.Fatal(err)
		}
		os.Remove(filepath.Join(dir, "keys", key))
		_, err := open(dir)
		if err == nil || !strings.Contains(err.Error(), "keys/"+key+" is missing") {
			t.Errorf("%s missing: %v", key, err)
		}
		if _, err := os.Lstat(filepath.Join(dir, "keys", key)); err == nil {
			t.Errorf("a new %s was made", key)
		}
	}
}

func TestKeyThatOthersCanRead(t *testing.T) {
	_, dir := fresh(t)
	os.Chmod(filepath.Join(dir, "keys/office.age"), 0o640)
	if _, err := open(dir); err == nil || !strings.Contains(err.Error(), "can be read by others") {
		t.Error(err)
	}
}

func TestWrongKey(t *testing.T) {
	v, dir := fresh(t)
	other, otherDir := fresh(t)
	for _, v := range []*vault.Vault{v, other} {
		v.WriteFile(vault.Office, "lists/a", []byte("x"))
		v.WriteFile("REL-000001", "releases/REL-000001/a", []byte("x"))
	}
	v.Close()
	swap := func(name string) {
		text := must(os.ReadFile(filepath.Join(otherDir, name)))
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	swap("vault/lists/a")
	swap("keys/releases/REL-000001.key")
	v = must(open(dir))
	defer v.Close()
	if _, err := v.Open(vault.Office, "lists/a"); err == nil || !strings.Contains(err.Error(), "sealed to another key") {
		t.Error(err)
	}
	if _, err := v.Open("REL-000001", "releases/REL-000001/a"); err == nil || !strings.Contains(err.Error(), "sealed to another key") {
		t.Error(err)
	}
	for _, key := range []string{"keys/office-files.key", "keys/office.age"} {
		swap(key)
		if _, err := open(dir); err == nil || !strings.Contains(err.Error(), "sealed to") {
			t.Errorf("with another %s: %v", key, err)
		}
	}
}

func TestNothingIsSeenBeforeCommit(t *testing.T) {
	v, dir := fresh(t)
	if err := v.WriteFile(vault.Office, "lists/OBJ-000001", []byte("old")); err != nil {
		t.Fatal(err)
	}
	if err := elsewhere(t, "die", dir, "").Run(); err == nil {
		t.Fatal("it was to die")
	}
	list, err := v.List("lists")
	if err != nil || len(list) != 1 || list[0].Name != "OBJ-000001" {
		t.Errorf("after the crash: %v %v", list, err)
	}
	if got, err := v.ReadFile(vault.Office, "lists/OBJ-000001"); string(got) != "old" {
		t.Errorf("after the crash: %q %v", got, err)
	}
	on := must(os.ReadDir(filepath.Join(dir, "vault/lists")))
	if len(on) != 2 {
		t.Fatalf("the crash left %v", on)
	}
	if err := v.Sweep(time.Now().Add(-time.Hour)); err != nil || len(must(os.ReadDir(filepath.Join(dir, "vault/lists")))) != 2 {
		t.Errorf("a file that may still be written was swept: %v", err)
	}
	if err := v.Sweep(time.Now().Add(time.Hour)); err != nil || len(must(os.ReadDir(filepath.Join(dir, "vault/lists")))) != 1 {
		t.Errorf("not swept: %v", err)
	}

	w := must(v.Create(vault.Office, "lists/OBJ-000001"))
	w.Write([]byte("new"))
	if got, _ := v.ReadFile(vault.Office, "lists/OBJ-000001"); string(got) != "old" {
		t.Errorf("before commit: %q", got)
	}
	if w.Bytes() != 3 {
		t.Errorf("%d bytes", w.Bytes())
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if got, _ := v.ReadFile(vault.Office, "lists/OBJ-000001"); string(got) != "new" {
		t.Errorf("after commit: %q", got)
	}
	if err := w.Close(); err != nil {
		t.Errorf("close after commit: %v", err)
	}
	if err := w.Commit(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("commit twice: %v", err)
	}

	w = must(v.Create(vault.Office, "lists/OBJ-000002"))
	w.Write([]byte("given up"))
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if _, err := w.Write([]byte("x")); err == nil {
		t.Error("write after close")
	}
	if on := must(os.ReadDir(filepath.Join(dir, "vault/lists"))); len(on) != 1 {
		t.Errorf("close left %v", on)
	}
}

func TestNames(t *testing.T) {
	v, dir := fresh(t)
	os.WriteFile(filepath.Join(dir, "outside"), []byte("x"), 0o600)
	os.Symlink("../outside", filepath.Join(dir, "vault/link"))
	os.Symlink("..", filepath.Join(dir, "vault/up"))
	for _, name := range []string{"", ".", "..", "../outside", "/etc/passwd", "a/../../x", "a//b", "a\nb", "a\x00b", "a\x7fb", "\xff", "a/.tmp-x", "releases", "releases/REL-000001/a", "up/outside"} {
		if err := v.WriteFile(vault.Office, name, []byte("y")); err == nil {
			t.Errorf("wrote %q", name)
		}
		if _, err := v.Open(vault.Office, name); err == nil {
			t.Errorf("opened %q", name)
		}
	}
	if _, err := v.Open(vault.Office, "link"); err == nil {
		t.Error("opened a link to outside")
	}
	for _, name := range []string{"", ".", "..", "../outside", "up/outside", "a/../.."} {
		if err := v.Remove(name); err == nil {
			t.Errorf("removed %q", name)
		}
		if err := v.RemoveAll(name); err == nil {
			t.Errorf("removed all of %q", name)
		}
	}
	if got := must(os.ReadFile(filepath.Join(dir, "outside"))); string(got) != "x" {
		t.Error("outside was changed")
	}
	for scope, name := range map[dars.ReleaseID]string{
		"REL-000001": "releases/REL-000002/a", "REL-000002": "lists/a", "..": "releases/../a", "REL/1": "releases/REL/1/a",
		"REL-000003": "releases/REL-000003", "REL-000004": "releases/REL-0000041/a",
	} {
		if err := v.WriteFile(scope, name, nil); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%s of %s: %v", name, scope, err)
		}
	}
	long := strings.Repeat("n", 255)
	if err := v.WriteFile(vault.Office, "papers/"+long, []byte("y")); err != nil {
		t.Errorf("the longest name: %v", err)
	}
	if list, err := v.List("nowhere"); list != nil || err != nil {
		t.Error(list, err)
	}
	if err := v.RemoveAll("nowhere/at/all"); err != nil {
		t.Error(err)
	}
}

func TestRandomAccess(t *testing.T) {
	v, _ := fresh(t)
	chacha := rand.NewChaCha8([32]byte{1})
	rnd := rand.New(chacha)
	for _, size := range []int{0, 1, 64<<10 - 1, 64 << 10, 64<<10 + 1, 256 << 10, 256<<10 + 1, 1<<20 + 12345} {
		plain := make([]byte, size)
		chacha.Read(plain)
		name := fmt.Sprint("releases/REL-000001/1/", size)
		if err := v.WriteFile("REL-000001", name, plain); err != nil {
			t.Fatal(err)
		}
		f, err := v.Open("REL-000001", name)
		if err != nil || f.Size() != int64(size) {
			t.Fatal(size, f, err)
		}
		if all, err := io.ReadAll(f.Reader()); err != nil || !bytes.Equal(all, plain) {
			t.Errorf("%d bytes from the beginning: %v", size, err)
		}
		var wg sync.WaitGroup
		for range 8 {
			seed := rnd.Uint64()
			wg.Go(func() {
				rnd := rand.New(rand.NewPCG(seed, 1))
				p := make([]byte, 400<<10)
				for range 30 {
					off, n := rnd.IntN(size+1), rnd.IntN(len(p))
					got, err := f.ReadAt(p[:n], int64(off))
					want := plain[off:min(size, off+n)]
					if !bytes.Equal(p[:got], want) || (err == io.EOF) != (off+n > size) || err != nil && err != io.EOF {
						t.Errorf("%d bytes at %d of %d: %d, %v", n, off, size, got, err)
					}
				}
			})
		}
		wg.Wait()
		if n, err := f.ReadAt(make([]byte, 5), int64(size)+10); n != 0 || err != io.EOF {
			t.Errorf("beyond the end: %d, %v", n, err)
		}
		if _, err := f.ReadAt(make([]byte, 5), -1); err == nil {
			t.Error("before the beginning")
		}
		f.Close()
	}
}

func TestDamageIsAnError(t *testing.T) {
	for name, write := range map[string]func(v *vault.Vault, dir, name string, plain []byte) error{
		"a file": func(v *vault.Vault, _, name string, plain []byte) error {
			return v.WriteFile(vault.Office, name, plain)
		},
		"one that an earlier release has kept": writeAge,
	} {
		t.Run(name, func(t *testing.T) { damageIsAnError(t, write) })
	}
}

func damageIsAnError(t *testing.T, write func(v *vault.Vault, dir, name string, plain []byte) error) {
	v, dir := fresh(t)
	plain := make([]byte, 1<<20)
	rand.NewChaCha8([32]byte{2}).Read(plain)
	if err := write(v, dir, "lists/a", plain); err != nil {
		t.Fatal(err)
	}
	on := filepath.Join(dir, "vault/lists/a")
	whole := must(os.ReadFile(on))
	read := func(stored []byte) error {
		os.WriteFile(on, stored, 0o600)
		got, err := v.ReadFile(vault.Office, "lists/a")
		if !bytes.Equal(got, plain[:len(got)]) {
			t.Error("a wrong byte was read")
		}
		return err
	}
	if err := read(whole); err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, 30, 100, 168, 200, 66_000, 500_000, len(whole) - 1} {
		bad := bytes.Clone(whole)
		bad[at] ^= 1
		if read(bad) == nil {
			t.Errorf("a flipped bit at %d was not noticed", at)
		}
	}
	for _, n := range []int{0, 1, 150, 200, 65_536, 66_000, len(whole) - 65_552, len(whole) - 1} {
		if read(whole[:n]) == nil {
			t.Errorf("cut to %d bytes was not noticed", n)
		}
	}
	if read(append(bytes.Clone(whole), 0)) == nil {
		t.Error("a byte more was not noticed")
	}

	// What lies before the damage can still be read.
	bad := bytes.Clone(whole)
	bad[700_000] ^= 1
	os.WriteFile(on, bad, 0o600)
	f := must(v.Open(vault.Office, "lists/a"))
	defer f.Close()
	p := make([]byte, 1000)
	if _, err := f.ReadAt(p, 530_000); err != nil || !bytes.Equal(p, plain[530_000:531_000]) {
		t.Errorf("before the damage: %v", err)
	}
	for range 2 {
		if _, err := f.ReadAt(p, 700_000); err == nil {
			t.Error("the damage was not noticed")
		}
	}
}

func TestDestroy(t *testing.T) {
	v, dir := fresh(t)
	secret := []byte("a row of a patient")
	for _, r := range []dars.ReleaseID{"REL-000001", "REL-000002"} {
		if err := v.WriteFile(r, fmt.Sprintf("releases/%s/1/a", r), secret); err != nil {
			t.Fatal(err)
		}
	}
	backup := must(os.ReadFile(filepath.Join(dir, "vault/releases/REL-000001/1/a")))
	late := must(v.Create("REL-000001", "releases/REL-000001/2/a"))
	late.Write(secret)
	for range 2 {
		if err := v.Destroy("REL-000001"); err != nil {
			t.Fatal(err)
		}
	}
	if err := late.Commit(); err == nil {
		t.Error("a file came back")
	}
	if _, err := os.Lstat(filepath.Join(dir, "keys/releases/REL-000001.key")); err == nil {
		t.Error("the key is still there")
	}
	if list := must(v.List("releases")); len(list) != 1 || list[0].Name != "REL-000002" {
		t.Errorf("left: %v", list)
	}
	// Nobody can read a copy of the file, and nobody can make a new key.
	os.MkdirAll(filepath.Join(dir, "vault/releases/REL-000001/1"), 0o700)
	os.WriteFile(filepath.Join(dir, "vault/releases/REL-000001/1/a"), backup, 0o600)
	if _, err := v.Open("REL-000001", "releases/REL-000001/1/a"); !errors.Is(err, vault.ErrDestroyed) {
		t.Error(err)
	}
	if _, err := v.Create("REL-000001", "releases/REL-000001/1/b"); !errors.Is(err, vault.ErrDestroyed) {
		t.Error(err)
	}
	if got, err := v.ReadFile("REL-000002", "releases/REL-000002/1/a"); err != nil || !bytes.Equal(got, secret) {
		t.Error(err)
	}
	// A program that died just before it gave the key its name leaves nothing behind.
	key := must(os.ReadFile(filepath.Join(dir, "keys/releases/REL-000002.key")))
	os.WriteFile(filepath.Join(dir, "keys/releases/.tmp-REL-000001.key.ABC"), key, 0o600)
	os.WriteFile(filepath.Join(dir, "keys/releases/.tmp-REL-000002.key.ABC"), key, 0o600)
	if err := v.Destroy("REL-000001"); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "keys/releases/.tmp-*")); len(left) != 1 || !strings.Contains(left[0], "REL-000002") {
		t.Errorf("after Destroy there are %v", left)
	}
	if err := v.Sweep(time.Now().Add(time.Hour)); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "keys/releases/.tmp-*")); len(left) != 0 {
		t.Errorf("not swept: %v", left)
	}
	// A key that is lost is damage, and no new one hides it.
	os.Remove(filepath.Join(dir, "keys/releases/REL-000002.key"))
	if _, err := v.Open("REL-000002", "releases/REL-000002/1/a"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestNoPlainTextOnDisk(t *testing.T) {
	v, dir := fresh(t)
	secret := "9434765919,OBJECTED"
	tray := v.Tray("P-000001")
	for _, err := range []error{
		v.WriteFile(vault.Office, "lists/OBJ-000001", []byte(strings.Repeat(secret, 10_000))),
		v.WriteFile("REL-000001", "releases/REL-000001/1/data/x.csv", []byte(secret)),
		tray.Mkdir("Jane Doe"),
		tray.Put("Jane Doe/"+secret+".csv", []byte(secret), time.Now()),
		tray.Put("empty-"+secret, nil, time.Now()),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w := must(v.Create(vault.Office, "lists/OBJ-000002")) // and while it is written
	defer w.Close()
	w.Write([]byte(strings.Repeat(secret, 10_000)))
	d := must(tray.Begin("")) // and while it is uploaded, in no order, and written again
	defer d.Close()
	for i := range 2 * 60 {
		must(d.WriteAt([]byte(strings.Repeat(secret, 2000)), int64(i*7%60)*90_000))
	}

	files := 0
	unnamed, _ := filepath.Glob("/proc/self/fd/*") // what is set aside has no name
	for _, fd := range unnamed {
		if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, dir) && strings.HasSuffix(to, " (deleted)") {
			files++
			if text := must(os.ReadFile(fd)); len(text) < 100_000 || strings.Contains(string(text), "9434765919") {
				t.Errorf("set aside are %d bytes that tell something, or too few to show anything", len(text))
			}
		}
	}
	if files != 1 && len(unnamed) > 0 {
		t.Errorf("%d files without a name were looked at", files)
	}
	filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		text := name + "\n" + string(must(os.ReadFile(name)))
		for _, s := range []string{secret, "9434765919", "Jane Doe"} { // three letters would be met by chance
			if strings.Contains(text, s) {
				t.Errorf("%s tells %q", name, s)
			}
		}
		if strings.Contains(text, "AGE-SECRET-KEY") && !strings.HasSuffix(name, "keys/office.age") {
			t.Errorf("%s holds a key that is not sealed", name)
		}
		return nil
	})
	if files < 10 {
		t.Errorf("%d files looked at", files)
	}
}

func BenchmarkReadAt32K(b *testing.B) {
	root := must(os.OpenRoot(b.TempDir()))
	v := must(vault.Open(root))
	v.WriteFile(vault.Office, "a", make([]byte, 64<<20))
	f := must(v.Open(vault.Office, "a"))
	b.SetBytes(64 << 20)
	p := make([]byte, 32<<10)
	for b.Loop() {
		for off := int64(0); off < f.Size(); off += int64(len(p)) {
			f.ReadAt(p, off)
		}
	}
}
