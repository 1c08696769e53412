package vault_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"darsd/dars"
	"darsd/transfer/vault"
)

func names(t *testing.T, tray *vault.Tray) string {
	t.Helper()
	list, err := tray.List()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, u := range list {
		if u.Dir {
			u.Name += "/"
		}
		all = append(all, fmt.Sprint(u.Name, ":", u.Size))
	}
	return strings.Join(all, " ")
}

// TestTray does one thing after another to one tray; each row is what the
// person did, what the answer was, and what there is to see after it.
func TestTray(t *testing.T) {
	v, _ := fresh(t)
	tray := v.Tray("P-000001")
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	put := func(name, content string) func() error {
		return func() error { return tray.Put(name, []byte(content), at) }
	}
	long := strings.Repeat("ü", 127)
	for _, step := range []struct {
		did  string
		do   func() error
		want error
		see  string
	}{
		{"remove from nothing", func() error { return tray.Remove("a") }, fs.ErrNotExist, ""},
		{"put", put("a", "one"), nil, "a:3"},
		{"put over it", put("a", "three"), nil, "a:5"},
		{"put where there is no folder", put("d/a", "x"), fs.ErrNotExist, "a:5"},
		{"put in a file", put("a/b", "x"), fs.ErrNotExist, "a:5"},
		{"mkdir", func() error { return tray.Mkdir("d") }, nil, "a:5 d/:0"},
		{"mkdir again", func() error { return tray.Mkdir("d") }, fs.ErrExist, "a:5 d/:0"},
		{"mkdir over a file", func() error { return tray.Mkdir("a") }, fs.ErrExist, "a:5 d/:0"},
		{"put over a folder", put("d", "x"), fs.ErrExist, "a:5 d/:0"},
		{"put in a folder", put("d/b", ""), nil, "a:5 d/:0 d/b:0"},
		{"rmdir that is not empty", func() error { return tray.Rmdir("d") }, fs.ErrExist, "a:5 d/:0 d/b:0"},
		{"rmdir of a file", func() error { return tray.Rmdir("a") }, fs.ErrPermission, "a:5 d/:0 d/b:0"},
		{"rmdir of nothing", func() error { return tray.Rmdir("x") }, fs.ErrNotExist, "a:5 d/:0 d/b:0"},
		{"remove a folder", func() error { return tray.Remove("d") }, fs.ErrPermission, "a:5 d/:0 d/b:0"},
		{"rename over a file", func() error { return tray.Rename("a", "d/b") }, nil, "d/:0 d/b:5"},
		{"rename into itself", func() error { return tray.Rename("d", "d/e") }, fs.ErrPermission, "d/:0 d/b:5"},
		{"rename onto itself", func() error { return tray.Rename("d", "d") }, nil, "d/:0 d/b:5"},
		{"rename to nowhere", func() error { return tray.Rename("d/b", "e/b") }, fs.ErrNotExist, "d/:0 d/b:5"},
		{"rename of nothing", func() error { return tray.Rename("x", "y") }, fs.ErrNotExist, "d/:0 d/b:5"},
		{"mkdir beside", func() error { return tray.Mkdir("dd") }, nil, "d/:0 d/b:5 dd/:0"},
		{"rename a folder over one that is full", func() error { return tray.Rename("dd", "d") }, fs.ErrExist, "d/:0 d/b:5 dd/:0"},
		{"rename a file over a folder", func() error { return tray.Rename("d/b", "dd") }, fs.ErrExist, "d/:0 d/b:5 dd/:0"},
		{"rename a folder over an empty one", func() error { return tray.Rename("d", "dd") }, nil, "dd/:0 dd/b:5"},
		{"rename a folder", func() error { return tray.Rename("dd", "Ä ö") }, nil, "Ä ö/:0 Ä ö/b:5"},
		{"remove", func() error { return tray.Remove("Ä ö/b") }, nil, "Ä ö/:0"},
		{"rmdir", func() error { return tray.Rmdir("Ä ö") }, nil, ""},
		{"long name", put(long, "l"), nil, long + ":1"},
		{"longer name", put(long+"ü", "l"), fs.ErrPermission, long + ":1"},
		{"rename from a long name", func() error { return tray.Rename(long, "l") }, nil, "l:1"},
		{"outside", put("../l", "x"), fs.ErrPermission, "l:1"},
		{"root", put(".", "x"), fs.ErrPermission, "l:1"},
		{"no name", put("", "x"), fs.ErrPermission, "l:1"},
		{"two lines", put("a\nb", "x"), fs.ErrPermission, "l:1"},
		{"not UTF-8", put("a\xff", "x"), fs.ErrPermission, "l:1"},
		{"rename to two lines", func() error { return tray.Rename("l", "a\nb") }, fs.ErrPermission, "l:1"},
		{"deep", func() error { return tray.Mkdir("1/2/3/4/5/6/7/8/9") }, fs.ErrPermission, "l:1"},
	} {
		if err := step.do(); !errors.Is(err, step.want) || step.want == nil && err != nil {
			t.Fatalf("%s: %v", step.did, err)
		}
		if see := names(t, tray); see != step.see {
			t.Fatalf("after %s there is %q", step.did, see)
		}
	}
	if got, err := tray.Read("l"); string(got) != "l" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := tray.Read("x"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	later := at.Add(time.Hour)
	if err := tray.Touch("l", later); err != nil {
		t.Error(err)
	}
	if list, _ := tray.List(); len(list) != 1 || !list[0].Modified.Equal(later) {
		t.Error(list)
	}
}

// What was read of a tray is kept in memory: a change that is refused half way
// leaves no trace in it, and one made by another program is seen at once.
func TestTrayIsAsItWasWritten(t *testing.T) {
	v, dir := fresh(t)
	tray := v.Tray("P-000001")
	for _, folder := range []string{"a", "a/x", "a/x/y", "b", "b/1", "b/1/2", "b/1/2/3", "b/1/2/3/4", "b/1/2/3/4/5"} {
		if err := tray.Mkdir(folder); err != nil {
			t.Fatal(err)
		}
	}
	before := must(tray.Marks())
	if err := tray.Rename("b", "a/x/y/b"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("moved too deep: %v", err)
	}
	if after := must(tray.Marks()); !maps.Equal(before, after) {
		t.Errorf("a rename that was refused left %v", after)
	}
	other := must(open(dir))
	defer other.Close()
	for i := range 50 {
		name := fmt.Sprint("f", i%2)
		if err := other.Tray("P-000001").Put(name, nil, time.Now()); err != nil {
			t.Fatal(err)
		}
		mine, theirs := must(tray.Marks()), must(other.Tray("P-000001").Marks())
		if !maps.Equal(mine, theirs) || mine[name] == "" {
			t.Fatalf("change %d is not seen", i)
		}
	}
}

func TestTraysAreApart(t *testing.T) {
	v, dir := fresh(t)
	if people, err := v.Trays(); len(people) != 0 || err != nil {
		t.Error(people, err)
	}
	one, two := v.Tray("P-000001"), v.Tray("P-000002")
	one.Put("a", []byte("one"), time.Now())
	two.Put("a", []byte("two!"), time.Now())
	if people, err := v.Trays(); !slices.Equal(people, []dars.PersonID{"P-000001", "P-000002"}) || err != nil {
		t.Error(people, err)
	}
	two.Remove("a")
	if people, _ := v.Trays(); !slices.Equal(people, []dars.PersonID{"P-000001"}) {
		t.Error(people)
	}
	if got, _ := one.Read("a"); string(got) != "one" {
		t.Errorf("%q", got)
	}
	for _, who := range []dars.PersonID{"", "..", "../lists", "P/1", "a\nb"} {
		if err := v.Tray(who).Put("a", nil, time.Now()); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("tray of %q: %v", who, err)
		}
		if _, err := v.Tray(who).List(); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("tray of %q: %v", who, err)
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, "vault/lists")); err == nil {
		t.Error("a tray outside the trays")
	}
}

func TestTrayFromManySides(t *testing.T) {
	v, dir := fresh(t)
	tray := v.Tray("P-000001")
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			if err := elsewhere(t, "tray", dir, fmt.Sprint("far", i)).Run(); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			for j := range 20 {
				if err := tray.Put(fmt.Sprint("near", i, "-", j), nil, time.Now()); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() { // and one file that everybody writes and reads
			for range 20 {
				if err := tray.Put("shared", []byte(strings.Repeat(fmt.Sprint(i), 1000)), time.Now()); err != nil {
					t.Error(err)
				}
				got, err := tray.Read("shared")
				if err != nil || len(got) != 1000 || strings.Trim(string(got), string(got[0])) != "" {
					t.Errorf("read %d bytes, %v", len(got), err)
				}
			}
		})
	}
	wg.Wait()
	if list, err := tray.List(); len(list) != 121 || err != nil {
		t.Errorf("%d uploads, %v", len(list), err)
	}
	// An index, two locks at most, and one file for each upload.
	if on, _ := os.ReadDir(filepath.Join(dir, "vault/trays/P-000001")); len(on) > 124 {
		t.Errorf("%d files on disk", len(on))
	}
}

func TestClaim(t *testing.T) {
	v, dir := fresh(t)
	tray := v.Tray("P-000001")
	for _, err := range []error{
		tray.Mkdir("app"),
		tray.Mkdir("app/sub"),
		tray.Put("app/application.yaml", []byte("title: x"), time.Now()),
		tray.Put("app/sub/b.pdf", []byte("pdf"), time.Now()),
		tray.Put("other", []byte("other"), time.Now()),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if all, err := tray.FS(); err != nil || fstest.TestFS(all, "app/application.yaml", "app/sub/b.pdf", "other") != nil {
		t.Error(err, fstest.TestFS(all, "app/application.yaml"))
	}
	before, err := tray.Marks()
	if err != nil || len(before) != 2 {
		t.Fatal(before, err)
	}
	tray.Put("app/sub/b.pdf", []byte("pdf"), time.Now()) // the same again is a change: somebody is at work
	marks, _ := tray.Marks()
	if marks["app"] == before["app"] || marks["other"] != before["other"] {
		t.Error("marks do not tell what changed")
	}
	if _, err := tray.Claim("app", before["app"]); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("claimed what has changed: %v", err)
	}
	id, err := tray.Claim("app", marks["app"])
	if err != nil {
		t.Fatal(err)
	}
	if see := names(t, tray); see != "other:5" {
		t.Errorf("after the claim: %q", see)
	}
	if err := tray.Put("app", []byte("the next"), time.Now()); err != nil {
		t.Error(err)
	}
	claims, err := tray.Claims()
	if err != nil || len(claims) != 1 || claims[id] != "app" {
		t.Error(claims, err)
	}
	files, err := tray.Claimed(id)
	if err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(files, "app/application.yaml", "app/sub/b.pdf"); err != nil {
		t.Error(err)
	}
	os.WriteFile(filepath.Join(dir, "vault/trays/P-000001/ABCDEFGHIJKLMNOPQRSTUVWXYZ"), nil, 0o600) // as a crash leaves it
	if err := tray.Drop(id); err != nil {
		t.Fatal(err)
	}
	if claims, _ := tray.Claims(); len(claims) != 0 {
		t.Error(claims)
	}
	if see := names(t, tray); see != "app:8 other:5" {
		t.Errorf("after the drop: %q", see)
	}
	if on, _ := os.ReadDir(filepath.Join(dir, "vault/trays/P-000001")); len(on) != 4 {
		t.Errorf("on disk: %v", on)
	}
}

// What a program that died has left beside a tray's own is swept.
func TestTraySweep(t *testing.T) {
	v, dir := fresh(t)
	tray := v.Tray("P-000001")
	if err := tray.Put("a.pdf", []byte("a"), time.Now()); err != nil {
		t.Fatal(err)
	}
	stray := filepath.Join(dir, "vault", "trays", "P-000001", "STRAY")
	if err := os.WriteFile(stray, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := tray.Sweep(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stray); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	if content, err := tray.Read("a.pdf"); err != nil || string(content) != "a" {
		t.Errorf("read %q, %v", content, err)
	}
}

func TestEachApplicationInTheFolderOfApplicationsIsTakenByItself(t *testing.T) {
	v, err := open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	tray := v.Tray("P-000001")
	for _, err := range []error{
		tray.Mkdir("applications"),
		tray.Mkdir("applications/one"),
		tray.Put("applications/one/application.yaml", []byte("title: one"), time.Now()),
		tray.Mkdir("applications/two"),
		tray.Put("applications/two/application.yaml", []byte("title: two"), time.Now()),
		tray.Put("applications/alone.yaml", []byte("title: three"), time.Now()),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	marks, err := tray.Marks()
	if got := slices.Sorted(maps.Keys(marks)); err != nil || strings.Join(got, " ") != "applications/alone.yaml applications/one applications/two" {
		t.Fatalf("what can be taken in is %q, %v", got, err)
	}
	id, err := tray.Claim("applications/one", marks["applications/one"])
	if err != nil {
		t.Fatal(err)
	}
	claimed, err := tray.Claimed(id)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := fs.ReadFile(claimed, "applications/one/application.yaml"); err != nil || string(text) != "title: one" {
		t.Errorf("claimed %q, %v", text, err)
	}
	if see := names(t, tray); strings.Contains(see, "applications/one") || !strings.Contains(see, "applications/two/application.yaml") {
		t.Errorf("after the claim: %q", see)
	}
}
